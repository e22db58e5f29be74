"""The columns of a spreadsheet's sheets, and what is known of a therapy where its lines are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from schema.instants import format_instant
from tracker.exports.dossiers import Dossier, local
from tracker.views.marks import Transition


class CellKind(Enum):
    """How a column's cells are written."""

    TEXT = "text"
    TIME = "time"
    NUMBER = "number"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Column:
    """One column with its heading and width in characters."""

    title: str
    width: int
    kind: CellKind = CellKind.TEXT
    printed: bool = True
    """Whether people read it; what is for programs alone stands to the right of everything else."""

    @property
    def pixels(self) -> int:
        """How wide it is on paper, at 96 to the inch and full size."""
        return self.width * 7 + 5


Cell = str | int | float | datetime | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A therapy entry by entry, and the time as of which it is told what still runs."""

    transitions: tuple[Transition, ...]
    at: datetime


Rows = Callable[[Dossier, Course], Iterator[Row]]

REPEATED: Final = 2
"""Columns at the left that each page has: therapy and sequence."""

THERAPY: Final = (Column("therapy", 13), Column("sequence", 9, CellKind.NUMBER))


def time_columns(title: str) -> tuple[Column, Column, Column]:
    """A time where it happened, its offset, and the instant."""
    return Column(f"{title} (local)", 20, CellKind.TIME), Column("offset", 8), Column(f"{title} (UTC)", 25)


def for_programs(title: str, width: int) -> Column:
    """A column that stays on the screen."""
    return Column(title, width, printed=False)


def moment_cells(moment: datetime | None, offset: str) -> tuple[Cell, Cell, Cell]:
    """The cells of such a time; empty where there is none."""
    if moment is None:
        return None, None, None
    return local(moment, offset), offset, format_instant(moment)
