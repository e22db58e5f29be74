"""For which disease a therapy is: one of the words of its protocol, seen wherever the therapy is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.support.journeys import World, enrolling
from tests.support.licensed import adopt
from tests.support.rule_cases import Case
from tests.tracker.rules.test_codes import TestEnrolling
from tracker.exports.disclosure import NOTHING_MORE
from tracker.exports.dossiers import dossiers
from tracker.exports.report.sections import section_of
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails
from tracker.protocols.drafts import draft
from tracker.therapy.identity.requests import Enroll

Cases = Callable[[str], Case]
Worlds = Callable[[str], World]
BASE = "autologous-cryopreserved"
enrol = TestEnrolling().enrol


def of_product(given: Case, product: str) -> Case:
    """The same moment, with the protocol of a licensed product adopted."""
    return replace(given, protocol=draft(BASE, product).protocol)


def test_making_n6_a_word_that_the_protocol_does_not_have(case: Cases) -> None:
    """Refused with the words there are."""
    given = of_product(case("enrolled"), "tisa-cel")
    found = given.refusal(Enroll, "DOC-A1", **enrol(given, indication="mm"))
    assert found.rule == "indication_unknown" and not found.waivable
    assert found.message == "mm is no indication of tisa-cel version 1."
    assert found.remedy == "Give one of b_all, dlbcl, fl."


def test_making_n6_a_product_for_several_diseases_asks_for_one(case: Cases) -> None:
    """Its dose and its windows depend on it."""
    given = of_product(case("enrolled"), "tisa-cel")
    found = given.refusal(Enroll, "DOC-A1", **enrol(given))
    assert (found.rule, found.remedy) == ("indication_missing", "Give the indication: b_all, dlbcl, fl.")
    (drafted,) = given.do(Enroll, "DOC-A1", **enrol(given, indication="b_all"))
    assert drafted.payload.to_json()["indication"] == "b_all"


def test_making_n6_a_protocol_without_indications_takes_none(case: Cases) -> None:
    """No word can be held against anything."""
    given = case("enrolled")
    found = given.refusal(Enroll, "DOC-A1", **enrol(given, indication="b_all"))
    assert (found.rule, found.remedy) == (
        "indication_unknown",
        "Leave it out: this protocol lists no indications.",
    )


def test_making_n6_the_indication_is_seen_in_report_and_state(world: Worlds) -> None:
    """In words, with the line of therapy and the region that the protocol says it of."""
    given = world("enrolled")
    adopt(given, draft(BASE, "ide-cel"))
    patient = replace(given.one, number=7).wristband(carrier="order")
    wanted = {**enrolling(given, patient), "protocol": "ide-cel", "indication": "mm"}
    answer = given.do(Enroll, "DOC-A1", **wanted)
    coi = answer.entries[0].chain
    found = given.tracker.read.therapy(coi=coi)
    assert found is not None and found[0].indication == "mm"
    (dossier,) = dossiers(Trails(given.tracker, [coi], EventSelection()), NOTHING_MORE)
    facts = dict(section_of(dossier, given.tracker.clock.now())["identity"])
    assert facts["Indication"] == "Multiple myeloma, after 2 lines of therapy (EU) (mm)"
