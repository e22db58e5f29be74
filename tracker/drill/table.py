"""The drill's table as an auditor reads it: attack, what is done, what catches it, or why nothing can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Final, TypeVar

from tracker.drill.attack import Caught, InBundle
from tracker.drill.run import Tried
from tracker.evidence.verification.verdict import TITLES

StepT = TypeVar("StepT", bound=IntEnum)

BEGIN: Final = "<!-- drill: written by `cartrail drill --markdown` -->"
END: Final = "<!-- end of drill -->"
HEADINGS: Final = (
    "Attack",
    "What is done",
    "The store by itself",
    "A bundle of it",
    "With paper from before",
)
_SHOWN: Final = 2
"""Steps that are named of those which catch an attack; the first ones are the plainest."""


def rows(tried: Iterable[Tried]) -> Iterator[tuple[str, str, str, str, str]]:
    """One line for each attack."""
    for one in tried:
        yield one.attack.name, one.attack.does, _alone(one), _in_bundle(one), _with_paper(one)


def plain_rows(tried: Iterable[Tried]) -> Iterator[tuple[str, str, str]]:
    """The same for 80 columns: steps by the numbers that `cartrail verify` prints."""
    for one in tried:
        caught = _numbers(one.alone) or _with_paper(one)
        if one.attack.caught is Caught.UNTOUCHED:
            caught = f"of the bundle: {_numbers(one.bundle.alone) or one.attack.because}"
        elif one.refused:
            caught = _alone(one)
        yield one.attack.name, one.attack.does, caught


def markdown(tried: Iterable[Tried]) -> str:
    """The table between its markers, as it stands in docs/evidence.md."""
    lines = [BEGIN, f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows(tried)]
    return "\n".join([*lines, END]) + "\n"


def _alone(one: Tried) -> str:
    if one.attack.caught is Caught.UNTOUCHED:
        return "not touched"
    if one.refused:
        return f"the step itself is refused: {one.refused}"
    if one.caught is Caught.NAMED:
        return "not caught, and named for ever: entries are lost"
    return f"caught: {_named(one.alone, TITLES)}" if one.alone else "not caught"


def _in_bundle(one: Tried) -> str:
    found = one.bundle
    if found.refused:
        return f"none is made: {found.refused}"
    if found.alone:
        return f"caught: {_named(found.alone, {step: step.title for step in found.alone})}"
    if found.shown is InBundle.NAMED:
        return "not caught, and named: entries are lost"
    if one.attack.in_bundle is InBundle.TRUE:
        return "says what was so"
    return "not caught"


def _with_paper(one: Tried) -> str:
    if one.alone or one.refused or one.bundle.alone:
        return "not needed"
    if one.caught is Caught.NAMED:
        return "answered by the same sentence; papers from between show what was recorded"
    words = (("head", one.head), ("receipt", one.receipt), ("paper, held against a bundle", one.bundle.paper))
    found = [word for word, steps in words if steps]
    if found:
        return f"caught by the {' and the '.join(found)}"
    return f"nothing can catch this, because {one.attack.because or 'no check sees it'}"


def _numbers(steps: Sequence[int]) -> str:
    if not steps:
        return ""
    return f"{'steps' if len(steps) > 1 else 'step'} {', '.join(str(int(step)) for step in steps)}"


def _named(steps: Sequence[StepT], titles: Mapping[StepT, str]) -> str:
    named = ", ".join(f"{titles[step]} ({int(step)})" for step in steps[:_SHOWN])
    more = len(steps) - _SHOWN
    return f"{named}, and {more} more" if more > 0 else named


def summary(tried: Iterable[Tried]) -> str:
    """How many attacks were caught, and by what."""
    found = [one.caught for one in tried]
    return (
        f"{len(found)} attacks: {found.count(Caught.REFUSED)} refused by the program,"
        f" {found.count(Caught.ALONE)} caught by the store itself,"
        f" {found.count(Caught.HEAD)} by a head and {found.count(Caught.RECEIPT)} by a receipt on paper,"
        f" {found.count(Caught.NAMED)} named for ever,"
        f" {found.count(Caught.UNTOUCHED)} on bundles alone,"
        f" {found.count(Caught.NOTHING)} by nothing in the record."
    )
