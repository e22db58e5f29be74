"""What all tables share: metadata with names for constraints, kinds of columns, checks in the database.

SQLModel validates nothing for table classes, so they serve as definitions only: no code builds one from
what somebody typed, and every column that matters carries a CHECK. What is read and written are tuples made
after them.
"""

from __future__ import annotations

from collections import namedtuple
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, TypeVar, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from schema.instants import format_instant, parse_instant

NAMING = {
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text in byte order on both engines: chains are read and locked in that order whatever the locale."""

BYTES = sa.LargeBinary()
NUMBER = sa.BigInteger()
TRUTH = sa.Boolean()

GIVEN = {"autoincrement": False}
"""Of a number that alone is the key: the program gives it, and no sequence of PostgreSQL does."""


class AsText(sa.TypeDecorator[Any]):
    """A value that is kept as text; NULL is None."""

    impl = TEXT
    cache_ok = True

    @staticmethod
    def write(value: Any) -> str | None:
        """The text of a value."""
        raise NotImplementedError

    @staticmethod
    def read(text: Any) -> Any:
        """The value of a text."""
        raise NotImplementedError

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        """What SQLAlchemy gives the database."""
        return self.write(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        """What SQLAlchemy makes of what the database gives."""
        return self.read(value)


class Instant(AsText):
    """A time as the text that entries have it in, which sorts as times do."""

    cache_ok = True

    @staticmethod
    def write(value: datetime | None) -> str | None:
        """`2026-03-02T08:00:00.000Z`; None for NULL."""
        return None if value is None else format_instant(value)

    @staticmethod
    def read(text: str | None) -> datetime | None:
        """The time in UTC; None for NULL."""
        return None if text is None else parse_instant(text)


class Words(AsText):
    """Some words as a JSON array, `[]` when there are none."""

    cache_ok = True

    @staticmethod
    def write(value: tuple[str, ...]) -> str:
        """`["quarantined","deviation"]`."""
        return orjson.dumps(value).decode()

    @staticmethod
    def read(text: str) -> tuple[str, ...]:
        """The words in the order in which they were written."""
        return tuple(orjson.loads(text))


def hour_of(moment: datetime) -> str:
    """The hour of a time in UTC, `2026-03-02T08`, which sorts as the text of the time does."""
    return format_instant(moment)[:13]


INSTANT: Any = Instant()
WORDS: Any = Words()


class Row(SQLModel):
    """The base of every table class; its metadata names all constraints, so that errors can be told apart."""

    metadata: ClassVar[sa.MetaData] = sa.MetaData(naming_convention=NAMING)


def table_of(row: type[Row]) -> sa.Table:
    """The Core table of a table class."""
    return Row.metadata.tables[str(row.__tablename__)]


RowT = TypeVar("RowT", bound=Row)


def tuple_of(row: type[RowT]) -> type[RowT]:
    """The named tuple with the columns of a table class in their order; its fields are given by name.

    It is typed as the class it is made after, where the columns stand with their types. An instance of the
    class itself costs ten times as much, and can be changed and not hashed.
    """
    return cast("type[RowT]", _tuple_of(row))


@cache
def _tuple_of(row: type[Row]) -> type[tuple[Any, ...]]:
    return namedtuple(row.__name__, table_of(row).columns.keys())  # noqa: PYI024  made after the table


def hex64(column: str) -> sa.CheckConstraint:
    """A CHECK that a column holds 64 lower-case hex digits, in words that both engines understand."""
    return sa.CheckConstraint(
        f"length({column}) = 64 AND ltrim({column}, '0123456789abcdef') = ''", name=f"{column}_hex"
    )


def natural(column: str) -> sa.CheckConstraint:
    """A CHECK that a number is not negative."""
    return sa.CheckConstraint(f"{column} >= 0", name=f"{column}_natural")


def filled(column: str) -> sa.CheckConstraint:
    """A CHECK that text or bytes are not empty."""
    return sa.CheckConstraint(f"length({column}) > 0", name=f"{column}_filled")


WITHOUT_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}
"""For small rows with a key of their own: one tree in place of two, so one page less for each commit."""
