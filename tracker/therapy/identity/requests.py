"""Requests that bind patient, therapy, units, labels, cassettes and codes."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from schema.events import identity as identity_events
from schema.events import processing as processing_events
from schema.events.base import CoiId, EventId, ShortName, UnitId, Word
from schema.vocabulary import ErasureGround, Material
from tracker.requests.base import (
    AdoptedCodeGiven,
    PatientIdentifier,
    PayloadClass,
    Request,
    ScanField,
    TherapyRequest,
    UnitsRequest,
)
from tracker.requests.fields import object_id_of


class Enroll(Request):
    """Begin a therapy."""

    name: ClassVar[str] = "enroll"
    summary: ClassVar[str] = (
        "Begin a therapy: protocol, sites and the patient's identifiers (committed, never in clear)."
    )
    records: ClassVar[PayloadClass] = identity_events.Enrolled
    coi: CoiId | None = Field(default=None, description="drawn when not given")
    protocol: Word
    collection_site: ShortName
    manufacturing_site: ShortName
    treatment_site: ShortName
    patient: tuple[PatientIdentifier, ...] = Field(min_length=1, max_length=8)
    adopted_codes: tuple[AdoptedCodeGiven, ...] = ()


class AdoptCode(TherapyRequest):
    """Let another issuer's code stand for a unit or the therapy."""

    name: ClassVar[str] = "adopt_code"
    summary: ClassVar[str] = (
        "Let a code of another issuer stand for the unit, or for the therapy when no unit is given."
    )
    records: ClassVar[PayloadClass] = identity_events.CodeAdopted
    unit: ScanField | None = None
    adopted: AdoptedCodeGiven


class IdentifyPatient(TherapyRequest):
    """Compare the wristband at the chair."""

    name: ClassVar[str] = "identify_patient"
    summary: ClassVar[str] = "Two people compare the wristband with the committed identifiers at the chair."
    records: ClassVar[PayloadClass] = identity_events.PatientIdentified
    patient: tuple[PatientIdentifier, ...] = Field(min_length=1, max_length=8)


class RegisterUnit(TherapyRequest):
    """Give a container an identity."""

    name: ClassVar[str] = "register_unit"
    summary: ClassVar[str] = (
        "Give a container an identity before it is filled, so that its label can be printed."
    )
    records: ClassVar[PayloadClass] = identity_events.UnitRegistered
    material: Material
    unit: Annotated[UnitId, BeforeValidator(object_id_of)] | None = Field(
        default=None, description="a blank label's code or a fresh id; drawn when not given"
    )
    parents: tuple[ScanField, ...] = ()


class ApplyLabel(UnitsRequest):
    """Scan back a label just applied."""

    name: ClassVar[str] = "apply_label"
    summary: ClassVar[str] = "Scan back the label that was just put on its container."
    records: ClassVar[PayloadClass] = identity_events.LabelApplied
    units: tuple[ScanField, ...] = Field(min_length=1, max_length=1)


class SupersedeLabel(UnitsRequest):
    """Take a damaged copy out of use."""

    name: ClassVar[str] = "supersede_label"
    summary: ClassVar[str] = "Take a copy out of use that was removed or obliterated before two people."
    records: ClassVar[PayloadClass] = identity_events.LabelSuperseded
    needs_reason: ClassVar[bool] = True
    units: tuple[ScanField, ...] = Field(min_length=1, max_length=1)


class BindCassette(UnitsRequest):
    """Bind bag and cassette by scanning both."""

    name: ClassVar[str] = "bind_cassette"
    summary: ClassVar[str] = "Bind a bag to its cassette by scanning both."
    records: ClassVar[PayloadClass] = identity_events.CassetteBound
    units: tuple[ScanField, ...] = Field(min_length=1, max_length=1)
    cassette: ScanField


class MatchBeforeThaw(UnitsRequest):
    """Match patient, therapy and cassette while frozen."""

    name: ClassVar[str] = "match_before_thaw"
    summary: ClassVar[str] = (
        "Two people match patient, therapy and cassette while the product is still frozen."
    )
    records: ClassVar[PayloadClass] = identity_events.PreThawMatched
    plain: ClassVar[bool] = True
    coi: ScanField
    patient: tuple[PatientIdentifier, ...] = Field(min_length=1, max_length=8)


class MatchBag(UnitsRequest):
    """Match bag and cassette."""

    name: ClassVar[str] = "match_bag"
    summary: ClassVar[str] = "Match the bag that was taken out with its cassette."
    records: ClassVar[PayloadClass] = identity_events.BagMatched
    units: tuple[ScanField, ...] = Field(min_length=1, max_length=1)
    cassette: ScanField | None = None


class MatchAtBedside(UnitsRequest):
    """Match bag and wristband."""

    name: ClassVar[str] = "match_at_bedside"
    summary: ClassVar[str] = "Two people match the bag with the wristband at the bed."
    records: ClassVar[PayloadClass] = identity_events.BedsideMatched
    plain: ClassVar[bool] = True
    coi: ScanField
    patient: tuple[PatientIdentifier, ...] = Field(min_length=1, max_length=8)


class RepinProtocol(TherapyRequest):
    """Move a running therapy to another protocol version."""

    name: ClassVar[str] = "repin_protocol"
    summary: ClassVar[str] = "Move a running therapy to another adopted version of its protocol."
    records: ClassVar[PayloadClass] = identity_events.ProtocolRepinned
    needs_reason: ClassVar[bool] = True
    version: int = Field(ge=1)


class Correct(TherapyRequest):
    """Correct a recorded value; both stay."""

    name: ClassVar[str] = "correct"
    summary: ClassVar[str] = "Correct a measured value, result or time of an earlier event; both values stay."
    records: ClassVar[PayloadClass] = identity_events.Corrected
    needs_reason: ClassVar[bool] = True
    event: EventId
    field: Word
    new: str = Field(min_length=1, max_length=80)


class Cancel(TherapyRequest):
    """End a therapy early."""

    name: ClassVar[str] = "cancel"
    summary: ClassVar[str] = "End a therapy early; its units still need a final disposition."
    records: ClassVar[PayloadClass] = identity_events.Canceled
    needs_reason: ClassVar[bool] = True


class Close(TherapyRequest):
    """Close a finished therapy."""

    name: ClassVar[str] = "close"
    summary: ClassVar[str] = "Close a therapy whose units all have a final disposition."
    records: ClassVar[PayloadClass] = identity_events.Closed


class OpenDeviation(TherapyRequest):
    """Open a quality record."""

    name: ClassVar[str] = "open_deviation"
    summary: ClassVar[str] = "Open a quality record about the therapy or some of its units."
    records: ClassVar[PayloadClass] = processing_events.DeviationOpened
    units: tuple[ScanField, ...] = ()
    category: Word
    description: str = Field(min_length=1, max_length=2000)


class Erase(TherapyRequest):
    """Delete what opens a patient's commitments."""

    name: ClassVar[str] = "erase"
    summary: ClassVar[str] = (
        "Delete the patient's identifiers, free texts and outside names for good; the proofs stay."
    )
    records: ClassVar[PayloadClass] = identity_events.Erased
    needs_reason: ClassVar[bool] = True
    ground: ErasureGround | None = Field(
        default=None, description="needed before the therapy's end or its retention date"
    )
