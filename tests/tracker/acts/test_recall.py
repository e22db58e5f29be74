"""A lot that was recalled: blocked at once in every therapy, then written chain by chain, also in pieces."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from schema.vocabulary import AlertCause, EquipmentType, FinalDisposition, LotStatus
from tests.support.journeys import World
from tests.support.process import COUNTER, DEVICE, GTIN, MEDIUM, OTHER_DEVICE, REAGENT, usual
from tracker.acts import gathering
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.registry.equipment.requests import AddEquipment, QualifyEquipment
from tracker.registry.lots.requests import RecallLot, ReceiveLot, SetLotStatus
from tracker.rules.lineage import touched_by
from tracker.therapy.benches import ClearLine
from tracker.therapy.custody.requests import Retrieve
from tracker.therapy.evolve import replay
from tracker.therapy.making.requests import PerformStep, StartManufacturing

Worlds = Callable[[str], World]
SITE = "MFG-1"
OTHER_REAGENT = "GD222222229"
BOTH = {"others": "QA-2 approved", "reason": "recalled_by_maker"}


@pytest.fixture
def made(world: Worlds) -> World:
    """Two therapies in the making, with the goods and instruments for it."""
    given = world("received")
    goods = (
        (REAGENT, "activation_reagent"),
        (OTHER_REAGENT, "activation_reagent"),
        (MEDIUM, "culture_medium"),
    )
    for lot, item in goods:
        given.do(
            ReceiveLot, "OPER-1", lot=lot, item=item, site=SITE, number=f"L-{lot[-1]}", gtin=GTIN,
            expires="2030-01-01",
        )  # fmt: skip
        given.do(SetLotStatus, "QA-1", at=SITE, lot=scan(lot), status="released")
    for one, kind in (
        (DEVICE, "culture_device"),
        (OTHER_DEVICE, "culture_device"),
        (COUNTER, "cell_counter"),
    ):
        given.do(
            AddEquipment, "ADMIN-1", at=SITE, equipment=one, equipment_type=EquipmentType.INSTRUMENT,
            title=f"{kind} {one[-1]}", site=SITE, instrument_class=kind,
        )  # fmt: skip
        given.do(
            QualifyEquipment, "QA-1", at=SITE, others="QA-2 approved", equipment=scan(one), verdict="passed",
            standard="two points", due_at=given.clock.now() + timedelta(days=300),
        )  # fmt: skip
    for journey in (given.one, given.two):
        bag = journey.frozen_scans((journey.bag,))
        given.do(Retrieve, "OPER-1", units=bag, location=journey.place(SITE, (journey.bag,)))
        given.do(StartManufacturing, "OPER-1", others="OPER-2 witnessed", units=bag, coi=scan(journey.coi))
    return given


def activated(given: World) -> None:
    """Each in a device of its own: of two reagents, and of one medium."""
    for journey, reagent, device in ((given.one, REAGENT, DEVICE), (given.two, OTHER_REAGENT, OTHER_DEVICE)):
        more = {"lots": (reagent, MEDIUM), "instruments": (device,)}
        values = usual("activation", journey.bag, **more)
        given.do(PerformStep, "OPER-1", others="OPER-2 witnessed", **values)


def test_making_r1_a_recall_in_one_act(made: World) -> None:
    """Given a lot in two therapies, when it is recalled: one act, and no chain names the other therapy."""
    activated(made)
    answer = made.do(RecallLot, "QA-1", at=SITE, lot=scan(MEDIUM), **BOTH)
    assert sorted(one.chain for one in answer.entries) == sorted([made.one.coi, made.two.coi, "registry"])
    assert made.tracker.registry.lots[MEDIUM].status is LotStatus.RECALLED
    for journey in (made.one, made.two):
        assert made.kinds(journey.coi)[-1] == "quarantined"
        assert made.state(journey).units[journey.bag].quarantined
        other = made.two if journey is made.one else made.one
        assert other.coi.encode() not in made.bytes_of(journey.coi)
    again = made.refusal(RecallLot, "QA-1", at=SITE, lot=scan(MEDIUM), **BOTH)
    assert again.error == "already_done"
    assert verify_store(made.url).exit_code == 0


def test_making_r2_a_recall_that_is_too_large_for_one_act(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given more therapies than one act takes, then the word blocks all of them, and each act writes some."""
    monkeypatch.setattr(gathering, "RECALLED_AT_ONCE", 1)
    activated(made)
    answer = made.do(RecallLot, "QA-1", at=SITE, lot=scan(MEDIUM), **BOTH)
    assert [one.chain for one in answer.entries] == ["registry"]
    assert [one.rule for one in answer.notices] == ["recall_goes_on"]
    assert made.tracker.read.recall_owed(lot=MEDIUM) == 2
    calling = [one for one in made.tracker.read.alerts() if one.cause is AlertCause.RECALLED]
    assert {one.coi for one in calling} == {made.one.coi, made.two.coi} and MEDIUM in calling[0].title
    found = made.refusal(PerformStep, "OPER-1", **usual("counting", made.one.bag))
    assert found.error == "lot_recalled"
    for left in (1, 0):
        answer = made.do(RecallLot, "QA-1", at=SITE, lot=scan(MEDIUM), reason="recalled_by_maker")
        assert len(answer.entries) == 1 and made.tracker.read.recall_owed(lot=MEDIUM) == left
    for journey in (made.one, made.two):
        assert made.kinds(journey.coi).count("quarantined") == 1
    assert AlertCause.RECALLED not in {one.cause for one in made.tracker.read.alerts()}
    assert verify_store(made.url).exit_code == 0


def test_making_r4_traces_agree_both_ways(made: World) -> None:
    """What the trace of a lot reaches, the trace of each unit names; and the ledger says the same."""
    activated(made)
    reader = made.tracker.read
    for thing in (MEDIUM, REAGENT, DEVICE, COUNTER):
        found = reader.trace(thing=thing)
        pairs = {(one.coi, one.unit) for one in found.units}
        ledger = set[tuple[str, str]]()
        for journey in (made.one, made.two):
            state = replay((one.sequence, one.statement) for one in made.entries(journey.coi))
            assert state is not None
            ledger |= {(journey.coi, unit) for unit in touched_by(state, thing)}
            for unit in state.units:
                traced = reader.trace_unit(coi=journey.coi, unit=unit)
                named = {key for key, _ in (*traced.lots, *traced.instruments)}
                assert (thing in named) is ((journey.coi, unit) in pairs)
        assert pairs == ledger
    person = reader.trace(thing="OPER-1")
    assert {one.coi for one in person.uses} == {made.one.coi, made.two.coi}
    bag = reader.trace_unit(coi=made.one.coi, unit=made.one.bag)
    assert "OPER-2" in bag.people and bag.boxes and not bag.descendants
    (one, *_) = reader.trace(thing=REAGENT).uses
    assert reader.trace_event(event_id=one.event_id)[0].unit == made.one.bag
    assert FinalDisposition.INFUSED.value not in {each.state for each in person.units}


def test_making_an_exclusive_instrument_is_taken_by_one_therapy(made: World) -> None:
    """M10 in a store: B's feeding in A's device is refused until somebody has cleared it."""
    activated(made)
    found = made.refusal(PerformStep, "OPER-1", **usual("feeding", made.two.bag))
    assert found.error == "bench_occupied" and DEVICE in found.message
    made.do(PerformStep, "OPER-1", **usual("feeding", made.two.bag, instruments=(OTHER_DEVICE,)))
    cleared = made.do(ClearLine, "OPER-1", others="OPER-2 witnessed", nothing_left=True, bench=DEVICE)
    assert [one.chain for one in cleared.entries] == [made.one.coi]
    made.do(PerformStep, "OPER-1", **usual("feeding", made.two.bag))
    assert [one.step for one in made.tracker.read.making(coi=made.one.coi)] == ["activation"]
