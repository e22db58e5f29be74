"""Notes: who may write one, about what, that nothing is judged by it, and that its words can be erased."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from schema.events.notes import Noted
from schema.vocabulary import ErasureGround, Meaning, Reason
from tests.support.invariants import require_projections
from tests.support.journeys import World
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.therapy.erasure import Erase
from tracker.therapy.notes import Note

Worlds = Callable[[str], World]
Cases = Callable[[str], Case]

WORDS = "the sister Amber Quill says that she has a fever"


def test_logistics_notes_are_committed_shown_and_erased(world: Worlds) -> None:
    """Who, when, about which unit; the words lie in the erasable table alone and go with the patient."""
    given = world("frozen")
    bag = given.one.bag
    given.do(Note, "NURSE-A1", coi=scan(given.one.coi), text="Bag looks fine", unit=scan(bag))
    given.do(Note, "LAB-A1", coi=scan(given.one.coi), text=WORDS, milestone="infusion")
    entry = given.entries(given.one.coi)[-1]
    assert isinstance(entry.statement.payload, Noted)
    assert [(one.signer, one.meaning) for one in entry.signatures] == [("LAB-A1", Meaning.PERFORMED)]
    assert b"Amber" not in given.bytes_of(given.one.coi)
    newest, first = given.tracker.read.notes(coi=given.one.coi)
    assert (newest.actor, newest.text, newest.milestone, newest.unit) == ("LAB-A1", WORDS, "infusion", None)
    assert (first.actor, first.text, first.unit, first.site) == ("NURSE-A1", "Bag looks fine", bag, "COLL-A")
    assert given.tracker.read.notes(coi=given.two.coi) == ()

    since = given.clock.now() - timedelta(hours=1)
    for site, found in ((None, 2), ("MFG-1", 2), ("COLL-B", 0)):
        assert len(given.tracker.read.site_notes(since=since, site=site)) == found, site
    assert [one.text for one in given.tracker.read.site_notes(since=newest.at)] == [WORDS]
    require_projections(given, (given.one, given.two))

    assert given.tracker.preview_erasure(given.one.coi).values["notes"] == 2
    erasing = given.request(
        Erase, "QA-2", coi=scan(given.one.coi), reason=Reason.DATA_SUBJECT_REQUEST,
        ground=ErasureGround.CONSENT_WITHDRAWN, others="QP-1 approved",
    )  # fmt: skip
    assert given.send(erasing).ok
    assert [one.text for one in given.tracker.read.notes(coi=given.one.coi)] == [None, None]
    assert verify_store(given.url, clock=given.clock).exit_code == 0
    path = Path(given.url.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as connection:
        assert not any("Amber" in line for line in connection.iterdump())


def test_logistics_no_rule_reads_a_note(case: Cases) -> None:
    """It is no fact of unit or therapy, no progress, and a therapy that is stalled stays so."""
    given = case("frozen")
    before = given.state
    given.later(days=2)
    given.do(Note, "LAB-A1", coi=scan(given.one.coi), text=WORDS, unit=scan(given.one.bag))
    after = given.state
    assert len(after.notes) == 1
    assert (after.facts, after.units, after.last, after.last_kind) == (
        before.facts, before.units, before.last, before.last_kind,
    )  # fmt: skip
    assert after.benches == before.benches and after.sequence == before.sequence + 1


def test_logistics_a_note_may_be_written_after_the_end(case: Cases) -> None:
    """What somebody learns later is written down later."""
    given = case("infused")
    given.do(Note, "NURSE-A1", coi=scan(given.one.coi), text="Slept well.")
    assert len(given.state.notes) == 1


@pytest.mark.parametrize(
    ("actor", "values", "rule"),
    [
        ("AUDIT-1", {}, "no_part"),
        ("NURSE-B1", {}, "no_part"),
        ("LAB-A1", {"milestone": "breakfast"}, "milestone_unknown"),
        ("LAB-A1", {"unit": scan("UD999999999")}, "unknown_code"),
    ],
)
def test_logistics_a_note_is_refused(case: Cases, actor: str, values: dict[str, object], rule: str) -> None:
    """To who has no part, and about what is not there."""
    given = case("frozen")
    found = given.refusal(Note, actor, at="COLL-A", coi=scan(given.one.coi), text="Look", **values)
    assert found.rule == rule


def test_logistics_a_note_is_about_units_of_its_therapy(case: Cases) -> None:
    """Another patient's bag is refused, and no chain tells of it."""
    given = case("frozen")
    found = given.decide(Note, "LAB-A1", coi=scan(given.one.coi), text="Look", unit=scan(given.two.bag))
    assert not found.events
    assert found.reason.rule == "mixup"  # type: ignore[union-attr]
