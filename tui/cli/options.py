"""The options that every command has, and what was given for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

SHARED_HEADING = "Shared options"


@dataclass(slots=True)
class Given:
    """The shared options as given, before or after the name of the command; the later one counts."""

    database: str | None = None
    staff: str | None = None
    station: str | None = None
    as_json: bool = False
    credentials: Path | None = None
    password_fd: int | None = None


def given_in(context: typer.Context) -> Given:
    """The shared options of the command that runs."""
    found = context.find_root().obj
    if not isinstance(found, Given):
        raise TypeError("The command was started without its shared options.")
    return found


def _keep(field: str) -> Callable[[typer.Context, typer.CallbackParam, Any], Any]:
    def keep(context: typer.Context, _: typer.CallbackParam, value: Any) -> Any:
        if value not in (None, False):
            setattr(given_in(context), field, value)
        return value

    return keep


def _shared(
    *,
    shared_database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            expose_value=False,
            callback=_keep("database"),
            help="The store: a path or URL; else CARTRAIL_DATABASE, else this user's own.",
        ),
    ] = None,
    shared_staff: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="STAFF",
            expose_value=False,
            callback=_keep("staff"),
            help="The staff id of the person who acts.",
        ),
    ] = None,
    shared_station: Annotated[
        str | None,
        typer.Option(
            "--station",
            metavar="ID",
            expose_value=False,
            callback=_keep("station"),
            help="This terminal; else CARTRAIL_STATION, else the only one there is.",
        ),
    ] = None,
    shared_json: Annotated[
        bool,
        typer.Option(
            "--json", expose_value=False, callback=_keep("as_json"), help="Print JSON instead of text."
        ),
    ] = False,
    shared_credentials: Annotated[
        Path | None,
        typer.Option(
            "--credentials",
            metavar="FILE",
            expose_value=False,
            callback=_keep("credentials"),
            help='Passwords as TOML, STAFF = "password"; its mode must be 0600.',
        ),
    ] = None,
    shared_password_fd: Annotated[
        int | None,
        typer.Option(
            "--password-fd",
            metavar="N",
            expose_value=False,
            callback=_keep("password_fd"),
            help="Read the password of --as from this file descriptor.",
        ),
    ] = None,
) -> None:
    """A command that nobody calls: Typer reads the shared options off it.

    Their names begin so that no argument of a command has the same one.
    """


def add_shared_options(command: Any) -> None:
    """Give a command, and every command below it, the shared options."""
    shared = typer.Typer(add_completion=False, rich_markup_mode=None)
    shared.command()(_shared)
    _add(command, [option for option in typer.main.get_command(shared).params if option.name != "help"])


def _add(command: Any, options: list[Any]) -> None:
    taken = {name for option in command.params for name in option.opts}
    command.params.extend(option for option in options if not taken & set(option.opts))
    for below in getattr(command, "commands", {}).values():
        _add(below, options)


def example(*lines: str) -> str:
    """The examples at the end of a command's help, kept as written."""
    return "\b\n" + "\n".join(("Example:", *(f"  {line}" for line in lines)))
