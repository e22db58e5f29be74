"""The rules about instruments: in service, of the right class, within their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from schema.instants import format_minute, parse_offset
from schema.vocabulary import EquipmentStatus
from tracker.protocols.model import Protocol, Qualification, Step
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Equipment

_FIELD = "instruments"


def named(one: Equipment) -> str:
    """Its name with its code: several may bear the same name."""
    return f"{one.title} ({one.id})"


def is_exclusive(protocol: Protocol, one: Equipment) -> bool:
    """Whether one therapy at a time is in it: by the registry, or by what the protocol says of its class."""
    described = protocol.instruments.get(one.instrument_class or "")
    return one.exclusive or (described is not None and described.exclusive)


def instrument_violations(
    protocol: Protocol,
    step: Step,
    one: Equipment,
    *,
    site: str,
    at: datetime,
    offset_of: Callable[[datetime], str],
) -> Iterator[Violation]:
    """Why an instrument may not be used at a step at that time."""
    if one.instrument_class not in step.instruments:
        wanted = ", ".join(_title(protocol, name) for name in step.instruments) or "none"
        yield Violation(
            "wrong_class",
            f"{named(one)}: {_title(protocol, one.instrument_class or '')}; {step.title} takes: {wanted}.",
            "Scan the instrument that the step is done with.",
            field=_FIELD,
            expected=wanted,
            read=named(one),
        )
    if one.status is not EquipmentStatus.IN_SERVICE:
        yield Violation(
            "out_of_service",
            f"{named(one)} is {one.status.value.replace('_', ' ')}, not in service.",
            "Take another one.",
            field=_FIELD,
        )
    if one.site != site:
        yield Violation(
            "other_site",
            f"{named(one)} belongs to {one.site}, and this is {site}.",
            "Take one of this site.",
            field=_FIELD,
        )
    yield from qualification_violations(protocol, one, at, offset_of)


def qualification_violations(
    protocol: Protocol, one: Equipment, at: datetime, offset_of: Callable[[datetime], str]
) -> Iterator[Violation]:
    """Why an instrument was not within its test at that time, by what is known of it now."""
    described = protocol.instruments.get(one.instrument_class or "")
    if described is not None and described.qualification is Qualification.NONE:
        return
    due = one.requalification_due
    if one.failed:
        said = f"{named(one)} failed its last test."
    elif due is None:
        said = f"Nobody has recorded until when {named(one)} is qualified."
    elif due <= at:
        day = f"{due.astimezone(parse_offset(offset_of(due))):%Y-%m-%d}"
        used = format_minute(at, offset_of(at))
        said = f"{named(one)} was to be tested again by {day}; it is used at {used}."
    else:
        return
    yield Violation(
        "not_qualified",
        said,
        "Take another one; quality records it when it has passed its test.",
        field=_FIELD,
    )


def _title(protocol: Protocol, name: str) -> str:
    described = protocol.instruments.get(name)
    return described.title.lower() if described is not None else name.replace("_", " ") or "thing of no class"
