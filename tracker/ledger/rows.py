"""How the rows of a table go to the driver and come back, in the order and with the types of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast

import sqlalchemy as sa

from schema.errors import CartrailError, ReadTableDiffers
from schema.tables import AsText, Row, table_of, tuple_of
from tracker.ledger.engine import Record

RowT = TypeVar("RowT", bound=Row)
Conversion = Callable[[Any], Any]


class TableRows(Generic[RowT]):
    """The rows of one table class, as named tuples.

    `check` raises for a row that no program of ours wrote into a table which only repeats the record.
    """

    def __init__(self, row: type[RowT], check: Callable[[RowT], None] | None = None) -> None:
        self._check = check
        self.table = table_of(row)
        self.columns: tuple[str, ...] = tuple(self.table.columns.keys())
        self.new = tuple_of(row)
        """Builds a row from the value of each column, given by its name."""

        self._values: Callable[[RowT], Record] = attrgetter(*self.columns)
        self._make: Callable[[Record], RowT] = cast("Any", self.new)._make
        self._reading = list(self._conversions(_after_reading))
        self._writing = list(self._conversions(_before_writing))

    def read(self, record: Record) -> RowT:
        """The row that the driver gave; raises ReadTableDiffers where the check does not know it."""
        try:
            row = self._make(_converted(record, self._reading) if self._reading else record)
            if self._check is not None:
                self._check(row)
        except (CartrailError, AttributeError, LookupError, TypeError, ValueError) as error:
            if self._check is None:
                raise
            raise ReadTableDiffers(
                f"The table {self.table.name}, which only repeats the record, holds in the row "
                f"{str(record[0])[:40]!r} what cartrail never wrote there: {_said(error)[:120]}"
            ) from error
        return row

    def values(self, row: RowT) -> Record:
        """What the driver is given for a row."""
        values = self._values(row)
        return _converted(values, self._writing) if self._writing else values

    def _conversions(self, of: Callable[[Any], Conversion | None]) -> Iterable[tuple[int, Conversion]]:
        for place, column in enumerate(self.table.columns):
            conversion = of(column.type)
            if conversion is not None:
                yield place, conversion


def _said(error: Exception) -> str:
    if isinstance(error, CartrailError):
        return error.message
    return f"{type(error).__name__}, {error}".rstrip(".") + "."


def _converted(record: Record, conversions: Iterable[tuple[int, Conversion]]) -> Record:
    values = list(record)
    for place, conversion in conversions:
        values[place] = conversion(values[place])
    return tuple(values)


def _after_reading(kind: object) -> Conversion | None:
    if isinstance(kind, AsText):
        return kind.read
    # SQLite knows no truth values and gives 0 and 1.
    return bool if isinstance(kind, sa.Boolean) else None


def _before_writing(kind: object) -> Conversion | None:
    return kind.write if isinstance(kind, AsText) else None
