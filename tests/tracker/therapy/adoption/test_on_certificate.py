"""A licensed product from the hospital's side: made elsewhere, released here on its maker's certificate."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from schema.events.identity import MixupPrevented
from schema.events.processing import Released
from schema.vocabulary import CodeType, Disposition, InspectionResult, Material
from tests.support.journeys import World, enrolling, scans
from tests.support.licensed import adopt, storage
from tracker.answers import Answer, Problem
from tracker.demo.journey import scan
from tracker.protocols.drafts import draft
from tracker.requests.base import AdoptedCodeGiven, Scan
from tracker.therapy.adoption.requests import AdoptCode
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity.requests import Enroll, RegisterUnit
from tracker.therapy.making import requests as processing

Worlds = Callable[[str], World]
APH_ID, NUMBER = "APH-7Q42-0091", "RFI-2026-00417"
LAB, PHARMACIST = "LAB-A1", "PHARM-A"


def ordered(given: World) -> str:
    """A therapy of a product that another makes, known by its Aph ID."""
    adopt(given, draft("licensed-product", "tisa-cel"))
    patient = dataclasses.replace(given.one, number=8).wristband(carrier="order")
    aph = AdoptedCodeGiven(code=APH_ID, issuer="MAKER", type=CodeType.MANUFACTURER_COI)
    wanted = {**enrolling(given, patient), "protocol": "tisa-cel", "indication": "b_all"}
    return given.do(Enroll, "DOC-A1", **wanted, adopted_codes=(aph,)).entries[0].chain


def arrived(given: World, coi: str, bags: int) -> tuple[str, ...]:
    """Bags that came in their maker's box: registered with their own codes, matched and put into the tank."""
    units: list[str] = []
    for number in range(1, bags + 1):
        given.do(RegisterUnit, LAB, coi=scan(coi), material=Material.PRODUCT, number=number, of=2)
        found = given.tracker.read.therapy(coi=coi)
        assert found is not None
        unit = [*found[0].units][-1]
        code = AdoptedCodeGiven(code=f"BAG-{number}", issuer="MAKER", type=CodeType.CONTAINER)
        second = f"{PHARMACIST} witnessed"
        given.do(AdoptCode, LAB, others=second, coi=scan(coi), unit=scan(unit), adopted=code)
        units.append(unit)
    results = [
        custody.InspectionGiven(unit=Scan(code=f"BAG-{number}"), result=InspectionResult.ACCEPT)
        for number in range(1, bags + 1)
    ]
    given.do(custody.Inspect, LAB, seal_intact=True, results=tuple(results), display_celsius="-178.5")
    codes = tuple(Scan(code=f"BAG-{number}") for number in range(1, bags + 1))
    given.do(custody.StoreUnits, LAB, units=codes, location=storage(given, "TREAT-A"))
    return tuple(units)


def certificate(given: World, coi: str, **changes: Any) -> dict[str, Any]:
    """What is typed from the maker's certificate."""
    day = f"{given.clock.now() + timedelta(days=200):%Y-%m-%d}"
    said = {"identifier": APH_ID, "containers": 2, "expires_on": day, **changes}
    code = AdoptedCodeGiven(code=NUMBER, issuer="MAKER", type=CodeType.CERTIFICATE)
    return {"coi": scan(coi), "adopted": code, "certificate": said, "others": f"{LAB} witnessed"}


def released(given: World, units: tuple[str, ...]) -> Answer:
    """Pharmacist and quality of the hospital release on it."""
    signed = f"{PHARMACIST} released, QA-A reviewed"
    return given.ask(processing.Release, PHARMACIST, signed=signed, units=scans(*units))


def why_not(given: World, units: tuple[str, ...]) -> Problem:
    """Why it is not released."""
    problem = released(given, units).problem
    assert problem is not None
    return problem


def test_making_x1_released_on_the_certificate_by_pharmacist_and_quality(world: Worlds) -> None:
    """Two bags, the certificate says two: released; of its making the record says that it is elsewhere."""
    given = world("enrolled")
    coi = ordered(given)
    units = arrived(given, coi, 2)
    given.do(AdoptCode, PHARMACIST, **certificate(given, coi))
    assert released(given, units).ok
    found = given.tracker.read.therapy(coi=coi)
    assert found is not None
    state = found[0]
    assert {state.units[unit].disposition for unit in units} == {Disposition.RELEASED}
    payload = given.entries(coi)[-1].statement.payload
    assert isinstance(payload, Released)
    held = {one.name.value: one.figure for one in payload.predicates}
    assert held["certificate_adopted"] == f"{NUMBER} of MAKER"
    assert held["counts_match"] == "2 of 2" and held["identifiers_match"] == APH_ID
    assert "steps_complete" not in held and "tests_met" not in held


def test_making_x2_one_bag_of_two_arrived(world: Worlds) -> None:
    """STOP: a missing bag is somewhere, or the certificate is another's."""
    given = world("enrolled")
    coi = ordered(given)
    units = arrived(given, coi, 1)
    given.do(AdoptCode, PHARMACIST, **certificate(given, coi))
    found = why_not(given, units)
    assert found.error == "counts_differ"
    assert f"The certificate {NUMBER} says 2 containers, and 1 were opened" in found.message


def test_making_x2_the_certificate_expired_yesterday(world: Worlds) -> None:
    """STOP: good to the end of its day, by the hospital's clocks."""
    given = world("enrolled")
    coi = ordered(given)
    units = arrived(given, coi, 2)
    yesterday = f"{given.clock.now() - timedelta(days=1):%Y-%m-%d}"
    given.do(AdoptCode, PHARMACIST, **certificate(given, coi, expires_on=yesterday))
    assert why_not(given, units).error == "expired"


def test_making_x2_an_aph_id_that_differs_by_one_character(world: Worlds) -> None:
    """It is another patient's: nothing is adopted, and the prevented mix-up stands in the record."""
    given = world("enrolled")
    coi = ordered(given)
    arrived(given, coi, 2)
    wrong = certificate(given, coi, identifier=APH_ID.replace("0091", "0097"))
    problem = given.refusal(AdoptCode, PHARMACIST, **wrong)
    assert problem.error == "mixup" and "APH-7Q42-0097" in problem.message
    assert MixupPrevented.kind in given.kinds(coi)[-2:]
    found = given.tracker.read.therapy(coi=coi)
    assert found is not None and found[0].certificate is None


@pytest.mark.parametrize("why", ["says that it is out of specification", "was not read"])
def test_making_x1_without_a_certificate_or_out_of_specification(why: str, world: Worlds) -> None:
    """Nothing is released by what nobody has read, nor in specification by what says otherwise."""
    given = world("enrolled")
    coi = ordered(given)
    units = arrived(given, coi, 2)
    if why.startswith("says"):
        given.do(AdoptCode, PHARMACIST, **certificate(given, coi, out_of_specification=True))
    found = why_not(given, units)
    assert found.error == "predicate_not_met"
    assert why in found.message


def test_issue_16_the_screen_of_the_release_knows_what_was_made_elsewhere(world: Worlds) -> None:
    """It has no manufacture here, and its lines are judged by the clocks of the hospital all the same."""
    given = world("enrolled")
    coi = ordered(given)
    units = arrived(given, coi, 2)
    (before,) = given.tracker.read.releases(coi=coi)
    assert {one.unit for one in before.units} == {*units} and not before.is_possible
    given.do(AdoptCode, LAB, **{**certificate(given, coi), "others": f"{PHARMACIST} witnessed"})
    (after,) = given.tracker.read.releases(coi=coi)
    assert after.holding > before.holding
