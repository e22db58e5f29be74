"""The time after the infusion for a reader: grades with what they rest on, each scale by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from schema.entry import Entry
from schema.events.aftercare import GradeFinding, MedicineGiven, OutcomeRecorded, ToxicityGraded
from tracker.protocols.model import Protocol, Scale, with_unit
from tracker.rules.grading import table_of


@dataclass(frozen=True, slots=True)
class AfterLine:
    """One thing that was recorded after the infusion, in words."""

    entry: Entry
    at: datetime
    """When it was so, which may be before it was recorded."""

    what: str
    """By which scale it was graded."""

    result: str
    details: tuple[str, ...]
    """What it rests on."""

    units: tuple[str, ...]
    """The containers from which cells had begun to flow by then."""


def after_lines(found: Iterable[Entry], protocol: Protocol | None) -> Iterator[AfterLine]:
    """What was recorded after the infusion among some entries; two scales of one day are two lines."""
    graded: dict[str, tuple[int, str, tuple[str, ...]]] = {}
    for entry in found:
        payload = entry.statement.payload
        if isinstance(payload, ToxicityGraded):
            yield grade_line(entry, payload, protocol)
            graded[entry.statement.event_id] = entry.sequence, grade_words(payload), payload.after
        elif isinstance(payload, MedicineGiven):
            yield _medicine_line(entry, payload, graded)
        elif isinstance(payload, OutcomeRecorded):
            yield _outcome_line(entry, payload, protocol)


def grade_line(entry: Entry, payload: ToxicityGraded, protocol: Protocol | None) -> AfterLine:
    """A grade with its scale, version and findings; by bare words where the protocol is not there."""
    named = payload.syndrome, payload.scale, payload.scale_version
    scale = None if protocol is None else protocol.scale(*named)
    details = [finding_words(one, scale) for one in payload.findings]
    if payload.onset is not None:
        details.append(f"first signs on {payload.onset}")
    if scale is not None and table_of(scale) is None:
        details.append("read off the scale by the signer; not held against findings")
    return AfterLine(
        entry,
        payload.assessed_at,
        grade_words(payload),
        f"grade {payload.grade}",
        tuple(details),
        payload.after,
    )


def _medicine_line(
    entry: Entry, payload: MedicineGiven, graded: Mapping[str, tuple[int, str, tuple[str, ...]]]
) -> AfterLine:
    """A medicine with the grade for which it was given; `graded` are those that were read before."""
    known = graded.get(payload.about or "")
    why = () if payload.about is None else (f"for the grade {payload.about}",)
    if known is not None:
        why = (f"for entry {known[0]}: {known[1]}",)
    return AfterLine(
        entry,
        payload.given_at,
        f"Medicine: {payload.medicine.replace('_', ' ')}",
        f"{with_unit(payload.amount, payload.unit_of_measure.value)} {payload.route.value}",
        why,
        () if known is None else known[2],
    )


def _outcome_line(entry: Entry, payload: OutcomeRecorded, protocol: Protocol | None) -> AfterLine:
    """What was said of a duty, for which of its days and of which day it tells."""
    duties = () if protocol is None else protocol.duties
    duty = next((one for one in duties if one.name == payload.duty), None)
    title = payload.duty.replace("_", " ") if duty is None else duty.title
    result = payload.result.replace("_", " ")
    measure = None if duty is None or protocol is None else protocol.process_measure(duty.measure or "")
    value = (
        "" if payload.value is None else with_unit(payload.value, None if measure is None else measure.unit)
    )
    return AfterLine(
        entry,
        entry.statement.occurred_at,
        title,
        f"{result} {value}".rstrip(),
        (f"due on {payload.due_on}", f"as of {payload.recorded_for}"),
        (),
    )


def grade_words(payload: ToxicityGraded) -> str:
    """What was graded, and by which scale in which version: `CRS, ASTCT 2019`."""
    syndrome = payload.syndrome.value.replace("_", "-").upper()
    return f"{syndrome}, {payload.scale.upper()} {payload.scale_version}"


def finding_words(one: GradeFinding, scale: Scale | None) -> str:
    """A finding as its scale asks it: `Oxygen by nasal cannula 4 L/min`."""
    table = None if scale is None else table_of(scale)
    known = None if table is None else table.finding(one.finding)
    title = one.finding.replace("_", " ") if known is None else known.title
    unit = None if known is None or known.measure is None else known.measure.unit
    return title if one.value is None else f"{title} {with_unit(one.value, unit)}"
