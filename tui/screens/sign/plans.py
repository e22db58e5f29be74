"""What is promised and moved, as rows of the sign dialog: each milestone by its day, from where to where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from schema.entry import Statement
from schema.events.planning import BookedMilestone, Rescheduled, Scheduled, Unscheduled
from schema.events.registry import ClosureLifted, ResourceClosed
from schema.zones import on_clock, zone_info
from tracker.values import Promise, Proposal, RegistryState
from tui.glyphs import LOOK, ROUTE
from tui.language import tr
from tui.words import plan_time, spoken, week_day

_SAID_OF_PLAN = frozenset({"milestones", "moved", "names", "promised_infusion"})


def says(statement: Statement, name: str) -> bool:
    """Whether the rows below say a field of a statement: all of a closure, and what a plan books or moves."""
    if isinstance(statement.payload, (ResourceClosed, ClosureLifted)):
        return True
    return name in _SAID_OF_PLAN and isinstance(statement.payload, (Scheduled, Rescheduled, Unscheduled))


def planned_rows(
    statement: Statement, proposal: Proposal, registry: RegistryState
) -> Iterator[tuple[str, str]]:
    """Every milestone that the statement books, moves or gives back; then what becomes of the promise."""
    payload = statement.payload
    known = proposal.decided.context.therapies.get(statement.chain)
    plan = None if known is None else known.state.plan
    promise = None if known is None else known.state.promise
    booked = {} if plan is None else {name: one.milestone for name, one in plan.booked.items()}
    if isinstance(payload, Scheduled):
        for one in payload.milestones:
            yield spoken(one.name), f"{_when(registry, one)}, {_where(registry, one)}"
        yield from _promise(promise, payload.promised_infusion, payload.milestones[-1])
    elif isinstance(payload, Rescheduled):
        for moved in payload.moved:
            before = booked.get(moved.name)
            from_there = "" if before is None else f"{_when(registry, before)} {ROUTE} "
            yield spoken(moved.name), f"{from_there}{_when(registry, moved)}, {_where(registry, moved)}"
        after = {**booked, **{one.name: one for one in payload.moved}}
        last = max(after.values(), key=lambda one: one.start)
        if payload.promised_infusion is not None and promise is not None:
            yield (
                tr("Promised"),
                tr(
                    "{day} {arrow} {later}: the patient was told, because of the reason below",
                    day=_day(promise.day),
                    arrow=ROUTE,
                    later=_day(payload.promised_infusion),
                ),
            )
        elif promise is not None:
            yield from _promise(promise, promise.day, last)
    elif isinstance(payload, Unscheduled):
        for name in payload.names:
            if name in booked:
                one = booked[name]
                yield spoken(name), tr("{when} is given back", when=_when(registry, one))
        if promise is not None:
            words = tr("{day}: it stands, nothing is booked", day=_day(promise.day))
            yield tr("Promised"), f"{LOOK} {words}"


def closure_rows(statement: Statement, registry: RegistryState) -> Iterator[tuple[str, str]]:
    """What a statement closes or opens again."""
    payload = statement.payload
    if isinstance(payload, ResourceClosed):
        days = (date.fromisoformat(payload.from_day), date.fromisoformat(payload.until_day))
        yield from _closure(registry, payload.site, payload.resource, days, payload.title)
    elif isinstance(payload, ClosureLifted):
        site = registry.sites.get(payload.site)
        for each in () if site is None else site.closures:
            if each.event_id == payload.closure:
                yield from _closure(
                    registry, payload.site, each.resource, (each.first, each.last), each.title
                )


def _closure(
    registry: RegistryState, code: str, resource: str | None, days: tuple[date, date], title: str
) -> Iterator[tuple[str, str]]:
    """What is closed, or open again, and on which days: said alike by who closes and by who lifts it."""
    site, (first, last) = registry.sites.get(code), days
    yield tr("Site"), code if site is None else f"{site.title} ({code})"
    yield tr("Resource"), tr("all of it") if resource is None else _titled(registry, f"{code}/{resource}")
    yield tr("Days"), week_day(first) if first == last else f"{week_day(first)} {ROUTE} {week_day(last)}"
    yield tr("Closed for"), title


def _promise(promise: Promise | None, promised: str, last: BookedMilestone) -> Iterator[tuple[str, str]]:
    """What the patient was told, and whether the last milestone is later."""
    day = _day(promised)
    if promise is None:
        yield tr("Promised"), day
    elif last.first_day > promised:
        later = tr("{day}: it is booked for {later}", day=day, later=_day(last.first_day))
        yield tr("Promised"), f"{LOOK} {later}"
    else:
        yield tr("Promised"), tr("{day}: it is kept", day=day)


def _day(iso: str) -> str:
    return week_day(date.fromisoformat(iso))


def _when(registry: RegistryState, one: BookedMilestone) -> str:
    return plan_time(_there(registry, one, one.start))


def _there(registry: RegistryState, one: BookedMilestone, moment: datetime) -> datetime:
    site = one.resource.partition("/")[0]
    return on_clock(moment, zone_info(registry.zone_at(site, moment)))


def _where(registry: RegistryState, one: BookedMilestone) -> str:
    return _titled(registry, one.resource)


def _titled(registry: RegistryState, resource: str) -> str:
    """A resource as every statement names it: by its title, which stands on the screens too."""
    known = registry.resources.get(resource)
    return resource if known is None else known.title
