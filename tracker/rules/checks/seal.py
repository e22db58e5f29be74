"""The seal of a closed box against the one it was sealed with, for whoever reads it and wherever."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.rules.decision import Violation


def seal_violations(
    box: str, packed: str | None, read: str, units: tuple[str, ...] = ()
) -> Iterator[Violation]:
    """Another seal than the box was sealed with, for whoever reads it."""
    if packed is not None and read != packed:
        yield Violation(
            "seal_mismatch",
            f"The box {box} was sealed with {packed}; the seal read is {read}.",
            "If that is the seal on the box, answer NOT-IN-ORDER: refuse it, or take it into quarantine. "
            "If not, scan the seal again.",
            field="seal",
            compared="seal",
            expected=packed,
            read=read,
            carrier="seal",
            quarantines=units,
        )
