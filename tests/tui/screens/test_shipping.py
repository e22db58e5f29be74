"""The courier's list as text, and as a view over many boxes: order, windows, marks, both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.therapy_state import Occurrence
from tracker.views.models import CourierStop, DueClock, Leg, Shipment
from tui.screens.shipments.text import HOLD_SOON, detail_text, hold_left, hold_words, list_text, summary_text

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STOP = CourierStop("TREAT-A", "Harborview Hospital", "1 Quay, Harborview", "+00 555 0121", "Goods receipt")
BOX = Shipment(
    "BD234567892", "Dry shipper 1", Leg.CARRIED, STOP, "TREAT-A", "Polar Courier (CARR-X)", "CARR-X",
    "SEAL-1", 2, ("CD234567892",), NOW + timedelta(days=2),
)  # fmt: skip


def test_the_hold_time_has_a_mark_before_it_is_over() -> None:
    """Twelve hours before the end it is marked, afterwards it cannot be overlooked."""
    assert hold_words(BOX, NOW) == "holds 2 d 0 h"
    soon = replace(BOX, hold_until=NOW + HOLD_SOON)
    assert hold_words(soon, NOW).startswith("▲ ") and hold_left(soon, NOW).startswith("! ")
    late = replace(BOX, hold_until=NOW - timedelta(minutes=1))
    assert hold_words(late, NOW).startswith("■ ") and hold_left(late, NOW).startswith("OVER")
    unknown = replace(BOX, hold_until=None)
    assert hold_words(unknown, NOW) == "hold time not known" and not hold_left(unknown, NOW)


def test_findings_a17_what_ends_first_is_said_by_its_name() -> None:
    """A box that holds 39 h with cells that have 14 h: the 14 h come first, the 39 h stay in sight."""
    cells = DueClock("Collection to start of manufacturing", "UD234567892", NOW + timedelta(hours=14))
    one = replace(BOX, hold_until=NOW + timedelta(hours=39), clock=cells)
    other = replace(BOX, box="BD234567894", hold_until=NOW + timedelta(hours=20))
    assert sorted([other, one], key=lambda each: each.urgency) == [one, other]
    assert hold_words(one, NOW) == "Collection to start of manufacturing: 14 h 00 min left"
    assert hold_left(one, NOW) == "14 h 00 min"
    lines = list_text([one, other], NOW, chosen=None, top=0, height=5).plain.splitlines()
    assert lines[0].endswith(" 14 h 00 min cells") and lines[1].endswith(" 20 h 00 min box")
    detail = detail_text(one, NOW, UTC).plain
    assert "Collection to start of manufacturing: 14 h 00 min left, until 03-02 02:00" in detail
    assert "holds 1 d 15 h, until 03-03 03:00" in detail
    later = replace(one, hold_until=NOW + timedelta(hours=13))
    assert later.first is None and hold_words(later, NOW) == "holds 13 h 00 min"
    over = replace(one, clock=replace(cells, due_at=NOW - timedelta(minutes=5)))
    assert hold_words(over, NOW) == "■ Collection to start of manufacturing over by 5 min"


def test_a_window_holds_what_fits() -> None:
    """Of a hundred boxes the page from the top, numbered as they are in the whole list."""
    found = [replace(BOX, box=f"BD2345678{number:02}") for number in range(100)]
    text = list_text(found, NOW, chosen="BD234567843", top=40, height=10).plain.splitlines()
    assert len(text) == 10
    assert text[0].startswith(" 41   ") and text[3].startswith(" 44 > ") and text[9].startswith(" 50   ")
    assert all(len(line) <= 80 for line in text)


def test_a_wide_terminal_shows_whom_to_call() -> None:
    """The number and the receiver stand in the line itself."""
    line = list_text([BOX], NOW, chosen=None, top=0, height=5, width=200).plain
    assert "+00 555 0121" in line and "Goods receipt" in line


def test_everything_about_one_box() -> None:
    """CourierStop with address and number, contents, hold time in the site's time, attempt, open handoff."""
    tried = Occurrence(NOW, "event", 7, "COUR-X1")
    one = replace(BOX, attempted=tried, offered_to="Goods receipt (TREAT-A/DOCK)", leg=Leg.OFFERED)
    text = detail_text(one, NOW, timezone(timedelta(hours=-5))).plain
    for words in (
        "1 Quay, Harborview", "+00 555 0121", "2 units of 1 therapy, seal SEAL-1", "until 03-03 07:00",
        "03-01 07:00 by COUR-X1: nobody took it", "nobody has taken it yet",
    ):  # fmt: skip
        assert words in text, text
    assert len(text.splitlines()) <= 10


def test_whose_list_and_where_to_first() -> None:
    """A courier drives to the first stop; at a site the same box is what is due first."""
    text = summary_text([BOX], "Polar Courier", NOW, drives=True).plain
    assert "1 on board" in text and "NEXT STOP: Harborview Hospital (TREAT-A), holds 2 d 0 h" in text
    text = summary_text([replace(BOX, leg=Leg.ARRIVED)], "Harborview", NOW, drives=False).plain
    assert "DUE FIRST: Dry shipper 1, ARRIVED" in text
    assert "nothing on the way" in summary_text([], "Polar Courier", NOW, drives=True).plain


@given(st.text(max_size=60), st.text(max_size=60))
def test_names_are_text_and_never_steer_the_terminal(title: str, address: str) -> None:
    """Whatever a site is called, a line stays a line."""
    one = replace(BOX, title=title or "?", stop=replace(STOP, title=title, address=address))
    for text in (
        list_text([one], NOW, chosen=None, top=0, height=1).plain,
        detail_text(one, NOW, UTC).plain,
        summary_text([one], title, NOW, drives=True).plain,
    ):
        assert text.replace("\n", "").isprintable()
