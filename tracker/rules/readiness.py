"""Whether all is there for what is due soon: its place, labels, results, shipper, logger, carrier and people.

Each is judged for the moment at which it is needed: a shipper that is charged now and empty by then is none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from schema.events.custody import Packed
from schema.events.processing import Released
from schema.events.shipments import ShipmentBooked
from schema.vocabulary import EquipmentType, Material, Role
from tracker.planning.calendar import Lane, Resource, day_at
from tracker.planning.chain import PlannedSlot
from tracker.planning.obstacles import day_text
from tracker.protocols.model import PlannedStep, Protocol, Step
from tracker.rules.authority import grant_fault, roles_text
from tracker.rules.checks.equipment import Use, fault, fit
from tracker.rules.registry_state import Equipment, RegistryState
from tracker.rules.results import failed_tests, pending_tests
from tracker.rules.therapy_state import TherapyState, UnitState

TITLES_MAX = 2
"""How many missing results are named; how many there are is said anyway."""


class Readiness(StrEnum):
    """Whether something is there that will be needed."""

    READY = "ready"
    LOOK = "look"
    """Somebody has to look at it, or to decide."""

    MISSING = "missing"
    NOT_DUE = "not_due"
    """It cannot be there yet: what comes before it is still to come."""


class Need(StrEnum):
    """What a milestone needs, in the order in which it is told."""

    SLOT = "slot"
    LABELS = "labels"
    RESULTS = "results"
    SHIPPER = "shipper"
    LOGGER = "logger"
    COURIER = "courier"
    PEOPLE = "people"


_WORST = (Readiness.MISSING, Readiness.LOOK, Readiness.NOT_DUE, Readiness.READY)


class ReadinessItem(Struct, frozen=True):
    """One thing that a milestone needs: whether it is there, and what is, in words."""

    need: Need
    readiness: Readiness
    words: str


class Preparation(Struct, frozen=True):
    """A booked milestone of one therapy with what the record knows of it."""

    registry: RegistryState
    protocol: Protocol
    therapy: TherapyState
    step: PlannedStep
    slot: PlannedSlot
    resource: Resource | None
    """The place that was booked; None where it is gone."""

    lane: Lane | None
    """By which it is carried to the milestone; None where nothing travels."""

    site: str
    """Where it has to be ready: of what travels, the site that it leaves."""

    carrier: str | None
    offset_of: Callable[[datetime], str]
    """The offset from UTC of the clocks of `site` at a moment, as `-04:00`."""

    booking: ShipmentBooked | None = None
    """The shipment that was booked for the way to it."""

    closed_boxes: Mapping[str, str | None] = {}
    labels_printed: bool = False
    """Whether any label of the therapy was printed yet."""

    @property
    def at(self) -> datetime:
        """When it has to be ready: at the pick-up of what travels, else when the milestone begins."""
        return self.slot.leaves

    @property
    def travels(self) -> bool:
        """Whether a carrier brings something to it."""
        return self.slot.departs is not None

    def units(self) -> tuple[UnitState, ...]:
        """The open units that the milestone is about."""
        wanted = self.step.materials
        return tuple(one for one in self.therapy.open_units() if not wanted or one.material in wanted)


def worst(found: Iterable[Readiness]) -> Readiness:
    """The worst of several; ready where there are none."""
    known = set(found)
    return next((one for one in _WORST if one in known), Readiness.READY)


def readiness(given: Preparation) -> tuple[ReadinessItem, ...]:
    """Everything that the milestone needs, in the order of `Need`."""
    return (_slot(given), *_labels(given), *_results(given), *_road(given), *_people(given))


def _slot(given: Preparation) -> ReadinessItem:
    resource, start = given.resource, given.slot.start
    if resource is None:
        return ReadinessItem(Need.SLOT, Readiness.MISSING, f"{given.slot.resource} is no longer there")
    day = day_at(resource.offset, start)
    why = resource.why_not_on(day)
    if why is not None:
        return ReadinessItem(Need.SLOT, Readiness.MISSING, f"{resource.title}: {why} on {day_text(day)}")
    opens, closes = resource.opening(day)
    if not opens <= start <= closes:
        hours = f"{resource.hours[0]:%H:%M} to {resource.hours[1]:%H:%M}"
        return ReadinessItem(Need.SLOT, Readiness.LOOK, f"{resource.title} begins from {hours}")
    return ReadinessItem(Need.SLOT, Readiness.READY, resource.title)


def _labels(given: Preparation) -> Iterator[ReadinessItem]:
    """Printed before anything is collected; on each unit from then on."""
    if given.step.after is None:
        is_there = given.labels_printed
        state = Readiness.READY if is_there else Readiness.MISSING
        yield ReadinessItem(Need.LABELS, state, "labels printed" if is_there else "no label printed")
        return
    if not given.step.materials:
        return
    units = given.units()
    bare = [one for one in units if not one.labeled]
    if not units:
        yield ReadinessItem(Need.LABELS, Readiness.NOT_DUE, f"no {_said(given.step.materials)} yet")
    elif bare:
        yield ReadinessItem(Need.LABELS, Readiness.MISSING, f"no label on {bare[0].unit}")
    else:
        yield ReadinessItem(Need.LABELS, Readiness.READY, "labels on")


def _results(given: Preparation) -> Iterator[ReadinessItem]:
    units = given.units()
    held = next((one for one in units if one.quarantined), None) if given.step.materials else None
    if held is not None:
        yield ReadinessItem(Need.RESULTS, Readiness.MISSING, f"{held.unit} is in quarantine")
        return
    if given.step.fulfilled_by == Released.kind:
        yield _tested(given)
        return
    if Material.PRODUCT in given.step.materials and units:
        waiting = next((one for one in units if not one.released), None)
        state = Readiness.READY if waiting is None else Readiness.MISSING
        yield ReadinessItem(
            Need.RESULTS, state, "released" if waiting is None else f"{waiting.unit} is not released"
        )


def _tested(given: Preparation) -> ReadinessItem:
    attempts = given.therapy.attempts
    if not attempts:
        return ReadinessItem(Need.RESULTS, Readiness.NOT_DUE, "nothing made yet")
    failed = failed_tests(given.therapy, attempts, given.protocol)
    if failed:
        return ReadinessItem(Need.RESULTS, Readiness.LOOK, f"{failed[0].title} does not meet its limit")
    pending = pending_tests(given.therapy, attempts, given.protocol)
    if not pending:
        return ReadinessItem(Need.RESULTS, Readiness.READY, "all results")
    titles = ", ".join(one.title for one in pending[:TITLES_MAX])
    more = f" and {len(pending) - TITLES_MAX} more" if len(pending) > TITLES_MAX else ""
    count = "1 result" if len(pending) == 1 else f"{len(pending)} results"
    return ReadinessItem(Need.RESULTS, Readiness.MISSING, f"{count} missing: {titles}{more}")


def _road(given: Preparation) -> Iterator[ReadinessItem]:
    """The shipper, its logger and the carrier of what travels."""
    if not given.travels:
        return
    packed, booked = next((one for one in given.units() if one.box is not None), None), given.booking
    asked = given.protocol.shipping_of(next(iter(given.step.materials), Material.PRODUCT))
    if packed is not None:
        yield _packed(given, packed)
    else:
        yield _to_pack(given, Need.SHIPPER, asked.equipment_types, None if booked is None else booked.box)
    if asked.logger_required:
        if packed is None:
            yield _to_pack(
                given,
                Need.LOGGER,
                (EquipmentType.DATA_LOGGER,),
                None if booked is None else booked.data_logger,
            )
        else:
            has_one = packed.logger_beside is not None
            state = Readiness.READY if has_one else Readiness.MISSING
            yield ReadinessItem(Need.LOGGER, state, "logger packed" if has_one else "no logger in the box")
    yield _courier(given)


def _packed(given: Preparation, unit: UnitState) -> ReadinessItem:
    hold = given.therapy.boxes_hold.get(unit.box or "")
    if hold is None:
        return ReadinessItem(Need.SHIPPER, Readiness.LOOK, "packed; nobody has said how long it holds")
    if hold.until < given.slot.start:
        return ReadinessItem(Need.SHIPPER, Readiness.LOOK, _holds(given, hold.until))
    return ReadinessItem(Need.SHIPPER, Readiness.READY, "packed")


def _to_pack(
    given: Preparation, need: Need, kinds: tuple[EquipmentType, ...], booked: str | None
) -> ReadinessItem:
    """Whether the box or logger that was booked, else any of the site, is fit from pick-up to arrival."""
    until = None if need is Need.LOGGER else given.slot.start
    use = Use(
        *(given.registry, given.site, given.at, given.offset_of),
        carrier=given.carrier,
        until=until,
        closed_boxes=given.closed_boxes,
    )
    all_fit = (one for kind in kinds for one in fit(use, kind))
    found = next((one for one in all_fit if booked in (None, one.id)), None)
    word = "logger" if need is Need.LOGGER else "shipper"
    if found is not None:
        return ReadinessItem(need, Readiness.READY, found.title)
    there = [
        one
        for one in given.registry.equipments.values()
        if one.equipment_type in kinds
        and one.id not in given.closed_boxes
        and given.site in (one.site, one.brought_to, one.emptied_at_site)
        and booked in (None, one.id)
    ]
    if not there:
        return ReadinessItem(need, Readiness.MISSING, f"no {word} at {given.site}")
    holding = [one for one in there if one.holds_until is not None and one.holds_until > given.at]
    longest = max(holding, key=lambda one: one.holds_until or given.at, default=None)
    if need is Need.SHIPPER and longest is not None and longest.holds_until is not None:
        why = fault(use, longest)
        if why is not None and why.rule == "hold_until_too_late":
            return ReadinessItem(
                need, Readiness.LOOK, f"{longest.title} {_holds(given, longest.holds_until)}"
            )
    return ReadinessItem(need, Readiness.MISSING, f"no {word} is fit: {_why(use, there[0])}")


def _why(use: Use, one: Equipment) -> str:
    found = fault(use, one)
    return one.title if found is None else f"{one.title} {found.rule.replace('_', ' ')}"


def _holds(given: Preparation, until: datetime) -> str:
    """How much of the way it holds, both in whole hours."""
    hours, needed = (
        max(int((moment - given.at).total_seconds() // 3600), 0) for moment in (until, given.slot.start)
    )
    return f"holds {hours} h of {needed}"


def _courier(given: Preparation) -> ReadinessItem:
    lane, departs = given.lane, given.slot.departs
    if lane is None or departs is None:
        return ReadinessItem(Need.COURIER, Readiness.MISSING, "its lane is no longer there")
    day = day_at(lane.offset, departs)
    comes = lane.pick_up(day)
    if comes is None:
        return ReadinessItem(Need.COURIER, Readiness.MISSING, f"{lane.title} does not drive {day_text(day)}")
    if comes < departs:
        return ReadinessItem(Need.COURIER, Readiness.LOOK, f"{lane.title} comes earlier than was planned")
    booking = given.booking
    if booking is None:
        return ReadinessItem(Need.COURIER, Readiness.LOOK, f"{lane.title} drives, nobody has booked it")
    if not booking.pick_up.earliest <= departs <= booking.pick_up.latest:
        there = booking.pick_up.earliest + lane.offset(booking.pick_up.earliest)
        when = f"{day_text(there.date())} {there:%H:%M}"
        return ReadinessItem(Need.COURIER, Readiness.MISSING, f"{booking.carrier} is booked for {when}")
    if booking.delivery.latest > given.slot.start:
        return ReadinessItem(Need.COURIER, Readiness.LOOK, "booked to arrive later than planned")
    return ReadinessItem(Need.COURIER, Readiness.READY, f"{booking.carrier} booked")


def _people(given: Preparation) -> Iterator[ReadinessItem]:
    """Whether as many people as must sign hold a right for it at the site, and its training, at that time."""
    step = _step(given)
    if step is None:
        return
    if not _able(given, step.roles):
        words = f"nobody at {given.site} may do it then: {roles_text(step.roles)}"
        yield ReadinessItem(Need.PEOPLE, Readiness.MISSING, words)
        return
    here = [rule for rule in step.signatures if rule.part is None]
    able = len(_able(given, (*step.roles, *(role for rule in here for role in rule.roles))))
    if able < len(here):
        words = f"{able} of {len(here)} people may sign then"
        yield ReadinessItem(Need.PEOPLE, Readiness.LOOK, words)
        return
    yield ReadinessItem(Need.PEOPLE, Readiness.READY, f"{able} may do it then")


def _able(given: Preparation, roles: Collection[Role]) -> frozenset[str]:
    """Who holds one of the roles at the site at that time."""
    return frozenset(
        person.staff
        for person in given.registry.people.values()
        if person.active
        and any(
            grant.role in roles and grant.site == given.site and grant_fault(grant, given.at) is None
            for grant in given.registry.grants_of(person.staff)
        )
    )


def _step(given: Preparation) -> Step | None:
    """The step that somebody takes at that time: the packing of what is picked up."""
    material = next(iter(given.step.materials), None)
    kind = Packed.kind if given.travels else given.step.fulfilled_by
    return None if kind is None else given.protocol.step(kind, material)


def _said(materials: Iterable[Material]) -> str:
    return " or ".join(one.value.replace("_", " ") for one in materials)
