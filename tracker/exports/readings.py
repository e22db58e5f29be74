"""The readings of a logger's file: each one as CSV, or the curve with what was found as PDF."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import BinaryIO

from schema.errors import InputError
from schema.instants import format_instant
from tracker.exports.files import whole_file
from tracker.exports.report.curves import reading_part
from tracker.exports.report.drawable import clean
from tracker.exports.report.lives import life_rows
from tracker.exports.report.typesetting import typeset
from tracker.readings.values import Series
from tracker.rules.registry_state import RegistryState
from tracker.views.logger_readings import LoggerReadings, TherapyReadings

COLUMNS = ("time", "celsius", "logger", "beside", "outside")


def write_readings(
    known: TherapyReadings, one: LoggerReadings, series: Series, registry: RegistryState, path: Path
) -> None:
    """Write .csv with every reading, or .pdf with what was found; raises InputError for another name."""
    if path.suffix.lower() == ".csv":
        with whole_file(path) as file:
            _csv(one, series, file)
    elif path.suffix.lower() == ".pdf":
        with whole_file(path) as file:
            file.write(_paper(known, one, registry))
    else:
        raise InputError(
            f"{path.name[:60]} is neither a CSV nor a PDF.",
            remedy="Name a file that ends in .csv or .pdf.",
            code="form_unknown",
        )


def _csv(one: LoggerReadings, series: Series, file: BinaryIO) -> None:
    """Times in UTC, degrees exactly; a cell is a number, a time or one of a few words, never a formula."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    outside = () if one.trace is None else one.trace.outside
    for at, degrees in series.points():
        beside = any(stay.since <= at < stay.until for stay in one.stays)
        is_outside = beside and any(each.began_at <= at < each.ended_at for each in outside)
        rows.writerow(
            (
                format_instant(at),
                f"{degrees.normalize():f}",
                one.said.serial,
                "yes" if beside else "no",
                "yes" if is_outside else "no" if beside else "",
            )
        )
    text.detach()


def _paper(known: TherapyReadings, one: LoggerReadings, registry: RegistryState) -> bytes:
    """The file as the report has it, then what the units beside it went through in their life."""
    beside = {each.unit for each in one.said.judged}
    job = {
        "title": f"Therapy {one.coi}: what a logger recorded",
        "purpose": registry.purpose.value,
        "origin": registry.origin,
        "at": list(one.recorded_at.timetuple()[:6]),
        "file": reading_part(one),
        "lives": [*life_rows(life for life in known.lives if life.unit in beside)],
    }
    return typeset(clean(job), {}, one.recorded_at, template="readings.typ")
