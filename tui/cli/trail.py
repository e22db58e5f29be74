"""`cartrail trail`: what happened to one therapy, or to many, for reading or as the exact entries."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from schema.errors import InputError
from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.output import clean, print_table
from tui.cli.session import Session

if TYPE_CHECKING:
    from tracker.exports.rows import TrailRow
    from tracker.exports.trails import Trails

app = typer.Typer()


class TrailFormat(StrEnum):
    """The forms of `trail`; the last three come later."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    EPCIS = "epcis"


LATER = (TrailFormat.XLSX, TrailFormat.PDF, TrailFormat.EPCIS)


@app.command(
    "trail",
    epilog=example(
        "cartrail trail CD234567892",
        "cartrail trail --site SITE --from 2026-11-01 --to 2026-11-30 --format csv --out november.csv",
        "cartrail trail registry --format json",
        "cartrail trail CD234567892 --as-of 2026-11-01T12:00:00Z --format csv",
    ),
)
def trail(
    context: typer.Context,
    coi: Annotated[
        list[str] | None,
        typer.Argument(metavar="COI", help="Any code of the therapy, or `registry`; all when none is given."),
    ] = None,
    *,
    form: Annotated[
        TrailFormat | None,
        typer.Option("--format", help="json gives the stored entries, one a line: that is the evidence."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write a file, whole or not at all.")
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="Only events at this site.")] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="D", help="From this day or time on; times need an offset."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="D", help="Until the end of this day, or this time.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="TIME|SIZE", help="As it was known then: by a time, or in the log of a size."
        ),
    ] = None,
) -> None:
    """Show what happened: when, who, where, who holds it from then on.

    With --as-of only what was known then is shown, and every form says so. In JSON each line is a stored
    entry, whose statement stands there byte for byte as it was signed. In a CSV file an
    apostrophe stands before a cell that a spreadsheet would run; take it off to read on.
    """
    session = Session.of(context)
    chosen = form or (TrailFormat.JSON if session.as_json else TrailFormat.TABLE)
    _require_built(chosen)
    from tracker.exports.selection import Selection, parse_bound
    from tracker.exports.trails import Trails, chains_of
    from tracker.views.as_of import parse_as_of

    selection = Selection(
        site,
        None if since is None else parse_bound(since, what="--from"),
        None if until is None else parse_bound(until, what="--to"),
    )
    with session.reading() as tracker:
        moment = None if as_of is None else parse_as_of(as_of)
        trails = Trails(tracker, chains_of(tracker, coi or ()), selection, moment)
        notice = trails.notice()
        with _sink(out) as sink:
            _write(trails, chosen, sink)
    if notice is not None:
        say(f"This is the record {notice}.")
    if out is not None:
        say(f"Written to {out}.")


def _require_built(form: TrailFormat) -> None:
    if form in LATER:
        raise InputError(
            f"The format {form.value} is not built yet; it comes later.",
            remedy="Use table, json or csv.",
            code="comes_later",
        )


@contextmanager
def _sink(out: Path | None) -> Iterator[BinaryIO | None]:
    """The file to write, or None for the standard output."""
    if out is None:
        yield None
        return
    from tracker.exports.files import whole_file

    with whole_file(out) as file:
        yield file


def _write(trails: Trails, form: TrailFormat, sink: BinaryIO | None) -> None:
    from tracker.exports.csvs import write_csv

    if form is TrailFormat.JSON:
        target = sink or sys.stdout.buffer
        for body in trails.bodies():
            target.write(body + b"\n")
        target.flush()
        return
    if sink is None and form is TrailFormat.TABLE:
        _print(trails)
        return
    text = io.TextIOWrapper(sink or sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)
    try:
        if form is TrailFormat.CSV:
            write_csv(trails.rows(), text)
        else:
            _print(trails, text)
    finally:
        # Its end must not close what others still use.
        text.detach()


def _print(trails: Trails, file: IO[str] | None = None) -> None:
    notice = trails.notice()
    if notice is not None:
        # On the page itself, for it may be printed or sent on without what was said beside it.
        print(f"{notice.upper()}\n", file=file)
    print_table(("When", "What", "Who and where"), (_line(row) for row in trails.rows()), file=file)


def _line(row: TrailRow) -> list[Any]:
    from rich.text import Text

    day, _, clock = row.occurred_at.partition("T")
    what = Text(clean(row.title))
    if row.units:
        what.append(f"\n{clean(row.units)}", style="dim")
    if row.custody:
        what.append(f"\nnow with {clean(row.custody)}")
    if row.marks:
        what.append(f"\n{clean(row.marks)}", style="bold red" if row.is_grave else "yellow")
    who = Text(clean(f"{row.actor}\n{row.station}, {row.site}"))
    for signature in filter(None, row.signatures.split("; ")):
        who.append(f"\n{clean(signature.replace(f'{day}T', ''))}", style="dim")
    return [f"{day}\n{clock[:8]} {clock[8:]}", what, who]
