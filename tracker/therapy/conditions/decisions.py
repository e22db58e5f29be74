"""Decisions over a logger's file, and over what quality says of an excursion.

Neither is a step of a protocol: a box of any therapy may have had a logger in it, and quality alone assesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from schema.errors import InputError
from schema.events.conditions import (
    LOGGER_FILE_FIELD,
    ConditionsRecorded,
    ExcursionAssessed,
    ExcursionFound,
)
from schema.events.processing import Quarantined
from schema.instants import format_offset
from schema.vocabulary import ExposureVerdict, Meaning, Reason, Role
from tracker.readings.cells import offset_of
from tracker.readings.reading import read
from tracker.readings.text import Content
from tracker.readings.values import Declared, Series
from tracker.rules.attempt import local
from tracker.rules.authority import WORKING_ROLES
from tracker.rules.checks.step import role_violation
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.condition_state import LoggerStay
from tracker.rules.decision import Decision, Denied, Draft, ScanAnswer, Slot, Violation
from tracker.rules.selection import object_of, reads_for, therapy_of
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import Occurrence, TherapyState, UnitState
from tracker.therapy.conditions.judging import JudgedStay, judged_stay, readings_outside, seconds, stays_in
from tracker.therapy.conditions.logger_file import file_of
from tracker.therapy.conditions.requests import AssessExcursion, RecordConditions

CAUSES: Final = {
    ExposureVerdict.OUTSIDE: "temperature_excursion",
    ExposureVerdict.NOT_JUDGEABLE: "temperature_unknown",
}
"""As what the deviation is drafted."""

ASSESSING: Final = frozenset({Role.QUALITY, Role.QUALIFIED_PERSON})


class _File(Struct, frozen=True):
    """A file that was read for a shipment, and whose it is."""

    content: Content
    readings: Series
    shipment: str
    logger: str


def decide_record(situation: Situation, request: RecordConditions) -> Decision:
    """The readings are held against the band of each unit inside; what was outside is quarantined at once."""
    shipment = object_of(situation, request.shipment, Found.SHIPMENT)
    if isinstance(shipment, Violation):
        return Denied(shipment)
    role = role_violation(situation, request.actor, WORKING_ROLES)
    if role is not None:
        return Denied(role)
    inside = {coi: dict(_named(stays_in(therapy, shipment))) for coi, therapy in situation.therapies.items()}
    inside = {coi: stays for coi, stays in inside.items() if stays}
    logger = _logger(situation, shipment, inside)
    if isinstance(logger, Violation):
        return Denied(logger)
    with file_of(request.file) as stream:
        content, readings = read(stream, declared_by(request), situation.now)
    other = _other_logger(situation, logger, readings)
    if other is not None:
        return Denied(other)
    file = _File(content, readings, shipment, logger)
    for coi in inside:
        done = _already(situation, situation.therapy(coi), file)
        if done is not None:
            return Denied(done)
    plans = [
        plan
        for coi, stays in inside.items()
        for plan in _plans(situation, request, situation.therapy(coi), stays, file)
    ]
    return _as_excursion(conclude(situation, request, plans, ()))


def _named(
    found: Iterable[tuple[UnitState, tuple[LoggerStay, ...]]],
) -> Iterator[tuple[str, tuple[LoggerStay, ...]]]:
    return ((unit.unit, stays) for unit, stays in found)


def declared_by(request: RecordConditions) -> Declared:
    """What the request says of its file; raises InputError for an offset that no clock has."""
    offset = None if request.zone is None else offset_of(request.zone)
    if request.zone is not None and offset is None:
        raise InputError(f"{request.zone} is no offset of a clock from UTC.").at("zone")
    return Declared(offset, request.unit, request.serial, request.dates, request.channel)


def _logger(
    situation: Situation, shipment: str, inside: dict[str, dict[str, tuple[LoggerStay, ...]]]
) -> str | Violation:
    """The logger that was packed into the shipment, with the number that its files are known by."""
    stays = [one for units in inside.values() for found in units.values() for one in found]
    if not stays:
        return Violation(
            "shipment_unknown",
            f"Nothing of a therapy that is open to you was packed into the shipment {shipment}.",
            "Take the number of the shipment from a trail or slip.",
            waivable=False,
        )
    loggers = {one.data_logger for one in stays if one.data_logger is not None}
    if len(loggers) != 1:
        said = "no logger" if not loggers else f"the loggers {', '.join(sorted(loggers))}"
        return Violation(
            "no_logger",
            f"With the shipment {shipment} {said} was packed, so no file can be known to be of it.",
            "Open a deviation about its temperature.",
            waivable=False,
        )
    return loggers.pop()


def _other_logger(situation: Situation, logger: str, readings: Series) -> Violation | None:
    """A file says whose it is; it has to be the logger that was in the box."""
    known = situation.registry.equipment(logger)
    title = logger if known is None else known.title
    if known is None or known.serial is None:
        return Violation(
            "serial_unknown",
            f"Nobody has said the serial number of {title}, so no file can be known to be of it.",
            "An administrator adds the logger with its number: cartrail site equipment add --serial.",
            waivable=False,
        )
    if known.serial == readings.serial:
        return None
    return Violation(
        "other_logger",
        f"The file is of the logger {readings.serial}; {title} has the number {known.serial}.",
        "Take the file of the logger that was in the box.",
        expected=known.serial,
        read=readings.serial,
        waivable=False,
    )


def _already(situation: Situation, therapy: TherapyState, file: _File) -> Violation | None:
    """The same bytes for the same shipment: there is nothing new in them."""
    for one in therapy.files_read:
        opening = situation.openings.get(one.file)
        if one.shipment == file.shipment and opening is not None and opening.value == file.content.sha256:
            when = local(situation, Occurrence(one.at, one.event_id, 0, one.actor))
            return Violation(
                "already_done",
                f"This file was read for the shipment {file.shipment} at {when}.",
                "Nothing to do. A file with other bytes is read beside it.",
                answer=ScanAnswer.CHECK,
                waivable=False,
            )
    return None


def _plans(
    situation: Situation,
    request: RecordConditions,
    therapy: TherapyState,
    stays: dict[str, tuple[LoggerStay, ...]],
    file: _File,
) -> Iterator[Plan]:
    """What one therapy's chain would hold: the file as it was judged, then each excursion."""
    protocol, readings = situation.protocol(therapy), file.readings
    judged = [judged_stay(protocol, therapy.units[unit], found, readings) for unit, found in stays.items()]
    every = tuple(one for found in stays.values() for one in found)
    slots = (Slot(Meaning.PERFORMED, staff=request.actor),)
    payload = ConditionsRecorded(
        units=tuple(stays),
        shipment=file.shipment,
        box=every[0].box,
        data_logger=file.logger,
        serial=readings.serial,
        serial_from=readings.serial_source,
        file=situation.commit(therapy.coi, LOGGER_FILE_FIELD, file.content.sha256),
        file_format=readings.file_format.value,
        clock_offset=format_offset(readings.offset),
        clock_from=readings.clock,
        temperature_unit=readings.unit,
        day_order=request.dates,
        channel=request.channel,
        first_at=readings.first_at,
        last_at=readings.last_at,
        readings=len(readings),
        repeated=readings.repeated,
        interval_s=seconds(readings.interval),
        outside_custody=readings_outside(readings, every),
        celsius_min=readings.lowest,
        celsius_max=readings.highest,
        celsius_mean=readings.mean,
        judged=tuple(one.recorded() for one in judged),
    )
    yield Plan(therapy, payload, (), reads_for(situation, request, therapy.coi), slots)
    for excursion in _excursions(judged, file.shipment):
        yield Plan(
            therapy,
            excursion,
            (),
            (),
            slots,
            faults=(CAUSES[excursion.verdict],),
            doubtful=tuple(unit for unit in excursion.units if therapy.units[unit].final is None),
        )


def _excursions(judged: Iterable[JudgedStay], shipment: str) -> Iterator[ExcursionFound]:
    """One event for units of which the same was found."""
    groups: dict[ExcursionFound, list[str]] = {}
    for one in judged:
        if one.calls_quality:
            began, ended = one.span
            said = one.recorded()
            found = ExcursionFound(
                units=(one.unit,),
                shipment=shipment,
                verdict=one.verdict,
                rules=one.rules,
                began_at=began,
                ended_at=ended,
                celsius_min=said.celsius_min,
                celsius_max=said.celsius_max,
                peak_celsius=said.peak_celsius,
                outside_s=said.outside_s,
                unknown_s=said.unknown_s,
                allowed_s=said.allowed_s,
            )
            key = found.model_copy(update={"units": ()})
            groups.setdefault(key, []).append(one.unit)
    for key, units in groups.items():
        yield key.model_copy(update={"units": tuple(units)})


def _as_excursion(decision: Decision) -> Decision:
    """The decision, with the quarantine saying why where nobody gave another reason."""
    if isinstance(decision, Denied):
        return decision
    return replace(decision, events=tuple(_reasoned(one) for one in decision.events))


def _reasoned(draft: Draft) -> Draft:
    payload = draft.payload
    if not isinstance(payload, Quarantined) or payload.reason is not None:
        return draft
    return replace(draft, payload=payload.model_copy(update={"reason": Reason.TEMPERATURE_EXCURSION}))


def decide_assess(situation: Situation, request: AssessExcursion) -> Decision:
    """Quality says it, and another person of quality approves."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    role = role_violation(situation, request.actor, ASSESSING)
    if role is not None:
        return Denied(role)
    excursion = therapy.excursions.get(request.excursion)
    if excursion is None:
        return Denied(
            Violation(
                "excursion_unknown",
                f"The therapy {therapy.coi} has no excursion {request.excursion}.",
                "Take the event from its trail.",
                waivable=False,
            )
        )
    payload = ExcursionAssessed(
        units=excursion.units,
        excursion=request.excursion,
        decision=request.decision,
        basis=situation.commit(therapy.coi, "excursion_basis", request.basis),
    )
    slots = (
        Slot(Meaning.PERFORMED, staff=request.actor),
        Slot(Meaning.APPROVED, ASSESSING, situation.station.site),
    )
    plan = Plan(therapy, payload, (), reads_for(situation, request, therapy.coi), slots)
    return conclude(situation, request, (plan,), ())


DECISIONS: Final[Decisions] = {
    RecordConditions: decide_record,
    AssessExcursion: decide_assess,
}
