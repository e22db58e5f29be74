"""The pictures of docs/guide/auditor.md, made by the program itself: `python -m tests.screenshots_audit`."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.front_desk import Desk, desk_at
from tests.screenshots import shot
from tests.test_screens_audit import AUDITOR, shipped


async def audit(desk: Desk) -> None:
    """Find a person, open a trail, an entry with its proof, the export."""
    journey, _ = shipped(desk)
    desk.tracker.integrate()
    await desk.sign_in(AUDITOR, "MFG-1")
    await desk.press("ctrl+f")
    await desk.type("tech-a2")
    await shot(desk, "find")
    await desk.press("up", "enter")
    await shot(desk, "audit")
    await desk.press("f4", "down", "down", "enter")
    await desk.press("pagedown")
    await shot(desk, "entry")
    await desk.press("f3", "f11")
    desk.app.session.folder = Path("/srv/cartrail/out")
    await desk.type("7")
    await desk.type("8")
    await shot(desk, "export")
    await desk.press("escape")
    await desk.pilot.resize_terminal(200, 50)
    await desk.press("f4", "f4", "down")
    await shot(desk, "audit-wide")
    assert journey.coi


async def walk(folder: Path) -> None:
    """On the hub, whose log is signed."""
    async with desk_at("TREAT-A", folder, seed=5, hub=True) as desk:
        await audit(desk)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(walk(Path(place)))
