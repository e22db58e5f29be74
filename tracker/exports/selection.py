"""Which events of a trail are wanted: by site, by the day or moment they happened, by shipment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from schema.entry import Entry, Statement
from schema.errors import InputError
from schema.events.custody import HandoffAnswer, Lapsed, Packed
from schema.instants import parse_offset
from tracker.concerns import CHECKS, Concern, SpeaksOf

Bound = date | datetime
"""A day is that of the place where the event happened; a moment is the same everywhere."""


@dataclass(frozen=True, slots=True)
class EventSelection:
    """The events that are wanted; nothing given wants them all."""

    site: str | None = None
    since: Bound | None = None
    until: Bound | None = None
    """A day is taken in whole; a moment is the last one."""

    shipment: str | None = None
    """The id of a shipment, or of a box for all its shipments."""

    marked: tuple[Concern, ...] = ()
    """The checks of which an event has to bear a mark; empty for events with or without."""

    only: frozenset[str] | None = None
    """The events that were found to bear one, by event id; None where none was asked for."""

    def takes(self, statement: Statement) -> bool:
        """Whether the event is wanted by where and when it happened, and by its marks."""
        if self.only is not None and statement.event_id not in self.only:
            return False
        if self.site is not None and statement.site != self.site:
            return False
        if self.since is not None and _moment(statement, self.since) < self.since:
            return False
        return self.until is None or _moment(statement, self.until) <= self.until

    def among(self, entries: Sequence[Entry]) -> Callable[[Statement], bool]:
        """Whether an event of this chain is wanted; its entries from the first say what was in which box."""
        if self.shipment is None:
            return self.takes
        shipped = shipped_in(entries, self.shipment)
        return lambda statement: statement.event_id in shipped and self.takes(statement)


EVERYTHING: Final = EventSelection()

ANY_MARK: Final = "gap"
"""For every check that speaks of single events."""

MARKS: Final[Mapping[str, Concern]] = MappingProxyType(
    {
        # An event is one mix-up; the check counts them.
        "mixup" if concern is Concern.MIXUPS else concern.value: concern
        for concern, row in CHECKS.items()
        if row.speaks_of is SpeaksOf.SELECTION
    }
)
"""What `--marked` takes, beside `ANY_MARK`: the checks of page one that are marks of events."""


def parse_marked(text: str) -> tuple[Concern, ...]:
    """A choice such as `outside_rules,mixup`; raises InputError for an unknown word or none."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    unknown = next((word for word in words if word not in (*MARKS, ANY_MARK)), None)
    if unknown is not None or not words:
        raise InputError(
            f"{(unknown or text)[:40]!r} is no mark of an event.",
            remedy=f"Take some of {ANY_MARK} (any of them), {', '.join(MARKS)}.",
            code="unknown_mark",
        )
    chosen = MARKS.values() if ANY_MARK in words else [MARKS[word] for word in words]
    return tuple(dict.fromkeys(chosen))


def shipped_in(entries: Sequence[Entry], shipment: str) -> frozenset[str]:
    """The events about one shipment, from packing to unpacking; of a box, about each of its shipments.

    A box serves many shipments: what is said of it belongs to the one that was packed into it last.
    """
    found: set[str] = set()
    packed: dict[str, Packed] = {}
    for entry in entries:
        statement, payload = entry.statement, entry.statement.payload
        if isinstance(payload, Packed):
            packed[payload.box] = payload
        now = packed.get(str(payload.to_json().get("box", "")))
        if (isinstance(payload, (HandoffAnswer, Lapsed)) and payload.handoff in found) or (
            now is not None and shipment in (now.shipment, now.box)
        ):
            found.add(statement.event_id)
    return frozenset(found)


def _moment(statement: Statement, bound: Bound) -> Bound:
    """When it happened, in the kind of the bound it is compared with."""
    if isinstance(bound, datetime):
        return statement.occurred_at
    return statement.occurred_at.astimezone(parse_offset(statement.offset)).date()
