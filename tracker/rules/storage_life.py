"""What cells went through in their whole life: outside their band, out of storage, and how often.

Each warming alone may be borne while their sum is not, so each is added up and held against the band.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from tracker.protocols.bands import THAWS, band_of, kept_as
from tracker.protocols.model import Band, Keeping, Protocol
from tracker.rules.therapy_state import UnitState

_USES: Final = (THAWS, "manufacturing_started")
"""What ends the time out of storage: from then on it is not kept any more."""


class StorageLife(Struct, frozen=True):
    """What one unit went through, beside what its band allows; None where that says nothing."""

    unit: str
    outside: timedelta
    excursions: int
    removals: int
    out_of_storage: timedelta
    """Between two places or boxes, and before its use."""

    outside_max: timedelta | None = None
    excursions_max: int | None = None
    removals_max: int | None = None

    @property
    def is_new(self) -> bool:
        """Whether nothing of all this ever happened to it."""
        return not (self.outside or self.excursions or self.removals)

    @property
    def passed(self) -> tuple[str, ...]:
        """Which of the bounds of a life it has passed, by the rule's name."""
        rules = {
            "too_long_in_all": self.outside_max is not None and self.outside > self.outside_max,
            "too_often": self.excursions_max is not None and self.excursions > self.excursions_max,
            "removed_too_often": self.removals_max is not None and self.removals > self.removals_max,
        }
        return tuple(rule for rule, is_passed in rules.items() if is_passed)


def storage_life(protocol: Protocol | None, unit: UnitState, now: datetime) -> StorageLife:
    """What a unit went through until now."""
    band = None if protocol is None else _band(protocol, unit)
    return StorageLife(
        unit.unit,
        unit.outside_band,
        unit.excursions,
        unit.removals,
        sum(_gaps(unit, now), timedelta()),
        None if band is None else band.total_outside,
        None if band is None else band.excursions_max,
        None if band is None else band.removals_max,
    )


def _band(protocol: Protocol, unit: UnitState) -> Band | None:
    """The band of how it is kept: thawed for its use it is judged by what it was until then."""
    state = kept_as(protocol, unit.material)
    found = (band_of(protocol, unit.material, state, where) for where in (Keeping.STORAGE, Keeping.TRANSPORT))
    return next((band for band in found if band is not None), None)


def _gaps(unit: UnitState, now: datetime) -> Iterator[timedelta]:
    if not unit.places:
        return
    first = unit.places[0].since
    places = [(one.since, one.until) for one in unit.places]
    kept = sorted(
        [*places, *((one.since, one.until) for one in unit.stays if one.since >= first)],
        key=lambda stay: stay[0],
    )
    left: datetime | None = None
    for since, until in kept:
        if left is not None and since > left:
            yield since - left
        if until is None:
            return
        left = until if left is None else max(left, until)
    used = min(
        (fact.at for kind, fact in unit.facts.items() if kind in _USES and left and fact.at >= left),
        default=None,
    )
    if left is not None and (used is not None or unit.final is None):
        yield max((used or now) - left, timedelta())
