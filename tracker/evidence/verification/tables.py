"""Every table of a store, by what verification asks of it; what it does not ask is said in each verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

PROVED: Final = frozenset(
    {
        "custody_event",
        "log_pending",
        "log_leaf",
        "log_node",
        "checkpoint",
        "cosignature",
        "erasable",
        "attachment",
        "paper_scan",
        "condition_file",
    }
)
"""Chained, signed, leaves of the tree, or named by a digest in an entry: steps 1 to 14 and 20."""

REPLAYED: Final = frozenset(
    {
        *("therapy", "unit", "scan_code", "bench", "deviation_now", "slot_use", "plan_milestone"),
        *("use_of", "shipment_now", "therapy_history", "place_position", "equipment_place"),
        *("mention", "mention_reach"),
    }
)
"""Read tables, each row held against what the entries lead to: step 15."""

_SECRETS: Final = "passwords, one-time codes and sign-in failures"
_ANSWERS: Final = "kept answers to requests"
_PRINTS: Final = "which copies of labels were printed, beyond what was scanned when they were applied"
_PRESENCE: Final = "when the hub, the stations and the last backup were heard of"
_OPENED: Final = "who looked at which trail at a terminal"
_HANDED_ON: Final = "which alerts were handed on to whom"
_PAPERS: Final = "which heads went onto paper, beyond that each is of a checkpoint"
_VERSIONS: Final = "the versions by which stations notice each other"
NOT_PROVED: Final[Mapping[str, str]] = {
    "request_answer": _ANSWERS,
    "credential": _SECRETS,
    "access_code": _SECRETS,
    "sign_in_failure": _SECRETS,
    "presence": _PRESENCE,
    "trail_opened": _OPENED,
    "alert_handed_on": _HANDED_ON,
    "printed_copy": _PRINTS,
    "printed_head": _PAPERS,
    "shared_row": _VERSIONS,
}
"""The other tables, each by what of it is no evidence."""


def not_proved() -> Iterator[str]:
    """What is kept in a store and proved by nothing, in sentences."""
    yield f"no evidence, and not checked: {'; '.join(dict.fromkeys(NOT_PROVED.values()))}"
    yield (
        "when a checkpoint was signed is a column that nobody signs; one that no export, cosignature or"
        " paper names can be deleted unseen"
    )
