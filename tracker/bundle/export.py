"""Exporting a bundle: the log signed, the export recorded, the log signed again, and one file written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from schema.entry import REGISTRY, stored_entry
from schema.errors import EvidenceMissing, InputError, IntegrityFailure, Refusal, StoreError
from schema.events.identity import Erased
from schema.events.registry import ExportUris
from schema.papercodes import HeadCode, head_code, parse_head
from schema.tables import CheckpointRow
from schema.vocabulary import EntryMode
from tracker.acts.deciding import Origin
from tracker.answers import Problem
from tracker.bundle.contents import BundleFiles, ExportSource
from tracker.bundle.format import Part, write_zip
from tracker.bundle.reading import Readers, ReadingFiles, digests_of, reading_files, too_long
from tracker.evidence.log import Log
from tracker.evidence.log_keys import key_folder
from tracker.evidence.verification.verdict import Finding
from tracker.exports.epcis.events import OWN_URIS
from tracker.exports.files import whole_file
from tracker.exports.trails import nobody_watches
from tracker.exports.uris import Uris
from tracker.ledger.transaction import Transaction
from tracker.open_store import OpenStore
from tracker.people.signer import Signer
from tracker.registry.network.requests import Export
from tracker.requests.fields import ChainEnd

Watch = Callable[[int], None]
"""Told how many files of a bundle are gathered."""

_EXITS: Final = {one.exit_code: one for one in (InputError, Refusal, IntegrityFailure, EvidenceMissing)}


@dataclass(frozen=True, slots=True)
class BundleWish:
    """What is to leave the store, who takes it out, and from where."""

    actor: str
    station: str
    chains: tuple[str, ...] = ()
    """COI ids; left empty with `whole`."""

    whole: bool = False
    heads: tuple[str, ...] = ()
    """Head codes whose checkpoints are wanted too, so that the paper they stand on can be checked."""

    free_text: bool = True
    reading: bool = True
    """Whether the files for reading are in it, as far as they are not too long to be read."""

    uris: Uris = OWN_URIS
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class BundleWritten:
    """A bundle on the disk."""

    path: Path
    event_id: str
    chains: tuple[ChainEnd, ...]
    files: int
    head: HeadCode
    """Checkpoint B: printed beside the bundle, it proves later which bundle was handed over."""

    too_long: tuple[str, ...] = ()
    """Files for reading that these chains are too long for."""

    erased_since: tuple[str, ...] = ()
    """Therapies whose values were erased after they were exported: what opens them is no longer in it."""

    left_out: tuple[str, ...] = ()
    """Files for reading that would now be others than the export recorded, and so are not in it again."""

    doubts: tuple[Finding, ...] = ()
    """What cannot be in a sound record: the bundle's own verification ends with 4 as well."""


def export_bundle(
    opened: OpenStore,
    wish: BundleWish,
    *,
    config: Path,
    out: Path,
    signers: Sequence[Signer],
    mode: EntryMode | None = None,
    watch: Watch = nobody_watches,
) -> BundleWritten:
    """Record an export and write its bundle; raises StoreError unless this is the hub.

    The file appears under its name when it is complete. When it cannot be written after the export was
    recorded, `export_again` writes it.
    """
    log = _log(opened, config)
    if not log.is_hub:
        raise StoreError(
            "Only the hub signs checkpoints, and this station has no log.key.",
            remedy="Export on the hub.",
            code="not_the_hub",
        )
    with whole_file(out) as file:
        at = log.integrate_and_sign().checkpoint
        if at is None:
            raise StoreError("The log is empty.", code="empty_log")
        request, reading = _request(opened, wish, at)
        answer = opened.record(request=request, signers=signers, mode=mode, origin=Origin(by_program=True))
        if answer.problem is not None:
            raise _raised(answer.problem)
        log.integrate_and_sign()
        return _write(opened, request.event_id, file, out, watch, reading)


def export_again(
    opened: OpenStore, event_id: str, *, config: Path, out: Path, watch: Watch = nobody_watches
) -> BundleWritten:
    """The bundle of an export recorded before, with the same bytes; what was erased since is left out."""
    with whole_file(out) as file:
        with opened.store.read() as transaction:
            entry = transaction.event(event_id)
            leaf = None if entry is None else transaction.leaf_of(entry.chain, entry.sequence)
            signed = leaf is not None and next(transaction.checkpoints(leaf), None) is not None
        log = _log(opened, config)
        if not signed and log.is_hub:
            # The export was cut short after it was recorded.
            log.integrate_and_sign()
        return _write(opened, event_id, file, out, watch)


def _log(opened: OpenStore, config: Path) -> Log:
    return Log(opened.store, key_folder(config, opened.registry.origin), clock=opened.clock)


def _request(opened: OpenStore, wish: BundleWish, at: CheckpointRow) -> tuple[Export, list[Part]]:
    """What is to be recorded, and the files for reading, which are made before and named in it."""
    origin = opened.registry.origin
    heads = [parse_head(code.strip()) for code in wish.heads]
    for head in heads:
        head.require_origin(origin)
    with opened.store.read() as transaction:
        chains = _ends(transaction, wish, at)
        printed = {size for end in chains for size in transaction.printed_heads(end.chain)}
        sizes = _sizes(transaction, heads, at) | {size for size in printed if size < at.tree_size}
        readers = Readers(wish.actor, wish.free_text, wish.uris)
        names = reading_files(chains) if wish.reading else ()
        reading = list(ReadingFiles(transaction, readers, chains, at).parts(names))
        request = Export(
            event_id=wish.event_id or opened.new_event_id(),
            actor=wish.actor,
            station=wish.station,
            tree_size=at.tree_size,
            root=at.root,
            chains=chains,
            whole=wish.whole,
            free_text=wish.free_text,
            checkpoints=() if wish.whole else tuple(sorted(sizes)),
            reading=digests_of(reading),
            uris=ExportUris(base=wish.uris.base, digital_link=wish.uris.digital_link),
        )
        return request, reading


def _ends(transaction: Transaction, wish: BundleWish, at: CheckpointRow) -> tuple[ChainEnd, ...]:
    chains = [name for name in transaction.chains() if name != REGISTRY] if wish.whole else wish.chains
    if not chains and not wish.whole:
        raise InputError("No therapy is named.", remedy="Name one or more COI ids, or --all.")
    return tuple(
        end for name in sorted(set(chains)) if (end := _end(transaction, name, at, wish)) is not None
    )


def _end(transaction: Transaction, chain: str, at: CheckpointRow, wish: BundleWish) -> ChainEnd | None:
    """How far the log reaches into a chain; None in a bundle of everything for a chain begun since."""
    head = transaction.head(chain)
    sequence = -1 if head is None else head.sequence
    while sequence >= 0 and not _is_under(transaction.leaf_of(chain, sequence), at):
        sequence -= 1
    if sequence < 0:
        if wish.whole:
            return None
        raise InputError(f"The log has no therapy {chain}.", code="unknown_therapy")
    _, digest, _ = next(transaction.bodies(chain, sequence - 1, 1))
    return ChainEnd(chain=chain, entries=sequence + 1, last_sequence=sequence, last_digest=digest)


def _is_under(leaf: int | None, at: CheckpointRow) -> bool:
    return leaf is not None and leaf < at.tree_size


def _sizes(transaction: Transaction, heads: Sequence[HeadCode], at: CheckpointRow) -> set[int]:
    """The checkpoints that heads on paper are of; raises InputError for a head this log never signed."""
    sizes: set[int] = set()
    for head in heads:
        row = transaction.checkpoint(head.tree_size)
        if row is None or row.root != head.root:
            raise InputError(
                f"The log never signed a checkpoint of {head.tree_size} entries with the root of this head.",
                remedy="Keep the paper and run `cartrail verify --head` with it on this store.",
                code="unknown_head",
            )
        if row.tree_size != at.tree_size:
            sizes.add(row.tree_size)
    return sizes


def _watched(parts: Iterator[Part], watch: Watch) -> Iterator[Part]:
    for done, one in enumerate(parts, 1):
        watch(done)
        yield one


def _write(
    opened: OpenStore, event_id: str, file: BinaryIO, out: Path, watch: Watch,
    reading: Sequence[Part] | None = None,
) -> BundleWritten:  # fmt: skip
    origin = opened.registry.origin
    with opened.store.read() as transaction:
        source = ExportSource.of(transaction, event_id)
        contents = BundleFiles(transaction, source, reading)
        files = write_zip(file, source.manifest(origin), _watched(contents.parts(), watch))
        erased = tuple(end.chain for end in source.chains if _is_erased(transaction, end))
    head = head_code(origin, source.now.tree_size, source.now.root)
    long, chains = too_long(source.chains), source.chains
    return BundleWritten(out, event_id, chains, files, head, long, erased, contents.left_out)


def _is_erased(transaction: Transaction, end: ChainEnd) -> bool:
    """Whether the chain was erased after the export took it."""
    later = transaction.bodies(end.chain, end.last_sequence)
    return any(isinstance(stored_entry(body).statement.payload, Erased) for _, _, body in later)


def _raised(problem: Problem) -> Exception:
    kind = _EXITS.get(problem.exit_code, StoreError)
    return kind(problem.message, remedy=problem.remedy, code=problem.error)
