"""What a bundle promises: that its export was recorded so, that openings open, that named files are here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from schema.canonical import canonical
from schema.commitments import Opening, opens
from schema.entry import REGISTRY
from schema.errors import CartrailError
from schema.events.paperwork import SCAN_FIELD
from schema.events.registry import Exported
from schema.instants import parse_instant
from schema.vocabulary import Meaning
from tracker.evidence.bundle_container import Container, Fault
from tracker.evidence.bundle_entries import BundleEntries
from tracker.evidence.bundle_format import ATTACHMENTS, LEAVES, OPENINGS
from tracker.evidence.bundle_manifest import ReadManifest, exact, value_of
from tracker.evidence.bundle_verdict import BundleCheck, BundleJournal
from tracker.evidence.note import decoded64
from tracker.registry.network.exports import CHAINS_FIELD
from tracker.rules.registry_state import RegistryState

_OPENING_KEYS: Final = frozenset(("field", "salt", "value"))


def check_export(
    container: Container,
    manifest: ReadManifest,
    registry: RegistryState,
    entries: BundleEntries,
    sizes: frozenset[int],
    journal: BundleJournal,
) -> None:
    """Step 14: the export's own entry says the same as the manifest, and its person signed it."""
    if registry.origin != manifest.origin:
        journal.found(BundleCheck.EXPORT, REGISTRY, f"it is the registry of {registry.origin!r}")
    payload = _exported(entries)
    entry = None if entries.export is None else entries.export.entry
    if payload is None or entry is None:
        journal.found(BundleCheck.EXPORT, REGISTRY, f"there is no export {manifest.export}")
        return
    statement = entry.statement
    same = {
        "tree size": payload.tree_size == manifest.at.tree_size,
        "root": payload.root == manifest.at.root,
        "person": statement.actor == manifest.exported_by,
        "time": entry.recorded_at == parse_instant(manifest.exported_at),
        "extent": payload.whole == (LEAVES in container),
    }
    for what in (what for what, is_same in same.items() if not is_same):
        message = f"its {what} is not that of the manifest"
        journal.found(BundleCheck.EXPORT, REGISTRY, message, entry.sequence)
    signed = [one for one in entry.signatures if one.meaning is Meaning.PERFORMED]
    if not any(one.signer == statement.actor for one in signed):
        journal.found(BundleCheck.EXPORT, REGISTRY, f"{statement.actor} did not sign it", entry.sequence)
    named = {*payload.checkpoints, manifest.at.tree_size, manifest.now.tree_size}
    if LEAVES not in container and sizes != named:
        message = "the checkpoints here are not those it names"
        journal.found(BundleCheck.EXPORT, REGISTRY, message, entry.sequence)


def check_openings(
    container: Container, manifest: ReadManifest, entries: BundleEntries, journal: BundleJournal
) -> None:
    """Step 15, and of step 14 that the export committed to the manifest's chains."""
    openings = _openings(container, journal)
    opened = 0
    for commitment, opening in openings.items():
        try:
            if commitment not in entries.commitments:
                raise Fault("no entry here names it")
            _check_opening(commitment, opening)
        except (CartrailError, Fault) as error:
            message = error.message if isinstance(error, CartrailError) else str(error)
            journal.found(BundleCheck.COMMITMENTS, commitment, message)
        else:
            opened += 1
            if opening["field"] == SCAN_FIELD:
                # A paper is named by what opens its commitment: closed, nobody can know which file it is.
                entries.files.setdefault(str(opening["value"]), entries.commitments[commitment])
    named = len(entries.commitments)
    note = f"{named} commitments are named; {opened} of them are open"
    journal.note(BundleCheck.COMMITMENTS, note)
    payload = _exported(entries)
    if payload is None or entries.export is None:
        return
    said = openings.get(payload.chains.commitment)
    expected = {"field": CHAINS_FIELD, "value": canonical(manifest.chains_value).decode()}
    if not isinstance(said, Mapping) or {key: said.get(key) for key in expected} != expected:
        message = "what it committed to is not the manifest's chains"
        journal.found(BundleCheck.EXPORT, REGISTRY, message, entries.export.row.number)
    if not payload.free_text and openings.keys() - {payload.chains.commitment}:
        message = "values are open that the export kept closed"
        journal.found(BundleCheck.COMMITMENTS, OPENINGS, message)


def check_attachments(container: Container, entries: BundleEntries, journal: BundleJournal) -> None:
    """Step 16: each file is what its name says and named by an entry; one that is not here is missed."""
    for name in container.spans:
        if not name.startswith(ATTACHMENTS):
            continue
        digest = name.removeprefix(ATTACHMENTS)
        if container.sha256(name) != digest:
            journal.found(BundleCheck.ATTACHMENTS, name, "it does not have the digest it is named by")
        if digest not in entries.files:
            journal.found(BundleCheck.ATTACHMENTS, name, "no entry here names it")
    for digest, (chain, sequence) in sorted(entries.files.items()):
        if ATTACHMENTS + digest not in container:
            journal.missed(BundleCheck.ATTACHMENTS, chain, f"the file {digest} is not here", sequence)


def _exported(entries: BundleEntries) -> Exported | None:
    seen = entries.export
    if seen is None or seen.entry is None or not seen.understood:
        return None
    payload = seen.entry.statement.payload
    return payload if isinstance(payload, Exported) else None


def _openings(container: Container, journal: BundleJournal) -> Mapping[str, Any]:
    try:
        value = value_of(container, OPENINGS)
        if not isinstance(value, Mapping):
            raise Fault("it is not an object")
    except Fault as error:
        journal.found(BundleCheck.COMMITMENTS, OPENINGS, str(error))
        return {}
    return value


def _check_opening(commitment: str, value: Any) -> None:
    data = exact(value, _OPENING_KEYS, "the opening")
    field, salt = data["field"], data["salt"]
    if not isinstance(field, str) or not isinstance(salt, str):
        raise Fault("the field or the salt is not text")
    if not opens(commitment, Opening(field, data["value"], decoded64(salt, "salt"))):
        raise Fault("what is open here does not open it")
