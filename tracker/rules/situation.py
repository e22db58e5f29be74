"""Everything a decision may look at, gathered beforehand: rules read no clock, file or database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from labels.identities import Identity
from schema.canonical import Json
from schema.commitments import Commitment, Opening
from schema.entry import Statement
from schema.errors import InputError
from schema.vocabulary import ObjectType
from tracker.protocols.model import Protocol
from tracker.requests.base import PatientIdentifier, Request, Scan
from tracker.rules.alert_state import Alert
from tracker.rules.bookable import PlaceView
from tracker.rules.decision import Decision
from tracker.rules.label_accounts import PrintRecord
from tracker.rules.registry_state import RegistryState, Station
from tracker.rules.shipment_state import ShippingView
from tracker.rules.therapy_state import TherapyState, UnitState

PATIENT_FIELD = "patient_identifier"
"""The commitment field of an identifier with its issuer and type."""


class Found(StrEnum):
    """What a scanned code turned out to be."""

    UNIT = "unit"
    CASSETTE = "cassette"
    COI = "coi"
    BOX = "box"
    LOCATION = "location"
    BADGE = "badge"
    DATA_LOGGER = "data_logger"
    INSTRUMENT = "instrument"
    LOT = "lot"
    SHIPMENT = "shipment"
    COMMAND = "command"
    RECEIPT = "receipt"
    FORM = "form"
    ANNOUNCED = "announced"
    """A code that stands in a therapy's manifest and was not yet scanned on its thing."""

    FOREIGN = "foreign"
    UNKNOWN = "unknown"
    OTHER_PURPOSE = "other_purpose"


class Resolution(Struct, frozen=True):
    """One scanned code, looked up."""

    text: str
    """The code without prefix and suffix."""

    found: Found
    object_id: str | None = None
    coi: str | None = None
    unit: str | None = None
    copy: str | None = None
    note: str = ""
    """What is wrong with it, for codes that stand for nothing here."""

    identities: tuple[Identity, ...] = ()
    """Every value of another issuer's code that names one thing."""


class Occupant(Struct, frozen=True):
    """A therapy that is at a bench, since when, and who took it."""

    coi: str
    since: datetime
    staff: str


class Situation(Struct, frozen=True):
    """The states, lookups and time that one request is judged by."""

    registry: RegistryState
    therapies: Mapping[str, TherapyState]
    protocols: Mapping[tuple[str, int], Protocol]
    resolutions: Mapping[str, Resolution]
    openings: Mapping[str, Opening]
    occurred_at: datetime
    now: datetime
    station: Station
    offset_of: Callable[[datetime], str]
    """The offset from UTC of the station's clock at a moment, which depends on no rule of ours."""

    clock_of: Callable[[str], Callable[[datetime], str]]
    """The same of any site, where a day is one of its calendar."""

    commit: Callable[[str, str, Json], Commitment]
    """Chain, field, value: a salted commitment, the same one when the same decision is made again."""

    fresh: Callable[[ObjectType], str]
    """A new object id, the same one when the same decision is made again."""

    statements: Mapping[str, Statement] = field(default_factory=dict)
    """Earlier statements that the request names, by event id."""

    signed: frozenset[str] = frozenset()
    """Who signed what a deviation is about, where it is assessed or closed."""

    found: tuple[tuple[str, int], ...] = ()
    """What the checks find in the entries that a review is to be signed for: a check and an entry."""

    alerts: tuple[Alert, ...] = ()
    """The alerts that stand for the therapy, where one is to be acknowledged."""

    prints: tuple[PrintRecord, ...] = ()
    """The copies printed for the units concerned, where labels have to be accounted for."""

    closed_boxes: Mapping[str, str | None] = field(default_factory=dict)
    """Every box with units in it and the logger in each, where cells are packed."""

    in_boxes: Mapping[str, tuple[UnitState, ...]] = field(default_factory=dict)
    """The units in each box into which paper puts another one."""

    lying: Mapping[str, str] = field(default_factory=dict)
    """What lies in each position of the place into which something is put away, by the record."""

    same_patient: tuple[TherapyState, ...] = ()
    """Active therapies that hold an identifier of the patient who is to be enrolled."""

    at_bench: tuple[Occupant, ...] = ()
    """Who is at the bench of the station, or at the one that is to be cleared."""

    in_instruments: Mapping[str, tuple[Occupant, ...]] = field(default_factory=dict)
    """Who is in each exclusive instrument that was scanned, by its id."""

    places: PlaceView | None = None
    """What is left to be booked, where the request is about a plan."""

    shipping: ShippingView | None = None
    """What else is booked and the clocks of other sites, where a shipment is booked, packed or heard of."""

    def resolve(self, scan: Scan) -> Resolution:
        """What a scan stands for."""
        return self.resolutions.get(scan.key) or Resolution(scan.code, Found.UNKNOWN)

    def therapy(self, coi: str) -> TherapyState:
        """A therapy that was loaded for this request."""
        return self.therapies[coi]

    def protocol(self, therapy: TherapyState) -> Protocol:
        """The protocol pinned to a therapy; raises InputError when its file is not in the store."""
        pin = therapy.protocol
        protocol = self.protocols.get((pin.id, pin.version))
        if protocol is None:
            raise InputError(f"The protocol {pin.id} version {pin.version} is not in this store.")
        return protocol

    def unit_of(self, resolution: Resolution) -> UnitState | None:
        """The unit that a unit, cassette or adopted code stands for."""
        if resolution.coi is None or resolution.coi not in self.therapies:
            return None
        therapy = self.therapies[resolution.coi]
        if resolution.unit is not None:
            return therapy.unit(resolution.unit)
        return None

    def patient_matches(self, therapy: TherapyState, identifier: PatientIdentifier) -> bool | None:
        """Whether an identifier is one of the therapy's; None when its openings were erased."""
        wanted = patient_value(identifier)
        known = [self.openings[item] for item in therapy.patient_identifiers if item in self.openings]
        if not known:
            return None
        return any(opening.value == wanted for opening in known)


def patient_value(identifier: PatientIdentifier) -> Mapping[str, Json]:
    """The value of an identifier that is committed."""
    return {"issuer": identifier.issuer, "type": identifier.type, "value": identifier.value}


def remark_of(situation: Situation, request: Request, chain: str) -> Commitment | None:
    """The request's free text as a commitment of that chain."""
    text = request.remark
    if text is None and request.outside_rules is not None:
        text = request.outside_rules.remark
    return None if text is None else situation.commit(chain, "remark", text)


Decisions = Mapping[type[Request], Callable[[Situation, Any], Decision]]
"""Which function decides over which request about therapies."""
