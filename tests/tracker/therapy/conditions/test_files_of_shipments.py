"""A logger's file of a shipment: judged for each unit inside, kept once in each chain, and assessed."""

from __future__ import annotations

import gzip
import sqlite3
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from schema.events.conditions import ConditionsRecorded, ExcursionFound
from schema.events.custody import Inspected, Packed
from schema.events.deviations import DeviationDrafted
from schema.events.processing import Quarantined
from schema.vocabulary import ErasureGround, ExcursionDecision, ExposureVerdict, Meaning, Reason
from tests.support.invariants import require_projections
from tests.support.journeys import World, scans
from tests.tracker.exports.test_epcis import document_of, events_of
from tracker.answers import Answer, Problem
from tracker.demo.journey import Journey, scan
from tracker.evidence.verification.store import verify_store
from tracker.therapy.conditions.requests import AssessExcursion, RecordConditions
from tracker.therapy.deviations import AssessDeviation, CloseDeviation
from tracker.therapy.erasure import Erase
from tracker.therapy.making.requests import LiftQuarantine, Release

Worlds = Callable[[str], World]

STEP = timedelta(minutes=10)


def packed(given: World, journey: Journey) -> Packed:
    """How the product was packed last."""
    found = [one.statement.payload for one in given.entries(journey.coi)]
    return [one for one in found if isinstance(one, Packed)][-1]


def serial_of(given: World, journey: Journey) -> str:
    """The number of the logger in its box."""
    logger = given.tracker.registry.equipment(packed(given, journey).data_logger or "")
    assert logger is not None and logger.serial is not None
    return logger.serial


def recorded(given: World, journey: Journey, warm: dict[int, str] | None = None, title: str = "") -> str:
    """A logger's file from two hours before packing until an hour after opening; some readings warmer."""
    times = {type(one.statement.payload): one.statement.occurred_at for one in given.entries(journey.coi)}
    since, until = times[Packed] - timedelta(hours=2), times[Inspected] + timedelta(hours=1)
    count = (until - since) // STEP
    head = f"serial,{serial_of(given, journey)}\ninterval_s,600\ntime,celsius\n"
    lines = []
    for number in range(count):
        at = since + number * STEP
        cold = "21.0" if at < times[Packed] - STEP or at > times[Inspected] else "-184.2"
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},{(warm or {}).get(number, cold)}\n")
    return head + "".join(lines) + title


def sent(given: World, journey: Journey, text: str, **more: object) -> Answer:
    """The file, recorded by somebody of the manufacturer's dock."""
    file = b64encode(gzip.compress(text.encode())).decode()
    shipment = scan(packed(given, journey).shipment)
    return given.ask(RecordConditions, "QA-1", at="MFG-1", shipment=shipment, file=file, **more)


def refused(answer: Answer) -> Problem:
    """Why it is refused; nothing was written."""
    assert answer.problem is not None and not answer.entries
    return answer.problem


def payloads(given: World, journey: Journey, kind: type) -> list:  # type: ignore[type-arg]
    """The payloads of one kind in a chain."""
    return [one.statement.payload for one in given.entries(journey.coi) if one.statement.kind == kind.kind]  # type: ignore[attr-defined]


def test_logistics_c10_a_cold_journey_is_within_and_what_was_before_it_is_not_judged(world: Worlds) -> None:
    given = world("delivered")
    assert sent(given, given.one, recorded(given, given.one)).ok

    (found,) = payloads(given, given.one, ConditionsRecorded)
    assert {one.verdict for one in found.judged} == {ExposureVerdict.WITHIN}
    assert {one.unit for one in found.judged} == {*given.one.products}
    assert found.outside_custody > 12
    assert (found.celsius_min, found.celsius_max) == ("-184.2", "21")
    assert not payloads(given, given.one, ExcursionFound)
    require_projections(given, (given.one, given.two))


def test_a_file_that_ends_before_the_box_was_packed_is_read_later(world: Worlds) -> None:
    """Nothing of it is of the time in the box: it is no file of this journey, and never in order."""
    given = world("packed")
    box = packed(given, given.one)
    at = next(
        one.statement.occurred_at for one in given.entries(given.one.coi) if one.statement.payload == box
    )
    times = (at - timedelta(hours=3), at - timedelta(hours=2))
    readings = "".join(f"{one:%Y-%m-%dT%H:%M:%SZ},-190.1\n" for one in times)
    text = f"serial,{serial_of(given, given.one)}\ninterval_s,600\ntime,celsius\n{readings}"
    problem = refused(sent(given, given.one, text))
    assert f"No reading lies in the time in the box {box.box}" in problem.message
    assert problem.remedy == "Read the file of its logger when the box was opened."


def test_logistics_c1_an_excursion_is_quarantined_with_a_drafted_deviation_in_one_act(world: Worlds) -> None:
    given = world("delivered")
    answer = sent(given, given.one, recorded(given, given.one, {20: "-149.9", 21: "-128", 22: "-149"}))
    assert answer.ok

    acts = [one for one in given.entries(given.one.coi) if one.statement.act == answer.event_id]
    kinds = [one.statement.kind for one in acts]
    assert kinds == ["conditions_recorded", "excursion_found", "deviation_drafted", "quarantined"]
    found, drafted, held = (one.statement.payload for one in acts[1:])
    assert isinstance(found, ExcursionFound) and isinstance(drafted, DeviationDrafted)
    assert isinstance(held, Quarantined)
    assert (found.rules, found.peak_celsius) == (("too_long", "too_long_in_all"), "-128")
    assert (found.outside_s, found.ended_at - found.began_at) == (1800, timedelta(minutes=30))
    assert drafted.cause == ("temperature_excursion",) and drafted.about == acts[1].statement.event_id
    assert (set(held.units), held.reason) == ({*given.one.products}, Reason.TEMPERATURE_EXCURSION)
    state = given.state()
    assert all(state.units[unit].outside_band == timedelta(minutes=30) for unit in held.units)
    assert verify_store(given.url, clock=given.clock).exit_code == 0


def test_logistics_c3_readings_that_are_missing_are_unknown_and_never_good(world: Worlds) -> None:
    given = world("delivered")
    lines = recorded(given, given.one).splitlines(keepends=True)
    assert sent(given, given.one, "".join((*lines[:30], *lines[33:]))).ok

    (found,) = payloads(given, given.one, ExcursionFound)
    assert (found.verdict, found.unknown_s, found.outside_s) == (ExposureVerdict.NOT_JUDGEABLE, 1800, 0)
    assert payloads(given, given.one, DeviationDrafted)[-1].cause == ("temperature_unknown",)


def test_logistics_c4_a_file_of_another_logger_is_refused(world: Worlds) -> None:
    given = world("delivered")
    serial = serial_of(given, given.one)
    found = refused(sent(given, given.one, recorded(given, given.one).replace(serial, "QT-99999")))

    assert found.error == "other_logger"
    assert "The file is of the logger QT-99999; Logger" in found.message and serial in found.message


def test_logistics_c11_the_same_file_is_said_to_be_done_and_another_is_read_beside_it(world: Worlds) -> None:
    given = world("delivered")
    text = recorded(given, given.one)
    assert sent(given, given.one, text).ok
    assert refused(sent(given, given.one, text)).error == "already_done"
    assert sent(given, given.one, recorded(given, given.one, {18: "-190.0"})).ok
    assert len(given.state().files_read) == 2


def test_logistics_q4_a_quarantine_is_lifted_after_quality_has_found_the_excursion_bearable(
    world: Worlds,
) -> None:
    """Quality assesses, another person approves; not usable keeps the cells where they are."""
    given = world("delivered")
    sent(given, given.one, recorded(given, given.one, {13: "-149.9"}))
    (excursion,), (deviation,) = given.state().excursions, given.state().deviations
    lift = {"units": scans(*given.one.products), "reason": Reason.TEMPERATURE_EXCURSION}
    said = {"severity": "minor", "cause": "carrier", "decision": "no_impact", "remark": "One minute."}
    given.do(AssessDeviation, "QA-2", coi=scan(given.one.coi), deviation=deviation, **said)

    def assess(actor: str, decision: ExcursionDecision) -> Answer:
        about = {"coi": scan(given.one.coi), "excursion": excursion, "basis": "stability study 12"}
        return given.ask(AssessExcursion, actor, others="QP-1 approved", decision=decision, **about)

    lifting = {"at": "MFG-1", "others": "QP-1 approved", **lift}
    assert given.refusal(LiftQuarantine, "QA-2", **lifting).error == "excursion_open"
    assert refused(assess("OPER-1", ExcursionDecision.USABLE)).error == "role_missing"
    assert assess("QA-2", ExcursionDecision.NOT_USABLE).ok
    assert given.refusal(LiftQuarantine, "QA-2", **lifting).error == "excursion_not_usable"
    assert assess("QA-2", ExcursionDecision.USABLE).ok
    entry = given.entries(given.one.coi)[-1]
    assert [(one.signer, one.meaning) for one in entry.signatures] == [
        ("QA-2", Meaning.PERFORMED), ("QP-1", Meaning.APPROVED),
    ]  # fmt: skip
    assert given.ask(LiftQuarantine, "QA-2", **lifting).problem is None


def test_logistics_q4_nothing_is_released_that_was_made_of_cells_with_an_open_excursion(
    world: Worlds,
) -> None:
    """The starting material was warm on its way: what came of it waits for quality."""
    given = world("tested")
    sent(given, given.one, recorded(given, given.one, {13: "-149.9"}))
    (deviation,) = given.state().deviations
    about = {"coi": scan(given.one.coi), "deviation": deviation}
    said = {"severity": "minor", "cause": "carrier", "decision": "no_impact", "remark": "One minute."}
    given.do(AssessDeviation, "QA-2", **about, **said)
    given.do(CloseDeviation, "QA-2", others="QP-1 approved", **about)
    units = given.one.frozen_scans(tuple(given.one.products))

    found = given.refusal(Release, "QP-1", at="MFG-1", others="QA-2 reviewed", units=units)
    assert found.error == "excursion_open"


def test_logistics_c14_a_name_in_a_file_goes_with_the_patients_other_data(world: Worlds) -> None:
    given = world("delivered")
    text = recorded(given, given.one)
    hobo = '"Plot Title: Doe, Jane"\n"Date Time, GMT+00:00","Temp, °C (LGR S/N: {})"\n'
    rows = [line.replace("T", " ").replace("Z,", ",") for line in text.splitlines()[3:]]
    named = hobo.format(serial_of(given, given.one)) + "\n".join([*rows, ""])
    assert sent(given, given.one, named).ok
    path = Path(given.url.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as connection:
        kept = [gzip.decompress(row[0]) for row in connection.execute("SELECT content FROM condition_file")]
        assert kept and all(b"Doe, Jane" in content for content in kept)
        assert not connection.execute("SELECT count(*) FROM paper_scan").fetchone()[0]
    assert given.tracker.preview_erasure(given.one.coi).values["files of data loggers"] == 1
    erasing = given.request(
        Erase, "QA-2", coi=scan(given.one.coi), reason=Reason.DATA_SUBJECT_REQUEST,
        ground=ErasureGround.CONSENT_WITHDRAWN, others="QP-1 approved",
    )  # fmt: skip
    assert given.send(erasing).ok
    with sqlite3.connect(path) as connection:
        assert not any("Doe, J" in line for line in connection.iterdump())
        assert not connection.execute("SELECT count(*) FROM condition_file").fetchone()[0]
    assert verify_store(given.url, clock=given.clock).exit_code == 0


def test_other_systems_read_the_file_and_the_excursion_as_sensor_reports(world: Worlds) -> None:
    """Lowest, highest and mean of the file with its logger; the excursion as an alarm with its peak."""
    given = world("delivered")
    sent(given, given.one, recorded(given, given.one, {13: "-128"}))
    found = [
        one for one in events_of(document_of(given.tracker, given.one.coi)) if "sensorElementList" in one
    ]
    (file,), (alarm,) = (one["sensorElementList"] for one in found[-2:])
    (read,), (far,) = file["sensorReport"], alarm["sensorReport"]

    assert (read["type"], read["minValue"], read["maxValue"], read["uom"]) == (
        "Temperature",
        -184.2,
        21,
        "CEL",
    )
    assert file["sensorMetadata"]["deviceID"].endswith(packed(given, given.one).data_logger or "?")
    assert (far["value"], far["exception"]) == (-128, "ALARM_CONDITION")
    assert alarm["sensorMetadata"]["startTime"] < alarm["sensorMetadata"]["endTime"]
