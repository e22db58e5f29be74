"""A place is counted and signed: what was missed, or has no place there, is told its own chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schema.events.custody import CountFound
from schema.events.deviations import DeviationDrafted
from schema.events.registry import StorageCounted
from schema.vocabulary import CountResult, LocationType
from tests.support.invariants import require_projections
from tests.support.journeys import World, scans
from tracker.answers import Answer
from tracker.demo import cast, courses, stages
from tracker.demo.journey import Journey, scan
from tracker.evidence.verification.store import verify_store
from tracker.registry.places import counting as counting_of_places
from tracker.registry.places.counting import Counted, held_against
from tracker.registry.places.requests import AddLocation, CountStorage, SetLocationConditions
from tracker.requests.base import Scan
from tracker.rules.therapy_state import TherapyStatus
from tracker.therapy.custody.requests import Retrieve, StoreUnits
from tui.words import quality_words

Worlds = Callable[[str], World]
TECHNICIAN = "TECH-A1"


def counting(given: World, *units: str, location: str | None = None, actor: str = TECHNICIAN) -> Answer:
    """A count of a place, the tank of the collection center where none is said."""
    return given.ask(
        CountStorage, actor, location=location or given.network.storage["COLL-A"], units=scans(*units)
    )


def registry_said(given: World) -> StorageCounted:
    """What the last count left in the registry."""
    said = given.entries("registry")[-1].statement.payload
    assert isinstance(said, StorageCounted)
    return said


def numbers(said: StorageCounted) -> tuple[int, int, int, int, int]:
    """Expected, found, missing, unexpected, unknown."""
    return said.expected, said.found, said.missing, said.unexpected, len(said.unknown)


def flags(given: World, journey: Journey) -> tuple[str, ...]:
    """What the board marks of a therapy."""
    (row,) = [one for one in given.tracker.read.board() if one.coi == journey.coi]
    return tuple(row.attention)


def test_logistics_l6_a_count_in_which_nothing_differs(world: Worlds) -> None:
    """The registry says how many and by whom; the therapies hear nothing of it."""
    given = world("frozen")
    answer = counting(given, given.one.bag, given.two.bag, given.one.bag)
    assert answer.ok and [one.chain for one in answer.entries] == ["registry"]
    assert numbers(registry_said(given)) == (2, 2, 0, 0, 0)
    counted = given.tracker.registry.locations[given.network.storage["COLL-A"]].counted
    assert counted is not None and (counted.actor, counted.found) == (TECHNICIAN, 2)
    assert verify_store(given.url).exit_code == 0


def test_logistics_l6_a_unit_that_a_count_missed(world: Worlds) -> None:
    """It is marked on the board with a deviation of its own until it is found again, or moved."""
    given = world("frozen")
    tank = given.network.storage["COLL-A"]
    answer = counting(given, given.two.bag)
    assert [one.chain for one in answer.entries] == [given.one.coi, given.one.coi, "registry"]
    said, drafted = (one.statement for one in given.entries(given.one.coi)[-2:])
    assert said.payload == CountFound(units=(given.one.bag,), location=tank, result=CountResult.MISSING)
    assert drafted.payload == DeviationDrafted(cause=("unit_missing",), about=said.event_id)
    assert numbers(registry_said(given)) == (2, 1, 1, 0, 0)
    assert "out_of_place" in flags(given, given.one) and "out_of_place" not in flags(given, given.two)
    (missed,) = [one for one in given.tracker.read.storage_map(location=tank).units if one.is_missed]
    assert missed.unit == given.one.bag
    scanned = given.tracker.read.lookup(code=given.one.bag).unit
    assert scanned is not None and quality_words(scanned).startswith("■ MISSED BY THE LAST COUNT, ")
    again = counting(given, given.two.bag)
    assert [one.chain for one in again.entries] == ["registry"], "what was said once is not drafted again"
    found = counting(given, given.one.bag, given.two.bag)
    assert [one.chain for one in found.entries] == [given.one.coi, "registry"]
    assert "out_of_place" not in flags(given, given.one) and "deviation" in flags(given, given.one)
    require_projections(given, [given.one, given.two])
    assert verify_store(given.url).exit_code == 0


def test_logistics_l6_a_count_with_more_to_tell_than_one_act_takes(
    world: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count is recorded first, with the first chain; the same codes tell the others and count nothing."""
    monkeypatch.setattr(counting_of_places, "TOLD_AT_ONCE", 1)
    given = world("frozen")
    assert given.refusal(CountStorage, TECHNICIAN, **going_on(given)).error == "other_count"
    first, second = sorted((given.one.coi, given.two.coi))
    answer = counting(given)
    assert {one.chain for one in answer.entries} in ({first, "registry"}, {second, "registry"})
    (notice,) = answer.notices
    assert notice.rule == "count_goes_on" and "to 1 therapy nothing is written yet" in notice.message
    other = given.refusal(CountStorage, TECHNICIAN, **going_on(given, given.one.bag))
    assert "1 found, 1 missing, 0 unexpected. The last count: 0 found, 2 missing" in other.message
    rest = given.ask(CountStorage, TECHNICIAN, **going_on(given))
    assert rest.ok and not rest.notices and len({one.chain for one in rest.entries}) == 1
    assert [given.kinds(coi).count("count_found") for coi in (first, second)] == [1, 1]
    assert given.kinds("registry").count("storage_counted") == 1
    assert given.refusal(CountStorage, TECHNICIAN, **going_on(given)).error == "already_done"
    assert verify_store(given.url).exit_code == 0


def going_on(given: World, *units: str) -> dict[str, Any]:
    """The same place and codes, for the therapies that the count before left out."""
    return {"location": given.network.storage["COLL-A"], "units": scans(*units), "goes_on": True}


def test_a_unit_that_was_missed_and_is_taken_out_after_all(world: Worlds) -> None:
    """Whoever takes it out has found it."""
    given = world("frozen")
    counting(given, given.two.bag)
    tank = given.network.storage["COLL-A"]
    given.do(Retrieve, TECHNICIAN, units=scans(given.one.bag), location=scan(tank))
    assert "out_of_place" not in flags(given, given.one)


def other_tank(given: World) -> str:
    """A second storage place of the collection center."""
    near = given.tracker.registry.locations[given.network.storage["COLL-A"]]
    said: dict[str, Any] = {"site": "COLL-A", "department": near.department, "title": "Spare tank"}
    given.do(AddLocation, cast.FOUNDERS[0], at=cast.HUB, location_type=LocationType.STORAGE, **said)
    (found,) = [one.id for one in given.tracker.registry.locations.values() if one.title == "Spare tank"]
    return found


def test_logistics_l6_a_unit_where_the_record_does_not_have_it(world: Worlds) -> None:
    """No chain holds a code of another; its own says where it was, and putting it away there settles it."""
    given = world("frozen")
    other = other_tank(given)
    preview = given.tracker.read.count_preview(
        location=other, codes=[given.one.bag, "https://nothing.example"]
    )
    assert (preview.expected, len(preview.unknown)) == (0, 1)
    (unexpected,) = preview.unexpected
    assert (unexpected.unit, unexpected.by_record) == (given.one.bag, "LN2 tank 1 at COLL-A")
    answer = given.ask(
        CountStorage,
        TECHNICIAN,
        location=other,
        units=(*scans(given.one.bag), Scan(code="https://nothing.example")),
    )
    assert [one.chain for one in answer.entries] == [given.one.coi, given.one.coi, "registry"]
    assert numbers(registry_said(given)) == (0, 0, 0, 1, 1)
    said = given.entries(given.one.coi)[-2].statement
    assert said.payload == CountFound(units=(given.one.bag,), location=other, result=CountResult.UNEXPECTED)
    assert [read.mode for read in said.reads] == ["scanned"]
    assert given.one.bag.encode() not in given.bytes_of("registry")
    assert given.two.bag.encode() not in given.bytes_of(given.one.coi)
    assert "out_of_place" in flags(given, given.one)
    assert counting(given, given.one.bag, location=other).ok
    assert given.kinds(given.one.coi).count("deviation_drafted") == 1
    site = {"at": cast.HUB, "location": other, "celsius_max": "-150"}
    given.do(SetLocationConditions, cast.FOUNDERS[0], **site)
    given.do(StoreUnits, TECHNICIAN, units=scans(given.one.bag), location=scan(other))
    assert "out_of_place" not in flags(given, given.one)
    assert verify_store(given.url).exit_code == 0


def test_what_is_handed_over_is_not_missed() -> None:
    """It may be there, or with who takes it: scanned it is found, and not scanned it is on its way."""
    scanned, there, given = ("U1", "U4"), ("U3", "U1", "U2"), {"U2"}
    assert held_against(scanned, there, given) == Counted(("U1",), ("U3",), ("U4",))
    assert held_against(("U2",), there, given).found == ("U2",)


def test_logistics_l6_a_count_over_a_unit_on_its_way(world: Worlds) -> None:
    """What somebody took out is not missed, and where it lies all the same the record has it with them."""
    given = world("frozen")
    counted = given.tracker.read.count_preview
    tank = given.network.storage["COLL-A"]
    given.do(Retrieve, TECHNICIAN, units=scans(given.one.bag), location=scan(tank))
    answer = counting(given, given.two.bag)
    assert [one.chain for one in answer.entries] == ["registry"]
    assert numbers(registry_said(given)) == (1, 1, 0, 0, 0)
    preview = counted(location=tank, codes=[given.one.bag])
    assert [one.unit for one in preview.unexpected] == [given.one.bag]
    assert preview.unexpected[0].by_record == TECHNICIAN


@pytest.mark.parametrize(
    ("actor", "at", "rule"),
    [("NURSE-A1", "COLL-A", "role_missing"), ("OPER-1", "MFG-1", "other_site")],
)
def test_who_counts_a_place(world: Worlds, actor: str, at: str, rule: str) -> None:
    """Who answers for it, at a station of its site, and quality."""
    given = world("frozen")
    tank = given.network.storage["COLL-A"]
    problem = given.refusal(CountStorage, actor, at=at, location=tank, units=scans(given.one.bag))
    assert problem.error == rule
    assert (
        given.refusal(CountStorage, TECHNICIAN, location="LD999999999", units=()).error == "location_unknown"
    )


def test_a_unit_of_a_closed_therapy_in_a_tank(world: Worlds) -> None:
    """By the record it has ended: it is unexpected, its own chain says so, and the record holds."""
    given = world("delivered")
    courses.infuse_all(given.one)
    stages.close(given.one)
    assert given.state().status is TherapyStatus.CLOSED
    tank = given.network.storage["COLL-A"]
    bag = next(unit.unit for unit in given.state().units.values() if unit.final is not None)
    (unexpected,) = given.tracker.read.count_preview(location=tank, codes=[bag]).unexpected
    assert unexpected.by_record == given.state().units[bag].final
    answer = counting(given, bag)
    assert [one.chain for one in answer.entries] == [given.one.coi, given.one.coi, "registry"]
    assert numbers(registry_said(given)) == (0, 0, 0, 1, 0)
    assert verify_store(given.url).exit_code == 0
