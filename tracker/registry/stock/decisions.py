"""Decisions over blank labels: issued = bound + destroyed + left, and two people see the difference go."""

from __future__ import annotations

from typing import Final

from schema.events import stock as events
from schema.vocabulary import Meaning, ObjectType, Role
from tracker.registry.situation import (
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    id_refusal,
    performed,
)
from tracker.registry.stock import requests
from tracker.rules.authority import site_violation
from tracker.rules.decision import Decision, ScanAnswer, Slot

LABELERS = frozenset(
    {
        Role.APHERESIS_NURSE,
        Role.CELL_LAB_TECHNICIAN,
        Role.MANUFACTURING_OPERATOR,
        Role.PHARMACIST,
        Role.QUALITY,
        Role.ADMINISTRATOR,
    }
)
"""Who prints, issues and destroys labels that stand for nothing yet."""


def issue(situation: RegistrySituation, request: requests.IssueLabelStock) -> Decision:
    """A set is counted before it is issued; no label of it is known already."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    units = tuple(dict.fromkeys(request.units))
    if len(units) != request.count:
        return _tally(request.count, len(units))
    for unit in units:
        wrong = id_refusal(situation, unit)
        if wrong is not None:
            return wrong
    known = [unit for unit in units if unit in situation.registry.blanks or unit in situation.in_use]
    if known:
        return denied(
            "already_done",
            f"{known[0]} is issued already or stands for something.",
            "Issue only labels printed fresh for this set.",
            answer=ScanAnswer.CHECK,
        )
    issued = events.LabelStockIssued(
        set=request.set or situation.fresh(ObjectType.FORM),
        site=request.site,
        material=request.material,
        units=units,
        count=request.count,
    )
    return allowed(situation, request, [issued], performed(request, LABELERS))


def destroy(situation: RegistrySituation, request: requests.DestroyLabelStock) -> Decision:
    """Only blanks: a label that is bound to a unit is accounted for with that unit."""
    units = tuple(dict.fromkeys(request.units))
    if len(units) != request.count:
        return _tally(request.count, len(units))
    sets = {situation.registry.blanks.get(unit) for unit in units}
    stock = situation.registry.stock.get(next(iter(sets)) or "") if len(sets) == 1 else None
    if stock is None:
        return denied(
            "not_blank",
            "These are not all blank labels of one set.",
            "Scan the blanks of one set; what is bound to a unit is destroyed with its therapy's labels.",
        )
    gone = [unit for unit in units if unit in stock.destroyed or unit in situation.in_use]
    if gone:
        return denied(
            "already_done",
            f"{gone[0]} is destroyed already or bound to a unit.",
            "Leave it out, and count again.",
            answer=ScanAnswer.CHECK,
        )
    destroyed = events.LabelStockDestroyed(set=stock.set, site=stock.site, units=units, count=request.count)
    return allowed(situation, request, [destroyed], performed(request, LABELERS), Slot(Meaning.WITNESSED))


def _tally(counted: int, named: int) -> Decision:
    return denied(
        "tally_differs",
        f"Labels counted: {counted}; different ones named: {named}.",
        "Count and scan again: a set is issued or destroyed without a difference.",
    )


DECISIONS: Final[Decisions] = {
    requests.IssueLabelStock: issue,
    requests.DestroyLabelStock: destroy,
}
