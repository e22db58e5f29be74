"""What is promised and moved, as rows of the sign dialog: each milestone by its day, from where to where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from schema.entry import Statement
from schema.events.planning import BookedMilestone, Rescheduled, Scheduled, Unscheduled
from schema.events.registry import ClosureLifted
from schema.zones import on_clock, zone_info
from tracker.values import Promise, Proposal, RegistryState
from tui.glyphs import LOOK, ROUTE
from tui.language import tr
from tui.words import plan_time, spoken, week_day

SAID_HERE = frozenset({"milestones", "moved", "names", "promised_infusion"})
"""Fields of a plan that the rows below say."""


def is_of_plan(statement: Statement) -> bool:
    """Whether a statement books, moves or gives back."""
    return isinstance(statement.payload, (Scheduled, Rescheduled, Unscheduled))


def planned_rows(
    statement: Statement, proposal: Proposal, registry: RegistryState
) -> Iterator[tuple[str, str]]:
    """Every milestone that the statement books, moves or gives back; then what becomes of the promise."""
    payload = statement.payload
    if isinstance(payload, ClosureLifted):
        yield from _lifted(payload, registry)
        return
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


def _lifted(payload: ClosureLifted, registry: RegistryState) -> Iterator[tuple[str, str]]:
    """What is open again, and on which days."""
    site = registry.sites.get(payload.site)
    for one in () if site is None else site.closures:
        if one.event_id == payload.closure:
            what = payload.site if one.resource is None else f"{payload.site}/{one.resource}"
            known = registry.resources.get(what)
            yield (
                tr("Open again"),
                tr(
                    "{what}, which is closed for: {title}",
                    what=what if known is None else known.title,
                    title=one.title,
                ),
            )
            yield tr("Days"), f"{week_day(one.first)} {ROUTE} {week_day(one.last)}"


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
    known = registry.resources.get(one.resource)
    return one.resource if known is None else known.title
