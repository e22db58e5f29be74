"""Words for paper: what the typeface cannot draw is written out, never left as an empty box."""

from __future__ import annotations

from typing import Any

from labels.errors import UnprintableText
from labels.wording import check_drawable


def clean(value: Any) -> Any:
    """Texts with every character that the typeface cannot draw, or that would turn the line, written out."""
    if isinstance(value, str):
        return _drawable(value)
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    return value


def _drawable(text: str) -> str:
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(char if char == "\n" or _draws(char) else f"\\u{{{ord(char):04X}}}" for char in text)


def _draws(char: str) -> bool:
    try:
        check_drawable(char, "text")
    except UnprintableText:
        return False
    return char.isprintable()
