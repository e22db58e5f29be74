"""What can be booked for a therapy, what a move brings with it, and how full the weeks are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec import Struct

from schema.errors import InputError
from schema.vocabulary import Priority
from tracker.acts.gathering import places_left
from tracker.ledger.transaction import Transaction
from tracker.local_time import ahead_of, local
from tracker.planning.calendar import Resource
from tracker.planning.chain import Chain, PlannedSlot
from tracker.planning.moving import Consequences, Move, consequences
from tracker.planning.obstacles import Blocker, Obstacle
from tracker.planning.planner import PlanProposal, Wish, propose
from tracker.protocols.model import Protocol
from tracker.rules.bookable import PlaceView, resource_of
from tracker.rules.checks.carriers_booked import carriers_booked
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.planning.wishes import chain_of, days_of, wish_of

PLAN_DAYS = 7


class PlannedCarrier(Struct, frozen=True):
    """A carrier that is booked for the way to a milestone."""

    shipment: str
    carrier: str
    pick_up: tuple[datetime, datetime]
    """From when until when it comes, by the clocks of the site that it leaves."""

    fits: bool
    """Whether that is when the plan needs it."""


class PlanLine(Struct, frozen=True):
    """A milestone of a plan, at its time by the clocks of its site."""

    name: str
    title: str
    resource: str
    start: datetime
    end: datetime
    departs: datetime | None = None
    """The pick-up of what travels to it, by the clocks of the site that it leaves."""

    is_done: bool = False
    latest: datetime | None = None
    """When it may begin at the latest by the limits of the protocol, as what they are counted from stands."""

    carrier: PlannedCarrier | None = None
    """Who is booked to bring what travels to it."""


class PlanOffer(Struct, frozen=True):
    """A chain that could be booked now, and what was in the way of an earlier one."""

    lines: tuple[PlanLine, ...]
    """Empty where there is no such chain."""

    earliest: tuple[PlanLine, ...]
    """The same chain before it was moved right: the earliest days on which all could be."""

    in_the_way: tuple[str, ...]
    past_limit: str | None = None
    """The limit that counts from what has happened and has passed, where there is no chain for it."""

    past_promise: str | None = None
    """The day that was promised for the last milestone before, where it would be later."""


class PlanMove(Struct, frozen=True):
    """What a move brings with it; where it cannot be, no lines, and when it can be instead."""

    before: tuple[PlanLine, ...]
    after: tuple[PlanLine, ...]
    """Every milestone that would not be where it was."""

    in_the_way: tuple[str, ...]
    """Where it cannot be, what decides that stands first."""

    first: PlanLine | None = None
    """Where it cannot be: its first place from the time on that was asked for, else from now on."""

    first_last: PlanLine | None = None
    """When the last milestone would be then."""

    past_promise: str | None = None
    """The day that was promised for the last milestone, where it would be later."""

    @property
    def is_possible(self) -> bool:
        """Whether the milestone can be moved there."""
        return bool(self.after)


class DayUse(Struct, frozen=True):
    """How full a resource is on a day."""

    day: date
    used: int
    places: int | None
    """None on a day on which nothing can begin."""

    why_closed: str = ""
    """Why nothing can begin on that day; who came before may still be in it."""

    begun: int = 0
    """How many begin on it, of those that are there."""


class ResourceWeek(Struct, frozen=True):
    """A resource over some days."""

    resource: str
    title: str
    days: tuple[DayUse, ...]


class TherapyPlanning:
    """One therapy within one read transaction."""

    def __init__(
        self,
        transaction: Transaction,
        registry: RegistryState,
        therapy: TherapyState,
        protocol: Protocol | None,
        now: datetime,
    ) -> None:
        if protocol is None or not protocol.milestones:
            raise InputError(
                f"The protocol of {therapy.coi} has no milestones.",
                remedy="Adopt a version that has them, and move the therapy to it.",
                code="no_milestones",
            )
        self._registry, self._therapy, self._protocol = registry, therapy, protocol
        self._now = now
        self._places: PlaceView = places_left(transaction, registry, therapy.coi, now)

    def lines(self) -> tuple[PlanLine, ...]:
        """What is booked, in the order of the protocol."""
        if self._therapy.plan is None:
            return ()
        wish = self._wish(None, None)
        return self._lines(wish, {**chain_of(self._therapy.plan), **wish.done})

    def offer(self, ready: date | None, priority: Priority | None) -> PlanOffer:
        """The chain that is proposed; ready day and priority of the standing plan where none is given."""
        wish = self._wish(ready, priority)
        found = propose(wish, self._places.taken, self._now)
        told = _told(found.obstacles)
        if not isinstance(found, PlanProposal):
            return PlanOffer((), (), told, self._past_limit(wish, found.obstacles))
        last = found.slots[wish.pathway.milestones[-1].name]
        return PlanOffer(
            self._lines(wish, found.slots),
            self._lines(wish, found.earliest),
            told,
            past_promise=self._past_promise(wish, last),
        )

    def _past_promise(self, wish: Wish, last: PlannedSlot) -> str | None:
        """The day that was promised, where the last milestone would be on a later one."""
        promise = self._therapy.promise
        if promise is None or last.name in wish.done or days_of(wish.pathway, last)[0] <= promise.day:
            return None
        return promise.day

    def _past_limit(self, wish: Wish, obstacles: Iterable[Obstacle]) -> str | None:
        """What no other day can help: a limit that counts from what is done and has passed by now."""
        passed = {
            gap.until
            for gap in wish.pathway.gaps
            if gap.start in wish.done and wish.done[gap.start].end + gap.within < self._now
        }
        return next(
            (one.sentence for one in obstacles if one.blocker is Blocker.LIMIT and one.milestone in passed),
            None,
        )

    def move(self, name: str, start: datetime, resource: str | None) -> PlanMove:
        """What would be moved with a milestone; raises InputError where there is nothing to move."""
        plan = self._therapy.plan
        if plan is None or name not in plan.booked:
            booked = ", ".join(() if plan is None else plan.booked)
            raise InputError(
                f"{name} of {self._therapy.coi} is not booked.",
                remedy=f"Name one of: {booked}." if booked else "Book its plan first.",
                code="not_planned",
            )
        wish = self._wish(None, None)
        standing = {**chain_of(plan), **wish.done}
        asked = Move(name, start, resource or plan.booked[name].milestone.resource)
        found = consequences(wish, standing, asked, self._places.taken, self._now)
        if not isinstance(found, Consequences):
            why = tuple(one.sentence.rstrip(",") for one in found.obstacles)
            lines = {one.name: one for one in self._lines(wish, found.first)}
            return PlanMove((), (), why, lines.get(name), lines.get(wish.pathway.milestones[-1].name))
        before = {one.before.name: one.before for one in found.moved}
        after = {one.after.name: one.after for one in found.moved}
        last = max(found.changes, key=lambda one: one.after.start).after
        whole = {one.after.name: one.after for one in found.changes}
        return PlanMove(
            self._lines(wish, before, standing),
            self._lines(wish, after, whole),
            _told(found.obstacles),
            past_promise=self._past_promise(wish, last),
        )

    def _wish(self, ready: date | None, priority: Priority | None) -> Wish:
        plan = self._therapy.plan
        first = self._now.date() if plan is None else date.fromisoformat(plan.ready_from)
        usual = Priority.ROUTINE if plan is None else plan.priority
        return wish_of(
            self._therapy,
            self._protocol,
            self._registry,
            self._places,
            ready=ready or first,
            priority=priority or usual,
        )

    def _lines(self, wish: Wish, slots: Chain, whole: Chain | None = None) -> tuple[PlanLine, ...]:
        """Some milestones of a whole chain, or all of it."""
        ordered = (slots[one.name] for one in wish.pathway.milestones if one.name in slots)
        return tuple(self._line(wish, slot, slots if whole is None else whole) for slot in ordered)

    def _carrier(self, slot: PlannedSlot) -> PlannedCarrier | None:
        """Who is booked to bring something there, where the slot is as it would be."""
        one = carriers_booked(self._therapy, self._protocol, {slot.name: slot}).get(slot.name)
        if one is None:
            return None
        window, site = one.booking.pick_up, one.booking.from_site
        pick_up = (local(self._registry, site, window.earliest), local(self._registry, site, window.latest))
        return PlannedCarrier(one.shipment, one.booking.carrier, pick_up, one.fits)

    def _line(self, wish: Wish, slot: PlannedSlot, whole: Chain) -> PlanLine:
        milestone = wish.pathway.by_name[slot.name]
        usual = milestone.resources[0].code if milestone.resources else ""
        site = (slot.resource or usual).partition("/")[0]
        start, end = (local(self._registry, site, one) for one in (slot.start, slot.end))
        lane = self._registry.lanes.get(slot.lane or "")
        leaves = site if lane is None else lane.from_site
        departs = None if slot.departs is None else local(self._registry, leaves, slot.departs)
        done = slot.name in wish.done
        ends = [
            whole[gap.start].end + gap.within
            for gap in wish.pathway.gaps
            if gap.until == slot.name and gap.start in whole
        ]
        latest = local(self._registry, site, min(ends)) if ends and not done else None
        carrier = None if done else self._carrier(slot)
        return PlanLine(slot.name, milestone.title, slot.resource, start, end, departs, done, latest, carrier)


def _told(obstacles: Iterable[Obstacle]) -> tuple[str, ...]:
    """In words; days on which something is never open come last, since nobody can change them."""
    ordered = sorted(obstacles, key=lambda one: one.blocker is Blocker.CLOSED)
    return tuple(dict.fromkeys(one.sentence.rstrip(",") for one in ordered))


def week(
    transaction: Transaction, registry: RegistryState, first: date, *, site: str | None = None
) -> tuple[ResourceWeek, ...]:
    """Every resource over seven days from one on: how many have a place there, of how many.

    Where several days are taken at once, all count who are in it then; else those who begin.
    """
    days = [first + timedelta(days=number) for number in range(PLAN_DAYS)]
    found = []
    for one in sorted(registry.resources.values(), key=lambda one: one.id):
        if site not in (None, one.site):
            continue
        resource = resource_of(registry, one, ahead_of(registry))
        counted = transaction.slots_counted_on(one.id, days[0].isoformat(), days[-1].isoformat())
        uses = tuple(_use(resource, day, counted.get(day.isoformat(), (0, 0))) for day in days)
        found.append(ResourceWeek(one.id, one.title, uses))
    return tuple(found)


def _use(resource: Resource, day: date, counted: tuple[int, int]) -> DayUse:
    begun, held = counted
    why = resource.why_not_on(day) or ""
    if resource.concurrent is not None:
        return DayUse(day, held, None if why else resource.concurrent, why, begun)
    places = None if why or resource.per_weekday is None else resource.per_weekday[day.weekday()]
    return DayUse(day, begun, places, why, begun)


class BookedPlace(Struct, frozen=True):
    """Who has a place of a resource on some days."""

    coi: str
    milestone: str
    day: date
    """The first of the days asked about on which it has the place."""

    began: date | None
    """The day on which it began; None where that is longer ago than one stays."""

    @property
    def begins_then(self) -> bool:
        """Whether it begins on those days; who only stays in a bed is not moved by a closure of it."""
        return self.began == self.day


def booked_on(
    transaction: Transaction, registry: RegistryState, resource: str, first: date, last: date
) -> tuple[BookedPlace, ...]:
    """Who has a place of a resource between two days, who begins then and who is only in it still."""
    known = registry.resources.get(resource)
    stay = timedelta(0) if known is None else known.occupies
    earliest = first - timedelta(days=stay.days + 1)
    found: dict[tuple[str, str], date] = {}
    began: dict[tuple[str, str], date] = {}
    for row in transaction.slots_on(resource, earliest.isoformat(), last.isoformat()):
        whose, day = (row.coi, row.milestone), date.fromisoformat(row.day)
        if row.begins:
            began[whose] = day
        if day >= first:
            found.setdefault(whose, day)
    return tuple(BookedPlace(*whose, day, began.get(whose)) for whose, day in found.items())
