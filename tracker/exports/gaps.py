"""What an auditor asks of a trail first: each check with what it found, also where it found nothing.

What speaks of events comes from their marks, so page one, board, tables and terminal say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schema.counting import counted
from schema.events.identity import MixupPrevented
from tracker.concerns import CHECKS, Concern, SpeaksOf
from tracker.exports.dossiers import Dossier
from tracker.exports.event_findings import finding_of, handoff_note, named
from tracker.exports.standing_findings import STANDING
from tracker.open_store import OpenStore
from tracker.views.models import open_of

EXPLAINED: Final = "; explained in a review"
"""What stands behind a finding that somebody looked into and signed for; the review says what was found."""

_ABOUT: Final = re.compile(r"C\S+ (?:\d+ to )?(\d+)\b")


@dataclass(frozen=True, slots=True)
class Gap:
    """One check and all its findings; no findings means that it ran and found nothing."""

    concern: Concern
    findings: tuple[str, ...]
    note: str = ""
    """What it measured, also where it found nothing."""

    @property
    def code(self) -> str:
        """The check, as a review of a trail records it."""
        return self.concern.value

    @property
    def title(self) -> str:
        """The check in words."""
        return CHECKS[self.concern].title

    @property
    def speaks_of(self) -> SpeaksOf:
        """The events of the report, or the therapy as it stands."""
        return CHECKS[self.concern].speaks_of

    @property
    def is_grave(self) -> bool:
        """Whether its findings are red in every view."""
        return CHECKS[self.concern].is_grave

    @property
    def total(self) -> int:
        """How many findings there are."""
        return len(self.findings)


@dataclass(frozen=True, slots=True)
class OfStore:
    """What only the store knows of therapies: a report in a bundle has no such checks."""

    waiting: tuple[str, ...]
    """Entries that the log has not taken in."""

    open_labels: tuple[str, ...]
    """Printed copies that nobody accounted for."""

    repeats: tuple[str, ...]
    """Wrong codes that were read again."""


def gaps_of(dossiers: Sequence[Dossier], at: datetime, of_store: OfStore | None = None) -> tuple[Gap, ...]:
    """Every check, over the events asked for and over the therapies as they stand at that time."""
    found: dict[Concern, list[str]] = {concern: [] for concern in CHECKS}
    for dossier in dossiers:
        reviewed = None if dossier.state is None else dossier.state.reviewed
        explained = frozenset() if reviewed is None else reviewed.explained
        for event in dossier.events:
            for mark in event.marks:
                said = EXPLAINED if (mark.concern.value, event.entry.sequence) in explained else ""
                found[mark.concern].append(f"{finding_of(dossier, event, mark)}{said}")
        for concern, check in STANDING.items():
            found[concern].extend(check(dossier, at))
    if of_store is None:
        for concern in _OF_STORE:
            del found[concern]
    else:
        found[Concern.WAITING] += of_store.waiting
        found[Concern.OPEN_LABELS] += of_store.open_labels
        found[Concern.REPEATED_MIXUPS] += of_store.repeats
    notes: Mapping[Concern, str] = {Concern.HANDOFF_TIMES: handoff_note(dossiers)}
    return tuple(Gap(concern, tuple(lines), notes.get(concern, "")) for concern, lines in found.items())


_OF_STORE: Final = (Concern.WAITING, Concern.OPEN_LABELS, Concern.REPEATED_MIXUPS)


def of_store(opened: OpenStore, found: Sequence[Dossier]) -> OfStore:
    """What the store knows of these therapies now."""
    return OfStore(
        tuple(waiting_in(opened, found)),
        tuple(open_labels_in(opened, found)),
        tuple(repeats_in(opened, found)),
    )


def sequence_in_finding(finding: str) -> int | None:
    """The entry that a finding is about; None for one about a whole therapy."""
    about = _ABOUT.match(finding)
    return None if about is None else int(about.group(1))


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
            for entry in (event.entry for event in one.events):
                if isinstance(entry.statement.payload, MixupPrevented):
                    times = transaction.counted_again(entry.statement.event_id)
                    if times:
                        often = counted(times, "time")
                        yield f"{named(one, entry)}: read again {often} by {entry.statement.actor}"


def open_labels_in(opened: OpenStore, found: Sequence[Dossier]) -> Iterator[str]:
    """The printed copies recorded neither as applied nor as voided or destroyed."""
    for one in found:
        for copy in open_of(opened.read.labels(coi=one.chain)):
            yield f"{one.chain}: copy {copy.ordinal} of {copy.object_id}"
