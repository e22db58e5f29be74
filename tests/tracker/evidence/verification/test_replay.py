"""Replay of one chain by itself: how many signatures each entry needs, whose chain it is, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

from schema.entry import Entry
from schema.vocabulary import EntryMode, Meaning
from tests.support.journeys import PROTOCOL, World
from tests.tracker.therapy.paperwork.test_downtime import entered, issued
from tracker.demo.journey import scan
from tracker.evidence.verification.entries import Examined
from tracker.evidence.verification.replay import Grouped, Replay, order_of
from tracker.evidence.verification.snapshot import StoredRow
from tracker.evidence.verification.verdict import Journal
from tracker.protocols.model import Protocol, SignatureRule
from tracker.requests.base import Scan
from tracker.therapy.making.requests import StartThaw
from tracker.therapy.paperwork.requests import VoidForm

Worlds = Callable[[str], World]
ROWS = [("a", 1), ("b", 2), ("b", 3), ("c", 4), ("d", 5)]


def told(
    given: World, entries: Iterable[Entry], chain: str | None = None, protocol: Protocol = PROTOCOL
) -> list[tuple[int | None, str]]:
    """What replay finds in these entries, as those of a chain that is pinned to a protocol."""
    journal = Journal()
    pinned = given.state().protocol.sha256
    replay = Replay(chain or given.one.coi, {pinned: protocol}, journal)
    for number, entry in enumerate(entries):
        row = StoredRow(chain or given.one.coi, number, b"", "", "", "", None, None)
        replay.take(Examined(row, "", b"", entry, "", understood=True))
    return [(one.sequence, one.message) for step in journal.steps() for one in step.findings]


def stripped(given: World, kind: str) -> list[str]:
    """What it finds at the last entry of a kind that has one signature left."""
    entries = given.entries(given.one.coi)
    last = max(number for number, one in enumerate(entries) if one.statement.kind == kind)
    assert len(entries[last].signatures) > 1
    entries[last] = replace(entries[last], signatures=entries[last].signatures[:1])
    found = told(given, entries)
    assert {number for number, _ in found} == {last}
    return [message for _, message in found]


def test_a_limit_that_was_passed_outside_the_rules_needs_two_signatures(world: Worlds) -> None:
    """Given a thaw two hours after its match, then nothing is wrong with it; with one signature it is."""
    given = world("matched")
    given.clock.advance(timedelta(hours=2))
    given.do(
        StartThaw, "LAB-A1", others="LAB-A2 witnessed", outside_rules={"reason": "time_limit_exceeded"},
        units=given.one.frozen_scans((given.one.products[0],)),
    )  # fmt: skip
    assert told(given, given.entries(given.one.coi)) == []
    assert stripped(given, "thaw_started") == ["thaw_started needs 2 signatures and has 1"]
    entries = given.entries(given.one.coi)
    late = next(number for number, one in enumerate(entries) if one.statement.kind == "thaw_started")
    plain = replace(entries[late].statement, outside_rules=())
    entries[late] = replace(entries[late], statement=plain)
    found = [message.partition(":")[0] for number, message in told(given, entries) if number == late]
    assert "it broke limit.match_to_thaw and was recorded as in order" in found


def test_a_voided_form_needs_two_signatures(world: Worlds) -> None:
    """Given a form that two people voided, and the same with one of them."""
    given = world("bedside")
    form = issued(given, "bedside")
    given.do(
        VoidForm, "DOC-A1", others="PHARM-A witnessed", coi=scan(given.one.coi), form=Scan(code=form.code),
        reason="unused",
    )  # fmt: skip
    assert told(given, given.entries(given.one.coi)) == []
    assert stripped(given, "form_voided") == ["form_voided needs 2 signatures and has 1"]


def test_paper_has_two_signatures_whatever_the_step_asks(world: Worlds) -> None:
    """Given a start of the infusion that asks three: off paper two entered it, live all three signed."""
    given = world("bedside")
    entered(given, issued(given, "bedside"))
    entries = given.entries(given.one.coi)
    (start,) = (number for number, one in enumerate(entries) if one.statement.kind == "infusion_started")
    assert len(entries[start].signatures) == 2
    three = tuple(
        SignatureRule(meaning=one) for one in (Meaning.PERFORMED, Meaning.WITNESSED, Meaning.VERIFIED)
    )
    steps = tuple(
        one.model_copy(update={"signatures": three}) if one.kind == "infusion_started" else one
        for one in PROTOCOL.steps
    )
    own = PROTOCOL.model_copy(update={"steps": steps})
    assert told(given, entries, protocol=own) == []
    live = replace(entries[start].statement, mode=EntryMode.LIVE)
    entries[start] = replace(entries[start], statement=live)
    assert told(given, entries, protocol=own) == [(start, "infusion_started needs 3 signatures and has 2")]


def test_a_chain_begins_with_its_own_enrollment(world: Worlds) -> None:
    """Given the chain of one therapy under the id of another, then it is none of that one."""
    given = world("enrolled")
    (found,) = told(given, given.entries(given.one.coi), given.two.coi)
    assert found == (0, "the chain begins with enrolled, not with its own enrolment")


def test_rows_go_to_their_chain_and_what_was_passed_is_named() -> None:
    """Given rows of four chains and a walk over two, then nothing is lost on the way or behind it."""
    rows = Grouped(iter(ROWS), 0)
    assert rows.take("b") == ([("b", 2), ("b", 3)], [("a", 1)])
    assert rows.take("bb") == ([], [])
    assert rows.take("c") == ([("c", 4)], [])
    assert [*rows.rest()] == [("d", 5)]
    assert [*Grouped(iter(()), 0).rest()] == []


def test_values_of_other_types_are_in_the_order_of_the_engines() -> None:
    """SQLite lets any type stand in a text column; nothing, numbers, texts, then bytes."""
    mixed = [b"x", "b", 7, None, "a", "\u00e9"]
    assert sorted(mixed, key=order_of) == [None, 7, "a", "b", "\u00e9", b"x"]
