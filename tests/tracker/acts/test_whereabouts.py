"""Where the shippers and loggers are: by what therapies and the registry say of them, in one table."""

from __future__ import annotations

from collections.abc import Callable

from schema.vocabulary import EquipmentShown
from tests.support.invariants import require_projections
from tests.support.journeys import World
from tracker.demo import stages
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.registry.equipment.requests import ChargeShipper, SetEquipmentStatus
from tracker.views.equipment import EquipmentLine

Worlds = Callable[[str], World]


def line(given: World, name: str) -> EquipmentLine:
    """One box or logger as it is listed."""
    equipment = {**given.network.boxes, **given.network.loggers}[name]
    return next(one for one in given.tracker.read.equipment() if one.equipment.id == equipment)


def test_logistics_l6_a_shipper_from_one_site_to_the_next(world: Worlds) -> None:
    """At its site, packed, with the carrier, and opened where it came to; its logger goes along."""
    given = world("packed")
    packed = line(given, "Dry shipper 1")
    assert (packed.where.site, packed.where.carrier, packed.where.destination) == ("COLL-A", None, "MFG-1")
    assert EquipmentShown.IN_USE in packed.groups and EquipmentShown.AWAY not in packed.groups
    logger = next(one for one in given.tracker.read.equipment() if one.box == packed.equipment.id)
    assert logger.where.destination == "MFG-1"
    assert logger.where.site == "COLL-A" and packed.where.hold_until is not None
    require_projections(given, [given.one, given.two])
    assert verify_store(given.url).exit_code == 0


def test_logistics_l6_a_shipper_on_the_road(world: Worlds) -> None:
    """With its carrier, on its way to where it is to be opened; it is at no site."""
    given = world("frozen")
    stages.pick_up_leukapheresis(given.one, given.network.boxes["Dry shipper 1"])
    gone = line(given, "Dry shipper 1")
    assert (gone.where.site, gone.where.carrier, gone.where.destination) == (None, given.one.carrier, "MFG-1")
    assert {EquipmentShown.IN_USE, EquipmentShown.AWAY} <= gone.groups
    require_projections(given, [given.one, given.two])
    assert verify_store(given.url).exit_code == 0


def test_logistics_l6_a_shipper_that_was_opened_elsewhere(world: Worlds) -> None:
    """It is empty at the site that opened it, away from its own, until somebody brings it back."""
    given = world("received")
    there = line(given, "Dry shipper 1")
    assert (there.where.site, there.where.carrier, there.where.destination) == ("MFG-1", None, None)
    assert there.units == 0 and there.equipment.site == "COLL-A"
    assert EquipmentShown.AWAY in there.groups and EquipmentShown.IN_USE not in there.groups


def test_logistics_l6_a_shipper_stands_where_it_was_charged(world: Worlds) -> None:
    """Filled at home, it is there again, although nobody has said that it was brought back."""
    given = world("received")
    given.do(ChargeShipper, "TECH-A1", equipment=scan(given.network.boxes["Dry shipper 1"]))
    here = line(given, "Dry shipper 1")
    assert (here.where.site, here.where.carrier, here.where.since) == ("COLL-A", None, given.clock.now())
    assert EquipmentShown.AWAY not in here.groups


def test_what_is_out_of_service_is_found_under_that(world: Worlds) -> None:
    """Wherever it is."""
    given = world("packed")
    box = given.network.boxes["Dry shipper 4"]
    given.do(SetEquipmentStatus, "TECH-A1", equipment=scan(box), status="cleaning")
    assert line(given, "Dry shipper 4").groups == {EquipmentShown.OUT}


def test_whereabouts_that_no_entry_says_are_found(world: Worlds) -> None:
    """A row changed by hand stands against the chain."""
    given = world("packed")
    with given.tracker.store.begin() as transaction:
        row = transaction.equipment_places(given.network.boxes["Dry shipper 1"])[0]
        transaction.put_equipment_places([row._replace(site="TREAT-A")])  # type: ignore[attr-defined]
    words = " ".join(one.message for one in verify_store(given.url).findings)
    assert "equipment_place" in words and "TREAT-A" in words
