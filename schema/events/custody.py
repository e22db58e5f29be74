"""Events of who holds a unit and where it is."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from schema.commitments import Commitment
from schema.events.base import (
    BoxId,
    EquipmentId,
    EventId,
    LocationId,
    Party,
    Payload,
    Sha256,
    ShipmentId,
    ShortName,
    UnitId,
    UnitsPayload,
    Value,
    WholeNumber,
)
from schema.instants import Instant
from schema.measured import CelsiusText
from schema.positions import Position
from schema.vocabulary import Condition, CountResult, Fault, Grade, HandoffType, InspectionResult


class Stored(UnitsPayload):
    """Put away: custody passed to the location."""

    kind: ClassVar[str] = "stored"
    location: LocationId
    positions: Annotated[tuple[Position, ...], Field(max_length=200)] | None = None
    """Where each of the units lies, in their order; None where the place has no positions, or nobody said."""

    @model_validator(mode="after")
    def _each_its_own(self) -> Self:
        given = self.positions
        if given is not None and (len(given) != len(self.units) or len({*given}) < len(given)):
            raise ValueError("each unit has a position of its own, or none has")
        return self


class CountFound(UnitsPayload):
    """A count did not find units where the record has them, found others there, or found some again."""

    kind: ClassVar[str] = "count_found"
    location: LocationId
    result: CountResult


class Retrieved(UnitsPayload):
    """Taken out of a location by the signature of the person who now holds it."""

    kind: ClassVar[str] = "retrieved"
    location: LocationId
    custodian: Party


class Packed(UnitsPayload):
    """Put into a box by two people: tally, seal, logger, carrier and destination."""

    kind: ClassVar[str] = "packed"
    descriptive: ClassVar[frozenset[str]] = frozenset({"display_celsius"})
    box: BoxId
    shipment: ShipmentId
    seal: str = Field(pattern=r"^[\x21-\x7e]{1,40}$")
    tally: WholeNumber = Field(ge=1, le=200)
    data_logger: EquipmentId | None = None
    carrier: ShortName
    destination: ShortName
    display_celsius: CelsiusText | None = None
    hold_until: Instant | None = None


class Unpacked(UnitsPayload):
    """Taken out of a box before it was handed over."""

    kind: ClassVar[str] = "unpacked"
    box: BoxId


def faults_fit(condition: Condition | None, faults: tuple[Fault, ...]) -> None:
    """Raise ValueError unless NOT-IN-ORDER says what is wrong, each once, and nothing else does."""
    if (condition is Condition.NOT_IN_ORDER) != bool(faults):
        raise ValueError("faults belong to the condition not_in_order, and it needs at least one")
    if len(set(faults)) != len(faults):
        raise ValueError("a fault is named twice")


class Relinquished(UnitsPayload):
    """The giver's half of a handoff; custody does not move yet."""

    kind: ClassVar[str] = "relinquished"
    descriptive: ClassVar[frozenset[str]] = frozenset({"display_celsius"})
    type: HandoffType
    from_party: Party
    to_party: Party
    box: BoxId | None = None
    shipment: ShipmentId | None = None
    seal: str | None = Field(default=None, pattern=r"^[\x21-\x7e]{1,40}$")
    condition: Condition
    faults: tuple[Fault, ...] = ()
    display_celsius: CelsiusText | None = None
    hold_until: Instant | None = None
    """What the box itself says, where its hold time is not in order."""

    @model_validator(mode="after")
    def _faults_fit(self) -> Self:
        faults_fit(self.condition, self.faults)
        return self


class InkReceiver(Value):
    """A receiver without account who signed the printed slip; names and numbers are committed."""

    company: Commitment
    name: Commitment
    id_seen: Commitment
    waybill: Commitment | None = None


class HandoffAnswer(Payload):
    """The receiver's half of a handoff, bound to the digest of what the giver said."""

    handoff: EventId
    relinquished: Sha256
    """Statement digest of the giver's statement: contents and seal included."""

    units: tuple[UnitId, ...] = ()
    box: BoxId | None = None
    seal: str | None = Field(default=None, pattern=r"^[\x21-\x7e]{1,40}$")
    condition: Condition | None = None
    """What the receiver saw; None where a refusal came before anybody looked."""

    faults: tuple[Fault, ...] = ()
    evidence: Grade = Grade.SIGNED
    ink: InkReceiver | None = None
    display_celsius: CelsiusText | None = None
    hold_until: Instant | None = None
    """What the box itself says, where its hold time is not in order."""

    happened_at_site: ShortName | None = None
    """Where it happened, where a station of another site recorded it; None at a station of the place."""

    @model_validator(mode="after")
    def _faults_fit(self) -> Self:
        faults_fit(self.condition, self.faults)
        return self


class Accepted(HandoffAnswer):
    """Custody moved to the receiver."""

    kind: ClassVar[str] = "accepted"
    descriptive: ClassVar[frozenset[str]] = frozenset({"display_celsius"})
    condition: Condition
    custodian: Party


class PartlyAccepted(HandoffAnswer):
    """Custody of the named units moved; the others stay with the giver."""

    kind: ClassVar[str] = "partly_accepted"
    descriptive: ClassVar[frozenset[str]] = frozenset({"display_celsius"})
    condition: Condition
    custodian: Party
    units_left: tuple[UnitId, ...]
    new_seal: str | None = Field(default=None, pattern=r"^[\x21-\x7e]{1,40}$")
    """What a box was sealed with again over the units left in it: its seal was broken to take some out."""


class Refused(HandoffAnswer):
    """The receiver did not take it; custody and route stay as they were."""

    kind: ClassVar[str] = "refused"


class Lapsed(UnitsPayload):
    """The giver scanned the thing still in hand and ended the handoff."""

    kind: ClassVar[str] = "lapsed"
    handoff: EventId


class Called(Value):
    """Who was called when nobody came to the door: a person of the network, or another by name and number."""

    staff: ShortName | None = None
    name: Commitment | None = None
    phone: Commitment | None = None
    answered: bool
    """Whether anybody picked up."""


class DeliveryAttempted(UnitsPayload):
    """The carrier stood at the door and nobody took it; custody stays."""

    kind: ClassVar[str] = "delivery_attempted"
    box: BoxId
    at_site: ShortName
    happened_at_site: ShortName | None = None
    """The site at whose door it was, where a station of another recorded it."""

    called: Called | None = None


class Diverted(UnitsPayload):
    """Somebody entitled sends a box on its way to another site than planned; custody stays."""

    kind: ClassVar[str] = "diverted"
    box: BoxId
    shipment: ShipmentId | None = None
    from_site: ShortName
    to_site: ShortName
    receiver: Party | None = None


class Inspection(Value):
    """The decision over one unit when the box is opened (21 CFR 1271.265(b))."""

    unit: UnitId
    result: InspectionResult
    faults: tuple[Fault, ...] = ()
    """What is wrong with it; none for an accepted unit."""

    @model_validator(mode="after")
    def _faults_fit(self) -> Self:
        is_fine = self.result is InspectionResult.ACCEPT
        faults_fit(Condition.IN_ORDER if is_fine else Condition.NOT_IN_ORDER, self.faults)
        return self


class Inspected(Payload):
    """The box was opened in the lab and each unit matched."""

    kind: ClassVar[str] = "inspected"
    descriptive: ClassVar[frozenset[str]] = frozenset({"display_celsius"})
    box: BoxId | None = None
    seal_intact: bool
    results: tuple[Inspection, ...] = Field(min_length=1, max_length=200)
    display_celsius: CelsiusText | None = None
