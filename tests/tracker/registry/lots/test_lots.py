"""Lots of goods: received once, released by quality, kept back, and known by their maker's code."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from labels.reader import read
from schema.errors import CartrailError, InputError
from schema.vocabulary import EquipmentType, LotStatus, Role
from tests.support.registry_story import SITE, Story, asked, founded, kinds_of
from tracker.registry.equipment.requests import AddEquipment
from tracker.registry.lots.requests import ReceiveLot, SetLotStatus
from tracker.registry.situation import RegistrySituation
from tracker.rules.lots import lot_named, lot_of_maker

LOT = "GT234567892"
GTIN = "09506000134352"


class LotStory(Story):
    """A registry whose requests about lots name them by their id."""

    def situation(self) -> RegistrySituation:
        """The same with the scans looked up."""
        return replace(super().situation(), lots={one: one for one in self.state.lots})


@pytest.fixture
def story() -> LotStory:
    """A site with an operator, somebody of quality and a courier."""
    told = LotStory(founded().state)
    told.hire("O-1", Role.MANUFACTURING_OPERATOR)
    told.hire("Q-1", Role.QUALITY)
    told.hire("D-1", Role.COURIER)
    return told


def received(**more: Any) -> ReceiveLot:
    """A vector, good for a year."""
    given = {
        "lot": LOT, "item": "viral_vector", "site": SITE, "number": "LV-17", "expires": "2027-03-31",
        "gtin": GTIN, "actor": "O-1", **more,
    }  # fmt: skip
    return asked(ReceiveLot, **given)  # type: ignore[no-any-return]


def said(status: str, actor: str = "Q-1", **more: Any) -> SetLotStatus:
    """What a lot is from now on."""
    return asked(SetLotStatus, actor=actor, lot=LOT, status=status, **more)  # type: ignore[no-any-return]


def test_making_a_lot_is_in_quarantine_until_quality_releases_it(story: LotStory) -> None:
    """Given goods that came, when quality releases them, then they may be used; nobody else can say so."""
    assert kinds_of(story.do(received())) == ["lot_received"]
    lot = story.state.lots[LOT]
    assert (lot.status, lot.number, lot.expires, lot.gtin) == (
        LotStatus.QUARANTINED, "LV-17", "2027-03-31", GTIN,
    )  # fmt: skip
    assert lot_named(lot) == f"viral vector lot LV-17 ({LOT})"
    assert story.refusal(said("released", "O-1")) == "role_missing"
    assert kinds_of(story.do(said("released"))) == ["lot_status_set"]
    assert story.state.lots[LOT].status is LotStatus.RELEASED
    assert story.refusal(said("released")) == "already_done"


def test_making_a_lot_is_received_once_at_a_site(story: LotStory) -> None:
    """The same number of the same item is the same lot, and its label is printed again."""
    story.do(received())
    for number in ("LV-17", " LV-17 ", "lv-17", "LV -17"):
        assert story.refusal(received(lot=None, number=number)) == "already_done"
    assert story.refusal(received(number="LV-18")) == "lot_taken"
    story.do(received(lot=None, number="LV-18"))
    assert len(story.state.lots) == 2


def test_making_who_takes_goods_in(story: LotStory) -> None:
    """Whoever works with them, at the site that they came to."""
    assert story.refusal(received(actor="D-1")) == "role_missing"
    assert story.refusal(received(site="NOWHERE")) == "site_unknown"


def test_making_a_lot_is_kept_back(story: LotStory) -> None:
    """Anybody who works with it puts it aside, with a reason; quality alone rejects it or takes it back."""
    story.do(received())
    story.do(said("released"))
    assert story.refusal(said("quarantined", "O-1")) == "reason_missing"
    story.do(said("quarantined", "O-1", reason="container_damaged"))
    assert story.refusal(said("rejected", "O-1", reason="test_failed")) == "role_missing"
    story.do(said("rejected", reason="test_failed", reference="NCR 2026-14"))
    assert story.refusal(said("quarantined", "O-1", reason="other")) == "role_missing"
    assert story.refusal(said("recalled", reason="recalled_by_maker")) == "recall_lot"


def test_making_an_expired_lot_is_not_released(story: LotStory) -> None:
    """Its last day counts to its end by the clocks of its site."""
    story.do(received(expires="2026-03-02"))
    story.later(hours=10)  # 22:00 UTC, 23:00 in Berlin
    story.do(said("released"))
    story.do(said("quarantined", reason="other"))
    story.later(hours=1)
    assert story.refusal(said("released")) == "lot_expired"


@pytest.mark.parametrize(
    "more",
    [
        {"expires": "2066-01-01"}, {"gtin": "09506000134353"}, {"celsius_min": "-60", "celsius_max": "-90"},
    ],
)  # fmt: skip
def test_making_a_lot_that_cannot_be(story: LotStory, more: dict[str, str]) -> None:
    """A year too far, a GTIN whose check digit does not fit, the warmer bound named colder."""
    with pytest.raises(InputError):
        story.decide(received(**more))


@pytest.mark.parametrize(
    "more",
    [
        {"number": "LV\x0017"}, {"number": "LV\u202e17"}, {"number": ""}, {"number": "L" * 41},
        {"lot": "UT234567892"}, {"expires": "2026-13-01"}, {"gtin": "9506000134352"}, {"item": "Vector"},
    ],
)  # fmt: skip
def test_making_bad_input_of_a_lot(more: dict[str, str]) -> None:
    """NUL and text that turns around, the id of a unit, month 13: refused before any rule."""
    with pytest.raises((ValueError, CartrailError)):
        received(**more)


def test_making_a_makers_code_names_a_lot(story: LotStory) -> None:
    """GTIN and lot number of one pack, whatever else the code says; another maker's is not taken for it."""
    story.do(received())
    lots = story.state.lots
    assert lot_of_maker(lots, read(f"(01){GTIN}(17)270331(10)LV-17"), SITE) == lots[LOT]
    assert lot_of_maker(lots, read(f"(01){GTIN}(10)LV-18"), SITE) is None
    assert lot_of_maker(lots, read("(01)04012345678901(10)LV-17"), SITE) is None


def test_making_an_instrument_has_a_class(story: LotStory) -> None:
    """E ids; the class is the protocol's word, and a box has none."""

    def adding(**more: Any) -> AddEquipment:
        given = {"title": "Counter 1", "site": SITE, "equipment_type": "instrument", **more}
        return asked(AddEquipment, **given)  # type: ignore[no-any-return]

    story.do(adding(instrument_class="cell_counter"))
    (one,) = [one for one in story.state.equipments.values() if one.instrument_class]
    assert one.id.startswith("ET") and one.equipment_type is EquipmentType.INSTRUMENT and not one.exclusive
    for more in (
        {},
        {"equipment_type": "box", "instrument_class": "cell_counter"},
        {"equipment_type": "shipper", "exclusive": True},
        {"instrument_class": "cell_counter", "has_display": True},
    ):
        with pytest.raises(InputError):
            story.decide(adding(**more))
    assert story.refusal(adding(instrument_class="cell_counter", equipment="BT234567892")) == "wrong_object"
