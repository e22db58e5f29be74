"""The auditor's screens: find, gaps, every event, an entry with its proof, who held it, export, review."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from schema.vocabulary import Condition, Meaning
from tests.support.front_desk import Desk
from tests.support.gallery.story import Camera, Story
from tests.tui.screens.test_audit import AUDITOR, answer_all, shipped
from tracker.demo import stages
from tracker.demo.journey import Journey, scan
from tracker.requests.base import Scan
from tracker.therapy.custody.requests import Accept
from tui.screens.audit import AuditScreen


def late_pickup(desk: Desk, journey: Journey, box: str) -> None:
    """The box given to the courier and taken 41 min later: meanwhile nobody held it."""
    seal = journey.state.seals[box]
    stages.relinquish_box(journey, "TECH-A1", "COLL-A", box, seal)
    desk.clock.advance(timedelta(minutes=40))
    journey.ask(
        Accept,
        journey.courier,
        "COLL-A",
        meaning=Meaning.RECEIVED,
        box=scan(box),
        seal=Scan(code=seal),
        condition=Condition.IN_ORDER,
    )


async def audit(desk: Desk, shot: Camera) -> None:
    """Find a person, open a trail, an entry with its proof, a question, the export, the review."""
    journey, box = shipped(desk)
    late_pickup(desk, journey, box)
    desk.tracker.integrate()
    await desk.sign_in(AUDITOR, "MFG-1")
    await desk.press("ctrl+f")
    await desk.type("tech-a2")
    await shot(desk, "find")
    await desk.press("up", "enter")
    screen: object = desk.app.screen
    assert isinstance(screen, AuditScreen) and screen.coi == journey.coi
    while screen.line is None or screen.line.unheld is None:
        await desk.press("f4")
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
