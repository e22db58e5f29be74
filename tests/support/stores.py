"""Stores for tests, copies of one that was migrated and never made from metadata, and entries for them."""

import itertools
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import URL, make_url

from schema.entry import Entry, Head, Statement
from schema.events.custody import Stored
from schema.tables import CodeRow, TherapyRow, UnitRow, hour_of, tuple_of
from schema.vocabulary import EntryMode
from tests.support.postgres import database
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
CHAIN = "CD234567892"
OTHER_CHAIN = "CD234567893"
UNIT = "UD234567892"

_numbers = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address at which nothing is yet, on each engine in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "store.db")
    url: str = request.getfixturevalue("fresh_postgres")
    return url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new SQLite store to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"
    Store.create(sqlite_url(path)).close()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: URL) -> Iterator[str]:
    """The name of a database with a new store, for PostgreSQL to copy."""
    with database(postgres_server) as url:
        Store.create(url).close()
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new store, on each engine in turn."""
    if request.param == "sqlite":
        yield sqlite_url(new_store(request.getfixturevalue("migrated_file"), tmp_path))
        return
    server, template = (request.getfixturevalue(name) for name in ("postgres_server", "migrated_postgres"))
    with database(server, template) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A new store, open, on each engine in turn."""
    with Store.open(store_url) as opened:
        yield opened


@pytest.fixture
def sqlite_path(migrated_file: Path, tmp_path: Path) -> Path:
    """The file of a new SQLite store."""
    return new_store(migrated_file, tmp_path)


def new_store(migrated: Path, folder: Path) -> Path:
    """A copy of a store with its mode, which lets only its owner read it."""
    return Path(shutil.copy(migrated, folder / "store.db"))


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file."""
    return f"sqlite:///{path}"


def new_event_id() -> str:
    """A UUIDv7 in form, different each time."""
    return str(UUID(int=(next(_numbers) << 80) | 7 << 76 | 2 << 62 | 5))


def entry_of(
    chain: str = CHAIN,
    sequence: int = 0,
    *,
    previous: Head | None = None,
    event_id: str | None = None,
    recorded_at: datetime = MORNING,
) -> Entry:
    """An entry that is right in form; nobody signed it."""
    event_id = event_id or new_event_id()
    statement = Statement(
        event_id=event_id,
        act=event_id,
        chain=chain,
        occurred_at=recorded_at,
        offset="+01:00",
        actor="NURSE-1",
        station="HUB-1",
        site="LAB",
        mode=EntryMode.LIVE,
        entered_by="NURSE-1",
        payload=Stored(units=(UNIT,), location="LD234567892"),
    )
    return Entry(
        sequence=sequence,
        previous=None if previous is None else previous.digest,
        registry=None,
        recorded_at=recorded_at,
        statement=statement,
    )


def append_next(transaction: Transaction, chain: str = CHAIN, *, event_id: str | None = None) -> Entry:
    """Put one more entry at the end of a chain."""
    head = transaction.head(chain)
    sequence = 0 if head is None else head.sequence + 1
    entry = entry_of(chain, sequence, previous=head, event_id=event_id)
    transaction.append([entry])
    return entry


def fill(store: Store, count: int, chain: str = CHAIN) -> list[Entry]:
    """A chain with so many entries, in one transaction."""
    with store.begin() as transaction:
        return [append_next(transaction, chain) for _ in range(count)]


def therapy_row(coi: str = CHAIN, *, minute: int = 0, **changes: Any) -> TherapyRow:
    """A line of the board."""
    updated_at = MORNING + timedelta(minutes=minute)
    values: dict[str, Any] = {
        "coi": coi,
        "sequence": 0,
        "stage": "collection",
        "status": "active",
        "protocol": "AUTOLOGOUS",
        "protocol_version": "1",
        "collection_site": "CLINIC",
        "manufacturing_site": "PLANT",
        "treatment_site": "CLINIC",
        "waits_until": "none",
        "breach_at": "none",
        "at_risk": False,
        "begun": True,
        "promised": None,
        "stalled_at": None,
        "noted_at": None,
        "duty_from": None,
        "attention": (),
        "document": '{"last_kind":"enrolled","last_actor":"NURSE-1",'
        '"last_at":"2026-01-05T08:00:00.000Z","clocks":[],"endings":[],"eta":{},"left":{}}',
        "updated_at": updated_at,
        "updated_hour": hour_of(updated_at),
    }
    return tuple_of(TherapyRow)(**{**values, **changes})


def unit_row(unit: str = UNIT, coi: str = CHAIN, **changes: Any) -> UnitRow:
    """A line for one unit."""
    values: dict[str, Any] = {
        "unit": unit,
        "coi": coi,
        "sequence": 0,
        "material": "leukapheresis",
        "custodian_type": "person",
        "custodian": "NURSE-1",
        "site": "CLINIC",
        "location": None,
        "box": None,
        "data_logger": None,
        "cassette": None,
        "disposition": None,
        "quarantined": False,
        "final_disposition": None,
        "handoff": None,
        "document": '{"facts":{}}',
    }
    return tuple_of(UnitRow)(**{**values, **changes})


def code_row(code: str = UNIT, coi: str = CHAIN, **changes: Any) -> CodeRow:
    """What one code stands for."""
    values: dict[str, Any] = {
        "code": code,
        "coi": coi,
        "sequence": 0,
        "object_type": "U",
        "object_id": UNIT,
        "issuer": None,
        "value": None,
        "status": "valid",
    }
    return tuple_of(CodeRow)(**{**values, **changes})
