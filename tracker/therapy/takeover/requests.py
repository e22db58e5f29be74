"""Requests that take over a therapy which began before cartrail."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from schema.events import takeover as events
from schema.events.base import (
    ATTEMPTS_MAX,
    BoxId,
    CassetteId,
    LocationId,
    ShortName,
    UnitId,
    Value,
    WholeNumber,
    Word,
)
from schema.measured import VolumeText
from schema.vocabulary import FinalDisposition, Material, Reason
from tracker.requests.base import AdoptedCodeGiven, PayloadClass, ScanField, UnitsRequest
from tracker.requests.fields import DeclaredTime, LabelTitle, object_id_of
from tracker.requests.paper_file import FILES_MAX
from tracker.therapy.identity.requests import Enroll


class StepGiven(Value):
    """A step of the protocol with the time that stands on paper."""

    step: Word
    at: DeclaredTime


class ResultGiven(Value):
    """A release test's result that stands on paper."""

    test: Word
    result: str = Field(min_length=1, max_length=40, pattern=r"^[\x20-\x7e]+$")
    at: DeclaredTime
    attempt: WholeNumber = Field(default=1, ge=1, le=ATTEMPTS_MAX)


class ContainerGiven(Value):
    """A unit of a therapy under way; others of its request name it as a parent by its title."""

    title: LabelTitle
    material: Material
    parents: tuple[LabelTitle, ...] = ()
    attempt: WholeNumber | None = Field(
        default=None, ge=0, le=ATTEMPTS_MAX, description="1 for what was manufactured, when not given"
    )
    unit: Annotated[UnitId, BeforeValidator(object_id_of)] | None = Field(
        default=None, description="the code of a blank label that is put on it; drawn when not given"
    )
    codes: tuple[AdoptedCodeGiven, ...] = Field(default=(), max_length=12)
    location: Annotated[LocationId, BeforeValidator(object_id_of)] | None = None
    carrier: ShortName | None = Field(
        default=None, description="who has it on the way, in `box`; then it has no location"
    )
    box: Annotated[BoxId, BeforeValidator(object_id_of)] | None = None
    cassette: Annotated[CassetteId, BeforeValidator(object_id_of)] | None = Field(
        default=None, description="the cassette it is in, where that carries a label of ours"
    )
    quarantined: Reason | None = Field(default=None, description="why it is kept in quarantine")
    final: FinalDisposition | None = None
    volume_ml: VolumeText | None = None
    expires_at: DeclaredTime | None = None
    steps: tuple[StepGiven, ...] = Field(default=(), max_length=100)


class ImportTherapy(Enroll):
    """Take over a therapy that began before cartrail."""

    name: ClassVar[str] = "import_therapy"
    summary: ClassVar[str] = (
        "Take over a therapy at the stage it had reached before cartrail, read off paper by two people."
    )
    records: ClassVar[PayloadClass] = events.TherapyImported
    steps: tuple[StepGiven, ...] = Field(default=(), max_length=100)
    containers: tuple[ContainerGiven, ...] = Field(min_length=1, max_length=200)
    results: tuple[ResultGiven, ...] = Field(default=(), max_length=100)
    papers: tuple[str, ...] = Field(
        default=(), max_length=FILES_MAX, description="PDF, PNG or JPEG files, each in base64"
    )


class FindUnits(UnitsRequest):
    """Scan units that are known from paper where they lie."""

    name: ClassVar[str] = "find_units"
    summary: ClassVar[str] = (
        "Scan units that were taken over from paper, and the place where they lie: from then on they count."
    )
    records: ClassVar[PayloadClass] = events.UnitFound
    location: ScanField
