"""What can be booked in the demo's network, and chains that fit into it, for tests of plans."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from schema.instants import format_instant, parse_instant
from schema.vocabulary import Priority, ResourceType, Weekday
from tests.support.commands import write_credentials
from tracker.acts.read_tables import slot_rows
from tracker.local_time import ahead_of
from tracker.planning.chain import Taken
from tracker.planning.planner import PlanProposal, propose
from tracker.rules.bookable import PlaceView
from tracker.rules.registry_state import BookableResource, CarrierLane, RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.planning.wishes import wish_of

if TYPE_CHECKING:
    from tests.support.journeys import World
    from tests.support.rule_cases import Case

DAY: Final = timedelta(days=1)
CHAIR, START, BED = "COLL-A/CHAIR", "MFG-1/START", "TREAT-A/BED"
RESOURCES: Final = (
    ("COLL-A", "CHAIR", ResourceType.APHERESIS_CHAIR, "COLL-A chair", None, 6),
    ("MFG-1", "START", ResourceType.MANUFACTURING_START, "MFG-1 start", 8, 240),
    ("TREAT-A", "BED", ResourceType.BED, "TREAT-A bed", 2, 336),
)
LANES: Final = (("COLL-A", "MFG-1"), ("MFG-1", "TREAT-A"))


def with_capacity(registry: RegistryState, *, a_day: int = 2) -> RegistryState:
    """The demo's network with a chair, a start and a bed, each so many a day, and a carrier between."""
    resources = [
        BookableResource(
            site, code, kind, title, (a_day,) * 7, most, timedelta(hours=hours), timedelta(),
            (time(8), time(15)), date.min, date.max,
        )
        for site, code, kind, title, most, hours in RESOURCES
    ]  # fmt: skip
    lanes = [
        CarrierLane(f"{a}-{b}", a, b, "CARR-X", DAY, time(17), frozenset(Weekday), date.max) for a, b in LANES
    ]
    return replace(
        registry, resources={one.id: one for one in resources}, lanes={one.code: one for one in lanes}
    )


def places_of(registry: RegistryState, therapies: dict[str, TherapyState], own: str) -> PlaceView:
    """What is left for one therapy beside the others."""
    taken = Taken()
    for coi, state in therapies.items():
        for row in slot_rows(state) if coi != own else ():
            taken.count(row.resource, date.fromisoformat(row.day).toordinal(), row.begins, 1)
    return PlaceView(ahead_of(registry), taken)


def wanted_chain(case: Case, coi: str | None = None, ready: date | None = None) -> dict[str, Any]:
    """What to ask for, so that a therapy is booked as it is proposed."""
    own = coi or case.one.coi
    first = ready or case.now.date() + 3 * DAY
    places = places_of(case.registry, case.therapies, own)
    wish = wish_of(
        case.therapies[own], case.protocol, case.registry, places, ready=first, priority=Priority.ROUTINE
    )
    found = propose(wish, places.taken, case.now)
    assert isinstance(found, PlanProposal), found
    milestones = tuple(
        {"name": slot.name, "resource": slot.resource, "start": format_instant(slot.start)}
        for name, slot in found.slots.items()
        if name not in wish.done
    )
    return {"ready_from": first.isoformat(), "milestones": milestones}


def later_by(moment: str, **span: float) -> str:
    """An instant as requests write it, so much later."""
    later: datetime = parse_instant(moment) + timedelta(**span)
    return format_instant(later)


def acting_as(made: World, folder: Path, *staff: str) -> tuple[object, ...]:
    """The shared options of the first of these at a station of the treatment center; all may sign."""
    file = write_credentials(folder / "c.toml", {one: made.network.password(one) for one in staff})
    station = made.network.stations["TREAT-A"]
    return ("--database", made.url, "--as", staff[0], "--station", station, "--credentials", file)
