"""The end of a unit and of a therapy: infused, destroyed, expired, canceled, closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from schema.errors import InputError
from schema.events.identity import Canceled
from schema.vocabulary import FinalDisposition, Reason
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.requests.base import Request, Scan
from tracker.rules.decision import ScanAnswer
from tracker.rules.marks.standing import attention
from tracker.therapy.corrections import Correct
from tracker.therapy.course import Cancel, Close
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.making import requests as processing

Cases = Callable[[str], Case]


def cassettes(case: Case) -> dict[str, Any]:
    """Both products by their cassettes."""
    return {"units": case.one.frozen_scans(tuple(case.one.products))}


def first(case: Case) -> dict[str, Any]:
    """The first product by its cassette."""
    return {"units": case.one.frozen_scans((case.one.products[0],))}


def matched(case: Case) -> dict[str, Any]:
    """The first product, the card and the wristband."""
    return {**first(case), "coi": scan(case.one.coi), "patient": case.one.wristband()}


class TestEnd:
    def test_expired(self, case: Cases) -> None:
        """On the day it expires it is neither thawed nor infused."""
        given = case("matched")
        given.change(given.one.products[0], expires_at=given.now + timedelta(minutes=1))
        assert given.refusal(processing.StartThaw, "LAB-A1", **first(given)).rule == "expired"
        given.change(given.one.products[0], expires_at=given.now + timedelta(hours=1))
        given.do(processing.StartThaw, "LAB-A1", **first(given))

    def test_canceled(self, case: Cases) -> None:
        """Two people cancel with a reason; then units are only put away, returned or destroyed."""
        given = case("delivered")
        coi = scan(given.one.coi)
        found = given.refusal(Cancel, "DOC-A1", others="DOC-A2 approved", coi=coi)
        assert found.rule == "reason_missing" and not found.waivable
        given.do(Cancel, "DOC-A1", others="DOC-A2 approved", coi=coi, reason="patient_died")
        tank = scan(given.one.network.storage["TREAT-A"])
        given.do(custody.Retrieve, "LAB-A1", location=tank, **first(given))
        given.do(custody.StoreUnits, "LAB-A1", location=tank, **first(given))
        assert given.refusal(Cancel, "DOC-A1", coi=coi, reason="patient_died").answer is ScanAnswer.CHECK
        given.do(processing.Destroy, "PHARM-A", others="LAB-A1 witnessed", reason="other", **cassettes(given))
        given.do(Close, "QA-A", coi=coi)

    @pytest.mark.parametrize(
        ("stage", "request_class", "actor"),
        [
            ("matched", processing.StartThaw, "LAB-A1"),
            ("bedside", processing.StartInfusion, "DOC-A1"),
            ("tested", processing.Release, "QP-1"),
            ("received", processing.StartManufacturing, "OPER-1"),
            ("identified", processing.StartCollection, "NURSE-A1"),
        ],
    )
    def test_a_canceled_therapy_does_not_go_on(
        self, case: Cases, stage: str, request_class: type[Request], actor: str
    ) -> None:
        """Neither collected, made, released, thawed nor infused."""
        given = case("collected" if stage == "identified" else stage)
        given.happened(Canceled(reason=Reason.PATIENT_WITHDREW))
        unit = given.one.products[0] if given.one.products else given.one.bag
        values: dict[str, Any] = {"units": scans(unit)}
        if request_class in (processing.StartManufacturing, processing.StartCollection):
            values["coi"] = scan(given.one.coi)
        if request_class is processing.StartCollection:
            values["din"] = Scan(code="=A99992600077700")
            given.change(
                unit, facts={"label_applied": given.unit(unit).facts["label_applied"]}, custodian=None
            )
        assert given.refusal(request_class, actor, **values).rule == "therapy_canceled"

    def test_infused_volumes(self, case: Cases) -> None:
        """Not more than there was, never less than nothing; what is left is destroyed before a witness."""
        given = case("infusing")
        unit = scans(given.one.products[0])
        for volume, rule in (("68.1", "volume_exceeded"),):
            assert (
                given.refusal(processing.CompleteInfusion, "DOC-A1", units=unit, infused_ml=volume).rule
                == rule
            )
        given.do(processing.CompleteInfusion, "DOC-A1", units=unit, infused_ml="66.5")
        state = given.unit(given.one.products[0])
        assert state.final is FinalDisposition.INFUSED and str(state.remainder_ml) == "1.5"
        assert state.custodian is None
        assert given.refusal(Close, "QA-A", coi=scan(given.one.coi)).rule == "units_open"
        assert given.signature_refusal(processing.Destroy, "DOC-A1", units=unit).rule == "signature_missing"
        given.do(processing.Destroy, "DOC-A1", others="DOC-A2 witnessed", units=unit, destroyed_ml="1.5")
        assert not given.unit(given.one.products[0]).remainder_ml
        found = given.refusal(processing.Destroy, "DOC-A1", others="DOC-A2 witnessed", units=unit)
        assert found.rule in ("already_done", "unit_ended")

    def test_no_negative_volumes(self, case: Cases) -> None:
        """A volume below nothing is bad input, also as a correction."""
        given = case("infusing")
        unit = scans(given.one.products[0])
        for request_class, field in (
            (processing.CompleteInfusion, "infused_ml"),
            (processing.StopInfusion, "infused_ml"),
            (processing.CompleteCollection, "volume_ml"),
            (processing.Destroy, "destroyed_ml"),
        ):
            with pytest.raises(InputError, match="-1 is not possible for a volume"):
                given.request(request_class, "DOC-A1", units=unit, **{field: "-1"})
        given.do(processing.CompleteInfusion, "DOC-A1", units=unit, infused_ml="66.5")
        event = given.unit(given.one.products[0]).facts["infusion_completed"].event_id
        with pytest.raises(InputError):
            given.decide(
                Correct,
                "DOC-A1",
                coi=scan(given.one.coi),
                event=event,
                field="infused_ml",
                new="-3",
                reason="keying_error",
            )

    def test_stopped_early(self, case: Cases) -> None:
        """An infusion ended early has a reason and leaves a remainder."""
        given = case("infusing")
        unit = scans(given.one.products[0])
        found = given.refusal(processing.StopInfusion, "DOC-A1", units=unit, infused_ml="20")
        assert found.rule == "reason_missing"
        given.do(processing.StopInfusion, "DOC-A1", units=unit, infused_ml="20", reason="adverse_reaction")
        assert str(given.unit(given.one.products[0]).remainder_ml) == "48"
        found = given.refusal(processing.CompleteInfusion, "DOC-A1", units=unit, infused_ml="68")
        assert found.rule == "unit_ended"

    def test_a_word_about_what_was_infused_goes_on(self, case: Cases) -> None:
        """Its record has ended, and yet a deviation about it is opened; nothing is left to destroy."""
        given = case("infusing")
        unit = scans(given.one.products[0])
        given.do(processing.CompleteInfusion, "DOC-A1", units=unit, infused_ml="68")
        opened = {"coi": scan(given.one.coi), "category": "label", "description": "Torn."}
        given.do(OpenDeviation, "QA-2", units=unit, **opened)
        assert given.refusal(processing.Destroy, "DOC-A1", units=unit, reason="other").rule == "unit_ended"

    def test_a_corrected_volume_leaves_what_it_leaves(self, case: Cases) -> None:
        """Infused to the last drop, then corrected: the remainder is open again until it is destroyed."""
        given = case("infusing")
        product = given.one.products[0]
        given.do(processing.CompleteInfusion, "DOC-A1", units=scans(product), infused_ml="68")
        assert not given.unit(product).remainder_ml
        event = given.unit(product).facts["infusion_completed"].event_id
        given.do(
            Correct,
            "DOC-A1",
            coi=scan(given.one.coi),
            event=event,
            field="infused_ml",
            new="60",
            reason="keying_error",
        )
        assert str(given.unit(product).remainder_ml) == "8"

    def test_closed_when_everything_has_ended(self, case: Cases) -> None:
        """Each unit is infused without remainder, destroyed, used up or retained; then nothing more."""
        given = case("infused")
        one, two = given.one.products
        given.do(
            processing.Destroy, "DOC-A1", others="DOC-A2 witnessed", units=scans(one), destroyed_ml="1.5"
        )
        assert two in given.refusal(Close, "QA-A", coi=scan(given.one.coi)).message
        units = given.one.frozen_scans((two,))
        given.do(processing.Destroy, "PHARM-A", others="LAB-A1 witnessed", units=units, reason="expired")
        given.do(Close, "QA-A", coi=scan(given.one.coi))
        found = given.refusal(processing.Quarantine, "QA-A", units=scans(two), reason="other")
        assert found.rule == "therapy_closed"
        assert given.refusal(Close, "QA-A", coi=scan(given.one.coi)).answer is ScanAnswer.CHECK

    def test_an_ended_unit_waits_for_nothing(self, case: Cases) -> None:
        """A unit destroyed while it was handed over leaves no open handoff on the board."""
        given = case("collected")
        lab = {"type": "department", "id": "COLL-A/CELL-LAB"}
        given.do(custody.Relinquish, "NURSE-A1", units=scans(given.one.bag), to=lab)
        assert "handoff_open" in [*attention(given.state, PROTOCOL)]
        given.do(
            processing.Destroy,
            "TECH-A1",
            others="NURSE-A1 witnessed",
            units=scans(given.one.bag),
            outside_rules={"reason": "container_damaged"},
        )
        assert "handoff_open" not in [*attention(given.state, PROTOCOL)]
        assert given.refusal(custody.Accept, "TECH-A1", units=scans(given.one.bag)).rule == "no_handoff"
