"""`cartrail plan`: proposed, booked, moved with what else moves, given back; and how full the weeks are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.commands import Cartrail
from tests.support.journeys import World
from tests.support.plans import BED, CHAIR, acting_as
from tests.tracker.acts.test_plan_races import COORDINATOR, with_one_bed

Worlds = Callable[[str], World]


@pytest.fixture
def made(world: Worlds) -> World:
    """Two enrolled therapies, and a network with many chairs and one bed."""
    found = world("enrolled")
    with_one_bed(found)
    return found


@pytest.fixture
def acting(made: World, tmp_path: Path) -> tuple[object, ...]:
    """The coordinator plans, and an administrator closes days."""
    return acting_as(made, tmp_path, COORDINATOR, "ADMIN-1")


def in_a_week() -> str:
    """The commands go by this machine's clock."""
    return (datetime.now(UTC).date() + timedelta(days=7)).isoformat()


def test_a_therapy_is_planned_moved_and_given_back(
    cartrail: Cartrail, made: World, acting: tuple[object, ...], tmp_path: Path
) -> None:
    """As a coordinator would: nothing is written before it is booked, and each change says what it does."""
    coi, reading = made.one.coi, ("--database", made.url)
    ready = in_a_week()
    asked = ("plan", "propose", coi, "--ready", ready)
    before = made.count()
    (offer,) = cartrail(*asked, "--json", *reading).records
    assert [one["name"] for one in offer["milestones"]] == [
        "collection", "receipt", "manufacturing_start", "release", "delivery", "lymphodepletion", "infusion",
    ]  # fmt: skip
    assert "Infusion" in cartrail(*asked, *reading).out and made.count() == before
    file = tmp_path / "plan.json"
    file.write_text(cartrail(*asked, "--json", *reading).out, encoding="utf-8")
    cartrail("plan", "book", coi, file, "--ready", ready, "--priority", "urgent", *acting)
    shown = cartrail("plan", "show", coi, "--json", *reading).records
    assert [one["resource"] for one in shown if "/" in one["resource"]] == [CHAIR, "MFG-1/START", BED]

    first = datetime.fromisoformat(shown[0]["start"])
    same = ("plan", "move", coi, "collection", f"{first:%Y-%m-%d %H:%M}", "--reason", "infection")
    assert "it is there already" in cartrail(*same, "--dry-run", *reading, exit_code=2).err
    later = f"{first + timedelta(days=2):%Y-%m-%d %H:%M}"
    moving = ("plan", "move", coi, "collection", later, "--reason", "infection")
    said = cartrail(*moving, "--dry-run", *reading).err
    assert "Collection: " in said and made.count() == before + 1
    given = ("--event-id", "01900000-0000-7000-8000-000000000001")
    moved = cartrail(*moving, *acting, *given)
    again = cartrail(*moving, *acting, *given)
    assert "Recorded as entry" in again.err and again.out == moved.out and made.count() == before + 2
    assert "Infusion: " in moved.err and "later than the day that was promised" in moved.err
    mistyped = ("plan", "move", coi, "infusion", "2199-12-31 10:00", "--reason", "infection")
    far = cartrail(*mistyped, *acting, exit_code=2).err
    assert "Tue 31 Dec 2199 is more than a year after" in far and "check the year" in far
    no_reason = cartrail(*moving[:-1], "infected", "--dry-run", *reading, exit_code=2).err
    assert "'infected' is no reason for this. There are infection, " in no_reason
    assert "Value error" not in no_reason and "printer_failed" not in no_reason
    cartrail("plan", "promise", coi, "--reason", "infection", *acting)
    assert "Infusion was promised for" in cartrail("plan", "show", coi, *reading).err
    wrong = cartrail("plan", "move", coi, "infusion", later, "--reason", "infection", *acting, exit_code=2)
    assert "Infusion comes after lymphodepletion" in wrong.err and "The first time for it is" in wrong.err

    skipped = ("plan", "move", coi, "collection", "2027-03-14 02:30", "--reason", "infection", "--dry-run")
    assert "skipped 2027-03-14 02:30" in cartrail(*skipped, *reading, exit_code=2).err

    day = cartrail("plan", "show", coi, "--json", *reading).records[-1]["start"]
    bed_day = datetime.fromisoformat(day).date()
    week = ("plan", "week", "--from", bed_day.isoformat(), "--site", "TREAT-A")
    (line,) = [
        one for one in cartrail(*week, "--json", *reading).records if one["day"] == bed_day.isoformat()
    ]
    assert (line["resource"], line["used"], line["places"]) == (BED, 1, 1)
    assert "1/1" in cartrail(*week, *reading).out
    cartrail("plan", "free", coi, "--reason", "patient_not_ready", *acting)
    assert not cartrail("plan", "show", coi, "--json", *reading).records
    cartrail("verify", *reading)


def test_logistics_p8_a_closure_names_what_is_booked_and_moves_nothing(
    cartrail: Cartrail, made: World, acting: tuple[object, ...]
) -> None:
    """The therapy, its milestone and its day; the booking stands until somebody moves it."""
    coi, ready = made.one.coi, in_a_week()
    cartrail("plan", "book", coi, "--ready", ready, *acting)
    line = made_line(cartrail, made, coi)
    closed = f"{line:%Y-%m-%d}..{line + timedelta(days=2):%Y-%m-%d}"
    close = ("plan", "close", CHAIR, closed, "--title", "Repair")
    assert f"collection of {coi} is booked there on" in cartrail(*close, *acting).err
    assert made_line(cartrail, made, coi) == line
    for wrong in ("0001-01-01..9999-12-31", "2027-01-04..2072-01-05", "2020-01-01..2020-02-01"):
        assert (
            "Check the year"
            in cartrail("plan", "close", CHAIR, wrong, "--title", "x", *acting, exit_code=2).err
        )
    full = cartrail("plan", "book", made.two.coi, "--ready", f"{line:%Y-%m-%d}", *acting)
    assert full.exit_code == 0 and made_line(cartrail, made, made.two.coi) > line + timedelta(days=2)


def made_line(cartrail: Cartrail, made: World, coi: str) -> date:
    """The day of the collection, as it is booked."""
    shown = cartrail("plan", "show", coi, "--json", "--database", made.url).records
    return datetime.fromisoformat(shown[0]["start"]).date()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("propose", "CD000000000"), "There is no therapy"),
        (("propose", "COI", "--ready", "soon"), '"soon" is no day'),
        (
            ("move", "COI", "collection", "2027-01-04 08:00", "--reason", "infection", "--dry-run"),
            "is not booked",
        ),
        (("week", "--from", "2027-02-30"), "is no day"),
        (("week", "--from", ""), "Nothing stands after --from."),
        (("week", "--from", "9999-12-28"), "The day 9999-12-28 is before 1972 or after 2199"),
        (("propose", "COI", "--ready", "9999-12-31"), "is before 1972 or after 2199"),
        (("propose", "COI", "--ready", "0001-01-01"), "is before 1972 or after 2199"),
    ],
)
def test_bad_input(words: tuple[str, ...], said: str, cartrail: Cartrail, made: World) -> None:
    """In a sentence, and nothing is written."""
    named = [made.one.coi if word == "COI" else word for word in words]
    assert said in cartrail("plan", *named, "--database", made.url, exit_code=2).err


def test_a_file_that_is_no_plan(
    cartrail: Cartrail, made: World, acting: tuple[object, ...], tmp_path: Path
) -> None:
    """Not JSON, without milestones, not there."""
    for name, content in (("a.json", "plan"), ("b.json", "{}"), ("c.json", None)):
        file = tmp_path / name
        if content is not None:
            file.write_text(content, encoding="utf-8")
        booked = ("plan", "book", made.one.coi, file, "--ready", "2027-01-04")
        assert str(file) in cartrail(*booked, *acting, exit_code=2).err
