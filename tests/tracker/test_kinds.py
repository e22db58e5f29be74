"""What the program knows of each kind of step, written out a second time: by question, not by kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

import pytest

from schema.events import Payload, UnitsPayload, kinds, registry_kinds
from schema.events.processing import StartsShelfLife
from tests.support.rule_cases import Case
from tracker.catalog import requests, requests_by_kind
from tracker.concerns import Concern
from tracker.downtime.steps import EXTRAS
from tracker.kinds import (
    BESIDE,
    STEP_KINDS,
    About,
    Board,
    Box,
    Handoff,
    Label,
    Moves,
    Needs,
    Outside,
    Page,
    Paper,
    People,
    StepKind,
    is_on_page_one,
)
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import BegunRequest, Request
from tracker.requests.fields import numbers_of
from tracker.therapy.decide import DECISIONS

EXPECTED: Mapping[str, Collection[str]] = {
    "asked of a therapy, not of a unit in the hand": {
        "canceled", "closed", "code_adopted", "corrected", "deviation_assessed", "deviation_closed",
        "deviation_opened", "label_voided", "labels_destroyed", "labels_reconciled",
        "lymphodepletion_started", "patient_identified", "protocol_repinned", "results_reviewed", "tested",
        "unit_registered",
        "medicine_given", "outcome_recorded", "toxicity_graded",
        "dose_set",
        "manufacturing_failed",
    },
    "asked of a unit as well as of a therapy": {"codes_bound"},
    "no progress that the board shows": {
        "code_adopted", "codes_bound", "corrected", "deviation_assessed", "deviation_closed",
        "deviation_opened", "label_voided", "labels_destroyed", "labels_reconciled",
        "medicine_given", "outcome_recorded", "toxicity_graded",
        "dose_set",
    },
    "taken only in a running therapy and with what is not expired": {
        "collection_started", "infusion_started", "lymphodepletion_started", "manufacturing_started",
        "released", "released_out_of_specification", "step_performed", "thaw_started",
        "dose_set",
        "manufacturing_failed",
    },
    "always blocked by quarantine": {
        "infusion_started", "manufacturing_started", "released", "released_out_of_specification",
        "thaw_started",
    },
    "never left to one person": {
        "bedside_matched", "packed", "patient_identified", "pre_thaw_matched",
        "released_out_of_specification",
        "dose_set",
        "manufacturing_failed",
    },
    "never signed from a file of passwords": {
        "infusion_completed", "infusion_started", "infusion_stopped", "released",
        "released_out_of_specification",
    },
    "taken only with the label on the container": {
        "cassette_bound", "collected", "collection_started", "cryopreserved",
    },
    "done to the label that is read": {"label_applied", "label_superseded"},
    "on page one of the report": {
        "accepted", "collected", "consumed", "destroyed", "infusion_completed", "infusion_stopped", "lapsed",
        "manufactured", "partly_accepted", "refused", "relinquished", "retained", "retrieved", "stored",
    },
    "never on a downtime form": {
        "closed", "code_adopted", "deviation_assessed", "deviation_closed", "enrolled",
        "released_out_of_specification", "results_reviewed",
        "medicine_given", "outcome_recorded", "toxicity_graded",
        "dose_set",
        "manufacturing_failed",
    },
    "on a downtime form although optional": {"accepted", "relinquished", "retrieved", "stored"},
    "takes the unit over from who had it": {"accepted", "partly_accepted"},
    "brings the unit out of storage": {"retrieved"},
    "ends its being out of storage": {
        "accepted", "inspected", "packed", "partly_accepted", "stored", "thaw_started",
    },
    "makes a second scan of the same labels new": {
        "accepted", "collected", "inspected", "manufactured", "partly_accepted", "retrieved",
    },
    "possible while the unit is in a box": {
        "accepted", "code_adopted", "codes_bound", "delivery_attempted", "deviation_assessed",
        "deviation_closed", "deviation_opened", "diverted", "inspected", "lapsed", "partly_accepted",
        "quarantine_lifted", "quarantined", "refused", "rejected", "relinquished", "unpacked",
        "medicine_given", "outcome_recorded", "toxicity_graded",
        "dose_set",
        "manufacturing_failed",
    },
    "done by the code of a closed box, in this order": (
        "relinquished", "accepted", "refused", "lapsed", "delivery_attempted", "diverted", "inspected",
        "unpacked",
    ),
    "no step without a box": {"delivery_attempted", "diverted", "unpacked"},
    "about an open handoff": {"accepted", "delivery_attempted", "lapsed", "partly_accepted", "refused"},
    "an answer to an open handoff": {"accepted", "lapsed", "partly_accepted", "refused"},
    "possible while a handoff is open, and not about it": {
        "closed", "code_adopted", "codes_bound", "corrected", "deviation_assessed", "deviation_closed",
        "deviation_opened", "quarantine_lifted", "quarantined", "rejected",
        "medicine_given", "outcome_recorded", "toxicity_graded",
        "dose_set",
        "manufacturing_failed",
    },
    "possible after a unit's final disposition": {
        "closed", "code_adopted", "codes_bound", "corrected", "destroyed", "deviation_assessed",
        "deviation_closed", "deviation_opened",
        "medicine_given", "outcome_recorded", "toxicity_graded",
    },
    "possible in a closed therapy": {
        "corrected", "deviation_assessed", "deviation_closed", "deviation_opened",
        "medicine_given", "outcome_recorded", "tested", "toxicity_graded",
    },
    "never outside the rules": {
        "canceled", "closed", "corrected", "deviation_assessed", "deviation_closed", "enrolled",
        "protocol_repinned", "quarantine_lifted", "rejected", "released", "released_out_of_specification",
        "results_reviewed", "tested",
        "outcome_recorded", "toxicity_graded",
        "dose_set",
        "manufacturing_failed",
    },
    "never outside the rules, and no step": {
        "alert_acknowledged", "conditions_recorded", "excursion_assessed", "erased",
        "form_issued", "line_cleared", "manifest_received", "noted",
        "rescheduled", "scheduled", "shipment_booked", "taken_over", "therapy_imported", "trail_reviewed",
        "unit_found", "unscheduled",
    },
    "done with a code that is scanned now": {"cassette_bound", "label_applied"},
    "recorded beside a protocol": {
        "alert_acknowledged", "conditions_recorded", "count_found", "excursion_assessed", "excursion_found",
        "deviation_drafted", "erased", "form_issued", "form_voided", "line_cleared", "manifest_received",
        "mixup_occurred", "mixup_prevented", "noted", "paper_attached", "rescheduled", "scheduled",
        "shipment_booked", "shipment_progress",
        "taken_over", "therapy_imported", "trail_reviewed", "unit_found", "unscheduled",
    },
}  # fmt: skip

LISTED: Mapping[Concern, Collection[str]] = {
    Concern.OUT_OF_SPECIFICATION: {"rejected", "released_out_of_specification", "manufacturing_failed"},
    Concern.QUARANTINES: {"quarantined", "quarantine_lifted"},
    Concern.NOT_TAKEN: {"delivery_attempted", "diverted", "lapsed", "partly_accepted", "refused"},
    Concern.ENDED_EARLY: {"canceled", "destroyed", "infusion_stopped"},
    Concern.CHANGED_COURSE: {"protocol_repinned", "unpacked"},
    Concern.DEVIATIONS: {"deviation_assessed", "deviation_closed", "deviation_opened"},
    Concern.CORRECTIONS: {"corrected"},
    Concern.PAPERWORK: {
        "code_adopted", "codes_bound", "label_applied", "label_superseded", "label_voided",
        "labels_destroyed", "labels_reconciled",
    },
    Concern.PLANNED: {
        "accepted", "bag_matched", "bedside_matched", "cassette_bound", "closed", "collected",
        "collection_started", "consumed", "cryopreserved", "enrolled", "infusion_completed",
        "infusion_started", "inspected", "lymphodepletion_started", "manufactured",
        "manufacturing_started", "packed", "patient_identified", "pre_thaw_matched", "released",
        "relinquished", "results_reviewed", "retained", "retrieved", "step_performed", "stored", "tested",
        "thaw_ended",
        "thaw_started", "unit_registered",
        "medicine_given", "outcome_recorded", "toxicity_graded",
        "dose_set",
    },
}  # fmt: skip
"""The steps by the check of page one that lists them, or why none does; no step has any other."""

Table = Mapping[str, StepKind]


def _asked(column: str, *cells: object) -> Callable[[Table], Collection[str]]:
    """The kinds that have one of these cells in a column."""
    return lambda table: {kind for kind, row in table.items() if getattr(row, column) in cells}


ANSWERED: Mapping[str, Callable[[Table], Collection[str]]] = {
    "asked of a therapy, not of a unit in the hand": _asked("about", About.THERAPY),
    "asked of a unit as well as of a therapy": _asked("about", About.EITHER),
    "no progress that the board shows": _asked("board", Board.ASIDE),
    "taken only in a running therapy and with what is not expired": _asked(
        "needs", Needs.RUNNING, Needs.SOUND
    ),
    "always blocked by quarantine": _asked("needs", Needs.SOUND),
    "never left to one person": _asked("people", People.TWO, People.TWO_HERE),
    "never signed from a file of passwords": _asked("people", People.HERE, People.TWO_HERE),
    "taken only with the label on the container": _asked("label", Label.FIRST),
    "done to the label that is read": _asked("label", Label.ITSELF),
    "on page one of the report": _asked("page", Page.PAGE),
    "never on a downtime form": _asked("paper", Paper.NEVER),
    "on a downtime form although optional": _asked("paper", Paper.ALWAYS),
    "takes the unit over from who had it": _asked("moves", Moves.TAKEN),
    "brings the unit out of storage": _asked("moves", Moves.OUT),
    "ends its being out of storage": _asked("moves", Moves.AWAY, Moves.TAKEN, Moves.OPENED),
    "makes a second scan of the same labels new": _asked(
        "moves", Moves.FILLED, Moves.OUT, Moves.TAKEN, Moves.OPENED
    ),
    "possible while the unit is in a box": _asked("box", Box.INSIDE, Box.BY_CODE, Box.ONLY),
    "done by the code of a closed box, in this order": lambda table: tuple(
        kind for kind, row in table.items() if row.box in (Box.BY_CODE, Box.ONLY)
    ),
    "no step without a box": _asked("box", Box.ONLY),
    "about an open handoff": _asked("handoff", Handoff.ANSWERS, Handoff.TRIES),
    "an answer to an open handoff": _asked("handoff", Handoff.ANSWERS),
    "possible while a handoff is open, and not about it": _asked("handoff", Handoff.GOES_ON),
    "possible after a unit's final disposition": _asked("ended", True),
    "possible in a closed therapy": _asked("after_close", True),
    "never outside the rules": _asked("outside", Outside.DECISION),
    "never outside the rules, and no step": lambda _: {
        kind for kind, row in BESIDE.items() if row.outside is Outside.DECISION
    },
    "done with a code that is scanned now": _asked("fresh", True),
    "recorded beside a protocol": lambda _: {*BESIDE},
}


QUESTIONS = {
    **{question: (asked, EXPECTED[question]) for question, asked in ANSWERED.items()},
    **{
        f"listed on page one of a report under {concern}": (
            _asked("concern", concern), LISTED.get(concern, set()),
        )
        for concern in Concern
    },
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_has_the_answer_that_was_written_out(question: str) -> None:
    """One kind more or less is a decision over safety, and somebody makes it twice."""
    asked, expected = QUESTIONS[question]
    assert asked(STEP_KINDS) == expected
    assert {*ANSWERED} == {*EXPECTED}


def _changed() -> Iterator[tuple[str, str, Any]]:
    """Every change of a single cell of the table."""
    for kind, row in STEP_KINDS.items():
        for column in fields(StepKind):
            cell = getattr(row, column.name)
            others = (True, False) if isinstance(cell, bool) else type(cell)
            yield from ((kind, column.name, other) for other in others if other != cell)


def test_every_change_of_one_cell_is_noticed() -> None:
    """So no column goes by unasked, and no two answers look the same to all questions."""
    unnoticed, tried = [], 0
    for kind, column, cell in _changed():
        table = {**STEP_KINDS, kind: replace(STEP_KINDS[kind], **{column: cell})}
        tried += 1
        if all(asked(table) == expected for asked, expected in QUESTIONS.values()):
            unnoticed.append((kind, column, cell))
    assert not unnoticed and tried > 1000


def test_findings_b13_page_one_lists_every_end(case: Callable[[str], Case]) -> None:
    """What ends a unit stands on the page that says where the cells are: used up and retained samples too."""
    ended = set()
    for payload_class in kinds().values():
        given = case("infusing")
        unit = given.one.products[0]
        needed = [name for name, field in payload_class.model_fields.items() if field.is_required()]
        if payload_class.kind not in STEP_KINDS or not {*needed} <= {"units", "infused_ml"}:
            continue
        values = {"units": (unit,), "infused_ml": "1"}
        given.happened(payload_class.model_validate({name: values[name] for name in needed}))
        if given.unit(unit).final is not None:
            ended.add(payload_class.kind)
    assert ended == {"consumed", "destroyed", "infusion_completed", "infusion_stopped", "retained"}
    assert all(is_on_page_one(kind) for kind in ended)


def test_every_kind_of_a_therapy_is_a_step_or_stands_beside() -> None:
    """A kind in neither list would silently be allowed and shown nowhere."""
    of_therapies = {kind for kind, _ in kinds()} - registry_kinds()
    assert {*STEP_KINDS, *BESIDE} == of_therapies and {*BESIDE}.isdisjoint(STEP_KINDS)
    assert ANSWERED.keys() == EXPECTED.keys()


def test_every_kind_has_exactly_one_request() -> None:
    """A step that nobody can ask for is no step; what the program writes by itself has no request."""
    of_therapies = [one for one in requests().values() if not issubclass(one, RegistryRequest)]
    asked = [one.records.kind for one in of_therapies if one.records is not None]
    by_program = {"count_found", "deviation_drafted", "excursion_found", "mixup_occurred", "mixup_prevented"}
    assert sorted(asked) == sorted({*STEP_KINDS, *BESIDE} - by_program)
    assert requests_by_kind().keys() == STEP_KINDS.keys()
    assert {*DECISIONS} == {*of_therapies}


COMPARED = {"certificate", "coi", "patient", "product_code"}
"""What a request scans beside its units, to compare; it stands among the reads of the entry."""


@pytest.mark.parametrize("name", sorted(name for name, one in requests().items() if one.plain))
def test_what_a_plain_request_records(name: str) -> None:
    """Units and what the request says of them: every field of one is a field of the other."""
    request_class = requests()[name]
    event = request_class.records
    assert event is not None and issubclass(event, UnitsPayload)
    said = {*request_class.model_fields} - {*BegunRequest.model_fields} - COMPARED
    recorded = {*event.model_fields} - {*Payload.model_fields}
    recorded -= {*StartsShelfLife.model_fields} - {*UnitsPayload.model_fields}
    assert not said - recorded, f"the event {event.kind} has no field for what {name} says"
    assert not recorded - said, f"the request {name} does not say what {event.kind} records"


def test_what_needs_a_reason() -> None:
    """What undoes or blocks something says why."""
    assert {name for name, one in requests().items() if one.needs_reason} == {
        "accept_loss", "cancel", "correct", "correct_clock", "divert", "erase", "lift_quarantine",
        "name_lost_head",
        "quarantine", "recall_lot", "refuse", "reject", "repin_protocol", "reschedule", "stop_infusion",
        "supersede_label",
        "unschedule", "void_form",
        "void_label",
    }  # fmt: skip


SCANNED = {"box", "cassette", "codes", "coi", "label", "labels", "patient", "unit", "units"}
"""What a block has a place for by itself, as the protocol compares it."""

ELSEWHERE_ON_PAPER = {
    "corrected": "a value is corrected from the trail; on paper it is struck out and initialed",
    "delivery_attempted": "another event: what happened",
    "deviation_opened": "another event: what happened",
    "diverted": "another event: what happened",
    "lapsed": "another event: what happened",
    "partly_accepted": "an answer in the block of accepted",
    "refused": "an answer in the block of accepted",
    "step_performed": "a place for each instrument, lot, value and container of the protocol's step",
    "tested": "a line for each release test of the protocol",
}


@pytest.mark.parametrize("kind", [kind for kind, row in STEP_KINDS.items() if row.paper is not Paper.NEVER])
def test_a_downtime_form_asks_for_all_that_is_said(kind: str) -> None:
    """What the request of a step says beside its codes and numbers has a place on the paper, or elsewhere."""
    request_class = requests_by_kind()[kind]
    # A form belongs to one therapy, and says so at its head.
    own = request_class.model_fields.keys() - Request.model_fields.keys() - {"begun_with"}
    left = own - SCANNED - numbers_of(request_class).keys()
    assert not left or (kind in EXTRAS) is not (kind in ELSEWHERE_ON_PAPER), (
        f"where does {left} of {kind} stand?"
    )
