"""Whether quality has found that cells bore the excursions they had, and their whole life."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from schema.counting import counted, lasting
from schema.vocabulary import ExcursionDecision
from tracker.rules.attempt import local_time
from tracker.rules.decision import Violation
from tracker.rules.situation import Situation
from tracker.rules.storage_life import storage_life
from tracker.rules.therapy_state import TherapyState, UnitState


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


def life_violations(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    """Why cells are not released whose warmings are too many in all, where their band says so.

    Quality assesses what files told of them; how often they were taken out no file tells.
    """
    life = storage_life(situation.protocol(therapy), unit, situation.occurred_at)
    is_usable = any(
        unit.unit in one.units and one.decision is ExcursionDecision.USABLE
        for one in therapy.excursions.values()
    )
    assessed = {cause for deviation, _ in therapy.assessments_of(unit.unit) for cause in deviation.cause}
    words = {
        "too_long_in_all": (
            f"was outside its band for {_lasted(life.outside)} in its life, and may be"
            f" {_lasted(life.outside_max or life.outside)}"
        ),
        "too_often": (
            f"was outside its band {counted(life.excursions, 'time')} in its life, and may be"
            f" {life.excursions_max}"
        ),
        "removed_too_often": (
            f"was taken out of storage {counted(life.removals, 'time')}, and may be {life.removals_max}"
        ),
    }
    for rule in life.passed:
        if rule in assessed or (is_usable and rule != "removed_too_often"):
            continue
        yield Violation(
            rule,
            f"The {unit.material.value.replace('_', ' ')} {unit.unit} {words[rule]}.",
            f"Quality assesses it as a deviation of the category {rule}, or rejects it.",
            quarantines=(unit.unit,),
            waivable=False,
        )


def _lasted(span: timedelta) -> str:
    return lasting(-(-span // timedelta(seconds=1)))
