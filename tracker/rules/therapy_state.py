"""The state of a therapy, its units, handoffs and tests, as its chain records it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from schema.commitments import Commitment
from schema.entry import Statement
from schema.events import Party, Payload
from schema.events.adoption import ManifestUnit
from schema.events.custody import Inspected, Packed, PartlyAccepted
from schema.events.identity import AdoptedCode, ProtocolPin, TherapySites
from schema.events.takeover import TherapyImported, UnitFound
from schema.vocabulary import (
    CountResult,
    DeviationDecision,
    Disposition,
    FailureCause,
    FailurePath,
    FinalDisposition,
    LabelState,
    Material,
    ResultsVerdict,
    ReviewOutcome,
    Syndrome,
)
from tracker.kinds import Moves, moves_of
from tracker.rules.alert_state import AcknowledgedAlert
from tracker.rules.condition_state import ExcursionState, FileRead, LoggerStay, OutsideBand, PlaceStay
from tracker.rules.deviation_state import Assessment, DeviationState, DeviationStatus
from tracker.rules.form_state import FormState
from tracker.rules.growing import Growing
from tracker.rules.measures.history import History
from tracker.rules.note_state import NoteState
from tracker.rules.plan_state import PlanState, Promise
from tracker.rules.shipment_state import ShipmentState, ShipmentStatus


class TherapyStatus(StrEnum):
    """Whether the therapy runs."""

    ACTIVE = "active"
    CANCELED = "canceled"
    CLOSED = "closed"


class Occurrence(Struct, frozen=True):
    """When something last happened, and the event that records it."""

    at: datetime
    event_id: str
    sequence: int
    actor: str


class CountWord(Struct, frozen=True):
    """What a count of a place said of a unit."""

    result: CountResult
    location: str
    at: datetime
    event_id: str
    sequence: int


class UnitState(Struct, frozen=True):
    """One container, as its therapy's chain knows it."""

    unit: str
    material: Material
    parents: tuple[str, ...] = ()
    attempt: int = 0
    """The manufacture that it came out of, counted from 1; 0 of what was collected."""

    number: int | None = None
    """Which container of its material it is, as 1 of 2; None where nobody counted."""

    of: int | None = None
    component: str | None = None
    """Which of several products that make up a dose it holds; None where there is one, or it was drawn."""

    facts: Mapping[str, Occurrence] = field(default_factory=dict)
    custodian: Party | None = None
    handoff: str | None = None
    """The event id of the giver's statement while nobody has answered it."""

    site: str | None = None
    location: str | None = None
    position: str | None = None
    """Where in the location it lies; None where that has no positions, or nobody has said it."""

    counted: CountWord | None = None
    """What a count said of it last, where that was not what the record said."""

    removals: int = 0
    """How often it was taken out of storage: each time warms it a little."""

    box: str | None = None
    data_logger: str | None = None
    """The logger that was packed with it last, where there was one."""

    shipment: str | None = None
    stays: tuple[LoggerStay, ...] = ()
    """When it was in closed boxes, and beside which logger."""

    places: tuple[PlaceStay, ...] = ()
    """When it lay in which place."""

    told_outside: tuple[OutsideBand, ...] = ()
    """For how long and how often it was outside its band, by the files that were read."""

    cassette: str | None = None
    din: str | None = None
    quarantined: bool = False
    disposition: Disposition = Disposition.PENDING
    final: FinalDisposition | None = None
    volume_ml: Decimal | None = None
    cells: Decimal | None = None
    """Viable CAR-positive cells in it as it was filled, in millions; None while nobody knows."""

    part: str | None = None
    """Of which part of a split dose it is."""

    color: str | None = None
    """The word by which sizes of one product are told apart."""

    infused_ml: Decimal | None = None
    remainder_destroyed: bool = False
    labels: Mapping[str, LabelState] = field(default_factory=dict)
    """The last word on each copy of its own label, by copy letter."""

    confirmed: tuple[str, ...] = ()
    """What was confirmed of its patient before it was thawed and at the bed."""

    adopted: tuple[AdoptedCode, ...] = ()
    expires_at: datetime | None = None
    expires_by: str | None = None
    """The event id of what said until when its shelf life runs."""

    @property
    def outside_band(self) -> timedelta:
        """For how long it was outside its band in its life, by the files that were read."""
        return sum((one.lasted for one in self.told_outside), timedelta())

    @property
    def excursions(self) -> int:
        """How often it was outside its band in its life, by the files that were read."""
        return sum(one.count for one in self.told_outside)

    @property
    def labeled(self) -> bool:
        """Whether a copy of its own label is on it, scanned back."""
        return LabelState.APPLIED in self.labels.values()

    @property
    def released(self) -> bool:
        """Whether quality let it go, in or out of specification."""
        return self.disposition in (Disposition.RELEASED, Disposition.RELEASED_OUT_OF_SPECIFICATION)

    @property
    def logger_beside(self) -> str | None:
        """The logger that is in the box with it; None once it is out of the box."""
        return None if self.box is None else self.data_logger

    @property
    def not_found_yet(self) -> bool:
        """Whether it is known from paper alone: nobody has scanned it where it lies."""
        return TherapyImported.kind in self.facts and UnitFound.kind not in self.facts

    def last_moved(self, *how: Moves) -> Occurrence | None:
        """The newest of its facts whose kind moves a unit in one of these ways."""
        found = [fact for kind, fact in self.facts.items() if moves_of(kind) in how]
        return max(found, key=lambda fact: fact.sequence, default=None)

    @property
    def out_of_place(self) -> CountWord | None:
        """That a count missed it, or found it elsewhere, while nobody has moved it by the record since."""
        word = self.counted
        if word is None or word.result is CountResult.FOUND_AGAIN or self.final is not None:
            return None
        moved = [
            fact
            for kind, fact in self.facts.items()
            if moves_of(kind) is not Moves.STAYS or kind == UnitFound.kind
        ]
        return None if any(fact.sequence > word.sequence for fact in moved) else word

    @property
    def is_missed(self) -> bool:
        """Whether the last count of its place missed it."""
        return self.out_of_place is not None and self.out_of_place.result is CountResult.MISSING

    @property
    def last_taken(self) -> Occurrence | None:
        """Its last acceptance, full or partial: when and by whom."""
        return self.last_moved(Moves.TAKEN)

    @property
    def has_travelled(self) -> bool:
        """Whether somebody has taken it over since it was packed."""
        packed, taken = self.facts.get(Packed.kind), self.last_taken
        return packed is not None and taken is not None and taken.sequence > packed.sequence

    @property
    def was_taken_out(self) -> bool:
        """Whether it came out of a box at the door and nobody has matched it since."""
        taken, seen = self.facts.get(PartlyAccepted.kind), self.facts.get(Inspected.kind)
        packed = self.facts.get(Packed.kind)
        if self.box is not None or packed is None or taken is None:
            return False
        return packed.sequence < taken.sequence and (seen is None or seen.sequence < taken.sequence)

    @property
    def remainder_ml(self) -> Decimal | None:
        """What is left in an infused container and not yet destroyed; None when it was never measured."""
        if self.final is not FinalDisposition.INFUSED or self.volume_ml is None or self.infused_ml is None:
            return None
        return Decimal(0) if self.remainder_destroyed else max(self.volume_ml - self.infused_ml, Decimal(0))

    @property
    def may_hold_remainder(self) -> bool:
        """Whether something is left in an infused container, also where nobody measured how much came in it.

        The containers of a licensed product are filled in their maker's record.
        """
        if self.final is not FinalDisposition.INFUSED or self.remainder_destroyed:
            return False
        return self.volume_ml is None or bool(self.remainder_ml)


Change = Callable[[UnitState], UnitState]
"""What an event does to one unit."""


class HandoffState(Struct, frozen=True):
    """A giver's statement that waits for its answer."""

    event_id: str
    digest: str
    """Statement digest of what the giver said."""

    units: tuple[str, ...]
    from_party: Party
    to_party: Party
    box: str | None
    at: datetime
    actor: str
    site: str
    display_celsius: str | None = None
    """What the display showed the giver; the receiver confirms it, or reads another value."""


class HoldTime(Struct, frozen=True):
    """For how long a closed box holds its temperature, as it was said when it was packed."""

    since: datetime
    until: datetime
    packed_by: str
    """The event id of the packing that said it."""


class RefusalState(Struct, frozen=True):
    """The last refusal of a box that nobody has taken over or sent elsewhere since."""

    occurrence: Occurrence
    site: str
    reason: str
    faults: tuple[str, ...] = ()
    display_celsius: str | None = None
    """What its display showed whoever refused it."""


class ResultReview(Struct, frozen=True):
    """That another person looked over a result, and whether they agree with it."""

    verdict: ResultsVerdict
    occurrence: Occurrence


class TestState(Struct, frozen=True):
    """The standing result of a release test."""

    __test__ = False

    result: str
    occurrence: Occurrence
    changed: int
    """The entry that last set it: the record, or its newest correction."""

    performers: frozenset[str]
    """Who recorded it, and who corrected it."""

    reviews: tuple[ResultReview, ...] = ()
    """What others said of it, the newest last."""

    retests: tuple[TestState, ...] = ()
    """The repeat tests, of a first result; it stays beside them."""

    @property
    def every(self) -> tuple[TestState, ...]:
        """The first result and its repeat tests, in the order of the chain."""
        return (self, *self.retests)

    def with_each(self, change: Callable[[TestState], TestState]) -> TestState:
        """The same with a change of the first result and of each repeat test."""
        return replace(change(self), retests=tuple(change(one) for one in self.retests))


class ManifestState(Struct, frozen=True):
    """What a sender said about the codes of others; a later file of the same number takes its place."""

    event_id: str
    issuer: str
    number: str
    codes: tuple[AdoptedCode, ...]
    units: tuple[ManifestUnit, ...]


class ReviewState(Struct, frozen=True):
    """To which entry a trail was read, by whom and when, and what was said of it."""

    through: int
    actor: str
    at: datetime
    site: str
    """Whose clocks tell on which day it was."""

    outcome: ReviewOutcome
    observed: tuple[str, ...] = ()
    """The checks of which something is not in order, as the reviewer sees it."""

    explained: frozenset[tuple[str, int]] = frozenset()
    """What this review and those before it have explained: a check and the entry it found."""

    @property
    def words(self) -> str:
        """The outcome as it is told beside the review."""
        said = self.outcome.value.replace("_", " ")
        return f"{said}: {', '.join(self.observed).replace('_', ' ')}" if self.observed else said


class PreventedMixup(Struct, frozen=True):
    """What was read where it did not belong: by whom, at which step, and the commitment to it."""

    event_id: str
    actor: str
    step: str
    field: str
    commitment: str
    at: datetime


class EventReference(Struct, frozen=True):
    """Where an event stands in the chain and which units it is about, for whatever names it later."""

    sequence: int
    digest: str
    units: tuple[str, ...] = ()
    """Those of a correction are those of the event that it corrects; none where it is about the therapy."""


class BenchUse(Struct, frozen=True):
    """A bench that a therapy took and that nobody has cleared yet."""

    bench: str
    since: Occurrence
    last_at: datetime
    kinds: tuple[str, ...]
    """The kinds of steps taken there since, each once."""


class EquipmentPlace(Struct, frozen=True):
    """Where a box or logger was last with cells of a therapy."""

    equipment: str
    since: Occurrence
    site: str | None
    custodian: Party | None = None
    """Who holds it closed; None once it was opened there."""


class ProcessRecord(Struct, frozen=True):
    """A step of the process that was taken, with everything that touched the cells at it."""

    event_id: str
    sequence: int
    step: str
    attempt: int
    units: tuple[str, ...]
    filled: tuple[str, ...]
    """The containers into which something went."""

    started_at: datetime
    ended_at: datetime
    actor: str
    site: str
    bench: str | None
    instruments: tuple[str, ...]
    lots: tuple[str, ...]
    measured: Mapping[str, str]
    """By measure: of the cells in the vessel, also where it was measured on a sample of them."""

    @property
    def touched(self) -> tuple[str, ...]:
        """Every unit at it: what it was done to, and what was filled."""
        return tuple(dict.fromkeys((*self.units, *self.filled)))


class DoseState(Struct, frozen=True):
    """What the patient is to be given, in millions of viable CAR-positive cells."""

    occurrence: Occurrence
    indication: str
    regimen: str | None
    weight_kg: Decimal | None
    weighed_on: str | None
    minimum: Decimal
    target: Decimal | None
    maximum: Decimal


class FailureState(Struct, frozen=True):
    """A manufacture that failed, what follows, and what of it is destroyed or kept."""

    attempt: int
    occurrence: Occurrence
    cause: FailureCause
    path: FailurePath
    units: tuple[str, ...]
    kept: tuple[str, ...]


class GradeState(Struct, frozen=True):
    """A grade that somebody gave, by its scale."""

    event_id: str
    sequence: int
    syndrome: Syndrome
    scale: str
    scale_version: str
    grade: int
    assessed_at: datetime
    after: tuple[str, ...]
    """The containers from which cells had begun to flow by then."""

    actor: str


class OutcomeState(Struct, frozen=True):
    """What was said of a duty on one of its days."""

    event_id: str
    sequence: int
    duty: str
    due_on: str
    result: str


class CertificateState(Struct, frozen=True):
    """What the maker's certificate says that was read last."""

    code: AdoptedCode
    identifier: str
    containers: int
    expires_on: str
    expires_at: datetime
    out_of_specification: bool
    occurrence: Occurrence


class TherapyState(Struct, frozen=True):
    """Everything the rules need to know of one therapy."""

    coi: str
    sequence: int
    protocol: ProtocolPin
    sites: TherapySites
    patient_identifiers: tuple[str, ...]
    """Commitments, one for each identifier."""

    history: History
    """What its measures are drawn from; no rule of a step reads it."""

    indication: str | None = None
    """The disease, by the protocol's word."""

    status: TherapyStatus = TherapyStatus.ACTIVE
    facts: Mapping[str, Occurrence] = field(default_factory=dict)
    units: Mapping[str, UnitState] = field(default_factory=dict)
    handoffs: Mapping[str, HandoffState] = field(default_factory=dict)
    tests: Mapping[tuple[int, str], TestState] = field(default_factory=dict)
    """By manufacture and test: what a failed first manufacture brought says nothing of the second."""

    process: tuple[ProcessRecord, ...] = ()
    """The steps of the process that were taken, in the order of the chain."""

    failures: Mapping[int, FailureState] = field(default_factory=dict)
    """The manufactures that failed, by number."""

    dose: DoseState | None = None
    """What was set last; None while nobody has set a dose."""

    grades: tuple[GradeState, ...] = ()
    """Of adverse reactions, in the order of the chain."""

    releases: tuple[str, ...] = ()
    """Every release, in and out of specification, by event id in the order of the chain."""

    outcomes: tuple[OutcomeState, ...] = ()
    """Of what was due after the infusion, in the order of the chain."""

    events: Growing[str, EventReference] = field(default_factory=Growing)
    corrected: Mapping[tuple[str, str], str | Commitment] = field(default_factory=dict)
    """The value that stands of each corrected field, by event and field."""

    adopted: tuple[AdoptedCode, ...] = ()
    certificate: CertificateState | None = None
    """Of a product that was made elsewhere."""

    manifests: Mapping[str, ManifestState] = field(default_factory=dict)
    """By sender and number."""

    announced: frozenset[AdoptedCode] = frozenset()
    """Every code that a manifest of this therapy ever named; it stays this therapy's."""

    seals: Mapping[str, str] = field(default_factory=dict)
    """The standing seal of each box that holds units of this therapy."""

    named_sites: frozenset[str] = frozenset()
    """Carriers and other sites that a shipment or handoff of it has named; they have a part since."""

    boxes_carrier: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """For each box: its carrier and destination site, as packed or diverted last."""

    boxes_receiver: Mapping[str, Party] = field(default_factory=dict)
    """Who takes a box at its destination, where a diversion has named somebody."""

    boxes_refused: Mapping[str, RefusalState] = field(default_factory=dict)
    """For each box whose last handoff was refused: by whom, where and why."""

    boxes_hold: Mapping[str, HoldTime] = field(default_factory=dict)
    """For how long a box holds its temperature, where packing said so."""

    equipment: Mapping[str, EquipmentPlace] = field(default_factory=dict)
    """Where each box and logger that was packed for it was last."""

    benches: Mapping[str, BenchUse] = field(default_factory=dict)
    """The benches at which something of this therapy may still lie."""

    labels: Mapping[str, Mapping[str, LabelState]] = field(default_factory=dict)
    """The last word on each copy of cassettes' labels and the therapy's cards, by object id."""

    reviewed: ReviewState | None = None
    """The newest review of the trail."""

    forms: Mapping[str, FormState] = field(default_factory=dict)
    """The downtime forms that were printed for it."""

    mixups_prevented: int = 0
    last_prevented: tuple[PreventedMixup, ...] = ()
    """The newest prevented mix-ups, with which a further attempt is compared."""

    deviations: Mapping[str, DeviationState] = field(default_factory=dict)
    """By the event that drafted or opened it."""

    notes: tuple[NoteState, ...] = ()
    """What people wrote down, the oldest first; no rule reads them."""

    files_read: tuple[FileRead, ...] = ()
    """The files of loggers that were read for its shipments and its places."""

    excursions: Mapping[str, ExcursionState] = field(default_factory=dict)
    """By the event that found it."""
    acknowledged: Mapping[str, AcknowledgedAlert] = field(default_factory=dict)
    """By the id of the alert; no rule beside that of acknowledging reads them."""

    outside: tuple[str, ...] = ()
    """Event ids of what happened outside the rules."""

    unconfirmed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The units of each fact outside the rules that quality has not confirmed; none named: all of them."""

    plan: PlanState | None = None
    """What is booked; None where nothing is."""

    promise: Promise | None = None
    """What was promised; it stands also where what was booked for it was moved or given back."""

    shipments: Mapping[str, ShipmentState] = field(default_factory=dict)
    """By the id of the shipment: what was booked or packed."""

    last: Occurrence | None = None
    last_kind: str = "enrolled"

    def unit(self, unit: str) -> UnitState | None:
        """A unit by its id."""
        return self.units.get(unit)

    @property
    def is_from_paper(self) -> bool:
        """Whether it began before cartrail and came in off paper, which is told for ever."""
        return TherapyImported.kind in self.facts

    @property
    def attempts(self) -> int:
        """How many manufactures have ended; each has results of its own."""
        return max((unit.attempt for unit in self.units.values()), default=0)

    def label_states(self, object_id: str) -> Mapping[str, LabelState]:
        """The last word on each copy of one object's label."""
        unit = self.units.get(object_id)
        return unit.labels if unit is not None else self.labels.get(object_id, {})

    def in_box(self, box: str) -> Iterator[UnitState]:
        """The units in a box."""
        return (unit for unit in self.units.values() if unit.box == box)

    def with_unit(self, unit: UnitState) -> TherapyState:
        """This state with one unit replaced."""
        return replace(self, units={**self.units, unit.unit: unit})

    def with_copy(self, object_id: str, letter: str, said: LabelState) -> TherapyState:
        """This state with a new status of one printed copy, of a unit's own label or any other."""
        unit = self.unit(object_id)
        if unit is not None:
            return self.with_unit(replace(unit, labels={**unit.labels, letter: said}))
        known = self.labels.get(object_id, {})
        return replace(self, labels={**self.labels, object_id: {**known, letter: said}})

    def with_changed(self, units: Iterable[str], change: Change) -> TherapyState:
        """This state with a change applied to each unit it knows; unknown units are passed over."""
        changed = {name: change(self.units[name]) for name in units if name in self.units}
        return replace(self, units={**self.units, **changed})

    def without_idle_handoffs(self) -> TherapyState:
        """This state without handoffs that no unit waits for: its units ended or were given again."""
        waited_for = {unit.handoff for unit in self.units.values()}
        return replace(self, handoffs={key: one for key, one in self.handoffs.items() if key in waited_for})

    def in_shipment(self, shipment: str) -> tuple[UnitState, ...]:
        """The units that travel in a shipment now."""
        return tuple(
            unit for unit in self.units.values() if unit.shipment == shipment and unit.box is not None
        )

    def shipment_status(self, shipment: ShipmentState) -> ShipmentStatus:
        """How far a shipment of it is."""
        if self.in_shipment(shipment.shipment):
            return ShipmentStatus.PACKED
        if shipment.packed_at is not None or self.status is TherapyStatus.CANCELED:
            return ShipmentStatus.ENDED
        return ShipmentStatus.BOOKED

    def lineage(self, unit: str) -> frozenset[str]:
        """A unit and everything it was made from."""
        found: set[str] = set()
        waiting = [unit]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.units[name].parents if name in self.units else ())
        return frozenset(found)

    def open_deviations(self, unit: str | None = None) -> Iterator[DeviationState]:
        """The deviations quality has not closed: all, or those about a unit or what it was made from."""
        concerned = None if unit is None else self.lineage(unit)
        for deviation in self.deviations.values():
            if deviation.status is not DeviationStatus.CLOSED and (
                concerned is None or deviation.concerns(concerned)
            ):
                yield deviation

    def assessments_of(self, unit: str) -> Iterator[tuple[DeviationState, Assessment]]:
        """What quality last said of a unit and of what it was made from, of each deviation about them."""
        lineage = self.lineage(unit)
        for deviation in self.deviations.values():
            if deviation.concerns(lineage):
                yield from ((deviation, assessed) for assessed in deviation.standing(sorted(lineage)))

    def is_out_of_specification(self, unit: str) -> bool:
        """Whether quality last said of a deviation that it left the unit out of specification."""
        return any(one.decision is DeviationDecision.OOS for _, one in self.assessments_of(unit))

    def unconfirmed_of(self, unit: str) -> Iterator[str]:
        """The facts outside the rules behind a unit that quality has not confirmed, by event id."""
        concerned = self.lineage(unit)
        for event, units in self.unconfirmed.items():
            if not units or not concerned.isdisjoint(units):
                yield event

    @property
    def newest_attempt(self) -> int:
        """The number of the newest manufacture; the first also where none has begun."""
        return max(self.attempts, *(one.attempt for one in self.process), 1)

    def open_units(self) -> Iterator[UnitState]:
        """The units whose end is not yet known."""
        return (unit for unit in self.units.values() if unit.final is None)


Changes = Mapping[type[Payload], Callable[[TherapyState, Statement, Any, Occurrence], TherapyState]]
"""What each event does to the state of its therapy; total, so that no event can make history unreadable."""
