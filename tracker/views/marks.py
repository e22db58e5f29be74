"""What stands beside an event in a trail: its title and its marks, between the states around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schema.entry import REGISTRY, Entry, Statement
from tracker.protocols.model import Protocol
from tracker.rules.marks.events import Mark, marks_of
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.evolve import evolve


@dataclass(frozen=True, slots=True)
class Transition:
    """One entry between the states of its therapy before and after it; the chain `registry` has none."""

    entry: Entry
    before: TherapyState | None
    after: TherapyState | None

    def marks(self, protocol: Protocol | None, registry: RegistryState) -> tuple[Mark, ...]:
        """What in it calls for attention, the gravest first."""
        return marks_of(self.entry, self.before, self.after, protocol, registry)


def transitions(entries: Iterable[Entry]) -> Iterator[Transition]:
    """The entries of one chain from its first one on, each with the states around it."""
    state: TherapyState | None = None
    for entry in entries:
        before = state
        if entry.statement.chain != REGISTRY:
            state = evolve(before, entry.sequence, entry.statement)
        yield Transition(entry, before, state)


def step_title(protocol: Protocol | None, state: TherapyState | None, statement: Statement) -> str:
    """The title of an event's step; one kind is another step for a collection bag than for a product."""
    payload = statement.payload
    units = getattr(payload, "units", None) or (getattr(payload, "unit", None),)
    unit = state.units.get(units[0] or "") if state else None
    step = protocol.step(payload.fact, unit.material if unit else None) if protocol else None
    return step.title if step else statement.kind.replace("_", " ").capitalize()
