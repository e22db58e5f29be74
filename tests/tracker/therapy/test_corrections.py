"""What is changed afterwards: values by corrections, a running therapy by another protocol version."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.errors import InputError
from schema.events.identity import Corrected, ProtocolRepinned
from schema.events.processing import Collected, Quarantined, Tested
from schema.instants import format_instant
from schema.vocabulary import FinalDisposition, Material
from tests.support.journeys import World, freeze_bag
from tests.support.rule_cases import Case
from tracker.demo.journey import GOOD_RESULTS, scan
from tracker.protocols.library import parse_protocol, shipped
from tracker.registry.network.requests import AdoptProtocol
from tracker.rules.therapy_state import UnitState
from tracker.therapy.corrections import Correct
from tracker.therapy.course import RepinProtocol
from tracker.therapy.making import requests as processing

Worlds = Callable[[str], World]
Cases = Callable[[str], Case]
OUT_OF_STORAGE = 'until = "stored|packed|thaw_started"\nwithin = "'


class TestCorrections:
    def event(self, given: World, kind: str) -> str:
        """The id of the first event of a kind."""
        return next(
            entry.statement.event_id for entry in given.entries(given.one.coi) if entry.statement.kind == kind
        )

    def values(self, given: World, kind: str, field: str, new: str) -> dict[str, Any]:
        """A correction."""
        event = self.event(given, kind)
        return {
            "coi": scan(given.one.coi),
            "event": event,
            "field": field,
            "new": new,
            "reason": "keying_error",
        }

    def test_a_measured_value(self, world: Worlds) -> None:
        """One signature and a reason; both values stay, and the new one counts."""
        given = world("collected")
        old = str(given.state().units[given.one.bag].volume_ml)
        values = self.values(given, "collected", "volume_ml", "211.5")
        assert given.refusal(Correct, "NURSE-A1", **{**values, "reason": None}).error == "reason_missing"
        given.do(Correct, "NURSE-A1", **values)
        payload = given.entries(given.one.coi)[-1].statement.payload
        assert isinstance(payload, Corrected) and (payload.old, payload.new) == (old, "211.5")
        assert str(given.state().units[given.one.bag].volume_ml) == "211.5"

    def test_findings_a10_a_second_correction_says_what_stood(self, world: Worlds) -> None:
        """Not what was recorded first; and what stands is not corrected to itself."""
        given = world("collected")
        old = str(given.state().units[given.one.bag].volume_ml)
        for before, new in ((old, "211.5"), ("211.5", "190"), ("190", old)):
            given.do(Correct, "NURSE-A1", **self.values(given, "collected", "volume_ml", new))
            payload = given.entries(given.one.coi)[-1].statement.payload
            assert isinstance(payload, Corrected) and (payload.old, payload.new) == (before, new)
        again = given.refusal(Correct, "NURSE-A1", **self.values(given, "collected", "volume_ml", old))
        assert (again.error, again.field) == ("already_done", "new") and f"is {old} already" in again.message

    def test_findings_a10_corrected_back_after_the_release(self, case: Cases) -> None:
        """Recorded 250, corrected to 0.5, released, corrected to 250 again: what was released is held."""
        given = case("made")
        coi = {"coi": scan(given.one.coi)}
        for test, result in GOOD_RESULTS.items():
            said = "250" if test == "endotoxin" else result
            given.do(processing.RecordTest, "QA-2", test=test, result=said, **coi)
        event = next(
            one for one, said in given.statements.items()
            if isinstance(said.payload, Tested) and said.payload.test == "endotoxin"
        )  # fmt: skip
        right = {
            **coi,
            "event": event,
            "field": "result",
            "reason": "keying_error",
            "others": "QA-1 approved",
        }
        given.do(Correct, "QA-2", new="0.5", **right)
        products = given.one.frozen_scans(tuple(given.one.products))
        given.do(processing.Release, "QP-1", others="QA-2 reviewed", units=products)
        drafts = given.do(Correct, "QA-2", new="250", **right)
        assert [one.payload.kind for one in drafts] == ["corrected", "deviation_drafted", "quarantined"]
        assert isinstance(drafts[0].payload, Corrected) and drafts[0].payload.old == "0.5"
        assert drafts[1].payload.to_json()["cause"] == ["test_failed"]
        assert all(given.unit(one).quarantined for one in given.one.products)

    def test_what_it_breaks_is_a_finding(self, world: Worlds) -> None:
        """A result that fails once it is right, after the release: a deviation, and the product is held."""
        given = world("released")
        values = self.values(given, "tested", "result", "12")
        before = len(given.state().deviations)
        given.do(Correct, "QA-2", others="QA-1 approved", **values)
        _, drafted, held = (one.statement.payload for one in given.entries(given.one.coi)[-3:])
        assert drafted.kind == "deviation_drafted" and len(given.state().deviations) == before + 1
        assert "test_failed" in str(drafted.to_json()["cause"])
        assert held.kind == "quarantined" and held.to_json()["units"] == [*given.one.products]
        (deviation,) = [*given.state().open_deviations(given.one.products[0])]
        assert {*given.one.products} <= {*deviation.units} and given.one.bag not in deviation.units
        lift = {"units": given.one.frozen_scans(tuple(given.one.products)), "reason": "investigation_closed"}
        found = given.refusal(processing.LiftQuarantine, "QA-2", others="QP-1 approved", **lift)
        assert found.error == "not_assessed"

    def test_who_may_not_test_may_not_correct_a_result(self, world: Worlds) -> None:
        """A courier or a nurse puts no result right; quality may."""
        given = world("tested")
        values = self.values(given, "tested", "result", "93")
        for staff in ("COUR-X1", "NURSE-A1"):
            refused = given.refusal(Correct, staff, others="QA-1 approved", **values)
            assert refused.error in {"role_missing", "no_part"}
        given.do(Correct, "QA-2", others="QA-1 approved", **values)

    def test_findings_a1_a_display_that_was_misread(self, world: Worlds) -> None:
        """-60 C was typed as -184.2 C: with the right value come a deviation and quarantine."""
        given = world("packed")
        assert not given.state().units[given.one.bag].quarantined
        before = len(given.entries(given.one.coi))
        given.do(Correct, "TECH-A1", **self.values(given, "packed", "display_celsius", "-60"))
        added = given.entries(given.one.coi)[before:]
        assert [one.statement.kind for one in added] == ["corrected", "deviation_drafted", "quarantined"]
        assert added[1].statement.payload.to_json()["cause"] == ["out_of_band"]
        assert given.state().units[given.one.bag].quarantined

    def test_a_display_that_was_misread_within_its_band(self, world: Worlds) -> None:
        """Nothing follows from -179 C in place of -184.2 C; what is no temperature is bad input."""
        given = world("packed")
        before = len(given.entries(given.one.coi))
        given.do(Correct, "TECH-A1", **self.values(given, "packed", "display_celsius", "-179"))
        assert [one.statement.kind for one in given.entries(given.one.coi)[before:]] == ["corrected"]
        with pytest.raises(InputError):
            given.ask(Correct, "TECH-A1", **self.values(given, "packed", "display_celsius", "-999"))

    def test_a_collection_ends_after_it_started(self, world: Worlds) -> None:
        """Shelf life and limits count from this time; one before the start, or in 1975, is bad input."""
        given = world("collected")
        started = given.state().units[given.one.bag].facts["collection_started"].at
        for new in ("1975-01-01T00:00:00.000Z", format_instant(started - timedelta(minutes=1))):
            with pytest.raises(InputError, match="before it started"):
                given.ask(Correct, "NURSE-A1", **self.values(given, "collected", "ended_at", new))

    def test_findings_a10_a_corrected_end_that_breaks_a_limit(self, world: Worlds) -> None:
        """Frozen 47 h 50 min after the collection, which really ended an hour before: 48 h were passed."""
        given = world("collected")
        ended = given.state().units[given.one.bag].facts["collected"].at
        started = given.state().units[given.one.bag].facts["collection_started"].at
        given.clock.advance(started + timedelta(hours=48) - given.clock.now())
        freeze_bag(given.one)
        before = given.count()
        event = self.values(given, "collected", "ended_at", format_instant(ended - timedelta(minutes=1)))
        given.do(Correct, "NURSE-A1", others="QA-2 approved", **event)
        assert given.count() == before + 1
        event = self.values(given, "collected", "ended_at", format_instant(started))
        given.do(Correct, "NURSE-A1", others="QA-2 approved", **event)
        corrected, drafted, held = (one.statement for one in given.entries(given.one.coi)[-3:])
        assert (corrected.kind, drafted.kind, held.kind) == ("corrected", "deviation_drafted", "quarantined")
        assert drafted.payload.to_json()["cause"] == ["limit.collection_to_freeze"]
        assert held.payload.to_json()["units"] == [given.one.bag]
        assert given.state().deviations[drafted.event_id].units == (given.one.bag,)
        again = self.values(given, "collected", "ended_at", format_instant(started + timedelta(minutes=1)))
        before = given.count()
        given.do(Correct, "NURSE-A1", others="QA-2 approved", **again)
        assert given.count() == before + 1

    def test_findings_a10_what_was_made_of_it_is_held_too(self, case: Cases) -> None:
        """The starting material is used up; its released products are quarantined."""
        given = case("released")
        bag = given.unit(given.one.bag)
        ended = bag.facts["collected"].at
        event = given.happened(Collected(unit=bag.unit, volume_ml="210", ended_at=ended)).event_id
        facts = dict(given.unit(bag.unit).facts)
        facts["cryopreserved"] = replace(facts["cryopreserved"], at=ended + timedelta(hours=47, minutes=30))
        facts["collection_started"] = replace(facts["collection_started"], at=ended - timedelta(hours=2))
        given.change(bag.unit, facts=facts)
        given.do(
            Correct, "QA-2", others="QA-1 approved", coi=scan(given.one.coi), event=event, field="ended_at",
            new=format_instant(ended - timedelta(hours=1)), reason="keying_error",
        )  # fmt: skip
        assert all(given.unit(one).quarantined for one in given.one.products)
        assert not given.unit(bag.unit).quarantined

    @pytest.mark.parametrize(("minutes", "held"), [(9, False), (10, True)])
    def test_findings_a11_a_corrected_end_after_which_it_was_used_expired(
        self, case: Cases, minutes: int, *, held: bool
    ) -> None:
        """The shelf life counts from the collection; what was made of it too late is quarantined."""
        given = case("released")
        bag = given.unit(given.one.bag)
        ended = bag.facts["collected"].at
        event = given.happened(Collected(unit=bag.unit, volume_ml="210", ended_at=ended)).event_id
        facts = dict(given.unit(bag.unit).facts)
        facts["collection_started"] = replace(facts["collection_started"], at=ended - timedelta(hours=2))
        used = facts["manufacturing_started"].at
        given.change(bag.unit, facts=facts, expires_at=used + timedelta(minutes=10), expires_by=event)
        drafts = given.do(
            Correct, "QA-2", others="QA-1 approved", coi=scan(given.one.coi), event=event, field="ended_at",
            new=format_instant(ended - timedelta(minutes=minutes)), reason="keying_error",
        )  # fmt: skip
        causes = [one.payload.to_json()["cause"] for one in drafts if one.payload.kind == "deviation_drafted"]
        assert causes == [["expired"]] * held
        assert all(given.unit(one).quarantined is held for one in given.one.products)

    def test_findings_a10_what_was_made_of_what_travelled_warm_is_held(self, world: Worlds) -> None:
        """The bag that was packed at -60 C is used up; its released products are quarantined."""
        given = world("released")
        before = len(given.entries(given.one.coi))
        given.do(Correct, "QA-2", **self.values(given, "packed", "display_celsius", "-60"))
        added = [one.statement.payload for one in given.entries(given.one.coi)[before:]]
        assert [one.kind for one in added] == ["corrected", "deviation_drafted", "quarantined"]
        held = added[2]
        assert isinstance(held, Quarantined) and {*held.units} >= {*given.one.products}
        assert given.one.bag not in held.units

    def test_findings_a10_what_was_drawn_of_it_is_held_too(self, case: Cases) -> None:
        """Of a product that was given and the syringe drawn from it, the syringe alone can still be held."""
        given = case("made")
        coi = {"coi": scan(given.one.coi)}
        for test, result in GOOD_RESULTS.items():
            given.do(processing.RecordTest, "QA-2", test=test, result=result, **coi)
        products = tuple(given.one.products)
        given.do(processing.Release, "QP-1", others="QA-2 reviewed", units=given.one.frozen_scans(products))
        for one in products:
            given.change(one, final=FinalDisposition.INFUSED)
        syringe = UnitState("UD22222222X", Material.SYRINGE, (products[0],))
        given.therapies[given.one.coi] = given.state.with_unit(syringe)
        event = next(
            one for one, said in given.statements.items()
            if isinstance(said.payload, Tested) and said.payload.test == "endotoxin"
        )  # fmt: skip
        drafts = given.do(
            Correct, "QA-2", others="QA-1 approved", event=event, field="result", new="250",
            reason="keying_error", **coi,
        )  # fmt: skip
        assert [one.payload.kind for one in drafts] == ["corrected", "deviation_drafted", "quarantined"]
        assert drafts[2].payload.to_json()["units"] == [syringe.unit]

    def test_a_failed_result_that_fails_still_breaks_nothing_new(self, case: Cases) -> None:
        """Released out of specification with 250; 260 is what it was released with all the same."""
        given = case("made")
        coi = {"coi": scan(given.one.coi)}
        for test, result in GOOD_RESULTS.items():
            said = "250" if test == "endotoxin" else result
            given.do(processing.RecordTest, "QA-2", test=test, result=said, **coi)
        products = given.one.frozen_scans(tuple(given.one.products))
        given.do(
            processing.ReleaseOutOfSpecification, "QP-1", others="DOC-A1 approved", units=products,
            reason="clinical_need",
        )  # fmt: skip
        event = next(
            one for one, said in given.statements.items()
            if isinstance(said.payload, Tested) and said.payload.test == "endotoxin"
        )  # fmt: skip
        drafts = given.do(
            Correct, "QA-2", others="QA-1 approved", event=event, field="result", new="260",
            reason="keying_error", **coi,
        )  # fmt: skip
        assert [one.payload.kind for one in drafts] == ["corrected"]

    def test_a_result_needs_a_second_signature(self, world: Worlds) -> None:
        """Quality approves; then the corrected result is judged."""
        given = world("tested")
        values = self.values(given, "tested", "result", "12")
        assert given.refusal(Correct, "QA-2", **values).error == "signature_missing"
        assert given.refusal(Correct, "QA-2", others="OPER-1 approved", **values).error == "role_missing"
        given.do(Correct, "QA-2", others="QP-1 approved", **values)
        units = given.one.frozen_scans(tuple(given.one.products))
        found = given.refusal(processing.Release, "QP-1", others="QA-2 reviewed", units=units)
        assert found.error == "test_failed"

    @pytest.mark.parametrize(
        ("kind", "field"),
        [
            ("collection_started", "din"),
            ("collection_started", "unit"),
            ("cassette_bound", "cassette"),
            ("accepted", "custodian"),
            ("packed", "seal"),
            ("enrolled", "coi"),
            ("released", "units"),
            ("collected", "colour"),
            ("collected", "__class__"),
        ],
    )
    def test_identity_never(self, world: Worlds, kind: str, field: str) -> None:
        """Identity, custody and disposition are undone by their own events."""
        given = world("released")
        values = self.values(given, kind, field, "UD234567892") if field != "__class__" else None
        if values is None:
            with pytest.raises(ValueError, match="field"):
                given.request(Correct, "QA-2", **self.values(given, kind, field, "x"))
            return
        assert given.refusal(Correct, "QA-2", **values).error == "not_correctable"

    def test_of_this_therapy_only(self, world: Worlds) -> None:
        """An event of another chain cannot be corrected here, nor a value become what it cannot be."""
        given = world("collected")
        foreign = given.entries(given.two.coi)[-1].statement.event_id
        values = self.values(given, "collected", "volume_ml", "200")
        assert given.refusal(Correct, "NURSE-A1", **{**values, "event": foreign}).error == "event_unknown"
        for nonsense in ("many", "1e3", "NaN", "-4"):
            with pytest.raises(InputError):
                given.ask(Correct, "NURSE-A1", **{**values, "new": nonsense})


class TestOtherVersions:
    def adopt_second_version(self, given: World) -> None:
        """Version 2 of the protocol, in which a match holds for two hours, and a bag out of storage too."""
        content = shipped("autologous-cryopreserved").content.decode()
        second = parse_protocol(
            content.replace("version = 1\n", "version = 2\n", 1)
            .replace('within = "PT1H"', 'within = "PT2H"')
            .replace(f"{OUT_OF_STORAGE}PT30M", f"{OUT_OF_STORAGE}PT2H")
            .replace('title = "Start the thaw"', 'title = "Begin the thaw"')
            .encode()
        )
        request = given.request(
            AdoptProtocol,
            "QA-1",
            others="ADMIN-1 approved",
            protocol=second.protocol.id,
            version=2,
            sha256=second.sha256,
            title=second.protocol.title,
        )
        assert isinstance(request, AdoptProtocol)
        answer = given.tracker.adopt_protocol(
            file=second,
            request=request,
            signers=[*given.network.signers.values()],
        )
        assert answer.ok, answer.problem

    def test_a_running_therapy_keeps_its_version(self, world: Worlds) -> None:
        """Only two people of quality move it, with a reason; the steps that differ are named."""
        given = world("matched")
        coi = scan(given.one.coi)
        asked = {"coi": coi, "version": 2, "reason": "other"}
        assert given.refusal(RepinProtocol, "QA-2", **asked).error == "protocol_unknown"
        self.adopt_second_version(given)
        assert given.state().protocol.version == 1
        values = {"coi": coi, "version": 2}
        assert given.refusal(RepinProtocol, "QA-2", **values).error == "reason_missing"
        values["reason"] = "other"
        assert given.refusal(RepinProtocol, "QA-2", **values).error == "signature_missing"
        given.do(RepinProtocol, "QA-2", others="QP-1 approved", **values)
        payload = given.entries(given.one.coi)[-1].statement.payload
        assert isinstance(payload, ProtocolRepinned) and payload.steps_changed == (
            "Begin the thaw",
            "Start the thaw",
        )
        assert given.state().protocol.version == 2
        assert given.refusal(RepinProtocol, "QA-2", **values).error == "already_done"

    def test_the_new_limits_count_from_then_on(self, world: Worlds) -> None:
        """Ninety minutes after the match the thaw is too late by version 1 and in time by version 2."""
        given = world("matched")
        self.adopt_second_version(given)
        given.one.wait(minutes=90)
        units = given.one.frozen_scans((given.one.products[0],))
        assert given.refusal(processing.StartThaw, "LAB-A1", units=units).error == "limit.match_to_thaw"
        given.do(
            RepinProtocol,
            "QA-2",
            others="QP-1 approved",
            coi=scan(given.one.coi),
            version=2,
            reason="other",
        )
        given.do(processing.StartThaw, "LAB-A1", units=units)

    def test_a_new_therapy_takes_the_newest(self, world: Worlds) -> None:
        """Enrolled after the adoption it runs by version 2 from its first day."""
        given = world("enrolled")
        self.adopt_second_version(given)
        third = dataclasses.replace(given.one, number=3, coi="", bag="")
        third.enroll()
        assert (third.state.protocol.version, given.state().protocol.version) == (2, 1)
