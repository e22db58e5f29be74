"""The files of a bundle that people and other systems read: made from the entries, and no evidence.

They are made before the export is recorded, which names each by its digest. Everything in them follows from
the log as it was signed then, so the same export gives the same bytes by the same program. They are as open
as the bundle: its entries carry the names of staff, and its openings the rest.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

from schema.entry import REGISTRY, Entry, stored_entry
from schema.events.identity import Enrolled, ProtocolRepinned
from schema.events.registry import Exported, ReadingDigests
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
from tracker.registry.evolve import evolve_registry
from tracker.requests.fields import ChainEnd
from tracker.rules.registry_state import RegistryState

ENTRIES_MAX: Final[Mapping[str, int]] = {form.TRAIL_PDF: 2_000, form.EPCIS: 50_000}
"""Beyond so many entries nobody reads them, and making them takes longer than the evidence does."""


@dataclass(frozen=True, slots=True)
class Readers:
    """For whom the files are made, and how their things are to be named in other systems."""

    actor: str
    free_text: bool
    uris: Uris

    @classmethod
    def of(cls, entry: Entry) -> Readers:
        """Those of an export that was recorded."""
        payload = entry.statement.payload
        if not isinstance(payload, Exported):
            raise TypeError("The files for reading are those of an export.")
        said = payload.uris
        uris = Uris() if said is None else Uris(said.base, said.digital_link)
        return cls(entry.statement.actor, payload.free_text, uris)


@dataclass(frozen=True)
class ReadingFiles:
    """The files of one export, made before it is recorded: of the log as it was signed last."""

    transaction: Transaction
    readers: Readers
    chains: tuple[ChainEnd, ...]
    at: CheckpointRow
    """Checkpoint A."""

    def parts(self, names: Iterable[str]) -> Iterator[Part]:
        """The files of these names; the same export gives the same bytes by the same program."""
        for name in names:
            yield part(name, _WRITERS[name](self))

    @cached_property
    def registry(self) -> RegistryState:
        """As it stood in the log that is shown."""
        return registry_at(self.transaction, self.at)

    @property
    def disclosure(self) -> Disclosure:
        """What is open: in a bundle the entries name everybody, and the openings what they may open."""
        return Disclosure(self.readers.free_text, self.readers.free_text, names=True)

    @property
    def uris(self) -> Uris:
        """The addresses that were configured when it was made."""
        return self.readers.uris

    def heading(self) -> Heading:
        """What the files say of themselves: what was known before the export was recorded."""
        registry, at = self.registry, self.at
        return Heading(
            registry.origin,
            registry.purpose,
            tuple(end.chain for end in self.chains),
            "all",
            self.disclosure,
            at.signed_at,
            head_code(registry.origin, at.tree_size, at.root),
            asked_by=self.readers.actor,
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
            kept_file = partial(self.transaction.condition_file, end.chain)
            yield Source(end.chain, self.registry, protocol, entries, openings, kept_file=kept_file)


def registry_at(transaction: Transaction, at: CheckpointRow) -> RegistryState:
    """What the registry entries under a checkpoint say."""
    state = RegistryState()
    last = transaction.registry_sequence_under(at.tree_size)
    for sequence, _, body in transaction.bodies(REGISTRY, limit=last + 1):
        state = evolve_registry(state, sequence, stored_entry(body, REGISTRY, sequence).statement)
    return state


def digests_of(parts: Iterable[Part]) -> ReadingDigests:
    """What the export says of the files that were made for it."""
    return ReadingDigests.model_validate({one.name: one.sha256 for one in parts})


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
