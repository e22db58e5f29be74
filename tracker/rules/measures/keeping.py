"""How each event of a chain adds to what measures are drawn from: a fold without clock, zone or store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.errors import InputError
from schema.events import Payload
from schema.events.conditions import ConditionsRecorded, ExcursionFound
from schema.events.custody import Accepted, Inspected, Packed, PartlyAccepted
from schema.events.identity import Canceled, Closed, Corrected, Enrolled, MixupPrevented
from schema.events.planning import Rescheduled, Scheduled
from schema.events.processing import (
    Collected,
    Cryopreserved,
    InfusionStarted,
    InfusionStopped,
    Manufactured,
    ManufacturingFailed,
    ManufacturingStarted,
    Rejected,
    Released,
    ReleasedOutOfSpecification,
)
from schema.events.shipments import ShipmentProgress
from schema.events.takeover import StepBefore, TherapyImported
from schema.instants import parse_instant
from schema.vocabulary import (
    EntryMode,
    ExposureVerdict,
    Material,
    PartyType,
    Reason,
    ShipmentMilestone,
)
from tracker.rules.measures.history import (
    GivenBack,
    Happening,
    History,
    HistoryStep,
    Judgment,
    MadeVerdict,
    Moment,
    TakenPlace,
    Way,
)
from tracker.rules.plan_state import PlanState
from tracker.rules.therapy_state import TherapyState, UnitState

_MADE: Final = frozenset({Material.PRODUCT, Material.IN_PROCESS})
"""Of which quality judges a manufacture; samples and what was collected say nothing of it."""

_VERDICTS: Final[Mapping[str, MadeVerdict]] = {
    Released.kind: MadeVerdict.RELEASED,
    ReleasedOutOfSpecification.kind: MadeVerdict.OUT_OF_SPECIFICATION,
    Rejected.kind: MadeVerdict.REJECTED,
}
_STEPS: Final[Mapping[str, tuple[HistoryStep, frozenset[Material] | None]]] = {
    Enrolled.kind: (HistoryStep.ENROLLED, None),
    Collected.kind: (HistoryStep.COLLECTED, None),
    Cryopreserved.kind: (HistoryStep.FROZEN, frozenset({Material.LEUKAPHERESIS})),
    ManufacturingStarted.kind: (HistoryStep.MAKING_STARTED, None),
    Manufactured.kind: (HistoryStep.MADE, None),
    InfusionStarted.kind: (HistoryStep.INFUSION_STARTED, None),
    InfusionStopped.kind: (HistoryStep.INFUSION_STOPPED, None),
    Canceled.kind: (HistoryStep.CANCELED, None),
    Closed.kind: (HistoryStep.CLOSED, None),
}
"""The step that each kind is, and of which materials, where not of any."""

Keep = Callable[[TherapyState, Statement, Any, Moment], History]


def first_history(payload: Enrolled, moment: Moment) -> History:
    """What is kept of a therapy that was enrolled at a moment."""
    return History(
        protocol=payload.protocol.id,
        collection_site=payload.sites.collection,
        manufacturing_site=payload.sites.manufacturing,
        treatment_site=payload.sites.treatment,
        steps={HistoryStep.ENROLLED: (moment,)},
    )


def history_after(before: TherapyState, after: TherapyState, statement: Statement, sequence: int) -> History:
    """What is kept after one more event, given the state before it and the one it leads to."""
    payload = statement.payload
    moment = moment_of(statement, sequence)
    history = before.history
    keep = _KEEP.get(type(payload))
    if keep is not None:
        history = keep(before, statement, payload, moment)
    promise = after.promise
    if promise is not None and promise is not before.promise:
        history = replace(history, promised_first=promise.first, promised_last=promise.day)
    if before.plan is not after.plan or before.status is not after.status:
        history = _replanned(history, before.plan, after.plan, payload, moment)
    return history


def moment_of(statement: Statement, sequence: int) -> Moment:
    """When something happened, and what is to be said of it for ever."""
    is_outside, is_from_paper = bool(statement.outside_rules), statement.mode is EntryMode.PAPER
    return Moment(statement.occurred_at, sequence, is_outside, is_from_paper)


def _with(history: History, step: HistoryStep, *moments: Moment) -> History:
    known = history.steps.get(step, ())
    return replace(history, steps={**history.steps, step: (*known, *moments)})


def _stepped(state: TherapyState, _: Statement, payload: Payload, moment: Moment) -> History:
    step, materials = _STEPS[payload.kind]
    if materials is not None and materials.isdisjoint(one.material for one in _units(state, payload)):
        return state.history
    at = payload.ended_at if isinstance(payload, Collected) else moment.at
    return _with(state.history, step, replace(moment, at=at))


def _units(state: TherapyState, payload: Payload) -> Iterator[UnitState]:
    """The units that an event names and the state knows."""
    return filter(None, map(state.unit, getattr(payload, "units", ())))


def _canceled(state: TherapyState, statement: Statement, payload: Canceled, moment: Moment) -> History:
    """The end; where the manufacture failed, that is said of the one that nobody has judged yet."""
    history = _stepped(state, statement, payload, moment)
    if payload.reason is not Reason.MANUFACTURING_FAILED:
        return history
    if state.newest_attempt in state.failures:
        return history
    judged = {one.attempt for one in history.judgments}
    attempt = next((one for one in range(1, state.newest_attempt + 1) if one not in judged), None)
    failed = Judgment(attempt or state.newest_attempt + 1, MadeVerdict.FAILED, moment)
    return replace(history, judgments=(*history.judgments, failed))


def _failed(state: TherapyState, _: Statement, payload: ManufacturingFailed, moment: Moment) -> History:
    """It failed when quality said so, whatever became of its containers."""
    judged = Judgment(payload.attempt, MadeVerdict.FAILED, moment)
    return replace(state.history, judgments=(*state.history.judgments, judged))


def _judged(state: TherapyState, _: Statement, payload: Released, moment: Moment) -> History:
    # What was made elsewhere has no manufacture in the record; it is the first of its therapy all the same.
    made = (one for one in _units(state, payload) if one.material in _MADE)
    attempts = dict.fromkeys(one.attempt or 1 for one in made)
    judged = (Judgment(one, _VERDICTS[payload.kind], moment) for one in attempts)
    return replace(state.history, judgments=(*state.history.judgments, *judged))


def _imported(state: TherapyState, _: Statement, payload: TherapyImported, moment: Moment) -> History:
    """What paper says of the time before; the day on which it came in is no step of the therapy."""
    found: dict[HistoryStep, dict[Moment, None]] = {}
    judgments: dict[Judgment, None] = {}
    told: list[tuple[Material | None, int, StepBefore]] = [(None, 0, one) for one in payload.steps]
    told += [(each.material, each.attempt, one) for each in payload.containers for one in each.steps]
    for material, attempt, one in told:
        then = replace(moment, at=one.at, is_from_paper=True)
        step, materials = _STEPS.get(one.step, (None, None))
        if step is not None and (materials is None or material in materials):
            found.setdefault(step, {})[then] = None
        if one.step in _VERDICTS and material in _MADE and attempt:
            judgments[Judgment(attempt, _VERDICTS[one.step], then)] = None
    return replace(
        state.history,
        steps={step: tuple(sorted(moments, key=lambda one: one.at)) for step, moments in found.items()},
        judgments=tuple(judgments),
    )


def _corrected(state: TherapyState, _: Statement, payload: Corrected, __: Moment) -> History:
    """A collection that ended at another time; no other time of a step can be corrected."""
    wrong, known = state.events.get(payload.event), state.history.steps.get(HistoryStep.COLLECTED, ())
    if payload.field != "ended_at" or not isinstance(payload.new, str) or wrong is None:
        return state.history
    try:
        ended_at = parse_instant(payload.new)
    except InputError:
        return state.history
    moments = tuple(replace(one, at=ended_at) if one.sequence == wrong.sequence else one for one in known)
    if moments == known:
        return state.history
    return replace(state.history, steps={**state.history.steps, HistoryStep.COLLECTED: moments})


def _mixup(state: TherapyState, statement: Statement, payload: MixupPrevented, moment: Moment) -> History:
    happened = Happening(moment, statement.site, payload.step)
    return replace(state.history, mixups=(*state.history.mixups, happened))


# ways


def _way_changed(history: History, shipment: str | None, **changes: Any) -> History:
    ways = tuple(replace(one, **changes) if one.shipment == shipment else one for one in history.ways)
    return history if ways == history.ways else replace(history, ways=ways)


def _packed(state: TherapyState, statement: Statement, payload: Packed, moment: Moment) -> History:
    """A way begins; a box that is changed on the road goes on as the shipment it was."""
    history = state.history
    known = next((one for one in history.ways if one.shipment == payload.shipment), None)
    materials = dict.fromkeys(one.material for one in _units(state, payload))
    if known is not None and known.taken is not None:
        return _way_changed(
            history, payload.shipment, materials=tuple(dict.fromkeys((*known.materials, *materials)))
        )
    shipment = state.shipments.get(payload.shipment)
    booking = None if shipment is None else shipment.booking
    way = Way(
        shipment=payload.shipment,
        carrier=payload.carrier,
        from_site=statement.site,
        to_site=payload.destination,
        materials=tuple(dict.fromkeys((*(known.materials if known else ()), *materials))),
        packed=moment,
        due_at=None if booking is None else booking.delivery.latest,
    )
    others = (one for one in history.ways if one.shipment != payload.shipment)
    return replace(history, ways=(*others, way))


def _taken_over(
    state: TherapyState, statement: Statement, payload: Accepted | PartlyAccepted, moment: Moment
) -> History:
    custodian = payload.custodian
    site = custodian.site or payload.happened_at_site or statement.site
    is_carrier = custodian.type is PartyType.CARRIER
    return _travelled(state, payload.units, site, moment, is_carrier=is_carrier)


def _inspected(state: TherapyState, statement: Statement, payload: Inspected, moment: Moment) -> History:
    """Opened: whatever nobody took over at the door has arrived by then."""
    units = [result.unit for result in payload.results]
    return _travelled(state, units, statement.site, moment, is_carrier=False)


def _travelled(
    state: TherapyState, units: Iterable[str], site: str, moment: Moment, *, is_carrier: bool
) -> History:
    """The ways of units that somebody took over: the first carrier and the first door count.

    A department of the carrier, such as its hub, is no door.
    """
    known = filter(None, map(state.unit, units))
    shipments, history = {one.shipment for one in known}, state.history
    for way in history.ways:
        if way.shipment not in shipments:
            continue
        if is_carrier and way.taken is None:
            history = _way_changed(history, way.shipment, taken=moment)
        elif not is_carrier and way.taken is not None and way.arrived is None and site != way.carrier:
            history = _way_changed(history, way.shipment, arrived=moment, arrived_site=site)
    return history


def _heard(state: TherapyState, _: Statement, payload: ShipmentProgress, __: Moment) -> History:
    if payload.milestone is not ShipmentMilestone.LOST:
        return state.history
    return _way_changed(state.history, payload.shipment, is_lost=True)


def _read(state: TherapyState, _: Statement, payload: ConditionsRecorded, __: Moment) -> History:
    return _way_changed(state.history, payload.shipment, is_read=True)


def _excursion(state: TherapyState, _: Statement, payload: ExcursionFound, __: Moment) -> History:
    if payload.verdict is ExposureVerdict.OUTSIDE:
        return _way_changed(state.history, payload.shipment, was_outside=True)
    return _way_changed(state.history, payload.shipment, is_unknown=True)


# the plan


def _scheduled(state: TherapyState, _: Statement, payload: Scheduled, __: Moment) -> History:
    known = state.history
    return known if known.ready_from is not None else replace(known, ready_from=payload.ready_from)


def _rescheduled(state: TherapyState, statement: Statement, payload: Rescheduled, moment: Moment) -> History:
    if not payload.moved:
        return state.history
    reason = "" if payload.reason is None else payload.reason.value
    moved = Happening(moment, statement.site, reason)
    return replace(state.history, moves=(*state.history.moves, moved))


def _replanned(
    history: History, before: PlanState | None, after: PlanState | None, payload: Payload, moment: Moment
) -> History:
    """The places that are booked now or were used, and those that were given back.

    A place that has begun was used where a therapy is canceled, or booked once more for a second collection;
    where it is moved, nobody came.
    """
    known = dict(_booked(before))
    now = {} if isinstance(payload, Canceled) else {name: place for name, (place, _) in _booked(after)}
    stood = {place for place, _ in known.values()}
    used, left = [one for one in history.places if one not in stood], []
    for name, (place, start) in known.items():
        if now.get(name) == place:
            continue
        if start <= moment.at and isinstance(payload, Canceled | Scheduled):
            used.append(place)
        else:
            left.append(GivenBack(place.resource, start, moment, payload.reason))
    return replace(history, places=(*used, *now.values()), given_back=(*history.given_back, *left))


def _booked(plan: PlanState | None) -> Iterator[tuple[str, tuple[TakenPlace, datetime]]]:
    """What takes a place of a resource, and when; a site that only has to be open has none to take."""
    for name, one in (plan.booked if plan is not None else {}).items():
        booked = one.milestone
        if "/" in booked.resource:
            place = TakenPlace(name, booked.resource, booked.first_day, booked.last_day)
            yield name, (place, booked.start)


_KEEP: Final[Mapping[type[Payload], Keep]] = {
    Collected: _stepped,
    Cryopreserved: _stepped,
    ManufacturingStarted: _stepped,
    Manufactured: _stepped,
    InfusionStarted: _stepped,
    InfusionStopped: _stepped,
    Canceled: _canceled,
    Closed: _stepped,
    Released: _judged,
    ReleasedOutOfSpecification: _judged,
    Rejected: _judged,
    ManufacturingFailed: _failed,
    TherapyImported: _imported,
    Corrected: _corrected,
    MixupPrevented: _mixup,
    Packed: _packed,
    Accepted: _taken_over,
    PartlyAccepted: _taken_over,
    Inspected: _inspected,
    ShipmentProgress: _heard,
    ConditionsRecorded: _read,
    ExcursionFound: _excursion,
    Scheduled: _scheduled,
    Rescheduled: _rescheduled,
}
"""What each kind adds; a kind that is not here tells measures nothing."""
