"""Key facts in letters to be read from two meters: five by seven dots, two in the height of a row. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.text import Text

from tui.answers import ShownAnswer, safe
from tui.glyphs import GlyphSet
from tui.language import tr
from tui.shown_codes import grouped
from tui.wrapping import wrap

DOTS_HIGH: Final = 7
CELL_WIDE: Final = 6
"""Columns of a letter with the gap after it, at scale 1; it is four rows high."""

CELL_HIGH: Final = 4
SCALE_MAX: Final = 3

_FIRST: Final = 0x20
_COLUMNS: Final = bytes.fromhex(
    "0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649562050 0008070300 001c224100"
    "0041221c00 2a1c7f1c2a 08083e0808 0080703000 0808080808 0000606000 2010080402 3e5149453e 00427f4000"
    "7249494946 2141494d33 1814127f10 2745454539 3c4a494931 4121110907 3649494936 464949291e 0000140000"
    "0040340000 0008142241 1414141414 0041221408 0201590906 3e415d594e 7c1211127c 7f49494936 3e41414122"
    "7f4141413e 7f49494941 7f09090901 3e41415173 7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040"
    "7f021c027f 7f0408107f 3e4141413e 7f09090906 3e4151215e 7f09192946 2649494932 03017f0103 3f4040403f"
    "1f2040201f 3f4038403f 6314081463 0304780403 6159494d43"
)
"""Five columns of dots a letter, from the blank to Z; the lowest bit is the top dot."""

_LAST: Final = _FIRST + len(_COLUMNS) // 5 - 1
_HALVES: Final = {
    (False, False): " ",
    (True, False): "\u2580",
    (False, True): "\u2584",
    (True, True): "\u2588",
}


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a person needs to know from across the room."""

    do: str = ""
    """What to do now, as an order."""
    expected: str = ""
    thing: str = ""
    """The id of the box, unit or therapy."""
    clock: str = ""
    """A limit that runs."""


def big_text(facts: KeyFacts, answer: ShownAnswer | None, now: datetime, *, width: int, height: int) -> Text:
    """The facts in large letters, as large as the room allows, the least important left out first."""
    word = answer.verdict.value if answer is not None else tr("READY")
    last = f"{word:<6} {now:%H:%M}"
    scale = _scale(width, height)
    columns, rows = width // (CELL_WIDE * scale), max(height // (CELL_HIGH * scale), 2)
    order = wrap(_plain(facts.do), columns)[:2]
    thing = grouped(facts.thing) if len(grouped(facts.thing)) <= columns else facts.thing
    rest = [_plain(one)[:columns] for one in (thing, facts.clock, facts.expected) if one]
    lines = [*order, *rest[: max(rows - len(order) - 1, 0)]][: rows - 1]
    text = Text(no_wrap=True, overflow="crop")
    for index, line in enumerate([*lines, last]):
        style = "bold reverse" if index == len(lines) else "bold"
        text.append("\n" if index else "").append("\n".join(drawn(line, scale=scale)), style=style)
    return text


def _scale(width: int, height: int) -> int:
    """As large as leaves room for four lines of thirteen letters."""
    found = min(width // (CELL_WIDE * 13), height // (CELL_HIGH * 4))
    return max(1, min(found, SCALE_MAX))


def _plain(text: str) -> str:
    """Capitals without accents; what has no letter of its own is a question mark."""
    bare = unicodedata.normalize("NFKD", safe(text)).upper()
    kept = (char for char in bare if not unicodedata.combining(char))
    return "".join(char if _FIRST <= ord(char) <= _LAST else "?" for char in kept)


def drawn(text: str, *, scale: int = 1) -> tuple[str, ...]:
    """One line of text as rows of half blocks."""
    dots = [[dot for char in _plain(text) for dot in _row(char, row, scale)] for row in range(DOTS_HIGH)]
    # The gap stands above the letters, so that the first line and a reversed one have a margin there.
    gap = CELL_HIGH * 2 - DOTS_HIGH
    blank = [False] * len(dots[0])
    high = [line for line in (*[blank] * gap, *dots) for _ in range(scale)]
    pairs = zip(high[::2], high[1::2], strict=True)
    return tuple("".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs)


def dot_letters(text: str, glyphs: GlyphSet) -> tuple[str, ...]:
    """One line of text in four rows of half blocks, or in seven rows of `#` where there are none.

    In ordinary capitals where a letter has no dots, as in another alphabet.
    """
    if "?" in _plain(text.replace("?", "")):
        return (text.upper(),)
    if glyphs is not GlyphSet.ASCII:
        return drawn(text)
    return tuple(
        "".join("#" if dot else " " for char in _plain(text) for dot in _row(char, row, 1))
        for row in range(DOTS_HIGH)
    )


def _row(char: str, row: int, scale: int) -> Iterator[bool]:
    start = (ord(char) - _FIRST) * 5
    for column in _COLUMNS[start : start + 5]:
        for _ in range(scale):
            yield bool(column >> row & 1)
    for _ in range(scale):
        yield False
