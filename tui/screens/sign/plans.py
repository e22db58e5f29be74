"""What is promised and moved, as rows of the sign dialog: each milestone by its day, from where to where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from schema.entry import Statement
from schema.events.planning import BookedMilestone, Rescheduled, Scheduled, Unscheduled
from schema.zones import on_clock, zone_info
from tracker.values import Proposal, RegistryState
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
    known = proposal.decided.context.therapies.get(statement.chain)
    plan = None if known is None else known.state.plan
    booked = {} if plan is None else {name: one.milestone for name, one in plan.booked.items()}
    if isinstance(payload, Scheduled):
        for one in payload.milestones:
            yield spoken(one.name), f"{_when(registry, one)}, {_where(registry, one)}"
        yield tr("Promised"), week_day(date.fromisoformat(payload.promised_infusion))
    elif isinstance(payload, Rescheduled):
        for moved in payload.moved:
            before = booked.get(moved.name)
            from_there = "" if before is None else f"{_when(registry, before)} {ROUTE} "
            yield spoken(moved.name), f"{from_there}{_when(registry, moved)}, {_where(registry, moved)}"
        if plan is not None:
            yield from _promise(payload, booked, plan.promised_infusion)
    elif isinstance(payload, Unscheduled):
        for name in payload.names:
            if name in booked:
                one = booked[name]
                yield spoken(name), tr("{when} is given back", when=_when(registry, one))
        if plan is not None:
            day = week_day(date.fromisoformat(plan.promised_infusion))
            yield tr("Promised"), f"{LOOK} " + tr("{day}: nothing is promised any more", day=day)


def _promise(
    payload: Rescheduled, booked: dict[str, BookedMilestone], promised: str
) -> Iterator[tuple[str, str]]:
    """That the last milestone is later than it was promised to the patient."""
    last = max({**booked, **{one.name: one for one in payload.moved}}.values(), key=lambda one: one.start)
    day = week_day(date.fromisoformat(promised))
    if last.first_day > promised:
        yield (
            tr("Promised"),
            f"{LOOK} "
            + tr("{day}: it is now {later}", day=day, later=week_day(date.fromisoformat(last.first_day))),
        )
    else:
        yield tr("Promised"), tr("{day}: it is kept", day=day)


def _when(registry: RegistryState, one: BookedMilestone) -> str:
    return plan_time(_there(registry, one, one.start))


def _there(registry: RegistryState, one: BookedMilestone, moment: datetime) -> datetime:
    site = one.resource.partition("/")[0]
    return on_clock(moment, zone_info(registry.zone_at(site, moment)))


def _where(registry: RegistryState, one: BookedMilestone) -> str:
    known = registry.resources.get(one.resource)
    return one.resource if known is None else known.title
