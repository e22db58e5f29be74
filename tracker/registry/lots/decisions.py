"""Decisions over lots: whoever works with them takes them in, quality alone lets them be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from labels.gs1 import is_trade_item_number
from schema.counting import counted
from schema.errors import InputError
from schema.events import lots as events
from schema.events.deviations import DeviationDrafted
from schema.events.processing import Quarantined
from schema.vocabulary import LotStatus, Meaning, ObjectType, Role
from tracker.protocols.bands import celsius_range
from tracker.registry.lots import requests
from tracker.registry.situation import (
    QUALITY,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    event_of,
    id_refusal,
    performed,
    taken,
)
from tracker.rules.authority import grant_violation, site_violation
from tracker.rules.decision import Allowed, Decision, Denied, Draft, Notice, ScanAnswer, Slot
from tracker.rules.lots import is_expired, lot_named
from tracker.rules.recall import LOT_RECALLED, owed
from tracker.rules.registry_state import Lot
from tracker.rules.therapy_state import TherapyState

HANDLERS: Final = frozenset(
    {Role.CELL_LAB_TECHNICIAN, Role.MANUFACTURING_OPERATOR, Role.PHARMACIST, Role.DOCK, Role.QUALITY}
)
"""Who takes goods in at a site, puts them aside and says that they are used up."""

EXPIRES_MAX: Final = timedelta(days=20 * 366)
"""Nothing that is used in making cells is good for longer; a day further away is a slip of the year."""

_BY_HANDLERS: Final = frozenset({LotStatus.QUARANTINED, LotStatus.EXHAUSTED})
_ENDED: Final = frozenset({LotStatus.REJECTED, LotStatus.RECALLED, LotStatus.EXHAUSTED})


def receive(situation: RegistrySituation, request: requests.ReceiveLot) -> Decision:
    """A lot of one maker comes to a site once; what comes again of it is the same lot."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    _require_whole(situation, request)
    lot = request.lot or situation.fresh(ObjectType.LOT)
    if situation.registry.lot(lot) is not None:
        return taken("lot", lot)
    for known in situation.registry.lots.values():
        if (
            (known.site, known.item) == (request.site, request.item)
            and _same_number(known, request)
            and (known.gtin in (None, request.gtin) or request.gtin is None)
        ):
            return denied(
                "already_done",
                f"The {lot_named(known)} was received at {known.site} already; it is {known.status}."
                f"{_other_day(known, request)}",
                f"Use its label; `cartrail label {known.id}` prints another copy.",
                answer=ScanAnswer.CHECK,
            )
    unfit = grant_violation(situation.registry, request.actor, HANDLERS, request.site, situation.now)
    if unfit is not None:
        return denied_by(unfit)
    received = event_of(request, lot=lot)
    return id_refusal(situation, lot) or allowed(situation, request, [received], performed(request))


def _other_day(known: Lot, request: requests.ReceiveLot) -> str:
    """That its last day was another one when it was received: one of the two papers is wrong."""
    if request.expires == known.expires:
        return ""
    return f" It is good till {known.expires} by the record, not {request.expires}: compare the papers."


def _same_number(known: Lot, request: requests.ReceiveLot) -> bool:
    """Whether it is the number of that lot, however it was typed: capitals and spaces tell no lots apart."""
    one, other = ("".join(text.split()).casefold() for text in (known.number, request.number))
    return one == other


def set_status(situation: RegistrySituation, request: requests.SetLotStatus) -> Decision:
    """Released, restricted and rejected by quality; a recall is an act of its own, for it blocks cells."""
    lot = situation.registry.lot(situation.lots.get(request.lot.key, ""))
    if lot is None:
        return denied(
            "wrong_kind",
            "What was scanned is no lot of this store.",
            "Scan the label of the lot; `cartrail lot list` shows them.",
            answer=ScanAnswer.CHECK,
        )
    refusal = _status_refusal(situation, request, lot)
    if refusal is not None:
        return refusal
    if request.status not in _BY_HANDLERS or lot.status in _ENDED:
        unfit = grant_violation(situation.registry, request.actor, QUALITY, lot.site, situation.now)
    else:
        unfit = grant_violation(situation.registry, request.actor, HANDLERS, lot.site, situation.now)
    if unfit is not None:
        return denied_by(unfit)
    reference = None if request.reference is None else situation.commit("reference", request.reference)
    said = events.LotStatusSet(lot=lot.id, status=request.status, reference=reference)
    return allowed(situation, request, [said], performed(request))


def recall(situation: RegistrySituation, request: requests.RecallLot) -> Decision:
    """The word of quality blocks every therapy at once; then each chain says what became of its cells.

    Where there are more than one act takes, the word comes first and the chains by further acts. One that was
    broken off goes on with what is still owed.
    """
    lot = situation.registry.lot(situation.lots.get(request.lot.key, ""))
    if lot is None:
        return denied(
            "wrong_kind",
            "What was scanned is no lot of this store.",
            "Scan the label of the lot; `cartrail lot list` shows them.",
            answer=ScanAnswer.CHECK,
        )
    unfit = grant_violation(situation.registry, request.actor, QUALITY, lot.site, situation.now)
    if unfit is not None:
        return denied_by(unfit)
    is_recalled = lot.status is LotStatus.RECALLED
    drafts = tuple(
        draft
        for coi, therapy in situation.touched.items()
        for draft in _owed_drafts(request, coi, therapy, lot)
    )
    if is_recalled and not drafts:
        return denied(
            "already_done",
            f"The {lot_named(lot)} was recalled, and nothing more is owed to any therapy.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    notices = () if not situation.touched_left else (_more(lot, situation.touched_left),)
    if is_recalled:
        return Allowed(drafts, notices)
    reference = None if request.reference is None else situation.commit("reference", request.reference)
    said = events.LotStatusSet(lot=lot.id, status=LotStatus.RECALLED, reference=reference)
    approved = Slot(Meaning.APPROVED, QUALITY, lot.site)
    decision = allowed(situation, request, [said], performed(request, QUALITY), approved)
    return Allowed((*drafts, *decision.events), notices)


def _owed_drafts(request: requests.RecallLot, coi: str, therapy: TherapyState, lot: Lot) -> Iterator[Draft]:
    found = owed(therapy, lot)
    if found is None:
        return
    if found.held:
        slots = (Slot(Meaning.PERFORMED, staff=request.actor),)
        yield Draft(coi, Quarantined(units=found.held, reason=request.reason), slots=slots)
    if found.given:
        yield Draft(coi, DeviationDrafted(cause=(LOT_RECALLED,), about=found.about))


def _more(lot: Lot, left: int) -> Notice:
    return Notice(
        "recall_goes_on",
        f"The {lot_named(lot)} is blocked in all therapies; to {counted(left, 'therapy', 'therapies')} "
        "nothing is written yet.",
        f"Go on: `cartrail lot recall {lot.id} --go-on`.",
        ScanAnswer.CHECK,
    )


def _status_refusal(situation: RegistrySituation, request: requests.SetLotStatus, lot: Lot) -> Denied | None:
    """Why nobody may say this of the lot, whoever asks."""
    wanted = request.status
    if wanted is lot.status:
        return denied(
            "already_done",
            f"The {lot_named(lot)} is {wanted} already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    if wanted is LotStatus.RECALLED:
        return denied(
            "recall_lot",
            "A recall also blocks every container that the lot has touched.",
            f"Recall it: `cartrail lot recall {lot.id}`.",
        )
    if lot.status is LotStatus.RECALLED:
        return denied(
            "lot_recalled",
            f"The {lot_named(lot)} was recalled; nothing else is said of it.",
            "Destroy it, and receive another lot.",
        )
    if wanted is LotStatus.RELEASED and is_expired(lot, situation.now, situation.clock_of(lot.site)):
        return denied(
            "lot_expired",
            f"The {lot_named(lot)} was good until the end of {lot.expires}.",
            "Reject it, and receive another lot.",
        )
    if wanted is not LotStatus.RELEASED and request.reason is None:
        return denied(
            "reason_missing",
            f"That a lot is {wanted} needs a reason code.",
            'Add a reason, such as "test_failed" or "used_up".',
        )
    return None


def _require_whole(situation: RegistrySituation, request: requests.ReceiveLot) -> None:
    """Raise InputError for a lot whose parts cannot be true."""
    today = situation.now.date()
    if abs(date.fromisoformat(request.expires) - today) > EXPIRES_MAX:
        raise InputError(
            f"Good until {request.expires}: that is more than twenty years away.", remedy="Check the year."
        )
    if request.gtin is not None and not is_trade_item_number(request.gtin):
        raise InputError(
            f"{request.gtin} is no GTIN: its check digit does not fit.",
            remedy="Scan the maker's code, or type the 14 digits again.",
            code="bad_check",
        )
    celsius_range(request.celsius_min, request.celsius_max).require_ordered()


DECISIONS: Final[Decisions] = {
    requests.ReceiveLot: receive,
    requests.SetLotStatus: set_status,
    requests.RecallLot: recall,
}
