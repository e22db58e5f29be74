"""Condition: a display and a place held against what each unit bears, with what was expected and read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from schema.vocabulary import EquipmentType, LocationType, Material
from tests.support.journeys import PROTOCOL
from tracker.protocols.library import shipped
from tracker.protocols.model import Protocol, Shipping
from tracker.rules.checks.condition import box_violations, display_violations, place_violations
from tracker.rules.decision import ScanAnswer
from tracker.rules.registry_state import Equipment, Location
from tracker.rules.therapy_state import Occurrence, UnitState

FRESH = shipped("autologous-fresh").protocol
TANK, FRIDGE, SHELF = (None, "-150"), ("2", "8"), (None, None)


def unit(material: Material, *kinds: str, name: str = "UD555555555") -> UnitState:
    """A unit with these steps behind it."""
    at = datetime(2026, 1, 5, 8, tzinfo=UTC)
    facts = {kind: Occurrence(at, "", number, "TECH-1") for number, kind in enumerate(kinds)}
    return UnitState(name, material, facts=facts)


def place(low: str | None, high: str | None) -> Location:
    """A storage place that keeps these temperatures."""
    return Location("LD555555555", "MFG-1", "LAB", "Tank 4", LocationType.STORAGE, low, high)


FROZEN_PRODUCT = unit(Material.PRODUCT, "manufactured", "cryopreserved")
FROZEN_CELLS = unit(Material.LEUKAPHERESIS, "collected", "cryopreserved")
FRESH_CELLS = unit(Material.LEUKAPHERESIS, "collected")


@pytest.mark.parametrize(("celsius", "stops"), [("-149.9", 1), ("-150.0", 0), ("-150.1", 0), (None, 0)])
def test_logistics_s4_the_display_is_judged_to_the_tenth(celsius: str | None, stops: int) -> None:
    """Cells kept at or below -150 C: -149.9 is STOP, -150.0 and -150.1 are OK, nothing read is none."""
    assert len(list(display_violations(PROTOCOL, [FROZEN_PRODUCT], celsius))) == stops


def test_findings_a1_the_stop_says_what_was_expected_and_read() -> None:
    """The value, the unit, what its label says, and what to do."""
    (found,) = display_violations(PROTOCOL, [FROZEN_CELLS], "-60")
    assert (found.rule, found.answer, found.waivable) == ("out_of_band", ScanAnswer.STOP, True)
    assert found.message == (
        "The display shows -60 C; the leukapheresis UD555555555 is kept at or below -150 C."
    )
    assert (found.field, found.expected, found.read) == ("display_celsius", "at or below -150 C", "-60 C")
    assert found.quarantines == ("UD555555555",)
    assert found.remedy == (
        "If it is so, answer NOT-IN-ORDER: refuse it, or take it into quarantine. "
        "If not, type what the display shows."
    )


def test_logistics_s5_one_box_each_unit_its_own() -> None:
    """Three labels in one box at -125 C: the one for -120 C bears it, the others do not."""
    found = []
    for said in ("-120", "-130", "-150"):
        containers = tuple(
            one.model_copy(update={"storage_celsius_max": said}) if one.material is Material.PRODUCT else one
            for one in PROTOCOL.containers
        )
        protocol = PROTOCOL.model_copy(update={"containers": containers})
        product = unit(Material.PRODUCT, "manufactured", "cryopreserved", name=f"UD{said}")
        found += [one.quarantines for one in display_violations(protocol, [product], "-125")]
    assert found == [("UD-130",), ("UD-150",)]


def test_a_display_is_judged_by_what_the_cells_are_now() -> None:
    """The same bag bears 4 C before it is frozen, and 21 C on the way to the bed once it is thawed."""
    thawed = unit(Material.PRODUCT, "manufactured", "cryopreserved", "thaw_started", "thaw_ended")
    assert not list(display_violations(PROTOCOL, [FRESH_CELLS], "4"))
    assert list(display_violations(PROTOCOL, [FROZEN_CELLS], "4"))
    assert list(display_violations(PROTOCOL, [FRESH_CELLS], "-184.2"))
    assert not list(display_violations(PROTOCOL, [thawed], "21"))
    assert list(display_violations(PROTOCOL, [thawed], "-184.2"))


SHIPPER = Equipment(
    "BD555555555", EquipmentType.SHIPPER, "Dry shipper 4", "MFG-1", 240, None, has_display=False
)
BOX = replace(SHIPPER, equipment_type=EquipmentType.BOX, title="Box 9", hold_hours=None)
HOLDS = datetime(2026, 1, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("box", "logger", "hold", "rules"),
    [
        (SHIPPER, "DD555555555", HOLDS, []),
        (BOX, "DD555555555", HOLDS, ["wrong_equipment"]),
        (SHIPPER, None, HOLDS, ["logger_missing"]),
        (SHIPPER, "DD555555555", None, ["hold_missing"]),
        (BOX, None, None, ["wrong_equipment", "logger_missing", "hold_missing"]),
    ],
)
def test_findings_a5_frozen_cells_travel_in_what_the_protocol_says(
    box: Equipment, logger: str | None, hold: datetime | None, rules: list[str]
) -> None:
    """Not in a plain box, not without a logger, not for an unknown time."""
    found = list(box_violations(PROTOCOL, FROZEN_PRODUCT, box, logger=logger, hold=hold))
    assert [one.rule for one in found] == rules and all(one.waivable for one in found)


def test_findings_a5_unless_the_protocol_allows_it() -> None:
    """A row of its material comes before one for all, and without any row the strict rule holds."""
    allowed = Shipping(
        materials=(Material.QC_SAMPLE,),
        equipment_types=(EquipmentType.BOX, EquipmentType.SHIPPER),
        logger_required=False,
        hold_required=False,
        source="a test",
    )
    sample = unit(Material.QC_SAMPLE, "manufactured")
    lenient = PROTOCOL.model_copy(update={"shipping": (*PROTOCOL.shipping, allowed)})
    assert not list(box_violations(lenient, sample, BOX, logger=None, hold=None))
    assert len(list(box_violations(lenient, FROZEN_PRODUCT, BOX, logger=None, hold=None))) == 3
    silent = PROTOCOL.model_copy(update={"shipping": ()})
    assert len(list(box_violations(silent, sample, BOX, logger=None, hold=None))) == 3


def test_findings_a5_the_stop_says_what_is_asked() -> None:
    """Which class of box, and what was scanned."""
    (found,) = box_violations(PROTOCOL, FROZEN_PRODUCT, BOX, logger="DD555555555", hold=HOLDS)
    assert found.message == "Box 9 is a box; product travels in a shipper."
    assert (found.field, found.expected, found.read) == ("box", "shipper", "Box 9: box")


@pytest.mark.parametrize(
    ("protocol", "one", "kept", "rules"),
    [
        (PROTOCOL, FROZEN_PRODUCT, TANK, []),
        (PROTOCOL, FROZEN_PRODUCT, FRIDGE, ["wrong_place"]),
        (PROTOCOL, FROZEN_PRODUCT, (None, "-120"), ["wrong_place"]),
        (PROTOCOL, FROZEN_PRODUCT, SHELF, ["place_without_band"]),
        (PROTOCOL, FROZEN_CELLS, TANK, []),
        (PROTOCOL, FRESH_CELLS, TANK, ["wrong_place"]),
        (PROTOCOL, FRESH_CELLS, FRIDGE, []),
        (PROTOCOL, unit(Material.PRODUCT, "manufactured"), TANK, ["not_storable"]),
        (PROTOCOL, unit(Material.PRODUCT, "cryopreserved", "thaw_started"), TANK, ["not_storable"]),
        (PROTOCOL, unit(Material.PRODUCT, "cryopreserved", "thaw_started"), FRIDGE, ["not_storable"]),
        (PROTOCOL, unit(Material.RETAIN, "manufactured"), FRIDGE, ["wrong_place"]),
        (PROTOCOL, unit(Material.QC_SAMPLE, "manufactured"), FRIDGE, []),
        (PROTOCOL, unit(Material.QC_SAMPLE, "manufactured"), SHELF, []),
        (FRESH, FRESH_CELLS, TANK, ["wrong_place"]),
        (FRESH, FRESH_CELLS, ("2", "8.5"), ["wrong_place"]),
        (FRESH, FRESH_CELLS, ("3", "7"), []),
    ],
)
def test_findings_a8_a_place_keeps_what_the_cells_bear(
    protocol: Protocol, one: UnitState, kept: tuple[str | None, str | None], rules: list[str]
) -> None:
    """Frozen cells in no refrigerator, fresh ones in no tank, and nothing where nobody said what it keeps."""
    found = list(place_violations(protocol, one, place(*kept)))
    assert [violation.rule for violation in found] == rules
    assert all(violation.quarantines == (one.unit,) and violation.waivable for violation in found)


def test_findings_a8_the_stop_names_place_and_cells() -> None:
    """What the place keeps, what the cells bear, and where they belong."""
    (found,) = place_violations(PROTOCOL, FROZEN_PRODUCT, place(*FRIDGE))
    assert found.message == "Tank 4 keeps 2 to 8 C; the product UD555555555 is kept at or below -150 C."
    assert (found.field, found.expected, found.read) == (
        "location",
        "at or below -150 C",
        "Tank 4: 2 to 8 C",
    )
