"""What a unit went through in its life, beside what its band allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schema.vocabulary import Material
from tests.support.journeys import PROTOCOL
from tracker.rules.condition_state import LoggerStay, OutsideBand, PlaceStay, told_before, told_with
from tracker.rules.storage_life import StorageLife, storage_life
from tracker.rules.therapy_state import Occurrence, UnitState

BEGAN = datetime(2026, 12, 1, 8, tzinfo=UTC)
UNIT = "UDCT4USUG7P"


def at(minutes: int) -> datetime:
    """So many minutes later."""
    return BEGAN + timedelta(minutes=minutes)


def outside(shipment: str | None, since: int, until: int, lasted: int, count: int = 1) -> OutsideBand:
    """What a file told, in minutes."""
    return OutsideBand(shipment, at(since), at(until), timedelta(minutes=lasted), count)


def lived(*told: OutsideBand) -> tuple[OutsideBand, ...]:
    """A life of these files, one after the other."""
    found: tuple[OutsideBand, ...] = ()
    for one in told:
        found = told_with(found, one)
    return found


@pytest.mark.parametrize(
    ("told", "minutes", "count"),
    [
        ((outside("S", 0, 60, 10), outside("T", 0, 60, 5)), 15, 2),
        ((outside("S", 0, 60, 10), outside("S", 0, 90, 12, 2)), 12, 2),
        ((outside("S", 0, 60, 10), outside("S", 60, 90, 5)), 15, 2),
        ((outside(None, 0, 60, 10), outside(None, 0, 90, 5)), 15, 2),
    ],
    ids=["two shipments", "one file that goes on", "two halves", "a place, of which only the new is told"],
)
def test_what_files_tell_of_a_life(told: tuple[OutsideBand, ...], minutes: int, count: int) -> None:
    """Of two that tell the same time of one box the worse counts; everything else adds up."""
    unit = UnitState(UNIT, Material.PRODUCT, told_outside=lived(*told))
    assert (unit.outside_band, unit.excursions) == (timedelta(minutes=minutes), count)
    assert told_before(unit.told_outside, "S", at(10), at(20))[0] <= unit.outside_band


def test_the_time_out_of_storage_is_between_two_places_and_before_its_use() -> None:
    """Put away, 8 min out, packed for an hour, 3 min until put away, and 5 min out until it is thawed."""
    thawed = Occurrence(at(176), "e", 9, "LAB-A1")
    unit = UnitState(
        UNIT,
        Material.PRODUCT,
        places=(PlaceStay("A", at(0), at(100)), PlaceStay("B", at(171), at(171))),
        stays=(LoggerStay("S", "BT", None, at(108), at(168)),),
        removals=2,
        facts={"thaw_started": thawed},
    )
    life = storage_life(PROTOCOL, unit, at(500))
    assert life == StorageLife(
        UNIT, timedelta(), 0, 2, timedelta(minutes=8 + 3 + 5), timedelta(minutes=10), 3, 20
    )
    still_out = UnitState(UNIT, Material.PRODUCT, places=(PlaceStay("A", at(0), at(100)),), removals=1)
    assert storage_life(PROTOCOL, still_out, at(107)).out_of_storage == timedelta(minutes=7)
    assert storage_life(None, UnitState(UNIT, Material.PRODUCT), at(1)).is_new


@pytest.mark.parametrize(
    ("life", "passed"),
    [
        (StorageLife(UNIT, timedelta(minutes=10), 3, 20, timedelta(), timedelta(minutes=10), 3, 20), ()),
        (
            StorageLife(UNIT, timedelta(minutes=11), 4, 21, timedelta(), timedelta(minutes=10), 3, 20),
            ("too_long_in_all", "too_often", "removed_too_often"),
        ),
        (StorageLife(UNIT, timedelta(minutes=11), 4, 21, timedelta()), ()),
    ],
    ids=["at its bounds", "beyond them", "without any"],
)
def test_logistics_l5_each_bound_of_a_life_is_judged(life: StorageLife, passed: tuple[str, ...]) -> None:
    """The bounds themselves are inside."""
    assert life.passed == passed
