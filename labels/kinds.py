"""Which labels there are: a row for each, with what it is about and which fields it asks for.

A label is its row here, a layout of the same name in labels/designs and a sample in
tests/support/label_samples.py, and nothing else is written for it: docs/labels.md says how one is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labels.scanner_card import CARD_CODES, printable
from schema.errors import InputError
from schema.identifiers import COMMANDS, command_code
from schema.vocabulary import Material, ObjectType, Vessel


class LabelSubject(StrEnum):
    """What a label is about; the store fills its fields from there."""

    UNIT = "unit"
    CASSETTE = "cassette"
    THERAPY = "therapy"
    PERSON = "person"
    LOCATION = "location"
    POSITIONS = "positions"
    EQUIPMENT = "equipment"
    LOT = "lot"
    PACKED_BOX = "packed box"
    STATION = "station"


_CARRIES: Final[Mapping[LabelSubject, tuple[ObjectType, ...]]] = {
    LabelSubject.UNIT: (ObjectType.UNIT,),
    LabelSubject.CASSETTE: (ObjectType.CASSETTE,),
    LabelSubject.THERAPY: (ObjectType.COI,),
    LabelSubject.PERSON: (ObjectType.BADGE,),
    LabelSubject.LOCATION: (ObjectType.LOCATION,),
    LabelSubject.POSITIONS: (),
    LabelSubject.EQUIPMENT: (
        *(ObjectType.BOX, ObjectType.SHIPMENT, ObjectType.DATA_LOGGER, ObjectType.INSTRUMENT),
        ObjectType.FORM,
    ),
    LabelSubject.LOT: (ObjectType.LOT,),
    LabelSubject.PACKED_BOX: (ObjectType.BOX, ObjectType.SHIPMENT),
    LabelSubject.STATION: (),
}


@dataclass(frozen=True, slots=True)
class CardCode:
    """One of the codes that a card is made of; they are the same in every store."""

    name: str
    text: str
    meaning: str
    code: str = ""
    """The text as it is printed under the name; empty where the meaning already shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelKind:
    """One row: everything about a label that is not its layout."""

    design: str
    """The name of the row, of its layout and of its sample."""

    name: str
    """What it is called in a sentence and, where it is a further label, in the record of prints."""

    subject: LabelSubject
    asks: tuple[str, ...] = ()
    """Fields of `labels.content.Label` that it may have; any other is refused."""

    vessel: Vessel | None = None
    """The usual label of units held in this; with a material, of that material only."""

    material: Material | None = None
    further: bool = False
    """A second label of the same object: its copies are counted apart from those of the usual one."""

    cards: tuple[CardCode, ...] = ()
    codes_begin: str = ""
    """What stands before each of its `codes` in the symbol."""

    @property
    def carries(self) -> tuple[ObjectType, ...]:
        """The types of object whose code it may carry; none for a card with codes of its own."""
        return _CARRIES[self.subject]

    @property
    def repeats(self) -> bool:
        """Whether it repeats the code that is on the object already, and takes no copy letter."""
        return self.subject is LabelSubject.PACKED_BOX


def _command_codes() -> Iterator[CardCode]:
    meanings = {
        "ALL-IN-ORDER": "Seal, display and hold time are in order",
        "NOT-IN-ORDER": "Something is wrong: say what before anything moves",
        "PARTLY": "Some of it is taken, some of it is not",
        "ATTEMPTED": "Nobody could receive it; custody stays",
        "DONE": "The step on the screen is finished",
        "CANCEL": "Put the step on the screen away",
        "CLEAR-BENCH": "Nothing of the therapy is left at this bench",
    }
    for character, name in COMMANDS.items():
        text = command_code(character).text
        yield CardCode(name, text, meanings[name], text)


STEP_CODE: Final = "STEP-"
"""Before the number of a step in its code on the wall card: a number alone could be taken for a value."""


def listed_cards(kind: LabelKind, lines: Iterable[str]) -> tuple[CardCode, ...]:
    """Codes that the store gives, each a name and what it means: `23 Bind bag and cassette`, `C5 Tank 1`."""
    parted = (line.partition(" ") for line in lines)
    return tuple(CardCode(name, kind.codes_begin + name, meaning) for name, _, meaning in parted)


_CELLS: Final = ("coi_id", "material", "statements")
"""On everything that holds cells: whose they are, what they are, and what must be said of them."""

_OF_PATIENT: Final = (*_CELLS, "patient_lines")
_BAG: Final = (*_OF_PATIENT, "count", "batch", "volume", "storage", "expiry", "isbt")
_WHOLE_BAG: Final = (*_BAG, "din", "site", "address")

_ROWS: Final = (
    LabelKind(
        design="leukapheresis-bag",
        name="unit label",
        subject=LabelSubject.UNIT,
        asks=_WHOLE_BAG,
        vessel=Vessel.BAG,
        material=Material.LEUKAPHERESIS,
    ),
    LabelKind(
        design="tie-tag",
        name="tie-tag",
        subject=LabelSubject.UNIT,
        asks=(*_OF_PATIENT, "din", "collected", "site", "address"),
        material=Material.LEUKAPHERESIS,
        further=True,
    ),
    LabelKind(
        design="in-process",
        name="unit label",
        subject=LabelSubject.UNIT,
        asks=_BAG,
        vessel=Vessel.BAG,
        material=Material.IN_PROCESS,
    ),
    LabelKind(
        design="product-bag",
        name="unit label",
        subject=LabelSubject.UNIT,
        asks=_WHOLE_BAG,
        vessel=Vessel.BAG,
        material=Material.PRODUCT,
    ),
    LabelKind(
        design="vial",
        name="vial label",
        subject=LabelSubject.UNIT,
        asks=(*_OF_PATIENT, "count", "batch", "volume", "storage", "expiry"),
        vessel=Vessel.VIAL,
    ),
    LabelKind(
        design="syringe",
        name="syringe label",
        subject=LabelSubject.UNIT,
        asks=(*_OF_PATIENT, "parent_id", "batch", "removed_at", "volume", "expiry"),
        vessel=Vessel.SYRINGE,
    ),
    LabelKind(
        design="cassette",
        name="cassette label",
        subject=LabelSubject.CASSETTE,
        asks=(*_OF_PATIENT, "unit_id", "count", "batch", "storage", "expiry"),
    ),
    LabelKind(
        design="sample-tube",
        name="sample label",
        subject=LabelSubject.UNIT,
        asks=(*_CELLS, "taken_at", "storage"),
        vessel=Vessel.TUBE,
    ),
    LabelKind(
        design="outer-box",
        name="box label",
        subject=LabelSubject.PACKED_BOX,
        # Two addresses and two telephones (ISO 21973), and no patient: it stands on the outside.
        asks=(
            *("sender", "sender_address", "receiver", "receiver_address", "phones", "storage"),
            *("waybill", "sscc"),
        ),
    ),
    LabelKind(
        design="unit",
        name="unit label",
        subject=LabelSubject.UNIT,
        asks=_WHOLE_BAG,
        vessel=Vessel.BAG,
    ),
    LabelKind(
        design="coi-card",
        name="COI card",
        subject=LabelSubject.THERAPY,
        asks=("therapy", "site", "patient_lines"),
    ),
    LabelKind(
        design="badge",
        name="badge",
        subject=LabelSubject.PERSON,
        asks=("person", "staff_id", "site", "roles"),
    ),
    LabelKind(
        design="location",
        name="location label",
        subject=LabelSubject.LOCATION,
        asks=("title", "detail", "site"),
    ),
    LabelKind(
        design="positions",
        name="sheet of positions",
        subject=LabelSubject.POSITIONS,
        asks=("title", "site", "codes"),
    ),
    LabelKind(
        design="equipment",
        name="equipment label",
        subject=LabelSubject.EQUIPMENT,
        asks=("title", "detail", "site"),
    ),
    LabelKind(
        design="lot",
        name="lot label",
        subject=LabelSubject.LOT,
        asks=("title", "batch", "expiry", "storage", "site"),
    ),
    LabelKind(
        design="command-card",
        name="command card",
        subject=LabelSubject.STATION,
        asks=("site",),
        cards=tuple(_command_codes()),
    ),
    LabelKind(
        design="step-card",
        name="step card",
        subject=LabelSubject.STATION,
        asks=("site", "codes"),
        codes_begin=STEP_CODE,
    ),
    LabelKind(
        design="scanner-card",
        name="scanner card",
        subject=LabelSubject.STATION,
        asks=("site",),
        cards=tuple(CardCode(name, text, printable(text)) for name, text in CARD_CODES.items()),
    ),
)

LABEL_KINDS: Final[Mapping[str, LabelKind]] = {row.design: row for row in _ROWS}
"""By design, in the order in which the documentation shows them."""


def label_kind(design: str) -> LabelKind:
    """The row of a design; raises InputError for a name that has none."""
    kind = LABEL_KINDS.get(design)
    if kind is None:
        raise InputError(f"There is no label {design}.", remedy=f"Take one of {', '.join(LABEL_KINDS)}.")
    return kind


def unit_label_kind(vessel: Vessel, material: Material) -> LabelKind:
    """The usual label of a unit: that of its vessel and material, else that of its vessel."""
    fitting = [row for row in _ROWS if row.vessel is vessel and row.material in (None, material)]
    return max(fitting, key=lambda row: row.material is not None)


def further_label_kinds(material: Material) -> tuple[LabelKind, ...]:
    """The labels that a unit of this material can have besides its usual one."""
    fitting = (row for row in _ROWS if row.further and row.subject is LabelSubject.UNIT)
    return tuple(row for row in fitting if row.material in (None, material))


def usual_label_kind(subject: LabelSubject) -> LabelKind:
    """The usual label of a subject; units have one for each vessel (`unit_label_kind`)."""
    return next(row for row in _ROWS if row.subject is subject and not row.further)
