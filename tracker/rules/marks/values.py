"""The vocabulary of events, value by value: under which check each is listed, or why under none.

Complete by test: a word that is added to an event needs its row here before anything else is green.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schema.events.adoption import ManifestForm
from schema.vocabulary import (
    AlertCause,
    CodeType,
    Condition,
    CountResult,
    DayOrder,
    DeviationDecision,
    DoseUnit,
    EntryMode,
    ErasureGround,
    ExcursionDecision,
    ExposureVerdict,
    FailureCause,
    FailurePath,
    Fault,
    FinalDisposition,
    FindingWord,
    Grade,
    HandoffType,
    InspectionResult,
    KnownFrom,
    LaboratoryFinding,
    Material,
    PartyType,
    Priority,
    ProgressSource,
    ReadMode,
    Reason,
    ReleasePredicate,
    ResultsVerdict,
    ReviewOutcome,
    Route,
    Severity,
    ShipmentMilestone,
    Syndrome,
    TemperatureUnit,
    TestPhase,
)
from tracker.concerns import Concern

_FAULTS: Final = (
    Reason.TIME_LIMIT_EXCEEDED, Reason.MANUFACTURING_FAILED, Reason.TEMPERATURE_EXCURSION, Reason.SEAL_BROKEN,
    Reason.SEAL_MISMATCH, Reason.CONTENTS_DIFFER, Reason.CONTAINER_DAMAGED, Reason.LABEL_DAMAGED,
    Reason.LABEL_UNREADABLE, Reason.LABEL_LOST, Reason.IDENTITY_IN_DOUBT, Reason.TEST_FAILED,
    Reason.ADVERSE_REACTION, Reason.EXPIRED, Reason.INSTRUMENT_ERROR, Reason.LOST_OR_STOLEN,
    Reason.RECALLED_BY_MAKER,
)  # fmt: skip
_PRINTING: Final = (
    Reason.MISPRINT, Reason.UNUSED, Reason.NEVER_CAME_OUT, Reason.FURTHER_COPY, Reason.PRINTER_FAILED,
)  # fmt: skip


def _all(vocabulary: type[StrEnum], concern: Concern) -> Mapping[StrEnum, Concern]:
    return dict.fromkeys(vocabulary, concern)


VALUES: Final[Mapping[type[StrEnum], Mapping[StrEnum, Concern]]] = MappingProxyType(
    {
        Condition: {
            Condition.IN_ORDER: Concern.PLANNED,
            Condition.NOT_IN_ORDER: Concern.NOT_IN_ORDER,
        },
        CountResult: {
            CountResult.MISSING: Concern.COUNTS,
            CountResult.UNEXPECTED: Concern.COUNTS,
            CountResult.FOUND_AGAIN: Concern.DETAIL,
        },
        Fault: _all(Fault, Concern.NOT_IN_ORDER),
        InspectionResult: {
            InspectionResult.ACCEPT: Concern.PLANNED,
            InspectionResult.QUARANTINE: Concern.NOT_IN_ORDER,
            InspectionResult.REJECT: Concern.NOT_IN_ORDER,
        },
        Grade: {
            Grade.SIGNED: Concern.PLANNED,
            Grade.INK: Concern.INK,
            Grade.ATTESTED: Concern.ATTESTED,
        },
        EntryMode: {
            EntryMode.LIVE: Concern.PLANNED,
            EntryMode.LATE: Concern.LATE,
            EntryMode.PAPER: Concern.PAPER,
            EntryMode.IMPORTED: Concern.PAPER,
            EntryMode.UNATTENDED: Concern.UNATTENDED,
        },
        ReadMode: {
            ReadMode.SCANNED: Concern.PLANNED,
            ReadMode.PASTED: Concern.PASTED,
            ReadMode.MANUAL: Concern.TYPED,
            ReadMode.PAPER: Concern.TYPED,
            ReadMode.SIMULATED: Concern.PASTED,
        },
        Reason: {
            **_all(Reason, Concern.DETAIL),
            **dict.fromkeys(_FAULTS, Concern.FAULT_REASONS),
            **dict.fromkeys(_PRINTING, Concern.PAPERWORK),
        },
        ReviewOutcome: {
            ReviewOutcome.ACCEPTED: Concern.PLANNED,
            ReviewOutcome.WITH_OBSERVATIONS: Concern.OBSERVATIONS,
        },
        ReleasePredicate: _all(ReleasePredicate, Concern.DETAIL),
        TestPhase: {
            TestPhase.FIRST: Concern.PLANNED,
            TestPhase.RETEST: Concern.TESTS_FAILED,
            TestPhase.RESAMPLE: Concern.TESTS_FAILED,
        },
        ResultsVerdict: {
            ResultsVerdict.AGREED: Concern.PLANNED,
            ResultsVerdict.QUERIED: Concern.TESTS_FAILED,
        },
        FindingWord: _all(FindingWord, Concern.DETAIL),
        Severity: _all(Severity, Concern.DETAIL),
        DeviationDecision: _all(DeviationDecision, Concern.DETAIL),
        ExcursionDecision: _all(ExcursionDecision, Concern.DETAIL),
        FailureCause: _all(FailureCause, Concern.DETAIL),
        FailurePath: _all(FailurePath, Concern.DETAIL),
        ExposureVerdict: _all(ExposureVerdict, Concern.DETAIL),
        KnownFrom: _all(KnownFrom, Concern.DETAIL),
        DoseUnit: _all(DoseUnit, Concern.DETAIL),
        Route: _all(Route, Concern.DETAIL),
        Syndrome: _all(Syndrome, Concern.DETAIL),
        TemperatureUnit: _all(TemperatureUnit, Concern.DETAIL),
        DayOrder: _all(DayOrder, Concern.DETAIL),
        LaboratoryFinding: _all(LaboratoryFinding, Concern.DETAIL),
        ErasureGround: _all(ErasureGround, Concern.DETAIL),
        PartyType: _all(PartyType, Concern.DETAIL),
        HandoffType: _all(HandoffType, Concern.DETAIL),
        Material: _all(Material, Concern.DETAIL),
        FinalDisposition: _all(FinalDisposition, Concern.DETAIL),
        CodeType: _all(CodeType, Concern.DETAIL),
        ManifestForm: _all(ManifestForm, Concern.DETAIL),
        Priority: _all(Priority, Concern.DETAIL),
        AlertCause: _all(AlertCause, Concern.DETAIL),
        ProgressSource: _all(ProgressSource, Concern.DETAIL),
        ShipmentMilestone: {
            **_all(ShipmentMilestone, Concern.DETAIL),
            ShipmentMilestone.LOST: Concern.NOT_TAKEN,
            ShipmentMilestone.DAMAGED: Concern.NOT_IN_ORDER,
            ShipmentMilestone.RETURNED: Concern.NOT_TAKEN,
        },
    }
)
"""Each closed list of words that an event of a therapy can have."""

UNLISTED_REASONS: Final = frozenset({*Reason} - {*_FAULTS, *_PRINTING})
"""Reasons that say why, of an event whose kind or mode has the check; written out once more by a test."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is no word of a list: which of its values are listed, and as what."""

    concern: Concern
    words: str = ""
    """What is said of it where it is listed."""

    when: Callable[[object], bool] = bool


def _is_false(value: object) -> bool:
    return value is False


def _is_again(value: object) -> bool:
    return isinstance(value, int) and value > 1


FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "Tested.meets_limit": Field(Concern.TESTS_FAILED, "does not meet its limit", _is_false),
        "Tested.attempt": Field(Concern.DETAIL),
        "PredicateHeld.applies": Field(Concern.DETAIL),
        "ResultsReviewed.attempt": Field(Concern.DETAIL),
        "StepPerformed.attempt": Field(Concern.DETAIL),
        "ToxicityGraded.grade": Field(Concern.DETAIL),
        "CellsMoved.empties": Field(Concern.DETAIL),
        "Manufactured.attempt": Field(Concern.CHANGED_COURSE, "made again", _is_again),
        "ManufacturingFailed.attempt": Field(Concern.DETAIL),
        "MakersCertificate.containers": Field(Concern.JUDGED),
        "MakersCertificate.out_of_specification": Field(
            Concern.OUT_OF_SPECIFICATION, "out of specification by its maker"
        ),
        "Inspected.seal_intact": Field(Concern.NOT_IN_ORDER, "seal not intact", _is_false),
        "LineCleared.nothing_left": Field(Concern.NOT_IN_ORDER, "bench not clear", _is_false),
        "CodesBound.missing": Field(Concern.CODES, "announced codes not found"),
        "CodesBound.unlisted": Field(Concern.CODES, "codes found that were not announced"),
        "CodesBound.item": Field(Concern.DETAIL),
        "ConditionsRecorded.channel": Field(Concern.DETAIL),
        "ConditionsRecorded.readings": Field(Concern.DETAIL),
        "ConditionsRecorded.repeated": Field(Concern.DETAIL),
        "ConditionsRecorded.interval_s": Field(Concern.DETAIL),
        "ConditionsRecorded.outside_custody": Field(Concern.DETAIL),
        "JudgedPlace.outside_s": Field(Concern.DETAIL),
        "JudgedPlace.longest_s": Field(Concern.DETAIL),
        "JudgedPlace.unknown_s": Field(Concern.DETAIL),
        "JudgedUnit.allowed_s": Field(Concern.DETAIL),
        "JudgedUnit.outside_s": Field(Concern.DETAIL),
        "JudgedUnit.longest_s": Field(Concern.DETAIL),
        "JudgedUnit.unknown_s": Field(Concern.DETAIL),
        "JudgedUnit.excursions": Field(Concern.DETAIL),
        "ExcursionFound.outside_s": Field(Concern.DETAIL),
        "ExcursionFound.unknown_s": Field(Concern.DETAIL),
        "ExcursionFound.allowed_s": Field(Concern.DETAIL),
        "ContainerBefore.attempt": Field(Concern.DETAIL),
        "ResultBefore.attempt": Field(Concern.DETAIL),
        "LabelsReconciled.differences": Field(Concern.LABELS, "labels differ"),
        "LabelsReconciled.printed": Field(Concern.PAPERWORK),
        "LabelsReconciled.accounted": Field(Concern.PAPERWORK),
        "LabelsDestroyed.count": Field(Concern.PAPERWORK),
        "HandoffAnswer.ink": Field(Concern.INK, "ink"),
        "HandoffAnswer.happened_at_site": Field(Concern.ELSEWHERE, "recorded elsewhere"),
        "DeliveryAttempted.happened_at_site": Field(Concern.ELSEWHERE, "recorded elsewhere"),
        "Payload.doer": Field(Concern.ATTESTED, "done by an outsider"),
        "Called.answered": Field(Concern.DETAIL),
        "PatientIdentified.identifiers_matched": Field(Concern.JUDGED),
        "Packed.tally": Field(Concern.JUDGED),
        "UnitRegistered.number": Field(Concern.JUDGED),
        "UnitRegistered.of": Field(Concern.JUDGED),
        "ProtocolPin.version": Field(Concern.DETAIL),
        "ManifestUnit.item": Field(Concern.DETAIL),
        "DeviationAssessed.retests": Field(Concern.DETAIL),
        "Erased.erased": Field(Concern.DETAIL),
        "TrailReviewed.through": Field(Concern.PAPERWORK),
        "FindingAnswer.entry": Field(Concern.PAPERWORK),
    }
)
"""By the class that declares it: each truth value, each count, and what is listed for being there."""

MEASURES: Final = Concern.JUDGED
"""Temperatures, volumes, times: a rule judged them, and what they are held against has a check."""

WORDS: Final = Concern.DETAIL
"""Ids, codes, digests and words of people: they name things, and the kind of the event says what happened."""

SPOKEN: Final[Mapping[StrEnum, str]] = MappingProxyType(
    {
        ReadMode.MANUAL: "typed",
        ReadMode.PAPER: "read off paper",
        ReadMode.SIMULATED: "from the training tray",
        InspectionResult.QUARANTINE: "into quarantine",
        InspectionResult.REJECT: "not taken",
    }
)
"""Words of a list that a mark says otherwise."""

SPOKEN_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "therapy_imported": "before cartrail, taken from paper",
        "mixup_prevented": "mix-up prevented",
        "mixup_occurred": "mix-up",
        "corrected": "correction",
        "partly_accepted": "taken in part",
        "lapsed": "handoff ended by its giver",
        "diverted": "sent to another site",
        "released_out_of_specification": "out of specification",
        "protocol_repinned": "protocol changed",
        "unpacked": "taken out of the box again",
    }
)
"""Kinds of events that a mark says otherwise."""
