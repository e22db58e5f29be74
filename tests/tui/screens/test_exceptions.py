"""What goes wrong at the screens: another patient's label, a wrong order, a refused value, a refused set."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

from schema.events.custody import Packed
from schema.vocabulary import Material, Meaning
from tests.support.front_desk import Desk, code_of, desk_at
from tests.support.journeys import World
from tests.support.under_way import BAGS, import_values, tanks
from tests.tui.screens.test_rack import cassette, frozen, open_rack
from tests.tui.screens.test_screens import events_of, kinds, packed
from tracker.demo import stages
from tracker.demo.journey import Journey
from tracker.therapy.takeover.requests import ImportTherapy
from tui.causes import OTHER_PATIENT
from tui.screens.form import FormScreen
from tui.screens.home import HomeScreen
from tui.screens.rack.tally import PUT_AWAY
from tui.screens.stop import StopScreen
from tui.shown_codes import grouped


def registered(desk: Desk, number: int) -> Journey:
    """A therapy whose bag has its label printed and on it."""
    journey = desk.story()
    journey.number = number
    journey.enroll()
    journey.identify()
    journey.bag = journey.register(f"NURSE-{journey.letter}1", journey.collection, Material.LEUKAPHERESIS)
    return journey


def waiting(desk: Desk) -> str:
    """The field that the form on the screen asks for."""
    screen: object = desk.app.screen
    assert isinstance(screen, FormScreen) and screen.form.current is not None, desk.told
    return screen.form.current.field


async def test_findings_b3_the_label_of_another_patient_is_scanned_back(tmp_path: Path) -> None:
    """Given the bag of one, when the label of another is scanned back, then it stops and is recorded."""
    async with desk_at("COLL-A", tmp_path) as desk:
        other = registered(desk, 8)
        other.leave_benches()
        mine = registered(desk, 7)
        await desk.sign_in("NURSE-A1")
        await desk.see(mine.bag)
        await desk.choose("Apply the label and scan it back")
        await desk.see(other.bag)
        assert isinstance(desk.app.screen, StopScreen), desk.told
        for part in (
            f"one of therapy {grouped(mine.coi)}",
            grouped(code_of(other.bag)),
            "off the label",
        ):
            assert part in desk.screen, part
        assert kinds(desk, mine.coi)[-2:] == ["mixup_prevented", "deviation_drafted"]
        assert "mixup_prevented" not in kinds(desk, other.coi)


async def test_findings_b8_the_count_is_compared_as_it_is_typed(tmp_path: Path) -> None:
    """Given one unit scanned, when two are counted, then the field says so and waits; all else stays."""
    async with desk_at("COLL-A", tmp_path) as desk:
        (one,) = frozen(desk, 1)
        one.retrieve("TECH-A1", "COLL-A", (one.bag,))
        await desk.sign_in("TECH-A1")
        await desk.see(cassette(one))
        await desk.choose("Pack")
        await desk.see(desk.network.boxes["Dry shipper 1"])
        await desk.command("DONE")
        assert waiting(desk) == "tally"
        await desk.type("2")
        assert isinstance(desk.app.screen, StopScreen), desk.told
        assert (desk.app.screen.stop.expected, desk.app.screen.stop.read) == ("1", "2")
        await desk.press("f3")
        assert waiting(desk) == "tally"
        await desk.type("1")
        assert waiting(desk) == "seal"
        await desk.scan("SEAL-1")
        assert Packed.kind not in kinds(desk, one.coi)


def other_patients(desk: Desk) -> str:
    """The field that the form asks for below a STOP that says whose it is not."""
    assert isinstance(desk.app.screen, StopScreen), desk.told
    assert desk.app.screen.stop.cause == OTHER_PATIENT, desk.screen
    below: object = desk.app.screen_stack[-2]
    assert isinstance(below, FormScreen) and below.form.current is not None
    return below.form.current.field


def units_read(desk: Desk) -> tuple[str, ...]:
    """The units that stand in the list of the form."""
    screen: object = desk.app.screen
    assert isinstance(screen, FormScreen)
    return screen.form.keys_of("unit")


async def test_findings_b8_another_patients_unit_stops_at_its_scan(tmp_path: Path) -> None:
    """At the opened box and at the filled units: STOP and evidence at once, and the good reads stay."""
    async with desk_at("MFG-1", tmp_path) as desk:
        other = registered(desk, 8)
        other.leave_benches()
        mine, box, seal = packed(desk)
        stages.hand_box(mine, "TECH-A1", "COUR-X1", "COLL-A", box, seal)
        stages.to_production(mine, box, seal)
        await desk.sign_in("OPER-1")
        await desk.see(box)
        await desk.choose("Open the box")
        await desk.command("ALL-IN-ORDER")
        await desk.type("-184.2")
        await desk.see(cassette(mine))
        await desk.command("ALL-IN-ORDER")
        await desk.see(other.bag)
        assert other_patients(desk) == "unit"
        assert kinds(desk, mine.coi)[-2:] == ["mixup_prevented", "deviation_drafted"]
        await desk.press("f3")
        assert units_read(desk) == (mine.bag,)
        await desk.command("DONE")
        await desk.pin("OPER-1")
        assert "INSPECTED" in desk.told, desk.told
        mine.store("OPER-1", "MFG-1", (mine.bag,))
        stages.start_manufacturing(mine)
        made = mine.register("OPER-1", "MFG-1", Material.PRODUCT, mine.bag, number=1, of=1)
        await desk.see(cassette(mine))
        await desk.choose("End manufacturing")
        await desk.command("DONE")
        await desk.see(made)
        await desk.type("68")
        await desk.see(other.bag)
        assert other_patients(desk) == "unit"
        await desk.press("f3")
        assert units_read(desk) == (made,) and waiting(desk) == "unit"


async def test_findings_b9_a_refused_value_leaves_its_field(tmp_path: Path) -> None:
    """Given a form refused for a value, when it is read anew, then that field takes it."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        stages.relinquish_box(journey, "TECH-A1", "COLL-A", box, seal)
        await desk.sign_in("COUR-X1")
        await desk.see(box)
        await desk.choose("Refuse")
        await desk.pick("Seal mismatch")
        await desk.scan(seal)
        await desk.command("DONE")
        assert isinstance(desk.app.screen, StopScreen) and "another seal" in desk.screen, desk.told
        await desk.press("f3")
        assert waiting(desk) == "seal"
        await desk.scan("SEAL-OTHER")
        await desk.pin("COUR-X1")
        assert "refused" in kinds(desk, journey.coi), desk.told


async def test_findings_b10_a_wrong_order_is_only_looked_at(tmp_path: Path) -> None:
    """A seal before DONE, a badge at a number, a box at a unit: CHECK, and the same field goes on waiting."""
    async with desk_at("COLL-A", tmp_path) as desk:
        (one,) = frozen(desk, 1)
        one.retrieve("TECH-A1", "COLL-A", (one.bag,))
        await desk.sign_in("TECH-A1")
        await desk.see(cassette(one))
        await desk.choose("Pack")
        await desk.see(desk.network.boxes["Dry shipper 1"])
        for code in ("SEAL-77", code_of(desk.network.boxes["Dry shipper 2"])):
            await desk.scan(code)
            assert desk.told.startswith("CHECK") and waiting(desk) == "units", (code, desk.told)
        await desk.command("DONE")
        await desk.scan(desk.badge("TECH-A2"))
        assert desk.told.startswith("CHECK") and waiting(desk) == "tally", desk.told


async def test_findings_b4_the_tank_in_which_it_is(tmp_path: Path) -> None:
    """Given a unit that is in that tank already, then its scan says so, and no success covers a refusal."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        two.retrieve("TECH-A1", "COLL-A", (two.bag,))
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, PUT_AWAY)
        await desk.see(desk.network.storage["COLL-A"])
        await desk.see(cassette(one))
        assert not desk.told.startswith("OK"), desk.told
        if isinstance(desk.app.screen, StopScreen):
            await desk.press("f3")
        await desk.see(cassette(two))
        assert screen.rack is not None and [*screen.rack.taken] == [two.bag]
        one.retrieve("TECH-A1", "COLL-A", (one.bag,))
        await desk.see(cassette(one))
        one.store("TECH-A1", "COLL-A", (one.bag,))
        before = len(events_of(desk, two.coi))
        await desk.command("DONE")
        if isinstance(desk.app.screen, StopScreen):
            await desk.press("f3")
        assert not desk.told.startswith("OK"), desk.told
        assert [*screen.rack.taken] == [two.bag] and len(events_of(desk, two.coi)) == before


async def test_issue_12_6a_a_unit_known_from_paper_is_found_where_it_lies(tmp_path: Path) -> None:
    """Given a bag taken over from paper, its label and the tank beside it are scanned, and it counts."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey = desk.story()
        given = cast("World", SimpleNamespace(tracker=desk.tracker, clock=desk.clock, one=journey))
        tank = tanks(given)[0]
        values = import_values(given)
        del values["others"], values["at"]
        reader = ("LAB-A1", Meaning.VERIFIED)
        journey.ask(ImportTherapy, "DOC-A1", journey.treatment, reader, **values)
        await desk.sign_in("LAB-A2")
        await desk.scan(BAGS[0])
        refused = screen_of(desk).subject
        assert refused is not None and refused.offers[0].title == "Found: known from paper, it lies here"
        assert {one.violation.rule for one in refused.offers[1:] if one.violation} >= {"not_found_yet"}
        await desk.choose("Found: known from paper")
        assert waiting(desk) == "location"
        await desk.see(tank)
        await desk.press("f10")
        await desk.pin("LAB-A2")
        assert "signed and written" in desk.told, desk.told
        await desk.see(tank)
        await desk.choose("Found: known from paper")
        await desk.scan(BAGS[1])
        await desk.press("f10")
        if isinstance(desk.app.screen, FormScreen):
            await desk.press("f10")
        await desk.pin("LAB-A2")
        assert "signed and written" in desk.told, desk.told
        row = next(one for one in desk.tracker.read.board() if one.coi != journey.coi)
        assert kinds(desk, row.coi).count("unit_found") == 2
        await desk.see(tank)
        seen = screen_of(desk).subject
        assert seen is not None and all(one.kind != "unit_found" for one in seen.offers)


def screen_of(desk: Desk) -> HomeScreen:
    """Home, where what was scanned stands."""
    front: object = desk.app.screen
    assert isinstance(front, HomeScreen), desk.told
    return front
