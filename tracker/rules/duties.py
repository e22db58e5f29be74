"""What is due after the infusion, by the protocol's duties: from which day, and whether it was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec import Struct

from schema.instants import parse_offset
from schema.vocabulary import Disposition
from tracker.protocols.model import Duty, Protocol
from tracker.protocols.spans import CalendarSpan
from tracker.rules.therapy_state import OutcomeState, TherapyState

OffsetOf = Callable[[datetime], str]
"""The offset of a place's clocks at a moment."""


class DueDuty(Struct, frozen=True):
    """One day of a duty."""

    duty: Duty
    due_at: datetime
    due_on: str
    """The same by the calendar of the place."""

    done: OutcomeState | None


def duties_of(therapy: TherapyState, protocol: Protocol, offset_of: OffsetOf) -> tuple[DueDuty, ...]:
    """Every day of every duty, done or not, the earliest first."""
    found = [one for duty in protocol.duties for one in _days(therapy, duty, offset_of)]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.duty.name)))


def open_duties(therapy: TherapyState, protocol: Protocol, offset_of: OffsetOf) -> tuple[DueDuty, ...]:
    """Those of which nothing was said, the earliest first."""
    return tuple(one for one in duties_of(therapy, protocol, offset_of) if one.done is None)


def told_once(therapy: TherapyState, protocol: Protocol) -> Iterator[tuple[Duty, datetime]]:
    """What is due once of cells that were out of specification, was begun and not said yet; until when."""
    said = {one.duty for one in therapy.outcomes}
    for duty in protocol.duties:
        is_open = duty.only_if is not None and duty.within is not None and duty.name not in said
        start = _start(therapy, duty) if is_open else None
        if start is not None and duty.within is not None:
            yield duty, start + duty.within


def _days(therapy: TherapyState, duty: Duty, offset_of: OffsetOf) -> Iterator[DueDuty]:
    start = _start(therapy, duty)
    if start is None:
        return
    said = {one.due_on: one for one in therapy.outcomes if one.duty == duty.name}
    ended = min((one.due_on for one in said.values() if one.result in duty.ended_by), default=None)
    for due_at in _moments(duty, start):
        due_on = due_at.astimezone(parse_offset(offset_of(due_at))).date().isoformat()
        if ended is None or due_on <= ended:
            yield DueDuty(duty, due_at, due_on, said.get(due_on))


def _start(therapy: TherapyState, duty: Duty) -> datetime | None:
    """When the step was first taken, of the therapy or of a unit that the duty is about."""
    units = [
        unit
        for unit in therapy.units.values()
        if duty.only_if is None or unit.disposition is Disposition.RELEASED_OUT_OF_SPECIFICATION
    ]
    facts = [unit.facts.get(duty.after) for unit in units]
    if duty.only_if is None:
        facts.append(therapy.facts.get(duty.after))
    return min((fact.at for fact in facts if fact is not None), default=None)


def _moments(duty: Duty, start: datetime) -> Iterator[datetime]:
    if duty.within is not None:
        yield start + duty.within
    if duty.every is None or duty.until is None:
        return
    end, count = duty.until.after(start), 1
    while True:
        # Counted from the start each time: month by month, the 31st would become the 28th for ever.
        moment = CalendarSpan(duty.every.months * count, duty.every.days * count).after(start)
        if moment > end:
            return
        yield moment
        count += 1
