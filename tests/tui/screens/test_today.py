"""Today in words and at the terminal: what is wrong first, readiness in dots, one cursor for all lists."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from schema.vocabulary import AlertCause, Material, Reason, ResourceType, Role
from tests.support.front_desk import desk_at
from tests.support.gallery.planning import COORDINATOR, morning
from tests.support.gallery.story import another
from tests.support.journeys_shown import BOX, COI, UNIT, limit
from tests.tui.screens.test_screens import kinds
from tracker.demo import stages
from tracker.demo.journey import scan
from tracker.rules.readiness import Need
from tracker.therapy.making.requests import Quarantine
from tracker.values import (
    AlertLine,
    DueLine,
    Leg,
    MilestoneForecast,
    PromisedLine,
    Readiness,
    ReadinessItem,
    RoadLine,
    Standing,
    StoredLine,
    TherapyForecast,
    Today,
    UseLine,
    due_for,
)
from tracker.views.planning import DayUse
from tui.screens.board import BoardScreen
from tui.screens.plan import PlanScreen
from tui.screens.sign import SignScreen
from tui.screens.therapy import TherapyScreen
from tui.screens.today import SeenIt, TodayScreen
from tui.screens.today.beside import course_text, items_text
from tui.screens.today.lists import TodayList
from tui.screens.today.morning import Morning
from tui.screens.today.text import (
    ShownLine,
    Told,
    allotted,
    clock,
    due_at,
    due_columns,
    due_line,
    due_words,
    exception_line,
    expected_words,
    promised_text,
    road_columns,
    road_line,
    stored_line,
    summed,
    week_text,
)

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
TUESDAY = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def told(line: ShownLine) -> list[str]:
    """Its cells, then what stands below."""
    return [cell.plain for cell in line.cells] + ([] if line.below is None else [line.below.plain])


def wrong(**changes: Any) -> TherapyForecast:
    """A delivery that comes later than it was promised."""
    later = TUESDAY + timedelta(hours=4, minutes=30)
    about = MilestoneForecast(
        "delivery", "Delivery", "MFG-1", "MFG-1", TUESDAY, later, False, True, "flight 2 h late"
    )
    values: dict[str, Any] = {
        "coi": COI,
        "standing": Standing.AT_RISK,
        "reason": "Delivery is projected for Tue 1 Dec 13:30, promised for Tue 1 Dec 09:00: flight 2 h late.",
        "about": about,
        "limit_at": None,
        "milestones": (about,),
    }
    return TherapyForecast(**{**values, **changes})


def due(*missing: tuple[Need, Readiness, str], **changes: Any) -> DueLine:
    """A collection of which everything is there but what is said."""
    given = {need: ReadinessItem(need, Readiness.READY, f"{need.value} is there") for need in Need}
    given |= {need: ReadinessItem(need, readiness, words) for need, readiness, words in missing}
    values: dict[str, Any] = {
        "coi": COI,
        "milestone": "collection",
        "title": "Collection",
        "at": TUESDAY,
        "site": "COLL-A",
        "place": "COLL-A chair 1",
        "resource_type": ResourceType.APHERESIS_CHAIR,
        "is_pick_up": False,
        "items": tuple(given.values()),
    }
    return DueLine(**{**values, **changes})


def test_logistics_t3_an_exception_has_promised_projected_and_its_reason() -> None:
    """State, therapy, both times, the milestone; the sentence below, or what is behind it beside it."""
    first = "Delivery is projected for Tue 1 Dec 13:30, promised for Tue 1 Dec"
    assert told(exception_line(wrong(), NOW, 76, 9, seen="", told=Told.WHOLE)) == [
        "▲ RISK",
        "CDT7 V9D8 S54",
        "Tue 09:00 › ~Tue 13:30",
        "Deliver",
        f"          {first}\n          09:00: flight 2 h late.",
    ]
    short = exception_line(wrong(), NOW, 76, 9, seen="", told=Told.BRIEFLY)
    assert told(short)[2:] == ["Tue 09:00 › ~Tue 13:30", "Deliver: flight 2 h late"]
    narrow = exception_line(wrong(), NOW, 62, 9, seen="", told=Told.BRIEFLY)
    assert told(narrow)[2:] == ["~Tue 13:30", "Deliver: flight 2 h late"] and narrow.lines == 1
    beside = exception_line(wrong(), NOW, 76, 9, seen="", told=Told.ELSEWHERE)
    assert told(beside)[2:] == ["Tue 09:00 › ~Tue 13:30", "Deliver"]


def test_a_state_without_a_milestone_has_its_sentence() -> None:
    """A passed limit; marks stand beside the state."""
    one = wrong(
        standing=Standing.BREACH,
        about=None,
        attention=("quarantined",),
        reason="Shelf life ended 2:00 h ago.",
    )
    assert told(exception_line(one, NOW, 76, 9, seen="● seen 07:12 COORD-A", told=Told.WHOLE)) == [
        "■ BREACH",
        "CDT7 V9D8 S54",
        "■ QUARANTINED  ● seen 07:12 COORD-A",
        "          Shelf life ended 2:00 h ago.",
    ]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (TUESDAY, "Tue 09:00"),
        (NOW + timedelta(days=9), "Tue 8 Dec 12:30"),
        (TUESDAY.astimezone(timezone(timedelta(hours=-5))), "Tue 04:00 -05"),
        (TUESDAY.astimezone(timezone(timedelta(hours=5, minutes=30))), "Tue 14:30 +05:30"),
    ],
)
def test_a_time_of_this_week_has_its_weekday(at: datetime, words: str) -> None:
    """Further away the day stands with it; by other clocks their offset does.

    Lines in the order of time, each by the clocks of its site, read as sorted wrongly.
    """
    assert clock(at, NOW) == words


def test_logistics_t2_what_is_due_says_first_what_is_missing() -> None:
    """Four dots in fixed order, and the first bad thing in words."""
    one = due(
        (Need.SHIPPER, Readiness.MISSING, "no shipper booked"),
        (Need.COURIER, Readiness.NOT_DUE, "after the shipper"),
    )
    columns = due_columns([one], NOW, 76)
    assert told(due_line(one, NOW, columns, 76)) == [
        "Tue 09:00",
        "Collect",
        "CDT7 V9D8 S54",
        "COLL-A chair 1",
        "●●■○",
        "no shipper booked",
    ]
    assert items_text(one).plain.split("\n")[3] == "■ shipper: no shipper booked"


def test_the_place_goes_away_whole_where_words_have_no_room() -> None:
    """First what is not the site, then all of it; no word of what is missing is cut for it."""
    one = due(place="Apheresis chairs of the second floor")
    assert told(due_line(one, NOW, due_columns([one], NOW, 76), 76))[3] == "COLL-A"
    long = due(milestone="donor_lymphocyte_collection")
    assert due_columns([long], NOW, 76).place == 0


def test_where_no_words_have_room_the_dots_stay_and_nothing_is_cut() -> None:
    """Beside two other panes: when, what, which therapy, and the dots."""
    one = due((Need.SHIPPER, Readiness.MISSING, "no shipper booked"))
    line = due_line(one, NOW, due_columns([one], NOW, 40), 40)
    assert told(line) == ["Tue 09:00", "Collect", "CDT7 V9D8 S54", "●●■●"]
    assert sum(line.widths) + len(line.widths) - 1 <= 40


def test_a_promised_infusion_says_the_day_to_which_it_is_projected() -> None:
    """Both days, as the therapy's own screen has them; one that is kept has its site."""
    promised = date(2026, 12, 4)
    later = MilestoneForecast(
        "infusion", "Infusion", "TREAT-A", "TREAT-A/BED", NOW + timedelta(days=5), NOW + timedelta(days=8),
        False, True, "",
    )  # fmt: skip
    lines = [PromisedLine(COI, promised, "TREAT-A"), PromisedLine(COI, promised, "TREAT-B")]
    shown = promised_text(lines[:1], {COI: wrong(standing=Standing.LATE, milestones=(later,))})
    assert shown.plain.split("\n") == [" Fri 4 Dec CDT7 V9D8 S54 ■ LATE", "           › ~Mon 7 Dec"]
    assert promised_text(lines[1:], {}).plain == " Fri 4 Dec CDT7 V9D8 S54 TREAT-B"


def test_beside_an_exception_stands_its_own_course() -> None:
    """Why it is not on time, then what is to come, as promised and as projected."""
    coming = MilestoneForecast(
        "infusion", "Infusion", "TREAT-A", "TREAT-A/BED", TUESDAY, TUESDAY, False, False, ""
    )
    (about,) = wrong().milestones
    assert course_text(wrong(milestones=(about, coming)), NOW, 34).plain.split("\n")[-2:] == [
        "Deliver Tue 09:00 › ~Tue 13:30",
        "Infuse Tue 09:00",
    ]


def test_a_pick_up_is_called_so() -> None:
    """By its way, at the site that it leaves."""
    one = due(is_pick_up=True, place="MFG-1 › TREAT-A", site="MFG-1", milestone="delivery")
    assert told(due_line(one, NOW, due_columns([one], NOW, 76), 76))[1:4] == [
        "Pick up",
        "CDT7 V9D8 S54",
        "MFG-1 › TREAT-A",
    ]


def test_a_box_on_the_road() -> None:
    """Way, expected time, the limit as a line and as time left, what its display showed."""
    one = RoadLine(
        BOX, "Dry shipper 4", "COLL-B", "MFG-1", Leg.CARRIED, "Polar Courier (CARR-X)", "CARR-X", TUESDAY,
        limit(used=0.5), "-184.0", (COI,),
    )  # fmt: skip
    assert told(road_line(one, NOW, road_columns([one], NOW), 76)) == [
        "BDFK HH9X 596",
        "COLL-B › MFG-1",
        "~Tue 09:00",
        "━━━━━─────",
        "5:00 h left",
        "-184.0 C",
    ]


def test_a_box_that_was_refused_is_expected_nowhere() -> None:
    """It stays where it is until quality sends it elsewhere."""
    one = RoadLine(
        BOX, "Dry shipper 4", "COLL-B", "MFG-1", Leg.CARRIED, "Polar Courier (CARR-X)", "CARR-X", TUESDAY,
        None, None, (COI,), is_refused=True,
    )  # fmt: skip
    assert told(road_line(one, NOW, road_columns([one], NOW), 76))[2] == "■ REFUSED"


def test_a_dock_has_to_do_with_boxes_alone() -> None:
    """What is started or infused at its site is others' work; who has another role too sees all."""
    lines = [due(), due(is_pick_up=True)]
    assert due_for({Role.DOCK}, lines) == (lines[1],)
    assert due_for({Role.DOCK, Role.QUALITY}, lines) == due_for((), lines) == tuple(lines)


def test_a_time_that_is_over_says_so() -> None:
    """A day of the week alone would be taken for the next one."""
    over = NOW - timedelta(hours=4)
    box = RoadLine(
        BOX, "Dry shipper 4", "COLL-B", "MFG-1", Leg.CARRIED, "Polar Courier (CARR-X)", "CARR-X", over,
        None, None, (COI,),
    )  # fmt: skip
    assert expected_words(box, NOW) == f"▲ was due {clock(over, NOW)}"
    assert told(road_line(box, NOW, road_columns([box], NOW), 76))[2] == f"▲ was due {clock(over, NOW)}"
    line = due(at=over)
    assert due_at(line, NOW) == f"▲ {clock(over, NOW)}"
    assert due_words(line, NOW) == "time is over, not recorded"
    late = due((Need.LABELS, Readiness.MISSING, "no label printed"), at=over)
    assert due_words(late, NOW) == "time is over, not recorded; no label printed"
    assert due_words(due(), NOW) == "ready" and due_at(due(), NOW) == clock(TUESDAY, NOW)


def test_what_is_grave_stands_above_what_is_at_risk() -> None:
    """A bag in quarantine calls though its therapy is on time: red is not below amber."""
    late, held = "CDT7V9D8S55", "CDT7V9D8S56"
    quarantined = AlertLine("", held, AlertCause.QUARANTINED, UNIT, None, "", NOW, NOW, None, ())
    exceptions = (wrong(coi=late, standing=Standing.LATE), wrong())
    today = Today(NOW, None, 48, NOW.date(), (), exceptions, (), 0, (), (), ())
    shown = Morning(today, alerts=(quarantined,)).exceptions
    assert [one.coi for one in shown] == [late, held, COI]


def test_what_lies_in_the_tanks() -> None:
    """Until when; what is missing before it can be used; quarantine above all."""
    one = StoredLine(
        UNIT, COI, Material.PRODUCT, "Tank 1", "TREAT-A", limit(used=0.5), ("Sterility", "release"), False
    )
    assert told(stored_line(one, NOW, 76)) == [
        "UDJV B786 PST", "product", "5:00 h left", "▲ missing: Sterility, release",
    ]  # fmt: skip
    held = StoredLine(UNIT, COI, Material.PRODUCT, "Tank 1", "TREAT-A", None, (), True)
    assert told(stored_line(held, NOW, 76))[-1] == "■ QUARANTINED"


def test_the_week_in_one_line_or_in_two() -> None:
    """Full has its shape; what does not fit side by side goes on below."""
    uses = (
        UseLine(ResourceType.APHERESIS_CHAIR, 7, 12, 0, 12),
        UseLine(ResourceType.SUITE, 36, 36, 4, 36),
        UseLine(ResourceType.BED, 38, 45, 0, 45),
    )
    assert week_text(uses, 76).plain == (
        "chairs 7/12 ━━━━───   suites 36/36 ━━━━━━━ ▲ full   beds 38/45 ━━━━━━─"
    )
    assert week_text(uses, 40).plain.count("\n") == 2


def test_resources_of_a_kind_are_counted_together() -> None:
    """A closed one gives no places; where all are closed nothing begins."""
    day = NOW.date()
    both = summed([DayUse(day, 1, 2), DayUse(day, 0, None, "Repair")])
    assert (both.used, both.places) == (1, 2)
    assert summed([DayUse(day, 0, None)]).places is None


@pytest.mark.parametrize(
    ("counts", "rows", "given"),
    [
        ((3, 4, 3), 11, (3, 4, 3)),
        ((20, 4, 3), 11, (7, 2, 2)),
        ((200, 200, 200), 11, (7, 2, 2)),
        ((1, 50, 0), 8, (1, 7, 0)),
        ((9, 9, 9), 5, (3, 1, 1)),
    ],
)
def test_no_list_takes_the_room_of_all(counts: tuple[int, ...], rows: int, given: tuple[int, ...]) -> None:
    """Each shows something, the first one most; what one does not need the others have."""
    assert allotted(counts, rows) == given


def stands_at(screen: TodayScreen) -> str:
    """What kind of line the arrows stand at."""
    return type(screen.chosen).__name__


async def test_a_morning_of_a_coordinator(tmp_path: Path) -> None:
    """Today is the first screen; the arrows go through all lists; it is read again under the cursor."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey = morning(desk)
        unplanned = another(journey, 13)
        unplanned.enroll()
        await desk.sign_in(COORDINATOR)
        screen: object = desk.app.screen
        assert isinstance(screen, TodayScreen) and screen.viewer.site is None
        shown = desk.screen
        assert "■ LATE" in shown and "Collection was due" in shown and "1 box" in shown, shown
        assert "▲ 1 running therapy has no plan   ^U shows it" in shown
        await desk.press("ctrl+u")
        board: object = desk.app.screen
        assert isinstance(board, BoardScreen) and [row.coi for row in board.rows] == [unplanned.coi]
        assert "without a plan" in desk.screen and "1 found" in desk.screen
        await desk.press("escape")
        assert len(board.rows) > 1, "Esc shows all"
        await desk.press("escape")
        late = screen.chosen
        assert isinstance(late, TherapyForecast) and late.standing is Standing.LATE
        await desk.press("down")
        overdue: object = screen.chosen
        assert isinstance(overdue, TherapyForecast) and "as its lane takes" in overdue.reason
        await desk.press("down")
        due: object = screen.chosen
        assert isinstance(due, DueLine) and due.coi == late.coi, "what has left is no pick-up any more"
        await desk.press("down", "down", "down", "down")
        assert stands_at(screen) == "RoadLine", "below it is nothing"
        desk.clock.advance(timedelta(minutes=5))
        await desk.press("f5")
        assert stands_at(screen) == "RoadLine", "the arrows stand where they stood"
        await desk.press("enter")
        front: object = desk.app.screen
        assert isinstance(front, TherapyScreen) and front.coi == journey.coi
        await desk.press("escape", "up", "up", "up", "up", "up")
        assert stands_at(screen) == "TherapyForecast"
        await desk.press("f4")
        front = desk.app.screen
        assert isinstance(front, PlanScreen) and front.coi == late.coi
        assert front.chosen is not None and front.chosen.name == "collection"
        await desk.press("escape", "ctrl+x")
        assert not desk.app.session.is_open, desk.told


async def test_seen_it_is_signed_by_whom_it_calls(tmp_path: Path) -> None:
    """A quarantined bag stands among the exceptions though its therapy is on time; seen, it stays there."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        why, units = Reason.TEMPERATURE_EXCURSION, (scan(journey.bag),)
        journey.ask(Quarantine, "QA-A", "TREAT-A", units=units, reason=why)
        await desk.sign_in("QA-2")
        await desk.press("ctrl+y")
        screen: object = desk.app.screen
        assert isinstance(screen, TodayScreen)
        assert "■ QUARANTINED" in desk.screen and stands_at(screen) == "AlertLine", desk.screen
        await desk.press("f7")
        dialog: object = desk.app.screen
        assert isinstance(dialog, SignScreen) and "Quarantined" in desk.screen, desk.screen
        await desk.pin("QA-2")
        assert "signed and written" in desk.told and kinds(desk, journey.coi)[-1] == "alert_acknowledged"
        assert "● seen" in desk.screen and "QA-2" in desk.screen, desk.screen
        assert SeenIt not in screen.offered()


async def test_others_have_their_own_rows(tmp_path: Path) -> None:
    """A pharmacist sees what comes to the own site and what lies in its tanks."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        await desk.sign_in("PHARM-A")
        await desk.press("ctrl+y")
        screen: object = desk.app.screen
        assert isinstance(screen, TodayScreen) and screen.viewer.site == "TREAT-A"
        assert [one.pane for one in screen.query(TodayList) if one.pane is not None] == [
            one for one in screen.viewer.panes if one.value != "week"
        ]
        assert "No box is on the road." in desk.screen and "Nothing lies in the places" in desk.screen
        await desk.press("f4")
        assert "Choose a line" in desk.told
