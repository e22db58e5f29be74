"""Several labels on one sheet of office paper: in rows from the top left, in the order given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labels.design import PAPERS
from schema.errors import InputError

MARGIN: Final = 10
"""Office printers leave a rim of up to 8 mm blank."""

GAP: Final = 4
"""Room for the scissors; whole millimeters, so that modules stay whole dots of a thermal printer too."""

SHEETS: Final = ("A4", "Letter")

Place = tuple[int, float, float]
"""Which label, and where its top left corner is."""


def arranged(sizes: Sequence[tuple[float, float]], paper: str, skip: int = 0) -> list[list[Place]]:
    """Pages of places for labels of these sizes; `skip` leaves out places of the first sheet already used."""
    if paper not in SHEETS:
        raise InputError(f"{paper} is no sheet for labels.", remedy=f"Take {' or '.join(SHEETS)}.")
    wide, high = PAPERS[paper]
    pages: list[list[Place]] = [[]]
    x, y, row = float(MARGIN), float(MARGIN), 0.0
    used = [(None, sizes[0])] * skip if sizes else []
    for index, (width, height) in [*used, *enumerate(sizes)]:
        if width + 2 * MARGIN > wide or height + 2 * MARGIN > high:
            raise InputError(
                f"A label of {width:g} x {height:g} mm does not go on {paper} with its margins.",
                remedy="Print it on paper of its own size, without --paper.",
            )
        if x + width + MARGIN > wide:
            x, y, row = float(MARGIN), y + row + GAP, 0.0
        if y + height + MARGIN > high:
            pages.append([])
            x, y, row = float(MARGIN), float(MARGIN), 0.0
        if index is not None:
            pages[-1].append((index, x, y))
        x, row = x + width + GAP, max(row, height)
    return [page for page in pages if page]
