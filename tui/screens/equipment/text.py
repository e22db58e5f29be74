"""Boxes, shippers and loggers in lines: where each is, how it stands, until when it is good. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from schema.vocabulary import EquipmentShown
from tracker.values import EquipmentLine
from tui.answers import safe
from tui.equipment_words import GROUPS, state_word, where_words
from tui.glyphs import BAD, DONE, LOOK, NOW
from tui.language import named, tr
from tui.shown_codes import code_text
from tui.states import style_of
from tui.widgets.table_cells import broken, columns_within
from tui.words import short_day, short_time

Local = Callable[[datetime], datetime]

COLUMNS: Final = (("what", 16), ("where", 16), ("state", 20), ("due", 10), ("holds", 12), ("code", 13))
"""Each with its least cells; they leave from the end where there is no room."""

_TITLES: Final = {
    "what": tr("What"),
    "where": tr("Where"),
    "state": tr("State"),
    "due": tr("Due"),
    "holds": tr("Holds until"),
    "code": tr("Code"),
}


def columns_for(width: int) -> list[tuple[str, str, int]]:
    """Name, title and cells of each column that there is room for."""
    return [(name, _TITLES[name], cells) for name, cells in columns_within(COLUMNS, width, widest="where")]


def shape_of(line: EquipmentLine) -> str:
    """How it stands: wrong, to be looked after, in use, or ready."""
    groups = line.groups
    if EquipmentShown.OUT in groups or line.equipment.failed:
        return BAD
    if EquipmentShown.DUE in groups:
        return LOOK
    return NOW if EquipmentShown.IN_USE in groups else DONE if EquipmentShown.READY in groups else LOOK


def line_cells(line: EquipmentLine, columns: Sequence[tuple[str, str, int]], local: Local) -> list[Text]:
    """One of them in the list; words go on below and are never cut."""
    one, shape = line.equipment, shape_of(line)
    holds = line.where.hold_until or one.holds_until
    due = one.requalification_due
    cells = {name: width for name, _, width in columns}
    found = {
        "what": broken(one.title, cells.get("what", 20)),
        "where": broken(where_words(line), cells.get("where", 22)),
        "state": Text()
        .append(f"{shape} ", style=style_of(shape))
        .append_text(broken(state_word(line), cells.get("state", 22) - 2, indent=2)),
        "due": Text("" if due is None else short_day(local(due))),
        "holds": Text("" if holds is None else short_time(local(holds))),
        "code": code_text(one.id),
    }
    return [found[name] for name, _, _ in columns]


def filters_text(lines: Sequence[EquipmentLine], chosen: EquipmentShown | None) -> Text:
    """All, then what somebody looks for, each with how many; the chosen one stands out."""
    text = Text(" ")
    for group in (None, *EquipmentShown):
        count = len(lines) if group is None else sum(group in one.groups for one in lines)
        word = tr("All") if group is None else GROUPS[group]
        said = f"{word} {count}"
        if group is chosen:
            text.append(f" {said} ", style="now.key").append("  ")
        elif count or group is None:
            text.append(f"{said}   ", style="bold" if group is None else "")
    return text


def detail_rows(line: EquipmentLine, local: Local) -> Iterator[tuple[Text, Text]]:
    """Everything that is known of one."""
    one, where = line.equipment, line.where
    yield _label(tr("Code")), code_text(one.id).append(f"  {named(one.equipment_type.value)}")
    yield _label(tr("Belongs to")), Text(one.site)
    yield _label(tr("Where")), Text(where_words(line))
    if where.since is not None:
        yield _label(tr("Since")), Text(short_time(local(where.since)))
    shape = shape_of(line)
    yield _label(tr("State")), Text(f"{shape} {state_word(line)}", style=style_of(shape))
    if line.violation is not None and not line.units and line.box is None:
        yield _label(""), Text(safe(line.violation.message))
    if one.requalification_due is not None:
        yield _label(tr("Due")), Text(short_day(local(one.requalification_due)))
    if one.charged_at is not None:
        yield _label(tr("Charged")), Text(short_time(local(one.charged_at)))
    holds = where.hold_until or one.holds_until
    if holds is not None:
        yield _label(tr("Holds until")), Text(short_time(local(holds)))


def _label(word: str) -> Text:
    return Text(word, style="muted")
