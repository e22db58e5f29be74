"""Line clearance at a terminal of 80 by 24: who is at the bench, who has to wait, and the clearing."""

from __future__ import annotations

from pathlib import Path

from labels.keyed import in_groups
from schema.events.bench import LineCleared
from schema.vocabulary import Material, ObjectType
from tests.support.front_desk import Desk, code_of, desk_at
from tests.tui.screens.test_screens import kinds
from tracker.demo.journey import Journey
from tracker.requests.base import Scan
from tracker.therapy.identity import requests as identity
from tui.screens.bench import BenchScreen
from tui.screens.home import HomeScreen
from tui.screens.sign import SignScreen
from tui.screens.stop import StopScreen
from tui.shown_codes import grouped

IDENTIFY = "Identify the patient"


def two_patients(desk: Desk) -> tuple[Journey, Journey]:
    """The first patient sits at this chair, the second is enrolled."""
    one = desk.story()
    one.enroll()
    one.identify()
    two = Journey(one.network, "A", 8)
    two.enroll()
    return one, two


def printed_here(desk: Desk, journey: Journey) -> tuple[str, str]:
    """A bag is registered and its label printed at this terminal; gives the bag and what the label says."""
    unit, coi = desk.fresh(ObjectType.UNIT), Scan(code=code_of(journey.coi))
    bag = Material.LEUKAPHERESIS
    journey.ask(identity.RegisterUnit, "NURSE-A1", "COLL-A", coi=coi, material=bag, unit=unit)
    return unit, desk.tracker.labels.label(unit, "NURSE-A1", desk.app.session.station.id).code


def front(desk: Desk) -> object:
    """The screen in front."""
    return desk.app.screen


async def test_the_next_therapy_waits_until_the_line_is_cleared(tmp_path: Path) -> None:
    """Home says who is at the bench; the other is refused, ctrl+b clears it, then the step is possible."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = two_patients(desk)
        await desk.sign_in("NURSE-A1")
        assert f"BENCH {in_groups(one.coi)} since" in desk.screen and "^B clears it" in desk.screen
        await desk.see(two.coi)
        await desk.type(str(desk.number_of(IDENTIFY)))
        assert "is taken for another therapy" in desk.told and "clear the bench: Ctrl+B" in desk.told
        assert one.coi in desk.told and "F11" in desk.told and "clear_line" not in desk.told
        assert f"by {desk.network.names['NURSE-A1']} (NURSE-A1)" in desk.told
        await desk.press("escape")
        assert f"{IDENTIFY} at the chair, once the bench" in desk.screen and grouped(two.coi) in desk.screen
        await desk.see(two.coi)
        await desk.press("ctrl+b")
        assert isinstance(front(desk), BenchScreen)
        assert in_groups(one.coi) in desk.screen and "MATERIAL" in desk.screen and "PAPER" in desk.screen
        await desk.press("f10")
        assert "LINE CLEARED" in desk.screen and "Nothing left    yes" in desk.screen
        await desk.pin("NURSE-A1")
        assert isinstance(front(desk), HomeScreen) and "signed and written" in desk.told
        assert "BENCH C" not in desk.screen
        await desk.choose(IDENTIFY)
        cleared = desk.tracker.read.trail(coi=one.coi).entries[-1].entry
        assert isinstance(cleared.statement.payload, LineCleared)
        assert cleared.statement.payload.bench == desk.app.session.station.id
        assert [one.meaning.value for one in cleared.signatures] == ["performed"]
        assert two.coi.encode() not in cleared.body


async def test_the_bench_that_was_taken_since_is_said_when_the_step_is_chosen(tmp_path: Path) -> None:
    """Given a patient on the screen, when another terminal takes the bench, then no form opens."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one = desk.story()
        one.enroll()
        two = Journey(one.network, "A", 8)
        two.enroll()
        await desk.sign_in("NURSE-A1")
        await desk.see(two.coi)
        number = desk.number_of(IDENTIFY)
        one.identify()
        await desk.type(str(number))
        assert isinstance(front(desk), HomeScreen)
        assert "is taken for another therapy" in desk.told, desk.told


async def test_a_printed_label_has_to_be_accounted_for(tmp_path: Path) -> None:
    """A label printed here and on nothing stops the clearing, until it is scanned as leaving."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, _ = two_patients(desk)
        unit, label = printed_here(desk, one)
        await desk.sign_in("NURSE-A1")
        await desk.press("ctrl+b")
        assert "Printed here, on nothing yet" in desk.screen and in_groups(label) in desk.screen
        assert "1 of 1 to account for" in desk.screen
        await desk.press("f10")
        assert isinstance(front(desk), StopScreen) and label in desk.told
        await desk.press("f3")
        await desk.scan(code_of(one.coi))
        assert "no open label" in desk.told
        await desk.scan(label)
        assert "leaves with its therapy" in desk.told
        await desk.command("CLEAR-BENCH")
        assert isinstance(front(desk), SignScreen)
        await desk.pin("NURSE-A1")
        payload = desk.tracker.read.trail(coi=one.coi).entries[-1].entry.statement.payload
        assert isinstance(payload, LineCleared)
        assert [copy.object for copy in payload.labels] == [unit]


async def test_a_bench_is_never_declared_clear_against_the_record(tmp_path: Path) -> None:
    """A declaration opens the bench to the next patient, so F11 does not make it a fact."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, _ = two_patients(desk)
        printed_here(desk, one)
        await desk.sign_in("NURSE-A1")
        await desk.press("ctrl+b")
        before = kinds(desk, one.coi)
        await desk.press("f10")
        await desk.press("f3")
        await desk.press("f11")
        assert isinstance(front(desk), BenchScreen)
        assert kinds(desk, one.coi) == before


async def test_a_command_code_opens_it_and_a_free_bench_says_so(tmp_path: Path) -> None:
    """Gloved hands need no key; where nothing is, nothing can be declared."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("NURSE-A1")
        assert "BENCH C" not in desk.screen
        await desk.command("CLEAR-BENCH")
        assert isinstance(front(desk), BenchScreen) and "is free" in desk.screen
        await desk.press("f10")
        assert "Nothing is at this bench" in desk.told
        await desk.press("escape")
        assert isinstance(front(desk), HomeScreen)
