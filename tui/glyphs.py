"""Shapes for every terminal: the last step before a line is painted turns them into what its font has.

Widgets draw the full set and know of no other. `safe` keeps to WGL4, which PuTTY and the fonts of Windows
have; `ascii` is for terminals without UTF-8 and for the Linux console, whose font lacks the disc. The width
of a line never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


class GlyphSet(StrEnum):
    """Which shapes a terminal can show."""

    FULL = "full"
    SAFE = "safe"
    ASCII = "ascii"


DONE: Final = "●"
NOW: Final = "◉"
TO_COME: Final = "○"
LOOK: Final = "▲"
BAD: Final = "■"
NEXT: Final = "►"
FETCH: Final = "◄"
EXPANDED: Final = "▼"
ROUTE: Final = "›"
USED: Final = "━"
LEFT: Final = "─"
AHEAD: Final = "╌"
EMPTY: Final = "·"
UNEQUAL: Final = "≠"
WRITING: Final = "◌"

_BRAILLE: Final = tuple(map(chr, range(0x2801, 0x2900)))
"""A curve in the full set; where the font lacks them each cell of it is one dot."""

_SAFE: Final = {
    **dict.fromkeys(_BRAILLE, "•"),
    "◉": "◙",
    "◌": "○",
    "›": ">",
    "━": "═",
    "╌": ".",
    "▸": "►",
    "≠": "!",
}
_ASCII: Final = {
    **dict.fromkeys(_BRAILLE, "*"),
    "●": "*",
    "◉": ">",
    "◙": ">",
    "○": "o",
    "◌": "o",
    "▲": "!",
    "■": "#",
    "►": ">",
    "▸": ">",
    "◄": "<",
    "▼": "v",
    "›": ">",
    "━": "=",
    "═": "=",
    "─": "-",
    "╌": ".",
    "·": ".",
    "…": ".",
    "≠": "!",
    "±": "~",
    "•": "*",
    "█": "#",
    "▌": "|",
    "▐": "|",
    "▀": '"',
    "▄": "_",
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋", "+"),
    **dict.fromkeys("│┃▏▎▍▋▊▉▕║╸╺", "|"),
    **dict.fromkeys("▁▂▔", "_"),
}
_TABLES: Final = {
    GlyphSet.SAFE: str.maketrans(_SAFE),
    GlyphSet.ASCII: str.maketrans(_ASCII),
}


def translated(text: str, glyphs: GlyphSet) -> str:
    """A line as a terminal with that set shows it; `≠ ` has room for the two characters of `!=`."""
    if glyphs is GlyphSet.FULL or text.isascii():
        return text
    return text.replace("≠ ", "!=").translate(_TABLES[glyphs])


class Glyphs(LineFilter):
    """Turns shapes into those of the set, in every segment of every line."""

    def __init__(self, glyphs: GlyphSet) -> None:
        super().__init__(enabled=glyphs is not GlyphSet.FULL)
        self.glyphs = glyphs

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line in other shapes."""
        return [Segment(translated(text, self.glyphs), style, control) for text, style, control in segments]


def glyphs_for(choice: str, environment: Mapping[str, str]) -> GlyphSet:
    """The set that was chosen; for `auto` what the terminal that the environment names can show."""
    if choice != "auto":
        return GlyphSet(choice)
    term = environment.get("TERM", "")
    if not _is_utf8(environment) or term == "linux":
        return GlyphSet.ASCII
    return GlyphSet.SAFE if term.startswith("putty") else GlyphSet.FULL


def _is_utf8(environment: Mapping[str, str]) -> bool:
    """Whether the locale has UTF-8, or none is named.

    Python writes UTF-8 in the locale C too, and sets LC_CTYPE to do so where LANG says C or nothing.
    """
    named = environment.get("LC_ALL") or environment.get("LC_CTYPE") or ""
    language = environment.get("LANG", "")
    if not named or (named in _SET_BY_PYTHON and language in _WITHOUT and not environment.get("LC_ALL")):
        named = language or named
    codeset = named.partition("@")[0].rpartition(".")[2]
    return not named or codeset.lower().replace("-", "").replace("_", "") == "utf8"


_WITHOUT: Final = frozenset({"C", "POSIX"})
_SET_BY_PYTHON: Final = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
