"""What a label says: one value with all fields that labels share, checked when made and free of layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Final

from labels.gs1 import require_sscc, scanned
from labels.isbt.message import parse_isbt
from labels.isbt.values import is_din
from labels.kinds import CardCode, LabelKind, label_kind, listed_cards
from labels.papers.downtime import DowntimeForm
from labels.papers.packing_list import PackingList
from labels.papers.slip import HandoffSlip
from labels.wording import check_code, check_given, check_id, check_texts
from schema.errors import InputError
from schema.identifiers import parse_printed, short_name
from schema.vocabulary import ObjectType, Purpose

PHONES_ON_A_BOX: Final = 2
"""The sender's and the receiver's, answered day and night (ISO 21973)."""

NEEDED: Final = ("material", "person", "therapy", "title", "sender", "receiver", "codes")
"""Fields without which a label that asks for them says nothing."""

_IDS: Final = {"coi_id": ObjectType.COI, "unit_id": ObjectType.UNIT, "parent_id": ObjectType.UNIT}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelContent:
    """One label or card; its row in `labels.kinds` says which of the fields it may have.

    A field that is empty takes no room, or is a box to write into where the design has one for it.
    """

    design: str
    purpose: Purpose
    code: str = ""
    """The printed code; only a card with codes of its own has none."""

    coi_id: str = ""
    unit_id: str = ""
    """The unit in a cassette."""

    parent_id: str = ""
    """The unit that a syringe was drawn from."""

    material: str = ""
    site: str = ""
    address: str = ""
    storage: str = ""
    expiry: str = ""
    """Local time with its offset."""

    din: str = ""
    """The thirteen characters of the donation identification number, without its flag."""

    statements: tuple[str, ...] = ()
    """What the protocol has it say, besides the statements of the design."""

    patient_lines: tuple[str, ...] = ()
    """Patient identifiers; empty unless the protocol has them printed."""

    volume: str = ""
    count: str = ""
    """Which container of how many, as `bag 1 of 2`."""

    batch: str = ""
    """The lot that its maker, or the order, gave it."""

    isbt: str = ""
    """An ISBT 128 message to print as Data Matrix, where the protocol asks for one."""

    collected: str = ""
    """Day, end time and zone of the collection."""

    removed_at: str = ""
    """When what is in a syringe left frozen storage: from then some products' time runs."""

    taken_at: str = ""
    therapy: str = ""
    person: str = ""
    staff_id: str = ""
    roles: tuple[str, ...] = ()
    title: str = ""
    detail: str = ""
    sender: str = ""
    sender_address: str = ""
    receiver: str = ""
    receiver_address: str = ""
    phones: tuple[str, ...] = ()
    """Whose number it is and the number, first the sender's, then the receiver's."""

    waybill: str = ""
    """The number of the carrier's waybill or job."""

    sscc: str = ""
    """Its GS1 element string, as `(00)340123450000000007`."""

    codes: tuple[str, ...] = ()
    """What a sheet has codes for: a step with its title, `23 Bind bag and cassette`, or a position."""

    asked: tuple[str, ...] = ()
    """Boxes for what the protocol has it say and nobody knew when it was printed."""

    blank: bool = False
    """Printed before it belongs to anybody: the therapy is one more box to write into."""

    def __post_init__(self) -> None:
        kind = self.kind
        check_texts(self, kind.name)
        for name in FIELDS:
            if getattr(self, name) and name not in kind.asks:
                raise InputError(f"The {kind.name} has no place for its {name.replace('_', ' ')}.")
        check_given(self, kind.name, *(name for name in NEEDED if name in kind.asks))
        if kind.carries:
            check_code(self.code, self.purpose, kind.name, *kind.carries)
        for name, object_type in _IDS.items():
            if name in kind.asks and not (self.blank and name == "coi_id" and not self.coi_id):
                check_id(getattr(self, name), self.purpose, kind.name, object_type)
        for name, check in _FORMS.items():
            if name in kind.asks:
                check(self)

    @property
    def kind(self) -> LabelKind:
        """Its row; raises InputError for a design that has none."""
        return label_kind(self.design)

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return self.kind.name

    @property
    def cards(self) -> tuple[CardCode, ...]:
        """The codes that a card is made of."""
        return (*self.kind.cards, *listed_cards(self.kind, self.codes))

    @property
    def symbol_texts(self) -> tuple[str, ...]:
        """Every text that stands on it as a symbol, as a scanner sends it."""
        own = (self.code, self.isbt, self.waybill, scanned(self.sscc)) if self.kind.carries else ()
        return (*(text for text in own if text), *(card.text for card in self.cards))


FIELDS: Final = tuple(
    field.name
    for field in fields(LabelContent)
    if field.name not in ("design", "purpose", "code", "asked", "blank")
)
"""What a row can ask for."""


def _check_din(label: LabelContent) -> None:
    if label.din and not is_din(label.din):
        raise InputError(
            f"The {label.name}'s DIN {label.din} should be 13 characters without flag, as A999926000001."
        )


def _check_isbt(label: LabelContent) -> None:
    if label.isbt and parse_isbt(label.isbt) is None:
        raise InputError(f"The {label.name}'s ISBT 128 content {label.isbt} is not ISBT 128.")


def _check_phones(label: LabelContent) -> None:
    answered = [phone for phone in label.phones if any(map(str.isdigit, phone))]
    if not len(answered) == len(label.phones) == PHONES_ON_A_BOX:
        raise InputError(
            f"The {label.name} has {len(label.phones)} telephone numbers; it needs both that answer day and "
            "night, the sender's and the receiver's."
        )


def _check_staff_id(label: LabelContent) -> None:
    short_name(label.staff_id, what=f"The {label.name}'s staff id")


def _check_sscc(label: LabelContent) -> None:
    if label.sscc:
        require_sscc(label.sscc)


_FORMS: Final[Mapping[str, Callable[[LabelContent], None]]] = {
    "din": _check_din,
    "isbt": _check_isbt,
    "phones": _check_phones,
    "sscc": _check_sscc,
    "staff_id": _check_staff_id,
}
"""Fields that have a form to keep."""

Content = LabelContent | HandoffSlip | DowntimeForm | PackingList


def therapies_on(content: Content) -> frozenset[str]:
    """The therapies whose paper it is, by the codes of theirs that stand on it."""
    if isinstance(content, HandoffSlip):
        return frozenset(one.coi_id for one in content.therapies)
    if isinstance(content, PackingList):
        return frozenset(one.coi_id for one in content.units)
    if isinstance(content, DowntimeForm):
        return frozenset({parse_printed(content.coi_code).object_id})
    own = {content.coi_id} - {""}
    code = parse_printed(content.code) if content.code else None
    if code is not None and code.object_type is ObjectType.COI:
        own.add(code.object_id)
    return frozenset(own)
