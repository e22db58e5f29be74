"""Numbers of things and lengths of time in words."""

from datetime import timedelta

import pytest

from schema.counting import counted, lasting, under_a_minute


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


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 min"),
        (1, "1 s"),
        (25, "25 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "2 min"),
        (7200, "2 h 00 min"),
        (11100, "3 h 05 min"),
    ],
)
def test_findings_f11_a_time_outside_is_never_said_shorter_than_it_was(seconds: int, said: str) -> None:
    """Under a minute in seconds: 25 seconds at -100 C are not 0 min."""
    assert lasting(seconds) == said


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(), ""),
        (timedelta(milliseconds=20), "1 s"),
        (timedelta(seconds=25), "25 s"),
        (timedelta(seconds=-59), "59 s"),
        (timedelta(minutes=1), ""),
    ],
)
def test_findings_f11_what_is_under_a_minute_is_said_in_seconds(span: timedelta, said: str) -> None:
    """Over or still to go; no time at all is said by whoever counts minutes."""
    assert under_a_minute(span) == said
