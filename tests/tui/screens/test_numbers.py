"""Numbers at home: they name a step and never act on a thing that nobody scanned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.front_desk import Desk, desk_at
from tests.tui.screens.test_screens import packed
from tui.numbers import step_number
from tui.screens.handoff import HandoffScreen
from tui.screens.home import HomeScreen
from tui.screens.step import StepScreen


@pytest.mark.parametrize(
    ("text", "number"),
    [("23", 23), (" 23 ", 23), ("STEP-23", 23), ("540", 540), ("STEP-540", 540)]
    + [(text, None) for text in ("9", "09", "100", "600", "2 3", "step-23", "STEP-", "23a", "٢٣", "²³")],
)
def test_what_is_a_step_number(text: str, number: int | None) -> None:
    """Given digits of two, or of three from 500 on, alone or as the wall card has them."""
    assert step_number(text) == number


async def test_findings_f3_a_number_with_nothing_scanned_narrows_the_list(tmp_path: Path) -> None:
    """Given a box and a bag that wait, when 41 is typed, then only the box is listed; nothing opens."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, _ = packed(desk)
        await desk.sign_in("TECH-A1")
        screen = front(desk)
        await desk.type("25")
        assert desk.told.startswith("CHECK: 25 Freeze: nothing waits for it here."), desk.told
        await desk.type("41")
        assert front(desk) is screen and front(desk).subject is None
        assert [line.subject for line in screen.waiting.lines] == [box]
        assert desk.told.startswith("OK: 41 Hand over: 1 waits for you here."), desk.told
        await desk.press("enter")
        assert front(desk).subject is None, "Enter without an arrow chooses nothing"
        await desk.press("down", "enter")
        assert front(desk).subject is not None and front(desk).subject.object_id == box
        assert front(desk).subject.offers[0].kind == "relinquished"
        await desk.press("escape")
        assert screen.waiting.only is None


async def test_findings_f3_a_number_means_the_same_step_whatever_is_possible(tmp_path: Path) -> None:
    """Given a bag in a box, when the number of a step that cannot be taken is typed, then it says why."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, _ = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        numbers = {offer.kind: offer.number for offer in front(desk).subject.offers}
        assert numbers["relinquished"] == 41 and numbers["unpacked"] == 42
        await desk.type("43")
        assert desk.told.startswith("CHECK") and isinstance(front(desk), HomeScreen), desk.told
        await desk.type("19")
        assert "There is no step 19." in desk.told
        await desk.type("61")
        assert "61 Record a release test: not for what is on the screen." in desk.told
        await desk.scan("STEP-41")
        assert isinstance(front(desk), HandoffScreen)


async def test_findings_f3_space_takes_the_first_step(tmp_path: Path) -> None:
    """Given a box that was scanned, when Space is pressed, then its next step opens."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, _ = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        await desk.press("space")
        assert isinstance(front(desk), HandoffScreen)


async def test_enrolling_by_its_number(tmp_path: Path) -> None:
    """Given nothing scanned, 10 opens the form of a new therapy: there is nothing to scan for it yet."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("NURSE-A1")
        await desk.type("10")
        assert isinstance(front(desk), StepScreen)


def front(desk: Desk) -> Any:
    """The screen in front."""
    return desk.app.screen
