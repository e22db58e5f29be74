"""How `cartrail trail` writes each form, to a file or to the standard output."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final

from tui.cli.output import clean, print_table

if TYPE_CHECKING:
    from tracker.exports.rows import TrailRow
    from tracker.exports.sharing import Sharing
    from tracker.exports.trails import Trails
    from tracker.exports.uris import Uris


class TrailFormat(StrEnum):
    """The forms of `trail`; json is the evidence, the others are for reading."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    EPCIS = "epcis"


FILES_ONLY: Final = (TrailFormat.XLSX, TrailFormat.PDF)
"""What no terminal can show."""

VIEWS: Final = (TrailFormat.TABLE,)
"""Forms that leave nothing behind: not noted, and nothing about them is chosen."""

WITHOUT_REGISTRY: Final = (TrailFormat.PDF, TrailFormat.EPCIS)
"""Forms about a therapy's units; the chain `registry` has none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written, and for whom."""

    trails: Trails
    sharing: Sharing
    asked_by: str
    database: str
    uris: Uris


def write_form(wanted: Wanted, form: TrailFormat, sink: BinaryIO | None) -> None:
    """Write the form to the file, or to the standard output where there is none."""
    _WRITERS[form](wanted, sink)


def _json(wanted: Wanted, sink: BinaryIO | None) -> None:
    target = sink or sys.stdout.buffer
    for body in wanted.trails.bodies(wanted.sharing):
        target.write(body + b"\n")
    target.flush()


def _csv(wanted: Wanted, sink: BinaryIO | None) -> None:
    from tracker.exports.csvs import write_csv

    text = _text(sink)
    try:
        write_csv(wanted.trails.rows(wanted.sharing), text)
    finally:
        # Its end must not close what others still use.
        text.detach()


def _table(wanted: Wanted, sink: BinaryIO | None) -> None:
    if sink is None:
        _print(wanted.trails)
        return
    text = _text(sink)
    try:
        _print(wanted.trails, text)
    finally:
        text.detach()


def _xlsx(wanted: Wanted, sink: BinaryIO | None) -> None:
    from tracker.exports.dossiers import dossiers
    from tracker.exports.wording import heading_of
    from tracker.exports.workbook import write_workbook

    heading = heading_of(wanted.trails, wanted.sharing, wanted.asked_by)
    write_workbook(dossiers(wanted.trails, wanted.sharing), heading, sink or sys.stdout.buffer)


def _epcis(wanted: Wanted, sink: BinaryIO | None) -> None:
    from tracker.exports.epcis.document import write_epcis
    from tracker.exports.excerpts import excerpts
    from tracker.exports.wording import heading_of

    heading = heading_of(wanted.trails, wanted.sharing, wanted.asked_by)
    write_epcis(excerpts(wanted.trails, wanted.sharing), heading, sink or sys.stdout.buffer, wanted.uris)


def _pdf(wanted: Wanted, sink: BinaryIO | None) -> None:
    from tracker.evidence.verification import verify_store
    from tracker.exports.report.document import report

    verdict = verify_store(wanted.database, clock=wanted.trails.opened.clock)
    pages = report(wanted.trails, wanted.sharing, verdict, wanted.asked_by, wanted.uris)
    (sink or sys.stdout.buffer).write(pages)


_WRITERS: Final[Mapping[TrailFormat, Callable[[Wanted, BinaryIO | None], None]]] = {
    TrailFormat.TABLE: _table,
    TrailFormat.JSON: _json,
    TrailFormat.CSV: _csv,
    TrailFormat.XLSX: _xlsx,
    TrailFormat.EPCIS: _epcis,
    TrailFormat.PDF: _pdf,
}


def _text(sink: BinaryIO | None) -> io.TextIOWrapper:
    return io.TextIOWrapper(sink or sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)


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
