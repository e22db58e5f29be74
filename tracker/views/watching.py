"""What a ward has to know of a patient after the infusion: given, graded, medicines, due, traced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from schema.entry import Entry
from schema.events.aftercare import MedicineGiven, OutcomeRecorded, ToxicityGraded
from schema.events.processing import InfusionCompleted, InfusionStarted
from schema.instants import parse_offset
from tracker.local_time import offset_of
from tracker.protocols.bedside import Watch
from tracker.protocols.model import Protocol, Scale
from tracker.rules.certificates import out_of_specification
from tracker.rules.dosing import GIVEN_FROM, given
from tracker.rules.duties import DueDuty, next_duties, open_duties
from tracker.rules.grading import table_of
from tracker.rules.lineage import recalled_lots
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import DoseState, GradeState, TherapyState
from tracker.views.aftercare import AfterLine, after_lines
from tracker.views.tracing import UnitTrace


@dataclass(frozen=True, slots=True)
class LastGrade:
    """The newest grade by one scale of the protocol."""

    syndrome: str
    """As people write it: `CRS`, `IEC-HS`."""

    scale: str
    """With its version, as `ASTCT 2019`."""

    is_grave: bool
    """Whether a second person confirms a grade so high."""

    grade: int
    signs: tuple[str, ...]
    """What it rests on, in words, the gravest first."""

    at: datetime
    by: str
    is_computed: bool
    """Whether the program has the table of the scale; else the signer read it."""


@dataclass(frozen=True, slots=True)
class WatchRule:
    """What a label says of the days after, and until when."""

    watch: Watch
    until: datetime
    near_until: datetime | None


@dataclass(frozen=True, slots=True)
class WatchedTherapy:
    """Everything that is looked at while a patient is watched."""

    coi: str
    product: str
    indication: str | None
    containers: int
    """How many were begun to be given."""

    began_at: datetime | None
    """When the first cells flowed; None before."""

    day: int
    """How many days ago that was, by the calendar of the place."""

    is_running: bool
    """Whether one of them is not finished."""

    volume_ml: Decimal
    cells: Decimal | None
    """In millions; None while nobody knows."""

    dose: DoseState | None
    rest: tuple[str, ...]
    """Containers of which something is left that is neither given nor destroyed."""

    grades: tuple[LastGrade, ...]
    ungraded: tuple[str, ...]
    """Syndromes of the protocol's scales that nobody graded yet."""

    medicines: tuple[AfterLine, ...]
    """The newest first."""

    outcomes: tuple[AfterLine, ...]
    duties: tuple[DueDuty, ...]
    """The next open day of each."""

    last_due_on: str
    """The last open day of all; empty where nothing is due."""

    rules: tuple[WatchRule, ...]
    is_out_of_specification: bool
    recalled: tuple[str, ...]
    """Names of recalled lots that touched its cells."""

    traces: tuple[UnitTrace, ...]
    """Of each container that was begun to be given."""


def watched(
    therapy: TherapyState,
    protocol: Protocol,
    registry: RegistryState,
    entries: Iterable[Entry],
    trace: Callable[[str], UnitTrace],
    now: datetime,
) -> WatchedTherapy:
    """A therapy as it is watched now, from its state and its entries."""
    clock = offset_of(registry, therapy.sites.treatment)
    begun = {
        unit.unit: unit.facts[InfusionStarted.kind]
        for unit in therapy.units.values()
        if InfusionStarted.kind in unit.facts
    }
    units = [therapy.units[name] for name in begun]
    began_at = min((fact.at for fact in begun.values()), default=None)
    kinds = (ToxicityGraded, MedicineGiven, OutcomeRecorded)
    after = [one for one in entries if isinstance(one.statement.payload, kinds)]
    lines = tuple(after_lines(after, protocol))
    left = open_duties(therapy, protocol, clock)
    traces = tuple(trace(name) for name in begun)
    # Before the first cells flow, what is about to flow is what matters.
    shown = units or [one for one in therapy.units.values() if one.material in GIVEN_FROM and one.attempt]
    ended = [unit.facts[InfusionCompleted.kind].at for unit in units if InfusionCompleted.kind in unit.facts]
    return WatchedTherapy(
        coi=therapy.coi,
        product=protocol.title,
        indication=therapy.indication,
        containers=len(begun),
        began_at=began_at,
        day=0 if began_at is None else _days_between(began_at, now, clock),
        is_running=any(unit.final is None and InfusionCompleted.kind not in unit.facts for unit in units),
        volume_ml=sum((unit.infused_ml for unit in units if unit.infused_ml is not None), Decimal(0)),
        cells=given(therapy, protocol).total if ended else None,
        dose=therapy.dose,
        rest=tuple(unit.unit for unit in units if unit.remainder_ml),
        grades=tuple(_last_grades(therapy, protocol, after)),
        ungraded=_ungraded(therapy, protocol),
        medicines=_newest(lines, MedicineGiven),
        outcomes=_newest(lines, OutcomeRecorded),
        duties=next_duties(therapy, protocol, clock),
        last_due_on=max((one.due_on for one in left), default=""),
        rules=tuple(_rule(one, max(ended)) for one in protocol.watch) if ended else (),
        is_out_of_specification=any(out_of_specification(therapy, one) for one in shown),
        recalled=recalled_lots(therapy, registry, shown),
        traces=traces,
    )


def _days_between(first: datetime, last: datetime, clock: Callable[[datetime], str]) -> int:
    def day(at: datetime) -> int:
        return at.astimezone(parse_offset(clock(at))).date().toordinal()

    return day(last) - day(first)


def _newest(lines: Sequence[AfterLine], kind: type) -> tuple[AfterLine, ...]:
    found = [one for one in lines if isinstance(one.entry.statement.payload, kind)]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def _last_grades(therapy: TherapyState, protocol: Protocol, entries: Sequence[Entry]) -> Iterator[LastGrade]:
    """Of each scale the one that was assessed last; of one moment, the one that was recorded last."""
    by_event = {one.statement.event_id: one.statement.payload for one in entries}
    for scale in protocol.scales:
        own = [one for one in therapy.grades if _key(one) == _key(scale)]
        if not own:
            continue
        last = max(own, key=lambda one: (one.assessed_at, one.sequence))
        payload = by_event.get(last.event_id)
        yield LastGrade(
            syndrome=_syndrome(scale),
            scale=f"{scale.scale.upper()} {scale.scale_version}",
            is_grave=last.grade >= scale.second_from,
            grade=last.grade,
            signs=_signs(payload, scale) if isinstance(payload, ToxicityGraded) else (),
            at=last.assessed_at,
            by=last.actor,
            is_computed=table_of(scale) is not None,
        )


def _signs(payload: ToxicityGraded, scale: Scale) -> tuple[str, ...]:
    """What a grade rests on, as its table counts it: `one vasopressor`, `ICE 8`."""
    table = table_of(scale)
    if table is None:
        return ()
    found = {one.finding: None if one.value is None else Decimal(one.value) for one in payload.findings}
    counted = sorted(table.judge(found, scale), key=lambda one: -one[0])
    return tuple(words for _, words in counted)


def _syndrome(scale: Scale) -> str:
    return scale.syndrome.value.replace("_", "-").upper()


def _key(one: GradeState | Scale) -> tuple[object, ...]:
    return one.syndrome, one.scale, one.scale_version


def _ungraded(therapy: TherapyState, protocol: Protocol) -> tuple[str, ...]:
    done = {one.syndrome for one in therapy.grades}
    return tuple(dict.fromkeys(_syndrome(one) for one in protocol.scales if one.syndrome not in done))


def _rule(watch: Watch, ended: datetime) -> WatchRule:
    near = None if watch.near is None else watch.near.after(ended)
    return WatchRule(watch, watch.at_least.after(ended), near)
