"""Core statements turned into the driver's own SQL once, so that recording pays for none of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache, cached_property
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg

_ONE: Final[sa.ColumnElement[int]] = sa.literal_column("1")
_NONE: Final[sa.ColumnElement[int]] = sa.literal_column("0")


_MADE: Final[list[Compiled]] = []
_EXAMPLES: Final[list[Callable[[], Compiled]]] = []


class Compiled:
    """A statement as text for each driver, compiled when it is first run; values go in by position."""

    def __init__(self, build: Callable[[str], sa.Executable], *names: str, keys: int = 0) -> None:
        self._build = build
        self._names = names
        self.example = self
        """The member of its family that stands for it in a list; itself where it has no family."""

        _MADE.append(self)
        self.keys = keys
        """How many values, from the first, name the one row that is written; 0 for any other statement."""

    @cached_property
    def sqlite(self) -> str:
        """The text with `?` for each value."""
        return self._text("sqlite", sqlite.dialect(paramstyle="qmark"))

    @cached_property
    def postgresql(self) -> str:
        """The text with `%s` for each value."""
        dialect: sa.Dialect = psycopg.PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]
        return self._text("postgresql", dialect)

    def _text(self, name: str, dialect: sa.Dialect) -> str:
        compiled: Any = self._build(name).compile(dialect=dialect)  # type: ignore[attr-defined]
        # A value in the wrong place would be written without a word, so the order is checked here.
        if tuple(compiled.positiontup or ()) != self._names:
            raise AssertionError(f"values go as {compiled.positiontup}, not as {self._names}: {compiled}")
        return str(compiled)


def family(*example: Hashable) -> Callable[[Callable[..., Compiled]], Callable[..., Compiled]]:
    """Keeps statements that are made alike, as a cache, and names the one that stands for them in a list."""

    def keep(make: Callable[..., Compiled]) -> Callable[..., Compiled]:
        @cache
        def member(*values: Hashable) -> Compiled:
            made = make(*values)
            made.example = made if values == example else member(*example)
            return made

        _EXAMPLES.append(lambda: member(*example))
        return member

    return keep


def listed() -> list[Compiled]:
    """Every statement of the program, one of each family, in the order in which they were made."""
    for example in _EXAMPLES:
        example()
    return [one for one in _MADE if one.example is one]


def fixed(statement: sa.Executable, *names: str) -> Compiled:
    """A statement that reads the same on both engines; `names` are its values in order."""
    return Compiled(lambda _: statement, *names)


def first(query: sa.Select[Any]) -> sa.Select[Any]:
    """The query cut to its first row, with the numbers in the text and not among the values."""
    return query.limit(_ONE).offset(_NONE)


def insert(table: sa.Table) -> Compiled:
    """Insert one row, values in the order of the columns."""
    return Compiled(lambda _: sa.insert(table), *table.columns.keys(), keys=len(table.primary_key))


def insert_unless_there(table: sa.Table) -> Compiled:
    """Insert one row unless its key is taken; the row count tells which."""

    def build(dialect: str) -> sa.Executable:
        found: sa.Executable = dialect_insert(dialect, table).on_conflict_do_nothing()
        return found

    return Compiled(build, *table.columns.keys(), keys=len(table.primary_key))


def dialect_insert(dialect: str, table: sa.Table) -> Any:
    """An insert of one row in the engine's own words, which alone know what to do about a taken key."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_or_update(table: sa.Table) -> Compiled:
    """Insert one row, or replace its columns under its key."""
    keys = [column.name for column in table.primary_key]

    def build(dialect: str) -> sa.Executable:
        statement = dialect_insert(dialect, table)
        rest = [column.name for column in table.columns if column.name not in keys]
        result: sa.Executable = statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in rest}
        )
        return result

    return Compiled(build, *table.columns.keys(), keys=len(table.primary_key))


def insert_or_count(table: sa.Table, counter: str) -> Compiled:
    """Insert one row, or raise its counter by one where its key is taken."""
    keys = [column.name for column in table.primary_key]

    def build(dialect: str) -> sa.Executable:
        result: sa.Executable = dialect_insert(dialect, table).on_conflict_do_update(
            index_elements=keys, set_={counter: table.c[counter] + _ONE}
        )
        return result

    return Compiled(build, *table.columns.keys())


def update(table: sa.Table, columns: Sequence[str]) -> Compiled:
    """Set the columns of the row with a key: the new values, then the key."""
    (key,) = table.primary_key
    new = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}
    statement = sa.update(table).values(new).where(key == sa.bindparam("row_key"))
    return fixed(statement, *(f"new_{name}" for name in columns), "row_key")


def select(table: sa.Table, *keys: str, columns: Sequence[str] = ()) -> Compiled:
    """The named columns (all without names) of the rows in which each key equals its value."""
    chosen = [table.c[name] for name in columns or table.columns.keys()]
    return fixed(sa.select(*chosen).where(*(table.c[key] == sa.bindparam(key) for key in keys)), *keys)


def delete(table: sa.Table, *keys: str) -> Compiled:
    """Delete the rows in which each key equals its value."""
    return fixed(sa.delete(table).where(*(table.c[key] == sa.bindparam(key) for key in keys)), *keys)
