"""What a recall of a lot owes to each therapy whose cells it touched: a quarantine, or a deviation."""

from __future__ import annotations

from msgspec import Struct

from schema.vocabulary import FinalDisposition, LotStatus
from tracker.rules.lineage import released_since, touched_by
from tracker.rules.registry_state import Lot
from tracker.rules.therapy_state import TherapyState

LOT_RECALLED = "lot_recalled"
"""The rule that blocks what a recalled lot touched, and the cause of the deviation about what was given."""


class Owed(Struct, frozen=True):
    """What has to be written in the chain of one therapy."""

    about: str
    """The last step at which the lot was used."""

    held: tuple[str, ...]
    """Units that are there and not in quarantine yet."""

    given: tuple[str, ...]
    """Units that the patient was given, of which no deviation says so yet."""


def owed(therapy: TherapyState, lot: Lot) -> Owed | None:
    """What the recall of a lot owes to a therapy; None where it never touched it, or all is written."""
    uses = [record for record in therapy.process if lot.id in record.lots]
    if not uses:
        return None
    units = [therapy.units[name] for name in sorted(touched_by(therapy, lot.id)) if name in therapy.units]
    since = lot.status_since if lot.status is LotStatus.RECALLED else None
    held = tuple(
        unit.unit
        for unit in units
        if unit.final is None and not unit.quarantined and not released_since(unit, since)
    )
    steps = {record.event_id for record in uses}
    said = any(one.about in steps and LOT_RECALLED in one.cause for one in therapy.deviations.values())
    given = tuple(unit.unit for unit in units if unit.final is FinalDisposition.INFUSED and not said)
    return Owed(uses[-1].event_id, held, given) if held or given else None
