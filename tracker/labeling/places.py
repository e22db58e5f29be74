"""What labels say of people, places and what travels between them; none of it names a patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from schema.errors import InputError
from schema.events.custody import Packed
from schema.identifiers import first_copy, possible_copies
from schema.tables import UnitRow
from schema.zones import format_offset_of
from tracker.acts.state_cache import entries
from tracker.ledger.transaction import Transaction
from tracker.local_time import local, offset_of
from tracker.open_store import OpenStore
from tracker.protocols.bands import celsius_range
from tracker.rules.registry_state import Person, RegistryState, Site

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabeledObject:
    """What labels can say of one object, by field, and the id whose code they carry."""

    object_id: str
    fields: Mapping[str, Value]

    def field(self, name: str) -> Value | None:
        """The text or lines of a field; None for one that nobody knows of this object."""
        return self.fields.get(name)


def labeled_person(registry: RegistryState, staff_or_badge: str) -> LabeledObject:
    """A person by staff id, with the last badge, or by one badge's id; raises InputError for nobody."""
    badge, person = _badge(registry, staff_or_badge)
    grants = [grant for grant in registry.grants_of(person.staff) if not grant.revoked]
    sites = list(dict.fromkeys(grant.site for grant in grants))
    return LabeledObject(
        badge,
        {
            "person": person.name,
            "staff_id": person.staff,
            "site": site_title(registry, sites[0]) if len(sites) == 1 else ", ".join(sites),
            "roles": tuple(dict.fromkeys(grant.role.value.replace("_", " ") for grant in grants)),
        },
    )


def labeled_location(registry: RegistryState, location_id: str) -> LabeledObject:
    """A shelf, tank position, dock, bench or ward; raises InputError for one that is not here."""
    location = registry.location(location_id)
    if location is None:
        raise unknown("location", location_id)
    return LabeledObject(
        location_id,
        {
            "title": location.title,
            "detail": f"{location.location_type.value}, {location.site}/{location.department}",
            "site": site_title(registry, location.site),
        },
    )


def labeled_positions(registry: RegistryState, location_id: str, positions: Iterable[str]) -> LabeledObject:
    """Some positions of a place, to be cut out; raises InputError for a place that is not here."""
    location = registry.location(location_id)
    if location is None:
        raise unknown("location", location_id)
    return LabeledObject(
        location_id,
        {
            "title": location.title,
            "site": site_title(registry, location.site),
            "codes": tuple(f"{position} {location.title}" for position in positions),
        },
    )


def labeled_equipment(registry: RegistryState, equipment_id: str) -> LabeledObject:
    """A box, shipper or logger itself, whatever travels in it; raises InputError for one that is not here."""
    equipment = registry.equipment(equipment_id)
    if equipment is None:
        raise unknown("box or data logger", equipment_id)
    kind, hours = equipment.equipment_type.value.replace("_", " "), equipment.hold_hours
    return LabeledObject(
        equipment_id,
        {
            "title": equipment.title,
            "detail": kind if hours is None else f"{kind}, holds {hours} h",
            "site": site_title(registry, equipment.site),
        },
    )


def labeled_lot(registry: RegistryState, lot_id: str) -> LabeledObject:
    """A lot of goods at its site; raises InputError for one that is not here."""
    lot = registry.lot(lot_id)
    if lot is None:
        raise unknown("lot", lot_id)
    kept = celsius_range(lot.celsius_min, lot.celsius_max)
    is_kept = kept.minimum is not None or kept.maximum is not None
    return LabeledObject(
        lot_id,
        {
            "title": lot.item.replace("_", " "),
            "batch": lot.number,
            "expiry": lot.expires,
            "storage": f"{kept}" if is_kept else "",
            "site": site_title(registry, lot.site),
        },
    )


def labeled_station(registry: RegistryState, station: str, codes: tuple[str, ...] = ()) -> LabeledObject:
    """A terminal, at whose site a card for everybody is used; one that is not known has no site."""
    place = registry.station(station)
    return LabeledObject(station, {"site": site_title(registry, place.site) if place else "", "codes": codes})


def labeled_box(opened: OpenStore, box: str) -> LabeledObject:
    """A packed box for its way; raises InputError for an empty one, and where a contact is missing."""
    registry = opened.registry
    if registry.equipment(box) is None:
        raise unknown("box", box)
    with opened.store.read() as transaction:
        rows = transaction.units_in_box(box)
    if not rows:
        raise InputError(
            f"Nothing is packed in {box}, so it goes to nobody.",
            remedy="Print its label after packing; `--equipment` prints the label of the box itself.",
            code="not_packed",
        )
    sender, receiver = ends_of(opened, box, rows)
    return LabeledObject(
        box,
        {
            "sender": sender.title,
            "sender_address": sender.address,
            "receiver": receiver.title,
            "receiver_address": receiver.address,
            "phones": tuple(f"{one.title} {one.phone_24h}" for one in (sender, receiver)),
            "storage": _storage(opened, rows),
            **shipping_codes(opened, rows),
        },
    )


def shipping_codes(opened: OpenStore, rows: Iterable[UnitRow]) -> dict[str, str]:
    """Waybill and SSCC of the shipment that a box travels in, as far as they were booked."""
    for row in rows:
        known = opened.read.therapy(coi=row.coi)
        unit = None if known is None else known[0].units.get(row.unit)
        shipment = None if known is None or unit is None else known[0].shipments.get(unit.shipment or "")
        booking = None if shipment is None else shipment.booking
        if booking is not None:
            return {
                "waybill": booking.waybill or "",
                "sscc": f"(00){booking.sscc}" if booking.sscc is not None else "",
            }
    return {"waybill": "", "sscc": ""}


def _badge(registry: RegistryState, staff_or_badge: str) -> tuple[str, Person]:
    owner = registry.badge_owner(staff_or_badge)
    if owner is not None:
        return staff_or_badge, owner
    person = registry.person(staff_or_badge)
    if person is None or not person.active:
        raise unknown("person or badge", staff_or_badge)
    if not person.badges:
        raise InputError(
            f"{staff_or_badge} has no badge.",
            remedy=f"Bind one first: `cartrail person badge {staff_or_badge}`.",
            code="no_badge",
        )
    return person.badges[-1], person


def is_packed(opened: OpenStore, box: str) -> bool:
    """Whether something travels in a box, so that it has a sender and a receiver."""
    with opened.store.read() as transaction:
        return bool(transaction.units_in_box(box))


def code_on(transaction: Transaction, object_id: str) -> str:
    """The code on an object's label as it was last printed; papers that repeat it take no copy."""
    printed = transaction.printed_copies(object_id)
    if not printed:
        return first_copy(object_id).text
    letter = printed[-1].copy_letter
    return next(code.text for code in possible_copies(object_id) if code.copy == letter)


def site_title(registry: RegistryState, code: str) -> str:
    """A site as it is printed; its code where the registry does not know it."""
    known = registry.site(code)
    return known.title if known else code


def local_minute(registry: RegistryState, moment: datetime, site: str) -> str:
    """A time to the minute at a site, with its offset."""
    shown = local(registry, site, moment)
    return f"{shown:%Y-%m-%d %H:%M} {format_offset_of(shown)}"


def crossing_minute(registry: RegistryState, moment: datetime, site: str, others: Iterable[str]) -> str:
    """The same with the time in UTC beside it, where cells go to or come from sites with other clocks then.

    ISBT 128 ST-001 7.4.4 asks for both on what is shipped across time zones.
    """
    shown = local_minute(registry, moment, site)
    if {offset_of(registry, one)(moment) for one in (site, *others)} == {offset_of(registry, site)(moment)}:
        return shown
    utc = moment.astimezone(UTC)
    is_same_day = f"{utc:%Y-%m-%d}" == shown[:10]
    return f"{shown} ({utc:%H:%M} UTC)" if is_same_day else f"{shown} ({utc:%Y-%m-%d %H:%M} UTC)"


def unknown(what: str, object_id: str) -> InputError:
    """The error for an id that stands for nothing here."""
    return InputError(
        f"There is no {what} {object_id} in this store.",
        remedy="Ask `cartrail scan CODE --lookup` what the code is.",
        code="unknown_object",
    )


def ends_of(opened: OpenStore, box: str, rows: list[UnitRow]) -> tuple[Site, Site]:
    """The site it was packed at and the one it goes to, each with an address and a telephone."""
    registry = opened.registry
    with opened.store.read() as transaction:
        for coi in dict.fromkeys(row.coi for row in rows):
            for entry in reversed(entries(transaction, coi)):
                payload = entry.statement.payload
                if isinstance(payload, Packed) and payload.box == box:
                    # Where it goes may have changed on the way; where it was packed has not.
                    known = opened.read.therapy(coi=coi)
                    to = known[0].boxes_carrier.get(box) if known else None
                    return (
                        _reachable(registry, entry.statement.site),
                        _reachable(registry, to[1] if to else payload.destination),
                    )
    raise InputError(f"It is not known where {box} was packed and where it goes.", code="not_packed")


def _reachable(registry: RegistryState, code: str) -> Site:
    site = registry.site(code)
    if site is None:
        raise unknown("site", code)
    contact = {"address": site.address, "telephone that answers day and night": site.phone_24h}
    missing = [what for what, text in contact.items() if not text.strip()]
    if missing:
        raise InputError(
            f"The site {code} has no {' and no '.join(missing)}; an outer box carries both (ISO 21973).",
            remedy=f"Give it: `cartrail site set {code} --address ... --phone ...`; nothing was printed.",
            code="no_contact",
        )
    return site


def _storage(opened: OpenStore, rows: list[UnitRow]) -> str:
    found: dict[str, None] = {}
    for row in rows:
        known = opened.read.therapy(coi=row.coi)
        protocol = known[1] if known else None
        for container in protocol.containers if protocol else ():
            if container.material.value == row.material:
                found[container.storage_text] = None
    return "; ".join(found)
