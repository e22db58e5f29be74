"""One value of a form judged as it is typed or scanned: a display, a place, a destination."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracker.acts.resolving import asked, resolve
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.rules.checks.condition import (
    SAY_SO,
    TAKE_ANOTHER,
    destination_violations,
    display_violations,
    place_violations,
)
from tracker.rules.decision import Violation
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState, UnitState

ProtocolOf = Callable[[str], Protocol | None]
"""A protocol by the SHA-256 of its file."""


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A value where it was asked, with what it is about: codes of units, or the box that holds them."""

    field: str
    """`display_celsius`, `location` (an L id) or `destination` (the code of a site)."""

    value: str
    codes: tuple[str, ...] = ()
    box: str | None = None
    packs: bool = False
    """Whether the units are being packed, and another box can still be taken."""


def value_violation(
    transaction: Transaction,
    memory: StateCache,
    registry: RegistryState,
    protocol_of: ProtocolOf,
    typed: TypedValue,
) -> Violation | None:
    """Why a value cannot be as it has to be, by the rules that will judge the step; None where it can."""
    for therapy, units in _about(transaction, memory, registry, typed):
        protocol = protocol_of(therapy.protocol.sha256)
        if protocol is not None:
            found = next(_judged(registry, therapy, protocol, units, typed), None)
            if found is not None:
                return found
    return None


def _judged(
    registry: RegistryState,
    therapy: TherapyState,
    protocol: Protocol,
    units: Sequence[UnitState],
    typed: TypedValue,
) -> Iterator[Violation]:
    if typed.field == "display_celsius":
        remedy = TAKE_ANOTHER if typed.packs else SAY_SO
        yield from display_violations(protocol, units, typed.value, remedy=remedy)
    elif typed.field == "destination":
        yield from destination_violations(therapy, typed.value, typed.field)
    place = registry.location(typed.value) if typed.field == "location" else None
    for unit in units if place is not None else ():
        if place is not None:
            yield from place_violations(protocol, unit, place)


def _about(
    transaction: Transaction, memory: StateCache, registry: RegistryState, typed: TypedValue
) -> Iterator[tuple[TherapyState, tuple[UnitState, ...]]]:
    """The units that were scanned, else those in the box, by therapy."""
    found: dict[str, set[str]] = {}
    for code in typed.codes:
        resolution = resolve(transaction, registry, asked(code))
        if resolution.coi is not None and resolution.unit is not None:
            found.setdefault(resolution.coi, set()).add(resolution.unit)
    if not found and typed.box is not None:
        for row in transaction.units_in_box(typed.box):
            found.setdefault(row.coi, set()).add(row.unit)
    for coi, names in sorted(found.items()):
        known = memory.therapy(transaction, coi)
        units = () if known is None else tuple(known.state.unit(name) for name in sorted(names))
        if known is not None:
            yield known.state, tuple(unit for unit in units if unit is not None)
