"""Terminals and instruments at work on one store: nothing is lost, every scan has its answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.burst import rack
from tests.support.sessions import at_once

pytestmark = [pytest.mark.slow, pytest.mark.waits]


def test_terminals_and_instruments_on_one_store(tmp_path: Path) -> None:
    """Given two terminals of 80 by 24 and three instruments, every answer has its entry, and it verifies.

    `python -m tests.bench.bench_sessions` has four and 28, for two minutes, on both engines.
    """
    given = rack(tmp_path / "store", 5)
    done = at_once(given, tmp_path, terminals=2, lines=3, seconds=1)
    assert done.scanned >= 2 and done.recorded >= 3
    assert (done.lost, done.verdict) == (0, 0)
