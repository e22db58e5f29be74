"""What somebody put around our tables: triggers and rules on them, other relations in their place, views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from schema import guards
from schema.tables import Row
from tracker.evidence.verification.snapshot import Snapshot
from tracker.evidence.verification.verdict import Check, Journal

VERSIONS: Final = "alembic_version"
OURS: Final = frozenset({*Row.metadata.tables, VERSIONS})

_SQLITE: Final = "SELECT type, name, tbl_name FROM sqlite_master ORDER BY type, name"
_VISIBLE: Final = (
    "SELECT c.relname, n.nspname, c.relkind, c.relrowsecurity,"
    " EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhparent = c.oid)"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind NOT IN ('i', 'I', 'S', 'c', 't') AND pg_table_is_visible(c.oid)"
    " AND n.nspname NOT IN ('information_schema') ORDER BY c.relname"
)
_TRIGGERS: Final = (
    "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) ORDER BY t.tgname"
)
_RULES: Final = (
    "SELECT r.rulename, c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class"
    " WHERE r.rulename <> '_RETURN' AND pg_table_is_visible(c.oid) ORDER BY r.rulename"
)
_CATALOG: Final = "pg_catalog"


def check_surroundings(snapshot: Snapshot, journal: Journal) -> None:
    """Step 19 for what is there and not of ours; what touches no table of ours is named."""
    faults, others = _of_file(snapshot) if snapshot.is_file else _of_server(snapshot)
    for fault in faults:
        journal.found(Check.GUARDS, "", None, fault)
    if others:
        journal.note(
            Check.GUARDS, f"beside our tables there are {', '.join(others)}; nothing here reads them"
        )


def _of_file(snapshot: Snapshot) -> tuple[list[str], list[str]]:
    known = {guard.name for guard in guards.guards("sqlite")}
    faults: list[str] = []
    others: list[str] = []
    for kind, name, table in snapshot.rows(_SQLITE):
        if kind == "trigger" and name not in known and table in OURS:
            faults.append(f"the trigger {name} on the table {table} is none of ours")
        elif kind == "view" and name in OURS:
            faults.append(f"{name} is a view, and not the table that was made")
        elif (kind == "trigger" and name not in known) or (kind in ("table", "view") and name not in OURS):
            others.append(f"the {kind} {name}")
    return faults, others


def _of_server(snapshot: Snapshot) -> tuple[list[str], list[str]]:
    faults: list[str] = []
    others: list[str] = []
    found = map(_Relation._make, snapshot.rows(_VISIBLE))
    seen = [one for one in found if one.name in OURS or one.schema != _CATALOG]
    homes = [one.schema for one in seen if one.name in OURS]
    home = max(set(homes), key=homes.count, default="")
    for one in seen:
        if one.name in OURS:
            faults += one.faults(home)
        elif one.schema == home:
            others.append(f"the {one.word} {one.name}")
    return [*faults, *_on_ours(snapshot)], others


class _Relation(NamedTuple):
    """What a name without a schema leads to on a server."""

    name: str
    schema: str
    kind: str
    hides_rows: bool
    has_children: bool

    @property
    def word(self) -> str:
        """What kind of relation it is, in a word."""
        return {"r": "table", "v": "view", "m": "view", "f": "foreign table"}.get(self.kind, "relation")

    def faults(self, home: str) -> Iterator[str]:
        """Why it is not the table that was made, where it has the name of one of ours."""
        if self.schema != home:
            yield f"the search path finds {self.schema}.{self.name} in place of the table in {home}"
        elif self.kind != "r":
            yield f"{self.name} is a {self.word}, and not the table that was made"
        if self.hides_rows:
            yield f"row security is on for the table {self.name}: not everybody sees all of its rows"
        if self.has_children:
            yield f"other tables inherit from {self.name}: their rows are read as its own"


def _on_ours(snapshot: Snapshot) -> Iterator[str]:
    known = {guard.name for guard in guards.guards("postgresql")}
    for name, table in snapshot.rows(_TRIGGERS):
        if table in OURS and name not in known:
            yield f"the trigger {name} on the table {table} is none of ours"
    for name, table in snapshot.rows(_RULES):
        if table in OURS:
            yield f"the rule {name} on the table {table} is none of ours"
