"""Whether all is there for what is due: each need of a milestone, judged for when it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any, Final

import pytest
from msgspec.structs import replace

from schema.vocabulary import EquipmentStatus, EquipmentType
from tests.support.journeys import PROTOCOL
from tests.support.plans import with_capacity
from tests.support.rule_cases import Case
from tracker.local_time import ahead_of, offset_of
from tracker.planning.calendar import WHOLE_DAY
from tracker.planning.chain import PlannedSlot
from tracker.rules.bookable import lane_of, resource_of, site_of
from tracker.rules.readiness import Need, Preparation, Readiness, readiness, worst

Cases = Callable[[str], Case]
STEPS: Final = {one.name: one for one in PROTOCOL.milestones}
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


def prepared(given: Case, milestone: str, **changes: Any) -> Preparation:
    """A milestone of the first therapy in two hours; what travels is picked up then, and a day on the way."""
    registry = with_capacity(given.registry)
    step, at = STEPS[milestone], given.now + 2 * HOUR
    offsets = ahead_of(registry)
    way = {"receipt": "COLL-A-MFG-1", "delivery": "MFG-1-TREAT-A"}.get(milestone)
    lane = None if way is None else lane_of(registry, registry.lanes[way], offsets)
    codes = {"collection": "COLL-A/CHAIR", "manufacturing_start": "MFG-1/START", "infusion": "TREAT-A/BED"}
    sites = {"receipt": "MFG-1", "release": "MFG-1"}
    code = codes.get(milestone)
    here = sites.get(milestone, "TREAT-A") if code is None else code.partition("/")[0]
    resource = site_of(registry, here, offsets) if code is None else resource_of(
        registry, registry.resources[code], offsets
    )  # fmt: skip
    start, departs = (at, None) if lane is None else (at + DAY, at)
    place = here if lane is None else lane.from_site
    found = Preparation(
        registry=registry,
        protocol=PROTOCOL,
        therapy=given.therapies[given.one.coi],
        step=step,
        slot=PlannedSlot(milestone, resource.code, start, start, way, departs),
        resource=resource,
        lane=lane,
        site=place,
        carrier=None if lane is None else "CARR-X",
        offset_of=offset_of(registry, place),
    )
    return replace(found, **changes)


def told(given: Preparation) -> dict[Need, tuple[Readiness, str]]:
    return {one.need: (one.readiness, one.words) for one in readiness(given)}


def states(given: Preparation) -> dict[Need, Readiness]:
    return {need: state for need, (state, _) in told(given).items()}


def test_nothing_stands_for_ready() -> None:
    """The worst of several, and of none that all is there."""
    assert worst([]) is Readiness.READY
    assert worst([Readiness.NOT_DUE, Readiness.READY]) is Readiness.NOT_DUE
    assert worst([Readiness.READY, Readiness.LOOK, Readiness.MISSING]) is Readiness.MISSING


@pytest.mark.parametrize(
    ("stage", "milestone", "need", "state"),
    [
        ("enrolled", "collection", Need.LABELS, Readiness.MISSING),
        ("enrolled", "receipt", Need.LABELS, Readiness.NOT_DUE),
        ("frozen", "receipt", Need.LABELS, Readiness.READY),
        ("packed", "receipt", Need.SHIPPER, Readiness.READY),
        ("packed", "receipt", Need.LOGGER, Readiness.READY),
        ("enrolled", "release", Need.RESULTS, Readiness.NOT_DUE),
        ("made", "release", Need.RESULTS, Readiness.MISSING),
        ("tested", "release", Need.RESULTS, Readiness.READY),
        ("tested", "delivery", Need.RESULTS, Readiness.MISSING),
        ("released", "delivery", Need.RESULTS, Readiness.READY),
        ("delivered", "infusion", Need.RESULTS, Readiness.READY),
    ],
)
def test_what_is_there_follows_the_therapy(
    case: Cases, stage: str, milestone: str, need: Need, state: Readiness
) -> None:
    """What cannot be there yet is not due; what should be is missing until it is."""
    assert states(prepared(case(stage), milestone))[need] is state


def test_a_place_that_is_closed_or_gone(case: Cases) -> None:
    """By the calendar as it is now, whatever it was when it was booked."""
    given = prepared(case("enrolled"), "collection", labels_printed=True)
    assert given.resource is not None
    early = replace(given, resource=replace(given.resource, hours=(time(0), time(0, 1))))
    assert told(early)[Need.SLOT] == (Readiness.LOOK, "COLL-A chair begins from 00:00 to 00:01")
    given = replace(given, resource=replace(given.resource, hours=WHOLE_DAY))
    assert told(given)[Need.SLOT] == (Readiness.READY, "COLL-A chair")
    assert told(given)[Need.LABELS] == (Readiness.READY, "labels printed")
    assert given.resource is not None
    shut = replace(given.resource, why_closed=lambda _: "water damage")
    state, words = told(replace(given, resource=shut))[Need.SLOT]
    assert state is Readiness.MISSING and words.startswith("COLL-A chair: water damage on ")
    gone = told(replace(given, resource=None))[Need.SLOT]
    assert gone == (Readiness.MISSING, "COLL-A/CHAIR is no longer there")


def equipped(given: Preparation, **changes: Any) -> Preparation:
    """The same with every shipper and logger changed so."""
    found = given.registry.equipments
    changed = {
        name: replace(one, **changes) if one.equipment_type is not EquipmentType.BOX else one
        for name, one in found.items()
    }
    return replace(given, registry=replace(given.registry, equipments=changed))


def test_a_shipper_counts_if_it_holds_until_the_door(case: Cases) -> None:
    """Charged and qualified at the pick-up and cold at the arrival; else how long it holds, or why not."""
    given = prepared(case("frozen"), "receipt")
    now = given.at - 2 * HOUR
    good = {"charged_at": now, "hold_hours": 100, "requalification_due": now + 90 * DAY, "site": "COLL-A"}
    ready = equipped(given, **good, status=EquipmentStatus.IN_SERVICE, failed=False, celsius_max=None)
    assert states(ready)[Need.SHIPPER] is Readiness.READY
    assert states(ready)[Need.LOGGER] is Readiness.READY
    short = equipped(ready, hold_hours=20)
    assert told(short)[Need.SHIPPER][0] is Readiness.LOOK
    assert told(short)[Need.SHIPPER][1].endswith("holds 18 h of 24")
    for changes, words in (
        ({"charged_at": None}, "not charged"),
        ({"hold_hours": 1}, "not charged"),
        ({"requalification_due": now}, "not qualified"),
        ({"status": EquipmentStatus.REPAIR}, "not in service"),
    ):
        state, said = told(equipped(ready, **changes))[Need.SHIPPER]
        assert state is Readiness.MISSING and said.startswith("no shipper is fit: ") and words in said
    nothing = replace(given, registry=replace(given.registry, equipments={}))
    assert told(nothing)[Need.SHIPPER] == (Readiness.MISSING, "no shipper at COLL-A")
    assert told(nothing)[Need.LOGGER] == (Readiness.MISSING, "no logger at COLL-A")


def test_a_carrier_that_drives_no_more_and_people_without_a_right(case: Cases) -> None:
    """The lane as it is now; whoever held a role until the day before does not count."""
    given = prepared(case("frozen"), "receipt")
    assert (
        told(given)[Need.COURIER][0] is Readiness.LOOK
        and "nobody has booked it" in told(given)[Need.COURIER][1]
    )
    assert given.lane is not None
    idle = replace(given, lane=replace(given.lane, weekdays=frozenset()))
    assert (
        told(idle)[Need.COURIER][0] is Readiness.MISSING and "does not drive" in told(idle)[Need.COURIER][1]
    )
    assert told(replace(given, lane=None))[Need.COURIER] == (Readiness.MISSING, "its lane is no longer there")
    assert states(given)[Need.PEOPLE] is Readiness.READY
    grants = {
        staff: tuple(replace(one, valid_until=given.at) for one in given_to)
        for staff, given_to in given.registry.grants.items()
    }
    ended = replace(given, registry=replace(given.registry, grants=grants))
    state, words = told(ended)[Need.PEOPLE]
    assert state is Readiness.MISSING and words.startswith("nobody at COLL-A may do it then: ")


def test_nothing_travels_to_a_chair(case: Cases) -> None:
    """Only what is carried needs a shipper, a logger and a carrier; what nobody records needs no people."""
    needs = [*states(prepared(case("enrolled"), "collection"))]
    assert needs == [Need.SLOT, Need.LABELS, Need.PEOPLE]
