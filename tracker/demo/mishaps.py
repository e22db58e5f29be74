"""What goes otherwise in the demo: each is a thing that happens, recorded the way it has to be."""

from __future__ import annotations

from collections.abc import Callable

from schema.instants import format_instant
from schema.measured import CelsiusText
from schema.papercodes import receipt_code
from schema.vocabulary import (
    Condition,
    DeviationDecision,
    FailureCause,
    FailurePath,
    Fault,
    InspectionResult,
    Meaning,
    ReadMode,
    Reason,
    Severity,
)
from tracker.demo import cast, cleanroom, stages
from tracker.demo.journey import Journey, scan
from tracker.requests.base import Scan, SignerReference
from tracker.therapy.aftercare.requests import GiveMedicine, GradeToxicity
from tracker.therapy.course import Cancel
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import AssessDeviation, CloseDeviation, OpenDeviation
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing


def react(journey: Journey) -> None:
    """The day after the cells: fever and a vasopressor, CRS 3 by two people, and what was given for it."""
    ward, doctor, card = f"WARD-{journey.letter}", f"DOC-{journey.letter}1", scan(journey.coi)
    found = [{"finding": "temperature_celsius", "value": "39.1"}, {"finding": "pressors", "value": "1"}]
    journey.ask(
        GradeToxicity,
        ward,
        journey.treatment,
        (doctor, Meaning.WITNESSED),
        coi=card,
        by={"syndrome": "crs", "scale": "astct", "scale_version": "2019"},
        findings=found,
    )
    journey.ask(
        GiveMedicine,
        ward,
        journey.treatment,
        coi=card,
        about=journey.state.grades[-1].event_id,
        medicine="tocilizumab",
        amount="560",
        unit_of_measure="mg",
        route="iv",
    )


def pick_up_in_ink(box: str) -> Callable[[Journey], None]:
    """A substitute driver without account signs the slip in ink; a second person attests it."""

    def play(journey: Journey) -> None:
        giver, second = stages.packers(journey)
        box_id = journey.network.boxes[box]
        seal = stages.pack(journey, giver, second, journey.collection, box_id, cast.HUB)
        stages.relinquish_box(journey, giver, journey.collection, box_id, seal)
        (handoff,) = journey.state.handoffs.values()
        ink = custody.InkSigner(
            company="Polar Courier",
            name="Dara Underhill",
            id_seen="driver card 4471",
            waybill=f"PC-{journey.network.chance.randint(100_000, 999_999)}",
            custodian=journey.carrier,
            receipt=Scan(code=receipt_code(handoff.digest).text),
        )
        journey.ask(
            custody.Accept,
            second,
            journey.collection,
            meaning=Meaning.ATTESTED,
            box=scan(box_id),
            seal=Scan(code=seal),
            condition=Condition.IN_ORDER,
            ink=ink,
        )

    return play


def read_the_wrong_wristband(journey: Journey) -> None:
    """At the match the wristband of the patient in the next bed is read: stopped, and recorded so."""
    lab, pharmacist = f"LAB-{journey.letter}1", f"PHARM-{journey.letter}"
    neighbor = Journey(journey.network, journey.letter, journey.number + 1)
    unit = (journey.products[0],)
    journey.retrieve(lab, journey.treatment, unit)
    journey.ask_in_vain(
        identity.MatchBeforeThaw,
        lab,
        journey.treatment,
        (pharmacist, Meaning.WITNESSED),
        units=journey.frozen_scans(unit),
        coi=scan(journey.coi),
        certificate=journey.certificate(unit[0]),
        patient=neighbor.wristband(),
    )
    journey.store(lab, journey.treatment, unit)


def settle_deviation(journey: Journey, cause: str) -> None:
    """Quality of the manufacturer finds no impact and closes it with another's approval."""
    (deviation,) = journey.state.open_deviations()
    coi = scan(journey.coi)
    journey.wait(minutes=35)
    journey.ask(
        AssessDeviation,
        "QA-2",
        cast.HUB,
        coi=coi,
        deviation=deviation.deviation,
        severity=Severity.MAJOR,
        cause=cause,
        decision=DeviationDecision.NO_IMPACT,
        remark="The logger shows that the cells kept their temperature.",
    )
    approver = ("QP-1", Meaning.APPROVED)
    journey.ask(CloseDeviation, "QA-2", cast.HUB, approver, coi=coi, deviation=deviation.deviation)


def collect_on_paper(journey: Journey) -> None:
    """The network is down when the collection ends: written on paper, keyed in later by two people."""
    ended = journey.network.clock.now()
    journey.wait(hours=1, minutes=50)
    keyer, second = f"TECH-{journey.letter}1", f"TECH-{journey.letter}2"
    journey.ask(
        processing.CompleteCollection,
        f"NURSE-{journey.letter}1",
        journey.collection,
        (keyer, Meaning.TRANSCRIBED),
        (second, Meaning.VERIFIED),
        signers=(
            SignerReference(staff=keyer, meaning=Meaning.TRANSCRIBED),
            SignerReference(staff=second, meaning=Meaning.VERIFIED),
        ),
        units=(Scan(code=scan(journey.bag).code, mode=ReadMode.PAPER),),
        volume_ml=str(journey.network.chance.randint(180, 260)),
        occurred_at=format_instant(ended),
        entry={"mode": "paper", "by": keyer, "reason": Reason.NETWORK_DOWN},
    )


def receive_with_broken_seal(journey: Journey) -> None:
    """The seal is torn when the box is opened: quarantine, and a person opens a deviation."""
    stages.to_production(journey, journey.box, journey.seal)
    bag = (journey.bag,)
    result = InspectionResult.QUARANTINE
    journey.inspect("OPER-1", cast.HUB, journey.box, result, bag, seal_intact=False, faults=(Fault.SEAL,))
    journey.store("OPER-1", cast.HUB, bag)
    journey.ask(
        OpenDeviation,
        "QA-2",
        cast.HUB,
        coi=scan(journey.coi),
        units=journey.frozen_scans(bag),
        category="transport",
        description="The seal was torn at one edge. The logger shows no excursion; the carrier was asked.",
    )


def refuse_at_pick_up(box: str, display_celsius: CelsiusText) -> Callable[[Journey], None]:
    """The driver reads a display that is too warm and refuses before loading; custody stays."""

    def play(journey: Journey) -> None:
        giver, second = stages.packers(journey)
        box_id = journey.network.boxes[box]
        seal = stages.pack(journey, giver, second, journey.collection, box_id, cast.HUB)
        stages.relinquish_box(journey, giver, journey.collection, box_id, seal)
        journey.ask(
            custody.Refuse,
            journey.courier,
            journey.collection,
            meaning=Meaning.PERFORMED,
            box=scan(box_id),
            seal=Scan(code=seal),
            condition=Condition.NOT_IN_ORDER,
            faults=(Fault.DISPLAY,),
            display_celsius=display_celsius,
            reason=Reason.TEMPERATURE_EXCURSION,
        )

    return play


def deliver_at_the_second_try(journey: Journey) -> None:
    """Nobody is at the dock and nobody answers; an hour later the same driver is let in."""
    journey.ask(
        custody.AttemptDelivery,
        journey.courier,
        journey.treatment,
        box=scan(journey.box),
        at_site=journey.treatment,
        called=custody.CallMade(staff=f"DOCK-{journey.letter}", answered=False),
        reason=Reason.RECEIVER_ABSENT,
    )
    journey.wait(minutes=55)
    stages.receive_product(journey)


def _give_up(journey: Journey, path: FailurePath) -> None:
    """Quality ends a manufacture whose cells do not grow; what is left of it is destroyed."""
    journey.ask(
        processing.FailManufacturing,
        "QA-2",
        cast.HUB,
        ("QP-1", Meaning.APPROVED),
        coi=scan(journey.coi),
        cause=FailureCause.POOR_GROWTH,
        path=path,
    )
    journey.ask(
        processing.Destroy,
        "OPER-1",
        cast.HUB,
        ("QA-2", Meaning.WITNESSED),
        units=journey.frozen_scans((journey.bag,)),
        reason=Reason.MANUFACTURING_FAILED,
    )


def collect_again(journey: Journey) -> None:
    """The cells do not grow: the manufacture ends, its device is cleared, and the patient is asked again."""
    _give_up(journey, FailurePath.RECOLLECT)
    cleanroom.clear(journey, cleanroom.FIRST)


def fail_to_make(journey: Journey) -> None:
    """The cells do not grow: what is left is destroyed, and the physician and quality end the therapy."""
    _give_up(journey, FailurePath.STOP)
    journey.ask(
        Cancel,
        f"DOC-{journey.letter}1",
        journey.treatment,
        (f"QA-{journey.letter}", Meaning.APPROVED),
        coi=scan(journey.coi),
        reason=Reason.MANUFACTURING_FAILED,
    )
