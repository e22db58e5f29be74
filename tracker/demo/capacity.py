"""What can be booked in the demo's network: chairs, starts, beds and lanes, for so many therapies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from schema.vocabulary import EquipmentType, ResourceType, Weekday
from tracker.demo import cast
from tracker.demo.network import Network, add_equipment, administer
from tracker.registry.capacity.requests import SetLane, SetResource
from tracker.registry.places.requests import CloseResource

WORKDAYS: Final = tuple(Weekday)[:5]
START: Final = f"{cast.HUB}/START"
CLOSURE: Final = "Clean room maintenance"

ROADS: Final = (
    ("COLL-A", cast.HUB, "17:00", 17),
    ("COLL-B", cast.HUB, "17:00", 18),
    (cast.HUB, "TREAT-A", "15:00", 25),
    (cast.HUB, "TREAT-B", "15:00", 18),
)
"""From where, to where, when the carrier is at the door and how many hours it takes."""

MOST_HOURS: Final = 48
FROZEN: Final = {"celsius_max": "-150"}
COOL: Final = {"celsius_min": "2", "celsius_max": "8"}


@dataclass(frozen=True, slots=True)
class _Resource:
    site: str
    code: str
    resource_type: ResourceType
    title: str
    a_day: int
    concurrent: int | None
    occupies_hours: int
    opens: str
    closes: str


def add_capacity(network: Network, therapies: int) -> None:
    """Resources and lanes that so many therapies fill, with further shippers and loggers to bring them."""
    with network.tracker.batch():
        for one in _resources(therapies):
            administer(
                network,
                SetResource,
                site=one.site,
                resource=one.code,
                resource_type=one.resource_type,
                title=one.title,
                per_weekday=(one.a_day,) * 5 + (0, 0),
                concurrent=one.concurrent,
                occupies_hours=one.occupies_hours,
                opens=one.opens,
                closes=one.closes,
            )
        for origin, to, cutoff, hours in ROADS:
            _add_lanes(network, origin, to, cutoff, hours)
    add_equipment(network, _more_equipment(therapies))


def _resources(therapies: int) -> tuple[_Resource, ...]:
    """Few enough that some days are full, and enough that everybody is treated in the end."""
    a_day, suites, beds = 1 + therapies // 60, 4 + therapies // 30, 3 + therapies // 20
    chair, start, bed = ResourceType.APHERESIS_CHAIR, ResourceType.MANUFACTURING_START, ResourceType.BED
    return (
        *(
            _Resource(f"COLL-{letter}", "CHAIR", chair, "Apheresis chairs", a_day, None, 6, "08:00", "09:00")
            for letter in "AB"
        ),
        _Resource(cast.HUB, "START", start, "Clean room suites", a_day, suites, 240, "08:00", "12:00"),
        *(
            _Resource(f"TREAT-{letter}", "BED", bed, "Beds for infusion", a_day, beds, 336, "09:00", "12:00")
            for letter in "AB"
        ),
    )


def _add_lanes(network: Network, origin: str, to: str, cutoff: str, hours: int) -> None:
    """By either carrier in dry shippers; the first one brings fresh cells in cool boxes too."""
    place = f"{origin[:4]}{origin[-1]}" if origin != cast.HUB else f"{to[:4]}{to[-1]}"
    ways = [("CARR-X", "DRY", FROZEN), ("CARR-Y", "DRY", FROZEN)]
    ways += [("CARR-X", "COOL", COOL)] if to == cast.HUB else []
    for carrier, name, kept in ways:
        administer(
            network,
            SetLane,
            lane=f"{place}-{name}-{carrier[-1]}",
            from_site=origin,
            to_site=to,
            carrier=carrier,
            transit_hours=hours,
            transit_hours_max=MOST_HOURS,
            cutoff=cutoff,
            picks_up_on=WORKDAYS,
            **kept,
        )


def _more_equipment(therapies: int) -> tuple[cast.EquipmentCast, ...]:
    """Shippers come back empty days later, so that a site needs more than it has on the road at once."""
    count = 2 + therapies // 20
    shipper, logger = EquipmentType.SHIPPER, EquipmentType.DATA_LOGGER
    found: list[cast.EquipmentCast] = []
    for site in ("COLL-A", "COLL-B", cast.HUB):
        for number in range(1, count + 1):
            kinds = ("Dry shipper",) if site == cast.HUB else ("Dry shipper", "Cool box")
            found += [cast.EquipmentCast(site, shipper, f"{kind} {site} {number}") for kind in kinds]
            found.append(cast.EquipmentCast(site, logger, f"Logger {site} {number}"))
    return tuple(found)


def close_a_start(network: Network, today: date) -> None:
    """The clean room is closed on a day of the next weeks on which somebody is booked; nobody is moved."""
    booked = network.tracker.read.booked_on(
        resource=START, first=today + timedelta(days=5), last=today + timedelta(days=40)
    )
    begun = [one.day for one in booked if one.begins_then]
    if not begun:
        return
    day = min(begun).isoformat()
    administer(
        network,
        CloseResource,
        site=cast.HUB,
        resource=START.partition("/")[2],
        from_day=day,
        until_day=day,
        title=CLOSURE,
    )
