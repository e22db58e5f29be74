"""The tests that wait start first, and none is lost or run twice."""

import pytest

from tests.support.order import waiting_first


def is_ten(test: int) -> bool:
    """Every tenth test waits."""
    return test % 10 == 0


def decade(test: int) -> int:
    """Tests of one file."""
    return test // 10


def test_every_other_worker_begins_with_what_waits() -> None:
    """Two of four shares of ten begin with two each; what is between keeps its order."""
    ordered = waiting_first(range(40), is_ten, 4, together=decade)
    assert ordered[:4] == [0, 20, 1, 2] and ordered[20:23] == [10, 30, 21]
    assert ordered[10:12] == [9, 11]
    assert [test for test in ordered if not is_ten(test)] == [test for test in range(40) if not is_ten(test)]


def test_those_of_one_file_stay_together() -> None:
    """One worker has all that wait of the first file, and of the third; the other those of the second."""
    ordered = waiting_first(range(40), lambda test: test % 10 < 2 and test < 30, 4, together=decade)
    assert ordered[:5] == [0, 1, 20, 21, 2] and ordered[20:22] == [10, 11]


@pytest.mark.parametrize(("tests", "workers"), [(0, 1), (1, 4), (3, 2), (41, 1), (41, 3), (83, 8)])
def test_each_test_runs_once(tests: int, workers: int) -> None:
    """With fewer tests than workers too; one process runs what waits first."""
    ordered = waiting_first(range(tests), is_ten, workers, together=decade)
    assert sorted(ordered) == list(range(tests))
    assert ordered[:1] == [0][:tests]
