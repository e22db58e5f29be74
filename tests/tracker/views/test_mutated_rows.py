"""Changed rows beside the record are said to be that, and no fault of the program or of who asks."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from schema.errors import ReadTableDiffers
from tracker.demo.run import DemoResult
from tracker.ledger.repeated import STATUSES
from tracker.rules.therapy_state import TherapyStatus
from tracker.tracker import Tracker


@pytest.fixture(scope="module")
def store(demo_result: DemoResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo whose rows are changed and put back."""
    path = tmp_path_factory.mktemp("mutated") / "demo.db"
    shutil.copyfile(demo_result.folder / "cartrail.db", path)
    return path


@pytest.fixture(scope="module")
def tracker(store: Path) -> Iterator[Tracker]:
    """The copy, opened for reading."""
    opened = Tracker.open(url=f"sqlite:///{store}", read_only=True)
    yield opened
    opened.close()


@contextmanager
def changed(store: Path, table: str, column: str, value: str) -> Iterator[str]:
    """One row of a running therapy with another value; its therapy."""
    where = "status = 'active'" if table == "therapy" else "final_disposition IS NULL AND site = 'COLL-A'"
    with sqlite3.connect(store) as connection:
        row = connection.execute(f"SELECT rowid, coi, {column} FROM {table} WHERE {where} LIMIT 1").fetchone()
        update = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
        connection.execute(update, (value, row[0]))
    try:
        yield row[1]
    finally:
        with sqlite3.connect(store) as connection:
            connection.execute(update, (row[2], row[0]))


CLOCK = '{"title": "x", "unit": "U", "began_at": null, "due_at": "soon"}'
SAID = '"last_kind": "stored", "last_actor": "TECH-1", "last_at": "2026-03-02T08:00:00.000Z"'


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("therapy", "document", "{"),
        ("therapy", "document", "[]"),
        ("therapy", "document", "{}"),
        ("therapy", "document", f'{{{SAID}, "clocks": [{CLOCK}]}}'),
        ("therapy", "updated_at", "never"),
        ("therapy", "status", "x"),
        ("therapy", "status", ""),
        ("therapy", "attention", "{"),
        ("unit", "material", ""),
        ("unit", "custodian_type", "alien"),
        ("unit", "document", "[]"),
    ],
)
def test_a_changed_row_is_an_integrity_failure(
    store: Path, tracker: Tracker, table: str, column: str, value: str
) -> None:
    """Given one changed value, board and therapy say so with what to run, and work again once it is back."""
    with changed(store, table, column, value) as coi:
        with pytest.raises(ReadTableDiffers) as board:
            list(tracker.read.whole_board())
        with pytest.raises(ReadTableDiffers):
            tracker.read.journey(coi=coi)
    assert board.value.exit_code == 4 and board.value.code == "read_table_differs"
    assert board.value.message.startswith(f"The table {table}, which only repeats the record, ")
    assert board.value.remedy.startswith("Nothing of the record is lost: ")
    assert "`cartrail verify`" in board.value.remedy
    assert list(tracker.read.whole_board())


def test_an_unknown_status_is_never_done(store: Path, tracker: Tracker) -> None:
    """Given one, neither a page nor the counts of the board leave it out or count it as ended."""
    with changed(store, "therapy", "status", "x"):
        with pytest.raises(ReadTableDiffers, match="says that 'x' is no status of a therapy"):
            tracker.read.board_counts()
        with pytest.raises(ReadTableDiffers, match="'x'"):
            tracker.read.board_page(limit=5)


def test_what_lies_at_a_site(store: Path, tracker: Tracker) -> None:
    """Given a unit there of no material, the work that waits is not judged by it."""
    with changed(store, "unit", "material", ""), pytest.raises(ReadTableDiffers, match="table unit"):
        tracker.read.units_at(site="COLL-A")


def test_every_status_is_known() -> None:
    """The ledger knows the words of the rules, which stand above it."""
    assert set(STATUSES) == {one.value for one in TherapyStatus}
