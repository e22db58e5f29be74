"""The protocol for fresh starting material and several bags: its way, its clocks, and one bag at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from schema.vocabulary import FinalDisposition, Material, Meaning, PartyType
from tests.support import journeys
from tests.support.invariants import require_entries, require_projections
from tests.support.journeys import World, scans
from tracker.demo import cast, courses, stages
from tracker.demo.journey import Journey, party, scan
from tracker.demo.network import FRESH_PROTOCOL
from tracker.evidence.verification.store import verify_store
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing

Worlds = Callable[[str], World]


def fresh(given: World, *stretches: Callable[[Journey], object]) -> Journey:
    """A therapy by the protocol for fresh cells, led through some stretches of its way."""
    journey = Journey(given.network, "A", 9, protocol=FRESH_PROTOCOL)
    journey.enroll()
    for stretch in stretches:
        stretch(journey)
    return journey


COLLECTED = (Journey.identify, Journey.collect, courses.picked_up_in("Cool box 1"))
DELIVERED = (
    *(*COLLECTED, courses.receive, lambda journey: journeys.manufacture(journey, bags=3), journeys.release),
    lambda journey: journeys.deliver_product(journey, journey.network.boxes["Dry shipper 6"]),
)


@pytest.fixture
def given(world: Worlds) -> World:
    """A network in which other therapies run by the other protocol."""
    return world("enrolled")


def test_fresh_from_vein_to_vein(given: World) -> None:
    """Three bags, one after the other, of cells that were never frozen before they were used."""
    journey = fresh(given, *DELIVERED, courses.infuse_all, stages.close)
    state = journey.state
    assert state.status.value == "closed" and not state.outside
    infused = [unit for unit in state.units.values() if unit.final is FinalDisposition.INFUSED]
    assert [unit.material for unit in infused] == [Material.PRODUCT] * 3
    assert "cryopreserved" not in state.units[journey.bag].facts
    require_entries(given, [journey])
    require_projections(given, [journey])
    given.tracker.close()
    assert verify_store(given.url, clock=given.clock).exit_code == 0


def test_nothing_freezes_the_starting_material(given: World) -> None:
    """The protocol has no such step for it, so it is refused by name."""
    journey = fresh(given, Journey.identify, Journey.collect)
    found = given.refusal(processing.Cryopreserve, "NURSE-A1", units=scans(journey.bag))
    assert found.error == "not_in_protocol"


def test_cells_that_waited_too_long_are_not_used(given: World) -> None:
    """72 hours after the collection the start is refused, and recordable only as outside the rules."""
    journey = fresh(given, *COLLECTED, courses.receive)
    given.do(
        custody.Retrieve,
        "OPER-1",
        units=scans(journey.bag),
        location=scan(given.network.refrigerators[cast.HUB]),
    )
    given.clock.set(journey.state.units[journey.bag].facts["collected"].at + timedelta(hours=72, seconds=1))
    values = {"units": scans(journey.bag), "coi": scan(journey.coi), "others": "OPER-2 witnessed"}
    found = given.refusal(processing.StartManufacturing, "OPER-1", **values)
    assert found.error == "limit.collection_to_manufacturing" and "3 d allowed" in found.message
    given.do(
        processing.StartManufacturing, "OPER-1", **values, outside_rules={"reason": "time_limit_exceeded"}
    )
    assert journey.state.outside and len(journey.state.deviations) == 1


def thawed(journey: Journey, unit: str) -> None:
    """A bag thawed and on the ward."""
    stages.thaw(journey, unit)
    ward = party(PartyType.DEPARTMENT, f"{journey.treatment}/WARD")
    journey.hand_units("LAB-A1", "DOC-A1", journey.treatment, ward, (unit,))


def test_one_bag_at_a_time(given: World) -> None:
    """The second bag stays frozen until the first is infused, or destroyed."""
    journey = fresh(given, *DELIVERED)
    first, second, third = journey.products
    thawed(journey, first)
    stages.match_before_thaw(journey, second)
    start = {"units": journey.frozen_scans((second,))}
    found = given.refusal(processing.StartThaw, "LAB-A1", **start)
    assert found.error == "one_at_a_time" and first in found.message and third not in found.message
    given.do(processing.Destroy, "DOC-A1", others="DOC-A2 witnessed", units=scans(first))
    given.do(processing.StartThaw, "LAB-A1", **start)


def test_no_infusion_begins_when_its_hour_is_over(given: World) -> None:
    """The clock ends with the infusion, and guards its beginning and the match before it as well."""
    journey = fresh(given, *DELIVERED)
    bag = journey.products[0]
    thawed(journey, bag)
    match = {
        "units": scans(bag),
        "coi": scan(journey.coi),
        "patient": journey.wristband(),
        "others": "DOC-A2 witnessed",
    }
    given.do(identity.MatchAtBedside, "DOC-A1", **match)
    given.clock.set(journey.state.units[bag].facts["thaw_started"].at + timedelta(minutes=61))
    for request_class, values in (
        (identity.MatchAtBedside, match),
        (processing.StartInfusion, {"units": scans(bag)}),
    ):
        assert given.refusal(request_class, "DOC-A1", **values).error == "limit.thaw_to_infused"


def test_a_slow_infusion_is_recorded_all_the_same(given: World) -> None:
    """What ended after the hour happened: outside the rules, signed by two, with a drafted deviation."""
    journey = fresh(given, *DELIVERED)
    bag = journey.products[0]
    thawed(journey, bag)
    journey.ask(
        identity.MatchAtBedside,
        "DOC-A1",
        journey.treatment,
        ("DOC-A2", Meaning.WITNESSED),
        units=scans(bag),
        coi=scan(journey.coi),
        certificate=journey.certificate(bag),
        patient=journey.wristband(),
    )
    given.do(processing.StartInfusion, "DOC-A1", units=scans(bag))
    journey.wait(hours=1)
    ended = {"units": scans(bag), "infused_ml": "66"}
    assert given.refusal(processing.CompleteInfusion, "DOC-A1", **ended).error == "limit.thaw_to_infused"
    reason = {"reason": "time_limit_exceeded"}
    given.do(processing.CompleteInfusion, "DOC-A1", others="DOC-A2 witnessed", outside_rules=reason, **ended)
    assert journey.state.units[bag].final is FinalDisposition.INFUSED and len(journey.state.deviations) == 1
