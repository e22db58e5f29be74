"""A change of hands: what of each therapy is taken over, and by whom."""

from __future__ import annotations

from collections.abc import Callable

from schema.events.shift import OpenLabels, TakenOver
from schema.vocabulary import Role
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.rules.authority import WORKING_ROLES
from tracker.therapy.shift import LabelsLeft, TakeOver

Cases = Callable[[str], Case]


def test_each_therapy_says_what_of_it_was_found(case: Cases) -> None:
    """Labels and counted units stand in the chain of the therapy they are of."""
    given = case("collected")
    bag, other = given.one.bag, given.two.bag
    drafts = given.do(
        TakeOver,
        "NURSE-A2",
        from_staff="NURSE-A1",
        therapies=(scan(given.one.coi), scan(given.two.coi)),
        labels=(LabelsLeft(unit=bag, copies="2"), LabelsLeft(unit=other, copies="23")),
        tallied=(bag,),
    )
    found = {draft.chain: draft.payload for draft in drafts}
    first, second = found[given.one.coi], found[given.two.coi]
    assert isinstance(first, TakenOver) and isinstance(second, TakenOver)
    assert first.labels == (OpenLabels(unit=bag, copies="2"),) and first.tallied == (bag,)
    assert second.labels == (OpenLabels(unit=other, copies="23"),) and second.tallied == ()


def test_those_who_only_read_or_administer_take_nothing_over(case: Cases) -> None:
    """Nobody takes over from themselves either."""
    assert {*Role} - WORKING_ROLES == {Role.AUDITOR, Role.ADMINISTRATOR}
    given = case("collected")
    asked = {"from_staff": "NURSE-A1", "therapies": (scan(given.one.coi),)}
    assert given.refusal(TakeOver, "AUDIT-1", **asked).rule == "no_part"
    assert given.refusal(TakeOver, "NURSE-A1", **asked).rule == "same_person"
