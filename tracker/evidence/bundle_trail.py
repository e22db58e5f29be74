"""The trail of the exported therapies as a spreadsheet opens it: for reading, not evidence."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from schema.canonical import parsed
from schema.entry import Entry, entry_from
from schema.events.identity import Enrolled, ProtocolRepinned
from tracker.exports.csvs import write_csv
from tracker.exports.rows import TrailRow, trail_rows
from tracker.ledger.transaction import Transaction
from tracker.protocols.library import parse_protocol
from tracker.protocols.model import Protocol
from tracker.requests.fields import ChainEnd
from tracker.rules.registry_state import RegistryState


def trail_csv(
    transaction: Transaction, chains: Iterable[ChainEnd], registry: RegistryState
) -> Iterator[bytes]:
    """The file, chain by chain; names are those of the registry given, so that it comes out the same."""
    yield _text(()).encode()
    headings = len(_text(()))
    for end in chains:
        yield _text(_rows(transaction, end, registry))[headings:].encode()


def _text(rows: Iterable[TrailRow]) -> str:
    out = io.StringIO(newline="")
    write_csv(rows, out)
    return out.getvalue()


def _rows(transaction: Transaction, end: ChainEnd, registry: RegistryState) -> Iterator[TrailRow]:
    bodies = transaction.bodies(end.chain, limit=end.entries)
    entries = [entry_from(body, parsed(body)) for _, _, body in bodies]
    return trail_rows(registry, _protocol(transaction, entries), entries)


def _protocol(transaction: Transaction, entries: Iterable[Entry]) -> Protocol | None:
    """The protocol the therapy was pinned to last."""
    pin: str | None = None
    for entry in entries:
        payload = entry.statement.payload
        if isinstance(payload, Enrolled | ProtocolRepinned):
            pin = payload.protocol.sha256
    content = None if pin is None else transaction.attachment(pin)
    return None if content is None else parse_protocol(content).protocol
