"""Shippers and loggers at the terminal: shown with their dates, judged when scanned, charged by scan."""

from __future__ import annotations

from pathlib import Path

from tests.support.front_desk import Desk, desk_at
from tests.tui.screens.test_rack import frozen, open_rack
from tui.screens.rack.tally import PACK
from tui.screens.stop import StopScreen


def is_stopped(desk: Desk) -> bool:
    """Whether a STOP fills the screen."""
    return isinstance(desk.app.screen, StopScreen)


async def test_findings_a3_a_logger_is_judged_at_its_scan(tmp_path: Path) -> None:
    """STOP while it is in the hand, with another one that is fit; the field waits, and the other is taken."""
    async with desk_at("COLL-A", tmp_path) as desk:
        (one,) = frozen(desk, 1)
        one.retrieve("TECH-A1", "COLL-A", (one.bag,))
        one.wait(days=4)
        await desk.sign_in("TECH-A1")
        shipper = desk.network.boxes["Dry shipper 1"]
        await desk.see(shipper)
        assert "Good till" in desk.screen and "holds until" in desk.screen
        await desk.choose("Pack units into this box")
        await desk.see(one.cassettes[one.bag])
        await desk.command("DONE")
        await desk.type("1")
        await desk.scan("SEAL-9")
        await desk.see(desk.network.loggers["Logger 4"])
        assert is_stopped(desk)
        assert "Logger 4" in desk.screen and "calibrated again by 2026-03-05" in desk.screen
        assert "Logger 1" in desk.screen
        await desk.press("f3")
        await desk.see(desk.network.loggers["Logger 1"])
        assert not is_stopped(desk), desk.told
        assert "Carried by" in desk.screen


async def test_findings_a3_a_shipper_is_judged_at_its_scan(tmp_path: Path) -> None:
    """What is being cleaned shows that, is no step for packing, and is refused as the place of a rack."""
    async with desk_at("COLL-A", tmp_path) as desk:
        frozen(desk, 1)
        await desk.sign_in("TECH-A1")
        cleaned = desk.network.boxes["Cool box 5"]
        await desk.see(cleaned)
        assert "■ CLEANING" in desk.screen
        await desk.type(str(desk.number_of("Pack units into this box")))
        assert "not in service" in desk.told, desk.told
        await desk.press("escape")
        await open_rack(desk, PACK)
        await desk.see(cleaned)
        assert is_stopped(desk) and "Cool box 1" in desk.screen


async def test_findings_e6_cleaned_and_charged_by_scan(tmp_path: Path) -> None:
    """Out of cleaning and charged: two scans and two PINs, and it is fit."""
    async with desk_at("COLL-A", tmp_path) as desk:
        frozen(desk, 1)
        await desk.sign_in("TECH-A1")
        box = desk.network.boxes["Cool box 5"]
        await desk.see(box)
        await desk.choose("Clean, repair, quarantine or use it again")
        await desk.pick("In service")
        await desk.pin("TECH-A1")
        await desk.see(box)
        await desk.choose("Say that it was charged")
        await desk.pin("TECH-A1")
        (line,) = [one for one in desk.tracker.read.equipment() if one.equipment.id == box]
        assert line.violation is None and line.equipment.charged_at is not None
        assert line.equipment.charged_at >= desk.network.clock.now().replace(hour=0)
