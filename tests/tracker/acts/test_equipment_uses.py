"""What failed its test: each use since it is unfit is listed, and drafts a deviation where its cells are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from schema.events.deviations import DeviationDrafted
from tests.support.journeys import World
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.registry.equipment.requests import QualifyEquipment, SetEquipmentStatus
from tracker.rules.deviation_state import DeviationStatus

Worlds = Callable[[str], World]


def packed_at(world: World, coi: str) -> tuple[str, datetime]:
    """The event and time at which the cells of a therapy were first packed."""
    statement = next(one.statement for one in world.entries(coi) if one.statement.payload.kind == "packed")
    return statement.event_id, statement.occurred_at


def causes(world: World, coi: str) -> list[tuple[tuple[str, ...], str]]:
    """The drafted deviations of a therapy: why, and about which event."""
    payloads = [one.statement.payload for one in world.entries(coi)]
    return [(one.cause, one.about) for one in payloads if isinstance(one, DeviationDrafted)]


def fail(world: World, shipper: str, since: datetime | None = None) -> None:
    """Quality records that a shipper failed its test, and since when it is unfit where that is known."""
    world.do(
        QualifyEquipment,
        "QA-1",
        at="MFG-1",
        equipment=scan(shipper),
        verdict="failed",
        unfit_since=since,
        standard="vacuum test",
    )


def test_findings_e6_uses_of_a_failed_shipper(world: Worlds) -> None:
    """Both therapies went in shippers; one of these fails, unfit since before: that one therapy has it."""
    given = world("received")
    shipper = given.network.boxes["Dry shipper 1"]
    event, at = packed_at(given, given.one.coi)
    since = at - timedelta(days=1)
    uses = given.tracker.read.equipment_uses(equipment=shipper, since=since)
    assert [(one.coi, one.units, one.packed_at, one.event_id) for one in uses] == [
        (given.one.coi, (given.one.bag,), at, event)
    ]
    assert uses[0].opened_at is not None
    before = causes(given, given.two.coi)
    fail(given, shipper, since)
    assert causes(given, given.one.coi) == [(("not_qualified",), event)]
    assert causes(given, given.two.coi) == before
    found = given.tracker.read.therapy(coi=given.one.coi)
    assert found is not None and [*found[0].unconfirmed_of(given.one.bag)] == [event]
    (deviation,) = [one for one in found[0].deviations.values() if one.about == event]
    assert deviation.units == (given.one.bag,) and deviation.status is DeviationStatus.OPEN
    assert not given.state().units[given.one.bag].quarantined  # it has come out of it
    row = next(one for one in given.tracker.read.board() if one.coi == given.one.coi)
    assert "deviation" in row.attention
    line = given.tracker.read.equipment_line(equipment=shipper)
    assert line is not None and line.violation is not None and line.violation.rule == "not_qualified"
    assert verify_store(given.url).exit_code == 0


def test_uses_that_had_ended(world: Worlds) -> None:
    """Unfit only since the box was opened: no use is listed and no therapy hears of it."""
    given = world("received")
    shipper = given.network.boxes["Dry shipper 1"]
    (use,) = given.tracker.read.equipment_uses(equipment=shipper)
    assert use.opened_at is not None
    assert given.tracker.read.equipment_uses(equipment=shipper, since=use.opened_at) == ()
    just_before = use.opened_at - timedelta(seconds=1)
    assert given.tracker.read.equipment_uses(equipment=shipper, since=just_before) == (use,)
    fail(given, shipper, use.opened_at)
    assert causes(given, given.one.coi) == []


@pytest.mark.parametrize("thing", ["box", "logger"])
def test_findings_a3_fails_its_test_with_cells_inside(world: Worlds, thing: str) -> None:
    """Nobody knows since when: what is in it by the record waits for quality, as if the box were lost."""
    given = world("packed")
    shipper = given.network.boxes["Dry shipper 1"]
    (logger,) = [one.equipment.id for one in given.tracker.read.equipment() if one.box == shipper]
    event, _ = packed_at(given, given.one.coi)
    before = causes(given, given.two.coi)
    fail(given, {"box": shipper, "logger": logger}[thing])
    rule = {"box": "not_qualified", "logger": "not_calibrated"}[thing]
    assert causes(given, given.one.coi) == [((rule,), event)]
    assert causes(given, given.two.coi) == before
    assert [*given.state().unconfirmed_of(given.one.bag)] == [event]
    assert given.state().units[given.one.bag].quarantined
    (held,) = [one for one in given.entries(given.one.coi) if one.statement.kind == "quarantined"]
    assert held.statement.payload.to_json()["units"] == [given.one.bag]
    assert [(one.signer, one.meaning) for one in held.signatures] == [("QA-1", "performed")]
    fail(given, {"box": shipper, "logger": logger}[thing])
    assert [one.statement.kind for one in given.entries(given.one.coi)].count("quarantined") == 1
    assert verify_store(given.url).exit_code == 0


def test_fails_its_test_once_it_is_empty(world: Worlds) -> None:
    """Nobody knows since when, and nothing is in it: the list of its uses is quality's to judge."""
    given = world("received")
    fail(given, given.network.boxes["Dry shipper 1"])
    assert causes(given, given.one.coi) == []


def test_passes_its_test_with_cells_inside(world: Worlds) -> None:
    """What is good troubles nobody: no deviation, and nothing is held."""
    given = world("packed")
    given.do(
        QualifyEquipment, "QA-1", at="MFG-1", equipment=scan(given.network.boxes["Dry shipper 1"]),
        verdict="passed", due_at=given.clock.now() + timedelta(days=300), standard="vacuum test",
        hold_hours=240, others="QA-2 approved",
    )  # fmt: skip
    assert causes(given, given.one.coi) == []
    assert not given.state().units[given.one.bag].quarantined


def test_a_box_on_its_way(world: Worlds) -> None:
    """A use that goes on is one since any time; a logger that was in no box has none."""
    given = world("packed")
    shipper = given.network.boxes["Dry shipper 1"]
    (use,) = given.tracker.read.equipment_uses(equipment=shipper, since=given.clock.now())
    assert use.opened_at is None and use.inside == {given.one.bag}
    lines = {one.equipment.id: one for one in given.tracker.read.equipment()}
    (logger,) = [name for name, line in lines.items() if line.box == shipper]
    assert given.tracker.read.equipment_uses(equipment=logger) == (use,)
    assert lines[shipper].units == 1
    assert given.tracker.read.equipment_uses(equipment=given.network.loggers["Logger 2"]) == ()


def test_findings_e6_a_shipper_lost_on_its_way(world: Worlds) -> None:
    """Lost with cells inside: their therapy waits for quality; an empty one troubles nobody."""
    given = world("packed")
    shipper = given.network.boxes["Dry shipper 1"]
    empty = given.network.boxes["Dry shipper 4"]
    event, _ = packed_at(given, given.one.coi)
    for box in (empty, shipper):
        given.do(SetEquipmentStatus, "COUR-X1", at="COLL-A", equipment=scan(box), status="lost")
    assert causes(given, given.one.coi) == [(("not_in_service",), event)]
    assert given.state().units[given.one.bag].quarantined
    found = given.tracker.read.therapy(coi=given.one.coi)
    assert found is not None and [*found[0].unconfirmed_of(given.one.bag)] == [event]
    assert verify_store(given.url).exit_code == 0
