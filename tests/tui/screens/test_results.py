"""Numbers at the terminal: a slip leaves its field."""

from __future__ import annotations

from pathlib import Path

from tests.support.front_desk import desk_at
from tests.tui.screens.test_screens import kinds
from tui.screens.step import StepScreen


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
        await desk.pin("NURSE-A1")
        assert kinds(desk, journey.coi)[-1] == "corrected", desk.told
        assert str(journey.state.units[journey.bag].volume_ml) == "199.5"
