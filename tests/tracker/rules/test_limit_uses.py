"""How much of a limit was used, and how it came to its end: each run, by the events of a chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.journeys import World
from tracker.demo.journey import scan
from tracker.protocols.model import Limit
from tracker.rules.limit_uses import HowEnded, LimitUse, ended_by, runs_of, span_words
from tracker.rules.therapy_state import Occurrence
from tracker.therapy.custody import requests as custody
from tracker.views.marks import transitions

Worlds = Callable[[str], World]


def limit(**values: object) -> Limit:
    """A limit from retrieval to infusion, which putting away clears."""
    known = {
        "name": "removal", "title": "Removal to infusion", "start": "retrieved", "until": "infusion_started",
        "within": "PT20M", "cleared_by": ["stored", "packed"], "source": "a test",
    }  # fmt: skip
    return Limit.model_validate({**known, **values})


def runs(given: World, one: Limit) -> Iterator[LimitUse]:
    """What each event of the first therapy ended, by a protocol with this limit alone."""
    state = given.state()
    protocol = given.tracker.read.protocol(sha256=state.protocol.sha256)
    assert protocol is not None
    alone = protocol.model_copy(update={"limits": (one,)})
    for step in transitions(given.entries(given.one.coi)):
        if step.before is not None and step.after is not None:
            yield from ended_by(step.entry.statement, step.before, step.after, alone)
    yield from runs_of(state, alone).values()


def moved(given: World, *, minutes: int) -> None:
    """The frozen bag out of its tank and back after a time."""
    units, tank = given.one.frozen_scans((given.one.bag,)), scan(given.network.storage["COLL-A"])
    given.do(custody.Retrieve, "TECH-A1", units=units, location=tank)
    given.clock.advance(timedelta(minutes=minutes - 1))
    declared = {"outside_rules": {"reason": "other"}, "others": "TECH-A2 witnessed"} if minutes > 30 else {}
    given.do(custody.StoreUnits, "TECH-A1", units=units, location=tank, **declared)


def test_cleared_in_time_and_too_late(world: Worlds) -> None:
    """Putting back stops a limit without having met it; after its time that is too late all the same."""
    given = world("frozen")
    moved(given, minutes=5)
    moved(given, minutes=25)
    told = [(use.how, use.used_words, use.allowed_words, use.is_exceeded) for use in runs(given, limit())]
    assert told == [
        (HowEnded.CLEARED, "5 min", "20 min", False),
        (HowEnded.CLEARED, "25 min", "20 min", True),
    ]


def test_ended_by_its_step_and_still_running(world: Worlds) -> None:
    """The step until which it runs ends it; what runs has no end and no time used."""
    given = world("frozen")
    moved(given, minutes=5)
    ended = [*runs(given, limit(until="stored", cleared_by=[]))]
    assert [(use.how, use.used) for use in ended] == [(HowEnded.ENDED, timedelta(minutes=5))]
    (running,) = runs(given, limit(start="cryopreserved", cleared_by=["packed"]))
    assert (running.how, running.used, running.used_words, running.is_exceeded) == (
        HowEnded.RUNS, None, "", False,
    )  # fmt: skip
    assert running.due_at == running.started.at + timedelta(minutes=20)


def test_started_again_before_it_ended(world: Worlds) -> None:
    """A second start is a new run, and the one before it ends there."""
    given = world("frozen")
    moved(given, minutes=5)
    moved(given, minutes=6)
    first, second = runs(given, limit(cleared_by=[]))
    assert (first.how, second.how) == (HowEnded.ANEW, HowEnded.RUNS)
    assert first.ended is not None and first.ended.event_id == second.started.event_id


def test_the_end_of_the_unit_ends_it(world: Worlds) -> None:
    """Nothing runs for what was used up."""
    given = world("made")
    told = [(use.unit, use.how) for use in runs(given, limit(start="collected", cleared_by=[]))]
    assert (given.one.bag, HowEnded.WITH_UNIT) in told
    assert given.one.bag not in {
        use.unit for use in runs(given, limit(start="collected")) if use.ended is None
    }


@pytest.mark.parametrize(
    ("minutes", "used", "exceeded"), [(-5, "0 min", False), (20, "20 min", False), (21, "21 min", True)]
)
def test_how_much_was_used(minutes: int, used: str, exceeded: object) -> None:
    """Ended when it was due it was kept; an end that was entered for a time before the start used nothing."""
    begun = Occurrence(datetime(2026, 12, 1, 10, 20, tzinfo=UTC), "event-1", 1, "LAB-A1")
    end = Occurrence(begun.at + timedelta(minutes=minutes), "event-2", 2, "LAB-A1")
    due = begun.at + timedelta(minutes=20)
    use = LimitUse("out", "Time out", "UD22222222V", begun, due, HowEnded.ENDED, end)
    assert (use.used_words, use.is_exceeded, use.allowed_words) == (used, exceeded, "20 min")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=119, seconds=59), "119 min"),
        (timedelta(hours=2), "2 h 00 min"),
        (timedelta(hours=47, minutes=5), "47 h 05 min"),
        (timedelta(hours=48), "2 d"),
        (timedelta(hours=73, minutes=59), "3 d 1 h"),
    ],
)
def test_spans_in_words(span: timedelta, words: str) -> None:
    """Whole units, cut and never rounded up."""
    assert span_words(span) == words
