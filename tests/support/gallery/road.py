"""The courier's screens, the self-test, and the themes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tests.support.front_desk import Desk
from tests.support.gallery.story import Camera, Story
from tests.tui.screens.test_courier import on_board, shipments, with_product
from tests.tui.screens.test_screens import packed
from tracker.demo import stages
from tui.themes import CONTRAST, DARK, LIGHT


async def road(desk: Desk, shot: Camera) -> None:
    """The list with several boxes, the box chosen, nobody at the door, large letters, slip, self-test."""
    journey, box, _ = with_product(desk)
    desk.clock.advance(timedelta(days=9, hours=17))
    other = desk.story()
    other.number, other.coi = 8, ""
    other.enroll()
    stages.collect_and_freeze(other)
    stages.pack(other, "TECH-A1", "TECH-A2", "COLL-A", journey.network.boxes["Dry shipper 2"], "MFG-1")
    await shipments(desk, "COUR-X1")
    await desk.see(box)
    await shot(desk, "shipments")
    await desk.command("ATTEMPTED")
    await desk.pick("Harborview Hospital")
    await desk.type("dock-a")
    await shot(desk, "attempt")
    await desk.press("escape", "escape")
    await desk.press("ctrl+g")
    await shot(desk, "big")
    await desk.press("ctrl+g", "f8")
    await desk.press("pagedown")
    await shot(desk, "slip")
    await desk.press("escape", "escape", "escape", "ctrl+t")
    await desk.type("1")
    await desk.pilot.pause(1)
    await shot(desk, "self-test")


async def door(desk: Desk, shot: Camera) -> None:
    """A box that is not in order at its destination: what is wrong, its value, what is done with it."""
    journey, box, seal = on_board(desk)
    stages.relinquish_box(journey, "COUR-X1", "MFG-1", box, seal)
    await shipments(desk, "DOCK-M")
    await desk.see(box)
    await desk.command("NOT-IN-ORDER")
    await desk.pick("Display")
    await desk.type("-118")
    await desk.pick("Nothing else")
    await shot(desk, "refuse")


async def themes(desk: Desk, shot: Camera) -> None:
    """The same screen in each theme."""
    _, box, _ = packed(desk)
    await shipments(desk, "TECH-A1")
    await desk.see(box)
    for theme in (DARK, LIGHT, CONTRAST):
        desk.app.theme = theme.name
        await shot(desk, f"theme-{theme.name.removeprefix('cartrail-')}")


async def gray(desk: Desk, shot: Camera) -> None:
    """The same screen with NO_COLOR set."""
    _, box, _ = packed(desk)
    await shipments(desk, "TECH-A1")
    await desk.see(box)
    await shot(desk, "no-color")


STORIES: Final = (
    Story("road", "TREAT-A", road, seed=6),
    Story("door", "MFG-1", door, seed=6),
    Story("themes", "COLL-A", themes, seed=6),
    Story("gray", "COLL-A", gray, seed=6, color=False),
)
