"""One therapy at a bench, by the rules alone: what takes it, what is refused, and what clears it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.events.bench import LineCleared
from schema.events.identity import PatientIdentified
from schema.events.labels import LabelCopy
from schema.identifiers import possible_copies
from schema.instants import format_instant
from schema.vocabulary import EntryMode, Material, Meaning, PrintOutcome, ReadMode, Reason
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tests.tracker.therapy.identity.test_identity import CLINICAL, Cases
from tracker.demo.journey import Journey, scan
from tracker.requests.base import EntryDeclaration, Scan
from tracker.rules.decision import Allowed, Denied, ScanAnswer
from tracker.rules.label_accounts import PrintRecord
from tracker.therapy.benches import ClearLine
from tracker.therapy.decide import decide
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing

CHAIR = "COLL-A-01"
CLEAN_ROOM = "MFG-1-02"


@pytest.fixture
def chair(case: Cases) -> Case:
    """Two patients are enrolled; the first has been identified at the chair."""
    given = case("enrolled")
    given.benches_count = True
    identify(given, given.one)
    return given


def at_chair(journey: Journey) -> dict[str, Any]:
    """What is read to identify a patient."""
    return {"coi": scan(journey.coi), "patient": journey.wristband()}


def identify(given: Case, journey: Journey, **values: Any) -> PatientIdentified:
    """Two nurses identify a patient at the chair."""
    others = {"others": "NURSE-A2 witnessed", "station": CHAIR}
    drafts = given.do(identity.IdentifyPatient, "NURSE-A1", **{**others, **at_chair(journey), **values})
    payload = drafts[0].payload
    assert isinstance(payload, PatientIdentified)
    return payload


def clear(given: Case, actor: str = "NURSE-A1", **values: Any) -> LineCleared:
    """Somebody declares a bench clear."""
    payload = given.do(ClearLine, actor, **{"station": CHAIR, "nothing_left": True, **values})[0].payload
    assert isinstance(payload, LineCleared)
    return payload


class TestTaking:
    def test_the_first_step_takes_the_bench(self, chair: Case) -> None:
        """The event says at which bench; the state knows since when."""
        use = chair.state.benches[CHAIR]
        assert use.since.at == chair.now and use.since.actor == "NURSE-A1"
        assert use.kinds == ("patient_identified",)
        assert identify(chair, chair.one).bench == CHAIR
        assert chair.state.benches[CHAIR].since == use.since

    def test_another_therapy_is_refused(self, chair: Case) -> None:
        """By whom and since when it is taken, and what to do; nothing is written in any chain."""
        values = {"station": CHAIR, **at_chair(chair.two)}
        decision = chair.decide(identity.IdentifyPatient, "NURSE-A1", **values)
        assert isinstance(decision, Denied) and not decision.events
        reason = decision.reason
        assert (reason.rule, reason.answer, reason.waivable) == ("bench_occupied", ScanAnswer.STOP, True)
        assert chair.one.coi in reason.message and "(NURSE-A1)" in reason.message
        assert "clear" in reason.remedy

    def test_another_bench_is_free(self, chair: Case) -> None:
        """A terminal is a bench of its own."""
        assert identify(chair, chair.two, station="COLL-A-02").bench == "COLL-A-02"

    def test_steps_for_many_therapies_go_on(self, chair: Case) -> None:
        """Storage, transport, tests and paperwork are not at a bench."""
        identify(chair, chair.two, station="COLL-A-02")
        drafts = chair.do(
            identity.RegisterUnit,
            "NURSE-A1",
            station=CHAIR,
            coi=scan(chair.two.coi),
            material=Material.LEUKAPHERESIS,
        )
        assert drafts[0].payload.bench is None

    def test_what_happened_all_the_same(self, chair: Case) -> None:
        """Marked, with a second person and a deviation; then both are there, and each keeps the other out."""
        drafts = chair.do(
            identity.IdentifyPatient,
            "NURSE-A1",
            others="NURSE-A2 witnessed",
            station=CHAIR,
            outside_rules=CLINICAL,
            **at_chair(chair.two),
        )
        assert drafts[0].outside_rules == ("bench_occupied",)
        assert [draft.payload.kind for draft in drafts] == ["patient_identified", "deviation_drafted"]
        values = {"station": CHAIR, **at_chair(chair.one)}
        again = chair.refusal(identity.IdentifyPatient, "NURSE-A1", **values)
        assert again.rule == "bench_occupied" and chair.two.coi in again.message

    @pytest.mark.parametrize("mode", [EntryMode.LATE, EntryMode.IMPORTED, EntryMode.UNATTENDED])
    def test_later_entries_are_neither_judged_nor_do_they_take(self, chair: Case, mode: EntryMode) -> None:
        """They say where they were keyed; who was at which bench then is not known any more."""
        values = {"station": CHAIR, **at_chair(chair.two)}
        entry = EntryDeclaration(mode=mode, reason=Reason.NETWORK_DOWN)
        chair.later(hours=2)
        before = format_instant(chair.now - timedelta(hours=1))
        decision = chair.decide(
            identity.IdentifyPatient, "NURSE-A1", entry=entry, occurred_at=before, **values
        )
        assert isinstance(decision, Allowed) and decision.events[0].payload.bench is None

    def test_an_instrument_that_records_now_is_refused(self, chair: Case) -> None:
        """It happens here and now; but nobody stands there who would clear, so it takes nothing."""
        entry, values = EntryDeclaration(mode=EntryMode.UNATTENDED), {"station": CHAIR}
        refused = chair.refusal(
            identity.IdentifyPatient, "NURSE-A1", entry=entry, **values, **at_chair(chair.two)
        )
        assert refused.rule == "bench_occupied"
        clear(chair)
        taken = chair.decide(
            identity.IdentifyPatient, "NURSE-A1", entry=entry, **values, **at_chair(chair.two)
        )
        assert isinstance(taken, Allowed) and taken.events[0].payload.bench is None


class TestClearing:
    def test_then_the_next_may_come(self, chair: Case) -> None:
        """One signature, in the chain of the therapy that leaves."""
        payload = clear(chair)
        assert (payload.bench, payload.nothing_left, payload.labels) == (CHAIR, True, ())
        assert not chair.state.benches
        identify(chair, chair.two)
        again = chair.refusal(ClearLine, "NURSE-A1", station="COLL-A-02", nothing_left=True)
        assert (again.rule, again.answer) == ("bench_free", ScanAnswer.CHECK)

    def test_who_works_there(self, chair: Case) -> None:
        """Somebody with a role of a step at such a bench, at this site; nobody else."""
        for actor, rule in (("QA-A", "role_missing"), ("OPER-1", "role_elsewhere"), ("COUR-X1", "no_part")):
            refused = chair.refusal(ClearLine, actor, station=CHAIR, nothing_left=True)
            assert refused.rule == rule, (actor, refused)
        clear(chair, "TECH-A1")

    def test_from_another_terminal_of_the_site_only(self, chair: Case) -> None:
        """A broken terminal's bench is cleared at the next one; nobody clears what they cannot see."""
        values = {"bench": CHAIR, "nothing_left": True}
        assert chair.refusal(ClearLine, "OPER-1", station=CLEAN_ROOM, **values).rule == "bench_unknown"
        assert clear(chair, station="COLL-A-02", bench=CHAIR).bench == CHAIR

    def test_a_witness_where_cells_were_open(self, case: Cases) -> None:
        """The protocol's open-product steps make the second person look too."""
        given = case("made")
        given.benches_count = True
        at = {"station": CLEAN_ROOM, "nothing_left": True}
        missing = given.signature_refusal(ClearLine, "OPER-1", **at)
        assert missing.rule == "signature_missing" and "witnessed" in missing.message
        drafts = given.do(ClearLine, "OPER-1", others="OPER-2 witnessed", **at)
        assert [slot.meaning for slot in drafts[0].slots] == [Meaning.PERFORMED, Meaning.WITNESSED]

    def test_one_of_two(self, chair: Case) -> None:
        """What came there by mistake leaves; the other therapy stays."""
        identify(chair, chair.two, outside_rules=CLINICAL)
        clear(chair, coi=chair.two.coi)
        assert not chair.therapies[chair.two.coi].benches and CHAIR in chair.state.benches
        identify(chair, chair.two, outside_rules=CLINICAL)
        drafts = chair.do(ClearLine, "NURSE-A1", station=CHAIR, nothing_left=True)
        assert {draft.chain for draft in drafts} == {chair.one.coi, chair.two.coi}
        assert all(other not in draft.payload.model_dump_json() for draft in drafts
                   for other in {chair.one.coi, chair.two.coi} - {draft.chain})  # fmt: skip

    def test_material_that_is_still_there(self, case: Cases) -> None:
        """What by the record lies at the bench has to be taken away first."""
        given = case("collected")
        given.benches_count = True
        here = given.at_bench(CHAIR)[0].coi
        bag = given.one.bag if here == given.one.coi else given.two.bag
        given.change(bag, location=CHAIR)
        refused = given.refusal(ClearLine, "NURSE-A1", station=CHAIR, nothing_left=True)
        assert refused.rule == "material_left" and bag in refused.message
        given.change(bag, location=None)
        clear(given)

    def test_labels_that_are_on_nothing_yet(self, case: Cases) -> None:
        """Two more were printed here: one leaves with the therapy, the other has to be accounted for."""
        given = case("collected")
        given.benches_count = True
        here = given.at_bench(CHAIR)[0].coi
        bag = given.one.bag if here == given.one.coi else given.two.bag
        one, other = list(possible_copies(bag))[1:3]
        given.prints = tuple(
            PrintRecord(bag, copy.copy, PrintOutcome.PRINTED, station=CHAIR, unit=bag)
            for copy in (one, other)
        )
        declared = {"station": CHAIR, "nothing_left": True}
        refused = given.refusal(ClearLine, "NURSE-A1", **declared, labels=(Scan(code=one.text),))
        assert refused.rule == "labels_open"
        assert other.text in refused.message and one.text not in refused.message
        both = (Scan(code=one.text), Scan(code=other.text))
        assert clear(given, labels=both).labels == tuple(
            LabelCopy(object=bag, copy_letter=copy.copy) for copy in (one, other)
        )

    def test_who_looked_before_it_was_used_again(self, chair: Case) -> None:
        """A declaration that was frozen before the last step there is not signed any more."""
        request = chair.request(ClearLine, "NURSE-A1", station=CHAIR, nothing_left=True)
        frozen = chair.situation(request)
        chair.later(minutes=3)
        identify(chair, chair.one)
        now = chair.situation(request)
        decision = decide(replace(now, occurred_at=frozen.occurred_at), request)
        assert isinstance(decision, Denied) and decision.reason.rule == "bench_used_since"

    def test_a_late_clearing_does_not_clear_what_came_later(self, chair: Case) -> None:
        """It is the truth about its own time and about no other."""
        before = format_instant(chair.now + timedelta(minutes=5))
        chair.later(hours=1)
        identify(chair, chair.one)
        entry = EntryDeclaration(mode=EntryMode.LATE, reason=Reason.NETWORK_DOWN)
        clear(chair, entry=entry, occurred_at=before)
        assert CHAIR in chair.state.benches
        clear(chair)
        assert not chair.state.benches


class TestTyped:
    """Typed codes prove themselves, or two people typed them."""

    def quarantine(self, given: Case, **scan_values: Any) -> Any:
        """A step on the bag, its code typed."""
        typed = Scan(**{"code": scan(given.one.bag).code, "mode": ReadMode.MANUAL, **scan_values})
        return given.decide(processing.Quarantine, "QA-2", units=(typed,), reason="other")

    @pytest.mark.parametrize(
        ("values", "rule"),
        [
            ({"again": "CTUD23456789226V"}, "typed_differently"),
            ({"code": "LOT-4711"}, "typed_once"),
            ({"code": "LOT-4711", "again": "LOT-4712"}, "typed_differently"),
            ({"code": "LOT-4711", "again": "LOT-4711"}, "wrong_kind"),
        ],
    )
    def test_what_is_not_proved_is_refused(self, case: Cases, values: dict[str, str], rule: str) -> None:
        """A lot number typed once could be any; typed twice it is what it says, and then judged as such."""
        decision = self.quarantine(case("frozen"), **values)
        assert isinstance(decision, Denied) and decision.reason.rule == rule
        assert not decision.reason.waivable and not decision.events

    def test_an_id_without_check_characters(self, case: Cases) -> None:
        """The bare id is not what is printed under the symbol."""
        given = case("frozen")
        decision = self.quarantine(given, code=given.one.bag)
        assert isinstance(decision, Denied) and decision.reason.rule == "typed_without_check"

    def test_the_typist_does_not_confirm(self, case: Cases) -> None:
        """Also where somebody else did what is recorded."""
        given = case("frozen")
        typed = (Scan(code=scan(given.one.bag).code, mode=ReadMode.MANUAL),)
        values: dict[str, Any] = {"units": typed, "reason": "other", "entry": EntryDeclaration(by="TECH-A2")}
        refused = given.signature_refusal(processing.Quarantine, "QA-2", others="TECH-A2 verified", **values)
        assert refused.rule == "same_person" and "codes were typed by hand" in refused.message
        missing = given.signature_refusal(processing.Quarantine, "QA-2", **values)
        assert missing.rule == "signature_missing" and "typed by hand" in missing.message
        given.do(processing.Quarantine, "QA-2", others="TECH-A1 verified", **values)

    def test_scanned_codes_need_nobody(self, case: Cases) -> None:
        """A scanner makes no slips."""
        given = case("frozen")
        given.do(processing.Quarantine, "QA-2", units=scans(given.one.bag), reason="other")
