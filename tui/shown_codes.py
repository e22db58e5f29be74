"""Codes as they are printed: in groups of four, the last one bold; copy and typing ignore the blanks."""

from __future__ import annotations

import re
from typing import Final

from rich.text import Text

from labels.keyed import in_groups
from schema.identifiers import ID_PATTERN, PRINTED_PATTERN
from tui.answers import safe
from tui.wrapping import wrap

_OURS: Final = f"{PRINTED_PATTERN.pattern}|{ID_PATTERN.pattern}"
_KEPT_BLANK: Final = "\N{NO-BREAK SPACE}"
_CODE: Final = re.compile(rf"(?<![A-Za-z0-9])(?:{_OURS})(?![A-Za-z0-9])")


def code_text(code: str) -> Text:
    """One code, in groups."""
    head, blank, last = in_groups(safe(code)).rpartition(" ")
    return Text(head + blank).append(last, style="bold")


def in_sentence(words: str, *, style: str = "") -> Text:
    """Words from outside made safe, each of our codes in them in groups."""
    text, end, plain = Text(style=style), 0, safe(words)
    for found in _CODE.finditer(plain):
        text.append(plain[end : found.start()]).append_text(code_text(found[0]))
        end = found.end()
    return text.append(plain[end:])


def grouped(words: str) -> str:
    """The same as plain text, where its width counts."""
    return _CODE.sub(lambda found: in_groups(found[0]), words)


def wrapped(words: str, width: int, *, lines_max: int | None = None) -> list[str]:
    """Lines of at most this width, a code never broken where its groups meet; ` ...` where there are more."""
    whole = _CODE.sub(lambda found: in_groups(found[0]).replace(" ", _KEPT_BLANK), words)
    lines = wrap(whole, width, lines_max=lines_max, more=" ...")
    return [line.replace(_KEPT_BLANK, " ") for line in lines]
