"""The rules every step obeys, read from the protocol: order, place, custody, release, clocks, roles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from schema.events.custody import Diverted
from schema.events.identity import Closed
from schema.instants import parse_offset
from schema.vocabulary import Role
from tracker.kinds import Label, Moves, Needs, is_decision, kind_of, moves_of
from tracker.protocols.clock_checks import INFUSIONS
from tracker.protocols.model import Limit, Step
from tracker.protocols.spans import format_duration
from tracker.rules.attempt import Attempt, happened_later, leaves_remainder, local, site_of_part
from tracker.rules.authority import grant_violation, roles_text
from tracker.rules.checks.bedside import TO_THE_PATIENT
from tracker.rules.checks.bench import bench_violations
from tracker.rules.checks.dose import dose_violations
from tracker.rules.checks.label import label_missing
from tracker.rules.checks.unit import unit_violations
from tracker.rules.clocks import OF_THE_PATIENT, judged_by
from tracker.rules.decision import ScanAnswer, Violation, never_waived
from tracker.rules.failed import failed_violations, is_begun_again
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import Occurrence, TherapyStatus


def step_violations(attempt: Attempt) -> Iterator[Violation]:
    """Every rule that the attempt breaks, the most important first; none of a decision can be waived."""
    found = _broken(attempt)
    return (never_waived(one) for one in found) if is_decision(kind_of(attempt.kind)) else found


def _broken(attempt: Attempt) -> Iterator[Violation]:
    step = attempt.step
    if step is None:
        yield Violation(
            "not_in_protocol",
            f"The protocol {attempt.protocol.id} has no step {attempt.kind} for {attempt.subject}.",
            "Scan the right unit, or have quality adopt another protocol.",
        )
        return
    yield from _place(attempt, step)
    yield from _role(attempt, step)
    yield from _already(attempt, step)
    yield from _status(attempt)
    if attempt.unit is not None:
        yield from unit_violations(attempt, step, attempt.unit)
    yield from (*_order(attempt, step), *_moved(attempt, step), *_culture_day(attempt, step))
    if attempt.unit is not None and attempt.row.label is Label.FIRST:
        yield from label_missing(attempt.protocol, attempt.unit)
    yield from _limits(attempt)
    yield from dose_violations(attempt)
    yield from failed_violations(attempt)
    yield from bench_violations(attempt, step)


def _already(attempt: Attempt, step: Step) -> Iterator[Violation]:
    facts = attempt.unit.facts if attempt.unit else attempt.therapy.facts
    before = facts.get(attempt.kind)
    done = before is not None and not is_begun_again(attempt, before)
    if step.once and before is not None and done and not leaves_remainder(attempt):
        yield Violation(
            "already_done",
            f"{step.title}: already done for {attempt.subject} at {local(attempt.situation, before)}.",
            "Nothing to do. If it was recorded wrongly, correct that event.",
            answer=ScanAnswer.CHECK,
        )


def _status(attempt: Attempt) -> Iterator[Violation]:
    status = attempt.therapy.status
    if status is TherapyStatus.CLOSED and attempt.kind != Closed.kind and not attempt.row.after_close:
        yield Violation(
            "therapy_closed",
            f"The therapy {attempt.therapy.coi} is closed.",
            "Ask quality; it can be recorded as late.",
        )
    if status is TherapyStatus.CANCELED and attempt.row.needs is not Needs.EVER:
        yield Violation(
            "therapy_canceled",
            f"The therapy {attempt.therapy.coi} was canceled.",
            "Only put away, return or destroy its units.",
        )


def _order(attempt: Attempt, step: Step) -> Iterator[Violation]:
    if not step.after:
        return
    facts: dict[str, Occurrence] = dict(attempt.therapy.facts)
    if attempt.unit is None:
        for unit in attempt.therapy.units.values():
            facts.update(unit.facts)
    else:
        facts.update(attempt.unit.facts)
    for rule in step.after:
        names = rule.split("|")
        done = [facts[name] for name in names if name in facts]
        if any(not happened_later(attempt, fact) for fact in done):
            continue
        before = attempt.protocol.step(names[0], attempt.unit.material if attempt.unit else None)
        title = before.title if before else names[0]
        if not done:
            yield Violation(
                "too_early",
                f"{step.title}: too early for {attempt.subject}, the step before it is missing: {title}.",
                f"Do this first: {title}.",
            )
        else:
            yield _done_only_later(attempt, step, title, done[0])


def _moved(attempt: Attempt, step: Step) -> Iterator[Violation]:
    """What is entered late stands at the end: it does not put a unit back to where it was before it moved."""
    unit = attempt.unit
    if unit is None or moves_of(attempt.kind) is Moves.STAYS:
        return
    moved = {kind: fact for kind, fact in unit.facts.items() if moves_of(kind) is not Moves.STAYS}
    last = max(moved, key=lambda kind: moved[kind].at, default=None)
    if last is not None and happened_later(attempt, moved[last]):
        known = attempt.protocol.step(last, unit.material)
        yield _done_only_later(attempt, step, known.title if known else last, moved[last])


def _culture_day(attempt: Attempt, step: Step) -> Iterator[Violation]:
    """A step of the process on another day of the culture than its protocol says, by the calendar here."""
    growth, unit = attempt.protocol.growth, attempt.unit
    began = None if growth is None or unit is None else unit.facts.get(growth.day_zero)
    if step.day is None or began is None:
        return
    today, (first, last) = _waited(attempt, began, timedelta(days=1)).days, step.day
    if not first <= today <= last:
        yield Violation(
            "wrong_day",
            f"{step.title}: today is day {today} of the culture (day 0 was "
            f"{local(attempt.situation, began)}); it is for day {first} to {last}.",
            "Ask the process owner. If it has happened, record it outside the rules.",
        )


def _done_only_later(attempt: Attempt, step: Step, title: str, fact: Occurrence) -> Violation:
    return Violation(
        "too_early",
        f"{step.title}: at that time too early for {attempt.subject}; {title} was done only later, "
        f"at {local(attempt.situation, fact)}.",
        "Check the declared time. If it happened in that order, record it outside the rules.",
    )


def _place(attempt: Attempt, step: Step) -> Iterator[Violation]:
    wanted = site_of_part(attempt.therapy, step.part)
    here = attempt.situation.station.site
    if wanted is not None and wanted != here:
        yield Violation(
            "wrong_site",
            f"{step.title} belongs to {wanted} for this therapy; this station is at {here}.",
            f"Use a station at {wanted}.",
        )


DECIDED_FOR_THERAPY: Final = frozenset({Diverted.kind})
"""Steps that somebody decides from wherever they are: the role has to be held at a site of the therapy."""


def _role(attempt: Attempt, step: Step) -> Iterator[Violation]:
    if attempt.kind in DECIDED_FOR_THERAPY:
        yield from _role_for_therapy(attempt, step)
        return
    violation = role_violation(attempt.situation, attempt.request.actor, frozenset(step.roles))
    if violation is not None:
        yield violation


def _role_for_therapy(attempt: Attempt, step: Step) -> Iterator[Violation]:
    situation, sites = attempt.situation, attempt.therapy.sites
    actor, roles = attempt.request.actor, frozenset(step.roles)
    places = tuple(dict.fromkeys((sites.manufacturing, sites.treatment, sites.collection)))
    found = [
        grant_violation(situation.registry, actor, roles, place, situation.occurred_at) for place in places
    ]
    if None not in found and found[0] is not None:
        wanted, where = roles_text(roles), ", ".join(places)
        yield replace(
            found[0],
            message=f"{step.title}: {actor} is not {wanted} at a site of the therapy {attempt.therapy.coi}.",
            remedy=f"Somebody who is {wanted} at {where} decides it, at any terminal.",
        )


def role_violation(situation: Situation, staff: str, roles: frozenset[Role]) -> Violation | None:
    """Why a person may not act in any of the roles here; a courier's grant holds at every site."""
    registry, at = situation.registry, situation.occurred_at
    if Role.COURIER in roles and grant_violation(registry, staff, {Role.COURIER}, None, at) is None:
        return None
    return grant_violation(registry, staff, roles, situation.station.site, at)


def _limits(attempt: Attempt) -> Iterator[Violation]:
    for limit, start in judged_by(attempt.therapy, attempt.protocol, attempt.kind, attempt.unit):
        elapsed = attempt.situation.occurred_at - start.at
        if elapsed > limit.within:
            over = elapsed - limit.within
            seconds = over.seconds + bool(over.microseconds)
            excess = format_duration(over) if over >= timedelta(minutes=1) else f"{seconds} s"
            yield Violation(
                f"limit.{limit.name}",
                f"{limit.title}: {format_duration(limit.within)} allowed, "
                f"exceeded by {excess} (since {local(attempt.situation, start)}).",
                "Stop and call quality. If it has happened, record it outside the rules.",
                quarantines=_in_doubt(attempt, limit),
            )
        elif limit.not_before is not None and _waited(attempt, start, limit.not_before) < limit.not_before:
            yield Violation(
                "too_soon",
                f"{limit.title}: at least {format_duration(limit.not_before)} have to pass "
                f"(since {local(attempt.situation, start)}).",
                "Wait. If it has happened, record it outside the rules.",
            )


def _waited(attempt: Attempt, start: Occurrence, wanted: timedelta) -> timedelta:
    """What has passed since a limit began; for whole days by the calendar, as a label counts them."""
    if wanted % timedelta(days=1):
        return attempt.situation.occurred_at - start.at
    moments = (start.at, attempt.situation.occurred_at)
    began, ends = (one.astimezone(parse_offset(attempt.situation.offset_of(one))).date() for one in moments)
    return ends - began


def _in_doubt(attempt: Attempt, limit: Limit) -> tuple[str, ...]:
    """The unit, unless it is given as this is recorded, or what grew old is a match and not the cells."""
    of_the_patient = TO_THE_PATIENT | OF_THE_PATIENT
    if attempt.unit is None or attempt.kind in INFUSIONS or of_the_patient.issuperset(limit.starts):
        return ()
    return (attempt.unit.unit,)
