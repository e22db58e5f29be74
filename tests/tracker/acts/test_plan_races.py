"""Two coordinators at the last place, on both engines; and the places that stand in the table afterwards."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from schema.events.identity import Canceled
from schema.events.planning import Scheduled
from schema.instants import format_instant
from schema.tables import SlotUseRow, tuple_of
from tests.support.examples import examples
from tests.support.invariants import require_projections
from tests.support.journeys import World, reopened
from tests.support.plans import BED, LANES, RESOURCES
from tests.tracker.acts.test_concurrency import at_once, sending
from tests.tracker.test_handing_on import copied
from tracker.clock import SimulatedClock
from tracker.demo import cast
from tracker.demo.journey import Journey, scan
from tracker.evidence.verification.store import verify_store
from tracker.ledger.postgres_session import PostgresSession
from tracker.ledger.sqlite import SqliteSession
from tracker.people.passwords import WEAK
from tracker.registry.capacity.requests import SetLane, SetResource
from tracker.requests.base import Request
from tracker.therapy.course import Cancel
from tracker.therapy.planning.requests import Reschedule, Schedule, Unschedule
from tracker.tracker import Environment, Tracker
from tracker.values import Signer

COORDINATOR = "COORD-A"
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TRIES = 50


def with_one_bed(world: World) -> None:
    """A network with many chairs and starts, and one bed."""
    for site, code, kind, title, _, hours in RESOURCES:
        world.do(
            SetResource, "ADMIN-1", at=cast.HUB, site=site, resource=code, resource_type=kind, title=title,
            per_weekday=(9,) * 7, concurrent=1 if f"{site}/{code}" == BED else None, occupies_hours=hours,
            opens="06:00", closes="20:00",
        )  # fmt: skip
    for origin, to in LANES:
        world.do(
            SetLane, "ADMIN-1", at=cast.HUB, lane=f"{origin}-{to}", from_site=origin, to_site=to,
            carrier="CARR-X", transit_hours=24, cutoff="17:00", picks_up_on=WEEK,
        )  # fmt: skip


def booking(world: World, journey: Journey) -> Request:
    """The chain that is proposed for a therapy now."""
    ready = world.clock.now().date()
    lines = world.tracker.read.plan_offer(coi=journey.coi, ready=ready).lines
    milestones = tuple(
        {"name": one.name, "resource": one.resource, "start": format_instant(one.start)}
        for one in lines
        if not one.is_done
    )
    values: dict[str, Any] = {"ready_from": ready.isoformat(), "milestones": milestones}
    return world.request(Schedule, COORDINATOR, coi=scan(journey.coi), **values)


def taken(world: World) -> list[SlotUseRow]:
    """Every day on which the bed is taken."""
    with world.tracker.store.read() as transaction:
        return transaction.slots_on(BED, "2000-01-01", "2199-12-31")


def test_logistics_p2_one_of_two_gets_the_last_place(shared: World) -> None:
    """Both decide that the bed is free: one has it, the other is refused and told of another day."""
    with_one_bed(shared)
    for _ in range(examples(TRIES)):
        requests = [booking(shared, one) for one in (shared.one, shared.two)]
        answers = [some[0] for some in at_once(shared, [sending(shared, [one]) for one in requests])]
        assert sorted(answer.ok for answer in answers) == [False, True]
        place = [answer.ok for answer in answers].index(True)
        winner, loser = (shared.one, shared.two) if place == 0 else (shared.two, shared.one)
        problem = answers[1 - place].problem
        assert problem is not None and (problem.error, problem.exit_code) == ("slot_full", 3)
        assert "TREAT-A bed full" in problem.message and winner.coi not in problem.message
        assert "The earliest chain now has" in (problem.remedy or "")
        rows = taken(shared)
        assert {row.coi for row in rows} == {winner.coi} and sum(row.begins for row in rows) == 1
        assert shared.send(booking(shared, loser)).ok, "what is proposed then can be booked"
        require_projections(shared, [shared.one, shared.two])
        for one in (shared.one, shared.two):
            shared.do(Unschedule, COORDINATOR, coi=scan(one.coi), reason="other")
        assert not taken(shared)
    assert verify_store(shared.url, clock=shared.clock).exit_code == 0


def test_logistics_p10_canceled_in_one_transaction_with_its_places(shared: World) -> None:
    """The cancellation is the entry that frees them, and the table agrees with the chains."""
    with_one_bed(shared)
    assert shared.send(booking(shared, shared.one)).ok and taken(shared)
    canceled = {"coi": scan(shared.one.coi), "reason": "patient_withdrew"}
    shared.do(Cancel, "DOC-A1", others="QA-A approved", **canceled)
    assert not taken(shared)
    assert shared.entries(shared.one.coi)[-1].statement.kind == Canceled.kind
    assert verify_store(shared.url, clock=shared.clock).exit_code == 0


def test_a_place_that_no_entry_says_is_found(shared: World) -> None:
    """A row put in or taken out by hand stands against the chains."""
    with_one_bed(shared)
    assert shared.send(booking(shared, shared.one)).ok
    first, *_ = taken(shared)
    with shared.tracker.store.begin() as transaction:
        transaction.free_slots([first])
        transaction.put_slots(
            [
                tuple_of(SlotUseRow)(
                    resource=BED, day="2027-01-01", coi=shared.two.coi, milestone="infusion", begins=1,
                    sequence=1,
                )
            ]
        )  # fmt: skip
    words = " ".join(one.message for one in verify_store(shared.url, clock=shared.clock).findings)
    assert f"the table slot_use has no row {BED} {first.day}" in words
    assert f"the table slot_use has a row {BED} 2027-01-01" in words


def moving(world: World, start: datetime, standing: datetime) -> Request:
    """The infusion moved by somebody who saw it where it stood."""
    moved = {
        "name": "infusion",
        "resource": BED,
        "start": format_instant(start),
        "from_start": format_instant(standing),
    }
    values: dict[str, Any] = {"reason": "clinical_need", "moved": (moved,)}
    return world.request(Reschedule, COORDINATOR, coi=scan(world.one.coi), **values)


def test_no_update_is_lost_between_two_who_move_the_same_booking(shared: World) -> None:
    """Both move from where it stood: one moves it, the other decides again; each time."""
    with_one_bed(shared)
    assert shared.send(booking(shared, shared.one)).ok
    reader = shared.tracker.read
    for _ in range(examples(TRIES)):
        standing = reader.plan(coi=shared.one.coi)[-1].start
        starts = [standing + timedelta(days=by) for by in (1, 2, -1, -2)]
        possible = [
            start
            for start in starts
            if len(reader.plan_move(coi=shared.one.coi, milestone="infusion", start=start).after) == 1
        ]
        requests = [moving(shared, start, standing) for start in possible[:2]]
        answers = [some[0] for some in at_once(shared, [sending(shared, [one]) for one in requests])]
        assert sorted(answer.ok for answer in answers) == [False, True]
        problem = next(answer.problem for answer in answers if answer.problem)
        assert problem.error == "booking_changed"
    require_projections(shared, [shared.one])


def test_canceled_while_somebody_gives_back(shared: World) -> None:
    """Whoever comes first, nothing is booked afterwards, and the table has no place of the therapy."""
    with_one_bed(shared)
    assert shared.send(booking(shared, shared.one)).ok and taken(shared)
    cancel = shared.request(
        Cancel, "DOC-A1", others="QA-A approved", coi=scan(shared.one.coi), reason="patient_withdrew"
    )
    free = shared.request(Unschedule, COORDINATOR, coi=scan(shared.one.coi), reason="other")
    canceled, freed = (
        some[0] for some in at_once(shared, [sending(shared, [one]) for one in (cancel, free)])
    )
    assert canceled.ok
    assert freed.ok or (freed.problem is not None and freed.problem.error == "therapy_ended")
    assert not taken(shared)
    require_projections(shared, [shared.one])
    assert verify_store(shared.url, clock=shared.clock).exit_code == 0


def until_its_commit(url: str, at: datetime, request: Request, signers: list[Signer], *, after: bool) -> None:
    """Record it in a process that is killed at the COMMIT: just before it, or when it is done."""

    def killed(commit: Callable[[Any], None]) -> Callable[[Any], None]:
        def running(session: Any) -> None:
            session.settle()
            if after:
                commit(session)
            os.kill(os.getpid(), signal.SIGKILL)

        return running

    sessions: tuple[Any, ...] = (*SqliteSession.__subclasses__(), PostgresSession)
    for session_class in sessions:
        pytest.MonkeyPatch().setattr(session_class, "commit", killed(session_class.commit))
    door = Tracker.open(url=url, environment=Environment(SimulatedClock(at), random.Random(9), WEAK))
    door.record(request=request, signers=signers)


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_the_commit_of_a_booking(shared: World, tmp_path: Path, *, after: bool) -> None:
    """All of it is there or nothing: the entry, the places, the milestones; asked again it is told once."""
    with_one_bed(shared)
    request, url = booking(shared, shared.one), shared.url
    if url.startswith("sqlite"):
        url = copied(shared, tmp_path / "copy.db")
    signers = [*shared.network.signers.values()]
    process = get_context("fork").Process(
        target=until_its_commit, args=(url, shared.clock.now(), request, signers), kwargs={"after": after}
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    again = reopened(shared, url)
    assert bool(again.tracker.read.plan(coi=shared.one.coi)) is after
    assert bool(taken(again)) is after
    assert again.send(request).ok
    kinds = [entry.statement.kind for entry in again.entries(shared.one.coi)]
    assert kinds.count(Scheduled.kind) == 1
    require_projections(again, [again.one])
    assert verify_store(url, clock=again.clock).exit_code == 0
    again.tracker.close()


def test_a_plan_that_was_superseded_books_nothing(shared: World) -> None:
    """What was proposed before somebody else took the places is refused as a whole."""
    with_one_bed(shared)
    old = booking(shared, shared.one)
    assert shared.send(booking(shared, shared.two)).ok
    refused = shared.send(old)
    assert refused.problem is not None and refused.problem.error == "slot_full"
    assert not shared.tracker.read.plan(coi=shared.one.coi)
