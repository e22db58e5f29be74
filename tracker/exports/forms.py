"""The forms in which a trail leaves the store, each written as bytes to a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from schema.errors import InputError
from tracker.exports.files import whole_file, whole_folder

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

FOR_PROGRAMS: Final = (TrailFormat.CSV, TrailFormat.XLSX, TrailFormat.EPCIS)
"""What others calculate with, and nothing in it would say that the record cannot be trusted."""

SHOWING_A_HEAD: Final = (TrailFormat.PDF, TrailFormat.XLSX, TrailFormat.EPCIS)
"""What is a witness of the log too: its head is noted as one that is on paper."""

VIEWS: Final = (TrailFormat.TABLE,)
"""Forms that leave no file: they are not noted in the registry, and nothing more can be opened in them."""

VOLUME_EVENTS_MAX: Final = 2_000
"""Events in one volume of a report; setting them takes about 600 MB of memory."""

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
        """Write a form that is one file whatever its length; a report is saved, and a table only shown."""
        _WRITERS[form](self, file)

    def save(self, form: TrailFormat, path: Path, begin: Callable[[], None]) -> tuple[Path, ...]:
        """Write a file whole or not at all, or a folder of volumes where a report has more than one.

        `begin` is called once, when it is certain that the path can be written, before its first byte.
        Raises InputError for a path that cannot be written or names a file where several volumes are due.
        """
        if form is TrailFormat.PDF and (events := self.trails.count()) > VOLUME_EVENTS_MAX:
            return self._save_volumes(path, events, begin)
        with whole_file(path) as file:
            begin()
            if form is TrailFormat.PDF:
                file.writelines(self._volumes())
            else:
                self.write(form, file)
        return (path,)

    def _save_volumes(self, path: Path, events: int, begin: Callable[[], None]) -> tuple[Path, ...]:
        if path.suffix:
            raise InputError(
                f"These trails have {events} events, and a report is set in volumes of {VOLUME_EVENTS_MAX}.",
                remedy=f"Name a new folder, as {path.with_suffix('')}, or choose fewer events.",
                code="several_volumes",
            )
        names = []
        with whole_folder(path) as folder:
            begin()
            for number, content in enumerate(self._volumes(), start=1):
                names.append(f"volume-{number:03}.pdf")
                (folder / names[-1]).write_bytes(content)
        return tuple(path / name for name in names)

    def _volumes(self) -> Iterator[bytes]:
        from tracker.evidence.verification.store import verify_store
        from tracker.exports.report.document import report

        opened = self.trails.opened
        verdict = verify_store(opened.store.url, clock=opened.clock, config=opened.config)
        return report(self.trails, self.disclosure, verdict, self.asked_by, self.uris)


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


_WRITERS: Final[Mapping[TrailFormat, Callable[[TrailFile, BinaryIO], None]]] = {
    TrailFormat.JSON: _json,
    TrailFormat.CSV: _csv,
    TrailFormat.XLSX: _xlsx,
    TrailFormat.EPCIS: _epcis,
}
