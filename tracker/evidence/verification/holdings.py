"""What is kept beside the entries: openings, attachments, guards, and the queue for the tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from schema.canonical import plain_digest
from schema.commitments import Opening, opens
from schema.entry import REGISTRY
from schema.errors import CartrailError
from schema.events.conditions import LOGGER_FILE_FIELD
from schema.events.paperwork import SCAN_FIELD
from tracker.evidence.verification.entries import is_canonical
from tracker.evidence.verification.snapshot import Snapshot
from tracker.evidence.verification.verdict import Check, Journal
from tracker.protocols.library import parse_protocol
from tracker.protocols.model import Protocol
from tracker.readings.packing import as_it_was
from tracker.rules.registry_state import RegistryState

_OPENINGS: Final = (
    "SELECT x.event_id, x.commitment, x.chain, x.field, x.salt, x.value, e.chain, e.sequence, e.body"
    " FROM erasable x LEFT JOIN custody_event e ON e.event_id = x.event_id"
)
_ATTACHMENTS: Final = "SELECT sha256, content FROM attachment ORDER BY sha256"
_NAMED: Final = "SELECT DISTINCT chain, value FROM erasable WHERE field = '{field}'"
_KEPT: Final = "SELECT chain, sha256, content FROM {table} ORDER BY chain, sha256"
_PENDING_STRAYS: Final = (
    "SELECT p.chain, p.sequence FROM log_pending p LEFT JOIN custody_event e"
    " ON e.chain = p.chain AND e.sequence = p.sequence WHERE e.chain IS NULL"
)
_LEAF_STRAYS: Final = (
    "SELECT l.chain, l.sequence, l.leaf_index FROM log_leaf l LEFT JOIN custody_event e"
    " ON e.chain = l.chain AND e.sequence = l.sequence WHERE e.chain IS NULL"
)
_EVENT_DOUBLES: Final = (
    "SELECT chain, sequence, event_id FROM custody_event WHERE event_id IN"
    " (SELECT event_id FROM custody_event GROUP BY event_id HAVING count(*) > 1)"
)


def check_openings(snapshot: Snapshot, named: int, journal: Journal) -> None:
    """Step 14: each held value opens a commitment that its entry names."""
    held = 0
    for row in snapshot.rows(_OPENINGS):
        event_id, commitment, chain, field, salt, value, entry_chain, sequence, body = row
        held += 1
        place = chain if isinstance(chain, str) else repr(chain)
        at = sequence if isinstance(sequence, int) else None
        if entry_chain is None:
            message = f"a value is held for the event {event_id}, which is not there"
            journal.found(Check.COMMITMENTS, place, None, message)
        elif entry_chain != chain:
            message = f"a value of the event {event_id} is held for {place}; it stands in {entry_chain}"
            journal.found(Check.COMMITMENTS, str(entry_chain), at, message)
        elif not _names(body, commitment):
            message = f"a value is held for the commitment {commitment}, which the entry does not name"
            journal.found(Check.COMMITMENTS, place, at, message)
        if not _opens(commitment, field, salt, value):
            message = f"what is held does not open the commitment {commitment}"
            journal.found(Check.COMMITMENTS, place, at, message)
    erased = max(named - held, 0)
    journal.note(Check.COMMITMENTS, f"{named} commitments are named; of {erased} the value is no longer held")


def _names(body: Any, commitment: Any) -> bool:
    return isinstance(body, bytes) and f'{{"commitment":"{commitment}"}}'.encode(errors="replace") in body


def _opens(commitment: Any, field: Any, salt: Any, value: Any) -> bool:
    if not (isinstance(value, str) and isinstance(field, str) and isinstance(salt, bytes)):
        return False
    try:
        raw = value.encode()
        parsed = orjson.loads(raw)
        return is_canonical(raw, parsed) and opens(str(commitment), Opening(field, parsed, salt))
    except (ValueError, CartrailError):
        return False


def check_attachments(
    snapshot: Snapshot, registry: RegistryState, journal: Journal
) -> tuple[Mapping[str, Protocol], frozenset[str]]:
    """Step 20: files hash to their names, and adopted protocols are held; gives both."""
    adopted = {one.sha256: one for versions in registry.protocols.values() for one in versions}
    protocols: dict[str, Protocol] = {}
    held: set[str] = set()
    for sha256, content in snapshot.rows(_ATTACHMENTS):
        data = _raw(content)
        if plain_digest(data) != sha256:
            message = f"the file kept as {sha256} has the digest {plain_digest(data)}"
            journal.found(Check.ATTACHMENTS, REGISTRY, None, message)
            continue
        held.add(sha256)
        if sha256 in adopted:
            try:
                protocols[sha256] = parse_protocol(data).protocol
            except CartrailError as error:
                message = f"not understood: the protocol {adopted[sha256].protocol}: {error.message}"
                journal.missed(Check.ATTACHMENTS, REGISTRY, None, message)
    for sha256, version in adopted.items():
        if sha256 not in held:
            message = f"the file {sha256} of {version.protocol} version {version.version} is missing"
            journal.missed(Check.ATTACHMENTS, REGISTRY, None, message)
    return protocols, frozenset(held)


def check_erasable_files(snapshot: Snapshot, journal: Journal) -> None:
    """Step 20 for files that can be erased: each is what its name says, and what names it is held open."""
    _check_files(snapshot, journal, SCAN_FIELD, "paper_scan", "scanned paper", _raw)
    _check_files(snapshot, journal, LOGGER_FILE_FIELD, "condition_file", "logger's file", as_it_was)


def _check_files(
    snapshot: Snapshot,
    journal: Journal,
    field: str,
    table: str,
    what: str,
    content_of: Callable[[object], bytes],
) -> None:
    wanted = {(chain, _file_named(value)) for chain, value in snapshot.rows(_NAMED.format(field=field))}
    kept: set[tuple[str, str]] = set()
    for chain, sha256, content in snapshot.rows(_KEPT.format(table=table)):
        kept.add((chain, sha256))
        digest = plain_digest(content_of(content))
        if digest != sha256:
            message = f"the {what} kept as {sha256} has the digest {digest}"
            journal.found(Check.ATTACHMENTS, str(chain), None, message)
        elif (chain, sha256) not in wanted:
            message = f"the {what} {sha256} is kept, and nothing that is open names it"
            journal.found(Check.ATTACHMENTS, str(chain), None, message)
    for chain, sha256 in sorted(wanted - kept):
        journal.missed(Check.ATTACHMENTS, str(chain), None, f"the {what} {sha256} is missing")


def _raw(content: object) -> bytes:
    return content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogateescape")


def _file_named(value: Any) -> str:
    try:
        return str(orjson.loads(value))
    except (TypeError, ValueError):
        return str(value)


def check_guards(snapshot: Snapshot, journal: Journal) -> None:
    """Step 19: the triggers that stop UPDATE and DELETE are there as we made them."""
    for name in snapshot.missing_guards():
        journal.found(Check.GUARDS, "", None, f"the guard {name} is missing or was changed")
    held = snapshot.rights()
    if held is None:
        return
    for sentence in held.excessive:
        journal.missed(Check.GUARDS, "", None, f"{sentence}, which recording does not need")
    if held.owns_tables:
        journal.note(
            Check.GUARDS,
            f"this was read as {held.role}, who owns the tables and could switch the guards off; stations"
            " connect as a role that `cartrail migrate --app-role NAME` makes",
        )


def check_strays(snapshot: Snapshot, journal: Journal) -> None:
    """Steps 3 and 8, from the whole: no event twice, and nothing waits that is not there."""
    for chain, sequence, event_id in snapshot.rows(_EVENT_DOUBLES):
        message = f"the event id {event_id} stands on more than one entry"
        journal.found(Check.SEQUENCE, str(chain), _number(sequence), message)
    for chain, sequence in snapshot.rows(_PENDING_STRAYS):
        message = "the entry waits for the log and is not there"
        journal.found(Check.LEAVES, str(chain), _number(sequence), message)
    for chain, sequence, leaf in snapshot.rows(_LEAF_STRAYS):
        message = f"the entry is leaf {leaf} of the log and is not there"
        journal.found(Check.LEAVES, str(chain), _number(sequence), message)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None
