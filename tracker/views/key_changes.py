"""Who is told that somebody's key was made anew, or is about to be: its owner, and quality where they work.

A key made after a forgotten password is made by whoever had the one-time code; its owner and quality know
whether it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schema.instants import format_minute
from schema.vocabulary import Role
from tracker.local_time import offset_of
from tracker.rules.authority import grant_fault, grant_violation
from tracker.rules.decision import Notice
from tracker.rules.registry_state import RegistryState

TOLD_FOR: Final = timedelta(days=14)
"""Longer than most people are away."""

_TELL: Final = "If nobody asked for that, tell quality at once and have the key retired."


@dataclass(frozen=True, slots=True, order=True)
class _Change:
    """Something that happened to somebody's key."""

    at: datetime
    owner: str
    rule: str
    said: str

    def notice(self, registry: RegistryState) -> Notice:
        """What is told of it, by the clocks where the owner works."""
        site = next((one.site for one in registry.grants_of(self.owner)), "")
        when = format_minute(self.at, offset_of(registry, site)(self.at))
        person = registry.person(self.owner)
        name = self.owner if person is None else f"{person.name} ({self.owner})"
        return Notice(self.rule, self.said.format(name=name, when=when), _TELL)


def key_notices(registry: RegistryState, staff: str, now: datetime) -> tuple[Notice, ...]:
    """What this person has to be told of one-time codes and keys, the newest last."""
    found = sorted([*_codes(registry, now), *_resets(registry, now)])
    return tuple(one.notice(registry) for one in found if _told(registry, staff, one.owner, now))


def _codes(registry: RegistryState, now: datetime) -> Iterator[_Change]:
    """Codes that are out for people who have a key already."""
    for owner, code in registry.access_codes.items():
        if now < code.expires_at and registry.active_key(owner) is not None:
            said = f"{code.issuer} issued a one-time code for the key of {{name}} at {{when}}."
            yield _Change(code.issued_at, owner, "access_code_out", said)


def _resets(registry: RegistryState, now: datetime) -> Iterator[_Change]:
    """Keys that were made with one."""
    for key in registry.keys.values():
        at = key.activated_at
        if key.after_reset and at is not None and now - at < TOLD_FOR:
            said = f"The key of {{name}} was made anew at {{when}} with a one-time code by {key.issuer}."
            yield _Change(at, key.owner, "key_after_reset", said)


def _told(registry: RegistryState, staff: str, owner: str, now: datetime) -> bool:
    if staff == owner:
        return True
    sites = {one.site for one in registry.grants_of(owner) if grant_fault(one, now) is None}
    return any(grant_violation(registry, staff, {Role.QUALITY}, site, now) is None for site in sites)
