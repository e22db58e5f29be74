"""Times: the clocks of the protocol, judged by when it happened, and the order in which things happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from msgspec.structs import replace

from schema.entry import Statement
from schema.events import processing as events
from schema.instants import format_instant
from schema.vocabulary import Material, PartyType
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tracker.demo.journey import party, scan
from tracker.protocols.model import Limit
from tracker.requests.base import Scan
from tracker.rules.clocks import running_clocks
from tracker.rules.decision import Allowed
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels.requests import ApplyLabel
from tracker.therapy.making import requests as processing

LATE: Final = {"mode": "late", "reason": "network_down"}
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


class TestTime:
    def test_no_step_happens_before_the_one_it_waits_for(self, case: Cases) -> None:
        """A late entry cannot put the thaw before the match, nor before the release."""
        given = case("matched")
        matched = given.unit(given.one.products[0]).facts["pre_thaw_matched"].at
        for before in (matched - timedelta(minutes=10), matched - timedelta(days=9)):
            found = given.refusal(
                processing.StartThaw,
                "LAB-A1",
                occurred_at=format_instant(before),
                entry=LATE,
                **cassette(given),
            )
            assert found.rule in ("too_early", "not_released") and found.waivable
        # Two stations' clocks differ a little, and paper knows no seconds.
        given.do(
            processing.StartThaw,
            "LAB-A1",
            occurred_at=format_instant(matched - timedelta(seconds=90)),
            entry=LATE,
            others="LAB-A2 verified",
            **cassette(given),
        )

    def test_released_later_is_not_released_then(self, case: Cases) -> None:
        """A match entered late is judged by the release at that time."""
        given = case("at_hand")
        unit = given.unit(given.one.products[0])
        released = replace(unit.facts["released"], at=given.now - timedelta(minutes=5))
        given.change(unit.unit, facts={**unit.facts, "released": released})
        found = given.refusal(
            identity.MatchBeforeThaw,
            "LAB-A1",
            coi=scan(given.one.coi),
            patient=given.one.wristband(),
            occurred_at=format_instant(given.now - timedelta(minutes=20)),
            entry=LATE,
            **cassette(given),
        )
        assert found.rule == "not_released"

    def test_what_happened_outside_the_rules_rests_on_two_people_already(self, case: Cases) -> None:
        """A second person signs it anyway: nobody is told of the declared time beside that."""
        given = out_of_storage(case)
        there = {"units": given.one.frozen_scans((given.one.bag,)), "location": freezer(given)}
        said = {**there, "entry": LATE, "occurred_at": format_instant(given.now - timedelta(seconds=60))}
        for outside, notices in ((None, ["declared_time"]), ({"reason": "other"}, [])):
            decision = given.decide(custody.StoreUnits, "TECH-A1", outside_rules=outside, **said)
            assert isinstance(decision, Allowed)
            assert [one.rule for one in decision.notices if one.rule == "declared_time"] == notices

    def test_findings_a9_nothing_goes_back_to_where_it_was(self, case: Cases) -> None:
        """No "put away" is entered once the bag came out again: by the record it would lie in there."""
        given = case("frozen")
        there = {"units": given.one.frozen_scans((given.one.bag,)), "location": freezer(given)}
        put_away = given.unit(given.one.bag).facts["stored"].at
        given.later(hours=2)
        given.do(custody.Retrieve, "TECH-A1", **there)
        for ago in (timedelta(minutes=3, seconds=1), timedelta(hours=1)):
            said = {**there, "entry": LATE, "occurred_at": format_instant(given.now - ago)}
            found = given.refusal(custody.StoreUnits, "TECH-A1", **said)
            assert (found.rule, found.waivable) == ("too_early", True)
            assert "was done only later" in found.message and put_away < given.now - ago
            given.later(minutes=1)
        # Two stations' clocks differ a little.
        given = out_of_storage(case)
        said = {**there, "entry": LATE, "occurred_at": format_instant(given.now - timedelta(seconds=60))}
        given.do(custody.StoreUnits, "TECH-A1", others="TECH-A2 verified", **said)


class TestLimits:
    def test_within_and_beyond(self, case: Cases) -> None:
        """Each clock of the protocol stops its step from the first minute beyond it."""
        for limit, stage, request_class, actor, values in (
            ("match_to_thaw", "matched", processing.StartThaw, "LAB-A1", cassette),
            ("thaw_to_infusion", "bedside", processing.StartInfusion, "DOC-A1", product),
            ("bedside_match_to_infusion", "bedside", processing.StartInfusion, "DOC-A1", product),
            ("infusion_duration", "infusing", processing.CompleteInfusion, "DOC-A1", infused),
        ):
            given = case(stage)
            found = next(one for one in given.protocol.limits if one.name == limit)
            unit = given.unit(given.one.products[0])
            facts = dict(unit.facts)
            if limit == "thaw_to_infusion":
                facts["bedside_matched"] = replace(facts["bedside_matched"], at=given.now)
            start = replace(facts[found.start], at=given.now + timedelta(minutes=1) - found.within)
            given.change(unit.unit, facts={**facts, found.start: start})
            given.do(request_class, actor, **values(given))
            given.change(unit.unit, facts=facts, final=None, custodian=unit.custodian)
            late = replace(start, at=start.at + timedelta(milliseconds=-1) + timedelta(minutes=1))
            given.change(unit.unit, facts={**facts, found.start: late})
            refusal = given.refusal(request_class, actor, **values(given))
            assert refusal.rule == f"limit.{limit}" and found.title in refusal.message and refusal.waivable

    def test_what_is_being_given_is_not_put_into_quarantine(self, case: Cases) -> None:
        """Begun two minutes late all the same: a deviation; before the patient nothing is held."""
        given = case("bedside")
        unit = given.unit(given.one.products[0])
        late = replace(unit.facts["thaw_ended"], at=given.now - timedelta(minutes=31))
        given.change(unit.unit, facts={**unit.facts, "thaw_ended": late})
        drafts = given.do(
            processing.StartInfusion, "DOC-A1", others="PHARM-A witnessed",
            outside_rules={"reason": "time_limit_exceeded"}, **product(given),
        )  # fmt: skip
        assert [one.payload.kind for one in drafts] == ["infusion_started", "deviation_drafted"]
        assert drafts[0].outside_rules == ("limit.thaw_to_infusion",)
        assert not given.unit(unit.unit).quarantined

    def test_collection_to_freeze(self, case: Cases) -> None:
        """48 hours from the end of the collection to the freezer."""
        given = case("frozen")
        unit = given.unit(given.one.bag)
        kept = ("collected", "cassette_bound", "label_applied")
        facts = {kind: fact for kind, fact in unit.facts.items() if kind in kept}
        facts["collected"] = replace(facts["collected"], at=given.now - timedelta(hours=48))
        tech = party(PartyType.PERSON, "TECH-A1")
        given.change(unit.unit, facts=facts, location=None, custodian=tech)
        bag_frozen = {"units": given.one.frozen_scans((given.one.bag,))}
        found = given.refusal(processing.Cryopreserve, "TECH-A1", **bag_frozen)
        assert found.rule == "limit.collection_to_freeze" and "1 min" in found.message

    def test_judged_by_when_it_happened(self, case: Cases) -> None:
        """Entered an hour late, an infusion that began in time is in time, by the word of two people."""
        given = case("bedside")
        began = given.now + timedelta(minutes=2)
        given.later(hours=1)
        assert given.refusal(processing.StartInfusion, "DOC-A1", **product(given)).rule.startswith("limit.")
        late = {**product(given), "occurred_at": format_instant(began), "entry": LATE}
        found = given.signature_refusal(processing.StartInfusion, "DOC-A1", **late)
        assert found.rule == "signature_missing" and "verified" in found.message
        assert "in order only by the time declared for it" in found.message
        given.do(processing.StartInfusion, "DOC-A1", others="DOC-A2 verified", **late)
        fact = given.unit(given.one.products[0]).facts["infusion_started"]
        assert fact.at == began

    def test_findings_a9_what_grew_old_is_the_match(self, case: Cases) -> None:
        """An identity that was compared too long ago says nothing of the cells: no quarantine."""
        given = case("matched")
        facts = given.unit(given.one.products[0]).facts
        matched = replace(facts["pre_thaw_matched"], at=given.now - timedelta(hours=1))
        given.change(given.one.products[0], facts={**facts, "pre_thaw_matched": matched})
        drafts = given.do(
            processing.StartThaw,
            "LAB-A1",
            others="LAB-A2 witnessed",
            outside_rules={"reason": "patient_not_ready"},
            **cassette(given),
        )
        assert drafts[0].outside_rules == ("limit.match_to_thaw",)
        assert [one.payload.kind for one in drafts] == ["thaw_started", "deviation_drafted"]

    def test_findings_a9_what_was_made_too_late_is_held(self, case: Cases) -> None:
        """The starting material is used up by the act; the containers filled from it go into quarantine."""
        given = case("received")
        culture = Limit.model_validate(
            {
                "name": "culture", "title": "Culture", "start": "manufacturing_started",
                "until": "manufactured", "within": "P10D", "materials": ["leukapheresis"], "source": "x",
            }
        )  # fmt: skip
        limits = (*given.protocol.limits, culture)
        given.protocol = given.protocol.model_copy(update={"limits": limits})
        given.happened(events.ManufacturingStarted(units=(given.one.bag,)), actor="OPER-1")
        given.change(given.one.bag, location=None, custodian=party(PartyType.PERSON, "OPER-1"))
        given.do(
            identity.RegisterUnit,
            "OPER-1",
            coi=scan(given.one.coi),
            material=Material.PRODUCT,
            number=1,
            of=1,
        )
        product = [*given.state.units][-1]
        given.do(ApplyLabel, "OPER-1", units=scans(product))
        given.later(days=10)
        drafts = given.do(
            processing.CompleteManufacturing, "OPER-1", others="OPER-2 witnessed",
            units=given.one.frozen_scans((given.one.bag,)),
            children=(processing.ChildGiven(unit=scan(product), volume_ml="70"),),
            outside_rules={"reason": "time_limit_exceeded"},
        )  # fmt: skip
        assert [one.payload.kind for one in drafts] == ["manufactured", "deviation_drafted", "quarantined"]
        assert drafts[1].payload.to_json()["cause"] == ["limit.culture"]
        assert drafts[2].payload.to_json()["units"] == [product]
        assert given.unit(product).quarantined and not given.unit(given.one.bag).quarantined

    def test_two_minutes_too_late_is_recorded_and_marked(self, case: Cases) -> None:
        """It happened: two people sign it, a deviation is drafted, and the therapy is red for ever."""
        given = case("bedside")
        given.later(minutes=16)
        drafts = given.do(
            processing.StartInfusion,
            "DOC-A1",
            others="DOC-A2 witnessed",
            outside_rules={"reason": "time_limit_exceeded"},
            **product(given),
        )
        started, deviation = drafts
        assert started.outside_rules == ("limit.bedside_match_to_infusion",)
        assert deviation.payload.kind == "deviation_drafted"
        (red,) = given.state.outside
        statement: Statement = given.statements[red]
        assert statement.kind == "infusion_started" and str(statement.payload.reason) == "time_limit_exceeded"
        given.do(processing.CompleteInfusion, "DOC-A1", **infused(given))
        assert given.state.outside == (red,)


class TestDeclared:
    """A declared time is somebody's word, and nobody's word alone stops a clock that has run out."""

    @pytest.mark.parametrize(
        ("mode", "others"), [("late", 1), ("imported", 1), ("unattended", 1), ("paper", 0)]
    )
    def test_findings_a9_put_away_five_minutes_later(self, case: Cases, mode: str, others: int) -> None:
        """Said an hour after it came out of storage; paper has its two people already."""
        given = out_of_storage(case)
        said = put_away(given, minutes=5, mode=mode)
        given.later(minutes=59)
        decision = given.decide(custody.StoreUnits, "TECH-A1", **said)
        assert isinstance(decision, Allowed), decision
        meanings = [slot.meaning.value for slot in decision.events[0].slots]
        assert meanings == (["performed", "verified"] if others else ["transcribed", "verified"])
        assert [one.rule for one in decision.notices] == ["declared_time"] * others
        if others:
            alone = given.signature_refusal(custody.StoreUnits, "TECH-A1", **said)
            assert alone.rule == "signature_missing"
            assert "Time out of storage: 30 min allowed" in decision.notices[0].message
            itself = given.signature_refusal(custody.StoreUnits, "TECH-A1", others="TECH-A1 verified", **said)
            assert itself.rule == "same_person"
        signed = "TECH-A1 performed, TECH-A2 verified" if others else "TECH-A1 transcribed, TECH-A2 verified"
        given.do(custody.StoreUnits, "TECH-A1", signed=signed, **said)
        assert "leukapheresis_out_of_storage" not in {
            one.name for one in running_clocks(given.state, given.protocol) if one.unit == given.one.bag
        }

    @pytest.mark.parametrize("mode", ["late", "unattended"])
    def test_findings_a9_no_memory_stops_a_clock_that_runs(self, case: Cases, mode: str) -> None:
        """At 29 minutes of 30 said to have gone back after one: another person has to say so too."""
        given = out_of_storage(case)
        said = put_away(given, minutes=1, mode=mode)
        given.later(minutes=29)
        decision = given.decide(custody.StoreUnits, "TECH-A1", **said)
        assert isinstance(decision, Allowed), decision
        assert [slot.meaning.value for slot in decision.events[0].slots] == ["performed", "verified"]
        (notice,) = decision.notices
        assert notice.rule == "declared_time"
        assert notice.message.startswith(
            "Time out of storage: it ends after 1 min by the declared time, and "
        )
        alone = given.signature_refusal(custody.StoreUnits, "TECH-A1", **said)
        assert alone.rule == "signature_missing"
        given.do(custody.StoreUnits, "TECH-A1", signed="TECH-A1 performed, TECH-A2 verified", **said)
        again = {**said, "occurred_at": format_instant(given.now)}
        (taken,) = given.do(custody.Retrieve, "TECH-A1", **again)
        assert [slot.meaning.value for slot in taken.slots] == ["performed"]

    def test_findings_a9_nor_one_that_the_step_clears(self, case: Cases) -> None:
        """Two hours from the removal to the infusion: put back, it runs no more, by the word of two."""
        given = out_of_storage(case)
        cleared = Limit.model_validate(
            {
                "name": "to_infusion", "title": "Removal to infusion", "start": "retrieved",
                "until": "infusion_completed", "within": "PT2H", "cleared_by": ["stored"], "source": "x",
            }
        )  # fmt: skip
        given.protocol = given.protocol.model_copy(update={"limits": (cleared,)})
        said = put_away(given, minutes=1)
        given.later(minutes=29)
        decision = given.decide(custody.StoreUnits, "TECH-A1", **said)
        assert isinstance(decision, Allowed), decision
        assert [slot.meaning.value for slot in decision.events[0].slots] == ["performed", "verified"]

    def test_findings_a9_who_keyed_it_does_not_confirm_it(self, case: Cases) -> None:
        """The declared time is the word of whoever keyed it, also where somebody else did the step."""
        given = out_of_storage(case)
        said = put_away(given, minutes=5)
        said["entry"] = {**said["entry"], "by": "TECH-A2"}
        given.later(minutes=59)
        keyed = given.signature_refusal(custody.StoreUnits, "TECH-A1", others="TECH-A2 verified", **said)
        assert keyed.rule == "same_person"

    def test_findings_a9_what_another_system_recorded_needs_no_second(self, case: Cases) -> None:
        """Within its time an import stands by itself: the time is not told from memory."""
        given = out_of_storage(case)
        said = put_away(given, minutes=5, mode="imported")
        given.later(minutes=23)
        (stored,) = given.do(custody.StoreUnits, "TECH-A1", **said)
        assert [slot.meaning.value for slot in stored.slots] == ["performed"]

    @pytest.mark.parametrize(
        ("mode", "late", "stops"),
        [
            ("late", timedelta(hours=24), False),
            ("late", timedelta(hours=24, seconds=1), True),
            ("unattended", timedelta(hours=24, seconds=1), True),
            ("paper", timedelta(days=9), False),
            ("imported", timedelta(days=9), False),
        ],
    )
    def test_findings_a9_from_memory_for_a_day(
        self, case: Cases, mode: str, late: timedelta, *, stops: bool
    ) -> None:
        """Later it comes off a form or out of another system, or happened outside the rules."""
        given = case("frozen")
        said = given.now
        given.later(seconds=late.total_seconds() - 60)
        values = {
            "units": scans(given.one.bag), "reason": "other", "occurred_at": format_instant(said),
            "entry": {"mode": mode, "reason": "network_down"},
        }  # fmt: skip
        if not stops:
            signed = "QA-2 transcribed, QA-1 verified" if mode == "paper" else None
            given.do(processing.Quarantine, "QA-2", signed=signed, **values)
            return
        found = given.refusal(processing.Quarantine, "QA-2", **values)
        assert (found.rule, found.field, found.waivable) == ("entered_too_late", "occurred_at", True)
        assert "nothing is entered from memory more than a day later" in found.message
        drafts = given.do(
            processing.Quarantine,
            "QA-2",
            others="TECH-A1 witnessed",
            outside_rules={"reason": "other"},
            **values,
        )
        assert drafts[0].outside_rules == ("entered_too_late",)
        assert drafts[1].payload.to_json()["cause"] == ["entered_too_late"]

    def test_findings_g1_no_decision_is_dated_back_by_days(self, case: Cases) -> None:
        """It counts from when it is taken, and no form brings it outside the rules."""
        given = case("tested")
        given.later(hours=25)
        values = {
            "units": given.one.frozen_scans(tuple(given.one.products)), "entry": LATE,
            "occurred_at": format_instant(given.now - timedelta(hours=25)), "others": "QA-2 reviewed",
        }  # fmt: skip
        found = given.refusal(processing.Release, "QP-1", **values)
        assert found.rule == "entered_too_late" and not found.waivable
        assert found.remedy == "Decide it now, and leave out the time."


def out_of_storage(case: Cases) -> Case:
    """The frozen bag, just retrieved."""
    given = case("frozen")
    units = {"units": given.one.frozen_scans((given.one.bag,)), "location": freezer(given)}
    given.do(custody.Retrieve, "TECH-A1", **units)
    return given


def freezer(given: Case) -> Scan:
    """The one in which the bag lies."""
    return scan(given.one.network.storage["COLL-A"])


def put_away(given: Case, *, minutes: int, mode: str = "late") -> dict[str, Any]:
    """Said to have gone back so many minutes from now."""
    return {
        "units": given.one.frozen_scans((given.one.bag,)), "location": freezer(given),
        "occurred_at": format_instant(given.now + timedelta(minutes=minutes)),
        "entry": {"mode": mode, "reason": "network_down"},
    }  # fmt: skip
