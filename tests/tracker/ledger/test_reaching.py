"""Windows over the read tables: boxes on their way and codes by their beginning, on both engines."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.support.stores import CHAIN, OTHER_CHAIN, UNIT, code_row, unit_row
from tracker.ledger import reaching
from tracker.ledger.store import Store
from tracker.views.finding import cois_beginning

BOX, OTHER_BOX = "BD234567892", "BD234567893"
OTHER_UNIT = "UD234567893"
DIN = "A999926000123"


def filled(store: Store) -> None:
    """Two boxes of two therapies, a unit in none, and codes of ours and of others."""
    with store.begin() as transaction:
        transaction.put_units(
            [
                unit_row(box=OTHER_BOX),
                unit_row(OTHER_UNIT, OTHER_CHAIN, box=BOX),
                unit_row("UD234567894", OTHER_CHAIN),
            ]
        )
        transaction.put_codes(
            [
                code_row(CHAIN, object_type="C", object_id=CHAIN),
                code_row(UNIT),
                code_row(OTHER_UNIT, OTHER_CHAIN, object_id=OTHER_UNIT),
                code_row(f"HOSPITAL|din|{DIN}", issuer="HOSPITAL", value=DIN),
                code_row("MAKER|lot|Zürich-7", OTHER_CHAIN, issuer="MAKER", value="Zürich-7"),
            ]
        )


def test_units_in_boxes_come_box_by_box(store: Store) -> None:
    """What is in no box is not read; a limit cuts after whole units."""
    filled(store)
    with store.read() as transaction:
        found = [(row.box, row.unit) for row in transaction.units_boxed(limit=10)]
        assert found == [(BOX, OTHER_UNIT), (OTHER_BOX, UNIT)]
        assert [row.box for row in transaction.units_boxed(limit=1)] == [BOX]


def test_a_therapy_is_found_by_what_can_be_typed_of_a_code(store: Store) -> None:
    """A beginning, in small letters too, with the marks of a printed code or as another issuer writes it."""
    filled(store)

    def search(text: str) -> tuple[str, ...]:
        with store.read() as transaction:
            return cois_beginning(transaction, text, limit=5)

    assert search(CHAIN) == search(CHAIN[:9].lower()) == search(UNIT) == search(f"CT{UNIT}6L") == (CHAIN,)
    assert search(DIN) == search(DIN[:6]) == (CHAIN,)
    assert search("Zür") == search("Zürich-7") == (OTHER_CHAIN,)
    assert set(search("UD23456789")) == {CHAIN, OTHER_CHAIN}
    assert search("") == search("  ") == search("UD9") == search("%") == search("_") == ()


def test_no_more_than_asked_for(store: Store) -> None:
    """A palette is read, not scrolled."""
    filled(store)
    with store.read() as transaction:
        assert len(cois_beginning(transaction, "UD", limit=1)) == 1


def test_both_are_read_from_an_index(sqlite_path: Path) -> None:
    """Neither list nor search goes through the whole table, however large it has become."""
    connection = sqlite3.connect(sqlite_path)
    for statement in (reaching._BOXED, reaching._beginning("code"), reaching._beginning("value")):
        values = ["1"] * statement.sqlite.count("?")
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", values)]
        assert plan and all(step.startswith("SEARCH") for step in plan), (statement.sqlite, plan)
    connection.close()
