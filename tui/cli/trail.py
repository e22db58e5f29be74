"""`cartrail trail`: what happened to one therapy, or to many, for reading or as the exact entries."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from schema.entry import REGISTRY
from schema.errors import CartrailError, InputError, IntegrityFailure
from tracker.exports.forms import FILES_ONLY, FOR_PROGRAMS, VIEWS, WITHOUT_REGISTRY, TrailFormat
from tui.cli.ending import not_trusted, say
from tui.cli.known import known_or_all
from tui.cli.options import example
from tui.cli.output import clean, print_table
from tui.cli.progress import counting
from tui.cli.readers import WhoReads, noted, reader_in
from tui.cli.session import CommandSession
from tui.cli.times import moment

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import AsOf, Bound, Disclosure, TrailRow, Trails


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
Since = Annotated[str | None, typer.Option("--from", metavar="D", help="From this day or time on.")]
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

Marked = Annotated[
    str | None,
    typer.Option(
        metavar="WORDS",
        help="Only events marked so: outside_rules, mixup, late ... or gap for any mark; of all therapies.",
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
        "cartrail trail --marked outside_rules,mixup --from 2026-11-01 --to 2026-11-30",
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
    marked: Marked = None,
) -> int:
    """Show what happened: when, who, where, who holds it from then on.

    With --marked only events that bear one of these marks of page one, of the named therapies or of all.
    With --as-of only what was known then is shown, and every form says so. In JSON each line is a stored
    entry, byte for byte as it was signed, where --with names was chosen: the signatures cover the printed
    names. Without it the names are left out of each line, which says so. In a CSV file an
    apostrophe stands before a cell that a spreadsheet would run; take it off to read on.
    Every form but the table is noted in the registry, under the name of --as. Outside a demo store whoever
    reads signs in, and the table is noted too.
    Exit code 4: the record cannot be trusted. Table and pdf say so themselves, json has the entries as they
    lie there, and the other forms are not made.
    """
    session = CommandSession.of(context)
    chosen = form or (TrailFormat.JSON if session.as_json else TrailFormat.TABLE)
    _require_sensible(chosen, coi or [], out, adding)
    from tracker.values import NOTHING_MORE, EventSelection, parse_disclosure, parse_marked

    disclosure = NOTHING_MORE if adding is None else parse_disclosure(adding)
    with session.reading() as tracker:
        first, last = (_bound(session, tracker, text) for text in (since, until))
        selection = EventSelection(known_or_all(tracker.registry, site), first, last)
        known = None if as_of is None else _known(session, tracker, as_of)
        chains = tracker.exports.chains(coi or ())
        concerns = () if marked is None else parse_marked(marked)
        trails = tracker.exports.trails(chains, selection, as_of=known, shipment=shipment, marked=concerns)
        notice = trails.notice()
        if concerns and not trails.chains:
            say("No event that was asked for is marked so; nothing is written.")
            return 0
        reader = reader_in(session, tracker, is_open=adding is None)
        # The other forms are refused where they are written.
        doubts = () if chosen in FOR_PROGRAMS else tracker.exports.doubts(trails.chains)
        with counting("Written", "therapies", len(trails.chains)) as watch:
            copy = _Copy(session, tracker, reader, chosen, disclosure, out)
            mark = not_trusted(doubts[0]) if doubts else ""
            paths = copy.write(replace(trails, watch=watch), mark)
    if notice is not None:
        say(f"This is the record {notice}.")
    if len(paths) > 1:
        say(f"Written to {out}, in {len(paths)} volumes.")
    elif paths:
        say(f"Written to {out}.")
    if doubts:
        say(not_trusted(doubts[0]))
        return IntegrityFailure.exit_code
    return 0


def _bound(session: CommandSession, tracker: Tracker, text: str | None) -> Bound | None:
    """A whole day, or a time by this station's clock."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return moment(session, tracker, text)


def _known(session: CommandSession, tracker: Tracker, text: str) -> AsOf:
    """A size of the log, or a time by this station's clock."""
    from tracker.values import AsOf

    return AsOf.parse(text) if text.isdecimal() else AsOf(recorded_by=moment(session, tracker, text))


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


@dataclass(frozen=True, slots=True)
class _Copy:
    """What somebody asked for: in which form, how open, and where it goes."""

    session: CommandSession
    tracker: Tracker
    reader: WhoReads
    form: TrailFormat
    disclosure: Disclosure
    out: Path | None

    def write(self, trails: Trails, mark: str) -> tuple[Path, ...]:
        """Write to the path, or to the standard output where there is none; gives the files written.

        What is wrong with the record stands as a mark at the head of a table.
        """
        if self.form in VIEWS:
            if self.reader.is_signed_in:
                self._note(trails)
            return _written_table(trails, self.out, mark)
        exports, config = self.tracker.exports, self.session.settings.config
        given = (self.form, trails, self.disclosure)
        by = self.reader.on_paper
        note_id = self.tracker.new_event_id()
        begun: list[str] = []

        def begin() -> None:
            begun.append(note_id)
            self._note(trails, event_id=note_id)

        if self.out is None:
            exports.write(*given, sys.stdout.buffer, begin=begin, asked_by=by, config=config)
            return ()
        try:
            return exports.save(*given, self.out, begin=begin, asked_by=by, config=config)
        except CartrailError:
            for one in begun:
                self._note(trails, failed=one)
            raise

    def _note(self, trails: Trails, *, event_id: str | None = None, failed: str | None = None) -> None:
        def told(tracker: Tracker, staff: str, station: str) -> str | None:
            return tracker.exports.note(
                staff=staff,
                station=station,
                form=self.form.value,
                chains=tuple(trails.chains),
                disclosure=self.disclosure,
                signed_in=self.reader.is_signed_in,
                head=None if failed else trails.head,
                event_id=event_id,
                failed=failed,
            )

        noted(self.session, told)


def _written_table(trails: Trails, out: Path | None, mark: str) -> tuple[Path, ...]:
    from tracker.values import whole_file

    if out is None:
        _write_table(trails, None, mark)
        return ()
    with whole_file(out) as file:
        _write_table(trails, file, mark)
    return (out,)


def _write_table(trails: Trails, sink: BinaryIO | None, mark: str) -> None:
    """Write the table to the file, or to the standard output where there is none."""
    if sink is None:
        _print_table(trails, mark)
        return
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="", write_through=True)
    try:
        _print_table(trails, mark, text)
    finally:
        # Its end must not close what others still use.
        text.detach()


def _print_table(trails: Trails, mark: str, file: IO[str] | None = None) -> None:
    if mark:
        print(f"{clean(mark)}\n", file=file)
    notice = trails.notice()
    if notice is not None:
        # On the page itself, for it may be printed or sent on without what was said beside it.
        print(f"{notice.upper()}\n", file=file)
    many = len(trails.chains) > 1 or bool(trails.selection.marked)
    lines = (_table_line(row, chain=row.chain if many else "") for row in trails.rows())
    print_table(("When", "What", "Who and where"), lines, file=file)


def _table_line(row: TrailRow, *, chain: str) -> list[Any]:
    """One event; of which therapy, where there are several."""
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
    when = f"{day}\n{clock[:8]} {clock[8:]}"
    return [f"{when}\n{chain}" if chain else when, what, who]
