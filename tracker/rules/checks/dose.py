"""The dose at the bed: nothing begins to flow that would bring the patient over what was prescribed."""

from __future__ import annotations

from collections.abc import Iterator

from schema.events.processing import InfusionStarted
from tracker.rules.attempt import Attempt
from tracker.rules.decision import Violation
from tracker.rules.dosing import SHOWN, cells_in, given, is_given_whole, shown


def dose_violations(attempt: Attempt) -> Iterator[Violation]:
    """Whether all of a container would be too much; of one that is not given whole, the mL are planned."""
    dose, unit, therapy = attempt.therapy.dose, attempt.unit, attempt.therapy
    if attempt.kind != InfusionStarted.kind or dose is None or unit is None:
        return
    if not is_given_whole(attempt.protocol, unit):
        return
    before, own = given(therapy, attempt.protocol).total, cells_in(therapy, attempt.protocol, unit)
    if before is None or own is None or before + own <= dose.maximum:
        return
    over = before + own - dose.maximum
    yield Violation(
        "dose_exceeded",
        f"{shown(before)} million were given and {unit.unit} holds {shown(own)}: that is {shown(over)} over "
        f"{shown(dose.maximum)} {SHOWN}, the most that was prescribed.",
        "Give no more; ask the treating physician and the pharmacist.",
        compared="dose",
        expected=f"at most {shown(dose.maximum)} {SHOWN}",
        read=f"{shown(before + own)} {SHOWN}",
    )
