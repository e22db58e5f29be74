"""The decision over the dose: the numbers are worked out by the protocol's rule, and never typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from schema.errors import InputError
from schema.events.dosing import DoseSet
from schema.events.processing import Collected, InfusionStarted
from schema.instants import parse_offset
from tracker.protocols.dosing import Dose
from tracker.rules.attempt import local
from tracker.rules.conclusion import with_notices
from tracker.rules.decision import Decision, Denied, Notice, ScanAnswer, Violation
from tracker.rules.dosing import DoseRange, as_text, range_for, range_words
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_on_therapy
from tracker.therapy.dosing.requests import SetDose

WEIGHT_DAYS_POSSIBLE: Final = 730
"""Cells are kept frozen for long, and their dose may go by the weight then; an older day is mistyped."""


def decide_dose(situation: Situation, request: SetDose) -> Decision:
    """Least, aim and most for this patient; a clinician sets it, and a pharmacist sees it."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    dose = situation.protocol(therapy).dose
    if dose is None or not dose.rules:
        return Denied(_no_rule("not_in_protocol", "The protocol has no rule for the dose.", "coi"))
    weighed_on = _weighed_on(situation, request)
    indication = _indication(therapy, dose, request.indication)
    if isinstance(indication, Violation):
        return Denied(indication)
    found = _range(dose, indication, request)
    if isinstance(found, Violation):
        return Denied(found)
    payload = DoseSet(
        indication=indication,
        regimen=request.regimen,
        weight_kg=request.weight_kg,
        weighed_on=weighed_on,
        minimum=as_text(found.minimum),
        target=None if found.target is None else as_text(found.target),
        maximum=as_text(found.maximum),
    )
    refused = tuple(_same_again(situation, therapy, payload))
    decision = decide_on_therapy(situation, request, request.coi, payload, refused)
    notices = (
        *_weight_old(situation, therapy, dose, found, weighed_on),
        *_another_before(situation, therapy, payload),
        *_too_late(therapy),
    )
    return with_notices(decision, notices)


def _indication(therapy: TherapyState, dose: Dose, given: str | None) -> str | Violation:
    """For what the cells are given: what the therapy was enrolled for, where that is known."""
    enrolled = therapy.indication
    if given is not None and enrolled not in (None, given):
        return Violation(
            "other_indication",
            f"The therapy was enrolled for {enrolled}, and not for {given}.",
            "Leave the indication out; if the order is wrong, ask the coordinator.",
            waivable=False,
            field="indication",
            compared="indication",
            expected=enrolled or "",
            read=given,
        )
    indication = given or enrolled
    if indication in dose.indications:
        return indication
    said = f"The protocol has no dose for {indication or 'a therapy whose indication nobody gave'}."
    return _no_rule("indication_unknown", said, "indication", dose.indications)


def _range(dose: Dose, indication: str, request: SetDose) -> DoseRange | Violation:
    """What is to be given, or why no rule says it."""
    regimens = dose.regimens_of(indication)
    if (request.regimen is None) == bool(regimens) or request.regimen not in (*regimens, None):
        said = f"The protocol doses {indication} by regimen, and not by {request.regimen or 'none'}."
        if not regimens:
            said = f"The protocol has no regimens for the dose of {indication}."
        return _no_rule("regimen_unknown", said, "regimen", regimens)
    weight = None if request.weight_kg is None else Decimal(request.weight_kg)
    found = range_for(dose, indication, request.regimen, weight)
    return found or Violation(
        "weight_missing",
        f"The dose for {indication} depends on the weight, and none was given.",
        "Weigh the patient and give the weight in kg.",
        ScanAnswer.CHECK,
        waivable=False,
        field="weight_kg",
    )


def _no_rule(rule: str, said: str, field: str, known: tuple[str, ...] = ()) -> Violation:
    remedy = f"Name one of: {', '.join(known)}." if known else "Have quality adopt a protocol that has it."
    return Violation(rule, said, remedy, waivable=False, field=field)


def _weighed_on(situation: Situation, request: SetDose) -> str | None:
    """The day of the weight; raises InputError for one to come, and for a day without a weight."""
    today = _day_of(situation, situation.occurred_at)
    if request.weight_kg is None:
        if request.weighed_on is not None:
            raise InputError(
                "A day of weighing was given, and no weight.", remedy="Give the weight in kg too."
            ).at("weighed_on")
        return None
    if request.weighed_on is not None and request.weighed_on > today:
        raise InputError(
            f"The patient cannot have been weighed on {request.weighed_on}: that day is still to come.",
            remedy="Check the day.",
        ).at("weighed_on")
    weighed_on = request.weighed_on or today
    days = (date.fromisoformat(today) - date.fromisoformat(weighed_on)).days
    if days > WEIGHT_DAYS_POSSIBLE:
        raise InputError(
            f"The weight would be of {weighed_on}, {days} days ago.",
            remedy="Check the year. If there is no newer weight, weigh the patient.",
        ).at("weighed_on")
    return weighed_on


def _weight_old(
    situation: Situation, therapy: TherapyState, dose: Dose, found: DoseRange, weighed_on: str | None
) -> Iterator[Notice]:
    """A weight that is not of the day that the rule means: it is recorded, and looked at."""
    if weighed_on is None:
        return
    facts = (unit.facts.get(Collected.kind) for unit in therapy.units.values())
    collected = [fact.at for fact in facts if fact is not None]
    last = _day_of(situation, max(collected)) if collected else None
    if found.rule.weighed is not None and last is not None and weighed_on > last:
        yield Notice(
            "weight_old",
            f"The weight is of {weighed_on}, after the collection on {last}; the weight of then counts.",
            "Set the dose again with the weight of the collection, or ask the pharmacist.",
            ScanAnswer.CHECK,
        )
        return
    counted_to = last if found.rule.weighed is not None and last is not None else None
    until = date.fromisoformat(counted_to or _day_of(situation, situation.occurred_at))
    days = (until - date.fromisoformat(weighed_on)).days
    if days > dose.weight_days_max:
        yield Notice(
            "weight_old",
            f"The weight is of {weighed_on}, {days} days old; it counts for {dose.weight_days_max}.",
            "Weigh the patient and set the dose again.",
            ScanAnswer.CHECK,
        )


def _same_again(situation: Situation, therapy: TherapyState, payload: DoseSet) -> Iterator[Violation]:
    before = therapy.dose
    if before is None or _told(payload) != (
        before.indication,
        before.regimen,
        before.weight_kg,
        before.weighed_on,
    ):
        return
    yield Violation(
        "already_done",
        f"This dose is set: {range_words(before)}, {local(situation, before.occurrence)}.",
        "Nothing to do.",
        ScanAnswer.CHECK,
        waivable=False,
    )


def _told(payload: DoseSet) -> tuple[str, str | None, Decimal | None, str | None]:
    weight = None if payload.weight_kg is None else Decimal(payload.weight_kg)
    return payload.indication, payload.regimen, weight, payload.weighed_on


def _another_before(situation: Situation, therapy: TherapyState, payload: DoseSet) -> Iterator[Notice]:
    """Two people may set it at once, with two weights: the last one counts, and whoever gave it is told."""
    before = therapy.dose
    if before is None:
        return
    old = _for_whom(before.indication, before.regimen, before.weight_kg)
    new = _for_whom(payload.indication, payload.regimen, payload.weight_kg)
    yield Notice(
        "dose_changed",
        f"A dose was set before: {range_words(before)} for {old}, {local(situation, before.occurrence)}. "
        f"Now it is {payload.minimum} to {payload.maximum} for {new}.",
        "The last one counts. If it is not what you meant, set it again.",
        ScanAnswer.CHECK,
    )


def _for_whom(indication: str, regimen: str | None, weight_kg: Decimal | str | None) -> str:
    """By what a dose was worked out: `dlbcl, 72.0 kg`."""
    weight = None if weight_kg is None else f"{weight_kg} kg"
    return ", ".join(filter(None, (indication, regimen, weight)))


def _too_late(therapy: TherapyState) -> Iterator[Notice]:
    """What was released or given by the dose before is not changed by another one."""
    units = therapy.units.values()
    given = [one.unit for one in units if InfusionStarted.kind in one.facts]
    released = [one.unit for one in units if one.released and one.unit not in given]
    if given:
        yield Notice(
            "dose_after_infusion",
            f"The infusion of {', '.join(given)} was started already; this does not change what was given.",
            "Tell quality if the dose that was given was not the right one.",
            ScanAnswer.CHECK,
        )
    if released:
        yield Notice(
            "dose_after_release",
            f"{', '.join(released)} is released, and was judged by what was known then, not by this dose.",
            "Tell quality: the release stands until they judge the product again.",
            ScanAnswer.CHECK,
        )


def _day_of(situation: Situation, moment: datetime) -> str:
    return moment.astimezone(parse_offset(situation.offset_of(moment))).date().isoformat()


DECISIONS: Final[Decisions] = {SetDose: decide_dose}
