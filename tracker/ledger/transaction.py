"""One transaction on a store: everything that is read and written together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from schema.tables import SharedRow, table_of
from tracker.ledger import compiled
from tracker.ledger.benches import BenchRecords
from tracker.ledger.board import BoardRecords
from tracker.ledger.condition_files import ConditionFiles
from tracker.ledger.conflicts import SharedConflict
from tracker.ledger.deviations import DeviationRecords
from tracker.ledger.engine import Dialect, Record, Session
from tracker.ledger.entries import EntryRecords
from tracker.ledger.handed_on import HandedOnRecords
from tracker.ledger.histories import HistoryRecords
from tracker.ledger.log import LogRecords
from tracker.ledger.mentions import MentionRecords
from tracker.ledger.opened import OpenedRecords
from tracker.ledger.openings import OpeningRecords
from tracker.ledger.papers import PaperRecords
from tracker.ledger.plans import PlanRecords
from tracker.ledger.presence import PresenceRecords
from tracker.ledger.prints import CopyRecords
from tracker.ledger.reaching import ReachRecords
from tracker.ledger.shipments import ShipmentRecords
from tracker.ledger.signin import SignInRecords
from tracker.ledger.slots import SlotRecords
from tracker.ledger.storage import StorageRecords
from tracker.ledger.uses import UseRecords

_SHARED: Final = table_of(SharedRow)
_VERSION: Final = compiled.select(_SHARED, "name", columns=("version",))
_FIRST_VERSION: Final = compiled.insert_unless_there(_SHARED)
_RAISED: Final = compiled.insert_or_count(_SHARED, "version")
_NEXT_VERSION: Final = compiled.fixed(
    sa.update(_SHARED)
    .values(version=_SHARED.c.version + sa.literal_column("1"))
    .where(_SHARED.c.name == sa.bindparam("row_name"), _SHARED.c.version == sa.bindparam("seen")),
    *("row_name", "seen"),
)


class Transaction(
    EntryRecords,
    OpeningRecords,
    PaperRecords,
    ConditionFiles,
    BoardRecords,
    ReachRecords,
    BenchRecords,
    DeviationRecords,
    UseRecords,
    SlotRecords,
    PlanRecords,
    ShipmentRecords,
    StorageRecords,
    HistoryRecords,
    MentionRecords,
    SignInRecords,
    PresenceRecords,
    OpenedRecords,
    HandedOnRecords,
    CopyRecords,
    LogRecords,
):
    """What Store.begin and Store.read give; it ends with their block, and nothing of it can be used later."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._depth = 0
        self._erased = False

    @property
    def dialect(self) -> Dialect:
        """Which engine this runs on."""
        return self._session.dialect

    @property
    def others_commit(self) -> bool:
        """Whether two reads of it may differ by what another one committed; SQLite shows it one state."""
        return self.dialect != "sqlite"

    @property
    def has_erased(self) -> bool:
        """Whether something was deleted that must not be found on the disk afterwards."""
        return self._erased

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that is undone alone when an exception leaves it."""
        self._depth += 1
        name = f"part_{self._depth}"
        self._session.command(f"SAVEPOINT {name}")
        try:
            yield
            # A clash inside has to show here, while the part can be undone alone.
            self._session.settle()
            self._session.command(f"RELEASE SAVEPOINT {name}")
        except BaseException:
            self._session.abandon()
            self._session.command(f"ROLLBACK TO SAVEPOINT {name}")
            self._session.command(f"RELEASE SAVEPOINT {name}")
            raise
        finally:
            self._depth -= 1

    def await_replication(self) -> None:
        """Let the end of this transaction wait until all it saw is safe: an answer given again says so."""
        self._session.await_replication()

    def query(self, text: str) -> list[Record]:
        """The rows of a fixed question about the server itself."""
        return self._session.query(text)

    def version(self, name: str) -> int:
        """The version of a shared row, 0 before its first use."""
        row = self._session.one(_VERSION, (name,))
        return 0 if row is None else int(row[0])

    def bump(self, name: str, seen: int) -> int:
        """Raise the version that was seen when deciding; raises SharedConflict when it is no longer that."""
        if seen == 0:
            hit = self._session.change(_FIRST_VERSION, (name, 1))
        else:
            hit = self._session.change(_NEXT_VERSION, (name, seen))
        if not hit:
            raise SharedConflict(name)
        return seen + 1

    def touch(self, name: str) -> None:
        """Raise a version whatever it is: who decided by the one before and has not committed decides again.

        Who does the same at once waits for the end of this transaction, and then goes on.
        """
        self._session.change(_RAISED, (name, 1))

    def count_again(self, event_id: str) -> None:
        """Count one more attempt of which this event is the evidence; nothing is written in a chain."""
        name = f"again:{event_id}"
        self.bump(name, self.version(name))

    def counted_again(self, event_id: str) -> int:
        """How often the attempt of which this event is the evidence was made again."""
        return self.version(f"again:{event_id}")

    def database_now(self) -> datetime | None:
        """The database server's clock; None on SQLite, whose clock is this machine's."""
        if self.dialect == "sqlite":
            return None
        moment: datetime = self._session.query("SELECT CURRENT_TIMESTAMP")[0][0]
        return moment
