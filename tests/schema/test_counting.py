"""Numbers of things in words."""

import pytest

from schema.counting import counted


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (0, ("entry", "entries"), "0 entries"),
        (1, ("entry", "entries"), "1 entry"),
        (2, ("entry", "entries"), "2 entries"),
        (1, ("time",), "1 time"),
        (3, ("time",), "3 times"),
    ],
)
def test_one_is_not_many(count: int, words: tuple[str, ...], said: str) -> None:
    """One thing has its own word."""
    assert counted(count, *words) == said
