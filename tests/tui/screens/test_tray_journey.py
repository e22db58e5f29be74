"""A newcomer takes a therapy from vein to vein by what the training tray offers first, without any code."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from schema.vocabulary import ReadMode
from tests.support.front_desk import Desk, calm, desk_at
from tests.tui.screens.test_journey import state_of
from tracker.rules.therapy_state import TherapyStatus
from tui.screens.stop import StopScreen
from tui.screens.tray.choosing import GoThereScreen

pytestmark = [pytest.mark.slow, pytest.mark.waits]

CHOICES_MAX: Final = 420


async def answered(desk: Desk) -> None:
    """Until the terminal waits for its people; nothing is painted or laid out, since nobody looks."""
    await calm(desk.busy)
    while any(one.group == "tray" and not one.is_finished for one in desk.app.workers):
        await asyncio.sleep(0.002)
        await calm(desk.busy)


async def choose_likeliest(desk: Desk) -> str:
    """What the tray would highlight, sent as Enter sends it; gives what it was."""
    app: Any = desk.app
    if isinstance(app.screen, GoThereScreen):
        app.screen.dismiss(True)  # what Enter does at its first line
        await answered(desk)
        return "go there"
    line = app.tray(app.screen).likeliest
    desk.clock.advance(timedelta(seconds=20))
    app.take(line)
    await answered(desk)
    assert not isinstance(app.screen, StopScreen), (line, desk.told)
    return str(line.title)


async def test_a_newcomer_plays_a_therapy_from_vein_to_vein(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a demo, the tray's first line and F5 lead from the order through infusion to the close."""
    monkeypatch.setattr("tui.training.LOOK_AGAIN", 3600.0)  # each tray is asked for here, not painted
    async with desk_at("TREAT-A", tmp_path, tray=True) as desk:
        await desk.sign_in("DOC-A1")
        await desk.press("f4")
        choices = 0
        while not (rows := desk.tracker.read.board()) or rows[0].status == TherapyStatus.ACTIVE:
            assert choices < CHOICES_MAX, desk.screen
            await choose_likeliest(desk)
            choices += 1
        state = state_of(desk)
        assert state.status is TherapyStatus.CLOSED and not state.outside
        entries = desk.tracker.read.trail(coi=state.coi).entries
        kinds = [one.entry.statement.kind for one in entries]
        for kind in ("collected", "released", "bedside_matched", "infusion_completed", "closed"):
            assert kind in kinds, kinds
        reads = [read for one in entries for read in one.entry.statement.reads]
        assert reads and {read.mode for read in reads} == {ReadMode.SIMULATED}
        steps = desk.tracker.read.journey_steps(coi=state.coi)
        assert len(steps) == 28 and all(one.is_done for one in steps), steps
