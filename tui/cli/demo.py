"""`cartrail demo`: a network with therapies in many stages, in a store of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import CartrailError, InputError
from schema.instants import parse_declared
from tui.cli.ending import say
from tui.cli.options import example, whole_number
from tui.cli.output import WIDTH, print_json, print_table
from tui.cli.session import CommandSession, is_dumb

if TYPE_CHECKING:
    from tracker.demo.run import DemoResult
    from tui.invented import Invented

app = typer.Typer()

PRINTED = "printed"
"""The folder beside a demo's store where its terminal puts labels, slips and exports."""

THERAPIES = 60
"""So many are told unless somebody asks for fewer or more."""

STILL_RUNS = timedelta(hours=4)
"""After that the clocks of a demo have run out, and what it says to try is no longer so."""


@app.command("demo", epilog=example("cartrail demo", "cartrail demo --no-open --seed 7 --folder /tmp/demo"))
def demo(
    context: typer.Context,
    *,
    seed: Annotated[
        int | None,
        whole_number(help_text="The same seed and --until give the same story; 1 when not given."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the story ends, with an offset; not after now.")
    ] = None,
    therapies: Annotated[
        int | None,
        whole_number(least=1, help_text=f"How many; {THERAPIES} when not given, over half a year."),
    ] = None,
    opens: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the terminal, or print the board and people.")
    ] = True,
    again: Annotated[
        bool | None,
        typer.Option("--again/--new", help="Open the demo that is there as it was left, or build one."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Where it lies; an older one is kept beside it.")
    ] = None,
) -> None:
    """Build a network of invented therapies, then open the terminal.

    A demo of the last hours is opened as it was left, unless --new, --seed, --until or --therapies asks for
    another.
    """
    session = CommandSession.of(context)
    _require_its_own_store(session)
    end: datetime | None = None if until is None else parse_declared(until)[0]
    from tracker.settings import demo_folder

    place = (folder or demo_folder()).absolute()
    asked = (seed, end, therapies) != (None, None, None)
    if not asked and again is not False:
        _progress(f"Looking for a demo of the last hours in {place}")
    found = None if again is False or asked else _of_today(place)
    result = _as_left(place) if again else found or _built(place, seed, end, therapies)
    if session.as_json:
        print_json(_document(result))
        return
    opens = opens and sys.stdin.isatty() and sys.stdout.isatty() and not is_dumb(os.environ)
    _print_people(result)
    if not opens:
        _print_board(result)
        print()
    for line in task_lines(result):
        print(line)
    say(f"Printed labels, badges and slips: {result.folder / 'papers'}")
    say(f"What the terminal prints and exports: {result.folder / PRINTED}")
    say(f"Use it from the command line: export CARTRAIL_DATABASE={result.folder / 'cartrail.db'}")
    if opens:
        say("Opening the terminal ...")
        from tui.app import run

        # A station of the environment belongs to another store; without one the terminal asks.
        run(url=result.url, station=session.options.station, invented=_invented(result))


def _require_its_own_store(session: CommandSession) -> None:
    if session.options.database is not None:
        raise InputError(
            "A demo is a store of its own; it is never built in another.",
            remedy="Say where it may lie with --folder PATH, and leave out --database.",
            code="database_of_demo",
        )


def _invented(result: DemoResult) -> Invented:
    """What the training tray knows of a demo."""
    from tui.invented import Invented, InventedPerson, Scene

    people = {one.staff: InventedPerson(one.badge, one.password, one.pin) for one in result.people}
    scenes = tuple(Scene(one.staff, one.station, one.text, one.codes, one.second) for one in result.scenes)
    return Invented(people, scenes, result.folder / PRINTED)


def _built(place: Path, seed: int | None, end: datetime | None, therapies: int | None) -> DemoResult:
    count = THERAPIES if therapies is None else therapies
    # At once: what builds it takes seconds to load.
    _progress(f"Building a demo of {count} therapies in {place}")
    from tracker.demo.run import build_demo

    return build_demo(
        folder=place, seed=1 if seed is None else seed, until=end, therapies=count, say=_progress
    )


def _of_today(place: Path) -> DemoResult | None:
    """The demo that is there, while its clocks still run as they were told and this program can read it."""
    from tracker.demo.run import existing_demo
    from tracker.tracker import Tracker

    found = existing_demo(place)
    if found is None or datetime.now(UTC) - datetime.fromisoformat(found.until) > STILL_RUNS:
        return None
    try:
        Tracker.open(url=found.url, read_only=True).close()
    except CartrailError:
        return None
    say("Opening the demo that is there; --new builds another.")
    return found


def _as_left(folder: Path) -> DemoResult:
    from tracker.demo.run import existing_demo

    found = existing_demo(folder)
    if found is None:
        raise InputError(
            f"There is no demo in {folder}.", remedy="Leave --again out to build one.", code="no_demo"
        )
    return found


def _progress(text: str) -> None:
    """What is being built, for a person who waits."""
    if sys.stderr.isatty():
        say(f"  {text}")


def task_lines(result: DemoResult) -> Iterator[str]:
    """What waits for whom, and the codes to scan or paste."""
    names = {person.staff: person.name for person in result.people}
    yield from wrap(
        "What to try: take the station, sign in with badge and password, scan or paste the codes in order.",
        width=WIDTH,
    )
    for task in result.scenes:
        second = f", with {task.second} ({names[task.second]})" if task.second else ""
        yield ""
        yield f"{task.station}  {task.staff} ({names[task.staff]}){second}"
        yield from wrap(task.text, width=WIDTH, initial_indent="  ", subsequent_indent="  ")
        yield from (f"  {code:<16}  {title}" for title, code in task.codes)


def _print_people(result: DemoResult) -> None:
    print_table(
        ("Staff", "Name, role and site", "Badge", "Password", "PIN"),
        [
            (one.staff, f"{one.name}\n{one.role}, {one.site}", one.badge, one.password, one.pin)
            for one in result.people
        ],
        whole=("Staff", "Badge", "Password", "PIN"),
    )
    print()


def _print_board(result: DemoResult) -> None:
    from tracker.tracker import Tracker
    from tui.cli.board import print_board

    tracker = Tracker.open(url=result.url, read_only=True)
    try:
        print_board(tracker)
    finally:
        tracker.close()


def _document(result: DemoResult) -> dict[str, Any]:
    return {**asdict(result), "folder": str(result.folder), "database": result.url}
