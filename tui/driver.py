"""The terminal's bytes as text: what is no UTF-8 becomes `NO_TEXT`, where Textual's own thread would end.

A scanner that is set to Latin-1 sends such bytes; after one, no key and no scan would ever arrive again.
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import Final

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

_READ_MAX: Final = 4096
_LOOK_EVERY: Final = 0.1


class BytesDriver(LinuxDriver):
    """Textual's driver for Linux and macOS, with a reader that no byte can end."""

    def run_input_thread(self) -> None:
        """Read, decode and hand on until the application leaves."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            is_over = False
            while not is_over:
                is_over = self.exit_event.is_set()
                text = decode(os.read(self.fileno, _READ_MAX)) if selector.select(_LOOK_EVERY) else ""
                # An empty text is the end of input to the parser, and no text at all here.
                for event in parser.feed(text) if text else ():
                    self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        with suppress(EOFError, ParseError):
            for event in parser.feed(""):
                self.process_message(event)
