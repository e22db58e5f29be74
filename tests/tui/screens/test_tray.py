"""The training tray: choices go the way of scans, are known as none, and exist only where nothing is real."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schema.entry import Read
from schema.errors import Refusal
from schema.identifiers import COMMANDS, first_copy
from schema.vocabulary import Purpose, ReadMode
from tests.support.front_desk import Desk, desk_at, rest
from tests.support.journeys import World
from tests.tui.screens.test_bench import printed_here
from tracker.acts.intake import require_read
from tracker.demo.journey import Journey, scan
from tracker.requests.base import Scan
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.labels.requests import ApplyLabel
from tracker.values import Found, JourneyStep, LyingAround
from tracker.views.tray import each_once
from tui.app import CartrailApp, app_of
from tui.glyphs import GlyphSet
from tui.invented import Invented, InventedPerson, Scene
from tui.screens.sign import SignScreen
from tui.screens.step import StepScreen
from tui.screens.stop import StopScreen
from tui.screens.tray import TrayScreen, heading
from tui.screens.tray.choosing import GoThereScreen
from tui.screens.tray.lines import Tray
from tui.screens.tray.needs import PLAY, WHO_NEXT, How, TrayLine, command_line, once, thing_line
from tui.screens.tray.play import whole_journey
from tui.session import TerminalSession
from tui.training import TrainingApp

Worlds = Callable[[str], World]


def front(desk: Desk) -> Any:
    """The screen in front."""
    return desk.app.screen


async def tray(desk: Desk) -> TrayScreen:
    """The tray, opened over whatever is in front; after a choice it opens by itself."""
    for _ in range(60):
        if isinstance(front(desk), TrayScreen):
            break
        await desk.press("ctrl+e")
        await desk.pilot.pause(0.05)
    found = front(desk)
    assert isinstance(found, TrayScreen), desk.told
    await rest(desk.pilot, desk.busy)
    return found


async def choose(desk: Desk, words: str = "") -> str:
    """Choose the first line of the tray, or the first with these words; gives what it was."""
    opened = await tray(desk)
    line = opened.highlighted
    if words:
        line = next(one for one in opened.lines if words in f"{one.title} {one.detail} {one.place}")
        is_badge = line in opened.tray.badges
        lines = opened.tray.badges if is_badge else opened.tray.things
        await desk.press("left" if is_badge else "right", "home", *["down"] * lines.index(line))
    await desk.press("enter")
    await rest(desk.pilot, desk.busy)
    return line.title


async def go_there(desk: Desk) -> str:
    """F5 in the tray, then Enter at what it offers; gives what it says."""
    await tray(desk)
    await desk.press("f5")
    for _ in range(100):
        if isinstance(front(desk), GoThereScreen):
            break
        await desk.pilot.pause(0.02)
    opened = front(desk)
    assert isinstance(opened, GoThereScreen), desk.told
    await desk.press("enter")
    await rest(desk.pilot, desk.busy)
    return opened.said


def recorded(desk: Desk) -> list[tuple[str, tuple[Read, ...]]]:
    """Kind and reads of each entry of the newest therapy."""
    (row,) = desk.tracker.read.board(limit=1)
    trail = desk.tracker.read.trail(coi=row.coi)
    return [(one.entry.statement.kind, one.entry.statement.reads) for one in trail.entries]


async def test_a_newcomer_enrolls_and_identifies_by_enter_alone(tmp_path: Path) -> None:
    """Given a demo, each line that the tray offers first is what the screen asks for, from sign-in on."""
    async with desk_at("TREAT-A", tmp_path, tray=True) as desk:
        await choose(desk, "DOC-A1")
        await choose(desk)
        await choose(desk, "order of a new patient")
        for _ in range(7):
            await choose(desk)
        assert [kind for kind, _ in recorded(desk)] == ["enrolled"], desk.told
        said = await go_there(desk)
        assert said.startswith("Next: 11 Identify the patient at the chair, therapy CD"), said
        assert said.endswith(". At COLL-A-01, by Edda Birchall, apheresis nurse."), said
        assert "Next: 11" not in (await tray(desk)).said
        assert await choose(desk) == "Edda Birchall"
        assert await choose(desk) == "the password of NURSE-A1"
        assert await choose(desk) == "COI card"
        assert await choose(desk) == "the next step"
        for _ in range(6):
            await choose(desk)
        kinds = [kind for kind, _ in recorded(desk)]
        assert kinds == ["enrolled", "patient_identified"], desk.told
        reads = recorded(desk)[-1][1]
        assert reads and {read.mode for read in reads} == {ReadMode.SIMULATED}


async def test_no_tray_over_a_stop(tmp_path: Path) -> None:
    """Given a STOP, Ctrl+E opens nothing: it has to be read first."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        await desk.sign_in("NURSE-A1")
        await desk.scan(first_copy("UP234567892").text)
        assert isinstance(front(desk), StopScreen), desk.told
        await desk.press("ctrl+e")
        assert isinstance(front(desk), StopScreen)


async def test_a_store_without_invented_people_has_no_badges_in_its_tray(tmp_path: Path) -> None:
    """Given a training store, people type their own badge and password; only things lie around."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        app: Any = desk.app
        app.invented = type(app.invented)()
        desk.story().enroll()
        await desk.press("ctrl+e")
        assert not isinstance(front(desk), TrayScreen)
        await desk.sign_in("NURSE-A1")
        opened = await tray(desk)
        assert opened.tray.things and not opened.tray.badges
        assert not [line for line in opened.lines if line.text.startswith("CTP")]
        said = await go_there(desk)
        assert said.startswith("Next: 11 Identify the patient"), said


@pytest.mark.parametrize("purpose", list(Purpose))
async def test_only_demo_and_training_have_a_tray(tmp_path: Path, purpose: Purpose) -> None:
    """Given a store of each purpose, validation and production get the terminal that has none."""
    async with desk_at("COLL-A", tmp_path) as desk:
        session = TerminalSession(desk.tracker, desk.app.session.station, purpose, desk.app.session.zone)
        app = app_of(session, GlyphSet.FULL)
        is_with = purpose in (Purpose.DEMO, Purpose.TRAINING)
        assert isinstance(app, TrainingApp) is is_with and isinstance(app, CartrailApp)


def test_the_terminal_of_a_production_store_does_not_import_the_tray() -> None:
    """Given a program that opens a terminal, the tray is not even loaded before its purpose is known."""
    code = "import sys, tui.app; sys.exit('tui.training' in sys.modules or 'tui.screens.tray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("purpose", [Purpose.VALIDATION, Purpose.PRODUCTION])
def test_a_real_store_takes_no_simulated_read(purpose: Purpose) -> None:
    """Given a request with a code that nobody read, it is refused with the field and what to do."""
    request = ApplyLabel(
        event_id="00000000-0000-7000-8000-000000000000",
        actor="TECH-1",
        station="LAB-01",
        units=(Scan(code=scan("UD234567892").code, mode=ReadMode.SIMULATED),),
    )
    with pytest.raises(Refusal, match="A code for units was chosen from a training tray") as refused:
        require_read(request, purpose)
    assert refused.value.code == "simulated_read"
    require_read(request, Purpose.TRAINING)
    require_read(request, Purpose.DEMO)


async def test_what_the_screen_asks_for_stands_first_whatever_the_scene_has(tmp_path: Path) -> None:
    """Given a scene whose first code is the card, a form that asks for the wristband has that line first."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        journey = desk.story()
        journey.enroll()
        app: Any = desk.app
        card = first_copy(journey.coi).text
        codes = (("COI card", card), *((one.type, one.value) for one in journey.wristband()))
        app.scene = Scene("NURSE-A1", desk.app.session.station.id, "Identify the patient.", codes, "NURSE-A2")
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.coi)
        await desk.choose("Identify the patient")
        opened = await tray(desk)
        await rest(desk.pilot, desk.busy)
        first = opened.highlighted
        assert first.is_needed and first.title.startswith("wristband")
        assert "The journey, step 2 of 28: Scan the wristband" in desk.screen
        assert "Identify the patient." in desk.screen


def test_lines_that_send_the_same_stand_once() -> None:
    """Two deviations to assess are one number, and the command that ends a list is on the card as well."""
    done = next(character for character, name in COMMANDS.items() if name == "DONE")
    card, needed = command_line(done), command_line(done, is_needed=True)
    assess = TrayLine("Assess a deviation", "66", is_needed=True, detail="step 66")
    assert once((assess, needed, assess, PLAY, card, WHO_NEXT)) == (assess, needed, PLAY, WHO_NEXT)


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        ("Scan the bag", "DEMO  The journey, step 2 of 3: Scan the bag"),
        ("", "DEMO  The journey, step 2 of 3"),
    ],
)
def test_how_far_the_journey_is(asks: str, said: str) -> None:
    """Where nothing is asked for, nothing stands behind it."""
    steps = tuple(JourneyStep(f"step {number}", number < 1) for number in range(3))
    assert heading(Tray((), (), asks, steps), "DEMO", "") == said


def test_play_begins_with_a_whole_therapy(world: Worlds) -> None:
    """Given the people of a demo, the first scene is an order of one's own, by somebody who may enroll."""
    made = world("enrolled")
    people = {staff: InventedPerson("", "", "") for staff in ("NURSE-A1", "DOC-A1", "DOC-A2")}
    (scene,) = whole_journey(made.tracker.registry, Invented(people))
    assert (scene.staff, scene.station) == ("DOC-A1", "TREAT-A-01")
    assert [*whole_journey(made.tracker.registry, Invented({}))] == []


async def test_a_deviation_is_assessed_and_closed_by_enter_alone(tmp_path: Path) -> None:
    """Given a site with one person of quality, they assess it; F5 leads to where two are, who close it."""
    async with desk_at("TREAT-A", tmp_path, tray=True) as desk:
        journey = desk.story()
        journey.enroll()
        coi = scan(journey.coi)
        journey.ask(OpenDeviation, "DOC-A1", "TREAT-A", coi=coi, category="other", description="x")
        await desk.sign_in("QA-A")
        await desk.see(journey.coi)
        chosen: list[str] = []
        while (await tray(desk)).highlighted.how is not How.WHO_NEXT:
            chosen.append(await choose(desk))
            assert len(chosen) < 20, (chosen, desk.told)
        assert chosen[0] == "Assess a deviation" and "Close a deviation" not in chosen, chosen
        said = await go_there(desk)
        assert said.startswith("Next: 67 Close a deviation") and "At MFG-1-" in said, said
        while tuple(journey.state.open_deviations()):
            chosen.append(await choose(desk))
            assert len(chosen) < 40, (chosen, desk.told)
        assert "Close a deviation" in chosen


def test_a_box_of_two_patients_is_one_line_of_the_tray() -> None:
    """Given the bags of two patients in a box, the box lies there once and is both patients'."""
    first, second, other = "CDR2RD28DDU", "CDPM789ABCM", "CDCC6XJDCNY"
    found = each_once(
        LyingAround(Found.BOX, "BOX-CODE", "Dry shipper 4", "BD234567892", (coi,)) for coi in (first, second)
    )
    (box,) = found
    assert thing_line(box).detail == "BD234567892 2 patients"
    assert box.may_be_of([first]) and box.may_be_of([second]) and not box.may_be_of([other])


async def at_a_taken_bench(desk: Desk, *, label: bool = False) -> Journey:
    """The nurse looks at a therapy that waits, where another one has the bench; gives that one."""
    journey = desk.story()
    journey.enroll()
    journey.identify()
    waits = Journey(journey.network, "A", 8)
    waits.enroll()
    if label:
        printed_here(desk, journey)
    await desk.sign_in("NURSE-A1")
    await desk.see(waits.coi)
    return journey


async def test_a_taken_bench_is_cleared_first(tmp_path: Path) -> None:
    """Given a bench with another therapy, the tray leads through the clearing to the step itself."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        await at_a_taken_bench(desk)
        chosen = [await choose(desk) for _ in range(4)]
        assert chosen == [
            "clear this bench first",
            "read it and sign",
            "the PIN of NURSE-A1",
            "the next step",
        ], desk.told


async def test_a_label_at_a_bench_is_offered_before_it_is_cleared(tmp_path: Path) -> None:
    """Given a label that is on nothing, then it is scanned as leaving, by Enter alone."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        await at_a_taken_bench(desk, label=True)
        chosen = [await choose(desk) for _ in range(5)]
        assert chosen == [
            "clear this bench first",
            "the label leaves with its therapy",
            "read it and sign",
            "the PIN of NURSE-A1",
            "the next step",
        ], desk.told
        assert desk.app.session.uncleared == ""


async def test_a_bench_that_cannot_be_cleared_is_not_offered_again(tmp_path: Path) -> None:
    """Given a refused clearing, then the tray leads back, and from home to what comes next."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        journey = await at_a_taken_bench(desk, label=True)
        await desk.press("ctrl+b", "f10", "f3")
        assert desk.app.session.uncleared == journey.coi
        assert (await tray(desk)).tray.things[1].title == "something is left at this bench: go back"
        await choose(desk, "go back")
        needed = [line.title for line in (await tray(desk)).tray.things if line.is_needed]
        assert needed == ["what is next, and who does it?"]


async def test_f5_in_the_middle_of_a_form_stays_unless_it_is_left(tmp_path: Path) -> None:
    """Given a form that was begun, F5 offers to stay first: Enter loses nothing."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        journey = desk.story()
        journey.enroll()
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.coi)
        await desk.press("space")
        form = front(desk)
        assert isinstance(form, StepScreen)
        await choose(desk)
        said = await go_there(desk)
        assert said.startswith("Next: 11 Identify the patient at the chair")
        assert not form.form.is_empty
        assert form in desk.app.screen_stack


async def test_what_is_signed_stays_above_the_tray(tmp_path: Path) -> None:
    """Given a PIN to type and then a badge to scan, statement and signatures can be read at 80x24."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        desk.story().enroll()
        await desk.sign_in("NURSE-A1")
        for _ in range(6):
            await choose(desk)
        opened = await tray(desk)
        assert isinstance(desk.app.screen_stack[-2], SignScreen) and opened.is_below
        assert "PATIENT IDENTIFIED" in desk.screen and "Statement" in desk.screen
        assert "Signatures" in desk.screen and "second person" in desk.screen
        for size in ((40, 10), (80, 24)):
            await desk.pilot.resize_terminal(*size)
            await rest(desk.pilot, desk.busy)
        assert "Statement" in desk.screen and "second person" in desk.screen, "nothing is lost by a resize"
        assert (await tray(desk)) is opened
        await choose(desk)
        await tray(desk)
        assert "Statement" in desk.screen and "second person" in desk.screen


def test_of_one_therapy_only_what_waits_for_it(world: Worlds) -> None:
    """Given two therapies, the list for one names no other, and a taken bench hides nothing if asked so."""
    made = world("identified")
    read = made.tracker.read
    listed = read.worklist(actor="NURSE-A1", station="COLL-A-01", coi=made.one.coi, is_bench_free=True)
    assert {coi for line in listed.lines for coi in line.cois} <= {made.one.coi}


async def test_enter_twice_chooses_once(tmp_path: Path) -> None:
    """Given a hasty hand, the second Enter ends no screen behind the tray and chooses nothing on it."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        desk.story().enroll()
        await desk.sign_in("NURSE-A1")
        opened = await tray(desk)
        await rest(desk.pilot, desk.busy)
        for _ in range(3):
            opened.end(opened.highlighted)
        await rest(desk.pilot, desk.busy)
        assert [type(one).__name__ for one in desk.app.screen_stack[1:3]] == ["SignInScreen", "HomeScreen"]


async def test_a_tray_that_is_closed_while_it_opens(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    """Given Ctrl+E three times at once, nothing fails and no coroutine is left that nobody awaits."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        await desk.sign_in("NURSE-A1")
        app: Any = desk.app
        for _ in range(3):
            app.action_tray()
        await desk.press("ctrl+e", "ctrl+e", "escape")
        await rest(desk.pilot, desk.busy)
    gc.collect()
    assert not [one for one in recwarn if "never awaited" in str(one.message)]


async def test_a_timer_that_comes_after_the_end(tmp_path: Path) -> None:
    """Given a terminal that was left while the tray was to open again, nothing opens and nothing fails."""
    async with desk_at("COLL-A", tmp_path, tray=True) as desk:
        app: Any = desk.app
    assert not app.screen_stack
    app._again()
    assert not app.screen_stack
