"""The stretches of a journey that the demo's therapies go, from the courier to the bedside."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from schema.events import Party
from schema.vocabulary import (
    Condition,
    EquipmentType,
    FindingWord,
    InspectionResult,
    Material,
    Meaning,
    PartyType,
)
from tracker.catalog import parse_request
from tracker.demo import cast
from tracker.demo.journey import Journey, party, scan
from tracker.registry.equipment.requests import ChargeShipper
from tracker.requests.base import Scan
from tracker.requests.paper_file import encoded_paper
from tracker.therapy.aftercare.requests import RecordOutcome
from tracker.therapy.course import Close
from tracker.therapy.custody import requests as custody
from tracker.therapy.dosing.requests import SetDose
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels import requests as labels
from tracker.therapy.making import requests as processing


def collect_and_freeze(journey: Journey) -> None:
    """From the chair through the cell lab into the tank."""
    journey.identify()
    journey.collect()
    freeze_collection(journey)


def freeze_collection(journey: Journey) -> None:
    """From the apheresis unit to the cell lab, into its cassette, frozen, put away."""
    bring_to_lab(journey)
    journey.freeze(f"TECH-{journey.letter}1", journey.collection, (journey.bag,))


def bring_to_lab(journey: Journey) -> None:
    """From the chair to the cell lab."""
    nurse, tech = f"NURSE-{journey.letter}1", f"TECH-{journey.letter}1"
    lab = party(PartyType.DEPARTMENT, f"{journey.collection}/CELL-LAB")
    journey.hand_units(nurse, tech, journey.collection, lab, (journey.bag,))


def pack(journey: Journey, packer: str, witness: str, site: str, box: str, destination: str) -> str:
    """Out of the tank into the shipper, sealed by two people; gives the seal."""
    units = tuple(journey.products) or (journey.bag,)
    journey.box = box
    journey.seal = seal = f"SEAL-{journey.network.chance.randint(10000, 99999)}"
    if all(journey.state.units[unit].location for unit in units):
        journey.retrieve(packer, site, units)
    charge(journey, packer, site, box)
    logger = fit_logger(journey, site)
    journey.ask(
        custody.Pack,
        packer,
        site,
        (witness, Meaning.WITNESSED),
        units=journey.frozen_scans(units),
        box=scan(box),
        seal=Scan(code=seal),
        tally=len(units),
        data_logger=scan(logger),
        carrier=journey.carrier,
        destination=destination,
        display_celsius=journey.display(units),
    )
    return seal


def charge(journey: Journey, packer: str, site: str, box: str) -> None:
    """Filled anew before it is packed, as its hold time asks."""
    journey.ask(ChargeShipper, packer, site, equipment=scan(box))


def fit_logger(journey: Journey, site: str) -> str:
    """A calibrated logger of the site that is in no other box."""
    lines = journey.network.tracker.read.equipment(site=site)
    return next(
        line.equipment.id
        for line in lines
        if line.equipment.equipment_type is EquipmentType.DATA_LOGGER and line.violation is None
    )


def relinquish_box(
    journey: Journey, giver: str, site: str, box: str, seal: str, to: Party | None = None
) -> None:
    """The giver's half, with its slip."""
    named: dict[str, object] = {} if to is None else {"to": to}
    known = journey.network.tracker.registry.equipment(box)
    if known is not None and known.has_display:
        named["display_celsius"] = journey.display(tuple(journey.products) or (journey.bag,))
    event_id = journey.ask(
        custody.Relinquish,
        giver,
        site,
        meaning=Meaning.RELINQUISHED,
        box=scan(box),
        seal=Scan(code=seal),
        condition=Condition.IN_ORDER,
        **named,
    )
    tracker, station = journey.network.tracker, journey.network.station(site, giver)
    journey.network.print(tracker.labels.slip(station=station, event_id=event_id))


def hand_box(
    journey: Journey, giver: str, receiver: str, site: str, box: str, seal: str, to: Party | None = None
) -> None:
    """A closed box handed over: box, seal, all in order, two people."""
    relinquish_box(journey, giver, site, box, seal, to)
    journey.ask(
        custody.Accept,
        receiver,
        site,
        meaning=Meaning.RECEIVED,
        box=scan(box),
        seal=Scan(code=seal),
        condition=Condition.IN_ORDER,
    )


def packers(journey: Journey) -> tuple[str, str]:
    """The two people who pack the starting material: of the lab that froze it, or at the chair."""
    work = "NURSE" if journey.is_fresh else "TECH"
    return f"{work}-{journey.letter}1", f"{work}-{journey.letter}2"


def pick_up_leukapheresis(journey: Journey, box: str) -> str:
    """From the collection center into the courier's hands; gives the seal."""
    packer, second = packers(journey)
    seal = pack(journey, packer, second, journey.collection, box, cast.HUB)
    hand_box(journey, packer, journey.courier, journey.collection, box, seal)
    return seal


def receive_at_manufacturer(
    journey: Journey, box: str, seal: str, result: InspectionResult = InspectionResult.ACCEPT
) -> None:
    """Received closed at the dock, handed to production, inspected there."""
    to_production(journey, box, seal)
    journey.inspect("OPER-1", cast.HUB, box, result, (journey.bag,))
    journey.store("OPER-1", cast.HUB, (journey.bag,))


def to_production(journey: Journey, box: str, seal: str) -> None:
    """Received closed at the dock and handed to production."""
    production = party(PartyType.DEPARTMENT, f"{cast.HUB}/PRODUCTION")
    hand_box(journey, journey.courier, "DOCK-M", cast.HUB, box, seal)
    hand_box(journey, "DOCK-M", "OPER-1", cast.HUB, box, seal, production)


def start_manufacturing(journey: Journey) -> None:
    """The starting material goes into the process, its therapy alone in the room."""
    journey.retrieve("OPER-1", cast.HUB, (journey.bag,))
    second = ("OPER-2", Meaning.WITNESSED)
    parents = journey.frozen_scans((journey.bag,))
    journey.ask(
        processing.StartManufacturing, "OPER-1", cast.HUB, second, coi=scan(journey.coi), units=parents
    )


def complete_manufacturing(journey: Journey, bags: int = 2) -> None:
    """Labeled containers are filled, the product bags frozen and put away."""
    register, second = journey.register, ("OPER-2", Meaning.WITNESSED)
    journey.products = [
        register("OPER-1", cast.HUB, Material.PRODUCT, journey.bag, number=number, of=bags)
        for number in range(1, bags + 1)
    ]
    journey.samples = [register("OPER-1", cast.HUB, Material.QC_SAMPLE, journey.bag)]
    filled = [(unit, str(journey.fill_ml(Material.PRODUCT))) for unit in journey.products]
    filled += [(unit, str(journey.fill_ml(Material.QC_SAMPLE))) for unit in journey.samples]
    journey.ask(
        processing.CompleteManufacturing,
        "OPER-1",
        cast.HUB,
        second,
        units=journey.frozen_scans((journey.bag,)),
        children=tuple(processing.ChildGiven(unit=scan(unit), volume_ml=volume) for unit, volume in filled),
    )
    journey.freeze("OPER-1", cast.HUB, tuple(journey.products))


def use_up_samples(journey: Journey) -> None:
    """The samples are used up in the tests."""
    samples = tuple(scan(unit) for unit in journey.samples)
    journey.ask(processing.Consume, "QA-2", cast.HUB, units=samples)


def sign_release(journey: Journey) -> None:
    """The samples are used up; the qualified person releases, quality has reviewed."""
    use_up_samples(journey)
    journey.ask(
        processing.Release,
        "QP-1",
        cast.HUB,
        ("QA-2", Meaning.REVIEWED),
        meaning=Meaning.RELEASED,
        units=journey.frozen_scans(tuple(journey.products)),
    )


REQUESTED: Final[Mapping[str, str]] = {
    "basis": "eu_gmp_11_5",
    "requested": "No other treatment is open to this patient; asked for on the telephone and in writing.",
    "risk_evaluation": encoded_paper(
        b"%PDF-1.7\n1 0 obj\nThe risks, as the manufacturer sees them.\nstartxref\n0\n%%EOF\n"
    ),
}
"""What goes with a release out of specification."""


def sign_out_of_specification(journey: Journey) -> None:
    """The qualified person releases what the physician asked for."""
    use_up_samples(journey)
    journey.ask(
        processing.ReleaseOutOfSpecification,
        "QP-1",
        cast.HUB,
        (f"DOC-{journey.letter}1", Meaning.APPROVED),
        meaning=Meaning.RELEASED,
        units=journey.frozen_scans(tuple(journey.products)),
        **REQUESTED,
    )


def send_product(journey: Journey, box: str) -> None:
    """Out of the manufacturer's tank into the courier's hands."""
    seal = pack(journey, "OPER-1", "OPER-2", cast.HUB, box, journey.treatment)
    hand_box(journey, "OPER-1", journey.courier, cast.HUB, box, seal)


def receive_product(journey: Journey) -> None:
    """Received closed at the dock, handed to the lab, inspected there and put away."""
    site, box, seal = journey.treatment, journey.box, journey.seal
    dock, lab = f"DOCK-{journey.letter}", f"LAB-{journey.letter}1"
    hand_box(journey, journey.courier, dock, site, box, seal)
    hand_box(journey, dock, lab, site, box, seal, party(PartyType.DEPARTMENT, f"{site}/CELL-LAB"))
    journey.inspect(lab, site, box, InspectionResult.ACCEPT, tuple(journey.products))
    journey.store(lab, site, tuple(journey.products))


def set_dose(journey: Journey, indication: str) -> None:
    """The physician sets the dose, and a pharmacist has looked over it."""
    pharmacist = (f"PHARM-{journey.letter}", Meaning.WITNESSED)
    doctor, coi = f"DOC-{journey.letter}1", scan(journey.coi)
    journey.ask(SetDose, doctor, journey.treatment, pharmacist, coi=coi, indication=indication)


def begin_lymphodepletion(journey: Journey) -> None:
    """The product is there: the patient can be made ready for it."""
    journey.ask(
        processing.StartLymphodepletion,
        f"DOC-{journey.letter}1",
        journey.treatment,
        coi=scan(journey.coi),
        regimen=journey.known.regimens[0].name,
    )


def match_before_thaw(journey: Journey, unit: str) -> None:
    """Retrieved, and matched frozen by two people."""
    site, lab = journey.treatment, f"LAB-{journey.letter}1"
    pharmacist = (f"PHARM-{journey.letter}", Meaning.WITNESSED)
    frozen = journey.frozen_scans((unit,))
    journey.retrieve(lab, site, (unit,))
    journey.ask(
        identity.MatchBeforeThaw,
        lab,
        site,
        pharmacist,
        units=frozen,
        coi=scan(journey.coi),
        certificate=journey.certificate(unit),
        product_code=journey.product_code(unit),
        patient=journey.wristband(),
        confirmed=journey.confirm(),
    )


def thaw(journey: Journey, unit: str) -> None:
    """Retrieved, matched frozen by two people, thawed, matched with its cassette."""
    site, lab = journey.treatment, f"LAB-{journey.letter}1"
    match_before_thaw(journey, unit)
    frozen = journey.frozen_scans((unit,))
    journey.ask(processing.StartThaw, lab, site, units=frozen)
    journey.ask(processing.EndThaw, lab, site, units=frozen)
    if unit in journey.cassettes:
        journey.ask(identity.MatchBag, lab, site, units=journey.scans((unit,)), cassette=frozen[0])


def issue(journey: Journey, unit: str) -> None:
    """From the tank into the hands of the ward: matched frozen, thawed, handed over."""
    site, doctor = journey.treatment, f"DOC-{journey.letter}1"
    thaw(journey, unit)
    ward = party(PartyType.DEPARTMENT, f"{site}/WARD")
    journey.hand_units(f"LAB-{journey.letter}1", doctor, site, ward, (unit,))


LEFT_IN_THE_BAG_ML = Decimal("1.5")


def infuse(journey: Journey, unit: str) -> None:
    """From the tank to the vein: thawed, issued, matched at the bed, infused, remainder destroyed."""
    issue(journey, unit)
    match_at_bedside(journey, unit)
    give(journey, unit)


def match_at_bedside(journey: Journey, unit: str) -> None:
    """Bag and wristband, read by two people."""
    doctor, second = f"DOC-{journey.letter}1", (f"WARD-{journey.letter}", Meaning.WITNESSED)
    site, bag = journey.treatment, journey.scans((unit,))
    journey.ask(
        identity.MatchAtBedside,
        doctor,
        site,
        second,
        units=bag,
        coi=scan(journey.coi),
        certificate=journey.certificate(unit),
        patient=journey.wristband(),
    )


def give(journey: Journey, unit: str) -> None:
    """Into the vein; what is left in the bag is destroyed before a witness."""
    doctor, second = f"DOC-{journey.letter}1", (f"WARD-{journey.letter}", Meaning.WITNESSED)
    site, bag = journey.treatment, journey.scans((unit,))
    given = str(journey.fill_ml(Material.PRODUCT) - LEFT_IN_THE_BAG_ML)
    journey.ask(processing.StartInfusion, doctor, site, units=bag)
    journey.wait(minutes=18)
    journey.ask(processing.CompleteInfusion, doctor, site, units=bag, infused_ml=given)
    left = str(LEFT_IN_THE_BAG_ML)
    journey.ask(processing.Destroy, doctor, site, second, units=bag, destroyed_ml=left)


def close(journey: Journey) -> None:
    """Every unit has its final disposition, and every label was counted by two."""
    lab, second = f"LAB-{journey.letter}1", (f"QA-{journey.letter}", Meaning.WITNESSED)
    journey.ask(labels.ReconcileLabels, lab, journey.treatment, second, coi=scan(journey.coi))
    journey.ask(Close, f"QA-{journey.letter}", journey.treatment, coi=scan(journey.coi))


def respond(journey: Journey) -> None:
    """The response that is due on day 28; the record is closed by then."""
    journey.ask(
        RecordOutcome,
        f"DOC-{journey.letter}1",
        journey.treatment,
        coi=scan(journey.coi),
        duty="response",
        result="complete_response",
    )


def review(journey: Journey) -> None:
    """Quality reads the trail with its gaps, and signs for it."""
    tracker = journey.network.tracker
    journey.wait(minutes=20)
    station = journey.network.station(cast.HUB, "QA-2")
    found = tracker.audit.therapy(journey.coi)
    said = {"answer": FindingWord.EXPLAINED, "remark": "Looked into: in order."}
    findings = [one.model_copy(update=said) for _, one in found.to_answer]
    asked = tracker.audit.review_request(found, staff="QA-2", station=station, findings=findings)
    journey.network.record(parse_request(asked), "QA-2")
