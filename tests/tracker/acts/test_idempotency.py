"""The same request twice is one act: recognized by what was received, answered as it was answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schema.errors import InputError, NotCanonical, RequestReused
from tests.support.journeys import World, scans
from tracker.catalog import to_wire
from tracker.demo.journey import scan
from tracker.rules.decision import ScanAnswer
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing

Worlds = Callable[[str], World]


def quarantine(world: World, **changes: Any) -> dict[str, Any]:
    """A request as JSON, for the first therapy's bag."""
    request = world.request(processing.Quarantine, "QA-2", units=scans(world.one.bag), reason="other")
    return {**to_wire(request), **changes}


def test_a_retry_repeats_the_answer(world: Worlds) -> None:
    """Nothing is written a second time, and the answer is the same but for the note that it is kept."""
    given = world("frozen")
    wire = quarantine(given)
    first, count = given.send(wire), given.count()
    again = given.send(wire)
    assert first.ok and not first.repeated and again.repeated
    assert again.to_json() == first.to_json() and again.word is first.word
    assert given.count() == count


def test_typed_or_as_json_it_is_the_same_request(world: Worlds) -> None:
    """What Python asks and what an instrument sends as JSON are recognized as one."""
    given = world("frozen")
    request = given.request(processing.Quarantine, "QA-2", units=scans(given.one.bag), reason="other")
    assert given.send(request).ok
    assert given.send(to_wire(request)).repeated


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "expired"},
        {"actor": "QA-A"},
        {"remark": "x"},
        {"entry": {"mode": "live"}},  # a default that is written out is another request: before any default
        {"signers": []},
    ],
)
def test_another_request_under_the_id_is_refused(world: Worlds, change: dict[str, Any]) -> None:
    """One id stands for one request, whatever differs; bad input, exit code 2."""
    given = world("frozen")
    wire = quarantine(given)
    assert given.send(wire).ok
    count = given.count()
    with pytest.raises(RequestReused) as refused:
        given.send({**wire, **change})
    assert refused.value.exit_code == 2 and refused.value.code == "request_reused"
    assert given.count() == count


def test_the_id_of_any_event_is_taken(world: Worlds) -> None:
    """An id that stands for a further statement of an act cannot be a request's."""
    given = world("frozen")
    taken = given.entries(given.one.coi)[3].statement.event_id
    with pytest.raises(RequestReused):
        given.send(quarantine(given, event_id=taken, reason="expired"))


def test_a_refusal_may_be_sent_again(world: Worlds) -> None:
    """What wrote nothing keeps no answer: under the same id it may be permitted later."""
    given = world("frozen")
    values: dict[str, Any] = {"units": scans(given.one.bag), "others": "QP-1 approved"}
    values["reason"] = "investigation_closed"
    request = given.request(processing.LiftQuarantine, "QA-2", **values)
    refused = given.send(request)
    assert not refused.ok and not refused.entries
    given.do(processing.Quarantine, "QA-2", units=scans(given.one.bag), reason="other")
    answer = given.send(request)
    assert answer.ok and not answer.repeated


def test_a_refusal_with_evidence_is_kept(world: Worlds) -> None:
    """A prevented mix-up is written once, however often it is sent; the same attempt anew is counted."""
    given = world("on_ward")
    values: dict[str, Any] = {
        "units": scans(given.two.products[0]),
        "coi": scan(given.one.coi),
        "patient": given.one.wristband(),
        "others": "DOC-A2 witnessed",
    }
    request = given.request(identity.MatchAtBedside, "DOC-A1", **values)
    first, count = given.send(request), given.count()
    assert [given.kinds(given.one.coi)[-2:]] == [["mixup_prevented", "deviation_drafted"]]
    again = given.send(request)
    assert again.repeated and again.problem == first.problem and again.word is ScanAnswer.STOP
    assert again.entries == first.entries and given.count() == count
    anew = given.ask(identity.MatchAtBedside, "DOC-A1", **values)
    assert not anew.repeated and not anew.entries and given.count() == count
    assert given.ask(identity.MatchAtBedside, "DOC-A2", **{**values, "others": ""}).entries


def test_erased_is_reused(world: Worlds) -> None:
    """When salt and digest were erased nobody can tell, so the id is taken."""
    given = world("frozen")
    wire = quarantine(given)
    assert given.send(wire).ok
    with given.tracker.store.begin() as transaction:
        transaction.erase_request(wire["event_id"])
    with pytest.raises(RequestReused):
        given.send(wire)


def test_letters_are_composed_first(world: Worlds) -> None:
    """The same remark in another Unicode form is the same request (NFC), and stands composed."""
    given = world("frozen")
    wire = quarantine(given, remark="Caf\u0065\u0301")
    assert given.send(wire).ok
    assert given.send({**wire, "remark": "Caf\u00e9"}).repeated
    with given.tracker.store.read() as transaction:
        openings = transaction.openings_of(given.one.coi).values()
    assert "Caf\u00e9" in [opening.value for opening in openings if opening.field == "remark"]


@pytest.mark.parametrize("number", [1.0, 1e3, float("nan"), float("inf")])
def test_a_float_is_bad_input(world: Worlds, number: float) -> None:
    """Also where a number would do, and at any depth."""
    given = world("frozen")
    for change in ({"tally": number}, {"entry": {"mode": number}}, {"extra": [{"a": [number]}]}):
        with pytest.raises(NotCanonical) as refused:
            given.send(quarantine(given, **change))
        assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    "event_id",
    ["", "x", "01890a5d-ac96-474b-8000-000000000001", "01890A5D-AC96-774B-8000-000000000001", "a" * 36],
)
def test_a_request_brings_a_uuid7(world: Worlds, event_id: str) -> None:
    """Version 7 in lower case with hyphens, made by whoever asks."""
    given = world("frozen")
    with pytest.raises(InputError):
        given.send(quarantine(given, event_id=event_id))


@pytest.mark.parametrize(
    "change",
    [
        {"request": "destroy_everything"},
        {"request": None},
        {"units": []},
        {"units": ["x" * 5000]},
        {"unknown_field": 1},
        {"actor": "nurse a1"},
        {"remark": "x" * 3000},
        {"reason": "because"},
        {"units": [{"code": "A", "mode": "guessed"}]},
        {"entry": {"mode": "live", "by": "x"}},
        {"remark": "\ud800"},
        {"k\u00e9y": 1},
    ],
)
def test_what_makes_no_sense_is_bad_input(world: Worlds, change: dict[str, Any]) -> None:
    """It is named, with what to do, and nothing is written."""
    given = world("frozen")
    count = given.count()
    with pytest.raises(InputError) as refused:
        given.send(quarantine(given, **change))
    assert refused.value.exit_code == 2 and refused.value.remedy and given.count() == count


def test_deep_nesting_is_bad_input(world: Worlds) -> None:
    """A request nested a thousand levels deep exhausts nothing."""
    given = world("frozen")
    value: list[Any] = []
    for _ in range(5000):
        value = [value]
    with pytest.raises(InputError):
        given.send(quarantine(given, units=value))


def test_in_a_batch_a_refusal_undoes_itself_only(world: Worlds) -> None:
    """Many requests in one transaction: each stands or falls alone, and all are committed together."""
    given = world("frozen")
    good, bad, other = (quarantine(given) for _ in range(3))
    bad["units"] = [scan(given.one.network.boxes["Dry shipper 1"]).code]
    other["units"] = [scan(given.two.bag).code]
    with given.tracker.batch():
        answers = []
        for wire in (good, bad, other):
            signers = [*given.network.signers.values()]
            answers.append(given.tracker.record(request=wire, signers=signers))
    assert [answer.ok for answer in answers] == [True, False, True]
    assert given.kinds(given.one.coi)[-1] == given.kinds(given.two.coi)[-1] == "quarantined"
