"""A bench in words: the line over home, and what its clearing asks for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, tzinfo

from rich.table import Table
from rich.text import Text

from tracker.values import AtBench, BenchNow
from tui.answers import safe
from tui.glyphs import DONE, LOOK, NEXT
from tui.language import tr
from tui.shown_codes import code_text, grouped
from tui.widgets.pane import facts_grid

CHECKLIST = (
    (tr("MATERIAL"), tr("no bag, vial, tube, syringe, waste: hood, centrifuge, bin")),
    (tr("LABELS"), tr("none printed or peeled off: printer tray, roll, drawer, floor")),
    (tr("PAPER"), tr("no record, form, card, order")),
)
"""Where people look before they say that nothing is left, and for what."""


def since(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """A time of today as `09:12`, an earlier one with its date."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def bench_line(bench: BenchNow | None, zone: tzinfo, now: datetime) -> Text | None:
    """Which therapy this bench is kept for; None when it is free."""
    if bench is None or not bench.therapies:
        return None
    therapies = ("  " + tr("and") + "  ").join(
        tr("{coi} since {since}", coi=grouped(one.coi), since=since(one.since, zone, now))
        for one in bench.therapies
    )
    text = Text(tr("BENCH {therapies}", therapies=therapies), style="bold", no_wrap=True, overflow="ellipsis")
    if len(bench.therapies) > 1:
        text.append("   " + tr("■ TWO THERAPIES AT ONE BENCH"), style="stop")
    else:
        text.append("   " + tr("^B clears it"), style="not bold")
    return text


def therapies_table(
    bench: BenchNow, chosen: Collection[AtBench], names: Mapping[str, str], zone: tzinfo, now: datetime
) -> Table:
    """The therapies at a bench, those that leave with a mark; who took it for them, and whether two sign."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for ratio in (None, None, 1):
        table.add_column(ratio=ratio)
    for number, one in enumerate(bench.therapies, start=1):
        mark = Text(NEXT if one in chosen else " ", style="key").append(f" {number}", style="bold")
        at = since(one.since, zone, now)
        said = tr("since {since} by {staff}", since=at, staff=names.get(one.staff, one.staff))
        table.add_row(mark, code_text(one.coi), Text(safe(said)))
        if one.needs_witness:
            table.add_row(Text(), Text(), Text(tr("▲ cells were open: a witness signs too"), style="check"))
    if len(bench.therapies) > 1:
        table.add_row(Text(), Text(), Text(tr("Type the number of the one that leaves, 0 for all.")))
    return table


def checklist_table() -> Table:
    """Where to look, each place with what is looked for."""
    return facts_grid((Text(name, style="bold"), Text(words)) for name, words in CHECKLIST)


def labels_table(codes: Collection[str], named: Collection[str]) -> Table:
    """Labels printed here that are on nothing: which leave, and what is done with the rest."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column()
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for code in codes:
        leaves = code in named
        words = tr("leaves with its therapy") if leaves else tr("apply or destroy it; scan it if it leaves")
        mark = Text(DONE, style="ok") if leaves else Text(LOOK, style="check")
        table.add_row(mark, code_text(code), Text(words))
    return table
