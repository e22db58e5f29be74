"""Codes read by people: with check characters, typed twice without, and the way around a frosted label."""

from __future__ import annotations

from pathlib import Path

import pytest

from labels.isbt.values import check_character
from labels.keyed import in_groups, keyed
from schema.errors import BadCode, InputError
from schema.identifiers import first_copy
from schema.vocabulary import Meaning, Reason
from tests.support.front_desk import Desk, code_of, desk_at
from tests.tui.screens.test_screens import events_of
from tracker.demo import stages
from tracker.demo.journey import Journey
from tui.screens.home import HomeScreen
from tui.screens.sign import SignScreen
from tui.screens.step import StepScreen
from tui.screens.unreadable import UnreadableScreen
from tui.screens.unreadable.readings import FAILURES_MAX, HINDRANCES, BlindReading, ReadingStage, differences
from tui.shown_codes import grouped

CODE = first_copy("UD234567892").text
OTHER = first_copy("UD234567893").text
NUMBER = "A999926123456"


class TestKeyed:
    """What check characters prove of a code that was typed."""

    @pytest.mark.parametrize(
        ("typed", "text", "is_checked"),
        [
            (CODE, CODE, True),
            (NUMBER + check_character(NUMBER), f"={NUMBER}00", True),
            ("a9999 26 123456 " + check_character(NUMBER), f"={NUMBER}00", True),
            (NUMBER, NUMBER, False),
            (f"={NUMBER}00", f"={NUMBER}00", False),
            ("LOT-4711", "LOT-4711", False),
            ("(00)340123450000000000", "(00)340123450000000000", True),
        ],
    )
    def test_each_kind(self, typed: str, text: str, is_checked: bool) -> None:  # noqa: FBT001  a column
        """Ours, a donation number with its boxed character and a GS1 key prove themselves; a lot does not."""
        assert (keyed(typed).text, keyed(typed).is_checked) == (text, is_checked)

    def test_a_wrong_character_is_named(self) -> None:
        """A slip in a donation number is a fault, not another number."""
        wrong = "A" if check_character(NUMBER) != "A" else "B"
        with pytest.raises(BadCode, match="check character"):
            keyed(NUMBER + wrong)

    def test_groups(self) -> None:
        """Four characters at a time, nothing lost."""
        assert in_groups(CODE) == "CTUD 2345 6789 226V"
        assert in_groups("ABCDE") == "ABCD E"


class TestReading:
    """Two people's readings, without a screen."""

    def test_two_equal_readings_are_taken(self) -> None:
        """Spaces between groups do not count."""
        reading = BlindReading(ReadingStage.FIRST, HINDRANCES[0])
        assert reading.take(CODE) is None and reading.stage is ReadingStage.SECOND
        assert reading.take(in_groups(CODE)) == CODE

    def test_two_labels_are_told_apart(self) -> None:
        """Two valid codes that differ are two labels: where they differ is said, and reading starts again."""
        reading = BlindReading(ReadingStage.FIRST, HINDRANCES[0])
        reading.take(CODE)
        places = ", ".join(str(place) for place in differences(CODE, OTHER))
        with pytest.raises(InputError, match=f"character {places}"):
            reading.take(OTHER)
        assert reading.stage is ReadingStage.FIRST and not reading.first and reading.failures == 1

    @pytest.mark.parametrize("typed", [CODE[:-1] + "2", CODE.lower(), CODE[:-2], CODE.replace("2", "Z")])
    def test_faults_are_named(self, typed: str) -> None:
        """A slip, caps lock, lost characters: each is a fault of this reading, and counted."""
        reading = BlindReading(ReadingStage.FIRST, HINDRANCES[0])
        with pytest.raises(InputError):
            reading.take(typed)
        assert reading.failures == 1 and reading.stage is ReadingStage.FIRST

    def test_every_reason_is_one_of_the_ledgers(self) -> None:
        """Frost, damage, a dead scanner, out of reach."""
        assert {one.reason for one in HINDRANCES} <= {*Reason}


def frozen_bag(desk: Desk) -> Journey:
    """A bag in its cassette in the tank of the collection center."""
    journey = desk.story()
    journey.enroll()
    stages.collect_and_freeze(journey)
    return journey


async def test_a_typed_code_is_confirmed_by_a_second_person(tmp_path: Path) -> None:
    """Everything typed stands in groups in the sign dialog; the typist cannot confirm it."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = frozen_bag(desk)
        cassette = code_of(journey.cassettes[journey.bag])
        await desk.sign_in("TECH-A1")
        await desk.type(cassette)
        await desk.choose("Retrieve")
        await desk.command("DONE")
        await desk.scan(code_of(journey.network.storage["COLL-A"]))
        assert "TYPED BY HAND" in desk.screen and in_groups(cassette) in desk.screen
        await desk.pin("TECH-A1")
        await desk.second("TECH-A1")
        assert "a second person must" in desk.told
        await desk.second("TECH-A2")
        entry = events_of(desk, journey.coi)[-1].entry
        assert [one.meaning for one in entry.signatures] == [Meaning.PERFORMED, Meaning.VERIFIED]
        assert entry.statement.reads[0].mode.value == "manual"


async def test_a_frosted_label_is_read_by_two_people(tmp_path: Path) -> None:
    """Why, other copies by name, two blind readings; the reason and both signatures are in the record."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = frozen_bag(desk)
        cassette = code_of(journey.cassettes[journey.bag])
        await retrieving(desk, journey)
        await desk.press("ctrl+u")
        assert isinstance(front(desk), UnreadableScreen)
        await desk.type("1")
        assert "NEVER scrape" in desk.screen and grouped(journey.cassettes[journey.bag]) in desk.screen
        assert f"copy A of the label of {grouped(journey.bag)}" in desk.screen
        await desk.press("f10")
        assert "FIRST PERSON" in desk.screen
        await desk.type(in_groups(cassette))
        assert "SECOND PERSON" in desk.screen and cassette not in desk.screen
        assert in_groups(cassette) not in desk.screen
        await desk.type(cassette)
        assert not isinstance(front(desk), UnreadableScreen)
        await desk.command("DONE")
        await desk.scan(code_of(journey.network.storage["COLL-A"]))
        assert isinstance(front(desk), SignScreen) and in_groups(cassette) in desk.screen
        await desk.pin("TECH-A1")
        await desk.second("TECH-A2")
        assert isinstance(front(desk), HomeScreen), desk.told
        entry = events_of(desk, journey.coi)[-1].entry
        assert entry.statement.kind == "retrieved"
        assert entry.statement.payload.reason is Reason.LABEL_UNREADABLE
        assert [one.meaning for one in entry.signatures] == [Meaning.PERFORMED, Meaning.VERIFIED]


async def test_failed_readings_end_at_quality(tmp_path: Path) -> None:
    """Differing and impossible readings are counted; after three quality is called and F11 named."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = frozen_bag(desk)
        cassette = code_of(journey.cassettes[journey.bag])
        await retrieving(desk, journey)
        await desk.press("ctrl+u")
        await desk.type("1")
        await desk.press("f10")
        await desk.type(cassette[:-1])
        assert "15 characters" in desk.told, desk.told
        await desk.type(cassette.lower())
        await desk.type(code_of(journey.coi))
        assert "differ at character" in desk.told
        assert "2 of 3" in desk.screen
        await desk.type(cassette[:-1] + ("2" if cassette[-1] != "2" else "3"))
        assert "call quality" in desk.told and "F11" in desk.told
        assert f"{FAILURES_MAX} readings failed" in desk.screen
        await desk.press("escape", "escape")
        assert isinstance(front(desk), StepScreen)


async def test_a_copy_that_can_be_scanned_ends_it(tmp_path: Path) -> None:
    """No second person is needed where another copy reads; nothing typed, no reason kept."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = frozen_bag(desk)
        await retrieving(desk, journey)
        await desk.press("ctrl+u")
        await desk.type("2")
        cassette = code_of(journey.cassettes[journey.bag])
        await desk.scan(cassette[:-1] + ("2" if cassette[-1] != "2" else "3"))
        assert isinstance(front(desk), UnreadableScreen) and "misread" in desk.told
        await desk.scan(cassette)
        assert isinstance(front(desk), StepScreen)
        await desk.command("DONE")
        await desk.scan(code_of(journey.network.storage["COLL-A"]))
        await desk.pin("TECH-A1")
        entry = events_of(desk, journey.coi)[-1].entry
        assert entry.statement.kind == "retrieved" and entry.statement.payload.reason is None
        assert {read.mode.value for read in entry.statement.reads} == {"scanned"}


async def test_a_lot_number_is_typed_twice(tmp_path: Path) -> None:
    """A code without check characters is asked from a second person, who does not see the first."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.coi)
        await desk.choose("Adopt a code")
        await desk.command("DONE")
        await desk.type("LOT-4711")
        assert "A second person reads the label" in desk.told and "LOT-4711" not in desk.screen
        await desk.type("LOT-4771")
        assert "differ" in desk.told
        await desk.type("LOT-4711")
        await desk.type("LOT-4711")
        assert "LOT-4711" in desk.screen


def front(desk: Desk) -> object:
    """The screen in front."""
    return desk.app.screen


async def retrieving(desk: Desk, journey: Journey) -> None:
    """The step that asks for the cassette, with nothing scanned yet."""
    await desk.sign_in("TECH-A1")
    await desk.scan(code_of(journey.cassettes[journey.bag]))
    await desk.choose("Retrieve")
    await desk.press("f4")
    screen: object = desk.app.screen
    assert isinstance(screen, StepScreen) and screen.form.is_empty
