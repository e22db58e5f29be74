"""The drill: every known attack on a copy, and what catches it; the store itself is only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from schema.errors import IntegrityFailure
from schema.tables import Row
from tracker.acts.mentions import fill_mentions
from tracker.drill.attack import Attack, Caught, InBundle
from tracker.drill.bundles import BundleFound, altered, exported, names_a_loss
from tracker.drill.handed_over import ATTACKS as HANDED_OVER
from tracker.drill.insiders import ATTACKS as INSIDERS
from tracker.drill.rehearsal import Rehearsal, copy_file, rehearse
from tracker.drill.rows import ATTACKS as ROWS
from tracker.drill.scene import AttackedCopy, head_of_store, longest_chain
from tracker.evidence.integration import integrate
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check
from tracker.ledger import creation
from tracker.ledger.store import Store

ATTACKS: Final = (*ROWS, *INSIDERS, *HANDED_OVER)
ENTRIES_MIN: Final = 6
"""A chain shorter than this has no middle to attack."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Tried:
    """What one attack came to."""

    attack: Attack
    alone: tuple[Check, ...] = ()
    """The steps with findings when the store is verified by itself."""

    head: tuple[Check, ...] = ()
    """The same with a head from before the attack; not tried where the store alone shows it."""

    receipt: tuple[Check, ...] = ()

    refused: str = ""
    """The code by which the program itself refused to go on; empty where it did not."""

    named: bool = False
    """Whether the verdict names what was said to have been lost; not tried where something else shows it."""

    bundle: BundleFound = field(default_factory=BundleFound)
    """What a bundle shows of it; tried on the rehearsal store, since an export is signed."""

    @property
    def caught(self) -> Caught:
        """The least that it takes to catch it."""
        if self.attack.on_bundle is not None:
            return Caught.UNTOUCHED
        if self.refused:
            return Caught.REFUSED
        if self.alone:
            return Caught.ALONE
        if self.head:
            return Caught.HEAD
        if self.receipt:
            return Caught.RECEIPT
        return Caught.NAMED if self.named else Caught.NOTHING

    @property
    def as_claimed(self) -> bool:
        """Whether it is caught by what it is said to be caught by, in the store and in a bundle."""
        claimed = self.attack.in_bundle
        in_bundle = InBundle.NOTHING if claimed is InBundle.TRUE else claimed
        return self.caught is self.attack.caught and self.bundle.shown is in_bundle


@dataclass(frozen=True, slots=True)
class AttackedStore:
    """What is copied for each attack of somebody who has only the database."""

    path: Path
    coi: str
    is_rehearsal: bool


def drill(url: str, folder: Path, say: Say = lambda _: None) -> Iterator[Tried]:
    """Try every attack on copies in an empty folder; raises IntegrityFailure for a store that is not sound.

    A store with no therapy long enough to be attacked is replaced by a rehearsal store, which is said.
    """
    say("founding a rehearsal store for what needs keys")
    rehearsal = rehearse(folder)
    subject = subject_of(url, folder, rehearsal, say)
    verdict = verify_store(f"sqlite:///{subject.path}")
    if verdict.findings:
        raise IntegrityFailure(
            f"The store does not verify before any attack: {verdict.findings[0]}",
            remedy="Run `cartrail verify` and settle what it finds; a drill would show nothing.",
        )
    for attack in ATTACKS:
        say(attack.name)
        yield tried(attack, subject, rehearsal, folder)


def subject_of(url: str, folder: Path, rehearsal: Rehearsal, say: Say = lambda _: None) -> AttackedStore:
    """A copy of the store, its log complete; the rehearsal store where there is nothing to attack."""
    path = folder / "subject.db"
    copy_store(url, path, say)
    coi, count = longest_chain(path)
    if count < ENTRIES_MIN or not _has_openings(path, coi):
        say("no therapy has enough events and values: the rehearsal store is attacked instead")
        return AttackedStore(rehearsal.path, longest_chain(rehearsal.path)[0], is_rehearsal=True)
    with Store.open(f"sqlite:///{path}") as store:
        integrate(store)
        fill_mentions(store)
    return AttackedStore(path, coi, is_rehearsal=False)


def tried(attack: Attack, subject: AttackedStore, rehearsal: Rehearsal, folder: Path) -> Tried:
    """One attack on a copy of its own, and on a bundle of the rehearsal store."""
    own = attack.inside is not None or attack.on_bundle is not None or subject.is_rehearsal
    try:
        attacked = _attacked(attack, rehearsal.path if own else subject.path, rehearsal, folder)
    except IntegrityFailure as error:
        return Tried(attack, refused=error.code)
    if attack.on_bundle is not None:
        return Tried(attack, bundle=altered(attack, rehearsal, attacked, folder))
    alone = _steps(attacked)
    by_head = () if alone else _steps(attacked, heads=attacked.heads)
    by_receipt = () if alone else _steps(attacked, receipts=attacked.receipts)
    named = not (alone or by_head or by_receipt) and names_a_loss(verify_store(attacked.url).unchecked)
    if not own:
        attacked = _attacked(attack, rehearsal.path, rehearsal, folder)
    found = exported(rehearsal, attacked, folder)
    return Tried(attack, alone, by_head, by_receipt, named=named, bundle=found)


def _attacked(attack: Attack, source: Path, rehearsal: Rehearsal, folder: Path) -> AttackedCopy:
    """A copy of a store with the attack done to it, and the paper from before."""
    path = folder / "copy.db"
    for file in folder.glob("copy.db*"):
        file.unlink()
    copy_file(source, path)
    coi, length = longest_chain(path)
    attacked = AttackedCopy(path, coi)
    attacked.heads = [head_of_store(attacked.url)]
    attacked.keep_head(folder / "hub")
    attacked.receipt_of(length - 1)
    if attack.inside is not None:
        attack.inside(rehearsal, attacked)
    elif attack.hand is not None:
        attack.hand(attacked)
    return attacked


def _steps(
    attacked: AttackedCopy, *, heads: list[str] | None = None, receipts: list[str] | None = None
) -> tuple[Check, ...]:
    # An operator who attacks took away what was kept beside the key.
    config = attacked.kept if attacked.key is None else None
    verdict = verify_store(attacked.url, heads=heads or (), receipts=receipts or (), config=config)
    return tuple(Check(step.number) for step in verdict.steps if step.findings)


def copy_store(url: str, target: Path, say: Say = lambda _: None) -> None:
    """A SQLite copy of a store: of a file by SQLite's own backup, of a server row by row."""
    address = creation.parsed(url)
    Store.open(url, read_only=True).close()
    if address.drivername == "sqlite":
        copy_file(Path(address.database or ""), target)
        return
    say("drilling a SQLite copy made of the rows on the server")
    Store.create(f"sqlite:///{target}").close()
    source, copy = sa.create_engine(address), sa.create_engine(f"sqlite:///{target}")
    try:
        with source.connect() as reading, copy.begin() as writing:
            for table in Row.metadata.sorted_tables:
                rows = reading.execute(sa.select(table)).mappings().all()
                if rows:
                    writing.execute(sa.insert(table), [dict(row) for row in rows])
    finally:
        source.dispose()
        copy.dispose()


def _has_openings(path: Path, coi: str) -> bool:
    connection = sqlite3.connect(path)
    try:
        statement = "SELECT count(*) FROM erasable WHERE chain = ?"
        return bool(connection.execute(statement, (coi,)).fetchone()[0] >= 2)
    finally:
        connection.close()
