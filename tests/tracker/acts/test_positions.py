"""Each unit in a position of its own: said when it is put away, free again when it is taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from schema.errors import InputError
from schema.events.custody import Stored
from schema.vocabulary import Reason
from tests.support.invariants import require_projections
from tests.support.journeys import World, scans
from tests.tracker.acts.test_concurrency import at_once, sending
from tracker.answers import Problem
from tracker.demo import cast
from tracker.demo.journey import Journey, scan
from tracker.evidence.verification.store import verify_store
from tracker.registry.places.requests import SetLocationConditions
from tracker.therapy.custody.requests import Retrieve, StoreUnits

Worlds = Callable[[str], World]
ADMINISTRATOR = cast.FOUNDERS[0]
TECHNICIAN = "TECH-A1"


def with_positions(given: World, rows: int = 2, columns: int = 3, **kept: str) -> str:
    """The tank of the collection center with so many rows and columns."""
    tank = given.network.storage["COLL-A"]
    said = {"location": tank, "rows": rows, "columns": columns, **kept}
    given.do(SetLocationConditions, ADMINISTRATOR, at=cast.HUB, **said)
    return tank


def put(given: World, lies: dict[str, str], **more: Any) -> None:
    """Put units away, each in its position."""
    tank = given.network.storage["COLL-A"]
    values = {"units": scans(*lies), "positions": tuple(lies.values()), "location": scan(tank), **more}
    given.do(StoreUnits, TECHNICIAN, **values)


def not_put(given: World, lies: dict[str, str]) -> Problem:
    """Why units cannot be put away like this."""
    tank = given.network.storage["COLL-A"]
    values = {"units": scans(*lies), "positions": tuple(lies.values()), "location": scan(tank)}
    return given.refusal(StoreUnits, TECHNICIAN, **values)


def lying(given: World) -> dict[str | None, str]:
    """What the map of the tank says lies where."""
    tank = given.network.storage["COLL-A"]
    return {one.position: one.unit for one in given.tracker.read.storage_map(location=tank).units}


def position(journey: Journey) -> str | None:
    """Where the bag of a therapy lies by its chain."""
    return journey.state.units[journey.bag].position


def test_logistics_l6_two_bags_change_places_in_one_act(world: Worlds) -> None:
    """What lies in a tank already is restowed: each bag where it is said to lie, under one signature."""
    given = world("frozen")
    one, two = given.one.bag, given.two.bag
    tank = with_positions(given)
    kept = given.tracker.registry.locations[tank]
    assert (kept.range_words, kept.celsius_max) == ("A1 to B3", "-150")
    put(given, {one: "A1", two: "b2"})
    (said,) = [each.statement.payload for each in given.entries(given.one.coi)[-1:]]
    assert said == Stored(units=(one,), location=tank, positions=("A1",))
    assert lying(given) == {"A1": one, "B2": two}
    put(given, {one: "B2", two: "A1"})
    assert (position(given.one), position(given.two)) == ("B2", "A1")
    assert lying(given) == {"A1": two, "B2": one}
    put(given, {one: "B3"})
    assert given.tracker.read.storage_map(location=tank).free == ("A2", "A3", "B1", "B2")
    require_projections(given, [given.one, given.two])
    assert verify_store(given.url).exit_code == 0


def test_logistics_l6_a_position_that_is_taken_or_is_none(world: Worlds) -> None:
    """A refusal says what lies there, or which positions there are; two in one cannot be kept."""
    given = world("frozen")
    one, two = given.one.bag, given.two.bag
    bare = not_put(given, {one: "A1"})
    assert (bare.error, bare.can_have_happened) == ("no_positions", False)
    assert bare.message == "LN2 tank 1 has no positions, and A1 is named."
    with_positions(given)
    put(given, {one: "A1", two: "A2"})
    taken = not_put(given, {two: "A1"})
    assert (taken.error, taken.can_have_happened) == ("position_taken", False)
    assert taken.message == f"A1 of LN2 tank 1 is taken: by the record {one} lies there."
    assert not_put(given, {two: "Z99"}).message == "LN2 tank 1 has the positions A1 to B3, and no Z99."
    assert not_put(given, {two: "A4"}).error == not_put(given, {two: "C1"}).error == "position_unknown"
    again = not_put(given, {two: "A2"})
    assert again.error == "already_done" and again.message.startswith(f"{two} is already put away in A2")
    tank = given.network.storage["COLL-A"]
    nowhere = given.refusal(StoreUnits, TECHNICIAN, units=scans(two), location=scan(tank))
    assert (nowhere.error, nowhere.can_have_happened) == ("position_missing", True)
    happened = {"reason": Reason.PERFORMED_BEFORE_ENTRY}
    values = {"units": scans(two), "location": scan(tank), "others": "TECH-A2 witnessed"}
    given.do(StoreUnits, TECHNICIAN, outside_rules=happened, **values)
    assert position(given.two) is None and lying(given) == {"A1": one, None: two}
    assert verify_store(given.url).exit_code == 0


@pytest.mark.parametrize("text", ["A0", "A00", "7B", "AA1", "A100", "", "A", "Ä1", "A1" * 100, "A 1"])
def test_what_is_no_position_is_bad_input(world: Worlds, text: str) -> None:
    """It does not even make a request; the words say what a position looks like."""
    given = world("frozen")
    tank = given.network.storage["COLL-A"]
    with pytest.raises(InputError):
        given.request(
            StoreUnits, TECHNICIAN, units=scans(given.one.bag), positions=(text,), location=scan(tank)
        )


@pytest.mark.parametrize("lies", [("A1",), ("A1", "A1"), ("A1", "a1"), ("A1", "A2", "A3")])
def test_each_unit_has_one_position(world: Worlds, lies: tuple[str, ...]) -> None:
    """Fewer, more, or the same one twice: bad input."""
    given = world("frozen")
    units, tank = scans(given.one.bag, given.two.bag), scan(given.network.storage["COLL-A"])
    with pytest.raises(ValidationError):
        given.request(StoreUnits, TECHNICIAN, units=units, positions=lies, location=tank)


def test_a_unit_that_is_named_twice_lies_in_one_position(world: Worlds) -> None:
    """By its bag and by its cassette it is one unit; in two positions it cannot lie."""
    given = world("frozen")
    tank = with_positions(given)
    cassette = given.one.state.units[given.one.bag].cassette
    assert cassette is not None
    units = scans(given.one.bag, cassette)
    with pytest.raises(InputError, match="is named twice, in A1 and in A2"):
        given.ask(StoreUnits, TECHNICIAN, units=units, positions=("A1", "A2"), location=scan(tank))


def test_a_tank_is_not_made_smaller_than_what_lies_in_it(world: Worlds) -> None:
    """The positions that would be gone are named; what was moved first, or taken out, is in nobody's way."""
    given = world("frozen")
    tank = with_positions(given)
    put(given, {given.one.bag: "B3", given.two.bag: "A1"})
    said = {"at": cast.HUB, "location": tank}
    problem = given.refusal(SetLocationConditions, ADMINISTRATOR, **said, rows=1, columns=3)
    assert problem.error == "position_in_use"
    lies = f"by the record lie {given.one.bag} in B3"
    assert problem.message == f"LN2 tank 1 would have A1 to A3 alone, and {lies}."
    again = given.refusal(SetLocationConditions, ADMINISTRATOR, **said, rows=2, columns=3)
    assert again.message == "LN2 tank 1 has these rows and columns already."
    given.do(Retrieve, TECHNICIAN, units=scans(given.one.bag), location=scan(tank))
    assert position(given.one) is None and lying(given) == {"A1": given.two.bag}
    given.do(SetLocationConditions, ADMINISTRATOR, **said, rows=1, columns=3)
    for rows, columns in ((0, 3), (100_000, 3), (27, 3), (1, 100)):
        with pytest.raises(ValidationError):
            given.request(SetLocationConditions, ADMINISTRATOR, **said, rows=rows, columns=columns)


def test_logistics_l6_one_of_two_gets_the_last_position(shared: World) -> None:
    """Both see it free: one has it, the other is refused, on either engine and as often as it is tried."""
    tank = with_positions(shared, 1, 1, celsius_min="2", celsius_max="8")
    bags = {shared.one.bag: shared.one, shared.two.bag: shared.two}
    for _ in range(3):
        requests = [
            shared.request(StoreUnits, TECHNICIAN, units=scans(bag), positions=("A1",), location=scan(tank))
            for bag in bags
        ]
        answers = [some[0] for some in at_once(shared, [sending(shared, [one]) for one in requests])]
        assert sorted(answer.ok for answer in answers) == [False, True], answers
        problem = next(answer.problem for answer in answers if answer.problem is not None)
        assert problem.error == "position_taken"
        (inside,) = lying(shared).values()
        assert position(bags[inside]) == "A1"
        shared.do(Retrieve, TECHNICIAN, units=scans(inside), location=scan(tank))
    assert verify_store(shared.url, clock=shared.clock).exit_code == 0


def test_a_position_that_no_entry_says_is_found(world: Worlds) -> None:
    """A row that somebody moved by hand stands against the chain."""
    given = world("frozen")
    tank = with_positions(given)
    put(given, {given.one.bag: "A1", given.two.bag: "A2"})
    with given.tracker.store.begin() as transaction:
        row = next(one for one in transaction.positions_in(tank) if one.position == "A1")
        transaction.free_positions([row])
        transaction.take_positions([row._replace(position="B1")])  # type: ignore[attr-defined]
    words = " ".join(one.message for one in verify_store(given.url).findings)
    assert "place_position" in words and "B1" in words
