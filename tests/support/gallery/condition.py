"""What must never be missed: a warm box, frozen cells at a refrigerator, another patient's bag at the bed."""

from __future__ import annotations

from typing import Final

from schema.vocabulary import InspectionResult, Meaning, PartyType
from tests.support import journeys
from tests.support.front_desk import Desk
from tests.support.gallery.story import Camera, Story
from tests.support.logged import WARM, file_of, recorded
from tests.tui.screens.test_condition import product_in_a_box_with_display
from tests.tui.screens.test_courier import on_board
from tests.tui.screens.test_rack import cassette, open_rack
from tracker.demo import stages
from tracker.demo.journey import Journey, party, scan
from tracker.rules.grading import ICE
from tracker.therapy.aftercare.requests import GiveMedicine, GradeToxicity
from tracker.therapy.dosing.requests import SetDose
from tui.screens.rack.tally import PUT_AWAY


async def warm(desk: Desk, shot: Camera) -> None:
    """The giver types what the box shows: STOP at that field."""
    _, box, seal = product_in_a_box_with_display(desk)
    await desk.sign_in("OPER-1")
    await desk.see(box)
    await desk.scan(seal)
    await desk.type("-60")
    await shot(desk, "stop-warm-box")


async def freezer(desk: Desk, shot: Camera) -> None:
    """Frozen cells, scanned at a place that keeps 2 to 8 C."""
    journey, box, seal = on_board(desk)
    stages.to_production(journey, box, seal)
    journey.inspect("OPER-1", "MFG-1", box, InspectionResult.ACCEPT, (journey.bag,))
    await desk.sign_in("OPER-1")
    await open_rack(desk, PUT_AWAY)
    await desk.see(desk.network.refrigerators["MFG-1"])
    await desk.see(cassette(journey))
    await shot(desk, "stop-wrong-freezer")


async def bed(desk: Desk, shot: Camera) -> None:
    """The thawed bag is on the ward; at the bed somebody scans the bag of the patient next door."""
    journey, box, seal = on_board(desk)
    stages.receive_at_manufacturer(journey, box, seal)
    journeys.manufacture(journey)
    journeys.release(journey)
    journeys.deliver_product(journey, journey.network.boxes["Dry shipper 4"])
    unit = journey.products[0]
    stages.thaw(journey, unit)
    ward = party(PartyType.DEPARTMENT, f"{journey.treatment}/WARD")
    journey.hand_units("LAB-A1", "WARD-A", journey.treatment, ward, (unit,))
    other = desk.story()
    other.number, other.coi = 8, ""
    other.enroll()
    stages.collect_and_freeze(other)
    await desk.sign_in("WARD-A")
    await desk.see(unit)
    await desk.choose("Match bag and wristband at the bed")
    for one in journey.wristband():
        await desk.scan(one.value)
    await desk.see(journey.coi)
    await desk.certificate(journey.coi)
    await shot(desk, "bedside")
    await desk.see(other.bag)
    await shot(desk, "stop-bedside")


async def prepare(desk: Desk, shot: Camera) -> None:
    """The first of two bags is thawed, the second matched and frozen; the clock of the first runs."""
    journey, box, seal = on_board(desk)
    stages.receive_at_manufacturer(journey, box, seal)
    journeys.manufacture(journey)
    journeys.release(journey)
    journeys.deliver_product(journey, journey.network.boxes["Dry shipper 4"])
    first, second = journey.products
    doctor, pharmacist = "DOC-A1", ("PHARM-A", Meaning.WITNESSED)
    journey.ask(
        SetDose,
        doctor,
        journey.treatment,
        pharmacist,
        coi=scan(journey.coi),
        indication="b_all",
        weight_kg="31.4",
    )
    stages.thaw(journey, first)
    stages.match_before_thaw(journey, second)
    await desk.sign_in("LAB-A1")
    await desk.see(first)
    await desk.press("ctrl+a")
    await desk.press("down")
    await shot(desk, "prepare")


async def watch(desk: Desk, shot: Camera) -> None:
    """On day 3 a grave reaction and a medicine; what touched the cells stands behind F4."""
    journey = watched_patient(desk)
    await desk.sign_in("WARD-A")
    await desk.see(journey.coi)
    await desk.press("ctrl+d")
    await shot(desk, "watch")


def watched_patient(desk: Desk) -> Journey:
    """Two bags given; on day 3 a grade 3 of CRS, ICANS 1, and tocilizumab."""
    journey, box, seal = on_board(desk)
    stages.receive_at_manufacturer(journey, box, seal)
    journeys.manufacture(journey)
    journeys.release(journey)
    journeys.deliver_product(journey, journey.network.boxes["Dry shipper 4"])
    for unit in journey.products:
        stages.infuse(journey, unit)
    card, second = scan(journey.coi), ("DOC-A1", Meaning.WITNESSED)
    crs = {"syndrome": "crs", "scale": "astct", "scale_version": "2019"}
    icans = {**crs, "syndrome": "icans"}
    items = zip(ICE, ("4", "2", "1", "1", "0"), strict=True)
    ice = [{"finding": "age_years", "value": "31"}, *({"finding": one, "value": said} for one, said in items)]
    journey.wait(hours=66)
    fever = {"finding": "temperature_celsius", "value": "39.1"}
    grave = [fever, {"finding": "pressors", "value": "1"}]
    ward, at = "WARD-A", journey.treatment
    journey.ask(GradeToxicity, ward, at, second, coi=card, by=crs, findings=grave)
    known = desk.tracker.read.therapy(coi=journey.coi)
    assert known is not None
    about = known[0].grades[-1].event_id
    journey.ask(GradeToxicity, ward, at, coi=card, by=icans, findings=ice)
    journey.ask(
        GiveMedicine, ward, at, coi=card, about=about, medicine="tocilizumab", amount="560",
        unit_of_measure="mg", route="iv",
    )  # fmt: skip
    return journey


async def curve(desk: Desk, shot: Camera) -> None:
    """Quality comes from what waits to the curve of a box that was warm on its way, and assesses."""
    journey, box, seal = on_board(desk)
    journey.wait(hours=26)
    stages.receive_at_manufacturer(journey, box, seal)
    recorded(journey, file_of(journey, WARM, missing=range(90, 95)))
    await desk.sign_in("QA-1")
    await desk.take_line(kind="excursion_assessed")
    await desk.press("right")
    await shot(desk, "condition")


STORIES: Final = (
    Story("warm", "MFG-1", warm, seed=6),
    Story("freezer", "MFG-1", freezer, seed=6),
    Story("bed", "TREAT-A", bed, seed=6),
    Story("prepare", "TREAT-A", prepare, seed=6),
    Story("watch", "TREAT-A", watch, seed=6),
    Story("curve", "MFG-1", curve, seed=6),
)
