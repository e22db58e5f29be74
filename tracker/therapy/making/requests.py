"""Requests about collecting, making, testing, judging, thawing, infusing and destroying."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from schema.events import processing as events
from schema.events.base import ATTEMPTS_MAX, EventId, Value, WholeNumber, Word
from schema.measured import QuantityText, VolumeText
from schema.vocabulary import FailureCause, FailurePath, Material, ResultsVerdict, TestPhase
from tracker.requests.base import (
    DonationField,
    FreeText,
    OneUnitRequest,
    PayloadClass,
    ScanField,
    TherapyRequest,
    UnitsRequest,
)
from tracker.requests.fields import DeclaredTime


class StartCollection(OneUnitRequest):
    """Scan label and donation number at the chair."""

    name: ClassVar[str] = "start_collection"
    summary: ClassVar[str] = (
        "Start the collection: scan the bag's label and the donation number at the chair."
    )
    records: ClassVar[PayloadClass] = events.CollectionStarted
    coi: ScanField
    din: DonationField


class CompleteCollection(OneUnitRequest):
    """End the collection."""

    name: ClassVar[str] = "complete_collection"
    summary: ClassVar[str] = "End the collection: end time, volume, and the label checked by a second person."
    records: ClassVar[PayloadClass] = events.Collected
    volume_ml: VolumeText
    ended_at: DeclaredTime | None = Field(default=None, description="now when not given")


class Cryopreserve(UnitsRequest):
    """Freeze."""

    name: ClassVar[str] = "cryopreserve"
    summary: ClassVar[str] = "Record that units were frozen."
    records: ClassVar[PayloadClass] = events.Cryopreserved
    plain: ClassVar[bool] = True


class StartManufacturing(UnitsRequest):
    """Put the starting material into the process."""

    name: ClassVar[str] = "start_manufacturing"
    summary: ClassVar[str] = "Put the starting material into the process, one therapy at the bench."
    records: ClassVar[PayloadClass] = events.ManufacturingStarted
    plain: ClassVar[bool] = True
    coi: ScanField


class LotGiven(Value):
    """A lot that was scanned, and how much of it was taken."""

    lot: ScanField
    quantity: QuantityText | None = None


class MeasuredGiven(Value):
    """A number that was read off."""

    measure: Word
    value: str = Field(min_length=1, max_length=40, pattern=r"^[\x20-\x7e]+$")
    unit_of_measure: Word | None = Field(default=None, description="must be the measure's, where it is given")
    sample: ScanField | None = None


class MoveGiven(Value):
    """Cells that went from one container into another."""

    source: ScanField
    target: ScanField
    volume_ml: VolumeText | None = None
    empties: bool = Field(default=False, description="nothing that is used is left in the source")


class PerformStep(UnitsRequest):
    """Take a step of the process."""

    name: ClassVar[str] = "perform_step"
    summary: ClassVar[str] = (
        "Record a step of the process by the protocol's name for it: instruments, lots, values, moves."
    )
    records: ClassVar[PayloadClass] = events.StepPerformed
    step: events.StepWord
    started_at: DeclaredTime | None = Field(default=None, description="as its end when not given")
    ended_at: DeclaredTime | None = Field(default=None, description="now when not given")
    instruments: tuple[ScanField, ...] = Field(default=(), max_length=10)
    lots: tuple[LotGiven, ...] = Field(default=(), max_length=40)
    measured: tuple[MeasuredGiven, ...] = Field(default=(), max_length=60)
    moves: tuple[MoveGiven, ...] = Field(default=(), max_length=200)


class ChildGiven(Value):
    """One filled container."""

    unit: ScanField
    material: Material | None = None
    volume_ml: VolumeText | None = None


class CompleteManufacturing(UnitsRequest):
    """End the process."""

    name: ClassVar[str] = "complete_manufacturing"
    summary: ClassVar[str] = "End manufacturing: the parents are used up, each filled container is scanned."
    records: ClassVar[PayloadClass] = events.Manufactured
    children: tuple[ChildGiven, ...] = Field(min_length=1, max_length=200)


class FailManufacturing(TherapyRequest):
    """End a manufacture that failed."""

    name: ClassVar[str] = "fail_manufacturing"
    summary: ClassVar[str] = (
        "Decide that a manufacture failed: from what, and whether cells are collected or made again."
    )
    records: ClassVar[PayloadClass] = events.ManufacturingFailed
    attempt: WholeNumber | None = Field(
        default=None, ge=1, le=ATTEMPTS_MAX, description="the one that is going on when not given"
    )
    cause: FailureCause
    path: FailurePath
    kept: tuple[ScanField, ...] = Field(
        default=(), max_length=200, description="what of it is kept; all else of it is to be destroyed"
    )


class RecordTest(TherapyRequest):
    """Record a release test."""

    name: ClassVar[str] = "record_test"
    summary: ClassVar[str] = "Record the result of a release test."
    records: ClassVar[PayloadClass] = events.Tested
    test: Word
    result: str = Field(min_length=1, max_length=40, pattern=r"^[\x20-\x7e]+$")
    unit_of_measure: Word | None = Field(default=None, description="must be the test's, where it is given")
    attempt: WholeNumber | None = Field(
        default=None,
        ge=1,
        le=ATTEMPTS_MAX,
        description="of which manufacture, where there was more than one and no sample says so",
    )
    sample: ScanField | None = None
    phase: TestPhase = Field(
        default=TestPhase.FIRST, description="a repeat test has to be allowed by the assessment of the first"
    )


class ReviewResults(TherapyRequest):
    """Look over results that somebody else recorded."""

    name: ClassVar[str] = "review_results"
    summary: ClassVar[str] = (
        "Sign that results were looked over by another person than whoever recorded or corrected them."
    )
    records: ClassVar[PayloadClass] = events.ResultsReviewed
    attempt: WholeNumber | None = Field(
        default=None, ge=1, le=ATTEMPTS_MAX, description="of which manufacture; the newest when not given"
    )
    about: tuple[EventId, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=events.RESULTS_MAX,
        description="the events of the results; all that wait for a review when not given",
    )
    verdict: ResultsVerdict

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        """A result that is queried says what is wrong with it, or nobody can clear it up."""
        if self.verdict is ResultsVerdict.QUERIED and not (self.remark or "").strip():
            raise ValueError("queried needs what is in question as remark")
        return self


class Release(UnitsRequest):
    """Release."""

    name: ClassVar[str] = "release"
    summary: ClassVar[str] = "Release units whose tests all met their limits."
    records: ClassVar[PayloadClass] = events.Released


class ReleaseOutOfSpecification(UnitsRequest):
    """Release although tests failed."""

    name: ClassVar[str] = "release_out_of_specification"
    summary: ClassVar[str] = (
        "Release units although tests failed, at the physician's request, by two signatures."
    )
    records: ClassVar[PayloadClass] = events.ReleasedOutOfSpecification
    basis: Word | None = Field(default=None, description="one of the protocol's `bases`, where it has any")
    requested: FreeText | None = Field(
        default=None, description="the physician's request, in words; committed"
    )
    risk_evaluation: str | None = Field(
        default=None, description="the evaluation of the risks: a PDF, PNG or JPEG file in base64"
    )


class Reject(UnitsRequest):
    """Reject."""

    name: ClassVar[str] = "reject"
    summary: ClassVar[str] = "Decide that units will not be used."
    records: ClassVar[PayloadClass] = events.Rejected
    needs_reason: ClassVar[bool] = True
    plain: ClassVar[bool] = True


class Quarantine(UnitsRequest):
    """Block."""

    name: ClassVar[str] = "quarantine"
    summary: ClassVar[str] = "Block units from manufacture, release, thaw and infusion."
    records: ClassVar[PayloadClass] = events.Quarantined
    needs_reason: ClassVar[bool] = True
    plain: ClassVar[bool] = True


class LiftQuarantine(UnitsRequest):
    """Unblock."""

    name: ClassVar[str] = "lift_quarantine"
    summary: ClassVar[str] = "End a quarantine, by quality."
    records: ClassVar[PayloadClass] = events.QuarantineLifted
    needs_reason: ClassVar[bool] = True


class StartLymphodepletion(TherapyRequest):
    """Begin the chemotherapy before the infusion."""

    name: ClassVar[str] = "start_lymphodepletion"
    summary: ClassVar[str] = "Record that lymphodepletion began, once the product is there and released."
    records: ClassVar[PayloadClass] = events.LymphodepletionStarted
    regimen: Word = Field(description="one of the protocol's")


class StartThaw(UnitsRequest):
    """Begin the thaw."""

    name: ClassVar[str] = "start_thaw"
    summary: ClassVar[str] = "Begin the thaw, after release and the pre-thaw match."
    records: ClassVar[PayloadClass] = events.ThawStarted
    plain: ClassVar[bool] = True


class EndThaw(UnitsRequest):
    """End the thaw."""

    name: ClassVar[str] = "end_thaw"
    summary: ClassVar[str] = "Record that no ice is visible any more; the post-thaw clock starts."
    records: ClassVar[PayloadClass] = events.ThawEnded
    plain: ClassVar[bool] = True


class StartInfusion(OneUnitRequest):
    """Begin the infusion."""

    name: ClassVar[str] = "start_infusion"
    summary: ClassVar[str] = "Record that cells began to flow into the patient."
    records: ClassVar[PayloadClass] = events.InfusionStarted
    plain: ClassVar[bool] = True


class StopInfusion(OneUnitRequest):
    """Stop the infusion early."""

    name: ClassVar[str] = "stop_infusion"
    summary: ClassVar[str] = (
        "Record that the infusion was ended before the container was empty; a reason is needed."
    )
    records: ClassVar[PayloadClass] = events.InfusionStopped
    needs_reason: ClassVar[bool] = True
    infused_ml: VolumeText


class CompleteInfusion(OneUnitRequest):
    """End the infusion."""

    name: ClassVar[str] = "complete_infusion"
    summary: ClassVar[str] = "Record that the container was infused as intended, with the volume."
    records: ClassVar[PayloadClass] = events.InfusionCompleted
    infused_ml: VolumeText
    planned_ml: VolumeText | None = Field(
        default=None, description="how much was to be given, where the container is not given whole"
    )


class Destroy(UnitsRequest):
    """Destroy a unit or what is left of it."""

    name: ClassVar[str] = "destroy"
    summary: ClassVar[str] = "Destroy units, or what is left of them, before a witness."
    records: ClassVar[PayloadClass] = events.Destroyed
    plain: ClassVar[bool] = True
    destroyed_ml: VolumeText | None = None


class Consume(UnitsRequest):
    """Use up a sample."""

    name: ClassVar[str] = "consume"
    summary: ClassVar[str] = "Record that samples were used up in a test."
    records: ClassVar[PayloadClass] = events.Consumed
    plain: ClassVar[bool] = True


class Retain(UnitsRequest):
    """Keep a retain sample."""

    name: ClassVar[str] = "retain"
    summary: ClassVar[str] = "Record that samples are kept as retains."
    records: ClassVar[PayloadClass] = events.Retained
    plain: ClassVar[bool] = True
