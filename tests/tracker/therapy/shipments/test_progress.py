"""What is heard of a shipment on its way: by whom, when, the estimates, and what puts the cells in doubt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schema.errors import InputError
from schema.events.shipments import ShipmentProgress
from schema.instants import format_instant
from tests.support.rule_cases import Case
from tests.support.shipping import COORDINATOR, COURIER, Shipping, at
from tracker.acts.read_tables import shipment_rows
from tracker.demo.journey import scan
from tracker.requests.base import Scan
from tracker.rules.decision import Allowed
from tracker.rules.shipment_state import ShipmentState
from tracker.therapy.shipments.requests import ReportShipment

Cases = Callable[[str], Case]
IMPORTED = {"entry": {"mode": "imported"}}


@pytest.fixture
def shipping(case: Cases) -> Shipping:
    """A shipment that is booked with a waybill."""
    found = Shipping(case("frozen"))
    found.booked(waybill="020-12345675", sscc="340123450000000017")
    return found


@pytest.fixture
def packed(shipping: Shipping) -> Shipping:
    """It is packed, as it was booked."""
    shipping.packed(shipment=shipment_of(shipping).shipment)
    return shipping


def shipment_of(shipping: Shipping) -> ShipmentState:
    """The only shipment of the first therapy."""
    (found,) = shipping.case.state.shipments.values()
    return found


def told(shipping: Shipping, milestone: str, moment: Any, **more: Any) -> Any:
    """What the carrier's file says of a moment."""
    values = shipping.said(milestone, source="carrier_file", occurred_at=format_instant(moment), **IMPORTED)
    return shipping.case.do(ReportShipment, COURIER, at="MFG-1", **{**values, **more})


class TestHeard:
    @pytest.mark.parametrize("code", ["020-12345675", "(00)340123450000000017", "box", "shipment"])
    def test_named_by_waybill_sscc_box_or_its_own_id(self, packed: Shipping, code: str) -> None:
        """Whatever is at hand; the entry says the shipment."""
        named = {"box": packed.box, "shipment": shipment_of(packed).shipment}.get(code, code)
        (draft,) = packed.heard("departed", shipment=Scan(code=named))
        assert isinstance(draft.payload, ShipmentProgress)
        assert (draft.payload.shipment, draft.payload.place) == (shipment_of(packed).shipment, "hub-1")
        assert [one.milestone.value for one in shipment_of(packed).heard] == ["departed"]

    def test_the_estimates_are_a_history(self, packed: Shipping) -> None:
        """Each with who said it and when; the newest counts."""
        packed.heard("departed", estimated_delivery=format_instant(at(4, 22)))
        packed.heard("delayed", place="jfk", estimated_delivery=format_instant(at(5, 2)))
        told = [(one.place, one.estimated_delivery, one.actor) for one in shipment_of(packed).estimates]
        assert told == [("hub-1", at(4, 22), COURIER), ("jfk", at(5, 2), COURIER)]

    def test_each_chain_of_a_shared_box_has_its_own_entry(self, case: Cases) -> None:
        """Two patients in one box; none names the other."""
        found = Shipping(case("frozen"))
        one, two = found.case.one, found.case.two
        shipment = found.booked(therapies=(scan(one.coi), scan(two.coi)))
        found.packed(one, two, shipment=shipment)
        drafts = found.heard("departed")
        assert {draft.chain for draft in drafts} == {one.coi, two.coi}
        for mine, other in ((one, two), (two, one)):
            assert other.coi not in str([draft for draft in drafts if draft.chain == mine.coi])

    def test_a_delay_before_anything_is_packed(self, shipping: Shipping) -> None:
        """The courier is late for the pick-up; that it has departed nobody can say yet."""
        waybill = {"shipment": Scan(code="020-12345675")}
        shipping.heard("delayed", **waybill)
        values = shipping.said("departed", **waybill)
        assert shipping.case.refusal(ReportShipment, COURIER, at="MFG-1", **values).rule == "nothing_packed"
        empty = shipping.said("delayed")
        assert shipping.case.refusal(ReportShipment, COURIER, at="MFG-1", **empty).rule == "box_empty"

    def test_customs_release_what_they_hold(self, packed: Shipping) -> None:
        """Said by a person without a hold, or twice, it is asked; a carrier's file may name it alone."""
        released = packed.said("customs_released")
        for _ in range(2):
            assert packed.case.refusal(ReportShipment, COURIER, at="MFG-1", **released).rule == "not_held"
            packed.heard("customs_held")
            packed.case.later(hours=1)
            packed.heard("customs_released")
            packed.case.later(hours=1)
        told(packed, "customs_released", packed.case.now)

    def test_the_same_word_twice(self, packed: Shipping) -> None:
        """A file that is sent again."""
        moment = packed.case.now
        told(packed, "departed", moment)
        values = packed.said(
            "departed", source="carrier_file", occurred_at=format_instant(moment), **IMPORTED
        )
        assert packed.case.refusal(ReportShipment, COURIER, at="MFG-1", **values).rule == "already_done"

    def test_the_courier_of_another_carrier(self, packed: Shipping) -> None:
        """They have no part; a coordinator passes on what was said on the telephone."""
        values = packed.said("departed", source="phone")
        assert packed.case.refusal(ReportShipment, "COUR-Y1", at="MFG-1", **values).rule == "no_part"
        packed.case.do(ReportShipment, COORDINATOR, **values)


class TestTimes:
    def test_logistics_s8_arrived_before_it_departed(self, packed: Shipping) -> None:
        """Given departed 10:00, when arrived 09:00 is reported, then it is bad input that names both."""
        packed.case.later(hours=1)
        told(packed, "departed", at(3, 13, 20))
        with pytest.raises(InputError) as caught:
            told(packed, "arrived", at(3, 13, 10), place="fra")
        assert caught.value.exit_code == 2 and caught.value.code == "out_of_order"
        assert "arrived at fra at 2026-12-03 14:10 (+01:00)" in caught.value.message
        assert "it departed from hub-1 at 2026-12-03 14:20 (+01:00)" in caught.value.message
        told(packed, "arrived", at(3, 13, 21), place="fra")

    def test_logistics_s8_whichever_was_heard_first(self, packed: Shipping) -> None:
        """The departure after the arrival elsewhere is the same contradiction; a further leg is none."""
        packed.case.later(hours=1)
        told(packed, "arrived", at(3, 13, 10), place="fra")
        with pytest.raises(InputError, match="departed from hub-1 at 2026-12-03 14:20"):
            told(packed, "departed", at(3, 13, 20))
        told(packed, "departed", at(3, 13, 20), place="fra")

    def test_logistics_s8_customs(self, packed: Shipping) -> None:
        """Released before it was held."""
        packed.case.later(hours=1)
        told(packed, "customs_held", at(3, 13, 20), place="fra")
        with pytest.raises(InputError, match="left the customs at fra at 2026-12-03 14:10"):
            told(packed, "customs_released", at(3, 13, 10), place="fra")

    def test_what_is_expected_is_still_to_come(self, packed: Shipping) -> None:
        """By when it was said: a file tells of this morning what was expected for noon."""
        with pytest.raises(InputError, match="It cannot be expected at 2026-12-03 10:00"):
            packed.heard("delayed", estimated_delivery=format_instant(at(3, 9)))
        told(packed, "delayed", at(3, 13, 2), estimated_delivery=format_instant(at(3, 13, 3)))

    def test_late_and_past_the_hold_time_are_said(self, packed: Shipping) -> None:
        """It is recorded, and whoever records it is told what it means."""
        for estimate, rule in ((at(5, 10), None), (at(5, 12), "eta_late"), (at(15), "eta_past_hold")):
            values = packed.said("delayed", estimated_delivery=format_instant(estimate))
            decision = packed.case.decide(ReportShipment, COURIER, at="MFG-1", **values)
            assert isinstance(decision, Allowed)
            assert [one.rule for one in decision.notices] == ([] if rule is None else [rule])

    def test_after_the_limit_of_the_cells_is_said(self, packed: Shipping) -> None:
        """What is frozen by then is not: with a limit to the start of manufacturing, it is told by name."""
        case = packed.case
        start = case.unit(case.one.bag).facts["collected"].at
        limit = case.protocol.limits[0].model_copy(
            update={"until": "manufacturing_started", "within": at(4, 12) - start}
        )
        case.protocol = case.protocol.model_copy(update={"limits": (limit,)})
        values = packed.said("delayed", estimated_delivery=format_instant(at(4, 13)))
        decision = case.decide(ReportShipment, COURIER, at="MFG-1", **values)
        assert isinstance(decision, Allowed)
        assert [one.rule for one in decision.notices] == ["eta_past_limit"]


class TestHarm:
    @pytest.mark.parametrize("milestone", ["lost", "damaged"])
    def test_its_units_go_into_quarantine_with_a_deviation(self, packed: Shipping, milestone: str) -> None:
        """In the same act, in each chain; nothing is outside the rules."""
        drafts = packed.heard(milestone)
        assert [one.payload.kind for one in drafts] == [
            "shipment_progress",
            "deviation_drafted",
            "quarantined",
        ]
        assert drafts[1].payload.cause == (f"shipment_{milestone}",)  # type: ignore[attr-defined]
        assert packed.case.unit(packed.case.one.bag).quarantined
        assert not any(one.outside_rules for one in drafts)

    def test_custody_says_how_far_it_is(self, packed: Shipping) -> None:
        """Packed while anything is in its box, ended when all of it came out."""
        (row,) = shipment_rows(packed.case.state)
        assert row.status == "packed"
        packed.case.change(packed.case.one.bag, box=None, shipment=None)
        (row,) = shipment_rows(packed.case.state)
        assert row.status == "ended"
