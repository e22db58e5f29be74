"""From the store to a label: its row says what it asks for, its subject what is known of that.

A label that is made records the copy that will be printed, so that no two pieces of paper carry the same copy
letter. With `preview` it is the same label with the same letter, and nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from labels.content import LabelContent
from labels.design import design as layouts_of
from labels.kinds import LabelKind, LabelSubject, label_kind, unit_label_kind, usual_label_kind
from labels.papers.packing_list import PackingList
from labels.papers.slip import HandoffSlip
from schema.errors import InputError, Refusal
from schema.events.takeover import TherapyImported
from schema.identifiers import possible_copies
from schema.positions import every_position
from schema.vocabulary import Material, ObjectType, Vessel
from tracker.labeling.packing_lists import packing_list
from tracker.labeling.places import (
    LabeledObject,
    code_on,
    is_packed,
    labeled_box,
    labeled_equipment,
    labeled_location,
    labeled_lot,
    labeled_person,
    labeled_positions,
    labeled_station,
)
from tracker.labeling.slips import handoff_slip
from tracker.labeling.units import (
    LabeledUnit,
    cassette_for,
    labeled_blank,
    labeled_therapy,
    labeled_unit,
    new_cassette_id,
    require_own_label,
    syringes_of,
)
from tracker.open_store import OpenStore
from tracker.protocols.model import LabelElement
from tracker.rules.label_accounts import BLANK

Labeled = LabeledUnit | LabeledObject

STEPS_ON_A_CARD: Final = 30
"""Large enough to be scanned off the wall at arm's length."""

POSITIONS_ON_A_SHEET: Final = 35
"""To be cut out and stuck to the rack."""


class LabelMaker:
    """Labels, cards and slips of one open store, ready to be printed."""

    def __init__(self, opened: OpenStore) -> None:
        self._opened = opened

    def label(
        self,
        object_id: str,
        staff: str,
        station: str,
        *,
        design: str | None = None,
        cassette: str | None = None,
        preview: bool = False,
    ) -> LabelContent:
        """A label of a unit, cassette, therapy, person, place or box: the usual one, or the one of a design.

        `cassette` names the cassette that a unit will be bound to, where its label is printed before. Raises
        InputError for what is not here or has no label, Refusal for a label that this object does not get.
        """
        opened = self._opened
        about = _usual_subject(opened, object_id) if design is None else label_kind(design).subject
        subject = _subject(opened, about, object_id, cassette)
        kind = _usual_kind(about, subject) if design is None else label_kind(design)
        if isinstance(subject, LabeledUnit):
            _require_fit(kind, subject)
        known = filled(kind, subject)
        return LabelContent(
            design=kind.design,
            purpose=opened.purpose,
            **known,
            asked=still_asked(kind, subject, known) if isinstance(subject, LabeledUnit) else (),
            code=_code(opened, kind, subject, staff, station, preview=preview),
        )

    def card(self, design: str, station: str) -> LabelContent:
        """A card with codes of its own, for the site of a station; it has no copies, being of no object."""
        subject = labeled_station(self._opened.registry, station)
        return LabelContent(
            design=design, purpose=self._opened.purpose, **filled(label_kind(design), subject)
        )

    def step_cards(self, station: str) -> tuple[LabelContent, ...]:
        """The wall card: every step number that this store knows, on as many pages as it takes."""
        opened, kind = self._opened, label_kind("step-card")
        lines = [f"{number} {title}" for number, title in opened.read.step_titles().items()]
        pages = (lines[at : at + STEPS_ON_A_CARD] for at in range(0, len(lines), STEPS_ON_A_CARD))
        subjects = (labeled_station(opened.registry, station, tuple(page)) for page in pages)
        return tuple(
            LabelContent(design=kind.design, purpose=opened.purpose, **filled(kind, one)) for one in subjects
        )

    def position_sheets(self, location: str) -> tuple[LabelContent, ...]:
        """Every position of a place as a code that says just its name, on as many pages as it takes.

        Raises InputError for what is no place, and for one without rows and columns.
        """
        opened, kind = self._opened, label_kind("positions")
        place = opened.registry.location(location)
        if place is not None and place.grid is None:
            raise InputError(
                f"{place.title} has no rows and columns, so there is no position to print.",
                remedy=f"Say them first: `cartrail site conditions {location} --rows 5 --columns 8`.",
                code="no_positions",
            )
        positions = [*every_position(*(place.grid or (0, 0)))] if place is not None else []
        pages = (
            tuple(positions[at : at + POSITIONS_ON_A_SHEET])
            for at in range(0, max(len(positions), 1), POSITIONS_ON_A_SHEET)
        )
        subjects = (labeled_positions(opened.registry, location, page) for page in pages)
        return tuple(
            LabelContent(design=kind.design, purpose=opened.purpose, **filled(kind, one)) for one in subjects
        )

    def blank(self, unit_id: str, material: Material, site: str, staff: str, station: str) -> LabelContent:
        """A label with a fresh unit id and everything that holds for its material, but no therapy.

        It is bound to a unit of a therapy only when it is scanned.
        """
        opened = self._opened
        kind = unit_label_kind(Vessel.BAG, material)
        return LabelContent(
            design=kind.design,
            purpose=opened.purpose,
            blank=True,
            **filled(kind, labeled_blank(opened, unit_id, material, site)),
            code=_copy(opened, unit_id, staff, station, label=BLANK, preview=False),
        )

    def packing_list(self, *, staff: str, station: str, box: str) -> PackingList:
        """What goes with a closed box; raises InputError for an empty one, or a site without a contact.

        Raises Refusal for who works neither at one of its ends nor for its carrier, and for another station.
        """
        return packing_list(self._opened, staff=staff, station=station, box=box)

    def slip(self, *, station: str, event_id: str | None = None, box: str | None = None) -> HandoffSlip:
        """The slip of a handoff, by its event or by a box that was handed over last (`handoff_slip`)."""
        return handoff_slip(self._opened, station=station, event_id=event_id, box=box)

    def is_packed(self, box: str) -> bool:
        """Whether something travels in a box, so that it has a label for its way."""
        return is_packed(self._opened, box)

    def new_cassette_id(self) -> str:
        """An id for a cassette whose label is printed before a unit is bound to it."""
        return new_cassette_id(self._opened)

    def syringes_of(self, unit_id: str) -> tuple[str, ...]:
        """The syringe itself, or those drawn from a vial or bag; raises Refusal when there is none."""
        return syringes_of(self._opened, unit_id)


def filled(kind: LabelKind, subject: Labeled) -> dict[str, Any]:
    """What is known of a subject of the fields that a row asks for, by name; the others are written in."""
    return {name: value for name in kind.asks if (value := subject.field(name)) is not None}


def _usual_subject(opened: OpenStore, object_id: str) -> LabelSubject:
    """What an object's usual label is about; a packed box is labeled for its way."""
    if opened.registry.person(object_id) is not None:
        return LabelSubject.PERSON
    match ObjectType(object_id[0]):
        case ObjectType.UNIT:
            return LabelSubject.UNIT
        case ObjectType.CASSETTE:
            return LabelSubject.CASSETTE
        case ObjectType.COI:
            return LabelSubject.THERAPY
        case ObjectType.BADGE:
            return LabelSubject.PERSON
        case ObjectType.LOCATION:
            return LabelSubject.LOCATION
        case ObjectType.BOX if is_packed(opened, object_id):
            return LabelSubject.PACKED_BOX
        case ObjectType.BOX | ObjectType.DATA_LOGGER | ObjectType.INSTRUMENT:
            return LabelSubject.EQUIPMENT
        case ObjectType.LOT:
            return LabelSubject.LOT
        case ObjectType.SHIPMENT | ObjectType.FORM:
            raise InputError(
                f"{object_id} has no label of its own.", remedy="Print the box's.", code="no_label"
            )


def _usual_kind(about: LabelSubject, subject: Labeled) -> LabelKind:
    if about is LabelSubject.UNIT and isinstance(subject, LabeledUnit):
        return unit_label_kind(subject.container.held_in, subject.unit.material)
    return usual_label_kind(about)


def _subject(opened: OpenStore, about: LabelSubject, object_id: str, cassette: str | None) -> Labeled:
    match about:
        case LabelSubject.UNIT:
            unit = labeled_unit(opened, object_id)
            require_own_label(unit)
            return unit
        case LabelSubject.CASSETTE if object_id[0] == ObjectType.CASSETTE:
            return _in_cassette(opened, _unit_in(opened, object_id), cassette)
        case LabelSubject.CASSETTE:
            return _in_cassette(opened, object_id, cassette)
        case LabelSubject.THERAPY:
            return labeled_therapy(opened, object_id)
        case LabelSubject.PERSON:
            return labeled_person(opened.registry, object_id)
        case LabelSubject.LOCATION:
            return labeled_location(opened.registry, object_id)
        case LabelSubject.POSITIONS:
            return labeled_positions(opened.registry, object_id, ())
        case LabelSubject.EQUIPMENT:
            return labeled_equipment(opened.registry, object_id)
        case LabelSubject.LOT:
            return labeled_lot(opened.registry, object_id)
        case LabelSubject.PACKED_BOX:
            return labeled_box(opened, object_id)
        case LabelSubject.STATION:
            return labeled_station(opened.registry, object_id)


def _in_cassette(opened: OpenStore, unit_id: str, cassette: str | None) -> LabeledUnit:
    unit = labeled_unit(opened, unit_id)
    return replace(unit, cassette=cassette_for(unit, cassette))


def _unit_in(opened: OpenStore, cassette: str) -> str:
    unit = opened.read.lookup(code=cassette).resolution.unit
    if unit is None:
        raise InputError(
            f"The cassette {cassette} is bound to no unit.",
            remedy="Print it with its unit: `cartrail label UNIT --cassette`.",
            code="unbound_cassette",
        )
    return unit


def _require_fit(kind: LabelKind, subject: LabeledUnit) -> None:
    """Raise Refusal where a label was asked for that is for another material or vessel."""
    held_in, material = subject.container.held_in, subject.unit.material
    if kind.vessel not in (None, held_in) or kind.material not in (None, material):
        raise Refusal(
            f"{subject.unit_id} is {subject.container.title}, which has no {kind.name}.",
            remedy=f"Print its label: `cartrail label {subject.unit_id}`.",
            code=f"no_{kind.design.replace('-', '_')}",
        )


_ELEMENTS: Final = {
    LabelElement.RECIPIENT: ("patient_lines", "Recipient identifier"),
    LabelElement.BATCH: ("batch", "Batch"),
    LabelElement.COUNT: ("count", "Which of how many"),
    LabelElement.EXPIRY: ("expiry", "Expiry, time zone"),
}
"""What a protocol can ask of a label: the field that says it, and the box for it before it is known."""


def still_asked(kind: LabelKind, subject: LabeledUnit, known: Mapping[str, Any]) -> tuple[str, ...]:
    """The boxes for what the protocol asks for and nobody knows yet.

    Raises Refusal once the container is filled: then it would go on its way without it. What was filled
    before cartrail keeps its boxes: paper may not say it, and its label has to be replaceable.
    """
    missing = [
        (element, *_ELEMENTS[element])
        for element in subject.container.label_requires
        if _ELEMENTS[element][0] in kind.asks and not known.get(_ELEMENTS[element][0])
    ]
    started = subject.container.shelf_life_from in (None, *subject.unit.facts)
    is_held_to_it = subject.is_filled and TherapyImported.kind not in subject.unit.facts
    for element, _, _ in missing:
        if is_held_to_it and (element is not LabelElement.EXPIRY or started):
            raise Refusal(
                f"The protocol {subject.protocol.id} asks for the {element.value} on the {kind.name} of "
                f"{subject.container.title}, and nobody has recorded it for {subject.unit_id}.",
                remedy=_REMEDIES[element],
                code="label_incomplete",
            )
    written = layouts_of(kind.design).write_ins
    return tuple(box for _, field, box in missing if field not in written)


_REMEDIES: Final = {
    LabelElement.RECIPIENT: "Its numbers were erased: nothing is printed for this patient any more.",
    LabelElement.BATCH: "Adopt the batch first: scan it at the step Adopt a code of another issuer.",
    LabelElement.COUNT: "Its number is given when it is registered; ask quality what to do with this one.",
    LabelElement.EXPIRY: "Ask quality: the step that starts its shelf life recorded no expiry.",
}


def _code(
    opened: OpenStore, kind: LabelKind, subject: Labeled, staff: str, station: str, *, preview: bool
) -> str:
    """The code it carries: the next copy's, or the one that is on the object already."""
    if not kind.carries:
        return ""
    if kind.repeats:
        with opened.store.read() as transaction:
            return code_on(transaction, subject.object_id)
    unit = subject.unit_id if isinstance(subject, LabeledUnit) else None
    further = kind.name if kind.further else ""
    return _copy(opened, subject.object_id, staff, station, label=further, unit=unit, preview=preview)


def _copy(
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
