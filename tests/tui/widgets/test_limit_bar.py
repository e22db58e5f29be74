"""A limit as word, bar and time left: in order, soon from four fifths on, over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rich.cells import cell_len

from tests.support.journeys_shown import NOW, limit
from tracker.views.models import DueClock
from tui.widgets.limit_bar import bar_style, bar_text, left_text, limit_lines, urgency_of


@pytest.mark.parametrize(
    ("share", "style", "cells"),
    [
        (0.0, "ok", 0),
        (0.01, "ok", 1),
        (0.5, "ok", 5),
        (0.79, "ok", 8),
        (0.8, "check", 8),
        (0.999, "check", 9),
        (1.0, "check", 9),
        (1.001, "stop", 10),
        (7.0, "stop", 10),
        (-1.0, "ok", 0),
    ],
)
def test_a_bar_is_time_used(share: float, style: str, cells: int) -> None:
    """Of a limit that has begun at least one cell is used; of one that runs at least one is left."""
    assert bar_text(share, 10).plain == "━" * cells + "─" * (10 - cells)
    assert bar_style(share) == style


@pytest.mark.parametrize(
    ("used", "words", "urgency"),
    [(0.5, "5:00 h left", ""), (0.93, "0:42 h left", "check"), (1.25, "2:30 h over", "stop")],
)
def test_what_is_left_is_said(used: float, words: str, urgency: str) -> None:
    """In words with the color of the bar."""
    one = limit(used=used)
    assert left_text(one, NOW).plain == words and urgency_of(one, NOW) == urgency


def test_every_limit_the_first_to_end_first() -> None:
    """Word, bar and time under each other, each with its shape."""
    hold = DueClock("Hold time of the shipper", "U", NOW + timedelta(days=4), NOW - timedelta(days=1))
    late, soon = limit("Thaw to infusion", used=1.1), limit("Out of storage", used=0.9)
    lines = [one.plain for one in limit_lines((hold, soon, late), NOW, width=66)]
    assert lines == [
        "■ Thaw to infusion         ━━━━━━━━━━━━━━━━ 1:00 h over",
        "▲ Out of storage           ━━━━━━━━━━━━━━── 1:00 h left",
        "○ Hold time of the shipper ━━━───────────── 4 d 0 h left",
    ]


def test_a_long_word_has_a_line_of_its_own() -> None:
    """No word is cut for the bar's sake."""
    title = "Removal from storage to end of infusion, counted from the first bag"
    (one,) = limit_lines((limit(title),), NOW, width=70)
    assert one.plain == f"○ {title}\n  ━━━━━━━━──────── 5:00 h left"


def test_a_beginning_that_nobody_knows_draws_no_bar() -> None:
    """How long is left is said all the same, and late is late."""
    unknown = DueClock("Shelf life", "U", NOW + timedelta(days=12))
    (one,) = limit_lines((unknown,), NOW, width=60)
    assert "━" not in one.plain and "─" not in one.plain and one.plain.endswith("12 d left")
    assert urgency_of(DueClock("Shelf life", "U", NOW - timedelta(days=1)), NOW) == "stop"


def test_letters_of_two_cells() -> None:
    """A title in double-width letters moves no bar."""
    lines = list(limit_lines((limit("解凍から投与まで"), limit("Thaw to infusion")), NOW, width=70))
    assert len({cell_len(one.plain[: one.plain.index("━")]) for one in lines}) == 1
