"""What cells were made from, what was made of them, and what touched them: pure over one chain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from schema.events.processing import QuarantineLifted
from tracker.rules.lots import TAINTED, lot_named
from tracker.rules.registry_state import Lot, RegistryState
from tracker.rules.therapy_state import ProcessRecord, TherapyState, UnitState


class Uses(Struct, frozen=True):
    """What touched some cells, each once, in the order of the chain."""

    lots: tuple[str, ...]
    instruments: tuple[str, ...]
    benches: tuple[str, ...]


def ancestors(therapy: TherapyState, unit: str) -> frozenset[str]:
    """Everything that a unit was made from, without itself."""
    return therapy.lineage(unit) - {unit}


def descendants(therapy: TherapyState, units: Iterable[str]) -> frozenset[str]:
    """Everything that was made from one of these units, without themselves."""
    own = frozenset(units)
    return frozenset(
        one for one in therapy.units if one not in own and not own.isdisjoint(therapy.lineage(one))
    )


def steps_behind(therapy: TherapyState, unit: str) -> tuple[ProcessRecord, ...]:
    """The steps of the process that a unit, or what it was made from, went through."""
    own = therapy.lineage(unit)
    return tuple(record for record in therapy.process if not own.isdisjoint(record.touched))


def uses(therapy: TherapyState, unit: str) -> Uses:
    """What touched a unit and everything that it was made from."""
    behind = steps_behind(therapy, unit)
    return Uses(
        tuple(dict.fromkeys(lot for one in behind for lot in one.lots)),
        tuple(dict.fromkeys(name for one in behind for name in one.instruments)),
        tuple(dict.fromkeys(one.bench for one in behind if one.bench is not None)),
    )


def touched_by(therapy: TherapyState, thing: str) -> frozenset[str]:
    """The units that a lot or an instrument touched, and everything that was made from them."""
    at = {
        unit
        for record in therapy.process
        if thing in record.lots or thing in record.instruments
        for unit in record.touched
    }
    return frozenset(at) | descendants(therapy, at)


def released_since(unit: UnitState, since: datetime | None) -> bool:
    """Whether quality has lifted a quarantine of the unit since a lot was recalled or rejected."""
    lifted = unit.facts.get(QuarantineLifted.kind)
    return since is not None and lifted is not None and lifted.at >= since


def recalled_behind(therapy: TherapyState, registry: RegistryState, unit: str) -> tuple[Lot, ...]:
    """The lots behind a unit that are now recalled or rejected, also where quality let it go since."""
    lots = map(registry.lot, uses(therapy, unit).lots)
    return tuple(lot for lot in lots if lot is not None and lot.status in TAINTED)


def recalled_lots(
    therapy: TherapyState, registry: RegistryState, units: Iterable[UnitState]
) -> tuple[str, ...]:
    """The recalled and rejected lots behind containers, each once, with how it stands."""
    found = (lot for unit in units for lot in recalled_behind(therapy, registry, unit.unit))
    return tuple(dict.fromkeys(f"{lot_named(lot)}, {lot.status}" for lot in found))


def tainted(therapy: TherapyState, registry: RegistryState) -> dict[str, str]:
    """The units that a lot touched which is now recalled or rejected, with that lot.

    It is asked of the registry as it stands, so that a recall blocks every therapy in the same instant. What
    quality has let go since, by lifting its quarantine, is not among them.
    """
    found: dict[str, str] = {}
    for name in dict.fromkeys(lot for record in therapy.process for lot in record.lots):
        lot = registry.lot(name)
        if lot is None or lot.status not in TAINTED:
            continue
        for unit in touched_by(therapy, name) - found.keys():
            known = therapy.unit(unit)
            if known is None or not released_since(known, lot.status_since):
                found[unit] = name
    return found
