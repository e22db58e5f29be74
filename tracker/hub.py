"""The hub's service beside the log key: integrate, sign, say that it is there, keep paper, hand on alerts."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from labels.papers.outage import outage_pdf
from schema.errors import CartrailError, IntegrityFailure, StoreError
from tracker.downtime.outage import outage_report
from tracker.handing_on import HandOn, trouble_of
from tracker.open_store import OpenStore
from tracker.site_command import SiteCommand
from tracker.views.hub import STATION, TWO_HUBS, HubStatus

BEAT_EVERY: Final = timedelta(seconds=30)
HAND_ON_EVERY: Final = timedelta(seconds=30)
REPORT_EVERY: Final = timedelta(minutes=15)
LOCK_FILE: Final = "hub.lock"

Deliver = Callable[[bytes], None]
"""Puts the PDF of the downtime report where the site wants it; raises CartrailError where that fails."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of the service did."""

    tree_size: int = 0
    added: int = 0
    reported: bool = False
    handed_on: int = 0
    """How often the site's command took alerts."""

    not_handed_on: str = ""
    """What the command came to that took none; it is tried again."""

    trouble: CartrailError | None = None


class Hub:
    """The one service of a store that signs its log; a turn every few seconds.

    It also says that the station is there which its machine is, where the machine is one.
    """

    def __init__(
        self,
        opened: OpenStore,
        *,
        site: str,
        station: str | None,
        deliver: Deliver | None,
        every: timedelta = REPORT_EVERY,
        hand_on: SiteCommand | None = None,
    ) -> None:
        self._opened = opened
        self._site = site
        self._station = station
        self._deliver = deliver
        self._every = every
        self._hand_on = None if hand_on is None else HandOn(opened, hand_on)
        self._handed_on: float | None = None
        self._beaten: datetime | None = None
        self._reported: datetime | None = None
        self._lock: int | None = None

    def start(self) -> None:
        """Become the hub; raises StoreError without the log's key, or where another hub is at work."""
        self._require_key()
        self._lock = _locked(self._opened.log.folder / LOCK_FILE)
        try:
            self._beat(None)
        except CartrailError:
            self.stop()
            raise

    def turn(self) -> Turn:
        """Take in, sign, and beat or report when it is time; what failed is in the answer.

        Raises what no later turn mends: IntegrityFailure where the log does not continue what was signed,
        and StoreError where another machine became the hub while this one was away.
        """
        done = Turn()
        broken: CartrailError | None = None
        try:
            # A copy put in place of the store may have nothing to sign; the head kept here tells even so.
            self._opened.log.require_not_set_back()
            advanced = self._opened.integrate()
            done = replace(done, tree_size=advanced.integration.tree_size, added=advanced.integration.added)
            self._require_key()
            done = replace(done, reported=self._report_if_due())
            done = self._hand_on_if_due(done)
        except IntegrityFailure as error:
            broken, done = error, replace(done, trouble=error)
        except CartrailError as error:
            done = replace(done, trouble=error)
        try:
            self._beat(done.trouble)
        except CartrailError as error:
            broken = error if error.code == TWO_HUBS else broken
            done = replace(done, trouble=done.trouble or error)
        if broken is not None:
            raise broken
        return done

    def stop(self) -> None:
        """Let another hub start."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _require_key(self) -> None:
        """It can go away while the hub runs; without it everything is taken in and nothing signed."""
        if not self._opened.log.is_hub:
            raise StoreError(
                "The key of the log is not on this machine, so it cannot be the hub.",
                remedy="Start it where `cartrail init` was run, or put log.key into the key folder here.",
                code="no_log_key",
            )

    def _beat(self, trouble: CartrailError | None) -> None:
        now = self._opened.clock.now()
        if trouble is None and self._beaten is not None and now - self._beaten < BEAT_EVERY:
            return
        self._opened.note_hub(trouble="" if trouble is None else trouble.message)
        if self._station is not None:
            self._opened.note_presence(STATION + self._station)
        self._beaten = now

    def _hand_on_if_due(self, done: Turn) -> Turn:
        """Hand on what calls for somebody, each half minute; it comes last, because a command may hang."""
        now = time.monotonic()
        if self._hand_on is None or (
            self._handed_on is not None and now - self._handed_on < HAND_ON_EVERY.total_seconds()
        ):
            return done
        turn = self._hand_on.turn()
        # What a turn had no time for goes out in the next one.
        self._handed_on = now if turn.is_whole else None
        return replace(done, handed_on=turn.done, not_handed_on=turn.problem, trouble=trouble_of(turn))

    def _report_if_due(self) -> bool:
        now = self._opened.clock.now()
        if self._deliver is None or (self._reported is not None and now - self._reported < self._every):
            return False
        self._deliver(outage_pdf(outage_report(self._opened, site=self._site)))
        self._reported = now
        return True


def status_here(opened: OpenStore, folder: Path) -> HubStatus:
    """How everything stands, with the disk left where this machine keeps its files."""
    here = folder if folder.exists() else Path.cwd()
    return replace(opened.hub_status(), disk_free_bytes=shutil.disk_usage(here).free)


def _locked(path: Path) -> int:
    """The lock of this machine's hub, which ends with the process however it ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreError(
            "A hub of this store runs on this machine already.",
            remedy="See it with `cartrail hub status`; stop it before you start another.",
            code=TWO_HUBS,
        ) from error
    return descriptor
