"""A bench in words: the line over home, and what its clearing asks for. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, tzinfo

from rich.text import Text

from tracker.values import AtBench, BenchNow
from tui.glyphs import DONE, NEXT
from tui.language import tr
from tui.shown_codes import grouped

CHECKLIST = (
    tr("MATERIAL  no bag, vial, tube, syringe, waste: hood, centrifuge, bin"),
    tr("LABELS    none printed or peeled off: printer tray, roll, drawer, floor"),
    tr("PAPER     no record, form, card, order"),
)
"""Where people look before they say that nothing is left."""


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


def bench_panel(
    bench: BenchNow, chosen: Collection[AtBench], named: Collection[str], zone: tzinfo, now: datetime
) -> Text:
    """What is at a bench, where to look, and the labels that are on nothing yet."""
    text = Text(style="bold")
    for number, one in enumerate(bench.therapies, start=1):
        mark = NEXT if one in chosen else " "
        line = tr(
            "{mark} {number}  {coi}  since {since} by {staff}",
            mark=mark,
            number=number,
            coi=grouped(one.coi),
            since=since(one.since, zone, now),
            staff=one.staff,
        )
        text.append(
            line + (("  " + tr("(cells were open: a witness signs)") + "\n") if one.needs_witness else "\n")
        )
    if len(bench.therapies) > 1:
        text.append("  " + tr("Type the number of the one that leaves, 0 for all.") + "\n", style="not bold")
    text.append("\n" + tr("Look for what is left, then sign:") + "\n")
    for line in CHECKLIST:
        text.append(f"  {line}\n", style="not bold")
    codes = [code for one in chosen for code in one.open_labels]
    if codes:
        text.append("\n" + tr("▲ {count} printed here, on nothing yet:", count=len(codes)) + "\n")
    for code in codes:
        state = (
            tr("leaves with its therapy")
            if code in named
            else tr("apply or destroy it; scan it if it leaves")
        )
        text.append(f"  {DONE if code in named else ' '} {grouped(code)}  {state}\n", style="not bold")
    return text
