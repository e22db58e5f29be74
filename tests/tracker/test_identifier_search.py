"""A patient is found by a number that somebody types; who looked for what kind stands in the registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schema.entry import REGISTRY
from schema.errors import InputError, Refusal
from schema.events.registry import IdentifierSearched
from schema.vocabulary import ErasureGround, Reason
from tests.support.journeys import World
from tracker.auditing import PatientSearch
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.therapy.erasure import Erase
from tracker.therapy.identity import requests as identity
from tracker.views.finding import SoughtIdentifier

Worlds = Callable[[str], World]


def searched(given: World, staff: str, value: str, at: str = "COLL-A", **kind: Any) -> PatientSearch:
    """What somebody is answered at a station of a site."""
    sought = SoughtIdentifier(value, **kind)
    station = given.network.stations[at]
    return given.tracker.audit.search_identifier(
        sought, staff=staff, station=station, form="table", signed_in=True
    )


def found(given: World, staff: str, value: str, **kind: Any) -> list[str]:
    """The therapies that they are shown; that they looked is noted."""
    answer = searched(given, staff, value, **kind)
    assert answer.not_noted is None
    return [one.coi for one in answer.rows]


def test_logistics_a_patient_is_found_by_a_typed_number(world: Worlds) -> None:
    """By the whole number alone, of which issuer and kind it may be said; capitals and blanks aside."""
    given = world("enrolled")
    first, second = given.one.wristband()
    for typed in (first.value, f" {first.value.lower()} ", second.value):
        assert found(given, "NURSE-A1", typed) == [given.one.coi]
    assert found(given, "QA-2", first.value, issuer=first.issuer, type=first.type) == [given.one.coi]
    assert found(given, "QA-2", first.value, issuer="ELSE-1") == []
    for near in (first.value[:-1], first.value + "0", "%", "_" * len(first.value), '"', "\\"):
        assert found(given, "QA-2", near) == [], near


def test_logistics_the_search_is_noted_without_the_number(world: Worlds) -> None:
    """Who, what kind, how many and, as a commitment, which; the number stands nowhere in the registry."""
    given = world("enrolled")
    first = given.one.wristband()[0]
    found(given, "NURSE-A1", first.value)
    found(given, "NURSE-A1", "nobody has this", type="mrn")
    hit, miss = given.entries(REGISTRY)[-2:]
    for entry, issuer, kind, count in ((hit, first.issuer, first.type, 1), (miss, None, "mrn", 0)):
        payload = entry.statement.payload
        assert isinstance(payload, IdentifierSearched) and not entry.signatures
        assert (entry.statement.actor, payload.issuer, payload.type) == ("NURSE-A1", issuer, kind)
        assert (payload.count, payload.form, payload.signed_in) == (count, "table", True)
    assert first.value.encode() not in given.bytes_of(REGISTRY)
    with given.tracker.store.read() as transaction:
        opened = transaction.openings_of(REGISTRY)
    assert opened[hit.statement.payload.chains.commitment].value == f'["{given.one.coi}"]'  # type: ignore[attr-defined]
    assert all(first.value not in str(one.value) for one in opened.values())
    assert verify_store(given.url, clock=given.clock).exit_code == 0


def test_logistics_who_meets_patients_finds_those_of_their_own_sites(world: Worlds) -> None:
    """A nurse of another hospital finds nobody; laboratory, courier and dock may not even ask."""
    given = world("enrolled")
    value = given.one.wristband()[0].value
    assert found(given, "NURSE-B1", value, at="COLL-B") == []
    assert found(given, "AUDIT-1", value, at="MFG-1") == [given.one.coi]
    before = given.count()
    for staff in ("LAB-A1", "COUR-X1", "DOCK-M"):
        with pytest.raises(Refusal) as refused:
            searched(given, staff, value)
        assert refused.value.code == "role_missing"
        assert given.tracker.audit.why_no_identifier_search(staff) is not None
    with pytest.raises(InputError):
        searched(given, "QA-2", "  ")
    assert given.count() == before


def test_logistics_only_the_patients_own_therapy_is_found(world: Worlds) -> None:
    """Read at another's chair by mistake it does not find that therapy; erased, it finds none."""
    given = world("enrolled")
    wristband = given.one.wristband()
    problem = given.refusal(
        identity.IdentifyPatient, "NURSE-A1", others="NURSE-A2 witnessed", coi=scan(given.two.coi),
        patient=wristband,
    )  # fmt: skip
    assert problem.error == "mixup"
    assert found(given, "QA-2", wristband[0].value) == [given.one.coi]
    erasing = given.request(
        Erase, "QA-2", coi=scan(given.one.coi), reason=Reason.DATA_SUBJECT_REQUEST,
        ground=ErasureGround.CONSENT_WITHDRAWN, others="QP-1 approved",
    )  # fmt: skip
    assert given.send(erasing).ok
    assert found(given, "QA-2", wristband[0].value) == []
