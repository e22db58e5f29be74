"""Deciding again when somebody else was faster, and asking again when the database was lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from schema.errors import OutcomeUnknown, StoreBusy, StoreUnreachable
from tracker.ledger.conflicts import Conflict
from tracker.ledger.outage import patience

T = TypeVar("T")

TIMES = 20
"""With random pauses even 32 writers on one chain all get through; more losses mean something is wrong."""

_PAUSE_SECONDS = 0.002
_PAUSE_SECONDS_MAX = 0.1


def retrying(work: Callable[[], T], *, times: int = TIMES) -> T:
    """The work's result, repeated after each conflict, and for a minute while the database is lost or locked.

    The work must load, decide and write everything itself, and know by an event id or a key what it wrote
    before: it is called once for each attempt. Raises StoreBusy when others won every time, StoreUnreachable
    where nothing was written, and OutcomeUnknown where that is not known. Within a transaction or another
    such work a lost database is not waited for: only what began the request can do all of it again.
    """
    doubt: OutcomeUnknown | None = None
    with patience() as (wait, begins_here):
        while True:
            try:
                if doubt is not None and doubt.settle is not None:
                    doubt.settle()
                return _deciding_again(work, times)
            except OutcomeUnknown as error:
                if not begins_here or error.settle is None:
                    raise
                doubt = error
                wait.pause(error)
            except StoreUnreachable as error:
                if not begins_here:
                    raise
                wait.pause(error, doubt)
            except StoreBusy as error:
                # Who holds the lock, maybe an attempt of our own, may be waiting for a standby that is lost.
                if not begins_here or (doubt is None and error.since is None):
                    raise
                wait.pause(error, doubt)


def _deciding_again(work: Callable[[], T], times: int) -> T:
    reason: Conflict | None = None
    for attempt in range(times):
        try:
            return work()
        except Conflict as conflict:
            reason = conflict
        longest = min(_PAUSE_SECONDS_MAX, _PAUSE_SECONDS * 2**attempt)
        time.sleep(random.uniform(0, longest))  # noqa: S311  spreads the attempts, guards no secret
    raise StoreBusy(f"After {times} attempts {reason} each time before this request was recorded.")
