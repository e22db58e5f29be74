"""How long each form of export takes, how large it gets and how much memory it needs.

    python -m tests.bench.bench_exports [events] [folder]

Some four minutes; the report of 10,000 events takes 3 GB of memory. With 1,000 events it is some seconds.

One therapy of so many events, and many therapies that have so many together. The events are those of a demo's
closed therapy, repeated under new ids and chained anew; exports do not look at signatures, so these stay as
they were. Each export runs in a process of its own, whose peak of memory is that of the export.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pypdfium2

from schema.canonical import canonical, leaf_digest, plain_digest
from schema.identifiers import ALPHABET
from tests.bench.export_once import ROWS
from tests.bench.table import Row, show, size_and_folder
from tests.support.evidence_story import tampering
from tracker.demo.run import build_demo

FORMS = ("json", "csv", "epcis", "xlsx", "pdf")
PDF_MAX = 10_000
"""The report is set in one piece, in memory that grows with it."""

EVENTS = 100_000
WORKBOOK_CPU, REPORT_MEMORY, JSON_OVER_ROWS = 30, 800, 1.3
UNTIL = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """Build the stores, then write every form of each."""
    most, base = size_and_folder(arguments, EVENTS)
    with tempfile.TemporaryDirectory(dir=base) as place:
        folder = Path(place)
        demo = build_demo(folder=folder / "demo", until=UNTIL)
        closed = next(one.coi for one in demo.therapies if one.outcome.startswith("closed"))
        for size in (20, 1_000, 10_000):
            if size <= most:
                store = grown(folder / "demo" / "cartrail.db", folder / f"one-{size}.db", closed, size, 1)
                yield from measure(store, closed, 1, size)
        if most >= EVENTS:
            store = grown(folder / "demo" / "cartrail.db", folder / "many.db", closed, 50, most // 50)
            yield from measure(store, "", most // 50, most)


def grown(source: Path, target: Path, coi: str, events: int, therapies: int) -> Path:
    """A copy of the store in which a therapy has so many events, and so many others have them too."""
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    chance = random.Random(7)
    with tampering(target) as connection:
        rows = connection.execute(
            "SELECT body FROM custody_event WHERE chain = ? ORDER BY sequence", (coi,)
        ).fetchall()
        bodies = [row[0] for row in rows]
        units = sorted({part for body in bodies for part in _units(body)})
        chains = "SELECT DISTINCT chain FROM custody_event WHERE chain <> 'registry'"
        for (chain,) in connection.execute(chains).fetchall():
            connection.execute("DELETE FROM custody_event WHERE chain = ?", (chain,))
            connection.execute("DELETE FROM log_leaf WHERE chain = ?", (chain,))
        connection.execute("BEGIN")
        for number in range(therapies):
            names = {one: _fresh(one[:2], chance) for one in (coi, *units)} if number else {}
            chain = names.get(coi, coi)
            connection.executemany(
                "INSERT INTO custody_event VALUES (?, ?, ?, ?, ?, ?)",
                list(_chain(chain, _renamed(bodies, names), events)),
            )
        connection.execute("COMMIT")
    return target


def _renamed(bodies: list[bytes], names: dict[str, str]) -> list[bytes]:
    """The same entries of another therapy with other units."""
    text = b"\n".join(bodies)
    for old, new in names.items():
        text = text.replace(old.encode(), new.encode())
    return text.split(b"\n")


def _chain(chain: str, bodies: list[bytes], events: int) -> Iterator[tuple[str, int, str, str, str, bytes]]:
    """The entries of one therapy: those of the model, its first one once, the others again and again."""
    previous: str | None = None
    for sequence in range(events):
        place = sequence if sequence < len(bodies) else 1 + (sequence - 1) % (len(bodies) - 1)
        entry = orjson.loads(bodies[place])
        event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{chain}/{sequence}"))
        entry |= {"sequence": sequence, "previous": previous}
        entry["statement"] |= {"event_id": event_id, "act": event_id}
        body = canonical(entry)
        previous = leaf_digest(body)
        yield chain, sequence, event_id, previous, plain_digest(canonical(entry["statement"])), body


def _units(body: bytes) -> Iterator[str]:
    payload = orjson.loads(body)["statement"]["payload"]
    for value in (payload.get("unit"), *payload.get("units", ())):
        if isinstance(value, str):
            yield value


def _fresh(prefix: str, chance: random.Random) -> str:
    return prefix + "".join(chance.choice(ALPHABET) for _ in range(9))


def measure(store: Path, coi: str, therapies: int, events: int) -> Iterator[Row]:
    """Write each form in a process of its own."""
    of = f"{events:,} events" + (f" of {therapies:,} therapies" if therapies > 1 else "")
    for form in FORMS:
        if form == "pdf" and events > PDF_MAX:
            continue
        seconds, worked, peak = exported(store, coi, form)
        if form == "json" and events == EVENTS:
            floor = exported(store, coi, ROWS)[0]
            yield Row(f"json, {of}: over reading the rows", seconds / floor, "x", at_most=JSON_OVER_ROWS)
        aim = WORKBOOK_CPU if form == "xlsx" and events == EVENTS else None
        yield Row(f"{form}, {of}: CPU", worked, "s", at_most=aim)
        yield Row(f"{form}, {of}: elapsed", seconds, "s")
        yield Row(f"{form}, {of}: memory", peak, "MB", at_most=REPORT_MEMORY if form == "pdf" else None)
        yield Row(f"{form}, {of}: size", written(store, form).stat().st_size / 1e6, "MB")
        if form == "pdf":
            yield Row(f"{form}, {of}: pages", len(pypdfium2.PdfDocument(written(store, form))))


def written(store: Path, form: str) -> Path:
    """Where a form of a store is written."""
    return store.with_suffix(f".{form}")


def exported(store: Path, coi: str, form: str) -> tuple[float, float, float]:
    """Seconds, seconds of CPU and megabytes of memory of an export in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "tests.bench.export_once",
        str(store),
        coi,
        form,
        str(written(store, form)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds, worked, peak = map(float, done.stdout.split())
    return seconds, worked, peak


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
