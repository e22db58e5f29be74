"""What all tables share: their metadata with names for constraints, text columns and checks in the database.

SQLModel validates nothing for table classes, so they serve as definitions only: no code builds one from
what somebody typed, and every column that matters carries a CHECK.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

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


class Row(SQLModel):
    """The base of every table class; its metadata names all constraints, so that errors can be told apart."""

    metadata: ClassVar[sa.MetaData] = sa.MetaData(naming_convention=NAMING)


def table_of(row: type[Row]) -> sa.Table:
    """The Core table of a table class."""
    return Row.metadata.tables[str(row.__tablename__)]


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
