"""Many hands at once: chains stay whole, one of two who want a bag gets it, a stale signature is none.

Eight threads, each with a front door of its own on one store, as eight stations would be.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schema.errors import StatementChanged
from schema.tables import BenchRow, tuple_of
from schema.vocabulary import Meaning, ObjectType, PartyType
from tests.support.invariants import require_entries, require_projections, require_silence
from tests.support.journeys import World, scans
from tracker.acts.recorder import Proposal
from tracker.answers import Answer
from tracker.clock import SimulatedClock
from tracker.demo import cast
from tracker.demo.asking import clearing
from tracker.demo.journey import Journey, party, scan
from tracker.evidence.verification.store import verify_store
from tracker.people.passwords import WEAK
from tracker.registry.places.requests import AddLocation, AddStation
from tracker.requests.base import AdoptedCodeGiven, Request
from tracker.rules.decision import ScanAnswer
from tracker.therapy.adoption.requests import AdoptCode
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.dosing.requests import SetDose
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing
from tracker.tracker import Environment, Tracker

Worlds = Callable[[str], World]
WRITERS = 8
LAB = party(PartyType.DEPARTMENT, "COLL-A/CELL-LAB")


def doors(world: World) -> list[Tracker]:
    """A front door for each writer, with a clock and randomness of its own."""
    now = world.clock.now()
    return [
        Tracker.open(
            url=world.url, environment=Environment(SimulatedClock(now), random.Random(f"door {place}"), WEAK)
        )
        for place in range(WRITERS)
    ]


def at_once(world: World, work: Sequence[Callable[[Tracker], Any]]) -> list[Any]:
    """Each piece of work on a door of its own, begun together."""
    opened = doors(world)
    start = threading.Barrier(len(work))

    def run(place: int) -> Any:
        start.wait()
        return work[place](opened[place])

    try:
        with ThreadPoolExecutor(len(work)) as pool:
            return [one.result() for one in [pool.submit(run, place) for place in range(len(work))]]
    finally:
        for door in opened:
            door.close()


def sending(world: World, requests: Sequence[Request]) -> Callable[[Tracker], list[Answer]]:
    """Work that sends requests one after the other."""
    signers = [*world.network.signers.values()]
    return lambda door: [door.record(request=request, signers=signers) for request in requests]


def deviation(world: World, journey: Journey) -> Request:
    """Something that anybody may record at any time."""
    return world.request(
        OpenDeviation,
        "QA-2",
        coi=scan(journey.coi),
        category="label",
        description="Seen on arrival.",
    )


def enlarged(world: World) -> list[Journey]:
    """Eight therapies in all, the further ones just enrolled."""
    journeys = [world.one, world.two]
    for number in range(3, WRITERS + 1):
        further = replace(world.one, number=number, coi="", bag="", products=[], samples=[], cassettes={})
        further.enroll()
        journeys.append(further)
    return journeys


def test_eight_writers_on_eight_therapies(shared: World) -> None:
    """Nobody waits for another therapy, and nothing is lost."""
    journeys = enlarged(shared)
    before = shared.count()
    work = [sending(shared, [deviation(shared, journey) for _ in range(6)]) for journey in journeys]
    answers = [answer for some in at_once(shared, work) for answer in some]
    assert all(answer.ok for answer in answers) and shared.count() == before + 48
    require_entries(shared, journeys)
    require_projections(shared, journeys)
    require_silence(shared, journeys)


def test_eight_writers_on_one_therapy(shared: World) -> None:
    """The chain has every entry once, without a gap, whoever came first."""
    work = [sending(shared, [deviation(shared, shared.one) for _ in range(4)]) for _ in range(WRITERS)]
    before = len(shared.entries(shared.one.coi))
    answers = [answer for some in at_once(shared, work) for answer in some]
    assert all(answer.ok for answer in answers)
    places = sorted(entry.sequence for answer in answers for entry in answer.entries)
    assert places == [*range(before, before + 4 * WRITERS)]
    require_entries(shared, [shared.one, shared.two])
    require_projections(shared, [shared.one, shared.two])


def test_one_of_eight_gets_the_bag(shared: World) -> None:
    """Eight want to take it over: one has it, the others are told CHECK, by whom and when."""
    shared.do(custody.Relinquish, "NURSE-A1", units=scans(shared.one.bag), to=LAB)
    takers = ["TECH-A1", "TECH-A2"] * 4
    requests = [shared.request(custody.Accept, taker, units=scans(shared.one.bag)) for taker in takers]
    answers = [some[0] for some in at_once(shared, [sending(shared, [request]) for request in requests])]
    (winner,) = [answer for answer in answers if answer.ok]
    taken = shared.entries(shared.one.coi)[-1].statement
    assert taken.kind == "accepted" and taken.event_id == winner.event_id
    for answer in answers:
        if answer is not winner:
            assert answer.problem is not None and answer.word is ScanAnswer.CHECK
            assert answer.problem.error == "no_handoff" and taken.actor in answer.problem.message
    assert shared.state().units[shared.one.bag].custodian == LAB


def test_the_same_request_from_eight_stations(shared: World) -> None:
    """A retry that races the first try is the same act: recorded once, answered alike."""
    request = deviation(shared, shared.one)
    before = shared.count()
    answers = [some[0] for some in at_once(shared, [sending(shared, [request])] * WRITERS)]
    assert shared.count() == before + 1
    assert len({str(answer.to_json()) for answer in answers}) == 1
    assert sum(not answer.repeated for answer in answers) == 1


def test_one_code_for_two_therapies(shared: World) -> None:
    """Two people let the same code of one issuer stand for two patients: one of them is told."""
    adopted = AdoptedCodeGiven.model_validate({"code": "ORDER-9", "issuer": "MAKER", "type": "order"})
    requests = [
        shared.request(AdoptCode, "QA-2", coi=scan(journey.coi), adopted=adopted)
        for journey in (shared.one, shared.two) * 4
    ]
    answers = [some[0] for some in at_once(shared, [sending(shared, [request]) for request in requests])]
    assert sum(answer.ok for answer in answers) == 1
    assert {answer.problem.error for answer in answers if answer.problem} == {"code_taken", "already_done"}
    require_projections(shared, [shared.one, shared.two])


def test_one_box_for_two_patients(shared: World) -> None:
    """Two people pack two patients into one empty box at once: one of them finds it full."""
    for journey in (shared.one, shared.two):
        journey.hand_units("NURSE-A1", "TECH-A1", "COLL-A", LAB, (journey.bag,))
        journey.freeze("TECH-A1", "COLL-A", (journey.bag,))
    for journey in (shared.one, shared.two):
        journey.retrieve("TECH-A1", "COLL-A", (journey.bag,))
    values: dict[str, Any] = {
        "box": scan(shared.network.boxes["Dry shipper 1"]),
        "tally": 1,
        "carrier": "CARR-X",
    }
    requests = [
        shared.request(
            custody.Pack,
            "TECH-A1",
            others="TECH-A2 witnessed",
            units=journey.frozen_scans((journey.bag,)),
            seal={"code": f"SEAL-{journey.number}"},
            destination="MFG-1",
            **values,
        )
        for journey in (shared.one, shared.two)
    ]
    answers = [some[0] for some in at_once(shared, [sending(shared, [request]) for request in requests])]
    assert sorted(answer.ok for answer in answers) == [False, True]
    (refused,) = [answer.problem.error for answer in answers if answer.problem]
    # Both took the same logger too; where the server lets others commit between two reads it is named first.
    assert refused in {"box_not_empty", "logger_in_use"}


def test_logistics_s3_one_logger_for_two_boxes(shared: World) -> None:
    """Two people put one logger into two boxes at once: exactly one of them closes the box with it."""
    for journey in (shared.one, shared.two):
        journey.hand_units("NURSE-A1", "TECH-A1", "COLL-A", LAB, (journey.bag,))
        journey.freeze("TECH-A1", "COLL-A", (journey.bag,))
    for journey in (shared.one, shared.two):
        journey.retrieve("TECH-A1", "COLL-A", (journey.bag,))
    logger = shared.network.loggers["Logger 1"]
    requests = [
        shared.request(
            custody.Pack,
            "TECH-A1",
            others="TECH-A2 witnessed",
            units=journey.frozen_scans((journey.bag,)),
            box=scan(shared.network.boxes[box]),
            seal={"code": f"SEAL-{journey.number}"},
            tally=1,
            data_logger=scan(logger),
            carrier="CARR-X",
            destination="MFG-1",
        )
        for journey, box in ((shared.one, "Dry shipper 1"), (shared.two, "Dry shipper 2"))
    ]
    answers = [some[0] for some in at_once(shared, [sending(shared, [request]) for request in requests])]
    assert sorted(answer.ok for answer in answers) == [False, True]
    assert {answer.problem.error for answer in answers if answer.problem} == {"logger_in_use"}
    (line,) = [one for one in shared.tracker.read.equipment() if one.equipment.id == logger]
    assert line.box in (shared.network.boxes["Dry shipper 1"], shared.network.boxes["Dry shipper 2"])
    require_projections(shared, [shared.one, shared.two])


class TestProposals:
    def proposed(self, given: World) -> Proposal:
        """The nurse's word about the bag, frozen for her to read."""
        request = given.request(custody.Relinquish, "NURSE-A1", units=scans(given.one.bag), to=LAB)
        proposal = given.tracker.propose(request=request)
        assert isinstance(proposal, Proposal)
        return proposal

    def test_signed_and_recorded(self, world: Worlds) -> None:
        """What was frozen is what was signed and what is recorded, at the time it was frozen."""
        given = world("collected")
        proposal, before = self.proposed(given), given.count()
        frozen = proposal.decided.statements[0].digest
        given.clock.advance(timedelta(minutes=2))
        proposal.sign(given.network.signers["NURSE-A1"], Meaning.RELINQUISHED, given.clock.now())
        assert given.count() == before
        answer = given.tracker.conclude(proposal=proposal)
        assert answer.ok and answer.entries[0].statement_digest == frozen
        assert given.tracker.conclude(proposal=proposal).repeated

    def test_nothing_without_the_whole_set(self, world: Worlds) -> None:
        """Until everybody has signed nothing is written, and one person does not sign for two."""
        given = world("packed")
        request = given.request(
            custody.Unpack,
            "TECH-A1",
            units=given.one.frozen_scans((given.one.bag,)),
            box=scan(given.box_of(given.one)),
        )
        proposal = given.tracker.propose(request=request)
        assert isinstance(proposal, Proposal) and len(proposal.slots) == 2
        proposal.sign(given.network.signers["TECH-A1"], Meaning.PERFORMED, given.clock.now())
        before = given.count()
        assert not given.tracker.conclude(proposal=proposal).ok
        proposal.sign(given.network.signers["TECH-A1"], Meaning.WITNESSED, given.clock.now())
        assert not given.tracker.conclude(proposal=proposal).ok
        assert given.count() == before

    def test_overtaken(self, shared: World) -> None:
        """Somebody else handed it on meanwhile: what was signed is no longer true, so nothing is written."""
        proposal = self.proposed(shared)
        proposal.sign(shared.network.signers["NURSE-A1"], Meaning.RELINQUISHED, shared.clock.now())
        shared.do(custody.Relinquish, "NURSE-A1", units=scans(shared.one.bag), to=LAB)
        before = shared.count()
        answer = shared.tracker.conclude(proposal=proposal)
        assert answer.problem is not None and answer.problem.error == "handoff_open"
        assert shared.count() == before

    def test_changed_under_the_pen(self, world: Worlds) -> None:
        """The step is still permitted but would now say something else: sign anew (exit code 3)."""
        given = world("packed")
        box, seal = scan(given.box_of(given.one)), {"code": given.seal_of(given.one)}
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        request = given.request(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
        proposal = given.tracker.propose(request=request)
        assert isinstance(proposal, Proposal)
        proposal.sign(given.network.signers["COUR-X1"], Meaning.RECEIVED, given.clock.now())
        given.do(custody.LetLapse, "TECH-A1", box=box)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        before = given.count()
        with pytest.raises(StatementChanged) as changed:
            given.tracker.conclude(proposal=proposal)
        assert changed.value.exit_code == 3 and changed.value.code == "statement_changed"
        assert given.count() == before

    def test_five_minutes(self, world: Worlds) -> None:
        """All sign in one sitting."""
        given = world("collected")
        proposal = self.proposed(given)
        late = given.clock.now() + timedelta(minutes=5, seconds=1)
        with pytest.raises(StatementChanged):
            proposal.sign(given.network.signers["NURSE-A1"], Meaning.RELINQUISHED, late)


def test_a_gift_and_an_alarm(shared: World) -> None:
    """While one hands the bag over another puts it into quarantine: both are recorded."""
    requests = [
        shared.request(processing.Quarantine, "QA-2", units=scans(shared.one.bag), reason="other"),
        shared.request(custody.Relinquish, "NURSE-A1", units=scans(shared.one.bag), to=LAB),
    ]
    answers = [some[0] for some in at_once(shared, [sending(shared, [request]) for request in requests])]
    assert all(answer.ok for answer in answers)
    unit = shared.state().units[shared.one.bag]
    assert unit.quarantined and unit.handoff is not None


class TestOneBench:
    """Two terminals, two therapies, one bench: one of them gets it, the other is told who has it."""

    def asked(self, world: World, stations: Sequence[str]) -> list[Request]:
        """Each patient identified at once, by people of their own."""
        people = (("NURSE-A1", "NURSE-A2"), ("NURSE-A2", "TECH-A1"))
        return [
            world.request(
                identity.IdentifyPatient,
                actor,
                station=station,
                others=f"{second} witnessed",
                coi=scan(journey.coi),
                patient=journey.wristband(),
            )
            for journey, station, (actor, second) in zip(
                (world.one, world.two), stations, people, strict=True
            )
        ]

    def race(self, world: World, stations: Sequence[str], bench: str) -> None:
        """Both at once: the loser writes nothing, and the read table holds what the chains say."""
        requests = self.asked(world, stations)
        answers = [some[0] for some in at_once(world, [sending(world, [request]) for request in requests])]
        assert sorted(answer.ok for answer in answers) == [False, True]
        place = [answer.ok for answer in answers].index(True)
        winner, loser = (world.one, world.two) if place == 0 else (world.two, world.one)
        problem = answers[1 - place].problem
        assert problem is not None and problem.error == "bench_occupied" and problem.exit_code == 3
        assert winner.coi in problem.message and requests[place].actor in problem.message
        assert bench not in world.state(loser).benches
        with world.tracker.store.read() as transaction:
            (row,) = transaction.at_bench(bench)
            assert row.coi == winner.coi and row.sequence == world.state(winner).sequence
            assert transaction.at_bench("COLL-A-01")[0].coi == world.two.coi
        cleared = clearing(world.tracker, requests[1 - place].actor, requests[1 - place].station)
        assert cleared is not None and world.send(cleared).ok
        assert world.send(requests[1 - place]).ok
        require_projections(world, [world.one, world.two])
        assert verify_store(world.url, clock=world.clock).exit_code == 0

    def test_at_one_terminal(self, shared: World) -> None:
        """Two windows of one station."""
        self.race(shared, ("COLL-A-02", "COLL-A-02"), "COLL-A-02")

    def test_at_two_terminals_of_one_bench(self, shared: World) -> None:
        """Stations that name a location stand at one bench, and it is the location that is taken."""
        bench = shared.tracker.new_object_id(object_type=ObjectType.LOCATION)
        admin, at = "ADMIN-1", cast.HUB
        place = {"site": "COLL-A", "department": "CELL-LAB", "title": "Safety cabinet 1"}
        wrong = {"new_station": "CAB-0", "site": "COLL-A", "title": "Cabinet", "bench": bench}
        assert shared.refusal(AddStation, admin, at=at, **wrong).error == "bench_unknown"
        shared.do(AddLocation, admin, at=at, location=bench, location_type="bench", **place)
        for name in ("CAB-1", "CAB-2"):
            added = {"new_station": name, "site": "COLL-A", "title": "Cabinet", "bench": bench}
            shared.do(AddStation, admin, at=at, **added)
        self.race(shared, ("CAB-1", "CAB-2"), bench)

    def test_no_row_that_no_entry_says(self, shared: World) -> None:
        """A bench freed or taken by hand in the table is found against the chains."""
        with shared.tracker.store.begin() as transaction:
            transaction.leave_benches(shared.two.coi, ["COLL-A-01"])
            now = shared.clock.now()
            row = tuple_of(BenchRow)(
                bench="MFG-1-01", coi=shared.one.coi, sequence=3, taken_at=now, staff="OPER-1"
            )
            transaction.put_benches([row])
        found = verify_store(shared.url, clock=shared.clock)
        words = " ".join(finding.message for finding in found.findings)
        assert found.exit_code == 4
        assert "the table bench has no row COLL-A-01" in words
        assert "the table bench has a row MFG-1-01, to which no entry leads" in words


def test_making_two_doses_at_once_the_later_one_is_told(shared: World) -> None:
    """Two physicians with two weights: both are written, the last one counts, and only its giver is told."""
    world = shared
    asked = [
        world.request(
            SetDose, doctor, others="PHARM-A witnessed", coi=scan(world.one.coi), indication="b_all",
            weight_kg=weight,
        )
        for doctor, weight in (("DOC-A1", "31.4"), ("DOC-A2", "41.3"))
    ]  # fmt: skip
    answers = [one for (one,) in at_once(world, [sending(world, [request]) for request in asked])]
    assert all(one.ok for one in answers), [one.problem for one in answers]
    told = [{notice.rule for notice in one.notices} for one in answers]
    last = next(place for place, rules in enumerate(told) if "dose_changed" in rules)
    assert [("dose_changed" in rules) for rules in told].count(True) == 1
    dose = world.state(world.one).dose
    assert dose is not None and str(dose.weight_kg) == ("31.4", "41.3")[last]
    assert world.kinds(world.one.coi).count("dose_set") == 2
