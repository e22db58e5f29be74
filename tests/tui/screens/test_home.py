"""Home in words: what is said where nothing waits, and what Textual's own keys do not say in help."""

from __future__ import annotations

from pathlib import Path

from tests.support.front_desk import desk_at, rest
from tui.screens.home import HomeScreen, NewTherapy
from tui.screens.home.screens import Find, ShowBoard
from tui.screens.home.waiting import EMPTY, empty_words


def test_findings_f9_a_courier_with_a_box_is_not_told_that_nothing_waits() -> None:
    """The boxes of a carrier are on the list of shipments, which is named with its key."""
    assert empty_words(0) == EMPTY
    assert empty_words(1) == "1 box is on your list of shipments: Ctrl+O shows it. Or scan the box."
    assert empty_words(2).startswith("2 boxes are on your list of shipments: Ctrl+O shows them.")


async def test_findings_f9_help_has_our_keys_and_an_auditor_enrolls_nobody(tmp_path: Path) -> None:
    """Textual's own keys are no commands; who only reads is not offered to begin a therapy."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("AUDIT-1", "MFG-1")
        home = desk.app.screen
        assert isinstance(home, HomeScreen)
        assert NewTherapy not in home.offered() and ShowBoard in home.offered()
        await rest(desk.pilot, desk.busy)
        assert home.footer_commands()[0] is Find, "an auditor begins by finding"
        await desk.press("f1")
        for _ in range(4):
            for foreign in ("super+c", "Focus Next", "Copy selected"):
                assert foreign not in desk.screen
            await desk.press("pagedown")
