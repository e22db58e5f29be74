"""Which reasons of the closed list come into question for what is done: each form and command takes these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schema.vocabulary import Reason

_LOST: Final = (
    Reason.DISK_FAILED,
    Reason.POWER_FAILURE,
    Reason.NETWORK_DOWN,
    Reason.LOST_OR_STOLEN,
    Reason.REPLACED,
)
_LATE: Final = (
    Reason.PERFORMED_BEFORE_ENTRY,
    Reason.NETWORK_DOWN,
    Reason.POWER_FAILURE,
    Reason.DISK_FAILED,
    Reason.SCANNER_FAILED,
    Reason.PRINTER_FAILED,
    Reason.STAFF_UNAVAILABLE,
)
REPRINT: Final = "reprint"
"""A further copy of a label, which is printed and is no request."""

_PLAN_CHANGED: Final = (
    Reason.INFECTION,
    Reason.PATIENT_NOT_READY,
    Reason.DISEASE_PROGRESSION,
    Reason.CLINICAL_NEED,
    Reason.PATIENT_WITHDREW,
    Reason.STAFF_UNAVAILABLE,
    Reason.PLACE_CLOSED,
    Reason.MANUFACTURING_FAILED,
    Reason.TEST_FAILED,
    Reason.TEMPERATURE_EXCURSION,
)
REASONS: Final[Mapping[str, tuple[Reason, ...]]] = {
    "late": _LATE,
    "outside": (
        Reason.CLINICAL_NEED,
        Reason.TIME_LIMIT_EXCEEDED,
        Reason.TEMPERATURE_EXCURSION,
        Reason.PERFORMED_BEFORE_ENTRY,
        Reason.STAFF_UNAVAILABLE,
        Reason.PATIENT_NOT_READY,
        Reason.CONTENTS_DIFFER,
        Reason.SEAL_MISMATCH,
        Reason.LABEL_UNREADABLE,
        Reason.NETWORK_DOWN,
    ),
    "supersede_label": (Reason.LABEL_DAMAGED, Reason.LABEL_UNREADABLE),
    "void_label": (Reason.MISPRINT, Reason.UNUSED, Reason.NEVER_CAME_OUT, Reason.LABEL_DAMAGED),
    "reconcile_labels": (Reason.LABEL_LOST, Reason.INVESTIGATION_CLOSED),
    "void_form": (Reason.UNUSED, Reason.NEVER_CAME_OUT, Reason.MISPRINT, Reason.LOST_OR_STOLEN),
    REPRINT: (
        Reason.LABEL_DAMAGED,
        Reason.LABEL_UNREADABLE,
        Reason.LABEL_LOST,
        Reason.MISPRINT,
        Reason.PRINTER_FAILED,
        Reason.FURTHER_COPY,
    ),
    "repin_protocol": (Reason.CLINICAL_NEED, Reason.REPLACED),
    "correct": (Reason.KEYING_ERROR, Reason.INSTRUMENT_ERROR),
    "cancel": (
        Reason.PATIENT_WITHDREW,
        Reason.PATIENT_DIED,
        Reason.DISEASE_PROGRESSION,
        Reason.MANUFACTURING_FAILED,
        Reason.CLINICAL_NEED,
    ),
    "reject": (
        Reason.TEST_FAILED,
        Reason.MANUFACTURING_FAILED,
        Reason.TEMPERATURE_EXCURSION,
        Reason.IDENTITY_IN_DOUBT,
    ),
    "quarantine": (
        Reason.TEMPERATURE_EXCURSION,
        Reason.IDENTITY_IN_DOUBT,
        Reason.CONTAINER_DAMAGED,
        Reason.LABEL_DAMAGED,
        Reason.SEAL_BROKEN,
        Reason.SEAL_MISMATCH,
        Reason.CONTENTS_DIFFER,
        Reason.TEST_PENDING,
    ),
    "lift_quarantine": (Reason.INVESTIGATION_CLOSED, Reason.TEST_PENDING),
    "stop_infusion": (Reason.ADVERSE_REACTION, Reason.CONTAINER_DAMAGED, Reason.CLINICAL_NEED),
    "destroy": (
        Reason.REMAINDER,
        Reason.EXPIRED,
        Reason.TEST_FAILED,
        Reason.CONTAINER_DAMAGED,
        Reason.PATIENT_WITHDREW,
    ),
    "attempt_delivery": (Reason.RECEIVER_ABSENT, Reason.PLACE_CLOSED),
    "divert": (
        Reason.PLACE_CLOSED,
        Reason.TIME_LIMIT_EXCEEDED,
        Reason.TEMPERATURE_EXCURSION,
        Reason.CLINICAL_NEED,
        Reason.PATIENT_NOT_READY,
    ),
    "enroll": (
        Reason.DISEASE_PROGRESSION,
        Reason.MANUFACTURING_FAILED,
        Reason.TEST_FAILED,
        Reason.CLINICAL_NEED,
    ),
    "erase": (Reason.RETENTION_ENDED, Reason.DATA_SUBJECT_REQUEST),
    "revoke": (Reason.LEFT_THE_ORGANIZATION, Reason.LOST_OR_STOLEN, Reason.REPLACED),
    "deactivate_person": (Reason.LEFT_THE_ORGANIZATION, Reason.STAFF_UNAVAILABLE),
    "set_lot_status": (
        Reason.TEMPERATURE_EXCURSION,
        Reason.CONTAINER_DAMAGED,
        Reason.LABEL_DAMAGED,
        Reason.SEAL_BROKEN,
        Reason.CONTENTS_DIFFER,
        Reason.IDENTITY_IN_DOUBT,
        Reason.TEST_PENDING,
        Reason.TEST_FAILED,
        Reason.RECALLED_BY_MAKER,
        Reason.EXPIRED,
        Reason.USED_UP,
    ),
    "recall_lot": (Reason.RECALLED_BY_MAKER, Reason.TEST_FAILED, Reason.CONTENTS_DIFFER),
    "set_location_conditions": (
        Reason.TEMPERATURE_EXCURSION,
        Reason.POWER_FAILURE,
        Reason.INSTRUMENT_ERROR,
    ),
    "correct_clock": (
        Reason.INSTRUMENT_ERROR,
        Reason.KEYING_ERROR,
        Reason.POWER_FAILURE,
        Reason.DISK_FAILED,
    ),
    "accept_loss": _LOST,
    "name_lost_head": _LOST,
    "reschedule": _PLAN_CHANGED,
    "unschedule": _PLAN_CHANGED,
    "refuse": (
        Reason.SEAL_MISMATCH,
        Reason.SEAL_BROKEN,
        Reason.TEMPERATURE_EXCURSION,
        Reason.TIME_LIMIT_EXCEEDED,
        Reason.CONTAINER_DAMAGED,
        Reason.LABEL_DAMAGED,
        Reason.CONTENTS_DIFFER,
        Reason.PLACE_CLOSED,
    ),
}
"""By request, or by kind of entry; `other` closes every list."""


def reasons_of(request: str) -> tuple[Reason, ...]:
    """The reasons for a request, with `other` last; all of them where it has no list of its own."""
    return tuple(dict.fromkeys((*REASONS.get(request, tuple(Reason)), Reason.OTHER)))
