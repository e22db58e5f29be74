"""Where a mark of an event or a therapy begins: at its bound, and for what it is not meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from schema.entry import Entry, Read, Statement
from schema.events.custody import Lapsed, Packed, Relinquished
from schema.events.paperwork import FormVoided
from schema.vocabulary import Disposition, EntryMode, ReadMode, Reason
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tracker.concerns import Concern
from tracker.rules.marks.events import is_late, marks_of, units_about
from tracker.rules.marks.standing import Flag, attention
from tracker.rules.therapy_state import Occurrence, RefusalState
from tracker.therapy.custody.requests import Relinquish

Cases = Callable[[str], Case]


def entry_of(statement: Statement, recorded_at: datetime) -> Entry:
    """The statement as it is recorded at a time, unsigned."""
    return Entry(1, None, None, recorded_at, statement)


def concerns(given: Case, statement: Statement, *, later: timedelta = timedelta(0)) -> set[Concern]:
    """What is marked of a statement that is recorded so much later."""
    entry = entry_of(statement, statement.occurred_at + later)
    found = marks_of(entry, given.state, given.state, PROTOCOL, given.registry)
    return {one.concern for one in found} - {Concern.UNSIGNED}


def voided(given: Case, **changes: Any) -> Statement:
    """An event without any mark of its own but that of its kind."""
    said = given.happened(FormVoided.model_construct(form="FD234567892", reason=Reason.OTHER))
    return replace(said, **changes)


@pytest.mark.parametrize(("minutes", "late"), [(15, False), (15.001, True)])
def test_late_after_fifteen_minutes(minutes: float, late: object, case: Cases) -> None:
    """Recorded a quarter of an hour after it happened is not late yet."""
    said = voided(case("frozen"))
    assert is_late(entry_of(said, said.occurred_at + timedelta(minutes=minutes))) is late


@pytest.mark.parametrize(
    ("mode", "read", "marked"),
    [
        (EntryMode.PAPER, ReadMode.PAPER, {Concern.PAPER}),
        (EntryMode.PAPER, ReadMode.MANUAL, {Concern.PAPER, Concern.TYPED}),
        (EntryMode.LIVE, ReadMode.PAPER, {Concern.TYPED}),
        (EntryMode.LIVE, ReadMode.SCANNED, set()),
    ],
)
def test_what_was_read_off_a_form_is_said_once(
    mode: EntryMode, read: ReadMode, marked: set[Concern], case: Cases
) -> None:
    """The entry from paper says so itself; typed codes are marked whatever the entry is."""
    given = case("frozen")
    reads = (Read("form", "CTFD234567892XX", read, "form"),)
    found = concerns(given, voided(given, mode=mode, reads=reads))
    assert found & {Concern.PAPER, Concern.TYPED} == marked


@pytest.mark.parametrize(("minutes", "marked"), [(15, False), (16, True)])
def test_before_the_therapy_by_more_than_clocks_differ(minutes: int, marked: object, case: Cases) -> None:
    """A quarter of an hour before the enrollment is a matter of clocks."""
    given = case("frozen")
    enrolled = given.state.facts["enrolled"].at
    said = voided(given, occurred_at=enrolled - timedelta(minutes=minutes))
    assert (Concern.CLOCKS in concerns(given, said)) is marked


@pytest.mark.parametrize(("seconds", "marked"), [(0, False), (1, True)])
def test_a_handoff_answered_in_time(seconds: int, marked: object, case: Cases) -> None:
    """Half an hour is as long as the protocol expects; a second more is slow."""
    given = case("collected")
    lab = {"type": "department", "id": "COLL-A/CELL-LAB"}
    given.do(Relinquish, "NURSE-A1", units=scans(given.one.bag), to=lab)
    (handoff,) = given.state.handoffs
    before, at = given.state, given.state.handoffs[handoff].at
    ended = given.happened(
        Lapsed.model_construct(handoff=handoff, units=(given.one.bag,), reason=Reason.OTHER)
    )
    entry = entry_of(replace(ended, occurred_at=at + timedelta(minutes=30, seconds=seconds)), given.now)
    found = {one.concern for one in marks_of(entry, before, given.state, PROTOCOL, given.registry)}
    assert (Concern.HANDOFF_TIMES in found) is marked


def test_an_event_is_about_the_units_that_it_names(case: Cases) -> None:
    """The box stands for what is in it only where no unit is named."""
    given = case("packed")
    held = given.unit(given.one.bag)
    other = structs.replace(held, unit="UD22222222V", box=None)
    state = given.state.with_unit(other)
    named = Packed.model_construct(units=(other.unit,), box=held.box)
    assert [one.unit for one in units_about(named, state)] == [other.unit]
    closed = Relinquished.model_construct(units=(), box=held.box)
    assert [one.unit for one in units_about(closed, state)] == [held.unit]


def test_a_failed_test_calls_until_somebody_decided(case: Cases) -> None:
    """Released out of specification or rejected it is said by that mark, and no longer by the test's."""
    given = case("tested")
    number = given.unit(given.one.products[0]).attempt
    failed = structs.replace(given.state.tests[number, "viability"], result="12")
    state = structs.replace(given.state, tests={**given.state.tests, (number, "viability"): failed})
    assert Flag.TEST_FAILED in [*attention(state, PROTOCOL)]
    for product in given.one.products:
        state = state.with_unit(structs.replace(state.units[product], disposition=Disposition.REJECTED))
    marked = [*attention(state, PROTOCOL)]
    assert Flag.TEST_FAILED not in marked and Flag.REJECTED in marked


def test_a_refused_box_is_marked_while_something_is_in_it(case: Cases) -> None:
    """Once it was emptied nobody has to look after it."""
    given = case("packed")
    box = next(one.box for one in given.state.units.values() if one.box is not None)
    refused = RefusalState(Occurrence(given.now, "event-1", 1, "COUR-X1"), "COLL-A", "other")
    for name, marked in ((box, True), ("BD333333333", False)):
        state = structs.replace(given.state, boxes_refused={name: refused})
        assert (Flag.REFUSED in [*attention(state, PROTOCOL)]) is marked
