"""My shipments, and every way a handoff can end, at one terminal with posted keys and scans."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from labels.keyed import in_groups
from schema.errors import StoreError
from schema.events.custody import Accepted, DeliveryAttempted, Diverted, PartlyAccepted, Refused
from schema.papercodes import receipt_code
from schema.vocabulary import Condition, Fault, Grade, InspectionResult, Meaning, PartyType, Reason
from tests.support import journeys
from tests.support.front_desk import Desk, code_of, desk_at
from tests.tui.screens.test_screens import events_of, kinds, packed
from tracker.demo import stages
from tracker.demo.journey import Journey, party, scan
from tracker.requests.base import Scan
from tracker.therapy.custody import requests as custody
from tracker.therapy.shipments.requests import ReportShipment
from tracker.views.models import Leg
from tui.screens.condition import ConditionScreen
from tui.screens.handoff import HandoffScreen
from tui.screens.home import HomeScreen
from tui.screens.shipments import ShipmentsScreen
from tui.screens.sign import SignScreen
from tui.screens.slip import SlipScreen


def on_board(desk: Desk) -> tuple[Journey, str, str]:
    """The packed box in the courier's hands, on its way to the manufacturer."""
    journey, box, seal = packed(desk)
    stages.hand_box(journey, "TECH-A1", "COUR-X1", "COLL-A", box, seal)
    return journey, box, seal


async def at_the_dock(desk: Desk) -> tuple[Journey, str]:
    """The dock has the box before it that the courier hands over; gives the therapy and the box's seal."""
    journey, box, seal = on_board(desk)
    stages.relinquish_box(journey, "COUR-X1", "MFG-1", box, seal)
    await desk.sign_in("DOCK-M")
    await desk.see(box)
    return journey, seal


def product_packed(desk: Desk, shipper: str = "Dry shipper 4") -> tuple[Journey, str, str]:
    """Two released bags in a box at the manufacturer, packed for the hospital."""
    journey, box, seal = on_board(desk)
    stages.receive_at_manufacturer(journey, box, seal)
    journeys.manufacture(journey)
    journeys.release(journey)
    box = journey.network.boxes[shipper]
    return journey, box, stages.pack(journey, "OPER-1", "OPER-2", "MFG-1", box, "TREAT-A")


async def handing_over_product(desk: Desk, shipper: str = "Dry shipper 4") -> tuple[Journey, str]:
    """The operator has that box and its seal read, to hand it over; gives the therapy and the seal."""
    journey, box, seal = product_packed(desk, shipper)
    await desk.sign_in("OPER-1")
    await desk.see(box)
    await desk.scan(seal)
    return journey, seal


def with_product(desk: Desk) -> tuple[Journey, str, str]:
    """Two released bags in a box on its way to the hospital."""
    journey, box, seal = product_packed(desk)
    stages.hand_box(journey, "OPER-1", "COUR-X1", "MFG-1", box, seal)
    return journey, box, seal


async def shipments(desk: Desk, staff: str) -> ShipmentsScreen:
    """The list of who signs in."""
    await desk.sign_in(staff)
    await desk.press("ctrl+o")
    screen: object = desk.app.screen
    assert isinstance(screen, ShipmentsScreen), desk.told
    return screen


async def visit(desk: Desk, staff: str) -> None:
    """Somebody who is not signed in signs with badge and password."""
    await desk.scan(desk.badge(staff))
    await desk.type(desk.network.password(staff))


async def test_the_list_says_what_is_due_where_and_whom_to_call(tmp_path: Path) -> None:
    """A packed box is to be fetched; on board it is to be delivered; arrived it is gone."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        screen = await shipments(desk, "COUR-X1")
        assert "Shipments of Polar Courier (CARR-X)" in desk.screen and "1 to fetch" in desk.screen
        assert "Next stop: fetch, 1 box" in desk.screen and "Harborview Apheresis Center" in desk.screen
        await desk.type("1")
        assert "+00 555 0111" in desk.screen and "MFG-1" in desk.screen and seal in desk.screen
        assert "ask for Rosa Larchfield" in desk.screen
        stages.hand_box(journey, "TECH-A1", "COUR-X1", "COLL-A", box, seal)
        await desk.press("f5")
        assert [one.leg for one in screen.found] == [Leg.CARRIED]
        assert "DELIVER  Dry shipper 1" in desk.screen and "Lindenhof Cell Works" in desk.screen
        assert "Shipper" in desk.screen and " left, until " in desk.screen
        stages.to_production(journey, box, seal)
        await desk.press("f5")
        assert not screen.found and "nothing on the way" in desk.screen


async def test_without_its_store_the_list_stays_and_says_since_when(tmp_path: Path) -> None:
    """The badge in the header, what was read below it; a line is chosen by arrows and Enter too."""
    async with desk_at("COLL-A", tmp_path) as desk:
        packed(desk)
        screen = await shipments(desk, "COUR-X1")
        at = f"{desk.app.session.now():%H:%M}"
        with patch.object(screen, "_shipments", side_effect=StoreError("The store cannot be reached.")):
            await desk.press("f5")
        assert f"▲ AS OF {at}" in desk.screen.splitlines()[0] and "Dry shipper 1" in desk.screen
        await desk.press("f5")
        assert "AS OF" not in desk.screen
        await desk.press("down", "enter")
        assert screen.chosen is not None and "FETCH  Dry shipper 1" in desk.screen


async def test_findings_a6_the_hold_time_runs_on_the_couriers_list(tmp_path: Path) -> None:
    """How much of it is left, then that it is over; the box at the door says so too."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        stages.hand_box(journey, "TECH-A1", "COUR-X1", "COLL-A", box, seal)
        screen = await shipments(desk, "COUR-X1")
        until = screen.found[0].hold_until
        assert until is not None and "left, until" in desk.screen
        desk.clock.advance(until - desk.clock.now() + timedelta(minutes=5))
        await desk.press("f5")
        assert "■ 0:05 h over" in desk.screen and "■ OVER 0:05 h shipper" in desk.screen


async def test_another_carrier_sees_none_of_it(tmp_path: Path) -> None:
    """A list is of one's own carrier; a site's is of what concerns it."""
    async with desk_at("COLL-A", tmp_path) as desk:
        on_board(desk)
        assert not (await shipments(desk, "COUR-Y1")).found
        await desk.press("escape")
        assert [one.leg for one in (await shipments(desk, "TECH-A1")).found] == [Leg.CARRIED]
        await desk.press("escape")
        await desk.sign_in("LAB-B1", "TREAT-B")
        await desk.press("ctrl+o")
        assert "nothing on the way" in desk.screen


async def test_picked_up_by_codes_alone(tmp_path: Path) -> None:
    """The courier is signed in, the giver comes to the terminal: no key but the PIN and the password."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        await shipments(desk, "COUR-X1")
        await desk.see(box)
        await desk.command("ALL-IN-ORDER")
        assert isinstance(desk.app.screen, HandoffScreen)
        await desk.scan(seal)
        await desk.command("ALL-IN-ORDER")
        await visit(desk, "TECH-A1")
        await desk.pin("COUR-X1")
        assert kinds(desk, journey.coi)[-2:] == ["relinquished", "accepted"]
        assert isinstance(desk.app.screen, HandoffScreen) and "Both have signed" in desk.screen
        await desk.press("escape")
        assert isinstance(desk.app.screen, ShipmentsScreen)
        assert "DELIVER" in desk.screen


async def test_nobody_at_the_door(tmp_path: Path) -> None:
    """At the site's own terminal, in another person's session: called, why, the courier's own signature."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, _ = on_board(desk)
        await shipments(desk, "OPER-1")
        await desk.see(box)
        await desk.command("ATTEMPTED")
        await desk.pick("Lindenhof")
        await desk.type("nobody at all")
        assert "neither a staff id nor a name with a number" in desk.told
        await desk.type("Night porter Ruiz, +00 555 0999")
        await desk.pick("No")
        await desk.pick("Place closed")
        await desk.command("DONE")
        assert "COURIER: SCAN YOUR BADGE" in desk.screen
        await visit(desk, "COUR-X1")
        last = events_of(desk, journey.coi)[-1].entry
        assert isinstance(last.statement.payload, DeliveryAttempted), desk.told
        called = last.statement.payload.called
        assert called is not None and called.staff is None and not called.answered
        assert last.statement.actor == "COUR-X1" and desk.app.session.staff == "OPER-1"
        assert b"Ruiz" not in last.body
        custodian = journey.state.units[journey.bag].custodian
        assert custodian == party(PartyType.CARRIER, "CARR-X")
        await desk.press("f5")
        assert "nobody took it" in desk.screen


async def test_a_courier_alone_records_the_attempt(tmp_path: Path) -> None:
    """Signed in, by PIN; a colleague of the site is named by badge or staff id."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, _ = on_board(desk)
        await shipments(desk, "COUR-X1")
        await desk.see(box)
        await desk.press("f6")
        await desk.pick("Lindenhof")
        await desk.type("dock-m")
        await desk.pick("Yes")
        await desk.pick("Receiver absent")
        await desk.press("f10")
        await desk.pin("COUR-X1")
        payload = events_of(desk, journey.coi)[-1].entry.statement.payload
        assert isinstance(payload, DeliveryAttempted), desk.told
        assert payload.called is not None and payload.called.staff == "DOCK-M" and payload.called.answered


async def test_findings_b5_refused_at_the_destination(tmp_path: Path) -> None:
    """NOT-IN-ORDER asks what is wrong and what is done; refused, it stays and goes where it went."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        stages.relinquish_box(journey, "COUR-X1", "MFG-1", box, seal)
        screen = await shipments(desk, "DOCK-M")
        assert [one.leg for one in screen.found] == [Leg.OFFERED]
        await desk.see(box)
        await desk.command("NOT-IN-ORDER")
        await desk.pick("Display")
        await desk.type("-118")
        await desk.command("ALL-IN-ORDER")
        await desk.pick("Refuse it")
        await desk.scan(seal)
        await desk.pin("DOCK-M")
        assert kinds(desk, journey.coi)[-3:] == ["refused", "deviation_drafted", "quarantined"], desk.told
        payload = events_of(desk, journey.coi)[-3].entry.statement.payload
        assert isinstance(payload, Refused)
        assert (payload.faults, payload.display_celsius, payload.seal) == ((Fault.DISPLAY,), "-118", seal)
        assert payload.reason is Reason.TEMPERATURE_EXCURSION
        assert screen.found[0].leg is Leg.CARRIED and screen.found[0].stop.site == "MFG-1"
        await desk.press("f5")
        assert "REFUSED" in desk.screen and "by DOCK-M: Temperature excursion, -118 C" in desk.screen
        await desk.type("1")
        assert desk.told == (
            "CHECK: REFUSED Dry shipper 1. Call quality: F7 sends it elsewhere. "
            "F4 or ALL-IN-ORDER hands it over after all."
        )
        await desk.press("escape", "escape", "f6", "enter")
        assert "▲ refused" in desk.screen and "■ QUARANTINED" in desk.screen


async def test_a_box_refused_as_warm_is_handed_over_again(tmp_path: Path) -> None:
    """The receiver is told of the refusal before anything is accepted."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        stages.relinquish_box(journey, "COUR-X1", "MFG-1", box, seal)
        journey.ask(
            custody.Refuse, "DOCK-M", "MFG-1", box=scan(box), reason=Reason.TEMPERATURE_EXCURSION,
            condition=Condition.NOT_IN_ORDER, faults=(Fault.DISPLAY,), display_celsius="-118",
            seal=Scan(code=seal),
        )  # fmt: skip
        stages.relinquish_box(journey, "COUR-X1", "MFG-1", box, seal)
        await shipments(desk, "DOCK-M")
        await desk.see(box)
        await desk.press("f4")
        assert isinstance(desk.app.screen, HandoffScreen), desk.told
        assert "This box was refused before" in desk.told and "-118 C" in desk.told
        assert desk.told.startswith("CHECK") and "Look at its display and seal" in desk.told


async def test_findings_a16_taken_into_quarantine_at_the_dock(tmp_path: Path) -> None:
    """The same answers, and the box is taken over: nobody uses what is in it before quality has decided."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, seal = await at_the_dock(desk)
        await desk.scan(seal)
        await desk.command("NOT-IN-ORDER")
        await desk.pick("Damage")
        await desk.type("A corner of the lid is cracked.")
        await desk.pick("Nothing else")
        await desk.pick("Take it over")
        await desk.pin("DOCK-M")
        assert kinds(desk, journey.coi)[-3:] == ["accepted", "deviation_drafted", "quarantined"], desk.told
        assert journey.state.units[journey.bag].quarantined


async def test_findings_b5_not_in_order_at_the_box(tmp_path: Path) -> None:
    """Said before anything is scanned: what is wrong is asked at once, then the box and its seal."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        stages.relinquish_box(journey, "COUR-X1", "MFG-1", box, seal)
        await desk.sign_in("DOCK-M")
        await desk.take_line(subject=box)
        await desk.choose("Take over")
        assert "Scan the box" in desk.screen
        await desk.command("NOT-IN-ORDER")
        await desk.pick("Damage")
        await desk.type("A corner of the lid is cracked.")
        await desk.pick("Nothing else")
        await desk.pick("Refuse it")
        await desk.see(box)
        await desk.scan(seal)
        await desk.pin("DOCK-M")
        assert kinds(desk, journey.coi)[-3:] == ["refused", "deviation_drafted", "quarantined"], desk.told
        payload = events_of(desk, journey.coi)[-3].entry.statement.payload
        assert isinstance(payload, Refused)
        assert (payload.faults, payload.seal) == ((Fault.DAMAGE,), seal)


async def test_findings_a16_a_seal_that_is_gone(tmp_path: Path) -> None:
    """NOT-IN-ORDER where the seal is asked for: it may be left out, once the seal is what is wrong."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, _ = await at_the_dock(desk)
        await desk.command("NOT-IN-ORDER")
        await desk.pick("Seal")
        await desk.pick("Nothing else")
        await desk.pick("Refuse it")
        await desk.command("DONE")
        await desk.pin("DOCK-M")
        payload = events_of(desk, journey.coi)[-3].entry.statement.payload
        assert isinstance(payload, Refused), desk.told
        assert (payload.faults, payload.seal, payload.reason) == ((Fault.SEAL,), None, Reason.SEAL_BROKEN)


async def test_findings_b6_refused_from_home(tmp_path: Path) -> None:
    """Chosen among the steps of the box: a reason that is an observation asks for what was observed."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, _ = await at_the_dock(desk)
        await desk.choose("Refuse")
        await desk.pick("Seal mismatch")
        await desk.scan("SEAL-OTHER")
        await desk.command("DONE")
        await desk.pin("DOCK-M")
        payload = events_of(desk, journey.coi)[-3].entry.statement.payload
        assert isinstance(payload, Refused), desk.told
        assert (payload.faults, payload.seal) == ((Fault.SEAL,), "SEAL-OTHER")
        assert "at MFG-1 by DOCK-M: Seal mismatch." in desk.screen  # who scans the box reads it too
        await desk.see(journey.cassettes[journey.bag])
        assert "at MFG-1 by DOCK-M: Seal mismatch." in desk.screen


async def test_the_courier_refuses_at_the_technicians_terminal(tmp_path: Path) -> None:
    """NOT-IN-ORDER in place of the receiver's badge: what is wrong, then who refuses signs."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.command("ALL-IN-ORDER")
        await desk.pin("TECH-A1")
        await desk.command("NOT-IN-ORDER")
        await desk.pick("Damage")
        await desk.type("Wet at one side.")
        await desk.pick("Nothing else")
        await desk.pick("Refuse it")
        await visit(desk, "COUR-X1")
        last = events_of(desk, journey.coi)[-3].entry
        assert last.statement.kind == "refused" and last.statement.actor == "COUR-X1", desk.told
        assert desk.app.session.staff == "TECH-A1"


async def test_some_of_a_box_is_taken(tmp_path: Path) -> None:
    """PARTLY asks which units and for a new seal; what was taken is opened without the box."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey, box, seal = with_product(desk)
        first, second = journey.products
        stages.relinquish_box(
            journey, "COUR-X1", "TREAT-A", box, seal, party(PartyType.DEPARTMENT, "TREAT-A/CELL-LAB")
        )
        await desk.sign_in("LAB-A1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.command("PARTLY")
        await desk.see(journey.cassettes[first])
        await desk.command("DONE")
        await desk.scan("SEAL-NEW-1")
        await desk.pin("LAB-A1")
        payload = events_of(desk, journey.coi)[-1].entry.statement.payload
        assert isinstance(payload, PartlyAccepted), desk.told
        assert (payload.units, payload.units_left, payload.new_seal) == ((first,), (second,), "SEAL-NEW-1")
        assert journey.state.units[first].box is None
        await desk.see(journey.cassettes[first])
        await desk.choose("Open the box and match")
        await desk.command("ALL-IN-ORDER")
        await desk.see(journey.cassettes[first])
        await desk.command("ALL-IN-ORDER")
        await desk.command("DONE")
        await desk.press("f10")
        await desk.pin("LAB-A1")
        assert kinds(desk, journey.coi)[-1] == "inspected", desk.told
        assert "inspected" in journey.state.units[first].facts


async def test_some_of_it_in_one_sitting(tmp_path: Path) -> None:
    """The technician gives, the courier takes only one bag: both halves at one terminal."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, _ = await handing_over_product(desk)
        await desk.command("ALL-IN-ORDER")
        await desk.pin("OPER-1")
        await desk.command("PARTLY")
        await desk.see(journey.cassettes[journey.products[1]])
        await desk.command("DONE")
        await desk.scan("SEAL-NEW-2")
        await visit(desk, "COUR-X1")
        payload = events_of(desk, journey.coi)[-1].entry.statement.payload
        assert isinstance(payload, PartlyAccepted) and payload.units == (journey.products[1],), desk.told


async def test_sent_to_another_site(tmp_path: Path) -> None:
    """By quality at the hospital's own terminal, in the lab's session; the courier's list goes there."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey, box, _ = with_product(desk)
        await shipments(desk, "LAB-A1")
        await desk.see(box)
        await desk.press("f7")
        await desk.pick("Lindenhof")
        await desk.pick("Clean room")
        await desk.pick("Place closed")
        await desk.command("DONE")
        await visit(desk, "QA-A")
        last = events_of(desk, journey.coi)[-1].entry
        assert isinstance(last.statement.payload, Diverted), desk.told
        assert last.statement.actor == "QA-A" and last.statement.payload.to_site == "MFG-1"
        await desk.press("escape", "escape")
        screen = await shipments(desk, "COUR-X1")
        assert screen.found[0].stop.site == "MFG-1" and "Clean room" in screen.found[0].stop.receiver


async def test_sent_elsewhere_from_afar(tmp_path: Path) -> None:
    """Without the box in hand its code is typed off the list, and a second person verifies it."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, _ = with_product(desk)
        await shipments(desk, "QA-2")
        await desk.type("1")
        await desk.press("f7")
        await desk.type(code_of(box))
        await desk.pick("Lindenhof")
        await desk.command("DONE")
        await desk.pick("Patient not ready")
        await desk.press("f10")
        await desk.pin("QA-2")
        await desk.second("OPER-1")
        last = events_of(desk, journey.coi)[-1].entry
        assert last.statement.kind == "diverted", desk.told
        assert [one.meaning.value for one in last.signatures] == ["performed", "verified"]


async def test_a_courier_decides_no_diversion(tmp_path: Path) -> None:
    """The one who drives is not the one who decides where to."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey, box, _ = with_product(desk)
        await shipments(desk, "LAB-A1")
        await desk.see(box)
        await desk.press("f7")
        await desk.pick("Lindenhof")
        await desk.command("DONE")
        await desk.pick("Place closed")
        await desk.command("DONE")
        await desk.scan(desk.badge("COUR-X1"))
        assert "quality or qualified person" in desk.told, desk.told
        assert kinds(desk, journey.coi)[-1] != "diverted"


async def test_an_empty_shipper_goes_home(tmp_path: Path) -> None:
    """Not while it holds something; two people look inside, the courier takes it, its home takes it back."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        stages.to_production(journey, box, seal)
        await shipments(desk, "OPER-1")
        await desk.see(box)
        await desk.press("f11")
        assert isinstance(desk.app.screen, ConditionScreen), desk.screen
        await desk.press("escape")
        journey.inspect("OPER-1", "MFG-1", box, InspectionResult.ACCEPT, (journey.bag,))
        await desk.see(box)
        await desk.press("f11")
        await desk.command("NOT-IN-ORDER")
        await desk.pin("OPER-1")
        await desk.second("DOCK-M")
        assert "by the record holds none" in desk.told
        await desk.press("f3", "escape", "escape")
        await desk.see(box)
        await desk.press("f11")
        await desk.command("ALL-IN-ORDER")
        await desk.pin("OPER-1")
        await desk.second("DOCK-M")
        assert "BOX EMPTIED" in desk.told, desk.told
        await desk.see(box)
        assert "○ EMPTY fetch" in desk.screen
        await desk.press("f11")
        await visit(desk, "COUR-X1")
        await desk.second("DOCK-M")
        assert "EMPTY COLLECTED" in desk.told, desk.told
        await desk.press("escape", "escape")
        await desk.sign_in("TECH-A1", "COLL-A")
        await desk.press("ctrl+o")
        await desk.see(box)
        assert "○ EMPTY home" in desk.screen and "Harborview Apheresis" in desk.screen
        await desk.press("f11")
        await desk.pin("TECH-A1")
        await desk.second("COUR-X1")
        assert "EMPTY RETURNED" in desk.told, desk.told
        known = desk.tracker.registry.equipment(box)
        assert known is not None and known.with_carrier is None


async def test_a_look_inside_does_not_last(tmp_path: Path) -> None:
    """Packed again since, an empty box has to be looked into again before a carrier takes it."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _, _ = packed(desk)
        box = journey.network.boxes["Dry shipper 3"]
        await shipments(desk, "TECH-A1")
        await desk.see(box)
        await desk.press("f11")
        await desk.command("ALL-IN-ORDER")
        await desk.pin("TECH-A1")
        await desk.second("TECH-A2")
        assert "BOX EMPTIED" in desk.told
        other = desk.story()
        other.number, other.coi = 8, ""
        other.enroll()
        stages.collect_and_freeze(other)
        seal = stages.pack(other, "TECH-A1", "TECH-A2", "COLL-A", box, "MFG-1")
        stages.hand_box(other, "TECH-A1", "COUR-X1", "COLL-A", box, seal)
        stages.receive_at_manufacturer(other, box, seal)
        known = desk.tracker.registry.equipment(box)
        assert known is not None and known.emptied_at_site == "COLL-A"
        assert box not in {one.box for one in desk.tracker.read.shipments(carrier="CARR-X", site="")}
        await desk.press("escape", "escape")
        await shipments(desk, "COUR-X1")
        await desk.see(box)
        await desk.press("f11")
        await desk.second("TECH-A2")
        assert "since it was last used" in desk.told, desk.told


async def test_a_slip_signed_in_ink(tmp_path: Path) -> None:
    """A driver without account signs the paper; a second person of the site attests it and scans it in."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        stages.relinquish_box(journey, "TECH-A1", "COLL-A", box, seal)
        slip = desk.tracker.labels.slip(station="COLL-A-01", box=box)
        await desk.sign_in("TECH-A2")
        await desk.see(box)
        await desk.scan(seal)
        await desk.press("ctrl+y")
        await desk.scan(seal)
        await desk.command("ALL-IN-ORDER")
        for text in ("Polar Courier Ltd", "J. Doe", "passport 12345"):
            await desk.type(text)
        await desk.pick("Polar Courier")
        await desk.scan(slip.therapies[0].receipt)
        await desk.type("WB-77")
        await desk.pin("TECH-A2")
        last = events_of(desk, journey.coi)[-1].entry
        assert isinstance(last.statement.payload, Accepted), desk.told
        assert last.statement.payload.evidence is Grade.INK
        assert [(one.signer, one.meaning.value) for one in last.signatures] == [("TECH-A2", "attested")]
        assert b"Doe" not in last.body


async def test_a_handoff_that_nobody_took_is_ended(tmp_path: Path) -> None:
    """By the giver, who scans the thing still in hand."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        stages.relinquish_box(journey, "TECH-A1", "COLL-A", box, seal)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        screen: object = desk.app.screen
        assert isinstance(screen, HomeScreen) and screen.subject is not None
        why = {one.kind: one.violation.rule for one in screen.subject.offers if one.violation is not None}
        assert why["accepted"] == why["refused"] == "not_receiver" and "lapsed" not in why
        await desk.choose("End a handoff")
        await desk.pin("TECH-A1")
        assert kinds(desk, journey.coi)[-1] == "lapsed", desk.told
        assert journey.state.units[journey.bag].handoff is None


async def test_findings_f15_the_slip_on_the_screen_is_left_by_esc(tmp_path: Path) -> None:
    """Words and codes of the last handoff, to be scanned off the screen; nothing to show is said."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        await shipments(desk, "TECH-A1")
        await desk.see(box)
        await desk.press("f8")
        assert "holds nothing that was handed over" in desk.told
        stages.relinquish_box(journey, "TECH-A1", "COLL-A", box, seal)
        await desk.see(box)
        await desk.press("f8")
        assert "Handoff slip" in desk.screen and seal not in desk.screen.splitlines()[0]
        slip: object = desk.app.screen
        assert isinstance(slip, SlipScreen)
        handoff = next(iter(journey.state.handoffs.values()))
        for word in (seal, code_of(box), receipt_code(handoff.digest).text, "\u2580", "24 h"):
            assert word in slip.words
        await desk.press("escape")
        assert isinstance(desk.app.screen, ShipmentsScreen)


@pytest.mark.parametrize(
    ("site", "staff", "offered"), [("COLL-A", "TECH-A1", False), ("MFG-1", "OPER-1", True)]
)
async def test_a_box_is_opened_where_it_came(tmp_path: Path, site: str, staff: str, *, offered: bool) -> None:
    """Its sender may take things out again; opening by inspection is the receiver's."""
    async with desk_at(site, tmp_path) as desk:
        journey, box, seal = packed(desk)
        if offered:
            stages.hand_box(journey, "TECH-A1", "COUR-X1", "COLL-A", box, seal)
            stages.to_production(journey, box, seal)
        await desk.sign_in(staff)
        await desk.see(box)
        screen: object = desk.app.screen
        assert isinstance(screen, HomeScreen) and screen.subject is not None
        titles = [one.kind for one in screen.subject.offers]
        assert ("inspected" in titles) is offered and ("unpacked" in titles) is not offered


async def test_what_the_other_terminal_signs_is_seen_here(tmp_path: Path) -> None:
    """The giver's half here, the receiver's there; and Esc of the slip in ink comes back to the handoff."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.command("ALL-IN-ORDER")
        await desk.pin("TECH-A1")
        await desk.press("ctrl+y")
        assert "Take over by ink" in desk.screen
        await desk.press("escape")
        screen: object = desk.app.screen
        assert isinstance(screen, HandoffScreen) and "Receiver: scan your badge" in desk.screen
        await desk.pilot.resize_terminal(40, 10)
        await desk.pilot.resize_terminal(80, 24)
        assert "as it was sealed" in desk.screen and "Receiver: scan your badge" in desk.screen
        assert "━╌" in desk.screen and screen.seen is not None
        journey.ask(
            custody.Accept, "COUR-X1", "COLL-A", meaning=Meaning.RECEIVED, box=scan(box),
            seal=Scan(code=seal), condition=Condition.IN_ORDER,
        )  # fmt: skip
        await desk.press("f5")
        assert "Both have signed" in desk.screen and "━►" in desk.screen
        assert "Gwen Ashgrove, Polar" in desk.screen
        assert screen.giver().who == "Rosa Larchfield", "and not who has custody by now"
        await desk.see(box)
        assert isinstance(desk.app.screen, HomeScreen), "the next scan is for the screen below"


async def test_a_refusal_at_the_other_terminal_closes_the_open_half(tmp_path: Path) -> None:
    """Nobody waits at the door for somebody who has refused; it is said who did."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.command("ALL-IN-ORDER")
        await desk.pin("TECH-A1")
        journey.ask(
            custody.Refuse, "COUR-X1", "COLL-A", box=scan(box), reason=Reason.CONTAINER_DAMAGED,
            remark="wet at one side", condition=Condition.NOT_IN_ORDER, faults=(Fault.DAMAGE,),
        )  # fmt: skip
        await desk.press("f5")
        assert isinstance(desk.app.screen, HomeScreen)
        assert "Gwen Ashgrove refused it" in desk.told and "Custody stays with the giver" in desk.told


async def test_logistics_l4_another_box_at_a_third_site(tmp_path: Path) -> None:
    """A courier whose shipper fails finds two people: interrupted nothing has moved, then all of it has."""
    async with desk_at("COLL-B", tmp_path) as desk:
        journey, box, _ = on_board(desk)
        new, logger = desk.network.boxes["Dry shipper 3"], desk.network.loggers["Logger 2"]
        journey.ask(
            ReportShipment, "COUR-X1", "COLL-B", shipment=scan(box), milestone="delayed", place="coll-b",
            source="courier",
        )  # fmt: skip

        async def put_into_another() -> None:
            await desk.see(box)
            await desk.choose("Put all of it into another box")
            await desk.see(new)
            await desk.see(journey.cassettes[journey.bag])
            await desk.command("DONE")
            await desk.type("1")
            await desk.scan("SEAL-B9")

        await desk.sign_in("TECH-B1")
        await put_into_another()
        await desk.press("escape", "escape")
        assert "packed" not in kinds(desk, journey.coi)[-1:], desk.told
        before = desk.tracker.read.lookup(code=journey.bag).unit
        assert before is not None and before.box == box

        await desk.see(box)
        await desk.choose("Put all of it into another box")
        assert "Scan the NEW box" in desk.screen
        await desk.see(box)
        assert "is the box that it lies in" in desk.told
        await desk.press("f3")
        assert "Scan the NEW box" in desk.screen, "nothing else was asked meanwhile"
        await desk.press("escape", "escape")
        await put_into_another()
        await desk.see(logger)
        await desk.press("f10")
        assert isinstance(desk.app.screen, SignScreen), desk.told
        assert "PUT INTO ANOTHER BOX" in desk.screen and "the old box" in desk.screen
        assert "Also" not in desk.screen
        await desk.pin("TECH-B1")
        await desk.second("TECH-B2")
        assert kinds(desk, journey.coi)[-2:] == ["unpacked", "packed"], desk.told
        assert "PUT INTO ANOTHER BOX: signed and written" in desk.told
        assert in_groups(new) in desk.screen, "the new box is on the screen, and not the old one"
        after = desk.tracker.read.lookup(code=journey.bag).unit
        assert after is not None and (after.box, after.custodian) == (new, before.custodian)
        (seen,) = desk.tracker.read.shipments(carrier="CARR-X", site="COLL-B")
        assert (seen.box, seen.leg, seen.destination) == (new, Leg.CARRIED, "MFG-1")
