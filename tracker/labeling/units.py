"""What labels say of a unit, its cassette and its therapy: each field by the name that a row asks for."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from labels.isbt.message import isbt_message
from labels.isbt.values import is_din
from schema.commitments import Opening
from schema.errors import InputError, Refusal
from schema.identifiers import draw_object_id
from schema.vocabulary import CodeType, Disposition, Material, ObjectType, Vessel
from tracker.labeling.places import (
    LabeledObject,
    Value,
    crossing_minute,
    local_minute,
    site_title,
    unknown,
)
from tracker.local_time import local
from tracker.open_store import OpenStore
from tracker.protocols.model import Container, Protocol
from tracker.rules.checks.bag_order import told_apart
from tracker.rules.clocks import use_by
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState, UnitState

FROM_PAPER: Final = "before cartrail, taken from paper"
"""What a label says of a therapy that began elsewhere."""

OUT_OF_SPECIFICATION: Final = "OUT OF SPECIFICATION"
"""What every label says first that is printed after such a release."""

_FROM_PAPER_ON_CARD: Final = "taken from paper"
"""The same where the recipient's identifiers leave less room."""


@dataclass(frozen=True, slots=True)
class LabeledUnit:
    """A unit with its therapy and protocol; for the label of its cassette, with that cassette's id."""

    opened: OpenStore
    registry: RegistryState
    state: TherapyState
    protocol: Protocol
    unit: UnitState
    container: Container
    cassette: str = ""

    def field(self, name: str) -> Value | None:
        """The text or lines of a field; None for one that nobody knows of a unit."""
        return getattr(self, name) if hasattr(LabeledUnit, name) else None

    @property
    def object_id(self) -> str:
        """The id whose code the label carries."""
        return self.cassette or self.unit_id

    @property
    def site_code(self) -> str:
        """The site whose name and address a container carries: where it was filled (21 CFR 1271.370)."""
        sites = self.state.sites
        return sites.collection if self._is_collected else sites.manufacturing

    @property
    def parent(self) -> UnitState:
        """The unit it was drawn from; raises InputError where there is none."""
        found = next((one for name in self.unit.parents if (one := self.state.unit(name)) is not None), None)
        if found is None:
            raise InputError(
                f"The {self.container.held_in.value} {self.unit_id} names no vial or bag it was drawn from.",
                remedy="Register it with its parent; nothing was printed.",
                code="no_parent",
            )
        return found

    @property
    def unit_id(self) -> str:
        return self.unit.unit

    @property
    def coi_id(self) -> str:
        return self.state.coi

    @property
    def parent_id(self) -> str:
        return self.parent.unit

    @property
    def material(self) -> str:
        """What is in it, with the component, the share and the color where a dose has several."""
        return ", ".join((self.container.title, *told_apart(self.protocol, self.state, self.unit)))

    @property
    def statements(self) -> tuple[str, ...]:
        said = self.container.statements
        if self.is_out_of_specification:
            said = (OUT_OF_SPECIFICATION, *said)
        return (*said, FROM_PAPER.upper()) if self.state.is_from_paper else said

    @property
    def is_out_of_specification(self) -> bool:
        """Whether it, or what it was drawn from, was released so; it stays visible until the infusion."""
        known = (self.state.unit(name) for name in self.state.lineage(self.unit.unit))
        way = Disposition.RELEASED_OUT_OF_SPECIFICATION
        return any(one is not None and one.disposition is way for one in known)

    @property
    def storage(self) -> str:
        return self.container.storage_text

    @property
    def site(self) -> str:
        """The site's printed name."""
        return site_title(self.registry, self.site_code)

    @property
    def address(self) -> str:
        """The site's printed address."""
        known = self.registry.site(self.site_code)
        return known.address if known else ""

    @property
    def patient_lines(self) -> tuple[str, ...]:
        """The patient's identifiers, where the protocol prints them on this container."""
        printed = self.container.patient_identifiers_printed
        return patient_lines_of(self.opened, self.state) if printed else ()

    @property
    def din(self) -> str:
        """The donation number, scanned or adopted, where it has the form of ISBT 128."""
        adopted = [code.value for code in self.unit.adopted if code.type is CodeType.DIN]
        return next((text for text in (self.unit.din or "", *adopted) if is_din(text)), "")

    @property
    def isbt(self) -> str:
        """The ISBT 128 content where the protocol asks for it and a donation number is known."""
        if not self.container.isbt_symbol or not self.din:
            return ""
        expires = self._use_by()
        coi = next((code.value for code in self.state.adopted if code.type is CodeType.ISBT_COI), None)
        return isbt_message(
            din=self.din,
            product_code=self.container.isbt_product_code,
            expires=None if expires is None else local(self.registry, self.site_code, expires),
            coi=coi,
        )

    @property
    def volume(self) -> str:
        """The measured volume; empty before it is known."""
        return "" if self.unit.volume_ml is None else f"{self.unit.volume_ml} mL"

    @property
    def count(self) -> str:
        """Which of how many, as `bag 1 of 2`; empty where nobody said so when it was registered."""
        unit = self.unit
        return "" if unit.number is None else f"{self.container.held_in.value} {unit.number} of {unit.of}"

    @property
    def batch(self) -> str:
        """The lot that was adopted for the container, or for the therapy; empty where none was."""
        adopted = (*self.unit.adopted, *self.state.adopted)
        return next((code.value for code in adopted if code.type is CodeType.LOT), "")

    @property
    def is_filled(self) -> bool:
        """Whether what its label has to say can be known."""
        return not {"collected", "manufactured"}.isdisjoint(self.unit.facts)

    @property
    def expiry(self) -> str:
        """Until when it can be used: the end of its shelf life, or of a limit that runs where that is sooner.

        At the site that labels it; of a syringe, where it is given. Empty before anything runs.
        """
        where = self.site_code
        if self.container.held_in is Vessel.SYRINGE:
            where = self.parent.site or self.state.sites.treatment
        return self._local(self._use_by(), where)

    @property
    def collected(self) -> str:
        """When the collection ended."""
        return self._happened(self.unit, self.site_code, "collected")

    @property
    def taken_at(self) -> str:
        """When a sample was taken: at manufacture, else at collection."""
        return self._happened(self.unit, self.site_code, "manufactured", "collected")

    @property
    def removed_at(self) -> str:
        """When what it was drawn from left storage: some products' time runs from there."""
        return self._happened(self.parent, self.parent.site or self.site_code, "retrieved", "thaw_started")

    @property
    def _is_collected(self) -> bool:
        return self.unit.material is Material.LEUKAPHERESIS

    def _happened(self, unit: UnitState, site: str, *kinds: str) -> str:
        """When the first of these kinds that is a fact of the unit happened; empty when none did."""
        found = next((unit.facts[kind].at for kind in kinds if kind in unit.facts), None)
        return self._local(found, site)

    def _local(self, moment: datetime | None, site: str) -> str:
        """By the clocks of a site, and in UTC too where another of the therapy's sites has other clocks.

        A tube or vial has no room for both, and does not travel by itself.
        """
        if moment is None:
            return ""
        if self.container.held_in in (Vessel.TUBE, Vessel.VIAL):
            return local_minute(self.registry, moment, site)
        sites = self.state.sites
        others = (sites.collection, sites.manufacturing, sites.treatment)
        return crossing_minute(self.registry, moment, site, others)

    def _use_by(self) -> datetime | None:
        """When the first limit ends that runs for it or for what it was drawn from."""
        first = use_by(self.state, self.protocol, self.unit)
        return None if first is None else first.due_at


def labeled_therapy(opened: OpenStore, coi: str) -> LabeledObject:
    """A therapy for its card; identifiers stand on it where the protocol prints them on any container."""
    state, protocol = therapy_of(opened, coi)
    printed = any(container.patient_identifiers_printed for container in protocol.containers)
    return LabeledObject(
        coi,
        {
            "therapy": f"{protocol.title}; {_FROM_PAPER_ON_CARD}" if state.is_from_paper else protocol.title,
            "site": site_title(opened.registry, state.sites.collection),
            "patient_lines": patient_lines_of(opened, state) if printed else (),
        },
    )


def labeled_blank(opened: OpenStore, unit_id: str, material: Material, site: str) -> LabeledObject:
    """A bag that belongs to nobody yet: what holds for its material, and no therapy."""
    container, place = _container_of(opened, material), opened.registry.site(site)
    return LabeledObject(
        unit_id,
        {
            "material": container.title,
            "statements": container.statements,
            "storage": container.storage_text,
            "site": place.title if place else site,
            "address": place.address if place else "",
        },
    )


def labeled_unit(opened: OpenStore, unit_id: str) -> LabeledUnit:
    """A unit as its labels see it; raises InputError for a unit that is not here."""
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
    return LabeledUnit(opened, opened.registry, therapy, protocol, unit, container)


def require_own_label(unit: LabeledUnit) -> None:
    """Raise Refusal where the protocol keeps the manufacturer's own label."""
    if not unit.container.cartrail_label:
        raise Refusal(
            f"The protocol {unit.protocol.id} keeps the manufacturer's label on {unit.container.title}.",
            remedy="Adopt the manufacturer's code by scanning it; nothing was printed.",
            code="no_own_label",
        )


def cassette_for(unit: LabeledUnit, cassette: str | None) -> str:
    """The cassette that a unit is bound to; before it is, the one named or a fresh one."""
    if not unit.container.cassette:
        raise Refusal(
            f"The protocol {unit.protocol.id} puts {unit.container.title} into no cassette.",
            remedy="Print the unit's own label.",
            code="no_cassette",
        )
    bound = unit.unit.cassette
    if bound is not None and cassette not in (None, bound):
        raise Refusal(
            f"{unit.unit_id} is bound to the cassette {bound}, not to {cassette}.",
            remedy="Print the label of the cassette it is bound to.",
            code="wrong_cassette",
        )
    return bound or cassette or new_cassette_id(unit.opened)


def new_cassette_id(opened: OpenStore) -> str:
    """An id that no cassette of this store has and no label was printed for."""
    purpose = opened.purpose
    with opened.store.read() as transaction:
        while True:
            cassette = draw_object_id(ObjectType.CASSETTE, purpose, secrets.choice)
            if transaction.code(cassette) is None and not transaction.printed_copies(cassette):
                return cassette


def syringes_of(opened: OpenStore, unit_id: str) -> tuple[str, ...]:
    """The syringe itself, or those drawn from a vial or bag; raises Refusal when there is none."""
    subject = labeled_unit(opened, unit_id)
    if subject.unit.material is Material.SYRINGE:
        return (unit_id,)
    drawn = tuple(
        one.unit
        for one in subject.state.units.values()
        if one.material is Material.SYRINGE and unit_id in one.parents
    )
    if not drawn:
        raise Refusal(
            f"No syringe was registered from {unit_id}.",
            remedy=f"Register it first: `register_unit` with material syringe and {unit_id} as parent.",
            code="no_syringe",
        )
    return drawn


def _container_of(opened: OpenStore, material: Material) -> Container:
    """How the protocols hold a material; they differ in limits, not in what a bag's label has to say."""
    registry = opened.registry
    for name in registry.protocols:
        adopted = registry.latest_protocol(name)
        protocol = None if adopted is None else opened.read.protocol(sha256=adopted.sha256)
        container = None if protocol is None else protocol.container(material)
        if container is not None and container.cartrail_label:
            return container
    raise InputError(
        f"No adopted protocol puts our label on {material.value}.",
        remedy="Name a material that a protocol of this store labels.",
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
