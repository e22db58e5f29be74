"""Numbers at the terminal: a slip leaves its field."""

from __future__ import annotations

from pathlib import Path

from tests.support import journeys
from tests.support.front_desk import desk_at
from tests.tui.screens.test_courier import on_board
from tests.tui.screens.test_screens import kinds
from tracker.demo import stages
from tui.screens.step import StepScreen
from tui.screens.stop import StopScreen


async def test_findings_a10_a_slip_leaves_its_field(tmp_path: Path) -> None:
    """F4 on the event: a volume that no bag holds is asked again, with what was answered besides."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        journey.identify()
        journey.collect()
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.coi)
        await desk.press("f7")
        await desk.press("f4")
        await desk.pick("Volume")
        await desk.type("1995")
        await desk.pick("Keying error")
        assert isinstance(desk.app.screen, StepScreen)
        assert "1995 is not possible for a volume of leukapheresis, which is 10 to 500 mL" in desk.told
        await desk.type("199.5")
        assert "About           End the collection" in desk.screen and "by NURSE-A1" in desk.screen
        await desk.pin("NURSE-A1")
        assert kinds(desk, journey.coi)[-1] == "corrected", desk.told
        assert "Correct a recorded value" in desk.screen
        assert str(journey.state.units[journey.bag].volume_ml) == "199.5"


async def test_findings_a10_a_failed_test_fills_the_screen(tmp_path: Path) -> None:
    """Recorded, and told so that nobody overlooks it, with what quality itself does about it."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        stages.receive_at_manufacturer(journey, box, seal)
        journeys.manufacture(journey)
        await desk.sign_in("QA-2")
        desk.scans = desk.keys = 0
        await desk.see(journey.coi)
        await desk.choose("Record a release test")
        await desk.see(journey.coi)
        said = " ".join(desk.screen.split())
        assert "Endotoxin: at most 3.5 EU/mL" in said and "Mycoplasma: negative" in said
        await desk.pick("Endotoxin")
        await desk.type("250")
        said = " ".join(desk.screen.split())
        assert "at most 3.5" in said and "EU/mL" in said
        assert not [word for word in ("eu_per_ml", "<=", "==") if word in said]
        await desk.pin("QA-2")
        assert (desk.scans, desk.keys) == (2, 16)  # as docs/terminal.md says
        assert isinstance(desk.app.screen, StopScreen), desk.told
        assert "Endotoxin 250 EU/mL does not meet its limit: at most 3.5 EU/mL." in desk.told
        assert "signed and written" in desk.told
        assert "Open a deviation and have it investigated." in desk.told
        assert "Call quality" not in desk.told
        assert kinds(desk, journey.coi)[-1] == "tested"
