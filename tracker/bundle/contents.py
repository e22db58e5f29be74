"""The files of a bundle, gathered from the store as it stood when the export was recorded."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import chain as chained
from typing import Final

from schema.canonical import Json
from schema.commitments import Opening
from schema.entry import REGISTRY, Entry, stored_entry
from schema.errors import EvidenceMissing, InputError, StoreError
from schema.events.adoption import ManifestReceived
from schema.events.conditions import LOGGER_FILE_FIELD
from schema.events.identity import Enrolled, ProtocolRepinned
from schema.events.paperwork import SCAN_FIELD
from schema.events.registry import Exported, ProtocolAdopted
from schema.instants import format_instant
from schema.tables import CheckpointRow
from tracker.bundle import format as form
from tracker.bundle.format import BundleManifest, Extent, Part, json_line, part
from tracker.bundle.reading import Readers, ReadingFiles
from tracker.bundle.selection import Names, selected
from tracker.evidence.checkpoint import SignedCheckpoint
from tracker.evidence.cosignature import parse_cosignature, with_cosignatures
from tracker.evidence.log_keys import log_keys, station_keys
from tracker.evidence.proof import Proof
from tracker.exports.openings import commitments_of, shown, to_json
from tracker.ledger.transaction import Transaction
from tracker.ledger.tree import prove_consistency, prove_inclusion
from tracker.registry.evolve import evolve_registry
from tracker.registry.network.exports import CHAINS_FIELD
from tracker.requests.fields import ChainEnd
from tracker.rules.public_keys import public_text
from tracker.rules.registry_state import LOG_OWNER, STATION_OWNER, RegistryState

_STATION: Final = "/station/"


KEPT_FILES: Final = (SCAN_FIELD, LOGGER_FILE_FIELD)
"""Fields of commitments to files that lie where they can be erased."""


@dataclass(frozen=True, slots=True)
class ExportSource:
    """An export as the registry recorded it, with the two checkpoints around it."""

    entry: Entry
    payload: Exported
    chains: tuple[ChainEnd, ...]
    opening: Opening
    leaf: int
    at: CheckpointRow
    now: CheckpointRow

    @classmethod
    def of(cls, transaction: Transaction, event_id: str) -> ExportSource:
        """The export of an event id; raises StoreError while no checkpoint has it, InputError for another."""
        found = transaction.event(event_id)
        entry = None if found is None else stored_entry(found.body)
        if entry is None or not isinstance(entry.statement.payload, Exported):
            raise InputError(f"The store has no export with the event id {event_id}.", code="unknown_export")
        payload = entry.statement.payload
        opening = transaction.openings([payload.chains.commitment]).get(payload.chains.commitment)
        if opening is None or not isinstance(opening.value, str):
            raise EvidenceMissing(f"What the export {event_id} held was erased.", code="export_erased")
        at = transaction.checkpoint(payload.tree_size)
        leaf = transaction.leaf_of(REGISTRY, entry.sequence)
        now = None if leaf is None else next(transaction.checkpoints(leaf), None)
        if at is None or leaf is None or now is None:
            raise StoreError(
                f"No checkpoint holds the export {event_id} yet.",
                remedy="Integrate and sign on the hub, then export --again.",
                code="not_in_log",
            )
        chains = tuple(ChainEnd.model_validate(end) for end in json.loads(opening.value))
        return cls(entry, payload, chains, opening, leaf, at, now)

    def manifest(self, origin: str) -> BundleManifest:
        """What the bundle will say of itself."""
        return BundleManifest(
            origin=origin,
            export=self.entry.statement.event_id,
            chains=self.chains,
            at=Extent(self.at.tree_size, self.at.root),
            now=Extent(self.now.tree_size, self.now.root),
            exported_at=format_instant(self.entry.recorded_at),
            exported_by=self.entry.statement.actor,
        )


class BundleFiles:
    """Gathers the files of one bundle; the same export gives the same files."""

    def __init__(
        self, transaction: Transaction, source: ExportSource, reading: Sequence[Part] | None = None
    ) -> None:
        self._transaction = transaction
        self._source = source
        self._reading = reading
        """The files for reading as they were made for this export; None to make them once more."""

        self.left_out: tuple[str, ...] = ()
        """Files for reading that this program would no longer make as they were."""

        self._whole = source.payload.whole
        self._names = Names()
        self._openings: dict[str, Opening] = {}
        self._files: set[str] = set()
        self._scans: list[tuple[str, Opening]] = []
        self._places: list[tuple[str, int, str]] = []

    def parts(self) -> Iterator[Part]:
        """Every file but the manifest."""
        source = self._source
        checkpoints = self._checkpoints()
        yield part(form.ENTRIES, self._entries())
        registry = self._registry(checkpoints)
        included = RegistryState()
        for entry in registry:
            self._see(entry)
            included = evolve_registry(included, entry.sequence, entry.statement)
        if source.payload.free_text:
            self._openings |= self._openings_of_registry(registry)
        self._openings[source.payload.chains.commitment] = source.opening
        yield part(form.REGISTRY_FILE, (entry.body + b"\n" for entry in registry))
        yield part(form.KEYS, [json_line(keys_json(included))])
        yield part(form.CHECKPOINTS, self._checkpoint_lines(checkpoints))
        yield part(form.OPENINGS, [json_line(to_json(self._openings))])
        yield from self._attachments()
        yield from self._leaves() if self._whole else self._proofs(checkpoints[-1])
        yield from self._made_again() if self._reading is None else self._reading
        yield part(form.VERIFIER, [verifier_source()])

    def _entries(self) -> Iterator[bytes]:
        for end in self._source.chains:
            entries: list[Entry] = []
            for sequence, _, body in self._transaction.bodies(end.chain, limit=end.entries):
                entry = stored_entry(body, end.chain, sequence)
                self._see(entry)
                self._names.take(entry)
                entries.append(entry)
                yield body + b"\n"
            if self._source.payload.free_text:
                held = self._transaction.openings_of(end.chain)
                # In a bundle of everything there is no other patient.
                opened = held if self._whole else shown(entries, held)
                self._openings |= opened
                self._scans += [(end.chain, one) for one in opened.values() if one.field in KEPT_FILES]

    def _openings_of_registry(self, registry: Sequence[Entry]) -> Mapping[str, Opening]:
        """Remarks on the entries included; which therapies others exported is nobody's business here."""
        wanted = chained.from_iterable(commitments_of(entry) for entry in registry)
        held = self._transaction.openings(wanted)
        return {name: one for name, one in held.items() if self._whole or one.field != CHAINS_FIELD}

    def _see(self, entry: Entry) -> None:
        """Note what else an entry needs in the bundle."""
        payload = entry.statement.payload
        if isinstance(payload, Enrolled | ProtocolRepinned):
            self._files.add(payload.protocol.sha256)
        elif isinstance(payload, ProtocolAdopted | ManifestReceived):
            self._files.add(payload.sha256)
        if not self._whole:
            self._places.append((entry.statement.chain, entry.sequence, entry.digest))

    def _registry_under(self) -> list[Entry]:
        last = self._transaction.registry_sequence_under(self._source.at.tree_size)
        bodies = self._transaction.bodies(REGISTRY, limit=last + 1)
        return [stored_entry(body, REGISTRY, sequence) for sequence, _, body in bodies]

    def _registry(self, checkpoints: Sequence[SignedCheckpoint]) -> list[Entry]:
        """The registry entries to include, the export's own last."""
        entries = self._registry_under()
        if not self._whole:
            self._names.take(self._source.entry)
            lines = (line.name for one in checkpoints for line in one.note.signatures)
            cosigners = {f"station/{name.rpartition(_STATION)[2]}" for name in lines if _STATION in name}
            entries = selected(entries, self._names, cosigners)
        return [*entries, self._source.entry]

    def _made_again(self) -> Iterator[Part]:
        """The files for reading once more, as far as they come out as the export recorded them."""
        source = self._source
        said = source.payload.reading.by_name
        made = ReadingFiles(self._transaction, Readers.of(source.entry), source.chains, source.at)
        for one in made.parts(said):
            if one.sha256 == said[one.name]:
                yield one
            else:
                self.left_out += (one.name,)

    def _checkpoints(self) -> list[SignedCheckpoint]:
        """The checkpoints to include by size, with the cosignatures that were there when B was signed."""
        source = self._source
        if self._whole:
            rows = [row for row in self._transaction.checkpoints() if row.tree_size <= source.now.tree_size]
        else:
            sizes = sorted({*source.payload.checkpoints, source.at.tree_size, source.now.tree_size})
            found = [self._transaction.checkpoint(size) for size in sizes]
            rows = [row for row in found if row is not None]
        return [self._cosigned(row) for row in rows]

    def _cosigned(self, row: CheckpointRow) -> SignedCheckpoint:
        until = int(self._source.now.signed_at.timestamp())
        lines = [line for _, line in self._transaction.cosignatures(row.tree_size)]
        earlier = [line for line in lines if _seconds(line) < until]
        return with_cosignatures(row.note, earlier)

    def _checkpoint_lines(self, checkpoints: Sequence[SignedCheckpoint]) -> Iterator[bytes]:
        before: int | None = None
        for one in checkpoints:
            size = one.checkpoint.tree_size
            path = [] if before is None else prove_consistency(before, size, self._transaction.hashes)
            before = size
            hashes: list[Json] = [_base64(value) for value in path]
            line: Mapping[str, Json] = {"size": size, "note": str(one), "consistency": hashes}
            yield json_line(line)

    def _proofs(self, checkpoint: SignedCheckpoint) -> Iterator[Part]:
        size = checkpoint.checkpoint.tree_size
        for chain, sequence, digest in self._places:
            index = self._transaction.leaf_of(chain, sequence)
            if index is None:
                raise StoreError(f"Entry {sequence} of {chain} is not in the log.", code="not_in_log")
            path = tuple(prove_inclusion(index, size, self._transaction.hashes))
            yield part(form.proof_name(digest), [str(Proof(index, path, checkpoint)).encode()])

    def _leaves(self) -> Iterator[Part]:
        rows = self._transaction.leaves(0, self._source.now.tree_size)
        lines = (f"{row.place.chain},{row.place.sequence},{row.digest}\n".encode() for row in rows)
        yield part(form.LEAVES, lines)

    def _attachments(self) -> Iterator[Part]:
        papers = {str(opening.value): self._kept(chain, opening) for chain, opening in self._scans}
        for sha256 in sorted(self._files | papers.keys()):
            content = papers.get(sha256) or self._transaction.attachment(sha256)
            if content is not None:
                yield part(form.ATTACHMENTS + sha256, [content])

    def _kept(self, chain: str, opening: Opening) -> bytes | None:
        is_loggers = opening.field == LOGGER_FILE_FIELD
        kept = self._transaction.condition_file if is_loggers else self._transaction.paper
        return kept(chain, str(opening.value))


def verifier_source() -> bytes:
    """The bytes of the verifier that is put into every bundle."""
    return resources.files("tracker.evidence.standalone").joinpath(form.VERIFIER).read_bytes()


def _seconds(line: str) -> int:
    return int.from_bytes(parse_cosignature(line).value[:8], "big")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def keys_json(registry: RegistryState) -> Json:
    """What keys.json says, in the order in which the registry added them."""
    people = [key for key in registry.keys.values() if not _of_program(key.owner)]
    return {
        "log": [str(key) for key in log_keys(registry)],
        "people": [{"key": key.key, "public": public_text(key.public), "staff": key.owner} for key in people],
        "stations": [str(key) for key in station_keys(registry)],
    }


def _of_program(owner: str) -> bool:
    return owner == LOG_OWNER or owner.startswith(STATION_OWNER)
