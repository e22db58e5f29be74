"""A therapy from vein to vein as a drawing: its stages, a lane for each custodian, its marks.

Between two changes a column is as wide as the logarithm of its time, so that the minutes of a handoff can be
seen beside the weeks of a manufacture; the true time is written beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import log1p
from typing import Any, Final

from schema.counting import under_a_minute
from schema.events.processing import Collected, InfusionCompleted, InfusionStopped
from tracker.acts.read_tables import stage_of
from tracker.exports.dossiers import Dossier, local
from tracker.exports.lanes import CustodyLane, lanes_of
from tracker.rules.limit_uses import span_words
from tracker.views.marks import Transition

LANES_MAX: Final = 16
"""Lanes that are drawn; of further custodians it is said how many there are."""

COLUMNS_MAX: Final = 60
"""Columns that can be told apart on paper; beyond them the shortest are drawn as one with the one before."""

_LEAST: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a moment lies between the left end (0) and the right end (1)."""

    moments: tuple[datetime, ...]
    places: tuple[float, ...]

    def __call__(self, moment: datetime) -> float:
        """Its place; a moment outside is at an end."""
        for number, (first, second) in enumerate(pairwise(self.moments)):
            if moment < second:
                part = max((moment - first) / (second - first), 0.0)
                return self.places[number] + part * (self.places[number + 1] - self.places[number])
        return 1.0


def drawing_of(dossier: Dossier, course: Sequence[Transition], at: datetime) -> dict[str, Any] | None:
    """What is drawn of one therapy; None before anybody has had a unit."""
    if not dossier.holdings:
        return None
    scale = _scale(dossier, course, at)
    lanes = [{"name": lane.holder, "bars": list(_bars(lane, at, scale))} for lane in lanes_of(dossier)]
    return {
        "title": f"from {_words(dossier, scale.moments[0])} to {_words(dossier, scale.moments[-1])}",
        "vein": _vein_to_vein(course),
        "stages": list(_stages(dossier, course, at, scale)),
        "lanes": lanes[:LANES_MAX],
        "left": max(len(lanes) - LANES_MAX, 0),
        "marks": list(_marks(dossier, scale)),
        "ticks": [
            {"at": scale(moment), "day": f"{there:%d %b}", "clock": f"{there:%H:%M}"}
            for moment in scale.moments
            for there in (_local(dossier, moment),)
        ],
        "alt": _alt(dossier, lanes),
    }


def _scale(dossier: Dossier, course: Sequence[Transition], at: datetime) -> _Scale:
    first = course[0].entry.statement.occurred_at
    ended = dossier.state is not None and not any(dossier.state.open_units())
    last = max((one.entry.statement.occurred_at for one in course), default=first)
    moments = {first, last if ended else max(at, last)}
    for holding in dossier.holdings:
        moments.add(holding.since.statement.occurred_at)
        if holding.until is not None:
            moments.add(holding.until.statement.occurred_at)
    ordered = _thinned(sorted(moment for moment in moments if moment >= first))
    places = [0.0]
    for earlier, later in pairwise(ordered):
        places.append(places[-1] + _LEAST + log1p((later - earlier).total_seconds() / 60))
    whole = places[-1] or 1.0
    return _Scale(tuple(ordered), tuple(place / whole for place in places))


def _thinned(ordered: list[datetime]) -> list[datetime]:
    """Without the ends of the shortest columns, where there are more than can be told apart."""
    while len(ordered) > COLUMNS_MAX:
        gaps = [later - earlier for earlier, later in pairwise(ordered)]
        shortest = min(range(len(gaps) - 1), key=lambda number: gaps[number])
        del ordered[shortest + 1]
    return ordered


def _bars(lane: CustodyLane, at: datetime, scale: _Scale) -> Iterator[dict[str, Any]]:
    """What a custodian had when; a span without an end goes on."""
    for span in lane.spans:
        end = at if span.until is None else span.until
        yield {
            "from": scale(span.since),
            "to": scale(end),
            "words": _shortly(end - span.since),
            "open": span.until is None,
        }


def _shortly(span: timedelta) -> str:
    """A span in one unit, for a bar that has little room; the table of custody has it in full."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return under_a_minute(span) or f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def _stages(
    dossier: Dossier, course: Sequence[Transition], at: datetime, scale: _Scale
) -> Iterator[dict[str, Any]]:
    """The stages as the board shows them, each from its first event to the first of the next."""
    titles = {one.name: one.title for one in dossier.protocol.stages} if dossier.protocol else {}
    found: list[tuple[str, datetime]] = []
    for one in course:
        if one.after is not None and dossier.protocol is not None:
            stage = stage_of(one.after, dossier.protocol)
            if not found or found[-1][0] != stage:
                found.append((stage, one.entry.statement.occurred_at))
    # Without the protocol, as where its file is gone, nobody can say which stages there were.
    ends = [*(since for _, since in found[1:]), scale.moments[-1]] if found else []
    for (stage, since), until in zip(found, ends, strict=True):
        yield {"from": scale(since), "to": scale(until), "title": titles.get(stage, stage.replace("_", " "))}


def _marks(dossier: Dossier, scale: _Scale) -> Iterator[dict[str, Any]]:
    for event in dossier.events:
        if event.marks:
            yield {
                "at": scale(event.entry.statement.occurred_at),
                "number": str(event.entry.sequence),
                "grave": any(mark.is_grave for mark in event.marks),
            }


def _vein_to_vein(course: Sequence[Transition]) -> str:
    """From the end of the first collection to the end of the last infusion; empty before that."""
    collected = [
        one.entry.statement.payload.ended_at
        for one in course
        if isinstance(one.entry.statement.payload, Collected)
    ]
    given = [
        one.entry.statement.occurred_at
        for one in course
        if isinstance(one.entry.statement.payload, (InfusionCompleted, InfusionStopped))
    ]
    return span_words(max(given) - min(collected)) if collected and given else ""


def _local(dossier: Dossier, moment: datetime) -> datetime:
    """A moment by the clocks of the event that was recorded last by then."""
    entries = [one for one in dossier.entries if one.statement.occurred_at <= moment]
    statement = max(entries or dossier.entries[:1], key=lambda one: one.statement.occurred_at).statement
    return local(moment, statement.offset)


def _words(dossier: Dossier, moment: datetime) -> str:
    there = _local(dossier, moment)
    return f"{there:%Y-%m-%d %H:%M} {there.isoformat()[-6:]}"


def _alt(dossier: Dossier, lanes: Sequence[dict[str, Any]]) -> str:
    """The drawing in words, for who cannot see it: the same as the table of custody says."""
    names = ", ".join(str(one["name"]) for one in lanes)
    return f"Who held the cells of {dossier.chain}, in this order: {names}."
