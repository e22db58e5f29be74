"""What one person leaves open in a therapy: limits of what they touched last, handoffs, units they hold."""

from __future__ import annotations

from dataclasses import dataclass

from schema.events import Party
from schema.vocabulary import PartyType
from tracker.protocols.model import Protocol
from tracker.rules.clocks import RunningClock, running_clocks
from tracker.rules.therapy_state import TherapyState, UnitState


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What is open in one therapy, as its chain says."""

    coi: str
    clocks: tuple[RunningClock, ...] = ()
    handoffs: tuple[str, ...] = ()
    """Event ids of what was given and not taken yet."""

    held: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.clocks or self.handoffs or self.held)


def _touched_last(unit: UnitState, staff: str) -> bool:
    """What somebody else has taken over or gone on with since is no longer this person's."""
    return max(unit.facts.values(), key=lambda fact: fact.sequence).actor == staff


def open_work(therapy: TherapyState, protocol: Protocol | None, staff: str, site: str) -> OpenWork:
    """What this person touched last or holds at the site and nobody has ended."""
    here = {unit.unit for unit in therapy.open_units() if unit.site in (site, None)}
    own = Party(type=PartyType.PERSON, id=staff)
    return OpenWork(
        therapy.coi,
        tuple(
            clock
            for clock in running_clocks(therapy, protocol)
            if clock.unit in here and _touched_last(therapy.units[clock.unit], staff)
        ),
        tuple(
            handoff.event_id
            for handoff in therapy.handoffs.values()
            if handoff.actor == staff and handoff.site == site
        ),
        tuple(name for name in sorted(here) if therapy.units[name].custodian == own),
    )
