"""The terminal's bytes as keys: no byte ends the reader, no burst fills the memory, a dead line is left.

Bytes that are no UTF-8 become `NO_TEXT`, where Textual's own thread would end: a scanner that is set to
Latin-1 sends such bytes, and after one no key and no scan would ever arrive again.
"""

from __future__ import annotations

import logging
import os
import selectors
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import TextIOWrapper
from typing import Any, Final, TextIO, cast

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.framing import FRAME_LENGTH_MAX, NO_TEXT, PASTE_LENGTH_MAX, RUN_GAP, TERMINATORS
from tui.line import BurstCut, LineGone

_READ_MAX: Final = 4096

PASTE_GAP_MAX: Final = 2.0
"""Seconds without a byte after which a paste that was begun is taken for one that will never end."""

SIDE_MAX: Final = 2000
"""No window has more columns or lines; a size beyond it is no size, and would be painted for minutes."""

_log = logging.getLogger("cartrail.tui")


class _Parser(XTermParser):
    """Textual's, which divides by the size in pixels; many terminals say that they do not know it."""

    def parse_mouse_code(self, code: str) -> Message | None:
        sizes = (*(self.terminal_size or ()), *(self.terminal_pixel_size or ()))
        self.mouse_pixels = self.mouse_pixels and 0 not in sizes
        return super().parse_mouse_code(code)


class LineReader:
    """Text of any kind, in pieces of any length, as the events of Textual's parser."""

    def __init__(self) -> None:
        self._parser = _Parser()
        self._keys = 0
        """How many came since the last end or pause."""
        self._is_cut = False
        self._tail = ""
        self._pasted: int | None = None
        """The length of the paste that has begun."""
        self._silence = 0.0

    def read(self, text: str) -> Iterator[Message]:
        """The events of what was read."""
        self._silence = 0.0
        # One by one: what the parser stumbles over must not cost the end of the scan behind it.
        for character in text:
            yield from self._character(character)
        yield from self._guarded(self._parser.tick)

    def wait(self, seconds: float) -> Iterator[Message]:
        """The events of a time in which nothing came, at least the gap between two hands."""
        self._silence += seconds
        self._begin()
        if self._pasted is not None and self._silence > PASTE_GAP_MAX:
            # Lines that are whole are taken; the last one becomes a code of which nothing is.
            for character in NO_TEXT + BRACKETED_PASTE_END:
                yield from self._character(character)
        yield from self._guarded(self._parser.tick)

    def _begin(self) -> None:
        self._keys, self._is_cut = 0, False

    def _character(self, character: str) -> Iterator[Message]:
        self._tail = (self._tail + character)[-len(BRACKETED_PASTE_END) :]
        fed = character
        if self._pasted is not None:
            self._pasted += 1
            is_end, is_long = self._tail == BRACKETED_PASTE_END, self._pasted > PASTE_LENGTH_MAX + 1
            if is_end:
                self._pasted = None
            if is_long:
                fed = BRACKETED_PASTE_END if is_end else ""
        elif self._tail == BRACKETED_PASTE_START:
            self._pasted = 0
        for one in fed:
            yield from self._guarded(partial(self._parser.feed, one))

    def _guarded(self, work: Callable[[], Iterable[Message]]) -> Iterator[Message]:
        try:
            found = list(work())
        except Exception:  # noqa: BLE001 - Textual's parser has no one error, and any would end the reader
            _log.exception("The terminal sent what is not understood; it was thrown away.")
            self._parser = _Parser()
            return
        for event in found:
            if isinstance(event, events.Key):
                yield from self._key(event)
            elif not isinstance(event, events.Resize) or _is_size(event):
                yield event

    def _key(self, event: events.Key) -> Iterator[Message]:
        if event.key in TERMINATORS:
            if not self._is_cut:
                yield event
            self._begin()
        elif not self._is_cut:
            self._keys += 1
            self._is_cut = self._keys > FRAME_LENGTH_MAX
            yield BurstCut() if self._is_cut else event


def _is_size(event: events.Resize) -> bool:
    return 0 < event.size.width <= SIDE_MAX and 0 < event.size.height <= SIDE_MAX


class _Output:
    """The stream that is painted on; where it cannot be written the line is gone, and no thread ends."""

    def __init__(self, stream: TextIO, gone: Callable[[], None]) -> None:
        self._stream = stream
        self._gone = gone

    def write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except OSError:
            self._gone()

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._gone()

    def fileno(self) -> int:
        return self._stream.fileno()


class BytesDriver(LinuxDriver):
    """Textual's driver for Linux and macOS, with a reader that no byte can end, and that a dead line does."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._is_gone = False
        if self._file is not None:
            # Textual writes, flushes and asks for the descriptor, and nothing else.
            self._file = cast("TextIOWrapper", _Output(self._file, self._line_is_gone))

    def run_input_thread(self) -> None:
        """Read, decode and hand on until the application leaves or nobody is at the other end."""
        reader = LineReader()
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            is_over = False
            while not is_over:
                is_over = self.exit_event.is_set()
                if not selector.select(RUN_GAP):
                    self._hand_on(reader.wait(RUN_GAP))
                    continue
                data = self._read()
                if not data:
                    self._line_is_gone()
                    return
                self._hand_on(reader.read(decode(data)))

    def _read(self) -> bytes:
        """What was typed; nothing where the line is dead, which the system says as an end or as an error."""
        try:
            return os.read(self.fileno, _READ_MAX)
        except OSError:
            return b""

    def _hand_on(self, messages: Iterable[Message]) -> None:
        for one in messages:
            self.process_message(one)

    def _line_is_gone(self) -> None:
        if self._is_gone:
            return
        self._is_gone = True
        _log.warning("The line to the terminal is gone; the screens are left.")
        # What is still painted or printed goes nowhere: Python would end with an error of its own.
        line = os.fstat(self.fileno).st_rdev
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None and os.fstat(stream.fileno()).st_rdev == line:
                os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        self.send_message(LineGone())
