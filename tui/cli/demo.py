"""`cartrail demo`: a network with therapies in many stages, in a store of its own."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import InputError
from schema.instants import parse_declared
from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.output import print_json, print_table
from tui.cli.session import Session

if TYPE_CHECKING:
    from tracker.demo.run import DemoResult

app = typer.Typer()


@app.command("demo", epilog=example("cartrail demo", "cartrail demo --no-open --seed 7 --folder /tmp/demo"))
def demo(
    context: typer.Context,
    *,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and --until give the same story.")] = 1,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the story ends, with an offset; not after now.")
    ] = None,
    opens: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the terminal, or print the board and people.")
    ] = True,
    again: Annotated[
        bool, typer.Option("--again", help="Open the demo that is there, as it was left.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Where it lies; an older one is kept beside it.")
    ] = None,
) -> None:
    """Build a network of invented therapies, then open the terminal."""
    session = Session.of(context)
    end: datetime | None = None if until is None else parse_declared(until)[0]
    from tracker.demo.run import build_demo
    from tracker.settings import demo_folder

    place = (folder or demo_folder()).absolute()
    result = _as_left(place) if again else build_demo(folder=place, seed=seed, until=end, say=_progress)
    if session.as_json:
        print_json(_document(result))
        return
    _print_people(result)
    say(f"Printed labels, badges and slips: {result.folder / 'papers'}")
    say(f"Use it from the command line: export CARTRAIL_DATABASE={result.folder / 'cartrail.db'}")
    if opens and sys.stdin.isatty() and sys.stdout.isatty():
        from tui.app import run

        # A station of the environment belongs to another store; without one the terminal asks.
        run(url=result.url, station=session.given.station)
        return
    _print_board(result)


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
