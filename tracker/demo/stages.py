"""The stretches of a journey that the demo's therapies go, from the courier to the bedside."""

from __future__ import annotations

from schema.events import Party
from schema.vocabulary import InspectionResult, Material, Meaning, PartyType
from tracker.demo import cast
from tracker.demo.journey import Journey, party, scan
from tracker.labeling import handoff_slip
from tracker.requests import custody, identity, processing
from tracker.requests.base import Scan


def collect_and_freeze(journey: Journey) -> None:
    """From the chair through the cell lab into the tank."""
    journey.identify()
    journey.collect()
    nurse, tech = f"NURSE-{journey.letter}1", f"TECH-{journey.letter}1"
    lab = party(PartyType.DEPARTMENT, f"{journey.collection}/CELL-LAB")
    journey.hand_units(nurse, tech, journey.collection, lab, (journey.bag,))
    journey.freeze(tech, journey.collection, (journey.bag,))


def pack(journey: Journey, packer: str, witness: str, site: str, box: str, destination: str) -> str:
    """Out of the tank into the shipper, sealed by two people; gives the seal."""
    units = tuple(journey.products) or (journey.bag,)
    seal = f"SEAL-{journey.network.chance.randint(10000, 99999)}"
    journey.retrieve(packer, site, units)
    journey.ask(
        custody.Pack,
        packer,
        site,
        (witness, Meaning.WITNESSED),
        units=journey.frozen_scans(units),
        box=scan(box),
        seal=Scan(code=seal),
        tally=len(units),
        carrier=journey.carrier,
        destination=destination,
        display_celsius="-188.4",
    )
    return seal


def relinquish_box(
    journey: Journey, giver: str, site: str, box: str, seal: str, to: Party | None = None
) -> None:
    """The giver's half, with its slip."""
    named = {} if to is None else {"to": to}
    event_id = journey.ask(
        custody.Relinquish,
        giver,
        site,
        meaning=Meaning.RELINQUISHED,
        box=scan(box),
        seal=Scan(code=seal),
        **named,
    )
    tracker, station = journey.network.tracker, journey.network.stations[site]
    journey.network.papers.append(handoff_slip(tracker, station=station, event_id=event_id))


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
    )


def pick_up_leukapheresis(journey: Journey, box: str) -> str:
    """From the collection center's tank into the courier's hands."""
    tech, second = f"TECH-{journey.letter}1", f"TECH-{journey.letter}2"
    journey.wait(hours=20)
    seal = pack(journey, tech, second, journey.collection, box, cast.HUB)
    hand_box(journey, tech, journey.courier, journey.collection, box, seal)
    return seal


def receive_at_manufacturer(
    journey: Journey, box: str, seal: str, result: InspectionResult = InspectionResult.ACCEPT
) -> None:
    """Received closed at the dock, handed to production, inspected there."""
    journey.wait(hours=26)
    production = party(PartyType.DEPARTMENT, f"{cast.HUB}/PRODUCTION")
    hand_box(journey, journey.courier, "DOCK-M", cast.HUB, box, seal)
    hand_box(journey, "DOCK-M", "OPER-1", cast.HUB, box, seal, production)
    journey.inspect("OPER-1", cast.HUB, box, result, (journey.bag,))
    journey.store("OPER-1", cast.HUB, (journey.bag,))


def manufacture(journey: Journey, bags: int = 2) -> None:
    """One starting material to product bags and a sample, frozen and put away."""
    journey.wait(hours=15)
    journey.retrieve("OPER-1", cast.HUB, (journey.bag,))
    second = ("OPER-2", Meaning.WITNESSED)
    parents = journey.frozen_scans((journey.bag,))
    journey.ask(
        processing.StartManufacturing, "OPER-1", cast.HUB, second, coi=scan(journey.coi), units=parents
    )
    journey.wait(days=9)
    register = journey.register
    journey.products = [register("OPER-1", cast.HUB, Material.PRODUCT, journey.bag) for _ in range(bags)]
    journey.samples = [register("OPER-1", cast.HUB, Material.QC_SAMPLE, journey.bag)]
    filled = [(unit, "68") for unit in journey.products] + [(unit, "4") for unit in journey.samples]
    journey.ask(
        processing.CompleteManufacturing,
        "OPER-1",
        cast.HUB,
        second,
        units=parents,
        children=tuple(processing.ChildGiven(unit=scan(unit), volume_ml=volume) for unit, volume in filled),
    )
    journey.freeze("OPER-1", cast.HUB, tuple(journey.products))


def use_up_samples(journey: Journey) -> None:
    """The samples are used up in the tests."""
    samples = tuple(scan(unit) for unit in journey.samples)
    journey.ask(processing.Consume, "QA-2", cast.HUB, units=samples)


def release(journey: Journey) -> None:
    """Tested and released by the qualified person with quality's review."""
    journey.test_all()
    use_up_samples(journey)
    journey.wait(hours=3)
    journey.ask(
        processing.Release,
        "QP-1",
        cast.HUB,
        ("QA-2", Meaning.REVIEWED),
        meaning=Meaning.RELEASED,
        units=journey.frozen_scans(tuple(journey.products)),
    )


def release_out_of_specification(journey: Journey) -> None:
    """A test failed; the physician asks for it all the same."""
    journey.test_all({"viability": "64"})
    use_up_samples(journey)
    journey.wait(hours=20)
    journey.ask(
        processing.ReleaseOutOfSpecification,
        "QP-1",
        cast.HUB,
        (f"DOC-{journey.letter}1", Meaning.APPROVED),
        meaning=Meaning.RELEASED,
        units=journey.frozen_scans(tuple(journey.products)),
    )


def deliver_product(journey: Journey, box: str) -> None:
    """Packed, shipped, received closed, handed to the lab, inspected, put away."""
    journey.wait(hours=12)
    site = journey.treatment
    seal = pack(journey, "OPER-1", "OPER-2", cast.HUB, box, site)
    hand_box(journey, "OPER-1", journey.courier, cast.HUB, box, seal)
    journey.wait(hours=22)
    dock, lab = f"DOCK-{journey.letter}", f"LAB-{journey.letter}1"
    hand_box(journey, journey.courier, dock, site, box, seal)
    hand_box(journey, dock, lab, site, box, seal, party(PartyType.DEPARTMENT, f"{site}/CELL-LAB"))
    journey.inspect(lab, site, box, InspectionResult.ACCEPT, tuple(journey.products))
    journey.store(lab, site, tuple(journey.products))


def thaw(journey: Journey, unit: str) -> None:
    """Retrieved, matched frozen by two people, thawed, matched with its cassette."""
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
        patient=journey.wristband(),
    )
    journey.ask(processing.StartThaw, lab, site, units=frozen)
    journey.ask(processing.EndThaw, lab, site, units=frozen)
    journey.ask(identity.MatchBag, lab, site, units=(scan(unit),), cassette=frozen[0])


def infuse(journey: Journey, unit: str) -> None:
    """From the tank to the vein: thawed, issued, matched at the bed, infused, remainder destroyed."""
    site, doctor = journey.treatment, f"DOC-{journey.letter}1"
    second, bag = (f"DOC-{journey.letter}2", Meaning.WITNESSED), (scan(unit),)
    thaw(journey, unit)
    ward = party(PartyType.DEPARTMENT, f"{site}/WARD")
    journey.hand_units(f"LAB-{journey.letter}1", doctor, site, ward, (unit,))
    journey.ask(
        identity.MatchAtBedside,
        doctor,
        site,
        second,
        units=bag,
        coi=scan(journey.coi),
        patient=journey.wristband(),
    )
    journey.ask(processing.StartInfusion, doctor, site, units=bag)
    journey.wait(minutes=18)
    journey.ask(processing.CompleteInfusion, doctor, site, units=bag, infused_ml="66.5")
    journey.ask(processing.Destroy, doctor, site, second, units=bag, destroyed_ml="1.5")


def close(journey: Journey) -> None:
    """Every unit has its final disposition."""
    journey.ask(identity.Close, f"QA-{journey.letter}", journey.treatment, coi=scan(journey.coi))
