"""Requests about who holds a unit and where it is."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from schema.events import custody as events
from schema.events.base import EventId, Party, ShipmentId, ShortName, Value, WholeNumber
from schema.events.custody import faults_fit
from schema.measured import CelsiusText
from schema.vocabulary import Condition, Fault, HandoffType, InspectionResult
from tracker.requests.base import OutsideName, PayloadClass, Request, ScanField, SealField, UnitsRequest
from tracker.requests.fields import DeclaredTime, PositionField


class StoreUnits(UnitsRequest):
    """Put away."""

    name: ClassVar[str] = "store"
    summary: ClassVar[str] = (
        "Put units away, each in its position where the place has positions: custody passes to the location."
    )
    records: ClassVar[PayloadClass] = events.Stored
    location: ScanField
    positions: tuple[PositionField, ...] = Field(
        default=(), max_length=200, description="one for each of the units, in their order, as B7"
    )

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        given = self.positions
        if given and len(given) != len(self.units):
            raise ValueError(f"{len(self.units)} units are named and {len(given)} positions; give one each")
        twice = sorted({one for one in given if given.count(one) > 1})
        if twice:
            raise ValueError(f"two units cannot lie in one position: {', '.join(twice)} is named twice")
        return self


class Retrieve(UnitsRequest):
    """Take out of a location."""

    name: ClassVar[str] = "retrieve"
    summary: ClassVar[str] = "Take units out of a location into your own custody."
    records: ClassVar[PayloadClass] = events.Retrieved
    location: ScanField


class Pack(UnitsRequest):
    """Pack a box."""

    name: ClassVar[str] = "pack"
    summary: ClassVar[str] = (
        "Pack and seal a shipper with two people: tally, seal, logger, carrier, destination."
    )
    records: ClassVar[PayloadClass] = events.Packed
    box: ScanField
    from_box: ScanField | None = Field(
        default=None, description="the closed box that all of it is taken out of: another one on its way"
    )
    seal: SealField
    tally: WholeNumber = Field(ge=1, le=200)
    data_logger: ScanField | None = None
    carrier: ShortName
    destination: ShortName
    shipment: ShipmentId | None = Field(default=None, description="drawn when not given")
    display_celsius: CelsiusText | None = None
    hold_until: DeclaredTime | None = None

    @model_validator(mode="after")
    def _shipment_stays(self) -> Self:
        if self.from_box is not None and self.shipment is not None:
            raise ValueError("what is taken out of another box stays in its shipment: leave the shipment out")
        return self


class Unpack(UnitsRequest):
    """Take out of a box before handing over."""

    name: ClassVar[str] = "unpack"
    summary: ClassVar[str] = "Take units out of a shipper again before it is handed over."
    records: ClassVar[PayloadClass] = events.Unpacked
    box: ScanField


class BoxRequest(Request):
    """A request about a closed box, or about units that travel without one."""

    box: ScanField | None = None
    units: tuple[ScanField, ...] = Field(default=(), max_length=200)
    seal: SealField | None = None


class LookedAt(BoxRequest):
    """A request by somebody who looked at the box or units, and says what was seen."""

    condition: Condition | None = None
    faults: tuple[Fault, ...] = Field(default=(), description="what is wrong, where it is not in order")
    display_celsius: CelsiusText | None = None
    hold_until: DeclaredTime | None = Field(
        default=None, description="what the box says, where that is wrong"
    )

    @model_validator(mode="after")
    def _faults_fit(self) -> Self:
        faults_fit(self.condition, self.faults)
        return self


class Relinquish(LookedAt):
    """The giver's half of a handoff."""

    name: ClassVar[str] = "relinquish"
    summary: ClassVar[str] = (
        "Give a box or units: the giver's half of a handoff; custody stays until it is taken."
    )
    records: ClassVar[PayloadClass] = events.Relinquished
    condition: Condition
    to: Party | None = Field(default=None, description="known from packing for a box")
    type: HandoffType | None = None


class InkSigner(Value):
    """Who signed the printed slip in ink."""

    company: OutsideName
    name: OutsideName
    id_seen: OutsideName
    waybill: str | None = Field(default=None, max_length=60)
    custodian: ShortName
    """The carrier or site the signer stands for."""

    receipt: ScanField
    """The receipt code on the slip that carries the ink."""


class Accept(LookedAt):
    """The receiver's half of a handoff."""

    name: ClassVar[str] = "accept"
    summary: ClassVar[str] = "Take over a box or units: custody moves to you."
    records: ClassVar[PayloadClass] = events.Accepted
    condition: Condition
    handoff: EventId | None = Field(
        default=None, description="the open handoff of what is scanned when not given"
    )
    custodian: Party | None = Field(default=None, description="who the giver named when not given")
    ink: InkSigner | None = None


class AcceptPartly(Accept):
    """Take only some of the units."""

    name: ClassVar[str] = "accept_partly"
    summary: ClassVar[str] = "Take over some of the units; the others stay with the giver."
    records: ClassVar[PayloadClass] = events.PartlyAccepted
    units: tuple[ScanField, ...] = Field(min_length=1, max_length=200)
    new_seal: SealField | None = Field(default=None, description="over what is left in a box that was opened")


class Refuse(LookedAt):
    """Do not take it."""

    name: ClassVar[str] = "refuse"
    summary: ClassVar[str] = "Refuse a box or units: custody and route stay as they were; a reason is needed."
    records: ClassVar[PayloadClass] = events.Refused
    needs_reason: ClassVar[bool] = True
    handoff: EventId | None = None


class LetLapse(BoxRequest):
    """End an unanswered handoff."""

    name: ClassVar[str] = "let_lapse"
    summary: ClassVar[str] = "End a handoff that nobody took, by scanning the thing still in hand."
    records: ClassVar[PayloadClass] = events.Lapsed


class CallMade(Value):
    """Who was called from the door."""

    staff: ShortName | None = None
    name: OutsideName | None = Field(default=None, description="where no account")
    phone: str | None = Field(default=None, min_length=3, max_length=40)
    answered: bool = False


class AttemptDelivery(Request):
    """Nobody took it at the door."""

    name: ClassVar[str] = "attempt_delivery"
    summary: ClassVar[str] = "Record that nobody took the box at the door; custody stays with the carrier."
    records: ClassVar[PayloadClass] = events.DeliveryAttempted
    box: ScanField
    at_site: ShortName
    called: CallMade | None = None


class Divert(Request):
    """Send a box on its way elsewhere."""

    name: ClassVar[str] = "divert"
    summary: ClassVar[str] = "Send a box on its way to another site than planned; custody stays."
    records: ClassVar[PayloadClass] = events.Diverted
    needs_reason: ClassVar[bool] = True
    box: ScanField
    destination: ShortName
    receiver: Party | None = Field(default=None, description="the department there that takes it")


class InspectionGiven(Value):
    """One unit as it came out of the box."""

    unit: ScanField
    result: InspectionResult
    faults: tuple[Fault, ...] = Field(
        default=(), description="what is wrong with a unit that is not accepted"
    )

    @model_validator(mode="after")
    def _faults_fit(self) -> Self:
        is_fine = self.result is InspectionResult.ACCEPT
        faults_fit(Condition.IN_ORDER if is_fine else Condition.NOT_IN_ORDER, self.faults)
        return self


class Inspect(Request):
    """Open a box and match each unit."""

    name: ClassVar[str] = "inspect"
    summary: ClassVar[str] = "Open the box in the lab and match each unit: accept, quarantine or reject."
    records: ClassVar[PayloadClass] = events.Inspected
    box: ScanField | None = Field(default=None, description="none for units taken out of one at the door")
    seal: SealField | None = None
    seal_intact: bool
    results: tuple[InspectionGiven, ...] = Field(min_length=1, max_length=200)
    display_celsius: CelsiusText | None = None
