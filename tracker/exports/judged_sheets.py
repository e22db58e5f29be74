"""The sheets of a workbook that say what was judged: time limits, identity checks, temperatures, hold times.

They say what the sections of these names in the report say, with times and numbers as a spreadsheet has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from schema.entry import Entry
from schema.events.custody import Stored
from tracker.exports.columns import (
    THERAPY,
    Cell,
    CellKind,
    Column,
    Course,
    Row,
    Rows,
    moment_cells,
    time_columns,
)
from tracker.exports.dossiers import Dossier
from tracker.exports.report.identity_checks import identity_lines
from tracker.exports.report.legs import BoxLeg, legs_of, place_line, reading_line
from tracker.exports.report.limits import limit_uses, state_words
from tracker.rules.checks.condition import DISPLAY
from tracker.rules.limit_uses import LimitUse, span_words

LIMITS: Final = (
    *THERAPY, Column("limit", 30), Column("of what", 14), Column("state", 16), Column("over by", 12),
    Column("allowed", 12), Column("used", 12), Column("hours used", 9, CellKind.DECIMAL),
    Column("started by", 22), *time_columns("started"), Column("ended by sequence", 9, CellKind.NUMBER),
    Column("ended by", 22), *time_columns("ended"), *time_columns("due"), Column("source", 40),
)  # fmt: skip
IDENTITY: Final = (
    *THERAPY, Column("what", 34), *time_columns("happened"), Column("place", 22), Column("compared", 60),
    Column("compared by", 46), Column("outcome", 30),
)  # fmt: skip
TEMPERATURES: Final = (
    *THERAPY, Column("shipment", 14), Column("box or place", 24), Column("what", 20),
    *time_columns("happened"), Column("site", 10), Column("celsius", 9, CellKind.DECIMAL),
    Column("display, or what the place keeps", 18), Column("allowed", 24), Column("verdict", 14),
)  # fmt: skip
HOLD_TIMES: Final = (
    *THERAPY, Column("shipment", 14), Column("from", 10), Column("to", 10), Column("box", 24),
    Column("carrier", 10), Column("data logger", 18), *time_columns("packed"),
    Column("opened by sequence", 9, CellKind.NUMBER), *time_columns("opened"), *time_columns("holds until"),
    Column("hours underway", 9, CellKind.DECIMAL), Column("hours it holds", 9, CellKind.DECIMAL),
    Column("verdict", 20),
)  # fmt: skip


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600


def limits(dossier: Dossier, course: Course) -> Iterator[Row]:
    """A line for each run of a limit that an event asked for began or ended."""
    entries = {one.statement.event_id: one for one in dossier.entries}
    shown = {event.entry.statement.event_id for event in dossier.events}
    for use in limit_uses(dossier, course.transitions):
        if shown & {use.started.event_id, "" if use.ended is None else use.ended.event_id}:
            yield _limit(dossier, use, entries, course.at)


def _limit(dossier: Dossier, use: LimitUse, entries: Mapping[str, Entry], at: datetime) -> Row:
    start = entries.get(use.started.event_id)
    end = None if use.ended is None else entries.get(use.ended.event_id)
    offset = "+00:00" if start is None else start.statement.offset
    ended_at = None if use.ended is None else use.ended.at
    last = at if ended_at is None else ended_at
    return (
        dossier.chain, use.started.sequence, use.title, use.unit, state_words(use, last),
        span_words(last - use.due_at) if last > use.due_at else "", use.allowed_words,
        span_words(last - use.started.at) + ("" if ended_at is not None else " so far"),
        _hours(last - use.started.at), _kind(start), *moment_cells(use.started.at, offset),
        None if end is None else end.sequence, _kind(end),
        *moment_cells(ended_at, offset if end is None else end.statement.offset),
        *moment_cells(use.due_at, offset), use.source,
    )  # fmt: skip


def _kind(entry: Entry | None) -> str:
    return "" if entry is None else entry.statement.kind.replace("_", " ")


def identity(dossier: Dossier, _: Course) -> Iterator[Row]:
    """A line for each event at which identifiers were compared, and for each mix-up."""
    statements = {event.entry.sequence: event.entry.statement for event in dossier.events}
    for line in identity_lines(dossier):
        statement = statements[int(line["number"])]
        yield (
            dossier.chain, int(line["number"]), line["what"],
            *moment_cells(statement.occurred_at, statement.offset), line["place"],
            "\n".join(line["compared"]), "\n".join(line["signed"]), line["outcome"],
        )  # fmt: skip


def temperatures(dossier: Dossier, course: Course) -> Iterator[Row]:
    """A line for each event of a box at which its display is read, and for each time units were put away."""
    shown = {event.entry.sequence for event in dossier.events}
    found: list[tuple[int, Row]] = []
    for leg in legs_of(course.transitions):
        for one in leg.readings:
            line = reading_line(dossier, one, has_display=_has_display(dossier, leg))
            celsius = getattr(one.entry.statement.payload, DISPLAY, None)
            found.append(
                (one.entry.sequence, _temperature(
                    dossier, one.entry, leg.payload.shipment, _box(dossier, leg), celsius,
                    line["celsius"], line["band"], line["verdict"],
                ))
            )  # fmt: skip
    for one in course.transitions:
        payload = one.entry.statement.payload
        if isinstance(payload, Stored) and one.before is not None:
            line = place_line(dossier, one.entry, payload, one.before)
            row = _temperature(
                dossier, one.entry, "", line["place"], None, line["kept"], line["band"], line["verdict"]
            )
            found.append((one.entry.sequence, row))
    yield from (row for sequence, row in sorted(found, key=lambda one: one[0]) if sequence in shown)


def _temperature(
    dossier: Dossier,
    entry: Entry,
    shipment: str,
    where: str,
    celsius: str | None,
    shown: str,
    band: str,
    verdict: str,
) -> Row:
    statement = entry.statement
    return (
        dossier.chain, entry.sequence, shipment, where, _kind(entry),
        *moment_cells(statement.occurred_at, statement.offset), statement.site,
        None if celsius is None else float(Decimal(celsius)), shown, band, verdict,
    )  # fmt: skip


def hold_times(dossier: Dossier, course: Course) -> Iterator[Row]:
    """A line for each leg of a box, from packing until its last unit of the therapy is out of it."""
    shown = {event.entry.sequence for event in dossier.events}
    for leg in legs_of(course.transitions):
        if not any(one.entry.sequence in shown for one in leg.readings):
            continue
        packed, opened, until = leg.packed.statement, leg.opened, leg.payload.hold_until
        end = course.at if opened is None else opened.statement.occurred_at
        logger = dossier.registry.equipment(leg.payload.data_logger or "")
        allowed: Cell = None if until is None else _hours(until - packed.occurred_at)
        yield (
            dossier.chain, leg.packed.sequence, leg.payload.shipment, packed.site, leg.payload.destination,
            _box(dossier, leg), leg.payload.carrier,
            logger.title if logger is not None else leg.payload.data_logger or "none",
            *moment_cells(packed.occurred_at, packed.offset), None if opened is None else opened.sequence,
            *moment_cells(None if opened is None else end, "" if opened is None else opened.statement.offset),
            *moment_cells(until, packed.offset), _hours(end - packed.occurred_at), allowed,
            _verdict(until, end),
        )  # fmt: skip


def _verdict(until: datetime | None, end: datetime) -> str:
    if until is None:
        return "not said"
    return f"OVER by {span_words(end - until)}" if end > until else "in time"


def _box(dossier: Dossier, leg: BoxLeg) -> str:
    known = dossier.registry.equipment(leg.payload.box)
    return leg.payload.box if known is None else f"{known.title} ({leg.payload.box})"


def _has_display(dossier: Dossier, leg: BoxLeg) -> bool:
    known = dossier.registry.equipment(leg.payload.box)
    return known is not None and known.has_display


JUDGED_SHEETS: Final[Mapping[str, tuple[tuple[Column, ...], Rows]]] = {
    "limits": (LIMITS, limits),
    "identity": (IDENTITY, identity),
    "temperatures": (TEMPERATURES, temperatures),
    "hold times": (HOLD_TIMES, hold_times),
}
