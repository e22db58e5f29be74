"""One therapy from vein to vein: its stretches with what is recorded of them, and where its units are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from schema.events.identity import Canceled
from schema.events.processing import Collected, InfusionStarted
from schema.vocabulary import Material, PartyType
from tracker.acts.read_tables import reached_stage
from tracker.protocols.model import Protocol
from tracker.rules.custodians import described
from tracker.rules.registry_state import RegistryState
from tracker.rules.storage_life import StorageLife, storage_life
from tracker.rules.therapy_state import Occurrence, TherapyState, TherapyStatus, UnitState
from tracker.views.models import BoardRow
from tracker.views.today_lines import MilestoneForecast


class Progress(StrEnum):
    """Whether a stretch is behind, under way or ahead."""

    DONE = "done"
    NOW = "now"
    TO_COME = "to_come"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighboring stages of one short name, as a column of the journey."""

    short: str
    progress: Progress
    began_at: datetime | None = None
    spent: timedelta | None = None
    """Until the next stretch began, or until now."""

    projected_at: datetime | None = None
    """When one that lies ahead is projected to begin, by the clocks of its site; None without a booking."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where one open unit is and who answers for it."""

    unit: str
    material: Material
    place: str
    """Where it lies, as the registry calls it; empty where only its holder is known."""

    box: str
    destination: str
    """Where its box was sent; empty for what is in none."""

    on_the_road: bool
    holder: str
    since: datetime | None
    given_to: str
    """To whom it was handed over, while nobody has answered."""

    quarantined: bool
    cassette: str
    life: StorageLife
    """What it went through until now, beside what its band allows."""


@dataclass(frozen=True, slots=True)
class TherapyJourney:
    """A therapy as a journey."""

    line: BoardRow
    protocol: str
    """Its name and version."""

    stretches: tuple[Stretch, ...]
    whereabouts: tuple[Whereabouts, ...]
    collected_at: datetime | None
    """When the cells had left the vein."""

    infused_at: datetime | None
    """When the first of them went back."""

    promised_infusion: date | None = None
    """The day that is promised for it; None where nothing was ever booked."""

    is_booked: bool = False
    """Whether anything is booked."""

    can_be_planned: bool = False
    """Whether its protocol has milestones."""

    indication: str | None = None
    """What the cells are for, as the protocol names it."""

    is_made_elsewhere: bool = False
    """Whether its making stands in the maker's record, and not in this one."""

    @property
    def sites(self) -> tuple[str, str, str]:
        """Where it is collected, made and given."""
        return self.line.collection_site, self.line.manufacturing_site, self.line.treatment_site

    @property
    def is_canceled(self) -> bool:
        """Whether it ended before its time."""
        return self.line.status == TherapyStatus.CANCELED.value


def journey(
    registry: RegistryState,
    state: TherapyState,
    protocol: Protocol | None,
    line: BoardRow,
    now: datetime,
    milestones: Sequence[MilestoneForecast] = (),
) -> TherapyJourney:
    """What the record says of the way of one therapy; ahead of it stands what is projected of its plan."""
    promise = state.promise
    facts = tuple(_facts(state))
    return TherapyJourney(
        line,
        f"{state.protocol.id} v{state.protocol.version}",
        () if protocol is None else tuple(_stretches(state, protocol, now, _projected(protocol, milestones))),
        tuple(_whereabouts(registry, state, unit, protocol, now) for unit in state.open_units()),
        min((one.at for kind, _, one in facts if kind == Collected.kind), default=None),
        min((one.at for kind, _, one in facts if kind == InfusionStarted.kind), default=None),
        promised_infusion=None if promise is None else date.fromisoformat(promise.day),
        is_booked=state.plan is not None,
        can_be_planned=protocol is not None and bool(protocol.milestones),
        indication=state.indication,
        is_made_elsewhere=protocol is not None and protocol.is_made_elsewhere,
    )


def _projected(protocol: Protocol, milestones: Sequence[MilestoneForecast]) -> dict[str, datetime]:
    """When the first milestone of each stage is projected, by the name of the stage."""
    found: dict[str, datetime] = {}
    times = {one.name: one.projected for one in milestones if not one.is_done}
    for one in protocol.milestones:
        if one.fulfilled_by is None or one.name not in times:
            continue
        steps = (
            step
            for step in protocol.steps_of(one.fulfilled_by)
            if not one.materials or not step.materials or not {*one.materials}.isdisjoint(step.materials)
        )
        for step in steps:
            found[step.stage] = min(times[one.name], found.get(step.stage, times[one.name]))
    return found


def _facts(state: TherapyState) -> Iterator[tuple[str, Material | None, Occurrence]]:
    """The last occurrence of each kind of step, of the therapy and of each unit."""
    yield from ((kind, None, one) for kind, one in state.facts.items())
    for unit in state.units.values():
        yield from ((kind, unit.material, one) for kind, one in unit.facts.items())


def _stretches(
    state: TherapyState, protocol: Protocol, now: datetime, projected: Mapping[str, datetime]
) -> Iterator[Stretch]:
    """Each column with the first step that is recorded of it, or with when it is projected to begin."""
    begins = _begins(state, protocol)
    columns = [
        (short, [stage.name for stage in stages])
        for short, stages in groupby(protocol.stages, key=lambda stage: stage.short)
    ]
    reached = _reached(state, protocol)
    here = next((place for place, (_, names) in enumerate(columns) if reached in names), 0)
    has_ended = state.status is not TherapyStatus.ACTIVE
    starts = [min((begins[name] for name in names if name in begins), default=None) for _, names in columns]
    ends = state.last.at if has_ended and state.last is not None else now
    for place, (short, names) in enumerate(columns):
        if place > here:
            ahead = [] if has_ended else [projected[name] for name in names if name in projected]
            yield Stretch(short, Progress.TO_COME, projected_at=min(ahead, default=None))
            continue
        began = starts[place]
        later = next((one for one in starts[place + 1 : here + 1] if one is not None), ends)
        spent = None if began is None or later < began else later - began
        progress = Progress.NOW if place == here and not has_ended else Progress.DONE
        yield Stretch(short, progress, began, spent)


def _reached(state: TherapyState, protocol: Protocol) -> str:
    """How far it came; that it was canceled is no step on the way."""
    if state.status is not TherapyStatus.CANCELED:
        return reached_stage(state, protocol)
    steps = (
        (one.sequence, step.stage)
        for kind, material, one in _facts(state)
        if kind != Canceled.kind and (step := protocol.step(kind, material)) is not None and not step.optional
    )
    return max(steps, default=(0, ""))[1]


def _begins(state: TherapyState, protocol: Protocol) -> dict[str, datetime]:
    """When the first step of each stage was taken; what is only offered beside is no progress."""
    begins: dict[str, datetime] = {}
    for kind, material, one in _facts(state):
        step = protocol.step(kind, material)
        if step is not None and not step.optional and kind != Canceled.kind:
            begins[step.stage] = min(one.at, begins.get(step.stage, one.at))
    return begins


def _whereabouts(
    registry: RegistryState, state: TherapyState, unit: UnitState, protocol: Protocol | None, now: datetime
) -> Whereabouts:
    handoff = state.handoffs.get(unit.handoff or "")
    location = registry.location(unit.location or "")
    _, destination = state.boxes_carrier.get(unit.box or "", ("", ""))
    taken = unit.last_taken
    return Whereabouts(
        unit=unit.unit,
        material=unit.material,
        place=""
        if location is None
        else f"{' '.join(filter(None, (location.title, unit.position)))}, {location.site}",
        box=unit.box or "",
        destination=destination,
        on_the_road=unit.custodian is not None and unit.custodian.type is PartyType.CARRIER,
        holder=described(registry, unit.custodian),
        since=None if taken is None else taken.at,
        given_to="" if handoff is None else described(registry, handoff.to_party),
        quarantined=unit.quarantined,
        cassette=unit.cassette or "",
        life=storage_life(protocol, unit, now),
    )
