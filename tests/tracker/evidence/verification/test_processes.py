"""Verification on several processes says, finding by finding, what one process says."""

import multiprocessing
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schema.errors import IntegrityFailure
from schema.papercodes import receipt_code
from tests.support import forked
from tests.support.evidence_story import Forger, Story, build, copied, enroll_again, tampering
from tracker.evidence.verification import processes
from tracker.evidence.verification.processes import spans
from tracker.evidence.verification.snapshot import Span, opened
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check

THERAPIES = 6


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A store with some therapies, closed."""
    folder = tmp_path_factory.mktemp("spread")
    story = build(f"sqlite:///{folder / 'store.db'}", folder / "keys")
    for _ in range(THERAPIES):
        enroll_again(story)
    story.tracker.log.integrate_and_sign()
    story.tracker.close()
    return story


@pytest.fixture
def path(original: Story, tmp_path: Path) -> Path:
    """A copy of its file."""
    copied(Path(original.url.removeprefix("sqlite:///")), tmp_path / "copy.db")
    return tmp_path / "copy.db"


@pytest.fixture
def spread(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Lets also a small store go to two processes, a chain or two at a time; keeps what they gave."""
    given: list[Any] = []
    honest = processes._spread

    def watched(*arguments: Any) -> Any:
        for found in honest(*arguments):
            given.append(found)
            yield found

    monkeypatch.setattr(processes, "SPREAD_FROM", 1)
    monkeypatch.setattr(processes, "cores", lambda: 2)
    monkeypatch.setattr(processes, "spans", lambda snapshot: spans(snapshot, 2))
    monkeypatch.setattr(processes, "_spread", watched)
    # From a server that has imported everything: a process that imports it all takes a second of a core.
    monkeypatch.setattr(processes, "STARTED_BY", forked.STARTED_BY)
    return given


class TestSpans:
    def test_every_chain_is_in_one(self, path: Path) -> None:
        with opened(f"sqlite:///{path}") as snapshot:
            everything = [(row.chain, row.sequence) for row in snapshot.therapies(Span())]
            for size in (1, 2, 3, 100):
                cuts = list(spans(snapshot, size))
                found = [(row.chain, row.sequence) for span in cuts for row in snapshot.therapies(span)]
                assert found == everything
                assert len(cuts) == 1 if size == 100 else len(cuts) > 2

    def test_what_is_no_chain_is_in_the_first_or_the_last(self, path: Path) -> None:
        with tampering(path) as connection:
            for number, value in enumerate((5, b"\x01", "zzz", "A'; DROP TABLE therapy; --", "")):
                connection.execute(
                    "INSERT INTO custody_event VALUES (?, ?, ?, '', '', x'00')", (value, number, str(number))
                )
        with opened(f"sqlite:///{path}") as snapshot:
            everything = [row.chain for row in snapshot.therapies(Span())]
            found = [row.chain for span in spans(snapshot, 2) for row in snapshot.therapies(span)]
        assert found == everything
        assert len({*map(repr, found)}) == THERAPIES + 2 + 5


class TestProcesses:
    def test_they_say_what_one_says(
        self, path: Path, spread: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also as they are started where nothing is loaded."""
        monkeypatch.setattr(processes, "STARTED_BY", "spawn")
        url = f"sqlite:///{path}"
        told: list[tuple[int, int]] = []
        verdict = verify_store(url, progress=lambda done, total: told.append((done, total)))
        assert verdict.exit_code == 0
        assert len(spread) > 2
        assert told[-1] == (verdict.entries, verdict.entries)
        assert [done for done, _ in told] == sorted(done for done, _ in told)

    def test_also_of_what_is_wrong(
        self, path: Path, original: Story, spread: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        url = f"sqlite:///{path}"
        with tampering(path) as connection:
            forger = Forger(connection)
            forger.put(original.coi, 1, forger.body(original.coi, 1)[:-1] + b" ")
            forger.rewrite(original.other, 0, lambda entry: entry["signatures"].clear())
            connection.execute("INSERT INTO scan_code VALUES ('X', 'zzz', 0, 'U', 'X', NULL, NULL, 'active')")
            connection.execute("UPDATE therapy SET stage = 'nowhere'")
            connection.execute("DELETE FROM scan_code WHERE coi = ?", (original.other,))
            connection.execute("DELETE FROM log_leaf WHERE leaf_index = 30")
        together = verify_store(url)
        assert len(spread) > 2
        monkeypatch.setattr(processes, "SPREAD_FROM", 10**9)
        monkeypatch.setattr(processes, "spans", spans)
        seen = verify_store(url)
        assert together.exit_code == 4
        assert any("has no row" in finding.message for finding in together.findings)
        assert replace(together, waiting=seen.waiting, unchecked=seen.unchecked) == seen

    def test_receipts_and_no_replay(self, path: Path, original: Story, spread: list[Any]) -> None:
        receipts = [receipt_code(digest).text for digest in original.digests[-2:]]
        verdict = verify_store(f"sqlite:///{path}", receipts=receipts, replay=False)
        assert verdict.exit_code == 0
        assert len(verdict.receipts) == 2
        assert verdict.steps[Check.READ_TABLES - 1].notes[-1].startswith("left out")

    def test_a_store_that_grew_meanwhile_is_read_by_one(
        self, path: Path, spread: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tracker.evidence.verification.snapshot.Snapshot.state", lambda _: ("another",))
        assert verify_store(f"sqlite:///{path}").exit_code == 0
        assert not spread

    def test_where_no_process_starts_one_does_it_all(
        self, path: Path, spread: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_: Any, **__: Any) -> Any:
            raise OSError("no more processes")

        monkeypatch.setattr(multiprocessing.get_context(processes.STARTED_BY).Process, "start", refused)
        assert verify_store(f"sqlite:///{path}").exit_code == 0
        assert not spread

    def test_a_damaged_file_is_told_as_by_one(self, path: Path, spread: list[Any], tmp_path: Path) -> None:
        content = bytearray(path.read_bytes())
        pages = len(content) // 4096
        shutil.copy(path, tmp_path / "whole.db")
        seen = set()
        for page in range(pages // 2, pages, 20):
            damaged = content.copy()
            damaged[page * 4096 : page * 4096 + 600] = b"\xff" * 600
            path.write_bytes(damaged)
            try:
                seen.add(verify_store(f"sqlite:///{path}").exit_code)
            except IntegrityFailure:
                seen.add(-1)
        assert seen <= {0, 4, 6, -1}


def test_a_server_is_read_by_one(fresh_postgres: str, tmp_path: Path, spread: list[Any]) -> None:
    """Its sessions would each see another moment."""
    story = build(fresh_postgres, tmp_path)
    story.tracker.close()
    assert verify_store(fresh_postgres).exit_code == 0
    assert not spread
