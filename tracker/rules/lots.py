"""The rules about lots of goods: known, of the right item, released, not expired, of this site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from labels.gs1 import Gs1Message
from labels.reader import Reading
from schema.instants import parse_offset
from schema.vocabulary import LotStatus
from tracker.rules.decision import ScanAnswer, Violation
from tracker.rules.registry_state import Lot, RegistryState

TAINTED: Final = frozenset({LotStatus.RECALLED, LotStatus.REJECTED})
"""What puts in doubt whatever the lot has touched before."""

_STANDS: Final = {
    LotStatus.QUARANTINED: "in quarantine",
    LotStatus.RESTRICTED: "restricted by quality",
    LotStatus.REJECTED: "rejected",
    LotStatus.EXHAUSTED: "used up by the record",
}


def lot_named(lot: Lot) -> str:
    """A lot as people call it: what it is, its maker's number and our id."""
    return f"{lot.item.replace('_', ' ')} lot {lot.number} ({lot.id})"


def lot_of_maker(lots: Mapping[str, Lot], reading: Reading, site: str | None) -> Lot | None:
    """The lot whose GTIN and number a maker's code says: that of the site, else the only one there is."""
    content = reading.content
    if not isinstance(content, Gs1Message) or content.lot is None:
        return None
    gtin = content.value("01")
    found = [
        one for one in lots.values() if gtin is not None and (one.gtin, one.number) == (gtin, content.lot)
    ]
    here = [one for one in found if one.site == site]
    return next(iter(here or found), None) if len(here or found) == 1 else None


def is_expired(lot: Lot, at: datetime, offset_of: Callable[[datetime], str]) -> bool:
    """Whether its last day has ended at a moment, by clocks with this offset from UTC."""
    return f"{at.astimezone(parse_offset(offset_of(at))):%Y-%m-%d}" > lot.expires


def faults_of_use(lot: Lot, used_at: datetime, offset_of: Callable[[datetime], str]) -> Iterator[str]:
    """What was wrong with a lot when it touched cells: not released yet, or expired by the clocks there."""
    if lot.released_at is None or used_at < lot.released_at:
        yield f"the {lot_named(lot)} was not released when it was used"
    if is_expired(lot, used_at, offset_of):
        yield f"the {lot_named(lot)} was good until {lot.expires}"


def held_since_use(lot: Lot) -> str | None:
    """Why a lot that was released once keeps back what it touched; one that is used up or good does not.

    A recall or rejection is judged unit by unit, by `tainted`: quality may have let a unit go since.
    """
    is_held = lot.released_at is not None and lot.status in (LotStatus.QUARANTINED, LotStatus.RESTRICTED)
    return f"the {lot_named(lot)} is {_STANDS[lot.status]}" if is_held else None


def lot_violations(
    registry: RegistryState, lot: Lot, *, site: str, at: datetime, offset_of: Callable[[datetime], str]
) -> Iterator[Violation]:
    """Why a lot may touch no cells at a site at that time; whether a step asks for its item is not said here.

    A recall is judged by what is known now, also of a step that was taken before it.
    """
    named = lot_named(lot)
    if lot.status is LotStatus.RECALLED:
        yield Violation(
            "lot_recalled",
            f"The {named} was recalled.",
            "Put it aside and take another lot; tell quality of any that was used.",
            field="lots",
        )
    elif lot.status is not LotStatus.RELEASED:
        yield Violation(
            "lot_not_released",
            f"The {named} is {_STANDS[lot.status]}.",
            "Take a lot that is released, or ask quality to release this one.",
            field="lots",
        )
    if is_expired(lot, at, offset_of):
        yield Violation(
            "lot_expired",
            f"The {named} was good until the end of {lot.expires}.",
            "Put it aside and take another lot.",
            field="lots",
        )
    if lot.site != site:
        yield Violation(
            "lot_other_site",
            f"The {named} was received at {lot.site}; this step is at {site}.",
            f"Take a lot of {site}, or receive these goods at {site} first.",
            answer=ScanAnswer.CHECK,
            field="lots",
        )
