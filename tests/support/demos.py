"""The demo for tests: built once a run, then copied, as stranger's and auditor's store alike."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.commands import Site, write_credentials
from tests.support.once import Made
from tracker.demo import run
from tracker.demo.run import DemoResult, build_demo, existing_demo

SEED = 7
UNTIL = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def demo_result(made_once: Made) -> DemoResult:
    """The demo with its papers, which belongs to the whole run: copy what you write to."""
    folder = made_once(f"demo-{SEED}-{UNTIL:%Y%m%dT%H}", _build)
    found = existing_demo(folder)
    assert found is not None
    return found


def _build(folder: Path) -> None:
    build_demo(folder=folder, seed=SEED, until=UNTIL)


def coi_of(demo: DemoResult, outcome: str) -> str:
    """The therapy whose outcome begins so."""
    return next(one.coi for one in demo.therapies if one.outcome.startswith(outcome))


def copied(demo: DemoResult, folder: Path) -> DemoResult:
    """The demo in a folder of its own, with papers and keys."""
    shutil.copytree(demo.folder, folder)
    return replace(demo, folder=folder)


@contextmanager
def without_papers() -> Iterator[None]:
    """Demos are built without printing: ink on paper takes longer than everything else in them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "print_papers", lambda *_: None)
        yield


@dataclass(frozen=True)
class DemoSite(Site):
    """A copy of the demo's store, its people and their passwords."""

    demo: DemoResult

    def coi(self, outcome: str) -> str:
        """The therapy whose outcome begins so."""
        return coi_of(self.demo, outcome)


@pytest.fixture
def demo_site(demo_result: DemoResult, tmp_path: Path) -> DemoSite:
    """A demo store of its own."""
    shutil.copyfile(demo_result.folder / "cartrail.db", tmp_path / "demo.db")
    passwords = {person.staff: person.password for person in demo_result.people}
    return DemoSite(
        tmp_path / "demo.db", write_credentials(tmp_path / "credentials.toml", passwords), demo_result
    )
