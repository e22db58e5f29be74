"""The options that every command has, and what was given for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from schema.vocabulary import Reason
from tui.reasons import reasons_of

_DIGITS: Final = re.compile(r"[0-9]{1,18}")
UUID_VERSION: Final = 7
_AN_EVENT_ID: Final = "01900000-0000-7000-8000-000000000001"
_YEAR_10000_MS: Final = 253_402_300_800_000
"""Milliseconds since 1970; an id says when it was made, and has room for times that no date has."""


Approver = Annotated[
    str | None,
    typer.Option(metavar="STAFF", help="A second person of administration or quality who signs too."),
]
"""`--approved-by`, where a rule may ask a second signature."""


@dataclass(slots=True)
class SharedOptions:
    """The shared options as given, before or after the name of the command; the later one counts."""

    database: str | None = None
    staff: str | None = None
    station: str | None = None
    as_json: bool = False
    credentials: Path | None = None
    password_fd: int | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class WholeNumberParser:
    """Takes a number written in digits alone: Typer's own reads `75_0` as 750, and ` +5` too."""

    least: int = 0
    most: int | None = None

    def __call__(self, value: str | int) -> int:
        """The number; raises ValueError, which Typer says with the option's name."""
        if isinstance(value, str) and _DIGITS.fullmatch(value) is None:
            raise ValueError(f"{value[:40]!r} is not a whole number in digits.")
        number = int(value)
        if number < self.least or (self.most is not None and number > self.most):
            raise ValueError(f"{number} is not {self.range_words}.")
        return number

    @property
    def range_words(self) -> str:
        """Which numbers it takes."""
        return f"{self.least} or more" if self.most is None else f"from {self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class ReasonParser:
    """Takes one of the reasons that a command is given for; the others are of other acts."""

    request: str

    def __call__(self, value: str) -> Reason:
        """The reason; raises ValueError, which Typer says with the option's name."""
        taken = reasons_of(self.request)
        if value not in taken:
            raise ValueError(f"{value[:40]!r} is no reason for this. There are {self.listed}.")
        return Reason(value)

    @property
    def listed(self) -> str:
        """All that it takes."""
        return ", ".join(reasons_of(self.request))


def reason_option(request: str, help_text: str) -> Any:
    """The option `--reason` of a command that makes a request; its help lists what it takes."""
    parser = ReasonParser(request)
    return typer.Option("--reason", metavar="REASON", help=f"{help_text}: {parser.listed}.", parser=parser)


def whole_number(
    *flags: str, help_text: str, metavar: str = "N", least: int = 0, most: int | None = None
) -> Any:
    """An option that is a whole number; what it takes is said in its help where that is limited."""
    parser = WholeNumberParser(least, most)
    limits = "" if most is None else f"  [{parser.range_words}]"
    return typer.Option(metavar=metavar, help=help_text + limits, parser=parser)


def options_in(context: typer.Context) -> SharedOptions:
    """The shared options of the command that runs."""
    found = context.find_root().obj
    if not isinstance(found, SharedOptions):
        raise TypeError("The command was started without its shared options.")
    return found


def _keep(field: str) -> Callable[[typer.Context, typer.CallbackParam, Any], Any]:
    def keep(context: typer.Context, _: typer.CallbackParam, value: Any) -> Any:
        # Not `in (None, False)`: the descriptor 0 is a value.
        if value is not None and value is not False:
            setattr(options_in(context), field, value)
        return value

    return keep


def _option(
    flag: str,
    field: str,
    help_text: str,
    metavar: str | None = None,
    parser: Callable[[str], Any] | None = None,
) -> Any:
    return typer.Option(
        flag, metavar=metavar, help=help_text, expose_value=False, callback=_keep(field), parser=parser
    )


_DATABASE = _option(
    "--database", "database", "The store: a path or URL; else CARTRAIL_DATABASE, else this user's own.", "URL"
)
_STAFF = _option("--as", "staff", "The staff id of the person who acts.", "STAFF")
_STATION = _option(
    "--station", "station", "This terminal; else CARTRAIL_STATION, else the only one there is.", "ID"
)
_JSON = _option("--json", "as_json", "Print JSON instead of text.")
_CREDENTIALS = _option(
    "--credentials", "credentials", 'Passwords as TOML, STAFF = "password"; its mode must be 0600.', "FILE"
)
_PASSWORD_FD = _option(
    "--password-fd",
    "password_fd",
    "Read the password of --as from this file descriptor.",
    "N",
    WholeNumberParser(),
)


def _event_id(text: str) -> str:
    try:
        given = UUID(text)
    except ValueError:
        given = None
    if given is None or given.version != UUID_VERSION or given.int >> 80 >= _YEAR_10000_MS:
        raise ValueError(f"{text[:40]!r} is no event id of a command, such as {_AN_EVENT_ID}.")
    return str(given)


_EVENT_ID = _option(
    "--event-id",
    "event_id",
    "Ask for the very same again, where it was not known whether it was recorded: it is not recorded twice.",
    "ID",
    _event_id,
)


def _shared(
    *,
    shared_database: Annotated[str | None, _DATABASE] = None,
    shared_staff: Annotated[str | None, _STAFF] = None,
    shared_station: Annotated[str | None, _STATION] = None,
    shared_json: Annotated[bool, _JSON] = False,
    shared_credentials: Annotated[Path | None, _CREDENTIALS] = None,
    shared_password_fd: Annotated[int | None, _PASSWORD_FD] = None,
    shared_event_id: Annotated[str | None, _EVENT_ID] = None,
) -> None:
    """A command that is never called: Typer reads the shared options from its signature.

    The prefix keeps their names apart from those of a command's own arguments.
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
