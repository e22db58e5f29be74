"""`cartrail plan`: what can be booked for a therapy, what is, and on which days nothing can be."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import Priority, Reason
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.known import known_or_all
from tui.cli.options import example, reason_option
from tui.cli.output import print_json, print_records
from tui.cli.session import CommandSession
from tui.cli.times import FoldOption, day_typed, day_words, moment, time_words
from tui.files import start_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.answers import Answer
    from tracker.tracker import Tracker
    from tracker.values import DayUse, PlanLine, PlanMove, PlannedCarrier, PlanOffer

PLAN_BYTES_MAX: Final = 1_000_000
MOVE_REASONS_MAX: Final = 2
"""Of why something cannot be moved: what decides it, and what is behind that."""

app = typer.Typer()
group = typer.Typer(help="What can be booked for a therapy, what is booked, and how full the weeks are.")
app.add_typer(group, name="plan", epilog=example("cartrail plan propose CD234567892"))

Coi = Annotated[str, typer.Argument(metavar="COI", help="The therapy.")]


WhyChanged = Annotated[Reason, reason_option("reschedule", "Why")]
ReadyOption = Annotated[
    str | None, typer.Option("--ready", metavar="DAY", help="From when on the patient can be collected.")
]
PriorityOption = Annotated[Priority | None, typer.Option(help="How pressing it is.")]
HEADINGS: Final = (
    *(("milestone", "Milestone"), ("start", "Start"), ("resource", "Where"), ("pick_up", "Pick-up")),
    ("state", "State"),
)


@group.command(
    "propose",
    epilog=example(
        "cartrail plan propose CD234567892 --ready 2026-12-07 --priority urgent",
        "cartrail plan propose CD234567892 --ready 2026-12-07 --json > plan.json",
    ),
)
def propose(
    context: typer.Context, coi: Coi, *, ready: ReadyOption = None, priority: PriorityOption = None
) -> None:
    """Show the chain in which the patient waits least, collected as late as that allows."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        offer = tracker.read.plan_offer(coi=coi, ready=_day(ready), priority=priority)
    if session.as_json:
        print_json({**_chain(offer.lines), "ready_from": ready, "in_the_way": list(offer.in_the_way)})
        return
    _require(offer)
    print_records(_records(offer.lines), HEADINGS, as_json=False)
    _tell(offer)


def _require(offer: PlanOffer) -> None:
    from tracker.values import in_short

    if offer.past_limit:
        raise InputError(
            f"Nothing can be booked: a limit has passed. {offer.past_limit}.",
            remedy="It counts from what has happened: no other day helps. Tell quality.",
            code="past_limit",
        )
    if not offer.lines:
        raise InputError(
            f"Nothing can be booked: {in_short(offer.in_the_way)}.",
            remedy="See `cartrail site resource list`, `cartrail site lane list` and `cartrail plan week`.",
            code="no_chain",
        )


def _tell(offer: PlanOffer) -> None:
    """Why not earlier, and which the first day would be of what was moved right."""
    first, earliest = offer.lines[0], offer.earliest[0]
    if first.start != earliest.start:
        last = offer.lines[-1]
        say(
            f"{first.title} could be on {day_words(earliest.start)} already; {last.title.lower()} "
            f"would be on {day_words(last.start)} all the same."
        )
    for one in offer.in_the_way:
        say(f"Not earlier: {one}.")
    _say_promise(offer.past_promise)


def _say_promise(past: str | None) -> None:
    if past is not None:
        say(f"That is later than the day that was promised, {day_words(day_typed(past))}.")


@group.command("show", epilog=example("cartrail plan show CD234567892 --json"))
def show(context: typer.Context, coi: Coi) -> None:
    """Show what is booked for a therapy, and what of it is done."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        lines = tracker.read.plan(coi=coi)
        if session.as_json:
            for line in lines:
                print_json(_document(line))
            return
        print_records(_records(lines), HEADINGS, as_json=False)
        _say_standing(tracker, coi)


@group.command(
    "book",
    epilog=example(
        "cartrail plan book CD234567892 --ready 2026-12-07 --priority urgent --as COORD-1",
        "cartrail plan book CD234567892 plan.json --ready 2026-12-07 --as COORD-1",
    ),
)
def book(
    context: typer.Context,
    coi: Coi,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="What `propose --json` wrote; else it is asked now."),
    ] = None,
    *,
    ready: Annotated[str, typer.Option(metavar="DAY", help="From when on the patient can be collected.")],
    priority: PriorityOption = None,
) -> None:
    """Book every milestone of a therapy in one act; of two who take the last place, one is refused."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        if file is None:
            offer = tracker.read.plan_offer(coi=coi, ready=_day(ready), priority=priority)
            _require(offer)
            milestones = _chain(offer.lines)["milestones"]
        else:
            milestones = _written(file)
        fields: dict[str, Any] = {"coi": coi, "ready_from": ready, "milestones": milestones}
        level = None if priority is None else priority.value
        ask(session, tracker, "schedule", **fields, priority=level, told=partial(_booked, tracker, coi))
        _say_standing(tracker, coi)


def _booked(tracker: Tracker, coi: str, _: Answer) -> tuple[tuple[str, str], ...]:
    """All that is booked now."""
    print_records(_records(tracker.read.plan(coi=coi)), HEADINGS, as_json=False)
    return ()


def _say_standing(tracker: Tracker, coi: str) -> None:
    """What was promised, and whether it is kept by what is booked."""
    known = tracker.read.therapy(coi=coi)
    promise = None if known is None else known[0].promise
    lines = tracker.read.plan(coi=coi)
    if promise is None or not lines:
        return
    day, name = day_words(day_typed(promise.day)), promise.milestone.name
    last = next((one for one in lines if one.name == name), None)
    if last is None:
        say(f"{name.capitalize()} was promised for {day}, and nothing is booked for it.")
        return
    if promise.first != promise.day:
        say(f"{last.title} was promised for {day_words(day_typed(promise.first))} at first.")
    is_late = f"{last.start:%Y-%m-%d}" > promise.day and not last.is_done
    late = f"{last.title} was promised for {day}: it is late by what is booked."
    say(late if is_late else f"{last.title} is promised for {day}.")


def _written(file: Path) -> list[dict[str, str]]:
    try:
        found = orjson.loads(start_of(file, PLAN_BYTES_MAX))["milestones"]
        return [{key: str(one[key]) for key in ("name", "resource", "start")} for one in found]
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", remedy="Name another file.") from error
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} is no plan.", remedy="Write it with `cartrail plan propose COI --json`.", code="bad_plan"
        ) from error


@group.command(
    "move",
    epilog=example(
        "cartrail plan move CD234567892 collection '2026-12-09 08:00' --reason infection --dry-run",
        "cartrail plan move CD234567892 collection '2026-12-09 08:00' --reason infection --as COORD-1",
    ),
)
def move(
    context: typer.Context,
    coi: Coi,
    milestone: Annotated[str, typer.Argument(metavar="MILESTONE", help="As `plan show --json` names it.")],
    time: Annotated[
        str, typer.Argument(metavar="TIME", help="By the clocks of its site, as 2026-12-09 08:00.")
    ],
    *,
    reason: WhyChanged,
    resource: Annotated[str | None, typer.Option(help="Another resource of its site.")] = None,
    because: Annotated[
        str | None,
        typer.Option(metavar="EVENT", help="What made it necessary: an event, as `trail --json` has it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what else would move.")] = False,
    fold: FoldOption = None,
) -> None:
    """Move a milestone, and with it what cannot stay where it is; what that is, is said first."""
    session = CommandSession.of(context)
    opened = session.reading() if dry_run else session.writing()
    with opened as tracker:
        site = _site_of(tracker, coi, milestone)
        # What is not booked is told before anybody asks by whose clocks the time is.
        start = tracker.clock.now() if site is None else moment(session, tracker, time, fold, site=site)
        done = None if dry_run else _recorded_move(session, tracker, milestone, start)
        found = tracker.read.plan_move(coi=coi, milestone=milestone, start=start, resource=resource)
        if done is None:
            _say_moves(found)
        if not dry_run:
            ask(
                session,
                tracker,
                "reschedule",
                coi=coi,
                reason=reason.value,
                because=because,
                moved=done or _moved(found),
                told=partial(_booked, tracker, coi),
            )


def _recorded_move(
    session: CommandSession, tracker: Tracker, milestone: str, start: datetime
) -> list[dict[str, str]] | None:
    """What this very command moved when it was given before under its event id: that is asked for again."""
    body = session.recorded(tracker)
    moved = [] if body is None else orjson.loads(body)["statement"]["payload"].get("moved", [])
    asked = (milestone, format_instant(start))
    if asked not in [(one["name"], one["start"]) for one in moved]:
        return None
    return [{key: one[key] for key in ("name", "resource", "start", "from_start")} for one in moved]


def _site_of(tracker: Tracker, coi: str, milestone: str) -> str | None:
    lines = (one for one in tracker.read.plan(coi=coi) if one.name == milestone)
    return next((one.resource.partition("/")[0] for one in lines), None)


def _say_moves(found: PlanMove) -> None:
    from tracker.values import in_short

    if not found.is_possible:
        said = in_short(found.in_the_way, most=MOVE_REASONS_MAX) or "it is there already"
        raise InputError(f"It cannot be moved there: {said}.", remedy=_first_words(found), code="no_move")
    for before, after in zip(found.before, found.after, strict=True):
        say(f"{after.title}: {_shown(before)} to {_shown(after)}.")
    for after in found.after:
        if after.carrier is not None and not after.carrier.fits:
            say(f"{_carrier_words(after.carrier)}: it no longer fits. Book it again for the new pick-up.")
    _say_promise(found.past_promise)


def _carrier_words(one: PlannedCarrier) -> str:
    first, last = one.pick_up
    when = f"{time_words(first)} to {last:%H:%M}"
    return f"The carrier {one.carrier} is booked for {when} (shipment {one.shipment})"


def _first_words(found: PlanMove) -> str:
    """When it can be, and when the last milestone would be then."""
    first, last = found.first, found.first_last
    if first is None:
        return "Choose another time; `cartrail plan week` shows what is free."
    then = "" if last is None or last.name == first.name else f"; {last.title.lower()} is {_shown(last)} then"
    return f"The first time for it is {_shown(first)}{then}."


def _moved(found: PlanMove) -> list[dict[str, str]]:
    return [
        {**one, "from_start": format_instant(before.start)}
        for one, before in zip(_chain(found.after)["milestones"], found.before, strict=True)
    ]


@group.command(
    "free", epilog=example("cartrail plan free CD234567892 --reason disease_progression --as COORD-1")
)
def free(
    context: typer.Context,
    coi: Coi,
    *,
    reason: WhyChanged,
) -> None:
    """Give back all that is booked for a therapy and still to come."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        known = tracker.read.therapy(coi=coi)
        promise = None if known is None else known[0].promise
        carriers = [one.carrier for one in tracker.read.plan(coi=coi) if one.carrier is not None]
        ask(session, tracker, "unschedule", coi=coi, reason=reason.value, told=lambda _: ())
    for carrier in carriers:
        say(f"{_carrier_words(carrier)}, and still is: tell it that nothing is to be fetched.")
    if promise is not None:
        say(f"{day_words(day_typed(promise.day))} was promised: that stands, and nothing is booked for it.")


@group.command("promise", epilog=example("cartrail plan promise CD234567892 --reason infection --as COORD-1"))
def promise(
    context: typer.Context,
    coi: Coi,
    *,
    reason: WhyChanged,
) -> None:
    """Promise the day that is booked: the patient was told, and is late by it no longer."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        fields: dict[str, Any] = {"coi": coi, "reason": reason.value, "promises_anew": True}
        ask(session, tracker, "reschedule", **fields, told=lambda _: ())
        _say_standing(tracker, coi)


@group.command("week", epilog=example("cartrail plan week --from 2026-12-07 --site CLINIC"))
def week(
    context: typer.Context,
    *,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day; else today.")
    ] = None,
    site: Annotated[str | None, typer.Option(help="Of this site alone.")] = None,
) -> None:
    """Show how many places of each resource are taken on seven days, of how many."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        day = _day(first) or tracker.clock.now().date()
        lines = tracker.read.plan_week(first=day, site=known_or_all(tracker.registry, site))
    if session.as_json:
        for line in lines:
            for use in line.days:
                print_json(
                    {
                        "resource": line.resource,
                        "day": use.day.isoformat(),
                        "used": use.used,
                        "places": use.places,
                        "why_closed": use.why_closed,
                    }
                )
        return
    records: list[dict[str, object]] = [
        {
            "resource": line.resource,
            **{use.day.isoformat(): _use_words(use) for use in line.days},
        }
        for line in lines
    ]
    days = [use.day for use in lines[0].days] if lines else []
    headings = (("resource", "Resource"), *((one.isoformat(), f"{one:%a} {one.day}") for one in days))
    print_records(records, headings, as_json=False, whole=("Resource",))


@group.command(
    "close",
    epilog=example(
        "cartrail plan close CLINIC/CHAIR 2026-12-24..2026-12-26 --title Holidays --as ADA-1",
    ),
)
def close(
    context: typer.Context,
    resource: Annotated[str, typer.Argument(metavar="SITE/RESOURCE", help="As `site resource list` has it.")],
    days: Annotated[str, typer.Argument(metavar="DAY[..DAY]", help="The first day and the last one.")],
    *,
    title: Annotated[str, typer.Option(help="What the closure is called.")],
) -> None:
    """Close a resource for some days; what is booked then is named, and nothing of it is moved."""
    session = CommandSession.of(context)
    site, slash, code = resource.partition("/")
    if not slash:
        raise InputError(
            f'"{resource[:40]}" is no resource of a site.',
            remedy="Name it as `cartrail site resource list` has it, as CLINIC/CHAIR.",
        )
    first, _, last = days.partition("..")
    fields: dict[str, Any] = {"from_day": first, "until_day": last or first, "title": title}
    with session.writing() as tracker:
        answer = ask(session, tracker, "close_resource", site=site, resource=code, **fields)
        booked = tracker.read.booked_on(
            resource=resource, first=date.fromisoformat(first), last=date.fromisoformat(last or first)
        )
        today = tracker.clock.now().date()
    for one in booked:
        if one.begins_then and one.day >= today:
            say(f"{one.milestone} of {one.coi} is booked there on {day_words(one.day)}: move it.")
        elif not one.begins_then:
            since = f" since {day_words(one.began)}" if one.began else ""
            say(f"{one.coi} is in it{since}, and stays.")
    say(f"If it was a mistake: `cartrail site reopen {site} {answer.event_id}`.")


def _use_words(use: DayUse) -> str:
    """`3/4`; where nothing can begin `-`, and `3/-` where some are in it still; ■ where some begin."""
    if use.places is None:
        return f"{'■' if use.begun else ''}{use.used}/-" if use.used else "-"
    return f"{use.used}/{use.places}"


def _day(text: str | None) -> date | None:
    return None if text is None else day_typed(text)


def _chain(lines: Iterable[PlanLine]) -> dict[str, list[dict[str, str]]]:
    """A chain as `schedule` takes it: what is still to come."""
    return {
        "milestones": [
            {"name": one.name, "resource": one.resource, "start": format_instant(one.start)}
            for one in lines
            if not one.is_done
        ]
    }


def _records(lines: Iterable[PlanLine]) -> list[dict[str, object]]:
    return [
        {
            "milestone": one.title,
            "start": _shown(one),
            "resource": one.resource,
            "pick_up": "" if one.departs is None else time_words(one.departs),
            "state": "done" if one.is_done else "" if one.carrier is None else _carrier_state(one.carrier),
        }
        for one in lines
    ]


def _carrier_state(one: PlannedCarrier) -> str:
    if one.fits:
        return f"{one.carrier} booked"
    return f"▲ {one.carrier} is booked for {time_words(one.pick_up[0])}"


def _document(one: PlanLine) -> dict[str, object]:
    """A milestone for a program; times with the offset of their site."""
    return {
        "name": one.name,
        "title": one.title,
        "resource": one.resource,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "pick_up": None if one.departs is None else one.departs.isoformat(),
        "latest": None if one.latest is None else one.latest.isoformat(),
        "done": one.is_done,
    }


def _shown(one: PlanLine) -> str:
    return time_words(one.start)
