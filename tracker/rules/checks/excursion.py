"""Whether quality has found that cells bore the excursions they had."""

from __future__ import annotations

from collections.abc import Iterator

from schema.vocabulary import ExcursionDecision
from tracker.rules.attempt import local_time
from tracker.rules.decision import Violation
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import TherapyState


def excursion_violations(situation: Situation, therapy: TherapyState, unit: str) -> Iterator[Violation]:
    """Why cells are neither released nor let out of quarantine: an excursion nobody found bearable."""
    concerned = therapy.lineage(unit)
    for one in therapy.excursions.values():
        if concerned.isdisjoint(one.units) or one.decision is ExcursionDecision.USABLE:
            continue
        what = f"The excursion {one.event_id} about {unit}, found at {local_time(situation, one.at)},"
        if one.decision is None:
            yield Violation(
                "excursion_open",
                f"{what} was not assessed.",
                "Quality assesses it, and a second person approves.",
                waivable=False,
            )
        else:
            yield Violation(
                "excursion_not_usable",
                f"{what} left it not usable, as quality found.",
                "Reject it or destroy it. If more is known now, quality assesses it again.",
                waivable=False,
            )
