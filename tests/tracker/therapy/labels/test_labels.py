"""Every label accounted for, as rules: voided, destroyed, counted; on before filling, closed on leaving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from schema.events.identity import CassetteBound, LabelApplied, LabelSuperseded
from schema.events.labels import LabelsDestroyed, LabelsReconciled, LabelVoided
from schema.identifiers import copy_number, copy_ordinal
from schema.vocabulary import LabelState, Material, ObjectType, PartyType, PrintOutcome, Reason, Role
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tracker.demo.journey import party, scan
from tracker.requests.base import Scan
from tracker.rules.checks.label import reprint_roles, reprint_violation, takes_the_makers
from tracker.rules.decision import ScanAnswer
from tracker.rules.label_accounts import (
    AccountedCopy,
    PrintRecord,
    copies_of,
    open_copies,
    ordinals,
    skipped_copies,
)
from tracker.therapy.course import Close
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels import requests as labels
from tracker.therapy.labels.requests import ApplyLabel, SupersedeLabel

Cases = Callable[[str], Case]
NURSE, SECOND = "NURSE-A1", "NURSE-A2 witnessed"


def copy(object_id: str, number: int) -> Scan:
    """A further copy of an object's label, scanned."""
    return Scan(code=copy_number(object_id, number).text)


def printed(
    object_id: str,
    number: int,
    outcome: PrintOutcome = PrintOutcome.PRINTED,
    *,
    unit: str | None = None,
    site: str = "COLL-A",
    label: str = "unit label",
) -> PrintRecord:
    """A copy as the print record has it."""
    letter = copy_number(object_id, number).copy
    return PrintRecord(object_id, letter, outcome, label, site, unit=unit or object_id)


def with_second(case: Case, outcome: PrintOutcome = PrintOutcome.PRINTED) -> str:
    """The collection bag has its label on it, and a second copy was printed."""
    bag = case.one.bag
    case.prints = (printed(bag, 1), printed(bag, 2, outcome))
    return bag


def void(case: Case, label: Scan, reason: str = "misprint", **more: Any) -> LabelVoided:
    """Void a copy."""
    (draft,) = case.do(labels.VoidLabel, NURSE, label=label, reason=reason, **more)
    assert isinstance(draft.payload, LabelVoided)
    return draft.payload


def state_of(case: Case, object_id: str, number: int) -> LabelState | None:
    """What the chain says of a copy."""
    return case.state.label_states(object_id).get(copy_number(object_id, number).copy)


def open_of(case: Case) -> tuple[AccountedCopy, ...]:
    """What is open of the first therapy."""
    return open_copies(copies_of(case.state, case.prints))


class TestVoid:
    def test_a_misprint(self, case: Cases) -> None:
        """One signature and a reason; the paper is still there until it is destroyed."""
        given = case("collected")
        bag = with_second(given)
        (before,) = open_of(given)
        assert before.word == "printed" and before.to_do.startswith("Apply it")
        payload = void(given, copy(bag, 2))
        assert (payload.unit, payload.object) == (bag, bag)
        assert state_of(given, bag, 2) is LabelState.VOIDED
        (after,) = open_of(given)
        assert after.to_do == "Destroy it before a second person."

    def test_a_reason_is_asked(self, case: Cases) -> None:
        """Without one nothing is voided."""
        given = case("collected")
        found = given.refusal(labels.VoidLabel, NURSE, label=copy(with_second(given), 2))
        assert found.rule == "reason_missing" and not found.waivable

    def test_what_never_came_out(self, case: Cases) -> None:
        """Nothing is left to destroy; but what the printer says it printed did come out."""
        given = case("collected")
        bag = with_second(given, PrintOutcome.UNKNOWN)
        (before,) = open_of(given)
        assert before.word == "unknown" and before.to_do.startswith("Look whether it came out")
        void(given, copy(bag, 2), "never_came_out")
        assert state_of(given, bag, 2) is LabelState.NOT_PRINTED
        assert not open_of(given)
        given = case("collected")
        bag = with_second(given)
        found = given.refusal(labels.VoidLabel, NURSE, label=copy(bag, 2), reason="never_came_out")
        assert found.rule == "was_printed" and found.waivable

    def test_what_is_on_the_bag(self, case: Cases) -> None:
        """A standing label is superseded before two, not voided by one."""
        given = case("collected")
        found = given.refusal(labels.VoidLabel, NURSE, label=scan(with_second(given)), reason="misprint")
        assert found.rule == "label_applied"

    def test_twice(self, case: Cases) -> None:
        """The second time is a CHECK, and no second record."""
        given = case("collected")
        bag = with_second(given)
        void(given, copy(bag, 2))
        found = given.refusal(labels.VoidLabel, NURSE, label=copy(bag, 2), reason="misprint")
        assert (found.rule, found.answer) == ("already_done", ScanAnswer.CHECK)

    def test_a_copy_nobody_printed(self, case: Cases) -> None:
        """A second label with the same code somewhere is a finding, recordable outside the rules."""
        given = case("collected")
        bag = with_second(given)
        found = given.refusal(labels.VoidLabel, NURSE, label=copy(bag, 3), reason="misprint")
        assert found.rule == "never_printed" and found.waivable
        drafts = given.do(
            labels.VoidLabel, NURSE, others=SECOND, label=copy(bag, 3), outside_rules={"reason": "other"}
        )
        assert drafts[0].outside_rules == ("never_printed",)

    def test_a_card(self, case: Cases) -> None:
        """Cards stay in the chart; a misprinted one is voided like any label."""
        given = case("collected")
        coi = given.one.coi
        given.prints = (printed(coi, 1, label="COI card"), printed(coi, 2, label="COI card"))
        assert not open_of(given) and [one.word for one in copies_of(given.state, given.prints)][:2] == [
            "kept",
            "kept",
        ]
        payload = void(given, copy(coi, 2))
        assert payload.unit is None and payload.object == coi
        assert [one.code for one in open_of(given)] == [copy(coi, 2).code]

    def test_what_is_no_label(self, case: Cases) -> None:
        """A box, and an object id without a copy letter, are no printed labels of a therapy."""
        given = case("collected")
        box = scan(given.one.network.boxes["Dry shipper 1"])
        for label in (box, Scan(code=with_second(given))):
            found = given.refusal(labels.VoidLabel, NURSE, label=label, reason="misprint")
            assert not found.waivable

    def test_a_voided_copy_is_read_at_a_step(self, case: Cases) -> None:
        """It stands for nothing any more, whatever hangs on it."""
        given = case("frozen")
        bag = with_second(given)
        void(given, copy(bag, 2))
        lab = party(PartyType.DEPARTMENT, "COLL-A/APHERESIS")
        found = given.refusal(custody.Relinquish, "TECH-A1", units=(copy(bag, 2),), to=lab)
        assert found.rule == "superseded" and "voided" in found.message


class TestDestroy:
    def voided(self, case: Case) -> str:
        """A bag with a second copy out of use."""
        bag = with_second(case)
        void(case, copy(bag, 2))
        return bag

    def test_two_people_count(self, case: Cases) -> None:
        """What was voided is destroyed; it takes two signatures."""
        given = case("collected")
        bag = self.voided(given)
        alone = given.signature_refusal(labels.DestroyLabels, NURSE, labels=(copy(bag, 2),), count=1)
        assert alone.rule == "signature_missing"
        (draft,) = given.do(labels.DestroyLabels, NURSE, others=SECOND, labels=(copy(bag, 2),), count=1)
        assert isinstance(draft.payload, LabelsDestroyed) and draft.payload.count == 1
        assert state_of(given, bag, 2) is LabelState.DESTROYED and not open_of(given)

    def test_the_tally_differs(self, case: Cases) -> None:
        """The same label scanned twice is one label."""
        given = case("collected")
        bag = self.voided(given)
        twice = (copy(bag, 2), copy(bag, 2))
        assert given.refusal(labels.DestroyLabels, NURSE, labels=twice, count=2).rule == "tally_differs"

    @pytest.mark.parametrize(("number", "rule"), [(1, "label_applied"), (3, "not_voided")])
    def test_what_is_in_use(self, number: int, rule: str, case: Cases) -> None:
        """A standing label, and one that nobody voided, are not destroyed just so."""
        given = case("collected")
        bag = self.voided(given)
        given.prints = (*given.prints, printed(bag, 3))
        given_labels = (copy(bag, number),)
        assert given.refusal(labels.DestroyLabels, NURSE, labels=given_labels, count=1).rule == rule

    def test_of_two_therapies(self, case: Cases) -> None:
        """One act, a statement in each chain, and no chain names the other's labels."""
        given = case("collected")
        one, two = given.one.bag, given.two.bag
        given.prints = tuple(printed(bag, number) for bag in (one, two) for number in (1, 2))
        for bag in (one, two):
            void(given, copy(bag, 2))
        drafts = given.do(
            labels.DestroyLabels, NURSE, others=SECOND, labels=(copy(one, 2), copy(two, 2)), count=2
        )
        assert sorted(draft.chain for draft in drafts) == sorted((given.one.coi, given.two.coi))
        for draft in drafts:
            own, other = (one, two) if draft.chain == given.one.coi else (two, one)
            said = repr(draft.payload) + repr(draft.reads)
            assert own in said and other not in said
            assert isinstance(draft.payload, LabelsDestroyed) and draft.payload.count == 1


class TestCount:
    def test_all_accounted(self, case: Cases) -> None:
        """The numbers go into the chain, so that who has only the chain can see them."""
        given = case("collected")
        bag = with_second(given, PrintOutcome.NOT_PRINTED)
        (draft,) = given.do(labels.ReconcileLabels, NURSE, others=SECOND, coi=scan(given.one.coi))
        payload = draft.payload
        assert isinstance(payload, LabelsReconciled)
        (line,) = payload.objects
        first, second = (copy_number(bag, number).copy for number in (1, 2))
        assert (line.printed, line.applied, line.not_printed, line.open) == (first, first, second, "")
        assert (payload.printed, payload.accounted, payload.differences) == (1, 1, 0)
        assert state_of(given, bag, 2) is LabelState.NOT_PRINTED

    def test_with_a_difference(self, case: Cases) -> None:
        """A count that is not even needs a reason, and says by how much."""
        given = case("collected")
        with_second(given)
        coi = scan(given.one.coi)
        found = given.refusal(labels.ReconcileLabels, NURSE, coi=coi)
        assert found.rule == "reason_missing" and "not accounted for: 1;" in found.message
        (draft,) = given.do(labels.ReconcileLabels, NURSE, others=SECOND, coi=coi, reason=Reason.LABEL_LOST)
        assert isinstance(draft.payload, LabelsReconciled) and draft.payload.differences == 1

    def test_where_nothing_was_printed_no_letter_is_missing(self, case: Cases) -> None:
        """A unit that never had a label of ours, as one taken over from paper, has no earlier copies."""
        given = case("collected")
        state = given.state
        assert not skipped_copies(state.with_changed((given.one.bag,), lambda one: replace(one, labels={})))

    def test_a_letter_that_was_passed_over(self, case: Cases) -> None:
        """Letters come in one order, so the chain alone shows that a copy is missing from it."""
        given = case("collected")
        bag = given.one.bag
        assert not skipped_copies(given.state)
        given.happened(LabelApplied(unit=bag, copy_letter=copy_number(bag, 4).copy), NURSE)
        assert [one.code for one in skipped_copies(given.state)] == [copy(bag, 2).code, copy(bag, 3).code]
        given.prints = (printed(bag, 2), printed(bag, 3))
        void(given, copy(bag, 2))
        assert [one.code for one in skipped_copies(given.state)] == [copy(bag, 3).code]


class TestLeaving:
    def packed(self, case: Case, **more: Any) -> dict[str, Any]:
        """What the cell lab asks when it packs."""
        given: dict[str, Any] = {
            "others": "TECH-A2 witnessed",
            "units": case.one.frozen_scans((case.one.bag,)),
            "box": scan(case.one.network.boxes["Dry shipper 1"]),
            "seal": Scan(code="SEAL-1"),
            "tally": 1,
            "carrier": "CARR-X",
            "destination": "MFG-1",
        }
        return {**given, **more}

    def at_hand(self, case: Cases) -> Case:
        """The frozen bag is out of its tank."""
        given = case("frozen")
        tank = scan(given.one.network.storage["COLL-A"])
        cassette = given.one.frozen_scans((given.one.bag,))
        given.do(custody.Retrieve, "TECH-A1", units=cassette, location=tank)
        return given

    @pytest.mark.parametrize("outcome", [PrintOutcome.PRINTED, PrintOutcome.UNKNOWN, PrintOutcome.PRINTING])
    def test_not_with_an_open_label(self, outcome: PrintOutcome, case: Cases) -> None:
        """A copy that is or may be on paper keeps its unit here; what happened all the same is recorded."""
        given = self.at_hand(case)
        bag = with_second(given, outcome)
        found = given.refusal(custody.Pack, "TECH-A1", **self.packed(given))
        assert found.rule == "label_open" and found.waivable and copy(bag, 2).code in found.message
        drafts = given.do(
            custody.Pack, "TECH-A1", **self.packed(given), outside_rules={"reason": "clinical_need"}
        )
        assert drafts[0].outside_rules == ("label_open",)

    def test_an_open_tie_tag_is_called_so(self, case: Cases) -> None:
        """Given a tie-tag on nothing, when packing, then the STOP names it and the keys that end it."""
        given = self.at_hand(case)
        bag = given.one.bag
        given.prints = (printed(bag, 1, label=""), printed(bag, 2, label="tie-tag"))
        found = given.refusal(custody.Pack, "TECH-A1", **self.packed(given))
        assert found.message == (
            f"{bag} may not leave COLL-A: labels are not accounted for: "
            f"{copy(bag, 2).code} (tie-tag, printed)."
        )
        assert "At the terminal: Ctrl+L, type the number of its line, F6 void, F7 destroy" in found.remedy

    def test_with_everything_accounted(self, case: Cases) -> None:
        """Voided and destroyed, or certainly never on paper, or printed elsewhere: nothing is open here."""
        given = self.at_hand(case)
        bag = with_second(given)
        void(given, copy(bag, 2))
        assert given.refusal(custody.Pack, "TECH-A1", **self.packed(given)).rule == "label_open"
        given.do(labels.DestroyLabels, NURSE, others=SECOND, labels=(copy(bag, 2),), count=1)
        elsewhere = printed(bag, 4, site="MFG-1")
        given.prints = (*given.prints, printed(bag, 3, PrintOutcome.NOT_PRINTED), elsewhere)
        given.do(custody.Pack, "TECH-A1", **self.packed(given))

    def test_a_superseded_label(self, case: Cases) -> None:
        """The old label is still paper with the patient's code on it."""
        given = self.at_hand(case)
        bag = given.one.bag
        cassette = given.one.cassettes[bag]
        given.prints = (printed(cassette, 1, unit=bag), printed(cassette, 2, unit=bag))
        given.do(ApplyLabel, NURSE, units=(copy(cassette, 2),))
        (draft,) = given.do(
            SupersedeLabel,
            "TECH-A1",
            others="TECH-A2 witnessed",
            units=(scan(cassette),),
            reason="label_damaged",
        )
        assert isinstance(draft.payload, LabelSuperseded) and draft.payload.cassette == cassette
        assert given.refusal(custody.Pack, "TECH-A1", **self.packed(given)).rule == "superseded"
        units = (copy(cassette, 2),)
        assert given.refusal(custody.Pack, "TECH-A1", **self.packed(given, units=units)).rule == "label_open"
        given.do(labels.DestroyLabels, NURSE, others=SECOND, labels=(scan(cassette),), count=1)
        given.do(custody.Pack, "TECH-A1", **self.packed(given, units=units))

    def test_a_loose_unit(self, case: Cases) -> None:
        """Handed to a carrier it leaves; handed to the lab next door it does not."""
        given = case("collected")
        with_second(given)
        units = scans(given.one.bag)
        lab = party(PartyType.DEPARTMENT, "COLL-A/CELL-LAB")
        courier = party(PartyType.CARRIER, "CARR-X")
        other = party(PartyType.DEPARTMENT, "MFG-1/PRODUCTION")
        for to in (courier, other):
            assert given.refusal(custody.Relinquish, NURSE, units=units, to=to).rule == "label_open"
        given.do(custody.Relinquish, NURSE, units=units, to=lab)


class TestClosing:
    def test_not_with_an_open_label(self, case: Cases) -> None:
        """Wherever it was printed; cards stay in the chart."""
        given = case("infused")
        for unit in (given.one.products[1], *given.one.samples):
            given.change(unit, final=given.unit(given.one.products[0]).final, volume_ml=None)
        given.change(given.one.products[0], volume_ml=None)
        coi, product = given.one.coi, given.one.products[0]
        given.prints = (printed(coi, 1), printed(product, 1), printed(product, 2, site="MFG-1"))
        found = given.refusal(Close, "QA-A", coi=scan(coi))
        assert found.rule == "label_open" and not found.waivable and copy(product, 2).code in found.message
        given.prints = given.prints[:2]
        given.do(Close, "QA-A", coi=scan(coi))


class TestLabeledFirst:
    def test_not_frozen_without_a_label(self, case: Cases) -> None:
        """A bag whose only label was taken off is neither collected, bound nor frozen."""
        given = case("collected")
        bag = given.one.bag
        given.change(bag, labels={copy_number(bag, 1).copy: LabelState.SUPERSEDED})
        lab = party(PartyType.DEPARTMENT, "COLL-A/CELL-LAB")
        given.change(bag, custodian=lab)
        given.happened(LabelApplied(unit=bag, copy_letter=copy_number(bag, 2).copy), NURSE)
        free = scan(given.fresh(ObjectType.CASSETTE))
        given.change(bag, labels={copy_number(bag, 2).copy: LabelState.SUPERSEDED})
        code = (Scan(code=bag),)
        assert (
            given.refusal(identity.BindCassette, "TECH-A1", units=code, cassette=free).rule == "label_missing"
        )
        given.do(ApplyLabel, NURSE, units=(copy(bag, 3),))
        (draft,) = given.do(identity.BindCassette, "TECH-A1", units=(copy(bag, 3),), cassette=free)
        assert isinstance(draft.payload, CassetteBound)
        assert draft.payload.copy_letter == free.code[-3]

    def test_the_makers_own(self) -> None:
        """The shipped protocols take the manufacturer's label on bags; a sample has ours."""
        assert takes_the_makers(PROTOCOL, Material.LEUKAPHERESIS)
        assert takes_the_makers(PROTOCOL, Material.PRODUCT)
        assert not takes_the_makers(PROTOCOL, Material.QC_SAMPLE)


class TestReprint:
    def test_a_further_copy_needs_a_reason(self) -> None:
        """The first of its kind does not, nor what follows a copy that is certainly no paper."""
        bag = "UD234567892"
        first = printed(bag, 1)
        assert reprint_violation((), "unit label", None) is None
        assert reprint_violation((first,), "tie-tag", None) is None
        assert reprint_violation((printed(bag, 1, PrintOutcome.NOT_PRINTED),), "unit label", None) is None
        assert reprint_violation((first,), "unit label", Reason.LABEL_DAMAGED) is None
        for outcome in (PrintOutcome.PRINTED, PrintOutcome.UNKNOWN, PrintOutcome.PRINTING):
            found = reprint_violation((printed(bag, 1, outcome),), "unit label", None)
            assert found is not None and found.rule == "reprint_needs_reason"

    def test_who_may(self) -> None:
        """Those who apply labels, and quality; for a card those who enroll; or as the protocol says."""
        assert Role.QUALITY in reprint_roles(None) and Role.COURIER not in reprint_roles(PROTOCOL)
        assert Role.APHERESIS_NURSE in reprint_roles(PROTOCOL)
        assert Role.CLINICIAN not in reprint_roles(PROTOCOL)
        assert Role.CLINICIAN in reprint_roles(PROTOCOL, card=True)
        own = PROTOCOL.model_copy(update={"reprint_roles": (Role.PHARMACIST,)})
        assert reprint_roles(own) == {Role.PHARMACIST}


def test_findings_f10_people_read_the_ordinal_of_a_copy_as_a_letter() -> None:
    """Given copies whose letters inside the code are digits, people read A, B and C, never a number."""
    object_id = "UD234567892"
    copies = [copy_number(object_id, number).copy for number in (1, 2, 3)]
    assert [copy_ordinal(object_id, one) for one in copies] == ["A", "B", "C"]
    accounted = [AccountedCopy(object_id, one, object_id, None) for one in copies]
    assert ordinals(accounted) == "ABC"
