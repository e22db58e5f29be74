"""F5: which step of a therapy comes next, at which station, by whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial

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

    is_bench_taken: bool = False
    """Whether another therapy is at the bench, which has to be cleared first."""

    is_dock: bool = False
    """Whether boxes that come are theirs to take."""

    @property
    def words(self) -> str:
        """Step, thing, station and person in one sentence."""
        number = f"{self.line.number} " if self.line.number else ""
        words = tr(
            "Next: {step}, {thing} {subject}. At {station}, by {name}, {role}.",
            step=f"{number}{self.line.what}",
            thing=self.line.thing,
            subject=self.line.subject,
            station=self.station,
            name=self.name,
            role=self.role,
        )
        return " ".join((words, tr("Its bench is cleared first."))) if self.is_bench_taken else words


def what_is_ahead(session: TerminalSession, coi: str, people: Collection[str]) -> Ahead | None:
    """By what waits for each of these people at their own sites; without a COI in any therapy.

    A box on the road is played where it comes to, then limits come first, then who is signed in here; last
    what waits for a bench to be cleared. None when nobody has a step to take.
    """
    here = (session.staff, session.station.id) if session.is_open else ("", "")
    for is_bench_taken in (False, True):
        found = [
            ((*_order(ahead), (ahead.staff, ahead.station) != here, place), ahead)
            for place, ahead in _ahead(session, coi, people, is_bench_taken=is_bench_taken)
        ]
        if found:
            return min(found, key=lambda one: one[0])[1]
    return None


def _order(ahead: Ahead) -> tuple[bool, bool, bool]:
    return ahead.drives, not ahead.line.kind and not ahead.is_dock, ahead.line.clock is None


def _ahead(
    session: TerminalSession, coi: str, people: Collection[str], *, is_bench_taken: bool
) -> Iterator[tuple[int, Ahead]]:
    """What each of them can do at their own sites, at any bench: at one another therapy may stand."""
    registry, here = session.registry, session.station.id
    waits_for = partial(session.tracker.read.worklist, coi=coi, is_bench_free=is_bench_taken)
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
                for place, line in enumerate(waits_for(actor=staff, station=one.id).lines)
                if not line.attention
            )
            first = next(found, None)
            if first is None or person is None:
                continue
            place, station, line = first
            roles = {grant.role for grant in grants}
            role = next(named(grant.role) for grant in grants if grant.site == site)
            drives, is_dock = roles == {Role.COURIER}, Role.DOCK in roles
            yield (
                place,
                Ahead(staff, person.name, role, station, line, drives, is_bench_taken, is_dock),
            )
