"""When the hub counts as absent, and what an administrator is told, by values written out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.views.hub import HubStatus, StationSeen, absence

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WELL = HubStatus(
    at=NOW,
    hub_seen_at=NOW - timedelta(seconds=20),
    hub_instance="hub-1 411",
    hub_trouble="",
    waiting=0,
    unsigned=0,
    unsigned_since=None,
    backup_at=NOW - timedelta(hours=3),
    clock_difference=timedelta(seconds=1),
    stations=(
        StationSeen("CHAIR-1", "CLINIC", NOW - timedelta(minutes=1)),
        StationSeen("NEW-1", "CLINIC", None),
    ),
    disk_free_bytes=50_000_000_000,
)


def ago(**span: float) -> datetime:
    """A moment before now."""
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("seen", "unsigned_since", "absent_since"),
    [
        (ago(seconds=20), None, None),
        (ago(minutes=3), ago(hours=1), None),
        (ago(minutes=3, seconds=1), None, ago(minutes=3, seconds=1)),
        (ago(hours=5), ago(hours=2), ago(hours=2)),
        (ago(hours=2), ago(hours=5), ago(hours=2)),
        (ago(hours=5), ago(minutes=2), ago(hours=5)),
        # No service ever ran: a terminal on the hub's machine signs in time, or it does not.
        (None, None, None),
        (None, ago(minutes=3), None),
        (None, ago(minutes=4), ago(minutes=4)),
    ],
)
def test_findings_e4_since_when_it_is_absent(
    seen: datetime | None, unsigned_since: datetime | None, absent_since: datetime | None
) -> None:
    """Three minutes without a word, or entries that nobody signed for as long."""
    status = replace(WELL, hub_seen_at=seen, unsigned_since=unsigned_since)
    assert status.absent_since == absent_since
    notice = absence(status)
    assert (notice is None) is (absent_since is None)
    assert notice is None or "Recording goes on" in notice.remedy


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"hub_seen_at": ago(minutes=4)}, "No hub has reported since 2026-11-30T11:56:00.000Z"),
        ({"hub_trouble": "The disk is full."}, "The hub reports: The disk is full."),
        ({"unsigned": 106, "unsigned_since": ago(minutes=4)}, "106 entries are under no signed head"),
        ({"backup_at": None}, "No backup was ever made"),
        ({"backup_at": ago(hours=26)}, None),
        ({"backup_at": ago(hours=26, seconds=1)}, "The last backup is of 2026-11-29T09:59:59.000Z"),
        ({"clock_difference": timedelta(seconds=30)}, None),
        ({"clock_difference": timedelta(seconds=-31)}, "differs from the database server's by -31 s"),
        ({"clock_difference": None}, None),
        ({"disk_free_bytes": 999_999_999}, "999 MB are left"),
        ({"disk_free_bytes": None}, None),
        ({"stations": (StationSeen("CHAIR-1", "CLINIC", ago(days=1, seconds=1)),)}, "The station CHAIR-1"),
        ({"stations": (StationSeen("CHAIR-1", "CLINIC", ago(days=1)),)}, None),
    ],
)
def test_what_an_administrator_is_told(changes: dict[str, object], said: str | None) -> None:
    """One sentence for each thing that is not as it should be, and none for what is."""
    status = replace(WELL, **changes)  # type: ignore[arg-type]
    problems = [*status.problems()]
    assert len(problems) == (said is not None), problems
    assert said is None or said in problems[0]
    assert status.to_json()["problems"] == problems
