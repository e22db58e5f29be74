"""The values that screens and reports show: frozen, without a rule or a database row in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from schema.commitments import Opening
from schema.entry import Entry, Statement
from schema.instants import format_instant, parse_declared, parse_instant
from schema.tables import TherapyRow
from schema.vocabulary import LabelState, Material
from tracker.protocols.model import Protocol
from tracker.rules.clocks import RunningClock
from tracker.rules.decision import Violation
from tracker.rules.deviation_state import DeviationState
from tracker.rules.label_accounts import AccountedCopy, open_copies, ordinals
from tracker.rules.marks.standing import flag_is_grave
from tracker.rules.registry_state import Equipment
from tracker.rules.situation import Resolution
from tracker.rules.standing import Standing
from tracker.rules.therapy_state import Occurrence, RefusalState, TherapyState, UnitState
from tracker.therapy.shift import OpenWork
from tracker.views.bookings import ShipmentLine
from tracker.views.facts import Fact, ReadCode, units_named

_LOG_SIZE: Final = re.compile(r"[0-9]{1,13}")


@dataclass(frozen=True, slots=True)
class AsOf:
    """Up to when the record is shown: by the time of recording, or by the number of leaves in the log."""

    recorded_by: datetime | None = None
    tree_size: int | None = None

    def __str__(self) -> str:
        if self.recorded_by is not None:
            return format_instant(self.recorded_by)
        return f"log size {self.tree_size}"

    @classmethod
    def parse(cls, text: str) -> AsOf:
        """From a time with Z or an offset, or from the number of leaves that a checkpoint or head names."""
        if _LOG_SIZE.fullmatch(text):
            return cls(tree_size=int(text))
        return cls(recorded_by=parse_declared(text)[0])


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One event of a trail with the marks an auditor looks for."""

    entry: Entry
    title: str
    marks: tuple[str, ...]
    """In words, the gravest first."""

    is_grave: bool = False
    """Whether one of the marks is red wherever it is shown."""

    facts: tuple[Fact, ...] = ()
    """What it says, in words."""

    reads: tuple[ReadCode, ...] = ()
    """What was read and compared, in words."""

    @property
    def units(self) -> tuple[str, ...]:
        """What it is about."""
        return units_named(self.entry.statement.payload)


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


@dataclass(frozen=True, slots=True)
class DueClock:
    """A limit that runs, from when it began to when it ends."""

    title: str
    unit: str
    due_at: datetime
    began_at: datetime | None = None
    """None where nobody knows how much of it is used."""

    @classmethod
    def of(cls, clock: RunningClock) -> DueClock:
        """A limit as people see it."""
        return cls(clock.title, clock.unit, clock.due_at, clock.began_at)

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> DueClock:
        """A limit as the line of its therapy has it."""
        began = written["began_at"]
        began_at = None if began is None else parse_instant(began)
        return cls(written["title"], written["unit"], parse_instant(written["due_at"]), began_at)

    def share_used(self, now: datetime) -> float | None:
        """How much of it is used: 1.0 at its end, more beyond it; None where nobody knows."""
        if self.began_at is None:
            return None
        whole = (self.due_at - self.began_at).total_seconds()
        return (now - self.began_at).total_seconds() / whole if whole > 0 else 1.0


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
    standing: Standing
    stage: str
    stage_title: str
    stage_short: str
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
    next_step: tuple[int, str] | None = None
    """Number and title of what its protocol asks for next; None of what has ended."""

    @property
    def is_grave(self) -> bool:
        """Whether one of its marks is red wherever it is shown."""
        return any(flag_is_grave(flag) for flag in self.attention)

    @property
    def first(self) -> DueClock | None:
        """The limit that ends first: by it a therapy is ranked, and it is the one that is named."""
        return min(self.clocks, key=lambda clock: clock.due_at, default=None)

    def order(self, now: datetime) -> tuple[int, float, str]:
        """Where it stands on the board: by its state, then by the share of its first limit that is used."""
        first = self.first
        share = None if first is None else first.share_used(now)
        return list(Standing).index(self.standing), 0.0 if share is None else -share - 1, self.coi


class BoardOrder(StrEnum):
    """By what the board is sorted."""

    STANDING = "standing"
    """By how therapies stand; of those that stand alike by the share of the first limit that is used."""

    LEFT = "left"
    """By the time that is left of the first limit; without one, then what has ended, last."""

    CHANGED = "changed"
    """What was recorded of last first."""

    THERAPY = "therapy"
    """By code."""


@dataclass(frozen=True, slots=True)
class BoardPlace:
    """Where a page of the board ended, from which the next one goes on."""

    standing: Standing
    row: TherapyRow


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Some therapies of the board."""

    rows: tuple[BoardRow, ...]
    place: BoardPlace | None = None
    """From where to read on; None when nothing more is there."""


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """How many therapies stand how, and how many of those that run are in which stretch of the journey."""

    standings: tuple[tuple[Standing, int], ...]
    stages: tuple[tuple[str, int], ...]
    unplanned: int = 0
    """Of those that run: of how many nothing is booked, though a milestone is ahead."""

    @property
    def total(self) -> int:
        """All therapies."""
        return sum(count for _, count in self.standings)

    @property
    def running(self) -> int:
        """Those that have not ended."""
        return sum(count for _, count in self.stages)


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
class NextStep:
    """A step a protocol has for what was scanned: possible now, or why not."""

    kind: str
    number: int
    """By which people name it; the protocol says it."""

    request: str
    title: str
    violation: Violation | None
    is_next: bool = False
    """Whether it ends the limit that runs, or is the protocol's next; one of all at most."""

    reason: str = ""
    """Why not now in a few words, as `first 23`; empty where the rule's own sentence is short enough."""

    @property
    def possible(self) -> bool:
        """Whether nothing stands in its way."""
        return self.violation is None


@dataclass(frozen=True, slots=True)
class RackItem:
    """What a code in a rack stands for by the record."""

    resolution: Resolution
    unit: str | None = None
    coi: str | None = None
    material: str = ""
    location: str | None = None
    box: str | None = None
    came: bool = False
    """Whether the box it lies in was taken over from somebody, so that it is opened by inspection."""

    violation: Violation | None = None
    """Why it cannot be taken along; None when it can."""


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One thing that waits: a unit, or a box with all that is in it."""

    subject: str
    """The id that its own label bears; looking it up shows everything that can be done."""

    thing: str
    """What it is, in words."""

    cois: tuple[str, ...]
    what: str
    """What to do next, or what it waits for."""

    where: str
    kind: str = ""
    """The kind of the next step where this person can take it here."""

    number: int | None = None
    """The number of that step."""

    clock: DueClock | None = None
    since: datetime | None = None
    """Since when it waits, or is out of storage."""

    is_out: bool = False
    """Whether `since` is the time it came out of storage."""

    attention: tuple[str, ...] = ()
    """Flags that call for somebody, where nothing else does."""


@dataclass(frozen=True, slots=True)
class DeviationLine:
    """One deviation and the therapy that it is of."""

    coi: str
    state: DeviationState


@dataclass(frozen=True, slots=True)
class DeviationBackground:
    """What a deviation is about, for those who judge it: nobody signs for an event id alone."""

    state: DeviationState
    event: Statement
    """What was recorded and drafted it, or what a person opened it with."""

    step: str
    """The title of the step that it was."""

    found: tuple[Violation, ...]
    """Each value recorded then that the cells do not bear, with the range of their label."""

    words: tuple[str, ...]
    """What people wrote about it, as far as it is still held."""


@dataclass(frozen=True, slots=True)
class Worklist:
    """What waits, as it was read at one moment."""

    lines: tuple[WorkLine, ...]
    """What this person can do here, and what comes to them."""

    is_whole: bool = True
    others: tuple[WorkLine, ...] = ()
    """What runs out at the site and is for somebody else to end."""


@dataclass(frozen=True, slots=True)
class LeftLabels:
    """Copies of a unit's label that this person printed and that are still to be accounted for."""

    coi: str
    unit: str
    copies: str


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """Everything one person leaves open at a site."""

    staff: str
    works: tuple[OpenWork, ...] = ()
    labels: tuple[LeftLabels, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.works or self.labels)

    @property
    def cois(self) -> tuple[str, ...]:
        """The therapies it concerns."""
        return tuple(dict.fromkeys((*(one.coi for one in self.works), *(one.coi for one in self.labels))))


@dataclass(frozen=True, slots=True)
class AtBench:
    """A therapy at a bench."""

    coi: str
    since: datetime
    staff: str
    """Who took the bench for it."""

    needs_witness: bool
    """Whether cells were open there, so that a second person looks too."""

    open_labels: tuple[str, ...]
    """The codes of labels printed there that are on nothing yet."""


@dataclass(frozen=True, slots=True)
class BenchNow:
    """A bench and the therapies at it; two at one bench are what the rules forbid."""

    bench: str
    title: str
    site: str
    therapies: tuple[AtBench, ...]


_FAR: Final = datetime.max.replace(tzinfo=UTC)


class Leg(StrEnum):
    """Where a box is on its way."""

    BOOKED = "booked"
    """Its carrier is booked, and nobody has packed it yet."""

    FETCH = "fetch"
    """Packed, and waits for its carrier."""
    CARRIED = "carried"
    OFFERED = "offered"
    """Handed over at a door, and nobody has answered."""
    ARRIVED = "arrived"
    """Taken over closed, and not opened yet."""
    EMPTY_FETCH = "empty_fetch"
    EMPTY_CARRIED = "empty_carried"


@dataclass(frozen=True, slots=True)
class CourierStop:
    """A place to go to: whom to see there and whom to call."""

    site: str
    title: str
    address: str
    phone_24h: str
    receiver: str


@dataclass(frozen=True, slots=True)
class Shipment:
    """One box on its way."""

    box: str
    title: str
    leg: Leg
    stop: CourierStop
    """Where it goes next: to the site that has it while it is to be fetched, then to its destination."""

    destination: str
    holder: str
    carrier: str
    seal: str = ""
    units: int = 0
    therapies: tuple[str, ...] = ()
    hold_until: datetime | None = None
    hold_since: datetime | None = None
    """When it was packed, from when on it holds."""

    clock: DueClock | None = None
    """The limit of the cells inside that ends first, by their protocols."""

    attempted: Occurrence | None = None
    """The last time that nobody took it at a door."""

    refused: RefusalState | None = None
    """The last refusal, while nobody has taken the box over or sent it elsewhere since."""

    offered_to: str = ""
    equipment: Equipment | None = None
    """The box itself: until when it is good, and whether it is in service."""

    closed: tuple[tuple[date, date, str], ...] = ()
    """Days on which its destination is closed while it may arrive: from, until, and why."""

    line: ShipmentLine | None = None
    """How it was booked and what was heard of it; None for an empty box."""

    @property
    def urgency(self) -> tuple[datetime, str]:
        """What sorts first is due first."""
        ends = [self.due_at, self.fetch_by]
        return (min((end for end in ends if end is not None), default=_FAR), self.box)

    @property
    def fetch_by(self) -> datetime | None:
        """The latest pick-up that was booked, while it waits for it."""
        is_waiting = self.leg in (Leg.BOOKED, Leg.FETCH)
        known = self.line.pick_up if self.line is not None and is_waiting else None
        return None if known is None else known[1]

    @property
    def due_at(self) -> datetime | None:
        """The earliest of the hold time and the limits of the cells."""
        ends = [self.hold_until, self.clock.due_at if self.clock else None]
        return min((end for end in ends if end is not None), default=None)

    @property
    def first(self) -> DueClock | None:
        """The limit of the cells where it ends before the hold time; None where the hold time is first."""
        return self.clock if self.clock is not None and self.clock.due_at == self.due_at else None

    @property
    def hold(self) -> DueClock | None:
        """How long the box holds its temperature; None where nobody has said it."""
        if self.hold_until is None:
            return None
        return DueClock("Hold time of the shipper", self.box, self.hold_until, self.hold_since)


@dataclass(frozen=True, slots=True)
class LabelAccount:
    """The copies of one object's label: a unit's own, its cassette's, or a therapy's card."""

    coi: str
    unit: str | None
    object_id: str
    copies: tuple[AccountedCopy, ...]

    @property
    def printed(self) -> str:
        """The letters that are or may be on paper."""
        return ordinals([one for one in self.copies if not one.was_not_printed])

    @property
    def open(self) -> tuple[AccountedCopy, ...]:
        """The copies that somebody still has to account for."""
        return open_copies(self.copies)

    def letters_of(self, state: LabelState) -> str:
        """The letters that the chain says this of."""
        return ordinals([one for one in self.copies if one.state is state])

    @property
    def kept(self) -> str:
        """The letters of cards, which stay in the chart."""
        return ordinals([one for one in self.copies if one.is_kept])


@dataclass(frozen=True, slots=True)
class StockCount:
    """A counted set of blank labels: issued = bound + destroyed + left."""

    set: str
    site: str
    material: str
    issued: int
    bound: int
    destroyed: int

    @property
    def left(self) -> int:
        """How many blanks of the set stand for nothing yet."""
        return self.issued - self.bound - self.destroyed


@dataclass(frozen=True, slots=True)
class SearchSubject:
    """What is looked for: its key in the index, and how people call it."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class FoundTherapy:
    """A therapy in which it is named."""

    coi: str
    first_sequence: int
    last_sequence: int
    at: datetime
    """When the last of them was recorded."""

    status: str
    stage: str
    attention: tuple[str, ...]


def open_of(found: Sequence[LabelAccount]) -> tuple[AccountedCopy, ...]:
    """The open copies of several accounts, in their order."""
    return tuple(copy for account in found for copy in account.open)
