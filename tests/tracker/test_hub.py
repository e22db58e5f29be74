"""Which of two hubs goes on."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from schema.errors import StoreError
from tests.support.commands import found
from tests.support.stores import sqlite_url
from tracker.clock import SystemClock
from tracker.people.passwords import WEAK
from tracker.tracker import Environment, Tracker

pytestmark = pytest.mark.slow


class ClockAhead(SystemClock):
    """The machine's clock, some minutes later."""

    ahead = timedelta()

    def now(self) -> datetime:
        """The time now and what was set ahead."""
        return super().now() + self.ahead


class StoppedClock(SystemClock):
    """A clock that goes on when it is told."""

    def __init__(self) -> None:
        self.at = super().now()

    def now(self) -> datetime:
        """The time at which it stands."""
        return self.at


def test_the_hub_that_was_away_ends_where_another_machine_took_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a hub that reported; a second machine has to wait three minutes, and is then the only one."""
    url = sqlite_url(tmp_path / "store.db")
    found(url, tmp_path / "first")
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    clock = ClockAhead()

    def machine(name: str) -> Tracker:
        return Tracker.open(url=url, environment=Environment(clock, cost=WEAK, config=tmp_path / name))

    first, second = machine("first"), machine("second")
    one = first.hub(station=None, deliver=None, every_minutes=15)
    other = second.hub(station=None, deliver=None, every_minutes=15)

    def works_on(name: str) -> None:
        monkeypatch.setattr("platform.node", lambda: name)

    works_on("machine-1")
    one.start()
    works_on("machine-2")
    clock.ahead = timedelta(minutes=2, seconds=50)
    with pytest.raises(StoreError, match=r"Another hub reported 1[67]\d s ago: machine-1"):
        other.start()
    clock.ahead = timedelta(minutes=3, seconds=40)
    other.start()
    works_on("machine-1")
    with pytest.raises(StoreError, match=r"Another hub reported \d s ago: machine-2"):
        one.turn()
    works_on("machine-2")
    assert other.turn().trouble is None
    one.stop()
    other.stop()
    first.close()
    second.close()


def test_a_report_every_quarter_of_an_hour_and_a_beat_every_half_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the millisecond: not a turn before, and the turn at which it is time."""
    url = sqlite_url(tmp_path / "store.db")
    found(url, tmp_path / "first")
    clock = StoppedClock()
    tracker = Tracker.open(url=url, environment=Environment(clock, cost=WEAK, config=tmp_path / "first"))
    reports: list[bytes] = []
    hub = tracker.hub(station=None, deliver=reports.append, every_minutes=15)
    beats: list[tuple[datetime, str]] = []
    monkeypatch.setattr(tracker, "note_hub", lambda *, trouble: beats.append((clock.now(), trouble)))
    hub.start()
    begun = clock.now()
    turns = ((0, True), (29_999, False), (1, False), (869_999, False), (1, True))
    for milliseconds, reported in turns:
        clock.at += timedelta(milliseconds=milliseconds)
        turn = hub.turn()
        assert (turn.reported, turn.trouble) == (reported, None)
    assert len(reports) == 2 and all(one.startswith(b"%PDF") for one in reports)
    assert [((at - begun).total_seconds(), trouble) for at, trouble in beats] == [
        (0, ""),
        (30, ""),
        (899.999, ""),
    ]
    hub.stop()
    tracker.close()
