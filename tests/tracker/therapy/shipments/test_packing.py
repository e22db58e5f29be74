"""What is packed is what was booked, or it is said why not, and marked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schema.events.custody import Packed
from tests.support.rule_cases import Case
from tests.support.shipping import Shipping, at, window
from tracker.demo.journey import scan

Cases = Callable[[str], Case]


@pytest.fixture
def shipping(case: Cases) -> Shipping:
    """Two frozen bags and what they can travel in."""
    return Shipping(case("frozen"))


def test_it_is_packed_as_it_was_booked(shipping: Shipping) -> None:
    """Into the shipment that was booked, without anybody naming it."""
    shipment = shipping.booked()
    (draft,) = shipping.packed()
    assert isinstance(draft.payload, Packed)
    assert (draft.payload.shipment, draft.outside_rules) == (shipment, ())
    assert shipping.case.state.shipments[shipment].packed_at is not None


def test_what_was_not_booked_is_packed_as_before(shipping: Shipping) -> None:
    """A booking is not asked for."""
    (draft,) = shipping.packed()
    assert draft.outside_rules == ()


@pytest.mark.parametrize(
    ("booked", "said"),
    [
        ({"box": "other_box"}, "was booked in the box Dry shipper 2"),
        ({"data_logger": "other_logger"}, "was booked with the logger Logger 2"),
    ],
)
def test_otherwise_than_booked_says_why_and_is_marked(
    shipping: Shipping, booked: dict[str, str], said: str
) -> None:
    """Refused with both named; recorded with a reason it is red and has a deviation."""
    shipping.booked(**{field: scan(getattr(shipping, name)) for field, name in booked.items()})
    found = shipping.not_packed()
    assert (found.rule, found.waivable) == ("not_as_booked", True)
    assert said in found.message
    drafts = shipping.packed(outside_rules={"reason": "other"})
    assert drafts[0].outside_rules == ("not_as_booked",)
    assert drafts[1].payload.kind == "deviation_drafted"


def test_after_the_carrier_was_to_come(shipping: Shipping) -> None:
    """The window for the pick-up has passed: somebody calls the carrier first."""
    shipping.booked(delivery=window(at(5, 22), at(6, 11)))
    shipping.case.now = at(4, 1)
    found = shipping.not_packed()
    assert found.rule == "not_as_booked"
    assert "picked up by 2026-12-03 18:00 (-05:00), which has passed" in found.message


def test_logistics_s1_packed_with_the_charge_that_it_has(shipping: Shipping) -> None:
    """Booked before it was charged; charged too early, it does not hold until it is there."""
    shipping.make(shipping.box, charged_at=None)
    shipping.booked(delivery=window(at(7, 22), at(8, 13)))
    shipping.make(shipping.box, charged_at=at(1, 13))
    assert shipping.not_packed().rule == "hold_too_short"


def test_a_box_that_is_booked_for_another(shipping: Shipping) -> None:
    """Whoever packs without a booking does not take it away; whose it is, is not said."""
    two = shipping.case.two.coi
    shipping.booked(therapies=(scan(two),), pick_up=window(at(3, 13), at(3, 23)), data_logger=None)
    shipping.case.later(hours=1)
    found = shipping.not_packed()
    assert (found.rule, found.field) == ("already_booked", "box")
    assert two not in found.message + found.remedy


def test_two_bookings_in_one_box(shipping: Shipping) -> None:
    """What was booked apart and travels together is said so in the chain of whom it concerns."""
    case = shipping.case
    shipping.booked()
    shipping.booked(therapies=(scan(case.two.coi),), box=None, data_logger=None)
    found = shipping.not_packed(case.one, case.two)
    assert found.rule == "not_as_booked" and "another shipment" in found.message
