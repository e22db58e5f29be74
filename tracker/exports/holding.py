"""Who held what at a moment: the answer with the entry it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from typing import Final

from schema.errors import InputError
from schema.instants import parse_declared
from tracker.exports.dossiers import Dossier, Spell

_CLOCK: Final = re.compile(r"(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d?):(\d\d)(?::(\d\d))?")


@dataclass(frozen=True, slots=True)
class Held:
    """One unit at that moment."""

    spell: Spell
    since: datetime
    sequence: int
    """The entry that says so."""


def held_at(dossier: Dossier, moment: datetime) -> tuple[Held, ...]:
    """Who held each unit then, by what the entries declare to have happened when."""
    return tuple(_held(dossier, moment))


def moment_of(text: str, *, day: date, zone: timezone) -> datetime:
    """A time as an auditor asks: `14:05` of a day, `2026-11-23 14:05` by the site's clock, or with an offset.

    Raises InputError for anything else.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return parse_declared(text.strip())[0]
    named, hour, minute, second = found.groups()
    try:
        on = day if named is None else date.fromisoformat(named)
        return datetime.combine(on, time(int(hour), int(minute), int(second or 0)), zone)
    except ValueError as error:
        raise InputError(f"The time {text[:40]} does not exist.", remedy="Type it as 14:05.") from error


def _held(dossier: Dossier, moment: datetime) -> Iterator[Held]:
    for spell in dossier.spells:
        since = spell.since.statement.occurred_at
        until = None if spell.until is None else spell.until.statement.occurred_at
        if since <= moment and (until is None or moment < until):
            yield Held(spell, since, spell.since.sequence)
