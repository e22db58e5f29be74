"""Lines of so many terminal cells, broken between words: a wide letter takes two, a combining mark none."""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len, chop_cells

MORE: Final = "\u2026"
"""What ends the last line that there is room for."""

_WORD: Final = re.compile(r"([ \t\n]*)([^ \t\n]+)")
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_]-)(?=[^\W\d_])")
_WIDEST_LETTER: Final = 2


def wrap(
    text: str, cells: int, *, indent: int = 0, lines_max: int | None = None, more: str = MORE
) -> list[str]:
    """The lines of a text, those after the first indented; a word that is longer goes on below itself.

    Where there are more than `lines_max`, the last one ends with `more`. A no-break space breaks nothing.
    """
    cells, pad = max(cells, indent + _WIDEST_LETTER), " " * indent
    lines: list[str] = []
    line = ""
    for blank, word in _WORD.findall(text):
        for place, part in enumerate(_HYPHEN.split(word)):
            longer = f"{line}{'' if place else blank}{part}"
            if cell_len(longer) <= cells:
                line = longer
                continue
            if line.strip():
                lines.append(line)
                line = pad + part
            else:
                line = longer
            while cell_len(line) > cells:
                head = chop_cells(line, cells)[0]
                lines.append(head)
                line = pad + line[len(head) :]
    if line.strip():
        lines.append(line)
    if lines_max is None or len(lines) <= lines_max:
        return lines
    return [*lines[: lines_max - 1], _with_more(lines[lines_max - 1], cells, more)]


def _with_more(line: str, cells: int, more: str) -> str:
    while cell_len(line) + cell_len(more) > cells and " " in line.strip():
        line = line.rpartition(" ")[0].rstrip()
    while line and cell_len(line) + cell_len(more) > cells:
        line = line[:-1]
    return line + more
