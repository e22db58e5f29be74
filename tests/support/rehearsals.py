"""The drill's rehearsal store for tests: founded once in a test process, and only ever copied."""

import pytest

from tracker.drill.rehearsal import Rehearsal, rehearse


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    """A rehearsal store, founded once in this test process."""
    return rehearse(tmp_path_factory.mktemp("drill"))
