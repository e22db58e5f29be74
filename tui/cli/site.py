"""`cartrail site` and `cartrail station`: the places of the network and what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.entry import REGISTRY
from schema.errors import InputError
from schema.identifiers import short_name
from schema.instants import format_instant
from schema.positions import COLUMNS_MAX, ROWS_MAX
from schema.vocabulary import LocationType, Reason, Role, SiteType, Weekday
from schema.wristbands import EXAMPLE, picture
from tui.cli import capacity, equipment
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.known import known_site
from tui.cli.options import Approver, example, reason_option, whole_number
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.session import CommandSession, SignedIn
from tui.cli.times import FoldOption, instant
from tui.cli.wristbands import Wristband, wristband_rules

if TYPE_CHECKING:
    from tracker.values import Closure, Location

app = typer.Typer()
group = typer.Typer(help="Sites, their departments, locations and equipment.")
group.add_typer(equipment.group, name="equipment", epilog=example("cartrail site equipment list"))
group.add_typer(capacity.resources, name="resource", epilog=example("cartrail site resource list"))
group.add_typer(capacity.lanes, name="lane", epilog=example("cartrail site lane list"))
app.add_typer(group, name="site", epilog=example("cartrail site list"))

Site = Annotated[str, typer.Argument(metavar="SITE", help="The code of the site.")]
ZONE_HELP = "Its time zone by region and city, as Europe/Berlin."
TitleOption = Annotated[str, typer.Option(help="The name as it is printed.")]


@group.command("list", epilog=example("cartrail site list --json"))
def list_sites(context: typer.Context) -> None:
    """List the sites of the network."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        registry, now = tracker.registry, tracker.clock.now()
    records = [
        {
            "site": one.code,
            "title": one.title,
            "type": one.site_type.value,
            "zone": registry.zone_at(one.code, now),
            "state": "active" if one.active else "no longer active",
        }
        for one in registry.sites.values()
    ]
    headings = (
        ("site", "Site"),
        ("title", "Name"),
        ("type", "Type"),
        ("zone", "Zone"),
        ("state", "State"),
    )
    print_records(records, headings, as_json=session.as_json, none="There is no site.")


@group.command("show", epilog=example("cartrail site show PLANT"))
def show(context: typer.Context, site: Site) -> None:
    """Show one site: address, departments, locations, stations and equipment with their codes."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        registry, now = tracker.registry, tracker.clock.now()
    known = registry.sites[known_site(registry, site)]
    facts: dict[str, Any] = {
        "site": known.code,
        "title": known.title,
        "type": known.site_type.value,
        "address": known.address,
        "phone_24h": known.phone_24h,
        "zone": registry.zone_at(known.code, now),
        "later_zones": ", ".join(
            f"{one.zone} from {format_instant(one.since)}"
            for one in known.zones
            if one.since is not None and one.since > now
        ),
        "wristbands": ", ".join(picture(rule) for rule in known.wristband),
        "open_on": ", ".join(day.value for day in Weekday if day in known.open_on),
        "closed": ", ".join(_closure(one) for one in known.closures if one.last >= now.date()),
    }
    things = [
        *(
            _thing(one.id, "department", one.title)
            for one in registry.departments.values()
            if one.site == site
        ),
        *(
            _thing(one.id, one.location_type.value, one.title, _kept(one))
            for one in registry.locations.values()
            if one.site == site
        ),
        *(_thing(one.id, "station", one.title) for one in registry.stations.values() if one.site == site),
        *(
            _thing(one.id, one.equipment_type.value, one.title)
            for one in registry.equipments.values()
            if one.site == site
        ),
    ]
    if session.as_json:
        print_json({**facts, "things": things})
        return
    print_rows((name.replace("_", " "), str(value)) for name, value in facts.items())
    print()
    headings = (("id", "Id"), ("type", "What"), ("title", "Name"), ("keeps", "Keeps"))
    print_records(things, headings, as_json=False, whole=("Id",))


def _closure(one: Closure) -> str:
    what = f"{one.resource} " if one.resource else ""
    return f"{what}{one.first} to {one.last}: {one.title} ({one.event_id})"


def _thing(name: str, kind: str, title: str, keeps: str = "") -> dict[str, str]:
    return {"id": name, "type": kind.replace("_", " "), "title": title, "keeps": keeps}


def _kept(place: Location) -> str:
    """What a place keeps, in words; empty where nobody has said it."""
    from tracker.values import celsius_range

    known = place.celsius_min is not None or place.celsius_max is not None
    kept = str(celsius_range(place.celsius_min, place.celsius_max)) if known else ""
    return ", ".join(filter(None, (kept, place.range_words)))


@group.command(
    "set",
    epilog=example(
        "cartrail site set CLINIC --phone '+00 0000 000002' --as ADA-1",
        f"cartrail site set CLINIC --wristband '{EXAMPLE}' --as ADA-1",
        "cartrail site set CLINIC --zone America/Chicago --from '2027-01-01 00:00' --as ADA-1",
    ),
)
def set_site(
    context: typer.Context,
    site: Site,
    *,
    address: Annotated[str | None, typer.Option(help="The address as it is printed on labels.")] = None,
    phone: Annotated[str | None, typer.Option(help="A number that is answered day and night.")] = None,
    wristband: Wristband = None,
    no_wristband: Annotated[bool, typer.Option("--no-wristband", help="It has no patients.")] = False,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help=ZONE_HELP)] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="When the zone begins to count; else now.")
    ] = None,
    fold: FoldOption = None,
) -> None:
    """Change what is known of a site: its contact, its wristband numbers or its time zone (administrator).

    The rules for wristband numbers that are given are all that the site has from then on.
    """
    session = CommandSession.of(context)
    rules = wristband_rules(wristband)
    if wristband and no_wristband:
        raise InputError("--wristband and --no-wristband contradict each other.", remedy="Give one of them.")
    if since is not None and zone is None:
        raise InputError("--from is given without the zone that begins to count.", remedy="Add --zone.")
    if not (address or phone or rules or no_wristband or zone):
        raise InputError(
            "Nothing to change is given.",
            remedy="Give --address, --phone, --wristband, --no-wristband or --zone.",
        )
    with session.writing() as tracker:
        people = SignedIn(tracker, session.secrets)
        code = short_name(site, what="The site code")
        if zone is not None:
            begins = instant(session, tracker, since, fold, site=code)
            ask(session, tracker, "set_site_zone", people=people, site=code, zone=zone, valid_from=begins)
        if rules or no_wristband:
            shapes = [rule.model_dump(mode="json") for rule in rules]
            ask(session, tracker, "set_site_wristband", people=people, site=code, wristband=shapes)
        if address or phone:
            ask(
                session,
                tracker,
                "change_site_contact",
                people=people,
                site=code,
                address=address,
                phone_24h=phone,
            )


@group.command(
    "add",
    epilog=example(
        "cartrail site add CLINIC --title 'Example Clinic' --type treatment_center \\",
        "  --zone America/New_York \\",
        f"  --wristband '{EXAMPLE}' --as ADA-1",
    ),
)
def add(
    context: typer.Context,
    site: Site,
    *,
    title: TitleOption,
    site_type: Annotated[SiteType, typer.Option("--type", help="What it does with the cells.")],
    zone: Annotated[str, typer.Option(metavar="ZONE", help=ZONE_HELP)],
    wristband: Wristband = None,
    address: Annotated[str, typer.Option(help="The address as it is printed on labels.")] = "",
    phone: Annotated[str, typer.Option(help="A number that is answered day and night.")] = "",
) -> None:
    """Add a site to the network."""
    session = CommandSession.of(context)
    rules = wristband_rules(wristband)
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "add_site",
            site=short_name(site, what="The site code"),
            title=title,
            site_type=site_type.value,
            address=address,
            phone_24h=phone,
            zone=zone,
            wristband=[rule.model_dump(mode="json") for rule in rules],
        )


@group.command("days", epilog=example("cartrail site days CLINIC monday tuesday friday --as ADA-1"))
def days(
    context: typer.Context,
    site: Site,
    open_on: Annotated[list[Weekday], typer.Argument(metavar="DAY...", help="The days it is open on.")],
) -> None:
    """Say on which days of the week a site is open."""
    session = CommandSession.of(context)
    code = short_name(site, what="The site code")
    with session.writing() as tracker:
        ask(session, tracker, "set_site_days", site=code, open_on=[one.value for one in open_on])


@group.command(
    "close",
    epilog=example(
        "cartrail site close CLINIC 2026-12-24 2026-12-26 --title 'Public holidays' --as ADA-1",
        "cartrail site close CLINIC 2026-12-29 --resource CHAIR --title Repair --as ADA-1",
    ),
)
def close(
    context: typer.Context,
    site: Site,
    from_day: Annotated[str, typer.Argument(metavar="DAY", help="The first day, as 2026-12-24.")],
    until_day: Annotated[
        str | None, typer.Argument(metavar="[DAY]", help="The last one, closed too; else the first.")
    ] = None,
    *,
    title: Annotated[str, typer.Option(help="What the closure is called.")],
    resource: Annotated[
        str | None, typer.Option(help="The resource of it that is closed; else all of it.")
    ] = None,
) -> None:
    """Close a site, or one thing of it, for some days; who sends a box there is told."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "close_resource",
            site=short_name(site, what="The site code"),
            resource=None if resource is None else short_name(resource, what="The resource"),
            from_day=from_day,
            until_day=until_day or from_day,
            title=title,
        )


@group.command("reopen", epilog=example("cartrail site reopen CLINIC 01890a5d-... --as ADA-1"))
def reopen(
    context: typer.Context,
    site: Site,
    closure: Annotated[str, typer.Argument(metavar="EVENT", help="The closure, from `cartrail site show`.")],
) -> None:
    """Lift a closure that was a mistake or is over early."""
    session = CommandSession.of(context)
    code = short_name(site, what="The site code")
    with session.writing() as tracker:
        ask(session, tracker, "lift_closure", site=code, closure=closure)


@group.command("deactivate", epilog=example("cartrail site deactivate CLINIC --as QA-2 --approved-by ADA-1"))
def deactivate(context: typer.Context, site: Site, *, approved_by: Approver = None) -> None:
    """Take a site out of the network when no unit is there any more; what it recorded stays.

    Somebody of the site signs, and somebody of another site where there is one.
    """
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "deactivate_site", approver=approved_by, site=site)


@group.command("reactivate", epilog=example("cartrail site reactivate CLINIC --as QA-2 --approved-by ADA-1"))
def reactivate(context: typer.Context, site: Site, *, approved_by: Approver = None) -> None:
    """Take a site into the network again, with all that belongs to it."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "reactivate_site", approver=approved_by, site=site)


@group.command(
    "department",
    epilog=example(
        "cartrail site department CLINIC CELL-LAB --title 'Cell lab' --role cell_lab_technician --as ADA-1"
    ),
)
def department(
    context: typer.Context,
    site: Site,
    code: Annotated[str, typer.Argument(metavar="DEPARTMENT", help="Its code at the site.")],
    *,
    title: TitleOption,
    role: Annotated[
        list[Role], typer.Option(metavar="ROLE", help="A role that answers for it; may be given again.")
    ],
) -> None:
    """Add a department that can hold custody."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        roles = [one.value for one in role]
        site, code = (
            short_name(one, what=what) for one, what in ((site, "The site code"), (code, "The department"))
        )
        ask(session, tracker, "add_department", site=site, department=code, title=title, roles=roles)


@group.command(
    "location",
    epilog=example("cartrail site location CLINIC CELL-LAB --title 'Tank 1' --type storage --as ADA-1"),
)
def location(
    context: typer.Context,
    site: Site,
    code: Annotated[str, typer.Argument(metavar="DEPARTMENT", help="The department that answers for it.")],
    *,
    title: TitleOption,
    location_type: Annotated[LocationType, typer.Option("--type", help="What it is used for.")],
) -> None:
    """Add a storage place, bench, dock or ward; `cartrail label` prints its code."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "add_location",
            site=short_name(site, what="The site code"),
            department=short_name(code, what="The department"),
            title=title,
            location_type=location_type.value,
        )


@group.command(
    "conditions",
    epilog=example(
        "cartrail site conditions LT234567892 --max -150 --as ADA-1",
        "cartrail site conditions LT234567892 --rows 5 --columns 8 --as ADA-1",
    ),
)
def conditions(
    context: typer.Context,
    location: Annotated[str, typer.Argument(metavar="LOCATION", help="The id or code of the place.")],
    *,
    celsius_min: Annotated[
        str | None, typer.Option("--min", metavar="CELSIUS", help="The coldest it gets, such as 2.")
    ] = None,
    celsius_max: Annotated[
        str | None, typer.Option("--max", metavar="CELSIUS", help="The warmest it gets, such as -150.")
    ] = None,
    rows: Annotated[
        int | None, whole_number(help_text="Rows of its positions, A to Z.", least=1, most=ROWS_MAX)
    ] = None,
    columns: Annotated[
        int | None, whole_number(help_text="Columns of its positions.", least=1, most=COLUMNS_MAX)
    ] = None,
    logger: Annotated[
        str | None, typer.Option(metavar="LOGGER", help="The data logger that records in it from now on.")
    ] = None,
    reason: Annotated[
        Reason | None,
        reason_option(
            "set_location_conditions", "Why, where units in it do not bear that and are quarantined"
        ),
    ] = None,
) -> None:
    """Set which temperatures a place keeps, or its positions: rows are letters, columns are numbers.

    What does not bear the temperatures cannot be put away there; what is not said stays as it is.
    """
    session = CommandSession.of(context)
    with session.writing() as tracker:
        answer = ask(
            session,
            tracker,
            "set_location_conditions",
            location=location,
            celsius_min=celsius_min,
            celsius_max=celsius_max,
            rows=rows,
            columns=columns,
            data_logger=logger,
            reason=None if reason is None else reason.value,
        )
    held = dict.fromkeys(one.chain for one in answer.entries if one.chain != REGISTRY)
    if held:
        say(f"Units in it are in quarantine now, with a deviation for each therapy: {', '.join(held)}.")
