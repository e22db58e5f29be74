"""The technician's day: what waits, racks, the lock, the change of hands."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tests.support.front_desk import Desk
from tests.support.gallery.story import Camera, Story, another
from tests.tui.screens.test_rack import cassette, open_rack, pack_all
from tests.tui.screens.test_release import made
from tracker.demo import stages
from tracker.demo.journey import GOOD_RESULTS, Journey
from tui.screens.rack.tally import RETRIEVE, UNPACK


def in_the_lab(desk: Desk) -> list[Journey]:
    """Six therapies: bags fresh from the chair at different times, and frozen ones in the tank."""
    story = desk.story()
    journeys = [another(story, 7 + number) for number in range(6)]
    for one in journeys[:4]:
        one.enroll()
        stages.collect_and_freeze(one)
    for hours, one in zip((47, 3), journeys[4:], strict=True):
        one.enroll()
        one.identify()
        one.collect()
        stages.bring_to_lab(one)
        desk.clock.advance(timedelta(hours=hours))
    return journeys


async def shift(desk: Desk, shot: Camera) -> None:
    """Home, a rack, a difference, the lock, the change of hands."""
    journeys = in_the_lab(desk)
    box = desk.network.boxes["Dry shipper 1"]
    pack_all(journeys[2:4], box)
    await desk.sign_in("TECH-A1")
    await desk.press("f5")
    await shot(desk, "waiting")
    await desk.pilot.resize_terminal(200, 60)
    await desk.see(journeys[5].bag)
    await shot(desk, "waiting-wide", wide=True)
    await desk.pilot.resize_terminal(80, 24)
    await desk.press("escape")
    await open_rack(desk, UNPACK)
    await desk.see(box)
    await desk.see(cassette(journeys[2]))
    await desk.command("DONE")
    await shot(desk, "rack-difference")
    await desk.press("escape", "escape", "escape", "escape")
    await open_rack(desk, RETRIEVE)
    await desk.see(desk.network.storage["COLL-A"])
    for one in journeys[:2]:
        await desk.see(cassette(one))
    await desk.type("2")
    await shot(desk, "rack")
    await desk.press("ctrl+k")
    await shot(desk, "lock")
    await desk.scan(desk.badge("TECH-A2"))
    await desk.type(desk.network.password("TECH-A2"))
    await shot(desk, "take-over")


async def release(desk: Desk, shot: Camera) -> None:
    """With one result outstanding: the line says which."""
    journey = made(desk)
    journey.test({code: result for code, result in GOOD_RESULTS.items() if code != "mycoplasma"})
    await desk.sign_in("QP-1")
    await desk.see(journey.products[0])
    await desk.type(str(desk.number_of("Release")))
    await shot(desk, "release")


STORIES: Final = (Story("shift", "COLL-A", shift), Story("release", "MFG-1", release))
