"""Which refusals may be passed outside the rules with a reason, written out a second time."""

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Final

from tests.support.places import ROOT

NEVER: Final = {
    "alert_ended", "other_indication", "weight_missing",
    "already_given", "attempt_failed", "not_destroyed", "not_of_attempt",
    "excursion_not_usable", "excursion_open", "excursion_unknown", "no_logger", "other_logger",
    "serial_unknown",
    "already_packed", "lane_not_served", "lane_unknown", "not_held", "nothing_packed", "place_closed",
    "shipment_unknown",
    "picked_up_too_early", "transit_too_short", "wrong_window",
    "booking_changed", "milestone_unknown", "no_milestones", "nothing_changed", "therapy_ended",
    "ambiguous_code", "assessed_otherwise", "attempt_unclear", "attempt_unknown", "bench_free",
    "bench_unknown", "bench_used_since", "blank_of_other_material", "box_empty", "box_missing",
    "box_not_empty", "box_not_scanned", "carrier_unknown", "cassette_empty", "cassette_taken",
    "coi_exists", "contents_differ", "counts_differ",
    "decision", "deviation_unknown", "din_foreign", "event_unknown",
    "fault_missing", "fault_of_a_box", "fault_value_missing", "finding_unanswered", "findings_differ",
    "forms_out", "identifier_missing", "in_specification", "key_missing", "label_not_open",
    "no_custodian", "no_handoff", "no_manifest", "no_part", "no_receiver", "no_unit_named",
    "nobody_there", "not_a_sample", "not_assessed", "not_bound", "not_correctable", "not_signed_in",
    "basis_missing", "basis_unknown", "may_not_fail", "requested_missing", "risk_evaluation_missing",
    "not_independent", "identity_not_proven",
    "no_positions", "position_taken", "position_unknown",
    "not_storage", "not_transcribed", "nothing_open", "nothing_registered", "nothing_scanned",
    "nothing_infused", "planned_exceeds",
    "nothing_there", "openings_erased",
    "other_container", "other_handoff", "other_purpose", "other_way", "outcome_differs", "own_parent",
    "indication_missing", "indication_unknown",
    "patient_active", "person_unknown", "protocol_unknown", "reason_missing", "receiver_elsewhere",
    "regimen_unknown",
    "reprint_needs_reason", "reprint_role", "retention", "same_destination", "same_party", "same_person",
    "seal_missing", "seal_not_other", "several_custodians", "signature_missing", "signer_not_asked",
    "site_inactive", "site_unfit", "site_unknown", "station_retired", "station_unknown", "tally_differs",
    "test_unknown", "typed_differently", "typed_once", "typed_without_check", "unattended", "units_open",
    "units_undecided", "unknown_code", "unknown_event", "wristband_form", "wrong_kind", "wrong_sample",
    "wrong_signer", "wrong_slip", "person_scans",
    "grade_unknown", "not_reviewed", "nothing_to_repeat", "predicate_not_met", "result_unknown",
    "retest_not_allowed", "scale_unknown",
}  # fmt: skip
"""Nothing lifts these: who somebody is, what a code is, what is there at all."""

WITH_A_REASON: Final = {
    "already_booked", "not_here", "not_as_booked", "not_qualified",
    "bench_occupied", "blank_of_other_site", "cassette_bound", "certificate_missing", "certificate_old",
    "component_missing", "component_order",
    "destination_no_part", "deviation_open",
    "din_used", "display_missing", "entered_too_late", "expired", "expires_in_transit",
    "fact_unconfirmed", "form_used", "form_voided", "frozen_label", "handoff_open", "hold_missing",
    "hold_passed", "hold_too_short", "hold_until_past", "hold_until_too_late", "label_applied",
    "label_missing", "label_open", "labels_open", "logger_in_use", "logger_missing",
    "material_left", "more_than_planned",
    "color_missing", "part_missing", "part_stopped", "part_too_early", "part_too_late", "part_waits",
    "wrong_part",
    "never_printed",
    "new_seal_missing", "not_confirmed", "nobody_called", "not_applied", "not_charged", "number_differs",
    "number_missing", "number_taken", "not_custodian", "not_found_yet",
    "not_in_box",
    "not_in_service", "not_on_manifest", "not_packed", "not_quarantined", "not_received", "not_receiver",
    "not_released", "not_storable", "not_there", "not_voided", "one_at_a_time", "one_therapy",
    "other_receiver", "out_of_band", "person_inactive", "place_without_band",
    "product_code_missing", "product_not_here", "put_away",
    "quarantined",
    "position_missing",
    "rejected", "removed_too_often", "role_elsewhere", "seal_broken", "seal_mismatch", "superseded",
    "test_failed", "tests_pending", "therapy_canceled", "too_early", "too_soon", "volume_exceeded",
    "was_printed",
    "was_received", "wrong_carrier", "wrong_cassette", "wrong_certificate", "wrong_component",
    "wrong_equipment", "wrong_form", "wrong_place",
    "wrong_site", "wrong_temperature",
    "lot_expired", "lot_not_released", "lot_other_site", "lot_recalled", "lot_wrong_item",
    "lot_wrong_storage", "makers_code", "missing_move", "nothing_filled", "out_of_service", "overlap",
    "wrong_class", "wrong_day",
    "before_infusion", "dose_exceeded", "finding_missing", "grade_missing", "grade_too_low", "wrong_for_age",
}  # fmt: skip
"""A protocol may let these pass, declared and signed."""

BY_PLACE: Final = {
    "already_done": (10, 15),
    "code_taken": (1, 2),
    "in_box": (1, 1),
    "not_in_protocol": (1, 2),
    "other_site": (4, 2),
    "role_missing": (1, 1),
    "therapy_closed": (1, 1),
    "unit_ended": (2, 2),
    "units_missing": (1, 1),
    "wrong_material": (2, 1),
}
"""How many places of a rule may be passed, and how many may not."""


def violations() -> Iterator[tuple[str, bool]]:
    """The rule of each violation in the program, and whether it may be passed; not where one is handed on."""
    for path in sorted((ROOT / "tracker").glob("**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Violation":
                said = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                waivable = said.get("waivable", "True")
                if isinstance(node.args[0], ast.Constant) and waivable in {"True", "False"}:
                    yield str(node.args[0].value), waivable == "True"


def test_which_rules_may_be_passed() -> None:
    """A rule that gets another answer, or a new one, has to be listed here as well."""
    passed = Counter(rule for rule, waivable in violations() if waivable)
    held = Counter(rule for rule, waivable in violations() if not waivable)
    assert {*passed} - {*held} == WITH_A_REASON
    assert {*held} - {*passed} == NEVER
    assert {rule: (passed[rule], held[rule]) for rule in {*passed} & {*held}} == BY_PLACE
