"""When each milestone of a therapy will be as things are now, and how the therapy stands.

A milestone is projected to when it was booked, to when the one before it lets it begin, or to now where it is
overdue, whichever is latest, and from there to when its site next opens or its carrier next drives. Nothing
is looked up and nothing is kept: the same record, plan, calendars and time give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from tracker.planning.calendar import Lane, Resource, day_at
from tracker.planning.chain import Chain, Milestone, Pathway, PlannedSlot, Taken
from tracker.planning.obstacles import day_text, span_text
from tracker.planning.placing import Places
from tracker.planning.planner import LONG_AGO
from tracker.rules.clocks import Arrival
from tracker.rules.standing import Standing

MINUTE = timedelta(minutes=1)
PICK_UP_GRACE = timedelta(hours=1)
"""How long after its time a carrier may still be at the door."""

PAPER_ENTRY = "paper_entry"
"""The clock of a form that is out: an office waits for it, no cells do."""


class Ending(Struct, frozen=True):
    """Something that runs out at a moment: a limit of cells, or a form that is to come back."""

    title: str
    at: datetime
    is_limit: bool = True
    until: str = ""
    """The milestone that ends it; empty where none does."""

    arrives: Arrival | None = None
    """The arrival at the only site where it can be ended, where that is expected after it."""

    @property
    def breaks_at(self) -> datetime:
        """From when on it is in breach: once it is over, or once an arrival was told that is too late."""
        return self.at if self.arrives is None else min(self.at, self.arrives.told_at)


class RecordedCourse(Struct, frozen=True):
    """What a forecast takes of the record of one therapy."""

    is_running: bool
    has_begun: bool
    """Whether there is a unit of it yet."""

    booked: Chain = {}
    done: Chain = {}
    recorded: frozenset[str] = frozenset()
    """The milestones that a step fulfills; the others are planned, and nobody says that they have come."""

    begun_by: frozenset[str] = frozenset()
    """Those that are fulfilled when they begin, not when they end."""

    promised: str | None = None
    """The day that is promised for the last milestone."""

    promised_at: datetime | None = None
    """When that was to begin; None where it was kept."""

    endings: tuple[Ending, ...] = ()
    stalled_at: datetime | None = None
    eta: Mapping[str, datetime] = {}
    """When a carrier says that it will be at the door, by the milestone that it brings something to."""

    left: Mapping[str, datetime] = {}
    """When a carrier took what it brings there, by the milestone; it is on its way since."""

    collect_again: datetime | None = None
    """Since when cells have to be collected once more; None where they were, or need not be."""

    gone: frozenset[str] = frozenset()
    """The milestones of which everything that is brought to them has left already."""

    def pick_up_due_at(self, slot: PlannedSlot) -> datetime | None:
        """By when what is to be picked up is with its carrier; None where it is, or where nothing travels."""
        is_away = any(slot.name in known for known in (self.gone, self.left, self.eta, self.done))
        if slot.departs is None or is_away or slot.name not in self.recorded:
            return None
        return slot.departs + PICK_UP_GRACE

    def due_at(self, slot: PlannedSlot) -> datetime:
        """By when a booked milestone has to be fulfilled."""
        return slot.start if slot.name in self.begun_by else slot.end


class Projected(Struct, frozen=True):
    """A milestone with the times that count for it, all in UTC."""

    name: str
    title: str
    resource: str
    start: datetime
    end: datetime
    """As it happened, or as it is projected."""

    promised: datetime | None = None
    """When it is booked to begin, or was promised to where it is booked for a later day; None for neither."""

    is_done: bool = False
    why: str = ""
    """What makes it later than it was promised."""

    is_by_now: bool = False
    """Whether its start moves with the clock: it is overdue, or waits for what is."""

    @property
    def is_later(self) -> bool:
        """Whether it is projected later than it was promised, by a minute or more."""
        return not self.is_done and self.promised is not None and self.start >= self.promised + MINUTE


class Forecast(Struct, frozen=True):
    """How a therapy stands and why, with all its milestones that are done, booked or foreseen."""

    standing: Standing
    reason: str
    """One sentence."""

    milestones: tuple[Projected, ...] = ()
    about: str = ""
    """The milestone that the reason is about; empty where it is about none."""

    limit_at: datetime | None = None
    """When the limit ends or ended that is in breach."""


class _Found(Struct, frozen=True):
    reason: str
    about: str = ""
    limit_at: datetime | None = None


def forecast(course: RecordedCourse, pathway: Pathway | None, now: datetime) -> Forecast:
    """How a therapy stands now; `pathway` is None where its protocol plans nothing."""
    if not course.is_running:
        return Forecast(Standing.CLOSED, "It has ended.")
    milestones = () if pathway is None else project(course, pathway, now)
    asked = (
        (Standing.BREACH, _breaches(course, pathway, milestones, now)),
        (Standing.LATE, _late(course, pathway, milestones, now)),
        (Standing.STALLED, _stalled(course, now)),
        (Standing.AT_RISK, _at_risk(course, pathway, milestones, now)),
    )
    for standing, reasons in asked:
        found = next(reasons, None)
        if found is not None:
            return Forecast(standing, found.reason, milestones, found.about, found.limit_at)
    standing = Standing.ON_TRACK if course.has_begun else Standing.NOT_STARTED
    found = _in_order(course, pathway, milestones, now)
    return Forecast(standing, found.reason, milestones, found.about)


def project(course: RecordedCourse, pathway: Pathway, now: datetime) -> tuple[Projected, ...]:
    """Every milestone in the order of the protocol; none that is neither done nor booked."""
    found: dict[str, Projected] = {}
    ended: dict[str, datetime] = {}
    for one in pathway.milestones:
        slot, done = course.booked.get(one.name), course.done.get(one.name)
        booked = None if slot is None else slot.start
        if done is not None:
            found[one.name] = Projected(
                one.name, one.title, done.resource, done.start, done.end, booked, is_done=True
            )
        elif slot is not None:
            before = None if one.after is None else found.get(one.after)
            waits = None if before is None else max(before.end + one.earliest, ended[before.name])
            found[one.name] = _projected(course, one, slot, before, waits, now)
            if one is pathway.milestones[-1]:
                found[one.name] = _as_promised(course, pathway, found[one.name])
        if one.name in found:
            ended[one.name] = max(found[one.name].end, ended.get(one.after or "", found[one.name].end))
    return tuple(found.values())


def _as_promised(course: RecordedCourse, pathway: Pathway, last: Projected) -> Projected:
    """The last milestone with what was promised, where it is booked for a day after that."""
    resource, booked = _resource(pathway, last), last.promised
    if resource is None or booked is None or course.promised is None or course.promised_at is None:
        return last
    if day_at(resource.offset, booked).isoformat() <= course.promised:
        return last
    return replace(last, promised=course.promised_at, why=last.why or "it is booked for later")


def _projected(
    course: RecordedCourse,
    one: Milestone,
    slot: PlannedSlot,
    before: Projected | None,
    waits: datetime | None,
    now: datetime,
) -> Projected:
    start, why, is_by_now = slot.start, "", False
    resource = next((each for each in one.resources if each.code == slot.resource), None)
    if before is not None and waits is not None and waits >= slot.leaves + MINUTE:
        start = max(start, waits if slot.departs is None else _carried(one, slot, waits))
        why = f"{before.title} {'was' if before.is_done else 'will be'} later than planned"
        is_by_now = before.is_by_now
    expected = _expected(course, one)
    if expected is not None and (one.name in course.left or expected >= start + MINUTE):
        # What is on its way comes when it comes: for when it was booked is no longer asked.
        start, is_by_now = expected, False
        why = "" if expected < slot.start + MINUTE else "the carrier comes later than planned"
    is_overdue = slot.name in course.recorded and course.due_at(slot) < now
    if (is_overdue or expected is not None) and start < now:
        why = why or (f"{one.title} was due {_time(resource, course.due_at(slot))}" if is_overdue else "")
        # What ends later than it begins may be under way: then it is its end that is now.
        by_now = now if slot.name in course.begun_by else now - one.lasts
        start, is_by_now = max(start, by_now), is_by_now or by_now > start
    missed = course.pick_up_due_at(slot)
    if missed is not None and missed < now and expected is None:
        start, why = max(start, _carried(one, slot, now)), why or "its pick-up has passed"
    lane = next((each for each in one.lanes or () if each.code == slot.lane), None)
    if (
        start == slot.start
        and expected is None
        and lane is not None
        and slot.departs is not None
        and slot.departs > now
    ):
        day = day_at(lane.offset, slot.departs)
        if lane.pick_up(day) is None:
            start, why = _carried(one, slot, slot.departs), f"{lane.title} does not drive on {day_text(day)}"
    opened, closed = _open_from(resource, start, moved=start != slot.start)
    return Projected(
        *(one.name, one.title, slot.resource, opened, opened + one.lasts, slot.start),
        why=why or closed,
        is_by_now=is_by_now,
    )


def _expected(course: RecordedCourse, one: Milestone) -> datetime | None:
    """When what is brought to it is at the door: as its carrier said, or as its lanes take."""
    eta, left = course.eta.get(one.name), course.left.get(one.name)
    if eta is not None or left is None or not one.lanes:
        return eta
    return left + min(lane.transit for lane in one.lanes)


def _carried(one: Milestone, slot: PlannedSlot, ready: datetime) -> datetime:
    """When it arrives that is ready too late for its pick-up: by the next one of the carriers there."""
    arrival = Places(Taken(), LONG_AGO, []).first(one, ready, LONG_AGO)
    return slot.start + (ready - slot.leaves) if arrival is None else arrival.start


def _open_from(resource: Resource | None, start: datetime, *, moved: bool) -> tuple[datetime, str]:
    """When it can begin at its place from a moment on, and why not then; a booked hour stands as it is."""
    if resource is None:
        return start, ""
    why = resource.why_not_on(day_at(resource.offset, start))
    if why is None and not moved:
        return start, ""
    milestone = Milestone("", "", (resource,))
    found = Places(Taken(), LONG_AGO, []).first(milestone, start, LONG_AGO)
    said = "" if why is None else f"{resource.title}: {why} on {_day(resource, start)}"
    return (start if found is None else found.start), said


def _breaches(
    course: RecordedCourse, pathway: Pathway | None, milestones: tuple[Projected, ...], now: datetime
) -> Iterator[_Found]:
    ended = (one for one in course.endings if one.is_limit and one.at < now)
    for one in sorted(ended, key=lambda one: one.at):
        yield _Found(f"{one.title} ended {span_text(now - one.at)} ago.", limit_at=one.at)
    for one in sorted(course.endings, key=lambda one: one.at):
        if one.is_limit and one.arrives is not None and one.arrives.told_at < now:
            yield _Found(_arrives_late(pathway, one.title, one.at, one.arrives), limit_at=one.at)
    known = {one.name: one for one in milestones}
    for one in course.endings:
        ends_it = known.get(one.until)
        if one.is_limit and ends_it is not None and not ends_it.is_done and ends_it.start > one.at:
            yield _Found(_past(pathway, one.title, ends_it, one.at), ends_it.name, one.at)
    for gap in () if pathway is None else pathway.gaps:
        start, until = known.get(gap.start), known.get(gap.until)
        if start is None or until is None or until.is_done:
            continue
        ends = start.end + gap.within
        if until.start > ends:
            yield _Found(_past(pathway, gap.title, until, ends), until.name, ends)


def _past(pathway: Pathway | None, title: str, until: Projected, ends: datetime) -> str:
    resource = _resource(pathway, until)
    why = f": {until.why}" if until.why else ""
    return (
        f"{title} ends {_time(resource, ends)}, and {until.title.lower()} is projected for "
        f"{_time(resource, until.start)}{why}."
    )


def _arrives_late(pathway: Pathway | None, title: str, ends: datetime, arrival: Arrival) -> str:
    """By the clocks of the site that it comes to, where something is planned there."""
    milestones = () if pathway is None else pathway.milestones
    there = (
        resource
        for one in milestones
        for resource in one.resources
        if resource.code.partition("/")[0] == arrival.site
    )
    resource = next(there, None)
    return (
        f"{title} ends {_time(resource, ends)}, and the carrier is expected at {arrival.site} only "
        f"{_time(resource, arrival.at)}."
    )


def _late(
    course: RecordedCourse, pathway: Pathway | None, milestones: tuple[Projected, ...], now: datetime
) -> Iterator[_Found]:
    for one in milestones:
        slot = course.booked.get(one.name)
        if one.is_done or slot is None or one.name not in course.recorded:
            continue
        due, picked_up = course.due_at(slot), course.pick_up_due_at(slot)
        resource = _resource(pathway, one)
        if picked_up is not None and picked_up < now <= due and slot.departs is not None:
            when, ago = _time(_leaves(pathway, slot), slot.departs), span_text(now - slot.departs)
            yield _Found(f"The pick-up for {one.title.lower()} was due {when}, {ago} ago.", one.name)
        if due < now:
            yield _Found(f"{one.title} was due {_time(resource, due)}, {span_text(now - due)} ago.", one.name)
    last = _last(pathway)
    if last is not None and course.promised_at is not None and course.promised_at < now:
        found = next((one for one in milestones if one.name == last.name), None)
        if found is None or found.promised == course.promised_at < course.booked[last.name].start:
            yield _Found(f"{_owed(course, pathway, last)}.", last.name)
    overdue = (one for one in course.endings if not one.is_limit and one.at < now)
    for ending in sorted(overdue, key=lambda one: one.at):
        yield _Found(f"{ending.title}: it was due {span_text(now - ending.at)} ago.")


def _leaves(pathway: Pathway | None, slot: PlannedSlot) -> Lane | None:
    """The lane by which something was to leave, if it is still there."""
    milestone = None if pathway is None else pathway.by_name.get(slot.name)
    lanes = () if milestone is None or milestone.lanes is None else milestone.lanes
    return next((one for one in lanes if one.code == slot.lane), None)


def _stalled(course: RecordedCourse, now: datetime) -> Iterator[_Found]:
    if course.stalled_at is not None and course.stalled_at <= now:
        yield _Found("Nothing was recorded for longer than its protocol expects, and nothing is booked.")


def _at_risk(
    course: RecordedCourse, pathway: Pathway | None, milestones: tuple[Projected, ...], now: datetime
) -> Iterator[_Found]:
    for one in milestones:
        if one.is_later and one.promised is not None:
            resource = _resource(pathway, one)
            why = f": {one.why}" if one.why else ""
            yield _Found(
                f"{one.title} is projected for {_time(resource, one.start)}, promised for "
                f"{_time(resource, one.promised)}{why}.",
                one.name,
            )
    yield from _overdue_on_the_road(course, pathway, now)
    last = _last(pathway)
    if last is not None and course.collect_again is not None and not course.booked:
        said = f"; {_owed(course, pathway, last)}" if course.promised_at is not None else ""
        yield _Found(f"Manufacturing failed: plan another collection{said}.")
    if last is not None and course.promised_at is not None and last.name not in course.booked:
        yield _Found(f"{_owed(course, pathway, last)}.", last.name)


def _overdue_on_the_road(course: RecordedCourse, pathway: Pathway | None, now: datetime) -> Iterator[_Found]:
    """What left and has not arrived in the time that its lane takes, whatever was booked."""
    for one in () if pathway is None else pathway.milestones:
        expected = None if one.name in course.eta else _expected(course, one)
        if expected is None or expected >= now - MINUTE or one.name in course.done:
            continue
        resource = next(iter(one.resources), None)
        when, ago = _time(resource, expected), span_text(now - expected)
        yield _Found(
            f"The box for {one.title.lower()} was due {when} as its lane takes, {ago} ago.", one.name
        )


def _last(pathway: Pathway | None) -> Milestone | None:
    return None if pathway is None or not pathway.milestones else pathway.milestones[-1]


def _owed(course: RecordedCourse, pathway: Pathway | None, last: Milestone) -> str:
    """What was promised for the last milestone, and what is booked for it."""
    promised, slot = course.promised_at, course.booked.get(last.name)
    resource = next(iter(last.resources), None)
    when = "" if promised is None else f" for {_time(resource, promised)}"
    booked = "nothing is booked for it" if slot is None else f"it is booked for {_time(resource, slot.start)}"
    return f"{last.title} was promised{when}, and {booked}"


def _in_order(
    course: RecordedCourse, pathway: Pathway | None, milestones: tuple[Projected, ...], now: datetime
) -> _Found:
    coming = next((one for one in milestones if not one.is_done), None)
    if coming is not None:
        when = _time(_resource(pathway, coming), coming.start)
        return _Found(f"Next is {coming.title.lower()}, {when}.", coming.name)
    first = min(course.endings, key=lambda one: one.at, default=None)
    if first is not None:
        return _Found(f"{first.title}: {span_text(first.at - now)} left.")
    return _Found("Nothing is booked, and no limit runs." if pathway else "No limit runs.")


def _resource(pathway: Pathway | None, one: Projected) -> Resource | None:
    milestone = None if pathway is None else pathway.by_name.get(one.name)
    known = () if milestone is None else milestone.resources
    return next((each for each in known if each.code == one.resource), next(iter(known), None))


def _time(resource: Resource | Lane | None, moment: datetime) -> str:
    """A moment by the clocks of the site: `Tue 8 Dec 13:30`; in UTC with Z where no site is known."""
    if resource is None:
        return f"{day_text(moment.astimezone(UTC).date())} {moment.astimezone(UTC):%H:%M}Z"
    wall = moment.astimezone(UTC) + resource.offset(moment)
    return f"{day_text(wall.date())} {wall:%H:%M}"


def _day(resource: Resource, moment: datetime) -> str:
    return day_text(day_at(resource.offset, moment))
