"""Every therapy is on a board that is read to its end, whatever is recorded meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.journeys import World
from tracker.demo.journey import scan
from tracker.therapy.course import Cancel
from tracker.views import reading

Worlds = Callable[[str], World]


def test_recorded_between_two_pages(world: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    """The therapy of the second page is touched after the first one was read, and is there as it is then."""
    given = world("enrolled")
    monkeypatch.setattr(reading, "PAGE", 1)
    first, second = sorted((given.one.coi, given.two.coi))
    board = given.tracker.read.whole_board()
    assert next(board).coi == first
    given.do(Cancel, "DOC-A1", others="QA-A approved", coi=scan(second), reason="disease_progression")
    assert [(row.coi, row.status) for row in board] == [(second, "canceled")]
