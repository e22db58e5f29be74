"""Plan and week: what is typed, what is said of a move, and a coordinator who moves, gives back and loses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from schema.errors import InputError
from schema.events.planning import BookedMilestone
from schema.vocabulary import Priority
from tests.support.front_desk import Desk, desk_at
from tests.support.gallery.planning import COORDINATOR, booked, with_places
from tests.support.gallery.story import another
from tests.support.plans import BED
from tests.tui.screens.test_screens import kinds
from tracker.demo.journey import Journey
from tracker.rules.plan_state import Promise
from tracker.views.planning import (
    BookedPlace,
    DayUse,
    PlanLine,
    PlanMove,
    PlannedCarrier,
    PlanOffer,
    ResourceWeek,
)
from tui.commands import Sign
from tui.screens.plan import ChangePlan, PlanScreen
from tui.screens.plan.asking import day_typed, time_typed
from tui.screens.plan.drafts import MovedChain, ProposedChain
from tui.screens.plan.text import carrier_text, not_booked, not_moved, nothing_text, promise_text, why_text
from tui.screens.sign import SignScreen
from tui.screens.today import TodayScreen
from tui.screens.week import CloseDays, WeekScreen
from tui.screens.week.text import booked_lines, chosen_title, hit_words, use_words

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 12, 1)


def line(name: str, day: int, *, month: int = 12, latest: datetime | None = None) -> PlanLine:
    """A milestone at eight o'clock."""
    start = datetime(2026, month, day, 8, tzinfo=UTC)
    return PlanLine(name, name.capitalize(), "COLL-A/CHAIR", start, start + timedelta(hours=6), latest=latest)


STANDING = (line("collection", 8), line("infusion", 23))


@pytest.mark.parametrize(
    ("typed", "day"),
    [("+7", date(2026, 12, 8)), ("2026-12-24", date(2026, 12, 24)), ("+0", TODAY)],
)
def test_a_day_is_typed_as_it_is_or_counted(typed: str, day: date) -> None:
    """Today is a day too."""
    assert day_typed(typed, TODAY) == day


@pytest.mark.parametrize("typed", ["-1", "2026-11-30", "2028-02-01", "soon", "2026-02-30", "+9999", ""])
def test_no_day(typed: str) -> None:
    """The past, what is too far away, and what is none."""
    with pytest.raises(InputError):
        day_typed(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "there"),
    [
        ("+2", "2026-03-08 08:00 -04:00"),
        ("-1", "2026-03-05 08:00 -05:00"),
        ("2026-03-10", "2026-03-10 08:00 -04:00"),
        ("2026-03-10 9:30", "2026-03-10 09:30 -04:00"),
        ("9:05", "2026-03-06 09:05 -05:00"),
    ],
)
def test_a_time_is_told_from_where_a_milestone_stands(typed: str, there: str) -> None:
    """Two days on at the same hour of the clock, though the clocks went forward meanwhile."""
    standing = datetime(2026, 3, 6, 8, tzinfo=NEW_YORK)
    found = time_typed(typed, standing, NEW_YORK)
    assert f"{found:%Y-%m-%d %H:%M} {found.isoformat()[-6:]}" == there


def test_a_time_that_the_clocks_skip_is_asked_again() -> None:
    """02:30 of 8 March does not exist in New York; and a password typed here is not shown."""
    standing = datetime(2026, 3, 6, 2, 30, tzinfo=NEW_YORK)
    with pytest.raises(InputError):
        time_typed("+2", standing, NEW_YORK)
    with pytest.raises(InputError) as refused:
        time_typed("hunter2", standing, NEW_YORK)
    assert "hunter2" not in refused.value.message


def promise(day: str, first: str | None = None) -> Promise:
    """The infusion as it was promised for a day."""
    at = datetime.fromisoformat(f"{day}T09:00+00:00")
    bed = BookedMilestone(name="infusion", resource=BED, start=at, end=at, first_day=day, last_day=day)
    return Promise(bed, day, first or day)


def test_what_becomes_of_the_promise() -> None:
    """Kept, booked later, later if it is moved so, given back, or promised anew."""
    assert promise_text(STANDING, None, promise("2026-12-23")).plain == "Infusion promised Wed 23 Dec"
    late = promise_text(STANDING, None, promise("2026-12-22"))
    assert late.plain == "Infusion promised Tue 22 Dec  ▲ booked 1 day later"
    moved = PlanMove((STANDING[1],), (line("infusion", 25),), ())
    draft = MovedChain("infusion", STANDING[1].start, None, moved)
    assert promise_text(STANDING, draft, promise("2026-12-23")).plain.endswith("▲ it would be 2 days later")
    given_back = promise_text((), None, promise("2026-12-23"))
    assert given_back.plain == "Infusion promised Wed 23 Dec  ▲ nothing is booked"
    anew = promise_text(STANDING, None, promise("2026-12-23", first="2026-12-20"))
    assert anew.plain == "Infusion promised Wed 23 Dec (first Sun 20 Dec)"


def test_logistics_p9_both_days_are_said() -> None:
    """The collection could be earlier, and the infusion would be on the same day all the same."""
    earliest = (line("collection", 3), STANDING[1])
    offer = PlanOffer(STANDING, earliest, ("TREAT-A bed full Mon 21 Dec",))
    draft = ProposedChain(TODAY, Priority.ROUTINE, offer)
    assert why_text(draft).plain == (
        "Collection could be on Thu 3 Dec already; infusion would be on Wed 23 Dec all the same.\n"
        "in the way: TREAT-A bed full Mon 21 Dec"
    )


def test_a_carrier_that_no_longer_fits_is_named() -> None:
    """At its milestone, before a move of it is signed, and where all was given back."""
    at = STANDING[0].start
    carrier = PlannedCarrier("ST6JKLT86NR", "POLAR", (at, at + timedelta(hours=2)), fits=False)
    booked_for = "▲ POLAR is booked for Tue 8 Dec 08:00 - 10:00"
    assert carrier_text(carrier).plain == booked_for
    assert carrier_text(replace(carrier, fits=True)).plain == "POLAR is booked"
    moved = PlanMove((STANDING[0],), (replace(line("collection", 9), carrier=carrier),), ())
    draft = MovedChain("collection", line("collection", 9).start, None, moved)
    assert why_text(draft).plain == f"{booked_for}: it no longer fits"
    assert nothing_text((), (carrier,)).plain.endswith(booked_for)


def test_a_move_that_cannot_be() -> None:
    """Why, the first time at which it can be, and when the infusion is then."""
    words = not_moved(PlanMove((), (), ("COLL-A chair full Wed 9 Dec",), *STANDING))
    assert words == (
        "It cannot be moved there: COLL-A chair full Wed 9 Dec.",
        "The first time for it is Tue 8 Dec 08:00: type 2026-12-08 08:00. Infusion is Wed 23 Dec 08:00 then.",
    )


def test_a_refused_move_says_its_first_reasons_and_how_many_more_there_are() -> None:
    """The plan stays in sight below it."""
    line, _ = not_moved(PlanMove((), (), tuple(f"Clean room full day {number}" for number in range(1, 6))))
    assert line == ("It cannot be moved there: Clean room full day 1; Clean room full day 2; and 3 more.")


@pytest.mark.parametrize(
    ("offer", "line", "advice"),
    [
        (
            PlanOffer((), (), ("bed full Mon 21 Dec", "Fresh: 96 h"), "Fresh: 96 h"),
            "Nothing can be booked: a limit has passed. Fresh: 96 h.",
            "It counts from what has happened: no other day helps. Tell quality.",
        ),
        (
            PlanOffer((), (), ("bed full Mon 21 Dec",)),
            "Nothing can be booked: bed full Mon 21 Dec.",
            "F11 shows what is full and what is closed.",
        ),
    ],
)
def test_why_nothing_can_be_booked(offer: PlanOffer, line: str, advice: str) -> None:
    """Nobody is sent to look for places where a limit has passed."""
    assert not_booked(offer) == (line, advice)


@pytest.mark.parametrize(
    ("use", "words", "style"),
    [
        (DayUse(TODAY, 1, 2), " 1/2", ""),
        (DayUse(TODAY, 2, 2), "▲2/2", "check"),
        (DayUse(TODAY, 3, 2), "■3/2", "stop"),
        (DayUse(TODAY, 0, None, "closed on Sundays"), " -", "muted"),
        (DayUse(TODAY, 1, None, "Repair", begun=1), "■1/-", "stop"),
        (DayUse(TODAY, 4, None, "Repair"), " 4/-", "muted"),
        (DayUse(TODAY, 36, 36), "▲36/36", "check"),
    ],
)
def test_full_and_closed_days_have_a_shape(use: DayUse, words: str, style: str) -> None:
    """A closed day shows no places; who is booked to begin then stands out, who is in it already stays."""
    assert (use_words(use).plain, str(use_words(use).style)) == (words, style)


def test_who_is_only_in_a_bed_is_not_booked_on_each_of_its_days() -> None:
    """A closure asks to move who begins then; who has lain there for days stays."""
    begins = BookedPlace("CD4C6BRS267", "infusion", date(2026, 12, 25), date(2026, 12, 25))
    lies = BookedPlace("CDG8KRU7FBP", "infusion", date(2026, 12, 25), date(2026, 12, 14))
    lines = [one.plain for one in booked_lines((begins, lies), has_days=True)]
    assert lines[0].endswith("Fri 25 Dec") and lines[1].endswith("in it since Mon 14 Dec")
    assert hit_words((begins, lies)) == ("1 therapy is booked on these days. Who is in it already stays: 1.")
    assert hit_words((lies, lies)) == "Who is in it already stays: 2."


def test_a_chosen_day_says_why_nothing_begins() -> None:
    """Those in a bed stay in it while nobody new comes."""
    week = ResourceWeek("TREAT-A/BED", "TREAT-A bed", ())
    use = DayUse(date(2026, 12, 6), 3, 9, "closed on Sundays")
    title = chosen_title(week, use).plain
    assert title == "TREAT-A bed, Sun 6 Dec   3/9  nothing begins: closed on Sundays"


def enrolled(desk: Desk) -> Journey:
    """A therapy, and places to book."""
    journey = desk.story()
    journey.enroll()
    with_places(journey, beds=1)
    return journey


async def open_plan(desk: Desk, coi: str) -> PlanScreen:
    """By the board, the code and F4."""
    await desk.press("f6")
    await desk.scan(coi)
    await desk.press("f4")
    screen: object = desk.app.screen
    assert isinstance(screen, PlanScreen), desk.told
    return screen


async def test_logistics_p4_a_coordinator_moves_with_all_it_brings_and_gives_back(tmp_path: Path) -> None:
    """Seven milestones from where to where before the PIN; one act; the places of the old days are free."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey = enrolled(desk)
        await desk.sign_in(COORDINATOR)
        screen = await open_plan(desk, journey.coi)
        assert "Nothing is booked" in desk.screen and screen.label_of(ChangePlan) == "Propose"
        await desk.press("f4")
        await desk.type("yesterday")
        assert "That is no day" in desk.told and screen.question is not None
        await desk.type("+7")
        await desk.type("2")
        assert Sign in screen.offered() and "proposed, ready from Mon 9 Mar, urgent" in desk.screen
        await desk.press("f10")
        assert isinstance(desk.app.screen, SignScreen) and "COLL-A chair" in desk.screen
        await desk.pin(COORDINATOR)
        assert "signed and written" in desk.told and kinds(desk, journey.coi)[-1] == "scheduled"
        before = {one.name: one.start for one in desk.tracker.read.plan(coi=journey.coi)}

        await desk.press("home", "f4", "pagedown", "down")
        assert screen.chosen is not None and screen.chosen.name == "collection", "it is what is moved"
        await desk.type("+5")
        assert "cannot be moved there" in desk.told and "closed on Saturdays" in desk.told, desk.told
        await desk.press("pagedown", "end")
        assert screen.chosen.name == "collection"
        await desk.type("+7")
        assert "if it is moved: collection" in desk.screen and "it would be" in desk.screen
        assert Sign not in screen.offered(), "why is asked first"
        await desk.type("1")
        assert isinstance(desk.app.screen, SignScreen)
        shown = desk.screen
        assert shown.count(" › ") == 7 and "Promised" in shown and "Infection" in shown, shown
        await desk.press("escape")
        assert "nothing was written" in desk.told and Sign in screen.offered()
        await desk.press("f10")
        await desk.pin(COORDINATOR)
        assert kinds(desk, journey.coi)[-1] == "rescheduled"
        after = {one.name: one.start for one in desk.tracker.read.plan(coi=journey.coi)}
        assert after["collection"] - before["collection"] == timedelta(days=7)
        assert not desk.tracker.read.booked_on(
            resource="COLL-A/CHAIR", first=before["collection"].date(), last=before["collection"].date()
        )

        await desk.press("home", "f6")
        await desk.pick("Patient not ready")
        assert "is given back" in desk.screen and "it stands, nothing is booked" in desk.screen, desk.screen
        await desk.pin(COORDINATOR)
        assert kinds(desk, journey.coi)[-1] == "unscheduled" and "Nothing is booked" in desk.screen
        assert "▲ nothing is booked" in desk.screen, desk.screen

        booked(desk, journey, days=30)
        await desk.press("f5")
        assert "▲ booked" in desk.screen and "days later" in desk.screen, desk.screen
        await desk.press("ctrl+a")
        await desk.pick("Infection")
        assert "the patient was told" in desk.screen, desk.screen
        await desk.pin(COORDINATOR)
        assert kinds(desk, journey.coi)[-1] == "rescheduled" and "(first " in desk.screen, desk.screen


async def test_logistics_p2_who_loses_the_last_place_sees_what_can_be_booked_now(tmp_path: Path) -> None:
    """Somebody books the one bed while the proposal is read; the new one is signed with F10."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey = enrolled(desk)
        other = another(journey, 8)
        other.enroll()
        await desk.sign_in(COORDINATOR)
        screen = await open_plan(desk, journey.coi)
        await desk.press("f4")
        await desk.type("+7")
        await desk.type("1")
        assert isinstance(screen.draft, ProposedChain)
        first = screen.draft.offer.lines[-1].start
        booked(desk, other)
        await desk.press("f10")
        assert "TREAT-A bed full" in desk.told and "look, then F10" in desk.told, desk.told
        assert other.coi not in desk.told
        assert isinstance(screen.draft, ProposedChain) and screen.draft.offer.lines[-1].start > first
        await desk.press("f10")
        await desk.pin(COORDINATOR)
        assert kinds(desk, journey.coi)[-1] == "scheduled"


def said_of_closure(desk: Desk) -> list[str]:
    """The rows of a statement about a closure, without the frame around them."""
    names = ("Site", "Resource", "Days", "Closed for")
    lines = [line.strip(" │┃║") for line in desk.screen.splitlines()]
    return [" ".join(line.split()) for line in lines if line.startswith(names)]


async def test_logistics_p8_a_closure_names_whom_it_hits_before_it_is_signed(tmp_path: Path) -> None:
    """The chair of the day on which somebody is booked: named, closed, and the booking stands as over."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey = enrolled(desk)
        booked(desk, journey)
        day = desk.tracker.read.plan(coi=journey.coi)[0].start.date()
        await desk.sign_in(COORDINATOR)
        await open_plan(desk, journey.coi)
        await desk.press("home", "f11")
        week: object = desk.app.screen
        assert isinstance(week, WeekScreen) and week.first == day
        assert "1/2" in desk.screen and "Collection" in desk.screen
        await desk.press("f6")
        assert "Booked on" in desk.screen and "Nobody is booked" not in desk.screen
        await desk.type("-1")
        assert "no day from" in desk.told
        await desk.type("+1")
        assert "1 therapy is booked on these days" in desk.told and "Booked on these days" in desk.screen
        await desk.type("Repair")
        closing = said_of_closure(desk)
        assert closing[1].endswith("chair") and closing[3].endswith("Repair"), closing
        await desk.pin(COORDINATOR)
        assert "signed and written" in desk.told and "Move what is booked then: 1" in desk.told
        assert "■1/-" in desk.screen and week.label_of(CloseDays) == "Reopen", desk.screen
        await desk.press("f6")
        assert said_of_closure(desk) == closing, "both name it alike"
        await desk.pin(COORDINATOR)
        assert "1/2" in desk.screen and week.label_of(CloseDays) == "Close", desk.screen
        await desk.press("right", "right")
        assert week.chosen is not None and week.chosen[1].day == day + timedelta(days=2)
        await desk.press("pagedown")
        assert week.first == day + timedelta(days=7)
        await desk.press("escape", "escape", "escape", "escape")
        front: object = desk.app.screen
        assert isinstance(front, TodayScreen)


async def test_who_is_no_coordinator_looks(tmp_path: Path) -> None:
    """A nurse sees the dates; F4 says who plans."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = enrolled(desk)
        booked(desk, journey)
        await desk.sign_in("NURSE-A1")
        screen = await open_plan(desk, journey.coi)
        assert "Collection" in desk.screen and ChangePlan not in screen.offered()
        await desk.press("f4")
        assert "A coordinator plans" in desk.told
