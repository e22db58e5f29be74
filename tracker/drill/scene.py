"""A copy of a store to be attacked, and what whoever owns its database can do to its rows."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from schema.canonical import canonical, leaf_digest, plain_digest
from schema.entry import REGISTRY
from schema.papercodes import head_code, parse_head, receipt_code
from tracker.acts.deciding import Decider
from tracker.acts.read_tables import rows_after, write_act
from tracker.acts.state_cache import StateCache, entries
from tracker.evidence.checkpoint import Checkpoint
from tracker.evidence.hub import sign_checkpoint
from tracker.evidence.integration import integrate
from tracker.evidence.last_head import SIGNED_FILE, LastHead
from tracker.evidence.log_keys import key_folder
from tracker.evidence.vkey import LogKey
from tracker.ledger.store import Store
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.evolve import evolve

_ASIDE: Final = 1_000_000_000
"""Beyond every sequence, so that rows can be numbered again without meeting each other."""


class RowEditor:
    """Statements no program of ours would write, on a copy without its guards."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.run = connection.execute

    def body(self, chain: str, sequence: int) -> bytes:
        """The stored bytes of an entry."""
        row = self.run(
            "SELECT body FROM custody_event WHERE chain = ? AND sequence = ?", (chain, sequence)
        ).fetchone()
        body: bytes = row[0]
        return body

    def entry(self, chain: str, sequence: int) -> dict[str, Any]:
        """The same, parsed."""
        found: dict[str, Any] = orjson.loads(self.body(chain, sequence))
        return found

    def length(self, chain: str) -> int:
        """How many entries a chain has."""
        row = self.run("SELECT count(*) FROM custody_event WHERE chain = ?", (chain,)).fetchone()
        count: int = row[0]
        return count

    def put(self, chain: str, sequence: int, body: bytes) -> None:
        """Other bytes for an entry; its columns stay."""
        where = (body, chain, sequence)
        self.run("UPDATE custody_event SET body = ? WHERE chain = ? AND sequence = ?", where)

    def change(self, chain: str, sequence: int, change: Callable[[dict[str, Any]], object]) -> None:
        """Change an entry and its own columns, and leave the chain behind it as it was."""
        entry = self.entry(chain, sequence)
        change(entry)
        self._write(chain, sequence, canonical(entry), sequence)

    def delete(self, chain: str, sequence: int) -> None:
        """Take an entry out; the ones behind it keep their numbers."""
        self.run("DELETE FROM custody_event WHERE chain = ? AND sequence = ?", (chain, sequence))

    def append(self, chain: str, entry: Mapping[str, Any]) -> int:
        """One more entry that fits its chain and waits for the log; gives its sequence."""
        sequence = self.length(chain)
        last = leaf_digest(self.body(chain, sequence - 1))
        body = canonical({**entry, "sequence": sequence, "previous": last})
        statement = entry["statement"]
        digests = (leaf_digest(body), plain_digest(canonical(statement)))
        row = (chain, sequence, statement["event_id"], *digests, body)
        self.run("INSERT INTO custody_event VALUES (?, ?, ?, ?, ?, ?)", row)
        self.run("INSERT INTO log_pending VALUES (?, ?, ?)", (chain, sequence, entry["recorded_at"]))
        return sequence

    def rehash(self, chain: str, first: int = 0) -> None:
        """Number and link a chain again from an entry on, so that it fits in itself."""
        rows = self.run(
            "SELECT sequence, body FROM custody_event WHERE chain = ? ORDER BY sequence", (chain,)
        ).fetchall()
        self.run("UPDATE custody_event SET sequence = sequence + ? WHERE chain = ?", (_ASIDE, chain))
        previous: str | None = None
        for number, (sequence, stored) in enumerate(rows):
            body = stored
            if number >= first:
                body = canonical({**orjson.loads(stored), "sequence": number, "previous": previous})
            previous = leaf_digest(body)
            self._write(chain, number, body, sequence + _ASIDE)

    def _write(self, chain: str, sequence: int, body: bytes, at: int) -> None:
        statement = orjson.loads(body)["statement"]
        digests = (leaf_digest(body), plain_digest(canonical(statement)))
        row = (sequence, statement["event_id"], *digests, body, chain, at)
        self.run(
            "UPDATE custody_event SET sequence = ?, event_id = ?, digest = ?, statement_digest = ?, body = ?"
            " WHERE chain = ? AND sequence = ?",
            row,
        )

    def forget_strays(self) -> None:
        """Values and requests of events that are gone: a forger leaves no crumbs."""
        gone = "NOT IN (SELECT event_id FROM custody_event)"
        for table in ("erasable", "request_answer"):
            self.run(f"DELETE FROM {table} WHERE event_id {gone}")  # noqa: S608  our own names

    def forget_log(self) -> None:
        """Throw away the tree, what was signed of it and the index made of it; every entry waits again."""
        signed, index = ("checkpoint", "cosignature"), ("mention", "mention_reach")
        for table in ("log_leaf", "log_node", *signed, "log_pending", *index):
            self.run(f"DELETE FROM {table}")  # noqa: S608  our own names
        for chain, sequence, body in self.run("SELECT chain, sequence, body FROM custody_event").fetchall():
            recorded_at = orjson.loads(body)["recorded_at"]
            self.run("INSERT INTO log_pending VALUES (?, ?, ?)", (chain, sequence, recorded_at))


@dataclass(slots=True)
class AttackedCopy:
    """One copy under attack."""

    path: Path
    coi: str
    """The therapy that is attacked."""

    key: LogKey | None = None
    """The log's own key, where the operator is the attacker."""

    receipts: list[str] = field(default_factory=list)
    """Receipts on paper of what the attack is about."""

    heads: list[str] = field(default_factory=list)
    """Heads on paper from before the attack."""

    kept: Path | None = None
    """The configuration of the hub, where the head that it signed last lies beside the key."""

    config: Path | None = None
    """Where the attacker made keys of their own; None where the hub's are used."""

    @property
    def url(self) -> str:
        """The address of the copy."""
        return f"sqlite:///{self.path}"

    @contextmanager
    def owner(self) -> Iterator[RowEditor]:
        """Work on the file without guards and checks; the guards are back at the end, as if nothing was."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        try:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            for name, _ in guards:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute("BEGIN")
            yield RowEditor(connection)
            connection.execute("COMMIT")
            for _, sql in guards:
                connection.execute(sql)
        finally:
            connection.close()

    def receipt_of(self, sequence: int) -> None:
        """Somebody has a slip with the receipt of this entry."""
        with self.owner() as editor:
            digest = plain_digest(canonical(editor.entry(self.coi, sequence)["statement"]))
        self.receipts = [receipt_code(digest).text]

    def keep_head(self, config: Path) -> None:
        """The hub signed the log as it stands, and keeps that head in a folder of its own."""
        head = parse_head(self.heads[0])
        with Store.open(self.url) as store, store.read() as transaction:
            registry = StateCache().registry(transaction).state
        folder = key_folder(config, registry.origin)
        folder.mkdir(parents=True, exist_ok=True)
        LastHead(folder / SIGNED_FILE).write(Checkpoint(registry.origin, head.tree_size, head.root), registry)
        self.kept = config

    def relog(self) -> None:
        """Rebuild the log from what is there, and sign it where the key is at hand."""
        with self.owner() as editor:
            editor.forget_log()
        self.integrate()

    def integrate(self) -> None:
        """Take in what waits; with the log's key sign the head, whatever this machine signed before."""
        with Store.open(self.url) as store:
            integrate(store)
            if self.key is not None:
                sign_checkpoint(store, self.key, datetime.now(UTC))

    def reproject(self) -> None:
        """Make the read tables fit the entries again, as a careful forger would."""
        with self.owner() as editor:
            for table in (
                "therapy",
                "unit",
                "scan_code",
                "bench",
                "deviation_now",
                "slot_use",
                "plan_milestone",
                "shipment_now",
                "place_position",
                "equipment_place",
                "therapy_history",
                "use_of",
            ):
                editor.run(f"DELETE FROM {table} WHERE coi = ?", (self.coi,))  # noqa: S608  our own names
        with Store.open(self.url) as store, store.begin() as transaction:
            decider, state = Decider(StateCache(), {}), None
            for entry in entries(transaction, self.coi):
                before: TherapyState | None = state
                state = evolve(before, entry.sequence, entry.statement)
                if state is not None:
                    protocol = decider.protocol(transaction, state.protocol.sha256)
                    write_act(transaction, [rows_after(before, state, protocol)])

    def set_back(self, backup: Path) -> None:
        """Put an older copy of the file in its place."""
        for suffix in ("-wal", "-shm"):
            self.path.with_name(f"{self.path.name}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(backup, self.path)


def longest_chain(path: Path) -> tuple[str, int]:
    """The therapy with the most entries in a SQLite store, and how many; nothing where there is none."""
    connection = sqlite3.connect(path)
    try:
        row = connection.execute(
            "SELECT chain, count(*) FROM custody_event WHERE chain <> ? GROUP BY chain ORDER BY 2 DESC, 1",
            (REGISTRY,),
        ).fetchone()
    finally:
        connection.close()
    return ("", 0) if row is None else (row[0], row[1])


def head_of_store(url: str) -> str:
    """The head code of the log as it stands, as a slip would carry it."""
    with Store.open(url) as store, store.read() as transaction:
        size = transaction.tree_size()
        root = transaction.frontier(size).root().hex()
        return head_code(StateCache().registry(transaction).state.origin, size, root).text
