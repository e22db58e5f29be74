"""`cartrail site resource` and `cartrail site lane`: what can be booked, and who drives between sites."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from schema.errors import InputError
from schema.identifiers import short_name
from schema.vocabulary import ResourceType, Weekday
from tui.cli.acting import ask
from tui.cli.known import known_or_all
from tui.cli.options import example, whole_number
from tui.cli.output import print_records
from tui.cli.session import CommandSession

resources = typer.Typer(help="What can be booked at the sites: chairs, starts of manufacturing, beds.")
lanes = typer.Typer(help="When carriers pick up at one site for another, and how long they take.")

DayOption = Annotated[str | None, typer.Option(metavar="DAY", help="The last day of it, as 2027-12-31.")]
HoursOfDay = "as 08:00, by the clocks of the site"


@resources.command(
    "set",
    epilog=example(
        "cartrail site resource set CLINIC CHAIR --type apheresis_chair --title 'Apheresis chairs' \\",
        "  --per-weekday 2,2,2,2,2,0,0 --occupies-hours 5 --opens 08:00 --closes 14:00 --as ADA-1",
    ),
)
def set_resource(
    context: typer.Context,
    site: Annotated[str, typer.Argument(metavar="SITE", help="The code of the site.")],
    resource: Annotated[str, typer.Argument(metavar="RESOURCE", help="Its code at the site.")],
    *,
    resource_type: Annotated[ResourceType, typer.Option("--type", help="What it is.")],
    title: Annotated[str, typer.Option(help="The name as people say it.")],
    per_weekday: Annotated[
        str, typer.Option(metavar="N,N,N,N,N,N,N", help="How many can begin on each day, Monday first.")
    ],
    occupies_hours: Annotated[int, whole_number(least=1, help_text="How long one is in it.")],
    opens: Annotated[str, typer.Option(metavar="TIME", help=f"From when one can begin, {HoursOfDay}.")],
    closes: Annotated[str, typer.Option(metavar="TIME", help=f"Until when one can begin, {HoursOfDay}.")],
    concurrent: Annotated[
        int | None, whole_number(least=1, help_text="How many can be in it, where they stay for days.")
    ] = None,
    notice_hours: Annotated[int, whole_number(help_text="How long ahead a place is booked.")] = 0,
    from_day: Annotated[str | None, typer.Option(metavar="DAY", help="The first day of it.")] = None,
    until_day: DayOption = None,
) -> None:
    """Say what can be booked at a site; what is said again takes the place of what was said."""
    session = CommandSession.of(context)
    fields: dict[str, Any] = {
        "site": short_name(site, what="The site code"),
        "resource": short_name(resource, what="The resource"),
        "resource_type": resource_type.value,
        "title": title,
        "per_weekday": _per_weekday(per_weekday),
        "concurrent": concurrent,
        "occupies_hours": occupies_hours,
        "notice_hours": notice_hours,
        "opens": opens,
        "closes": closes,
        "from_day": from_day,
        "until_day": until_day,
    }
    with session.writing() as tracker:
        ask(session, tracker, "set_resource", **fields)


def _per_weekday(text: str) -> list[int]:
    numbers = [one.strip() for one in text.split(",")]
    if len(numbers) != len(Weekday) or not all(one.isascii() and one.isdigit() for one in numbers):
        raise InputError(
            f'"{text[:40]}" is not a number for each day of the week.',
            remedy="Give seven numbers, Monday first, as 2,2,2,2,2,0,0.",
        )
    return [int(one) for one in numbers]


@resources.command("list", epilog=example("cartrail site resource list CLINIC"))
def list_resources(
    context: typer.Context,
    site: Annotated[str | None, typer.Argument(metavar="[SITE]", help="Of this site alone.")] = None,
) -> None:
    """List what can be booked, with its places on each day of the week."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        registry = tracker.registry
    site = known_or_all(registry, site)
    records = [
        {
            "resource": one.id,
            "title": one.title,
            "type": one.resource_type.value,
            "per_weekday": ",".join(map(str, one.per_weekday)),
            "at_once": "" if one.concurrent is None else one.concurrent,
            "hours": f"{one.hours[0]:%H:%M} to {one.hours[1]:%H:%M}",
            "occupies_hours": round(one.occupies.total_seconds() / 3600),
            "notice_hours": round(one.notice.total_seconds() / 3600),
            "from_day": "" if one.from_day == date.min else one.from_day.isoformat(),
            "until_day": _day(one.until_day),
        }
        for one in sorted(registry.resources.values(), key=lambda one: one.id)
        if site in (None, one.site)
    ]
    headings = (
        *(("resource", "Resource"), ("title", "Name"), ("per_weekday", "Mon to Sun")),
        *(("at_once", "At once"), ("hours", "Begins"), ("occupies_hours", "Hours"), ("until_day", "Until")),
    )
    print_records(
        records,
        headings,
        as_json=session.as_json,
        whole=("Resource",),
        none="No resource was set: `cartrail site resource set`.",
    )


def _day(day: date) -> str:
    return "" if day == date.max else day.isoformat()


@lanes.command(
    "set",
    epilog=example(
        "cartrail site lane set CLINIC-PLANT CLINIC PLANT --carrier POLAR --transit-hours 24 \\",
        "  --cutoff 17:00 --on monday --on tuesday --on wednesday --as ADA-1",
    ),
)
def set_lane(
    context: typer.Context,
    lane: Annotated[str, typer.Argument(metavar="LANE", help="Its code.")],
    from_site: Annotated[str, typer.Argument(metavar="FROM", help="The site where it is picked up.")],
    to_site: Annotated[str, typer.Argument(metavar="TO", help="The site to which it goes.")],
    *,
    carrier: Annotated[str, typer.Option(metavar="SITE", help="The carrier that drives.")],
    transit_hours: Annotated[int, whole_number(least=1, help_text="From the pick-up to the door.")],
    transit_hours_max: Annotated[
        int | None, whole_number(least=1, help_text="How long it may take; a box has to hold so long.")
    ] = None,
    celsius_min: Annotated[
        str | None, typer.Option(metavar="C", help="The lowest temperature on the way.")
    ] = None,
    celsius_max: Annotated[
        str | None, typer.Option(metavar="C", help="The highest temperature on the way.")
    ] = None,
    cutoff: Annotated[str, typer.Option(metavar="TIME", help=f"When it picks up, {HoursOfDay}.")],
    picks_up_on: Annotated[
        list[Weekday], typer.Option("--on", metavar="DAY", help="A day of pick-up; may be given again.")
    ],
    until_day: DayOption = None,
    document: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="What goes with a box; may be given again.")
    ] = None,
) -> None:
    """Say when a carrier picks up at a site for another; said again, it takes the place of what was said."""
    session = CommandSession.of(context)
    fields: dict[str, Any] = {
        "lane": short_name(lane, what="The lane"),
        "from_site": short_name(from_site, what="The site code"),
        "to_site": short_name(to_site, what="The site code"),
        "carrier": short_name(carrier, what="The carrier"),
        "transit_hours": transit_hours,
        "transit_hours_max": transit_hours_max,
        "celsius_min": celsius_min,
        "celsius_max": celsius_max,
        "cutoff": cutoff,
        "picks_up_on": [one.value for one in picks_up_on],
        "until_day": until_day,
        "documents": document or [],
    }
    with session.writing() as tracker:
        ask(session, tracker, "set_lane", **fields)


@lanes.command("list", epilog=example("cartrail site lane list --json"))
def list_lanes(context: typer.Context) -> None:
    """List the ways of carriers between the sites."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        found = sorted(tracker.registry.lanes.values(), key=lambda one: one.code)
    records = [
        {
            "lane": one.code,
            "from_site": one.from_site,
            "to_site": one.to_site,
            "carrier": one.carrier,
            "transit_hours": round(one.transit.total_seconds() / 3600),
            "transit_hours_max": ""
            if one.transit_max is None
            else round(one.transit_max.total_seconds() / 3600),
            "celsius_min": one.celsius_min or "",
            "celsius_max": one.celsius_max or "",
            "cutoff": f"{one.cutoff:%H:%M}",
            "documents": list(one.documents),
            "picks_up_on": ", ".join(day.value for day in Weekday if day in one.picks_up_on),
            "until_day": _day(one.until_day),
        }
        for one in found
    ]
    headings = (
        *(("lane", "Lane"), ("from_site", "From"), ("to_site", "To"), ("carrier", "Carrier")),
        *(
            ("transit_hours", "Hours"),
            ("transit_hours_max", "Most"),
            ("cutoff", "Pick-up"),
            ("picks_up_on", "On"),
        ),
    )
    print_records(
        records,
        headings,
        as_json=session.as_json,
        whole=("Lane",),
        none="No lane was set: `cartrail site lane set`.",
    )
