"""Every state is a shape, a word and a color: no screen shows the word alone."""

from __future__ import annotations

import re

import pytest

from tests.support.places import SNAPSHOTS
from tui.glyphs import BAD, DONE, LOOK, TO_COME, WRITING
from tui.states import CANCELED, STATES, ShownState, shaped, styled

WORDS = (
    *(one.word for one in (*STATES.values(), CANCELED) if one.word.isupper()),
    *("SOON", "MISSING", "WARM", "QUARANTINE", "QUARANTINED", "OVERDUE", "PASSED", "FAILED"),
    *("SUPERSEDED", "EXPIRED", "GAP", "CHECK"),
)
ALONE = re.compile(
    rf"(?<![{BAD}{LOOK}{DONE}{TO_COME}{WRITING}] )(?<![{BAD}{LOOK}] \d )(?<![{BAD}{LOOK}] \d\d )"
    rf"\b(?:{'|'.join(WORDS)})\b(?! (?:ENTRY|two rings))"
)


def test_no_state_word_without_its_shape() -> None:
    """On every screen of every story, at both sizes; a count may stand between: `\u25a0 2 LATE`."""
    found = [
        f"{path.name}: {line.strip()}"
        for path in SNAPSHOTS.glob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if ALONE.search(line)
    ]
    assert not found


@pytest.mark.parametrize("one", [*STATES.values(), CANCELED], ids=lambda one: one.word)
def test_a_state_has_its_shape_word_and_color(one: ShownState) -> None:
    """The color is found by the shape, so that none stands without the other."""
    assert one.text == f"{one.shape} {one.word}"
    assert str(styled(one.text).style) == str(
        shaped(f"{one.text}!").spans[0].style if one.shape != TO_COME else ""
    )
