"""The sheets of a workbook: what each lists, in which columns, taken from a dossier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from schema.instants import format_instant
from tracker.exports.dossiers import Dossier, local
from tracker.exports.release_tests import results_of


class Kind(Enum):
    """How a column's cells are written."""

    TEXT = "text"
    TIME = "time"
    NUMBER = "number"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Column:
    """One column with its heading and width in characters."""

    title: str
    width: int
    kind: Kind = Kind.TEXT


Cell = str | int | float | datetime | None
Rows = Callable[[Dossier], Iterator[tuple[Cell, ...]]]

_THERAPY = (Column("therapy", 13), Column("sequence", 9, Kind.NUMBER))


def _time(title: str) -> tuple[Column, Column, Column]:
    return Column(f"{title} (local)", 20, Kind.TIME), Column("offset", 8), Column(f"{title} (UTC)", 25)


def _moment(moment: datetime | None, offset: str) -> tuple[Cell, Cell, Cell]:
    if moment is None:
        return None, None, None
    return local(moment, offset), offset, format_instant(moment)


EVENTS: Final = (
    *_THERAPY, *_time("happened"), *_time("recorded"), Column("what", 34), Column("kind", 22),
    Column("units", 14), Column("by", 24), Column("site", 10), Column("station", 13),
    Column("custody from here", 32), Column("marks", 30), Column("signatures", 46), Column("entry mode", 11),
    Column("entered by", 12), Column("opened", 30), Column("event id", 37), Column("act", 37),
    Column("entry digest", 66), Column("statement digest", 66), Column("facts (JSON)", 60),
    Column("earlier state", 30),
)  # fmt: skip
SIGNATURES: Final = (
    *_THERAPY, Column("event id", 37), Column("kind", 22), Column("what", 34), Column("meaning", 16),
    Column("staff id", 12), Column("printed name", 24), *_time("signed"), Column("key", 18),
    Column("signature (Ed25519, Base64)", 90),
)  # fmt: skip
CUSTODY: Final = (
    *_THERAPY, Column("unit", 13), Column("material", 14), Column("custodian", 34), Column("site", 10),
    Column("place", 24), *_time("from"), *_time("until"), Column("hours", 9, Kind.DECIMAL),
    Column("ended by sequence", 9, Kind.NUMBER),
)  # fmt: skip
READS: Final = (
    *_THERAPY, Column("event id", 37), Column("kind", 22), Column("field", 14), Column("code", 40),
    Column("mode", 10), Column("read off", 16),
)  # fmt: skip
TESTS: Final = (
    *_THERAPY, Column("event id", 37), Column("test", 18), Column("title", 34), Column("result", 16),
    Column("unit of measure", 14), Column("limit", 14), Column("limit is met", 10), Column("basis", 40),
    Column("sample", 13), Column("corrected", 30), *_time("happened"),
)  # fmt: skip


def events(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    """A line for each event."""
    for told in dossier.events:
        row, statement = told.row, told.entry.statement
        yield (
            row.chain, row.sequence,
            *_moment(statement.occurred_at, statement.offset),
            *_moment(told.entry.recorded_at, statement.offset),
            row.title, row.kind, row.units, row.actor, row.site, row.station, row.custody, row.marks,
            row.signatures, row.entry_mode, row.entered_by,
            row.opened,
            row.event_id, statement.act, row.digest, row.statement_digest,
            row.payload, row.as_of,
        )  # fmt: skip


def signatures(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    """A line for each signature."""
    for told in dossier.events:
        for one in told.entry.signatures:
            yield (
                told.row.chain, told.row.sequence, told.row.event_id, told.row.kind, told.row.title,
                one.meaning.value, one.signer, one.name if dossier.sharing.names else "",
                *_moment(one.signed_at, told.entry.statement.offset), one.key, one.value,
            )  # fmt: skip


def custody(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    """A line for each time that a custodian had a unit at a place, where the events asked for touch it."""
    shown = {told.entry.sequence for told in dossier.events}
    for spell in dossier.spells:
        ending = spell.until.sequence if spell.until is not None else None
        if spell.since.sequence not in shown and ending not in shown:
            continue
        since, until = spell.since.statement, spell.until.statement if spell.until is not None else None
        took = None if until is None else (until.occurred_at - since.occurred_at).total_seconds() / 3600
        yield (
            dossier.chain, spell.since.sequence, spell.unit, spell.material, spell.custodian, spell.site,
            spell.place, *_moment(since.occurred_at, since.offset),
            *_moment(until.occurred_at if until else None, until.offset if until else ""), took, ending,
        )  # fmt: skip


def reads(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    """A line for each code that was read and compared."""
    for told in dossier.events:
        for read in told.entry.statement.reads:
            code = read.code if isinstance(read.code, str) else f"commitment {read.code.commitment}"
            yield (
                told.row.chain, told.row.sequence, told.row.event_id, told.row.kind,
                read.field, code, read.mode.value, read.carrier.replace("_", " "),
            )  # fmt: skip


def tests(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    """A line for each result of a release test."""
    for one in results_of(dossier):
        statement = one.entry.statement
        yield (
            dossier.chain, one.entry.sequence, statement.event_id, one.test, one.title, one.result, one.unit,
            one.limit, one.verdict, one.basis, one.sample, one.corrected,
            *_moment(statement.occurred_at, statement.offset),
        )  # fmt: skip


SHEETS: Final[Mapping[str, tuple[tuple[Column, ...], Rows]]] = {
    "events": (EVENTS, events),
    "signatures": (SIGNATURES, signatures),
    "custody": (CUSTODY, custody),
    "reads": (READS, reads),
    "tests": (TESTS, tests),
}
