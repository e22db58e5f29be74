"""One thing scanned into a rack: which unit it is, where it should be, and whether its step can be taken."""

from __future__ import annotations

from tracker.rules.checks.label import copy_out_of_use
from tracker.rules.decision import Violation
from tracker.rules.selection import not_a
from tracker.rules.situation import Resolution
from tracker.rules.therapy_state import TherapyState
from tracker.views.models import RackItem


def rack_item(resolution: Resolution, therapy: TherapyState | None, violation: Violation | None) -> RackItem:
    """The item for a code; what is no unit has the answer that every step gives to it."""
    unit = therapy.unit(resolution.unit) if therapy is not None and resolution.unit else None
    if therapy is None or unit is None:
        return RackItem(resolution, violation=not_a(resolution, "unit"))
    if violation is None and copy_out_of_use(therapy, resolution) is not None:
        violation = Violation(
            "superseded",
            f"The scanned copy {resolution.copy} of {unit.unit} is out of use.",
            "Scan the valid label. Destroy the old copy before a witness.",
        )
    return RackItem(
        resolution,
        unit.unit,
        therapy.coi,
        unit.material.value,
        unit.location,
        unit.box,
        unit.has_travelled and unit.box is not None,
        violation,
    )
