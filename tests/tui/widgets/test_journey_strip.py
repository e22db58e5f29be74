"""The journey as a line: what is behind, where it is, what is to come; upright where it does not fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from rich.text import Text

from tests.support.journeys_shown import NOW, journey, limit, line, local, stretches
from tracker.rules.standing import Standing
from tracker.views.journey import TherapyJourney
from tui.widgets.journey_strip import strip_text

ON_ITS_WAY = """\
Order Collect Freeze To plant Make Release To ward At ward Infuse
●━━━━ ●━━━━━━ ●━━━━━ ◉╌╌╌╌╌╌╌ ○─── ○────── ○────── ○────── ○
2 Nov 3 Nov   4 Nov  5 Nov
16 d  4:00 h  0:42 h 1 d 7 h"""

UPRIGHT = """\
● Order     2 Nov  16 d
● Collect   3 Nov  4:00 h
● Freeze    4 Nov  0:42 h
◉ To plant  5 Nov  1 d 7 h
○ Make
○ Release
○ To ward
○ At ward
○ Infuse"""


def drawn(one: TherapyJourney, width: int = 66) -> str:
    """The strip without the blanks at its ends."""
    return "\n".join(row.rstrip() for row in strip_text(one, NOW, local, width=width).plain.split("\n"))


def style_at(text: Text, word: str) -> str:
    """The style of a word in it."""
    place = text.plain.index(word)
    return next(str(span.style) for span in text.spans if span.start <= place < span.end)


def test_behind_here_and_ahead() -> None:
    """Dates and times only of what is recorded; nothing stands for what is to come."""
    assert drawn(journey()) == ON_ITS_WAY


def test_what_is_booked_is_projected() -> None:
    """With a tilde, as every time that has not come; without a year, so that all columns fit."""
    ahead = {4: datetime(2026, 12, 10, tzinfo=UTC), 8: datetime(2027, 1, 3, tzinfo=UTC)}
    booked = tuple(replace(one, projected_at=ahead.get(place)) for place, one in enumerate(stretches()))
    days = drawn(journey(stretches=booked), 76).split("\n")[2]
    assert days.split()[-5:] == ["Nov", "~10", "Dec", "~3", "Jan"]


def test_nine_stretches_fit_eighty_columns() -> None:
    """In a pane; wider, the columns share what is left, up to fourteen."""
    narrow, wide = drawn(journey(), 76), drawn(journey(), 190)
    assert narrow.startswith("Order  Collect  Freeze  To plant  Make  Release")
    assert max(map(cell_len, narrow.split("\n"))) <= 76
    assert wide.index("Collect") == 15


def test_too_narrow_it_stands() -> None:
    """One line a stretch, with the same words."""
    assert drawn(journey(), 60) == UPRIGHT


@pytest.mark.parametrize(
    ("used", "standing", "node", "style"),
    [
        (0.79, Standing.ON_TRACK, "◉", "key"),
        (0.8, Standing.ON_TRACK, "▲", "check"),
        (1.01, Standing.LATE, "■", "stop"),
        (0.1, Standing.STALLED, "■", "stop"),
    ],
)
def test_the_node_of_now_says_how_it_stands(used: float, standing: Standing, node: str, style: str) -> None:
    """By shape and color, and its name is reversed."""
    one = journey(line=line(clocks=(limit(used=used),), standing=standing))
    text = strip_text(one, NOW, local, width=76)
    assert text.plain.split("\n")[1].split()[3].startswith(node)
    assert style_at(text, "To plant") == f"now.{style}" and style_at(text, node) == f"bar.{style}"


def test_canceled_is_muted() -> None:
    """What was reached keeps its shape and loses its color; nothing is under way."""
    ended = stretches(now=8, shorts=("Order", "Collect"))
    one = journey(line=line(status="canceled", standing=Standing.CLOSED, clocks=()), stretches=ended)
    text = strip_text(one, NOW, local, width=76)
    assert "◉" not in text.plain and style_at(text, "●") == "line"


def test_a_year_that_is_not_this_one_is_said() -> None:
    """A date of another year would be taken for one of this."""
    (first, *_) = stretches()
    assert first.began_at is not None
    old = journey(stretches=(type(first)("Order", first.progress, first.began_at.replace(year=2025)),))
    assert "2 Nov 2025" in drawn(old, 76)


@pytest.mark.parametrize("short", ["血液の準備中です", "e\u0301tape 1"])
def test_letters_of_any_width_keep_their_columns(short: str) -> None:
    """Double-width and combining letters take the cells they take, and nothing moves."""
    one = journey(stretches=stretches(shorts=(short, "Collect", "Freeze", "To plant", "Make")))
    rows = strip_text(one, NOW, local, width=76).plain.split("\n")
    places = {cell_len(rows[0][: rows[0].index("Collect")]), cell_len(rows[1][: rows[1].index("●", 1)])}
    assert len(places) == 1
    assert max(map(cell_len, rows)) <= 76


def test_a_protocol_that_is_not_here_has_no_strip() -> None:
    """Without its stages there is nothing to draw."""
    assert drawn(journey(stretches=())) == ""
