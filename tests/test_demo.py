"""The demo: the same history from the same seed, every code on paper, nothing lost when it is built again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labels.reader import read
from schema.errors import InputError
from tracker.demo.run import DemoResult, build_demo, existing_demo
from tracker.tracker import Tracker

UNTIL = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """A demo of seed 7."""
    return build_demo(folder=tmp_path_factory.mktemp("demo") / "one", seed=7, until=UNTIL)


def history(result: DemoResult) -> list[tuple[object, ...]]:
    """Everything of the trails that a seed decides."""
    tracker = Tracker.open(url=result.url, read_only=True)
    found: list[tuple[object, ...]] = []
    for therapy in result.therapies:
        for one in tracker.read.trail(coi=therapy.coi).entries:
            statement = one.entry.statement
            found.append((statement.event_id, statement.kind, statement.occurred_at, statement.actor))
    tracker.close()
    return found


def test_same_seed_same_history(demo: DemoResult, tmp_path: Path) -> None:
    """Ids, names, times and outcomes repeat; keys and salts do not have to."""
    again = build_demo(folder=tmp_path / "two", seed=7, until=UNTIL)
    assert again.people == demo.people
    assert again.therapies == demo.therapies
    assert history(again) == history(demo)


def test_other_seed_other_ids(demo: DemoResult, tmp_path: Path) -> None:
    """Another seed tells another story with the same outcomes."""
    other = build_demo(folder=tmp_path / "three", seed=8, until=UNTIL)
    assert {one.coi for one in other.therapies}.isdisjoint(one.coi for one in demo.therapies)
    assert [one.outcome for one in other.therapies] == [one.outcome for one in demo.therapies]


def test_five_therapies_in_five_places(demo: DemoResult) -> None:
    """One just enrolled, one in transit, one in quarantine, one waiting out of specification, one closed."""
    tracker = Tracker.open(url=demo.url, read_only=True)
    rows = {row.coi: row for row in tracker.read.board()}
    closed, waiting, quarantined, transit, enrolled = (rows[one.coi] for one in demo.therapies)
    assert closed.status == "closed"
    assert "out_of_specification" in waiting.attention
    assert "quarantined" in quarantined.attention
    assert [unit.custodian for unit in transit.units] == ["Meridian Cryo Transport (CARR-Y)"]
    assert enrolled.units == ()
    tracker.close()


def test_every_code_in_the_list_is_read(demo: DemoResult) -> None:
    """A person without a scanner can paste each line's code."""
    lines = (demo.folder / "papers" / "codes.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 60
    assert all(read(line.split("  ")[0]).is_ours for line in lines)


def test_history_ends_before_until(demo: DemoResult) -> None:
    """Nothing of the demo lies in its own future."""
    assert all(str(row[2]) <= str(UNTIL) for row in history(demo))


def test_until_after_now_is_bad_input(tmp_path: Path) -> None:
    """A history cannot end tomorrow."""
    with pytest.raises(InputError, match="after now"):
        build_demo(folder=tmp_path / "four", until=datetime.now(UTC) + timedelta(days=1))


def test_a_demo_that_is_there_is_moved_aside(tmp_path: Path) -> None:
    """Building again loses nothing somebody did in the demo before."""
    folder = tmp_path / "demo"
    first = build_demo(folder=folder, seed=1, until=UNTIL)
    build_demo(folder=folder, seed=2, until=UNTIL)
    kept = existing_demo(folder.with_name("demo-1"))
    assert kept is not None
    assert kept.therapies == first.therapies
