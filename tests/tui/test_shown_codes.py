"""Codes as people see them: in groups, whole in a line, and nothing else in a sentence touched."""

from __future__ import annotations

import pytest

from tui.shown_codes import code_text, grouped, in_sentence, wrapped


def test_a_code_stands_in_groups_with_the_last_bold() -> None:
    """As on the label, where the last group is what two people read to each other."""
    shown = code_text("UDCT4USUG7P")
    assert shown.plain == "UDCT 4USU G7P"
    assert [(span.start, span.end, span.style) for span in shown.spans] == [(10, 13, "bold")]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("COI CDXN4JVB326", "COI CDXN 4JVB 326"),
        ("hospital number DEMO-HA-00058", "hospital number DEMO-HA-00058"),
        ("A999926000012", "A999926000012"),
        ("", ""),
    ],
)
def test_only_codes_of_ours_are_grouped(words: str, shown: str) -> None:
    """A number of another issuer is compared as it is printed."""
    assert grouped(words) == shown
    assert in_sentence(words).plain == shown


def test_a_line_ends_before_a_code_and_never_within() -> None:
    """Half a code at the end of a line would be read as a whole one."""
    assert wrapped("the bag UDCT4USUG7P of therapy", 18) == ["the bag", "UDCT 4USU G7P of", "therapy"]


def test_what_has_no_room_is_marked() -> None:
    """The whole of a long remark stands where it is signed."""
    assert wrapped("one two three four five", 9, lines_max=2) == ["one two", "three ..."]
