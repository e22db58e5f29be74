"""Labels as a sum an object: printed = applied + void + replaced + destroyed; what is over is missing. Pure.

The labels screen shows it, and the two people who sign a count read the very same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schema.events.labels import LabelCount
from schema.identifiers import copy_ordinal
from schema.vocabulary import LabelState
from tracker.values import LabelAccount
from tui.glyphs import BAD, DONE
from tui.language import tr


@dataclass(frozen=True, slots=True)
class LabelSum:
    """The copies of one object by what became of them, as the letters by which people know them."""

    object_id: str
    printed: str
    applied: str
    void: str
    replaced: str
    destroyed: str
    kept: str
    """Cards of the therapy, which stay in the chart."""

    @property
    def missing(self) -> str:
        """The copies of which nobody has said what became of them."""
        said = {*self.applied, *self.void, *self.replaced, *self.destroyed, *self.kept}
        return "".join(letter for letter in self.printed if letter not in said)

    @property
    def gone(self) -> int:
        """How many are out of use."""
        return len(self.void) + len(self.replaced) + len(self.destroyed)

    @property
    def verdict(self) -> str:
        """Whether the sum adds up, with its shape; a card does by being in the chart."""
        if self.missing:
            return f"{BAD} " + tr("{count} missing", count=len(self.missing))
        return f"{DONE} " + (tr("in chart") if self.kept else tr("adds up"))

    @property
    def words(self) -> str:
        """The sum in one sentence, each part with its letters."""
        parts = [
            f"{name} {len(letters)} ({', '.join(letters)})"
            for name, letters in (
                (tr("applied"), self.applied),
                (tr("void"), self.void),
                (tr("replaced"), self.replaced),
                (tr("destroyed"), self.destroyed),
                (tr("in the chart"), self.kept),
            )
            if letters
        ]
        printed = tr("printed {count} ({letters})", count=len(self.printed), letters=", ".join(self.printed))
        if not self.printed:
            printed = tr("printed 0")
        if self.missing:
            parts.append(f"{BAD} " + tr("MISSING {letters}", letters=", ".join(self.missing)))
        ends = "" if self.missing else ". " + tr("Adds up.")
        return f"{printed} = {' + '.join(parts) or '0'}{ends}"


def sum_of(account: LabelAccount) -> LabelSum:
    """The sum of an object as the store knows it now."""
    return LabelSum(
        account.object_id,
        account.printed,
        account.letters_of(LabelState.APPLIED),
        account.letters_of(LabelState.VOIDED),
        account.letters_of(LabelState.SUPERSEDED),
        account.letters_of(LabelState.DESTROYED),
        account.kept,
    )


def counted_sum(count: LabelCount) -> LabelSum:
    """The sum of an object as a count records it."""
    parts = (count.printed, count.applied, count.voided, count.superseded, count.destroyed, count.kept)
    return LabelSum(
        count.object, *("".join(copy_ordinal(count.object, one) for one in letters) for letters in parts)
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """The four counters over all objects."""

    printed: int
    applied: int
    gone: int
    missing: int


def totals(sums: Sequence[LabelSum]) -> Totals:
    """All objects together."""
    return Totals(
        sum(len(one.printed) for one in sums),
        sum(len(one.applied) + len(one.kept) for one in sums),
        sum(one.gone for one in sums),
        sum(len(one.missing) for one in sums),
    )
