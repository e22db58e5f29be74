"""From the words typed after `cartrail` to the command they name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Final

import typer

from schema.errors import InputError
from tui.cli.options import SharedOptions, add_shared_options, example

COMMANDS: Final[Mapping[str, str]] = {
    "demo": "demo",
    "init": "init",
    "record": "record.command",
    "scan": "scan",
    "board": "board",
    "trail": "trail",
    "verify": "verify",
    "drill": "drill",
    "export": "export",
    "label": "label.command",
    "form": "form",
    "hub": "hub",
    "deviation": "deviation",
    "plan": "plan",
    "note": "note",
    "outcome": "outcome",
    "temperature": "temperature",
    "shipment": "shipment",
    "storage": "storage",
    "alerts": "alerts",
    "measure": "measure",
    "protocol": "protocol",
    "person": "person",
    "lot": "lot",
    "trace": "tracing",
    "making": "tracing",
    "release": "release",
    "certificate": "release",
    "quality": "quality",
    "site": "site",
    "station": "station",
    "patient": "patient.command",
    "backup": "backup",
    "restore": "backup",
    "migrate": "store",
    "settings": "store",
    "serve": "serve",
}
"""The module below `tui.cli` that holds each command, in the order of the help."""

LATER: Final = (*("sync", "archive", "self-test"),)
"""Names that are kept for what is not built yet."""

HELP: Final = (
    "Chain of identity and chain of custody of CAR T cells, from vein to vein. Alone, it opens the terminal."
)


def run(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; gives its exit code.

    Raises InputError for what is no text, and for an option with nothing behind it.
    """
    _require_text(arguments)
    _require_values(arguments)
    command = command_line(arguments)
    # Not through `main`, which would end the program by itself when nobody reads its output any more.
    try:
        with command.make_context("cartrail", list(arguments), obj=SharedOptions()) as context:
            outcome = command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    return outcome if isinstance(outcome, int) else 0


def _require_text(arguments: Sequence[str]) -> None:
    """Bytes that are no UTF-8 come as lone surrogates, which no store, file or line of JSON takes."""
    given = {f"Word {number} of the command": argument for number, argument in enumerate(arguments, 1)}
    given |= {name: value for name, value in os.environ.items() if name.startswith("CARTRAIL_")}
    for where, text in given.items():
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise InputError(
                f"{where} has bytes that are not text: {text[:60]!a}.",
                remedy="Set the terminal to UTF-8; rename a file whose name is in another encoding.",
                code="bad_character",
            )


def _require_values(arguments: Sequence[str]) -> None:
    """An option with nothing behind it is no answer: a variable of a script was empty."""
    for option, value in zip(("", *arguments), (*arguments, " "), strict=True):
        named = value.removesuffix("=") if value.startswith("--") and value.endswith("=") else option
        if named.startswith("--") and (value == "" or named != option):
            raise InputError(
                f"Nothing stands after {named}.",
                remedy="Say what it is, or leave the option out.",
                code="no_value",
            )


def command_line(arguments: Sequence[str]) -> Any:
    """The commands that these arguments can mean, with the options they share; all, where none is named.

    A command that is named is loaded alone: `board` then starts almost as fast as Typer.
    """
    named = [name for name in (*COMMANDS, *LATER) if name in arguments]
    return _made_of(tuple(dict.fromkeys(COMMANDS[name] for name in named or COMMANDS if name in COMMANDS)))


@cache
def _made_of(modules: tuple[str, ...]) -> Any:
    """Typer takes longer to read the signatures of `site` than most of its commands take to run."""
    root = typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=False
    )
    root.callback(invoke_without_command=True, help=HELP, epilog=example("cartrail demo"))(_root)
    for module in modules:
        root.add_typer(import_module(f"tui.cli.{module}").app)
    for name in LATER:
        root.command(name, hidden=True, context_settings=_ANYTHING, help="Comes later.")(_later)
    command = typer.main.get_command(root)
    add_shared_options(command)
    return command


_ANYTHING: Final = {"ignore_unknown_options": True, "allow_extra_args": True}


def _root(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as version_of

        print(f"cartrail {version_of('cartrail')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from tui.cli.session import CommandSession

        CommandSession.of(context).open_terminal()


def _later(context: typer.Context) -> None:
    from schema.errors import InputError

    raise InputError(
        f"`cartrail {context.info_name}` is not built yet; it comes later.",
        remedy="See `cartrail --help` for what there is.",
        code="comes_later",
    )
