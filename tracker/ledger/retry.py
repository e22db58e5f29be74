"""Deciding again when somebody else was faster."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from schema.errors import StoreBusy
from tracker.ledger.conflicts import Conflict

T = TypeVar("T")

TIMES = 20
"""With random pauses even 32 writers on one chain all get through; more losses mean something is wrong."""

_PAUSE_SECONDS = 0.002
_PAUSE_SECONDS_MAX = 0.1


def retrying(work: Callable[[], T], *, times: int = TIMES) -> T:
    """The work's result, repeated after each conflict; raises StoreBusy when others won every time.

    The work must load, decide and write everything itself: it is called once for each attempt.
    """
    reason: Conflict | None = None
    for attempt in range(times):
        try:
            return work()
        except Conflict as conflict:
            reason = conflict
        longest = min(_PAUSE_SECONDS_MAX, _PAUSE_SECONDS * 2**attempt)
        time.sleep(random.uniform(0, longest))  # noqa: S311  spreads the attempts, guards no secret
    raise StoreBusy(f"After {times} attempts {reason} each time before this request was recorded.")
