"""What loggers recorded, on paper: the curve of each file as a drawing, and each unit as it was judged.

Nothing that a person wrote into a logger reaches the report: numbers and times alone are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from schema.counting import lasting
from schema.events.conditions import JudgedUnit
from schema.vocabulary import ExposureVerdict, KnownFrom
from tracker.exports.dossiers import Dossier, minute_there
from tracker.protocols.bands import celsius_range
from tracker.rules.limit_uses import span_words
from tracker.views.logger_readings import LoggerReadings, readings_in

DEGREES: Final = (1, 2, 5, 10, 20, 50, 100)
HOURS: Final = (1, 2, 3, 6, 12, 24, 48, 120, 240)
LABELS_MAX: Final = 8
"""Times below a curve, and degrees beside it."""

_GRAVE: Final = frozenset({ExposureVerdict.OUTSIDE, ExposureVerdict.NOT_JUDGEABLE})


def reading_parts(dossier: Dossier) -> Iterator[dict[str, Any]]:
    """A part for each file of which the recording was asked for, in order of time."""
    if dossier.state is None:
        return
    wanted = {event.entry.statement.event_id for event in dossier.events}
    files = readings_in(dossier.registry, dossier.state, dossier.entries, dossier.openings, dossier.kept_file)
    for one in reversed(files):
        if one.event_id in wanted:
            yield reading_part(one)


def reading_part(one: LoggerReadings) -> dict[str, Any]:
    """One file by the clocks of the site that read it: what it says, its curve, how each unit was judged."""
    said, offset = one.said, one.offset
    digest = "erased" if one.sha256 is None else one.sha256
    clock = "in the file" if said.clock_from is KnownFrom.IN_FILE else "as it was said"
    return {
        "title": f"Readings of the logger {said.serial}, {_of(one)}",
        "facts": [
            ["Box" if said.location is None else "Place", f"{one.where} ({said.box or said.location})"],
            *_place(one),
            ["File", f"{one.file_title}, SHA-256 {digest}"],
            ["Clock", f"{said.clock_offset}, {clock}"],
            ["Readings", f"{said.readings}, every {span_words(timedelta(seconds=said.interval_s))}"],
            [
                "Measured",
                f"{said.celsius_min} to {said.celsius_max} \u00b0C, mean {said.celsius_mean} \u00b0C",
            ],
            *(
                ["Judged", f"{minute_there(each.since, offset)} to {minute_there(each.until, offset)}"]
                for each in one.stays
            ),
        ],
        "curve": None if one.trace is None or not one.stays else _curve(one, offset),
        "missing": _missing(one),
        "judged": [_judged(each) for each in said.judged],
        "assessed": [_assessed(one, number) for number in range(len(one.excursions))],
    }


def _of(one: LoggerReadings) -> str:
    return one.where if one.said.shipment is None else f"shipment {one.said.shipment}"


def _place(one: LoggerReadings) -> Iterator[list[str]]:
    """How a place kept what it is to keep, whatever the cells in it bear."""
    found = one.said.place
    if found is not None:
        kept = celsius_range(found.celsius_min, found.celsius_max)
        peak = "" if found.peak_celsius is None else f", {found.peak_celsius} \u00b0C"
        yield ["It is to keep", f"{kept}; outside for {lasting(found.outside_s)}{peak}"]


def _missing(one: LoggerReadings) -> str:
    if one.trace is not None:
        return ""
    if one.sha256 is None:
        return "The file was erased with the patient's data: there is no curve. What was found stays."
    return "The file is not at hand here: there is no curve."


def _judged(one: JudgedUnit) -> dict[str, Any]:
    low, high = one.celsius_min, one.celsius_max
    words = {
        (True, True): f"{low} to {high}",
        (True, False): f"at least {low}",
        (False, True): f"at most {high}",
    }
    return {
        "unit": one.unit,
        "band": words.get((low is not None, high is not None), "none"),
        "outside": f"{lasting(one.outside_s)} in {one.excursions}",
        "longest": f"{lasting(one.longest_s)} of {lasting(one.allowed_s)}",
        "unknown": lasting(one.unknown_s),
        "peak": "-" if one.peak_celsius is None else one.peak_celsius,
        "verdict": one.verdict.value.replace("_", " "),
        "grave": one.verdict in _GRAVE,
    }


def _assessed(one: LoggerReadings, number: int) -> str:
    found, state = one.excursions[number].found, one.excursions[number].state
    said = "not assessed yet" if state.decision is None else state.decision.value.replace("_", " ")
    return f"Excursion of {', '.join(found.units)}: {said}."


def _curve(one: LoggerReadings, offset: str) -> dict[str, Any]:
    """The drawing in parts of its width and height, from the left and from above."""
    since, until = one.stays[0].since, max(one.stays[-1].until, one.stays[0].since + timedelta(minutes=1))
    runs = one.trace.runs if one.trace is not None else ()
    found = [point.celsius for run in runs for point in run] + [float(bound) for bound in one.bounds]
    low, high = min(found, default=0.0), max(found, default=1.0)
    room = max((high - low) * 0.08, 0.5)
    low, high = low - room, high + room

    def across(moment: datetime) -> float:
        return min(max((moment - since) / (until - since), 0.0), 1.0)

    def down(celsius: float) -> float:
        return (high - celsius) / (high - low)

    step = next((one for one in DEGREES if (high - low) / one <= LABELS_MAX), DEGREES[-1])
    marks = [number * step for number in range(int(low // step) + 1, int(high // step) + 1)]
    trace = one.trace
    return {
        "runs": [[[across(point.at), down(point.celsius)] for point in run] for run in runs],
        "limits": [
            {"at": down(float(Decimal(bound))), "words": f"{bound} \u00b0C limit"} for bound in one.bounds
        ],
        "degrees": [{"at": down(mark), "words": str(mark)} for mark in marks],
        "ticks": [{"at": across(at), "words": minute_there(at, offset)[5:16]} for at in _ticks(since, until)],
        "outside": [[across(each.began_at), across(each.ended_at)] for each in trace.outside]
        if trace
        else [],
        "unknown": [[across(each.since), across(each.until)] for each in trace.unknown] if trace else [],
        "held": [
            {"from": across(each.since), "to": across(each.until), "name": each.holder} for each in one.held
        ],
    }


def _ticks(since: datetime, until: datetime) -> Iterator[datetime]:
    """Whole hours, as many as can be read."""
    hours = (until - since) / timedelta(hours=1)
    step = timedelta(hours=next((one for one in HOURS if hours / one <= LABELS_MAX), HOURS[-1]))
    moment = since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while moment < until:
        yield moment
        moment += step
