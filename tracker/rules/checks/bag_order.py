"""The order in which several containers of a dose are given, and which component is in the hand."""

from __future__ import annotations

from collections.abc import Iterator

from schema.events.identity import PreThawMatched
from schema.events.processing import InfusionStarted
from schema.instants import parse_offset
from tracker.protocols.bedside import Bedside
from tracker.protocols.dosing import DosePart
from tracker.protocols.model import Protocol
from tracker.requests.base import Scan
from tracker.rules.attempt import Attempt
from tracker.rules.checks.bedside import in_words
from tracker.rules.decision import ScanAnswer, Violation
from tracker.rules.dosing import GIVEN_FROM
from tracker.rules.therapy_state import GradeState, Occurrence, TherapyState, UnitState


def component_of(therapy: TherapyState, unit: UnitState) -> str | None:
    """The component in a container, or in what it was drawn from."""
    behind = (therapy.unit(name) for name in sorted(therapy.lineage(unit.unit)))
    found = (one.component for one in behind if one is not None and one.component is not None)
    return unit.component or next(found, None)


def told_apart(protocol: Protocol, therapy: TherapyState, unit: UnitState) -> tuple[str, ...]:
    """What tells a container from others of its dose, as labels and screens say it: component, share, color.

    The color is a word in capitals: on a thermal label it is nothing else.
    """
    component = protocol.bedside.component(component_of(therapy, unit))
    part = part_of(protocol, therapy, unit)
    return (
        *(() if component is None else (component.title,)),
        *(() if part is None else (in_words(part.name),)),
        *(() if unit.color is None else (in_words(unit.color).upper(),)),
    )


def drawn_from(therapy: TherapyState, unit: UnitState) -> bool:
    """Whether its cells are in another container by now, so that what is left of it is only destroyed."""
    return any(unit.unit in one.parents for one in therapy.units.values() if one.material in GIVEN_FROM)


def component_order(attempt: Attempt, unit: UnitState) -> Iterator[Violation]:
    """A component is given when nothing of the one before it is left to give."""
    order = attempt.protocol.bedside.order
    therapy = attempt.therapy
    own = component_of(therapy, unit)
    if attempt.kind != InfusionStarted.kind or own not in order:
        return
    before = order[: order.index(own)]
    for other in therapy.open_units():
        if other.material not in GIVEN_FROM or drawn_from(therapy, other):
            continue
        first = component_of(therapy, other)
        if first in before:
            yield Violation(
                "component_order",
                f"{_title(attempt.protocol.bedside, own)} is given only after all of "
                f"{_title(attempt.protocol.bedside, first)} is in; {other.unit} has not ended.",
                f"Give {other.unit} first, or destroy it before a witness.",
            )
            return


def product_code(attempt: Attempt, unit: UnitState) -> Iterator[Violation]:
    """The code on the carton against the component that the record has for the container."""
    bedside = attempt.protocol.bedside
    if attempt.kind != PreThawMatched.kind or not bedside.compare_product_code:
        return
    own, scan = component_of(attempt.therapy, unit), attempt.request.given("product_code")
    if not isinstance(scan, Scan):
        yield Violation(
            "product_code_missing",
            f"The product code on the carton of {attempt.subject} was not read.",
            "Scan the code on the carton, or type its NDC with the hyphens.",
            field="product_code",
        )
        return
    text = attempt.situation.resolve(scan).text
    read = bedside.component_of_code(text)
    if read is None or read.name != own:
        what = "no component of this product" if read is None else read.title
        yield Violation(
            "wrong_component",
            f"The carton is that of {what}; {unit.unit} is {_title(bedside, own)}.",
            "Put the carton back, take the one of this line, and look at the container in it.",
            field="product_code",
            compared="product code",
            expected=_title(bedside, own),
            read=text,
            carrier="carton",
        )


def part_of(protocol: Protocol, therapy: TherapyState, unit: UnitState) -> DosePart | None:
    """The share of a split dose that a container is for, or that it was drawn from."""
    if protocol.dose is None:
        return None
    behind = (therapy.unit(name) for name in sorted(therapy.lineage(unit.unit)))
    word = unit.part or next((one.part for one in behind if one is not None and one.part), None)
    regimen = None if therapy.dose is None else therapy.dose.regimen
    parts = (one for one in protocol.dose.parts if one.name == word and one.regimen in (None, regimen))
    return next(parts, None)


def part_order(attempt: Attempt, unit: UnitState) -> Iterator[Violation]:
    """A later share of a dose is given on its days, and not after a reaction to the one before."""
    part = part_of(attempt.protocol, attempt.therapy, unit)
    if attempt.kind != InfusionStarted.kind or part is None or part.counted_from is None:
        return
    begun = [
        one.facts[InfusionStarted.kind]
        for one in attempt.therapy.units.values()
        if InfusionStarted.kind in one.facts
        and (own := part_of(attempt.protocol, attempt.therapy, one)) is not None
        and own.name == part.counted_from
    ]
    name, first = in_words(part.name), in_words(part.counted_from)
    if not begun:
        yield Violation(
            "wrong_part",
            f"{unit.unit} is for {name}, and nothing of {first} was given.",
            f"Give {first} first.",
        )
        return
    start = min(begun, key=lambda one: one.at)
    stopped = worst_since(attempt.therapy, part, part.stop_if, start)
    if stopped is not None:
        yield Violation(
            "part_stopped",
            f"{grade_words(stopped)} since {first}: {name} is not given after that ({part.stop_if}).",
            "Give no more; the treating physician decides, and quality is told.",
        )
        return
    yield from _on_its_days(attempt, part, start)


def _on_its_days(attempt: Attempt, part: DosePart, start: Occurrence) -> Iterator[Violation]:
    """By the calendar, as labels count; the day of the first share is day 1."""
    offset_of = attempt.situation.offset_of
    moments = (start.at, attempt.situation.occurred_at)
    began, today = (one.astimezone(parse_offset(offset_of(one))).date() for one in moments)
    name, day = in_words(part.name), (today - began).days + 1
    standing = newest_since(attempt.therapy, part, part.wait_if, start)
    waited = worst_since(attempt.therapy, part, part.wait_if, start) is not None
    latest = part.wait_until if waited and part.wait_until is not None else part.latest
    if part.earliest is not None and day - 1 < part.earliest.days:
        yield Violation(
            "part_too_early",
            f"Today is day {day}; {name} is given from day {part.earliest.days + 1} on.",
            f"Wait until day {part.earliest.days + 1}.",
        )
    elif latest is not None and day - 1 > latest.days:
        yield Violation(
            "part_too_late",
            f"Today is day {day}; {name} is given until day {latest.days + 1}.",
            "Ask the treating physician whether it is given at all.",
        )
    elif standing is not None and latest is not None:
        yield Violation(
            "part_waits",
            f"Today is day {day}, and {grade_words(standing)} stands: {name} may wait to "
            f"day {latest.days + 1}.",
            "Wait until it has gone down and that was graded; then give it.",
            ScanAnswer.CHECK,
        )


def grade_words(grade: GradeState) -> str:
    """A grade with the scale that it is by."""
    return f"{grade.syndrome.upper()} {grade.grade} by {grade.scale.upper()} {grade.scale_version}"


def worst_since(
    therapy: TherapyState, part: DosePart, rule: str | None, start: Occurrence
) -> GradeState | None:
    """The newest grade since a share began that a rule such as `crs >= 3` is about; None for none."""
    return next((one for one in reversed(_grades(therapy, part, rule, start)) if _meets(one, rule)), None)


def newest_since(
    therapy: TherapyState, part: DosePart, rule: str | None, start: Occurrence
) -> GradeState | None:
    """The grade that stands since a share began, where a rule is about it; None where it has gone down."""
    newest = next(reversed(_grades(therapy, part, rule, start)), None)
    return newest if newest is not None and _meets(newest, rule) else None


def _grades(therapy: TherapyState, part: DosePart, rule: str | None, start: Occurrence) -> list[GradeState]:
    """Of the syndrome that a rule names, by the scale of the share alone, in the order of their times."""
    syndrome = None if rule is None else rule.split()[0]
    scale = (part.scale, part.scale_version)
    found = [
        one
        for one in therapy.grades
        if one.syndrome == syndrome
        and (one.scale, one.scale_version) == scale
        and one.assessed_at >= start.at
    ]
    return sorted(found, key=lambda one: one.assessed_at)


def _meets(grade: GradeState, rule: str | None) -> bool:
    if rule is None:
        return False
    _, sign, least = rule.split()
    return grade.grade >= int(least) if sign == ">=" else grade.grade == int(least)


def _title(bedside: Bedside, name: str | None) -> str:
    known = bedside.component(name)
    return "a container without component" if known is None else known.title
