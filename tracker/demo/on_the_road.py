"""On the road at the end of the story: carriers booked, one late, and a box that was warm on its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

from schema.instants import format_instant
from schema.vocabulary import EquipmentType, ObjectType, ProgressSource, Role, ShipmentMilestone
from tracker.demo import cast
from tracker.demo.journey import scan
from tracker.demo.network import Network
from tracker.registry.equipment.requests import AddEquipment
from tracker.registry.places.requests import SetLocationConditions
from tracker.requests.base import Request
from tracker.rules.condition_state import LoggerStay
from tracker.rules.therapy_state import TherapyState, TherapyStatus, UnitState
from tracker.therapy.conditions.logger_file import packed_file
from tracker.therapy.conditions.requests import RecordConditions
from tracker.therapy.shipments.requests import BookShipment, ReportShipment

BOOKED_MAX: Final = 4
WARM: Final = {30: "-149.2", 31: "-138.5", 32: "-146"}
"""Half an hour above what the cells bear, five hours after packing."""

STEP: Final = timedelta(minutes=10)
READER: Final = "QA-1"
ADMINISTRATOR: Final = cast.FOUNDERS[0]


def on_the_road(network: Network, cois: Iterable[str]) -> None:
    """Book what travels next, hear of what is late, read the file of a box that was warm, watch a tank."""
    known = [found[0] for coi in cois if (found := network.tracker.read.therapy(coi=coi)) is not None]
    active = [one for one in known if one.status is TherapyStatus.ACTIVE]
    booked = 0
    for therapy in active:
        booked += _booked(network, therapy) if booked < BOOKED_MAX else 0
    _late(network)
    _warm(network, active)
    _watched_tank(network)


def _booked(network: Network, therapy: TherapyState) -> bool:
    """The first pick-up that could be booked with a shipper and a logger; whether it was."""
    for offer in network.tracker.read.pick_ups(coi=therapy.coi):
        if offer.boxes and offer.loggers and offer.shipment is None:
            return _ask(
                network,
                BookShipment,
                _coordinator(therapy),
                therapies=(scan(therapy.coi),),
                lane=offer.lane,
                pick_up=_window(*offer.pick_up),
                delivery=_window(*offer.delivery),
                box=scan(offer.boxes[0].id),
                data_logger=scan(offer.loggers[0].id),
                waybill=f"020-{10_000_000 + network.chance.randrange(80_000_000)}",
            )
    return False


def _coordinator(therapy: TherapyState) -> str:
    """Who books for it: the coordinator of one of its sites."""
    sites = {therapy.sites.treatment, therapy.sites.collection, therapy.sites.manufacturing}
    people = (one for one in cast.PEOPLE if one.role is Role.COORDINATOR)
    return next((one.staff for one in people if one.site in sites), "")


def _window(first: datetime, last: datetime) -> dict[str, str]:
    return {"earliest": format_instant(first), "latest": format_instant(last)}


def _late(network: Network) -> None:
    """A courier says of one box that it will be there some hours later."""
    now = network.clock.now()
    for one in network.tracker.read.shipments(carrier="CARR-X", site=cast.HUB):
        if one.box and one.line is not None and one.line.status == "packed":
            expected = format_instant(now + timedelta(hours=9))
            said = {
                "milestone": ShipmentMilestone.DELAYED,
                "place": "airport",
                "source": ProgressSource.COURIER,
            }
            if _ask(
                network,
                ReportShipment,
                "COUR-X1",
                shipment=scan(one.box),
                estimated_delivery=expected,
                **said,
            ):
                return


def _warm(network: Network, therapies: Sequence[TherapyState]) -> None:
    """The logger of one box, read at the manufacturer: it was too warm for half an hour on its way."""
    for therapy in reversed(therapies):
        for unit in therapy.units.values():
            stay = next((one for one in unit.stays if one.until is not None and one.data_logger), None)
            if unit.final is not None or unit.quarantined or stay is None:
                continue
            file = packed_file(BytesIO(_file_of(network, stay).encode()))
            if _ask(network, RecordConditions, READER, shipment=scan(stay.shipment), file=file):
                return


def read_logger(network: Network, unit: UnitState, usual: str) -> bool:
    """The file of the box that a unit came in, in which nothing was out of order."""
    stay = next((one for one in reversed(unit.stays) if one.until is not None and one.data_logger), None)
    if stay is None:
        return False
    file = packed_file(BytesIO(_file_of(network, stay, usual, {}).encode()))
    return _ask(network, RecordConditions, READER, shipment=scan(stay.shipment), file=file)


def _file_of(
    network: Network, stay: LoggerStay, usual: str = "-184.2", warm: Mapping[int, str] = WARM
) -> str:
    """A reading every ten minutes while it was in its box."""
    logger = network.tracker.registry.equipment(stay.data_logger or "")
    serial = "" if logger is None else logger.serial
    count = ((stay.until or stay.since) - stay.since) // STEP + 1
    lines = (
        f"{stay.since + number * STEP:%Y-%m-%dT%H:%M:%SZ},{warm.get(number, usual)}"
        for number in range(count)
    )
    return "\n".join((f"serial,{serial}", "interval_s,600", "time,celsius", *lines, ""))


def _watched_tank(network: Network) -> None:
    """From now on a logger of its own records in the tank of the hub."""
    logger = network.tracker.new_object_id(object_type=ObjectType.DATA_LOGGER)
    tank, said = network.storage[cast.HUB], {"title": "Tank logger", "serial": "TL-0001"}
    logger_type = EquipmentType.DATA_LOGGER
    _ask(
        network,
        AddEquipment,
        ADMINISTRATOR,
        equipment=logger,
        site=cast.HUB,
        equipment_type=logger_type,
        **said,
    )
    _ask(network, SetLocationConditions, ADMINISTRATOR, location=tank, data_logger=logger, **cast.TANK)


def _ask(network: Network, request_class: type[Request], actor: str, **fields: object) -> bool:
    """Whether it was recorded; what the rules refuse is left as it is."""
    if not actor:
        return False
    home = next((one.site for one in cast.PEOPLE if one.staff == actor), cast.HUB)
    site = cast.HUB if home.startswith("CARR") else home
    own = {
        "event_id": network.tracker.new_event_id(),
        "actor": actor,
        "station": cast.HUB_STATION if actor == ADMINISTRATOR else network.station(site, actor),
    }
    request = request_class.model_validate({**own, **fields})
    return network.tracker.record(request=request, signers=[network.signers[actor]]).ok
