"""The coordinator's screens: a chain proposed, booked and moved with all it brings, and the weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from schema.instants import format_instant
from tests.support.front_desk import Desk
from tests.support.gallery.story import Camera, Story, another
from tests.support.measured import invented_histories, put_histories
from tests.support.plans import LANES, RESOURCES
from tracker.demo import stages
from tracker.demo.journey import Journey, scan
from tracker.registry.capacity.requests import SetLane, SetResource
from tracker.requests.base import Request
from tracker.therapy.planning.requests import Schedule

COORDINATOR: Final = "COORD-A"
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")


def with_places(journey: Journey, *, beds: int = 2, chairs: int = 2) -> None:
    """Chairs, starts and beds of the demo's network, and a carrier between its sites on working days."""
    for site, code, kind, title, _, hours in RESOURCES:
        on_a_day = {"CHAIR": chairs, "START": 2, "BED": 9}[code]
        told(
            journey, SetResource, site=site, resource=code, resource_type=kind, title=title,
            per_weekday=(*(on_a_day,) * 5, 0, 0), concurrent=beds if code == "BED" else None,
            occupies_hours=hours, opens="08:00", closes="15:00",
        )  # fmt: skip
    for origin, to in LANES:
        told(
            journey, SetLane, lane=f"{origin}-{to}", from_site=origin, to_site=to, carrier="CARR-X",
            transit_hours=16, cutoff="16:00", picks_up_on=WEEKDAYS,
        )  # fmt: skip


def told(journey: Journey, request: type[Request], **values: Any) -> None:
    """What a coordinator says of the network and of therapies."""
    network = journey.network
    station = network.station("TREAT-A", COORDINATOR)
    one = request(event_id=network.tracker.new_event_id(), actor=COORDINATOR, station=station, **values)
    network.record(one, COORDINATOR)


def booked(desk: Desk, journey: Journey, *, days: int = 7) -> None:
    """The chain that is proposed for a therapy, booked from the front door."""
    ready = desk.clock.now().date() + timedelta(days=days)
    lines = desk.tracker.read.plan_offer(coi=journey.coi, ready=ready).lines
    told(
        journey, Schedule, coi=scan(journey.coi), ready_from=ready.isoformat(),
        milestones=tuple(
            {"name": one.name, "resource": one.resource, "start": format_instant(one.start)} for one in lines
        ),
    )  # fmt: skip


async def planning(desk: Desk, shot: Camera) -> None:
    """Nothing booked, a proposal, the booked chain, a move with its consequences, the sign page, the week."""
    journey = desk.story()
    journey.enroll()
    with_places(journey)
    others = [another(journey, number) for number in (11, 12)]
    for one in others:
        one.enroll()
        booked(desk, one)
    await desk.sign_in(COORDINATOR)
    await desk.press("f6")
    await desk.scan(journey.coi)
    await desk.press("f4", "f4")
    await desk.type("+7")
    await desk.type("2")
    await desk.press("f10")
    await desk.pin(COORDINATOR)
    await desk.press("home", "f4")
    await desk.type("+4")
    await shot(desk, "plan-move")
    await desk.type("1")
    await desk.pin(COORDINATOR)
    await desk.type("7")
    await shot(desk, "plan")
    await desk.press("f11")
    full = desk.tracker.read.plan(coi=others[0].coi)[-1].start
    await desk.type(f"{full:%Y-%m-%d}")
    await shot(desk, "week")


def morning(desk: Desk) -> Journey:
    """A therapy on the road, one whose collection is overdue, one to be collected; and places to book."""
    journey = desk.story()
    journey.enroll()
    with_places(journey)
    booked(desk, journey, days=0)
    late, coming = another(journey, 11), another(journey, 12)
    for one, days in ((late, 0), (coming, 2)):
        one.enroll()
        booked(desk, one, days=days)
    stages.collect_and_freeze(journey)
    box = journey.network.boxes["Dry shipper 1"]
    stages.pick_up_leukapheresis(journey, box)
    first = desk.tracker.read.plan(coi=late.coi)[0].start
    desk.clock.advance(max(first - desk.clock.now(), timedelta()) + timedelta(hours=30))
    return journey


async def today(desk: Desk, shot: Camera) -> None:
    """A coordinator's morning."""
    morning(desk)
    await desk.sign_in(COORDINATOR)
    await desk.press("down")
    await shot(desk, "today")


async def measures(desk: Desk, shot: Camera) -> None:
    """A year of therapies: every measure, and what one of them means."""
    with_places(desk.story())
    put_histories(desk.tracker, invented_histories(160, desk.clock.now()))
    await desk.sign_in(COORDINATOR)
    await desk.press("ctrl+v")
    await desk.press("down")
    await shot(desk, "measures")
    await desk.press("enter")
    await shot(desk, "measures-opened")


STORIES: Final = (
    Story("planning", "TREAT-A", planning),
    Story("today", "TREAT-A", today),
    Story("measures", "TREAT-A", measures),
)
