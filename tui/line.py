"""What the reader of the terminal's line tells the application, beside keys and pastes."""

from __future__ import annotations

from typing import Final

from textual.events import Event

EXIT_HANGUP: Final = 129
"""128 + SIGHUP, as shells report it: the line broke while the screens were open."""


class LineGone(Event, bubble=False):
    """The line to the terminal is dead: nobody is there any more."""


class BurstCut(Event, bubble=False):
    """More keys came without an end or a pause than any code has; the rest of them is not handed on."""
