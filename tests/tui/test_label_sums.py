"""Labels as a sum an object: what became of each copy, what is over, and what two people sign."""

from __future__ import annotations

import pytest

from schema.events.labels import LabelCount
from tui.label_sums import LabelSum, counted_sum, totals

SUM = LabelSum("UD234567892", "ABCD", "AB", "C", "", "", "")


def test_what_nobody_spoke_of_is_missing() -> None:
    """Of four copies two are on, one is void: the last is missing, and the sum says so by its letter."""
    assert (SUM.missing, SUM.gone, SUM.verdict) == ("D", 1, "■ 1 missing")
    assert SUM.words == "printed 4 (A, B, C, D) = applied 2 (A, B) + void 1 (C) + ■ MISSING D"


@pytest.mark.parametrize(
    ("one", "verdict", "words"),
    [
        (LabelSum("UD234567892", "AB", "A", "", "", "B", ""), "● adds up", "applied 1 (A) + destroyed 1 (B)"),
        (LabelSum("UD234567892", "AB", "B", "", "A", "", ""), "● adds up", "applied 1 (B) + replaced 1 (A)"),
        (LabelSum("CD234567892", "A", "", "", "", "", "A"), "● in chart", "in the chart 1 (A)"),
    ],
)
def test_a_sum_that_adds_up(one: LabelSum, verdict: str, words: str) -> None:
    """Everything that is printed is somewhere; a therapy's card is where it stays."""
    assert (one.verdict, one.missing) == (verdict, "")
    assert one.words == f"printed {len(one.printed)} ({', '.join(one.printed)}) = {words}. Adds up."


def test_the_counters_are_the_sum_of_the_rows() -> None:
    """Printed = applied + gone + missing over all objects, cards among what is where it belongs."""
    card = LabelSum("CD234567892", "A", "", "", "", "", "A")
    found = totals([SUM, card])
    assert (found.printed, found.applied, found.gone, found.missing) == (5, 3, 1, 1)


def test_a_count_is_shown_by_the_letters_that_people_know() -> None:
    """The record keeps the letters of the printed codes; what two people sign has A, B, C."""
    count = LabelCount(
        object="UD234567892",
        printed="23",
        not_printed="",
        applied="2",
        voided="3",
        superseded="",
        destroyed="",
        kept="",
        open="",
    )
    assert counted_sum(count) == LabelSum("UD234567892", "AB", "A", "B", "", "", "")
