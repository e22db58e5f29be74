"""The place of a bundle's entries in the log: proofs, or the leaves of all, and the checkpoints over them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from schema.canonical import parsed
from schema.entry import REGISTRY
from schema.errors import CartrailError
from tracker.evidence.bundle_container import Container, Fault
from tracker.evidence.bundle_entries import BundleEntries, Place
from tracker.evidence.bundle_format import CHECKPOINTS, LEAVES, PROOFS, proof_name
from tracker.evidence.bundle_manifest import ReadManifest
from tracker.evidence.bundle_verdict import BundleCheck, BundleJournal
from tracker.evidence.inclusion import is_included
from tracker.evidence.proof import parse_proof
from tracker.evidence.tree import Frontier

_LEAF: Final = re.compile(rb"(C[DTVP][2-9B-X]{9}|registry),(0|[1-9][0-9]{0,15}),([0-9a-f]{64})")
_INCLUSION: Final = BundleCheck.INCLUSION


class BundleTree:
    """Step 12: each entry is a leaf of the tree whose root checkpoint B has."""

    def __init__(
        self, container: Container, manifest: ReadManifest, entries: BundleEntries, journal: BundleJournal
    ) -> None:
        self._container = container
        self._manifest = manifest
        self._entries = entries
        self._journal = journal
        self.leaves: dict[Place, int] = {}
        self.roots: dict[int, str] = {}
        """Roots that were computed from leaves, by size."""

    def check(self, head_sizes: frozenset[int]) -> None:
        """Whichever of the two the bundle has; roots are kept at checkpoints and at sizes heads are of."""
        if LEAVES in self._container:
            self._check_leaves(head_sizes)
        else:
            self._check_proofs()
        self._check_order()

    def _found(self, place: Place, message: str) -> None:
        self._journal.found(_INCLUSION, place[0], message, place[1])

    def _check_proofs(self) -> None:
        expected: set[str] = set()
        note = self._last_note()
        for place, digest in self._entries.digests.items():
            name = proof_name(digest)
            expected.add(name)
            if name in self._container:
                self._check_proof(place, digest, self._container.read(name), note)
            else:
                self._found(place, "there is no proof of it")
        for name in self._container.spans:
            if name.startswith(PROOFS) and name not in expected:
                self._journal.found(_INCLUSION, name, "it is the proof of no entry here")

    def _check_proof(self, place: Place, digest: str, content: bytes, note: str) -> None:
        now = self._manifest.now
        try:
            proof = parse_proof(content)
        except CartrailError as error:
            self._found(place, f"its proof cannot be read: {error.message}")
            return
        if str(proof.checkpoint) != note:
            self._found(place, "its proof is not under the note of checkpoint B")
            return
        root = bytes.fromhex(now.root)
        if not is_included(bytes.fromhex(digest), proof.index, now.tree_size, proof.path, root):
            self._found(place, "its proof does not lead to the root of the manifest")
            return
        self.leaves[place] = proof.index

    def _last_note(self) -> str:
        """The note of the last checkpoint, which is B; what is wrong with it is told with the checkpoints."""
        *_, last, _ = [b"", *self._container.read(CHECKPOINTS).split(b"\n")]
        try:
            value = parsed(last)
        except CartrailError:
            return ""
        note = value.get("note") if isinstance(value, Mapping) else None
        return note if isinstance(note, str) else ""

    def _check_order(self) -> None:
        """A chain's entries are leaves in their order, and only the export's own came after checkpoint A."""
        last: tuple[str, int] = ("", -1)
        taken: set[int] = set()
        export = self._entries.export
        number = None if export is None else export.row.number
        for place in sorted(self.leaves):
            index = self.leaves[place]
            if index in taken or (place[0] == last[0] and index <= last[1]):
                self._found(place, f"it is leaf {index}, not behind the entry before it")
            taken.add(index)
            last = (place[0], index)
            if (place == (REGISTRY, number)) != (index >= self._manifest.at.tree_size):
                self._found(place, f"leaf {index} is on the wrong side of checkpoint A")

    def _check_leaves(self, head_sizes: frozenset[int]) -> None:
        manifest, frontier = self._manifest, Frontier()
        sizes = {*head_sizes, *self._checkpoint_sizes(), manifest.at.tree_size}
        if 0 in sizes:
            self.roots[0] = frontier.root().hex()
        nexts: dict[str, int] = {}
        for place, digest in self._leaf_lines():
            if place[1] != nexts.get(place[0], 0):
                self._found(place, f"it is not the next leaf of {place[0]}")
            nexts[place[0]] = place[1] + 1
            index = frontier.size
            frontier.append(bytes.fromhex(digest))
            self._check_leaf(place, digest, index)
            if frontier.size in sizes:
                self.roots[frontier.size] = frontier.root().hex()
        if self.roots.get(manifest.at.tree_size) != manifest.at.root:
            message = "its first leaves do not have the root of checkpoint A"
            self._journal.found(_INCLUSION, LEAVES, message)
        if (frontier.size, frontier.root().hex()) != (manifest.now.tree_size, manifest.now.root):
            self._journal.found(_INCLUSION, LEAVES, "its leaves do not have the root of checkpoint B")
        for place in self._entries.digests:
            if place not in self.leaves:
                self._found(place, "it is no leaf of the tree")

    def _leaf_lines(self) -> Iterator[tuple[Place, str]]:
        number = 0
        try:
            for number, line in enumerate(self._container.lines(LEAVES), start=1):
                match = _LEAF.fullmatch(line)
                if match is None:
                    where = f"{LEAVES} line {number}"
                    self._journal.found(_INCLUSION, where, "it is not chain,sequence,digest")
                    continue
                chain, sequence, digest = (group.decode("ascii") for group in match.groups())
                yield (chain, int(sequence)), digest
        except Fault as error:
            self._journal.found(_INCLUSION, f"{LEAVES} line {number + 1}", str(error))

    def _check_leaf(self, place: Place, digest: str, index: int) -> None:
        known = self._entries.digests.get(place)
        if known == digest:
            self.leaves[place] = index
        elif known is not None:
            self._found(place, f"leaf {index} has another digest")
        elif index < self._manifest.at.tree_size:
            self._found(place, f"leaf {index}, and the entry is not here")

    def _checkpoint_sizes(self) -> Iterator[int]:
        """What is wrong with a line is told where the checkpoints are checked."""
        for line in self._container.read(CHECKPOINTS).split(b"\n"):
            try:
                value = parsed(line)
            except CartrailError:
                continue
            size = value.get("size") if isinstance(value, Mapping) else None
            if isinstance(size, int):
                yield size
