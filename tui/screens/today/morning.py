"""What Today reads, in one thread, for the person who looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from schema.vocabulary import Role
from tracker.tracker import Tracker
from tracker.values import (
    AlertLine,
    DueLine,
    Exceptional,
    NoteLine,
    Pane,
    PromisedLine,
    ResourceWeek,
    Today,
    due_for,
    exceptions_of,
    panes_of,
)
from tui.screens.handoff.courier import own_carrier
from tui.screens.today.lists import Line, key_of
from tui.session import TerminalSession

HOURS: Final = 48
LATER_HOURS: Final = 6 * 24
NOTES_SINCE: Final = timedelta(days=1)
NOTES_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class Morning:
    """Everything that Today shows."""

    today: Today
    later: tuple[DueLine, ...] = ()
    """What is due after the 48 hours, as long as a day of the week names one day."""

    weeks: tuple[ResourceWeek, ...] = ()
    promised: tuple[PromisedLine, ...] = ()
    notes: tuple[NoteLine, ...] = ()
    alerts: tuple[AlertLine, ...] = ()
    """What calls for somebody now; it is read when the rest is on the screen."""

    is_whole: bool = True
    """Whether it is all of it, and not only the first lines of what is late and due."""

    def alerts_of(self, coi: str) -> tuple[AlertLine, ...]:
        """What calls in one therapy."""
        return tuple(one for one in self.alerts if one.coi == coi)

    @property
    def exceptions(self) -> tuple[Exceptional, ...]:
        """What is wrong, with what calls for somebody though it may be on time, then what is at risk."""
        return exceptions_of(self.today, self.alerts)

    def lines(self, pane: Pane) -> Sequence[Line]:
        """The lines of a list."""
        found: dict[Pane, Sequence[Line]] = {
            Pane.EXCEPTIONS: self.exceptions,
            Pane.DUE: self.today.due,
            Pane.ROAD: self.today.road,
            Pane.STORED: self.today.stored,
        }
        return found[pane]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose morning it is: which lists, in which order, of one site, a carrier or the whole network."""

    panes: tuple[Pane, ...]
    site: str | None
    carrier: str | None = None
    """Of a courier: what they have on board or are to fetch, wherever they are."""

    plans: bool = False
    """Whether they move what is booked."""

    roles: frozenset[Role] = frozenset()

    @classmethod
    def of(cls, session: TerminalSession) -> Viewer:
        """By the roles that this person holds now."""
        roles = _roles(session)
        panes = dict.fromkeys(pane for role in Role if role in roles for pane in panes_of(role))
        plans = Role.COORDINATOR in roles
        if plans:
            panes = dict.fromkeys((*panes_of(Role.COORDINATOR), *panes))
        carrier = own_carrier(session) if roles == {Role.COURIER} else None
        site = None if plans or carrier is not None else session.station.site
        return cls(tuple(panes), site, carrier, plans, roles)


def _roles(session: TerminalSession) -> frozenset[Role]:
    now = session.tracker.clock.now()
    held = (one for one in session.registry.grants_of(session.staff) if not one.revoked)
    return frozenset(one.role for one in held if one.valid_until is None or one.valid_until > now)


def begins_with_today(session: TerminalSession) -> bool:
    """Whether it is the first thing that this person sees: a coordinator's work is what is not on time."""
    return Role.COORDINATOR in _roles(session)


def first_lines(tracker: Tracker, viewer: Viewer, *, lines: int) -> Morning:
    """What fills a screen of so many lines; it is read in a thread, before all else."""
    today = tracker.read.today(site=viewer.site, hours=HOURS, carrier=viewer.carrier, lines=lines)
    return Morning(replace(today, due=due_for(viewer.roles, today.due)), is_whole=False)


def morning_of(tracker: Tracker, viewer: Viewer, *, is_wide: bool) -> Morning:
    """Read it in a thread; what only a wide window shows is read only there."""
    read, site = tracker.read, viewer.site
    now = tracker.clock.now()
    today = read.today(site=site, hours=HOURS, carrier=viewer.carrier)
    due = due_for(viewer.roles, today.due)
    today = replace(today, due=due, due_count=today.due_count - len(today.due) + len(due))
    notes = read.site_notes(since=now - NOTES_SINCE, site=site, limit=NOTES_MAX)
    if viewer.carrier is not None:
        aboard = {coi for one in today.road for coi in one.therapies}
        return Morning(today, notes=tuple(one for one in notes if one.coi in aboard))
    if not is_wide:
        return Morning(today, notes=notes)
    whole = read.today(site=site, hours=LATER_HOURS)
    seen = {key_of(one) for one in today.due}
    later = tuple(one for one in due_for(viewer.roles, whole.due) if key_of(one) not in seen)
    weeks = read.plan_week(first=today.now.date(), site=site)
    return Morning(today, later, weeks, read.promised(site=site), notes)
