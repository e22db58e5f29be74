"""How times are said at the terminal, also in the night when clocks are set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from schema.zones import on_clock, zone_info
from tracker.values import DueClock
from tui.words import due, short_time


def test_logistics_t8_what_is_due_in_the_night_when_clocks_are_set() -> None:
    """01:50 -05:00 in New York on 8 March 2026 and 40 minutes: due 03:30 -04:00, 07:30Z, before and after."""
    began = datetime(2026, 3, 8, 6, 50, tzinfo=UTC)
    clock = DueClock("Thaw to infusion", "UT234567892", began + timedelta(minutes=40))
    new_york = zone_info("America/New_York")
    assert on_clock(began, new_york).isoformat() == "2026-03-08T01:50:00-05:00"
    ends = on_clock(clock.due_at, new_york)
    assert ends.isoformat() == "2026-03-08T03:30:00-04:00" and short_time(ends) == "8 Mar 03:30"
    assert ends - on_clock(began, new_york) == timedelta(minutes=40)
    for now, left in ((began, "0:40 h"), (datetime(2026, 3, 8, 7, 10, tzinfo=UTC), "0:20 h")):
        assert due(clock, on_clock(now, new_york)).endswith(f" {left} left: Thaw to infusion")
