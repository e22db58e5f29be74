"""The same patient enrolled again while a therapy of theirs runs: asked about, never silent."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.support.journeys import World, enrolling
from tracker.demo.journey import scan
from tracker.requests.base import PatientIdentifier
from tracker.rules.decision import ScanAnswer
from tracker.therapy.course import Cancel
from tracker.therapy.identity.requests import Enroll, IdentifyPatient

Worlds = Callable[[str], World]


def order(given: World) -> tuple[PatientIdentifier, ...]:
    """The first patient's identifiers off another order."""
    return given.one.wristband(carrier="order")


def test_findings_a18_a_second_therapy_is_asked_about(world: Worlds) -> None:
    """CHECK: the therapy that runs is named, and nothing is written."""
    given = world("collected")
    before = given.count()
    answer = given.ask(Enroll, "DOC-A1", **enrolling(given, order(given)))
    assert answer.problem is not None and answer.problem.error == "patient_active"
    assert answer.word is ScanAnswer.CHECK
    said = rf"{given.one.coi}, enrolled at 2026-01-05 [0-9:]{{5}} \(-05:00\) for TREAT-A\."
    assert re.search(said, answer.problem.message), answer.problem.message
    assert given.count() == before


@pytest.mark.parametrize("which", [0, 1])
def test_findings_a18_one_identifier_is_enough(which: int, world: Worlds) -> None:
    """The hospital's number or the program's: either names the patient."""
    given = world("enrolled")
    mixed = [*given.one.wristband(carrier="order")]
    mixed[1 - which] = mixed[1 - which].model_copy(update={"value": "DEMO-HA-09999"})
    if which == 0:
        mixed[1] = mixed[1].model_copy(update={"value": "DEMO-P-09999"})
    found = given.refusal(Enroll, "DOC-A1", **enrolling(given, tuple(mixed)))
    assert found.error == "patient_active"


def test_findings_a18_it_goes_on_with_a_reason_and_a_second_person(world: Worlds) -> None:
    """A reason alone lacks a signature; with both it is enrolled, and its chain has reason and witness."""
    given = world("collected")
    values = enrolling(given, order(given), reason="clinical_need")
    assert given.refusal(Enroll, "DOC-A1", **values).error == "signature_missing"
    assert given.refusal(Enroll, "DOC-A1", others="OPER-1 witnessed", **values).error == "role_missing"
    given.do(Enroll, "DOC-A1", others="COORD-A witnessed", **values)
    entry = given.entries(values["coi"])[0]
    assert entry.statement.payload.reason == "clinical_need"
    assert [(one.signer, one.meaning.value) for one in entry.signatures] == [
        ("DOC-A1", "performed"),
        ("COORD-A", "witnessed"),
    ]
    assert given.one.coi.encode() not in given.bytes_of(values["coi"])


def test_findings_a18_another_patient_is_not_asked_about(world: Worlds) -> None:
    """Nor is anybody after a mix-up: a foreign number that was read in a therapy names nobody there."""
    given = world("enrolled")
    third = tuple(
        one.model_copy(update={"value": value})
        for one, value in zip(order(given), ("DEMO-HA-00077", "DEMO-P-00077"), strict=True)
    )
    patient = tuple(one.model_copy(update={"carrier": "wristband"}) for one in third)
    answer = given.ask(
        IdentifyPatient, "NURSE-A1", others="NURSE-A2 witnessed", coi=scan(given.one.coi), patient=patient
    )
    assert not answer.ok and answer.entries
    given.do(Enroll, "DOC-A1", **enrolling(given, third))


def test_findings_a18_after_the_end_of_the_first(world: Worlds) -> None:
    """A canceled therapy is not active."""
    given = world("enrolled")
    given.do(Cancel, "DOC-A1", others="QA-A approved", coi=scan(given.one.coi), reason="disease_progression")
    given.do(Enroll, "DOC-A1", **enrolling(given, order(given)))
