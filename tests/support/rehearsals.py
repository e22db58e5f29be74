"""The drill's rehearsal store for tests: founded once in a test process, and only ever copied and forged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schema.canonical import canonical, plain_digest
from tracker.drill.insiders import sign_anew
from tracker.drill.rehearsal import Rehearsal, copy_file, rehearse
from tracker.drill.scene import AttackedCopy, longest_chain
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Verification

COLLECTED, RELINQUISHED, ACCEPTED, FROZEN = 5, 6, 7, 9
"""Where the rehearsal's bag is filled, goes from the chair to the laboratory, and is frozen there."""


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """A rehearsal store, founded once in this test process."""
    return rehearse(tmp_path_factory.mktemp("drill"))


@pytest.fixture
def attacked(rehearsal: Rehearsal, tmp_path: Path) -> AttackedCopy:
    """A copy of the rehearsal store, with the log's key at hand."""
    path = tmp_path / "copy.db"
    copy_file(rehearsal.path, path)
    return AttackedCopy(path, longest_chain(path)[0], rehearsal.key)


def statement_of(attacked: AttackedCopy, sequence: int) -> dict[str, Any]:
    """What an entry of the therapy states."""
    with attacked.owner() as editor:
        found: dict[str, Any] = editor.entry(attacked.coi, sequence)["statement"]
    return found


def statement_digest(attacked: AttackedCopy, sequence: int) -> str:
    """The digest of that."""
    return plain_digest(canonical(statement_of(attacked, sequence)))


def forged(
    rehearsal: Rehearsal, attacked: AttackedCopy, sequence: int, change: Callable[[dict[str, Any]], object]
) -> Verification:
    """The verdict after an entry's payload was changed, signed anew and taken into a log made anew."""
    with attacked.owner() as editor:
        entry = editor.entry(attacked.coi, sequence)
        change(entry["statement"]["payload"])
        sign_anew(rehearsal, entry)
        editor.change(attacked.coi, sequence, lambda found: found.update(entry))
        editor.rehash(attacked.coi, sequence)
    attacked.reproject()
    attacked.relog()
    return verify_store(attacked.url)
