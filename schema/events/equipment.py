"""Events of the chain `registry` about boxes, shippers, loggers, instruments, terminals and scanners."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schema.events.base import (
    BoxId,
    EquipmentId,
    Payload,
    Sha256,
    ShortName,
    Title,
    Value,
    WholeNumber,
    Word,
)
from schema.instants import Instant
from schema.measured import CelsiusText
from schema.vocabulary import EquipmentStatus, EquipmentType

EquipmentSerial = Annotated[str, Field(pattern=r"^[A-Za-z0-9./_-]{1,40}$")]
"""As it stands on the thing, and in what it writes."""


class EquipmentAdded(Payload):
    """A box, shipper, data logger or instrument with its code."""

    kind: ClassVar[str] = "equipment_added"
    equipment: EquipmentId
    equipment_type: EquipmentType
    title: Title
    site: ShortName
    hold_hours: WholeNumber | None = Field(default=None, ge=1, le=2000)
    requalification_due: Instant | None = None
    has_display: bool = False
    """Whether it shows the temperature inside; whoever passes it on then reads and types it."""

    serial: EquipmentSerial | None = None
    """The number that its maker gave it: a logger's files are known by it."""

    instrument_class: Word | None = None
    """What an instrument is, by the word that protocols have for it; none for anything else."""

    exclusive: bool = False
    """Whether one therapy at a time is in it: it is then taken and cleared as a bench is."""


class CheckResult(StrEnum):
    """How a scanner was found to be set, or a shipper or logger to be: as it has to be, or not."""

    PASSED = "passed"
    FAILED = "failed"


class EquipmentQualified(Payload):
    """A shipper was qualified or a logger calibrated again, or it failed."""

    kind: ClassVar[str] = "equipment_qualified"
    equipment: EquipmentId
    at: Instant
    """When it was tested, which may be days before somebody records it."""

    verdict: CheckResult
    unfit_since: Instant | None = None
    """For a failed one: since when its readings or its insulation cannot be relied on."""

    due_at: Instant | None = None
    """When it has to be tested again; none for a failed one."""

    hold_hours: WholeNumber | None = Field(default=None, ge=1, le=2000)
    """For how long a charged shipper was found to hold its temperature."""

    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    """The temperatures for which it was tested."""

    standard: Title
    """By what it was tested, such as "ISTA 7E, summer"."""

    certificate: Sha256 | None = None


class ShipperCharged(Payload):
    """A shipper was filled with liquid nitrogen, dry ice or cooled packs; from here its hold time runs."""

    kind: ClassVar[str] = "shipper_charged"
    box: BoxId
    at: Instant
    grams: WholeNumber | None = Field(default=None, ge=1, le=1_000_000)
    """How much was filled in, where it was weighed."""


class EquipmentStatusSet(Payload):
    """A box, shipper or logger was taken out of service or put back."""

    kind: ClassVar[str] = "equipment_status_set"
    equipment: EquipmentId
    status: EquipmentStatus


class BoxEmptied(Payload):
    """Two people looked into a box and found nothing in it; by the ledger it held nothing either."""

    kind: ClassVar[str] = "box_emptied"
    box: BoxId
    site: ShortName
    uses: WholeNumber = Field(ge=0, le=2**40)
    """How many acts on this box there had been; one more, and somebody has to look inside again."""


class EmptyCollected(Payload):
    """A carrier took an emptied box away, to bring it back."""

    kind: ClassVar[str] = "empty_collected"
    box: BoxId
    carrier: ShortName
    site: ShortName


class EmptyReturned(Payload):
    """A site took an empty box back from its carrier."""

    kind: ClassVar[str] = "empty_returned"
    box: BoxId
    carrier: ShortName
    site: ShortName


class Noticed(Value):
    """What the person at a terminal noticed of one answer that was played."""

    heard: bool
    seen: bool


class TerminalChecked(Payload):
    """A terminal's self-test: each answer was played, and a person said what was noticed of it."""

    kind: ClassVar[str] = "terminal_checked"
    station: ShortName
    ok: Noticed
    check: Noticed
    stop: Noticed


class ScannerChecked(Payload):
    """The codes of the scanner card were scanned; what is set wrong was judged by the program."""

    kind: ClassVar[str] = "scanner_checked"
    station: ShortName
    scanner: Title
    """Its name or serial number, as somebody typed it."""

    result: CheckResult
    faults: Annotated[tuple[Word, ...], Field(max_length=40)] = ()
    advice: Annotated[tuple[Word, ...], Field(max_length=10)] = ()
    """What could be set better and does no harm."""

    card: WholeNumber = Field(ge=1, le=999)
    """The version of the card."""


class ScannerCheckRequired(Payload):
    """From now on a station asks for a passed check within these hours, or no longer asks for one."""

    kind: ClassVar[str] = "scanner_check_required"
    station: ShortName
    within_hours: Annotated[WholeNumber, Field(ge=1, le=168)] | None = None
