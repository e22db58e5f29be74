"""What calls for an auditor: the checks of a report's page one, which are also the marks of events and board.

An event kind, and each value that an event can have, is listed under one of these or has a written reason
why not: `tracker.kinds` says it of kinds, `tracker.rules.marks.values` of values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final


class Concern(StrEnum):
    """A check by its code, which a review of a trail records; the gravest first."""

    OUTSIDE_RULES = "outside_rules"
    MIXUPS = "mixups"
    ATTESTED = "attested"
    TESTS_FAILED = "tests_failed"
    OUT_OF_SPECIFICATION = "out_of_specification"
    TEMPERATURES = "temperatures"
    LIMITS = "limits"
    NOT_IN_ORDER = "not_in_order"
    COUNTS = "counts"
    QUARANTINES = "quarantines"
    NOT_TAKEN = "not_taken"
    ENDED_EARLY = "ended_early"
    CHANGED_COURSE = "changed_course"
    FAULT_REASONS = "fault_reasons"
    BEFORE = "before"
    DEVIATIONS = "deviations"
    HANDOFF_TIMES = "handoff_times"
    OBSERVATIONS = "observations"
    CORRECTIONS = "corrections"
    LATE = "late"
    ELSEWHERE = "elsewhere"
    PAPER = "paper"
    UNATTENDED = "unattended"
    INK = "ink"
    TYPED = "typed"
    PASTED = "pasted"
    UNSIGNED = "unsigned"
    RESET_KEYS = "reset_keys"
    CLOCKS = "clocks"
    LABELS = "labels"
    CODES = "codes"
    FORMS = "forms"
    ERASED = "erased"

    RESTORED = "restored"
    OPEN_HANDOFFS = "open_handoffs"
    LIMITS_PASSED = "limits_passed"
    UNCONFIRMED = "unconfirmed"
    OPEN_DEVIATIONS = "open_deviations"
    QUARANTINED = "quarantined"
    OUT_OF_PLACE = "out_of_place"
    NOT_FOUND = "not_found"
    STALLED = "stalled"
    FORMS_OUT = "forms_out"
    LABEL_COPIES = "label_copies"
    OPEN_LABELS = "open_labels"
    OPEN_UNITS = "open_units"
    REPEATED_MIXUPS = "repeated_mixups"
    PENDING_REVIEWS = "pending_reviews"
    WAITING = "waiting"

    PLANNED = "planned"
    PAPERWORK = "paperwork"
    DETAIL = "detail"
    JUDGED = "judged"


class SpeaksOf(Enum):
    """What a check speaks of where a report is about some events only."""

    SELECTION = 1
    """The events in the report."""

    TODAY = 2
    """The whole therapy as it stands when the report is made, whatever was chosen."""


@dataclass(frozen=True, slots=True)
class ConcernRow:
    """A check as it is shown."""

    title: str
    speaks_of: SpeaksOf
    is_grave: bool = False
    """Whether its marks are red wherever they are shown."""


_SELECTION, _TODAY = SpeaksOf

CHECKS: Final[Mapping[Concern, ConcernRow]] = MappingProxyType(
    {
        Concern.OUTSIDE_RULES: ConcernRow("Outside the rules", _SELECTION, is_grave=True),
        Concern.MIXUPS: ConcernRow("Mix-ups, prevented or not", _SELECTION, is_grave=True),
        Concern.ATTESTED: ConcernRow(
            "Done by somebody without a part, attested by two", _SELECTION, is_grave=True
        ),
        Concern.TESTS_FAILED: ConcernRow("Results that do not meet their limit", _SELECTION, is_grave=True),
        Concern.OUT_OF_SPECIFICATION: ConcernRow(
            "Released out of specification or rejected", _SELECTION, is_grave=True
        ),
        Concern.TEMPERATURES: ConcernRow("Temperatures outside the band", _SELECTION, is_grave=True),
        Concern.LIMITS: ConcernRow("Time limits exceeded", _SELECTION, is_grave=True),
        Concern.NOT_IN_ORDER: ConcernRow(
            "Not in order: seal, display, hold time, damage, label, bench", _SELECTION, is_grave=True
        ),
        Concern.COUNTS: ConcernRow(
            "Missed by a count, or found where the record does not have it", _SELECTION, is_grave=True
        ),
        Concern.QUARANTINES: ConcernRow("Put into quarantine, or out of it", _SELECTION),
        Concern.NOT_TAKEN: ConcernRow(
            "Refused, not delivered, ended, taken in part, or sent elsewhere", _SELECTION
        ),
        Concern.ENDED_EARLY: ConcernRow("Canceled, stopped early or destroyed", _SELECTION),
        Concern.CHANGED_COURSE: ConcernRow(
            "Made again, protocol changed, or taken out of a box again", _SELECTION
        ),
        Concern.FAULT_REASONS: ConcernRow("Reasons that tell of a fault", _SELECTION),
        Concern.BEFORE: ConcernRow("Before cartrail, taken from paper", _SELECTION),
        Concern.DEVIATIONS: ConcernRow("Deviations drafted, opened, assessed or closed", _SELECTION),
        Concern.HANDOFF_TIMES: ConcernRow("Handoffs slower than the protocol expects", _SELECTION),
        Concern.OBSERVATIONS: ConcernRow("Reviews with observations", _SELECTION),
        Concern.CORRECTIONS: ConcernRow("Corrections", _SELECTION),
        Concern.LATE: ConcernRow("Recorded late", _SELECTION),
        Concern.ELSEWHERE: ConcernRow("Recorded at a station of another site", _SELECTION),
        Concern.PAPER: ConcernRow("Entered from paper or imported", _SELECTION),
        Concern.UNATTENDED: ConcernRow("Entered unattended", _SELECTION),
        Concern.INK: ConcernRow("Receivers who signed in ink", _SELECTION),
        Concern.TYPED: ConcernRow("Codes typed by hand, or read off paper outside paper entries", _SELECTION),
        Concern.PASTED: ConcernRow("Codes pasted, or chosen from the training tray", _SELECTION),
        Concern.UNSIGNED: ConcernRow("Entries without a signature", _SELECTION),
        Concern.RESET_KEYS: ConcernRow("Signed with a key that was made after a reset", _SELECTION),
        Concern.CLOCKS: ConcernRow("Clock anomalies", _SELECTION),
        Concern.LABELS: ConcernRow("Label counts that differ", _SELECTION),
        Concern.CODES: ConcernRow("Announced codes not found, or found and not announced", _SELECTION),
        Concern.FORMS: ConcernRow("Downtime forms voided", _SELECTION),
        Concern.ERASED: ConcernRow("Values erased", _SELECTION),
        Concern.RESTORED: ConcernRow("Store restored with loss", _TODAY, is_grave=True),
        Concern.OPEN_HANDOFFS: ConcernRow("Handoffs nobody has answered", _TODAY),
        Concern.LIMITS_PASSED: ConcernRow(
            "Time limits that have run out and still run", _TODAY, is_grave=True
        ),
        Concern.UNCONFIRMED: ConcernRow("Outside the rules and not confirmed by quality", _TODAY),
        Concern.OPEN_DEVIATIONS: ConcernRow("Deviations not closed", _TODAY),
        Concern.QUARANTINED: ConcernRow("Units in quarantine", _TODAY),
        Concern.OUT_OF_PLACE: ConcernRow(
            "Units that are not where the record has them, by the last count", _TODAY, is_grave=True
        ),
        Concern.NOT_FOUND: ConcernRow("Units known from paper alone, not found yet", _TODAY),
        Concern.STALLED: ConcernRow("Nothing recorded for longer than the protocol expects", _TODAY),
        Concern.FORMS_OUT: ConcernRow("Downtime forms not back", _TODAY),
        Concern.LABEL_COPIES: ConcernRow("Label copies the chain does not account for", _TODAY),
        Concern.OPEN_LABELS: ConcernRow("Printed copies nobody has accounted for", _TODAY),
        Concern.OPEN_UNITS: ConcernRow("Units without a final disposition", _TODAY),
        Concern.REPEATED_MIXUPS: ConcernRow("Prevented mix-ups tried again, counted", _TODAY),
        Concern.PENDING_REVIEWS: ConcernRow("Trails not reviewed to their end", _TODAY),
        Concern.WAITING: ConcernRow("Entries that wait for the log", _TODAY),
    }
)
"""In the order of `Concern`: first what speaks of the selection, then what speaks of today."""

WHY_NOT: Final[Mapping[Concern, str]] = MappingProxyType(
    {
        Concern.PLANNED: "It is what the protocol plans; its values, times and modes have checks.",
        Concern.PAPERWORK: "It accounts for labels, codes, forms or shifts; what it leaves open has a check.",
        Concern.DETAIL: "It says how or why; the kind of its event, or a value beside it, has the check.",
        Concern.JUDGED: "It is a measure or time: a rule judged it, and a check holds it against its limit.",
    }
)
"""Why a kind or value is listed under no check."""


def is_check(concern: Concern) -> bool:
    """Whether it is a check, and not a reason for having none."""
    return concern in CHECKS
