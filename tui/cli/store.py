"""`cartrail migrate` and `cartrail settings`: the store's tables, and where everything lies."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from schema.counting import counted
from schema.errors import CartrailError
from tui.cli.ending import log_file, say
from tui.cli.options import example
from tui.cli.output import print_json, print_rows
from tui.cli.session import CommandSession
from tui.waits import waits_shown

app = typer.Typer()

SETTINGS_SECONDS: Final = 3.0
"""Who asks where things lie does not wait long for a server that is gone."""


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
    made = f"{counted(len(done), 'change')}."
    say(made if done else "The store was up to date; nothing was changed.")


@app.command("settings", epilog=example("cartrail settings --json", "cartrail settings --sql"))
def settings(
    context: typer.Context,
    *,
    sql: Annotated[
        bool,
        typer.Option("--sql", help="List the SQL that recording and reading send to PostgreSQL instead."),
    ] = False,
) -> None:
    """Show which store, folders and station this run would use, and which servers keep what it records."""
    from tracker.settings import demo_folder

    session = CommandSession.of(context)
    if sql:
        _list_sql(as_json=session.as_json)
        return
    facts = {
        "database": session.settings.shown_database,
        "config": str(session.settings.config),
        **_asked_of_store(session),
        "demo": str(demo_folder()),
        "log": str(log_file()),
    }
    if session.as_json:
        print_json(facts)
    else:
        print_rows(facts.items())


def _asked_of_store(session: CommandSession) -> dict[str, str]:
    """The station that commands would use, and the servers; without what nobody can say now."""
    from tracker.tracker import Tracker

    found = {"station": session.settings.station or ""}
    try:
        with Tracker.waiting_at_most(SETTINGS_SECONDS), session.reading() as tracker:
            found.update(tracker.servers())
            found["station"] = session.station_in(tracker)
    except CartrailError:
        return found
    return found


def _list_sql(*, as_json: bool) -> None:
    from tracker.tracker import Tracker

    for one in Tracker.sent_statements():
        if as_json:
            print_json({"when": one.when, "sql": one.sql})
        else:
            print(f"-- {one.when}\n{one.sql};")
