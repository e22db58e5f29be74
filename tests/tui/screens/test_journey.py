"""The whole journey of a therapy through the screens, by posted scans, typed numbers, PINs and passwords."""

from __future__ import annotations

from pathlib import Path

import pytest

from labels.keyed import in_groups
from schema.vocabulary import ObjectType
from tests.support.front_desk import Desk, desk_at
from tracker.demo.journey import GOOD_RESULTS
from tracker.rules.therapy_state import TherapyState, TherapyStatus, UnitState

WRISTBAND = ("DEMO-HA-00007", "DEMO-P-00007")


def state_of(desk: Desk, coi: str | None = None) -> TherapyState:
    """A therapy; without its COI the only one of the store."""
    if coi is None:
        (row,) = desk.tracker.read.board()
        coi = row.coi
    known = desk.tracker.read.therapy(coi=coi)
    assert known is not None
    return known[0]


def newest(desk: Desk, coi: str | None = None) -> UnitState:
    """The unit registered last."""
    return list(state_of(desk, coi).units.values())[-1]


async def enroll(desk: Desk) -> str:
    """By the clinician, from the order."""
    await desk.sign_in("DOC-A1", "TREAT-A")
    await desk.press("f4")
    await desk.type("1")
    for site in ("Harborview Apheresis", "Lindenhof", "Harborview Hospital"):
        await desk.pick(site)
    for value in WRISTBAND:
        await desk.scan(value)
    await desk.pin("DOC-A1")
    assert "Written" in desk.told or "written" in desk.told, desk.told
    return state_of(desk).coi


async def wristband(desk: Desk) -> None:
    """Two numbers off the wristband."""
    for value in WRISTBAND:
        await desk.scan(value)


async def collect(desk: Desk, coi: str) -> str:
    """Identified by two, then the bag is filled."""
    await desk.sign_in("NURSE-A1", "COLL-A")
    await desk.see(coi)
    await desk.choose("Identify the patient")
    await wristband(desk)
    await desk.see(coi)
    await desk.pin("NURSE-A1")
    await desk.second("NURSE-A2")
    return await fill_bag(desk, coi, "NURSE-A1", "NURSE-A2")


async def fill_bag(desk: Desk, coi: str, nurse: str, second: str) -> str:
    """Registered, labeled, collected, checked by two; gives the bag."""
    await desk.see(coi)
    await desk.choose("Register the collection bag")
    await desk.pick("Leukapheresis")
    await desk.pin(nurse)
    bag = newest(desk, coi).unit
    await desk.press("f8")
    await desk.type("1")
    await desk.press("f8")
    await desk.press("escape")
    await desk.choose("Apply the label")
    await desk.see(bag)
    await desk.pin(nurse)
    await desk.see(bag)
    await desk.choose("Start the collection")
    await desk.see(coi)
    await desk.see(bag)
    await desk.scan("=A99992600000700")
    await desk.pin(nurse)
    await desk.see(bag)
    await desk.choose("End the collection")
    await desk.begin("212")
    await desk.squeeze()
    assert "212 \u258c" in desk.screen, "half a volume stands there still"
    await desk.type(".5")
    await desk.squeeze()
    assert "212.5" in desk.screen, "and the whole of it"
    await desk.press("f10")
    await desk.begin(desk.network.pins[nurse][:3])
    await desk.squeeze()
    await desk.type(desk.network.pins[nurse][3:])
    await desk.second(second)
    return bag


async def hand_unit(desk: Desk, unit: str, to: str, giver: str, receiver: str) -> None:
    """A unit without a box to a department."""
    await desk.see(unit)
    await desk.choose("Hand over")
    await desk.command("DONE")
    await desk.pick(to)
    await desk.command("ALL-IN-ORDER")
    await desk.pin(giver)
    await desk.scan(desk.badge(receiver))
    await desk.type(desk.network.password(receiver))
    assert "ACCEPTED" in desk.told, desk.told


async def freeze(desk: Desk, units: tuple[str, ...], staff: str) -> dict[str, str]:
    """Into cassettes, frozen, put away."""
    cassettes = {}
    for unit in units:
        cassettes[unit] = desk.fresh(ObjectType.CASSETTE)
        await desk.see(unit)
        await desk.choose("Bind bag and cassette")
        await desk.see(unit)
        await desk.see(cassettes[unit])
        await desk.pin(staff)
    for step in ("Freeze", "Put away"):
        await desk.see(cassettes[units[0]])
        await desk.choose(step)
        for unit in units[1:]:
            await desk.see(cassettes[unit])
        await desk.command("DONE")
        if step == "Put away":
            await desk.see(desk.network.storage[desk.app.session.station.site])
        await desk.pin(staff)
    return cassettes


async def put_away(desk: Desk, cassettes: list[str], staff: str) -> None:
    """Into the tank."""
    await desk.see(cassettes[0])
    await desk.choose("Put away")
    for cassette in cassettes[1:]:
        await desk.see(cassette)
    await desk.command("DONE")
    await desk.see(desk.network.storage[desk.app.session.station.site])
    await desk.pin(staff)


async def take_out(desk: Desk, cassettes: list[str], staff: str) -> None:
    """Out of the tank."""
    await desk.see(cassettes[0])
    await desk.choose("Retrieve")
    for cassette in cassettes[1:]:
        await desk.see(cassette)
    await desk.command("DONE")
    await desk.see(desk.network.storage[desk.app.session.station.site])
    await desk.pin(staff)


async def pack(desk: Desk, cassettes: list[str], box: str, to: str, staff: str, second: str) -> str:
    """Sealed by two."""
    seal = f"SEAL-{box[-4:]}"
    await desk.see(cassettes[0])
    await desk.choose("Pack and seal")
    await desk.see(box)
    for cassette in cassettes[1:]:
        await desk.see(cassette)
    await desk.command("DONE")
    await desk.type(str(len(cassettes)))
    await desk.scan(seal)
    await desk.see(fit_logger(desk))
    await desk.pick("Polar Courier")
    await desk.pick(to)
    await desk.type("-188.4")
    await desk.pin(staff)
    await desk.second(second)
    assert "PACKED" in desk.told, desk.told
    return seal


def fit_logger(desk: Desk) -> str:
    """A calibrated logger of this site that is in no box."""
    lines = desk.tracker.read.equipment(site=desk.app.session.station.site)
    return next(one.equipment.id for one in lines if one.equipment.id[0] == "D" and one.violation is None)


async def hand_box(desk: Desk, box: str, seal: str, giver: str, receiver: str) -> None:
    """Four scans, one PIN, one password."""
    await desk.see(box)
    await desk.scan(seal)
    await desk.command("ALL-IN-ORDER")
    await desk.pin(giver)
    await desk.scan(desk.badge(receiver))
    await desk.type(desk.network.password(receiver))
    assert "ACCEPTED" in desk.told, desk.told


async def receive(desk: Desk, box: str, seal: str, dock: str, to: str, lab: str) -> None:
    """From the courier at the door, who is not signed in, then on to the lab."""
    await desk.see(box)
    await desk.scan(seal)
    await desk.command("ALL-IN-ORDER")
    await desk.scan(desk.badge("COUR-X1"))
    await desk.type(desk.network.password("COUR-X1"))
    await desk.pin(dock)
    assert "ACCEPTED" in desk.told, desk.told
    await desk.see(box)
    await desk.scan(seal)
    await desk.pick(to)
    await desk.command("ALL-IN-ORDER")
    await desk.pin(dock)
    await desk.scan(desk.badge(lab))
    await desk.type(desk.network.password(lab))
    assert "ACCEPTED" in desk.told, desk.told


async def inspect(desk: Desk, box: str, cassettes: list[str], staff: str) -> None:
    """Opened, each unit matched."""
    await desk.see(box)
    await desk.choose("Open the box")
    await desk.command("ALL-IN-ORDER")
    await desk.type("-184.2")
    for cassette in cassettes:
        await desk.see(cassette)
        await desk.command("ALL-IN-ORDER")
    await desk.command("DONE")
    await desk.pin(staff)
    assert "INSPECTED" in desk.told, desk.told


async def manufacture(desk: Desk, coi: str, bag: str, cassette: str) -> list[str]:
    """One to three: two product bags and a sample."""
    await desk.see(cassette)
    await desk.choose("Start manufacturing")
    await desk.see(coi)
    await desk.see(cassette)
    await desk.pin("OPER-1")
    await desk.second("OPER-2")
    made = []
    for number, material in enumerate(("CAR T cells, human", "CAR T cells, human", "QC sample"), 1):
        await desk.see(coi)
        await desk.choose("Register a container")
        await desk.pick(material)
        if number < 3:
            await desk.type(str(number))
            await desk.type("2")
        await desk.pin("OPER-1")
        made.append(newest(desk).unit)
        await desk.choose("Apply the label")
        await desk.see(made[-1])
        await desk.pin("OPER-1")
    await desk.see(cassette)
    await desk.choose("End manufacturing")
    await desk.command("DONE")
    for unit, volume in zip(made, ("68", "68", "5"), strict=True):
        await desk.see(unit)
        await desk.type(volume)
    await desk.command("DONE")
    await desk.command("DONE")
    await desk.pin("OPER-1")
    await desk.second("OPER-2")
    assert "MANUFACTURED" in desk.told, desk.told
    return made


async def release(desk: Desk, coi: str, sample: str, cassettes: list[str]) -> None:
    """Seven tests, the sample used up, two signatures."""
    await desk.sign_in("QA-2", "MFG-1")
    for result in GOOD_RESULTS.values():
        await desk.see(coi)
        await desk.choose("Record a release test")
        await desk.type("1")
        await desk.type(result)
        await desk.pin("QA-2")
    await desk.see(sample)
    await desk.choose("Use up a sample")
    await desk.command("DONE")
    await desk.pin("QA-2")
    await desk.sign_in("QP-1")
    await desk.see(cassettes[0])
    await desk.choose("Release")
    await desk.press("f10")
    for cassette in cassettes:
        await desk.see(cassette)
        await desk.squeeze()
        assert in_groups(cassette) in desk.screen, "what was scanned stays"
    await desk.command("DONE")
    await desk.squeeze()
    await desk.pin("QP-1")
    await desk.second("QA-2")
    assert "RELEASED" in desk.told, desk.told
    await desk.press("escape")


async def infuse(desk: Desk, coi: str, unit: str, cassette: str) -> None:
    """From the tank to the vein."""
    await desk.sign_in("LAB-A1")
    await take_out(desk, [cassette], "LAB-A1")
    await desk.see(cassette)
    await desk.choose("Match patient and cassette")
    await wristband(desk)
    await desk.see(coi)
    await desk.certificate(coi)
    await desk.see(cassette)
    await desk.confirm()
    await desk.pin("LAB-A1")
    await desk.second("PHARM-A")
    for step in ("Start the thaw", "End the thaw"):
        await desk.see(cassette)
        await desk.choose(step)
        await desk.command("DONE")
        await desk.pin("LAB-A1")
    await desk.see(unit)
    await desk.choose("Match bag and cassette")
    await desk.see(cassette)
    await desk.see(unit)
    await desk.pin("LAB-A1")
    await hand_unit(desk, unit, "Hematology ward", "LAB-A1", "DOC-A1")
    await desk.sign_in("DOC-A1")
    await desk.see(unit)
    await desk.choose("Match bag and wristband")
    await wristband(desk)
    await desk.see(coi)
    await desk.certificate(coi)
    await desk.see(unit)
    await desk.pin("DOC-A1")
    await desk.second("DOC-A2")
    await desk.see(unit)
    await desk.choose("Start the infusion")
    await desk.command("DONE")
    await desk.pin("DOC-A1")
    await desk.see(unit)
    await desk.choose("Complete the infusion")
    await desk.command("DONE")
    await desk.type("66.5")
    await desk.pin("DOC-A1")
    await desk.see(unit)
    await desk.choose("Destroy")
    await desk.command("DONE")
    await desk.type("1.5")
    await desk.pick("Remainder")
    await desk.pin("DOC-A1")
    await desk.second("DOC-A2")
    assert "DESTROYED" in desk.told, desk.told


async def test_findings_a18_a_second_enrollment_asks_for_a_reason(tmp_path: Path) -> None:
    """CHECK names the therapy that runs and asks why; with the reason a second person signs as well."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.press("f4")
        await desk.type("1")
        for site in ("Harborview Apheresis", "Lindenhof", "Harborview Hospital"):
            await desk.pick(site)
        for value in WRISTBAND:
            await desk.scan(value)
        assert f"active therapy: {coi}" in desk.told and len(desk.tracker.read.board()) == 1
        await desk.pick("Clinical need")
        await desk.pin("DOC-A1")
        await desk.second("COORD-A")
        assert "ritten" in desk.told and len(desk.tracker.read.board()) == 2, desk.told


@pytest.mark.waits
async def test_the_whole_journey_by_scans(tmp_path: Path) -> None:
    """From the order to the closed therapy, with nothing but scans, numbers, PINs and passwords."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        desk.signs_in_by_hand = True
        coi = await enroll(desk)
        bag = await collect(desk, coi)
        await hand_unit(desk, bag, "Cell laboratory", "NURSE-A1", "TECH-A1")
        await desk.sign_in("TECH-A1")
        cassettes = await freeze(desk, (bag,), "TECH-A1")
        await take_out(desk, [cassettes[bag]], "TECH-A1")
        box = desk.network.boxes["Dry shipper 1"]
        seal = await pack(desk, [cassettes[bag]], box, "Lindenhof", "TECH-A1", "TECH-A2")
        await hand_box(desk, box, seal, "TECH-A1", "COUR-X1")
        await desk.sign_in("DOCK-M", "MFG-1")
        await receive(desk, box, seal, "DOCK-M", "Clean room", "OPER-1")
        await desk.sign_in("OPER-1")
        await inspect(desk, box, [cassettes[bag]], "OPER-1")
        *products, sample = await manufacture(desk, coi, bag, cassettes[bag])
        frozen = await freeze(desk, tuple(products), "OPER-1")
        await release(desk, coi, sample, list(frozen.values()))
        await desk.sign_in("OPER-1")
        await take_out(desk, list(frozen.values()), "OPER-1")
        box = desk.network.boxes["Dry shipper 4"]
        seal = await pack(desk, list(frozen.values()), box, "Harborview Hospital", "OPER-1", "OPER-2")
        await hand_box(desk, box, seal, "OPER-1", "COUR-X1")
        await desk.sign_in("DOCK-A", "TREAT-A")
        await receive(desk, box, seal, "DOCK-A", "Cell laboratory", "LAB-A1")
        await desk.sign_in("LAB-A1")
        await inspect(desk, box, list(frozen.values()), "LAB-A1")
        await put_away(desk, list(frozen.values()), "LAB-A1")
        for unit in products:
            await infuse(desk, coi, unit, frozen[unit])
        await desk.sign_in("QA-A")
        await desk.see(coi)
        await desk.choose("Close the therapy")
        await desk.pin("QA-A")
        state = state_of(desk)
        assert state.status is TherapyStatus.CLOSED
        assert not state.outside and not state.mixups_prevented
