"""`cartrail serve`: the terminal in a browser of this machine."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Annotated

import typer

from schema.errors import InputError
from tui.cli.options import example, whole_number
from tui.cli.session import CommandSession

app = typer.Typer()

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@app.command("serve", epilog=example("cartrail serve", "cartrail --station WARD-01 serve --port 8080"))
def serve(
    context: typer.Context,
    *,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="An address of this machine alone: 127.0.0.1 or ::1.")
    ] = "127.0.0.1",
    port: Annotated[int, whole_number(least=1, most=65_535, help_text="The port of that address.")] = 8000,
) -> None:
    """Show the terminal in a browser of this machine, until it is stopped; needs the extra `web`.

    Each tab is a terminal of its own at this station, and ends when it is closed.
    """
    session = CommandSession.of(context)
    require_loopback(host, port)
    if find_spec("textual_serve") is None:
        raise InputError(
            "The terminal in a browser needs a part of cartrail that is not installed.",
            remedy="Install the extra: pip install 'cartrail[web]'.",
            code="no_web",
        )
    with session.reading() as tracker:
        station = session.station_in(tracker)
        purpose = tracker.purpose.value
    # The terminals are processes of their own, off whose command lines anybody here could read a password.
    os.environ["CARTRAIL_DATABASE"] = session.settings.database
    os.environ["CARTRAIL_STATION"] = station
    from tui.web import BrowserServer

    try:
        BrowserServer(host=host, port=port, title=f"cartrail {station} ({purpose})").serve()
    except OSError as error:
        raise InputError(
            f"Port {port} of {host} cannot be used: {error.strerror or error}.",
            remedy="Name another with --port.",
            code="port_taken",
        ) from error


def require_loopback(host: str, port: int) -> None:
    """Raise InputError for an address that others can reach: what is typed there is not encrypted."""
    if host not in LOOPBACK:
        raise InputError(
            f'"{host[:60]}" is not an address of this machine alone. What other machines reach is not '
            "encrypted: passwords and PINs would cross the network in clear.",
            remedy=f"Serve 127.0.0.1, and reach it from elsewhere by SSH: ssh -L {port}:127.0.0.1:{port} "
            "SERVER. Or run `cartrail` itself over SSH.",
            code="not_loopback",
        )
