"""Signatures against bare Ed25519 over the same bytes, and bundles of the demo and of a large store.

A therapy of the demo is multiplied under new ids, without signatures, until the store has the entries asked
for. Signatures are those of the demo itself.
Run with `python -m tests.bench.bench_verify [entries] [folder]`.
"""

import hashlib
import multiprocessing
import os
import random
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schema.canonical import canonical, leaf_digest, parsed, plain_digest
from schema.entry import REGISTRY, Entry, read_entry
from schema.events.identity import Enrolled
from schema.identifiers import draw_object_id
from schema.signing import signed_bytes
from schema.tables import CodeRow, UnitRow
from schema.vocabulary import ObjectType, Purpose
from tests.bench.table import Row, show, size_and_folder
from tests.support.bundles import AUDITOR, Hall, new_hall
from tests.support.stores import sqlite_url
from tracker.acts.read_tables import (
    Rows,
    deviation_rows,
    history_row,
    milestone_rows,
    rows_after,
    shipment_rows,
    slot_rows,
    use_rows,
    write_act,
)
from tracker.bundle.export import BundleWish, export_bundle
from tracker.bundle.verification import verify_bundle
from tracker.demo.cast import HUB_STATION
from tracker.evidence.integration import integrate
from tracker.evidence.standalone import verify
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.protocols.library import shipped
from tracker.rules.signatures import signature_faults
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.evolve import evolve
from tracker.tracker import Environment, Tracker

ENTRIES = 20_000
TURNS = 3
SIGNATURES = 4_000
UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[57][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
IDS = re.compile(rb"([UCKS]D[2-9B-X]{9}|" + UUID + rb")")
LINK = re.compile(rb'"previous":(?:null|"[0-9a-f]{64}")')
BATCH = 20
BUNDLED_MAX = 500_000  # a zip without extra fields ends at 2 GiB


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature with everything that checking it takes."""

    entry: Entry
    head: int
    parts: tuple[tuple[bytes, bytes, bytes], ...]
    """Public key, signature and message of each."""


def bodies_of(hall: Hall, chain: str) -> list[bytes]:
    """The stored bytes of a chain."""
    with hall.tracker.store.read() as transaction:
        return [body for _, _, body in transaction.bodies(chain)]


class Copies:
    """Therapies like one that was recorded, under ids of their own."""

    def __init__(self, bodies: Sequence[bytes], *, seed: int = 11) -> None:
        self._pieces = [IDS.split(unsigned(body)) for body in bodies]
        self._ids = sorted({piece for pieces in self._pieces for piece in pieces[1::2]})
        self._chance = random.Random(seed)
        first = read_entry(bodies[0]).statement.payload
        assert isinstance(first, Enrolled)
        self._protocol = shipped(first.protocol.id).protocol

    def append(self, transaction: Transaction) -> int:
        """One more therapy with its read tables; gives how many entries it has."""
        names = {old: self._another(old) for old in self._ids}
        entries: list[Entry] = []
        previous = b"null"
        for pieces in self._pieces:
            body = b"".join(names.get(piece, piece) for piece in pieces)
            body = LINK.sub(b'"previous":' + previous, body, count=1)
            entries.append(read_entry(body))
            previous = b'"%s"' % leaf_digest(body).encode()
        transaction.append(entries)
        self._write_rows(transaction, entries)
        return len(entries)

    def _write_rows(self, transaction: Transaction, entries: Sequence[Entry]) -> None:
        """The read tables as they are in the end; what stood there in between is written by nobody.

        There is one of each position, bench and piece of equipment: the original has them.
        """
        state: TherapyState | None = None
        last: Rows | None = None
        units: dict[str, UnitRow] = {}
        codes: dict[str, CodeRow] = {}
        for entry in entries:
            before, state = state, evolve(state, entry.sequence, entry.statement)
            if state is not None:
                last = rows_after(before, state, self._protocol)
                units.update((row.unit, row) for row in last.units)
                codes.update((row.code, row) for row in last.codes)
        if state is not None and last is not None:
            whole = Rows(
                therapy=last.therapy,
                units=tuple(units.values()),
                codes=tuple(codes.values()),
                deviations=deviation_rows(state),
                uses=use_rows(state),
                slots=slot_rows(state),
                milestones=milestone_rows(state, self._protocol),
                shipments=shipment_rows(state),
                history=history_row(state),
            )
            write_act(transaction, [whole])

    def _another(self, old: bytes) -> bytes:
        if len(old) == 11:
            drawn = draw_object_id(ObjectType(chr(old[0])), Purpose.DEMO, self._chance.choice)
            return drawn.encode()
        text = f"{self._chance.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-7{text[13:16]}-8{text[17:20]}-{text[20:]}".encode()


def unsigned(body: bytes) -> bytes:
    """The entry without its signatures."""
    value = parsed(body)
    assert isinstance(value, Mapping)
    return canonical({**value, "signatures": []})


def filled(hall: Hall, path: Path, wanted: int) -> int:
    """A store with the demo's registry and that many entries of therapies; gives how many."""
    store = Store.create(sqlite_url(path))
    registry = [read_entry(body) for body in bodies_of(hall, REGISTRY)]
    copies = Copies(bodies_of(hall, hall.demo.therapies[0].coi))
    count = len(registry)
    with store, hall.tracker.store.read() as source:
        with store.begin() as transaction:
            transaction.append(registry)
            for (content,) in source._session.query("SELECT content FROM attachment"):
                transaction.keep_attachment(content)
        while count < wanted:
            with store.begin() as transaction:
                count += sum(copies.append(transaction) for _ in range(BATCH))
        integrate(store)
    return count


def hashed(path: Path) -> None:
    """The floor: every body read in order and hashed."""
    connection = sqlite3.connect(path)
    for (body,) in connection.execute("SELECT body FROM custody_event ORDER BY chain, sequence"):
        hashlib.sha256(b"\0" + body).digest()
    connection.close()


def seconds(work: Callable[[], object]) -> float:
    """How long it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def signed_of(hall: Hall) -> list[Signed]:
    """Every signed entry of the demo's therapies."""
    registry = hall.tracker.registry
    found: list[Signed] = []
    for therapy in hall.demo.therapies:
        for body in bodies_of(hall, therapy.coi):
            entry = read_entry(body)
            digest = plain_digest(entry.statement.canonical)
            parts = []
            for one in entry.signatures:
                key = registry.key(one.key)
                assert key is not None
                message = signed_bytes(digest, one.signer, one.name, one.meaning, one.signed_at)
                parts.append((key.public, verify.strict64(one.value, "the value"), message))
            if parts and entry.registry is not None:
                found.append(Signed(entry, entry.registry.sequence, tuple(parts)))
    return found


def cycled(signed: Sequence[Signed], count: int) -> Iterator[Signed]:
    """The same again until there are that many signatures."""
    done = 0
    while done < count:
        for one in signed:
            done += len(one.parts)
            yield one


def bare(signed: Sequence[Signed]) -> None:
    """The floor: the library alone."""
    for one in signed:
        for public, value, message in one.parts:
            Ed25519PublicKey.from_public_bytes(public).verify(value, message)


def compare_signatures(hall: Hall) -> Iterator[Row]:
    """The library in a loop, on one core and on all; ours with keys, names and heads judged; and by hand."""
    signed = list(cycled(signed_of(hall), SIGNATURES))
    count = sum(len(one.parts) for one in signed)
    registry = hall.tracker.registry

    def judged() -> None:
        for one in signed:
            digest = one.entry.statement.digest
            faults = signature_faults(one.entry.signatures, digest, registry=registry, head=one.head)
            assert not list(faults)

    def by_hand() -> None:
        for one in signed[: len(signed) // 4]:
            for public, value, message in one.parts:
                assert verify.fits_by_own_sums(public, message, value)

    cores = os.cpu_count() or 1
    floors, ours, hands, spread = [], [], [], []
    with multiprocessing.Pool(cores) as pool:
        shares = [signed[number::cores] for number in range(cores)]
        for _ in range(TURNS):
            floors.append(seconds(lambda: bare(signed)))
            ours.append(seconds(judged))
            hands.append(seconds(by_hand) * 4)
            spread.append(seconds(lambda: pool.map(bare_parts, [parts_of(share) for share in shares])))
    floor, our = statistics.median(floors), statistics.median(ours)
    yield Row("signatures by the library, one core", count / floor, "a second")
    yield Row(f"signatures by the library, {cores} cores", count / statistics.median(spread), "a second")
    yield Row("signatures judged by cartrail, one core", count / our, "a second")
    ratio = statistics.median(one / other for one, other in zip(floors, ours, strict=True))
    yield Row("signatures judged by cartrail over the bare loop, one core", ratio, "x")
    yield Row("signatures by verify.py, by its own sums", count / statistics.median(hands), "a second")


def parts_of(signed: Sequence[Signed]) -> list[tuple[bytes, bytes, bytes]]:
    """What another process needs."""
    return [part for one in signed for part in one.parts]


def bare_parts(parts: Sequence[tuple[bytes, bytes, bytes]]) -> None:
    """The bare loop over parts."""
    for public, value, message in parts:
        Ed25519PublicKey.from_public_bytes(public).verify(value, message)


def compare_bundle(hall: Hall) -> Iterator[Row]:
    """The demo's bundles, out and verified."""
    for name, cois in (("one therapy", (hall.demo.therapies[0].coi,)), ("everything", ())):
        export = seconds(lambda name=name, cois=cois: hall.export(name, *cois))  # type: ignore[misc]
        path = hall.written[name].path
        verify.signature_fits.cache_clear()
        start = time.perf_counter()
        entries = verify_bundle(path).entries
        took = time.perf_counter() - start
        yield Row(f"bundle of {name}, {entries} entries: export", export, "s")
        yield Row(f"bundle of {name}, {entries} entries: verify", took, "s")


def compare_large_bundle(hall: Hall, path: Path) -> Iterator[Row]:
    """Everything in the large store as one bundle, where a zip holds it."""
    config = path.parent / "keys"
    shutil.copytree(hall.demo.config, config)
    for last_head in config.glob("*/*.head"):
        last_head.unlink()
    out = path.with_suffix(".zip")
    with Store.open(sqlite_url(path)) as store:
        tracker = Tracker(store, Environment(hall.clock))
        wish = BundleWish(AUDITOR, HUB_STATION, whole=True)
        export = seconds(lambda: export_bundle(tracker, wish, config=config, out=out, signers=[hall.auditor]))
    start = time.perf_counter()
    entries = verify_bundle(out).entries
    took = time.perf_counter() - start
    of = f"bundle of everything, {entries:,} entries"
    yield Row(f"{of}: size", out.stat().st_size / 2**20, "MB")
    yield Row(f"{of}: export", export / entries * 1e6, "us an entry")
    yield Row(f"{of}: verify without signatures", took / entries * 1e6, "us an entry")


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """Signatures, bundles, and a bundle of a store of the size asked for."""
    wanted, base = size_and_folder(arguments, ENTRIES)
    with tempfile.TemporaryDirectory(dir=base) as name:
        hall = new_hall(Path(name) / "demo")
        yield from compare_signatures(hall)
        yield from compare_bundle(hall)
        if wanted <= BUNDLED_MAX:
            path = Path(name) / "store.db"
            filled(hall, path, wanted)
            yield from compare_large_bundle(hall, path)
        hall.tracker.close()


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
