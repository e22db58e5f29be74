"""The board's columns, lines and filters as text: whole words, shapes with every state, columns that go."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.support.journeys_shown import NOW, journey, limit, line, local
from tracker.rules.standing import Standing
from tracker.views.models import BoardCounts, BoardRow
from tui.screens.board.text import (
    GAP,
    SCROLL_BAR,
    Shown,
    cells_of,
    columns_for,
    counts_text,
    filters_text,
    marked_state,
    reason_text,
    state_cell,
    waits_for,
)
from tui.widgets.table_cells import LINES_MAX, lines_of

COUNTS = BoardCounts(
    tuple(zip(Standing, (1, 2, 1, 3, 4_800, 0, 9), strict=True)), (("Collect", 1_201), ("Make", 3_602))
)


def told(row: BoardRow, width: int = 80) -> list[str]:
    """The cells of a line."""
    return [cell.plain for cell in cells_of(row, NOW, local, columns_for(width))]


@pytest.mark.parametrize(
    ("width", "names"),
    [
        (60, "therapy state stage left"),
        (78, "therapy state stage waits left"),
        (80, "therapy state stage waits used left"),
        (110, "therapy state stage waits used left where"),
        (120, "therapy state stage waits used left where next"),
        (200, "therapy state stage waits used left where next"),
    ],
)
def test_columns_leave_whole_and_in_order(width: int, names: str) -> None:
    """Next, then Where, then Used, then Waits for; what stays fits."""
    found = columns_for(width)
    assert [one.name for one, _ in found] == names.split()
    assert sum(cells + GAP for _, cells in found) + SCROLL_BAR <= width


def test_a_line_of_the_board() -> None:
    """The code in groups, state, stage, who has it, the limit that ends first."""
    assert told(line()) == [
        "CDT7 V9D8 S54",
        "○ on time",
        "To plant",
        "Polar Courier",
        "━━───",
        "5:00 h left",
    ]
    assert told(line(), 120)[-2] == "Polar Courier"


@pytest.mark.parametrize(
    ("changes", "state", "style"),
    [
        ({"standing": Standing.BREACH}, "■ BREACH", "stop"),
        ({"standing": Standing.LATE}, "■ LATE", "stop"),
        ({"standing": Standing.STALLED}, "■ STALLED", "stop"),
        ({"standing": Standing.AT_RISK}, "▲ RISK", "check"),
        ({"clocks": (limit(used=0.9),)}, "▲ SOON", "check"),
        ({}, "○ on time", ""),
        ({"standing": Standing.NOT_STARTED, "clocks": ()}, "○ to come", "muted"),
        ({"standing": Standing.CLOSED, "status": "closed"}, "● done", "ok"),
        ({"standing": Standing.CLOSED, "status": "canceled"}, "■ CANCELED", "stop"),
    ],
)
def test_every_state_has_word_shape_and_color(changes: dict[str, object], state: str, style: str) -> None:
    """No color stands alone."""
    text = state_cell(line(**changes), NOW)
    assert (text.plain, str(text.style)) == (state, style)


def test_what_a_therapy_waits_for() -> None:
    """Who has it; of what has ended the day; no limit, no bar."""
    assert waits_for(line(), NOW, local) == "Polar Courier"
    assert waits_for(line(attention=("quarantined",)), NOW, local) == "Polar Courier"
    assert waits_for(line(units=()), NOW, local) == "COLL-B"
    assert waits_for(line(units=(), stage="infused"), NOW, local) == "TREAT-B"
    ended = line(standing=Standing.CLOSED, status="closed", units=())
    assert told(ended) == ["CDT7 V9D8 S54", "● done", "To plant", "28 Nov", "", ""]


def test_marks_stand_beside_the_state() -> None:
    """All of them, below the state where there is no room beside it; stalled is said once."""
    one = line(attention=("test_failed", "quarantined", "not_found_yet", "stalled"))
    narrow, wide = marked_state(one, NOW, 14), marked_state(one, NOW, 28)
    assert narrow.plain.split("\n") == [
        *("○ on time", "■ TEST FAILED", "■ QUARANTINED", "▲ not found", "  yet", "▲ stalled")
    ]
    assert wide.plain.split("\n") == [
        "○ on time  ■ TEST FAILED",
        "■ QUARANTINED",
        "▲ not found yet  ▲ stalled",
    ]
    assert lines_of(cells_of(one, NOW, local, columns_for(80))) == 6
    silent = line(standing=Standing.STALLED, attention=("refused", "stalled"))
    assert marked_state(silent, NOW, 14).plain == "■ STALLED\n▲ refused"


def test_what_comes_next_has_its_number() -> None:
    """In a window wide enough, whole; of what has ended nothing."""
    one = line(next_step=(43, "Take over what was handed over, looking at it"))
    assert told(one, 120)[-1] == "43 Take over what\n   was handed over,\n   looking at it"
    assert told(line(next_step=(25, "Freeze")), 120)[-1] == "25 Freeze"
    assert told(line(), 120)[-1] == ""


@pytest.mark.parametrize("name", ["A" * 120, "Cell " * 24, "細胞調製室 " * 20, "e\u0301cole " * 20])
def test_no_cell_is_wider_than_its_column(name: str) -> None:
    """Letters of two cells and of none are counted so; no more than three lines."""
    (unit,) = line().units
    one = line(units=(type(unit)(unit.unit, unit.material, name.strip(), "MFG-1", False, False),))
    for width in (80, 120, 200):
        for (column, cells), text in zip(columns_for(width), told(one, width), strict=True):
            assert all(cell_len(part) <= cells for part in text.split("\n")), column
            assert text.count("\n") < LINES_MAX


def test_filters_have_words_and_counts() -> None:
    """The chosen one is reversed; what is shown of how many is said, and what else narrows the list."""
    text = filters_text(COUNTS, Shown(rows=200, is_whole=False))
    assert text.plain == (
        " All 4 816   ■ 1 breach   ■ 2 late   ■ 1 stalled   ▲ 3 risk   ○ 4 800 on time \n"
        " ● 9 done \n 200 of 4 816"
    )
    late = filters_text(COUNTS, Shown(Standing.LATE, "COLL-B", attention=True, text="[b]po", rows=1))
    assert late.plain.endswith("● 9 done \n site COLL-B  calls for somebody  “[b]po”  1 found")
    reversed_words = [late.plain[span.start : span.end] for span in late.spans if span.style == "keycap"]
    assert reversed_words == [" ■ 2 late "]


def test_counts_by_stage() -> None:
    """What is wrong first, then the stretches in their order, each with a line of its share."""
    assert counts_text(COUNTS, width=41).plain.split("\n") == [
        "breach        1 ━",
        "late          2 ━",
        "stalled       1 ━",
        "risk          3 ━",
        "Collect   1 201 ━━━━━━━━",
        "Make      3 602 ━━━━━━━━━━━━━━━━━━━━━━━━",
    ]


def test_why_the_chosen_one_stands_so() -> None:
    """Its first limit by name, its marks, and what can be done."""
    one = journey(line=line(standing=Standing.LATE, clocks=(limit(used=1.1),), attention=("deviation",)))
    assert reason_text(one, NOW).plain == (
        "■ LATE  Collection to start of manufacturing: 1:00 h over  ▲ deviation\n"
        "Enter open the therapy   F9 open a deviation"
    )
