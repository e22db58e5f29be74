"""What is offered for what was scanned: one next step, the others by number, and only what is accepted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from schema.vocabulary import Material
from tests.support.hands import Hands
from tests.support.journeys import PROTOCOL, STAGES, World
from tracker.answers import Answer
from tracker.catalog import requests_by_kind
from tracker.demo import cast
from tracker.protocols.model import Step
from tracker.rules.therapy_state import UnitState
from tracker.values import Proposal
from tracker.views.models import NextStep
from tracker.views.next_steps import in_question

Worlds = Callable[[str], World]

ASKED_FURTHER = {
    ("manufacturing_failed", "already_given"): "of which manufacture is asked",
    ("label_applied", "already_done"): "a further copy that was printed is applied the same way",
    ("relinquished", "same_party"): "to whom is asked, and these hands give it to who has it",
    ("stored", "already_done"): "it can be put into another place",
    ("stored", "wrong_place"): "where is asked, and these hands know one place",
    ("unit_registered", "number_missing"): "which of how many is asked",
}
"""What a value that is asked after the step was chosen can still be refused for."""


def steps(made: World, code: str, staff: str, site: str) -> tuple[NextStep, ...]:
    """What one person at the station of a site reads for a code."""
    station = made.network.stations[site]
    return made.tracker.read.next_steps(code=code, actor=staff, station=station)


@pytest.mark.parametrize(
    ("stage", "staff", "site", "thing", "number"),
    [
        ("enrolled", "NURSE-A1", "COLL-A", "coi", 11),
        ("identified", "NURSE-A1", "COLL-A", "coi", 12),
        ("collected", "TECH-A1", "COLL-A", "bag", None),
        ("frozen", "TECH-A1", "COLL-A", "bag", 34),
        ("received", "OPER-1", "MFG-1", "bag", 34),
        ("made", "OPER-1", "MFG-1", "product", None),
        ("delivered", "LAB-A1", "TREAT-A", "product", 34),
        ("made", "QA-2", "MFG-1", "coi", 61),
        ("tested", "QP-1", "MFG-1", "product", 62),
        ("at_hand", "LAB-A1", "TREAT-A", "product", 71),
        ("matched", "LAB-A1", "TREAT-A", "product", 72),
        ("on_ward", "WARD-A", "TREAT-A", "product", 75),
        ("bedside", "DOC-A1", "TREAT-A", "product", 76),
        ("infusing", "DOC-A1", "TREAT-A", "product", 77),
        ("bedside", "PHARM-A", "TREAT-A", "product", None),
    ],
)
def test_findings_f3_the_next_step_stands_alone(
    world: Worlds, stage: str, staff: str, site: str, thing: str, number: int | None
) -> None:
    """Given a thing and who looks at it, the one step that ends its clock, else the protocol's; or none."""
    made = world(stage)
    code = {"coi": made.one.coi, "bag": made.one.bag}.get(thing) or made.one.products[0]
    found = steps(made, code, staff, site)
    assert [one.number for one in found if one.is_next] == ([] if number is None else [number])
    if number is not None:
        assert found[0].is_next
    also = [one.number for one in found if one.possible and not one.is_next]
    assert also == sorted(also)


def test_findings_f3_what_is_not_now_has_its_reason_in_a_few_words(world: Worlds) -> None:
    """Given a product before its match, the thaw names the number that comes first, and who may do others."""
    made = world("at_hand")
    found = {one.number: one for one in steps(made, made.one.products[0], "LAB-A1", "TREAT-A")}
    assert found[72].reason == "first 71"
    assert found[71].reason == ""
    assert found[91].possible
    of_nurse = {one.number: one for one in steps(made, made.one.products[0], "WARD-A", "TREAT-A")}
    assert of_nurse[71].reason == "needs cell lab technician, pharmacist or clinician"


@pytest.mark.parametrize("stage", STAGES)
def test_findings_f5_what_is_offered_is_accepted(world: Worlds, stage: str) -> None:
    """Given anything and anybody at a site, each step that is possible is proposed, values aside."""
    made = world(stage)
    hands = Hands(made, random.Random(1))
    refused: set[tuple[str, str]] = set()
    count = 0
    for person, code, unit in _looked_at(made):
        for one in steps(made, code, person.staff, person.site):
            # A correction is begun at the event that is wrong.
            if not one.possible or one.kind == "corrected" or (unit and not in_question(one.kind, unit)):
                continue
            count += 1
            outcome = _asked(made, hands, one, person, unit)
            if isinstance(outcome, Answer) and outcome.problem is not None:
                refused.add((one.kind, outcome.problem.error))
    assert count and refused <= {*ASKED_FURTHER}, refused


def _looked_at(made: World) -> Iterator[tuple[cast.PersonCast, str, UnitState | None]]:
    people = {(one.role, one.site): one for one in cast.PEOPLE if one.site in made.network.stations}
    units = [unit for unit in made.state().units.values() if unit.final is None]
    for person in people.values():
        yield person, made.one.coi, None
        for unit in units:
            yield person, unit.unit, unit


def _asked(
    made: World, hands: Hands, one: NextStep, person: cast.PersonCast, unit: UnitState | None
) -> Proposal | Answer:
    """The step with the values that right hands would give it."""
    request_class = requests_by_kind()[one.kind]
    step = _step_of(one, unit.material if unit is not None else None)
    values = hands.values(request_class, made.one, made.state(), step, unit, person.site)
    station = made.network.stations[person.site]
    given = {"event_id": made.tracker.new_event_id(), "actor": person.staff, "station": station}
    request = request_class.model_validate({**given, **values})
    data = request.model_dump(mode="json", exclude_defaults=True)
    return made.tracker.propose(request={**data, **given, "request": request_class.name})


def _step_of(one: NextStep, material: Material | None) -> Step:
    found = [step for step in PROTOCOL.steps_of(one.kind) if step.number == one.number]
    of_material = [step for step in found if material in step.materials]
    return next(iter([*of_material, *found]))
