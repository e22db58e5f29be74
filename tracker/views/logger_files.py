"""A logger's file as it would be judged for a shipment; nothing is written."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from schema.instants import format_offset
from schema.vocabulary import DayOrder, ExposureVerdict, TemperatureUnit
from tracker.acts.mentions import naming
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.readings.reading import read
from tracker.readings.values import FORMAT_TITLES, Declared, Series
from tracker.readings.zones import with_zone
from tracker.rules.registry_state import RegistryState
from tracker.therapy.conditions.judging import JudgedStay, judged_stay, stays_in
from tracker.therapy.conditions.logger_file import packed_file


@dataclass(frozen=True, slots=True)
class SaidOfFile:
    """What a person says of a logger's file because it does not say it itself."""

    zone: str | None = None
    """`+01:00`, `Z`, or a zone by its name."""

    unit: TemperatureUnit | None = None
    serial: str | None = None
    dates: DayOrder | None = None
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """One unit of the shipment, and what the readings say of it."""

    coi: str
    unit: str
    material: str
    verdict: ExposureVerdict
    allowed: str
    """Its band in words; empty where its protocol has none."""

    outside_s: int
    longest_s: int
    unknown_s: int
    peak_celsius: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoggerFileView:
    """What is in a file, and what it says of each unit that was beside the logger."""

    shipment: str
    title: str
    """Of the program or logger that wrote it."""

    serial: str
    logger: str | None
    """The logger that was packed with the shipment, by its title; None where nothing is known of it."""

    is_its: bool
    """Whether the file is of that logger."""

    offset: str
    """Of the logger's clock, as it is declared with the file; empty where each time has its own."""

    first_at: datetime
    last_at: datetime
    readings: int
    interval_s: int
    lowest: str
    highest: str
    mean: str
    packed: str
    """The file as a request carries it."""

    zone: str | None
    """The offset as a request says it; None where the file does."""

    units: tuple[JudgedLine, ...]


def logger_file(
    transaction: Transaction,
    memory: StateCache,
    registry: RegistryState,
    protocol_of: Callable[[str], Protocol | None],
    content: bytes,
    shipment: str,
    said: SaidOfFile,
    now: datetime,
) -> LoggerFileView:
    """What would be recorded of a file; raises InputError as the record would."""
    declared = Declared(None, said.unit, said.serial, said.dates, said.channel)
    if said.zone is not None:
        declared = with_zone(io.BytesIO(content), declared, said.zone, now)
    _, series = read(io.BytesIO(content), declared, now)
    lines: list[JudgedLine] = []
    loggers: set[str] = set()
    for row in naming(transaction, f"shipment:{shipment}"):
        known = memory.therapy(transaction, row.chain)
        protocol = None if known is None else protocol_of(known.state.protocol.sha256)
        if known is None or protocol is None:
            continue
        for unit, stays in stays_in(known.state, shipment):
            loggers |= {one.data_logger for one in stays if one.data_logger is not None}
            found = judged_stay(protocol, unit, stays, series)
            lines.append(_line(known.state.coi, unit.material.value, found))
    logger = registry.equipment(next(iter(sorted(loggers)), ""))
    named = None if logger is None else (logger.title, logger.serial)
    return _view(shipment, series, content, declared, tuple(lines), named)


def _line(coi: str, material: str, found: JudgedStay) -> JudgedLine:
    said, bounds = found.recorded(), found.bounds
    words = ""
    if bounds is not None:
        low, high = said.celsius_min, said.celsius_max
        words = f"{low} to {high} C" if low and high else f"up to {high} C" if high else f"from {low} C"
    return JudgedLine(
        coi,
        found.unit,
        material,
        found.verdict,
        words,
        said.outside_s,
        said.longest_s,
        said.unknown_s,
        said.peak_celsius,
        found.rules,
    )


def _view(
    shipment: str,
    series: Series,
    content: bytes,
    declared: Declared,
    lines: tuple[JudgedLine, ...],
    logger: tuple[str, str | None] | None,
) -> LoggerFileView:
    zone = None if declared.offset is None else format_offset(declared.offset)
    return LoggerFileView(
        shipment,
        FORMAT_TITLES[series.file_format],
        series.serial,
        None if logger is None else logger[0],
        logger is not None and logger[1] == series.serial,
        format_offset(series.offset),
        series.first_at,
        series.last_at,
        len(series),
        int(series.interval.total_seconds()),
        series.lowest,
        series.highest,
        series.mean,
        packed_file(content),
        zone,
        tuple(sorted(lines, key=lambda one: (one.coi, one.unit))),
    )
