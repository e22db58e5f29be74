"""`cartrail migrate` and `cartrail settings`: the store's tables, and where everything lies."""

from __future__ import annotations

from typing import Annotated

import typer

from schema.errors import CartrailError
from tui.cli.ending import log_file, say
from tui.cli.options import example
from tui.cli.output import print_json, print_rows
from tui.cli.session import CommandSession
from tui.waits import waits_shown

app = typer.Typer()


@app.command(
    "migrate",
    epilog=example(
        "cartrail migrate --database /srv/cartrail/store.db",
        "cartrail migrate --database postgresql://cartrail@db/cartrail --app-role cartrail_app",
    ),
)
def migrate(
    context: typer.Context,
    *,
    app_role: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Give this PostgreSQL role what a station needs, and no more."),
    ] = None,
) -> None:
    """Bring a store's tables, guards and rights to this program.

    A SQLite file is copied first. On PostgreSQL this runs as the owner of the tables; stations connect as the
    role of --app-role, which can add to the ledger and change nothing in it.
    """
    from tracker.tracker import Tracker

    session = CommandSession.of(context)
    with waits_shown():
        done = Tracker.migrate(session.settings.database, app_role=app_role)
    if session.as_json:
        print_json({"done": done})
        return
    for name in done:
        print(name)
    say(f"{len(done)} changes." if done else "The store was up to date; nothing was changed.")


def _station(session: CommandSession) -> str:
    """The station that commands would use; empty where that is not clear, or there is no store to ask."""
    if session.settings.station is not None:
        return session.settings.station
    try:
        with session.reading() as tracker:
            return session.station_in(tracker)
    except CartrailError:
        return ""


@app.command("settings", epilog=example("cartrail settings --json"))
def settings(context: typer.Context) -> None:
    """Show which store, folders and station this run would use."""
    from tracker.settings import demo_folder

    session = CommandSession.of(context)
    facts = {
        "database": session.settings.shown_database,
        "config": str(session.settings.config),
        "station": _station(session),
        "demo": str(demo_folder()),
        "log": str(log_file()),
    }
    if session.as_json:
        print_json(facts)
    else:
        print_rows(facts.items())
