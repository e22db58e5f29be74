"""The forms in which a trail leaves the store, each written as bytes to a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from tracker.exports.disclosure import Disclosure
    from tracker.exports.trails import Trails
    from tracker.exports.uris import Uris


class TrailFormat(StrEnum):
    """The forms of `cartrail trail`; json is the evidence, the others are for reading."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    EPCIS = "epcis"


FILES_ONLY: Final = (TrailFormat.XLSX, TrailFormat.PDF)
"""What no terminal can show."""

VIEWS: Final = (TrailFormat.TABLE,)
"""Forms that leave no file: they are not noted in the registry, and nothing more can be opened in them."""

WITHOUT_REGISTRY: Final = (TrailFormat.PDF, TrailFormat.EPCIS)
"""Forms about a therapy's units; the chain `registry` has none."""


@dataclass(frozen=True, slots=True)
class TrailFile:
    """What is to be written, and for whom."""

    trails: Trails
    disclosure: Disclosure
    asked_by: str
    uris: Uris

    def write(self, form: TrailFormat, file: BinaryIO) -> None:
        """Write one form; raises KeyError for the table, which only a terminal shows."""
        _WRITERS[form](self, file)


def _json(wanted: TrailFile, file: BinaryIO) -> None:
    file.writelines(body + b"\n" for body in wanted.trails.bodies(wanted.disclosure))
    file.flush()


def _csv(wanted: TrailFile, file: BinaryIO) -> None:
    from tracker.exports.csvs import write_csv

    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    try:
        write_csv(wanted.trails.rows(wanted.disclosure), text)
    finally:
        # The end of the wrapper must not close what others still use.
        text.detach()


def _xlsx(wanted: TrailFile, file: BinaryIO) -> None:
    from tracker.exports.dossiers import dossiers
    from tracker.exports.wording import heading_of
    from tracker.exports.workbook import write_workbook

    heading = heading_of(wanted.trails, wanted.disclosure, wanted.asked_by)
    write_workbook(dossiers(wanted.trails, wanted.disclosure), heading, file)


def _epcis(wanted: TrailFile, file: BinaryIO) -> None:
    from tracker.exports.epcis.document import write_epcis
    from tracker.exports.excerpts import excerpts
    from tracker.exports.wording import heading_of

    heading = heading_of(wanted.trails, wanted.disclosure, wanted.asked_by)
    write_epcis(excerpts(wanted.trails, wanted.disclosure), heading, file, wanted.uris)


def _pdf(wanted: TrailFile, file: BinaryIO) -> None:
    from tracker.evidence.verification.store import verify_store
    from tracker.exports.report.document import report

    opened = wanted.trails.opened
    verdict = verify_store(opened.store.url, clock=opened.clock)
    file.write(report(wanted.trails, wanted.disclosure, verdict, wanted.asked_by, wanted.uris))


_WRITERS: Final[Mapping[TrailFormat, Callable[[TrailFile, BinaryIO], None]]] = {
    TrailFormat.JSON: _json,
    TrailFormat.CSV: _csv,
    TrailFormat.XLSX: _xlsx,
    TrailFormat.EPCIS: _epcis,
    TrailFormat.PDF: _pdf,
}
