"""How much of a time limit was used: what started it, what ended it, and whether that was in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from schema.counting import under_a_minute
from schema.entry import Statement
from tracker.protocols.model import Limit, Protocol
from tracker.protocols.spans import format_duration
from tracker.rules.clocks import SHELF_LIFE, running_limits
from tracker.rules.therapy_state import Occurrence, TherapyState, UnitState


class HowEnded(Enum):
    """Why a limit runs no longer; the value as words."""

    RUNS = "runs"
    ENDED = "ended"
    """By the step until which it runs."""

    CLEARED = "stopped, not met"
    """By a step that stops it, such as putting back into storage."""

    ANEW = "started again"
    """The step that starts it was taken once more."""

    WITH_UNIT = "the unit ended"


@dataclass(frozen=True, slots=True)
class LimitUse:
    """One run of a limit for one unit."""

    name: str
    title: str
    unit: str
    started: Occurrence
    due_at: datetime
    how: HowEnded = HowEnded.RUNS
    ended: Occurrence | None = None
    source: str = ""

    @property
    def allowed(self) -> timedelta:
        """From its start until it is due."""
        return self.due_at - self.started.at

    @property
    def used(self) -> timedelta | None:
        """From its start to its end; None while it runs."""
        return None if self.ended is None else max(self.ended.at - self.started.at, timedelta(0))

    @property
    def is_exceeded(self) -> bool:
        """Whether it ended later than it was due."""
        return self.ended is not None and self.ended.at > self.due_at

    @property
    def used_words(self) -> str:
        """How long it ran; empty while it runs."""
        return "" if self.used is None else span_words(self.used)

    @property
    def allowed_words(self) -> str:
        """How long it may run."""
        return format_duration(self.allowed) if self.name != SHELF_LIFE else span_words(self.allowed)


_DAY: Final = timedelta(days=1)


def span_words(span: timedelta) -> str:
    """A span as people read it: seconds, minutes, hours and minutes, or days and hours."""
    if seconds := under_a_minute(span):
        return seconds
    total = int(span.total_seconds() // 60)
    if total < 120:
        return f"{total} min"
    hours, minutes = divmod(total, 60)
    if span < 2 * _DAY:
        return f"{hours} h {minutes:02} min"
    return f"{hours // 24} d {hours % 24} h" if hours % 24 else f"{hours // 24} d"


Runs = dict[tuple[str, str], LimitUse]
"""The runs of a state by limit and unit."""


def runs_of(state: TherapyState, protocol: Protocol) -> Runs:
    """The limits of the protocol that run for the units."""
    found: Runs = {}
    for unit in state.open_units():
        for limit, start in running_limits(state, protocol, unit):
            found[limit.name, unit.unit] = LimitUse(
                limit.name, limit.title, unit.unit, start, start.at + limit.within, source=limit.source
            )
    return found


def limits_stirred(kind: str, before: TherapyState | None, after: TherapyState, protocol: Protocol) -> bool:
    """Whether an event of a kind can have started or ended a limit of the protocol."""
    if before is None or before.units.keys() != after.units.keys():
        return True
    ended = len([*before.open_units()]) > len([*after.open_units()])
    return ended or any(_has_part(limit, kind) for limit in protocol.limits)


def ended_by(
    statement: Statement, before: TherapyState, after: TherapyState, protocol: Protocol
) -> Iterator[LimitUse]:
    """The runs that an event ended, between the states before and after it."""
    if limits_stirred(statement.kind, before, after, protocol):
        running, still = runs_of(before, protocol), runs_of(after, protocol)
        yield from ended_between(running, still, statement, after, protocol)


def ended_between(
    running: Runs, still: Runs, statement: Statement, after: TherapyState, protocol: Protocol
) -> Iterator[LimitUse]:
    """The runs of the state before an event that do not go on after it."""
    end = Occurrence(statement.occurred_at, statement.event_id, after.sequence, statement.actor)
    limits = {limit.name: limit for limit in protocol.limits}
    for key, use in running.items():
        goes_on = still.get(key)
        if goes_on is None or goes_on.started.event_id != use.started.event_id:
            unit = after.unit(use.unit)
            yield replace(use, how=_how(limits.get(use.name), statement.kind, unit, goes_on), ended=end)


def _how(limit: Limit | None, kind: str, unit: UnitState | None, goes_on: LimitUse | None) -> HowEnded:
    if limit is not None and kind in limit.ends:
        return HowEnded.ENDED
    if goes_on is not None:
        return HowEnded.ANEW
    if limit is not None and kind in limit.cleared_by:
        return HowEnded.CLEARED
    return HowEnded.WITH_UNIT if unit is None or unit.final is not None else HowEnded.ENDED


def _has_part(limit: Limit, kind: str) -> bool:
    return limit.inherit or kind in (*limit.starts, *limit.ends, *limit.cleared_by)
