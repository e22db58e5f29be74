"""Checks on adopting a code of another issuer, and the form in which it is kept."""

from __future__ import annotations

from schema.events.identity import AdoptedCode
from tracker.requests.base import AdoptedCodeGiven
from tracker.rules.decision import ScanAnswer, Violation
from tracker.rules.selection import not_a
from tracker.rules.situation import Found, Situation


def code_violation(
    situation: Situation, given: AdoptedCodeGiven, coi: str, unit: str | None
) -> Violation | None:
    """Why a code may not be adopted: it is ours, or it already identifies something else."""
    taken = situation.resolve(given)
    if taken.found is Found.FOREIGN:
        return None
    if taken.found is Found.ANNOUNCED and taken.coi == coi:
        return not_a(taken, "container")
    if taken.coi is None or (taken.note != given.issuer and taken.found is not Found.ANNOUNCED):
        return not_a(taken, "code of another issuer")
    if (taken.coi, taken.unit) == (coi, unit):
        return Violation(
            "already_done",
            f"{given.code} of {given.issuer} stands for it already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    return Violation(
        "code_taken",
        f"{given.code} of {given.issuer} already stands for something else.",
        "Check the label; two things cannot share a code of one issuer.",
        waivable=False,
    )


def adopted_code(situation: Situation, code: AdoptedCodeGiven) -> AdoptedCode:
    """The code in its canonical form, whatever form the scanner sent."""
    value = situation.resolve(code).object_id or code.code
    return AdoptedCode(issuer=code.issuer, type=code.type, value=value)
