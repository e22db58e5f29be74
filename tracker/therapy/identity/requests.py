"""Requests that bind patient, therapy, units and cassettes."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from schema.events import identity as identity_events
from schema.events.base import CoiId, ShortName, UnitId, Word
from schema.vocabulary import Material
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
    indication: Word | None = Field(
        default=None, description="for what, by the protocol's word; needed where the protocol lists some"
    )


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
    number: identity_events.ContainerCount | None = Field(
        default=None, description="which container of its material it is, as 1 of 2"
    )
    of: identity_events.ContainerCount | None = Field(default=None, description="how many there are to be")
    component: Word | None = Field(
        default=None, description="which of several products that make up a dose, where there are several"
    )
    part: Word | None = Field(default=None, description="the share of a split dose that it is for")
    color: Word | None = Field(
        default=None, description="its size by the color of its label, where sizes have one"
    )

    @model_validator(mode="after")
    def _counted(self) -> Self:
        identity_events.which_of_how_many(self.number, self.of)
        return self


class BindCassette(UnitsRequest):
    """Bind bag and cassette by scanning both."""

    name: ClassVar[str] = "bind_cassette"
    summary: ClassVar[str] = "Bind a bag to its cassette by scanning both."
    records: ClassVar[PayloadClass] = identity_events.CassetteBound
    units: tuple[ScanField, ...] = Field(min_length=1, max_length=1)
    cassette: ScanField


CertificateField = Annotated[
    ScanField | None, Field(description="the receipt code of the release, off its certificate")
]
ConfirmedField = Annotated[
    identity_events.Confirmed, Field(description="what was confirmed, by the protocol's words")
]


class MatchBeforeThaw(UnitsRequest):
    """Match patient, therapy and cassette while frozen."""

    name: ClassVar[str] = "match_before_thaw"
    summary: ClassVar[str] = (
        "Two people match patient, therapy and cassette while the product is still frozen."
    )
    records: ClassVar[PayloadClass] = identity_events.PreThawMatched
    plain: ClassVar[bool] = True
    coi: ScanField
    certificate: CertificateField = None
    product_code: ScanField | None = Field(
        default=None, description="the product code off the carton, as an NDC or a GTIN"
    )
    patient: tuple[PatientIdentifier, ...] = Field(min_length=1, max_length=8)
    confirmed: ConfirmedField = ()


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
    certificate: CertificateField = None
    patient: tuple[PatientIdentifier, ...] = Field(min_length=1, max_length=8)
    confirmed: ConfirmedField = ()
