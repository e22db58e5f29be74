"""A carrier booked by a coordinator at the terminal: as planned, or for the next pick-up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.support.front_desk import desk_at
from tests.support.gallery.planning import COORDINATOR, booked
from tests.tui.screens.test_planning import enrolled, open_plan
from tests.tui.screens.test_screens import kinds
from tracker.views.models import Leg
from tui.screens.sign import SignScreen
from tui.screens.step import StepScreen


async def test_a_coordinator_books_the_carrier_of_a_plan_and_another_one(tmp_path: Path) -> None:
    """Windows from the plan, a shipper that fits, a waybill; the courier sees by when to fetch it."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey = enrolled(desk)
        booked(desk, journey)
        await desk.sign_in(COORDINATOR)
        await open_plan(desk, journey.coi)
        await desk.press("ctrl+b")
        assert isinstance(desk.app.screen, StepScreen), desk.told
        first, *others = desk.tracker.read.pick_ups(coi=journey.coi)
        assert first.is_planned and "CARR-X, planned" in desk.screen and others
        planned = next(one for one in desk.tracker.read.plan(coi=journey.coi) if one.departs is not None)
        assert first.pick_up == (planned.departs - timedelta(hours=2), planned.departs)  # type: ignore[operator]
        assert first.delivery[1] == planned.start and first.boxes
        await desk.type("1")
        assert "clocks of MFG-1" in desk.screen
        await desk.press("f10")
        assert first.boxes[0].title in desk.screen
        await desk.type("1")
        await desk.type("1")
        await desk.type("020-12345675")
        await desk.press("f10")
        assert isinstance(desk.app.screen, SignScreen), desk.told
        assert "020-12345675" in desk.screen and first.boxes[0].title in desk.screen
        await desk.pin(COORDINATOR)
        assert kinds(desk, journey.coi)[-1] == "shipment_booked", desk.told
        (line,) = desk.tracker.read.booked_shipments()
        assert (line.pick_up, line.delivery, line.box) == (first.pick_up, first.delivery, first.boxes[0].id)

        offers = desk.tracker.read.pick_ups(coi=journey.coi)
        assert {one.shipment for one in offers if one.from_site == "COLL-A"} == {line.shipment}
        at = next(number for number, one in enumerate(offers, 1) if not one.is_planned)
        assert offers[at - 1].pick_up > first.pick_up, "none is offered that comes too early"
        await desk.press("ctrl+b")
        assert "booked anew" in desk.screen
        await desk.type(str(at))
        for _ in range(5):
            await desk.press("f10")
        await desk.pin(COORDINATOR)
        (moved,) = desk.tracker.read.booked_shipments()
        assert moved.shipment == line.shipment and moved.pick_up == offers[at - 1].pick_up
        desk.clock.advance(moved.pick_up[0] - desk.clock.now() - timedelta(hours=1))
        (seen,) = desk.tracker.read.shipments(carrier="CARR-X", site="COLL-A")
        assert (seen.leg, seen.stop.site, seen.fetch_by) == (Leg.BOOKED, "COLL-A", moved.pick_up[1])
