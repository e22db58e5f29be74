"""A number counted by hand against what was scanned, for whoever counts and as soon as it is said."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.rules.decision import Violation


def tally_violations(tally: int, scanned: int) -> Iterator[Violation]:
    """Another number of units than were scanned into a box."""
    if scanned != tally:
        yield Violation(
            "tally_differs",
            f"The tally says {tally}; different units scanned: {scanned}.",
            "Count and scan again: nothing leaves with a difference.",
            waivable=False,
            field="tally",
            compared="count",
            expected=str(scanned),
            read=str(tally),
        )


def count_violations(count: int, scanned: int) -> Iterator[Violation]:
    """Another number of labels than were scanned to be destroyed."""
    if scanned != count:
        yield Violation(
            "tally_differs",
            f"Labels counted: {count}; different ones scanned: {scanned}.",
            "Count and scan again: nothing is destroyed with a difference.",
            waivable=False,
            field="count",
            compared="count",
            expected=str(scanned),
            read=str(count),
        )
