"""Numbers of things as a person says them."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """`1 entry` or `3 entries`; the word for many is the other with an s where none is given."""
    return f"{count} {one if count == 1 else many or one + 's'}"
