"""Positions of a place that has rows and columns: a letter for the row, a number for the column, as `C5`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_uppercase
from typing import Annotated, Final

from pydantic import Field

ROWS_MAX: Final = len(ascii_uppercase)
COLUMNS_MAX: Final = 99
POSITION_PATTERN: Final = re.compile(r"[A-Z][1-9][0-9]?")

Position = Annotated[str, Field(pattern=f"^{POSITION_PATTERN.pattern}$")]
"""One position, whatever place it is of: whether that has it, a rule says."""


def position_at(row: int, column: int) -> str:
    """The position in a row and a column, both counted from 0."""
    return f"{ascii_uppercase[row]}{column + 1}"


def row_and_column(position: str) -> tuple[int, int]:
    """The row and the column of a position, both counted from 0."""
    return ascii_uppercase.index(position[0]), int(position[1:]) - 1


def is_within(position: str, rows: int, columns: int) -> bool:
    """Whether a place of so many rows and columns has the position."""
    row, column = row_and_column(position)
    return row < rows and column < columns


def every_position(rows: int, columns: int) -> Iterator[str]:
    """The positions of a place, row by row."""
    return (position_at(row, column) for row in range(rows) for column in range(columns))
