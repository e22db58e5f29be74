"""`cartrail board`: where everything is, what is due, what is late."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.counting import under_a_minute
from schema.instants import format_instant
from schema.vocabulary import Role
from tui.cli.ending import say
from tui.cli.known import known_or_all
from tui.cli.options import example, whole_number
from tui.cli.output import print_json, print_table
from tui.cli.readers import require_board
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import BenchNow, BoardRow

app = typer.Typer()

PAGE = 200
CLOCKS_SHOWN = 2
FAR = timedelta(days=36_500)
"""Beyond every clock: where a therapy without one is sorted."""


WATCHED_EVERY = 60.0
"""Seconds between two looks with --watch; nothing that it shows is told to the second."""


@app.command(
    "board",
    epilog=example(
        "cartrail board",
        "cartrail board --attention --site SITE --json",
        "cartrail board --today --site TREAT-A --role pharmacist",
        "cartrail board --today --hours 72 --out today.pdf",
    ),
)
def board(
    context: typer.Context,
    *,
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="Only therapies in which this site has a part.")
    ] = None,
    attention: Annotated[bool, typer.Option("--attention", help="Only what calls for somebody.")] = False,
    limit: Annotated[int, whole_number(least=1, help_text="Show so many at most.")] = 50,
    today: Annotated[
        bool, typer.Option("--today", help="What will be late, what is due and ready, what is on the road.")
    ] = False,
    hours: Annotated[int, whole_number(least=1, most=336, help_text="With --today: how far ahead.")] = 48,
    role: Annotated[
        Role | None, typer.Option(help="With --today: only what somebody with this role needs of it.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="With --today: again each minute.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="With --today: for the meeting, as .pdf or .xlsx."),
    ] = None,
) -> None:
    """Show where everything is, what is due and what is late.

    What is late comes first, then what is due soonest, then what was touched last.
    """
    session = CommandSession.of(context)
    if today:
        _today(session, MorningAsked(site, hours, role, out), is_watched=watch)
    else:
        _board(session, site, attention=attention, limit=limit)


@dataclass(frozen=True, slots=True)
class MorningAsked:
    """What of Today is asked for."""

    site: str | None
    hours: int
    role: Role | None
    out: Path | None


def _today(session: CommandSession, asked: MorningAsked, *, is_watched: bool) -> None:
    """Today once, or again and again until somebody stops it."""
    from tui.cli.today import document, paper_of, print_today

    while True:
        with session.reading() as tracker:
            require_board(session, tracker)
            site = known_or_all(tracker.registry, asked.site)
            if session.as_json:
                for one in tracker.read.forecasts(site=site):
                    print_json(document(one))
            else:
                found = tracker.read.today(site=site, hours=asked.hours)
                alerts = tracker.read.alerts(site=site)
                if asked.out is not None:
                    paper = paper_of(found, alerts, asked.role, tracker.registry)
                    tracker.exports.tables(paper, asked.out)
                    say(f"Written to {asked.out}.")
                else:
                    print_today(found, alerts, asked.role)
        if not is_watched:
            return
        sys.stdout.flush()
        time.sleep(WATCHED_EVERY)


def _board(session: CommandSession, site: str | None, *, attention: bool, limit: int) -> None:
    from tracker.values import absence

    with session.reading() as tracker:
        require_board(session, tracker)
        now, site = tracker.clock.now(), known_or_all(tracker.registry, site)
        rows = sorted(
            tracker.read.whole_board(site=site, attention=attention), key=lambda row: _urgency(row, now)
        )
        benches = tracker.read.benches(site=site)
        no_hub = absence(tracker.hub_status())
    if session.as_json:
        for row in rows[:limit]:
            print_json(_document(row, now))
    elif rows:
        print_table(("Therapy", "Stage", "Where", "Due", "Marks"), [_line(row, now) for row in rows[:limit]])
        _print_benches(benches)
    if no_hub is not None:
        say(f"{no_hub.message} {no_hub.remedy}")
    if not rows:
        say("There is no such therapy.")
    elif len(rows) > limit:
        say(f"{limit} of {len(rows)} therapies; --limit shows more.")


def print_board(tracker: Tracker) -> None:
    """The whole board as a table, for the demo."""
    now = tracker.clock.now()
    rows = sorted(tracker.read.whole_board(), key=lambda row: _urgency(row, now))
    print_table(("Therapy", "Stage", "Where", "Due", "Marks"), [_line(row, now) for row in rows])


def bench_words(bench: BenchNow | None) -> str:
    """Who is at a bench since when, for a table; empty when it is free."""
    therapies = bench.therapies if bench is not None else ()
    return "; ".join(f"{one.coi} since {one.since:%Y-%m-%d %H:%MZ} by {one.staff}" for one in therapies)


def _print_benches(benches: Iterable[BenchNow]) -> None:
    """Which therapy is at which bench; a free bench is not among them."""
    if rows := [(one.title, bench_words(one)) for one in benches]:
        print_table(("Bench", "Taken by"), rows)


def _urgency(row: BoardRow, now: datetime) -> tuple[timedelta, float]:
    due = min((clock.due_at for clock in row.clocks), default=None)
    return (FAR if due is None else due - now, -row.last_at.timestamp())


def _line(row: BoardRow, now: datetime) -> list[Any]:
    from rich.text import Text

    from labels.frames import escaped

    due = Text()
    for clock in sorted(row.clocks, key=lambda one: one.due_at)[:CLOCKS_SHOWN]:
        late = clock.due_at <= now
        style = "bold red" if late else ""
        due.append("\n" if due else "")
        due.append(escaped(f"{clock.title} {span(clock.due_at - now)}"), style=style)
    marks = Text("\n".join(mark.replace("_", " ") for mark in row.attention))
    marks.stylize("red" if row.is_grave else "")
    return [row.coi, row.stage_title, "\n".join(_places(row)) or row.status, due, marks]


def _places(row: BoardRow) -> Iterator[str]:
    """Each custodian of open units once, with what they hold."""
    held: dict[str, list[str]] = {}
    for unit in row.units:
        state = " (handoff open)" if unit.handoff_open else ""
        held.setdefault(unit.custodian + state, []).append(unit.material.value.replace("_", " "))
    for custodian, materials in held.items():
        kinds = [
            f"{count} {kind}" if (count := materials.count(kind)) > 1 else kind
            for kind in dict.fromkeys(materials)
        ]
        yield f"{', '.join(kinds)}: {custodian}"


def span(left: timedelta) -> str:
    """A time left or passed, as people say it."""
    minutes = abs(int(left.total_seconds())) // 60
    text = f"{minutes // 60} h {minutes % 60} min" if minutes < 48 * 60 else f"{minutes // 1440} d"
    text = under_a_minute(left) or text
    return f"LATE by {text}" if left <= timedelta() else f"in {text}"


def _document(row: BoardRow, now: datetime) -> dict[str, Any]:
    return {
        "coi": row.coi,
        "state": row.standing.value,
        "stage": row.stage,
        "status": row.status,
        "protocol": row.protocol,
        "collection_site": row.collection_site,
        "manufacturing_site": row.manufacturing_site,
        "treatment_site": row.treatment_site,
        "attention": list(row.attention),
        "reviewed_through": row.reviewed_through,
        "last": {"kind": row.last_kind, "at": format_instant(row.last_at), "actor": row.last_actor},
        "clocks": [
            {
                "title": clock.title,
                "unit": clock.unit,
                "began_at": None if clock.began_at is None else format_instant(clock.began_at),
                "due_at": format_instant(clock.due_at),
                "late": clock.due_at <= now,
            }
            for clock in row.clocks
        ],
        "units": [
            {
                "unit": unit.unit,
                "material": unit.material.value,
                "custodian": unit.custodian,
                "site": unit.site,
                "handoff_open": unit.handoff_open,
                "quarantined": unit.quarantined,
            }
            for unit in row.units
        ],
    }
