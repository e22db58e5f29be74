"""Which request asks for which event kind, so that a protocol's steps can be offered to a person."""

from __future__ import annotations

from collections.abc import Mapping

REQUEST_OF_KIND: Mapping[str, str] = {
    "enrolled": "enroll",
    "code_adopted": "adopt_code",
    "codes_bound": "bind_codes",
    "patient_identified": "identify_patient",
    "unit_registered": "register_unit",
    "label_applied": "apply_label",
    "label_superseded": "supersede_label",
    "label_voided": "void_label",
    "labels_destroyed": "destroy_labels",
    "labels_reconciled": "reconcile_labels",
    "cassette_bound": "bind_cassette",
    "pre_thaw_matched": "match_before_thaw",
    "bag_matched": "match_bag",
    "bedside_matched": "match_at_bedside",
    "protocol_repinned": "repin_protocol",
    "corrected": "correct",
    "canceled": "cancel",
    "closed": "close",
    "deviation_opened": "open_deviation",
    "stored": "store",
    "retrieved": "retrieve",
    "packed": "pack",
    "unpacked": "unpack",
    "relinquished": "relinquish",
    "accepted": "accept",
    "partly_accepted": "accept_partly",
    "refused": "refuse",
    "lapsed": "let_lapse",
    "delivery_attempted": "attempt_delivery",
    "diverted": "divert",
    "inspected": "inspect",
    "collection_started": "start_collection",
    "collected": "complete_collection",
    "cryopreserved": "cryopreserve",
    "manufacturing_started": "start_manufacturing",
    "manufactured": "complete_manufacturing",
    "tested": "record_test",
    "released": "release",
    "released_out_of_specification": "release_out_of_specification",
    "rejected": "reject",
    "quarantined": "quarantine",
    "quarantine_lifted": "lift_quarantine",
    "thaw_started": "start_thaw",
    "thaw_ended": "end_thaw",
    "infusion_started": "start_infusion",
    "infusion_stopped": "stop_infusion",
    "infusion_completed": "complete_infusion",
    "destroyed": "destroy",
    "consumed": "consume",
    "retained": "retain",
}

ABOUT_THERAPY = frozenset(
    {
        "patient_identified",
        "unit_registered",
        "protocol_repinned",
        "canceled",
        "closed",
        "tested",
        "code_adopted",
        "deviation_opened",
        "corrected",
        "label_voided",
        "labels_destroyed",
        "labels_reconciled",
    }
)
"""Kinds that are asked of a therapy, not of a unit in the hand."""

EITHER = frozenset({"codes_bound"})
"""Kinds that are asked of a unit as well as of a therapy, once a manifest is there."""
