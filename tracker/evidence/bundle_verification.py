"""`cartrail verify BUNDLE.zip`: every numbered step from the bytes of one file, never writing.

The `verify.py` in the bundle is a second program for the same; tests hold the two to one verdict.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path

from schema.errors import InputError
from schema.vocabulary import Clock
from tracker.evidence.bundle_checkpoints import BundleCheckpoints
from tracker.evidence.bundle_container import Bytes, Container, Fault, open_container
from tracker.evidence.bundle_entries import EntriesReader
from tracker.evidence.bundle_format import KEYS, LEAVES, MANIFEST, NOT_EVIDENCE
from tracker.evidence.bundle_keys import is_strict_key, keys_json, owners_with_several
from tracker.evidence.bundle_manifest import OtherForm, check_manifest, read_manifest, value_of
from tracker.evidence.bundle_paper import BundlePaper, read_paper
from tracker.evidence.bundle_promises import check_attachments, check_export, check_openings
from tracker.evidence.bundle_tree import BundleTree
from tracker.evidence.bundle_verdict import BundleCheck, BundleJournal
from tracker.evidence.log_keys import log_keys
from tracker.evidence.verdict import ReceiptPlace, Verification, Waiting
from tracker.rules.registry_state import RegistryState


def verify_bundle(
    source: Path | bytes,
    *,
    heads: Sequence[str] = (),
    receipts: Sequence[str] = (),
    require_head: bool = False,
) -> Verification:
    """The verdict over a bundle; raises InputError for a file or code that cannot be read, OtherLog for a
    head of another log where nothing is wrong with the bundle itself.
    """
    paper = read_paper(heads, receipts, require_head=require_head)
    if isinstance(source, bytes):
        return _Verifier(source, paper).run()
    try:
        with source.open("rb") as file:
            if not file.read(1):
                return _Verifier(b"", paper).run()
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Verifier(data, paper).run()
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}.", code="not_read") from error


class _Verifier:
    """One verification on its way."""

    def __init__(self, data: Bytes, paper: BundlePaper) -> None:
        self._data = data
        self._paper = paper
        self._journal = BundleJournal()

    def run(self) -> Verification:
        """All steps; the tree comes before the checkpoints, since it says which keys counted for which."""
        journal = self._journal
        try:
            container = open_container(self._data)
        except Fault as error:
            journal.found(BundleCheck.CONTAINER, "", str(error))
            return self._cut(BundleCheck.CONTAINER, "the bundle cannot be opened")
        try:
            manifest = read_manifest(container)
        except OtherForm as error:
            journal.missed(BundleCheck.MANIFEST, MANIFEST, f"not understood: {error}")
            return self._cut(BundleCheck.MANIFEST, "the manifest is not understood")
        except Fault as error:
            journal.found(BundleCheck.MANIFEST, MANIFEST, str(error))
            return self._cut(BundleCheck.MANIFEST, "there is no manifest to go by")
        check_manifest(container, manifest, journal)
        reader = EntriesReader(container, manifest, journal)
        reader.read()
        entries, registry = reader.found, reader.registry.state
        self._check_keys(container, registry)
        tree = BundleTree(container, manifest, entries, journal)
        tree.check(self._paper.sizes)
        checkpoints = BundleCheckpoints(registry, manifest, tree, journal)
        checkpoints.check(container)
        check_export(container, manifest, registry, entries, frozenset(checkpoints.roots), journal)
        check_openings(container, manifest, entries, journal)
        check_attachments(container, entries, journal)
        whole = LEAVES in container
        self._paper.conclude(manifest.origin, checkpoints.root_at, entries.statements, journal, whole=whole)
        unchecked = self._unchecked(container, reader, checkpoints)
        return self._verdict(manifest.origin, entries.read, entries.chains, tuple(unchecked),
                             self._paper.places(entries.statements))  # fmt: skip

    def _check_keys(self, container: Container, registry: RegistryState) -> None:
        journal = self._journal
        try:
            if value_of(container, KEYS) != keys_json(registry):
                raise Fault("it does not hold just the keys that the registry added")
            if registry.log_key not in [str(key) for key in log_keys(registry)]:
                raise Fault("the log's key of the founding was never added")
        except InputError as error:
            journal.found(BundleCheck.KEYS, KEYS, error.message)
        except Fault as error:
            journal.found(BundleCheck.KEYS, KEYS, str(error))
        for key in registry.keys.values():
            if not is_strict_key(key.public):
                journal.found(BundleCheck.KEYS, KEYS, f"the key {key.key} is not a point that may be a key")
        for owner, count in owners_with_several(registry):
            journal.note(BundleCheck.SIGNATURES, f"{owner} has {count} keys: one was made after a reset")

    def _cut(self, after: BundleCheck, why: str) -> Verification:
        self._journal.skip_rest(after, why)
        return self._verdict("", 0, 0, (), ())

    def _verdict(
        self,
        origin: str,
        entries: int,
        chains: int,
        unchecked: tuple[str, ...],
        receipts: tuple[ReceiptPlace, ...],
    ) -> Verification:
        purpose = origin.split("/")[1] if origin else ""
        steps = self._journal.steps()
        return Verification(
            origin, purpose, entries, chains, steps, unchecked, Waiting(0, None, None), receipts
        )

    def _unchecked(
        self, container: Container, reader: EntriesReader, checkpoints: BundleCheckpoints
    ) -> Iterator[str]:
        """What nobody can see from this bundle, said so that it is not taken for seen."""
        state, export = reader.registry.state, reader.found.export
        if not self._paper.heads:
            yield "no outside head given: a log made anew by whoever holds its keys can go unseen"
        left_out = 0 if export is None else (export.row.number or 0) + 1 - len(reader.registry.heads)
        if left_out:
            yield f"{left_out} registry entries are left out: a retirement among them cannot be seen"
        if LEAVES not in container:
            yield (
                "what each chain's last entry was at checkpoint A is the operator's signed word; "
                "a slip can contradict it"
            )
        yield "roles and protocols were judged when recording; judged here are keys"
        for_reading = [name for name in NOT_EVIDENCE if name in container]
        yield f"{', '.join(for_reading)}: for reading or running, not evidence"
        if state.clock is Clock.SIMULATED:
            yield "the store has a simulated clock: its times are not those of any real event"
        if True in checkpoints.cosigned_on_hub:
            yield "cosigned on the hub itself: no independent witness"
        if not checkpoints.cosigned_on_hub:
            yield "no station cosigned these checkpoints: no independent witness"
        if state.founders:
            people = " and ".join(sorted(founder.staff for founder in state.founders))
            yield f"founded on the word of two people: {people}"
