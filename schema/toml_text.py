"""TOML that a person wrote: read with bounds on what a short text can make the reader do."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

KEY_PARTS_MAX: Final = 16
NESTING_MAX: Final = 32

_TEXT_OR_COMMENT: Final = re.compile(
    r'#[^\n]*|"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_LONG_KEY: Final = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{KEY_PARTS_MAX}}}")
_BRACKETS: Final = re.compile(r"[\[{]|[\]}]")


def read_toml(text: str) -> dict[str, Any]:
    """The tables of a text; raises `tomllib.TOMLDecodeError`, also for what is nested beyond all use.

    The reader keeps every beginning of a dotted key and calls itself for each bracket: some kilobytes
    of dots take gigabytes, some thousand brackets the end of the stack.
    """
    bare = _TEXT_OR_COMMENT.sub(_without, text)
    long = _LONG_KEY.search(bare)
    if long is not None:
        line = bare.count("\n", 0, long.start()) + 1
        raise tomllib.TOMLDecodeError(f"a key has more than {KEY_PARTS_MAX} parts (about line {line})")
    depth = 0
    for bracket in _BRACKETS.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > NESTING_MAX:
            line = bare.count("\n", 0, bracket.start()) + 1
            raise tomllib.TOMLDecodeError(f"it is nested deeper than {NESTING_MAX} times (about line {line})")
    return tomllib.loads(text)


def _without(found: re.Match[str]) -> str:
    """What stands for a text or a comment: as many lines, and nothing that has a dot or a bracket."""
    return ("" if found[0].startswith("#") else "text") + "\n" * found[0].count("\n")
