"""Alerts handed on: once for each cause and role, never lost, however often the hub is killed."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import orjson
import pytest

from schema.tables import AlertHandedOnRow, tuple_of
from schema.vocabulary import AlertCause, Reason, Role
from tests.support.journeys import Template, World
from tests.support.stores import sqlite_url
from tracker.clock import SimulatedClock
from tracker.demo.journey import scan
from tracker.handing_on import (
    ONE_BY_ONE_MAX,
    WAITS,
    HandOn,
    ToHandOn,
    document_of,
    grouped,
    is_due,
)
from tracker.people.passwords import WEAK
from tracker.rules.alert_state import Rung
from tracker.site_command import SiteCommand
from tracker.therapy.alerts import AcknowledgeAlert
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.making.requests import Quarantine
from tracker.tracker import Environment, Tracker
from tracker.views.alerts import AlertLine, alert_sentence

Worlds = Callable[[str], World]
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
QUALITY = Rung(Role.QUALITY, "MFG-1")
attempt_row = tuple_of(AlertHandedOnRow)


def attempts(count: int, result: str = "ended with 1", at: datetime = NOW) -> list[AlertHandedOnRow]:
    """So many attempts with one result, the last at a time."""
    return [
        attempt_row(
            alert="a", role="quality", attempt=one + 1, subject="U", due_at=NOW, channel="sh", at=at,
            result=result,
        )
        for one in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tried", "after", "due"),
    [
        (attempts(0), timedelta(0), True),
        (attempts(1, "done"), timedelta(days=9), False),
        (attempts(1), WAITS[0] - timedelta(seconds=1), False),
        (attempts(1), WAITS[0], True),
        (attempts(2), WAITS[0], False),
        (attempts(3), WAITS[2], True),
        (attempts(4), timedelta(days=9), False),
        (attempts(2), -timedelta(hours=3), True),
    ],
)
def test_logistics_it_is_tried_three_times_more(
    tried: list[AlertHandedOnRow], after: timedelta, *, due: bool
) -> None:
    """After a minute, five and fifteen; taken once, never again; a clock set back does not hold it up."""
    assert is_due(tried, NOW + after) is due


def waiting(count: int) -> list[ToHandOn]:
    """So many alerts, of two sites in turn."""
    return [
        ToHandOn(
            AlertLine(
                f"{one:016x}", "CD1", AlertCause.LATE, f"U{one}", None, "x", NOW, NOW, None,
                (Rung(Role.QUALITY, f"MFG-{one % 2}"),),
            ),
            Rung(Role.QUALITY, f"MFG-{one % 2}"),
            1,
        )
        for one in range(count)
    ]  # fmt: skip


def test_logistics_500_alerts_at_once_are_grouped(world: Worlds) -> None:
    """Ten go one by one; five hundred in one document for each role of a site, none left out."""
    assert [len(one) for one in grouped(waiting(10))] == [1] * 10
    assert [len(one) for one in grouped(waiting(500))] == [250, 250]
    group = next(iter(grouped(waiting(500))))
    document = orjson.loads(document_of(world("enrolled").tracker.registry, group[0].rung, group))
    assert (document["count"], document["site"], document["role"]) == (250, "MFG-0", "quality")
    assert len({one["alert"] for one in document["alerts"]}) == 250


def appending(file: Path) -> SiteCommand:
    """A gateway that writes each document into a file."""
    return SiteCommand.parse(f"cat >> {file}", by_shell=True)


def told(file: Path) -> list[dict[str, Any]]:
    """Every alert that the gateway got, in order, with site and role."""
    documents = [orjson.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []
    return [
        {**alert, "role": one["role"], "site": one["site"]} for one in documents for alert in one["alerts"]
    ]


def with_alerts(given: World) -> World:
    """A quarantined unit and two deviations."""
    unit = scan(given.one.products[0])
    given.do(Quarantine, "QA-2", units=(unit,), reason=Reason.OTHER, remark="Amber Quill said so")
    for word in ("label", "bag"):
        given.do(
            OpenDeviation, "QA-2", coi=scan(given.one.coi), category=word, description="Amber Quill said so"
        )
    return given


def test_logistics_each_cause_is_handed_on_once_and_climbs(world: Worlds, tmp_path: Path) -> None:
    """Without a name or free text; seen, it goes no further; unseen, the next role is told."""
    given = with_alerts(world("made"))
    file = tmp_path / "got"
    hand_on = HandOn(given.tracker, appending(file))
    assert hand_on.turn().is_whole and hand_on.turn().runs == 0
    first = told(file)
    standing = given.tracker.read.alerts()
    assert sorted(one["alert"] for one in first) == sorted(one.id for one in standing)
    assert {one["role"] for one in first if one["cause"] == "quarantined"} == {"quality"}
    secrets = [one.value.encode() for one in given.one.wristband()]
    assert not any(word in file.read_bytes() for word in (b"Amber", *secrets))

    held = next(one for one in standing if one.cause is AlertCause.QUARANTINED)
    given.do(AcknowledgeAlert, "QA-2", **{**held.request, "coi": scan(given.one.coi), "limit": None})
    given.clock.advance(timedelta(hours=1, minutes=1))
    hand_on.turn()
    climbed = [one for one in told(file)[len(first) :] if one["cause"] in ("unassessed", "quarantined")]
    assert {(one["cause"], one["role"], one["escalated"]) for one in climbed} == {
        ("unassessed", "qualified_person", True)
    }
    assert held.id in {one.id for one in given.tracker.read.alerts()}, "seen, and still there"


def test_logistics_a_command_that_fails_is_noted_and_given_up_in_the_end(
    world: Worlds, tmp_path: Path
) -> None:
    """Four attempts under one id; then the hub says so, and never calls for ever."""
    given = with_alerts(world("made"))
    hand_on = HandOn(given.tracker, SiteCommand.parse(f"echo >> {tmp_path}/n; exit 1", by_shell=True))
    alert = given.tracker.read.alerts()[0]
    for wait in (timedelta(0), *WAITS):
        given.clock.advance(wait)
        turn = hand_on.turn()
        assert turn.runs and not turn.done and turn.problem == "ended with 1"
    given.clock.advance(timedelta(minutes=1))
    assert hand_on.turn().given_up >= 3
    with given.tracker.store.read() as transaction:
        noted = [one for one in transaction.handed_on(alert.id) if one.role == alert.called[0].role.value]
    assert [(one.attempt, one.result) for one in noted] == [(n, "ended with 1") for n in range(1, 5)]


def hub_until_killed(url: str, at: datetime, file: Path, config: Path, ready: Any) -> None:
    """The hub in another process, turn by turn: take in, sign, derive, hand on, note."""
    environment = Environment(SimulatedClock(at), cost=WEAK, config=config)
    tracker = Tracker.open(url=url, environment=environment)
    hub = tracker.hub(station=None, deliver=None, every_minutes=15, hand_on=appending(file))
    hub.start()
    ready.set()
    while True:
        hub.turn()


def copied(given: World, path: Path) -> str:
    """The store in a file that this process has never opened: no connection goes along into another one."""
    with sqlite3.connect(given.url.removeprefix("sqlite:///")) as source, sqlite3.connect(path) as target:
        source.backup(target)
    source.close()
    target.close()
    return sqlite_url(path)


def test_logistics_t6_the_hub_killed_at_twenty_moments_loses_no_alert(
    world: Worlds, template: Template, tmp_path: Path
) -> None:
    """Handed on again only where the end of a command was not noted, and then under the same id."""
    given = with_alerts(world("made"))
    for word in "cdefg":
        given.do(OpenDeviation, "QA-2", coi=scan(given.one.coi), category=word * 3, description="x")
    file, at, url = tmp_path / "got", given.clock.now(), copied(given, tmp_path / "copy.db")
    config = template.keys(tmp_path / "keys")
    wanted = {one.id for one in given.tracker.read.alerts()}
    assert 8 <= len(wanted) <= ONE_BY_ONE_MAX
    context, moments = get_context("fork"), random.Random(6)
    killed = 0
    while killed < 20:
        ready = context.Event()
        process = context.Process(target=hub_until_killed, args=(url, at, file, config, ready))
        process.start()
        assert ready.wait(60)
        time.sleep(moments.uniform(0, 0.04))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        killed += 1
    environment = Environment(SimulatedClock(at), cost=WEAK, config=config)
    tracker = Tracker.open(url=url, environment=environment)
    hub = tracker.hub(station=None, deliver=None, every_minutes=15, hand_on=appending(file))
    hub.start()
    assert hub.turn().trouble is None
    counts = Counter(one["alert"] for one in told(file))
    assert counts.keys() == wanted
    assert sum(counts.values()) - len(wanted) <= killed
    assert HandOn(tracker, appending(file)).turn().runs == 0
    hub.stop()
    tracker.close()


def test_logistics_a_clock_set_back_hands_nothing_on_twice(world: Worlds, tmp_path: Path) -> None:
    """By three hours: what was taken was taken, what stands is the same, and nothing climbs."""
    given, file = with_alerts(world("made")), tmp_path / "got"
    hand_on = HandOn(given.tracker, appending(file))
    hand_on.turn()
    before, taken = {one.id for one in given.tracker.read.alerts()}, len(told(file))
    given.clock.set(given.clock.now() - timedelta(hours=3))
    assert {one.id for one in given.tracker.read.alerts()} == before
    assert hand_on.turn().runs == 0 and len(told(file)) == taken


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            {"cause": AlertCause.AT_RISK, "subject": "CD1", "title": "Infusion", "projected_at": NOW},
            "At risk: Infusion, CD1, promised for Tue 1 Dec 09:00, projected for Tue 1 Dec 09:00 (MFG-1).",
        ),
        (
            {"cause": AlertCause.QUARANTINED, "subject": "UD1", "title": "In quarantine: product"},
            "Quarantined: In quarantine: product, UD1 of CD1, since Tue 1 Dec 09:00 (MFG-1).",
        ),
        (
            {"cause": AlertCause.DUE, "subject": "UD1", "title": "Time out of storage"},
            "Due: Time out of storage, UD1 of CD1, due Tue 1 Dec 09:00 (MFG-1).",
        ),
        (
            {"cause": AlertCause.BREACH, "subject": "UD1", "title": "Hold time: expected only after it",
             "projected_at": NOW},
            (
                "Breach: Hold time: expected only after it, UD1 of CD1, ends Tue 1 Dec 09:00, "
                "projected for Tue 1 Dec 09:00 (MFG-1)."
            ),
        ),
    ],
)  # fmt: skip
def test_a_mail_says_it_once_by_the_clocks_of_whom_it_calls(
    world: Worlds, line: dict[str, Any], says: str
) -> None:
    """A therapy is named once; what was promised is no other time than what is projected."""
    values = {"coi": "CD1", "limit": None, "due_at": NOW, "since": NOW, "projected_at": None, "called": ()}
    alert = AlertLine(**{"id": "a", **values, **line})
    assert alert_sentence(world("enrolled").tracker.registry, alert, "MFG-1") == says
