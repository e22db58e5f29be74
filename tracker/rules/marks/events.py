"""The marks of one event: what in it calls for attention, by its kind, values, entry and limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel

from schema.commitments import Commitment
from schema.entry import Entry
from schema.events import Payload
from schema.events.custody import HandoffAnswer, Inspected, Lapsed
from schema.events.processing import ReleasedOutOfSpecification, Tested
from schema.vocabulary import EntryMode, ReadMode
from tracker.concerns import CHECKS, Concern, is_check
from tracker.kinds import concern_of
from tracker.protocols.model import Protocol, limit_said, with_unit
from tracker.rules.checks.condition import DISPLAY, display_violations
from tracker.rules.limit_uses import ended_by, span_words
from tracker.rules.marks.values import FIELDS, SPOKEN, SPOKEN_KINDS, VALUES
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState, UnitState

LATE_AFTER: Final = timedelta(minutes=15)
"""An event recorded later than this is shown late whatever mode it declares."""

_AHEAD: Final = timedelta(seconds=1)
_ORDER: Final = {concern: place for place, concern in enumerate(Concern)}


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing about an event that calls for attention."""

    concern: Concern
    words: str

    @property
    def is_grave(self) -> bool:
        """Whether it is red wherever it is shown."""
        return CHECKS[self.concern].is_grave


Said = tuple[Concern, str]
"""A concern with a part of its words."""


def marks_of(
    entry: Entry,
    before: TherapyState | None,
    after: TherapyState | None,
    protocol: Protocol | None,
    registry: RegistryState,
) -> tuple[Mark, ...]:
    """The marks of one entry between the states of its therapy, the gravest first, each concern once."""
    parts: dict[Concern, dict[str, None]] = {}
    for concern, words in (*_said(entry, before, after, protocol), *_reset_keys(entry, registry)):
        parts.setdefault(concern, {})[words] = None
    found = (Mark(concern, ", ".join(words)) for concern, words in parts.items() if is_check(concern))
    return tuple(sorted(found, key=lambda mark: _ORDER[mark.concern]))


def is_late(entry: Entry) -> bool:
    """Whether it was recorded more than 15 minutes after it happened."""
    return entry.recorded_at - entry.statement.occurred_at > LATE_AFTER


def _said(
    entry: Entry, before: TherapyState | None, after: TherapyState | None, protocol: Protocol | None
) -> Iterator[Said]:
    statement = entry.statement
    if statement.outside_rules:
        rules = ", ".join(statement.outside_rules).replace("_", " ")
        yield Concern.OUTSIDE_RULES, f"outside rules: {rules}"
    kind = concern_of(statement.kind)
    if kind is not None:
        yield kind, _kind_words(statement.payload)
        yield from _values(statement.payload)
        yield from _clocks(entry, after)
    yield from _entered(entry)
    if before is not None and after is not None and protocol is not None:
        yield from _limits(entry, before, after, protocol)
        yield from _handoff(entry, before, protocol)
        yield from _display(statement.payload, before, protocol)


def _kind_words(payload: Payload) -> str:
    said = SPOKEN_KINDS.get(payload.kind, payload.kind.replace("_", " "))
    if isinstance(payload, ReleasedOutOfSpecification):
        return f"{said}: {', '.join(payload.failed_tests).replace('_', ' ')}"
    return said


def _values(part: BaseModel) -> Iterator[Said]:
    """What is listed of the values of an event, at any depth."""
    for owner, name in _fields(type(part)):
        value = getattr(part, name)
        row = FIELDS.get(f"{owner}.{name}")
        if row is not None and value is not None and row.when(value):
            yield row.concern, _field_words(part, row.words)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, StrEnum):
                yield VALUES[type(item)][item], SPOKEN.get(item, item.value.replace("_", " "))
            elif isinstance(item, BaseModel) and not isinstance(item, Commitment):
                yield from _values(item)


def _field_words(part: BaseModel, words: str) -> str:
    if isinstance(part, Tested):
        return f"does not meet {with_unit(limit_said(part.limit), part.unit_of_measure)}"
    return words


@lru_cache(maxsize=256)
def _fields(part: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """The fields of a payload or of a value in one, each with the class that declares it."""
    return tuple(
        (next(one.__name__ for one in part.__mro__ if name in vars(one).get("__annotations__", {})), name)
        for name in part.model_fields
    )


def _clocks(entry: Entry, after: TherapyState | None) -> Iterator[Said]:
    """Times that cannot all be right: recorded before it happened, or before the therapy began."""
    enrolled = None if after is None else after.facts.get("enrolled")
    if entry.statement.occurred_at - entry.recorded_at > _AHEAD:
        yield Concern.CLOCKS, "recorded before it happened"
    elif enrolled is not None and entry.statement.occurred_at < enrolled.at - LATE_AFTER:
        yield Concern.CLOCKS, "happened before the therapy was enrolled"


def _entered(entry: Entry) -> Iterator[Said]:
    """How and when it came into the record."""
    statement = entry.statement
    yield VALUES[EntryMode][statement.mode], statement.mode.value
    if is_late(entry):
        yield Concern.LATE, "late"
    for mode in {read.mode: None for read in statement.reads}:
        # What is on a paper form was read off it: the event says so once.
        if mode is not ReadMode.PAPER or statement.mode is not EntryMode.PAPER:
            yield VALUES[ReadMode][mode], SPOKEN.get(mode, mode.value)
    if not entry.signatures:
        yield Concern.UNSIGNED, "unsigned"


def _reset_keys(entry: Entry, registry: RegistryState) -> Iterator[Said]:
    """Signatures by whoever used a one-time code, which somebody else had issued."""
    for one in entry.signatures:
        key = registry.key(one.key)
        if key is not None and key.after_reset:
            yield Concern.RESET_KEYS, f"{one.signer} signed with a key made after a reset"


def _limits(entry: Entry, before: TherapyState, after: TherapyState, protocol: Protocol) -> Iterator[Said]:
    for use in ended_by(entry.statement, before, after, protocol):
        if use.is_exceeded:
            yield Concern.LIMITS, f"over limit: {use.title}, {use.used_words} of {use.allowed_words}"


def _handoff(entry: Entry, before: TherapyState, protocol: Protocol) -> Iterator[Said]:
    """A handoff that was answered later than the protocol expects."""
    payload = entry.statement.payload
    given = before.handoffs.get(payload.handoff) if isinstance(payload, (HandoffAnswer, Lapsed)) else None
    span = None if given is None else entry.statement.occurred_at - given.at
    if span is not None and span > protocol.handoffs.answered_within:
        yield Concern.HANDOFF_TIMES, f"{span_words(span)} between giving and taking"


def _display(payload: Payload, before: TherapyState, protocol: Protocol) -> Iterator[Said]:
    """A display that shows what units in the hand or in the box do not bear."""
    celsius = getattr(payload, DISPLAY, None)
    if celsius is not None:
        for found in display_violations(protocol, units_about(payload, before), celsius):
            yield Concern.TEMPERATURES, f"display {found.read}, allowed {found.expected}"


def units_about(payload: Any, state: TherapyState) -> tuple[UnitState, ...]:
    """The units an event is about, by its own word or by the box that it names."""
    # Most lack one of these fields, which a model takes longer to say than its mapping.
    facts = vars(payload)
    # What a manifest announces has codes of its maker, and no ids of ours.
    names = tuple(name for name in facts.get("units", ()) if isinstance(name, str))
    if isinstance(payload, Inspected):
        names = tuple(one.unit for one in payload.results)
    one = facts.get("unit")
    named = (*names, *((one,) if isinstance(one, str) else ()))
    box = facts.get("box")
    if not named and box is not None:
        return tuple(state.in_box(box))
    return tuple(unit for unit in (state.unit(name) for name in named) if unit is not None)
