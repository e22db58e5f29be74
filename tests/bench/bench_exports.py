"""How long each form of export takes, how large it gets and how much memory it needs.

    python -m tests.bench.bench_exports [--quick]

Some four minutes; the report of 10,000 events takes 3 GB of memory. With --quick it is some seconds.

One therapy of so many events, and many therapies that have so many together. The events are those of a demo's
closed therapy, repeated under new ids and chained anew; exports do not look at signatures, so these stay as
they were. Each export runs in a process of its own, whose peak of memory is that of the export.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pypdfium2

from schema.canonical import canonical, leaf_digest, plain_digest
from schema.identifiers import ALPHABET
from tests.support.evidence_story import tampering
from tracker.demo.run import build_demo

FORMS = ("json", "csv", "epcis", "xlsx", "pdf")
PDF_MAX = 10_000
"""The report is set in one piece, in memory that grows with it."""

TABLE = "{:>9} {:>7} {:<6} {:>8} {:>8} {:>7} {:>8}  {}"
UNTIL = datetime(2026, 3, 1, 12, tzinfo=UTC)


def main() -> None:
    """Build the stores, then write every form of each."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", action="store_true", help="up to 1,000 events only")
    quick = arguments.parse_args().quick
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        demo = build_demo(folder=folder / "demo", until=UNTIL)
        closed = next(one.coi for one in demo.therapies if one.outcome.startswith("closed"))
        sizes = (20, 1_000) if quick else (20, 1_000, 10_000)
        print(TABLE.format("therapies", "events", "form", "seconds", "of CPU", "MB", "peak MB", "pages"))
        for size in sizes:
            store = grown(folder / "demo" / "cartrail.db", folder / f"one-{size}.db", closed, size, 1)
            measure(store, closed, 1, size)
        if not quick:
            store = grown(folder / "demo" / "cartrail.db", folder / "many.db", closed, 50, 2_000)
            measure(store, "", 2_000, 100_000)


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


def measure(store: Path, coi: str, therapies: int, events: int) -> None:
    """Write each form in a process of its own."""
    for form in FORMS:
        if form == "pdf" and events > PDF_MAX:
            continue
        out = store.with_suffix(f".{form}")
        command = [sys.executable, "-m", "tests.bench.export_once", str(store), coi, form, str(out)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            failed = done.stderr.strip().splitlines()[-1:]
            print(TABLE.format(therapies, events, form, "failed", "", "", "", "".join(failed)))
            continue
        seconds, worked, peak = map(float, done.stdout.split())
        size = out.stat().st_size / 1e6
        pages = len(pypdfium2.PdfDocument(out)) if form == "pdf" else ""
        figures = (f"{seconds:.2f}", f"{worked:.2f}", f"{size:.2f}", f"{peak:.0f}")
        print(TABLE.format(therapies, events, form, *figures, pages), flush=True)


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"{time.monotonic() - begun:.0f} s in all")
