"""Nothing comes to a site, to a person or to a bench in the very moment in which it is switched off."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import datetime

import pytest

from schema.entry import Signature
from schema.errors import Refusal
from schema.vocabulary import Condition, Meaning
from tests.support.journeys import World, freeze_bag
from tracker.clock import SimulatedClock
from tracker.demo import cast, stages
from tracker.demo.journey import scan
from tracker.ledger.transaction import Transaction
from tracker.people.passwords import WEAK
from tracker.people.signer import Signer
from tracker.registry.people.requests import DeactivatePerson
from tracker.registry.places.requests import DeactivateSite, RetireStation
from tracker.requests.base import Request, Scan
from tracker.therapy.custody.requests import Accept, Relinquish, Retrieve
from tracker.therapy.making.requests import StartManufacturing
from tracker.tracker import Environment, Tracker

Race = tuple[Request, Request]
"""What brings something there, and what switches it off."""

LEFT = {"site_inactive", "person_inactive", "station_retired"}


class Delayed(Signer):
    """Somebody whose hand on the key lets something else happen first: what is signed is decided by then."""

    def __init__(self, signer: Signer, first: Callable[[], None]) -> None:
        super().__init__(signer.staff, signer.name, signer.key, signer._held())
        self._first = first

    def sign(self, statement_digest: str, meaning: Meaning, at: datetime) -> Signature:
        """The signature, after what comes first."""
        self._first()
        return super().sign(statement_digest, meaning, at)


def site(given: World) -> Race:
    """The first box for the manufacturer stands at its dock, and nothing is there yet."""
    one, box = given.one, given.network.boxes["Dry shipper 1"]
    freeze_bag(one)
    seal = stages.pick_up_leukapheresis(one, box)
    shut = {"box": scan(box), "seal": Scan(code=seal), "condition": Condition.IN_ORDER}
    given.do(Relinquish, one.courier, at=cast.HUB, **shut)
    bring = given.request(Accept, "DOCK-M", at=cast.HUB, **shut)
    switch_off = given.request(
        DeactivateSite, "QA-2", others="QA-A approved", at=one.collection, site=cast.HUB
    )
    return bring, switch_off


def person(given: World) -> Race:
    """A bag is taken out of the tank by somebody who is on the way out."""
    one = given.one
    freeze_bag(one)
    bags = (one.bag,)
    bring = given.request(
        Retrieve,
        "TECH-A1",
        at=one.collection,
        units=one.frozen_scans(bags),
        location=one.place(one.collection, bags),
    )
    return bring, given.request(DeactivatePerson, "QA-2", others="QA-A approved", staff="TECH-A1")


def bench(given: World) -> Race:
    """Production begins at a bench whose only station is retired."""
    one, box = given.one, given.network.boxes["Dry shipper 1"]
    freeze_bag(one)
    stages.receive_at_manufacturer(one, box, stages.pick_up_leukapheresis(one, box))
    one.retrieve("OPER-1", cast.HUB, (one.bag,))
    parents = one.frozen_scans((one.bag,))
    bring = given.request(
        StartManufacturing, "OPER-1", others="OPER-2 witnessed", at=cast.HUB, coi=scan(one.coi), units=parents
    )
    switch_off = given.request(
        RetireStation, "QA-2", others="QA-A approved", at=one.collection, old_station=bring.station
    )
    return bring, switch_off


def door(given: World) -> Tracker:
    """A front door of another station."""
    environment = Environment(SimulatedClock(given.clock.now()), random.Random("beside"), WEAK)
    return Tracker.open(url=given.url, environment=environment)


def outcome(given: World, request: Request, *, first: Callable[[], None] | None = None) -> str:
    """Send a request from a station of its own: "" when it is recorded, else why it is not."""
    people = [*given.network.signers.values()]
    if first is not None:
        people = [Delayed(one, first) for one in people]
    with closing(door(given)) as tracker:
        try:
            answer = tracker.record(request=request, signers=people)
        except Refusal as refused:
            return refused.code
    return "" if answer.problem is None else answer.problem.error


@pytest.mark.parametrize("race", [site, person, bench])
def test_findings_g9_what_came_first_is_seen_by_who_switches_off(
    shared: World, race: Callable[[World], Race]
) -> None:
    """The end is decided while the arrival is written and not yet there for others: it is decided again."""
    bring, switch_off = race(shared)
    decided = threading.Event()
    with ThreadPoolExecutor(1) as pool, closing(door(shared)) as tracker:
        ended: list[Future[str]] = []

        def beside(transaction: Transaction) -> None:
            ended.append(pool.submit(outcome, shared, switch_off, first=decided.set))
            if transaction.others_commit:
                assert decided.wait(20)

        came = tracker.recorder.record(bring, signers=[*shared.network.signers.values()], also_write=beside)
        assert came.ok, came.problem
        assert ended[0].result() == "still_in_use"


@pytest.mark.parametrize("race", [site, person, bench])
def test_findings_g9_what_was_switched_off_first_takes_nothing(
    shared: World, race: Callable[[World], Race]
) -> None:
    """The arrival is decided while the end is not there yet for others: it is decided again, and refused."""
    bring, switch_off = race(shared)
    ended: list[str] = []

    def first() -> None:
        if not ended:
            ended.append(outcome(shared, switch_off))

    if shared.url.startswith("sqlite"):
        first()
    assert outcome(shared, bring, first=first) in LEFT
    assert ended == [""]
