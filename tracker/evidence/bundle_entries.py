"""The entries of a bundle, walked as those of a store are: form, order, links, registry heads, signatures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from schema.entry import REGISTRY, Entry
from schema.events.adoption import ManifestReceived
from schema.events.identity import Enrolled, ProtocolRepinned
from schema.events.registry import ProtocolAdopted
from tracker.evidence.bodies import Examined, examine
from tracker.evidence.bundle_container import Container, Fault
from tracker.evidence.bundle_format import ENTRIES, LEAVES, REGISTRY_FILE
from tracker.evidence.bundle_manifest import ReadManifest
from tracker.evidence.bundle_verdict import BundleCheck, BundleJournal, EntryJournal
from tracker.evidence.chains import RegistryHeads, Walk
from tracker.evidence.snapshot import StoredRow
from tracker.requests.fields import ChainEnd

Place = tuple[str, int]


@dataclass(slots=True)
class BundleEntries:
    """What is kept of the entries while the other steps are taken."""

    digests: dict[Place, str] = field(default_factory=dict)
    statements: dict[str, Place] = field(default_factory=dict)
    commitments: dict[str, Place] = field(default_factory=dict)
    """Every commitment, and which entry names it first."""

    files: dict[str, Place] = field(default_factory=dict)
    """The attachments that entries name, and those that open commitments of theirs name."""

    export: Examined | None = None
    read: int = 0
    chains: int = 0

    def take(self, seen: Examined, entry: Entry) -> None:
        """Note an entry that could be read."""
        place = (entry.statement.chain, entry.sequence)
        self.read += 1
        self.digests[place] = seen.digest
        self.statements[seen.statement_digest] = place
        for commitment in seen.commitments:
            self.commitments.setdefault(commitment, place)
        payload = entry.statement.payload if seen.understood else None
        if isinstance(payload, Enrolled | ProtocolRepinned):
            self.files.setdefault(payload.protocol.sha256, place)
        elif isinstance(payload, ProtocolAdopted | ManifestReceived):
            self.files.setdefault(payload.sha256, place)


class EntriesReader:
    """Takes the two files of entries, the registry first, since it says which keys counted."""

    def __init__(self, container: Container, manifest: ReadManifest, journal: BundleJournal) -> None:
        self._container = container
        self._manifest = manifest
        self._journal = journal
        self._whole = LEAVES in container
        self.registry = RegistryHeads()
        self.found = BundleEntries()

    def read(self) -> None:
        """Both files."""
        self._read_registry()
        self._read_chains()

    def _read_registry(self) -> None:
        """Entries of others may be left out, and then their places are; the export's own stands last."""
        journal = self._journal
        walk = Walk(REGISTRY, self.registry, EntryJournal(journal, gaps_allowed=True))
        last = -1
        for place, seen, entry in self._examined(REGISTRY_FILE):
            if entry.statement.chain != REGISTRY:
                message = f"an entry of {entry.statement.chain} is among those of the registry"
                journal.found(BundleCheck.SEQUENCE, place, message)
                continue
            is_export = entry.statement.event_id == self._manifest.export
            if self.found.export is not None:
                journal.found(BundleCheck.SEQUENCE, place, "it stands behind the export's own entry")
            elif is_export:
                self.found.export = seen
            gapless = self._whole and not is_export
            if entry.sequence <= last or (gapless and entry.sequence != last + 1):
                message = f"it stands where entry {last + 1} should"
                journal.found(BundleCheck.SEQUENCE, REGISTRY, message, entry.sequence)
            walk.follow(seen)
            last = entry.sequence
            self.found.take(seen, entry)
        self.found.chains += 1
        if 0 not in self.registry.heads:
            journal.found(BundleCheck.SEQUENCE, REGISTRY, "there is no founding entry")

    def _read_chains(self) -> None:
        journal, last = self._journal, ""
        walk = Walk(last, self.registry, EntryJournal(journal))
        tips: dict[str, tuple[int, Examined, int]] = {}
        for place, seen, entry in self._examined(ENTRIES):
            chain = entry.statement.chain
            if chain != last:
                if chain < last or chain == REGISTRY:
                    journal.found(BundleCheck.SEQUENCE, place, f"the chain {chain} is out of order")
                walk, last = Walk(chain, self.registry, EntryJournal(journal)), chain
            walk.follow(seen)
            self.found.take(seen, entry)
            count = tips[chain][0] if chain in tips else 0
            tips[chain] = (count + 1, seen, entry.sequence)
        named = {end.chain: end for end in self._manifest.chains}
        for chain in sorted(named.keys() | tips.keys()):
            self._check_end(chain, named.get(chain), tips.get(chain))
        self.found.chains += len(tips)

    def _check_end(self, chain: str, end: ChainEnd | None, tip: tuple[int, Examined, int] | None) -> None:
        message = ""
        if end is None:
            message = "the manifest does not name this chain"
        elif tip is None:
            message = "the manifest names this chain, and no entry of it is here"
        elif (tip[0], tip[2], tip[1].digest) != (end.entries, end.last_sequence, end.last_digest):
            message = (
                f"it does not end with entry {end.last_sequence} ({end.last_digest}), as the manifest says"
            )
        if message:
            self._journal.found(BundleCheck.SEQUENCE, chain, message)

    def _examined(self, name: str) -> Iterator[tuple[str, Examined, Entry]]:
        """Each entry that can be read, with the line it stands on; it is placed by what it says itself."""
        journal, number = EntryJournal(self._journal), 0
        try:
            for number, body in enumerate(self._container.lines(name), start=1):
                row = StoredRow(name, number, None, None, None, body, None, None)
                seen = examine(row, journal)
                if seen.entry is None:
                    continue
                statement = seen.entry.statement
                placed = replace(row, chain=statement.chain, sequence=seen.entry.sequence)
                yield f"{name} line {number}", replace(seen, row=placed), seen.entry
        except Fault as error:
            self._journal.found(BundleCheck.FORM, f"{name} line {number + 1}", str(error))
