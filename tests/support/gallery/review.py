"""The auditor's screens: find, gaps, every event, an entry with its proof, who held it, export, review."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.support.front_desk import Desk
from tests.support.gallery.story import Camera, Story
from tests.tui.screens.test_audit import AUDITOR, answer_all, shipped
from tui.screens.audit import AuditScreen


async def audit(desk: Desk, shot: Camera) -> None:
    """Find a person, open a trail, an entry with its proof, a question, the export, the review."""
    journey, _ = shipped(desk)
    desk.tracker.integrate()
    await desk.sign_in(AUDITOR, "MFG-1")
    await desk.press("ctrl+f")
    await desk.type("tech-a2")
    await shot(desk, "find")
    await desk.press("up", "enter")
    screen: object = desk.app.screen
    assert isinstance(screen, AuditScreen) and screen.coi == journey.coi
    await shot(desk, "audit")
    await desk.press("f6")
    await shot(desk, "audit-checks")
    await desk.press("escape", "home", "down", "down", "enter")
    await shot(desk, "entry")
    await desk.press("escape", "f11")
    assert screen.found is not None
    last = desk.app.session.local(screen.found.dossier.entries[-1].statement.occurred_at)
    await desk.type(f"{last:%Y-%m-%d %H:%M:%S}")
    await shot(desk, "who-held-it")
    await desk.press("escape", "f12")
    desk.app.session.folder = Path("/srv/cartrail/out")
    await desk.type("7")
    await desk.type("8")
    await shot(desk, "export")
    await desk.press("escape", "f10")
    await shot(desk, "review-answers")
    await answer_all(desk, screen.found)
    await shot(desk, "review")
    await desk.press("escape")
    await desk.pilot.resize_terminal(200, 50)
    await desk.press("f6", "escape", "home", "right", "right")
    await shot(desk, "audit-wide", wide=True)


STORIES: Final = (Story("audit", "TREAT-A", audit, hub=True),)
