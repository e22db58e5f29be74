"""The readings of a logger's file, as a table of its own: each one, and whether cells bore it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from labels.papers.tables import PaperTable, TablesPaper, tables_pdf
from schema.errors import InputError
from schema.instants import format_instant
from tracker.exports.files import whole_file
from tracker.readings.values import Series
from tracker.rules.limit_uses import span_words
from tracker.rules.registry_state import RegistryState
from tracker.views.logger_readings import LoggerReadings

COLUMNS = ("time", "celsius", "logger", "beside", "outside")


def write_readings(one: LoggerReadings, series: Series, registry: RegistryState, path: Path) -> None:
    """Write .csv with every reading, or .pdf with what was found; raises InputError for another name."""
    if path.suffix.lower() == ".csv":
        with whole_file(path) as file:
            _csv(one, series, file)
    elif path.suffix.lower() == ".pdf":
        with whole_file(path) as file:
            file.write(tables_pdf(_paper(one, registry)))
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


def _paper(one: LoggerReadings, registry: RegistryState) -> TablesPaper:
    said = one.said
    judged = tuple(
        (
            each.unit,
            " to ".join(text for text in (each.celsius_min, each.celsius_max) if text is not None) or "none",
            f"{-(-each.outside_s // 60)} min in {each.excursions}",
            f"{-(-each.unknown_s // 60)} min",
            each.peak_celsius or "",
            each.verdict.value.replace("_", " "),
        )
        for each in said.judged
    )
    return TablesPaper(
        purpose=registry.purpose,
        origin=registry.origin,
        title=f"Readings of the logger {said.serial}",
        heading=f"{one.where}, {format_instant(said.first_at)} to {format_instant(said.last_at)}",
        tables=(
            PaperTable("The file", ("What", "Value"), tuple(_facts(one)), "Nothing is known of it."),
            PaperTable(
                "Judged",
                ("Unit", "Band, C", "Outside", "Unknown", "Peak, C", "Verdict"),
                judged,
                "Nothing was beside it.",
            ),
        ),
    )


def _facts(one: LoggerReadings) -> Iterator[tuple[str, str]]:
    said = one.said
    yield "Therapy", one.coi
    yield "Where", f"{one.where} ({said.box or said.location})"
    if said.shipment is not None:
        yield "Shipment", said.shipment
    yield "File", f"{one.file_title}, SHA-256 {one.sha256 or 'erased'}"
    yield "Measured", f"{said.celsius_min} to {said.celsius_max} C, mean {said.celsius_mean} C"
    yield "Readings", f"{said.readings}, clock {said.clock_offset}"
    for each in one.stays:
        lasted = span_words(each.until - each.since)
        yield "Beside it", f"{format_instant(each.since)} to {format_instant(each.until)} ({lasted})"
    for excursion in one.excursions:
        decision = "not assessed yet" if excursion.state.decision is None else excursion.state.decision.value
        yield "Excursion", f"{', '.join(excursion.found.units)}: {decision.replace('_', ' ')}"
