"""What verification asks a store: names that somebody put into a table stay names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import found
from tests.support.stores import sqlite_url
from tracker.evidence.verification.snapshot import Span, opened


@pytest.mark.parametrize("name", ["registry' OR '1'='1", "it's", "registry'; DROP TABLE log_leaf; --"])
def test_a_name_with_a_quote_is_a_name(name: str, tmp_path: Path) -> None:
    """No leaf is of such a chain, no entry lies beyond it, and the table stays."""
    url = sqlite_url(tmp_path / "store.db")
    found(url, tmp_path)
    with opened(url) as snapshot:
        assert snapshot.leaves_of(name) == 0
        assert [*snapshot.therapies(Span(name, f"{name}0"))] == []
        assert snapshot.leaves_of("registry") == snapshot.count("log_leaf")
