"""Decisions over a logger's file, and over what quality says of an excursion.

Neither is a step of a protocol: a box of any therapy may have had a logger in it, and quality alone assesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from schema.counting import counted, lasting
from schema.errors import InputError
from schema.events.conditions import (
    LOGGER_FILE_FIELD,
    ConditionsRecorded,
    ExcursionAssessed,
    ExcursionFound,
    JudgedPlace,
)
from schema.events.processing import Quarantined
from schema.instants import format_offset
from schema.vocabulary import ExposureVerdict, Meaning, Reason, Role
from tracker.protocols.bands import celsius_range
from tracker.readings.cells import offset_of
from tracker.readings.reading import read
from tracker.readings.text import Content
from tracker.readings.values import Declared, Series
from tracker.requests.base import Scan
from tracker.rules.attempt import local, local_time
from tracker.rules.authority import WORKING_ROLES, grant_violation
from tracker.rules.checks.step import role_violation
from tracker.rules.conclusion import Plan, conclude, with_notices
from tracker.rules.decision import Decision, Denied, Draft, Notice, ScanAnswer, Slot, Violation, never_waived
from tracker.rules.selection import not_a, object_of, reads_for, therapy_of
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import Occurrence, TherapyState
from tracker.therapy.conditions.judging import (
    JudgedStay,
    judged_place,
    judged_stay,
    readings_outside,
    seconds,
)
from tracker.therapy.conditions.logger_file import file_of
from tracker.therapy.conditions.requests import AssessExcursion, RecordConditions
from tracker.therapy.conditions.subject import Subject
from tracker.therapy.conditions.whose import logger_of_file, packed_logger, without_logger

CAUSES: Final = {
    ExposureVerdict.OUTSIDE: "temperature_excursion",
    ExposureVerdict.NOT_JUDGEABLE: "temperature_unknown",
}
"""As what the deviation is drafted."""

THERAPIES_MAX: Final = 100
"""In one act; the file of a place that holds more is sent again until all is judged."""

ASSESSING: Final = frozenset({Role.QUALITY, Role.QUALIFIED_PERSON})


class _File(Struct, frozen=True):
    """A file that was read, of what it is, and whose it is."""

    content: Content
    readings: Series
    subject: Subject
    logger: str
    place: JudgedPlace | None


def decide_record(situation: Situation, request: RecordConditions) -> Decision:
    """The readings are held against the band of each unit inside; what was outside is quarantined at once."""
    if request.shipment is not None and request.location is None:
        subject = _shipment(situation, request, request.shipment)
    elif request.location is not None and request.shipment is None:
        subject = _place(situation, request, request.location)
    else:
        raise InputError(
            "A logger's file is of a shipment or of a place.", remedy="Name one of them, and not both."
        )
    if isinstance(subject, Violation):
        return Denied(subject)
    place, therapies = subject.place, situation.therapies.values()
    logger = packed_logger(therapies, subject) if place is None else place.logger
    if isinstance(logger, Violation):
        return Denied(logger)
    with file_of(request.file) as stream:
        content, readings = read(stream, declared_by(request), situation.now)
    its = logger_of_file(situation.registry, subject, logger, readings.serial)
    if isinstance(its, Violation):
        return Denied(its)
    if place is not None:
        subject = replace(subject, logger=its.id)
    file = _File(content, readings, subject, its.id, judged_place(subject, readings))
    new = _not_read_yet(situation, file)
    if isinstance(new, Violation):
        return Denied(new)
    early = _too_early(situation, file, new)
    if early is not None:
        return Denied(early)
    plans = [
        plan
        for coi in new[:THERAPIES_MAX]
        for plan in _plans(situation, request, situation.therapy(coi), file)
    ]
    decision = _as_excursion(conclude(situation, request, plans, ()))
    return with_notices(decision, [*_notices(file, len(new))])


def _shipment(situation: Situation, request: RecordConditions, scan: Scan) -> Subject | Violation:
    shipment = object_of(situation, scan, Found.SHIPMENT)
    if isinstance(shipment, Violation):
        return shipment
    return role_violation(situation, request.actor, WORKING_ROLES) or Subject(shipment=shipment)


def _place(situation: Situation, request: RecordConditions, scan: Scan) -> Subject | Violation:
    """A place with a logger, told of by somebody who works at its site."""
    found = object_of(situation, scan, Found.LOCATION)
    if isinstance(found, Violation):
        return found
    place = situation.registry.location(found)
    if place is None:
        return not_a(situation.resolve(scan), "location")
    role = grant_violation(
        situation.registry, request.actor, WORKING_ROLES, place.site, situation.occurred_at
    )
    if role is not None:
        return never_waived(role)
    return without_logger(place) or Subject(place=place)


def declared_by(request: RecordConditions) -> Declared:
    """What the request says of its file; raises InputError for an offset that no clock has."""
    offset = None if request.zone is None else offset_of(request.zone)
    if request.zone is not None and offset is None:
        raise InputError(f"{request.zone} is no offset of a clock from UTC.").at("zone")
    return Declared(offset, request.unit, request.serial, request.dates, request.channel)


def _not_read_yet(situation: Situation, file: _File) -> tuple[str, ...] | Violation:
    """The therapies that the file tells something new of, or why there is none."""
    new: list[str] = []
    done: Violation | None = None
    for coi, therapy in situation.therapies.items():
        again = _already(situation, therapy, file)
        if again is not None:
            done = again
        elif file.subject.inside(therapy, file.readings):
            new.append(coi)
    if done is not None and (file.subject.place is None or not new):
        return done
    if new:
        return tuple(sorted(new))
    since, until = (local_time(situation, one) for one in (file.readings.first_at, file.readings.last_at))
    return Violation(
        "nothing_there",
        f"From {since} to {until} nothing lay in {file.subject.words} of which no file was read yet.",
        "Nothing to do.",
        answer=ScanAnswer.CHECK,
        waivable=False,
    )


def _too_early(situation: Situation, file: _File, new: Iterable[str]) -> Violation | None:
    """Why a file says nothing of what lies in a closed box: no reading is of the time in it."""
    stays = [
        stay
        for coi in new
        for unit in file.subject.inside(situation.therapies[coi], file.readings)
        for stay in situation.therapies[coi].units[unit].stays
        if stay.shipment == file.subject.shipment
    ]
    is_closed = any(stay.until is None for stay in stays)
    if file.subject.place is not None or not is_closed:
        return None
    since = min(stay.since for stay in stays)
    if file.readings.last_at >= since:
        return None
    ended, packed = local_time(situation, file.readings.last_at), local_time(situation, since)
    boxes = ", then ".join(dict.fromkeys(stay.box for stay in sorted(stays, key=lambda one: one.since)))
    return Violation(
        "nothing_there",
        f"No reading lies in the time in the box {boxes}: it was packed at {packed}, "
        f"and they end at {ended}.",
        "Read the file of its logger when the box was opened.",
        answer=ScanAnswer.CHECK,
        waivable=False,
    )


def _already(situation: Situation, therapy: TherapyState, file: _File) -> Violation | None:
    """The same bytes for the same shipment or place: there is nothing new in them."""
    for one in therapy.files_read:
        opening = situation.openings.get(one.file)
        if file.subject.is_of(one) and opening is not None and opening.value == file.content.sha256:
            when = local(situation, Occurrence(one.at, one.event_id, 0, one.actor))
            return Violation(
                "already_done",
                f"This file was read for {file.subject.words} at {when}.",
                "Nothing to do. A file with other bytes is read beside it.",
                answer=ScanAnswer.CHECK,
                waivable=False,
            )
    return None


def _plans(
    situation: Situation, request: RecordConditions, therapy: TherapyState, file: _File
) -> Iterator[Plan]:
    """What one therapy's chain would hold: the file as it was judged, then each excursion."""
    protocol, readings, subject = situation.protocol(therapy), file.readings, file.subject
    inside = subject.inside(therapy, readings)
    judged = [
        judged_stay(protocol, therapy.units[unit], subject, windows, readings)
        for unit, windows in inside.items()
    ]
    boxes = (
        one.box for unit in inside for one in therapy.units[unit].stays if one.shipment == subject.shipment
    )
    slots = (Slot(Meaning.PERFORMED, staff=request.actor),)
    payload = ConditionsRecorded(
        units=tuple(inside),
        shipment=subject.shipment,
        box=None if subject.shipment is None else next(boxes, None),
        location=None if subject.place is None else subject.place.id,
        place=file.place,
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
        outside_custody=readings_outside(readings, [one for windows in inside.values() for one in windows]),
        celsius_min=readings.lowest,
        celsius_max=readings.highest,
        celsius_mean=readings.mean,
        judged=tuple(one.recorded() for one in judged),
    )
    yield Plan(therapy, payload, (), reads_for(situation, request, therapy.coi), slots)
    for excursion in _excursions(judged, subject):
        yield Plan(
            therapy,
            excursion,
            (),
            (),
            slots,
            faults=(CAUSES[excursion.verdict],),
            doubtful=tuple(unit for unit in excursion.units if therapy.units[unit].final is None),
        )


def _excursions(judged: Iterable[JudgedStay], subject: Subject) -> Iterator[ExcursionFound]:
    """One event for units of which the same was found."""
    groups: dict[ExcursionFound, list[str]] = {}
    for one in judged:
        if one.calls_quality:
            began, ended = one.span
            said = one.recorded()
            found = ExcursionFound(
                units=(one.unit,),
                shipment=subject.shipment,
                location=None if subject.place is None else subject.place.id,
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


def _notices(file: _File, count: int) -> Iterator[Notice]:
    """What somebody has to hear of a place, and that there is more to do."""
    place, found = file.subject.place, file.place
    if place is None:
        return
    if found is not None and found.outside_s > 0:
        kept = celsius_range(found.celsius_min, found.celsius_max)
        lasted = lasting(found.outside_s)
        yield Notice(
            "place_outside",
            f"{file.subject.words} is to keep {kept} and was outside for {lasted}: {found.peak_celsius} C.",
            "Call who looks after it. Of the cells in it each was judged by what it bears.",
        )
    if count > THERAPIES_MAX:
        yield Notice(
            "more_to_judge",
            f"{counted(count - THERAPIES_MAX, 'more therapy', 'more therapies')} lay there.",
            "Send the same file again: what is done is left out.",
            ScanAnswer.CHECK,
        )


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
