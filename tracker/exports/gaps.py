"""What an auditor asks of a trail first: each check with what it found, also where it found nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from schema.entry import Entry
from schema.events.custody import HandoffAnswer, InkReceiver, Lapsed
from schema.events.deviations import DeviationAssessed, DeviationClosed, DeviationDrafted, DeviationOpened
from schema.events.identity import Corrected, Erased, MixupOccurred, MixupPrevented
from schema.events.labels import LabelsReconciled
from schema.events.processing import Rejected, ReleasedOutOfSpecification
from schema.events.review import TrailReviewed
from schema.vocabulary import EntryMode, ReadMode
from tracker.exports.deviations import assessed_words, closed_words
from tracker.exports.dossiers import Dossier
from tracker.open_store import OpenStore
from tracker.rules.form_state import FormStatus
from tracker.rules.label_accounts import copies_of, open_copies, skipped_copies
from tracker.views.marks import LATE_AFTER, is_late
from tracker.views.models import open_of

SHOWN_MAX: Final = 12
"""Findings written out for each check; the others are counted, and stand in the timeline."""

_ABOUT: Final = re.compile(r"C\S+ (?:\d+ to )?(\d+)\b")
_AHEAD: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """One check and its findings; no findings means that it ran and found nothing."""

    code: str
    title: str
    findings: tuple[str, ...]
    total: int


def gaps_of(
    dossiers: Sequence[Dossier],
    waiting: Iterable[str] = (),
    open_labels: Iterable[str] | None = None,
    *,
    repeats: Iterable[str] | None = None,
    shown_max: int = SHOWN_MAX,
) -> tuple[Gap, ...]:
    """Every check over the events asked for.

    `waiting` names entries that the log has not taken in, `open_labels` printed copies that nobody accounted
    for, `repeats` wrong codes that were read again; without the store there is no such check.
    """
    found = [
        (code, title, [one for each in dossiers for one in check(each)]) for code, title, check in _CHECKS
    ]
    if open_labels is not None:
        found.append(("open_labels", "Printed copies nobody has accounted for", list(open_labels)))
    if repeats is not None:
        found.append(("repeated_mixups", "Prevented mix-ups tried again, counted", list(repeats)))
    found.append(("waiting", "Entries that wait for the log", list(waiting)))
    return tuple(Gap(code, title, tuple(lines[:shown_max]), len(lines)) for code, title, lines in found)


def sequence_in_finding(finding: str) -> int | None:
    """The entry that a finding is about; None for one about a whole therapy."""
    named = _ABOUT.match(finding)
    return None if named is None else int(named.group(1))


def minutes(span: timedelta) -> str:
    """A span as people read it."""
    total = int(span.total_seconds() // 60)
    return f"{total} min" if total < 120 else f"{total // 60} h {total % 60} min"


def _entries(dossier: Dossier) -> Iterator[Entry]:
    return (event.entry for event in dossier.events)


def _named(dossier: Dossier, entry: Entry) -> str:
    return f"{dossier.chain} {entry.sequence} {entry.statement.kind.replace('_', ' ')}"


def _unsigned_minutes(dossier: Dossier) -> Iterator[str]:
    """How long a handoff was covered by no signature: from the giver's to the receiver's."""
    given = {one.statement.event_id: one for one in dossier.entries}
    shown = {entry.sequence for entry in _entries(dossier)}
    for entry in dossier.entries:
        payload = entry.statement.payload
        if not isinstance(payload, (HandoffAnswer, Lapsed)) or entry.sequence not in shown:
            continue
        giver = given.get(payload.handoff)
        if giver is None:
            continue
        span = entry.statement.occurred_at - giver.statement.occurred_at
        if span >= timedelta(minutes=1):
            which = f"{giver.sequence} to {entry.sequence}"
            yield f"{dossier.chain} {which}: {minutes(span)} until {payload.kind.replace('_', ' ')}"


def _open_handoffs(dossier: Dossier) -> Iterator[str]:
    state = dossier.state
    for handoff in state.handoffs.values() if state is not None else ():
        yield f"{dossier.chain}: given {handoff.at:%Y-%m-%d %H:%M} UTC to {handoff.to_party}, not answered"


def _forms(dossier: Dossier) -> Iterator[str]:
    """Forms that were not returned: steps may be written on them and nowhere else."""
    for form in dossier.state.forms.values() if dossier.state is not None else ():
        if form.is_out:
            yield f"{dossier.chain}: {form.form} is out, due {form.due_at:%Y-%m-%d %H:%M} UTC"
        elif form.status is FormStatus.VOIDED:
            yield f"{dossier.chain}: {form.form} was voided"


def _open_units(dossier: Dossier) -> Iterator[str]:
    for unit in dossier.state.open_units() if dossier.state is not None else ():
        held = ", in quarantine" if unit.quarantined else ""
        yield f"{dossier.chain}: {unit.unit} ({unit.material.value.replace('_', ' ')}){held}"


def _outside(dossier: Dossier) -> Iterator[str]:
    for entry in _entries(dossier):
        if entry.statement.outside_rules:
            yield f"{_named(dossier, entry)}: {', '.join(entry.statement.outside_rules).replace('_', ' ')}"


def _out_of_specification(dossier: Dossier) -> Iterator[str]:
    for entry in _entries(dossier):
        payload = entry.statement.payload
        if isinstance(payload, ReleasedOutOfSpecification):
            failed = ", ".join(payload.failed_tests).replace("_", " ")
            yield f"{_named(dossier, entry)}: failed {failed}"
        elif isinstance(payload, Rejected):
            yield _named(dossier, entry)


def _mixups(dossier: Dossier) -> Iterator[str]:
    for entry in _entries(dossier):
        payload = entry.statement.payload
        if isinstance(payload, (MixupPrevented, MixupOccurred)):
            where = f"{payload.step.replace('_', ' ')}, {payload.field.replace('_', ' ')}"
            yield f"{_named(dossier, entry)} at {where}"


def _corrections(dossier: Dossier) -> Iterator[str]:
    numbers = {one.statement.event_id: one.sequence for one in dossier.entries}
    for entry in _entries(dossier):
        payload = entry.statement.payload
        if isinstance(payload, Corrected):
            values = "in free text"
            if isinstance(payload.old, str) and isinstance(payload.new, str):
                values = f"from {payload.old} to {payload.new}"
            wrong = numbers.get(payload.event, "?")
            yield f"{dossier.chain} {entry.sequence}: {payload.field} of entry {wrong}, {values}"


def _late(dossier: Dossier) -> Iterator[str]:
    for entry in _entries(dossier):
        if is_late(entry) or entry.statement.mode is EntryMode.LATE:
            yield f"{_named(dossier, entry)}: {minutes(entry.recorded_at - entry.statement.occurred_at)} late"


def _mode(*modes: EntryMode) -> Callable[[Dossier], Iterator[str]]:
    def found(dossier: Dossier) -> Iterator[str]:
        return (_named(dossier, one) for one in _entries(dossier) if one.statement.mode in modes)

    return found


def _reads(*modes: ReadMode) -> Callable[[Dossier], Iterator[str]]:
    def found(dossier: Dossier) -> Iterator[str]:
        for entry in _entries(dossier):
            fields = [read.field for read in entry.statement.reads if read.mode in modes]
            if fields:
                yield f"{_named(dossier, entry)}: {', '.join(fields)}"

    return found


def _ink(dossier: Dossier) -> Iterator[str]:
    for entry in _entries(dossier):
        payload = entry.statement.payload
        if isinstance(payload, HandoffAnswer) and isinstance(payload.ink, InkReceiver):
            yield _named(dossier, entry)


def _unsigned(dossier: Dossier) -> Iterator[str]:
    return (_named(dossier, entry) for entry in _entries(dossier) if not entry.signatures)


def _deviations(dossier: Dossier) -> Iterator[str]:
    for entry in _entries(dossier):
        payload = entry.statement.payload
        if isinstance(payload, DeviationDrafted):
            yield f"{_named(dossier, entry)}: {', '.join(payload.cause).replace('_', ' ')}"
        elif isinstance(payload, DeviationOpened):
            yield f"{_named(dossier, entry)}: {payload.category.replace('_', ' ')}"
        elif isinstance(payload, DeviationAssessed):
            yield f"{_named(dossier, entry)}: {assessed_words(payload)}"
        elif isinstance(payload, DeviationClosed):
            yield f"{_named(dossier, entry)}: {closed_words(payload)}"
    if dossier.state is not None:
        for one in dossier.state.open_deviations():
            yield f"{dossier.chain}: {one.title} is {one.status.value}, not closed"


def _clocks(dossier: Dossier) -> Iterator[str]:
    """Times that cannot all be right: recorded before it happened, or before the therapy began."""
    begun = dossier.entries[0].recorded_at if dossier.entries else None
    for entry in _entries(dossier):
        if entry.statement.occurred_at - entry.recorded_at > _AHEAD:
            yield f"{_named(dossier, entry)}: recorded before it happened"
        elif begun is not None and entry.statement.occurred_at < begun - LATE_AFTER:
            yield f"{_named(dossier, entry)}: happened before the therapy was enrolled"


def _erased(dossier: Dossier) -> Iterator[str]:
    for entry in _entries(dossier):
        payload = entry.statement.payload
        if isinstance(payload, Erased):
            ground = f", by {payload.ground.value.replace('_', ' ')}" if payload.ground else ""
            yield f"{_named(dossier, entry)}: {payload.erased} values can no longer be opened{ground}"


def _pending_review(dossier: Dossier) -> Iterator[str]:
    """Nothing is pending once everything but later reviews was read."""
    state = dossier.state
    if state is None:
        return
    through = -1 if state.reviewed is None else state.reviewed.through
    later = [
        one
        for one in dossier.entries
        if one.sequence > through and not isinstance(one.statement.payload, TrailReviewed)
    ]
    if state.reviewed is None:
        yield f"{dossier.chain}: never reviewed, {_entries_words(len(later))}"
    elif later:
        by = f"by {state.reviewed.actor} on {state.reviewed.at:%Y-%m-%d}"
        yield f"{dossier.chain}: reviewed through entry {through} {by}, {_entries_words(len(later))} since"


def _entries_words(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _labels(dossier: Dossier) -> Iterator[str]:
    """What the chain alone says of printed copies: letters passed over, paper out of use, uneven counts."""
    if dossier.state is not None:
        for copy in skipped_copies(dossier.state):
            yield f"{dossier.chain}: nothing is said of {copy.code}, printed before a later copy"
        for copy in open_copies(copies_of(dossier.state, ())):
            yield f"{dossier.chain}: {copy.code} is {copy.word} and not destroyed"
    for entry in _entries(dossier):
        payload = entry.statement.payload
        if isinstance(payload, LabelsReconciled) and payload.differences:
            yield f"{_named(dossier, entry)}: {payload.differences} of {payload.printed} labels differ"


_CHECKS: Final[tuple[tuple[str, str, Callable[[Dossier], Iterator[str]]], ...]] = (
    ("outside_rules", "Outside the rules", _outside),
    ("mixups", "Mix-ups, prevented or not", _mixups),
    ("out_of_specification", "Released out of specification or rejected", _out_of_specification),
    ("deviations", "Deviations", _deviations),
    ("open_handoffs", "Handoffs nobody has answered", _open_handoffs),
    ("unsigned_minutes", "Minutes between giving and taking", _unsigned_minutes),
    ("corrections", "Corrections", _corrections),
    ("late", "Recorded late", _late),
    ("paper", "Entered from paper or imported", _mode(EntryMode.PAPER, EntryMode.IMPORTED)),
    ("unattended", "Entered unattended", _mode(EntryMode.UNATTENDED)),
    ("forms", "Downtime forms not back, or voided", _forms),
    ("ink", "Receivers who signed in ink", _ink),
    ("typed", "Codes typed by hand or read off paper", _reads(ReadMode.MANUAL, ReadMode.PAPER)),
    ("pasted", "Codes pasted", _reads(ReadMode.PASTED)),
    ("unsigned", "Entries without a signature", _unsigned),
    ("clocks", "Clock anomalies", _clocks),
    ("erased", "Values erased", _erased),
    ("pending_reviews", "Trails not reviewed to their end", _pending_review),
    ("labels", "Label copies the chain does not account for", _labels),
    ("open_units", "Units without a final disposition", _open_units),
)
"""The gravest first."""


def waiting_in(opened: OpenStore, found: Sequence[Dossier]) -> Iterator[str]:
    """The entries not yet in the log, by therapy; they are always the last of their chain."""
    with opened.store.read() as transaction:
        for one in found:
            waiting = 0
            for event in reversed(one.events):
                if transaction.leaf_of(one.chain, event.entry.sequence) is not None:
                    break
                waiting += 1
            if waiting:
                first = one.events[-waiting].entry.sequence
                yield f"{one.chain} {first}: {waiting} from this entry on"


def repeats_in(opened: OpenStore, found: Sequence[Dossier]) -> Iterator[str]:
    """How often one person read the same wrong code again: counted beside the evidence, not written."""
    with opened.store.read() as transaction:
        for one in found:
            for entry in _entries(one):
                if isinstance(entry.statement.payload, MixupPrevented):
                    times = transaction.counted_again(entry.statement.event_id)
                    if times:
                        yield f"{_named(one, entry)}: read again {times} times by {entry.statement.actor}"


def open_labels_in(opened: OpenStore, found: Sequence[Dossier]) -> Iterator[str]:
    """The printed copies recorded neither as applied nor as voided or destroyed."""
    for one in found:
        for copy in open_of(opened.read.labels(coi=one.chain)):
            yield f"{one.chain}: copy {copy.letter} of {copy.object_id}"
