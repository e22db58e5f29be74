"""Lots of goods in lines: what each is, whether it may be used, until when, and what it touched. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from schema.vocabulary import LotStatus
from tracker.values import LotLine, TouchedUnit
from tui.glyphs import BAD, DONE, LOOK
from tui.language import named, tr
from tui.shown_codes import code_text
from tui.states import style_of
from tui.widgets.table_cells import broken, columns_within
from tui.words import short_time

COLUMNS: Final = (("item", 18), ("number", 14), ("state", 16), ("expires", 10), ("lot", 13), ("site", 8))
"""Each with its least cells; they leave from the end where there is no room."""

TOUCHED_MAX: Final = 12
"""Units that are named; how many there are is said anyway."""

_TITLES: Final = {
    "item": tr("What"),
    "number": tr("Number"),
    "state": tr("State"),
    "expires": tr("Good till"),
    "lot": tr("Code"),
    "site": tr("Site"),
}
_GRAVE: Final = frozenset({LotStatus.RECALLED, LotStatus.REJECTED})


def columns_for(width: int) -> list[tuple[str, str, int]]:
    """Name, title and cells of each column that there is room for."""
    return [(name, _TITLES[name], cells) for name, cells in columns_within(COLUMNS, width, widest="item")]


def shape_of(line: LotLine) -> str:
    """A square for what may touch no cells for ever, a triangle for what may not now, else a disc."""
    if line.lot.status in _GRAVE:
        return BAD
    return DONE if line.violation is None else LOOK


def state_word(line: LotLine) -> str:
    """Its status; of what is released and over, that it is over."""
    if line.lot.status is LotStatus.RELEASED and line.violation is not None:
        return named(line.violation.rule.removeprefix("lot_"))
    word = named(line.lot.status.value)
    return word.upper() if line.lot.status in _GRAVE else word


def line_cells(line: LotLine, columns: Sequence[tuple[str, str, int]]) -> list[Text]:
    """One lot in the list; words go on below and are never cut."""
    lot, shape = line.lot, shape_of(line)
    cells = {name: width for name, _, width in columns}
    found = {
        "item": broken(named(lot.item), cells.get("item", 18)),
        "number": broken(lot.number, cells.get("number", 14)),
        "state": Text()
        .append(f"{shape} ", style=style_of(shape))
        .append_text(broken(state_word(line), cells.get("state", 16) - 2, indent=2)),
        "expires": Text(lot.expires),
        "lot": code_text(lot.id),
        "site": Text(lot.site),
    }
    return [found[name] for name, _, _ in columns]


def detail_rows(
    line: LotLine, touched: Sequence[TouchedUnit], local: Callable[[datetime], datetime]
) -> Iterator[tuple[Text, Text]]:
    """One lot: since when it stands as it does, why it may not be used, and which cells it touched."""
    lot, shape = line.lot, shape_of(line)
    yield _label(tr("Lot")), code_text(lot.id)
    state = Text(f"{shape} {state_word(line)}", style=style_of(shape))
    yield _label(tr("State")), state.append(f"  {short_time(local(lot.status_since))}", style="muted")
    yield _label(tr("Received")), Text(short_time(local(lot.received_at)))
    if lot.released_at is not None:
        yield _label(tr("Released")), Text(short_time(local(lot.released_at)))
    yield _label(tr("Good till")), Text(tr("the end of {day}", day=lot.expires))
    if line.violation is not None:
        yield _label(tr("Why not")), Text(line.violation.message)
    therapies = len({one.coi for one in touched})
    words = (
        tr("no cells")
        if not touched
        else tr("{units} units, {therapies} therapies", units=len(touched), therapies=therapies)
    )
    yield _label(tr("Touched")), Text(words)
    for one in touched[:TOUCHED_MAX]:
        yield _label(""), code_text(one.unit).append(f"  {named(one.state)}")


def _label(word: str) -> Text:
    return Text(word, style="muted")
