"""Which events of a trail are wanted: by site, and by the day or moment they happened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from schema.entry import Statement
from schema.errors import InputError
from schema.instants import parse_declared, parse_offset

_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Bound = date | datetime
"""A day is that of the place where the event happened; a moment is the same everywhere."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The events that are wanted; nothing given wants them all."""

    site: str | None = None
    since: Bound | None = None
    until: Bound | None = None
    """A day is taken in whole; a moment is the last one."""

    def takes(self, statement: Statement) -> bool:
        """Whether the event is wanted."""
        if self.site is not None and statement.site != self.site:
            return False
        if self.since is not None and _moment(statement, self.since) < self.since:
            return False
        return self.until is None or _moment(statement, self.until) <= self.until


def parse_bound(text: str, *, what: str) -> Bound:
    """A day, or a time with Z or an offset; raises InputError for a naive time."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise InputError(f'The day "{text}" of {what} does not exist.') from error
    return parse_declared(text)[0]


def _moment(statement: Statement, bound: Bound) -> Bound:
    """When it happened, in the kind of the bound it is compared with."""
    if isinstance(bound, datetime):
        return statement.occurred_at
    return statement.occurred_at.astimezone(parse_offset(statement.offset)).date()
