"""What data loggers recorded beside the cells of a therapy: each file as it was judged, with its curve.

The summary stands in the chain and stays; the curve is read from the kept file, and goes with it when the
patient's data is erased.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from schema.commitments import Opening
from schema.entry import Entry
from schema.events.conditions import ConditionsRecorded, ExcursionFound
from schema.vocabulary import KnownFrom
from tracker.acts.state_cache import entries
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.readings.cells import offset_of
from tracker.readings.curve import Run, curve_of
from tracker.readings.judge import Bounds, Excursion, Stay, found_in
from tracker.readings.reading import read
from tracker.readings.values import FORMAT_TITLES, Declared, Series
from tracker.rules.condition_state import ExcursionState
from tracker.rules.custodians import described, party_site
from tracker.rules.registry_state import RegistryState
from tracker.rules.storage_life import StorageLife, storage_life
from tracker.rules.therapy_state import TherapyState
from tracker.views.marks import transitions

KeptFile = Callable[[str], bytes | None]
"""A logger's file by its SHA-256; None where it is not kept."""


def not_kept(_: str) -> None:
    """Where files are not looked for."""


@dataclass(frozen=True, slots=True)
class HeldPeriod:
    """From when to when somebody answered for the cells while they were beside the logger."""

    holder: str
    site: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Trace:
    """The readings of a file while the cells were beside the logger."""

    runs: tuple[Run, ...]
    outside: tuple[Excursion, ...]
    """By the narrowest of the bands of what was beside it."""

    unknown: tuple[Stay, ...]
    """Without a reading."""

    file_bytes: int


@dataclass(frozen=True, slots=True)
class FoundExcursion:
    """An excursion as it was found, and what quality has said of it."""

    found: ExcursionFound
    state: ExcursionState


@dataclass(frozen=True, slots=True)
class LoggerReadings:
    """One logger's file of one therapy, as its chain has it."""

    coi: str
    event_id: str
    sequence: int
    said: ConditionsRecorded
    recorded_at: datetime
    offset: str
    """Of the clocks of the site at which the file was read."""

    recorded_by: str
    where: str
    """The title of the box or of the place."""

    logger: str
    stays: tuple[Stay, ...]
    """When units of the therapy were beside it; the last ends with the readings if they still are."""

    held: tuple[HeldPeriod, ...]
    excursions: tuple[FoundExcursion, ...]
    trace: Trace | None
    """None where the file was erased."""

    sha256: str | None
    boxes: tuple[str, ...] = ()
    """Those in which the cells travelled with it, in order; none of a place."""

    @property
    def has_reading(self) -> bool:
        """Whether any reading is of a time in which the cells were beside it, as far as the file is kept."""
        return self.trace is None or bool(self.trace.runs)

    @property
    def file_title(self) -> str:
        """The program or logger that wrote the file."""
        known = {one.value: title for one, title in FORMAT_TITLES.items()}
        return known.get(self.said.file_format, self.said.file_format)

    @property
    def bounds(self) -> tuple[str, ...]:
        """Every bound that a unit was judged by, the highest first."""
        found = {text for one in self.said.judged for text in (one.celsius_min, one.celsius_max)}
        return tuple(sorted((text for text in found if text is not None), key=Decimal, reverse=True))

    @property
    def to_assess(self) -> tuple[FoundExcursion, ...]:
        """The excursions of which quality has said nothing yet."""
        return tuple(one for one in self.excursions if one.state.decision is None)


@dataclass(frozen=True, slots=True)
class UnreadLogger:
    """A shipment of which no logger's file was read."""

    shipment: str
    box: str
    logger: str
    """Its title; empty where none was packed."""

    packed_at: datetime


@dataclass(frozen=True, slots=True)
class TherapyReadings:
    """All that is known of the temperatures of a therapy over time."""

    coi: str
    files: tuple[LoggerReadings, ...]
    """The newest first."""

    unread: tuple[UnreadLogger, ...]
    lives: tuple[StorageLife, ...] = ()
    """What each unit went through until now, in storage and on its way."""


def therapy_readings(
    transaction: Transaction,
    registry: RegistryState,
    state: TherapyState,
    protocol: Protocol | None,
    now: datetime,
) -> TherapyReadings:
    """Every file that was read for a therapy with its curve, and the shipments that wait for theirs."""
    chain = entries(transaction, state.coi)
    openings = transaction.openings_of(state.coi)
    files = readings_in(
        registry, state, chain, openings, lambda sha256: transaction.condition_file(state.coi, sha256)
    )
    done = {one.said.shipment for one in files}
    unread = {
        stay.shipment: UnreadLogger(stay.shipment, stay.box, _title(registry, stay.data_logger), stay.since)
        for unit in state.units.values()
        for stay in unit.stays
        if stay.shipment not in done
    }
    lives = tuple(storage_life(protocol, unit, now) for unit in state.units.values())
    return TherapyReadings(state.coi, files, tuple(unread.values()), lives)


def readings_in(
    registry: RegistryState,
    state: TherapyState,
    chain: Iterable[Entry],
    openings: Mapping[str, Opening],
    content_of: KeptFile,
) -> tuple[LoggerReadings, ...]:
    """The files that these entries of a therapy say were read, the newest first."""
    known = tuple(chain)
    found = []
    for entry in known:
        said = entry.statement.payload
        if not isinstance(said, ConditionsRecorded):
            continue
        opening = openings.get(said.file.commitment)
        sha256 = None if opening is None else str(opening.value)
        content = None if sha256 is None else content_of(sha256)
        stays = tuple(_stays(state, said))
        trace = None if content is None else _trace(content, said, stays)
        found.append(
            LoggerReadings(
                state.coi,
                entry.statement.event_id,
                entry.sequence,
                said,
                entry.statement.occurred_at,
                entry.statement.offset,
                _person(registry, entry.statement.actor),
                _where(registry, said),
                _title(registry, said.data_logger),
                stays,
                tuple(_held(registry, known, said, stays)),
                tuple(_excursions(state, known, entry)),
                trace,
                sha256,
                _boxes(state, said),
            )
        )
    return tuple(reversed(found))


def _title(registry: RegistryState, equipment: str | None) -> str:
    one = registry.equipment(equipment or "")
    return equipment or "" if one is None else one.title


def _where(registry: RegistryState, said: ConditionsRecorded) -> str:
    place = registry.location(said.location or "")
    return _title(registry, said.box) if place is None else place.title


def _person(registry: RegistryState, staff: str) -> str:
    one = registry.person(staff)
    return staff if one is None else one.name


def _boxes(state: TherapyState, said: ConditionsRecorded) -> tuple[str, ...]:
    """The boxes of a shipment in the order in which they held it: what fails on the way is changed."""
    if said.location is not None:
        return ()
    units = (unit for unit in map(state.unit, said.units) if unit is not None)
    stays = (stay for unit in units for stay in unit.stays if stay.shipment == said.shipment)
    return tuple(dict.fromkeys(stay.box for stay in sorted(stays, key=lambda stay: stay.since)))


def _stays(state: TherapyState, said: ConditionsRecorded) -> Iterator[Stay]:
    """The times in which a unit was beside the logger, those that touch as one; in a place, of the file."""
    units = [unit for unit in map(state.unit, said.units) if unit is not None]
    if said.location is None:
        boxes = (one for unit in units for one in unit.stays if one.shipment == said.shipment)
        times = sorted({(one.since, one.until or max(one.since, said.last_at)) for one in boxes})
    else:
        places = (one for unit in units for one in unit.places if one.location == said.location)
        cut = (
            (max(one.since, said.first_at), min(one.until or said.last_at, said.last_at)) for one in places
        )
        times = sorted({(since, until) for since, until in cut if since <= until})
    last: Stay | None = None
    for since, until in times:
        if last is not None and since <= last.until:
            last = Stay(last.since, max(last.until, until))
            continue
        if last is not None:
            yield last
        last = Stay(since, until)
    if last is not None:
        yield last


def _trace(content: bytes, said: ConditionsRecorded, stays: tuple[Stay, ...]) -> Trace:
    series = series_of(content, said)
    bands = [
        Bounds(_degrees(one.celsius_min), _degrees(one.celsius_max))
        for one in sorted(said.judged, key=lambda one: one.outside_s)
    ]
    found = found_in(series, stays, bands[-1])
    return Trace(curve_of(series, stays), found.excursions, found.unknown, len(content))


def series_of(content: bytes, said: ConditionsRecorded) -> Series:
    """The kept file, read as it was read when it was recorded."""
    is_said = said.clock_from is KnownFrom.DECLARED
    declared = Declared(
        offset_of(said.clock_offset) if is_said else None,
        said.temperature_unit,
        said.serial if said.serial_from is KnownFrom.DECLARED else None,
        said.day_order,
        said.channel,
    )
    return read(io.BytesIO(content), declared, said.last_at)[1]


def _degrees(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _excursions(state: TherapyState, chain: Iterable[Entry], file: Entry) -> Iterator[FoundExcursion]:
    """Those that were found in the act that recorded the file."""
    for entry in chain:
        payload, event = entry.statement.payload, entry.statement.event_id
        is_of_act = entry.statement.act == file.statement.act
        if isinstance(payload, ExcursionFound) and is_of_act and event in state.excursions:
            yield FoundExcursion(payload, state.excursions[event])


def _held(
    registry: RegistryState, chain: Iterable[Entry], said: ConditionsRecorded, stays: tuple[Stay, ...]
) -> Iterator[HeldPeriod]:
    """Who answered for the first unit in the box, in order of time."""
    periods: list[tuple[str, str, datetime]] = []
    for one in transitions(chain):
        unit = None if one.after is None else one.after.unit(said.units[0])
        if unit is None or unit.custodian is None:
            continue
        site = party_site(registry, unit.custodian) or ""
        holder = described(registry, unit.custodian)
        if not periods or periods[-1][:2] != (holder, site):
            periods.append((holder, site, one.entry.statement.occurred_at))
    ends = [since for _, _, since in periods[1:]]
    for (holder, site, since), until in zip(periods, [*ends, None], strict=True):
        for stay in stays:
            first, last = max(since, stay.since), stay.until if until is None else min(until, stay.until)
            if first < last:
                yield HeldPeriod(holder, site, first, last)
