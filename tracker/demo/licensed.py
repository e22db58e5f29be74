"""A licensed product from the hospital's side: made elsewhere, received with its maker's certificate."""

from __future__ import annotations

from datetime import timedelta

from schema.vocabulary import CodeType, EquipmentType, InspectionResult, Material, Meaning
from tracker.demo import cast, stages
from tracker.demo.courses import COLLECTION, TREATMENT, Course, begin_collection, infuse_all, picked_up_in
from tracker.demo.journey import MAKER, Journey, scan
from tracker.demo.network import Network, add_equipment, adopt
from tracker.protocols.drafts import draft
from tracker.requests.base import AdoptedCodeGiven
from tracker.therapy.adoption.requests import AdoptCode, CertificateGiven
from tracker.therapy.custody import requests as custody
from tracker.therapy.making.requests import Release

LICENSED_PROTOCOL = "ide-cel"
"""The product of the demo: the draft of its facts over the protocol for what is made elsewhere."""

SHIPPER = "Dry shipper 8"
"""It went to the maker, and no record of ours says that it was emptied."""

GOOD_FOR = timedelta(days=200)
"""Until when the maker's certificate says, from the day it is read."""


def adopt_product(network: Network) -> None:
    """The hospital adopts the product, and has a shipper that its maker keeps."""
    adopt(network, draft("licensed-product", LICENSED_PROTOCOL))
    add_equipment(network, (cast.EquipmentCast("COLL-B", EquipmentType.SHIPPER, SHIPPER),))


def course(inbound: str, *, bags: int = 2) -> Course:
    """Collected and frozen here, handed over packed; weeks later the maker's box is opened here."""
    return (
        ("enroll", 0, "10:20", TREATMENT, Journey.enroll),
        ("begin", 3, "08:20", COLLECTION, begin_collection),
        ("collect", 3, "11:50", COLLECTION, Journey.complete_collection),
        ("freeze", 3, "13:30", COLLECTION, stages.freeze_collection),
        ("pick_up", 5, "10:10", COLLECTION, picked_up_in(inbound)),
        ("arrive", 31, "11:10", TREATMENT, lambda journey: arrive(journey, bags)),
        ("read_certificate", 31, "13:05", TREATMENT, read_certificate),
        ("release", 31, "14:10", TREATMENT, sign_on_certificate),
        ("deplete", 31, "16:20", TREATMENT, stages.begin_lymphodepletion),
        ("infuse", 35, "10:05", TREATMENT, infuse_all),
        ("close", 41, "16:00", TREATMENT, stages.close),
    )


def arrive(journey: Journey, bags: int) -> None:
    """The maker's box is opened: each container registered with the code on its label, matched, put away."""
    lab, site = f"LAB-{journey.letter}1", journey.treatment
    second = (f"PHARM-{journey.letter}", Meaning.WITNESSED)
    journey.products = []
    for number in range(1, bags + 1):
        unit = journey.register_unlabeled(lab, site, Material.PRODUCT, number=number, of=bags)
        code = f"{journey.makers_number}-{number}"
        adopted = AdoptedCodeGiven(code=code, issuer=MAKER, type=CodeType.CONTAINER)
        journey.ask(AdoptCode, lab, site, second, coi=scan(journey.coi), unit=scan(unit), adopted=adopted)
        journey.makers_codes[unit] = code
        journey.products.append(unit)
    results = tuple(
        custody.InspectionGiven(unit=code, result=InspectionResult.ACCEPT)
        for code in journey.scans(tuple(journey.products))
    )
    journey.ask(custody.Inspect, lab, site, seal_intact=True, results=results, display_celsius="-178.5")
    journey.store(lab, site, tuple(journey.products))


def read_certificate(journey: Journey, *, out_of_specification: bool = False) -> None:
    """Typed by the pharmacist, read back by somebody of the laboratory."""
    day = f"{journey.network.clock.now() + GOOD_FOR:%Y-%m-%d}"
    number = f"RFI-{journey.makers_number}"
    journey.ask(
        AdoptCode,
        f"PHARM-{journey.letter}",
        journey.treatment,
        (f"LAB-{journey.letter}1", Meaning.WITNESSED),
        coi=scan(journey.coi),
        adopted=AdoptedCodeGiven(code=number, issuer=MAKER, type=CodeType.CERTIFICATE),
        certificate=CertificateGiven(
            identifier=journey.makers_number,
            containers=len(journey.products),
            expires_on=day,
            out_of_specification=out_of_specification,
        ),
    )


def sign_on_certificate(journey: Journey) -> None:
    """Pharmacist and quality of the hospital release on it."""
    journey.ask(
        Release,
        f"PHARM-{journey.letter}",
        journey.treatment,
        (f"QA-{journey.letter}", Meaning.REVIEWED),
        meaning=Meaning.RELEASED,
        units=journey.scans(tuple(journey.products)),
    )
