"""The lanes as text: one a holder under one axis, nobody marked, nothing cut at any width."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from rich.cells import cell_len

from tracker.exports.lanes import CustodyLane, HeldSpan, Unheld
from tui.widgets.custody_lanes import LanesView, lanes_text

BEGAN = datetime(2026, 11, 18, tzinfo=UTC)


def at(days: float) -> datetime:
    """So many days after the beginning."""
    return BEGAN + timedelta(days=days)


def held(since: float, until: float | None, *, on_paper: bool = False) -> HeldSpan:
    """A span in days."""
    return HeldSpan(at(since), None if until is None else at(until), on_paper)


def entry(moment: datetime) -> Any:
    """As much of an entry as a gap asks for."""
    return SimpleNamespace(statement=SimpleNamespace(occurred_at=moment))


LANES = (
    CustodyLane("Chair 2 (COLL-B/APH)", "COLL-B", (held(0, 0.2),)),
    CustodyLane("Cell laboratory (COLL-B/LAB)", "COLL-B", (held(0.2, 9),)),
    CustodyLane("Polar Courier (CARR-X)", "", (held(9, 10.5),)),
    CustodyLane("Dock (MFG-1/DOCK)", "MFG-1", (held(10.6, 11, on_paper=True),)),
    CustodyLane("Suite B (MFG-1/B)", "MFG-1", (held(11, None),)),
)
NOBODY = Unheld(cast("Any", entry(at(10.5))), cast("Any", entry(at(10.6))), LANES[3].holder)
VIEW = LanesView(LANES, (NOBODY,), at(12))


def lines(width: int, cursor: datetime | None = None) -> list[str]:
    """As drawn for a width."""
    text = lanes_text(VIEW, width=width, local=lambda moment: moment, cursor=cursor)
    return text.plain.splitlines()


def test_one_lane_a_holder_and_nobody_with_its_length() -> None:
    """At 80 columns: dates above, the bars one after the other, ?? before the one who took it late."""
    axis, *drawn = lines(76)
    assert axis.split()[:4] == ["clock", "+00:00", "18", "Nov"] and axis.split()[-1] == "28"
    names = [one[:23].rstrip() for one in drawn]
    assert names == [
        "Chair 2, COLL-B",
        "Cell laboratory, COLL-B",
        "Polar Courier",
        "Dock, MFG-1",
        "Suite B, MFG-1",
    ]
    assert all(cell_len(one) == 76 for one in drawn)
    begins = [min(one.index(mark) for mark in "━?" if mark in one) for one in drawn]
    assert begins == sorted(begins)
    dock = drawn[3]
    assert "??━" in dock and "2:24 h nobody" in dock
    assert drawn[4].endswith("━"), "what lasts goes on to the end"


def test_a_cursor_stands_in_every_lane_and_shows_who_held_it() -> None:
    """The lane that held it then has the mark of here and now, the others a line."""
    _, *drawn = lines(76, at(5))
    marks = [next((char for char in one if char in "◉│"), "") for one in drawn]
    assert marks == ["│", "◉", "│", "│", "│"]
    assert len({one.index(mark) for one, mark in zip(drawn, marks, strict=True)}) == 1


def test_where_there_is_room_for_some_the_axis_stays() -> None:
    """The third and fourth holder alone, under the axis of all, at the same places as among all."""
    text = lanes_text(VIEW, width=76, local=lambda moment: moment, shown=slice(2, 4))
    assert text.plain.splitlines() == [lines(76)[0], *lines(76)[3:5]]


def test_a_long_name_goes_on_in_the_next_line() -> None:
    """Sixty characters are told whole, at words."""
    name = "Center for controlled freezing and storage of cells, north"
    lane = CustodyLane(f"{name} (X)", "COLL-B", (held(0, None),))
    drawn = lanes_text(LanesView((lane,), (), at(2)), width=76, local=lambda moment: moment).plain
    words = " ".join(line.partition("━")[0] for line in drawn.splitlines()[1:])
    assert " ".join(words.split()) == f"{name}, COLL-B"
    assert all(cell_len(line) <= 76 for line in drawn.splitlines())


def test_hours_where_it_is_short_and_nothing_where_nobody_had_it() -> None:
    """Of a day the axis counts hours; without lanes a sentence stands there."""
    lane = CustodyLane("Chair (A)", "A", (held(0.4, 0.9),))
    axis = lanes_text(LanesView((lane,), (), at(0.9)), width=76, local=lambda moment: moment)
    assert "12:00" in axis.plain.splitlines()[0]
    empty = lanes_text(LanesView((), (), at(1)), width=76, local=lambda moment: moment)
    assert empty.plain == "Nobody has had a unit yet."
