"""The results of release tests beside the limits of the protocol, corrections included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schema.entry import Entry
from schema.events.identity import Corrected
from schema.events.processing import ResultsReviewed, Tested
from schema.measured import unit_said
from tracker.exports.dossiers import Dossier
from tracker.protocols.model import ReleaseTest, limit_said


@dataclass(frozen=True, slots=True)
class TestResult:
    """One result as it was recorded, with what it was judged by."""

    __test__ = False

    entry: Entry
    attempt: int
    test: str
    title: str
    result: str
    unit: str
    limit: str
    verdict: str
    """`yes`, `no`, or `unknown` of a corrected result where the protocol is not there."""

    basis: str
    sample: str
    corrected: str
    """The corrections of the result, oldest first."""

    repeats: str
    """Which earlier result it repeats, by its entry; empty of a first one."""

    reviewed: str
    """Who looked it over and what they said, the newest last."""


def results_of(dossier: Dossier) -> Iterator[TestResult]:
    """The results among the events that were asked for."""
    limits = {one.code: one for one in dossier.protocol.release_tests} if dossier.protocol else {}
    changes = _changes(dossier)
    for event in dossier.events:
        payload = event.entry.statement.payload
        if isinstance(payload, Tested):
            changed = changes.get(event.entry.statement.event_id, ())
            yield _result(dossier, event.entry, payload, limits.get(payload.test), changed)


def _changes(dossier: Dossier) -> Mapping[str, Sequence[tuple[int, Corrected]]]:
    """The corrections of results by the event that they correct, each with its sequence."""
    found: dict[str, list[tuple[int, Corrected]]] = {}
    for one in dossier.entries:
        payload = one.statement.payload
        if isinstance(payload, Corrected) and payload.field == "result":
            found.setdefault(payload.event, []).append((one.sequence, payload))
    return found


def _result(
    dossier: Dossier,
    entry: Entry,
    tested: Tested,
    limit: ReleaseTest | None,
    changes: Sequence[tuple[int, Corrected]],
) -> TestResult:
    now = str(changes[-1][1].new) if changes else tested.result
    meets = tested.meets_limit if limit is None or not changes else limit.meets(now)
    verdict = "unknown" if limit is None and changes else ("yes" if meets else "no")
    return TestResult(
        entry=entry,
        attempt=tested.attempt,
        test=tested.test,
        title=limit.title if limit is not None else tested.test,
        result=tested.result,
        unit=unit_said(tested.unit_of_measure),
        limit=limit_said(tested.limit),
        verdict=verdict,
        basis=limit.basis if limit is not None else "",
        sample=tested.sample or "",
        corrected="; ".join(f"{change.old} to {change.new} by entry {at}" for at, change in changes),
        repeats=_repeats(dossier, tested),
        reviewed="; ".join(_reviews(dossier, entry)),
    )


def _repeats(dossier: Dossier, tested: Tested) -> str:
    """That it is a repeat test, and of which entry."""
    if tested.follows is None:
        return ""
    numbers = {one.statement.event_id: one.sequence for one in dossier.entries}
    return f"{tested.phase.value} of entry {numbers.get(tested.follows, '?')}"


def _reviews(dossier: Dossier, entry: Entry) -> Iterator[str]:
    """What others said of a result: by whom, and in which entry."""
    for one in dossier.entries:
        payload = one.statement.payload
        if isinstance(payload, ResultsReviewed) and entry.statement.event_id in payload.about:
            yield f"{payload.verdict.value} by {one.statement.actor} in entry {one.sequence}"
