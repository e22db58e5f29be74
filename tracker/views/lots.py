"""The lots of goods of the sites: which may be used, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.local_time import offset_of
from tracker.rules.decision import Violation
from tracker.rules.lots import lot_violations
from tracker.rules.registry_state import Lot, RegistryState


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot as it stands now."""

    lot: Lot
    violation: Violation | None
    """Why it may touch no cells at its own site; None where it may."""


def lot_lines(registry: RegistryState, now: datetime, *, site: str | None = None) -> tuple[LotLine, ...]:
    """The lots of a site, or of all, by site and item, what expires first."""
    found = [one for one in registry.lots.values() if site in (None, one.site)]
    found.sort(key=lambda one: (one.site, one.item, one.expires, one.number))
    return tuple(lot_line(registry, one, now) for one in found)


def lot_line(registry: RegistryState, lot: Lot, now: datetime) -> LotLine:
    """One of them as it stands now."""
    clock = offset_of(registry, lot.site)
    return LotLine(lot, next(lot_violations(registry, lot, site=lot.site, at=now, offset_of=clock), None))
