"""Frozen read models: what screens and reports show, without a rule or a row in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schema.commitments import Opening
from schema.entry import Entry
from schema.vocabulary import Material
from tracker.protocols.model import Protocol
from tracker.rules.decision import Violation
from tracker.rules.situation import Resolution
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.views.as_of import AsOf


@dataclass(frozen=True, slots=True)
class DueClock:
    """A limit that runs, with the time it ends."""

    title: str
    unit: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class BoardUnit:
    """Where one open unit is."""

    unit: str
    material: Material
    custodian: str
    site: str | None
    handoff_open: bool
    quarantined: bool


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One therapy on the board."""

    coi: str
    stage: str
    stage_title: str
    status: str
    protocol: str
    collection_site: str
    manufacturing_site: str
    treatment_site: str
    attention: tuple[str, ...]
    last_kind: str
    last_at: datetime
    last_actor: str
    reviewed_through: int | None
    """To which entry the trail was reviewed."""

    clocks: tuple[DueClock, ...]
    units: tuple[BoardUnit, ...]


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step a protocol has for what was scanned: possible now, or why not."""

    kind: str
    request: str
    title: str
    violation: Violation | None

    @property
    def possible(self) -> bool:
        """Whether nothing stands in its way."""
        return self.violation is None


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a scanned code is in this store."""

    resolution: Resolution
    title: str
    therapy: TherapyState | None
    protocol: Protocol | None
    unit: UnitState | None
    superseded: bool
    """Whether the scanned copy was taken out of use."""


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One event of a trail with the marks an auditor looks for."""

    entry: Entry
    title: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """Everything one chain says, in the order it was recorded."""

    coi: str
    state: TherapyState
    protocol: Protocol | None
    entries: tuple[TrailEntry, ...]
    openings: dict[str, Opening]
    """Committed values still held, by commitment."""

    as_of: AsOf | None = None
    """When or at which size this was known; None for the record as it stands."""

    later: int = 0
    """Entries that came after that and are not shown."""

    @property
    def notice(self) -> str | None:
        """What has to stand over every view of an earlier state."""
        return None if self.as_of is None else notice(self.as_of, self.later)


def notice(as_of: AsOf, later: int) -> str:
    """That this is an earlier state, and how much of the record it leaves out."""
    entries = "entry" if later == 1 else "entries"
    return f"as known at {as_of}; {later} later {entries} not shown"
