"""A limit as a line that fills: its word, how much is used, and how much is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from tracker.values import DueClock
from tui.answers import safe
from tui.glyphs import BAD, LEFT, LOOK, TO_COME, USED
from tui.language import tr
from tui.words import brief

SOON_SHARE: Final = 0.8
"""From here on the bar has the color of a CHECK."""

BAR: Final = 16
"""Columns of the line itself, where there is room for it."""

_BAR_MIN: Final = 6


def bar_style(share: float) -> str:
    """In order, soon, or over."""
    return "stop" if share > 1 else "check" if share >= SOON_SHARE else "ok"


def bar_text(share: float, width: int) -> Text:
    """The line; of a limit that has begun at least one cell is used, of one that runs one is left."""
    used = round(min(max(share, 0.0), 1.0) * width)
    if 0 < share <= 1:
        used = min(max(used, 1), width - 1)
    return Text(USED * used, style=f"bar.{bar_style(share)}").append(LEFT * (width - used), style="line")


def urgency_of(clock: DueClock, now: datetime) -> str:
    """The style of a limit: none while it is in order, `check` when it is soon, `stop` when it is over."""
    if clock.due_at < now:
        return "stop"
    share = clock.share_used(now)
    return "check" if share is not None and share >= SOON_SHARE else ""


def left_text(clock: DueClock, now: datetime) -> Text:
    """What is left of it, or how far over it is."""
    left = clock.due_at - now
    words = (
        tr("{span} over", span=brief(left)) if left < timedelta(0) else tr("{span} left", span=brief(left))
    )
    return Text(words, style=urgency_of(clock, now))


def limit_line(clock: DueClock, now: datetime, width: int) -> Text:
    """One limit: its word, a line of this width, what is left."""
    text = Text(safe(clock.title) + "  ").append_text(_bar(clock, now, width)).append("  ")
    return text.append_text(left_text(clock, now))


_SHAPES: Final = {"stop": BAD, "check": LOOK, "": TO_COME}


def limit_lines(clocks: Iterable[DueClock], now: datetime, *, width: int) -> Iterator[Text]:
    """Every limit, the first that ends first: shape and word, bar, time left; a long word has its own line.

    The line is left out where nobody knows when the limit began.
    """
    known = sorted(clocks, key=lambda clock: clock.due_at)
    longest = max((cell_len(safe(clock.title)) for clock in known), default=0)
    ends = max((left_text(clock, now).cell_len for clock in known), default=0)
    room = width - longest - ends - 4
    for clock in known:
        style = urgency_of(clock, now)
        line = Text(f"{_SHAPES[style]} ", style=style).append(safe(clock.title), style="")
        if room >= _BAR_MIN:
            line.append(" " * (longest + 3 - line.cell_len))
            line.append_text(_bar(clock, now, min(room, BAR))).append(" ")
        else:
            line.append("\n  ").append_text(_bar(clock, now, min(BAR, max(width - ends - 3, 1)))).append(" ")
        yield line.append_text(left_text(clock, now))


def _bar(clock: DueClock, now: datetime, width: int) -> Text:
    share = clock.share_used(now)
    return Text(" " * width) if share is None else bar_text(share, width)
