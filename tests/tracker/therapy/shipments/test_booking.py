"""A carrier booked before anything is packed: what it promises can be kept, and nothing is promised twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.errors import BadCode, CartrailError, InputError
from schema.events.shipments import ShipmentBooked
from schema.vocabulary import EquipmentStatus, Weekday
from tests.support.plans import wanted_chain
from tests.support.rule_cases import Case
from tests.support.shipping import COORDINATOR, Shipping, at, window
from tracker.acts.read_tables import shipment_rows
from tracker.demo.journey import scan
from tracker.rules.checks.carriers_booked import carriers_booked
from tracker.rules.registry_state import Closure
from tracker.therapy.planning.requests import Schedule
from tracker.therapy.planning.wishes import chain_of
from tracker.therapy.shipments.requests import BookShipment

Cases = Callable[[str], Case]


@pytest.fixture
def shipping(case: Cases) -> Shipping:
    """Two frozen bags, a lane, a charged shipper, a logger."""
    return Shipping(case("frozen"))


class TestBooked:
    def test_each_chain_has_its_own_entry_and_none_names_another(self, shipping: Shipping) -> None:
        """One shipment for two patients: the same words in both chains, without the card of the other."""
        case = shipping.case
        drafts = shipping.books(therapies=(scan(case.one.coi), scan(case.two.coi)), waybill="020-12345675")
        assert {one.chain for one in drafts} == {case.one.coi, case.two.coi}
        payloads = {one.payload for one in drafts}
        (payload,) = payloads
        assert isinstance(payload, ShipmentBooked)
        assert (payload.carrier, payload.from_site, payload.to_site) == ("CARR-X", "COLL-A", "MFG-1")
        assert (payload.box, payload.data_logger) == (shipping.box, shipping.logger)
        for mine, other in ((case.one, case.two), (case.two, case.one)):
            said = str([one for one in drafts if one.chain == mine.coi])
            assert mine.coi in said and other.coi not in said

    def test_it_stands_in_its_table_by_box_logger_and_waybill(self, shipping: Shipping) -> None:
        """What others look up: the status is that of custody."""
        shipping.booked(waybill="020-12345675")
        (row,) = shipment_rows(shipping.case.state)
        assert (row.status, row.box, row.data_logger) == ("booked", shipping.box, shipping.logger)
        assert (row.waybill, row.begins_at, row.ends_at) == ("020-12345675", at(3, 19), at(5, 11))

    def test_booked_anew_it_takes_the_place_of_what_stood(self, shipping: Shipping) -> None:
        """With another box; the first one is free again for others."""
        shipment = shipping.booked()
        shipping.booked(shipment=shipment, box=scan(shipping.other_box))
        assert shipping.case.state.shipments[shipment].booking.box == shipping.other_box  # type: ignore[union-attr]
        two = (scan(shipping.case.two.coi),)
        shipping.booked(therapies=two, data_logger=None)
        assert shipping.refused(therapies=two, shipment=shipment).rule == "shipment_unknown"

    def test_what_is_not_said_again_stays(self, shipping: Shipping) -> None:
        """Booked anew with a box alone, waybill and logger stay; only what is said to be none goes."""
        shipment = shipping.booked(waybill="020-12345675", sscc="340123450000000000")
        anew = shipping.wanted(shipment=shipment, box=scan(shipping.other_box))
        del anew["data_logger"]
        shipping.case.do(BookShipment, COORDINATOR, **anew)
        booking = shipping.case.state.shipments[shipment].booking
        assert booking is not None
        assert (booking.box, booking.data_logger) == (shipping.other_box, shipping.logger)
        assert (booking.waybill, booking.sscc) == ("020-12345675", "340123450000000000")
        shipping.case.do(BookShipment, COORDINATOR, **anew, data_logger=None, waybill=None)
        booking = shipping.case.state.shipments[shipment].booking
        assert booking is not None
        assert (booking.box, booking.data_logger) == (shipping.other_box, None)
        assert (booking.waybill, booking.sscc) == (None, "340123450000000000")

    def test_the_carrier_has_a_part_from_its_booking_on(self, shipping: Shipping) -> None:
        """So that its courier can say that it comes later."""
        assert "CARR-X" not in shipping.case.state.named_sites
        shipping.booked()
        assert "CARR-X" in shipping.case.state.named_sites


class TestLane:
    @pytest.mark.parametrize(
        ("first", "last", "said"),
        [
            (at(3, 23), at(4, 18), "The next pick-up is 2026-12-04 17:00 (-05:00)."),
            (at(5, 8), at(5, 23), "The next pick-up is 2026-12-07 17:00 (-05:00)."),
        ],
    )
    def test_after_the_cut_off_or_on_another_day(
        self, shipping: Shipping, first: Any, last: Any, said: str
    ) -> None:
        """It says when the carrier comes instead: at 17:00 by the clocks of the site, on working days."""
        weekdays = frozenset([*Weekday][:5])
        lanes = shipping.case.registry.lanes
        lanes = {name: replace(one, picks_up_on=weekdays) for name, one in lanes.items()}
        shipping.case.registry = replace(shipping.case.registry, lanes=lanes)
        found = shipping.refused(pick_up=window(first, last), delivery=window(at(8, 8), at(8, 12)))
        assert found.rule == "lane_not_served" and found.remedy == said
        assert "picks up at 17:00 on Monday, Tuesday, Wednesday, Thursday, Friday" in found.message

    def test_before_what_it_fetches_is_there(self, case: Cases) -> None:
        """The collection is booked for Sunday: a carrier on Thursday has nothing to fetch."""
        shipping = Shipping(case("enrolled"))
        given = shipping.case
        chain = wanted_chain(given)
        given.do(Schedule, COORDINATOR, coi=scan(given.one.coi), **chain)
        early = shipping.refused()
        assert early.rule == "picked_up_too_early"
        assert early.message.startswith(f"Collection of {given.one.coi} is planned until ")
        assert "the carrier would come by 2026-12-03 18:00 (-05:00)." in early.message
        receipt = chain_of(given.state.plan)["receipt"]
        assert receipt.departs is not None
        then = {
            "pick_up": window(receipt.departs - timedelta(hours=2), receipt.departs),
            "delivery": window(receipt.start, receipt.start + timedelta(hours=4)),
        }
        shipment = shipping.booked(**then, box=None, data_logger=None)
        standing = carriers_booked(given.state, given.protocol, chain_of(given.state.plan))
        assert (standing["receipt"].shipment, standing["receipt"].fits) == (shipment, True)
        moved = replace(receipt, departs=receipt.departs + timedelta(days=2))
        found = carriers_booked(given.state, given.protocol, {"receipt": moved})
        assert not found["receipt"].fits

    def test_too_early_for_the_way(self, shipping: Shipping) -> None:
        """A day on the way, and delivered in the morning after: not by this lane."""
        found = shipping.refused(delivery=window(at(3, 23), at(4, 21)))
        assert found.rule == "transit_too_short"
        assert (
            "picked up at 2026-12-03 17:00 (-05:00) it is there at 2026-12-04 23:00 (+01:00)" in found.message
        )

    def test_a_destination_that_is_closed(self, shipping: Shipping) -> None:
        """On every day of the window, by the calendar of the site there."""
        sites = {**shipping.case.registry.sites}
        closure = Closure("e", None, date(2026, 12, 4), date(2026, 12, 5), "Stock taking")
        sites["MFG-1"] = replace(sites["MFG-1"], closures=(closure,))
        shipping.case.registry = replace(shipping.case.registry, sites=sites)
        found = shipping.refused()
        assert found.rule == "place_closed" and "Stock taking" in found.message

    def test_what_no_lane_leads_to(self, shipping: Shipping) -> None:
        """Each lane of the network is named."""
        found = shipping.refused(lane="NOWHERE")
        assert found.rule == "lane_unknown" and "COLL-A-MFG-1" in found.remedy

    def test_the_past_and_the_wrong_way_round(self, shipping: Shipping) -> None:
        """Windows that cannot be meant."""
        assert shipping.refused(pick_up=window(at(2, 8), at(2, 9))).rule == "wrong_window"
        assert shipping.refused(delivery=window(at(3, 14), at(3, 15))).rule == "wrong_window"
        with pytest.raises((CartrailError, ValueError), match="before its earliest"):
            shipping.refused(pick_up=window(at(3, 23), at(3, 19)))

    @pytest.mark.parametrize(
        ("kept", "rule"),
        [(("2", "8"), "wrong_temperature"), ((None, "-130"), "wrong_temperature"), ((None, "-150"), None)],
    )
    def test_a_lane_that_keeps_other_temperatures(
        self, shipping: Shipping, kept: tuple[str | None, str | None], rule: str | None
    ) -> None:
        """Frozen cells at or below -150 C do not travel with a carrier that keeps 2 to 8 C, or -130 C."""
        shipping.lane(celsius_min=kept[0], celsius_max=kept[1])
        if rule is None:
            shipping.books()
        else:
            found = shipping.refused()
            assert (found.rule, found.field) == (rule, "lane")
            assert found.expected == "at or below -150 C"

    def test_a_box_holds_for_as_long_as_the_carrier_may_take(self, shipping: Shipping) -> None:
        """144 h from its charge on the 3rd: enough for a carrier that may take five days, not for six."""
        shipping.lane(transit_max=timedelta(hours=120))
        shipping.books()
        shipping.lane(transit_max=timedelta(hours=144))
        found = shipping.refused()
        assert (found.rule, found.field) == ("hold_too_short", "box")
        assert "holds to 2026-12-09 08:00 (-05:00)" in found.message
        assert "may take 6 d on COLL-A-MFG-1, until 2026-12-09 17:00 (-05:00)" in found.message

    def test_logistics_s1_across_the_ocean_when_the_clocks_change(self, shipping: Shipping) -> None:
        """17:00 at COLL-A is 23:00 at MFG-1 on the 13th of March 2027, and 22:00 the next day.

        The clocks of COLL-A went forward on the 14th, those of MFG-1 not yet: nobody counts the hours, and
        each end is told by its own clocks.
        """

        def march(first: tuple[int, int], last: tuple[int, int]) -> dict[str, str]:
            return window(
                *(datetime(2027, 3, day, hour // 60, hour % 60, tzinfo=UTC) for day, hour in (first, last))
            )

        saturday = march((13, 21 * 60), (13, 23 * 60))
        bare: dict[str, Any] = {"box": None, "data_logger": None}
        shipping.books(pick_up=saturday, delivery=march((14, 21 * 60), (14, 22 * 60)), **bare)
        found = shipping.refused(pick_up=saturday, delivery=march((14, 20 * 60), (14, 22 * 60 - 1)), **bare)
        assert found.rule == "transit_too_short"
        assert "up at 2027-03-13 17:00 (-05:00) it is there at 2027-03-14 23:00 (+01:00)" in found.message
        sunday = march((14, 20 * 60), (14, 22 * 60))
        shipping.books(pick_up=sunday, delivery=march((15, 20 * 60), (15, 21 * 60)), **bare)
        found = shipping.refused(pick_up=sunday, delivery=march((15, 20 * 60), (15, 21 * 60 - 1)), **bare)
        assert found.rule == "transit_too_short"
        assert "up at 2027-03-14 17:00 (-04:00) it is there at 2027-03-15 22:00 (+01:00)" in found.message


class TestBox:
    def test_logistics_s1_a_shipper_that_does_not_hold_until_it_is_there(self, shipping: Shipping) -> None:
        """Given 240 h, factor 0.6, charged 3 Dec 08:00, margin 24 h, when delivery till 8 Dec 12:00 is
        booked, then it holds to 9 Dec 08:00 and needs 9 Dec 12:00.
        """
        late = window(at(8, 8), at(8, 17))
        found = shipping.refused(delivery=late)
        assert found.rule == "hold_too_short"
        assert "holds to 2026-12-09 08:00 (-05:00), needs 2026-12-09 12:00 (-05:00)" in found.message
        assert "240 h x 0.6 from 2026-12-03 08:00" in found.message
        shipping.books(delivery=window(at(8, 8), at(8, 13)))

    def test_logistics_s1_one_that_holds_longer_is_named(self, shipping: Shipping) -> None:
        """Of the same site."""
        shipping.make(shipping.other_box, hold_hours=400)
        assert "Dry shipper 2" in shipping.refused(delivery=window(at(8, 8), at(8, 17))).remedy

    def test_logistics_s1_what_is_not_charged_yet_is_charged_for_the_pick_up(
        self, shipping: Shipping
    ) -> None:
        """A booking a week ahead; the charge of today would be used up by then."""
        ahead = {
            "pick_up": window(at(10, 19), at(10, 23)),
            "delivery": window(at(11, 22), at(12, 11)),
        }
        shipping.books(**ahead)

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"status": EquipmentStatus.REPAIR}, "not_in_service"),
            ({"failed": True}, "not_qualified"),
            ({"requalification_due": at(4)}, "expires_in_transit"),
        ],
    )
    def test_logistics_s2_what_is_not_fit_until_it_is_there(
        self, shipping: Shipping, changes: dict[str, Any], rule: str
    ) -> None:
        """Shipper and logger alike."""
        for one in (shipping.box, shipping.logger):
            before = shipping.case.registry
            shipping.make(one, **changes)
            assert shipping.refused().rule == rule
            shipping.case.registry = before

    def test_logistics_s2_what_nobody_has_tested_yet(self, shipping: Shipping) -> None:
        """A shipper or logger without a date is said to be so when it is booked."""
        for one, rule in ((shipping.logger, "not_calibrated"), (shipping.box, "not_qualified")):
            shipping.make(one, requalification_due=None)
            assert shipping.refused().rule == rule

    def test_a_box_and_a_logger_are_booked_once(self, shipping: Shipping) -> None:
        """For another patient at the same time: refused, and whose it is, is not said."""
        shipping.booked()
        two = {"therapies": (scan(shipping.case.two.coi),)}
        found = shipping.refused(**two)
        assert (found.rule, found.field) == ("already_booked", "box")
        assert shipping.case.one.coi not in found.message + found.remedy
        found = shipping.refused(**two, box=scan(shipping.other_box))
        assert (found.rule, found.field) == ("already_booked", "data_logger")
        later = {"pick_up": window(at(7, 19), at(7, 23)), "delivery": window(at(8, 22), at(9, 11))}
        shipping.make(shipping.box, charged_at=None)
        shipping.books(**two, **later)

    def test_what_no_protocol_ships_in(self, shipping: Shipping) -> None:
        """A therapy that goes to another site, and one that was canceled."""
        lanes = {**shipping.case.registry.lanes}
        lanes["ELSEWHERE"] = replace(lanes["COLL-A-MFG-1"], code="ELSEWHERE", to_site="TREAT-B")
        shipping.case.registry = replace(shipping.case.registry, lanes=lanes)
        assert shipping.refused(lane="ELSEWHERE").rule == "destination_no_part"


class TestCodes:
    def test_the_waybill_of_another_shipment(self, shipping: Shipping) -> None:
        """Booked with a number that is under way with others."""
        shipping.booked(waybill="020-12345675")
        found = shipping.refused(
            therapies=(scan(shipping.case.two.coi),), box=None, data_logger=None, waybill="020-12345675"
        )
        assert found.rule == "waybill_taken" and "from COLL-A to MFG-1" in found.message

    @pytest.mark.parametrize(
        "code", ["(00)340123450000000017", "340123450000000017", "]C100340123450000000017"]
    )
    def test_an_sscc_however_it_is_read(self, shipping: Shipping, code: str) -> None:
        """Symbol, its text, or the digits alone."""
        shipping.booked(sscc=code)
        (row,) = shipment_rows(shipping.case.state)
        assert row.sscc == "340123450000000017"
        assert (
            shipping.refused(
                therapies=(scan(shipping.case.two.coi),), box=None, data_logger=None, sscc=code
            ).rule
            == "sscc_taken"
        )

    @pytest.mark.parametrize(
        "code", ["340123450000000018", "(00)340123450000000018", "]C100340123450000000018"]
    )
    def test_an_sscc_with_a_wrong_digit_names_the_right_one(self, shipping: Shipping, code: str) -> None:
        """Whatever way it is read, it is refused before anything is decided."""
        with pytest.raises(BadCode, match=r"(should be|Expected) 7"):
            shipping.booked(sscc=code)

    @pytest.mark.parametrize(
        ("field", "code"),
        [
            ("sscc", "340123450000000018"),
            ("sscc", "12"),
            ("waybill", "x"),
            ("waybill", "UD234567892"),
            ("waybill", "CTUD23456789226V"),
        ],
    )
    def test_what_is_no_such_code(self, shipping: Shipping, field: str, code: str) -> None:
        """Refused as bad input, before anything is decided."""
        with pytest.raises((InputError, CartrailError, ValueError)):
            shipping.refused(**{field: code})
