"""The time limits of a therapy as the report lists them: start, end, allowed, used, and by which event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from schema.entry import Entry
from tracker.exports.dossiers import Dossier, minute_there
from tracker.protocols.model import Protocol
from tracker.rules.clocks import SHELF_LIFE
from tracker.rules.form_state import FormStatus
from tracker.rules.limit_uses import (
    HowEnded,
    LimitUse,
    Runs,
    ended_between,
    limits_stirred,
    runs_of,
    span_words,
)
from tracker.rules.therapy_state import Occurrence, TherapyState
from tracker.views.marks import Transition

_FORM: Final = "paper_entry"


def limit_uses(dossier: Dossier, course: Sequence[Transition]) -> tuple[LimitUse, ...]:
    """Every run of every limit, shelf life and downtime form, in the order in which they began."""
    found = [*_of_protocol(dossier.protocol, course), *_shelf_lives(course), *_forms(dossier.state)]
    return tuple(sorted(found, key=lambda use: (use.started.sequence, use.title, use.unit)))


def limit_lines(dossier: Dossier, course: Sequence[Transition], at: datetime) -> Iterator[dict[str, object]]:
    """The runs that an event asked for began or ended, and, of a whole therapy, all of them."""
    entries = {one.statement.event_id: one for one in dossier.entries}
    shown = {event.entry.statement.event_id for event in dossier.events}
    for use in limit_uses(dossier, course):
        ended = use.ended.event_id if use.ended is not None else ""
        if use.started.event_id in shown or ended in shown:
            yield _line(use, entries, at)


def _line(use: LimitUse, entries: dict[str, Entry], at: datetime) -> dict[str, object]:
    start = entries.get(use.started.event_id)
    offset = "+00:00" if start is None else start.statement.offset
    end = None if use.ended is None else entries.get(use.ended.event_id)
    last = at if use.ended is None else use.ended.at
    over = last - use.due_at
    return {
        "what": use.title,
        "unit": use.unit,
        "started": _moment(use.started, start, offset),
        "ended": ""
        if use.ended is None
        else _moment(use.ended, end, end.statement.offset if end else offset),
        "due": minute_there(use.due_at, offset),
        "allowed": use.allowed_words,
        "used": span_words(last - use.started.at) + ("" if use.ended is not None else " so far"),
        "state": state_words(use, last),
        "over": span_words(over) if last > use.due_at else "",
        "source": use.source,
    }


def _moment(occurrence: Occurrence, entry: Entry | None, offset: str) -> str:
    named = "" if entry is None else f"{entry.sequence} {entry.statement.kind.replace('_', ' ')}, "
    return f"{named}{minute_there(occurrence.at, offset)}"


def state_words(use: LimitUse, last: datetime) -> str:
    """In one or two words; what is over is said beside it."""
    if last > use.due_at:
        return "RUNS, OVER" if use.ended is None else "EXCEEDED"
    return "in time" if use.how is HowEnded.ENDED else use.how.value


def _of_protocol(protocol: Protocol | None, course: Sequence[Transition]) -> Iterator[LimitUse]:
    running: Runs = {}
    for one in course if protocol is not None else ():
        if protocol is None or one.after is None:
            continue
        if not limits_stirred(one.entry.statement.kind, one.before, one.after, protocol):
            continue
        still = runs_of(one.after, protocol)
        yield from ended_between(running, still, one.entry.statement, one.after, protocol)
        running = still
    yield from running.values()


def _shelf_lives(course: Sequence[Transition]) -> Iterator[LimitUse]:
    """From the event that says until when a unit may be used to the end of the unit."""
    running: dict[str, LimitUse] = {}
    for one in course:
        statement = one.entry.statement
        now = Occurrence(statement.occurred_at, statement.event_id, one.entry.sequence, statement.actor)
        for name, unit in one.after.units.items() if one.after is not None else ():
            use = running.get(name)
            if use is not None and (unit.final is not None or unit.expires_at != use.due_at):
                how = HowEnded.WITH_UNIT if unit.final is not None else HowEnded.ANEW
                yield replace(running.pop(name), how=how, ended=now)
                use = None
            if use is None and unit.final is None and unit.expires_at is not None:
                running[name] = LimitUse(SHELF_LIFE, "Shelf life", name, now, unit.expires_at)
    yield from running.values()


def _forms(state: TherapyState | None) -> Iterator[LimitUse]:
    for form in state.forms.values() if state is not None else ():
        place = state.events.get(form.event_id) if state is not None else None
        started = Occurrence(
            form.issued_at, form.event_id, place.sequence if place is not None else 0, form.issued_by
        )
        use = LimitUse(_FORM, "Downtime form to come back", form.form, started, form.due_at)
        if form.ended_at is not None:
            how = HowEnded.ENDED if form.status is FormStatus.RETURNED else HowEnded.CLEARED
            use = replace(use, how=how, ended=Occurrence(form.ended_at, "", 0, ""))
        yield use
