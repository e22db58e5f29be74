"""Verification and the drill, which open no store for work: they read a database or file as it lies there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.backup import Backup, KnownHead
    from tracker.drill.run import Tried
    from tracker.evidence.verification.verdict import Verification


def verify_store(
    url: str,
    *,
    heads: Sequence[str] = (),
    receipts: Sequence[str] = (),
    require_head: bool = False,
    progress: Callable[[int, int], None] | None = None,
    config: Path | None = None,
) -> Verification:
    """The verdict over a store; raises StoreError where it cannot be opened, IntegrityFailure for damage.

    In `config` lie the keys of this machine, and beside them the heads that it signed and cosigned last.
    """
    from tracker.evidence.verification.store import verify_store as verify

    return verify(
        url, heads=heads, receipts=receipts, require_head=require_head, progress=progress, config=config
    )


def verify_bundle(
    path: Path, *, heads: Sequence[str] = (), receipts: Sequence[str] = (), require_head: bool = False
) -> Verification:
    """The verdict of `verify.py` over a bundle; raises InputError for a file that cannot be read."""
    from tracker.bundle.verification import verify_bundle as verify

    return verify(path, heads=heads, receipts=receipts, require_head=require_head)


def restore_backup(
    folder: Path,
    url: str,
    *,
    config: Path,
    heads: Sequence[str] = (),
    head_files: Sequence[Path] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """The verdict over a store put back from a backup, held against the newest heads known here.

    Raises InputError for a damaged backup, IntegrityFailure, before anything is restored, where a head saw
    more than it holds, and StoreError where something is at the address already.
    """
    from tracker.backup import known_heads, read_backup, require_nothing_lost, restore

    backup = read_backup(folder)
    require_nothing_lost(backup, [*known_heads(config, backup.origin, heads, head_files)])
    restore(backup, url)
    return verify_store(url, heads=heads, progress=progress)


def put_back_with_loss(
    folder: Path, url: str, *, config: Path, heads: Sequence[str] = (), head_files: Sequence[Path] = ()
) -> tuple[Backup, tuple[KnownHead, ...]]:
    """Put back the store of a backup that lacks entries; gives it and the heads that saw more, newest first.

    Until `Tracker.accept_loss` has recorded the loss, nobody here can record in it. Raises InputError where
    nothing would be lost, StoreError where something else is at the address.
    """
    from tracker.backup import known_heads, newest_lost, read_backup, restore_or_go_on

    backup = read_backup(folder)
    known = [*known_heads(config, backup.origin, heads, head_files)]
    newest_lost(backup, known)
    restore_or_go_on(backup, url)
    lost = [one for one in known if one.tree_size > backup.tree_size]
    return backup, tuple(sorted(lost, key=lambda one: -one.tree_size))


def program() -> tuple[Path, str]:
    """The verifier that travels in bundles, and its SHA-256 in hex as it is published."""
    from tracker.bundle.verification import PROGRAM, program_digest

    return PROGRAM, program_digest()


def drill(url: str, folder: Path, say: Callable[[str], None]) -> Iterator[Tried]:
    """Try every known attack on copies in an empty folder; raises IntegrityFailure for an unsound store."""
    from tracker.drill.run import drill as run

    return run(url, folder, say)


def drill_rows(tried: Sequence[Tried]) -> list[tuple[str, str, str]]:
    """Attack, what it does and what caught it, for a table on a terminal."""
    from tracker.drill.table import plain_rows

    return list(plain_rows(tried))


def drill_markdown(tried: Sequence[Tried]) -> str:
    """The table of docs/evidence.md."""
    from tracker.drill.table import markdown

    return markdown(tried)


def drill_summary(tried: Sequence[Tried]) -> str:
    """How many attacks were caught by what, in one sentence."""
    from tracker.drill.table import summary

    return summary(tried)
