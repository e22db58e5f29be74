"""`cartrail trail`: what happened to one therapy, or to many, for reading or as the exact entries."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from schema.entry import REGISTRY
from schema.errors import InputError
from tracker.exports.forms import FILES_ONLY, VIEWS, WITHOUT_REGISTRY, TrailFormat
from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.progress import counting
from tui.cli.session import Session
from tui.cli.trail_table import write_table

if TYPE_CHECKING:
    from tracker.exports.selection import Bound

app = typer.Typer()

Therapies = Annotated[
    list[str] | None,
    typer.Argument(metavar="COI", help="Any code of the therapy, or `registry`; all when none is given."),
]
Form = Annotated[
    TrailFormat | None,
    typer.Option("--format", help="json gives the stored entries, one a line: that is the evidence."),
]
Out = Annotated[Path | None, typer.Option(metavar="PATH", help="Write a file, whole or not at all.")]
AtSite = Annotated[str | None, typer.Option(metavar="SITE", help="Only events at this site.")]
Since = Annotated[
    str | None, typer.Option("--from", metavar="D", help="From this day or time on; times need an offset.")
]
Until = Annotated[
    str | None, typer.Option("--to", metavar="D", help="Until the end of this day, or this time.")
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="TIME|SIZE", help="As it was known then: by a time, or in the log of a size."
    ),
]
Adding = Annotated[
    str | None,
    typer.Option(
        "--with",
        metavar="WORDS",
        help="Of identifiers,free-text,names: what the file adds; sign in with --as.",
    ),
]

Shipment = Annotated[
    str | None, typer.Option(metavar="CODE", help="Only this shipment, or those of this box.")
]


@app.command(
    "trail",
    epilog=example(
        "cartrail trail CD234567892",
        "cartrail trail CD234567892 --format pdf --out trail.pdf --as AUDIT-1 --with names",
        "cartrail trail --site SITE --from 2026-11-01 --to 2026-11-30 --format csv --out november.csv",
        "cartrail trail --shipment SD234567892 --format pdf --out shipment.pdf",
        "cartrail trail registry --format json --with names --as AUDIT-1",
        "cartrail trail CD234567892 --as-of 2026-11-01T12:00:00Z --format csv",
    ),
)
def trail(
    context: typer.Context,
    coi: Therapies = None,
    *,
    form: Form = None,
    out: Out = None,
    site: AtSite = None,
    since: Since = None,
    until: Until = None,
    as_of: KnownAt = None,
    adding: Adding = None,
    shipment: Shipment = None,
) -> None:
    """Show what happened: when, who, where, who holds it from then on.

    With --as-of only what was known then is shown, and every form says so. In JSON each line is a stored
    entry, byte for byte as it was signed, where --with names was chosen: the signatures cover the printed
    names. Without it the names are left out of each line, which says so. In a CSV file an
    apostrophe stands before a cell that a spreadsheet would run; take it off to read on.
    Every form but the table is noted in the registry, under the name of --as.
    """
    session = Session.of(context)
    chosen = form or (TrailFormat.JSON if session.as_json else TrailFormat.TABLE)
    _require_sensible(chosen, coi or [], out, adding)
    from tracker.exports.disclosure import NOTHING_MORE, parse_sharing
    from tracker.exports.selection import Selection
    from tracker.views.as_of import parse_as_of
    from tui.cli.trail_leaving import note, require_entitled

    selection = Selection(site, _bound(since, "--from"), _bound(until, "--to"))
    sharing = NOTHING_MORE if adding is None else parse_sharing(adding)
    with session.reading() as tracker:
        moment = None if as_of is None else parse_as_of(as_of)
        chains = tracker.exports.chains(coi or ())
        trails = tracker.exports.trails(chains, selection, as_of=moment, shipment=shipment)
        notice = trails.notice()
        if adding is not None:
            require_entitled(session, tracker)
        with _sink(out) as sink:
            if chosen not in VIEWS:
                note(session, chosen, tuple(trails.chains), sharing)
            with counting("Written", "therapies", len(trails.chains)) as watch:
                watched = replace(trails, watch=watch)
                if chosen is TrailFormat.TABLE:
                    write_table(watched, sink)
                else:
                    tracker.exports.write(
                        chosen,
                        watched,
                        sharing,
                        sink or sys.stdout.buffer,
                        asked_by=session.given.staff or "",
                        config=session.settings.config,
                    )
    if notice is not None:
        say(f"This is the record {notice}.")
    if out is not None:
        say(f"Written to {out}.")


def _bound(text: str | None, what: str) -> Bound | None:
    from tracker.exports.selection import parse_bound

    return None if text is None else parse_bound(text, what=what)


def _require_sensible(form: TrailFormat, coi: list[str], out: Path | None, adding: str | None) -> None:
    if form in FILES_ONLY and out is None:
        raise InputError(
            f"The form {form.value} is a file, and none was named.", remedy="Add --out PATH.", code="no_out"
        )
    if form in WITHOUT_REGISTRY and REGISTRY in coi:
        raise InputError(
            f"The registry has no units, so {form.value} has nothing to say about it.",
            remedy="Use table, json, csv or xlsx.",
            code="registry_has_no_units",
        )
    if adding is not None and form in VIEWS:
        raise InputError(
            f"--with chooses what a file holds; {form.value} is only looked at.",
            remedy="Leave --with out, or use another form.",
            code="nothing_to_choose",
        )
    if adding is not None and form is TrailFormat.JSON and adding.strip() != "names":
        raise InputError(
            "A stored entry holds neither patient identifiers nor free text, only commitments to them.",
            remedy="Add --with names for the entries as they were signed, or use another form.",
            code="nothing_to_choose",
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
