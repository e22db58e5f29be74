"""The numbers of steps: one meaning each, in every list and on the card for the wall."""

from __future__ import annotations

from collections.abc import Callable

from labels.kinds import STEP_CODE
from tests.support.journeys import PROTOCOL, World
from tracker.protocols.library import shipped
from tracker.values import BEFORE_THERAPY, EQUIPMENT_STEPS, FOUND_STEP
from tracker.views.step_numbers import titles_by_number

Worlds = Callable[[str], World]
FRESH = shipped("autologous-fresh").protocol


def test_what_is_offered_before_the_therapy_is_known_has_the_protocols_numbers() -> None:
    """Given an empty box or a place, its steps have the numbers that they have with a bag in the hand."""
    for protocol in (PROTOCOL, FRESH):
        for kind, number in BEFORE_THERAPY.items():
            assert {step.number for step in protocol.steps_of(kind)} == {number}


def test_no_number_of_a_box_is_a_number_of_a_protocol() -> None:
    """Given a box, nobody who types 36 takes a step of a therapy."""
    numbers = [one.number for one in (*EQUIPMENT_STEPS.values(), FOUND_STEP)]
    assert len(set(numbers)) == len(numbers)
    for protocol in (PROTOCOL, FRESH):
        assert not {step.number for step in protocol.steps} & set(numbers)


def test_titles_are_in_the_order_of_numbers() -> None:
    """Given two protocols, the first one's title stands for a number, and equipment is among them."""
    titles = titles_by_number((PROTOCOL, FRESH))
    assert list(titles) == sorted(titles)
    assert titles[72] == "Start the thaw" and titles[36] == "Say that it is empty: two people look inside"


def test_the_wall_card_has_every_number_that_the_store_knows(world: Worlds) -> None:
    """Given a store, when its step card is printed, every number stands on it once with its code."""
    tracker = world("enrolled").tracker
    pages = tracker.labels.step_cards("MFG-1-01")
    printed = [text for page in pages for text in page.symbol_texts]
    assert printed == [f"{STEP_CODE}{number}" for number in tracker.read.step_titles()]
    assert [len(page.codes) for page in pages] == [30, 30, 18]
