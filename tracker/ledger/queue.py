"""A queue of writers across threads and processes, since SQLite itself lets the fastest go first.

Two lock files beside the database make a turnstile: a writer first takes the gate, then waits at the gate for
the turn, and leaves the gate open behind it. Whoever has just written finds the gate held by the next, so
nobody goes twice while somebody waits there. The locks only order the writers; correctness is SQLite's.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from pathlib import Path

from schema.errors import StoreBusy

_GATE_PAUSE_SECONDS = 0.0008
_TURN_PAUSE_SECONDS = 0.00005
"""At the turn only one waits, so it may look often; at the gate all others do."""


class QueuePlace:
    """One connection's place: its own open files, since a lock belongs to an open file, not to a thread."""

    def __init__(self, database: Path, mode: int) -> None:
        self._database = database
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._gate = os.open(f"{database}-gate", flags, mode)
        try:
            self._turn = os.open(f"{database}-turn", flags, mode)
        except OSError:
            os.close(self._gate)
            raise

    def enter(self, timeout: float) -> None:
        """Wait for the turn; raises StoreBusy after the timeout."""
        if not _locked(self._gate):
            self._wait(self._gate, timeout, _GATE_PAUSE_SECONDS)
        try:
            if not _locked(self._turn):
                self._wait(self._turn, timeout, _TURN_PAUSE_SECONDS)
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def leave(self) -> None:
        """Let the next one write."""
        fcntl.flock(self._turn, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the files; their locks go with them."""
        os.close(self._turn)
        os.close(self._gate)

    def _wait(self, descriptor: int, timeout: float, pause: float) -> None:
        # A blocking flock would wake sooner but cannot be given up, and a stopped process may hold the lock.
        deadline = time.monotonic() + timeout
        while not _locked(descriptor):
            if time.monotonic() > deadline:
                raise StoreBusy(f"{self._database} was in use by another writer for more than {timeout:g} s.")
            time.sleep(pause * (0.5 + random.random()))  # noqa: S311  spreads the waiting, guards no secret


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
