"""Where the time comes from: the station's clock, or a simulated one that only a demo store accepts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

from schema.instants import to_milliseconds


class Clock(Protocol):
    """Gives the time as the ledger can hold it."""

    def now(self) -> datetime:
        """The time, aware, in UTC, in whole milliseconds."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """The machine's time."""
        return to_milliseconds(datetime.now(UTC))


class SimulatedClock:
    """A clock that stands where it was set, for a demo's history."""

    def __init__(self, start: datetime) -> None:
        self._now = to_milliseconds(start.astimezone(UTC))

    def now(self) -> datetime:
        """The simulated time."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Let the time be that moment; it never runs back."""
        self._now = max(self._now, to_milliseconds(moment.astimezone(UTC)))

    def advance(self, span: timedelta) -> None:
        """Let some time pass."""
        self.set(self._now + span)
