"""Verify a cartrail bundle with nothing but Python (3.8 or newer): no cartrail, no network, no other file.

    python3 -I verify.py BUNDLE.zip [--head CODE]... [--receipt CODE]... [--require-head]

The steps are numbered in `Step` and taken in `Verifier.run`. The program says what holds, what does not, and
what it cannot see. Exit codes: 0 everything checked holds; 2 a file or code cannot be read, or a head is of
another log; 4 the bundle cannot be trusted; 6 something it promises is missing or not understood, or was to
be checked and could not.

A copy of this file lies in every bundle, and `cartrail verify BUNDLE.zip` runs this file too. A bundle from
somebody you do not trust is checked with a copy from somebody you do. Signatures are checked by the Python
package `cryptography` where it is installed, which is faster, and else by this file itself; `python3 -I -S`
leaves every installed package out.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import mmap
import os
import re
import struct
import sys
import unicodedata
import zlib
from collections import Counter, deque
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

BUNDLE_FORM = "cartrail-bundle/1"
ENTRY_FORM = "cartrail/1"
EXPIRED, HOLD_PASSED = "expired", "hold_passed"
"""Limits whose end the event from which they run says itself: of a shelf life, of a box's temperature."""

REGISTRY = "registry"

# Every kind of event with the shape of its payload. A field whose name ends in "?" may be left out. Shapes:
# text (least and most characters, pattern), word (one of), integer (least, most), flag, instant, list (of,
# least, most), object, either; any other name is one of "shapes".
KINDS = json.loads(
    r"""
{"shapes": {"unit_id": ["text", 0, null, "^U[DTVP][2-9B-X]{9}$"], "coi_id": ["text", 0, null,
"^C[DTVP][2-9B-X]{9}$"], "cassette_id": ["text", 0, null, "^K[DTVP][2-9B-X]{9}$"], "badge_id": ["text", 0,
null, "^P[DTVP][2-9B-X]{9}$"], "location_id": ["text", 0, null, "^L[DTVP][2-9B-X]{9}$"], "shipment_id": [
"text", 0, null, "^S[DTVP][2-9B-X]{9}$"], "box_id": ["text", 0, null, "^B[DTVP][2-9B-X]{9}$"],
"equipment_id": ["text", 0, null, "^[BDE][DTVP][2-9B-X]{9}$"], "lot_id": ["text", 0, null,
"^G[DTVP][2-9B-X]{9}$"], "form_id": ["text", 0, null, "^F[DTVP][2-9B-X]{9}$"], "labeled_id": ["text", 0,
null, "^[UKC][DTVP][2-9B-X]{9}$"], "copy_letter": ["text", 0, null, "^[2-9B-X]$"], "copy_letters": [
"text", 0, null, "^[2-9B-X]{0,26}$"], "short": ["text", 0, null, "^[A-Z0-9-]{2,16}$"], "digest": ["text",
0, null, "^[0-9a-f]{64}$"], "event": ["text", 0, null,
"^[0-9a-f]{8}-[0-9a-f]{4}-[57][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"], "term": ["text", 0, null,
"^[a-z0-9][a-z0-9_.-]{0,63}$"], "title": ["text", 0, null, "^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "day": [
"text", 0, null, "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"], "key_id": ["text", 0, null,
"^[0-9a-f]{16}$"], "public_key": ["text", 0, null, "^[A-Za-z0-9+/]{43}=$"], "key_owner": ["text", 0, null,
"^([A-Z0-9-]{2,16}|log|station/[A-Z0-9-]{2,16})$"], "reason": ["word", "network_down", "power_failure",
"disk_failed", "scanner_failed", "printer_failed", "performed_before_entry", "clinical_need",
"time_limit_exceeded", "staff_unavailable", "patient_not_ready", "infection", "patient_withdrew",
"patient_died", "disease_progression", "manufacturing_failed", "temperature_excursion", "seal_broken",
"seal_mismatch", "contents_differ", "container_damaged", "label_damaged", "label_unreadable",
"label_lost", "misprint", "unused", "never_came_out", "further_copy", "identity_in_doubt", "test_pending",
"test_failed", "receiver_absent", "place_closed", "receiver_without_account", "adverse_reaction",
"remainder", "expired", "keying_error", "instrument_error", "investigation_closed", "deviation_assessed",
"left_the_organization", "lost_or_stolen", "forgotten_password", "replaced", "recalled_by_maker",
"used_up", "giver_keeps_it", "retention_ended", "data_subject_request", "other"], "judged_clock": [
"object", {"rule": "term", "start": "event", "due": "instant"}], "judged_value": ["object", {"rule":
"term", "value": ["text", 0, null, "^-?[0-9]{1,12}(\\.[0-9]{1,6})?$"], "minimum?": ["text", 0, null,
"^-?[0-9]{1,12}(\\.[0-9]{1,6})?$"], "maximum?": ["text", 0, null, "^-?[0-9]{1,12}(\\.[0-9]{1,6})?$"]}],
"commitment": ["object", {"commitment": "digest"}]}, "registry": ["access_code_issued", "badge_bound",
"badge_revoked", "box_emptied", "clock_confirmed", "clock_corrected", "closure_lifted",
"department_added", "empty_collected", "empty_returned", "equipment_added", "equipment_qualified",
"equipment_status_set", "exported", "identifier_searched", "key_activated", "key_added", "key_retired",
"label_stock_destroyed", "label_stock_issued", "lane_set", "location_added", "location_conditions_set",
"locked_out", "lost_head_named", "lot_received", "lot_status_set", "people_listed", "person_added",
"person_deactivated", "person_reactivated", "protocol_adopted", "resource_closed", "resource_set",
"rights_reviewed", "role_granted", "role_revoked", "scanner_check_required", "scanner_checked",
"shipper_charged", "site_added", "site_contact_changed", "site_days_set", "site_deactivated",
"site_reactivated", "site_wristband_set", "site_zone_set", "station_added", "station_board_set",
"station_reactivated", "station_retired", "storage_counted", "store_created", "store_restored",
"terminal_checked", "trail_exported"], "decisions": ["access_code_issued", "alert_acknowledged",
"badge_bound", "badge_revoked", "box_emptied", "canceled", "clock_confirmed", "clock_corrected", "closed",
"closure_lifted", "conditions_recorded", "corrected", "department_added", "deviation_assessed",
"deviation_closed", "dose_set", "empty_collected", "empty_returned", "enrolled", "equipment_added",
"equipment_qualified", "equipment_status_set", "erased", "excursion_assessed", "exported", "form_issued",
"identifier_searched", "key_activated", "key_added", "key_retired", "label_stock_destroyed",
"label_stock_issued", "lane_set", "line_cleared", "location_added", "location_conditions_set",
"locked_out", "lost_head_named", "lot_received", "lot_status_set", "manifest_received",
"manufacturing_failed", "noted", "outcome_recorded", "people_listed", "person_added",
"person_deactivated", "person_reactivated", "protocol_adopted", "protocol_repinned", "quarantine_lifted",
"rejected", "released", "released_out_of_specification", "rescheduled", "resource_closed", "resource_set",
"results_reviewed", "rights_reviewed", "role_granted", "role_revoked", "scanner_check_required",
"scanner_checked", "scheduled", "shipment_booked", "shipper_charged", "site_added",
"site_contact_changed", "site_days_set", "site_deactivated", "site_reactivated", "site_wristband_set",
"site_zone_set", "station_added", "station_board_set", "station_reactivated", "station_retired",
"storage_counted", "store_created", "store_restored", "taken_over", "terminal_checked", "tested",
"therapy_imported", "toxicity_graded", "trail_exported", "trail_reviewed", "unit_found", "unscheduled"],
"payloads": {"accepted 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"handoff": "event", "relinquished": "digest", "units": ["list", "unit_id", 0, null], "box?": "box_id",
"seal?": ["text", 0, null, "^[\\x21-\\x7e]{1,40}$"], "condition": ["word", "in_order", "not_in_order"],
"faults": ["list", ["word", "seal", "display", "hold_time", "damage", "label", "other"], 0, null],
"evidence": ["word", "signed", "ink", "attested"], "ink?": ["object", {"company": "commitment", "name":
"commitment", "id_seen": "commitment", "waybill?": "commitment"}], "display_celsius?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "hold_until?": "instant", "happened_at_site?": "short",
"custodian": ["object", {"type": ["word", "person", "location", "department", "carrier"], "id": ["text",
0, null, "^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$"]}]}], "access_code_issued 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "staff": "short", "expires_at": "instant"}],
"alert_acknowledged 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"cause": ["word", "due", "overdue", "breach", "late", "at_risk", "refused", "quarantined", "recalled",
"unassessed", "stalled"], "subject": ["text", 0, null, "^[A-Za-z0-9-]{2,36}$"], "name?": "term", "due_at":
"instant", "projected_at?": "instant", "plan?": "commitment"}], "badge_bound 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "badge": "badge_id", "staff": "short"}],
"badge_revoked 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "badge":
"badge_id"}], "bag_matched 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "units": ["list", "unit_id", 1, 200], "cassette?": "cassette_id"}], "bedside_matched 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": ["list",
"unit_id", 1, 200], "confirmed": ["list", "term", 0, 20]}], "box_emptied 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "box": "box_id", "site": "short", "uses": ["integer",
0, 1099511627776]}], "canceled 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000]}], "cassette_bound 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "unit": "unit_id", "cassette": "cassette_id", "copy_letter?": "copy_letter"}],
"clock_confirmed 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "day":
"day"}], "clock_corrected 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "corrected_to": "instant"}], "closed 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000]}], "closure_lifted 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "site": "short", "closure": "event"}], "code_adopted 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "unit?": "unit_id", "code": ["object", {"issuer": "short",
"type": ["word", "manufacturer_coi", "order", "lot", "din", "isbt_coi", "single_european_code",
"hospital_unit", "container", "air_waybill", "courier_job", "sscc", "grai", "certificate"], "value": [
"text", 1, 120, "^[\\x20-\\x7e]+$"]}], "certificate?": ["object", {"identifier": ["text", 1, 120,
"^[\\x20-\\x7e]+$"], "containers": ["integer", 1, 99], "expires_on": "day", "expires_at?": "instant",
"out_of_specification": "flag"}]}], "codes_bound 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "manifest": "event", "unit?": "unit_id", "item?": ["integer", 1, 200], "codes":
["list", ["object", {"issuer": "short", "type": ["word", "manufacturer_coi", "order", "lot", "din",
"isbt_coi", "single_european_code", "hospital_unit", "container", "air_waybill", "courier_job", "sscc",
"grai", "certificate"], "value": ["text", 1, 120, "^[\\x20-\\x7e]+$"]}], 0, null], "missing": ["list", [
"object", {"issuer": "short", "type": ["word", "manufacturer_coi", "order", "lot", "din", "isbt_coi",
"single_european_code", "hospital_unit", "container", "air_waybill", "courier_job", "sscc", "grai",
"certificate"], "value": ["text", 1, 120, "^[\\x20-\\x7e]+$"]}], 0, null], "unlisted": ["list",
"commitment", 0, null]}], "collected 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "expires": ["list", ["object", {"unit": "unit_id", "expires_at": "instant"}], 0, 200], "unit":
"unit_id", "volume_ml": ["text", 0, null, "^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?$"], "ended_at": "instant"}
], "collection_started 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"unit": "unit_id", "din": ["text", 1, 40, "^[\\x21-\\x7e]+$"]}], "conditions_recorded 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200],
"shipment?": "shipment_id", "box?": "box_id", "location?": "location_id", "place?": ["object", {
"celsius_min?": ["text", 0, null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "celsius_max?": ["text", 0,
null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "outside_s": ["integer", 0, 1099511627775], "longest_s":
["integer", 0, 1099511627775], "unknown_s": ["integer", 0, 1099511627775], "peak_celsius?": ["text", 0,
null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"]}], "data_logger": "equipment_id", "serial": ["text", 0,
null, "^[A-Za-z0-9./_-]{1,40}$"], "serial_from": ["word", "in_file", "declared"], "file": "commitment",
"file_format": "term", "clock_offset": ["text", 0, null, "^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$"],
"clock_from": ["word", "in_file", "declared"], "temperature_unit": ["word", "celsius", "fahrenheit"],
"day_order?": ["word", "year_first", "month_first", "day_first"], "channel?": ["integer", 0, 1099511627775
], "first_at": "instant", "last_at": "instant", "readings": ["integer", 1, 1099511627775], "repeated": [
"integer", 0, 1099511627775], "interval_s": ["integer", 0, 1099511627775], "outside_custody": ["integer",
0, 1099511627775], "celsius_min": ["text", 0, null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"],
"celsius_max": ["text", 0, null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "celsius_mean": ["text", 0,
null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "judged": ["list", ["object", {"unit": "unit_id",
"verdict": ["word", "within", "outside", "not_judgeable", "no_band"], "celsius_min?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "celsius_max?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "allowed_s": ["integer", 0, 1099511627775], "outside_s": [
"integer", 0, 1099511627775], "longest_s": ["integer", 0, 1099511627775], "unknown_s": ["integer", 0,
1099511627775], "excursions": ["integer", 0, 1099511627775], "peak_celsius?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"]}], 1, 200]}], "consumed 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200]}], "corrected 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "event": "event",
"field": "term", "old": ["either", ["text", 0, null, null], "commitment"], "new": ["either", ["text", 0,
null, null], "commitment"]}], "count_found 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "units": ["list", "unit_id", 1, 200], "location": "location_id", "result": ["word", "missing",
"unexpected", "found_again"]}], "cryopreserved 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200], "expires": ["list", ["object", {"unit":
"unit_id", "expires_at": "instant"}], 0, 200]}], "delivery_attempted 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200], "box": "box_id",
"at_site": "short", "happened_at_site?": "short", "called?": ["object", {"staff?": "short", "name?":
"commitment", "phone?": "commitment", "answered": "flag"}]}], "department_added 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "site": "short", "department": "short", "title": [
"text", 1, 120, "^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "roles": ["list", ["word", "apheresis_nurse",
"ward_nurse", "cell_lab_technician", "manufacturing_operator", "courier", "dock", "pharmacist",
"clinician", "coordinator", "quality", "qualified_person", "auditor", "administrator"], 1, null]}],
"destroyed 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": [
"list", "unit_id", 1, 200], "destroyed_ml?": ["text", 0, null, "^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?$"]}],
"deviation_assessed 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"units": ["list", "unit_id", 0, null], "deviation": "event", "severity": ["word", "minor", "major",
"critical"], "cause": "term", "decision": ["word", "no_impact", "quarantine", "reject", "oos"],
"laboratory?": ["word", "error", "no_error", "inconclusive"], "retests?": ["integer", 0, 3], "capa?":
"term"}], "deviation_closed 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "deviation": "event", "capa?": "term", "effective_by?": "day"}], "deviation_drafted 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "cause": ["list", "term",
1, null], "about": "event"}], "deviation_opened 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "units": ["list", "unit_id", 0, null], "category": "term", "description":
"commitment"}], "diverted 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "units": ["list", "unit_id", 1, 200], "box": "box_id", "shipment?": "shipment_id", "from_site":
"short", "to_site": "short", "receiver?": ["object", {"type": ["word", "person", "location", "department",
"carrier"], "id": ["text", 0, null, "^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$"]}]}], "dose_set 1": ["object",
{"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "indication": "term", "regimen?": "term",
"weight_kg?": ["text", 0, null, "^(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "weighed_on?": "day", "minimum":
["text", 0, null, "^(0|[1-9][0-9]{0,5})(\\.[0-9]{1,6})?$"], "target?": ["text", 0, null,
"^(0|[1-9][0-9]{0,5})(\\.[0-9]{1,6})?$"], "maximum": ["text", 0, null,
"^(0|[1-9][0-9]{0,5})(\\.[0-9]{1,6})?$"]}], "empty_collected 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "box": "box_id", "carrier": "short", "site": "short"}],
"empty_returned 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "box": "box_id",
"carrier": "short", "site": "short"}], "enrolled 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "coi": "coi_id", "protocol": ["object", {"id": "term", "version": ["integer",
1, 9999], "sha256": "digest"}], "sites": ["object", {"collection": "short", "manufacturing": "short",
"treatment": "short"}], "patient_identifiers": ["list", "commitment", 1, 8], "adopted_codes": ["list", [
"object", {"issuer": "short", "type": ["word", "manufacturer_coi", "order", "lot", "din", "isbt_coi",
"single_european_code", "hospital_unit", "container", "air_waybill", "courier_job", "sscc", "grai",
"certificate"], "value": ["text", 1, 120, "^[\\x20-\\x7e]+$"]}], 0, null], "indication?": "term"}],
"equipment_added 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"equipment": "equipment_id", "equipment_type": ["word", "box", "shipper", "data_logger", "instrument"],
"title": ["text", 1, 120, "^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "site": "short", "hold_hours?": ["integer", 1,
2000], "requalification_due?": "instant", "has_display": "flag", "serial?": ["text", 0, null,
"^[A-Za-z0-9./_-]{1,40}$"], "instrument_class?": "term", "exclusive": "flag"}], "equipment_qualified 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "equipment":
"equipment_id", "at": "instant", "verdict": ["word", "passed", "failed"], "unfit_since?": "instant",
"due_at?": "instant", "hold_hours?": ["integer", 1, 2000], "celsius_min?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "celsius_max?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "standard": ["text", 1, 120, "^[^\\x00-\\x1f\\x7f-\\x9f]+$"],
"certificate?": "digest"}], "equipment_status_set 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "equipment": "equipment_id", "status": ["word", "in_service", "cleaning",
"quarantined", "repair", "lost", "retired"]}], "erased 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "erased": ["integer", 0, 1099511627775], "ground?": ["word",
"no_longer_necessary", "consent_withdrawn", "objection", "unlawful_processing", "legal_obligation"]}],
"excursion_assessed 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"units": ["list", "unit_id", 1, 200], "excursion": "event", "decision": ["word", "usable", "not_usable"],
"basis": "commitment"}], "excursion_found 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "units": ["list", "unit_id", 1, 200], "shipment?": "shipment_id", "location?": "location_id",
"verdict": ["word", "within", "outside", "not_judgeable", "no_band"], "rules": ["list", "term", 0, 10],
"began_at": "instant", "ended_at": "instant", "celsius_min?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "celsius_max?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "peak_celsius?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "outside_s": ["integer", 0, 1099511627775], "unknown_s": [
"integer", 0, 1099511627775], "allowed_s": ["integer", 0, 1099511627775]}], "exported 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "tree_size": ["integer", 1, 1099511627775],
"root": "digest", "chains": "commitment", "whole": "flag", "free_text": "flag", "checkpoints": ["list", [
"integer", 0, 1099511627775], 0, 1000], "reading": ["object", {"trail.pdf?": "digest", "trail.csv?":
"digest", "epcis.json?": "digest"}], "uris?": ["object", {"base": ["text", 8, 200, "^[\\x21-\\x7e]+$"],
"digital_link": "flag"}]}], "form_issued 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "form": "form_id", "steps": ["list", "term", 1, 200], "due_at": "instant"}], "form_voided 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "form": "form_id"}],
"identifier_searched 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"form": "term", "issuer?": "short", "type?": "term", "chains": "commitment", "count": ["integer", 0,
1099511627775], "signed_in": "flag"}], "infusion_completed 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200], "infused_ml": ["text", 0, null,
"^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?$"], "planned_ml?": ["text", 0, null,
"^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?$"]}], "infusion_started 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200]}], "infusion_stopped 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": ["list",
"unit_id", 1, 200], "infused_ml": ["text", 0, null, "^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?$"]}],
"inspected 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "box?":
"box_id", "seal_intact": "flag", "results": ["list", ["object", {"unit": "unit_id", "result": ["word",
"accept", "quarantine", "reject"], "faults": ["list", ["word", "seal", "display", "hold_time", "damage",
"label", "other"], 0, null]}], 1, 200], "display_celsius?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"]}], "key_activated 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "owner": "key_owner", "key": "key_id"}], "key_added 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "owner": "key_owner",
"key": "key_id", "public": "public_key", "on_hub?": "flag"}], "key_retired 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "owner": "key_owner", "key": "key_id"}],
"label_applied 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "unit":
"unit_id", "cassette?": "cassette_id", "copy_letter": "copy_letter"}], "label_stock_destroyed 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "set": "form_id", "site":
"short", "units": ["list", "unit_id", 1, 200], "count": ["integer", 1, 200]}], "label_stock_issued 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "set": "form_id", "site":
"short", "material": ["word", "leukapheresis", "in_process", "product", "syringe", "qc_sample", "retain"],
"units": ["list", "unit_id", 1, 200], "count": ["integer", 1, 200]}], "label_superseded 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "unit": "unit_id", "cassette?":
"cassette_id", "copy_letter": "copy_letter"}], "label_voided 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "unit?": "unit_id", "object": "labeled_id", "copy_letter":
"copy_letter"}], "labels_destroyed 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?":
["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "copies": ["list", ["object", {"object": "labeled_id", "copy_letter": "copy_letter"}], 1, 200],
"count": ["integer", 1, 200]}], "labels_reconciled 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "objects": ["list", ["object", {"object": "labeled_id", "printed":
"copy_letters", "not_printed": "copy_letters", "applied": "copy_letters", "voided": "copy_letters",
"superseded": "copy_letters", "destroyed": "copy_letters", "kept": "copy_letters", "open": "copy_letters"}
], 0, 400], "printed": ["integer", 0, 1099511627775], "accounted": ["integer", 0, 1099511627775],
"differences": ["integer", 0, 1099511627775]}], "lane_set 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "lane": "short", "from_site": "short", "to_site": "short", "carrier": "short",
"transit_hours": ["integer", 1, 720], "transit_hours_max?": ["integer", 1, 720], "celsius_min?": ["text",
0, null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "celsius_max?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "cutoff": ["text", 0, null, "^([01][0-9]|2[0-3]):[0-5][0-9]$"]
, "picks_up_on": ["list", ["word", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
"sunday"], 1, 7], "until_day?": "day", "documents": ["list", ["text", 1, 120,
"^[^\\x00-\\x1f\\x7f-\\x9f]+$"], 0, 20]}], "lapsed 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200], "handoff": "event"}], "line_cleared 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "nothing_left": "flag",
"labels": ["list", ["object", {"object": "labeled_id", "copy_letter": "copy_letter"}], 0, 200]}],
"location_added 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "location":
"location_id", "site": "short", "department": "short", "title": ["text", 1, 120,
"^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "location_type": ["word", "storage", "bench", "dock", "ward"]}],
"location_conditions_set 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object",
{"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"location": "location_id", "celsius_min?": ["text", 0, null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"],
"celsius_max?": ["text", 0, null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "rows?": ["integer", 1, 26],
"columns?": ["integer", 1, 99], "data_logger?": "equipment_id"}], "locked_out 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "staff": "short", "station?": "short", "until":
"instant"}], "lost_head_named 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "loss": "event", "known_size": ["integer", 1, 1099511627775], "known_root": "digest"}],
"lot_received 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "lot": "lot_id",
"item": "term", "site": "short", "number": ["text", 1, 40, "^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "gtin?": [
"text", 0, null, "^[0-9]{14}$"], "expires": "day", "celsius_min?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "celsius_max?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "certificate?": "digest"}], "lot_status_set 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "lot": "lot_id", "status": ["word",
"quarantined", "released", "restricted", "rejected", "recalled", "exhausted"], "reference?": "commitment"}
], "lymphodepletion_started 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "regimen": "term"}], "manifest_received 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "issuer": "short", "number": ["text", 0, null,
"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$"], "form": ["word", "toml", "json", "csv"], "sha256": "digest",
"codes": ["list", ["object", {"issuer": "short", "type": ["word", "manufacturer_coi", "order", "lot",
"din", "isbt_coi", "single_european_code", "hospital_unit", "container", "air_waybill", "courier_job",
"sscc", "grai", "certificate"], "value": ["text", 1, 120, "^[\\x20-\\x7e]+$"]}], 0, 24], "units": ["list",
["object", {"item": ["integer", 1, 200], "material": ["word", "leukapheresis", "in_process", "product",
"syringe", "qc_sample", "retain"], "codes": ["list", ["object", {"issuer": "short", "type": ["word",
"manufacturer_coi", "order", "lot", "din", "isbt_coi", "single_european_code", "hospital_unit",
"container", "air_waybill", "courier_job", "sscc", "grai", "certificate"], "value": ["text", 1, 120,
"^[\\x20-\\x7e]+$"]}], 1, 12]}], 0, 200]}], "manufactured 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "expires": ["list", ["object", {"unit": "unit_id", "expires_at": "instant"}],
0, 200], "parents": ["list", "unit_id", 1, null], "children": ["list", ["object", {"unit": "unit_id",
"material": ["word", "leukapheresis", "in_process", "product", "syringe", "qc_sample", "retain"],
"volume_ml?": ["text", 0, null, "^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?$"], "cells?": ["text", 0, null,
"^(0|[1-9][0-9]{0,5})(\\.[0-9]{1,6})?$"], "component?": "term", "part?": "term", "color?": "term"}], 1,
200], "attempt": ["integer", 1, 99]}], "manufacturing_failed 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "attempt": ["integer", 1, 99], "cause": ["word", "poor_growth",
"low_viability", "low_purity", "low_transduction", "vector_copies", "contamination", "equipment",
"mistake", "other"], "path": ["word", "remanufacture", "recollect", "out_of_specification", "stop"],
"units": ["list", "unit_id", 0, 200], "kept": ["list", "unit_id", 0, 200]}], "manufacturing_started 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": ["list",
"unit_id", 1, 200]}], "medicine_given 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "medicine": "term", "amount": ["text", 0, null, "^(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?$"],
"unit_of_measure": ["word", "mg", "g", "microgram", "ml", "iu"], "route": ["word", "iv", "oral", "sc",
"im", "intrathecal", "other"], "given_at": "instant", "about?": "event"}], "mixup_occurred 1": ["object",
{"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "step": "term", "field": "term", "read":
"commitment"}], "mixup_prevented 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "step": "term", "field": "term", "read": "commitment"}], "noted 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "text": "commitment", "unit?": "unit_id",
"milestone?": "term"}], "outcome_recorded 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "duty": "term", "due_on": "day", "result": "term", "value?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$"], "recorded_for": "day"}], "packed 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200], "box":
"box_id", "shipment": "shipment_id", "seal": ["text", 0, null, "^[\\x21-\\x7e]{1,40}$"], "tally": [
"integer", 1, 200], "data_logger?": "equipment_id", "carrier": "short", "destination": "short",
"display_celsius?": ["text", 0, null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "hold_until?": "instant"
}], "paper_attached 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"form?": "form_id", "about": ["list", "event", 1, 200], "scans": ["list", "commitment", 1, 20]}],
"partly_accepted 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"handoff": "event", "relinquished": "digest", "units": ["list", "unit_id", 0, null], "box?": "box_id",
"seal?": ["text", 0, null, "^[\\x21-\\x7e]{1,40}$"], "condition": ["word", "in_order", "not_in_order"],
"faults": ["list", ["word", "seal", "display", "hold_time", "damage", "label", "other"], 0, null],
"evidence": ["word", "signed", "ink", "attested"], "ink?": ["object", {"company": "commitment", "name":
"commitment", "id_seen": "commitment", "waybill?": "commitment"}], "display_celsius?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "hold_until?": "instant", "happened_at_site?": "short",
"custodian": ["object", {"type": ["word", "person", "location", "department", "carrier"], "id": ["text",
0, null, "^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$"]}], "units_left": ["list", "unit_id", 0, null],
"new_seal?": ["text", 0, null, "^[\\x21-\\x7e]{1,40}$"]}], "patient_identified 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "identifiers_matched": ["integer", 0, 4]}],
"people_listed 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "form": "term",
"count": ["integer", 0, 1099511627775], "signed_in": "flag"}], "person_added 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "staff": "short", "name": ["text", 1, 120,
"^[^\\x00-\\x1f\\x7f-\\x9f]+$"]}], "person_deactivated 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "staff": "short"}], "person_reactivated 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "staff": "short"}], "pre_thaw_matched 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200],
"confirmed": ["list", "term", 0, 20]}], "protocol_adopted 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "protocol": "term", "version": ["integer", 1, 9999], "sha256": "digest",
"title": ["text", 1, 120, "^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "unverified_because?": ["text", 1, 120,
"^[^\\x00-\\x1f\\x7f-\\x9f]+$"]}], "protocol_repinned 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "protocol": ["object", {"id": "term", "version": ["integer", 1, 9999],
"sha256": "digest"}], "steps_changed": ["list", ["text", 1, 120, "^[^\\x00-\\x1f\\x7f-\\x9f]+$"], 0, null]
}], "quarantine_lifted 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"units": ["list", "unit_id", 1, 200]}], "quarantined 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200]}], "refused 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "handoff": "event", "relinquished": "digest",
"units": ["list", "unit_id", 0, null], "box?": "box_id", "seal?": ["text", 0, null,
"^[\\x21-\\x7e]{1,40}$"], "condition?": ["word", "in_order", "not_in_order"], "faults": ["list", ["word",
"seal", "display", "hold_time", "damage", "label", "other"], 0, null], "evidence": ["word", "signed",
"ink", "attested"], "ink?": ["object", {"company": "commitment", "name": "commitment", "id_seen":
"commitment", "waybill?": "commitment"}], "display_celsius?": ["text", 0, null,
"^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "hold_until?": "instant", "happened_at_site?": "short"}],
"rejected 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": [
"list", "unit_id", 1, 200]}], "released 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "units": ["list", "unit_id", 1, 200], "predicates": ["list", ["object", {"name": ["word",
"steps_complete", "tests_met", "results_reviewed", "identity_assay", "dose_in_range", "lots_good",
"instruments_qualified", "labels_reconciled", "custody_unbroken", "excursions_assessed", "within_limits",
"no_open_deviation", "no_quarantine", "not_expired", "certificate_adopted", "counts_match",
"identifiers_match"], "applies": "flag", "figure": ["text", 1, 400, null], "evidence": ["list", "event",
0, 20]}], 0, 17]}], "released_out_of_specification 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200], "failed_tests": ["list", "term", 1, null]
, "failed": ["list", ["word", "steps_complete", "tests_met", "results_reviewed", "identity_assay",
"dose_in_range", "lots_good", "instruments_qualified", "labels_reconciled", "custody_unbroken",
"excursions_assessed", "within_limits", "no_open_deviation", "no_quarantine", "not_expired",
"certificate_adopted", "counts_match", "identifiers_match"], 0, 17], "predicates": ["list", ["object", {
"name": ["word", "steps_complete", "tests_met", "results_reviewed", "identity_assay", "dose_in_range",
"lots_good", "instruments_qualified", "labels_reconciled", "custody_unbroken", "excursions_assessed",
"within_limits", "no_open_deviation", "no_quarantine", "not_expired", "certificate_adopted",
"counts_match", "identifiers_match"], "applies": "flag", "figure": ["text", 1, 400, null], "evidence": [
"list", "event", 0, 20]}], 0, 17], "basis?": "term", "requested?": "commitment", "risk_evaluation?":
"commitment"}], "relinquished 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "units": ["list", "unit_id", 1, 200], "type": ["word", "internal", "transport", "issue",
"return"], "from_party": ["object", {"type": ["word", "person", "location", "department", "carrier"],
"id": ["text", 0, null, "^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$"]}], "to_party": ["object", {"type": [
"word", "person", "location", "department", "carrier"], "id": ["text", 0, null,
"^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$"]}], "box?": "box_id", "shipment?": "shipment_id", "seal?": ["text",
0, null, "^[\\x21-\\x7e]{1,40}$"], "condition": ["word", "in_order", "not_in_order"], "faults": ["list", [
"word", "seal", "display", "hold_time", "damage", "label", "other"], 0, null], "display_celsius?": [
"text", 0, null, "^-?(0|[1-9][0-9]{0,2})(\\.[0-9]{1,2})?$"], "hold_until?": "instant"}], "rescheduled 1":
["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "moved": ["list", [
"object", {"name": "term", "resource": ["text", 0, null, "^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$"], "start":
"instant", "end": "instant", "first_day": "day", "last_day": "day", "lane?": "short", "departs?":
"instant", "from_start": "instant"}], 0, 40], "promised_infusion?": "day", "because?": "event"}],
"resource_closed 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"site": "short", "resource?": "short", "from_day": "day", "until_day": "day", "title": ["text", 1, 120,
"^[^\\x00-\\x1f\\x7f-\\x9f]+$"]}], "resource_set 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "site": "short", "resource": "short", "resource_type": ["word",
"apheresis_chair", "pick_up", "manufacturing_start", "suite", "bed"], "title": ["text", 1, 120,
"^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "per_weekday": ["list", ["integer", 0, 999], 7, 7], "concurrent?": [
"integer", 1, 9999], "occupies_hours": ["integer", 1, 2400], "notice_hours": ["integer", 0, 2400],
"opens": ["text", 0, null, "^([01][0-9]|2[0-3]):[0-5][0-9]$"], "closes": ["text", 0, null,
"^([01][0-9]|2[0-3]):[0-5][0-9]$"], "from_day?": "day", "until_day?": "day"}], "results_reviewed 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "attempt": ["integer", 1,
99], "about": ["list", "event", 1, 100], "verdict": ["word", "agreed", "queried"]}], "retained 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": ["list",
"unit_id", 1, 200]}], "retrieved 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "units": ["list", "unit_id", 1, 200], "location": "location_id", "custodian": ["object", {
"type": ["word", "person", "location", "department", "carrier"], "id": ["text", 0, null,
"^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$"]}]}], "rights_reviewed 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "day": "day", "sha256": "digest", "count": ["integer", 0,
1099511627775], "outcome": ["word", "accepted", "with_observations"]}], "role_granted 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "staff": "short", "role": ["word",
"apheresis_nurse", "ward_nurse", "cell_lab_technician", "manufacturing_operator", "courier", "dock",
"pharmacist", "clinician", "coordinator", "quality", "qualified_person", "auditor", "administrator"],
"site": "short", "valid_from": "instant", "valid_until?": "instant", "training": ["object", {"reference":
["text", 1, 120, "^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "expires_at?": "instant"}]}], "role_revoked 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "grant": "event"}],
"scanner_check_required 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object",
{"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"station": "short", "within_hours?": ["integer", 1, 168]}], "scanner_checked 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "station": "short", "scanner": ["text", 1, 120,
"^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "result": ["word", "passed", "failed"], "faults": ["list", "term", 0, 40]
, "advice": ["list", "term", 0, 10], "card": ["integer", 1, 999]}], "scheduled 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "ready_from": "day", "priority": ["word", "routine",
"urgent", "critical"], "milestones": ["list", ["object", {"name": "term", "resource": ["text", 0, null,
"^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$"], "start": "instant", "end": "instant", "first_day": "day",
"last_day": "day", "lane?": "short", "departs?": "instant"}], 1, 40], "promised_infusion": "day"}],
"shipment_booked 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"shipment": "shipment_id", "lane": "short", "carrier": "short", "from_site": "short", "to_site": "short",
"pick_up": ["object", {"earliest": "instant", "latest": "instant"}], "delivery": ["object", {"earliest":
"instant", "latest": "instant"}], "box?": "box_id", "data_logger?": "equipment_id", "waybill?": ["text",
0, null, "^[A-Z0-9](?:[A-Z0-9 /-]{2,34}[A-Z0-9])$"], "sscc?": ["text", 0, null, "^[0-9]{18}$"]}],
"shipment_progress 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"shipment": "shipment_id", "milestone": ["word", "tendered", "departed", "arrived", "customs_held",
"customs_released", "delayed", "lost", "damaged", "returned"], "place": "term", "estimated_delivery?":
"instant", "source": ["word", "courier", "carrier_file", "phone"]}], "shipper_charged 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "box": "box_id", "at": "instant", "grams?":
["integer", 1, 1000000]}], "site_added 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "site": "short", "title": ["text", 1, 120, "^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "site_type": [
"word", "collection_center", "manufacturer", "treatment_center", "carrier"], "address": ["text", 0, 2000,
null], "phone_24h": ["text", 0, 40, null], "zone": ["text", 0, 40,
"^[A-Za-z][A-Za-z_-]*(/[A-Za-z][A-Za-z_-]*){0,2}$"], "wristband": ["list", ["object", {"issuer": "short",
"type": "term", "prefix": ["text", 0, 10, "^[A-Z0-9-]*$"], "length": ["integer", 1, 40]}], 0, null]}],
"site_contact_changed 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"site": "short", "address?": ["text", 0, 2000, null], "phone_24h?": ["text", 0, 40, null]}],
"site_days_set 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "site": "short",
"open_on": ["list", ["word", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
, 1, 7]}], "site_deactivated 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": [
"object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "site": "short"}], "site_reactivated 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "site": "short"}], "site_wristband_set 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "site": "short", "wristband": ["list", ["object", {"issuer":
"short", "type": "term", "prefix": ["text", 0, 10, "^[A-Z0-9-]*$"], "length": ["integer", 1, 40]}], 0,
null]}], "site_zone_set 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object",
{"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"site": "short", "zone": ["text", 0, 40, "^[A-Za-z][A-Za-z_-]*(/[A-Za-z][A-Za-z_-]*){0,2}$"],
"valid_from": "instant"}], "station_added 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "location_id", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "station": "short", "site": "short", "title": ["text", 1, 120,
"^[^\\x00-\\x1f\\x7f-\\x9f]+$"], "pasted_accepted": "flag"}], "station_board_set 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "station": "short", "board": "flag"}],
"station_reactivated 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"station": "short"}], "station_retired 1": ["object", {"reason?": "reason", "remark?": "commitment",
"doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink",
"attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"],
1, 1000], "station": "short"}], "step_performed 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200], "step": ["text", 0, null,
"^[a-z][a-z0-9_]{1,39}$"], "attempt": ["integer", 1, 99], "started_at": "instant", "ended_at": "instant",
"instruments": ["list", "equipment_id", 0, 10], "lots": ["list", ["object", {"lot": "lot_id", "quantity?":
["text", 0, null, "^(0|[1-9][0-9]{0,8})(\\.[0-9]{1,3})?$"]}], 0, 40], "measured": ["list", ["object", {
"measure": "term", "value": ["text", 0, null, "^-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$"], "sample?":
"unit_id"}], 0, 60], "moves": ["list", ["object", {"source": "unit_id", "target": "unit_id", "volume_ml?":
["text", 0, null, "^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?$"], "empties": "flag"}], 0, 200]}],
"storage_counted 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"location": "location_id", "expected": ["integer", 0, 1099511627775], "found": ["integer", 0,
1099511627775], "missing": ["integer", 0, 1099511627775], "unexpected": ["integer", 0, 1099511627775],
"unknown": ["list", "commitment", 0, 200]}], "store_created 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "origin": ["text", 0, null,
"^cartrail/(demo|training|validation|production)/[0-9a-f]{16}$"], "purpose": ["word", "demo", "training",
"validation", "production"], "clock": ["word", "system", "simulated"], "log_key": ["text", 0, 200, null],
"founders": ["list", ["object", {"staff": "short", "key": "key_id", "public": "public_key"}], 0, null]}],
"store_restored 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "known_size": [
"integer", 1, 1099511627775], "known_root": "digest", "restored_size": ["integer", 0, 1099511627775]}],
"stored 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name":
"commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?":
"short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": [
"list", "unit_id", 1, 200], "location": "location_id", "positions?": ["list", ["text", 0, null,
"^[A-Z][1-9][0-9]?$"], 0, 200]}], "taken_over 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "from_staff": "short", "clocks": ["list", ["object", {"limit": "term", "unit":
"unit_id", "due_at": "instant"}], 0, null], "handoffs": ["list", "event", 0, null], "held": ["list",
"unit_id", 0, null], "labels": ["list", ["object", {"unit": "unit_id", "copies": ["text", 0, null,
"^[2-9B-X]{1,26}$"]}], 0, null], "tallied": ["list", "unit_id", 0, null]}], "terminal_checked 1": [
"object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment",
"employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short",
"limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000], "station": "short", "ok":
["object", {"heard": "flag", "seen": "flag"}], "check": ["object", {"heard": "flag", "seen": "flag"}],
"stop": ["object", {"heard": "flag", "seen": "flag"}]}], "tested 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "test": "term", "attempt": ["integer", 1, 99], "result": [
"text", 1, 40, "^[\\x20-\\x7e]+$"], "unit_of_measure?": "term", "limit": ["text", 1, 60,
"^[\\x20-\\x7e]+$"], "meets_limit": "flag", "sample?": "unit_id", "phase": ["word", "first", "retest",
"resample"], "follows?": "event"}], "thaw_ended 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200]}], "thaw_started 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200]}],
"therapy_imported 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"steps": ["list", ["object", {"step": "term", "at": "instant"}], 0, null], "containers": ["list", [
"object", {"unit": "unit_id", "material": ["word", "leukapheresis", "in_process", "product", "syringe",
"qc_sample", "retain"], "parents": ["list", "unit_id", 0, null], "attempt": ["integer", 0, 99], "codes": [
"list", ["object", {"issuer": "short", "type": ["word", "manufacturer_coi", "order", "lot", "din",
"isbt_coi", "single_european_code", "hospital_unit", "container", "air_waybill", "courier_job", "sscc",
"grai", "certificate"], "value": ["text", 1, 120, "^[\\x20-\\x7e]+$"]}], 0, null], "location?":
"location_id", "carrier?": "short", "box?": "box_id", "cassette?": "cassette_id", "quarantined?":
"reason", "final?": ["word", "consumed", "infused", "destroyed", "retained"], "volume_ml?": ["text", 0,
null, "^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?$"], "expires_at?": "instant", "steps": ["list", ["object", {
"step": "term", "at": "instant"}], 0, null]}], 1, 200], "results": ["list", ["object", {"test": "term",
"attempt": ["integer", 1, 99], "result": ["text", 1, 40, "^[\\x20-\\x7e]+$"], "at": "instant"}], 0, null],
"scans": ["list", "commitment", 0, 20]}], "toxicity_graded 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "syndrome": ["word", "crs", "icans", "iec_hs", "icaht", "other"], "scale":
"term", "scale_version": "term", "grade": ["integer", 0, 5], "findings": ["list", ["object", {"finding":
"term", "value?": ["text", 0, null, "^-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$"]}], 0, 30], "assessed_at":
"instant", "after": ["list", "unit_id", 0, 200], "onset?": "day"}], "trail_exported 1": ["object", {
"reason?": "reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer":
"commitment", "evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": [
"list", ["either", "judged_clock", "judged_value"], 1, 1000], "form": "term", "chains": "commitment",
"count": ["integer", 0, 1099511627775], "identifiers": "flag", "free_text": "flag", "staff_names": "flag",
"signed_in": "flag", "failed?": "event"}], "trail_reviewed 1": ["object", {"reason?": "reason", "remark?":
"commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence": ["word",
"signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either", "judged_clock",
"judged_value"], 1, 1000], "through": ["integer", 0, 1099511627775], "event": "event", "digest": "digest",
"outcome": ["word", "accepted", "with_observations"], "answers": ["list", ["object", {"check": "term",
"entry?": ["integer", 0, 1099511627775], "finding": "commitment", "answer": ["word", "explained",
"observed"], "remark": "commitment"}], 0, 1000]}], "unit_found 1": ["object", {"reason?": "reason",
"remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment", "evidence":
["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", ["either",
"judged_clock", "judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200], "location": "location_id"
}], "unit_registered 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"unit": "unit_id", "material": ["word", "leukapheresis", "in_process", "product", "syringe", "qc_sample",
"retain"], "parents": ["list", "unit_id", 0, null], "number?": ["integer", 1, 99], "of?": ["integer", 1,
99], "component?": "term", "part?": "term", "color?": "term"}], "unpacked 1": ["object", {"reason?":
"reason", "remark?": "commitment", "doer?": ["object", {"name": "commitment", "employer": "commitment",
"evidence": ["word", "signed", "ink", "attested"]}], "bench?": "short", "limits_judged?": ["list", [
"either", "judged_clock", "judged_value"], 1, 1000], "units": ["list", "unit_id", 1, 200], "box": "box_id"
}], "unscheduled 1": ["object", {"reason?": "reason", "remark?": "commitment", "doer?": ["object", {
"name": "commitment", "employer": "commitment", "evidence": ["word", "signed", "ink", "attested"]}],
"bench?": "short", "limits_judged?": ["list", ["either", "judged_clock", "judged_value"], 1, 1000],
"names": ["list", "term", 1, 40]}]}}
"""
)

# ----------------------------------------------------------------------------------------------------------
# The verdict


class Step(IntEnum):
    """The numbered steps, in the order in which each rests on those before it."""

    CONTAINER = 1, "The file is, byte for byte, a zip as cartrail writes it"
    MANIFEST = 2, "The manifest names every file by its digest"
    FORM = 3, "Each entry has the form of its kind"
    CANONICAL = 4, "Each entry is in canonical form"
    SEQUENCE = 5, "Each chain is gap-free from 0 to the end the manifest names"
    PREVIOUS = 6, "Each entry names the entry before it"
    REGISTRY_HEAD = 7, "Each entry names a registry head of its time"
    KEYS = 8, "The keys are those that the registry added"
    SIGNATURES = 9, "Signatures fit, by keys that counted"
    CHECKPOINTS = 10, "Checkpoints are signed by the log"
    COSIGNATURES = 11, "Cosignatures fit"
    INCLUSION = 12, "Each entry is a leaf of the signed tree"
    CONSISTENCY = 13, "Each checkpoint continues the one before it"
    EXPORT = 14, "The registry recorded just this export"
    COMMITMENTS = 15, "What is open opens its commitments"
    LINKS = 16, "What an entry answers is there as it says"
    LIMITS = 17, "Steps kept the limits they carry, or say that they did not"
    ATTACHMENTS = 18, "Files that entries name are here"
    READING = 19, "Files for reading are those that the export recorded"
    PAPER = 20, "Heads and receipts from outside"

    title: str

    def __new__(cls, number: int, title: str) -> Step:  # noqa: PYI034  Self came with Python 3.11
        """A number that knows what its step asks."""
        step = int.__new__(cls, number)
        step._value_ = number
        step.title = title
        return step


HOLDS, FINDING, NOT_CHECKED = "holds", "finding", "not_checked"
KEPT_MAX = 1000  # findings kept of a step; the others are counted
MESSAGE_MAX = 400

Place = Tuple[str, int]
"""A chain, and the sequence of an entry in it."""


class BadInput(Exception):
    """What was given on the command line cannot be used: exit code 2."""


class Damaged(BadInput):
    """The file is no whole bundle, so that nothing in it can be judged."""


class Fault(Exception):
    """Something is not as it has to be; the message says what."""


class NotJson(Fault):
    """The bytes are not JSON at all."""


class Unknown(Fault):
    """A kind or version of a newer program."""


class Finding(NamedTuple):
    """Something wrong or missing, and where."""

    place: str
    """A chain, or a file of the bundle; empty where it belongs to neither."""

    sequence: int | None
    message: str

    def __str__(self) -> str:
        where = self.place if self.sequence is None else f"{self.place} {self.sequence}"
        return f"{where}: {self.message}" if where else self.message


class Report:
    """Findings, what is missing, and notes, by step."""

    def __init__(self) -> None:
        self.findings: dict[Step, list[Finding]] = {step: [] for step in Step}
        self.gaps: dict[Step, list[Finding]] = {step: [] for step in Step}
        self.notes: dict[Step, list[str]] = {step: [] for step in Step}
        self.found_in_all: Counter[Step] = Counter()
        self.missed_in_all: Counter[Step] = Counter()
        self.skipped: set[Step] = set()
        self.unchecked: list[str] = []
        self.not_proved: list[str] = []
        self.receipts: list[tuple[str, Place]] = []
        self.origin = ""
        self.entries = 0
        self.chains = 0

    def found(self, step: Step, where: str | Place, message: str) -> None:
        """Something is wrong."""
        self.found_in_all[step] += 1
        if len(self.findings[step]) < KEPT_MAX:
            self.findings[step].append(_finding(where, message))

    def missed(self, step: Step, where: str | Place, message: str) -> None:
        """Something that was promised or asked for is not here, or not understood."""
        self.missed_in_all[step] += 1
        if len(self.gaps[step]) < KEPT_MAX:
            self.gaps[step].append(_finding(where, message))

    def note(self, step: Step, text: str) -> None:
        """Something worth saying that is neither."""
        self.notes[step].append(text)

    def skip(self, step: Step, why: str) -> None:
        """There was nothing to do this step with."""
        self.skipped.add(step)
        self.notes[step].append(why)

    def skip_rest(self, after: Step, why: str) -> None:
        """Nothing after this step could be looked at."""
        for step in Step:
            if step > after:
                self.skip(step, why)

    def outcome(self, step: Step) -> str:
        """Whether a step holds, has a finding, or could not be checked."""
        if self.findings[step]:
            return FINDING
        return NOT_CHECKED if self.gaps[step] or step in self.skipped else HOLDS

    @property
    def exit_code(self) -> int:
        """4 for a finding, else 6 for what is missing, else 0."""
        if any(self.findings.values()):
            return 4
        return 6 if any(self.gaps.values()) else 0

    def lines(self) -> Iterator[str]:
        """Every step, then what cannot be seen."""
        yield f"{self.origin or 'no log'}: {self.entries} entries of {self.chains} chains"
        for step in Step:
            yield f"{int(step):2}  {step.title:62} {self.outcome(step).replace('_', ' ')}"
            for word, kept, count in (
                ("FINDING", self.findings[step], self.found_in_all[step]),
                ("MISSING", self.gaps[step], self.missed_in_all[step]),
            ):
                for one in kept:
                    yield f"      {word}  {one}"
                if count > len(kept):
                    yield f"      {word}  and {count - len(kept)} more"
            for text in self.notes[step]:
                yield "      " + text
        for code, (chain, sequence) in self.receipts:
            yield f"receipt: {code} is {chain} {sequence}"
        for text in self.unchecked:
            yield "not checked: " + text
        if self.not_proved:
            yield "these files are not proved: " + ", ".join(self.not_proved)


def _finding(where: str | Place, message: str) -> Finding:
    place, sequence = (where, None) if isinstance(where, str) else where
    return Finding(_printable(place), sequence, _printable(message))


def _printable(text: str) -> str:
    """What a forger wrote must not move the cursor of a terminal."""
    text = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return text if len(text) <= MESSAGE_MAX else text[: MESSAGE_MAX - 3] + "..."


# ----------------------------------------------------------------------------------------------------------
# The container: a zip whose every byte follows from its files

NAMES = re.compile(
    r"(attachments/[0-9a-f]{64}|checkpoints\.ndjson|entries\.ndjson|epcis\.json|keys\.json|leaves\.csv"
    r"|manifest\.json|openings\.json|proofs/[0-9a-f]{64}\.tlog-proof|registry\.ndjson|trail\.csv|trail\.pdf"
    r"|verify\.py)"
)
REQUIRED = (
    "checkpoints.ndjson", "entries.ndjson", "keys.json", "manifest.json", "openings.json", "registry.ndjson",
    "verify.py",
)  # fmt: skip
READING = ("epcis.json", "trail.csv", "trail.pdf")
NOT_PROVED = ("verify.py",)  # a program cannot prove itself

LOCAL = struct.Struct("<4s2B4HL2L2H")
CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
END = struct.Struct("<4s4H2LH")
FIRST_DAY = 33  # 1980-01-01 as a zip counts days


class Span(NamedTuple):
    """Where a file's bytes lie in the bundle."""

    start: int
    end: int


def open_container(data: Any) -> dict[str, Span]:
    """The files by name; raises Damaged for a file that is cut or no bundle at all, and Fault unless a zip
    made of these files once more would be the same bytes.
    """
    count, offset = _directory(data)
    files: dict[str, Span] = {}
    place, at, last = 0, offset, ""
    for _ in range(count):
        fixed = data[at : at + CENTRAL.size]
        if len(fixed) != CENTRAL.size:
            raise Fault("its directory is cut")
        fields = CENTRAL.unpack(fixed)
        length, file_size = fields[12], fields[11]
        name = _name_of(data[at + CENTRAL.size : at + CENTRAL.size + length], last)
        span = Span(place + LOCAL.size + length, place + LOCAL.size + length + file_size)
        if span.end > offset:
            raise Fault(f"{name} reaches beyond the files")
        local, central = _headers(name.encode("ascii"), _crc(data, span), file_size, place)
        if data[place : span.start] != local or data[at : at + len(central)] != central:
            raise Fault(f"the record of {name} is not the one that Python's zipfile writes for these bytes")
        files[name] = span
        place, at, last = span.end, at + len(central), name
    if place != offset or at != len(data) - END.size:
        raise Fault("it has bytes that belong to no file")
    lacking = [name for name in REQUIRED if name not in files]
    if lacking:
        raise Fault("it has no " + ", ".join(lacking))
    return files


def _directory(data: Any) -> tuple[int, int]:
    """How many files the zip has, and where its directory begins."""
    tail = data[max(len(data) - END.size, 0) :]
    if len(tail) < END.size or tail[:4] != b"PK\x05\x06":
        raise Damaged("it does not end as a zip without comment does; it is cut, padded or something else")
    _, _, _, count, _, size, offset, _ = END.unpack(tail)
    if offset + size + END.size != len(data):
        raise Damaged("its directory does not reach from where it says to the end")
    if data.find(b"manifest.json", offset) < 0 and data.find(b"entries.ndjson", offset) < 0:
        raise Damaged("it is a zip of other files than those of a bundle")
    if tail != END.pack(b"PK\x05\x06", 0, 0, count, count, size, offset, 0):
        raise Fault("its last record is not the one that Python's zipfile writes")
    return count, offset


def _name_of(raw: bytes, last: str) -> str:
    try:
        name = raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise Fault("it has a file whose name is not ASCII") from error
    if NAMES.fullmatch(name) is None:
        raise Fault(f"{name[:80]!r} is no file of a bundle")
    if name <= last:
        raise Fault(f"{name} stands twice or out of order")
    return name


def _crc(data: Any, span: Span) -> int:
    crc = 0
    for start in range(span.start, span.end, 1 << 20):
        crc = zlib.crc32(data[start : min(start + (1 << 20), span.end)], crc)
    return crc


def _headers(name: bytes, crc: int, size: int, place: int) -> tuple[bytes, bytes]:
    """The record before a file and the one in the directory, as Python's zipfile writes them."""
    common = (0, 0, 0, FIRST_DAY, crc, size, size, len(name), 0)
    local = LOCAL.pack(b"PK\x03\x04", 20, 0, *common) + name
    central = CENTRAL.pack(b"PK\x01\x02", 20, 3, 20, 0, *common, 0, 0, 0, 0o100644 << 16, place) + name
    return local, central


def lines_of(data: Any, span: Span) -> Iterator[bytes]:
    """The lines of a file without their newlines; raises Fault where the last one has none."""
    start = span.start
    while start < span.end:
        end = data.find(b"\n", start, span.end)
        if end < 0:
            raise Fault("its last line does not end")
        yield data[start:end]
        start = end + 1


# ----------------------------------------------------------------------------------------------------------
# Canonical JSON (RFC 8785 on values without floats)

INTEGER_MAX = 2**53 - 1
NESTING_MAX = 32


def encode(value: Any) -> bytes:
    """The canonical bytes of a value that has some."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def decode(body: bytes) -> Any:
    """The value of canonical bytes; raises NotJson, or Fault where they are JSON but not canonical."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        again = encode(value)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"it is not JSON: {error}") from error
    _check_value(value, None)
    if again != body:
        raise Fault("it is JSON, but not in canonical form")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name + " is no value")


def _check_value(value: Any, path: Any, depth: int = 0) -> None:
    """Raise Fault for what no entry may hold; a path is a key or place and the path before it."""
    if value is None or isinstance(value, bool):
        return
    if depth > NESTING_MAX:
        raise Fault(f"{_shown(path)[:60]}... is nested deeper than {NESTING_MAX} levels")
    if isinstance(value, str):
        if not value.isascii() and not unicodedata.is_normalized("NFC", value):
            raise Fault(f"{_shown(path)} is not in Unicode NFC")
    elif isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise Fault(f"{_shown(path)} is {value}, outside +-(2^53-1)")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not key.isascii():
                raise Fault(f"{_shown(path)} has the key {key!r}, which is not ASCII")
            _check_value(item, (path, key), depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _check_value(item, (path, number), depth + 1)
    else:
        raise Fault(f"{_shown(path)} is a number with a fraction or exponent")


def _shown(path: Any) -> str:
    if path is None:
        return "the value"
    before, last = path
    text = f"[{last}]" if isinstance(last, int) else str(last)
    if before is None:
        return text
    return _shown(before) + (text if isinstance(last, int) else "." + text)


def leaf_digest(body: bytes) -> str:
    """Hex SHA-256(0x00 || body): an entry's digest and its leaf hash (RFC 6962)."""
    return hashlib.sha256(b"\x00" + body).hexdigest()


def strict64(text: str, what: str) -> bytes:
    """The bytes of base64 that encodes to itself again."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Fault(f"{what} {text[:60]!r} is not base64") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise Fault(f"{what} {text[:60]!r} is base64 with bits to spare")
    return data


# ----------------------------------------------------------------------------------------------------------
# Ed25519 (RFC 8032 section 5.1), verification only; points in extended coordinates (X, Y, Z, T). The package
# `cryptography` does the same sums faster; which keys and signatures are well formed is always asked here.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = Tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)
WINDOWS = 64  # of four bits each


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _double(point: Point) -> Point:
    a = point[0] * point[0] % P
    b = point[1] * point[1] % P
    c = 2 * point[2] * point[2] % P
    h = a + b
    e = h - (point[0] + point[1]) * (point[0] + point[1]) % P
    g = a - b
    f = c + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _point(data: bytes) -> Point | None:
    """The point of 32 bytes; None for a y of p or more, an x that does not exist, or a zero x marked odd."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_ONE % P
        if v * x * x % P != u:
            return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def _encoded(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _is_small(point: Point) -> bool:
    """Whether eight times the point is the neutral one: such a key signs anything."""
    eight = _double(_double(_double(point)))
    return eight[0] % P == 0 and (eight[1] - eight[2]) % P == 0


Table = List[List[Point]]
BASE: Point | None = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@lru_cache(maxsize=None)
def _key_point(public: bytes) -> Point | None:
    """The point of a key; None for bytes that may be none."""
    point = _point(public) if len(public) == 32 else None
    return None if point is None or _is_small(point) else point


@lru_cache(maxsize=None)
def _multiples(point: Point) -> Table:
    """The point times j * 16**i, so that a product is 64 additions and no doubling.

    A bundle holds few keys and each signs often.
    """
    table: Table = []
    for _ in range(WINDOWS):
        row = [NEUTRAL]
        for _ in range(15):
            row.append(_add(row[-1], point))
        table.append(row)
        point = _add(row[15], point)
    return table


@lru_cache(maxsize=None)
def _library() -> Any:
    """How the package `cryptography` makes a key of bytes; None where it is not there or does not work."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        Ed25519PublicKey.from_public_bytes(_encoded(BASE or NEUTRAL))
    except Exception:  # noqa: BLE001  whatever ails another package, this file can do without it
        return None
    return Ed25519PublicKey.from_public_bytes


def is_public_key(public: bytes) -> bool:
    """Whether the bytes are the one encoding of a point that may be a key."""
    return _key_point(public) is not None


@lru_cache(maxsize=4096)
def signature_fits(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is that of the key; S and both points must be in their one encoding."""
    if len(signature) != 64 or not is_public_key(public):
        return False
    if int.from_bytes(signature[32:], "little") >= L:
        return False
    key_of = _library()
    if key_of is None:
        return fits_by_own_sums(public, message, signature)
    try:
        key_of(public).verify(signature, message)
    except Exception:  # noqa: BLE001  the package has several, and each of them says no
        return False
    return True


def fits_by_own_sums(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether S * B - k * A is R, compared as bytes, which leaves R no second encoding."""
    point = _key_point(public)
    if point is None or BASE is None:
        return False
    base, negative = _multiples(BASE), _multiples((P - point[0], point[1], 1, P - point[3]))
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    reached = NEUTRAL
    for window in range(WINDOWS):
        reached = _add(reached, base[window][s & 15])
        reached = _add(reached, negative[window][k & 15])
        s >>= 4
        k >>= 4
    return _encoded(reached) == signature[:32]


# Signatures that a process takes at a time, about a fifth of a second of work; fewer start no process.
BATCH_BY_LIBRARY, BATCH_BY_OWN_SUMS = 2000, 100


def all_fit(signed: Sequence[tuple[bytes, bytes, bytes]]) -> list[bool]:
    """Whether each signature fits; each is key, message and signature."""
    return [signature_fits(*one) for one in signed]


class SignedClaim(NamedTuple):
    """A signature of an entry, whose sums are still to be done."""

    place: Place
    what: str
    public: bytes
    message: bytes
    value: bytes
    else_fault: str | None
    """What is wrong with it should it fit."""


class Signatures:
    """Step 9 in the order of the entries; where there are many signatures, on all cores."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._open: list[SignedClaim] = []
        self._sent: deque[tuple[list[SignedClaim], Any]] = deque()
        self._pool: Any = None
        self._alone = False

    def add(self, claim: SignedClaim) -> None:
        """One more signature to be checked."""
        self._open.append(claim)
        if len(self._open) >= (BATCH_BY_OWN_SUMS if _library() is None else BATCH_BY_LIBRARY):
            self._send()

    def fault(self, place: Place, message: str) -> None:
        """A finding that needs no sums, in its order among the others."""
        self._open.append(SignedClaim(place, "", b"", b"", b"", message))

    def finish(self) -> None:
        """Check the rest and report everything."""
        if self._open and self._pool is not None:
            self._send()
        while self._sent:
            self._take()
        self._judge(self._open, None)
        self._open = []
        if self._pool is not None:
            self._pool.shutdown()

    def _send(self) -> None:
        claims, self._open = self._open, []
        answer = None
        if self._pool is None and not self._alone:
            self._pool = _processes()
            self._alone = self._pool is None
        if self._pool is not None:
            try:
                answer = self._pool.submit(all_fit, [one[2:5] for one in claims])
            except (OSError, RuntimeError):
                answer = None
        self._sent.append((claims, answer))
        if len(self._sent) > (0 if answer is None else 8):
            self._take()

    def _take(self) -> None:
        claims, answer = self._sent.popleft()
        fits = None
        if answer is not None:
            try:
                fits = answer.result()
            except (OSError, RuntimeError):
                # A host that ends its processes leaves the work to this one.
                fits = None
        self._judge(claims, fits)

    def _judge(self, claims: Sequence[SignedClaim], fits: Sequence[bool] | None) -> None:
        for number, one in enumerate(claims):
            fault = one.else_fault
            if one.what:
                fit = signature_fits(*one[2:5]) if fits is None else fits[number]
                if not fit:
                    fault = "does not fit: the statement, name, meaning, time or value was changed"
            if fault is not None:
                self._report.found(Step.SIGNATURES, one.place, f"{one.what} {fault}".strip())


def _processes() -> Any:
    """A process for each core; None where there is one core, or none can be started."""
    try:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        cores = os.cpu_count() or 1
        if cores < 2 or multiprocessing.current_process().daemon:
            return None
        return ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn"))
    except (ImportError, OSError, NotImplementedError):
        return None


# ----------------------------------------------------------------------------------------------------------
# The Merkle tree (RFC 6962; proofs by the algorithms of RFC 9162)

EMPTY_ROOT = hashlib.sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The full subtrees of a tree that grows to the right."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf."""
        size = self.size
        while size & 1:
            leaf = node_hash(self._full.pop(), leaf)
            size >>= 1
        self._full.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root as the tree stands."""
        if not self._full:
            return EMPTY_ROOT
        reached = self._full[-1]
        for left in reversed(self._full[:-1]):
            reached = node_hash(left, reached)
        return reached


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached = node_hash(sibling, reached)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and reached == root


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2; every tree continues the empty one."""
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    if not 0 < old < new or not path:
        return False
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    reached_old = reached_new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached_old = node_hash(sibling, reached_old)
            reached_new = node_hash(sibling, reached_new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            reached_new = node_hash(reached_new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and reached_old == old_root and reached_new == new_root


# ----------------------------------------------------------------------------------------------------------
# Signed notes, checkpoints and proof files (C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof)

SIGNATURES_MAX = 100
PATH_MAX = 63  # hashes, more than any tree of TREE_SIZE_MAX leaves needs
TREE_SIZE_MAX = 2**40 - 1
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
LOG_TYPE, STATION_TYPE = 1, 4


class VerifierKey(NamedTuple):
    """A public key under a name, as notes name their signers."""

    name: str
    algorithm: int
    public: bytes
    on_hub: bool

    @property
    def key_hash(self) -> bytes:
        """The four bytes before each signature of this key."""
        data = self.name.encode("utf-8") + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(data).digest()[:4]

    def __str__(self) -> str:
        data = base64.b64encode(bytes([self.algorithm]) + self.public).decode("ascii")
        return f"{self.name}+{self.key_hash.hex()}+{data}"


class Line(NamedTuple):
    """One signature line of a note."""

    name: str
    key_hash: bytes
    value: bytes


class Checkpoint(NamedTuple):
    """A head of the log as it was signed."""

    text: str
    origin: str
    size: int
    root: bytes
    lines: tuple[Line, ...]


def read_checkpoint(note: str) -> Checkpoint:
    """The checkpoint in a note, in exactly our form; its signatures are checked apart."""
    foreign = next((char for char in note if char < " " and char != "\n"), None)
    if foreign is not None:
        raise Fault(f"the note has the control character {foreign!a}")
    body, blank, rest = note.rpartition("\n\n")
    lines = rest.split("\n")
    if not blank or lines.pop() or not 0 < len(lines) <= SIGNATURES_MAX:
        raise Fault("the note does not end in a blank line and signature lines")
    parts = body.split("\n")
    if len(parts) != 3:
        raise Fault(f"a checkpoint has the lines origin, tree size and root; this one has {len(parts)}")
    if not _is_name(parts[0]):
        raise Fault(f"the origin {parts[0][:60]!r} cannot name a key")
    root = strict64(parts[2], "the root")
    if len(root) != 32:
        raise Fault(f"the root has {len(root)} bytes")
    signed = tuple(_read_line(line) for line in lines)
    if len({line[:2] for line in signed}) != len(signed):
        raise Fault("one key stands twice under the note")
    return Checkpoint(body + "\n", parts[0], read_number(parts[1]), root, signed)


def read_number(text: str) -> int:
    """A plain decimal number that a tree may have for a size."""
    if NUMBER.fullmatch(text) is None or int(text) > TREE_SIZE_MAX:
        raise Fault(f"{text[:30]!r} is not a plain number up to {TREE_SIZE_MAX}")
    return int(text)


def _is_name(text: str) -> bool:
    return bool(text) and "+" not in text and not any(char.isspace() for char in text)


def _read_line(line: str) -> Line:
    name, space, data = line[2:].partition(" ")
    if not line.startswith("\u2014 ") or not space or not _is_name(name):
        raise Fault(f"{line[:60]!r} is not a signature line")
    value = strict64(data, "the signature")
    if len(value) <= 4:
        raise Fault(f"the signature of {name} is too short to be one")
    return Line(name, value[:4], value[4:])


def is_cosignature(checkpoint: Checkpoint, line: Line, key: VerifierKey) -> bool:
    """Whether the line is the station's over this checkpoint, with the time it says."""
    if len(line.value) != 72:
        return False
    seconds = int.from_bytes(line.value[:8], "big")
    message = f"cosignature/v1\ntime {seconds}\n{checkpoint.text}"
    return seconds < 2**63 and signature_fits(key.public, message.encode("utf-8"), line.value[8:])


class Proof(NamedTuple):
    """A tlog-proof file."""

    leaf: int
    path: tuple[bytes, ...]
    note: str


def read_proof(data: bytes) -> Proof:
    """The proof in a file; an `extra` line, which nothing signs, is a fault."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault("it is not UTF-8") from error
    above, blank, note = text.partition("\n\n")
    lines = above.split("\n")
    if not blank or len(lines) < 2 or lines[0] != "c2sp.org/tlog-proof@v1":
        raise Fault("it is not a proof file")
    if lines[1].startswith("extra"):
        raise Fault("it has an `extra` line, which nothing signs")
    if not lines[1].startswith("index "):
        raise Fault("its second line is not the index")
    if len(lines) - 2 > PATH_MAX:
        raise Fault(f"it has {len(lines) - 2} hashes; no tree needs more than {PATH_MAX}")
    path = tuple(strict64(line, "the hash") for line in lines[2:])
    if any(len(one) != 32 for one in path):
        raise Fault("a hash does not have 32 bytes")
    return Proof(read_number(lines[1][6:]), path, note)


# ----------------------------------------------------------------------------------------------------------
# Codes on paper (ISO 7064 MOD 1271-36 over base32)

DIGITS36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_characters(text: str) -> str:
    """The two check characters; `ISO79` gives `3W`."""
    remainder = 0
    for char in text:
        remainder = (remainder + DIGITS36.index(char)) * 36 % 1271
    value = (1 - remainder * 36) % 1271
    return DIGITS36[value // 36] + DIGITS36[value % 36]


class Head(NamedTuple):
    """What a head code says: the log's short digest, its size and its root."""

    code: str
    origin: bytes
    size: int
    root: bytes


def head_code(origin: str, size: int, root: bytes) -> str:
    """The code of a head."""
    data = hashlib.sha256(origin.encode("utf-8")).digest()[:5] + size.to_bytes(5, "big") + root
    stem = "CTH" + base64.b32encode(data).decode("ascii").rstrip("=")
    return stem + check_characters(stem)


def as_encoded(text: str) -> str:
    """A code without the blanks, hyphens and small letters with which people copy it from paper."""
    joined = "".join(text.split()).replace("-", "")
    return joined.upper() if joined.isascii() else joined


def read_head(code: str) -> Head:
    """The head in a code; raises BadInput naming what is wrong with it."""
    data = _read_code(code, "CTH", 73, "head code")
    return Head(code, data[:5], int.from_bytes(data[5:10], "big"), data[10:])


def read_receipt(code: str) -> str:
    """The statement digest in a receipt code; raises BadInput naming what is wrong with it."""
    return _read_code(code, "CTR", 57, "receipt code").hex()


def _read_code(code: str, prefix: str, length: int, what: str) -> bytes:
    if not code.startswith(prefix) or len(code) != length:
        raise BadInput(f"A {what} is {prefix} and {length - 3} characters; this one has {len(code)}.")
    middle = code[3:-2]
    if re.fullmatch("[A-Z2-7]+", middle) is None:
        raise BadInput(f"The {what} has a character other than A-Z and 2-7.")
    if check_characters(code[:-2]) != code[-2:]:
        raise BadInput(f"The {what} has wrong check characters: it was misread or mistyped.")
    data = base64.b32decode(middle + "=" * (-len(middle) % 8))
    if base64.b32encode(data).decode("ascii").rstrip("=") != middle:
        raise BadInput(f"The {what} has bits beyond its last byte; cartrail never prints such a code.")
    return data


# ----------------------------------------------------------------------------------------------------------
# Entries: what their own bytes say

ENTRY_KEYS = {"form", "sequence", "previous", "registry", "recorded_at", "statement", "signatures"}
STATEMENT_KEYS = {
    "event_id", "act", "chain", "kind", "kind_version", "occurred_at", "offset", "actor", "station", "site",
    "entry", "reads", "outside_rules", "payload",
}  # fmt: skip
SIGNATURE_KEYS = {"signer", "name", "meaning", "signed_at", "key", "value"}
ENTRY_MODES = ("live", "late", "paper", "imported", "unattended")
READ_MODES = ("scanned", "pasted", "manual", "paper", "simulated")
MEANINGS = (
    "performed", "witnessed", "reviewed", "approved", "relinquished", "received", "attested", "transcribed",
    "verified", "released", "audit_trail_reviewed",
)  # fmt: skip

COI = re.compile(r"C[DTVP][2-9B-X]{9}")
SHORT = re.compile(r"[A-Z0-9-]{2,16}")
DIGEST = re.compile(r"[0-9a-f]{64}")
KEY_ID = re.compile(r"[0-9a-f]{16}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[57][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ORIGIN = re.compile(r"cartrail/(demo|training|validation|production)/[0-9a-f]{16}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
OFFSET = re.compile(r"[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00")
NAMED = re.compile(rb'\{"commitment":"([0-9a-f]{64})"\}')
BEHIND_MAX = timedelta(seconds=120)


class Entry:
    """An entry that was read, with what was computed from its bytes."""

    def __init__(self, body: bytes, value: Mapping[str, Any], *, understood: bool) -> None:
        self.digest = leaf_digest(body)
        self.sequence: int = value["sequence"]
        self.previous: str | None = value["previous"]
        self.head: Mapping[str, Any] | None = value["registry"]
        self.recorded: str = value["recorded_at"]
        self.recorded_at = instant(self.recorded)
        self.statement: Mapping[str, Any] = value["statement"]
        self.signatures: list[Mapping[str, str]] = value["signatures"]
        self.statement_digest = hashlib.sha256(encode(self.statement)).hexdigest()
        self.understood = understood

    @property
    def chain(self) -> str:
        """The chain it stands in."""
        return str(self.statement["chain"])

    @property
    def kind(self) -> str:
        """Its kind; empty for one that this program does not know."""
        return str(self.statement["kind"]) if self.understood else ""

    @property
    def payload(self) -> Mapping[str, Any]:
        """What happened."""
        found: Mapping[str, Any] = self.statement["payload"]
        return found

    @property
    def place(self) -> Place:
        """Its place, for findings."""
        return self.chain, self.sequence


def instant(text: str) -> datetime:
    """The time of the ledger's own form."""
    if INSTANT.fullmatch(text) is None:
        raise Fault(f"the time {text[:40]!r} is not in the form 2026-01-31T13:45:00.000Z")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007  Z is checked above, all are UTC
    except ValueError as error:
        raise Fault(f"the time {text!r} does not exist") from error


def minute(text: str, offset: str) -> str:
    """A time for people, by clocks with an offset: `2026-03-02 14:05 (+01:00)`; as it is where it is none."""
    moment = _instant(text)
    if moment is None or OFFSET.fullmatch(offset) is None:
        return text
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
    return f"{moment + ahead if offset[0] == '+' else moment - ahead:%Y-%m-%d %H:%M} ({offset})"


def read_entry(body: bytes, place: str, report: Report) -> Entry | None:
    """The entry in these bytes; None, with a finding, where they are not one."""
    try:
        value = decode(body)
    except NotJson as error:
        report.found(Step.FORM, place, str(error))
        return None
    except Fault as error:
        report.found(Step.CANONICAL, place, str(error))
        return None
    try:
        _check_envelope(value)
        understood = True
        try:
            _check_payload(value["statement"])
        except Unknown as error:
            report.missed(Step.FORM, place, f"not understood: {error}")
            understood = False
    except Fault as error:
        report.found(Step.FORM, place, str(error))
        return None
    entry = Entry(body, value, understood=understood)
    for fault in _entry_faults(entry):
        report.found(Step.FORM, entry.place, fault)
    return entry


def _object(value: Any, keys: set[str], what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or set(value) != keys:
        raise Fault(f"{what} does not have exactly the keys {', '.join(sorted(keys))}")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise Fault(f"{what} is not text")
    return value


def _integer(value: Any, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Fault(f"{what} is not an integer")
    return value


def _word(value: Any, words: Sequence[str], what: str) -> None:
    if value not in words:
        raise Fault(f"{what} is {str(value)[:60]!r}, which is not a word for it")


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise Fault(f"{what} is not an array")
    return value


def _check_envelope(value: Any) -> None:
    data = _object(value, ENTRY_KEYS, "the entry")
    if data["form"] != ENTRY_FORM:
        raise Fault(f"the form is {str(data['form'])[:60]!r}, not {ENTRY_FORM!r}")
    _integer(data["sequence"], "the sequence")
    if data["previous"] is not None:
        _text(data["previous"], "previous")
    if data["registry"] is not None:
        head = _object(data["registry"], {"sequence", "digest"}, "the registry head")
        _integer(head["sequence"], "its sequence")
        _text(head["digest"], "its digest")
    instant(_text(data["recorded_at"], "recorded_at"))
    _check_statement(data["statement"])
    for one in _list(data["signatures"], "signatures"):
        signature = _object(one, SIGNATURE_KEYS, "a signature")
        for key in SIGNATURE_KEYS:
            _text(signature[key], "a signature's " + key)
        _word(signature["meaning"], MEANINGS, "a meaning")
        instant(signature["signed_at"])


def _check_statement(value: Any) -> None:
    data = _object(value, STATEMENT_KEYS, "the statement")
    for key in ("event_id", "act", "chain", "kind", "occurred_at", "offset", "actor", "station", "site"):
        _text(data[key], key)
    _integer(data["kind_version"], "kind_version")
    instant(data["occurred_at"])
    entry = _object(data["entry"], {"mode", "by"}, "entry")
    _word(entry["mode"], ENTRY_MODES, "the entry mode")
    _text(entry["by"], "entry.by")
    for one in _list(data["reads"], "reads"):
        read = _object(one, {"field", "code", "mode", "carrier"}, "a read")
        _text(read["field"], "a read's field")
        _text(read["carrier"], "a read's carrier")
        _word(read["mode"], READ_MODES, "a read's mode")
        if not isinstance(read["code"], str):
            check_shape(read["code"], "commitment", "a read's code")
    for rule in _list(data["outside_rules"], "outside_rules"):
        _text(rule, "a rule")
    if not isinstance(data["payload"], dict):
        raise Fault("the payload is not an object")


def _check_payload(statement: Mapping[str, Any]) -> None:
    known = f"{statement['kind']} {statement['kind_version']}"
    shape = KINDS["payloads"].get(known)
    if shape is None:
        said = f"the kind {statement['kind'][:60]!r} version {statement['kind_version']}"
        raise Unknown(f"{said} is not known to this program")
    check_shape(statement["payload"], shape, "the payload of " + statement["kind"])


def check_shape(value: Any, shape: Any, what: str) -> None:
    """Raise Fault unless the value has the shape; see KINDS."""
    if isinstance(shape, str) and shape in KINDS["shapes"]:
        shape = KINDS["shapes"][shape]
    name = shape if isinstance(shape, str) else shape[0]
    if name == "flag":
        if not isinstance(value, bool):
            raise Fault(f"{what} is neither true nor false")
    elif name == "instant":
        instant(_text(value, what))
    elif name == "text":
        _check_text(_text(value, what), shape, what)
    elif name == "word":
        _word(_text(value, what), shape[1:], what)
    elif name == "integer":
        number = _integer(value, what)
        if (shape[1] is not None and number < shape[1]) or (shape[2] is not None and number > shape[2]):
            raise Fault(f"{what} is {number}")
    elif name == "list":
        _check_list(_list(value, what), shape, what)
    elif name == "either":
        _check_either(value, shape, what)
    else:
        _check_object(value, shape[1], what)


def _check_text(text: str, shape: Any, what: str) -> None:
    _, least, most, pattern = shape
    if len(text) < least or (most is not None and len(text) > most):
        raise Fault(f"{what} has {len(text)} characters")
    # `$` would let a newline pass behind the end, so the whole is matched without it.
    if pattern is not None and re.fullmatch(pattern[1:-1], text) is None:
        raise Fault(f"{what} is {text[:60]!r}")


def _check_list(items: list[Any], shape: Any, what: str) -> None:
    _, of, least, most = shape
    if len(items) < least or (most is not None and len(items) > most):
        raise Fault(f"{what} has {len(items)} items")
    for number, item in enumerate(items):
        check_shape(item, of, f"{what}.{number}")


def _check_either(value: Any, shape: Any, what: str) -> None:
    for choice in shape[1:]:
        try:
            check_shape(value, choice, what)
        except Fault:
            continue
        return
    raise Fault(f"{what} has neither of its forms")


def _check_object(value: Any, fields: Mapping[str, Any], what: str) -> None:
    if not isinstance(value, dict):
        raise Fault(f"{what} is not an object")
    for name in value:
        if name not in fields and name + "?" not in fields:
            raise Fault(f"{what} has the unknown key {name[:60]!r}")
    for name, shape in fields.items():
        plain = name[:-1] if name.endswith("?") else name
        if plain in value:
            check_shape(value[plain], shape, f"{what}.{plain}")
        elif plain == name:
            raise Fault(f"{what} has no {name}")


def _entry_faults(entry: Entry) -> Iterator[str]:
    """What the envelope says that no entry of ours could say."""
    statement = entry.statement
    texts = [
        ("event_id", statement["event_id"], UUID), ("act", statement["act"], UUID),
        ("actor", statement["actor"], SHORT), ("station", statement["station"], SHORT),
        ("site", statement["site"], SHORT), ("entry.by", statement["entry"]["by"], SHORT),
        ("offset", statement["offset"], OFFSET),
    ]  # fmt: skip
    if entry.previous is not None:
        texts.append(("previous", entry.previous, DIGEST))
    if entry.head is not None:
        texts.append(("registry.digest", entry.head["digest"], DIGEST))
    for signature in entry.signatures:
        texts += [("signer", signature["signer"], SHORT), ("key", signature["key"], KEY_ID)]
    for what, text, pattern in texts:
        if pattern.fullmatch(text) is None:
            yield f"{what} is {text[:60]!r}"
    if entry.sequence < 0:
        yield f"the sequence is {entry.sequence}"
    if entry.chain != REGISTRY and COI.fullmatch(entry.chain) is None:
        yield f"the chain is {entry.chain[:60]!r}"
    if entry.understood and (entry.kind in KINDS["registry"]) != (entry.chain == REGISTRY):
        yield f"{entry.kind} has no place in the chain {entry.chain[:60]}"
    if entry.understood and entry.kind in KINDS["decisions"] and entry.statement["outside_rules"]:
        yield entry.kind + " is a decision, and no decision stands outside the rules"


# ----------------------------------------------------------------------------------------------------------
# The registry: keys, and between which of its entries they counted


class Key:
    """A public key and the registry sequences between which its signatures count."""

    def __init__(self, owner: str, public: bytes, added: int, *, on_hub: bool) -> None:
        self.owner = owner
        self.public = public
        self.added = added
        self.on_hub = on_hub
        self.activated: int | None = None
        self.retired: int | None = None

    @property
    def of_program(self) -> bool:
        """Whether it is the log's or a station's, which count as soon as they are added."""
        return self.owner == "log" or self.owner.startswith("station/")

    def counts_at(self, sequence: int) -> bool:
        """Whether a signature counts that was given when the registry's head was that sequence."""
        start = self.added if self.of_program else self.activated
        return start is not None and start <= sequence and (self.retired is None or sequence < self.retired)


class Loss(NamedTuple):
    """A backup that took the place of a store which held more."""

    sequence: int
    at: str
    restored_size: int
    known_size: int
    known_root: str
    actor: str
    reason: str
    event_id: str
    heads: tuple[tuple[int, str], ...] = ()

    @property
    def largest(self) -> int:
        """How many entries the lost log had at least."""
        return max(self.known_size, *(size for size, _ in self.heads), 0)

    def took(self, size: int, root: bytes) -> bool:
        """Whether a head of that size is of the log that was lost, as far as anybody can tell."""
        named = {self.known_size: self.known_root, **dict(self.heads)}
        if size in named:
            return root.hex() == named[size]
        return self.restored_size < size < self.largest

    @property
    def words(self) -> str:
        """The loss in one sentence."""
        return (
            f"entries are lost: on {self.at} a backup of {self.restored_size} entries took the place of a "
            f"store that held {self.largest} or more (registry entry {self.sequence}: on the word of "
            f"{self.actor} and of quality, {self.reason})"
        )


class Registry:
    """What the included registry entries say of people and keys."""

    def __init__(self) -> None:
        self.origin = ""
        self.purpose = "production"
        self.clock = ""
        self.log_key = ""
        self.founders: dict[str, str] = {}
        self.people: dict[str, str] = {}
        self.keys: dict[str, Key] = {}
        self.codes: dict[str, str] = {}
        self.heads: dict[int, tuple[str, datetime | None]] = {}
        self.corrections: dict[int, datetime] = {}
        self.losses: list[Loss] = []
        self.founding_act: str | None = None

    def take(self, entry: Entry) -> None:
        """One more entry, in order; what names something unknown changes nothing."""
        payload, kind = entry.payload, entry.kind
        if kind == "store_created" and not self.origin:
            self.origin, self.clock = payload["origin"], payload["clock"]
            self.purpose = payload["purpose"]
            self.log_key = payload["log_key"]
            self.founders = {one["key"]: one["staff"] for one in payload["founders"]}
        elif kind == "store_restored":
            at = minute(entry.statement["occurred_at"], entry.statement["offset"])
            known = payload["known_size"]
            who = (entry.statement["actor"], payload.get("reason", "no reason"), entry.statement["event_id"])
            loss = Loss(entry.sequence, at, payload["restored_size"], known, payload["known_root"], *who)
            self.losses.append(loss)
        elif kind == "lost_head_named":
            head = (payload["known_size"], payload["known_root"])
            self.losses = [
                one._replace(heads=(*one.heads, head)) if one.event_id == payload["loss"] else one
                for one in self.losses
            ]
        elif kind == "person_added":
            self.people.setdefault(payload["staff"], payload["name"])
        elif kind == "access_code_issued" and payload["staff"] in self.people:
            self.codes[payload["staff"]] = entry.statement["actor"]
        elif kind == "key_added":
            self._add(entry.sequence, payload)
        elif kind in ("key_activated", "key_retired"):
            key = self.keys.get(payload["key"])
            if key is None or key.owner != payload["owner"] or key.retired is not None:
                return
            if kind == "key_retired":
                key.retired = entry.sequence
            elif not key.of_program:
                key.activated = entry.sequence if key.activated is None else key.activated
                self.codes.pop(payload["owner"], None)

    def _add(self, sequence: int, payload: Mapping[str, Any]) -> None:
        try:
            public = strict64(payload["public"], "the key")
        except Fault:
            return
        if len(public) != 32 or hashlib.sha256(public).hexdigest()[:16] != payload["key"]:
            return
        if payload["key"] not in self.keys:
            key = Key(payload["owner"], public, sequence, on_hub=payload.get("on_hub") is True)
            self.keys[payload["key"]] = key

    def log_keys(self) -> list[VerifierKey]:
        """The keys that sign checkpoints."""
        keys = [key for key in self.keys.values() if key.owner == "log"]
        return [VerifierKey(self.origin, LOG_TYPE, key.public, False) for key in keys]

    def station_keys(self) -> list[VerifierKey]:
        """The keys that cosign them."""
        keys = [key for key in self.keys.values() if key.owner.startswith("station/")]
        return [
            VerifierKey(f"{self.origin}/{key.owner}", STATION_TYPE, key.public, key.on_hub) for key in keys
        ]

    def keys_file(self) -> Mapping[str, Any]:
        """What keys.json has to say."""
        people = [
            {"key": name, "public": base64.b64encode(key.public).decode("ascii"), "staff": key.owner}
            for name, key in self.keys.items()
            if not key.of_program
        ]
        return {
            "log": [str(key) for key in self.log_keys()],
            "people": people,
            "stations": [str(key) for key in self.station_keys()],
        }


def check_signatures(entry: Entry, registry: Registry, head: int, signatures: Signatures) -> None:
    """Judge an entry's signatures at a sequence of the registry; the sums are done later."""
    signers = [signature["signer"] for signature in entry.signatures]
    for signer in dict.fromkeys(signers):
        if signers.count(signer) > 1:
            message = (
                f"{signer} signs {signers.count(signer)} times, where each signature is another person's"
            )
            signatures.fault(entry.place, message)
    activation = entry.payload if entry.kind == "key_activated" and entry.chain == REGISTRY else None
    for signature in entry.signatures:
        what = f"the signature {signature['meaning']} of {signature['signer']}"
        try:
            signatures.add(_claim(what, signature, entry, registry, head, activation))
        except Fault as error:
            signatures.fault(entry.place, f"{what} {error}")
    if activation is not None:
        for fault in _activation_faults(entry, registry, activation):
            signatures.fault(entry.place, fault)


def _claim(
    what: str, signature: Mapping[str, str], entry: Entry, registry: Registry, head: int,
    activation: Mapping[str, Any] | None,
) -> SignedClaim:  # fmt: skip
    """What the sums are to be done over; raises Fault for a signature that they need not be done for."""
    name = signature["key"]
    key = registry.keys.get(name)
    if key is None or key.added > head:
        raise Fault(f"is by the key {name}, which the registry did not hold")
    if key.owner != signature["signer"]:
        raise Fault(f"is by the key {name}, which is that of {key.owner}")
    if registry.people.get(key.owner) != signature["name"]:
        raise Fault(f"is printed {signature['name'][:60]!r}, which is not that person's name in the registry")
    said = {one: signature[one] for one in ("signer", "name", "meaning", "signed_at")}
    said["statement_digest"] = entry.statement_digest
    try:
        value = strict64(signature["value"], "the value")
    except Fault as error:
        raise Fault(f"does not fit: {error}") from error
    fault = None
    if not key.counts_at(head) and not _may_sign_early(signature, key, registry, head, activation):
        fault = f"is by the key {name}, which did not count yet at registry entry {head}"
        if key.retired is not None and key.retired <= head:
            fault = f"is by the key {name}, retired by registry entry {key.retired}"
    return SignedClaim(entry.place, what, key.public, b"cartrail/1 signature\n" + encode(said), value, fault)


def _may_sign_early(
    signature: Mapping[str, str], key: Key, registry: Registry, head: int,
    activation: Mapping[str, Any] | None,
) -> bool:  # fmt: skip
    """Whether the key signs its own activation, or is a founder's that witnesses the other founder's."""
    if activation is None or (key.retired is not None and key.retired <= head):
        return False
    if signature["meaning"] == "performed":
        return bool(signature["key"] == activation["key"] and signature["signer"] == activation["owner"])
    both = signature["key"] in registry.founders and activation["key"] in registry.founders
    return both and signature["meaning"] == "witnessed"


def _activation_faults(entry: Entry, registry: Registry, activation: Mapping[str, Any]) -> Iterator[str]:
    owner, key = activation["owner"], activation["key"]
    if not any(
        one["meaning"] == "performed" and one["key"] == key and one["signer"] == owner
        for one in entry.signatures
    ):
        yield f"{owner} did not sign the activation of the key {key} with it"
    witnesses = {one["signer"] for one in entry.signatures if one["meaning"] == "witnessed"} - {owner}
    if not witnesses:
        yield f"nobody witnessed the activation of the key {key}"
    elif registry.codes.get(owner) in witnesses:
        yield f"{registry.codes[owner]} issued the one-time code and witnessed its use"


# ----------------------------------------------------------------------------------------------------------
# Along the chains


class Ends:
    """Until when cells live, or a box holds its temperature, as the events of a therapy say it themselves."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], list[datetime]] = {}

    def follow(self, event: str, payload: Mapping[str, Any]) -> None:
        """Take in the next event, by its id."""
        makers = payload.get("certificate")
        # That of a licensed product says when it expires; elsewhere the word stands for a digest or a code.
        told = (makers,) if isinstance(makers, dict) and "expires_on" in makers else ()
        living = (*payload.get("expires", ()), *payload.get("containers", ()), *told)
        self._said[EXPIRED, event] = [instant(one["expires_at"]) for one in living if "expires_at" in one]
        if "tally" in payload and "hold_until" in payload:
            self._said[HOLD_PASSED, event] = [instant(payload["hold_until"])]
        if payload.get("field") == "ended_at":
            # A corrected end of the collection moves the shelf life that was counted from it.
            collected = (EXPIRED, payload["event"])
            old, new = _instant(payload["old"]), _instant(payload["new"])
            if old is not None and new is not None:
                self._said[collected] = [one + (new - old) for one in self._said.get(collected, ())]

    def said(self, rule: str, event: str) -> Sequence[datetime]:
        """The ends that an event says of this kind; nothing where it says none."""
        return self._said.get((rule, event), ())


def _instant(text: Any) -> datetime | None:
    try:
        return instant(text) if isinstance(text, str) else None
    except Fault:
        return None


class Walk:
    """Sequence, link, time, registry head and signatures along one chain."""

    def __init__(self, registry: Registry, report: Report, signatures: Signatures) -> None:
        self.registry = registry
        self.report = report
        self.signatures = signatures
        self.last: Entry | None = None
        self.last_head = -1
        self.judged_at = -1
        self.said: dict[str, tuple[int, str, str]] = {}
        self.times: dict[str, datetime] = {}
        self.ends = Ends()

    def follow(self, entry: Entry) -> None:
        """The next entry of a therapy."""
        self._follow_sequence(entry, gapless=True)
        self._follow_previous(entry)
        for fault in self._head_faults(entry):
            self.report.found(Step.REGISTRY_HEAD, entry.place, fault)
        head = -1
        if entry.head is not None:
            head = entry.head["sequence"]
            self.last_head = max(self.last_head, head)
        check_signatures(entry, self.registry, head, self.signatures)
        self._follow_links(entry)
        self._end(entry)

    def follow_registry(self, entry: Entry, *, gapless: bool) -> None:
        """The next entry of the registry, of which entries may be left out."""
        registry, report, number = self.registry, self.report, entry.sequence
        self._follow_sequence(entry, gapless=gapless)
        self._follow_previous(entry)
        if entry.head is not None:
            report.found(Step.REGISTRY_HEAD, entry.place, "an entry of the registry names a registry head")
        if number == 0:
            registry.founding_act = entry.statement["act"]
            if entry.understood and entry.kind != "store_created":
                report.found(Step.FORM, entry.place, f"the registry begins with {entry.kind}")
        elif entry.statement["act"] != registry.founding_act:
            registry.founding_act = None
        check_signatures(entry, registry, number - 1, self.signatures)
        is_signed = entry.signatures or registry.founding_act is not None
        if entry.understood and not is_signed and not _may_be_unsigned(entry):
            self.signatures.fault(entry.place, f"{entry.kind} is not signed by anybody")
        time = entry.recorded_at
        if entry.understood and entry.kind == "clock_corrected" and len(entry.signatures) > 1:
            # What it corrects to is when it happened; it stands behind entries of a time that was wrong.
            time = registry.corrections[number] = instant(entry.payload["corrected_to"])
        registry.heads[number] = (entry.digest, time)
        registry.take(entry)
        if entry.kind == "key_added" and entry.payload["key"] not in registry.keys:
            report.found(Step.FORM, entry.place, f"the key {entry.payload['key']} does not have its own id")
        self._end(entry)

    @property
    def _expected(self) -> int:
        return 0 if self.last is None else self.last.sequence + 1

    def _follow_sequence(self, entry: Entry, *, gapless: bool) -> None:
        number, expected = entry.sequence, self._expected
        if self.last is not None and number == self.last.sequence:
            self.report.found(Step.SEQUENCE, entry.place, "there are two entries with this sequence")
        elif number < expected:
            self.report.found(Step.SEQUENCE, entry.place, f"the entry stands after entry {expected - 1}")
        elif number > expected and gapless:
            which = f"{expected} is" if number == expected + 1 else f"{expected} to {number - 1} are"
            message = f"of the entries before {number}, {which} missing"
            self.report.found(Step.SEQUENCE, (entry.chain, expected), message)

    def _follow_previous(self, entry: Entry) -> None:
        if entry.sequence == 0:
            if entry.previous is not None:
                message = "the first entry of a chain names an entry before it"
                self.report.found(Step.PREVIOUS, entry.place, message)
        elif entry.sequence == self._expected:
            before = "" if self.last is None else self.last.digest
            if entry.previous != before:
                message = (
                    f"it follows an entry with the digest {entry.previous}; "
                    f"entry {self._expected - 1} has {before}"
                )
                self.report.found(Step.PREVIOUS, entry.place, message)

    def _follow_links(self, entry: Entry) -> None:
        """What it says of an earlier entry by its statement digest is so."""
        payload = entry.payload
        if entry.kind in ("accepted", "partly_accepted", "refused"):
            self._compare(entry, payload["handoff"], payload["relinquished"], "relinquished", None)
        elif entry.kind == "trail_reviewed":
            self._compare(entry, payload["event"], payload["digest"], "", payload["through"])
        statement = entry.statement
        for fault in self._limit_faults(statement) if entry.understood else ():
            self.report.found(Step.LIMITS, entry.place, fault)
        self.said[statement["event_id"]] = (entry.sequence, statement["kind"], entry.statement_digest)
        self.times[statement["event_id"]] = instant(statement["occurred_at"])
        if entry.understood:
            self.ends.follow(statement["event_id"], payload)

    def _limit_faults(self, statement: Mapping[str, Any]) -> Iterator[str]:
        """The limits that a step was judged by, judged again; the protocol is not read here."""
        payload, occurred_at = statement["payload"], instant(statement["occurred_at"])
        for one in payload.get("limits_judged", ()):
            rule = one["rule"]
            if "due" in one:
                begun, due = self.times.get(one["start"]), instant(one["due"])
                if begun is None:
                    yield f"{rule} runs from the event {one['start']}, and no entry before it is that event"
                    continue
                if rule in (EXPIRED, HOLD_PASSED):
                    if due not in self.ends.said(rule, one["start"]):
                        yield f"{rule} at {one['due']} is not what the event {one['start']} says"
                elif due < begun:
                    yield f"{rule} was over at {one['due']}, before it began"
                broken = occurred_at > due or (rule == EXPIRED and occurred_at == due)
                told = f"until {one['due']}"
            else:
                value, low, high = (_decimal(one.get(name)) for name in ("value", "minimum", "maximum"))
                if payload.get("display_celsius") != one["value"]:
                    yield f"{rule} was judged by {one['value']}, which is not what it says"
                broken = (
                    value is None or (low is not None and value < low) or (high is not None and value > high)
                )
                told = f"{one['value']}, from {one.get('minimum')} to {one.get('maximum')}"
            if broken and rule not in statement["outside_rules"]:
                yield f"it broke {rule} ({told}) and was recorded as in order"

    def _compare(self, entry: Entry, event: str, digest: str, kind: str, at: int | None) -> None:
        known = self.said.get(event)
        if known is None:
            message = f"it names the event {event}, and no entry before it is that event"
        elif kind and known[1] != kind:
            message = f"it answers entry {known[0]}, which is {known[1]} and not {kind}"
        elif at is not None and known[0] != at:
            message = f"it names entry {at} by the event of entry {known[0]}"
        elif known[2] != digest:
            message = f"it names the statement {digest}; entry {known[0]} has the statement digest {known[2]}"
        else:
            return
        self.report.found(Step.LINKS, entry.place, message)

    def _end(self, entry: Entry) -> None:
        is_simulated = any(read["mode"] == "simulated" for read in entry.statement["reads"])
        if is_simulated and self.registry.purpose not in ("demo", "training"):
            message = f"a read is simulated, and the store was founded for {self.registry.purpose}"
            self.report.found(Step.FORM, entry.place, message)
        last, self.last = self.last, entry
        judged_at = entry.sequence - 1 if entry.head is None else entry.head["sequence"]
        known, self.judged_at = self.judged_at, judged_at
        corrected = any(known < one <= judged_at for one in self.registry.corrections)
        if last is not None and entry.recorded_at < last.recorded_at and not corrected:
            message = f"recorded at {entry.recorded}, before the entry before it ({last.recorded})"
            self.report.found(Step.REGISTRY_HEAD, entry.place, message)

    def _head_faults(self, entry: Entry) -> Iterator[str]:
        if entry.head is None:
            yield "no registry head is named"
            return
        number = entry.head["sequence"]
        known = self.registry.heads.get(number)
        if known is None:
            yield f"it names registry entry {number}, which is not here"
            return
        digest, taken_at = known
        if digest != entry.head["digest"]:
            yield f"it names registry entry {number} as {entry.head['digest']}; that entry has {digest}"
        if number < self.last_head:
            yield f"it names registry entry {number}, after an entry that named {self.last_head}"
        if taken_at is not None and entry.recorded_at < taken_at - BEHIND_MAX:
            yield f"recorded more than 120 s before registry entry {number}, which it names"
        next_time = self.registry.heads.get(number + 1, ("", None))[1]
        corrections = self.registry.corrections.items()
        explained = any(number < one and to < entry.recorded_at for one, to in corrections)
        if next_time is not None and next_time < entry.recorded_at - BEHIND_MAX and not explained:
            seconds = int((entry.recorded_at - next_time).total_seconds())
            yield f"it names registry entry {number}, followed by another {seconds} s before"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _may_be_unsigned(entry: Entry) -> bool:
    """Whether the program writes such an entry by itself, or in the act that signs what follows it."""
    if entry.kind == "key_added":
        owner = entry.payload["owner"]
        return bool(owner != "log" and "/" not in owner)
    return entry.kind in ("locked_out", "trail_exported", "people_listed", "identifier_searched")


# ----------------------------------------------------------------------------------------------------------
# The bundle as a whole

MANIFEST_KEYS = {
    "form", "origin", "export", "chains", "at", "tree_size", "root", "head_code", "exported_at",
    "exported_by", "files",
}  # fmt: skip
LEAF = re.compile(rb"(C[DTVP][2-9B-X]{9}|registry),(0|[1-9][0-9]{0,15}),([0-9a-f]{64})")


class Manifest:
    """What the bundle says of itself; nothing of it is taken on trust."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        self.origin: str = value["origin"]
        self.export: str = value["export"]
        self.chains: list[Mapping[str, Any]] = value["chains"]
        self.at_size: int = value["at"]["tree_size"]
        self.at_root = bytes.fromhex(value["at"]["root"])
        self.size: int = value["tree_size"]
        self.root = bytes.fromhex(value["root"])
        self.head_code: str = value["head_code"]
        self.exported_at: str = value["exported_at"]
        self.exported_by: str = value["exported_by"]
        self.files: Mapping[str, str] = value["files"]


def read_manifest(body: bytes) -> Manifest:
    """The manifest of its file; raises Unknown for another form, Fault for anything else that is wrong."""
    value = decode_file(body)
    form = value.get("form") if isinstance(value, dict) else None
    if isinstance(form, str) and form.startswith("cartrail-bundle/") and form != BUNDLE_FORM:
        raise Unknown(f"the form is {form[:60]!r}; this program knows {BUNDLE_FORM!r}")
    data = _object(value, MANIFEST_KEYS, "the manifest")
    if form != BUNDLE_FORM:
        raise Fault(f"the form is {form!r}, not {BUNDLE_FORM!r}")
    at = _object(data["at"], {"tree_size", "root"}, "at")
    for what, text, pattern in (
        ("origin", data["origin"], ORIGIN), ("export", data["export"], UUID), ("root", data["root"], DIGEST),
        ("exported_by", data["exported_by"], SHORT), ("at.root", at["root"], DIGEST),
    ):  # fmt: skip
        if pattern.fullmatch(_text(text, what)) is None:
            raise Fault(f"{what} is {text[:60]!r}")
    _text(data["head_code"], "head_code")
    instant(_text(data["exported_at"], "exported_at"))
    for what, number in (("tree_size", data["tree_size"]), ("at.tree_size", at["tree_size"])):
        if not 0 < _integer(number, what) <= TREE_SIZE_MAX:
            raise Fault(f"{what} is {number}")
    _check_chains(_list(data["chains"], "chains"))
    if not isinstance(data["files"], dict):
        raise Fault("files is not an object")
    return Manifest(data)


def _check_chains(chains: list[Any]) -> None:
    last = ""
    for one in chains:
        end = _object(one, {"chain", "entries", "last_sequence", "last_digest"}, "a chain")
        if COI.fullmatch(_text(end["chain"], "a chain")) is None or end["chain"] <= last:
            raise Fault(f"the chain {end['chain'][:60]!r} is not the code of a therapy, or out of order")
        last = end["chain"]
        entries = _integer(end["entries"], "entries")
        if entries < 1 or _integer(end["last_sequence"], "last_sequence") != entries - 1:
            raise Fault(f"{last} has {entries} entries and ends at {end['last_sequence']}")
        if DIGEST.fullmatch(_text(end["last_digest"], "last_digest")) is None:
            raise Fault(f"the last digest of {last} is not a digest")


def decode_file(body: bytes) -> Any:
    """The value of a file that holds one line of canonical JSON."""
    if not body.endswith(b"\n"):
        raise Fault("it does not end in a newline")
    return decode(body[:-1])


Tip = Tuple[int, int, str]
"""How far a chain's entries were read: how many, and the last one's sequence and digest."""


class Verifier:
    """One bundle on its way through the steps; what it keeps of an entry is small."""

    def __init__(self, data: Any, report: Report) -> None:
        self.data = data
        self.report = report
        self.files: dict[str, Span] = {}
        self.registry = Registry()
        self.signatures = Signatures(report)
        self.digests: dict[Place, str] = {}
        self.leaves: dict[Place, int] = {}
        self.roots: dict[int, bytes] = {}
        self.statements: dict[str, Place] = {}
        self.commitments: dict[str, Place] = {}
        self.wanted: dict[str, Place] = {}
        self.export: Entry | None = None
        self.sizes: list[int] = []
        self.cosigned: set[bool] = set()
        self.head_sizes: set[int] = set()

    def file(self, name: str) -> bytes:
        """The bytes of a file."""
        span = self.files[name]
        found: bytes = bytes(self.data[span.start : span.end])
        return found

    @property
    def whole(self) -> bool:
        """Whether it is a bundle of everything, with the leaves of the tree in place of proofs."""
        return "leaves.csv" in self.files

    def run(self, heads: Sequence[Head], receipts: Mapping[str, str], *, require_head: bool) -> None:
        """Take the steps; the tree comes before the checkpoints, for it says which keys counted for which."""
        # 1 and 2: the container, and the manifest that names every file by its digest.
        manifest = self._opened()
        if manifest is None:
            return
        self.report.origin = manifest.origin
        self._check_manifest(manifest)

        # 3 to 7, 9, 16 and 17: form, canonical form, sequence, link, registry head, signatures, what an entry
        # answers and the limits it carries, entry by entry; the registry first, since it says whose keys
        # counted when.
        self._read_registry(manifest)
        self._read_chains(manifest)
        self.signatures.finish()

        # 8: the keys are those that the registry added.
        self._check_keys()

        # 12: each entry is a leaf of the signed tree, by its proof or by all leaves.
        if self.whole:
            self._check_leaves(manifest)
        else:
            self._check_proofs(manifest)
        self._check_order(manifest)

        # 10, 11 and 13: checkpoints are signed by the log, cosignatures fit, and each continues the last.
        self._check_checkpoints(manifest)

        # 14: the registry recorded just this export.
        self._check_export(manifest)

        # 15: what is open opens its commitments.
        self._check_openings(manifest)

        # 18 and 19: files that entries name are here, files for reading are those that the export recorded.
        self._check_attachments()
        self._check_reading()

        # 20: heads and receipts from outside.
        self._check_paper(manifest, heads, receipts, require_head=require_head)
        self._say_unchecked(has_heads=bool(heads))

    def _opened(self) -> Manifest | None:
        """The manifest of a bundle that can be read; None where nothing more can be asked of the file."""
        report = self.report

        # The file is, byte for byte, a zip as cartrail writes it. Nothing can be asked of another.
        try:
            self.files = open_container(self.data)
        except Fault as error:
            report.found(Step.CONTAINER, "", str(error))
            report.skip_rest(Step.CONTAINER, "the bundle cannot be opened")
            return None
        try:
            return read_manifest(self.file("manifest.json"))
        except Unknown as error:
            report.missed(Step.MANIFEST, "manifest.json", f"not understood: {error}")
            report.skip_rest(Step.MANIFEST, "the manifest is not understood")
        except Fault as error:
            report.found(Step.MANIFEST, "manifest.json", str(error))
            report.skip_rest(Step.MANIFEST, "there is no manifest to go by")
        return None

    def _check_manifest(self, manifest: Manifest) -> None:
        report = self.report
        there = {name for name in self.files if name != "manifest.json"}
        for name in sorted(there | set(manifest.files)):
            if name not in there or name not in manifest.files:
                where = "in the manifest" if name not in manifest.files else "in the bundle"
                report.found(Step.MANIFEST, name, "it is not " + where)
            elif hashlib.sha256(self.file(name)).hexdigest() != manifest.files[name]:
                report.found(Step.MANIFEST, name, "it does not have the digest that the manifest names")
        if manifest.head_code != head_code(manifest.origin, manifest.size, manifest.root):
            report.found(
                Step.MANIFEST, "manifest.json", "the head code is not that of its origin, size and root"
            )
        if manifest.at_size >= manifest.size:
            report.found(Step.MANIFEST, "manifest.json", "the export is not behind what it exported")
        if self.whole and any(name.startswith("proofs/") for name in self.files):
            report.found(Step.MANIFEST, "leaves.csv", "there are proofs beside it")

    def _lines(self, name: str, step: Step) -> Iterator[tuple[str, bytes]]:
        """The lines of a file, each with its place."""
        number = 0
        try:
            for number, line in enumerate(lines_of(self.data, self.files[name]), start=1):
                yield f"{name} line {number}", line
        except Fault as error:
            self.report.found(step, f"{name} line {number + 1}", str(error))

    # Entries

    def _take(self, entry: Entry, body: bytes) -> None:
        self.report.entries += 1
        self.digests[entry.chain, entry.sequence] = entry.digest
        self.statements[entry.statement_digest] = (entry.chain, entry.sequence)
        for found in NAMED.findall(body):
            self.commitments.setdefault(found.decode("ascii"), entry.place)
        wanted = None
        if entry.kind in ("enrolled", "protocol_repinned"):
            wanted = entry.payload["protocol"]["sha256"]
        elif entry.kind in ("protocol_adopted", "manifest_received"):
            wanted = entry.payload["sha256"]
        if wanted is not None:
            self.wanted.setdefault(wanted, entry.place)

    def _read_registry(self, manifest: Manifest) -> None:
        walk, report = Walk(self.registry, self.report, self.signatures), self.report
        for place, body in self._lines("registry.ndjson", Step.FORM):
            entry = read_entry(body, place, report)
            if entry is None:
                continue
            if entry.chain != REGISTRY:
                report.found(
                    Step.SEQUENCE, place, f"an entry of {entry.chain[:60]} is among those of the registry"
                )
                continue
            is_export = entry.statement["event_id"] == manifest.export
            if self.export is not None:
                report.found(Step.SEQUENCE, place, "it stands behind the export's own entry")
            elif is_export:
                self.export = entry
            walk.follow_registry(entry, gapless=self.whole and not is_export)
            self._take(entry, body)
        report.chains += 1
        if 0 not in self.registry.heads:
            report.found(Step.SEQUENCE, REGISTRY, "there is no founding entry")

    def _read_chains(self, manifest: Manifest) -> None:
        report, last = self.report, ""
        tips: dict[str, Tip] = {}
        walk = Walk(self.registry, report, self.signatures)
        for place, body in self._lines("entries.ndjson", Step.FORM):
            entry = read_entry(body, place, report)
            if entry is None:
                continue
            if entry.chain != last:
                if entry.chain < last or entry.chain == REGISTRY:
                    report.found(Step.SEQUENCE, place, f"the chain {entry.chain[:60]} is out of order")
                walk, last = Walk(self.registry, report, self.signatures), entry.chain
            walk.follow(entry)
            self._take(entry, body)
            count = tips[last][0] if last in tips else 0
            tips[last] = (count + 1, entry.sequence, entry.digest)
        named = {end["chain"]: end for end in manifest.chains}
        for chain in sorted(set(named) | set(tips)):
            self._check_end(chain, named.get(chain), tips.get(chain))
        report.chains += len(tips)

    def _check_end(self, chain: str, end: Mapping[str, Any] | None, tip: Tip | None) -> None:
        if end is None:
            self.report.found(Step.SEQUENCE, chain, "the manifest does not name this chain")
        elif tip is None:
            self.report.found(
                Step.SEQUENCE, chain, "the manifest names this chain, and no entry of it is here"
            )
        elif tip != (end["entries"], end["last_sequence"], end["last_digest"]):
            said = f"entry {end['last_sequence']} ({end['last_digest']})"
            self.report.found(Step.SEQUENCE, chain, f"it does not end with {said}, as the manifest says")

    def _check_keys(self) -> None:
        report, registry = self.report, self.registry
        try:
            if decode_file(self.file("keys.json")) != registry.keys_file():
                raise Fault("it does not hold just the keys that the registry added")
        except Fault as error:
            report.found(Step.KEYS, "keys.json", str(error))
        if registry.log_key not in [str(key) for key in registry.log_keys()]:
            report.found(Step.KEYS, REGISTRY, "the log's key of the founding was never added")
        owners: dict[str, int] = {}
        for name, key in registry.keys.items():
            if not is_public_key(key.public):
                report.found(Step.KEYS, REGISTRY, f"the key {name} is not a point that may be a key")
            if not key.of_program:
                owners[key.owner] = owners.get(key.owner, 0) + 1
        for owner in sorted(owner for owner, count in owners.items() if count > 1):
            report.note(Step.SIGNATURES, f"{owner} has {owners[owner]} keys: one was made after a reset")

    # The tree

    def _check_proofs(self, manifest: Manifest) -> None:
        report = self.report
        note = self._last_note()
        expected: set[str] = set()
        for place, digest in self.digests.items():
            name = f"proofs/{digest}.tlog-proof"
            expected.add(name)
            if name not in self.files:
                report.found(Step.INCLUSION, place, "there is no proof of it")
                continue
            try:
                proof = read_proof(self.file(name))
            except Fault as error:
                report.found(Step.INCLUSION, place, f"its proof cannot be read: {error}")
                continue
            if proof.note != note:
                report.found(Step.INCLUSION, place, "its proof is not under the note of checkpoint B")
                continue
            leaf = bytes.fromhex(digest)
            if not is_included(leaf, proof.leaf, manifest.size, proof.path, manifest.root):
                report.found(Step.INCLUSION, place, "its proof does not lead to the root of the manifest")
                continue
            self.leaves[place] = proof.leaf
        for name in sorted(self.files):
            if name.startswith("proofs/") and name not in expected:
                report.found(Step.INCLUSION, name, "it is the proof of no entry here")

    def _last_note(self) -> str:
        """The note of the last checkpoint, which is B; what is wrong with it is told with the checkpoints."""
        *_, last, _ = [b"", *self.file("checkpoints.ndjson").split(b"\n")]
        try:
            line = decode(last)
        except Fault:
            return ""
        note = line.get("note") if isinstance(line, dict) else None
        return note if isinstance(note, str) else ""

    def _check_order(self, manifest: Manifest) -> None:
        """A chain's entries are leaves in their order, and only the export's own came after checkpoint A."""
        report, last = self.report, ("", -1)
        taken: set[int] = set()
        for place in sorted(self.leaves):
            index = self.leaves[place]
            if index in taken or (place[0] == last[0] and index <= last[1]):
                report.found(Step.INCLUSION, place, f"it is leaf {index}, not behind the entry before it")
            taken.add(index)
            last = (place[0], index)
            exported = self.export is not None and place == (REGISTRY, self.export.sequence)
            if exported != (index >= manifest.at_size):
                report.found(Step.INCLUSION, place, f"leaf {index} is on the wrong side of checkpoint A")

    def _check_leaves(self, manifest: Manifest) -> None:
        """Every leaf by its digest: both roots, and no entry up to A that is not here."""
        report, tree = self.report, Tree()
        nexts: dict[str, int] = {}
        sizes = self._asked_sizes()
        if 0 in sizes:
            self.roots[0] = tree.root()
        for where, line in self._lines("leaves.csv", Step.INCLUSION):
            match = LEAF.fullmatch(line)
            if match is None:
                report.found(Step.INCLUSION, where, "it is not chain,sequence,digest")
                continue
            place = (match.group(1).decode("ascii"), int(match.group(2)))
            digest, index = match.group(3).decode("ascii"), tree.size
            if place[1] != nexts.get(place[0], 0):
                report.found(Step.INCLUSION, where, f"it is not the next leaf of {place[0]}")
            nexts[place[0]] = place[1] + 1
            tree.append(bytes.fromhex(digest))
            self._check_leaf(place, digest, index, manifest)
            if tree.size in sizes or tree.size == manifest.at_size:
                self.roots[tree.size] = tree.root()
        if self.roots.get(manifest.at_size) != manifest.at_root:
            report.found(
                Step.INCLUSION, "leaves.csv", "its first leaves do not have the root of checkpoint A"
            )
        if tree.size != manifest.size or tree.root() != manifest.root:
            report.found(Step.INCLUSION, "leaves.csv", "its leaves do not have the root of checkpoint B")
        for place in self.digests:
            if place not in self.leaves:
                report.found(Step.INCLUSION, place, "it is no leaf of the tree")

    def _asked_sizes(self) -> set[int]:
        """The sizes at which a root is wanted while the tree grows: those of checkpoints and of heads."""
        found = set(self.head_sizes)
        for line in self.file("checkpoints.ndjson").split(b"\n"):
            # What is wrong with a line is told where the checkpoints are checked.
            match = re.search(rb'"size":(0|[1-9][0-9]{0,15})\}$', line)
            if match is not None:
                found.add(int(match.group(1)))
        return found

    def _check_leaf(self, place: Place, digest: str, index: int, manifest: Manifest) -> None:
        known = self.digests.get(place)
        if known == digest:
            self.leaves[place] = index
        elif known is not None:
            self.report.found(Step.INCLUSION, place, f"leaf {index} has another digest")
        elif index < manifest.at_size:
            self.report.found(Step.INCLUSION, place, f"leaf {index}, and the entry is not here")

    # Checkpoints

    def _check_checkpoints(self, manifest: Manifest) -> None:
        report = self.report
        before: Checkpoint | None = None
        found: dict[int, Checkpoint] = {}
        for place, body in self._lines("checkpoints.ndjson", Step.CHECKPOINTS):
            try:
                line = _object(decode(body), {"size", "note", "consistency"}, "the line")
                note = _text(line["note"], "the note")
                checkpoint = read_checkpoint(note)
                path = [
                    strict64(_text(one, "a hash"), "the hash")
                    for one in _list(line["consistency"], "consistency")
                ]
                if _integer(line["size"], "size") != checkpoint.size:
                    raise Fault("the note is of another size")
                if checkpoint.origin != manifest.origin:
                    raise Fault("the note is of another log")
                if before is not None and checkpoint.size <= before.size:
                    raise Fault(f"it does not come after size {before.size}")
            except Fault as error:
                report.found(Step.CHECKPOINTS, place, str(error))
                continue
            self._check_lines(place, checkpoint)
            self._check_consistency(place, before, checkpoint, path)
            found[checkpoint.size] = checkpoint
            before = checkpoint
        self.sizes = sorted(found)
        for name, size, root in (
            ("A", manifest.at_size, manifest.at_root),
            ("B", manifest.size, manifest.root),
        ):
            if size not in found or found[size].root != root:
                report.found(Step.CHECKPOINTS, "", f"checkpoint {name} of size {size} is not here")
        if self.sizes and self.sizes[-1] > manifest.size:
            report.found(Step.CHECKPOINTS, "", f"size {self.sizes[-1]} is behind checkpoint B")
        for size, checkpoint in found.items():
            if self.whole and self.roots.get(size) != checkpoint.root and size <= manifest.size:
                report.found(Step.CONSISTENCY, "", f"the leaves do not have the root of size {size}")
            self.roots.setdefault(size, checkpoint.root)

    def _check_lines(self, place: str, checkpoint: Checkpoint) -> None:
        """Each signature line is by a key of the registry that counted at that size, and fits."""
        report, signed = self.report, False
        for line in checkpoint.lines:
            key = self._signer(line, checkpoint)
            if key is None:
                report.found(Step.CHECKPOINTS, place, f"the line of {line.name} is by no key that counted")
            elif key.algorithm == LOG_TYPE:
                signed = signature_fits(key.public, checkpoint.text.encode("utf-8"), line.value)
                if not signed:
                    report.found(Step.CHECKPOINTS, place, "the signature of the log does not fit")
            elif not is_cosignature(checkpoint, line, key):
                report.found(Step.COSIGNATURES, place, f"the cosignature of {line.name} does not fit")
            else:
                self.cosigned.add(key.on_hub)
        if not signed:
            report.found(Step.CHECKPOINTS, place, "the log did not sign it")

    def _signer(self, line: Line, checkpoint: Checkpoint) -> VerifierKey | None:
        """The log's or a station's key of that name, if the tree of that size holds it and not its end."""
        size = checkpoint.size
        for key in self.registry.keys.values():
            if not key.of_program or not self._is_under(key.added, size) or self._is_under(key.retired, size):
                continue
            is_log = key.owner == "log"
            name = checkpoint.origin if is_log else f"{checkpoint.origin}/{key.owner}"
            verifier = VerifierKey(name, LOG_TYPE if is_log else STATION_TYPE, key.public, key.on_hub)
            if (verifier.name, verifier.key_hash) == line[:2]:
                return verifier
        return None

    def _is_under(self, sequence: int | None, size: int) -> bool:
        """Whether the tree of that size holds this entry of the registry."""
        return sequence is not None and self.leaves.get((REGISTRY, sequence), size) < size

    def _check_consistency(
        self, place: str, before: Checkpoint | None, now: Checkpoint, path: Sequence[bytes]
    ) -> None:
        report = self.report
        if any(len(one) != 32 for one in path):
            report.found(Step.CONSISTENCY, place, "a hash does not have 32 bytes")
        elif before is None:
            if path:
                report.found(Step.CONSISTENCY, place, "the first checkpoint has a proof from nothing")
        elif not is_consistent(before.size, now.size, before.root, now.root, path):
            message = f"its log does not begin with that of size {before.size}"
            report.found(Step.CONSISTENCY, place, message)

    # What the registry says of the export

    def _check_export(self, manifest: Manifest) -> None:
        report, entry = self.report, self.export
        if self.registry.origin != manifest.origin:
            report.found(Step.EXPORT, REGISTRY, f"it is the registry of {self.registry.origin!r}")
        if entry is None or entry.kind != "exported":
            report.found(Step.EXPORT, REGISTRY, f"there is no export {manifest.export}")
            return
        payload, statement = entry.payload, entry.statement
        for what, same in (
            ("tree size", payload["tree_size"] == manifest.at_size),
            ("root", payload["root"] == manifest.at_root.hex()),
            ("person", statement["actor"] == manifest.exported_by),
            ("time", entry.recorded_at == instant(manifest.exported_at)),
            ("extent", payload["whole"] == self.whole),
        ):
            if not same:
                report.found(Step.EXPORT, entry.place, f"its {what} is not that of the manifest")
        if not any(
            one["meaning"] == "performed" and one["signer"] == statement["actor"] for one in entry.signatures
        ):
            report.found(Step.EXPORT, entry.place, f"{statement['actor']} did not sign it")
        named = {*payload["checkpoints"], manifest.at_size, manifest.size}
        if not self.whole and set(self.sizes) != named:
            report.found(Step.EXPORT, entry.place, "the checkpoints here are not those it names")

    def _check_openings(self, manifest: Manifest) -> None:
        report, opened = self.report, 0
        try:
            openings = decode_file(self.file("openings.json"))
            if not isinstance(openings, dict):
                raise Fault("it is not an object")
        except Fault as error:
            report.found(Step.COMMITMENTS, "openings.json", str(error))
            openings = {}
        for commitment, opening in openings.items():
            try:
                if commitment not in self.commitments:
                    raise Fault("no entry here names it")
                check_opening(commitment, opening)
                opened += 1
                if opening["field"] in ("paper_scan", "logger_file"):
                    # A scanned paper or a logger's file is named by what opens its commitment.
                    self.wanted.setdefault(str(opening["value"]), self.commitments[commitment])
            except Fault as error:
                report.found(Step.COMMITMENTS, commitment[:64], str(error))
        total = len(self.commitments)
        report.note(Step.COMMITMENTS, f"{total} commitments are named; {opened} of them are open")
        if self.export is None or self.export.kind != "exported":
            return
        chains = self.export.payload["chains"]["commitment"]
        said = openings.get(chains)
        expected = {"field": "chains", "value": encode(manifest.chains).decode("utf-8")}
        if not isinstance(said, dict) or {key: said.get(key) for key in expected} != expected:
            report.found(Step.EXPORT, self.export.place, "what it committed to is not the manifest's chains")
        if not self.export.payload["free_text"] and set(openings) - {chains}:
            report.found(Step.COMMITMENTS, "openings.json", "values are open that the export kept closed")

    def _check_attachments(self) -> None:
        report = self.report
        for name in sorted(self.files):
            folder, slash, digest = name.partition("/")
            if folder != "attachments" or not slash:
                continue
            if hashlib.sha256(self.file(name)).hexdigest() != digest:
                report.found(Step.ATTACHMENTS, name, "it does not have the digest it is named by")
            if digest not in self.wanted:
                report.found(Step.ATTACHMENTS, name, "no entry here names it")
        for digest in sorted(self.wanted):
            if "attachments/" + digest not in self.files:
                report.missed(Step.ATTACHMENTS, self.wanted[digest], f"the file {digest} is not here")

    def _check_reading(self) -> None:
        """What people and other systems read was made before the export, which names it by its digest."""
        report, export = self.report, self.export
        if export is None or export.kind != "exported":
            here = [name for name in READING if name in self.files]
            if here:
                report.skip(Step.READING, "there is no export that could name them")
                report.not_proved += here
            return
        said = export.payload["reading"]
        for name in READING:
            if name not in self.files:
                if name in said:
                    report.note(Step.READING, f"{name} was made for this export, and was left out here")
            elif name not in said:
                report.found(Step.READING, name, "the export recorded no such file")
            elif hashlib.sha256(self.file(name)).hexdigest() != said[name]:
                report.found(Step.READING, name, "it is not the file that the export recorded")

    # From outside

    def _check_paper(
        self, manifest: Manifest, heads: Sequence[Head], receipts: Mapping[str, str], *, require_head: bool
    ) -> None:
        report = self.report
        for head in heads:
            self._check_head(manifest, head)
        for code, digest in receipts.items():
            place = self.statements.get(digest)
            if place is not None:
                report.receipts.append((code, place))
            elif self.registry.losses:
                message = f"the statement of the receipt {code} is not here, and may be one of those that are"
                report.missed(Step.PAPER, "", f"{message} gone: {self.registry.losses[-1].words}")
            elif self.whole:
                report.found(Step.PAPER, "", f"the statement of the receipt {code} is not here")
            else:
                report.missed(Step.PAPER, "", f"the statement of the receipt {code} is not in these chains")
        if require_head and not heads:
            report.missed(Step.PAPER, "", "an outside head is required, and none was given")
        elif not heads and not receipts:
            report.skip(Step.PAPER, "no outside head or receipt was given")

    def _check_head(self, manifest: Manifest, head: Head) -> None:
        report = self.report
        loss = next((one for one in self.registry.losses if one.took(head.size, head.root)), None)
        if head.origin != hashlib.sha256(manifest.origin.encode("utf-8")).digest()[:5]:
            if report.exit_code != 4:
                message = f"The head of size {head.size} was not taken from the log {manifest.origin}."
                raise BadInput(message)
            report.missed(Step.PAPER, "", f"the head {head.code} is of another log")
        elif loss is not None and self.roots.get(head.size) != head.root:
            if head.size in self.roots or head.size > manifest.size:
                message = f"the head {head.code} saw {head.size} entries of what is gone: {loss.words}"
            else:
                message = (
                    f"the head {head.code} could not be checked, and may be of what is gone: {loss.words}"
                )
            report.missed(Step.PAPER, "", message)
        elif head.size > manifest.size:
            message = (
                f"the head {head.code} is of {head.size} entries, and this bundle shows {manifest.size}: "
                "this paper saw more: the log was set back, or the paper is younger than the export"
            )
            report.missed(Step.PAPER, "", message)
        elif head.size not in self.roots:
            message = f"the head {head.code} could not be checked: no proof from size {head.size} is here"
            report.missed(Step.PAPER, "", message)
        elif self.roots[head.size] != head.root:
            report.found(Step.PAPER, "", f"the log does not begin with what the head {head.code} saw")
        else:
            report.note(Step.PAPER, f"the log begins with the {head.size} entries of the head {head.code}")

    def _say_unchecked(self, *, has_heads: bool) -> None:
        """What nobody can see from this bundle, said so that it is not taken for seen."""
        say = self.report.unchecked.append
        for loss in self.registry.losses:
            say(loss.words)
        if not has_heads:
            say("no outside head given: a log that was rebuilt by whoever holds its keys can go unseen")
        if self.export is not None:
            left_out = self.export.sequence + 1 - len(self.registry.heads)
            if left_out:
                say(f"{left_out} registry entries are left out: a retirement among them cannot be seen")
        if not self.whole:
            say("what each chain's last entry was at checkpoint A is the operator's signed word; "
                "a slip can contradict it")  # fmt: skip
        say(
            "roles and protocols were judged when recording; judged here are keys, and limits by what each "
            "entry carries of them"
        )
        self.report.not_proved += NOT_PROVED
        if self.registry.clock == "simulated":
            say("the store has a simulated clock: its times are not those of any real event")
        if True in self.cosigned:
            say("cosigned on the hub itself: no independent witness")
        if not self.cosigned:
            say("no station cosigned these checkpoints: no independent witness")
        if self.registry.founders:
            people = " and ".join(sorted(self.registry.founders.values()))
            say("founded on the word of two people: " + people)


def check_opening(commitment: str, opening: Any) -> None:
    """Raise Fault unless the opening is that of the commitment."""
    data = _object(opening, {"field", "salt", "value"}, "the opening")
    salt = strict64(_text(data["salt"], "the salt"), "the salt")
    said = encode({"field": _text(data["field"], "the field"), "value": data["value"]})
    if len(salt) != 32 or hashlib.sha256(b"cartrail/1 commitment\n" + salt + said).hexdigest() != commitment:
        raise Fault("what is open here does not open it")


def verify(
    data: Any, heads: Sequence[str] = (), receipts: Sequence[str] = (), *, require_head: bool = False
) -> Report:
    """The verdict over a bundle's bytes; raises Damaged, or BadInput for a code that is not intact or of
    another log.
    """
    report = Report()
    verifier = Verifier(data, report)
    read = [read_head(as_encoded(code)) for code in heads]
    verifier.head_sizes = {head.size for head in read}
    codes = [as_encoded(code) for code in receipts]
    verifier.run(read, {code: read_receipt(code) for code in codes}, require_head=require_head)
    return report


def verify_file(
    path: Path, heads: Sequence[str] = (), receipts: Sequence[str] = (), *, require_head: bool = False
) -> Report:
    """The verdict over a bundle, read where it lies; raises OSError too."""
    with path.open("rb") as file:
        data: bytes | mmap.mmap = b""
        if file.read(1):
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return verify(data, heads, receipts, require_head=require_head)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="verify.py",
        description="Verify a cartrail bundle offline.",
        epilog="Example: python3 -I verify.py bundle.zip --head CTH...",
    )
    parser.add_argument("bundle")
    parser.add_argument("--head", action="append", default=[], metavar="CODE", help="a head code from paper")
    parser.add_argument("--receipt", action="append", default=[], metavar="CODE", help="a receipt from paper")
    parser.add_argument("--require-head", action="store_true", help="exit 6 without a head")
    given = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal has no letters for must not end the verdict.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        report = verify_file(Path(given.bundle), given.head, given.receipt, require_head=given.require_head)
    except Damaged as error:
        print(f"verify.py: this file is damaged: {error}", file=sys.stderr)
        return 2
    except (OSError, BadInput) as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return 2
    for line in report.lines():
        print(line)
    words = {0: "Everything that was checked holds.", 4: "This bundle cannot be trusted.",
             6: "Something is missing or was not understood."}  # fmt: skip
    print(f"\n{words[report.exit_code]}")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
