"""What an entry says of an earlier one by its digest, in a store and in a bundle of it."""

from pathlib import Path

from tests.support.rehearsals import ACCEPTED, COLLECTED, RELINQUISHED, forged, statement_digest, statement_of
from tracker.drill.bundles import exported
from tracker.drill.rehearsal import Rehearsal
from tracker.drill.scene import AttackedCopy
from tracker.evidence.standalone.verify import Step
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check, Verification


def found(verdict: Verification) -> list[tuple[int | None, str]]:
    """The findings about what entries answer, each with its sequence."""
    assert {one.step for one in verdict.findings} <= {Check.LINKS}
    return [(one.sequence, one.message) for one in verdict.findings]


def test_findings_a19_an_acceptance_of_what_was_not_said(
    rehearsal: Rehearsal, attacked: AttackedCopy, tmp_path: Path
) -> None:
    """Given a signed acceptance that names another statement, then verify says so by bytes and by replay,
    and so does the verifier of a bundle.
    """
    said = statement_digest(attacked, RELINQUISHED)
    verdict = forged(rehearsal, attacked, ACCEPTED, lambda payload: payload.update(relinquished="ab" * 32))
    assert verdict.exit_code == 4
    assert found(verdict) == [
        (ACCEPTED, f"it names the statement {'ab' * 32}; entry 6 has the statement digest {said}"),
        (ACCEPTED, "by replay no handoff is open that says what it answers"),
    ]
    assert exported(rehearsal, attacked, tmp_path).alone == (Step.LINKS,)


def test_findings_a19_an_acceptance_of_a_handoff_that_never_was(
    rehearsal: Rehearsal, attacked: AttackedCopy, tmp_path: Path
) -> None:
    """Given an acceptance of an event that is nowhere in the chain, then it is found as such."""
    stranger = "01900000-0000-7000-8000-000000000001"
    verdict = forged(rehearsal, attacked, ACCEPTED, lambda payload: payload.update(handoff=stranger))
    assert found(verdict) == [
        (ACCEPTED, f"it names the event {stranger}, and no entry before it is that event"),
        (ACCEPTED, "by replay no handoff is open that says what it answers"),
    ]
    assert exported(rehearsal, attacked, tmp_path).alone == (Step.LINKS,)


def test_findings_a19_an_acceptance_of_what_is_no_handoff(
    rehearsal: Rehearsal, attacked: AttackedCopy, tmp_path: Path
) -> None:
    """Given an acceptance that names the collection and its digest, then verify names its kind."""
    event = statement_of(attacked, COLLECTED)["event_id"]
    digest = statement_digest(attacked, COLLECTED)
    verdict = forged(
        rehearsal, attacked, ACCEPTED, lambda payload: payload.update(handoff=event, relinquished=digest)
    )
    assert found(verdict)[0] == (ACCEPTED, "it answers entry 5, which is collected and not relinquished")
    assert exported(rehearsal, attacked, tmp_path).alone == (Step.LINKS,)


def test_findings_a19_without_replay(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """The bytes alone show it too."""
    forged(rehearsal, attacked, ACCEPTED, lambda payload: payload.update(relinquished="ab" * 32))
    verdict = verify_store(attacked.url, replay=False)
    assert [one.step for one in verdict.findings] == [Check.LINKS]
