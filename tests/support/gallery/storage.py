"""A storage manager: put away by position, a tank as a picture, a count that differs, the shippers."""

from __future__ import annotations

from typing import Final

from tests.support.front_desk import Desk
from tests.support.gallery.story import Camera, Story
from tests.tui.screens.test_rack import cassette, frozen, open_rack
from tracker.demo.journey import scan
from tracker.demo.network import administer
from tracker.registry.lots.requests import ReceiveLot
from tracker.registry.places.requests import SetLocationConditions
from tracker.therapy.custody.requests import StoreUnits
from tui.screens.rack.tally import PUT_AWAY

LIES: Final = ("A1", "A2", "B4", "C7", "D3")


async def storage(desk: Desk, shot: Camera) -> None:
    """Two bags on their way into the tank, the tank as a picture, what a count is about to say."""
    journeys = frozen(desk, len(LIES) + 2)
    stowed, carried = journeys[: len(LIES)], journeys[len(LIES) :]
    network = journeys[0].network
    tank = network.storage["COLL-A"]
    administer(network, SetLocationConditions, location=tank, rows=5, columns=8)
    first = stowed[0]
    units, where = tuple(scan(cassette(one)) for one in stowed), scan(tank)
    first.ask(StoreUnits, "TECH-A1", "COLL-A", units=units, positions=LIES, location=where)
    for one in carried:
        one.retrieve("TECH-A1", "COLL-A", (one.bag,))
    await desk.sign_in("TECH-A1")
    await open_rack(desk, PUT_AWAY)
    await desk.see(tank)
    await desk.see(cassette(carried[0]))
    await desk.type("a3")
    await desk.see(cassette(carried[1]))
    await shot(desk, "rack-positions")
    await desk.type("a4")
    await desk.press("f10")
    await desk.pin("TECH-A1")
    await desk.press("escape", "escape", "ctrl+u", "enter")
    await desk.type("c7")
    await shot(desk, "storage")
    await desk.press("f10")
    await desk.see(tank)
    for one in (*stowed[1:], *carried):
        await desk.see(cassette(one))
    await desk.press("f10")
    await shot(desk, "storage-count")
    await desk.press("f10")
    await desk.pin("TECH-A1")
    await desk.press("escape")
    await desk.pilot.resize_terminal(120, 40)
    await desk.press("escape", "f5")
    await shot(desk, "storage-wide", wide=True)
    await desk.pilot.resize_terminal(80, 24)
    await desk.press("escape", "ctrl+w")
    await shot(desk, "shippers")
    for number, good_till in (("CM-7731", "2027-03-31"), ("CM-7802", "2027-06-30")):
        lot = {"item": "culture_medium", "number": number, "expires": good_till}
        own = {"event_id": network.tracker.new_event_id(), "actor": "TECH-A1", "site": "COLL-A"}
        station = network.station("COLL-A", "TECH-A1")
        network.record(ReceiveLot.model_validate({**own, **lot, "station": station}), "TECH-A1")
    await desk.press("f7")
    await shot(desk, "lots")


STORIES: Final = (Story("storage", "COLL-A", storage),)
