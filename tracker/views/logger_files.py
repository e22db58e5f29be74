"""A logger's file as it would be judged for a shipment or a place; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from msgspec.structs import replace

from schema.errors import Refusal
from schema.instants import format_offset
from schema.vocabulary import DayOrder, ExposureVerdict, TemperatureUnit
from tracker.acts.mentions import naming
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.readings.reading import read
from tracker.readings.values import FORMAT_TITLES, Declared, Series
from tracker.readings.zones import with_zone
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Equipment, RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.conditions.judging import JudgedStay, judged_stay
from tracker.therapy.conditions.logger_file import packed_file
from tracker.therapy.conditions.subject import Subject
from tracker.therapy.conditions.whose import logger_of_file, packed_logger, without_logger


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
    """One unit that was beside the logger, and what the readings say of it."""

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

    shipment: str | None
    """None of a place."""

    title: str
    """Of the program or logger that wrote it."""

    serial: str
    logger: str
    """The logger that was packed, or records in the place, by its title."""

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
    stream: BinaryIO,
    subject: Subject,
    said: SaidOfFile,
    now: datetime,
) -> LoggerFileView:
    """What would be recorded of a file; raises InputError or Refusal as the record would."""
    declared = Declared(None, said.unit, said.serial, said.dates, said.channel)
    if said.zone is not None:
        declared = with_zone(stream, declared, said.zone, now)
    _, series = read(stream, declared, now)
    named = f"shipment:{subject.shipment}" if subject.place is None else f"place:{subject.place.id}"
    states = [memory.therapy(transaction, row.chain) for row in naming(transaction, named)]
    therapies = [one.state for one in states if one is not None]
    logger = _logger(registry, subject, therapies, series.serial)
    if subject.place is not None:
        subject = replace(subject, logger=logger.id)
    lines: list[JudgedLine] = []
    for therapy in therapies:
        protocol = protocol_of(therapy.protocol.sha256)
        inside = {} if protocol is None else subject.inside(therapy, series)
        for name, windows in inside.items():
            if protocol is not None:
                unit = therapy.units[name]
                found = judged_stay(protocol, unit, subject, windows, series)
                lines.append(_line(therapy.coi, unit.material.value, found))
    return _view(subject.shipment, series, packed_file(stream), declared, tuple(lines), logger.title)


def _logger(
    registry: RegistryState, subject: Subject, therapies: Sequence[TherapyState], serial: str
) -> Equipment:
    """The one whose file it is; raises Refusal as the record would refuse it."""
    place = subject.place
    logger = packed_logger(therapies, subject) if place is None else without_logger(place) or place.logger
    found = logger if isinstance(logger, Violation) else logger_of_file(registry, subject, logger, serial)
    if isinstance(found, Violation):
        raise Refusal(found.message, remedy=found.remedy, code=found.rule)
    return found


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
    shipment: str | None,
    series: Series,
    packed: str,
    declared: Declared,
    lines: tuple[JudgedLine, ...],
    logger: str,
) -> LoggerFileView:
    zone = None if declared.offset is None else format_offset(declared.offset)
    return LoggerFileView(
        shipment,
        FORMAT_TITLES[series.file_format],
        series.serial,
        logger,
        format_offset(series.offset),
        series.first_at,
        series.last_at,
        len(series),
        int(series.interval.total_seconds()),
        series.lowest,
        series.highest,
        series.mean,
        packed,
        zone,
        tuple(sorted(lines, key=lambda one: (one.coi, one.unit))),
    )
