"""A storage tank's logger: each file judges what lay there and what no file before had."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from schema.events.conditions import ConditionsRecorded, ExcursionFound
from schema.vocabulary import ExcursionDecision, ExposureVerdict, Reason
from tests.support.invariants import require_projections
from tests.support.journeys import World
from tests.tracker.exports.test_epcis import document_of, events_of, require_valid
from tests.tracker.therapy.conditions.test_files_of_shipments import payloads, refused
from tracker.answers import Answer
from tracker.demo.journey import scan
from tracker.demo.network import administer
from tracker.evidence.verification.store import verify_store
from tracker.registry.places.requests import SetLocationConditions
from tracker.therapy.conditions import decisions
from tracker.therapy.conditions.requests import AssessExcursion, RecordConditions
from tracker.therapy.deviations import AssessDeviation, CloseDeviation
from tracker.therapy.making.requests import LiftQuarantine, Release

Worlds = Callable[[str], World]

STEP = timedelta(minutes=10)
TITLE = "Logger 11"


def with_logger(given: World, *, hours: int) -> datetime:
    """The tank of the manufacturer gets a logger, and then records for so long; gives since when."""
    tank = given.network.storage["MFG-1"]
    administer(
        given.network, SetLocationConditions, location=tank, celsius_max="-150", data_logger=logger(given)
    )
    since = given.clock.now()
    given.clock.advance(timedelta(hours=hours))
    return since


def logger(given: World) -> str:
    """The one that records in the tank."""
    return given.network.loggers[TITLE]


def file_of(given: World, since: datetime, count: int, warm: dict[int, str] | None = None) -> str:
    """A reading every ten minutes; some are warmer."""
    known = given.tracker.registry.equipment(logger(given))
    assert known is not None
    lines = [
        f"{since + number * STEP:%Y-%m-%dT%H:%M:%SZ},{(warm or {}).get(number, '-188')}"
        for number in range(count)
    ]
    return "\n".join((f"serial,{known.serial}", "interval_s,600", "time,celsius", *lines, ""))


def sent(given: World, text: str, *, site: str = "MFG-1", actor: str = "QA-1") -> Answer:
    """The file, for the tank of a site."""
    file = b64encode(gzip.compress(text.encode())).decode()
    place = scan(given.network.storage[site])
    return given.ask(RecordConditions, actor, at="MFG-1", location=place, file=file)


def test_logistics_l5_a_tanks_file_judges_each_unit_that_lay_in_it(world: Worlds) -> None:
    """Given a tank at -149 for 20 minutes, then both products go into quarantine, each in its chain."""
    given = world("tested")
    since = with_logger(given, hours=5)
    answer = sent(given, file_of(given, since, 30, {12: "-149", 13: "-149"}))
    assert answer.ok
    (notice,) = answer.notices
    assert notice.rule == "place_outside" and "was outside for 20 min: -149 C" in notice.message

    for journey in (given.one, given.two):
        (found,) = payloads(given, journey, ConditionsRecorded)
        assert (found.location, found.shipment, found.box) == (given.network.storage["MFG-1"], None, None)
        assert {one.unit for one in found.judged} == {*journey.products}
        assert {(one.outside_s, one.unknown_s, one.excursions) for one in found.judged} == {(1200, 0, 1)}
        assert (found.place.celsius_max, found.place.outside_s, found.place.peak_celsius) == (
            "-150",
            1200,
            "-149",
        )
        (excursion,) = payloads(given, journey, ExcursionFound)
        assert (excursion.location, excursion.rules) == (found.location, ("too_long", "too_long_in_all"))
        assert all(journey.state.units[unit].quarantined for unit in journey.products)
        other = given.two if journey is given.one else given.one
        assert other.coi.encode() not in given.bytes_of(journey.coi)
    require_projections(given, (given.one, given.two))
    assert verify_store(given.url, clock=given.clock).exit_code == 0
    document = document_of(given.tracker, given.one.coi)
    told = [one for one in events_of(document) if "sensorElementList" in one][-2:]
    place = given.network.storage["MFG-1"]
    assert [one["bizLocation"]["id"].endswith(place) for one in told] == [True, True]
    readings = given.tracker.read.therapy_readings(coi=given.one.coi)
    assert readings is not None and readings.files[0].where.startswith("LN2 tank")
    assert readings.files[0].trace is not None and readings.files[0].held


def test_logistics_l5_a_tanks_file_that_concerns_more_therapies_than_one_act_takes(
    world: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same file is sent again until each therapy has it; broken off, it goes on where it was."""
    monkeypatch.setattr(decisions, "THERAPIES_MAX", 1)
    given = world("tested")
    text = file_of(given, with_logger(given, hours=5), 30, {12: "-149", 13: "-149"})
    first, second = sorted((given.one.coi, given.two.coi))
    for coi, left in ((first, 1), (second, 0)):
        answer = sent(given, text)
        assert {one.chain for one in answer.entries} == {coi}
        more = [one.message for one in answer.notices if one.rule == "more_to_judge"]
        assert more == (["1 more therapy lay there."] if left else [])
    assert refused(sent(given, text)).error == "already_done"
    for journey in (given.one, given.two):
        assert given.kinds(journey.coi).count("conditions_recorded") == 1
        assert all(journey.state.units[unit].quarantined for unit in journey.products)
    assert verify_store(given.url, clock=given.clock).exit_code == 0


def test_other_systems_take_the_readings_of_a_place_by_the_official_schema(world: Worlds) -> None:
    """Lowest, highest, mean and the alarm, at the place."""
    given = world("tested")
    assert sent(given, file_of(given, with_logger(given, hours=5), 30, {12: "-149"})).ok
    require_valid(document_of(given.tracker, given.one.coi))


def test_logistics_l5_what_an_earlier_file_had_is_not_counted_twice_and_a_gap_between_two_is_unknown(
    world: Worlds,
) -> None:
    """Loggers give all they have each time: only what is new is judged, and what no file has is unknown."""
    given = world("tested")
    since = with_logger(given, hours=40)
    warm = {12: "-149", 13: "-149"}
    assert sent(given, file_of(given, since, 30, warm)).ok
    assert sent(given, file_of(given, since, 60, warm)).ok
    unit = given.state().units[given.one.products[0]]
    assert (unit.outside_band, unit.excursions) == (timedelta(minutes=20), 1)

    late = file_of(given, since + 80 * STEP, 30)
    assert sent(given, late).ok
    (first, second, third) = payloads(given, given.one, ConditionsRecorded)
    assert [one.judged[0].unknown_s for one in (first, second, third)] == [0, 0, 20 * 600]
    assert third.judged[0].verdict is ExposureVerdict.NOT_JUDGEABLE
    missing = file_of(given, since + 55 * STEP, 30)
    assert sent(given, missing).ok
    found = payloads(given, given.one, ConditionsRecorded)[-1]
    assert (found.judged[0].unknown_s, found.judged[0].verdict) == (0, ExposureVerdict.WITHIN)
    assert refused(sent(given, missing)).error == "already_done"
    assert refused(sent(given, file_of(given, since + 70 * STEP, 10))).error == "nothing_there"


def test_logistics_l5_a_tanks_file_of_another_logger_or_by_another_site_is_refused(world: Worlds) -> None:
    """No logger said, another one's file, somebody of elsewhere."""
    given = world("tested")
    since = given.clock.now()
    assert refused(sent(given, file_of(given, since, 3))).error == "no_logger"
    with_logger(given, hours=1)
    text = file_of(given, since, 3)
    known = given.tracker.registry.equipment(logger(given))
    assert known is not None and known.serial is not None
    found = refused(sent(given, text.replace(known.serial, "QT-1")))
    assert found.error == "other_logger" and "in LN2 tank" in (found.remedy or "")
    assert refused(sent(given, text, actor="NURSE-A1")).error == "role_elsewhere"


def test_logistics_l5_excursions_add_up_over_a_life_and_too_many_are_not_released(world: Worlds) -> None:
    """Two short ones, each in its own file: the second is too long in all; once usable, it is released."""
    given = world("tested")
    since = with_logger(given, hours=40)
    units = given.one.frozen_scans(tuple(given.one.products))
    assert sent(given, file_of(given, since, 30, {5: "-149"})).ok
    assert sent(given, file_of(given, since + 30 * STEP, 30, {5: "-149"})).ok
    unit = given.state().units[given.one.products[0]]
    assert (unit.outside_band, unit.excursions) == (timedelta(minutes=20), 2)
    assert "too_long_in_all" in payloads(given, given.one, ExcursionFound)[-1].rules

    for deviation in given.state().deviations:
        about = {"coi": scan(given.one.coi), "deviation": deviation}
        said = {"severity": "minor", "cause": "equipment", "decision": "no_impact", "remark": "Ten minutes."}
        given.do(AssessDeviation, "QA-2", **about, **said)
        given.do(CloseDeviation, "QA-2", others="QP-1 approved", **about)
    for excursion in given.state().excursions:
        given.do(
            AssessExcursion, "QA-2", others="QP-1 approved", coi=scan(given.one.coi), excursion=excursion,
            decision=ExcursionDecision.USABLE, basis="study 12",
        )  # fmt: skip
    given.do(
        LiftQuarantine,
        "QA-2",
        at="MFG-1",
        others="QP-1 approved",
        units=units,
        reason=Reason.TEMPERATURE_EXCURSION,
    )
    assert given.ask(Release, "QP-1", at="MFG-1", others="QA-2 reviewed", units=units).ok
