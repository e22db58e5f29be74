"""Clocks that run ahead, and the one way in which recorded times go back."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schema.entry import REGISTRY
from schema.errors import ClockAhead, ClockBehind
from schema.events.registry import ClockCorrected
from schema.vocabulary import ClockKind, Purpose
from tests.support.commands import PASSWORDS, PINS
from tests.support.journeys import START, World
from tests.support.stores import sqlite_url
from tests.tracker.acts.test_strict_writer import hub_of
from tracker.acts import clocks
from tracker.bundle.export import BundleWish, export_bundle
from tracker.bundle.verification import verify_bundle
from tracker.clock import SimulatedClock
from tracker.demo import cast
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.ledger.compiled import Compiled
from tracker.ledger.postgres_session import PostgresSession
from tracker.new_store import FounderAccount, NewStore
from tracker.people.passwords import WEAK
from tracker.people.signer import Signer
from tracker.registry.network.requests import ConfirmClock, CorrectClock
from tracker.registry.people.requests import AddPerson
from tracker.therapy.deviations import OpenDeviation
from tracker.tracker import Environment, Tracker

Worlds = Callable[[str], World]


def turn(given: World, moment: datetime) -> None:
    """Somebody sets the machine's clock, forward or back."""
    given.clock._now = moment


def opened(given: World, coi: str, description: str = "x") -> dict[str, Any]:
    """A deviation opened in a therapy."""
    return {"coi": scan(coi), "category": "other", "description": description}


def verified(given: World) -> Any:
    """The report of verification."""
    return verify_store(given.url, clock=given.clock)


class TestBehind:
    def test_up_to_two_minutes_behind_the_predecessor(self, shared: World) -> None:
        """120 s behind it repeats the predecessor's time, a second more is refused."""
        shared.do(OpenDeviation, "NURSE-A1", **opened(shared, shared.one.coi))
        before = shared.clock.now()
        turn(shared, before - timedelta(seconds=180))
        shared.do(OpenDeviation, "NURSE-A1", **opened(shared, shared.one.coi))
        assert shared.entries(shared.one.coi)[-1].recorded_at == before
        turn(shared, before - timedelta(seconds=181))
        with pytest.raises(ClockBehind, match="121 s behind"):
            shared.ask(OpenDeviation, "NURSE-A1", **opened(shared, shared.one.coi))
        assert verified(shared).exit_code == 0

    def test_up_to_two_minutes_behind_the_registry(self, shared: World) -> None:
        """In another chain the registry's head is what counts; there the clock's own time is written."""
        shared.do(AddPerson, "ADMIN-1", staff="NEW-1", printed_name="New")
        before = shared.clock.now()
        turn(shared, before - timedelta(seconds=180))
        shared.do(OpenDeviation, "NURSE-A1", **opened(shared, shared.one.coi))
        assert shared.entries(shared.one.coi)[-1].recorded_at == before - timedelta(seconds=120)
        turn(shared, before - timedelta(seconds=182))
        with pytest.raises(ClockBehind):
            shared.ask(OpenDeviation, "NURSE-A1", **opened(shared, shared.two.coi))
        assert verified(shared).exit_code == 0


class TestCorrected:
    def ahead(self, given: World) -> datetime:
        """A clock a year ahead makes one entry in the registry and one in a therapy; then it is set right."""
        true = given.clock.now()
        turn(given, true + timedelta(days=365))
        given.do(AddPerson, "ADMIN-1", staff="NEW-1", printed_name="New")
        given.do(OpenDeviation, "NURSE-A1", **opened(given, given.one.coi))
        turn(given, true + timedelta(minutes=10))
        for coi in (given.one.coi, given.two.coi):
            with pytest.raises(ClockBehind, match="behind what the ledger") as caught:
                given.ask(OpenDeviation, "NURSE-A1", **opened(given, coi))
            assert "correct-clock" in caught.value.remedy
        return given.clock.now()

    def test_findings_g7_time_goes_back_behind_the_correction(self, shared: World) -> None:
        """Two people, one of quality, correct the clock; everybody records again, and the store verifies."""
        true = self.ahead(shared)
        shared.do(CorrectClock, "ADMIN-1", others="QA-2 approved", reason="instrument_error")
        correction = shared.entries(REGISTRY)[-1]
        assert isinstance(correction.statement.payload, ClockCorrected)
        assert correction.statement.payload.corrected_to == shared.clock.now()
        assert correction.recorded_at > true + timedelta(days=360)
        for coi in (shared.one.coi, shared.two.coi):
            shared.do(OpenDeviation, "NURSE-A1", **opened(shared, coi))
            assert shared.entries(coi)[-1].recorded_at == shared.clock.now()
        shared.do(AddPerson, "ADMIN-1", staff="NEW-2", printed_name="New too")
        assert shared.entries(REGISTRY)[-1].recorded_at == shared.clock.now()
        shared.do(OpenDeviation, "NURSE-A1", **opened(shared, shared.one.coi))
        report = verified(shared)
        assert report.exit_code == 0, report.findings

    def test_findings_g7_the_time_is_believed_from_there_on(self, world: Worlds) -> None:
        """One correction is no permission for ever: the next step back is refused as before."""
        given = world("collected")
        self.ahead(given)
        given.do(CorrectClock, "ADMIN-1", others="QA-2 approved", reason="instrument_error")
        given.do(OpenDeviation, "NURSE-A1", **opened(given, given.one.coi))
        turn(given, given.clock.now() - timedelta(hours=1))
        with pytest.raises(ClockBehind):
            given.ask(OpenDeviation, "NURSE-A1", **opened(given, given.one.coi))

    @pytest.mark.parametrize(
        ("actor", "others", "error"),
        [
            ("ADMIN-1", "", "signature_missing"),
            ("ADMIN-1", "ADMIN-1 approved", "same_person"),
            ("ADMIN-1", "TECH-A1 approved", "role_missing"),
            ("TECH-A1", "QA-2 approved", "role_missing"),
        ],
    )
    def test_findings_g7_two_people_one_of_quality(
        self, actor: str, others: str, error: str, world: Worlds
    ) -> None:
        """Nobody else may let recorded times go back."""
        given = world("collected")
        self.ahead(given)
        assert given.refusal(CorrectClock, actor, others=others, reason="other").error == error

    def test_findings_g7_without_a_correction_it_is_found(
        self, world: Worlds, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A writer that lets time go back by itself is found by verification."""
        given = world("collected")
        true = given.clock.now()
        turn(given, true + timedelta(hours=1))
        given.do(OpenDeviation, "NURSE-A1", **opened(given, given.one.coi))
        turn(given, true)
        monkeypatch.setattr(clocks, "CLOCKS_APART_MAX", timedelta(days=1))
        monkeypatch.setattr("tracker.acts.recorder.recorded_time", lambda context, *_: context.now)
        given.do(OpenDeviation, "NURSE-A1", **opened(given, given.one.coi))
        report = verified(given)
        assert report.exit_code == 4
        assert any("before the entry before it" in one.message for one in report.findings)


FOUNDERS = (
    FounderAccount("ADA-1", "Ada", PASSWORDS["ADA-1"], PINS["ADA-1"]),
    FounderAccount("BEN-1", "Ben", PASSWORDS["BEN-1"], PINS["BEN-1"]),
)


class TestAhead:
    def store(
        self, folder: Path, purpose: Purpose, url: str = "", at: str = "2026-01-05T07:00:00Z"
    ) -> tuple[Tracker, SimulatedClock, list[Signer]]:
        """A store of a purpose, on a clock that can be set; only a demo says so in its registry."""
        clock = SimulatedClock(datetime.fromisoformat(at))
        new = NewStore(purpose, "CLINIC", "Clinic", "HUB-1", FOUNDERS, clock=ClockKind.SYSTEM, zone="UTC")
        environment = Environment(_AsSystem(clock), cost=WEAK)
        tracker, founded = Tracker.found(
            url=url or sqlite_url(folder / "store.db"), new=new, config=folder, environment=environment
        )
        return tracker, clock, [*founded.signers]

    def add(self, tracker: Tracker, signers: list[Signer], staff: str) -> bool:
        """An administrator adds somebody."""
        event, name = tracker.new_event_id(), f"New {staff}"
        request = AddPerson(event_id=event, actor="ADA-1", station="HUB-1", staff=staff, printed_name=name)
        return tracker.record(request=request, signers=signers).ok

    def confirm(self, tracker: Tracker, signers: list[Signer], day: str) -> Any:
        """Two people confirm a date."""
        request = {
            "request": "confirm_clock",
            "event_id": tracker.new_event_id(),
            "actor": "ADA-1",
            "station": "HUB-1",
            "signers": [
                {"staff": "ADA-1", "meaning": "performed"},
                {"staff": "BEN-1", "meaning": "witnessed"},
            ],
            "day": day,
        }
        assert ConfirmClock.name == "confirm_clock"
        return tracker.record(request=request, signers=signers)

    @pytest.mark.parametrize("purpose", [Purpose.PRODUCTION, Purpose.VALIDATION])
    def test_findings_g7_a_clock_weeks_ahead_asks_two_people(self, purpose: Purpose, tmp_path: Path) -> None:
        """40 days of silence are believed, a second more is not, until two people typed the date."""
        tracker, clock, signers = self.store(tmp_path, purpose)
        clock.advance(timedelta(days=40))
        assert self.add(tracker, signers, "CAM-1")
        clock.advance(timedelta(days=40, seconds=1))
        with pytest.raises(ClockAhead, match="40 days ahead"):
            self.add(tracker, signers, "DAN-1")
        assert self.confirm(tracker, signers, "2026-03-25").problem.error == "other_day"
        assert self.confirm(tracker, signers, "2026-03-26").ok
        assert self.add(tracker, signers, "DAN-1")
        tracker.close()

    @pytest.mark.parametrize("purpose", [Purpose.TRAINING, Purpose.DEMO])
    def test_where_nothing_is_for_patients_nobody_is_asked(self, purpose: Purpose, tmp_path: Path) -> None:
        """A training store lies still for a summer."""
        tracker, clock, signers = self.store(tmp_path, purpose)
        clock.advance(timedelta(days=100))
        assert self.add(tracker, signers, "CAM-1")
        tracker.close()

    def test_the_servers_clock_costs_no_second_question(
        self, fresh_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two minutes off the database's clock nothing is recorded; until then only its clock is asked."""
        asked: list[tuple[object, ...]] = []
        one = PostgresSession.one

        def noted(session: PostgresSession, statement: Compiled, values: Sequence[object] = ()) -> Any:
            asked.append(tuple(values))
            return one(session, statement, values)

        now = datetime.now(UTC).isoformat()
        tracker, clock, signers = self.store(tmp_path, Purpose.VALIDATION, fresh_postgres, now)
        monkeypatch.setattr(PostgresSession, "one", noted)
        clock.advance(timedelta(seconds=60))
        assert self.add(tracker, signers, "CAM-1")
        assert asked.count((REGISTRY,)) == 1
        clock.advance(timedelta(seconds=120))
        with pytest.raises(ClockBehind, match="s off the database's clock"):
            self.add(tracker, signers, "DAN-1")
        tracker.close()


class _AsSystem:
    """The machine's clock, as far as a store can tell."""

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """The time it was set to."""
        return self._clock.now()


def test_findings_g7_a_bundle_carries_the_correction(world: Worlds, template: Any, tmp_path: Path) -> None:
    """The verifier in the bundle asks the same, and has what it needs although no entry names it."""
    given = world("collected")
    true = given.clock.now()
    turn(given, true + timedelta(days=2))
    given.do(OpenDeviation, "NURSE-A1", **opened(given, given.one.coi))
    turn(given, true + timedelta(minutes=5))
    given.do(CorrectClock, "ADMIN-1", others="QA-2 approved", reason="instrument_error")
    given.do(OpenDeviation, "NURSE-A1", **opened(given, given.one.coi))
    given.tracker.close()
    hub, out = hub_of(given, template, tmp_path), tmp_path / "bundle.zip"
    export_bundle(
        hub.tracker,
        BundleWish(actor="QA-1", station=hub.network.stations[cast.HUB], chains=(given.one.coi,)),
        config=tmp_path,
        out=out,
        signers=[hub.network.signers["QA-1"]],
    )
    hub.tracker.close()
    assert verify_bundle(out).exit_code == 0
    lines = [
        body
        for body in zipfile.ZipFile(out).read("registry.ndjson").splitlines()
        if b'"kind":"clock_corrected"' in body
    ]
    assert len(lines) == 1


def test_a_clock_goes_back_by_two_minutes_at_most() -> None:
    """A statement frozen then is recorded as of then; a millisecond more, and the clock is wrong."""
    allowed = START - timedelta(seconds=120)
    assert clocks.not_before(START, allowed) == START
    assert clocks.not_before(START, START + timedelta(seconds=1)) == START + timedelta(seconds=1)
    with pytest.raises(ClockBehind, match="went back 120 s"):
        clocks.not_before(START, allowed - timedelta(milliseconds=1))
