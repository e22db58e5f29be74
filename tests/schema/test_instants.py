"""Times of the ledger as people read them."""

from datetime import UTC, datetime, timedelta

from schema.instants import format_apart


def test_two_times_that_are_held_against_each_other_are_told_apart() -> None:
    """To the minute; to the second where both are in one minute."""
    first = datetime(2026, 11, 30, 23, 10, 30, tzinfo=UTC)
    assert format_apart((first, first + timedelta(seconds=20)), "-05:00") == [
        "2026-11-30 18:10:30 (-05:00)",
        "2026-11-30 18:10:50 (-05:00)",
    ]
    assert format_apart((first, first + timedelta(minutes=1)), "-05:00") == [
        "2026-11-30 18:10 (-05:00)",
        "2026-11-30 18:11 (-05:00)",
    ]
