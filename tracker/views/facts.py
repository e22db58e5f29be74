"""What an event says in words: each value of its payload and each code that was read, for all views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, get_args, get_type_hints

from pydantic import BaseModel

from schema.commitments import Commitment
from schema.entry import Entry, Read, Statement
from schema.events.base import (
    BoxId,
    EquipmentId,
    EventId,
    JudgedClock,
    JudgedValue,
    LocationId,
    Party,
    Payload,
    Sha256,
    Word,
)
from schema.events.processing import Tested
from schema.instants import parse_offset
from schema.measured import UNITS_SAID
from schema.vocabulary import PartyType
from tracker.local_time import offset_of
from tracker.protocols.bands import celsius_range
from tracker.protocols.model import Protocol, limit_said
from tracker.rules.checks.condition import HOLD_PASSED, OUT_OF_BAND
from tracker.rules.checks.unit import EXPIRED
from tracker.rules.limits_judged import is_broken
from tracker.rules.registry_state import RegistryState

_IN_ONE_SENTENCE: Final = "said with the others of its limit in one sentence, as people say it"

LEFT_OUT: Final[Mapping[str, str]] = {
    "Commitment.commitment": (
        "the digest in place of a value: the value itself stands there where it may be shown and is still "
        "held, otherwise that it is not shown"
    ),
    "JudgedClock.start": "the step from which the clock ran is an entry of the trail with its own line",
    **dict.fromkeys(
        (
            *("JudgedClock.rule", "JudgedClock.due"),
            *("JudgedValue.rule", "JudgedValue.value", "JudgedValue.minimum", "JudgedValue.maximum"),
        ),
        _IN_ONE_SENTENCE,
    ),
}
"""The fields of events that no view puts in words, as `Class.field`, and why; the facts as JSON have them."""

OffsetOf = Callable[[datetime], str]
"""Asks for the offset of some clocks at a moment: a time limit or a shelf life can end beyond summer time."""

SHOWN_ASIDE: Final = frozenset({"unit", "units"})
"""What an event is about stands beside its title in every view, not among its facts."""

LIMITS_JUDGED: Final = "limits_judged"
"""The field whose values are said by `judged_facts`."""

NOT_SHOWN: Final = "not shown here"

CODES: Final[Mapping[str, str]] = {
    "car_expression": "CAR expression",
    "coi": "COI",
    "coi_card": "COI card",
    "din": "DIN",
    **UNITS_SAID,
    "isbt_coi": "ISBT 128 CoI",
    "manufacturer_coi": "maker's COI",
    "qc_sample": "QC sample",
    "single_european_code": "SEC",
}
"""Codes of the record that are not said as they are written."""

NAMES: Final[Mapping[str, str]] = {
    "adopted_codes": "codes of others",
    "celsius_max": "highest temperature",
    "celsius_min": "lowest temperature",
    "destroyed_ml": "destroyed",
    "display_celsius": "display",
    "from_party": "from",
    "grams": "filled in",
    "hold_hours": "hold time",
    "infused_ml": "infused",
    "planned_ml": "planned",
    "phone_24h": "telephone, day and night",
    "relinquished": "what the giver said",
    "sha256": "SHA-256",
    "to_party": "to",
    "uris": "addresses",
    "volume_ml": "volume",
    "within_hours": "within",
}
"""Fields whose words are not simply their parts; the unit stands behind the value."""

MEASURES: Final[Mapping[str, str]] = {
    "celsius": "°C",
    "grams": "g",
    "hours": "h",
    "minutes": "min",
    "ml": "mL",
}
"""The unit that stands in a field's name, as it is written behind its value."""


class _Text(StrEnum):
    """What a text names, where that is more than itself."""

    WORD = "word"
    ENTRY = "entry"
    PLACE = "place"
    EQUIPMENT = "equipment"


_TEXTS: Final = (
    (Word, _Text.WORD),
    (EventId, _Text.ENTRY),
    (Sha256, _Text.ENTRY),
    (LocationId, _Text.PLACE),
    (BoxId, _Text.EQUIPMENT),
    (EquipmentId, _Text.EQUIPMENT),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that an event says; a list of values that have parts of their own is one fact for each."""

    name: str
    value: str
    number: int | None = None
    """Which of several under this name."""

    def __str__(self) -> str:
        number = "" if self.number is None else f" {self.number}"
        return f"{self.name}{number}: {self.value}"


@dataclass(frozen=True, slots=True)
class ReadCode:
    """One code that was compared: for which field, how it was read, and off what."""

    name: str
    code: str
    mode: str
    carrier: str
    """Empty where nobody said it."""

    def __str__(self) -> str:
        off = f" off {self.carrier}" if self.carrier else ""
        return f"{self.name} {self.code}, {self.mode}{off}"


@dataclass(frozen=True, slots=True)
class FactTeller:
    """Puts the events of one chain in words, by the names that the reader may see."""

    registry: RegistryState
    """The names of places, equipment and people; without people their staff ids stand there."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    """The sequences of the chain's entries, by event id and by statement digest."""

    opened: Mapping[str, str] = field(default_factory=dict)
    """What the reader may see of what was committed to, in words, by commitment."""

    limits: Mapping[str, str] = field(default_factory=dict)
    """What the therapy's protocol calls its time limits, by name."""

    def facts(self, entry: Entry) -> tuple[Fact, ...]:
        """What the payload says, field by field; what is not given is left out."""
        payload, clock = entry.statement.payload, clock_of(self.registry, entry.statement)
        found = tuple(
            fact
            for name in type(payload).model_fields
            if name != LIMITS_JUDGED
            for fact in self._facts(payload, name, clock)
        )
        return (*found, *judged_facts(payload, entry.statement.occurred_at, clock, self.limits))

    def reads(self, entry: Entry) -> tuple[ReadCode, ...]:
        """Each code that was compared, in words."""
        return tuple(map(self._read, entry.statement.reads))

    def _facts(self, owner: Payload, name: str, clock: OffsetOf) -> Iterator[Fact]:
        value, said = getattr(owner, name), field_words(name)
        if name in SHOWN_ASIDE and units_named(owner):
            return
        if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            told = [self._value(one, owner, name, clock) for one in value]
            if len(told) == 1:
                yield Fact(said, told[0])
            else:
                yield from (Fact(said, one, number) for number, one in enumerate(told, start=1))
        elif not _is_empty(value):
            yield Fact(said, self._value(value, owner, name, clock))

    def _value(self, value: object, owner: BaseModel, name: str, clock: OffsetOf) -> str:
        if isinstance(value, tuple):
            return ", ".join(self._value(one, owner, name, clock) for one in value)
        if isinstance(value, Party):
            return self._party(value)
        if isinstance(value, Commitment):
            return self.opened.get(value.commitment, NOT_SHOWN)
        if isinstance(value, BaseModel):
            return self._parts(value, clock)
        if isinstance(value, datetime):
            offset = clock(value)
            return f"{value.astimezone(parse_offset(offset)):%Y-%m-%d %H:%M:%S} {offset}"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, StrEnum):
            return code_words(value.value)
        if isinstance(owner, Tested) and name == "limit":
            return limit_said(str(value))
        return self._text(str(value), _meanings(type(owner)).get(name)) + _measure(name)

    def _parts(self, value: BaseModel, clock: OffsetOf) -> str:
        given = ((name, getattr(value, name)) for name in type(value).model_fields)
        return ", ".join(
            f"{field_words(name)} {self._value(part, value, name, clock)}"
            for name, part in given
            if not _is_empty(part)
        )

    def _text(self, text: str, meaning: _Text | None) -> str:
        if meaning is _Text.WORD:
            return code_words(text)
        if meaning is _Text.ENTRY:
            number = self.numbers.get(text)
            return text if number is None else f"entry {number}"
        if meaning is _Text.PLACE:
            place = self.registry.location(text)
            return text if place is None else f"{place.title} ({text})"
        if meaning is _Text.EQUIPMENT:
            thing = self.registry.equipment(text)
            return text if thing is None else f"{thing.title} ({text})"
        return text

    def _party(self, party: Party) -> str:
        if party.type is PartyType.LOCATION:
            return f"location {self._text(party.id, _Text.PLACE)}"
        named: Any = None
        if party.type is PartyType.PERSON:
            person = self.registry.person(party.id)
            named = person.name if person is not None else None
        elif party.type is PartyType.DEPARTMENT:
            department = self.registry.department(party.id)
            named = department.title if department is not None else None
        else:
            site = self.registry.site(party.id)
            named = site.title if site is not None else None
        return f"{party.type.value} {party.id if named is None else f'{named} ({party.id})'}"

    def _read(self, read: Read) -> ReadCode:
        code = read.code
        shown = code if isinstance(code, str) else self.opened.get(code.commitment, NOT_SHOWN)
        return ReadCode(field_words(read.field), shown, read.mode.value, code_words(read.carrier))


_CLOCKS: Final[Mapping[str, str]] = {EXPIRED: "Shelf life", HOLD_PASSED: "Hold time of the shipper"}
"""The clocks that no protocol names, by the rule that a step beyond them breaks."""


def clock_of(registry: RegistryState, statement: Statement) -> OffsetOf:
    """The clocks of the place of an event; for a place that nobody knows, its offset then."""
    if registry.site(statement.site) is None:
        return lambda _: statement.offset
    return offset_of(registry, statement.site)


def judged_facts(
    payload: Payload, occurred_at: datetime, clock: OffsetOf, titles: Mapping[str, str]
) -> tuple[Fact, ...]:
    """The limits that a step was judged by, each once: until when it had time, what was read and allowed.

    `titles` are what the protocol calls its time limits, by name.
    """
    found: dict[Fact, None] = {}
    for one in payload.limits_judged or ():
        if isinstance(one, JudgedClock):
            name = one.rule.removeprefix("limit.")
            title = titles.get(name) or _CLOCKS.get(name) or code_words(name).capitalize()
            kept = "passed" if is_broken(one, occurred_at) else "kept"
            offset = clock(one.due)
            due = f"{one.due.astimezone(parse_offset(offset)):%Y-%m-%d %H:%M} {offset}"
            found[Fact(title, f"until {due}, {kept}")] = None
        else:
            found[_judged_value(one, occurred_at)] = None
    return tuple(found)


def _judged_value(one: JudgedValue, occurred_at: datetime) -> Fact:
    allowed = celsius_range(one.minimum, one.maximum)
    outside = ", outside" if is_broken(one, occurred_at) else ""
    title = "Display" if one.rule == OUT_OF_BAND else code_words(one.rule).capitalize()
    return Fact(title, f"{one.value} C, allowed {allowed}{outside}")


def limit_titles(protocol: Protocol | None) -> Mapping[str, str]:
    """What a protocol calls its time limits, by name."""
    return {} if protocol is None else {one.name: one.title for one in protocol.limits}


def units_named(payload: Payload) -> tuple[str, ...]:
    """The units an event is about, as it names them itself; a manifest's units have no ids of ours yet."""
    units = getattr(payload, "units", None)
    if isinstance(units, tuple):
        return tuple(unit for unit in units if isinstance(unit, str))
    unit = getattr(payload, "unit", None)
    return (unit,) if isinstance(unit, str) else ()


def numbers_of(entries: Iterable[Entry]) -> Mapping[str, int]:
    """The sequence of each entry by what other entries name it by: its event id, its statement digest."""
    found: dict[str, int] = {}
    for entry in entries:
        found[entry.statement.event_id] = entry.sequence
        found[entry.statement.digest] = entry.sequence
    return found


def field_words(name: str) -> str:
    """The name of a field in words, without the unit that stands behind its value."""
    said = NAMES.get(name) or CODES.get(name)
    return said or " ".join(part for part in name.split("_") if part not in MEASURES) or name


def code_words(code: str) -> str:
    """A code of a closed list as words; an identifier is none and stays as it is."""
    return CODES.get(code) or code.replace("_", " ")


def _measure(name: str) -> str:
    return next((f" {unit}" for part, unit in MEASURES.items() if part in name.split("_")), "")


def _is_empty(value: object) -> bool:
    return value is None or value in ((), "")


@cache
def _meanings(owner: type[BaseModel]) -> Mapping[str, _Text]:
    """What the texts in each field of a class name, as their annotations say."""
    hints = get_type_hints(owner, include_extras=True)
    found = ((name, _meaning(hints[name])) for name in owner.model_fields)
    return {name: meaning for name, meaning in found if meaning is not None}


def _meaning(hint: object) -> _Text | None:
    for annotation, meaning in _TEXTS:
        if hint is annotation or hint == annotation:
            return meaning
    inner = (_meaning(part) for part in get_args(hint))
    return next((one for one in inner if one is not None), None)
