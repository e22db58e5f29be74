"""Numbers of things, and times that are counted, as a person says them."""

from __future__ import annotations

from datetime import timedelta


def counted(count: int, one: str, many: str = "") -> str:
    """`1 entry` or `3 entries`; the word for many is the other with an s where none is given."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def under_a_minute(span: timedelta) -> str:
    """`25 s`, over or still to go; empty from a minute on, and for no time at all.

    Whoever says whole minutes asks here first: `0 min` would say that nothing was.
    """
    seconds = abs(span)
    return f"{max(1, seconds.seconds)} s" if timedelta() < seconds < timedelta(minutes=1) else ""


def lasting(seconds: int) -> str:
    """How long something was outside, never shorter than it was: `25 s`, `14 min`, `2 h 10 min`."""
    minutes = -(-seconds // 60)
    whole = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"
    return under_a_minute(timedelta(seconds=seconds)) or whole
