"""Signing in against a store: what its failures leave, and that a success forgets them."""

from pathlib import Path

import pytest

from schema.errors import SignInLocked, SignInRefused
from tests.support.commands import PASSWORDS, found
from tracker.accounts import FAILURES_MAX
from tracker.clock import SystemClock
from tracker.tracker import Environment, Tracker


def test_a_success_forgets_the_failures_before_it(tmp_path: Path) -> None:
    """Four wrong passwords, the right one, four more: nobody is locked out; after a fifth, one is."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    found(url, tmp_path)
    staff = next(iter(PASSWORDS))
    tracker = Tracker.open(url=url, environment=Environment(SystemClock(), config=tmp_path))
    station = next(iter(tracker.registry.stations))

    def fail(times: int) -> None:
        for _ in range(times):
            with pytest.raises(SignInRefused, match="password is not that of"):
                tracker.unlock(staff=staff, password="not the password", station=station)

    fail(FAILURES_MAX - 1)
    assert tracker.unlock(staff=staff, password=PASSWORDS[staff], station=station).staff == staff
    fail(FAILURES_MAX - 1)
    assert tracker.registry.locked_until(staff, station) is None
    fail(1)
    assert tracker.registry.locked_until(staff, station) is not None
    with pytest.raises(SignInLocked):
        tracker.unlock(staff=staff, password=PASSWORDS[staff], station=station)
    tracker.close()
