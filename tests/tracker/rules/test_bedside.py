"""At both matches: the certificate of the release that stands, and what is confirmed before a thaw."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schema.errors import BadCode, InputError
from schema.events.identity import MixupPrevented
from schema.events.processing import Released
from schema.papercodes import receipt_code
from tests.support.journeys import World, scans
from tests.support.rule_cases import Case
from tests.tracker.therapy.identity.test_identity import at_step
from tracker.requests.base import Scan
from tracker.rules.certificates import CertificateSays, judged_certificate
from tracker.rules.decision import ScanAnswer
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing

Cases = Callable[[str], Case]


def certificate(state: TherapyState, which: int = -1) -> Scan:
    """The code at the foot of one of the certificates of a therapy."""
    return Scan(code=receipt_code(state.events[state.releases[which]].digest).text)


class TestCertificate:
    def test_making_b10_the_certificate_of_the_release_that_stands(self, case: Cases) -> None:
        """It is read off the paper, and stands in clear in the chain of its own therapy."""
        given = case("at_hand")
        actor, values = at_step(identity.MatchBeforeThaw, given, certificate=certificate(given.state))
        (draft,) = given.do(identity.MatchBeforeThaw, actor, **values)
        (read,) = [one for one in draft.reads if one.field == "certificate"]
        assert read.code == certificate(given.state).code and read.carrier == "certificate"

    @pytest.mark.parametrize("missing", [True, False])
    def test_making_b10_it_is_asked_for_at_both_matches(self, case: Cases, *, missing: bool) -> None:
        """Without it both are refused; a protocol that does not ask for it takes them."""
        for stage, request_class in (
            ("at_hand", identity.MatchBeforeThaw),
            ("on_ward", identity.MatchAtBedside),
        ):
            given = case(stage)
            if not missing:
                bedside = given.protocol.bedside.model_copy(update={"certificate": False})
                given.protocol = given.protocol.model_copy(update={"bedside": bedside})
            actor, values = at_step(request_class, given, certificate=None)
            if missing:
                found = given.refusal(request_class, actor, **values)
                assert found.rule == "certificate_missing" and found.answer is ScanAnswer.STOP
            else:
                given.do(request_class, actor, **values)

    def test_making_b10_after_a_second_release_the_first_paper_is_old(self, case: Cases) -> None:
        """The paper printed before it names what no longer stands; the new one is taken."""
        given = case("at_hand")
        before = certificate(given.state)
        given.later(minutes=5)
        given.happened(Released(units=tuple(given.one.products), predicates=()), "QP-1")
        actor, values = at_step(identity.MatchBeforeThaw, given)
        found = given.refusal(identity.MatchBeforeThaw, actor, **{**values, "certificate": before})
        assert found.rule == "certificate_old" and found.answer is ScanAnswer.STOP
        assert found.read == before.code and found.unit == given.one.products[0]
        given.do(identity.MatchBeforeThaw, actor, **{**values, "certificate": certificate(given.state)})
        says = judged_certificate(given.state, given.unit(given.one.products[0]), _digest(given.state, 0))
        assert says is CertificateSays.OLD

    def test_making_b10_another_patients_is_a_prevented_mixup(self, case: Cases) -> None:
        """It stands in the expected therapy's chain as a commitment, and nothing of the other is named."""
        given = case("at_hand")
        actor, values = at_step(
            identity.MatchBeforeThaw, given, certificate=certificate(given.therapies[given.two.coi])
        )
        drafts = given.stopped(identity.MatchBeforeThaw, actor, **values)
        (prevented,) = [one.payload for one in drafts if isinstance(one.payload, MixupPrevented)]
        assert prevented.field == "certificate" and drafts[0].chain == given.one.coi

    def test_making_b10_any_other_receipt_is_no_certificate(self, case: Cases) -> None:
        """The slip of a handoff, and the receipt of nothing that this store knows."""
        given = case("at_hand")
        other = next(iter(given.state.events.values())).digest
        for digest in (other, "0" * 64):
            actor, values = at_step(
                identity.MatchBeforeThaw, given, certificate=Scan(code=receipt_code(digest).text)
            )
            assert given.refusal(identity.MatchBeforeThaw, actor, **values).rule == "wrong_certificate"
        actor, values = at_step(identity.MatchBeforeThaw, given, certificate=scans(given.one.coi)[0])
        assert given.refusal(identity.MatchBeforeThaw, actor, **values).rule == "wrong_kind"

    @pytest.mark.parametrize("kept", [28, 29, 56])
    def test_making_b10_half_a_code_is_refused(self, case: Cases, kept: int) -> None:
        """A paper that was cut in half is bad input, whatever its first half says."""
        given = case("at_hand")
        half = Scan(code=certificate(given.state).code[:kept])
        actor, values = at_step(identity.MatchBeforeThaw, given, certificate=half)
        with pytest.raises(BadCode) as refused:
            given.decide(identity.MatchBeforeThaw, actor, **values)
        assert refused.value.code == "bad_length"

    def test_a_certificate_is_no_card(self, case: Cases) -> None:
        """It says whose cells were released; whose therapy a step is for, the card says."""
        given = case("tested")
        found = given.refusal(
            processing.StartLymphodepletion,
            "DOC-A1",
            coi=Scan(code=receipt_code(next(iter(given.state.events.values())).digest).text),
            regimen="bendamustine",
        )
        assert found.rule == "wrong_kind"


def _digest(state: TherapyState, which: int) -> str:
    return state.events[state.releases[which]].digest


class TestConfirmed:
    def test_making_b11_what_is_not_confirmed_stops_before_the_thaw(self, case: Cases) -> None:
        """The item is named, nothing is thawed; with all of them confirmed it goes on."""
        given = case("at_hand")
        confirmed = ("patient_ready", "no_active_infection", "premedicated")
        actor, values = at_step(identity.MatchBeforeThaw, given, confirmed=confirmed)
        found = given.refusal(identity.MatchBeforeThaw, actor, **values)
        assert found.rule == "not_confirmed" and found.answer is ScanAnswer.STOP
        assert "tocilizumab on hand" in found.message
        assert "thaw_started" not in given.unit(given.one.products[0]).facts
        values["confirmed"] = (*confirmed, "tocilizumab_on_hand")
        (draft,) = given.do(identity.MatchBeforeThaw, actor, **values)
        assert draft.payload.to_json()["confirmed"] == [*values["confirmed"]]

    def test_making_b11_at_the_bed_only_what_is_still_open_is_asked(self, case: Cases) -> None:
        """What was confirmed before the thaw is; what was not, outside the rules, is asked for again."""
        given = case("at_hand")
        actor, values = at_step(identity.MatchBeforeThaw, given, confirmed=("patient_ready",))
        given.do(identity.MatchBeforeThaw, actor, outside_rules={"reason": "clinical_need"}, **values)
        assert given.unit(given.one.products[0]).confirmed == ("patient_ready",)
        given = case("on_ward")
        given.change(given.one.products[0], confirmed=("patient_ready", "premedicated"))
        actor, values = at_step(identity.MatchAtBedside, given)
        found = given.refusal(identity.MatchAtBedside, actor, **values)
        assert found.rule == "not_confirmed" and "no active infection" in found.message
        given.do(
            identity.MatchAtBedside,
            actor,
            confirmed=("no_active_infection", "tocilizumab_on_hand"),
            **values,
        )

    def test_making_b11_a_word_that_nobody_asks_is_bad_input(self, case: Cases) -> None:
        """A slip in a word would look as if it had been confirmed."""
        given = case("at_hand")
        actor, values = at_step(identity.MatchBeforeThaw, given, confirmed=("tocilizumab",))
        with pytest.raises(InputError) as refused:
            given.decide(identity.MatchBeforeThaw, actor, **values)
        assert refused.value.code == "bad_word"


def test_making_b13_a_ward_nurse_and_a_pharmacist_match_at_the_bed(
    world: Callable[[str], World],
) -> None:
    """Two people of two professions; one nurse who signs twice is one person."""
    given = world("thawed")
    bag = given.one.products[0]
    ward = {"to": {"type": "department", "id": "TREAT-A/WARD"}}
    given.do(custody.Relinquish, "LAB-A1", units=scans(bag), **ward)
    given.do(custody.Accept, "WARD-A", units=scans(bag))
    match = {
        "units": scans(bag),
        "coi": scans(given.one.coi)[0],
        "patient": given.one.wristband(),
    }
    alone = given.refusal(identity.MatchAtBedside, "WARD-A", others="WARD-A witnessed", **match)
    assert alone.error == "same_person"
    given.do(identity.MatchAtBedside, "WARD-A", others="PHARM-A witnessed", **match)
