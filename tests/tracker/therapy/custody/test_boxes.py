"""A box of three patients: one act, all or none, each chain with its own statement and no foreign code."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from schema.events.base import Party
from schema.events.custody import Accepted, Packed
from schema.vocabulary import InspectionResult, PartyType
from tests.support.invariants import names_of, require_projections, require_silence
from tests.support.journeys import World
from tracker.demo import stages
from tracker.demo.journey import Journey, party, scan
from tracker.requests.base import Scan
from tracker.therapy.custody import requests as custody

Worlds = Callable[[str], World]
SEAL = Scan(code="SEAL-3")


@pytest.fixture
def shipment(world: Worlds) -> tuple[World, list[Journey]]:
    """Three patients' frozen bags in one tank."""
    made = world("frozen")
    third = replace(made.one, number=3, coi="", bag="", cassettes={})
    third.enroll()
    stages.collect_and_freeze(third)
    return made, [made.one, made.two, third]


def packed(world: World, journeys: list[Journey]) -> Scan:
    """All three in one box, out of the tank; gives the box."""
    units = tuple(scan(journey.cassettes[journey.bag]) for journey in journeys)
    world.do(custody.Retrieve, "TECH-A1", units=units, location=scan(world.network.storage["COLL-A"]))
    box = scan(world.network.boxes["Dry shipper 1"])
    answer = world.do(
        custody.Pack,
        "TECH-A1",
        others="TECH-A2 witnessed",
        units=units,
        box=box,
        seal=SEAL,
        tally=len(units),
        carrier="CARR-X",
        destination="MFG-1",
    )
    assert len(answer.entries) == len(journeys)
    return box


def custodians(journeys: list[Journey]) -> set[Party | None]:
    """Who has the bags."""
    return {journey.state.units[journey.bag].custodian for journey in journeys}


def test_one_act_in_three_chains(shipment: tuple[World, list[Journey]]) -> None:
    """Statements stand by chain in byte order; the first has the request's id, the others a UUIDv5 of it."""
    world, journeys = shipment
    box = packed(world, journeys)
    answer = world.do(custody.Relinquish, "TECH-A1", box=box, seal=SEAL)
    chains = sorted((journey.coi for journey in journeys), key=str.encode)
    assert [entry.chain for entry in answer.entries] == chains
    assert answer.event_id is not None
    namespace = uuid.UUID(answer.event_id)
    ids = [answer.event_id, *(str(uuid.uuid5(namespace, str(place))) for place in (1, 2))]
    last = [world.entries(chain)[-1].statement for chain in chains]
    assert [statement.event_id for statement in last] == ids
    assert {statement.act for statement in last} == {answer.event_id}


def test_no_chain_names_another(shipment: tuple[World, list[Journey]]) -> None:
    """Packed, handed on, received closed, opened: each chain knows its own unit and the box."""
    world, journeys = shipment
    box = packed(world, journeys)
    for giver, receiver, site in (("TECH-A1", "COUR-X1", "COLL-A"), ("COUR-X1", "DOCK-M", "MFG-1")):
        world.do(custody.Relinquish, giver, at=site, box=box, seal=SEAL)
        world.do(custody.Accept, receiver, at=site, box=box, seal=SEAL)
    production = party(PartyType.DEPARTMENT, "MFG-1/PRODUCTION")
    world.do(custody.Relinquish, "DOCK-M", box=box, seal=SEAL, to=production)
    world.do(custody.Accept, "OPER-1", box=box, seal=SEAL)
    assert custodians(journeys) == {production}
    results = tuple(
        custody.InspectionGiven(unit=scan(journey.cassettes[journey.bag]), result=InspectionResult.ACCEPT)
        for journey in journeys
    )
    found = world.refusal(custody.Inspect, "OPER-1", box=box, seal_intact=True, results=results[:2])
    assert found.error == "units_missing"
    world.do(custody.Inspect, "OPER-1", box=box, seal_intact=True, results=results)
    assert not world.tracker.read.units_in_box(box=world.network.boxes["Dry shipper 1"])
    require_silence(world, journeys)
    require_projections(world, journeys)


def test_all_or_none(shipment: tuple[World, list[Journey]]) -> None:
    """When one of three may not be taken over, none is."""
    world, journeys = shipment
    box = packed(world, journeys)
    world.do(custody.Relinquish, "TECH-A1", box=box, seal=SEAL)
    before = {journey.coi: world.kinds(journey.coi) for journey in journeys}
    found = world.refusal(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=Scan(code="SEAL-4"))
    assert found.error == "seal_mismatch"
    assert {journey.coi: world.kinds(journey.coi) for journey in journeys} == before
    world.do(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=SEAL)
    assert custodians(journeys) == {party(PartyType.CARRIER, "CARR-X")}


def test_each_chain_is_bound_to_its_own_word(shipment: tuple[World, list[Journey]]) -> None:
    """An acceptance names the digest of what the giver said about that therapy."""
    world, journeys = shipment
    box = packed(world, journeys)
    world.do(custody.Relinquish, "TECH-A1", box=box, seal=SEAL)
    said = {journey.coi: world.entries(journey.coi)[-1].statement for journey in journeys}
    world.do(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=SEAL)
    for journey in journeys:
        answered = world.entries(journey.coi)[-1].statement.payload
        assert isinstance(answered, Accepted)
        assert answered.handoff == said[journey.coi].event_id
        assert answered.relinquished == said[journey.coi].digest
        assert answered.units == (journey.bag,)


def test_a_tally_counts_units(shipment: tuple[World, list[Journey]]) -> None:
    """The label and the cassette of one bag are one unit, and each chain keeps its own count."""
    world, journeys = shipment
    units = tuple(scan(journey.cassettes[journey.bag]) for journey in journeys)
    world.do(custody.Retrieve, "TECH-A1", units=units, location=scan(world.network.storage["COLL-A"]))
    twice = (units[0], scan(journeys[0].bag))
    values = {"box": scan(world.network.boxes["Dry shipper 1"]), "seal": SEAL, "carrier": "CARR-X"}
    found = world.refusal(
        custody.Pack,
        "TECH-A1",
        units=twice,
        tally=2,
        destination="MFG-1",
        others="TECH-A2 witnessed",
        **values,
    )
    assert found.error == "tally_differs"
    world.do(
        custody.Pack,
        "TECH-A1",
        units=units,
        tally=3,
        destination="MFG-1",
        others="TECH-A2 witnessed",
        **values,
    )
    for journey in journeys:
        payload = world.entries(journey.coi)[-1].statement.payload
        assert isinstance(payload, Packed) and payload.tally == 1


def test_one_box_one_content(shipment: tuple[World, list[Journey]]) -> None:
    """A box that holds something is not packed again; carrier and destination are of the network."""
    world, journeys = shipment
    first, second, _ = journeys
    box = packed(world, [first])
    units = (scan(second.cassettes[second.bag]),)
    world.do(custody.Retrieve, "TECH-A1", units=units, location=scan(world.network.storage["COLL-A"]))
    values = {"units": units, "seal": SEAL, "tally": 1, "others": "TECH-A2 witnessed"}
    found = world.refusal(custody.Pack, "TECH-A1", box=box, carrier="CARR-X", destination="MFG-1", **values)
    assert found.error == "box_not_empty"
    other = scan(world.network.boxes["Dry shipper 2"])
    for carrier, destination, rule in (
        ("MFG-1", "MFG-1", "carrier_unknown"),
        ("CARR-X", "CARR-Y", "site_unknown"),
    ):
        found = world.refusal(
            custody.Pack, "TECH-A1", box=other, carrier=carrier, destination=destination, **values
        )
        assert found.error == rule


def test_names_are_what_is_searched_for(shipment: tuple[World, list[Journey]]) -> None:
    """The search for foreign names would find one: a chain holds its own."""
    world, journeys = shipment
    for journey in journeys:
        content = world.bytes_of(journey.coi)
        assert len([name for name in names_of(journey) if name in content]) >= 4
