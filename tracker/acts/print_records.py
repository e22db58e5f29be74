"""The print records that a decision about labels looks at; other steps ask for none of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from schema.tables import PrintedCopyRow
from schema.vocabulary import PrintOutcome, Reason
from tracker.acts.state_cache import KnownTherapy
from tracker.ledger.transaction import Transaction
from tracker.registry.stock.requests import DestroyLabelStock, IssueLabelStock
from tracker.requests.base import Request
from tracker.rules.label_accounts import PrintRecord
from tracker.rules.situation import Found, Resolution
from tracker.therapy.benches import ClearLine
from tracker.therapy.course import Close
from tracker.therapy.custody.requests import Pack, Relinquish
from tracker.therapy.labels.requests import LabelsRequest


def record_of(row: PrintedCopyRow) -> PrintRecord:
    """A row of the print record as the rules read it."""
    return PrintRecord(
        object_id=row.object_id,
        letter=row.copy_letter,
        outcome=PrintOutcome(row.outcome),
        label=row.label,
        site=row.site,
        station=row.station,
        staff=row.staff,
        printed_at=row.printed_at,
        unit=row.unit,
        reason=None if row.reason is None else Reason(row.reason),
    )


def records_of(transaction: Transaction, coi: str, units: Iterable[str]) -> tuple[PrintRecord, ...]:
    """Every copy printed for these units and of the therapy's cards."""
    rows = [*transaction.copies_for(units), *transaction.printed_copies(coi)]
    return tuple(record_of(row) for row in rows)


def prints_for(
    transaction: Transaction,
    request: Request,
    resolutions: Mapping[str, Resolution],
    therapies: Mapping[str, KnownTherapy],
) -> tuple[PrintRecord, ...]:
    """The copies that the request's labels may have to be accounted for by; none for any other request."""
    if isinstance(request, Pack) or (isinstance(request, Relinquish) and request.box is None):
        units = {item.unit for item in resolutions.values() if item.unit is not None}
        return tuple(record_of(row) for row in transaction.copies_for(sorted(units)))
    if isinstance(request, (Close, LabelsRequest, ClearLine)):
        found = (records_of(transaction, coi, sorted(known.state.units)) for coi, known in therapies.items())
        return tuple(record for records in found for record in records)
    return ()


def blanks_in_use(transaction: Transaction, request: Request) -> frozenset[str]:
    """The blank labels a request names that stand for something by now."""
    if not isinstance(request, (IssueLabelStock, DestroyLabelStock)):
        return frozenset()
    return frozenset(unit for unit in request.units if transaction.code(unit) is not None)


def printed_for_units(
    transaction: Transaction, request: Request, resolutions: Mapping[str, Resolution]
) -> Mapping[str, Resolution]:
    """The same codes with the therapy of cassettes that were printed for a unit and are bound to none."""
    if not isinstance(request, LabelsRequest):
        return resolutions
    return {code: _with_therapy(transaction, item) for code, item in resolutions.items()}


def _with_therapy(transaction: Transaction, item: Resolution) -> Resolution:
    if item.found is not Found.CASSETTE or item.coi is not None or item.object_id is None:
        return item
    for row in transaction.printed_copies(item.object_id):
        unit = None if row.unit is None else transaction.unit(row.unit)
        if unit is not None:
            return replace(item, coi=unit.coi)
    return item
