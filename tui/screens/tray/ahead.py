"""F5: which step of a therapy comes next, at which station, by whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from schema.vocabulary import Role
from tracker.values import WorkLine
from tui.language import named, tr
from tui.session import TerminalSession


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next step, where it is taken, and who can take it."""

    staff: str
    name: str
    role: str
    station: str
    line: WorkLine
    drives: bool = False
    """Whether it is a driver in their own office; the door is elsewhere."""

    is_dock: bool = False
    """Whether boxes that come are theirs to take."""

    @property
    def words(self) -> str:
        """Step, thing, station and person in one sentence."""
        number = f"{self.line.number} " if self.line.number else ""
        return tr(
            "Next: {step}, {thing} {subject}. At {station}, by {name}, {role}.",
            step=f"{number}{self.line.what}",
            thing=self.line.thing,
            subject=self.line.subject,
            station=self.station,
            name=self.name,
            role=self.role,
        )


def what_is_ahead(session: TerminalSession, coi: str, people: Collection[str]) -> Ahead | None:
    """By what waits for each of these people at their own sites; without a COI in any therapy.

    A box on the road is played where it comes to, then limits come first, then who is signed in here. None
    when nobody has a step to take.
    """
    here = (session.staff, session.station.id) if session.is_open else ("", "")
    found = [
        ((*_order(ahead), (ahead.staff, ahead.station) != here, place), ahead)
        for place, ahead in _ahead(session, coi, people)
    ]
    return min(found, key=lambda one: one[0])[1] if found else None


def _order(ahead: Ahead) -> tuple[bool, bool, bool]:
    return ahead.drives, not ahead.line.kind and not ahead.is_dock, ahead.line.clock is None


def _ahead(session: TerminalSession, coi: str, people: Collection[str]) -> Iterator[tuple[int, Ahead]]:
    """What each of them can do at their own sites, at any bench: at one another therapy may stand."""
    registry, here = session.registry, session.station.id
    in_use = sorted(
        (one for one in registry.stations.values() if not one.retired), key=lambda one: one.id != here
    )
    for staff in people:
        person, grants = registry.person(staff), registry.grants_of(staff)
        for site in dict.fromkeys(grant.site for grant in grants):
            found = (
                (place, one.id, line)
                for one in in_use
                if one.site == site
                for place, line in enumerate(session.tracker.read.worklist(actor=staff, station=one.id).lines)
                if not line.attention and (not coi or coi in line.cois)
            )
            first = next(found, None)
            if first is None or person is None:
                continue
            place, station, line = first
            roles = {grant.role for grant in grants}
            role = next(named(grant.role) for grant in grants if grant.site == site)
            drives, is_dock = roles == {Role.COURIER}, Role.DOCK in roles
            yield place, Ahead(staff, person.name, role, station, line, drives, is_dock)
