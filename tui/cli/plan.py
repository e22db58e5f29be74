"""`cartrail plan`: what can be booked for a therapy, what is, and on which days nothing can be."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import Priority, Reason
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.output import print_json, print_records
from tui.cli.session import CommandSession
from tui.cli.times import FoldOption, day_typed, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.tracker import Tracker
    from tracker.values import PlanLine, PlanMove, PlanOffer

PLAN_BYTES_MAX: Final = 1_000_000

app = typer.Typer()
group = typer.Typer(help="What can be booked for a therapy, what is booked, and how full the weeks are.")
app.add_typer(group, name="plan", epilog=example("cartrail plan propose CD234567892"))

Coi = Annotated[str, typer.Argument(metavar="COI", help="The therapy.")]
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
            f"{first.title} could be on {earliest.start:%a %d %b} already; {last.title.lower()} would be on "
            f"{last.start:%a %d %b} all the same."
        )
    for one in offer.in_the_way:
        say(f"Not earlier: {one}.")


@group.command("show", epilog=example("cartrail plan show CD234567892 --json"))
def show(context: typer.Context, coi: Coi) -> None:
    """Show what is booked for a therapy, and what of it is done."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        lines = tracker.read.plan(coi=coi)
    print_records(_records(lines), HEADINGS, as_json=session.as_json)


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
        ask(session, tracker, "schedule", **fields, priority=None if priority is None else priority.value)


def _written(file: Path) -> list[dict[str, str]]:
    try:
        with file.open("rb") as opened:
            content = opened.read(PLAN_BYTES_MAX + 1)
        found = orjson.loads(content)["milestones"]
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
    reason: Annotated[Reason, typer.Option(help="Why it is moved.")],
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
        found = tracker.read.plan_move(coi=coi, milestone=milestone, start=start, resource=resource)
        _say_moves(found)
        if not dry_run:
            ask(
                session,
                tracker,
                "reschedule",
                coi=coi,
                reason=reason.value,
                because=because,
                moved=_moved(found),
            )


def _site_of(tracker: Tracker, coi: str, milestone: str) -> str | None:
    lines = (one for one in tracker.read.plan(coi=coi) if one.name == milestone)
    return next((one.resource.partition("/")[0] for one in lines), None)


def _say_moves(found: PlanMove) -> None:
    from tracker.values import in_short

    if not found.is_possible:
        said = in_short(found.in_the_way) or "it is there already"
        last = found.earliest[-1] if found.earliest else None
        earliest = "" if last is None else f" The earliest {last.title.lower()} is {_shown(last)}."
        raise InputError(
            f"It cannot be moved there: {said}.{earliest}",
            remedy="Choose another time; `cartrail plan week` shows what is free.",
            code="no_move",
        )
    for before, after in zip(found.before, found.after, strict=True):
        say(f"{after.title}: {_shown(before)} to {_shown(after)}.")
    if found.past_promise is not None:
        say(f"That is later than the day that was promised, {found.past_promise}.")


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
    reason: Annotated[Reason, typer.Option(help="Why it is given back.")],
) -> None:
    """Give back all that is booked for a therapy and still to come."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        known = tracker.read.therapy(coi=coi)
        plan = None if known is None else known[0].plan
        ask(session, tracker, "unschedule", coi=coi, reason=reason.value)
    if plan is not None:
        say(f"Nothing is promised any more; {_day_words(day_typed(plan.promised_infusion))} was.")


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
        lines = tracker.read.plan_week(first=day, site=site)
    if session.as_json:
        for line in lines:
            for use in line.days:
                print_json(
                    {
                        "resource": line.resource,
                        "day": use.day.isoformat(),
                        "used": use.used,
                        "places": use.places,
                    }
                )
        return
    records: list[dict[str, object]] = [
        {
            "resource": line.resource,
            **{
                use.day.isoformat(): "-" if use.places is None else f"{use.used}/{use.places}"
                for use in line.days
            },
        }
        for line in lines
    ]
    days = [use.day for use in lines[0].days] if lines else []
    headings = (("resource", "Resource"), *((one.isoformat(), f"{one:%a %d}") for one in days))
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
        ask(session, tracker, "close_resource", site=site, resource=code, **fields)
        booked = tracker.read.booked_on(
            resource=resource, first=date.fromisoformat(first), last=date.fromisoformat(last or first)
        )
        today = tracker.clock.now().date()
    for one in booked:
        if one.begins_then and one.day >= today:
            say(f"{one.milestone} of {one.coi} is booked there on {_day_words(one.day)}: move it.")
        elif not one.begins_then:
            since = f" since {_day_words(one.began)}" if one.began else ""
            say(f"{one.coi} is in it{since}, and stays.")
    say(f"A closure is lifted with `cartrail site reopen {site} EVENT`; `cartrail site show {site}` has it.")


def _day_words(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


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
            "name": one.name,
            "start": _shown(one),
            "resource": one.resource,
            "pick_up": "" if one.departs is None else f"{one.departs:%a %d %b %H:%M}",
            "state": "done" if one.is_done else "",
        }
        for one in lines
    ]


def _shown(one: PlanLine) -> str:
    return f"{one.start:%a %d %b %Y %H:%M}"
