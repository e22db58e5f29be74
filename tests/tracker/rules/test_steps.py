"""Order, place, role and people of a step: what comes first, who may, where, and what was already done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.vocabulary import EntryMode, Material, Meaning, Purpose
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.requests.base import Request, Scan
from tracker.rules.authority import unattended_violation
from tracker.rules.decision import ScanAnswer, Slot
from tracker.rules.registry_state import Grant
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels.requests import ApplyLabel
from tracker.therapy.making import requests as processing

Cases = Callable[[str], Case]
Values = Callable[[Case], dict[str, Any]]


def bag(case: Case) -> dict[str, Any]:
    """The first therapy's bag by its label."""
    return {"units": scans(case.one.bag)}


def product(case: Case) -> dict[str, Any]:
    """The first product by its label."""
    return {"units": scans(case.one.products[0])}


def cassette(case: Case) -> dict[str, Any]:
    """The first product by its cassette."""
    return {"units": case.one.frozen_scans((case.one.products[0],))}


def infused(case: Case) -> dict[str, Any]:
    """The first product with a volume."""
    return {**product(case), "infused_ml": "66.5"}


TOO_EARLY: list[tuple[str, type[Request], str, Values, str]] = [
    (
        "enrolled",
        identity.RegisterUnit,
        "NURSE-A1",
        lambda _: {"material": Material.LEUKAPHERESIS},
        "Identify",
    ),
    (
        "collected",
        identity.RegisterUnit,
        "OPER-1",
        lambda _: {"material": Material.PRODUCT, "number": 1, "of": 1},
        "manufacturing",
    ),
    ("made", processing.Release, "QP-1", cassette, "result"),
    ("at_hand", processing.StartThaw, "LAB-A1", cassette, "Match patient"),
    ("matched", processing.EndThaw, "LAB-A1", cassette, "Start the thaw"),
    ("on_ward", processing.StartInfusion, "DOC-A1", product, "Match bag and wristband"),
    ("bedside", processing.CompleteInfusion, "DOC-A1", infused, "Start the infusion"),
]
"""Stage, step, who, on what, and what is named as missing."""


@pytest.mark.parametrize(("stage", "request_class", "actor", "values", "missing"), TOO_EARLY)
def test_a_step_too_early_names_the_one_before(
    case: Cases, stage: str, request_class: type[Request], actor: str, values: Values, missing: str
) -> None:
    """What must come first is said by its title."""
    given = case(stage)
    about = values(given)
    if request_class is identity.RegisterUnit:
        about["coi"] = scan(given.one.coi)
    found = given.refusal(request_class, actor, **about)
    assert found.rule in ("too_early", "tests_pending")
    assert found.waivable is not (request_class is processing.Release)
    assert missing in found.message + found.remedy


DONE: list[tuple[str, type[Request], str, Values]] = [
    ("frozen", processing.CompleteCollection, "NURSE-A2", lambda case: {**bag(case), "volume_ml": "200"}),
    ("released", processing.Release, "QP-1", cassette),
    ("thawed", processing.StartThaw, "PHARM-A", cassette),
    ("infusing", processing.StartInfusion, "DOC-A2", product),
    ("tested", processing.RecordTest, "QA-2", lambda _: {"test": "viability", "result": "90"}),
    ("collected", ApplyLabel, "NURSE-A2", bag),
]


@pytest.mark.parametrize(("stage", "request_class", "actor", "values"), DONE)
def test_a_rescan_is_a_check(
    case: Cases, stage: str, request_class: type[Request], actor: str, values: Values
) -> None:
    """What is done once is answered CHECK, with who did it and when."""
    given = case(stage)
    about = values(given)
    if request_class is processing.RecordTest:
        about["coi"] = scan(given.one.coi)
    found = given.refusal(request_class, actor, **about)
    assert (found.rule, found.answer) == ("already_done", ScanAnswer.CHECK)
    assert " by " in found.message and "2026-01-" in found.message


def test_steps_that_may_be_done_again(case: Cases) -> None:
    """A match may be repeated: the patient was moved, the clock runs anew."""
    given = case("matched")
    before = given.unit(given.one.products[0]).facts["pre_thaw_matched"]
    given.do(
        identity.MatchBeforeThaw,
        "LAB-A1",
        others="PHARM-A witnessed",
        coi=scan(given.one.coi),
        patient=given.one.wristband(),
        **cassette(given),
    )
    assert given.unit(given.one.products[0]).facts["pre_thaw_matched"].at > before.at


class TestWhere:
    def test_the_wrong_site(self, case: Cases) -> None:
        """A collection step is not taken at the manufacturer."""
        given = case("enrolled")
        values = {"coi": scan(given.one.coi), "patient": given.one.wristband()}
        found = given.refusal(identity.IdentifyPatient, "NURSE-A1", at="MFG-1", **values)
        assert found.rule == "wrong_site" and "COLL-A" in found.message and "MFG-1" in found.message
        assert given.refusal(identity.IdentifyPatient, "NURSE-B1", **values).rule == "no_part"

    def test_somebody_of_another_site(self, case: Cases) -> None:
        """A role counts where it was granted."""
        given = case("enrolled")
        values = {"coi": scan(given.one.coi), "patient": given.one.wristband()}
        found = given.refusal(identity.IdentifyPatient, "NURSE-B1", at="COLL-A", **values)
        assert found.rule == "no_part"
        given = case("bedside")
        values = {"units": scans(given.one.products[0])}
        found = given.refusal(processing.StartInfusion, "TECH-A1", at="TREAT-A", **values)
        assert found.rule == "role_missing"

    def test_a_courier_acts_anywhere(self, case: Cases) -> None:
        """The carrier's grant holds at every dock."""
        given = case("packed")
        box = next(iter(given.state.in_box(given.unit(given.one.bag).box or ""))).box or ""
        seal = Scan(code=given.state.seals[box])
        given.do(custody.Relinquish, "TECH-A1", box=scan(box), seal=seal)
        given.do(custody.Accept, "COUR-X1", at="COLL-A", box=scan(box), seal=seal)


class TestWho:
    def infusion(self, given: Case, **grants: Any) -> str:
        """The rule that keeps the physician from starting the infusion when her grant is changed so."""
        registry = given.registry
        own: tuple[Grant, ...] = tuple(replace(one, **grants) for one in registry.grants_of("DOC-A1"))
        given.registry = replace(registry, grants={**registry.grants, "DOC-A1": own})
        return given.refusal(processing.StartInfusion, "DOC-A1", at="TREAT-A", **product(given)).rule

    def test_grants_and_training_expire(self, case: Cases) -> None:
        """At the time of the step the grant and the training behind it must hold."""
        now = case("bedside").now
        ended, future = now - timedelta(days=1), now + timedelta(days=1)
        for changes, rule in (
            ({"valid_until": ended}, "grant_expired"),
            ({"training_expires_at": ended}, "training_expired"),
            ({"valid_from": future}, "grant_not_yet_valid"),
            ({"revoked": True}, "grant_revoked"),
        ):
            given = case("bedside")
            assert self.infusion(given, **changes) == rule

    def test_a_role_is_needed(self, case: Cases) -> None:
        """A pharmacist does not infuse, an operator does not release."""
        given = case("tested")
        assert given.refusal(processing.Release, "OPER-1", **cassette(given)).rule == "role_missing"
        given = case("bedside")
        given.change(given.one.products[0], custodian=None)
        assert given.refusal(processing.StartInfusion, "PHARM-A", **product(given)).rule == "role_missing"

    def test_a_deactivated_person(self, case: Cases) -> None:
        """Who left does nothing; what they did before may still be recorded, openly."""
        given = case("tested")
        gone = replace(given.registry.people["QA-2"], active=False)
        given.registry = replace(given.registry, people={**given.registry.people, "QA-2": gone})
        found = given.refusal(processing.Quarantine, "QA-2", reason="test_pending", **cassette(given))
        assert found.rule == "person_inactive" and found.waivable

    def test_two_different_people(self, case: Cases) -> None:
        """Nobody is their own witness, and a witness has the role the step asks."""
        given = case("at_hand")
        values = {"coi": scan(given.one.coi), "patient": given.one.wristband(), **cassette(given)}
        for others, rule in (
            ("", "signature_missing"),
            ("LAB-A1 witnessed", "same_person"),
            ("COUR-X1 witnessed", "role_missing"),
            ("PHARM-A witnessed, DOC-A1 witnessed", "signer_not_asked"),
            ("PHARM-A reviewed", "signature_missing"),
        ):
            found = given.signature_refusal(identity.MatchBeforeThaw, "LAB-A1", others=others, **values)
            assert found.rule == rule, others
        given.do(identity.MatchBeforeThaw, "LAB-A1", others="PHARM-A witnessed", **values)

    def test_nobody_signs_for_the_actor(self, case: Cases) -> None:
        """`performed`, `released` and `received` are the actor's own."""
        given = case("tested")
        signed = "QA-2 released, QP-1 reviewed"
        assert given.signature_refusal(processing.Release, "QP-1", signed=signed, **cassette(given)).rule in (
            "wrong_signer",
            "role_missing",
        )

    def test_a_signer_without_a_key(self, case: Cases) -> None:
        """Who never activated a key, or whose key was retired, signs nothing."""
        given = case("tested")
        keys = {owner: key for owner, key in given.registry.active_keys.items() if owner != "QA-2"}
        given.registry = replace(given.registry, active_keys=keys)
        found = given.signature_refusal(processing.Release, "QP-1", others="QA-2 reviewed", **cassette(given))
        assert found.rule == "key_missing" and "QA-2" in found.message

    def test_unattended_entries(self) -> None:
        """Passwords from a file give one signature, and no release or infusion, outside a demo."""
        one, two = (Slot(Meaning.PERFORMED),), (Slot(Meaning.PERFORMED), Slot(Meaning.WITNESSED))
        mode = EntryMode.UNATTENDED
        for purpose in (Purpose.TRAINING, Purpose.VALIDATION, Purpose.PRODUCTION):
            assert unattended_violation(purpose, mode, "stored", one) is None
            for kind, slots in (("packed", two), ("released", one), ("infusion_started", one)):
                found = unattended_violation(purpose, mode, kind, slots)
                assert found is not None and found.rule == "unattended" and not found.waivable
            assert unattended_violation(purpose, EntryMode.LIVE, "released", two) is None
        assert unattended_violation(Purpose.DEMO, mode, "released", two) is None
