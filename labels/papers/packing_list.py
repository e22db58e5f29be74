"""What a packing list says: what is in a closed box, how it travels, and which documents go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from labels.gs1 import require_sscc, scanned
from labels.wording import check_code, check_given, check_id, check_texts
from schema.errors import InputError
from schema.vocabulary import ObjectType, Purpose

PACKING_PAPERS: Final = ("A4", "Letter")
COLUMNS: Final = ("", "Therapy", "Unit", "What it is", "Volume", "Keep at", "Packed", "Received")
SIGNED_BY: Final = ("Packed by", "Witnessed by", "Received by")
NO_PATIENT: Final = "No patient's name or number is on this paper or on the box. Keep it upright and closed."


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedUnit:
    """One container in the box, by codes alone."""

    coi_id: str
    unit_id: str
    material: str
    count: str = ""
    """Which container of how many, as `bag 1 of 2`."""

    cassette: str = ""
    volume: str = ""
    storage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingList:
    """The paper that goes with a closed box; it names no patient."""

    name: ClassVar[str] = "packing list"
    design: ClassVar[str] = "packing-list"
    purpose: Purpose
    origin: str
    printed_at: str
    box_code: str
    shipment: str
    facts: tuple[tuple[str, str], ...]
    """What is said of box and way, by name; what nobody knows is left out."""

    sender: str
    sender_address: str
    receiver: str
    receiver_address: str
    phones: tuple[str, ...]
    units: tuple[ListedUnit, ...]
    documents: tuple[str, ...]
    """What has to go with it, by the protocols of what is inside and the carrier's lane."""

    waybill: str = ""
    sscc: str = ""
    """Its GS1 element string, as `(00)340123450000000000`."""

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_given(self, self.name, "sender", "receiver")
        check_code(self.box_code, self.purpose, self.name, ObjectType.BOX)
        check_id(self.shipment, self.purpose, self.name, ObjectType.SHIPMENT)
        if not self.units:
            raise InputError("A packing list needs at least one unit; this one has none.")
        for unit in self.units:
            check_id(unit.coi_id, self.purpose, self.name, ObjectType.COI)
            check_id(unit.unit_id, self.purpose, self.name, ObjectType.UNIT)
        if self.sscc:
            require_sscc(self.sscc)

    @property
    def symbol_texts(self) -> tuple[str, ...]:
        """Every code that stands on it as a symbol, as a scanner sends it."""
        return tuple(text for text in (self.box_code, self.waybill, scanned(self.sscc)) if text)
