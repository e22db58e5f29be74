"""The words that are read from two meters: why something was refused, and what was done. One catalog for all.

Thirteen letters at most, so that a word fits 80 columns in dot letters. A rule without a word of its own is
`NOT IN ORDER`; a kind of step without one is `WRITTEN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schema.errors import BadCode, CartrailError, StoreError
from tui.language import tr

LETTERS_MAX: Final = 13

OTHER_PATIENT: Final = tr("OTHER PATIENT")
WRONG_UNIT: Final = tr("WRONG UNIT")
WRONG_BOX: Final = tr("WRONG BOX")
WRONG_SEAL: Final = tr("WRONG SEAL")
WRONG_PLACE: Final = tr("WRONG PLACE")
OUT_OF_RANGE: Final = tr("OUT OF RANGE")
TOO_LATE: Final = tr("TOO LATE")
TOO_EARLY: Final = tr("TOO EARLY")
EXPIRED: Final = tr("EXPIRED")
QUARANTINED: Final = tr("QUARANTINED")
OLD_LABEL: Final = tr("OLD LABEL")
NOT_RELEASED: Final = tr("NOT RELEASED")
NOT_IN_ORDER: Final = tr("NOT IN ORDER")
NOT_ALLOWED: Final = tr("NOT ALLOWED")
NOT_SIGNED: Final = tr("NOT SIGNED")
NOT_LABELED: Final = tr("NOT LABELED")
CANNOT_READ: Final = tr("CANNOT READ")
NO_STORE: Final = tr("NO STORE")
WRONG_LOT: Final = tr("WRONG LOT")
RECALLED: Final = tr("RECALLED")
READ_AGAIN: Final = tr("READ AGAIN")
WRITTEN: Final = tr("WRITTEN")

RULES: Final[Mapping[str, str]] = {
    "mixup": OTHER_PATIENT,
    "wristband_form": OTHER_PATIENT,
    "wrong_cassette": WRONG_UNIT,
    "wrong_carrier": WRONG_UNIT,
    "wrong_form": WRONG_UNIT,
    "wrong_equipment": WRONG_BOX,
    "not_in_service": WRONG_BOX,
    "hold_too_short": WRONG_BOX,
    "seal_mismatch": WRONG_SEAL,
    "wrong_place": WRONG_PLACE,
    "other_site": WRONG_PLACE,
    "wrong_site": WRONG_PLACE,
    "destination_no_part": WRONG_PLACE,
    "not_storable": WRONG_PLACE,
    "place_without_band": WRONG_PLACE,
    "out_of_band": OUT_OF_RANGE,
    "wrong_temperature": OUT_OF_RANGE,
    "too_early": TOO_EARLY,
    "too_soon": TOO_EARLY,
    "product_not_here": TOO_EARLY,
    "entered_too_late": TOO_LATE,
    "hold_passed": TOO_LATE,
    "removed_too_often": TOO_LATE,
    "expired": EXPIRED,
    "expires_in_transit": EXPIRED,
    "quarantined": QUARANTINED,
    "superseded": OLD_LABEL,
    "not_released": NOT_RELEASED,
    "lot_not_released": NOT_RELEASED,
    "lot_wrong_item": WRONG_LOT,
    "lot_other_site": WRONG_PLACE,
    "lot_expired": EXPIRED,
    "lot_recalled": RECALLED,
    "does_not_add_up": READ_AGAIN,
    "volume_exceeded": READ_AGAIN,
    "no_part": NOT_ALLOWED,
    "not_custodian": NOT_ALLOWED,
    "person_inactive": NOT_ALLOWED,
    "person_unknown": NOT_ALLOWED,
    "role_elsewhere": NOT_ALLOWED,
    "role_missing": NOT_ALLOWED,
    "same_person": NOT_ALLOWED,
    "wrong_signer": NOT_ALLOWED,
    "signer_not_asked": NOT_ALLOWED,
    "signature_missing": NOT_SIGNED,
    "not_signed_in": NOT_SIGNED,
    "label_missing": NOT_LABELED,
    "not_applied": NOT_LABELED,
    "label_open": NOT_LABELED,
    "misread": CANNOT_READ,
    "bad_code": CANNOT_READ,
}
"""By the rule that refused, or by the code of an error."""

DONE: Final[Mapping[str, str]] = {
    "accepted": tr("TAKEN OVER"),
    "bag_matched": tr("MATCHED"),
    "bedside_matched": tr("MATCHED"),
    "canceled": tr("CANCELED"),
    "cassette_bound": tr("BOUND"),
    "closed": tr("CLOSED"),
    "code_adopted": tr("ADOPTED"),
    "codes_bound": tr("BOUND"),
    "collected": tr("COLLECTED"),
    "collection_started": tr("STARTED"),
    "consumed": tr("USED UP"),
    "corrected": tr("CORRECTED"),
    "cryopreserved": tr("FROZEN"),
    "delivery_attempted": tr("ATTEMPTED"),
    "destroyed": tr("DESTROYED"),
    "deviation_assessed": tr("ASSESSED"),
    "deviation_closed": tr("CLOSED"),
    "deviation_opened": tr("OPENED"),
    "diverted": tr("OTHER SITE"),
    "dose_set": tr("DOSE SET"),
    "enrolled": tr("ENROLLED"),
    "infusion_completed": tr("INFUSED"),
    "infusion_started": tr("STARTED"),
    "infusion_stopped": tr("STOPPED"),
    "inspected": tr("ASSESSED"),
    "label_applied": tr("LABELED"),
    "label_superseded": tr("REPLACED"),
    "label_voided": tr("VOID"),
    "labels_destroyed": tr("DESTROYED"),
    "labels_reconciled": tr("COUNTED"),
    "lapsed": tr("ENDED"),
    "lymphodepletion_started": tr("STARTED"),
    "manufactured": tr("MADE"),
    "manufacturing_failed": tr("FAILED"),
    "manufacturing_started": tr("STARTED"),
    "medicine_given": tr("GIVEN"),
    "outcome_recorded": tr("RECORDED"),
    "packed": tr("PACKED"),
    "partly_accepted": tr("TAKEN IN PART"),
    "patient_identified": tr("IDENTIFIED"),
    "pre_thaw_matched": tr("MATCHED"),
    "protocol_repinned": tr("NEW VERSION"),
    "quarantine_lifted": tr("LIFTED"),
    "quarantined": tr("QUARANTINED"),
    "refused": tr("REFUSED"),
    "rejected": tr("REJECTED"),
    "released": tr("RELEASED"),
    "released_out_of_specification": tr("RELEASED"),
    "relinquished": tr("HANDED OVER"),
    "rescheduled": tr("MOVED"),
    "resource_closed": tr("CLOSED"),
    "closure_lifted": tr("REOPENED"),
    "results_reviewed": tr("REVIEWED"),
    "retained": tr("RETAINED"),
    "retrieved": tr("RETRIEVED"),
    "scheduled": tr("BOOKED"),
    "step_performed": tr("STEP DONE"),
    "storage_counted": tr("COUNTED"),
    "stored": tr("PUT AWAY"),
    "tested": tr("TESTED"),
    "thaw_ended": tr("THAWED"),
    "thaw_started": tr("THAWING"),
    "toxicity_graded": tr("GRADED"),
    "unit_registered": tr("REGISTERED"),
    "unpacked": tr("TAKEN OUT"),
    "unscheduled": tr("GIVEN BACK"),
}
"""By the kind of step that was signed and written."""


UNWELCOME: Final = frozenset(
    DONE[kind] for kind in ("delivery_attempted", "infusion_stopped", "quarantined", "refused", "rejected")
)
"""Words that stand in a CHECK: what was written is in order, what it is about is not."""


def cause_of(rule: str) -> str:
    """The word for a rule that refused."""
    return RULES.get(rule, NOT_IN_ORDER)


def cause_of_error(error: CartrailError) -> str:
    """The word for an error: what cannot be reached, what cannot be read, else what its rule says."""
    if isinstance(error, StoreError):
        return NO_STORE
    return CANNOT_READ if isinstance(error, BadCode) else cause_of(error.code)


def done_word(kind: str) -> str:
    """The word for what was signed and written."""
    return DONE.get(kind, WRITTEN)
