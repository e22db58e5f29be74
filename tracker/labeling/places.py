"""What labels say of people, places and what travels between them; none of it names a patient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schema.errors import InputError
from schema.events.custody import Packed
from schema.identifiers import first_copy, possible_copies
from schema.instants import parse_offset
from schema.tables import UnitRow
from tracker.acts.memory import entries
from tracker.ledger.transaction import Transaction
from tracker.open_store import OpenStore
from tracker.rules.registry_state import Equipment, Grant, Location, Person, RegistryState, Site


@dataclass(frozen=True, slots=True)
class LabeledPerson:
    """A person with one of their badges."""

    registry: RegistryState
    object_id: str
    who: Person

    @property
    def person(self) -> str:
        return self.who.name

    @property
    def staff_id(self) -> str:
        return self.who.staff

    @property
    def site(self) -> str:
        """The site's printed name, or the codes of several."""
        sites = list(dict.fromkeys(grant.site for grant in self._grants()))
        return site_title(self.registry, sites[0]) if len(sites) == 1 else ", ".join(sites)

    @property
    def roles(self) -> tuple[str, ...]:
        """Each role once, wherever it is held."""
        return tuple(dict.fromkeys(grant.role.value.replace("_", " ") for grant in self._grants()))

    def _grants(self) -> Iterator[Grant]:
        return (grant for grant in self.registry.grants_of(self.who.staff) if not grant.revoked)


@dataclass(frozen=True, slots=True)
class LabeledLocation:
    """A shelf, tank position, dock, bench or ward."""

    registry: RegistryState
    location: Location

    @property
    def object_id(self) -> str:
        """The id whose code the label carries."""
        return self.location.id

    @property
    def title(self) -> str:
        return self.location.title

    @property
    def site(self) -> str:
        """The site's printed name."""
        return site_title(self.registry, self.location.site)

    @property
    def detail(self) -> str:
        """What kind of place it is, and in which department."""
        return f"{self.location.location_type.value}, {self.location.site}/{self.location.department}"


@dataclass(frozen=True, slots=True)
class LabeledEquipment:
    """A box, shipper or data logger itself, whatever travels in it."""

    registry: RegistryState
    equipment: Equipment

    @property
    def object_id(self) -> str:
        """The id whose code the label carries."""
        return self.equipment.id

    @property
    def title(self) -> str:
        return self.equipment.title

    @property
    def site(self) -> str:
        """The site's printed name."""
        return site_title(self.registry, self.equipment.site)

    @property
    def detail(self) -> str:
        """What kind of equipment it is, and how long it holds its temperature."""
        kind, hours = self.equipment.equipment_type.value.replace("_", " "), self.equipment.hold_hours
        return kind if hours is None else f"{kind}, holds {hours} h"


@dataclass(frozen=True, slots=True)
class LabeledBox:
    """A packed box with the site it was packed at and the one it goes to, for its outside."""

    registry: RegistryState
    object_id: str
    packed_at: Site
    goes_to: Site
    storage: str
    """How what is in it is kept, in the words of its protocols."""

    @property
    def sender(self) -> str:
        return self.packed_at.title

    @property
    def sender_address(self) -> str:
        return self.packed_at.address

    @property
    def receiver(self) -> str:
        return self.goes_to.title

    @property
    def receiver_address(self) -> str:
        return self.goes_to.address

    @property
    def phones(self) -> tuple[str, ...]:
        """Whose number it is and the number, the sender's first."""
        return tuple(f"{one.title} {one.phone_24h}" for one in (self.packed_at, self.goes_to))


@dataclass(frozen=True, slots=True)
class LabeledStation:
    """A terminal, at whose site a card for everybody is used."""

    registry: RegistryState
    object_id: str

    @property
    def site(self) -> str:
        """The site's printed name; empty for a terminal that is not known."""
        place = self.registry.station(self.object_id)
        return site_title(self.registry, place.site) if place else ""


def labeled_person(registry: RegistryState, staff_or_badge: str) -> LabeledPerson:
    """A person by staff id, with the last badge, or by one badge's id; raises InputError for nobody."""
    owner = registry.badge_owner(staff_or_badge)
    if owner is not None:
        return LabeledPerson(registry, staff_or_badge, owner)
    person = registry.person(staff_or_badge)
    if person is None or not person.active:
        raise unknown("person or badge", staff_or_badge)
    if not person.badges:
        raise InputError(
            f"{staff_or_badge} has no badge.",
            remedy=f"Bind one first: `cartrail person badge {staff_or_badge}`.",
            code="no_badge",
        )
    return LabeledPerson(registry, person.badges[-1], person)


def labeled_location(registry: RegistryState, location_id: str) -> LabeledLocation:
    """A place by its id; raises InputError for one that is not here."""
    location = registry.location(location_id)
    if location is None:
        raise unknown("location", location_id)
    return LabeledLocation(registry, location)


def labeled_equipment(registry: RegistryState, equipment_id: str) -> LabeledEquipment:
    """A box or logger by its id; raises InputError for one that is not here."""
    equipment = registry.equipment(equipment_id)
    if equipment is None:
        raise unknown("box or data logger", equipment_id)
    return LabeledEquipment(registry, equipment)


def labeled_box(opened: OpenStore, box: str) -> LabeledBox:
    """A packed box; raises InputError for an empty one, and where an address or telephone is missing."""
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
    packed_at, goes_to = _ends(opened, box, rows)
    return LabeledBox(registry, box, packed_at, goes_to, _storage(opened, rows))


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
    offset = registry.offset_at(site)
    return f"{moment.astimezone(parse_offset(offset)):%Y-%m-%d %H:%M} {offset}"


def unknown(what: str, object_id: str) -> InputError:
    """The error for an id that stands for nothing here."""
    return InputError(
        f"There is no {what} {object_id} in this store.",
        remedy="Ask `cartrail scan CODE --lookup` what the code is.",
        code="unknown_object",
    )


def _ends(opened: OpenStore, box: str, rows: list[UnitRow]) -> tuple[Site, Site]:
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
            remedy=f"Give it: `cartrail site contact {code} --address ... --phone ...`; nothing was printed.",
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
