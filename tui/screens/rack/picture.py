"""A rack as a picture: a cell for each position; without positions one for each unit as it came. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from tui.glyphs import BAD, DONE, EMPTY, LOOK, NOW, TO_COME
from tui.language import tr
from tui.screens.rack.tally import Rack
from tui.widgets.place_grid import GridCell

COLUMNS: Final = 8
COLUMNS_WIDE: Final = 10
_SHOWN: Final = 3
"""Characters of a code in its cell."""

_STYLES: Final = {
    DONE: "ok",
    LOOK: "now.check",
    BAD: "now.stop",
    NOW: "now.key",
    TO_COME: "muted",
    EMPTY: "line",
}


@dataclass(frozen=True, slots=True)
class RackCell:
    """One place of the picture."""

    shape: str
    unit: str = ""
    at: datetime | None = None
    """When it was scanned; None for what is expected or empty."""

    is_bad: bool = False
    """Whether it has no place here, or was refused."""

    code: str = ""
    """Of what was scanned, a cassette as well as a bag; empty where nothing was."""

    @property
    def style(self) -> str:
        """Its color; never without its shape."""
        return _STYLES[self.shape]


def rack_cells(rack: Rack) -> list[RackCell]:
    """What the record expects in its order, then what came besides as it was scanned, then the rest."""
    cells = [_cell(rack, unit) for unit in rack.expected]
    scans: dict[str, datetime] = {
        **{unit: one.at for unit, one in (*rack.taken.items(), *rack.unexpected.items())},
        **{unit: one.at for unit, one in rack.turned_down.items()},
    }
    besides = sorted((unit for unit in scans if unit not in rack.expected), key=lambda unit: scans[unit])
    cells += [_cell(rack, unit) for unit in besides]
    if not rack.task.is_expected and rack.counted is not None:
        cells += [RackCell(TO_COME)] * (rack.counted - len(rack.taken))
    return cells


def _cell(rack: Rack, unit: str) -> RackCell:
    turned_down, scan = rack.turned_down.get(unit), rack.taken.get(unit) or rack.unexpected.get(unit)
    if turned_down is not None:
        return RackCell(BAD if turned_down.is_grave else LOOK, unit, turned_down.at, turned_down.is_grave)
    if scan is None:
        return RackCell(LOOK if unit in rack.reasons else TO_COME, unit)
    is_bad = unit in rack.unexpected or unit == rack.at_fault
    code = scan.item.resolution.object_id or ""
    if is_bad:
        return RackCell(BAD, unit, scan.at, is_bad=True, code=code)
    if unit in rack.faults or unit == rack.judging:
        return RackCell(LOOK, unit, scan.at, code=code)
    return RackCell(NOW if unit == rack.in_hand else DONE, unit, scan.at, code=code)


def grid_cells(rack: Rack) -> dict[str, GridCell]:
    """What lies where: by the record, as it was read, as somebody has said it."""
    cells = {cell.unit: _in_grid(rack, cell) for cell in rack_cells(rack)}
    found = {}
    for position, unit in rack.lies.items():
        if unit not in rack.positions:
            there = GridCell(TO_COME, rack.shown.get(unit, unit), "muted")
            found[position] = cells.get(unit, there) if rack.task.is_expected else there
    return found | {at: cells[unit] for unit, at in rack.positions.items() if unit in cells}


def _in_grid(rack: Rack, cell: RackCell) -> GridCell:
    at = "" if cell.at is None else f"{cell.at:%H:%M}"
    return GridCell(cell.shape, cell.code or rack.shown.get(cell.unit, cell.unit), cell.style, at)


def beside_grid(rack: Rack) -> list[RackCell]:
    """What is scanned or expected and has no position: it stands below the picture."""
    placed = {*rack.positions, *rack.lies.values()}
    return [cell for cell in rack_cells(rack) if cell.unit and cell.unit not in placed]


def shelf_of(cells: Sequence[RackCell], shown: int, asked: int | None) -> int:
    """The first cell of the shelf to show: the one turned to, else that of the last scan."""
    if asked is not None:
        return max(min(asked, max(len(cells) - 1, 0) // shown * shown), 0)
    scanned = [(cell.at, number) for number, cell in enumerate(cells) if cell.at is not None]
    return max(scanned)[1] // shown * shown if scanned else 0


def picture(cells: Sequence[RackCell], *, first: int, columns: int, rows: int, is_high: bool) -> Table:
    """One shelf: the row's first number at its left, a shape and the last three characters in each cell."""
    table = Table.grid(expand=True, padding=(0, 1, 0, 0))
    table.add_column(width=len(str(max(len(cells), 1))), justify="right", style="bold")
    for _ in range(columns):
        table.add_column(ratio=1, no_wrap=True)
    for row in range(rows):
        start = first + row * columns
        part = cells[start : start + columns]
        empty = [RackCell(EMPTY)] * (columns - len(part))
        if not part and row:
            break
        shown = (_shown(cell, is_high=is_high) for cell in (*part, *empty))
        table.add_row(Text(str(start + 1)), *shown)
        if is_high:
            table.add_row()
    return table


def _shown(cell: RackCell, *, is_high: bool) -> Text:
    words = f" {cell.shape} {(cell.code or cell.unit)[-_SHOWN:]:<{_SHOWN}} "
    return Text(words + ("\n" + " " * len(words) if is_high else ""), style=cell.style)


def shapes_words(*, is_expected: bool = True) -> str:
    """What the shapes mean."""
    to_come = tr("expected") if is_expected else tr("there by the record")
    shapes = (tr("read"), DONE), (to_come, TO_COME), (tr("look"), LOOK), (tr("not here"), BAD)
    return "  ".join(f"{shape} {word}" for word, shape in shapes)


def legend(cells: Sequence[RackCell], *, first: int, shown: int) -> str:
    """What the shapes mean, and which shelf of how many cells is shown."""
    words = shapes_words()
    if len(cells) <= shown:
        return words
    last, count = min(first + shown, len(cells)), len(cells)
    shelf = tr("{first} to {last} of {count}, PgUp PgDn", first=first + 1, last=last, count=count)
    return f"{shelf}   {words}"
