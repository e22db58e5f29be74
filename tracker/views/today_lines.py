"""What Today shows, as values: exceptions, what is due and ready, boxes, resources, tanks.

Every time is by the clocks of the site that it concerns, with its offset.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from schema.vocabulary import Material, ResourceType, Role
from tracker.rules.readiness import Need, Readiness, ReadinessItem, worst
from tracker.rules.standing import Standing
from tracker.views.models import DueClock, Leg

DOTS = (
    (Need.SLOT,),
    (Need.LABELS, Need.RESULTS),
    (Need.SHIPPER, Need.LOGGER),
    (Need.COURIER, Need.PEOPLE),
)
"""What each of the four dots of a line stands for, in their order."""


class Pane(StrEnum):
    """A part of Today."""

    EXCEPTIONS = "exceptions"
    DUE = "due"
    ROAD = "road"
    WEEK = "week"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class MilestoneForecast:
    """A milestone of a therapy: as it was promised, and as it happened or is projected."""

    name: str
    title: str
    site: str
    resource: str
    promised: datetime | None
    projected: datetime
    """When it happened, where it is done."""

    is_done: bool
    is_later: bool
    why: str


@dataclass(frozen=True, slots=True)
class TherapyForecast:
    """How a therapy stands and why, and when its milestones will be."""

    coi: str
    standing: Standing
    reason: str
    """One sentence."""

    about: MilestoneForecast | None
    """The milestone that the reason is about."""

    limit_at: datetime | None
    """When the limit ends or ended that is in breach."""

    milestones: tuple[MilestoneForecast, ...]
    attention: tuple[str, ...] = ()
    """Marks beside the state: quarantined, deviation and so on."""


@dataclass(frozen=True, slots=True)
class DueLine:
    """A milestone that is due soon, and whether all is there for it; or a duty after an infusion."""

    coi: str
    milestone: str
    title: str
    at: datetime
    """When it begins; of what travels, when it is picked up."""

    site: str
    """Where somebody has to be ready then: of what travels, the site that it leaves."""

    place: str
    """The resource as people call it, or the way as `MFG-1 › TREAT-A`."""

    resource_type: ResourceType | None
    is_pick_up: bool
    items: tuple[ReadinessItem, ...]
    roles: tuple[Role, ...] = ()
    """Who records it, of a duty; a milestone is for whoever takes its steps."""

    @property
    def readiness(self) -> Readiness:
        """The worst of all."""
        return worst(one.readiness for one in self.items)

    @property
    def dots(self) -> tuple[Readiness, ...]:
        """Slot, labels and results, shipper and logger, courier and people; none of a duty."""
        needed = () if self.roles else DOTS
        return tuple(worst(one.readiness for one in self.items if one.need in needs) for needs in needed)

    @property
    def words(self) -> str:
        """The first thing that is missing or to be looked at, in words; `ready` where all is there.

        Of a duty, who records it.
        """
        if self.roles:
            return "recorded by " + " or ".join(one.value.replace("_", " ") for one in self.roles)
        for wanted in (Readiness.MISSING, Readiness.LOOK):
            for one in self.items:
                if one.readiness is wanted:
                    return one.words
        return "ready"


@dataclass(frozen=True, slots=True)
class RoadLine:
    """A box on its way or waiting for its carrier."""

    box: str
    title: str
    from_site: str
    to_site: str
    leg: Leg
    holder: str
    carrier: str
    expected_at: datetime | None
    """When it is to arrive by the plans of what is inside; None where nothing is booked."""

    limit: DueClock | None
    """The limit that ends first: of the cells inside or of the box."""

    celsius: str | None
    """What its display showed last."""

    therapies: tuple[str, ...]
    is_refused: bool = False
    """Whether it was refused at the last door: it goes nowhere until quality says so."""


@dataclass(frozen=True, slots=True)
class UseLine:
    """How much of a kind of resource is taken this week and next.

    Where one begins, that is how many begin in the week; where one stays for days, such as in a bed, how many
    are there on the fullest day.
    """

    resource_type: ResourceType
    used: int
    places: int
    next_used: int
    next_places: int
    fullest: date | None = None
    """The day of this week on which most are there; None where nobody stays."""

    @property
    def is_full(self) -> bool:
        """Whether nothing is left this week."""
        return self.used >= self.places


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A unit that lies in a tank or other place of a site: until when, and what is missing for its use."""

    unit: str
    coi: str
    material: Material
    place: str
    site: str
    until: DueClock | None
    """What ends first of all that runs for it; None where nothing does."""

    missing: tuple[str, ...]
    """Results and decisions that are not there yet, in words."""

    quarantined: bool


@dataclass(frozen=True, slots=True)
class Today:
    """The morning of a site, or of the whole network."""

    now: datetime
    site: str | None
    hours: int
    first_day: date
    """The Monday of this week, by the calendar of the site."""

    counts: tuple[tuple[Standing, int], ...]
    exceptions: tuple[TherapyForecast, ...]
    """Therapies in breach, late, stalled or at risk, the most urgent first."""

    due: tuple[DueLine, ...]
    due_count: int
    """How many there are; more than are shown where the list was cut."""

    road: tuple[RoadLine, ...]
    week: tuple[UseLine, ...]
    stored: tuple[StoredLine, ...]
    unplanned: int = 0
    """How many running therapies have a milestone ahead and nothing booked."""

    @property
    def exception_count(self) -> int:
        """How many therapies are in one of the four states, shown or not."""
        bad = (Standing.BREACH, Standing.LATE, Standing.STALLED, Standing.AT_RISK)
        return sum(count for one, count in self.counts if one in bad)


_PANES = {
    Role.COORDINATOR: (Pane.EXCEPTIONS, Pane.DUE, Pane.ROAD, Pane.WEEK),
    Role.QUALITY: (Pane.EXCEPTIONS, Pane.STORED, Pane.DUE),
    Role.QUALIFIED_PERSON: (Pane.EXCEPTIONS, Pane.STORED, Pane.DUE),
    Role.PHARMACIST: (Pane.ROAD, Pane.STORED, Pane.DUE),
    Role.WARD_NURSE: (Pane.DUE, Pane.STORED, Pane.ROAD),
    Role.CLINICIAN: (Pane.DUE, Pane.STORED, Pane.ROAD),
    Role.DOCK: (Pane.ROAD, Pane.DUE),
    Role.COURIER: (Pane.ROAD, Pane.DUE),
    Role.APHERESIS_NURSE: (Pane.DUE, Pane.WEEK),
    Role.CELL_LAB_TECHNICIAN: (Pane.DUE, Pane.ROAD, Pane.STORED),
    Role.MANUFACTURING_OPERATOR: (Pane.DUE, Pane.WEEK, Pane.STORED),
}


OF_BOXES: Final = frozenset({Role.DOCK, Role.COURIER})
"""Who has to do with what comes and goes, and with nothing that is done at a site."""


def due_for(roles: Collection[Role], due: Iterable[DueLine]) -> tuple[DueLine, ...]:
    """What of it somebody with these roles has to do with."""
    only_boxes = bool(roles) and OF_BOXES.issuperset(roles)
    return tuple(one for one in due if one.is_pick_up or not only_boxes)


def panes_of(role: Role) -> tuple[Pane, ...]:
    """What a role needs of Today, the most needed first; all of it for a role that has no own list."""
    return _PANES.get(role, tuple(Pane))
