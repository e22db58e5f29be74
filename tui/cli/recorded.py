"""What was recorded, as rows of names and values for a person.

Every time is by the clocks of the site that it is about, as of a box or a right; else by the station's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from schema.entry import REGISTRY
from schema.instants import parse_instant
from schema.zones import on_clock, zone_info

if TYPE_CHECKING:
    from tracker.answers import Answer
    from tracker.tracker import Tracker

_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,12}Z")
_COMMITMENT: Final = "commitment"

Clock = Callable[[str], str]
"""Gives an instant as a person reads it there."""


def recorded_rows(tracker: Tracker, answer: Answer) -> Iterator[tuple[str, str]]:
    """What the first entry says, ids drawn by the program included, and which other chains have the like."""
    body = tracker.read.body(event_id=answer.event_id or "")
    if body is None:
        return
    statement = orjson.loads(body)["statement"]
    yield "event", _words(statement["kind"])
    yield "event id", statement["event_id"]
    clock = _clock_of(tracker, _site_of(tracker, statement))
    for name, value in statement["payload"].items():
        yield from _rows(name, value, clock)
    others = dict.fromkeys(one.chain for one in answer.entries if one.chain != statement["chain"])
    if others:
        yield "also in", ", ".join(others)


def _site_of(tracker: Tracker, statement: Mapping[str, Any]) -> str:
    """Whose clocks its times are by, as they are when the command is typed."""
    payload, registry = statement["payload"], tracker.registry
    if statement["chain"] == REGISTRY:
        box = registry.equipment(str(payload.get("equipment")))
        named = box.site if box is not None else payload.get("site")
        if isinstance(named, str) and registry.site(named) is not None:
            return named
    return str(statement["site"])


def _clock_of(tracker: Tracker, site: str) -> Clock:
    def shown(text: str) -> str:
        moment = parse_instant(text)
        there = on_clock(moment, zone_info(tracker.registry.zone_at(site, moment)))
        return f"{there:%a} {there.day} {there:%b %Y %H:%M} {there.isoformat()[-6:]}"

    return shown


def _rows(name: str, value: Any, clock: Clock) -> Iterator[tuple[str, str]]:
    """A value in one row; a list of several things in a row each."""
    if name == "patient_identifiers":
        yield _words(name), f"{len(value)} kept, as commitments"
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for place, one in enumerate(value):
            yield "" if place else _words(name), _told(one, clock)
    elif value not in ([], None):
        yield _words(name), _told(value, clock)


def _told(value: Any, clock: Clock) -> str:
    if isinstance(value, Mapping):
        if value.keys() == {_COMMITMENT}:
            return "kept where it can be erased"
        named = (f"{_words(key)} {_told(one, clock)}" for key, one in value.items() if one not in ([], None))
        return ", ".join(named)
    if isinstance(value, list):
        return ", ".join(_told(one, clock) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return clock(text) if _INSTANT.fullmatch(text) else text


def _words(name: str) -> str:
    return name.replace("_", " ")
