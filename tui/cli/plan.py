"""`cartrail plan`: what is booked for the therapies, and on which days nothing can be."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from schema.errors import InputError
from tui.cli.acting import ask
from tui.cli.options import example
from tui.cli.session import CommandSession

app = typer.Typer()
group = typer.Typer(help="What is booked for the therapies.")
app.add_typer(group, name="plan", epilog=example("cartrail plan close CLINIC/CHAIR 2026-12-24..2026-12-26"))


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
    """Close a resource for some days; nothing that is booked then is moved."""
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
