"""What is booked, as Today reads it: by the day and the place, however many therapies there are."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from schema.tables import PlanMilestoneRow, SlotUseRow, tuple_of
from tests.support.stores import MORNING, therapy_row
from tracker.ledger import board, plans, slots
from tracker.ledger.board import BoardFilter
from tracker.ledger.store import Store
from tracker.rules.standing import Standing

DAY = timedelta(days=1)


def test_logistics_t5_what_is_due_and_at_risk_is_read_from_an_index(sqlite_path: Path) -> None:
    """No look at the morning reads all therapies, or sorts what it reads."""
    asked = {
        plans._due(False): {"ix_plan_milestone_leaves"},
        plans._due(True): {"ix_plan_milestone_place", "ix_plan_milestone_site"},
        plans._BEGINS_AT: {"ix_plan_milestone_site"},
        plans._FETCHED: {"ix_plan_milestone_lane"},
        slots._BEGUN: set(),
        slots._COUNTED_ON: set(),
        board._section(Standing.AT_RISK, False, False, "promised", False): {"ix_therapy_at_risk"},
        board._section(Standing.LATE, False, False, "promised", False): {"ix_therapy_waits"},
    }
    connection = sqlite3.connect(sqlite_path)
    for statement, indexes in asked.items():
        values = ["x"] * statement.sqlite.count("?")
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", values)]
        used = {step.split("USING INDEX ")[1].split()[0] for step in plan if "USING INDEX" in step}
        assert used == indexes
        assert not [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step]
    connection.close()


def row(coi: str, name: str, leaves: datetime, **changes: Any) -> PlanMilestoneRow:
    values: dict[str, Any] = {
        "coi": coi, "name": name, "sequence": 1, "site": "MFG-1", "place": "MFG-1", "resource": "MFG-1",
        "leaves_at": leaves, "starts_at": leaves, "ends_at": leaves, "lane": None, "done_at": None,
    }  # fmt: skip
    return tuple_of(PlanMilestoneRow)(**{**values, **changes})


def test_what_runs_and_has_nothing_booked(store: Store) -> None:
    """Given a promise whose plan was given back, it has none, as one without any promise."""
    rows = {
        letter: therapy_row(f"CD{letter}", promised=promised, status=status)
        for letter, promised, status in (
            ("2", None, "active"), ("3", "2026-01-20", "active"), ("4", "2026-01-20", "active"),
            ("5", None, "closed"),
        )
    }  # fmt: skip
    with store.begin() as transaction:
        for one in rows.values():
            transaction.put_therapy(one)
        transaction.put_milestones([row("CD4", "start", MORNING)])
    asked = BoardFilter(MORNING, MORNING, unplanned=True)
    with store.read() as transaction:
        found = [
            one for standing in Standing for one in transaction.therapies_standing(standing, asked, limit=9)
        ]
        assert found == [rows["2"], rows["3"]]
        assert sum(one.unplanned for one in transaction.board_counts(BoardFilter(MORNING, MORNING))) == 2


def test_what_is_due_between_two_moments_at_a_site_and_everywhere(store: Store) -> None:
    """Soonest first; what is carried is due where it leaves and where it arrives; nothing that is done."""
    start = row("CD2", "start", MORNING + DAY)
    carried = row("CD3", "receipt", MORNING, place="COLL-A", starts_at=MORNING + DAY, lane="L1")
    later = row("CD2", "release", MORNING + 9 * DAY)
    done = row("CD4", "start", MORNING, done_at=MORNING)
    with store.begin() as transaction:
        transaction.put_milestones([start, carried, later, done])
    span = (MORNING, MORNING + 2 * DAY)
    with store.read() as transaction:
        assert transaction.milestones_due(*span, limit=9) == [carried, start]
        assert transaction.milestones_due(*span, limit=9, site="MFG-1") == [carried, start]
        assert transaction.milestones_due(*span, limit=1, site="MFG-1") == [carried]
        assert transaction.milestones_due(*span, limit=9, site="COLL-A") == [carried]
        assert transaction.milestones_due(*span, limit=9, site="TREAT-A") == []
        assert transaction.milestones_of("CD2") == [later, start]
    moved = row("CD2", "start", MORNING + 3 * DAY)
    with store.begin() as transaction:
        transaction.put_milestones([moved])
        transaction.drop_milestones([later])
    with store.read() as transaction:
        assert transaction.milestones_of("CD2") == [moved]
        assert transaction.milestones_due(*span, limit=9) == [carried]


def test_logistics_t5_what_begins_and_is_fetched_on_closed_days(store: Store) -> None:
    """Wherever it leaves from and however long before; nothing that is done or goes by another carrier."""
    carried = row("CD3", "receipt", MORNING - DAY, place="COLL-A", starts_at=MORNING, lane="L1")
    other = row("CD4", "receipt", MORNING - DAY, place="COLL-A", starts_at=MORNING + DAY, lane="L2")
    done = row("CD5", "start", MORNING, done_at=MORNING)
    with store.begin() as transaction:
        transaction.put_milestones([carried, other, done])
    with store.read() as transaction:
        assert transaction.begins_at("MFG-1", MORNING, MORNING + DAY, limit=9) == ["CD3"]
        assert transaction.begins_at("COLL-A", MORNING - DAY, MORNING + DAY, limit=9) == []
        before = (MORNING - DAY, MORNING)
        assert transaction.fetched_by("L1", *before, limit=9) == ["CD3"]
        assert transaction.fetched_by("L1", MORNING, MORNING + DAY, limit=9) == []


def test_logistics_t5_who_only_stays_does_not_hide_who_begins_on_a_closed_day(store: Store) -> None:
    """However many lie in their beds over a weekend, the one that is to begin then is found."""
    use = tuple_of(SlotUseRow)
    rows = [
        use(resource="T/BED", day="2026-01-10", coi=coi, milestone="infusion", begins=begins, sequence=1)
        for coi, begins in (("CD2", 0), ("CD3", 0), ("CD4", 1), ("CD5", 1))
    ]
    with store.begin() as transaction:
        transaction.put_slots(rows)
    with store.read() as transaction:
        days = ("2026-01-10", "2026-01-11")
        assert transaction.begun_on("T/BED", *days, limit=1) == ["CD4"]
        assert transaction.slots_counted_on("T/BED", *days) == {"2026-01-10": (2, 4)}
