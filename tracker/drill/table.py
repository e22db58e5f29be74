"""The drill's table as an auditor reads it: attack, what is done, what catches it, or why nothing can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tracker.drill.attack import Caught
from tracker.drill.run import Tried
from tracker.evidence.verification.verdict import TITLES, Check

BEGIN: Final = "<!-- drill: written by `cartrail drill --markdown` -->"
END: Final = "<!-- end of drill -->"
HEADINGS: Final = ("Attack", "What is done", "The store by itself", "With paper from before")
_SHOWN: Final = 2
"""Steps that are named of those which catch an attack; the first ones are the plainest."""


def rows(tried: Iterable[Tried]) -> Iterator[tuple[str, str, str, str]]:
    """One line for each attack."""
    for one in tried:
        yield one.attack.name, one.attack.does, _alone(one), _with_paper(one)


def plain_rows(tried: Iterable[Tried]) -> Iterator[tuple[str, str, str]]:
    """The same for 80 columns: steps by the numbers that `cartrail verify` prints."""
    for one in tried:
        steps = ", ".join(str(step.value) for step in one.alone)
        caught = f"{'steps' if len(one.alone) > 1 else 'step'} {steps}" if one.alone else _with_paper(one)
        yield one.attack.name, one.attack.does, caught


def markdown(tried: Iterable[Tried]) -> str:
    """The table between its markers, as it stands in docs/evidence.md."""
    lines = [BEGIN, f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows(tried)]
    return "\n".join([*lines, END]) + "\n"


def _alone(one: Tried) -> str:
    return f"caught: {_named(one.alone)}" if one.alone else "not caught"


def _with_paper(one: Tried) -> str:
    if one.alone:
        return "not needed"
    found = [word for word, steps in (("head", one.head), ("receipt", one.receipt)) if steps]
    if found:
        return f"caught by the {' and the '.join(found)}"
    return f"nothing can catch this, because {one.attack.because or 'no check sees it'}"


def _named(steps: tuple[Check, ...]) -> str:
    named = ", ".join(f"{TITLES[step]} ({step.value})" for step in steps[:_SHOWN])
    more = len(steps) - _SHOWN
    return f"{named}, and {more} more" if more > 0 else named


def summary(tried: Iterable[Tried]) -> str:
    """How many attacks were caught, and by what."""
    found = [one.caught for one in tried]
    return (
        f"{len(found)} attacks: {found.count(Caught.ALONE)} caught by the store itself,"
        f" {found.count(Caught.HEAD)} by a head and {found.count(Caught.RECEIPT)} by a receipt on paper,"
        f" {found.count(Caught.NOTHING)} by nothing in the record."
    )
