"""A lot is recalled in the very moment in which what it touched is released."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.support.journeys import World, freeze_bag
from tests.tracker.acts.test_switched_off import door, outcome
from tracker.demo import cast, cleanroom, stages
from tracker.demo.journey import GOOD_RESULTS, scan
from tracker.evidence.verification.store import verify_store
from tracker.ledger.transaction import Transaction
from tracker.registry.lots.requests import RecallLot
from tracker.requests.base import Request
from tracker.therapy.making.requests import Release


@pytest.fixture
def race(shared: World) -> tuple[World, Request, Request]:
    """A product that met every test, and the two requests: its release, and the recall of its medium."""
    one, network = shared.one, shared.network
    cleanroom.stock(network)
    freeze_bag(one)
    box = network.boxes["Dry shipper 1"]
    stages.receive_at_manufacturer(one, box, stages.pick_up_leukapheresis(one, box))
    stages.start_manufacturing(one)
    cleanroom.in_culture(one)
    stages.complete_manufacturing(one, bags=1)
    one.test(GOOD_RESULTS)
    stages.use_up_samples(one)
    release = shared.request(
        Release, "QP-1", at=cast.HUB, others="QA-2 reviewed", units=one.frozen_scans(tuple(one.products))
    )
    recall = shared.request(
        RecallLot, "QA-2", at=cast.HUB, others="QA-1 approved",
        lot=scan(network.goods["culture_medium"]), reason="recalled_by_maker",
    )  # fmt: skip
    return shared, release, recall


def test_making_r3_released_first_is_quarantined_after(race: tuple[World, Request, Request]) -> None:
    """The recall is decided while the release is written and not yet there: it is decided again."""
    given, release, recall = race
    decided = threading.Event()
    with ThreadPoolExecutor(1) as pool, closing(door(given)) as tracker:
        recalled: list[Future[str]] = []

        def beside(transaction: Transaction) -> None:
            recalled.append(pool.submit(outcome, given, recall, first=decided.set))
            if transaction.others_commit:
                assert decided.wait(20)

        came = tracker.recorder.record(release, signers=[*given.network.signers.values()], also_write=beside)
        assert came.ok, came.problem
        assert recalled[0].result() == ""
    assert given.kinds(given.one.coi)[-2:] == ["released", "quarantined"]
    assert verify_store(given.url).exit_code == 0


def test_making_r3_nothing_is_released_once_the_recall_is_written(
    race: tuple[World, Request, Request],
) -> None:
    """The release is decided while the recall is not yet there: it is decided again, and refused."""
    given, release, recall = race
    recalled: list[str] = []

    def first() -> None:
        if not recalled:
            recalled.append(outcome(given, recall))

    if given.url.startswith("sqlite"):
        first()
    assert outcome(given, release, first=first) in {"quarantined", "lot_recalled"}
    assert recalled == [""] and "released" not in given.kinds(given.one.coi)
    assert all(unit.quarantined for unit in given.state(given.one).units.values() if unit.final is None)
    assert verify_store(given.url).exit_code == 0
