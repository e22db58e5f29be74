"""What cells travel in and with, judged when they are packed: the reason is named and what else there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.instants import parse_instant
from schema.vocabulary import EquipmentStatus, EquipmentType, PartyType, Weekday
from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tests.tracker.rules.test_condition import FRESH_CELLS
from tracker.demo.journey import party, scan
from tracker.local_time import offset_of
from tracker.requests.base import Scan
from tracker.rules.checks.equipment import Use, fault, fit, temperature_violations
from tracker.rules.registry_state import CarrierLane, Equipment, LoggerSince
from tracker.therapy.custody import requests as custody

Cases = Callable[[str], Case]
PACKED_AT = datetime(2026, 12, 1, 9, tzinfo=UTC)


class Packing:
    """The frozen bag of the first therapy in a technician's hand on 1 December, and what it may go into."""

    def __init__(self, given: Case) -> None:
        self.given = given
        network = given.one.network
        self.shipper, self.logger = network.boxes["Dry shipper 1"], network.loggers["Logger 1"]
        self.network = network
        for bag in (given.one.bag, given.two.bag):
            given.change(bag, expires_at=None)
        given.now = PACKED_AT - timedelta(minutes=1)
        given.do(
            custody.Retrieve,
            "TECH-A1",
            units=given.one.frozen_scans((given.one.bag,)),
            location=scan(network.storage["COLL-A"]),
        )
        due = datetime(2027, 6, 1, tzinfo=UTC)
        for one in given.registry.equipments.values():
            self.make(one.id, requalification_due=due, charged_at=PACKED_AT - timedelta(hours=1))

    def make(self, equipment: str, **changes: Any) -> None:
        """One of them is otherwise than the others."""
        known = self.given.registry.equipments[equipment]
        equipments = {**self.given.registry.equipments, equipment: replace(known, **changes)}
        self.given.registry = replace(self.given.registry, equipments=equipments)

    def asked(self, **more: Any) -> dict[str, Any]:
        """What the cell lab asks when it packs."""
        return {
            "others": "TECH-A2 witnessed",
            "units": self.given.one.frozen_scans((self.given.one.bag,)),
            "box": scan(self.shipper),
            "seal": Scan(code="SEAL-1"),
            "tally": 1,
            "carrier": "CARR-X",
            "destination": "MFG-1",
            "data_logger": scan(self.logger),
            **more,
        }

    def refused(self, **more: Any) -> tuple[str, str, str]:
        """Rule, sentence and remedy; what happened all the same can be recorded outside the rules."""
        found = self.given.refusal(custody.Pack, "TECH-A1", **self.asked(**more))
        assert found.waivable
        return found.rule, found.message, found.remedy

    def packs(self, **more: Any) -> tuple[str, ...]:
        """The rules that packing was against."""
        drafts = self.given.do(custody.Pack, "TECH-A1", **self.asked(**more))
        return drafts[0].outside_rules


@pytest.fixture
def packing(case: Cases) -> Packing:
    """Everything is fit."""
    return Packing(case("frozen"))


def test_all_is_fit(packing: Packing) -> None:
    """Nothing is said of what is qualified, calibrated, charged and here."""
    assert packing.packs() == ()


def test_logistics_s2_requalification_is_past(packing: Packing) -> None:
    """Due on 30 November, packed on 1 December: the date is named, and the qualified shippers of the site."""
    packing.make(packing.shipper, requalification_due=datetime(2026, 11, 30, 12, tzinfo=UTC))
    second = packing.network.boxes["Dry shipper 2"]
    rule, message, remedy = packing.refused()
    assert rule == "not_qualified"
    assert message == f"Dry shipper 1 ({packing.shipper}) was to be qualified again by 2026-11-30."
    assert f"Dry shipper 2 ({second})" in remedy and "Cool box 1" in remedy
    assert "Cool box 5" not in remedy  # in cleaning
    assert packing.packs(outside_rules={"reason": "clinical_need"}) == ("not_qualified",)


def test_findings_a3_what_nobody_has_dated(packing: Packing) -> None:
    """A shipper and a logger without a date are as little known to be good; a plain box needs none."""
    packing.make(packing.shipper, requalification_due=None)
    assert packing.refused()[0] == "not_qualified"
    assert "Nobody has recorded until when" in packing.refused()[1]
    packing.make(packing.shipper, equipment_type=EquipmentType.BOX)
    packing.make(packing.logger, requalification_due=None)
    assert packing.refused()[0] == "not_calibrated"
    packing.make(packing.logger, requalification_due=datetime(2027, 1, 1, tzinfo=UTC))
    assert packing.packs(outside_rules={"reason": "clinical_need"}) == ("wrong_equipment",)


def test_findings_a3_a_logger_past_its_calibration(packing: Packing) -> None:
    """With no other logger at the site that is said: the others are lost."""
    packing.make(packing.logger, requalification_due=datetime(2025, 11, 30, tzinfo=UTC))
    for title in ("Logger 4", "Logger 5", "Logger 6", "Logger 7"):
        packing.make(packing.network.loggers[title], status=EquipmentStatus.LOST)
    rule, message, remedy = packing.refused()
    assert rule == "not_calibrated" and "2025-11-29" in message  # 19:00 in the time of COLL-A
    assert remedy.endswith("No other data logger of COLL-A is fit now.")


@pytest.mark.parametrize(("due", "rule"), [("09:01:00", "not_calibrated"), ("09:01:01", None)])
def test_findings_a3_due_as_it_is_packed(packing: Packing, due: str, rule: str | None) -> None:
    """Packed at 09:01: what is due then is due, and a second later it is not yet."""
    packing.make(packing.logger, requalification_due=parse_instant(f"2026-12-01T{due}.000Z"))
    if rule is None:
        assert packing.packs() == ()
    else:
        assert packing.refused()[0] == rule


def test_findings_a3_a_failed_test_outlives_its_date(packing: Packing) -> None:
    """What failed is not qualified, whatever was due before."""
    packing.make(packing.shipper, failed=True, qualified_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    rule, message, _ = packing.refused()
    assert rule == "not_qualified" and "was tested on 2026-11-20 and failed" in message


def test_findings_a3_equipment_of_another_site(packing: Packing) -> None:
    """Another site's logger and shipper are refused; not the carrier's, nor what it has brought empty."""
    elsewhere = packing.network.loggers["Logger 2"]
    rule, message, remedy = packing.refused(data_logger=scan(elsewhere))
    assert rule == "other_site" and "belongs to COLL-B" in message and "Logger 1" in remedy
    shipper = packing.network.boxes["Dry shipper 3"]
    assert packing.refused(box=scan(shipper))[0] == "other_site"
    packing.make(shipper, site="CARR-Y")
    assert packing.refused(box=scan(shipper))[0] == "other_site"
    packing.make(shipper, site="CARR-X", with_carrier="CARR-X")
    rule, message, remedy = packing.refused(box=scan(shipper))
    assert rule == "other_site" and "is with CARR-X, empty" in message and "take it back" in remedy
    packing.make(shipper, with_carrier=None)
    packing.make(elsewhere, brought_to="COLL-A")
    assert packing.packs(box=scan(shipper), data_logger=scan(elsewhere)) == ()


def test_findings_a3_found_empty_here(packing: Packing) -> None:
    """Another site's shipper that two people looked into here, and not one they looked into elsewhere."""
    shipper = packing.network.boxes["Dry shipper 3"]
    packing.make(shipper, emptied_at_site="COLL-B")
    assert packing.refused(box=scan(shipper))[0] == "other_site"
    packing.make(shipper, emptied_at_site="COLL-A")
    assert packing.packs(box=scan(shipper)) == ()


@pytest.mark.parametrize("status", [one for one in EquipmentStatus if one is not EquipmentStatus.IN_SERVICE])
def test_findings_e6_out_of_service(packing: Packing, status: EquipmentStatus) -> None:
    """In cleaning, quarantine, repair, lost or retired: neither shipper nor logger."""
    for equipment in (packing.shipper, packing.logger):
        packing.make(equipment, status=status)
        assert packing.refused()[0] == "not_in_service"
        packing.make(equipment, status=EquipmentStatus.IN_SERVICE)
    assert packing.packs() == ()


def test_findings_e6_charged_and_for_how_long(packing: Packing) -> None:
    """240 h from its charge, to the second: then it is charged again."""
    packing.make(packing.shipper, charged_at=None)
    assert packing.refused()[:2] == (
        "not_charged",
        f"Nobody has recorded that Dry shipper 1 ({packing.shipper}) was charged.",
    )
    now = packing.given.now + timedelta(minutes=1)
    packing.make(packing.shipper, charged_at=now - timedelta(hours=240))
    assert packing.refused()[0] == "not_charged"
    now = packing.given.now + timedelta(minutes=1)
    packing.make(packing.shipper, charged_at=now - timedelta(hours=240) + timedelta(seconds=1))
    assert packing.packs() == ()


@pytest.mark.parametrize(
    ("until", "rule"),
    [
        ("2026-12-01T08:00:00Z", "hold_until_past"),
        ("2025-12-01T08:00:00-05:00", "hold_until_past"),
        ("2026-12-01T09:01:00Z", "hold_until_past"),  # when it is packed
        ("2026-12-01T09:01:01Z", None),
        ("2026-12-11T08:00:00Z", None),
        ("2026-12-11T08:00:01Z", "hold_until_too_late"),
    ],
)
def test_findings_a3_until_when_it_holds(packing: Packing, until: str, rule: str | None) -> None:
    """Neither a time that is past, nor a later one than its charge gives: 1 December 08:00 and 240 h."""
    packing.make(packing.shipper, charged_at=datetime(2026, 12, 1, 8, tzinfo=UTC))
    if rule is None:
        assert packing.packs(hold_until=until) == ()
    else:
        refused, _, remedy = packing.refused(hold_until=until)
        # A time that was read wrong is no reason to take another shipper.
        assert refused == rule and " fit " not in remedy and "Fit here" not in remedy


@pytest.mark.parametrize(("hours", "rule"), [(238, None), (239, "hold_too_short")])
def test_logistics_s1_it_holds_for_as_long_as_its_carrier_may_take(
    packing: Packing, hours: int, rule: str | None
) -> None:
    """Charged at 08:00 for 240 h and packed at 09:01: not for a lane that may take 239 h."""
    packing.make(packing.shipper, charged_at=datetime(2026, 12, 1, 8, tzinfo=UTC))
    most = timedelta(hours=hours)
    lane = CarrierLane(
        "ROAD", "COLL-A", "MFG-1", "CARR-X", timedelta(hours=24), time(17), frozenset(Weekday), date.max, most
    )
    packing.given.registry = replace(packing.given.registry, lanes={lane.code: lane})
    if rule is None:
        assert packing.packs() == ()
    else:
        assert packing.refused()[0] == rule


def test_logistics_s1_its_date_comes_before_it_is_used_up(packing: Packing) -> None:
    """Qualified until 8 December and charged until the 11th: not, unless it is to hold only until the 5th."""
    packing.make(packing.shipper, requalification_due=datetime(2026, 12, 8, 12, tzinfo=UTC))
    rule, message, _ = packing.refused()
    assert rule == "expires_in_transit" and "2026-12-08" in message and "2026-12-11" in message
    assert packing.packs(hold_until="2026-12-05T12:00:00Z") == ()


@pytest.mark.parametrize(
    ("due", "rule"), [("2026-12-11T07:59:59.000Z", "expires_in_transit"), ("2026-12-11T08:00:00.000Z", None)]
)
def test_logistics_s1_its_date_comes_as_it_is_used_up(packing: Packing, due: str, rule: str | None) -> None:
    """Charged at 08:00 on 1 December for 240 h: qualified until 08:00 on the 11th is enough."""
    packing.make(packing.shipper, requalification_due=parse_instant(due))
    if rule is None:
        assert packing.packs() == ()
    else:
        assert packing.refused()[0] == rule


def test_findings_a4_logistics_s3_a_logger_in_a_closed_box(packing: Packing) -> None:
    """In one box until it is opened; then it is free for the next."""
    given, two = packing.given, packing.given.two
    packing.packs()
    cassette = two.frozen_scans((two.bag,))
    given.do(custody.Retrieve, "TECH-A1", units=cassette, location=scan(packing.network.storage["COLL-A"]))
    second = {"units": cassette, "box": scan(packing.network.boxes["Dry shipper 2"])}
    rule, message, remedy = packing.refused(**second)
    assert rule == "logger_in_use"
    assert f"is in the closed box Dry shipper 1 ({packing.shipper})" in message
    assert "Logger 4" in remedy and "Logger 1" not in remedy
    packing.make(packing.network.boxes["Dry shipper 2"], status=EquipmentStatus.CLEANING)
    _, _, remedy = packing.refused(**second)
    assert "Cool box 1" in remedy and "Dry shipper 1" not in remedy  # it is closed
    packing.make(packing.network.boxes["Dry shipper 2"], status=EquipmentStatus.IN_SERVICE)
    mine = given.one.frozen_scans((given.one.bag,))
    given.do(custody.Unpack, "TECH-A1", others="TECH-A2 witnessed", units=mine, box=scan(packing.shipper))
    assert packing.packs(**second) == ()


def test_logistics_s3_a_logger_that_records_in_a_tank_is_not_packed(packing: Packing) -> None:
    """It would be missing there: another logger, or the tank gets another one first."""
    given, logger = packing.given, packing.network.loggers["Logger 1"]
    tank = given.registry.locations[packing.network.storage["COLL-A"]]
    recording = replace(tank, loggers=(LoggerSince(logger, given.now),))
    given.registry = replace(given.registry, locations={**given.registry.locations, tank.id: recording})
    rule, message, _ = packing.refused(data_logger=scan(logger))
    assert rule == "logger_in_use" and f"records in {tank.title} ({tank.id})" in message


def test_findings_a3_tested_for_other_temperatures(packing: Packing) -> None:
    """Frozen cells at or below -150 C: not into a shipper that was tested for 2 to 8 C, nor for -80 C."""
    for low, high in (("2", "8"), ("-80", "-60"), ("-196", "-149.9"), ("-196", None), (None, "-100")):
        packing.make(packing.shipper, celsius_min=low, celsius_max=high)
        assert packing.refused()[0] == "wrong_temperature"
    packing.make(packing.shipper, celsius_min="-196", celsius_max="-150")
    for low, high in (("-80", "50"), ("-196", "-150.1")):
        packing.make(packing.logger, celsius_min=low, celsius_max=high)
        rule, message, _ = packing.refused()
        assert rule == "wrong_temperature" and "Logger 1" in message
    packing.make(packing.logger, celsius_min="-200", celsius_max="50")
    assert packing.packs() == ()


@pytest.mark.parametrize(
    ("low", "high", "fits"),
    [("2", "8", True), ("-30", "50", True), ("-30", "7.9", False), ("2.1", "50", False), ("9", "50", False)],
)
def test_findings_a3_a_logger_is_right_at_both_bounds(
    packing: Packing, low: str, high: str, *, fits: bool
) -> None:
    """Fresh cells bear 2 to 8 C: a logger that is right at one of them does not tell of the other."""
    packing.make(packing.logger, celsius_min=low, celsius_max=high)
    logger = packing.given.registry.equipments[packing.logger]
    found = [one.rule for one in temperature_violations(PROTOCOL, FRESH_CELLS, logger)]
    assert found == ([] if fits else ["wrong_temperature"])


def test_logistics_l4_the_logger_of_the_box_that_is_opened_is_at_hand(packing: Packing) -> None:
    """Whichever site it belongs to: it lies in the box that is opened here, and in no other."""
    packing.make(packing.logger, site="MFG-1")
    registry = packing.given.registry
    logger = registry.equipments[packing.logger]
    use = Use(registry, "COLL-A", PACKED_AT, offset_of(registry, "COLL-A"))
    found = fault(use, logger)
    assert found is not None and found.rule == "other_site"
    inside = {packing.shipper: packing.logger}
    opened = dataclasses.replace(use, closed_boxes=inside, opened=packing.shipper)
    assert fault(opened, logger) is None


def test_what_is_fit_here(packing: Packing) -> None:
    """By name: the site's own, then the carrier's; neither what is elsewhere nor what is in cleaning."""
    packing.make(packing.network.boxes["Dry shipper 3"], site="CARR-X", title="A shipper of the carrier")
    registry = packing.given.registry
    use = Use(registry, "COLL-A", PACKED_AT, offset_of(registry, "COLL-A"), carrier="CARR-X")
    found: tuple[Equipment, ...] = fit(use, EquipmentType.SHIPPER)
    assert [one.title for one in found] == [
        *("Cool box 1", "Cool box 2", "Dry shipper 1", "Dry shipper 2", "A shipper of the carrier")
    ]


class TestOnItsWay:
    """A closed box whose shipper is no longer fit: nobody hands it on as in order or accepts its cells."""

    def sealed(self, packing: Packing) -> dict[str, Any]:
        """Box and seal as they are scanned at each handoff."""
        return {"box": scan(packing.shipper), "seal": Scan(code="SEAL-1"), "condition": "in_order"}

    def fails(self, packing: Packing) -> None:
        """The shipper fails its test while cells are in it."""
        packing.make(packing.shipper, failed=True, requalification_due=None)

    def to_the_dock(self, packing: Packing) -> Case:
        """Packed, fetched and taken over at the manufacturer's door."""
        given = packing.given
        packing.packs()
        for giver, receiver, at in (("TECH-A1", "COUR-X1", "COLL-A"), ("COUR-X1", "DOCK-M", "MFG-1")):
            given.do(custody.Relinquish, giver, at=at, **self.sealed(packing))
            given.do(custody.Accept, receiver, at=at, **self.sealed(packing))
        return given

    def test_findings_a3_not_handed_on_as_in_order(self, packing: Packing) -> None:
        """Neither given nor taken; recorded all the same, its cells are in doubt."""
        given, bag = packing.given, packing.given.one.bag
        packing.packs()
        self.fails(packing)
        found = given.refusal(custody.Relinquish, "TECH-A1", **self.sealed(packing))
        assert (found.rule, found.waivable, found.quarantines) == ("not_qualified", True, (bag,))
        assert "NOT-IN-ORDER" in found.remedy and "pack the cells into another one" in found.remedy
        packing.make(packing.shipper, failed=False, requalification_due=given.now + timedelta(days=99))
        given.do(custody.Relinquish, "TECH-A1", **self.sealed(packing))
        packing.make(packing.logger, status=EquipmentStatus.QUARANTINED)
        found = given.refusal(custody.Accept, "COUR-X1", at="COLL-A", **self.sealed(packing))
        assert (found.rule, found.quarantines) == ("not_in_service", (bag,)) and "Logger 1" in found.message

    def test_findings_a3_declared_as_not_in_order(self, packing: Packing) -> None:
        """Whoever says what is wrong may refuse it, or take it into quarantine."""
        given = packing.given
        packing.packs()
        given.do(custody.Relinquish, "TECH-A1", **self.sealed(packing))
        self.fails(packing)
        answer = {
            **self.sealed(packing),
            "condition": "not_in_order",
            "faults": ("other",),
            "remark": "The lid is loose.",
        }
        given.do(custody.Accept, "COUR-X1", at="COLL-A", **answer)
        assert given.unit(given.one.bag).quarantined

    def test_findings_a3_not_accepted_when_opened(self, packing: Packing) -> None:
        """Opened in the lab, each unit can go into quarantine, and none is accepted."""
        given = self.to_the_dock(packing)
        lab = party(PartyType.DEPARTMENT, "MFG-1/PRODUCTION")
        given.do(custody.Relinquish, "DOCK-M", **self.sealed(packing), to=lab)
        given.do(custody.Accept, "OPER-1", **self.sealed(packing))
        self.fails(packing)
        (bag,) = given.one.frozen_scans((given.one.bag,))
        opened = {"box": scan(packing.shipper), "seal_intact": True}
        accepted = ({"unit": bag, "result": "accept"},)
        found = given.refusal(custody.Inspect, "OPER-1", results=accepted, **opened)
        assert (found.rule, found.quarantines) == ("not_qualified", (given.one.bag,))
        aside = ({"unit": bag, "result": "quarantine", "faults": ("other",)},)
        given.do(custody.Inspect, "OPER-1", results=aside, remark="The lid was loose.", **opened)
        assert given.unit(given.one.bag).quarantined
