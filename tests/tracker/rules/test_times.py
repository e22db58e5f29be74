"""Times: the clocks of the protocol, judged by when it happened, and the order in which things happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from schema.entry import Statement
from schema.instants import format_instant
from schema.vocabulary import PartyType
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tracker.demo.journey import party, scan
from tracker.therapy.identity import requests as identity
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
                entry={"mode": "late", "reason": "network_down"},
                **cassette(given),
            )
            assert found.rule in ("too_early", "not_released") and found.waivable
        # Two stations' clocks differ a little, and paper knows no seconds.
        given.do(
            processing.StartThaw,
            "LAB-A1",
            occurred_at=format_instant(matched - timedelta(seconds=90)),
            entry={"mode": "late", "reason": "network_down"},
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
            entry={"mode": "late", "reason": "network_down"},
            **cassette(given),
        )
        assert found.rule == "not_released"


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
        """Entered an hour late, an infusion that began in time is in time."""
        given = case("bedside")
        began = given.now + timedelta(minutes=2)
        given.later(hours=1)
        assert given.refusal(processing.StartInfusion, "DOC-A1", **product(given)).rule.startswith("limit.")
        late = {"mode": "late", "reason": "network_down"}
        given.do(
            processing.StartInfusion,
            "DOC-A1",
            occurred_at=format_instant(began),
            entry=late,
            **product(given),
        )
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
