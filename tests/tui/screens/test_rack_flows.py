"""Racks to the end on a real store: an opened box, a freezing run, a test run; what stands in each chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from labels.keyed import in_groups
from schema.entry import Statement
from schema.events.custody import Inspected
from schema.events.processing import Consumed, Cryopreserved
from schema.vocabulary import Fault, FinalDisposition, InspectionResult, ObjectType
from tests.support.front_desk import Desk, code_of, desk_at, rest
from tests.support.journeys import manufacture
from tests.support.terminal import by_hand
from tests.tui.screens.test_rack import cassette, frozen, last_kind, misread, open_rack, pack_all
from tests.tui.screens.test_screens import events_of
from tracker.demo import stages
from tracker.demo.journey import Journey, scan
from tracker.demo.stages import to_production
from tracker.therapy.identity import requests as identity
from tui.screens.rack import RackScreen, RackStep
from tui.screens.rack.tally import CONSUME, COUNT, FREEZE, INSPECT
from tui.screens.stop import StopScreen

SEAL = "SEAL-9"


def received(desk: Desk, count: int) -> tuple[list[Journey], str]:
    """So many therapies' bags in one box, taken over closed by production."""
    journeys = frozen(desk, count)
    box = desk.network.boxes["Dry shipper 1"]
    pack_all(journeys, box)
    stages.hand_box(journeys[0], "TECH-A1", journeys[0].courier, "COLL-A", box, SEAL)
    to_production(journeys[0], box, SEAL)
    return journeys, box


def bound(desk: Desk, count: int) -> list[Journey]:
    """So many therapies whose bags lie in their cassettes, ready to be frozen."""
    story = desk.story()
    journeys = []
    for number in range(count):
        one = replace(story, number=7 + number, coi="", bag="", cassettes={})
        one.enroll()
        one.identify()
        one.collect()
        stages.bring_to_lab(one)
        code = desk.fresh(ObjectType.CASSETTE)
        one.ask(identity.BindCassette, "TECH-A1", "COLL-A", units=(scan(one.bag),), cassette=scan(code))
        one.cassettes[one.bag] = code
        journeys.append(one)
    return journeys


def made(desk: Desk, count: int) -> list[Journey]:
    """So many therapies whose products are made and whose samples wait for their tests."""
    journeys = frozen(desk, count)
    for number, one in enumerate(journeys, 1):
        box = desk.network.boxes[f"Dry shipper {number}"]
        stages.receive_at_manufacturer(one, box, stages.pick_up_leukapheresis(one, box))
        manufacture(one)
    return journeys


def last_statement(desk: Desk, journey: Journey) -> Statement:
    """What was written into a chain last."""
    return desk.tracker.read.trail(coi=journey.coi).entries[-1].entry.statement


def length(desk: Desk, journey: Journey) -> int:
    """How many entries a chain has."""
    return len(desk.tracker.read.trail(coi=journey.coi).entries)


def results(statement: Statement) -> dict[str, str]:
    """What an inspection said of each unit."""
    assert isinstance(statement.payload, Inspected)
    return {one.unit: one.result.value for one in statement.payload.results}


def front(desk: Desk) -> object:
    """The screen in front."""
    return desk.app.screen


async def test_a_received_box_is_opened_by_scans(tmp_path: Path) -> None:
    """Three patients' bags, one set aside: one signing, each chain with its own unit and result."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journeys, box = received(desk, 3)
        before = [length(desk, one) for one in journeys]
        await desk.sign_in("OPER-1")
        await open_rack(desk, INSPECT)
        await desk.see(box)
        assert "3 expected" in desk.told, desk.told
        for one in journeys[:2]:
            await desk.see(cassette(one))
        await desk.command("NOT-IN-ORDER")
        await desk.type("1")
        assert f"{journeys[1].bag} goes into quarantine: Seal" in desk.told, desk.told
        await desk.see(cassette(journeys[2]))
        assert "quarantine" in desk.screen and "3 of 3 can be signed" in desk.screen
        await desk.command("DONE")
        assert isinstance(front(desk), RackStep), desk.told
        await desk.command("ALL-IN-ORDER")
        await desk.type("-184.2")
        assert before == [length(desk, one) for one in journeys]
        for number, one in enumerate(journeys):
            decided = "Quarantine" if number == 1 else "Accept"
            assert f"{in_groups(one.bag)} {decided}" in desk.screen, "each result is read before it is signed"
        await desk.pin("OPER-1")
        assert "INSPECTED" in desk.told and "3 units in one act" in desk.told, desk.told
        for number, one in enumerate(journeys):
            said = last_statement(desk, one)
            if number == 1:
                assert said.payload.to_json()["cause"] == ["seal_not_in_order"]
                said = events_of(desk, one.coi)[-2].entry.statement
            result = InspectionResult.QUARANTINE if number == 1 else InspectionResult.ACCEPT
            assert said.kind == "inspected" and results(said) == {one.bag: result}
            assert one.state.units[one.bag].box is None
            others = (other for other in journeys if other is not one)
            assert not any(other.coi in str(said.to_json()) for other in others)
        more = [length(desk, one) - count for one, count in zip(journeys, before, strict=True)]
        assert more == [1, 2, 1], "a deviation stands beside the one that was not in order"
        assert [one.state.units[one.bag].quarantined for one in journeys] == [False, True, False]


async def test_not_in_order_is_said_of_the_unit_in_the_hand(tmp_path: Path) -> None:
    """A unit scanned again is the one meant; after a code that was turned down, none is."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journeys, box = received(desk, 2)
        await desk.sign_in("OPER-1")
        screen = await open_rack(desk, INSPECT)
        assert screen.rack is not None
        await desk.see(box)
        for one in (*journeys, journeys[0]):
            await desk.see(cassette(one))
        await desk.command("NOT-IN-ORDER")
        assert screen.rack.judging == journeys[0].bag and "Say what is wrong" in desk.told
        await desk.press("f10")
        assert "was not said" in desk.told, desk.told
        await desk.type("9")
        assert "There is no line 9" in desk.told, desk.told
        await desk.type("4")
        assert screen.rack.faults == {journeys[0].bag: Fault.DAMAGE}, desk.told
        for code in (code_of(journeys[0].coi), misread(cassette(journeys[1]))):
            await desk.see(cassette(journeys[1]))
            await desk.scan(code)
            if isinstance(front(desk), StopScreen):
                await desk.press("f3")
            await desk.command("NOT-IN-ORDER")
            assert desk.told.startswith("CHECK: Which unit?"), desk.told
        assert screen.rack.faults == {journeys[0].bag: Fault.DAMAGE}
        await desk.press("f4")
        await desk.command("NOT-IN-ORDER")
        assert desk.told.startswith("CHECK: Which unit?"), desk.told


async def test_taking_back_takes_what_is_in_the_hand(tmp_path: Path) -> None:
    """What was scanned last goes first, scanned again or unexpected; then those before it."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two, other = frozen(desk, 3)
        other.retrieve("TECH-A1", "COLL-A", (other.bag,))
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, COUNT)
        assert screen.rack is not None
        await desk.see(desk.network.storage["COLL-A"])
        for each in (one, two, other):
            await desk.see(cassette(each))
        await desk.press("f4")
        assert f"Taken back: {other.bag}" in desk.told, desk.told
        await desk.see(cassette(one))
        await desk.press("f4")
        assert f"Taken back: {one.bag}" in desk.told, desk.told
        assert set(screen.rack.taken) == {two.bag} and not screen.rack.unexpected
        await desk.press("f4")
        assert screen.rack.is_empty
        await desk.press("f4")
        assert "nothing to take back" in desk.told, desk.told


async def test_a_box_with_one_missing_is_opened_outside_the_rules(tmp_path: Path) -> None:
    """The record expects two: the reason is asked, the rules refuse, and what happened is recorded by two."""
    async with desk_at("MFG-1", tmp_path) as desk:
        (one, two), box = received(desk, 2)
        await desk.sign_in("OPER-1")
        await open_rack(desk, INSPECT)
        await desk.see(box)
        await desk.see(cassette(one))
        await desk.command("DONE")
        assert f"{in_groups(two.bag)} is missing. Why?" in desk.screen
        await desk.type("1")
        await desk.command("ALL-IN-ORDER")
        await desk.command("DONE")
        assert isinstance(front(desk), StopScreen) and two.bag in desk.told, desk.told
        await desk.press("f3")
        await desk.press("f11")
        await desk.type("HAPPENED")
        await desk.pick("Somebody with a part")
        await desk.pick("Contents differ")
        await desk.type("One bag only in the box")
        await desk.command("DONE")
        await desk.pin("OPER-1")
        before = length(desk, one)
        await desk.second("OPER-2")
        assert "INSPECTED" in desk.told and "1 unit in one act" in desk.told, desk.told
        said = desk.tracker.read.trail(coi=one.coi).entries[before].entry.statement
        assert said.kind == "inspected" and said.outside_rules == ("units_missing",)
        assert said.payload.reason == "contents_differ" and results(said) == {
            one.bag: InspectionResult.ACCEPT
        }
        assert last_kind(two.state, two.bag) != "inspected" and two.state.units[two.bag].box == box


async def test_a_freezing_run_is_one_act(tmp_path: Path) -> None:
    """The cassettes of four patients, one of them scanned twice, frozen by one PIN."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journeys = bound(desk, 4)
        before = [length(desk, one) for one in journeys]
        await desk.sign_in("TECH-A1")
        await open_rack(desk, FREEZE)
        await desk.see(journeys[0].bag)
        assert desk.told.startswith("STOP") and "cassette" in desk.told, desk.told
        await desk.press("f3")
        desk.scans = desk.keys = 0
        for one in (*journeys, journeys[0]):
            await desk.see(cassette(one))
        await desk.command("DONE")
        assert before == [length(desk, one) for one in journeys]
        await desk.pin("TECH-A1")
        assert "4 units in one act" in desk.told, desk.told
        assert (desk.scans, desk.keys) == (6, 7)
        assert {last_kind(one.state, one.bag) for one in journeys} == {"cryopreserved"}
        for one in journeys:
            said = last_statement(desk, one)
            assert isinstance(said.payload, Cryopreserved) and said.payload.units == (one.bag,)
            assert not any(other.coi in str(said.to_json()) for other in journeys if other is not one)
        assert [length(desk, one) for one in journeys] == [count + 1 for count in before]


async def test_what_is_frozen_already_joins_no_freezing_run(tmp_path: Path) -> None:
    """A bag of the run before is turned down at its scan; the run goes on without it."""
    async with desk_at("COLL-A", tmp_path) as desk:
        (one,) = bound(desk, 1)
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, FREEZE)
        await desk.see(cassette(one))
        await desk.command("DONE")
        await desk.pin("TECH-A1")
        assert "1 unit in one act" in desk.told, desk.told
        count = length(desk, one)
        await desk.see(cassette(one))
        assert desk.told.startswith(("CHECK", "STOP")), desk.told
        if isinstance(front(desk), StopScreen):
            await desk.press("f3")
        assert screen.rack is not None and screen.rack.is_empty
        await desk.command("DONE")
        assert "Nothing is scanned yet" in desk.told and length(desk, one) == count


async def test_samples_go_into_a_test_run(tmp_path: Path) -> None:
    """The samples of two patients are used up together; a product bag among them is a stop."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journeys = made(desk, 2)
        await desk.sign_in("QA-2")
        screen = await open_rack(desk, CONSUME)
        await desk.see(journeys[0].samples[0])
        await desk.see(journeys[0].cassettes[journeys[0].products[0]])
        assert isinstance(front(desk), StopScreen), desk.told
        await desk.press("f3")
        await desk.see(journeys[1].samples[0])
        assert screen.rack is not None
        assert tuple(screen.rack.taken) == tuple(one.samples[0] for one in journeys)
        await desk.command("DONE")
        await desk.pin("QA-2")
        assert "2 units in one act" in desk.told, desk.told
        for one in journeys:
            said = last_statement(desk, one)
            assert isinstance(said.payload, Consumed) and said.payload.units == (one.samples[0],)
            assert one.state.units[one.samples[0]].final is FinalDisposition.CONSUMED
            assert all(one.state.units[each].final is None for each in one.products)


async def test_a_resize_in_the_middle_of_a_form_keeps_its_answers(tmp_path: Path) -> None:
    """Far too small, narrow, wide and back: between two answers, within one, at the signing; all stays."""
    async with desk_at("MFG-1", tmp_path) as desk:
        (one,), box = received(desk, 1)
        await desk.sign_in("OPER-1")
        await open_rack(desk, INSPECT)
        await desk.see(box)
        await desk.see(cassette(one))
        await desk.command("DONE")
        await desk.command("ALL-IN-ORDER")
        step: object = front(desk)
        assert isinstance(step, RackStep) and step.form.current is not None
        ask = step.form.current.ask
        for size in ((120, 40), (76, 22), (200, 60), (80, 24)):
            await desk.pilot.resize_terminal(40, 10)
            await desk.pilot.resize_terminal(*size)
            await rest(desk.pilot, desk.busy)
            assert front(desk) is step and step.form.current is not None and step.form.current.ask == ask
            assert ask in desk.screen, size
        by_hand(desk.app, "-184.2")
        await rest(desk.pilot, desk.busy)
        for size in ((76, 22), (120, 40), (80, 24)):
            await desk.pilot.resize_terminal(40, 10)
            await desk.pilot.resize_terminal(*size)
            await rest(desk.pilot, desk.busy)
            assert "-184.2 \u258c" in desk.screen, size
        await desk.press("enter")
        for size in ((76, 22), (120, 40), (80, 24)):
            await desk.pilot.resize_terminal(40, 10)
            await desk.pilot.resize_terminal(*size)
            await rest(desk.pilot, desk.busy)
        await desk.pin("OPER-1")
        screen: object = front(desk)
        assert isinstance(screen, RackScreen) and "1 unit in one act" in desk.told, desk.told
        said = last_statement(desk, one)
        assert results(said) == {one.bag: InspectionResult.ACCEPT}
        assert isinstance(said.payload, Inspected) and said.payload.display_celsius == "-184.2"
