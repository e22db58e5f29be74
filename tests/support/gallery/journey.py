"""From sign-in to the trail: what every therapy passes, as docs/guide/first-therapy.md tells it."""

from __future__ import annotations

from typing import Final

from tests.support.front_desk import Desk
from tests.support.gallery.story import Camera, Story, another
from tests.tui.screens import test_journey as journey
from tests.tui.screens.test_courier import with_product
from tracker.demo import stages


async def begin(desk: Desk, shot: Camera) -> None:
    """Before anything: sign-in, an empty home, a code that stands for nothing, help, palette, a question."""
    await shot(desk, "sign-in")
    await desk.sign_in("TECH-A1")
    await shot(desk, "home-empty")
    await desk.scan("=A99992600000700")
    await shot(desk, "check")
    await desk.press("f1")
    await shot(desk, "help")
    await desk.press("escape", "ctrl+p")
    await desk.pilot.pause(0.6)
    await shot(desk, "palette")
    await desk.press("escape", "f2")
    await desk.see(desk.network.boxes["Dry shipper 1"])
    await shot(desk, "what")


async def chair(desk: Desk, shot: Camera) -> None:
    """The nurse: home, another patient's wristband, the right one, two signatures."""
    coi = await journey.enroll(desk)
    await desk.sign_in("NURSE-A1", "COLL-A")
    await desk.see(coi)
    await shot(desk, "home")
    await desk.choose("Identify the patient")
    await desk.scan("DEMO-HA-00008")
    await shot(desk, "stop")
    await desk.press("f3")
    await desk.scan(journey.WRISTBAND[0])
    await shot(desk, "step")
    await desk.scan(journey.WRISTBAND[1])
    await desk.see(coi)
    await desk.pin("NURSE-A1")
    await shot(desk, "sign")
    await desk.press("escape", "escape", "escape")


async def shipper(desk: Desk, shot: Camera) -> None:
    """The technician packs, with a slip of the hand on the way, and hands the box over."""
    coi = await journey.enroll(desk)
    bag = await journey.collect(desk, coi)
    await journey.hand_unit(desk, bag, "Cell laboratory", "NURSE-A1", "TECH-A1")
    await desk.sign_in("TECH-A1")
    cassettes = await journey.freeze(desk, (bag,), "TECH-A1")
    await journey.take_out(desk, [cassettes[bag]], "TECH-A1")
    box = desk.network.boxes["Dry shipper 1"]
    await desk.see(cassettes[bag])
    await desk.choose("Pack and seal")
    await desk.see(box)
    await desk.command("DONE")
    await desk.type("many")
    await shot(desk, "step-mistake")
    await desk.press("escape", "escape", "escape")
    seal = await journey.pack(desk, [cassettes[bag]], box, "Lindenhof", "TECH-A1", "TECH-A2")
    await desk.see(box)
    await shot(desk, "box")
    await desk.scan(seal)
    await desk.command("ALL-IN-ORDER")
    await desk.pin("TECH-A1")
    await shot(desk, "handoff")
    await desk.second("COUR-X1")
    await shot(desk, "handoff-both")


async def bedside(desk: Desk, shot: Camera) -> None:
    """Three therapies: infused, on its way, at the chair; the board, and the trail of the first."""
    first, _, _ = with_product(desk)
    stages.receive_product(first)
    stages.infuse(first, first.products[0])
    second, third = another(first, 8), another(first, 9)
    second.enroll()
    stages.collect_and_freeze(second)
    stages.pick_up_leukapheresis(second, desk.network.boxes["Dry shipper 2"])
    third.enroll()
    third.identify()
    await desk.sign_in("DOC-A1")
    await desk.press("f6")
    await shot(desk, "board")
    await desk.press("enter")
    await shot(desk, "therapy")
    await desk.press("escape", "escape")
    await desk.see(first.coi)
    await desk.press("f7")
    await shot(desk, "trail")


STORIES: Final = (
    Story("begin", "COLL-A", begin),
    Story("chair", "TREAT-A", chair),
    Story("shipper", "TREAT-A", shipper),
    Story("bedside", "TREAT-A", bedside),
)
