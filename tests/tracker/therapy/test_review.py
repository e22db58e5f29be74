"""Reviews of a trail: who may sign, to where, and what is left to review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schema.events.review import TrailReviewed
from schema.vocabulary import FindingWord, Meaning, ReviewOutcome
from tests.support.journeys import World
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.exports.gaps import Gap
from tracker.therapy.making import requests as processing
from tracker.therapy.review import GivenFinding, ReviewTrail

Worlds = Callable[[str], World]
SIGNED = "QA-2 audit_trail_reviewed"
ACCEPTED = ReviewOutcome.ACCEPTED
EXPLAINED: dict[str, Any] = {"answer": FindingWord.EXPLAINED, "remark": "Looked into with the site"}
NOTHING_FOUND: dict[str, Any] = {"outcome": ACCEPTED, "signed": SIGNED}


def said(
    check: str, entry: int | None = None, answer: FindingWord | None = FindingWord.EXPLAINED
) -> GivenFinding:
    """A finding, and what is said of it."""
    remark = None if answer is None else "Looked into with the site"
    return GivenFinding(
        check=check, entry=entry, finding=f"{entry} stored: 40 min late", answer=answer, remark=remark
    )


def pending(given: World) -> Gap:
    """The check for trails that nobody reviewed to their end."""
    found = given.tracker.audit.therapy(given.one.coi).gaps
    return next(one for one in found if one.code == "pending_reviews")


def to_answer(given: World) -> list[GivenFinding]:
    """What the checks find in the entries of a therapy and no review has explained; all is in the log."""
    given.tracker.integrate()
    found = given.tracker.audit.therapy(given.one.coi)
    return [one for _, one in found.to_answer if one.entry is not None]


def last_event(given: World) -> str:
    """The event id of a therapy's last entry."""
    return given.entries(given.one.coi)[-1].statement.event_id


def test_findings_d15_a_review_names_what_was_read_and_what_is_said_of_it(world: Worlds) -> None:
    """Sequence, event and digest of the last entry, and the findings; signed with its own meaning."""
    given = world("frozen")
    read = given.entries(given.one.coi)[-1]
    assert "never reviewed" in pending(given).findings[0]
    given.do(
        ReviewTrail, "QA-2", coi=scan(given.one.coi), through=read.statement.event_id,
        signed=SIGNED, outcome=ReviewOutcome.WITH_OBSERVATIONS, remark="Ask again",
        findings=(said("late", 3), said("late", 4), said("typed", 4, FindingWord.OBSERVED)),
    )  # fmt: skip
    entry = given.entries(given.one.coi)[-1]
    payload = entry.statement.payload
    assert isinstance(payload, TrailReviewed)
    assert (payload.through, payload.event) == (read.sequence, read.statement.event_id)
    assert payload.digest == read.statement.digest
    assert [(one.check, one.entry, one.answer.value) for one in payload.answers] == [
        ("late", 3, "explained"), ("late", 4, "explained"), ("typed", 4, "observed"),
    ]  # fmt: skip
    assert payload.outcome is ReviewOutcome.WITH_OBSERVATIONS and payload.remark is not None
    reviewed = given.state().reviewed
    assert reviewed is not None and reviewed.words == "with observations: typed"
    assert [one.meaning for one in entry.signatures] == [Meaning.AUDIT_TRAIL_REVIEWED]
    assert not entry.statement.reads and not pending(given).total
    assert verify_store(given.url, clock=given.clock).exit_code == 0


def test_more_is_pending_once_more_is_recorded(world: Worlds) -> None:
    """The review stands through its entry; the board and the gaps say so."""
    given = world("frozen")
    given.do(
        ReviewTrail,
        "QA-2",
        coi=scan(given.one.coi),
        through=last_event(given),
        outcome=ACCEPTED,
        signed=SIGNED,
    )
    given.do(processing.Quarantine, "QA-2", units=given.one.frozen_scans((given.one.bag,)), reason="other")
    (told,) = pending(given).findings
    assert "reviewed through entry" in told and "1 entry since" in told
    (row,) = (one for one in given.tracker.read.board() if one.coi == given.one.coi)
    assert row.reviewed_through == given.entries(given.one.coi)[-3].sequence


def test_twice_is_already_done(world: Worlds) -> None:
    """The same entry again, or one before it, adds nothing."""
    given = world("frozen")
    first = given.entries(given.one.coi)[2].statement.event_id
    through = last_event(given)
    asked = {"coi": scan(given.one.coi), **NOTHING_FOUND}
    given.do(ReviewTrail, "QA-2", through=through, **asked)
    for again in (through, first):
        answer = given.ask(ReviewTrail, "QA-2", through=again, **asked)
        assert answer.problem is not None and answer.problem.error == "already_done"


@pytest.mark.parametrize(
    ("actor", "more", "error"),
    [
        ("TECH-A1", {}, "role_missing"),
        ("QA-2", {"through": "019b0000-0000-7000-8000-000000000000"}, "unknown_event"),
        ("QA-2", {"findings": (said("late", 3), said("late", 4, None))}, "finding_unanswered"),
        ("QA-2", {"findings": (said("late", 3), said("late", 3))}, "findings_differ"),
        ("QA-2", {"findings": (said("late", 3, FindingWord.OBSERVED),)}, "outcome_differs"),
        ("QA-2", {"outcome": ReviewOutcome.WITH_OBSERVATIONS}, "outcome_differs"),
    ],
)
def test_findings_d15_what_is_no_review(
    actor: str, more: dict[str, object], error: str, world: Worlds
) -> None:
    """Somebody else's signature, an event of another therapy, findings that nobody counted."""
    given = world("frozen")
    asked = {
        "coi": scan(given.one.coi),
        "through": last_event(given),
        "outcome": ACCEPTED,
    } | more
    answer = given.ask(ReviewTrail, actor, signed=f"{actor} audit_trail_reviewed", **asked)
    assert answer.problem is not None and answer.problem.error == error


def test_findings_d15_a_review_with_an_unanswered_finding_is_refused_naming_it(world: Worlds) -> None:
    """Given two findings of a check, when one is answered, then the refusal names the other, also where the
    request leaves it out; answered as well, it is taken, and a later review does not ask again.
    """
    given = world("frozen")
    coi, bag = scan(given.one.coi), given.one.frozen_scans((given.one.bag,))
    for _ in range(2):
        given.do(processing.Quarantine, "QA-2", units=bag, reason="other")
        given.do(processing.LiftQuarantine, "QA-2", units=bag, reason="other", others="QP-1 approved")
    waiting = to_answer(given)
    assert len({one.check for one in waiting}) < len(waiting), waiting
    answered = [one.model_copy(update=EXPLAINED) for one in waiting]
    asked: dict[str, Any] = {"coi": coi, "through": last_event(given), "outcome": ACCEPTED, "signed": SIGNED}
    left = given.ask(ReviewTrail, "QA-2", findings=tuple(answered[:-1]), **asked)
    open_one = given.ask(ReviewTrail, "QA-2", findings=(*answered[:-1], waiting[-1]), **asked)
    last = waiting[-1]
    assert left.problem is not None and open_one.problem is not None
    assert {left.problem.error, open_one.problem.error} == {"finding_unanswered"}
    said_of = "Nothing is said of Put into quarantine, or out of it:"
    assert left.problem.message == f"{said_of} entry {last.entry}."
    assert open_one.problem.message == f"{said_of} {last.finding}."
    given.do(ReviewTrail, "QA-2", findings=tuple(answered), **asked)
    assert to_answer(given) == []
    given.do(processing.Quarantine, "QA-2", units=bag, reason="other")
    (newest,) = to_answer(given)
    assert newest.entry == given.entries(given.one.coi)[-1].sequence


def test_findings_d15_what_was_observed_is_asked_again(world: Worlds) -> None:
    """Given a finding that was not in order, then the next review has to answer it as well."""
    given = world("frozen")
    bag = given.one.frozen_scans((given.one.bag,))
    given.do(processing.Quarantine, "QA-2", units=bag, reason="other")
    (finding,) = to_answer(given)
    observed = finding.model_copy(update={**EXPLAINED, "answer": FindingWord.OBSERVED})
    given.do(
        ReviewTrail, "QA-2", coi=scan(given.one.coi), through=last_event(given), findings=(observed,),
        outcome=ReviewOutcome.WITH_OBSERVATIONS, signed=SIGNED,
    )  # fmt: skip
    reviewed = given.entries(given.one.coi)[-1].sequence
    assert [(one.check, one.entry) for one in to_answer(given)] == [
        (finding.check, finding.entry), ("observations", reviewed),
    ]  # fmt: skip


def test_another_therapys_event(world: Worlds) -> None:
    """Nothing of another patient's trail is named."""
    given = world("frozen")
    other = given.entries(given.two.coi)[0].statement.event_id
    answer = given.ask(
        ReviewTrail,
        "QA-2",
        coi=scan(given.one.coi),
        through=other,
        outcome=ACCEPTED,
        signed=SIGNED,
    )
    assert answer.problem is not None and answer.problem.error == "unknown_event"


def test_the_auditors_request(world: Worlds) -> None:
    """What the screen asks for is what it showed; after it there is nothing to sign."""
    given = world("frozen")
    found = given.tracker.audit.therapy(given.one.coi)
    assert given.tracker.audit.why_no_review("QA-2", found) is None
    assert given.tracker.audit.why_no_review("NURSE-A1", found) is not None
    request = given.tracker.audit.review_request(
        found,
        staff="QA-2",
        station="MFG-1-01",
        findings=[one.model_copy(update=EXPLAINED) for _, one in found.to_answer],
    )
    assert request["outcome"] == "accepted"
    answer = given.tracker.record(request=request, signers=[given.network.signers["QA-2"]])
    assert answer.ok
    assert given.tracker.audit.why_no_review("QA-2", given.tracker.audit.therapy(given.one.coi)) is not None


def test_it_is_no_progress(world: Worlds) -> None:
    """The board keeps the step before it."""
    given = world("frozen")
    before = given.state().last_kind
    given.do(
        ReviewTrail,
        "QA-2",
        coi=scan(given.one.coi),
        through=last_event(given),
        outcome=ACCEPTED,
        signed=SIGNED,
    )
    assert given.state().last_kind == before and given.state().reviewed is not None
