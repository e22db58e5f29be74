"""The scan capture: always armed, on every screen, whatever has the focus.

Keys and pastes pass here before any widget sees them. With no text field focused, characters collect in a
frame that the screen shows. With one focused they go to the field as well, and when the terminator shows that
they were a scan, the field gets back the value it had before. Whole scans wait in a line and a screen takes
them one at a time.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from typing import Any, Final

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widgets import Input

from schema.vocabulary import ReadMode
from tracker.values import PIN_LENGTH
from tui.delivery import Delivery
from tui.framing import (
    FRAME_LENGTH_MAX,
    SEPARATORS,
    TERMINATORS,
    RawScan,
    ScanFrame,
    character_of,
    has_our_form,
    is_for_capture,
    pasted,
)
from tui.line import BurstCut
from tui.widgets.room import is_too_small

SECOND_SUFFIX: Final = 0.100
"""A scanner may end a code with two keys; the second must not press whatever has the focus."""


class _FieldBefore:
    """What a text field held before the current frame, taken and put back in the order of its own events."""

    def __init__(self, entry: Input) -> None:
        self.entry = entry
        self._value = entry.value
        self._cursor = entry.cursor_position
        entry.call_later(self._remember)

    def _remember(self) -> None:
        self._value = self.entry.value
        self._cursor = self.entry.cursor_position

    def put_back(self) -> asyncio.Event:
        """Queue the return to what was; the event is set when it has happened."""
        restored = asyncio.Event()
        if not self.entry.call_later(self._return, restored):
            restored.set()
        return restored

    def _return(self, restored: asyncio.Event) -> None:
        self.entry.value = self._value
        self.entry.cursor_position = self._cursor
        restored.set()


class SecretInput(Input):
    """A field for a password or, where it says so, for a PIN: what is no six digits is then never a try."""

    is_pin: bool = False


def may_be_pin(text: str) -> bool:
    """Whether all that was typed is digits, and no more of them than a PIN has."""
    return text.isdecimal() and len(text) <= PIN_LENGTH


class _FieldWatch:
    """What goes into one text field: all since the last terminator, and the run since the last pause.

    A scan is a run; a code typed by hand is all that was typed.
    """

    def __init__(self, entry: Input, screen: Screen[Any]) -> None:
        self.entry = entry
        self.screen = screen
        self._all = ScanFrame()
        self._run = ScanFrame()
        self._before_all = self._before_run = _FieldBefore(entry)

    def is_running(self, at: float) -> bool:
        """Whether a new character would belong to the run."""
        return bool(self._run) and not self._run.is_broken_off(at)

    def add(self, character: str, at: float) -> bool:
        """Note one character; whether it may go on into the field."""
        if not self.is_running(at):
            self._run.clear()
            self._before_run = _FieldBefore(self.entry)
        if not self._all:
            self._before_all = self._before_run
        is_kept = not self._run.is_full
        self._run.add(character, at)
        self._all.add(character, at)
        return is_kept and character not in SEPARATORS

    def edit(self, key: str) -> None:
        """Follow a correction: Backspace takes one character back, after any other key it starts again."""
        for frame in (self._all, self._run):
            if key == "backspace":
                frame.erase()
            else:
                frame.clear()

    def finish(self, at: float) -> tuple[RawScan, asyncio.Event] | None:
        """At a terminator, what was a scan and no text; the field is put back, and the event says when."""
        was_all, was_run = bool(self._all), bool(self._run)
        everything, run = self._all.finish(), self._run.finish()
        is_pin = isinstance(self.entry, SecretInput) and self.entry.is_pin
        if was_all and is_pin and not may_be_pin(everything.text):
            return everything, self._before_all.put_back()
        if was_run and is_for_capture(run, is_secret=self.entry.password):
            return run, self._before_run.put_back()
        if was_all and has_our_form(everything.text):
            return everything, self._before_all.put_back()
        text = self.entry.value
        if not has_our_form(text):
            return None
        # Corrected with the arrow keys, the code is whole only in the field itself.
        self.entry.clear()
        return RawScan(text.strip(), ReadMode.MANUAL, at, len(text)), _now()


def _now() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


class CapturingApp(App[None]):
    """A Textual application in which every scan reaches the screen whole, in order and exactly once."""

    def __init__(self) -> None:
        super().__init__()
        self._frame = ScanFrame()
        self._frame_screen: Screen[Any] | None = None
        self._watch: _FieldWatch | None = None
        self._ended_at = 0.0
        self._ended_by = ""
        self._delivery = Delivery(self)
        self.second_suffixes = 0
        """How many terminators came right after another one; nothing was done with them."""

    @property
    def takes_scans(self) -> bool:
        """Whether a scan is being answered or waits for it."""
        return any(worker.group == "scans" and not worker.is_finished for worker in self.workers)

    def simulate(self, text: str) -> None:
        """A choice of the training tray, taken by the screen in front like a scan, and known as no scan."""
        scan = RawScan(text, ReadMode.SIMULATED, monotonic(), len(text))
        self._delivery.queue(scan, self.screen)

    def take_unended(self) -> RawScan | None:
        """What was read since the last terminator, for a screen that knows which code to expect."""
        if not self._frame:
            return None
        scan = self._frame.finish()
        self._delivery.show_typed("")
        return scan

    async def on_event(self, event: events.Event) -> None:
        # A key that has been forwarded bubbles up to here a second time.
        if not event.is_forwarded and (
            (isinstance(event, events.Key) and self._takes_key(event))
            or (isinstance(event, events.Paste) and self._takes_paste(event))
            or (isinstance(event, BurstCut) and self._takes_cut(event))
        ):
            return
        await super().on_event(event)

    def _takes_key(self, event: events.Key) -> bool:
        """Whether the key ends here; otherwise it goes where Textual sends it."""
        if event.key in TERMINATORS:
            return self._ends_frame(event)
        self._ended_by = ""
        character = character_of(event.key, event.character)
        if character is None:
            return self._edits_frame(event.key)
        if self._frame and self._is_elsewhere() and self._frame.is_broken_off(event.time):
            # Half a code, left by a person who then went to a text field or another screen.
            self._frame.clear()
        watch = None if self._frame else self._watched(event.time)
        if watch is not None:
            return self._watches(watch, character, event)
        if not self._frame:
            if event.key in ("space", "ctrl+d"):
                return False
            self._frame_screen = self.screen
        self._frame.add(character, event.time)
        self._delivery.show_typed(self._frame.text)
        return True

    def _deliver(
        self, scan: RawScan, screen: Screen[Any] | None, restored: asyncio.Event | None = None
    ) -> None:
        if is_too_small(self.size):
            self._delivery.discard(scan)  # what nobody sees is not taken
        else:
            self._delivery.queue(scan, screen, restored)

    def _is_elsewhere(self) -> bool:
        return isinstance(self.focused, Input) or self._frame_screen is not self.screen

    def _watched(self, at: float) -> _FieldWatch | None:
        """The watch over the field that characters go to; a run stays with its field when the focus moves."""
        if self._watch is not None and self._watch.is_running(at):
            return self._watch
        entry = self.focused
        if not isinstance(entry, Input):
            self._watch = None
        elif self._watch is None or self._watch.entry is not entry:
            self._watch = _FieldWatch(entry, self.screen)
        return self._watch

    def _watches(self, watch: _FieldWatch, character: str, event: events.Key) -> bool:
        if event.key == "ctrl+d" and not watch.is_running(event.time):
            watch.edit(event.key)
            return False
        goes_on = watch.add(character, event.time)
        # The rest of a run is no text for a field that got the focus in the middle of it.
        return not goes_on or watch.entry is not self.focused

    def _edits_frame(self, key: str) -> bool:
        if self._watch is not None:
            self._watch.edit(key)
        if not self._frame or key not in ("backspace", "escape"):
            return False
        if key == "backspace":
            self._frame.erase()
        else:
            self._frame.clear()
        self._delivery.show_typed(self._frame.text)
        return True

    def _ends_frame(self, event: events.Key) -> bool:
        was_after, self._ended_by = self._ended_by, event.key
        if self._frame:
            self._ended_at = event.time
            scan = replace(self._frame.finish(), ended_by=event.key)
            self._deliver(scan, self._frame_screen)
            self._delivery.show_typed("")
            return True
        if was_after == "enter" and event.key == "ctrl+j":
            return True
        if was_after and event.time - self._ended_at < SECOND_SUFFIX:
            self.second_suffixes += 1
            return True
        watch = self._watched(event.time)
        taken = watch.finish(event.time) if watch else None
        if watch is None or taken is None:
            return False
        self._ended_at = event.time
        self._deliver(taken[0], watch.screen, taken[1])
        return True

    def _takes_paste(self, event: events.Paste) -> bool:
        scans = pasted(event.text, at=event.time)
        entry = self.focused
        if isinstance(entry, Input):
            if self._watch is not None:
                self._watch.edit("paste")
            is_pin = isinstance(entry, SecretInput) and entry.is_pin
            if not any(
                is_for_capture(scan, is_secret=entry.password) or (is_pin and not may_be_pin(scan.text))
                for scan in scans
            ):
                return False
        for scan in scans:
            self._deliver(scan, self.screen)
        self._ended_at, self._ended_by = event.time, "paste"
        return True

    def _takes_cut(self, event: BurstCut) -> bool:
        """End what is being read as too long, whatever may end it: what follows is a new read."""
        screen, restored = self._frame_screen if self._frame else self.screen, None
        if self._frame:
            scan = self._frame.finish()
        else:
            watch = self._watched(event.time)
            if watch is not None and watch.is_running(event.time):
                watch.add("?", event.time)  # one too many: the field gives back all
                taken = watch.finish(event.time)
                screen, restored = watch.screen, taken[1] if taken else None
            scan = RawScan("", ReadMode.SCANNED, event.time, 0)
        self._ended_at, self._ended_by = event.time, "cut"
        self._delivery.show_typed("")
        self._deliver(replace(scan, text="", length=FRAME_LENGTH_MAX + 1), screen, restored)
        return True
