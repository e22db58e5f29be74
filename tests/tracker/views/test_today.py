"""Today at the front door: the same states as by the ledger alone, and what is due with what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from schema.vocabulary import AlertCause, EquipmentStatus, EquipmentType, ResourceType, Role
from tests.support.invariants import require_projections
from tests.support.journeys import World
from tests.support.plans import BED
from tests.tracker.acts.test_plan_races import COORDINATOR, WEEK, booking, with_one_bed
from tracker.acts.state_cache import StateCache, entries
from tracker.demo import cast
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.local_time import ahead_of
from tracker.protocols.library import shipped
from tracker.registry.capacity.requests import SetLane
from tracker.registry.equipment.requests import SetEquipmentStatus
from tracker.registry.places.requests import CloseResource
from tracker.rules.forecast import Forecast, forecast
from tracker.rules.pathways import pathway_of
from tracker.rules.readiness import Need, Readiness
from tracker.rules.standing import Standing
from tracker.therapy.evolve import replay
from tracker.therapy.planning.forecasts import course_of
from tracker.therapy.planning.requests import Unschedule
from tracker.therapy.shipments.requests import ReportShipment
from tracker.views.today_lines import DueLine
from tui.cli.today import ready_words

Worlds = Callable[[str], World]
PROTOCOL = shipped("autologous-cryopreserved").protocol
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def planned(world: Worlds, stage: str) -> World:
    """Two therapies in a stage, the first of them booked to its infusion."""
    given = world(stage)
    with_one_bed(given)
    assert given.send(booking(given, given.one)).ok
    return given


def from_the_ledger(given: World, coi: str, now: datetime) -> Forecast:
    """What a forecast is when nothing but the entries of the store is read."""
    with given.tracker.store.read() as transaction:
        registry = StateCache().registry(transaction).state
        state = replay((one.sequence, one.statement) for one in entries(transaction, coi))
    assert state is not None
    pathway = pathway_of(PROTOCOL, state.sites, registry, ahead_of(registry))
    return forecast(course_of(state, PROTOCOL), pathway, now)


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("enrolled", {Standing.NOT_STARTED, Standing.STALLED, Standing.LATE}),
        ("collected", {Standing.ON_TRACK, Standing.BREACH}),
        ("packed", {Standing.ON_TRACK, Standing.STALLED, Standing.LATE, Standing.BREACH}),
        ("received", {Standing.ON_TRACK, Standing.STALLED, Standing.LATE}),
    ],
)
def test_logistics_t1_states_and_reasons_are_those_of_the_ledger_alone(
    world: Worlds, stage: str, expected: set[Standing]
) -> None:
    """At each hour of the plan and long after it: one state and one reason for each running therapy."""
    given = planned(world, stage)
    began, seen = given.clock.now(), set[Standing]()
    for days in (0, 1, 2, 3, 4, 6, 9, 20, 60):
        given.clock.set(began + days * DAY)
        lines = {one.coi: one for one in given.tracker.read.forecasts()}
        assert {*lines} == {given.one.coi, given.two.coi}
        for coi, line in lines.items():
            told = from_the_ledger(given, coi, given.clock.now())
            assert (line.standing, line.reason) == (told.standing, told.reason)
            assert [one.projected for one in line.milestones] == [one.start for one in told.milestones]
            seen.add(line.standing)
        counts = dict(given.tracker.read.board_counts().standings)
        assert counts == {one: [line.standing for line in lines.values()].count(one) for one in Standing}
        assert {one.coi for one in given.tracker.read.today().exceptions} == {
            coi for coi, line in lines.items() if line.standing in list(Standing)[:4]
        }
    assert seen == expected
    require_projections(given, [given.one, given.two])


def test_logistics_t3_an_estimate_after_a_limit_is_a_breach_in_every_list(world: Worlds) -> None:
    """Nobody booked the box; its courier says that it comes an hour after it holds, then before."""
    given = world("packed")
    one = given.one
    ((box, hold),) = given.state(one).boxes_hold.items()
    before = hold.until - HOUR

    def told(expected: datetime) -> None:
        given.clock.advance(timedelta(minutes=1))
        given.do(
            ReportShipment, "COUR-X1", at="MFG-1", shipment=scan(box), milestone="delayed", place="jfk",
            source="phone", estimated_delivery=expected,
        )  # fmt: skip
        given.clock.advance(timedelta(minutes=1))

    told(hold.until + HOUR)
    line = given.tracker.read.therapy_forecast(coi=one.coi)
    assert line is not None and line.standing is Standing.BREACH
    assert line.reason.startswith("Hold time of the shipper ends ")
    assert "and the carrier is expected at MFG-1 only" in line.reason
    alone = from_the_ledger(given, one.coi, given.clock.now())
    assert (alone.standing, alone.reason) == (line.standing, line.reason)
    assert one.coi in [each.coi for each in given.tracker.read.today().exceptions]
    assert dict(given.tracker.read.board_counts().standings)[Standing.BREACH] == 1
    (alert,) = [each for each in given.tracker.read.alerts() if each.cause is AlertCause.BREACH]
    assert (alert.limit, alert.due_at, alert.projected_at) == ("hold_time", hold.until, hold.until + HOUR)
    assert alert.called[0].role is Role.COORDINATOR
    require_projections(given, [one, given.two])

    told(before)
    line = given.tracker.read.therapy_forecast(coi=one.coi)
    assert line is not None and line.standing is not Standing.BREACH
    assert one.coi not in [each.coi for each in given.tracker.read.alerts() if each.id == alert.id]
    require_projections(given, [one, given.two])


def due(given: World, milestone: str, site: str) -> DueLine:
    """The line of a milestone at the site where it has to be ready."""
    (line,) = [one for one in given.tracker.read.today(site=site).due if one.milestone == milestone]
    return line


def test_logistics_t2_a_pick_up_in_three_hours_without_a_shipper_is_not_ready(world: Worlds) -> None:
    """All that the site could take are away for cleaning: said where it has to be packed."""
    given = planned(world, "frozen")
    for one in given.tracker.registry.equipments.values():
        is_there = one.status is EquipmentStatus.IN_SERVICE and one.site in ("COLL-A", "CARR-X")
        if one.equipment_type is EquipmentType.SHIPPER and is_there:
            away = {"equipment": scan(one.id), "status": "cleaning"}
            given.do(SetEquipmentStatus, "ADMIN-1", at="MFG-1", **away)
    (receipt,) = [one for one in given.tracker.read.plan(coi=given.one.coi) if one.name == "receipt"]
    assert receipt.departs is not None
    given.clock.set(receipt.departs - 3 * HOUR)
    line = due(given, "receipt", "COLL-A")
    assert line.at == receipt.departs and line.is_pick_up and line.place == "COLL-A › MFG-1"
    assert line.dots == (Readiness.READY, Readiness.READY, Readiness.MISSING, Readiness.LOOK)
    assert ready_words(line).startswith("●●■▲ not ready: shipper (no shipper is fit: ")
    states = {one.need: one.readiness for one in line.items}
    assert states[Need.PEOPLE] is Readiness.READY and states[Need.COURIER] is Readiness.LOOK
    assert due(given, "receipt", "MFG-1") == line, "whom it comes to sees it, too"
    assert not given.tracker.read.today(site="TREAT-B").due


def test_logistics_t4_nothing_for_three_days_is_stalled_unless_something_is_booked(world: Worlds) -> None:
    """The one that is booked waits for its day; the other has been silent for three days."""
    given = planned(world, "enrolled")
    last = given.state(given.two).facts["enrolled"].at
    moment = timedelta(milliseconds=1)
    for before, expected in ((moment, Standing.NOT_STARTED), (0 * DAY, Standing.STALLED)):
        given.clock.set(last + 3 * DAY - before)
        line = given.tracker.read.therapy_forecast(coi=given.two.coi)
        assert line is not None and line.standing is expected
    booked = given.tracker.read.therapy_forecast(coi=given.one.coi)
    assert booked is not None and booked.standing is not Standing.STALLED
    given.do(Unschedule, COORDINATOR, coi=scan(given.one.coi), reason="other")
    given.clock.advance(3 * DAY)
    freed = given.tracker.read.therapy_forecast(coi=given.one.coi)
    assert freed is not None and freed.standing is Standing.STALLED and not freed.milestones


def test_a_closed_day_is_told_among_the_exceptions_and_in_the_counts(world: Worlds) -> None:
    """Nothing is written in the therapy, and it is at risk in every view."""
    given = planned(world, "enrolled")
    (bed,) = [one for one in given.tracker.read.plan(coi=given.one.coi) if one.resource == BED]
    before = given.count()
    day = bed.start.date()
    site, code = BED.split("/")
    given.do(
        CloseResource, "ADMIN-1", at="MFG-1", site=site, resource=code, from_day=day.isoformat(),
        until_day=(day + 2 * DAY).isoformat(), title="water damage",
    )  # fmt: skip
    assert given.count() == before + 1
    today = given.tracker.read.today()
    (line,) = today.exceptions
    assert (line.coi, line.standing) == (given.one.coi, Standing.AT_RISK)
    assert "water damage" in line.reason and line.about is not None and line.about.name == "infusion"
    assert dict(today.counts)[Standing.AT_RISK] == 1 and today.exception_count == 1
    (row,) = given.tracker.read.board_page(limit=5, standing=Standing.AT_RISK).rows
    assert row.coi == given.one.coi
    told = from_the_ledger(given, given.one.coi, given.clock.now())
    assert (line.standing, line.reason) == (told.standing, told.reason)
    assert verify_store(given.url, clock=given.clock).exit_code == 0
    given.clock.set(bed.start)
    beds = next(one for one in given.tracker.read.today().week if one.resource_type is ResourceType.BED)
    assert beds.places > 0, "a closed day on which somebody lies there is not the fullest one"


def test_logistics_t5_what_arrives_on_a_closed_day_is_told_among_the_exceptions(world: Worlds) -> None:
    """It is picked up the day before, when its site is open, and nobody takes it in: so in every view."""
    given = planned(world, "frozen")
    (receipt,) = [one for one in given.tracker.read.plan(coi=given.one.coi) if one.name == "receipt"]
    assert receipt.departs is not None and receipt.departs.date() < receipt.start.date()
    given.do(
        CloseResource, "ADMIN-1", at="MFG-1", site="MFG-1", from_day=receipt.start.date().isoformat(),
        until_day=receipt.start.date().isoformat(), title="power cut",
    )  # fmt: skip
    (line,) = given.tracker.read.today().exceptions
    told = from_the_ledger(given, given.one.coi, given.clock.now())
    assert (line.standing, line.reason) == (told.standing, told.reason)
    assert "power cut" in line.reason


def test_a_lane_that_drives_on_other_days_is_told_among_the_exceptions(world: Worlds) -> None:
    """The carrier that was counted on comes a day later: at risk everywhere, and not ready, by itself."""
    given = planned(world, "frozen")
    (receipt,) = [one for one in given.tracker.read.plan(coi=given.one.coi) if one.name == "receipt"]
    assert receipt.departs is not None
    other = [day for place, day in enumerate(WEEK) if place != receipt.departs.weekday()]
    before = given.count()
    given.do(
        SetLane, "ADMIN-1", at=cast.HUB, lane="COLL-A-MFG-1", from_site="COLL-A", to_site="MFG-1",
        carrier="CARR-X", transit_hours=24, cutoff="17:00", picks_up_on=other,
    )  # fmt: skip
    assert given.count() == before + 1
    today = given.tracker.read.today()
    (line,) = today.exceptions
    assert (line.coi, line.standing) == (given.one.coi, Standing.AT_RISK)
    assert line.about is not None and line.about.name == "receipt" and "does not drive on" in line.reason
    assert dict(today.counts)[Standing.AT_RISK] == 1
    given.clock.set(receipt.departs - 3 * HOUR)
    states = {one.need: one for one in due(given, "receipt", "COLL-A").items}
    assert states[Need.COURIER].readiness is Readiness.MISSING
    assert "does not drive" in states[Need.COURIER].words


def test_a_pick_up_that_has_passed_is_late_in_every_view(world: Worlds) -> None:
    """An hour after its time nobody has taken the box: late, the same by the rows and by the ledger."""
    given = planned(world, "packed")
    (receipt,) = [one for one in given.tracker.read.plan(coi=given.one.coi) if one.name == "receipt"]
    assert receipt.departs is not None
    for span, expected, said in (
        (HOUR, Standing.ON_TRACK, "Next is receipt"),
        (HOUR + timedelta(minutes=1), Standing.LATE, "The pick-up for receipt"),
    ):
        given.clock.set(receipt.departs + span)
        line = given.tracker.read.therapy_forecast(coi=given.one.coi)
        told = from_the_ledger(given, given.one.coi, given.clock.now())
        assert line is not None and (line.standing, line.reason) == (told.standing, told.reason)
        assert line.standing is expected and line.reason.startswith(said), line
    assert dict(given.tracker.read.board_counts().standings)[Standing.LATE] == 1
