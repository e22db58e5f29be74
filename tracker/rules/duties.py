"""What is due afterwards: the duties of the protocol, and results that a release did not wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from msgspec import Struct

from schema.events.processing import Released, Tested
from schema.instants import parse_offset
from schema.vocabulary import Disposition, Role
from tracker.protocols.model import Duty, Protocol
from tracker.protocols.spans import CalendarSpan
from tracker.rules.results import late_tests, released_at
from tracker.rules.therapy_state import OutcomeState, TherapyState

CALLS_BEFORE: Final = timedelta(days=7)
"""For how long before its time a duty calls at most; a short one for a fifth of its time."""

_DAY: Final = timedelta(days=1)
_APART: Final = 3 * _DAY
"""Days of a duty that are so far apart are told from each other in every zone."""

OffsetOf = Callable[[datetime], str]
"""The offset of a place's clocks at a moment."""


class DueDuty(Struct, frozen=True):
    """One day of a duty."""

    duty: Duty
    calls_at: datetime
    """From when on it calls for somebody."""

    due_at: datetime
    due_on: str
    """The same by the calendar of the place."""

    done: OutcomeState | None
    site: str
    """Where it is done: where the cells were given, or made."""

    is_result: bool = False
    """Whether it is the result of a test that no release waited for, and is recorded as such."""


def duties_of(therapy: TherapyState, protocol: Protocol, offset_of: OffsetOf) -> tuple[DueDuty, ...]:
    """Every day of every duty, done or not, the earliest first."""
    found = [one for duty in protocol.duties for one in _days(therapy, duty, offset_of)]
    found += _results(therapy, protocol, offset_of)
    return tuple(sorted(found, key=lambda one: (one.due_at, one.duty.name)))


def open_duties(therapy: TherapyState, protocol: Protocol, offset_of: OffsetOf) -> tuple[DueDuty, ...]:
    """Those of which nothing was said, the earliest first."""
    return tuple(one for one in duties_of(therapy, protocol, offset_of) if one.done is None)


def next_duties(therapy: TherapyState, protocol: Protocol, offset_of: OffsetOf) -> tuple[DueDuty, ...]:
    """The earliest open day of each duty: who answers it, answers the later ones after it."""
    found: dict[str, DueDuty] = {}
    for one in open_duties(therapy, protocol, offset_of):
        found.setdefault(one.duty.name, one)
    return tuple(found.values())


def calls_from(therapy: TherapyState, protocol: Protocol) -> datetime | None:
    """From when on a duty calls, without the clocks of its place: never later than the first open one.

    Which day was answered is told by the calendar of the place, which can be a day off that of UTC.
    """
    found = [_calls_from(therapy, duty) for duty in protocol.duties]
    found += [_calls_at(start, due_at) for _, start, due_at in _late(therapy, protocol)]
    return min(filter(None, found), default=None)


def _calls_from(therapy: TherapyState, duty: Duty) -> datetime | None:
    start = _start(therapy, duty)
    if start is None:
        return None
    moments = list(_moments(duty, start))
    said = {date.fromisoformat(day): one for day, one in _said(therapy, duty).items()}
    if len(said) >= len(moments):
        return None
    ended = min((day for day, one in said.items() if one.result in duty.ended_by), default=date.max)
    is_rare = all(later - earlier >= _APART for earlier, later in pairwise(moments))
    for before, due_at in pairwise((start, *moments)):
        day = due_at.astimezone(UTC).date()
        possible = {day - _DAY, day, day + _DAY}
        is_answered = bool(possible & said.keys()) if is_rare else possible <= said.keys()
        if not is_answered and min(possible) <= ended:
            return _calls_at(before, due_at)
    return None


def _calls_at(before: datetime, due_at: datetime) -> datetime:
    return due_at - min((due_at - before) / 5, CALLS_BEFORE)


def _said(therapy: TherapyState, duty: Duty) -> Mapping[str, OutcomeState]:
    return {one.due_on: one for one in therapy.outcomes if one.duty == duty.name}


def _days(therapy: TherapyState, duty: Duty, offset_of: OffsetOf) -> Iterator[DueDuty]:
    start = _start(therapy, duty)
    if start is None:
        return
    said = _said(therapy, duty)
    ended = min((one.due_on for one in said.values() if one.result in duty.ended_by), default=None)
    for before, due_at in pairwise((start, *_moments(duty, start))):
        due_on = due_at.astimezone(parse_offset(offset_of(due_at))).date().isoformat()
        if ended is None or due_on <= ended:
            calls_at, where = _calls_at(before, due_at), therapy.sites.treatment
            yield DueDuty(duty, calls_at, due_at, due_on, said.get(due_on), where)


def _results(therapy: TherapyState, protocol: Protocol, offset_of: OffsetOf) -> Iterator[DueDuty]:
    """The results that are still to come of what was released; one that is there is no duty any more."""
    for duty, start, due_at in _late(therapy, protocol):
        due_on = due_at.astimezone(parse_offset(offset_of(due_at))).date().isoformat()
        where = therapy.sites.manufacturing
        yield DueDuty(duty, _calls_at(start, due_at), due_at, due_on, None, where, is_result=True)


def _late(therapy: TherapyState, protocol: Protocol) -> Iterator[tuple[Duty, datetime, datetime]]:
    step = protocol.step(Tested.kind, None)
    for attempt in sorted({unit.attempt for unit in therapy.units.values() if unit.attempt}):
        release = released_at(therapy, attempt)
        for test in late_tests(therapy, attempt, protocol) if release is not None else ():
            if release is None or test.due_after is None:
                continue
            duty = Duty.model_construct(  # of values that the test was checked with
                name=test.code,
                title=test.title,
                after=Released.kind,
                within=test.due_after,
                roles=(Role.QUALITY,) if step is None else step.roles,
                results=test.words or ("number",),
                source=test.source,
            )
            yield duty, release.at, release.at + test.due_after


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
