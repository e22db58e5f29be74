"""What an auditor asks of a store: find a therapy, read it with its gaps, prove an entry, sign a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from schema.canonical import Json
from schema.entry import Entry
from schema.errors import BadCode, CartrailError, InputError, Refusal, StoreError
from schema.tables import TrailOpenedRow, tuple_of
from schema.vocabulary import FindingWord, Meaning, ReviewOutcome
from tracker.acts.deciding import Origin
from tracker.acts.mentions import FOUND_PAGE, fill_mentions, naming
from tracker.acts.state_cache import StateCache
from tracker.concerns import Concern, SpeaksOf
from tracker.evidence.chain_proof import ChainProof, chain_proof
from tracker.evidence.entry_proof import EntryProof, entry_proof
from tracker.exports.disclosure import NAMES_ONLY
from tracker.exports.dossiers import Dossier, dossiers
from tracker.exports.gaps import Gap, gaps_of, of_store, sequence_in_finding
from tracker.exports.selection import EVERYTHING
from tracker.exports.trails import Trails
from tracker.open_store import OpenStore
from tracker.registry.network.exports import EXPORTERS, KNOW_PATIENTS, SEEKERS
from tracker.registry.network.requests import SearchIdentifier
from tracker.requests.base import Scan
from tracker.rules.authority import grant_fault, grant_violation
from tracker.rules.situation import Found, Resolution
from tracker.therapy.review import REVIEWERS, GivenFinding
from tracker.views.finding import (
    SoughtIdentifier,
    patients_therapies,
    place_after,
    rows_of_patients,
    subjects_named,
    therapies_found,
)
from tracker.views.models import AsOf, FoundTherapy, SearchSubject

OPENED_PAGE: Final = 50
"""Trails that a person opened last, which are listed."""

_opened_row: Final = tuple_of(TrailOpenedRow)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a scan or typed words came to: one therapy, or things that therapies may name."""

    text: str
    coi: str | None = None
    subjects: tuple[SearchSubject, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientSearch:
    """The therapies of whoever has an identifier."""

    rows: tuple[FoundTherapy, ...]
    not_noted: str | None = None
    """Why it could not be noted that this was asked; it is answered either way."""


@dataclass(frozen=True, slots=True)
class Audit:
    """One therapy as an auditor reads it."""

    dossier: Dossier
    gaps: tuple[Gap, ...]
    as_of: AsOf | None = None
    later: int = 0

    @property
    def found(self) -> tuple[Gap, ...]:
        """The checks that found something."""
        return tuple(one for one in self.gaps if one.total)

    @property
    def findings(self) -> int:
        """How many findings there are."""
        return sum(one.total for one in self.gaps)

    @property
    def to_answer(self) -> tuple[tuple[Gap, GivenFinding], ...]:
        """Each finding that a review has to answer: as things stand, or not explained in an earlier one.

        That the trail is not reviewed yet is what the review itself ends.
        """
        state, coi = self.dossier.state, self.dossier.chain
        explained = frozenset() if state is None or state.reviewed is None else state.reviewed.explained
        return tuple(
            (gap, GivenFinding(check=gap.code, entry=entry, finding=shown.removeprefix(coi).lstrip(": ")))
            for gap in self.found
            if gap.concern is not Concern.PENDING_REVIEWS
            for shown, entry in ((one, sequence_in_finding(one)) for one in gap.findings)
            if gap.speaks_of is SpeaksOf.TODAY or (gap.code, entry) not in explained
        )


class Audits:
    """What an auditor asks of one open store."""

    def __init__(self, opened: OpenStore) -> None:
        self._opened = opened

    def search(self, text: str) -> SearchResult:
        """What somebody looks for; raises BadCode for a code of ours that was misread."""
        read = text.strip()
        if not read:
            raise InputError("Nothing was read.", remedy="Scan a code, or type a name, staff id, day or lot.")
        try:
            resolution = self._opened.read.lookup(code=read).resolution
        except BadCode:
            named = subjects_named(self._opened.registry, Resolution(read, Found.UNKNOWN), read)
            if named[0].key.startswith("code:"):
                raise
            return SearchResult(read, subjects=named)
        if resolution.coi is not None:
            return SearchResult(read, resolution.coi)
        return SearchResult(read, subjects=subjects_named(self._opened.registry, resolution, read))

    def why_no_identifier_search(self, staff: str) -> str | None:
        """Why this person looks for nobody by an identifier; None when they may."""
        now = self._opened.clock.now()
        violation = grant_violation(self._opened.registry, staff, SEEKERS, None, now)
        return None if violation is None else violation.message

    def search_identifier(
        self, sought: SoughtIdentifier, *, staff: str, station: str, form: str, signed_in: bool
    ) -> PatientSearch:
        """The therapies of whoever has this identifier; that it was asked is noted before they are given.

        Who meets patients finds those of their own sites. Raises Refusal for whoever may not ask.
        """
        if not sought.value.strip():
            raise InputError("Nothing was typed.", remedy="Type the number as the wristband has it.")
        opened, now = self._opened, self._opened.clock.now()
        refusal = grant_violation(opened.registry, staff, SEEKERS, None, now)
        if refusal is not None:
            raise Refusal(refusal.message, remedy=refusal.remedy, code=refusal.rule)
        sees_all = grant_violation(opened.registry, staff, EXPORTERS, None, now) is None
        sites = frozenset(
            one.site
            for one in opened.registry.grants_of(staff)
            if one.role in KNOW_PATIENTS and grant_fault(one, now) is None
        )
        sought = replace(sought, value=sought.value.strip())
        with opened.store.read() as transaction:
            found = patients_therapies(transaction, StateCache(), sought, None if sees_all else sites)
            rows = rows_of_patients(transaction, found)
        kinds = {(one.issuer, one.type) for one in found}
        issuer, kind = kinds.pop() if len(kinds) == 1 else (sought.issuer, sought.type)
        request = SearchIdentifier(
            event_id=opened.new_event_id(),
            actor=staff,
            station=station,
            form=form,
            issuer=issuer,
            type=kind,
            chains=tuple(sorted(one.coi for one in found)),
            signed_in=signed_in,
        )
        return PatientSearch(rows, self._noted(request))

    def _noted(self, request: SearchIdentifier) -> str | None:
        try:
            answer = self._opened.record(request=request, origin=Origin(by_program=True))
        except CartrailError as error:
            return f"{error.message} {error.remedy}"
        problem = answer.problem
        return None if problem is None else f"{problem.message} {problem.remedy}"

    def therapies_naming(
        self, subject: SearchSubject, *, after: FoundTherapy | None = None
    ) -> tuple[FoundTherapy, ...]:
        """A page of the therapies in which it is named, the last recorded first."""
        place = None if after is None else place_after(after)
        with self._opened.store.read() as transaction:
            rows = naming(transaction, subject.key, limit=FOUND_PAGE, after=place)
            return therapies_found(transaction, rows)

    def note_opened(self, coi: str, *, staff: str, station: str) -> None:
        """Keep who opens a trail at a terminal; where that cannot be written it is read all the same."""
        row = _opened_row(staff=staff, opened_at=self._opened.clock.now(), chain=coi, station=station)
        with suppress(StoreError), self._opened.store.begin() as transaction:
            transaction.put_opened(row)

    def opened_by(self, staff: str) -> tuple[TrailOpenedRow, ...]:
        """The trails that a person opened at a terminal, the last first, a page of them."""
        with self._opened.store.read() as transaction:
            return tuple(transaction.opened_by(staff, limit=OPENED_PAGE))

    def update_index(self) -> int:
        """Bring the index of what is named up to the end of the log; gives how many entries that were."""
        return fill_mentions(self._opened.store)

    def therapy(self, coi: str, as_of: AsOf | None = None) -> Audit:
        """A therapy with its gaps; raises InputError where there is none, or was none then."""
        trail = self._opened.read.trail(coi=coi, as_of=as_of)
        (dossier,) = dossiers(Trails(self._opened, (coi,), EVERYTHING, as_of), NAMES_ONLY)
        now = self._opened.clock.now()
        if as_of is not None:
            return Audit(dossier, gaps_of([dossier], as_of.recorded_by or now), as_of, trail.later)
        found = gaps_of([dossier], now, of_store(self._opened, [dossier]))
        return Audit(dossier, found)

    def prove(self, entry: Entry) -> EntryProof:
        """Whether an entry is where the log says, checked now."""
        registry = self._opened.registry
        with self._opened.store.read() as transaction:
            return entry_proof(transaction, registry, entry)

    def verify(self, found: Audit) -> ChainProof:
        """Every entry of a trail read again and proven, as `prove` does one; some milliseconds an entry."""
        entries, registry = found.dossier.entries, self._opened.registry
        with self._opened.store.read() as transaction:
            proofs = [entry_proof(transaction, registry, one) for one in entries]
        return chain_proof(entries, proofs)

    def why_no_review(self, staff: str, found: Audit) -> str | None:
        """Why this person cannot sign for having read this; None when they can."""
        if found.as_of is not None:
            return "An earlier state is not reviewed: go back to the record as it is."
        violation = grant_violation(self._opened.registry, staff, REVIEWERS, None, self._opened.clock.now())
        if violation is not None:
            return violation.message
        state = found.dossier.state
        last = found.dossier.entries[-1]
        if state is not None and state.reviewed is not None and last.statement.kind == "trail_reviewed":
            return "This trail is reviewed to its end."
        return None

    def review_request(
        self,
        found: Audit,
        *,
        staff: str,
        station: str,
        findings: Sequence[GivenFinding] = (),
        comment: str | None = None,
    ) -> Mapping[str, Json]:
        """The request that says: read to the last entry shown, and this is said of each finding."""
        observed = any(one.answer is FindingWord.OBSERVED for one in findings)
        outcome = ReviewOutcome.WITH_OBSERVATIONS if observed else ReviewOutcome.ACCEPTED
        said: dict[str, Json] = {} if comment is None else {"remark": comment}
        last = found.dossier.entries[-1].statement
        return {
            "request": "review_trail",
            "event_id": self._opened.new_event_id(),
            "actor": staff,
            "station": station,
            "signers": [{"staff": staff, "meaning": Meaning.AUDIT_TRAIL_REVIEWED.value}],
            "coi": Scan(code=found.dossier.chain).code,
            "through": last.event_id,
            "findings": [one.model_dump(mode="json", exclude_none=True) for one in findings],
            "outcome": outcome.value,
            **said,
        }
