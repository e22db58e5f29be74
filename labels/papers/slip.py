"""What a handoff slip says: who gave what to whom, and the receipts by which the paper is a witness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from labels.gs1 import require_sscc, scanned
from labels.wording import check_code, check_id, check_texts
from schema.errors import InputError, OtherLog
from schema.papercodes import parse_head, parse_receipt
from schema.vocabulary import ObjectType, Purpose

INK_FIELDS: Final = ("Company", "Printed name", "ID seen", "Waybill", "Date and time", "Signature")
"""What a receiver without an account writes by hand."""

COPIES: Final = ("GIVER", "RECEIVER")
NO_HEAD: Final = "No log head yet: this slip was printed before the first checkpoint."
LEFT_WITH_SOMEBODY: Final = (
    "Left with somebody is not a handoff. If nobody can sign, custody stays with the giver."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipSignature:
    """One side of the handoff with name, time and meaning (21 CFR 11.50)."""

    party: str
    person: str
    role: str
    meaning: str
    signed_at: str
    """Local time with its offset, as `2026-11-23 14:05:10 +01:00`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipTherapy:
    """What the box holds of one therapy, and the receipt of the giver's statement about it."""

    coi_id: str
    unit_ids: tuple[str, ...]
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffSlip:
    """The paper of one handoff, printed twice; it names no patient."""

    name: ClassVar[str] = "handoff slip"
    design: ClassVar[str] = "slip"
    purpose: Purpose
    origin: str
    printed_at: str
    giver: SlipSignature
    receiver: SlipSignature | None
    """None leaves the ink fields empty."""
    box_code: str
    seal: str
    shipper: str
    condition: str
    therapies: tuple[SlipTherapy, ...]
    logger: str = ""
    destination: str = ""
    """The site it goes to with its address."""
    keep: str = ""
    """At which temperature it is kept, and what its display showed."""
    hold_until: str = ""
    """Until when the box holds its temperature, in local time with its offset."""
    waybill: str = ""
    sscc: str = ""
    """Its GS1 element string, as `(00)340123450000000000`."""
    head_code: str | None = None
    phones: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_code(self.box_code, self.purpose, self.name, ObjectType.BOX, ObjectType.SHIPMENT)
        if self.origin.split("/")[:2] != ["cartrail", self.purpose.value]:
            raise OtherLog(f"The slip is of a {self.purpose.value} store and names the log {self.origin}.")
        if not self.therapies:
            raise InputError("A handoff slip needs at least one therapy; this one has none.")
        for therapy in self.therapies:
            check_id(therapy.coi_id, self.purpose, self.name, ObjectType.COI)
            if not therapy.unit_ids:
                raise InputError(f"The handoff slip lists no unit for {therapy.coi_id}.")
            for unit_id in therapy.unit_ids:
                check_id(unit_id, self.purpose, self.name, ObjectType.UNIT)
            parse_receipt(therapy.receipt)
        if self.sscc:
            require_sscc(self.sscc)
        if self.head_code is not None:
            parse_head(self.head_code).require_origin(self.origin)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What is said of the closed box, by name; what nobody knows is left out."""
        found = (
            *(("Seal", self.seal), ("Condition", self.condition)),
            *(("Shipper", self.shipper), ("Logger", self.logger)),
            ("Holds until", self.hold_until),
            *(("Goes to", self.destination), ("Keep at", self.keep)),
        )
        return tuple((name, value) for name, value in found if value)

    @property
    def symbol_texts(self) -> tuple[str, ...]:
        """Every code that stands on one copy as a symbol, as a scanner sends it."""
        head = () if self.head_code is None else (self.head_code,)
        codes = (text for text in (self.waybill, scanned(self.sscc)) if text)
        return (self.box_code, *codes, *(therapy.receipt for therapy in self.therapies), *head)
