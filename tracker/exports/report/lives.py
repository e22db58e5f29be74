"""What cells went through in their whole life, on paper: each sum beside what its band allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from schema.counting import lasting
from tracker.rules.limit_uses import span_words
from tracker.rules.storage_life import StorageLife

_PASSED: Final = {
    "too_long_in_all": "OUTSIDE TOO LONG",
    "too_often": "OUTSIDE TOO OFTEN",
    "removed_too_often": "TAKEN OUT TOO OFTEN",
}


def life_rows(lives: Iterable[StorageLife]) -> Iterator[list[str]]:
    """A row for each unit to which any of it happened."""
    for life in lives:
        if not life.is_new:
            longest = None if life.outside_max is None else _lasted(life.outside_max)
            yield [
                life.unit,
                _of(_lasted(life.outside), longest),
                _of(str(life.excursions), life.excursions_max),
                _of(str(life.removals), life.removals_max),
                span_words(life.out_of_storage),
                ", ".join(_PASSED[rule] for rule in life.passed) or "within",
            ]


def _lasted(span: timedelta) -> str:
    return lasting(-(-span // timedelta(seconds=1)))


def _of(found: str, allowed: str | int | None) -> str:
    return found if allowed is None else f"{found} of {allowed}"
