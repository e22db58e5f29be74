"""The decision that a patient is made ready for the cells: only once they are there and released."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schema.events.custody import Inspected
from schema.events.processing import LymphodepletionStarted
from schema.vocabulary import Disposition, Material
from tracker.rules.attempt import Attempt, happened_later
from tracker.rules.certificates import RELEASES
from tracker.rules.decision import Decision, Denied, Violation
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import UnitState
from tracker.rules.units import decide_on_therapy
from tracker.therapy.making.requests import StartLymphodepletion


def decide_lymphodepletion(situation: Situation, request: StartLymphodepletion) -> Decision:
    """Begun too early, it leaves a patient without marrow and without cells: the product comes first."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    attempt = Attempt(situation, request, therapy, LymphodepletionStarted.kind)
    known = [one.name for one in attempt.protocol.regimens]
    if attempt.step is not None and request.regimen not in known:
        return Denied(
            Violation(
                "regimen_unknown",
                f"There is no regimen {request.regimen} in the protocol {attempt.protocol.id}.",
                f"Name one of {', '.join(known)}.",
                waivable=False,
            )
        )
    payload = LymphodepletionStarted(regimen=request.regimen)
    return decide_on_therapy(situation, request, request.coi, payload, tuple(product_not_here(attempt)))


def product_not_here(attempt: Attempt) -> Iterator[Violation]:
    """Why the patient is not made ready yet: what of the product is not released, or not in good order here.

    What was rejected or has ended is not waited for.
    """
    products = [
        unit
        for unit in attempt.therapy.open_units()
        if unit.material is Material.PRODUCT and unit.disposition is not Disposition.REJECTED
    ]
    wanting = [f"{unit.unit} is {why}" for unit in products if (why := _not_ready(attempt, unit))]
    if products and not wanting:
        return
    said = "; ".join(wanting) or f"there is no product of therapy {attempt.therapy.coi}"
    yield Violation(
        "product_not_here",
        f"The product is not ready for the patient: {said}.",
        f"Wait until all of it is released, at {attempt.therapy.sites.treatment} and accepted there.",
    )


def _not_ready(attempt: Attempt, unit: UnitState) -> str:
    """What is missing of one container, in a few words; empty when nothing is."""
    sites = attempt.therapy.sites
    released = [unit.facts[kind] for kind in RELEASES if kind in unit.facts]
    if not unit.released or all(happened_later(attempt, one) for one in released):
        return "not released"
    if unit.quarantined:
        return "in quarantine"
    if unit.site != sites.treatment:
        return f"not at {sites.treatment}"
    seen = unit.facts.get(Inspected.kind)
    travels = sites.manufacturing != sites.treatment
    if travels and (unit.box is not None or seen is None or happened_later(attempt, seen)):
        return "not inspected"
    return ""


DECISIONS: Final[Decisions] = {StartLymphodepletion: decide_lymphodepletion}
