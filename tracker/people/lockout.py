"""Lock-outs: five failures lock one person at one station for 15 minutes, nobody else (21 CFR 11.300(d))."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from schema.errors import LockedOut
from schema.instants import format_instant

FAILURES_MAX: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
"""Too slow for guessing, short enough for a shift; the paper path stays open meanwhile."""


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of one person at one station since they last signed in there."""

    staff: str
    station: str
    count: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Whether the person cannot sign in at this station now."""
        return self.locked_until is not None and now < self.locked_until


@dataclass(frozen=True, slots=True)
class Failed:
    """The state after one more failure, and whether a `locked_out` event has to be recorded now."""

    failures: Failures
    lock_out_begins: bool


def require_unlocked(failures: Failures, now: datetime) -> None:
    """Raise LockedOut while the lock-out lasts; asked before the password is looked at."""
    if failures.locked_until is not None and failures.is_locked(now):
        raise LockedOut(
            f"{failures.staff} is locked at the station {failures.station}"
            f" until {format_instant(failures.locked_until)}."
        )


def after_failure(failures: Failures, now: datetime) -> Failed:
    """One more failure; what comes during a lock-out neither counts nor makes it longer."""
    if failures.is_locked(now):
        return Failed(failures, lock_out_begins=False)
    count = 1 if failures.locked_until is not None else failures.count + 1
    if count < FAILURES_MAX:
        return Failed(replace(failures, count=count, locked_until=None), lock_out_begins=False)
    return Failed(replace(failures, count=count, locked_until=now + LOCKED_FOR), lock_out_begins=True)
