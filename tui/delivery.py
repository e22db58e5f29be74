"""From whole scans to the screen they were meant for: in order, one at a time, never silently lost.

A scan belongs to the screen that was in front when its first character was read. Each screen has a line of
its own, so a screen that waits for a dialog does not hold up the scans of the dialog.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

from textual.app import App
from textual.screen import Screen

from schema.errors import BadCode, CartrailError, InputError
from tui.framing import FRAME_LENGTH_MAX, NO_TEXT, RawScan
from tui.language import tr
from tui.typing import as_read
from tui.workers import guarded

WAITING_MAX: Final = 1000
"""Scans that may wait while one is recorded: more than the largest rack, so beyond it something is stuck."""

RESTORED_WITHIN: Final = 0.5
"""The longest a scan waits for a text field to give back what it had swallowed; a closed field never does."""


class TakesScans:
    """A screen that scans are given to; every screen of the terminal is one."""

    scans_from: float = 0.0
    """A scan begun before this moment was meant for an earlier step: it is thrown away, with an answer."""

    answering: RawScan | None = None
    """The scan that is being answered."""

    async def take_scan(self, scan: RawScan) -> None:
        """Answer one scan; the next one waits until this returns. Blocking work goes through `in_thread`."""
        raise NotImplementedError

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """Show an error that `take_scan` raised."""
        raise NotImplementedError

    def scan_discarded(self, scan: RawScan) -> None:
        """Show that a scan was thrown away because it began on another screen or step."""
        raise NotImplementedError

    def scan_garbled(self, scan: RawScan) -> None:
        """Show that bytes came which are no text, so that nobody can say what was read."""
        self.scan_failed(
            scan,
            InputError(
                tr("The scanner sent bytes that are no text: nothing was taken."),
                remedy=tr("Scan again. If it stays so, set the scanner to UTF-8, or to plain ASCII."),
                code="not_text",
            ),
        )

    def scan_overlong(self, scan: RawScan) -> None:
        """Show that more came than any code has, so that nothing of it was kept."""
        self.scan_failed(
            scan,
            BadCode(overlong_words(scan), remedy=tr("Scan one label; wipe the buffer."), code="too_long"),
        )

    def scan_typed(self, text: str, waiting: int) -> None:
        """Show what has been typed so far and how many scans wait; most modal screens show neither."""

    def require_fresh_scan(self) -> None:
        """Take only scans that begin from now on: the gate before an identity check or a release."""
        self.scans_from = monotonic()


def overlong_words(scan: RawScan) -> str:
    """How much came, and how much is the most."""
    most = FRAME_LENGTH_MAX
    return tr("The scan has {length} characters, {most} is the most.", length=scan.length, most=most)


@dataclass(frozen=True, slots=True)
class _Waiting:
    scan: RawScan
    restored: asyncio.Event | None


@dataclass(slots=True)
class _Line:
    waiting: deque[_Waiting] = field(default_factory=deque)
    is_taken_from: bool = False


class Delivery:
    """The lines of waiting scans of one application."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._typed = ""
        self._lines: WeakKeyDictionary[Screen[Any], _Line] = WeakKeyDictionary()

    def queue(self, scan: RawScan, screen: Screen[Any] | None, restored: asyncio.Event | None = None) -> None:
        """Put a scan in the line of its screen; it is taken when `restored`, if any, is set."""
        if screen is None or not isinstance(screen, TakesScans):
            self.discard(scan)
            return
        line = self._lines.setdefault(screen, _Line())
        if len(line.waiting) >= WAITING_MAX:
            self.discard(scan)
            return
        line.waiting.append(_Waiting(scan, restored))
        if not line.is_taken_from:
            line.is_taken_from = True
            self._app.run_worker(self._empty(screen, line), group="scans", name="scans")

    def show_typed(self, text: str) -> None:
        """Tell the screen in front what is being typed."""
        self._typed = text
        self._show()

    def _show(self) -> None:
        screen = self._app.screen
        if isinstance(screen, TakesScans):
            line = self._lines.get(screen)
            screen.scan_typed(self._typed, len(line.waiting) if line else 0)

    def discard(self, scan: RawScan) -> None:
        """Throw a scan away and say so on the screen in front."""
        screen = self._app.screen
        if isinstance(screen, TakesScans):
            screen.scan_discarded(scan)
        else:
            self._app.bell()
            words = tr("A scan was thrown away: close this window, scan again.")
            self._app.notify(words, severity="error", markup=False)

    async def _empty(self, screen: TakesScans, line: _Line) -> None:
        try:
            while line.waiting:
                await self._give(screen, line.waiting.popleft())
                self._show()
        finally:
            line.is_taken_from = False

    async def _give(self, screen: TakesScans, waiting: _Waiting) -> None:
        if waiting.restored is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(waiting.restored.wait(), RESTORED_WITHIN)
        scan = as_read(waiting.scan)
        front: object = self._app.screen
        if front is not screen or scan.began < screen.scans_from:
            self.discard(scan)
            return
        if NO_TEXT in scan.text:
            screen.scan_garbled(scan)
            return
        screen.answering = scan
        try:
            if scan.is_overlong:
                screen.scan_overlong(scan)
            else:
                await guarded(screen.take_scan(scan))
        except CartrailError as error:
            screen.scan_failed(scan, error)
        finally:
            screen.answering = None
