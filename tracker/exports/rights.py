"""Who held which right on a day, with training, keys and resets: what inspectors ask for (21 CFR 11.10(d)).

A right was held on a day when its grant counted at any moment of it: what ended that day is in the list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Final

from schema.instants import format_minute
from tracker.exports.csvs import BYTE_ORDER_MARK, guarded
from tracker.local_time import offset_of
from tracker.rules.registry_state import Grant, Key, RegistryState


@dataclass(frozen=True, slots=True)
class RightsLine:
    """One role of one person at one site; times as the clocks of the site show them, empty for none."""

    staff: str
    name: str
    role: str
    site: str
    valid_from: str
    valid_until: str
    training: str
    training_until: str
    granted_by: str
    state: str
    """`held`, or what had ended by the end of the day."""

    key: str
    """Since when the person signs with which key, and whether it was made after a reset."""

    resets: int
    """How many keys were made after a forgotten password, until then."""

    grant: str
    """The event that gave it."""


COLUMNS: Final = tuple(field.name for field in fields(RightsLine))


@dataclass(frozen=True, slots=True)
class RightsList:
    """The lines of a day, and what a reader has to know of the list."""

    day: date
    lines: tuple[RightsLine, ...]
    registry_sequence: int
    """The last entry of the registry that was known then."""

    last_review: str
    """When quality last reviewed rights, by then; that nobody did, else."""

    def to_csv(self) -> bytes:
        """RFC 4180, UTF-8 with a byte order mark, no cell a formula."""
        out = io.StringIO(newline="")
        out.write(BYTE_ORDER_MARK)
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for line in self.lines:
            writer.writerow([guarded(str(getattr(line, name))) for name in COLUMNS])
        return out.getvalue().encode()

    def records(self) -> Iterator[Mapping[str, Any]]:
        """The lines for a table or JSON."""
        for line in self.lines:
            yield {name: getattr(line, name) for name in COLUMNS}


@dataclass(frozen=True, slots=True)
class WholeDay:
    """A day by the clocks of a place, from its first moment to that after its last."""

    day: date
    begun: datetime
    until: datetime


def rights_on(one: WholeDay, before: RegistryState, after: RegistryState) -> RightsList:
    """The rights of a day from the registry as it was at its beginning and at its end, or until now."""
    revoked = {grant.event_id for given in before.grants.values() for grant in given if grant.revoked}
    lines = [
        _line(after, grant, one.until)
        for given in after.grants.values()
        for grant in given
        if grant.event_id not in revoked
        and grant.valid_from < one.until
        and (grant.valid_until is None or grant.valid_until > one.begun)
        and _was_active(before, after, grant.staff)
    ]
    lines.sort(key=lambda line: (line.site, line.staff, line.role, line.grant))
    return RightsList(one.day, tuple(lines), after.sequence, _last_review(after))


def ending_within(registry: RegistryState, now: datetime, span: timedelta) -> Sequence[Grant]:
    """The grants that end, or whose training ends, within a time from now, the first to end first."""
    found = [
        (end, grant.event_id, grant)
        for given in registry.grants.values()
        for grant in given
        for end in [_end_of(grant)]
        if end is not None and now < end <= now + span and not grant.revoked
        if registry.people[grant.staff].active
    ]
    return [grant for _, _, grant in sorted(found, key=lambda one: one[:2])]


def _end_of(grant: Grant) -> datetime | None:
    return min(
        (end for end in (grant.valid_until, grant.training_expires_at) if end is not None), default=None
    )


def _was_active(before: RegistryState, after: RegistryState, staff: str) -> bool:
    """Whether somebody was active at the beginning or at the end of the day, or joined on it."""
    first, last = before.person(staff), after.person(staff)
    return (last is not None and last.active) or (first is not None and first.active)


def _line(registry: RegistryState, grant: Grant, until: datetime) -> RightsLine:
    person = registry.people[grant.staff]
    keys = [one for one in registry.keys.values() if one.owner == grant.staff]
    return RightsLine(
        staff=grant.staff,
        name=person.name,
        role=grant.role.value,
        site=grant.site,
        valid_from=_when(registry, grant.site, grant.valid_from),
        valid_until=_when(registry, grant.site, grant.valid_until),
        training=grant.training_reference,
        training_until=_when(registry, grant.site, grant.training_expires_at),
        granted_by=grant.granted_by,
        state=_state(grant, until, is_active=person.active),
        key=_key_words(registry, grant.site, registry.active_key(grant.staff)),
        resets=sum(one.after_reset for one in keys),
        grant=grant.event_id,
    )


def _state(grant: Grant, until: datetime, *, is_active: bool) -> str:
    """The last moment of the day counts: what ended on it was held on it."""
    if not is_active:
        return "person deactivated that day"
    if grant.revoked:
        return "revoked that day"
    if grant.valid_until is not None and grant.valid_until <= until:
        return "ended that day"
    if grant.training_expires_at is not None and grant.training_expires_at <= until:
        return "training expired"
    return "held"


def _key_words(registry: RegistryState, site: str, key: Key | None) -> str:
    if key is None:
        return "no key"
    since = _when(registry, site, key.activated_at)
    return f"since {since}" + (f", after a reset, code by {key.issuer}" if key.after_reset else "")


def _when(registry: RegistryState, site: str, at: datetime | None) -> str:
    return "" if at is None else format_minute(at, offset_of(registry, site)(at))


def _last_review(registry: RegistryState) -> str:
    review = registry.rights_review
    if review is None:
        return "Nobody has reviewed the rights."
    at = _when(registry, "", review.at)
    return f"Last reviewed at {at} by {review.reviewer}: {review.outcome.value.replace('_', ' ')}."
