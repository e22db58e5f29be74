"""The courier's list as text, and as a view over many boxes: order, windows, marks, both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from tracker.rules.therapy_state import Occurrence, RefusalState
from tracker.views.bookings import HeardLine, ShipmentLine
from tracker.views.models import CourierStop, DueClock, Leg, Shipment
from tui.screens.shipments.text import (
    HOLD_SOON,
    counts_text,
    detail_table,
    hold_left,
    limits_of,
    line_of,
    title_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STOP = CourierStop("TREAT-A", "Harborview Hospital", "1 Quay, Harborview", "+00 555 0121", "Goods receipt")
BOX = Shipment(
    "BD234567892", "Dry shipper 1", Leg.CARRIED, STOP, "TREAT-A", "Polar Courier (CARR-X)", "CARR-X",
    "SEAL-1", 2, ("CD234567892",), NOW + timedelta(days=2), NOW - timedelta(days=2),
)  # fmt: skip


CELLS = DueClock("Collection to start of manufacturing", "UD234567892", NOW + timedelta(hours=14))


SHIPPED = ShipmentLine(
    "SD234567892", "packed", "CARR-X", "A-B", "COLL-A", "TREAT-A", ("CD234567892",), None, None,
    BOX.box, BOX.title, "", "020-12345675", "", (), BOX.hold_until,
)  # fmt: skip


def drawn(shown: RenderableType, width: int = 76) -> str:
    """Its text, as a terminal of that width shows it."""
    console = Console(width=width, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as caught:
        console.print(shown)
    return "\n".join(line.rstrip() for line in caught.get().splitlines())


def lines(*found: Shipment, width: int = 76) -> list[str]:
    """The list of these boxes."""
    return [
        drawn(line_of(one, number, NOW, UTC, site_cells=8), width)
        for number, one in enumerate(found, start=1)
    ]


def detail(one: Shipment, zone: tzinfo = UTC) -> str:
    """What stands above the list of a box."""
    return drawn(detail_table(one, NOW, zone))


def test_findings_a6_the_hold_time_has_a_mark_before_it_is_over() -> None:
    """A bar from when it was packed; from twelve hours before the end it is marked, afterwards it is over."""
    (line,) = lines(BOX)
    assert line == "1  ► DELIVER     TREAT-A  BD23 4567 892  ━━━━──── 2 d 0 h shipper"
    soon = replace(BOX, hold_until=NOW + HOLD_SOON)
    assert lines(soon)[0].endswith("━━━━━━── ▲ 12:00 h shipper")
    late = replace(BOX, hold_until=NOW - timedelta(minutes=1))
    assert lines(late)[0].endswith("━━━━━━━━ ■ OVER 0:01 h shipper") and hold_left(late, NOW) == "OVER 0:01 h"
    assert "Shipper ━━━━━━━━━━ ■ 0:01 h over, until 1 Mar 11:59" in detail(late)
    unknown = replace(BOX, hold_until=None)
    assert "hold time not known" in detail(unknown) and not hold_left(unknown, NOW)


def test_what_is_booked_and_not_packed_says_by_when_it_is_fetched() -> None:
    """Without a box too; two hours before the latest pick-up it is marked, afterwards it is missed."""
    window = (NOW + timedelta(hours=1), NOW + timedelta(hours=3))
    line = replace(SHIPPED, status="booked", box="", box_title="", hold_until=None, pick_up=window)
    one = Shipment("", line.waybill, Leg.BOOKED, STOP, "MFG-1", "", "CARR-X", line=line)
    assert " ".join(lines(one)[0].split()) == "1 ○ BOOKED TREAT-A no box yet by 1 Mar 15:00"
    soon = replace(one, line=replace(line, pick_up=(NOW, NOW + timedelta(hours=2))))
    assert "▲ by 1 Mar 14:00" in lines(soon)[0]
    missed = replace(one, line=replace(line, pick_up=(NOW, NOW - timedelta(minutes=1))))
    assert "■ by 1 Mar 11:59" in lines(missed)[0]
    shown = detail(one)
    assert "booked, not packed yet" in shown and "Fetch by" in shown and "1 Mar 15:00" in shown
    assert sorted([BOX, one], key=lambda each: each.urgency) == [one, BOX]
    assert counts_text([one]) == "1 booked"


def test_findings_a17_what_ends_first_is_said_by_its_name() -> None:
    """A box that holds 39 h with cells that have 14 h: the 14 h come first, the 39 h stay in sight."""
    one = replace(BOX, hold_until=NOW + timedelta(hours=39), clock=CELLS)
    other = replace(BOX, box="BD234567894", hold_until=NOW + timedelta(hours=20))
    assert sorted([other, one], key=lambda each: each.urgency) == [one, other]
    assert [limit.name for limit in limits_of(one)] == ["cells", "shipper"]
    first, second = lines(one, other)
    assert first.endswith(" 14:00 h cells") and second.endswith(" 20:00 h shipper")
    text = detail(one)
    assert "14:00 h left, until 2 Mar 02:00: Collection to start of" in text
    assert "1 d 15 h left, until 3 Mar 03:00" in text
    later = replace(one, hold_until=NOW + timedelta(hours=13))
    assert limits_of(later)[0].name == "shipper"
    over = replace(one, clock=replace(CELLS, due_at=NOW - timedelta(minutes=5)))
    assert lines(over)[0].endswith("■ OVER 0:05 h cells")


@pytest.mark.parametrize(
    ("leg", "expected"),
    [
        (Leg.FETCH, "◄ FETCH"),
        (Leg.CARRIED, "► DELIVER"),
        (Leg.OFFERED, "◉ AT DOOR"),
        (Leg.ARRIVED, "● ARRIVED"),
        (Leg.EMPTY_FETCH, "○ EMPTY fetch"),
        (Leg.EMPTY_CARRIED, "○ EMPTY home"),
    ],
)
def test_every_leg_has_its_shape_and_its_word(leg: Leg, expected: str) -> None:
    """What is to be done is told apart without color."""
    assert expected in lines(replace(BOX, leg=leg))[0]


def test_a_refused_box_says_so_and_whom_to_call() -> None:
    """In the list and above it: who refused it, where, and for what."""
    said = RefusalState(Occurrence(NOW, "event", 7, "DOCK-M"), "TREAT-A", "container_damaged")
    one = replace(BOX, refused=said)
    assert "■ REFUSED" in lines(one)[0] and lines(one)[0].endswith("2 d 0 h call quality")
    assert "■ 1 Mar 12:00 at TREAT-A by DOCK-M: Container damaged." in detail(one)
    assert f"It stays with {one.holder}; F7: quality sends it elsewhere." in " ".join(detail(one).split())
    tried = replace(BOX, attempted=Occurrence(NOW, "event", 7, "COUR-X1"))
    assert "▲ TRIED" in lines(tried)[0]


def test_everything_about_one_box() -> None:
    """Address and number, whom to ask, contents, hold time as the site's clock has it, what is wrong."""
    tried = Occurrence(NOW, "event", 7, "COUR-X1")
    one = replace(BOX, attempted=tried, offered_to="Goods receipt (TREAT-A/DOCK)", leg=Leg.OFFERED)
    text = detail(one, timezone(timedelta(hours=-5)))
    for words in (
        "1 Quay, Harborview", "+00 555 0121  ask for Goods receipt", "2 units of 1 therapy, seal SEAL-1",
        "until 3 Mar 07:00", "1 Mar 07:00 by COUR-X1: nobody took it", "nobody has taken it yet",
        "BD23 4567 892",
    ):  # fmt: skip
        assert words in " ".join(text.split()).replace("555 0121 ask", "555 0121  ask"), text
    assert len(text.splitlines()) <= 10


def test_whose_list_and_where_to_first() -> None:
    """A courier drives to the first stop, with all that is for it; at a site a box is what is due first."""
    other = replace(BOX, box="BD234567894")
    assert title_of(BOX, [BOX, other], drives=True, is_chosen=False) == "► Next stop: deliver, 2 boxes"
    assert title_of(BOX, [BOX], drives=False, is_chosen=False) == "► Due first: Dry shipper 1"
    assert title_of(BOX, [BOX], drives=True, is_chosen=True) == "► DELIVER  Dry shipper 1"
    assert counts_text([BOX, replace(BOX, leg=Leg.FETCH)]) == "1 to fetch, 1 on board"
    refusal = RefusalState(Occurrence(NOW, "e", 1, "DOCK-B"), "TREAT-B", "seal_broken")
    refused = replace(BOX, leg=Leg.FETCH, refused=refusal)
    assert counts_text([BOX, refused]) == "1 on board, 1 refused", "as the lines say it"
    assert counts_text([]) == "nothing on the way"


@pytest.mark.parametrize("width", [76, 110])
def test_a_long_name_is_wrapped_and_no_line_is_wider_than_its_pane(width: int) -> None:
    """Sixty characters, all of them."""
    name = "Klinik und Poliklinik fuer Innere Medizin der Universitaet Y"
    one = replace(BOX, stop=replace(STOP, title=name))
    shown = drawn(detail_table(one, NOW, UTC), width)
    assert name in " ".join(shown.split()) and max(map(len, shown.splitlines())) <= width


@given(st.text(max_size=60), st.text(max_size=60))
def test_names_are_text_and_never_steer_the_terminal(title: str, address: str) -> None:
    """Whatever a site is called, a line stays a line."""
    one = replace(BOX, title=title or "?", stop=replace(STOP, title=title, address=address))
    for text in (*lines(one), detail(one), title_of(one, [one], drives=False, is_chosen=False)):
        assert text.replace("\n", "").isprintable()


def test_estimates_have_a_source_and_a_history() -> None:
    """The newest says that it is late; the one before it stands above, each with who told it and when."""
    told = [
        HeardLine("departed", "jfk", NOW, NOW + timedelta(hours=20), "carrier_file", "COORD-A"),
        HeardLine("delayed", "fra", NOW + timedelta(hours=1), NOW + timedelta(hours=30), "phone", "COORD-A"),
    ]
    window = (NOW + timedelta(hours=18), NOW + timedelta(hours=24))
    booked = replace(SHIPPED, pick_up=window, delivery=window, heard=tuple(told))
    shown = detail(replace(BOX, line=booked))
    assert "Arrive by 2 Mar 12:00  waybill 020-12345675" in shown
    assert "2 Mar 08:00  Departed JFK, 1 Mar 12:00 (carrier file, COORD-A)" in shown
    assert "▲ LATE 2 Mar 18:00  Delayed FRA, 1 Mar 13:00 (phone, COORD-A)" in shown
    east = timezone(timedelta(hours=5))
    there = replace(
        booked, to_site="MFG-1", delivery=(window[0].astimezone(east), window[1].astimezone(east))
    )
    assert "Arrive by 2 Mar 12:00 (2 Mar 17:00 at MFG-1)" in detail(replace(BOX, line=there))
    past = replace(booked, hold_until=NOW + timedelta(hours=29))
    assert "■ AFTER IT HOLDS 2 Mar 18:00" in detail(replace(BOX, line=past))
    assert "■ AFTER THE CELLS' LIMIT 2 Mar 18:00" in detail(replace(BOX, line=booked, clock=CELLS))
    heard = replace(booked, heard=(HeardLine("arrived", "fra", NOW, None, "courier", "COUR-X1"),))
    assert "Heard     Arrived FRA, 1 Mar 12:00" in detail(replace(BOX, line=heard))
