"""The decision that a manufacture failed: it ends, and what follows on it is the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schema.events.processing import ManufacturingFailed
from schema.vocabulary import FinalDisposition
from tracker.rules.attempt import local
from tracker.rules.conclusion import with_notices
from tracker.rules.decision import Decision, Denied, Notice, ScanAnswer, Violation
from tracker.rules.failed import units_of
from tracker.rules.selection import not_a, therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_on_therapy
from tracker.therapy.making.requests import FailManufacturing


def decide_failed(situation: Situation, request: FailManufacturing) -> Decision:
    """What of it has not ended is destroyed or kept; nothing of it is made further."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    attempt = request.attempt or _going_on(therapy)
    units = units_of(therapy, attempt, request.path)
    kept: list[str] = []
    for scan in request.kept:
        read = situation.resolve(scan)
        unit = situation.unit_of(read)
        if unit is None or therapy.unit(unit.unit) is None:
            return Denied(not_a(read, "container of this therapy"))
        if unit.unit not in units:
            return Denied(_not_of_it(attempt, unit.unit))
        kept.append(unit.unit)
    payload = ManufacturingFailed(
        attempt=attempt,
        cause=request.cause,
        path=request.path,
        units=units,
        kept=tuple(dict.fromkeys(kept)),
    )
    refused = tuple(_not_failed(situation, therapy, attempt))
    decision = decide_on_therapy(situation, request, request.coi, payload, refused)
    return with_notices(decision, [*_to_destroy(payload)])


def _going_on(therapy: TherapyState) -> int:
    """The newest manufacture that something was done for."""
    return max((one.attempt for one in therapy.process), default=0) or therapy.newest_attempt


def _not_failed(situation: Situation, therapy: TherapyState, attempt: int) -> Iterator[Violation]:
    """Why it is no manufacture that can have failed: it ended already, never began, or was given."""
    before = therapy.failures.get(attempt)
    if before is not None:
        yield Violation(
            "already_done",
            f"Manufacture {attempt} has failed by the record, {local(situation, before.occurrence)}.",
            "Nothing to do.",
            ScanAnswer.CHECK,
            waivable=False,
        )
    if attempt > therapy.newest_attempt:
        yield Violation(
            "attempt_unknown",
            f"{therapy.coi} has no manufacture {attempt}.",
            "Name the manufacture that failed.",
            waivable=False,
            field="attempt",
        )
    given = [
        unit.unit
        for unit in therapy.units.values()
        if unit.attempt == attempt and unit.final is FinalDisposition.INFUSED
    ]
    if given:
        yield Violation(
            "already_given",
            f"{', '.join(given)} of manufacture {attempt} was given to the patient.",
            "Open a deviation about it.",
            waivable=False,
        )


def _not_of_it(attempt: int, unit: str) -> Violation:
    return Violation(
        "not_of_attempt",
        f"{unit} is not of manufacture {attempt}, or has come to its end.",
        "Scan only what is kept of it.",
        waivable=False,
        field="kept",
    )


def _to_destroy(payload: ManufacturingFailed) -> Iterator[Notice]:
    left = [one for one in payload.units if one not in payload.kept]
    if left:
        yield Notice(
            "to_destroy",
            f"To be destroyed of manufacture {payload.attempt}: {', '.join(left)}.",
            "Destroy each before a witness; the therapy is not closed before that.",
            ScanAnswer.CHECK,
        )


DECISIONS: Final[Decisions] = {FailManufacturing: decide_failed}
