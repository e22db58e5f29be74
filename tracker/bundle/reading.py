"""The files of a bundle that people and other systems read: made from the entries, and no evidence.

Everything in them follows from what the export recorded, so the same export gives the same bytes by the same
program. They are as open as the bundle: its entries carry the names of staff, and its openings the rest.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schema.entry import Entry, stored_entry
from schema.events.identity import Enrolled, ProtocolRepinned
from schema.events.registry import Exported
from schema.papercodes import head_code
from schema.tables import CheckpointRow
from tracker.bundle import format as form
from tracker.bundle.format import Part, part
from tracker.exports.csvs import write_csv
from tracker.exports.disclosure import Disclosure
from tracker.exports.dossiers import Dossier, Source, dossier_of
from tracker.exports.epcis.document import write_epcis
from tracker.exports.excerpts import Excerpt, excerpt_of
from tracker.exports.openings import shown
from tracker.exports.uris import Uris
from tracker.exports.wording import Heading
from tracker.ledger.transaction import Transaction
from tracker.protocols.library import parse_protocol
from tracker.protocols.model import Protocol
from tracker.requests.fields import ChainEnd
from tracker.rules.registry_state import RegistryState

BEFORE_THIS_WAS_SAID: Final = (form.TRAIL,)
"""What exports hold that do not say which files for reading they have."""

ENTRIES_MAX: Final[Mapping[str, int]] = {form.TRAIL_PDF: 2_000, form.EPCIS: 50_000}
"""Beyond so many entries nobody reads them, and making them takes longer than the evidence does."""


@dataclass(frozen=True, slots=True)
class ReadingFiles:
    """One export, as its readers are to see it."""

    transaction: Transaction
    entry: Entry
    chains: tuple[ChainEnd, ...]
    now: CheckpointRow
    registry: RegistryState
    """As it stood in the log that is shown."""

    @property
    def payload(self) -> Exported:
        """What the registry says of the export."""
        payload = self.entry.statement.payload
        if not isinstance(payload, Exported):
            raise TypeError("The files for reading are those of an export.")
        return payload

    def parts(self) -> Iterator[Part]:
        """The files that this export said it holds."""
        names = self.payload.reading
        for name in BEFORE_THIS_WAS_SAID if names is None else names:
            yield part(name, _WRITERS[name](self))

    @property
    def disclosure(self) -> Disclosure:
        """What is open: in a bundle the entries name everybody, and the openings what they may open."""
        return Disclosure(self.payload.free_text, self.payload.free_text, names=True)

    @property
    def uris(self) -> Uris:
        """The addresses that were configured when it was made."""
        said = self.payload.uris
        return Uris() if said is None else Uris(said.base, said.digital_link)

    def heading(self) -> Heading:
        """What the files say of themselves."""
        registry, now = self.registry, self.now
        return Heading(
            registry.origin,
            registry.purpose,
            tuple(end.chain for end in self.chains),
            "all",
            self.disclosure,
            self.entry.recorded_at,
            head_code(registry.origin, now.tree_size, now.root),
            asked_by=self.entry.statement.actor,
        )

    def dossiers(self) -> Iterator[Dossier]:
        """The therapies one after the other, as far as the bundle has them."""
        return (dossier_of(source, self.disclosure) for source in self.sources())

    def excerpts(self) -> Iterator[Excerpt]:
        """The same without what follows from the entries."""
        return (excerpt_of(source, self.disclosure) for source in self.sources())

    def sources(self) -> Iterator[Source]:
        """What the store holds of each therapy, as far as the bundle has it."""
        for end in self.chains:
            bodies = self.transaction.bodies(end.chain, limit=end.entries)
            entries = tuple(stored_entry(body, end.chain, sequence) for sequence, _, body in bodies)
            protocol = _protocol(self.transaction, entries)
            openings = shown(entries, self.transaction.openings_of(end.chain))
            yield Source(end.chain, self.registry, protocol, entries, openings)


def reading_files(chains: Iterable[ChainEnd]) -> tuple[str, ...]:
    """The files for reading that an export of these chains has: none that would be too long to read."""
    chosen = tuple(chains)
    left_out = too_long(chosen)
    found = (form.EPCIS, form.TRAIL, form.TRAIL_PDF) if any(end.entries for end in chosen) else ()
    return tuple(name for name in found if name not in left_out)


def too_long(chains: Iterable[ChainEnd]) -> tuple[str, ...]:
    """The files for reading that these chains have too many entries for."""
    entries = sum(end.entries for end in chains)
    return tuple(name for name, most in ENTRIES_MAX.items() if entries > most)


def _csv(reading: ReadingFiles) -> Iterator[bytes]:
    yield _text(()).encode()
    headings = len(_text(()))
    for dossier in reading.dossiers():
        yield _text([dossier])[headings:].encode()


def _text(dossiers: Sequence[Dossier]) -> str:
    out = io.StringIO(newline="")
    write_csv((event.row for one in dossiers for event in one.events), out)
    return out.getvalue()


def _epcis(reading: ReadingFiles) -> Iterator[bytes]:
    out = io.BytesIO()
    write_epcis(reading.excerpts(), reading.heading(), out, reading.uris)
    yield out.getvalue()


def _pdf(reading: ReadingFiles) -> Iterator[bytes]:
    from tracker.exports.report.document import set_report

    yield set_report(reading.heading(), list(reading.dossiers()), reading.uris)


_WRITERS: Final[Mapping[str, Callable[[ReadingFiles], Iterator[bytes]]]] = {
    form.EPCIS: _epcis,
    form.TRAIL: _csv,
    form.TRAIL_PDF: _pdf,
}


def _protocol(transaction: Transaction, entries: Iterable[Entry]) -> Protocol | None:
    """The protocol the therapy was pinned to last."""
    pin: str | None = None
    for entry in entries:
        payload = entry.statement.payload
        if isinstance(payload, Enrolled | ProtocolRepinned):
            pin = payload.protocol.sha256
    content = None if pin is None else transaction.attachment(pin)
    return None if content is None else parse_protocol(content).protocol
