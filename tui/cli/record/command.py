"""`cartrail record`: requests as JSON lines in, one answer line each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import InputError
from tui.cli.options import example, options_in
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from tracker.tracker import Tracker

app = typer.Typer()


@app.command(
    "record",
    epilog=example(
        "cartrail record requests.jsonl --credentials ~/instrument.toml",
        "some-instrument | cartrail record --credentials ~/instrument.toml",
        "cartrail record --help-requests relinquish",
    ),
)
def record(
    context: typer.Context,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="JSON lines; the standard input when not given.")
    ] = None,
    *,
    help_requests: Annotated[
        bool,
        typer.Option("--help-requests", help="List every request, or show the one named in place of FILE."),
    ] = False,
) -> int:
    """Record requests as JSON lines, and answer each with one line.

    A line is taken or not taken as a whole. Lines that wait together are committed together, and their
    answers come after the commit. The exit code is that of the first line that was not ok, unless the same
    event_id was sent again and taken.
    """
    if help_requests:
        _help(file, as_json=options_in(context).as_json)
        return 0
    session = CommandSession.of(context)
    with _descriptor(file) as descriptor, session.writing() as tracker:
        return _answer_all(session, tracker, descriptor)


def _answer_all(session: CommandSession, tracker: Tracker, descriptor: int) -> int:
    from tui.cli.record.batches import Batches
    from tui.cli.record.lines import Lines

    not_ok: dict[str, int] = {}
    for answers in Batches(tracker, SignedIn(tracker, session.secrets), Lines(descriptor)).answers():
        for answer in answers:
            print_json(answer.to_json())
            key = answer.event_id or ""
            if not answer.ok:
                not_ok.setdefault(key, answer.exit_code)
            elif key:
                not_ok.pop(key, None)
        sys.stdout.flush()
    return next(iter(not_ok.values()), 0)


@contextmanager
def _descriptor(file: str | None) -> Iterator[int]:
    if file is None or file == "-":
        yield sys.stdin.fileno()
        return
    try:
        descriptor = os.open(Path(file).expanduser(), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}.", remedy="Name a file of JSON lines.", code="no_file"
        ) from error
    try:
        yield descriptor
    except IsADirectoryError as error:
        raise InputError(
            f"{file} is a folder.", remedy="Name a file of JSON lines.", code="no_file"
        ) from error
    finally:
        os.close(descriptor)


def _help(name: str | None, *, as_json: bool) -> None:
    from tracker.catalog import documentation

    schemas = documentation()
    if name is not None and name not in schemas:
        raise InputError(
            f"There is no request {name}.",
            remedy="`cartrail record --help-requests` lists them.",
            code="unknown_request",
        )
    if as_json:
        print_json(schemas if name is None else schemas[name])
    elif name is None:
        records = [
            {"name": key, "about": value["description"]}
            for key, value in schemas.items()
            if isinstance(value, Mapping)
        ]
        print_records(records, (("name", "Request"), ("about", "What it asks")), as_json=False)
    else:
        _help_one(name, schemas[name])


def _help_one(name: str, schema: Any) -> None:
    print_rows([("request", name), ("about", schema["description"])])
    print()
    needed = set(schema["required"])
    records = [
        {"field": key, "needed": "yes" if key in needed else "", "form": _form(value)}
        for key, value in schema["properties"].items()
    ]
    print_records(records, (("field", "Field"), ("needed", "Needed"), ("form", "Form")), as_json=False)


def _form(value: Mapping[str, Any]) -> str:
    """What a field takes, in a few words."""
    if "const" in value:
        return f'"{value["const"]}"'
    if "$ref" in value:
        return str(value["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in value:
        forms = " or ".join(_form(one) for one in value["anyOf"] if one.get("type") != "null")
    elif value.get("type") == "array":
        forms = f"list of {_form(value.get('items', {}))}"
    else:
        forms = str(value.get("type", "any"))
    return f"{forms}: {value['description']}" if "description" in value else forms
