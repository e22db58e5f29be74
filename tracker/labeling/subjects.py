"""What a label is about: a unit with its therapy and protocol, and the words that several labels share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from labels.isbt.values import is_din
from schema.commitments import Opening
from schema.errors import InputError, Refusal
from schema.identifiers import possible_copies
from schema.instants import parse_offset
from schema.vocabulary import CodeType, Material, Purpose
from tracker.open_store import OpenStore
from tracker.protocols.model import Container, Protocol
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState, UnitState

_COLLECTED: Final = frozenset({Material.LEUKAPHERESIS})


@dataclass(frozen=True, slots=True)
class Subject:
    """One unit, with everything that its labels are made of."""

    opened: OpenStore
    registry: RegistryState
    therapy: TherapyState
    protocol: Protocol
    unit: UnitState
    container: Container

    @property
    def purpose(self) -> Purpose:
        """What the store is for."""
        return self.registry.purpose

    @property
    def site(self) -> str:
        """The site whose name and address a container carries: where it was filled (21 CFR 1271.370)."""
        sites = self.therapy.sites
        return sites.collection if self.unit.material in _COLLECTED else sites.manufacturing

    @property
    def site_title(self) -> str:
        """The site's printed name."""
        known = self.registry.site(self.site)
        return known.title if known else self.site

    @property
    def address(self) -> str:
        """The site's printed address."""
        known = self.registry.site(self.site)
        return known.address if known else ""

    @property
    def patient_lines(self) -> tuple[str, ...]:
        """The patient's identifiers, where the protocol prints them on this container."""
        if not self.container.patient_identifiers_printed:
            return ()
        return patient_lines_of(self.opened, self.therapy)

    @property
    def din(self) -> str:
        """The donation number, scanned or adopted, where it has the form of ISBT 128."""
        adopted = [code.value for code in self.unit.adopted if code.type is CodeType.DIN]
        return next((text for text in (self.unit.din or "", *adopted) if is_din(text)), "")

    @property
    def volume(self) -> str:
        """The measured volume; empty before it is known."""
        return "" if self.unit.volume_ml is None else f"{self.unit.volume_ml} mL"

    @property
    def count(self) -> str:
        """Which of how many, as `bag 1 of 2`; empty until manufacturing has said how many there are."""
        if "manufactured" not in self.unit.facts or self.unit.material in _COLLECTED:
            return ""
        alike = [
            one.unit
            for one in self.therapy.units.values()
            if one.material is self.unit.material and "manufactured" in one.facts
        ]
        if len(alike) < 2:
            return ""
        return f"{self.container.held_in.value} {alike.index(self.unit.unit) + 1} of {len(alike)}"

    def expiry(self) -> str:
        """When it expires, in the time of the site that labels it; empty before that is known."""
        return self.local(self.unit.expires_at, self.site)

    def happened(self, *kinds: str, unit: UnitState | None = None) -> str:
        """When the first of these kinds that is a fact of the unit happened; empty when none is."""
        facts = (unit or self.unit).facts
        found = next((facts[kind].at for kind in kinds if kind in facts), None)
        return self.local(found, self.site if unit is None else (unit.site or self.site))

    def local(self, moment: datetime | None, site: str) -> str:
        """A time as labels print it: to the minute, with the offset of a site."""
        return "" if moment is None else local_minute(self.registry, moment, site)

    def use_by(self, parent: UnitState) -> datetime | None:
        """When the time ends that what was drawn from a container has, by the protocol's limits."""
        ends = [
            parent.facts[limit.start].at + limit.within
            for limit in self.protocol.limits
            if limit.until == "infusion_started" and limit.start in parent.facts
            if not limit.materials or parent.material in limit.materials
            if limit.within > timedelta(0)
        ]
        return min(ends, default=None)


def subject_of(opened: OpenStore, unit_id: str) -> Subject:
    """A unit's subject; raises InputError for a unit that is not here."""
    with opened.store.read() as transaction:
        row = transaction.unit(unit_id)
    if row is None:
        raise unknown("unit", unit_id)
    therapy, protocol = therapy_of(opened, row.coi)
    unit = therapy.unit(unit_id)
    if unit is None:
        raise unknown("unit", unit_id)
    container = protocol.container(unit.material)
    if container is None:
        raise InputError(f"The protocol {protocol.id} has no container for {unit.material.value}.")
    return Subject(opened, opened.registry, therapy, protocol, unit, container)


def require_own_label(subject: Subject) -> None:
    """Raise Refusal where the protocol keeps the manufacturer's own label."""
    if not subject.container.cartrail_label:
        raise Refusal(
            f"The protocol {subject.protocol.id} keeps the manufacturer's label on "
            f"{subject.container.title}.",
            remedy="Adopt the manufacturer's code by scanning it; nothing was printed.",
            code="no_own_label",
        )


def therapy_of(opened: OpenStore, coi: str) -> tuple[TherapyState, Protocol]:
    """A therapy with its protocol; without the protocol's file nothing can be printed for it."""
    known = opened.read.therapy(coi=coi)
    if known is None:
        raise unknown("therapy", coi)
    therapy, protocol = known
    if protocol is None:
        pin = therapy.protocol
        raise InputError(
            f"The protocol {pin.id} version {pin.version} of {coi} is not in this store.",
            remedy="Adopt the same file again with `cartrail protocol adopt FILE`.",
        )
    return therapy, protocol


def copy_of(
    opened: OpenStore,
    object_id: str,
    staff: str,
    station: str,
    *,
    preview: bool,
    label: str = "",
    unit: str | None = None,
) -> str:
    """The next copy's code, taken; in a preview the same code, not taken.

    `label` names a further kind of label of the same object, `unit` the unit that a cassette's is for.
    """
    if not preview:
        return opened.print_copy(
            object_id=object_id, staff=staff, station=station, label=label, unit=unit
        ).text
    with opened.store.read() as transaction:
        used = {row.copy_letter for row in transaction.printed_copies(object_id)}
    codes = [code.text for code in possible_copies(object_id) if code.copy not in used]
    # When all letters are used, printing says so; a preview has nothing to take.
    return codes[0] if codes else next(possible_copies(object_id)).text


def local_minute(registry: RegistryState, moment: datetime, site: str) -> str:
    """A time to the minute at a site, with its offset."""
    offset = registry.offset_at(site)
    return f"{moment.astimezone(parse_offset(offset)):%Y-%m-%d %H:%M} {offset}"


def patient_lines_of(opened: OpenStore, therapy: TherapyState) -> tuple[str, ...]:
    """The patient's identifiers that are still held, one a line."""
    with opened.store.read() as transaction:
        held: Mapping[str, Opening] = transaction.openings(therapy.patient_identifiers)
    return tuple(_identifier_lines(held, therapy))


def _identifier_lines(held: Mapping[str, Opening], therapy: TherapyState) -> Iterator[str]:
    for commitment in therapy.patient_identifiers:
        opening = held.get(commitment)
        if opening is not None and isinstance(opening.value, Mapping):
            kind = str(opening.value["type"]).replace("_", " ")
            yield f"{kind} {opening.value['value']} ({opening.value['issuer']})"


def unknown(what: str, object_id: str) -> InputError:
    """The error for an id that stands for nothing here."""
    return InputError(
        f"There is no {what} {object_id} in this store.",
        remedy="Ask `cartrail scan CODE --lookup` what the code is.",
        code="unknown_object",
    )
