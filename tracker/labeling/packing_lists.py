"""The packing list of a closed box: how it was packed, what was booked, what the protocols ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from labels.papers.packing_list import ListedUnit, PackingList
from schema.entry import Entry
from schema.errors import InputError, Refusal
from schema.events.custody import Packed
from schema.tables import UnitRow
from tracker.acts.state_cache import entries
from tracker.labeling.places import code_on, ends_of, local_minute, shipping_codes
from tracker.ledger.transaction import Transaction
from tracker.open_store import OpenStore
from tracker.protocols.model import Keeping, Protocol
from tracker.rules.authority import part_violation
from tracker.rules.checks.condition import allowed_for
from tracker.rules.registry_state import Station
from tracker.rules.therapy_state import TherapyState


class _Inside(NamedTuple):
    """One therapy in the box."""

    state: TherapyState
    protocol: Protocol
    units: tuple[str, ...]


def packing_list(opened: OpenStore, *, staff: str, station: str, box: str) -> PackingList:
    """What goes with a box that is packed.

    Raises InputError for an empty one, or a site without contact, and Refusal where who prints it, or their
    station, is neither of the site that it leaves, nor of where it goes, nor of its carrier.
    """
    registry = opened.registry
    with opened.store.read() as transaction:
        rows = transaction.units_in_box(box)
        packing = _packing(transaction, rows, box) if rows else None
        box_code = code_on(transaction, box) if rows else ""
    if packing is None:
        raise InputError(
            f"Nothing is packed in {box}, so there is nothing to list.",
            remedy="Print the packing list when the box is closed.",
            code="not_packed",
        )
    packed, entry = packing
    inside = tuple(_inside(opened, rows))
    sender, receiver = ends_of(opened, box, rows)
    place = registry.station(station)
    _require_part(opened, staff, place, {sender.code, receiver.code, packed.carrier})
    return PackingList(
        purpose=registry.purpose,
        origin=registry.origin,
        printed_at=local_minute(registry, opened.clock.now(), place.site if place else sender.code),
        box_code=box_code,
        shipment=packed.shipment,
        facts=tuple(_facts(opened, packed, entry, inside)),
        sender=sender.title,
        sender_address=sender.address,
        receiver=receiver.title,
        receiver_address=receiver.address,
        phones=tuple(f"{one.title} {one.phone_24h}" for one in (sender, receiver)),
        units=tuple(unit for one in inside for unit in _units(one)),
        documents=tuple(dict.fromkeys(_documents(opened, packed, inside))),
        **shipping_codes(opened, rows),
    )


def _require_part(opened: OpenStore, staff: str, station: Station | None, sites: set[str]) -> None:
    registry, at = opened.registry, opened.clock.now()
    named = ", ".join(sorted(sites))
    if part_violation(registry, staff, sites, at) is not None:
        person = registry.person(staff)
        who = staff if person is None else f"{person.name} ({staff})"
        raise Refusal(
            f"{who} works neither where this box is packed or expected nor for its carrier: {named}.",
            remedy="Somebody who works there prints its list.",
            code="no_part",
        )
    if station is not None and station.site not in sites:
        raise Refusal(
            f"The station {station.id} is of {station.site}; this box has to do with {named}.",
            remedy="Print its list at a station there: a command names one with --station.",
            code="wrong_site",
        )


def _packing(transaction: Transaction, rows: Iterable[UnitRow], box: str) -> tuple[Packed, Entry] | None:
    for coi in dict.fromkeys(row.coi for row in rows):
        for entry in reversed(entries(transaction, coi)):
            payload = entry.statement.payload
            if isinstance(payload, Packed) and payload.box == box:
                return payload, entry
    return None


def _inside(opened: OpenStore, rows: Iterable[UnitRow]) -> Iterator[_Inside]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.coi, []).append(row.unit)
    for coi, units in found.items():
        known = opened.read.therapy(coi=coi)
        if known is not None and known[1] is not None:
            yield _Inside(known[0], known[1], tuple(units))


def _facts(
    opened: OpenStore, packed: Packed, entry: Entry, inside: tuple[_Inside, ...]
) -> Iterator[tuple[str, str]]:
    registry, statement = opened.registry, entry.statement
    box, carrier = registry.equipment(packed.box), registry.site(packed.carrier)
    logger = registry.equipment(packed.data_logger or "")
    if box is not None:
        yield "Box", f"{box.title} ({box.id})"
    yield "Seal", packed.seal
    yield "Carrier", packed.carrier if carrier is None else f"{carrier.title} ({carrier.code})"
    if logger is not None:
        number = "" if logger.serial is None else f", number {logger.serial}"
        yield "Data logger", f"{logger.title} ({logger.id}){number}"
    if box is not None and box.charged_at is not None:
        yield "Coolant", f"charged {local_minute(registry, box.charged_at, statement.site)}"
    kept = dict.fromkeys(
        str(allowed)
        for one in inside
        for unit in one.units
        if (allowed := allowed_for(one.protocol, one.state.units[unit], Keeping.TRANSPORT)) is not None
    )
    if kept:
        yield "Keep it", "; ".join(kept)
    if packed.display_celsius is not None:
        yield "Display", f"{packed.display_celsius} C when it was packed"
    if packed.hold_until is not None:
        yield "Holds until", local_minute(registry, packed.hold_until, statement.site)
    people = ", ".join(f"{one.name} ({one.signer})" for one in entry.signatures)
    yield "Packed", f"{local_minute(registry, statement.occurred_at, statement.site)} by {people}"


def _units(one: _Inside) -> Iterator[ListedUnit]:
    for name in one.units:
        unit = one.state.units[name]
        container = one.protocol.container(unit.material)
        held_in = "container" if container is None else container.held_in.value
        yield ListedUnit(
            coi_id=one.state.coi,
            unit_id=name,
            material=unit.material.value.replace("_", " ") if container is None else container.title,
            count="" if unit.number is None else f"{held_in} {unit.number} of {unit.of}",
            cassette=unit.cassette or "",
            volume="" if unit.volume_ml is None else f"{unit.volume_ml} mL",
            storage="" if container is None else container.storage_text,
        )


def _documents(opened: OpenStore, packed: Packed, inside: tuple[_Inside, ...]) -> Iterator[str]:
    """By the protocol of each therapy inside, then by the lane that was booked for it."""
    for one in inside:
        for unit in one.units:
            yield from one.protocol.shipping_of(one.state.units[unit].material).documents
    for one in inside:
        shipment = one.state.shipments.get(packed.shipment)
        booking = None if shipment is None else shipment.booking
        lane = None if booking is None else opened.registry.lanes.get(booking.lane)
        yield from () if lane is None else lane.documents
