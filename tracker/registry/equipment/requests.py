"""Requests about boxes, shippers, data loggers, terminals and scanners."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from schema.events import equipment as events
from schema.events.base import EquipmentId, Sha256, ShortName, Value, WholeNumber, Word
from schema.events.equipment import CheckResult, EquipmentSerial, Noticed
from schema.measured import CelsiusText
from schema.vocabulary import EquipmentStatus, EquipmentType, ReadMode
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import PayloadClass, ScanField
from tracker.requests.fields import DeclaredTime, LabelTitle, object_id_of


class AddEquipment(RegistryRequest):
    """Take a box, shipper, data logger or instrument into use; its id is drawn where none is given."""

    name: ClassVar[str] = "add_equipment"
    summary: ClassVar[str] = (
        "Add a box, shipper, logger or instrument with a code of its own (administrator)."
    )
    records: ClassVar[PayloadClass] = events.EquipmentAdded
    equipment: Annotated[EquipmentId, BeforeValidator(object_id_of)] | None = None
    equipment_type: EquipmentType
    title: LabelTitle
    site: ShortName
    hold_hours: WholeNumber | None = Field(default=None, ge=1, le=2000)
    requalification_due: DeclaredTime | None = None
    has_display: bool = Field(default=False, description="it shows the temperature inside")
    serial: EquipmentSerial | None = Field(default=None, description="by which a logger's files are known")
    instrument_class: Word | None = Field(
        default=None, description="what an instrument is, by the protocol's word"
    )
    exclusive: bool = Field(default=False, description="one therapy at a time is in the instrument")


class EquipmentRequest(RegistryRequest):
    """A request about one box, shipper or logger, named by its code."""

    equipment: ScanField


class QualifyEquipment(EquipmentRequest):
    """Keep the outcome of a requalification or calibration."""

    name: ClassVar[str] = "qualify_equipment"
    summary: ClassVar[str] = (
        "Record that a shipper was qualified or a logger calibrated until a day, or failed (quality)."
    )
    records: ClassVar[PayloadClass] = events.EquipmentQualified
    verdict: CheckResult
    at: DeclaredTime | None = Field(default=None, description="when it was tested; now when not given")
    due_at: DeclaredTime | None = Field(default=None, description="when it is due again, if it passed")
    unfit_since: DeclaredTime | None = Field(
        default=None, description="since when it cannot be relied on, if it failed"
    )
    hold_hours: WholeNumber | None = Field(default=None, ge=1, le=2000)
    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    standard: LabelTitle
    certificate: Sha256 | None = None


class ChargeShipper(EquipmentRequest):
    """Fill a shipper with what keeps it cold."""

    name: ClassVar[str] = "charge_shipper"
    summary: ClassVar[str] = "Record that a shipper was charged: its hold time runs from then."
    records: ClassVar[PayloadClass] = events.ShipperCharged
    at: DeclaredTime | None = Field(default=None, description="when it was charged; now when not given")
    grams: WholeNumber | None = Field(default=None, ge=1, le=1_000_000)


class SetEquipmentStatus(EquipmentRequest):
    """Take a box, shipper or logger out of service, or put it back."""

    name: ClassVar[str] = "set_equipment_status"
    summary: ClassVar[str] = "Take a box, shipper or logger out of service for a reason, or put it back."
    records: ClassVar[PayloadClass] = events.EquipmentStatusSet
    status: EquipmentStatus


class BoxInUse(RegistryRequest):
    """A request about an empty box; every other act on that box counts against it."""

    box: ScanField


class EmptyBox(BoxInUse):
    """Look inside a box and find nothing."""

    name: ClassVar[str] = "empty_box"
    summary: ClassVar[str] = "Say that a box is empty: two people have looked inside and counted nothing."
    records: ClassVar[PayloadClass] = events.BoxEmptied
    tally: WholeNumber = Field(ge=0, le=200)


class CollectEmpty(BoxInUse):
    """Take an empty box away."""

    name: ClassVar[str] = "collect_empty"
    summary: ClassVar[str] = "Take an emptied box away as its carrier, to bring it back."
    records: ClassVar[PayloadClass] = events.EmptyCollected


class ReturnEmpty(BoxInUse):
    """Take an empty box back."""

    name: ClassVar[str] = "return_empty"
    summary: ClassVar[str] = "Take an empty box back from the carrier that brings it."
    records: ClassVar[PayloadClass] = events.EmptyReturned


class CheckTerminal(RegistryRequest):
    """Record what was heard and seen of each answer of a terminal."""

    name: ClassVar[str] = "check_terminal"
    summary: ClassVar[str] = "Record a terminal's self-test: whether each answer was heard and seen."
    records: ClassVar[PayloadClass] = events.TerminalChecked
    ok: Noticed
    check: Noticed
    stop: Noticed


class CardScan(Value):
    """One scan of the scanner card, with everything that came."""

    raw: str = Field(max_length=400)
    mode: ReadMode = ReadMode.SCANNED


class CheckScanner(RegistryRequest):
    """Scan the scanner card; the program judges what came."""

    name: ClassVar[str] = "check_scanner"
    summary: ClassVar[str] = (
        "Record the scans of the scanner card, terminators included; the program judges them."
    )
    records: ClassVar[PayloadClass] = events.ScannerChecked
    scanner: LabelTitle
    readings: tuple[CardScan, ...] = Field(min_length=1, max_length=100)


class RequireScannerCheck(RegistryRequest):
    """Let a station ask for a passed check."""

    name: ClassVar[str] = "require_scanner_check"
    summary: ClassVar[str] = (
        "Let a station ask for a passed scanner check within so many hours, or no longer (quality)."
    )
    records: ClassVar[PayloadClass] = events.ScannerCheckRequired
    checked_station: ShortName
    within_hours: Annotated[WholeNumber, Field(ge=1, le=168)] | None = None
