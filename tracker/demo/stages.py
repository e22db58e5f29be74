"""The stretches of a journey that the demo's therapies go, from the courier to the bedside."""

from __future__ import annotations

from schema.vocabulary import InspectionResult, Material, Meaning, PartyType
from tracker.demo import cast
from tracker.demo.journey import Journey, party, scan
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
    event, actor, station = journey.head(packer, site)
    journey.take(
        custody.Pack(
            event_id=event, actor=actor, station=station, units=journey.frozen_scans(units), box=scan(box),
            seal=Scan(code=seal), tally=len(units), carrier=journey.carrier, destination=destination,
            display_celsius="-188.4", signers=journey.network.by(packer, (witness, Meaning.WITNESSED)),
        ),
        witness,
    )  # fmt: skip
    return seal


def hand_box(journey: Journey, giver: str, receiver: str, site: str, box: str, seal: str) -> None:
    """A closed box handed over: box, seal, all in order, two people."""
    relinquish_box(journey, giver, site, box, seal)
    event, actor, station = journey.head(receiver, site)
    journey.take(
        custody.Accept(
            event_id=event, actor=actor, station=station, box=scan(box), seal=Scan(code=seal),
            signers=journey.network.by(receiver, meaning=Meaning.RECEIVED),
        )
    )  # fmt: skip


def relinquish_box(journey: Journey, giver: str, site: str, box: str, seal: str) -> None:
    """The giver's half."""
    event, actor, station = journey.head(giver, site)
    journey.take(
        custody.Relinquish(
            event_id=event, actor=actor, station=station, box=scan(box), seal=Scan(code=seal),
            signers=journey.network.by(giver, meaning=Meaning.RELINQUISHED),
        )
    )  # fmt: skip


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
    hand_box(journey, journey.courier, "DOCK-M", cast.HUB, box, seal)
    production = party(PartyType.DEPARTMENT, f"{cast.HUB}/PRODUCTION")
    event, actor, station = journey.head("DOCK-M", cast.HUB)
    journey.take(
        custody.Relinquish(
            event_id=event, actor=actor, station=station, box=scan(box), seal=Scan(code=seal), to=production,
            signers=journey.network.by("DOCK-M", meaning=Meaning.RELINQUISHED),
        )
    )  # fmt: skip
    event, actor, station = journey.head("OPER-1", cast.HUB)
    journey.take(
        custody.Accept(
            event_id=event, actor=actor, station=station, box=scan(box), seal=Scan(code=seal),
            signers=journey.network.by("OPER-1", meaning=Meaning.RECEIVED),
        )
    )  # fmt: skip
    journey.inspect("OPER-1", cast.HUB, box, result, (journey.bag,))
    journey.store("OPER-1", cast.HUB, (journey.bag,))


def manufacture(journey: Journey, bags: int = 2) -> None:
    """One starting material to product bags and a sample, frozen and put away."""
    journey.wait(hours=15)
    journey.retrieve("OPER-1", cast.HUB, (journey.bag,))
    event, actor, station = journey.head("OPER-1", cast.HUB)
    journey.take(
        processing.StartManufacturing(
            event_id=event, actor=actor, station=station, coi=scan(journey.coi),
            units=journey.frozen_scans((journey.bag,)),
            signers=journey.network.by("OPER-1", ("OPER-2", Meaning.WITNESSED)),
        ),
        "OPER-2",
    )  # fmt: skip
    journey.wait(days=9)
    register = journey.register
    journey.products = [register("OPER-1", cast.HUB, Material.PRODUCT, journey.bag) for _ in range(bags)]
    journey.samples = [register("OPER-1", cast.HUB, Material.QC_SAMPLE, journey.bag)]
    event, actor, station = journey.head("OPER-1", cast.HUB)
    journey.take(
        processing.CompleteManufacturing(
            event_id=event, actor=actor, station=station, units=journey.frozen_scans((journey.bag,)),
            children=(
                *(processing.ChildGiven(unit=scan(unit), volume_ml="68") for unit in journey.products),
                *(processing.ChildGiven(unit=scan(unit), volume_ml="4") for unit in journey.samples),
            ),
            signers=journey.network.by("OPER-1", ("OPER-2", Meaning.WITNESSED)),
        ),
        "OPER-2",
    )  # fmt: skip
    journey.freeze("OPER-1", cast.HUB, tuple(journey.products))


def use_up_samples(journey: Journey) -> None:
    """The samples are used up in the tests."""
    event, actor, station = journey.head("QA-2", cast.HUB)
    journey.take(
        processing.Consume(
            event_id=event, actor=actor, station=station, units=tuple(scan(unit) for unit in journey.samples)
        )
    )


def release(journey: Journey) -> None:
    """Tested and released by the qualified person with quality's review."""
    journey.test_all()
    use_up_samples(journey)
    journey.wait(hours=3)
    event, actor, station = journey.head("QP-1", cast.HUB)
    journey.take(
        processing.Release(
            event_id=event, actor=actor, station=station, units=journey.frozen_scans(tuple(journey.products)),
            signers=journey.network.by("QP-1", ("QA-2", Meaning.REVIEWED), meaning=Meaning.RELEASED),
        ),
        "QA-2",
    )  # fmt: skip


def release_out_of_specification(journey: Journey) -> None:
    """A test failed; the physician asks for it all the same."""
    journey.test_all({"viability": "64"})
    use_up_samples(journey)
    journey.wait(hours=20)
    event, actor, station = journey.head("QP-1", cast.HUB)
    doctor = f"DOC-{journey.letter}1"
    journey.take(
        processing.ReleaseOutOfSpecification(
            event_id=event, actor=actor, station=station, units=journey.frozen_scans(tuple(journey.products)),
            signers=journey.network.by("QP-1", (doctor, Meaning.APPROVED), meaning=Meaning.RELEASED),
        ),
        doctor,
    )  # fmt: skip


def deliver_product(journey: Journey, box: str) -> None:
    """Packed, shipped, received closed, handed to the lab, inspected, put away."""
    journey.wait(hours=12)
    seal = pack(journey, "OPER-1", "OPER-2", cast.HUB, box, journey.treatment)
    hand_box(journey, "OPER-1", journey.courier, cast.HUB, box, seal)
    journey.wait(hours=22)
    dock, lab = f"DOCK-{journey.letter}", f"LAB-{journey.letter}1"
    hand_box(journey, journey.courier, dock, journey.treatment, box, seal)
    event, actor, station = journey.head(dock, journey.treatment)
    journey.take(
        custody.Relinquish(
            event_id=event, actor=actor, station=station, box=scan(box), seal=Scan(code=seal),
            to=party(PartyType.DEPARTMENT, f"{journey.treatment}/CELL-LAB"),
            signers=journey.network.by(dock, meaning=Meaning.RELINQUISHED),
        )
    )  # fmt: skip
    event, actor, station = journey.head(lab, journey.treatment)
    journey.take(
        custody.Accept(
            event_id=event, actor=actor, station=station, box=scan(box), seal=Scan(code=seal),
            signers=journey.network.by(lab, meaning=Meaning.RECEIVED),
        )
    )  # fmt: skip
    journey.inspect(lab, journey.treatment, box, InspectionResult.ACCEPT, tuple(journey.products))
    journey.store(lab, journey.treatment, tuple(journey.products))


def infuse(journey: Journey, unit: str) -> None:
    """From the tank to the vein: matched frozen, thawed, matched again, infused, remainder destroyed."""
    letter, site = journey.letter, journey.treatment
    lab, pharmacist, doctor, second = f"LAB-{letter}1", f"PHARM-{letter}", f"DOC-{letter}1", f"DOC-{letter}2"
    by = journey.network.by
    journey.retrieve(lab, site, (unit,))
    event, actor, station = journey.head(lab, site)
    journey.take(
        identity.MatchBeforeThaw(
            event_id=event, actor=actor, station=station, units=journey.frozen_scans((unit,)), coi=scan(journey.coi),
            patient=journey.wristband(), signers=by(lab, (pharmacist, Meaning.WITNESSED)),
        ),
        pharmacist,
    )  # fmt: skip
    for request_class in (processing.StartThaw, processing.EndThaw):
        event, actor, station = journey.head(lab, site)
        journey.take(
            request_class(event_id=event, actor=actor, station=station, units=journey.frozen_scans((unit,)))
        )
    event, actor, station = journey.head(lab, site)
    journey.take(
        identity.MatchBag(
            event_id=event, actor=actor, station=station, units=(scan(unit),), cassette=scan(journey.cassettes[unit])
        )
    )  # fmt: skip
    journey.hand_units(lab, doctor, site, party(PartyType.DEPARTMENT, f"{site}/WARD"), (unit,))
    event, actor, station = journey.head(doctor, site)
    journey.take(
        identity.MatchAtBedside(
            event_id=event, actor=actor, station=station, units=(scan(unit),), coi=scan(journey.coi),
            patient=journey.wristband(), signers=by(doctor, (second, Meaning.WITNESSED)),
        ),
        second,
    )  # fmt: skip
    event, actor, station = journey.head(doctor, site)
    journey.take(processing.StartInfusion(event_id=event, actor=actor, station=station, units=(scan(unit),)))
    journey.wait(minutes=18)
    event, actor, station = journey.head(doctor, site)
    journey.take(
        processing.CompleteInfusion(
            event_id=event, actor=actor, station=station, units=(scan(unit),), infused_ml="66.5"
        )
    )
    event, actor, station = journey.head(doctor, site)
    journey.take(
        processing.Destroy(
            event_id=event, actor=actor, station=station, units=(scan(unit),), destroyed_ml="1.5",
            signers=by(doctor, (second, Meaning.WITNESSED)),
        ),
        second,
    )  # fmt: skip


def close(journey: Journey) -> None:
    """Every unit has its final disposition."""
    event, actor, station = journey.head(f"QA-{journey.letter}", journey.treatment)
    journey.take(identity.Close(event_id=event, actor=actor, station=station, coi=scan(journey.coi)))
