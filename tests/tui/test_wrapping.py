"""Lines are broken between words and are counted in cells; nothing of a text is lost unless it is said."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tui.wrapping import wrap


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("Record a release test", 12, ["Record a", "release test"]),
        ("  3 Hand over what is here", 14, ["  3 Hand over", "what is here"]),
        ("low-temperature", 8, ["low-", "temperat", "ure"]),
        ("-150 C", 6, ["-150 C"]),
        ("CDT7\u00a0V9D8\u00a0S54 and more", 14, ["CDT7\u00a0V9D8\u00a0S54", "and more"]),
        ("", 9, []),
    ],
)
def test_words_stay_whole(text: str, cells: int, lines: list[str]) -> None:
    """A hyphen between letters may end a line, a minus sign not; no-break blanks hold a code together."""
    assert wrap(text, cells) == lines


@pytest.mark.parametrize("text", ["細胞調製室 " * 9, "e\u0301cole " * 9, "A" * 40, "👩‍⚕️ " * 5, "が" * 11])
@pytest.mark.parametrize("cells", [1, 2, 7, 20])
def test_cells_are_counted_and_not_characters(text: str, cells: int) -> None:
    """No line is wider, and together they are the text."""
    lines = wrap(text, cells)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= max(cells, 2) for line in lines)


def test_what_is_left_out_is_said() -> None:
    """The last line there is room for ends with an ellipsis, at the end of a word."""
    text = "one two three four five"
    assert wrap(text, 9, lines_max=2) == ["one two", "three…"]
    assert wrap(text, 9, lines_max=3) == wrap(text, 9) == ["one two", "three", "four five"]
    assert wrap("abcdefghij", 4, indent=2, lines_max=2) == ["abcd", "  e…"]


def test_a_line_with_no_room_for_its_own_dots_ends_all_the_same() -> None:
    """A window that is being made small for a moment must not keep a screen busy for ever."""
    assert wrap("one two three", 2, lines_max=1, more=" ...") == [" ..."]
