"""`cartrail outcome`: what is due after infusions, for years."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from schema.errors import InputError
from tui.cli.known import known_or_all
from tui.cli.options import example
from tui.cli.output import print_records
from tui.cli.readers import require_board
from tui.cli.session import CommandSession
from tui.language import tr

app = typer.Typer()
group = typer.Typer(help="What is due after infusions: follow-up, response, authorities told.")
app.add_typer(group, name="outcome", epilog=example("cartrail outcome due"))


@group.command("due", epilog=example("cartrail outcome due --until 2027-12-31 --json"))
def due(
    context: typer.Context,
    *,
    until: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Also what is due to this day; else to today."),
    ] = None,
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="Of therapies in which this site has a part.")
    ] = None,
) -> None:
    """List what is due and was not recorded, the earliest first; closed therapies too."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        now = tracker.clock.now()
        day = _day(until) if until is not None else f"{now:%Y-%m-%d}"
        found = [
            asdict(one)
            for one in tracker.read.duties_due(until=day, site=known_or_all(tracker.registry, site))
        ]
    if not session.as_json:
        found = [
            {
                **one,
                "state": "OVERDUE" if one["is_overdue"] else "due",
                "roles": ", ".join(named.replace("_", " ") for named in one["roles"]),
            }
            for one in found
        ]
    headings = (
        ("due_on", "Due on"),
        ("state", "State"),
        ("coi", "Therapy"),
        ("title", "What"),
        ("roles", "By"),
    )
    print_records(
        found, headings, as_json=session.as_json, whole=("Therapy", "Due on"), none=tr("Nothing is due.")
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InputError(
            f"{text[:40]} is no day of the calendar.", remedy="Write it as 2027-12-31."
        ) from error
