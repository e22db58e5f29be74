"""The tables of several subjects, joined into one."""

import pytest

from tracker.rules.tables import joined


def test_every_row_of_each_table() -> None:
    """In the order in which they are given."""
    assert list(joined({"b": 2}, {"a": 1}, {}).items()) == [("b", 2), ("a", 1)]


def test_a_key_in_two_tables_is_refused() -> None:
    """Else one of two functions for a request would be ignored without a word."""
    with pytest.raises(ValueError, match="These stand in two tables: a, c"):
        joined({"a": 1, "b": 2, "c": 3}, {"c": 3, "a": 2})
