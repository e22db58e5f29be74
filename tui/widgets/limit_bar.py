"""A limit as a line that fills: how much is used, then how much is left, always in words beside it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from rich.text import Text

from tui.glyphs import LEFT, USED
from tui.language import tr
from tui.words import span

SOON_SHARE: Final = 0.8
"""From here on the bar has the color of a CHECK."""


def share_used(since: datetime, until: datetime, now: datetime) -> float:
    """How much of a limit is used: 1.0 at its end, more beyond it."""
    whole = (until - since).total_seconds()
    return (now - since).total_seconds() / whole if whole > 0 else 1.0


def bar_style(share: float) -> str:
    """In order, soon, or over."""
    return "stop" if share > 1 else "check" if share >= SOON_SHARE else "ok"


def bar_text(share: float, width: int) -> Text:
    """The line; of a limit that has begun at least one cell is used, of one that runs one is left."""
    used = round(min(max(share, 0.0), 1.0) * width)
    if 0 < share <= 1:
        used = min(max(used, 1), width - 1)
    return Text(USED * used, style=f"bar.{bar_style(share)}").append(LEFT * (width - used), style="line")


def left_text(share: float, left: timedelta) -> Text:
    """What is left of it, or how far over it is."""
    words = tr("{span} over", span=span(left)) if left < timedelta(0) else tr("{span} left", span=span(left))
    style = bar_style(share)
    return Text(words, style="" if style == "ok" else style)
