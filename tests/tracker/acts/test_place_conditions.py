"""What a place keeps is said while cells lie in it: those that do not bear it are named, then quarantined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schema.events.deviations import DeviationDrafted
from schema.events.processing import Quarantined
from schema.vocabulary import Reason
from tests.support.journeys import World, scans
from tracker.demo import cast
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.registry.places.requests import SetLocationConditions
from tracker.therapy.custody.requests import Retrieve

Worlds = Callable[[str], World]
ADMINISTRATOR = cast.FOUNDERS[0]


def said(given: World, **values: Any) -> dict[str, Any]:
    """What an administrator says that the tank of the collection center keeps."""
    return {"at": cast.HUB, "location": given.network.storage["COLL-A"], **values}


def test_findings_a8_a_tank_set_warmer_than_what_lies_in_it_bears(world: Worlds) -> None:
    """Refused with the units it is about; with a reason it is so, and each therapy has its quarantine."""
    given = world("frozen")
    bags = {given.one.coi: given.one.bag, given.two.coi: given.two.bag}
    named = ", ".join(bags[coi] for coi in sorted(bags))
    problem = given.refusal(SetLocationConditions, ADMINISTRATOR, **said(given, celsius_max="-149.9"))
    assert problem.error == "wrong_place" and not problem.can_have_happened
    assert problem.message == f"In LN2 tank 1 lie {named}, which do not bear that."
    why = {"reason": Reason.TEMPERATURE_EXCURSION}
    answer = given.do(SetLocationConditions, ADMINISTRATOR, **said(given, celsius_max="-149.9", **why))
    assert [one.chain for one in answer.entries] == [*(coi for coi in sorted(bags) for _ in "qd"), "registry"]
    for journey in (given.one, given.two):
        held, drafted = (one.statement for one in given.entries(journey.coi)[-2:])
        assert held.payload == Quarantined(units=(journey.bag,), reason=Reason.TEMPERATURE_EXCURSION)
        assert drafted.payload == DeviationDrafted(cause=("wrong_place",), about=held.event_id)
        (deviation,) = [one for one in journey.state.deviations.values() if one.about == held.event_id]
        assert deviation.units == (journey.bag,) and journey.state.units[journey.bag].quarantined
    assert verify_store(given.url).exit_code == 0


def test_a_tank_set_to_what_its_cells_bear(world: Worlds) -> None:
    """At the bound of the label it is in order; the therapies hear nothing of it."""
    given = world("frozen")
    answer = given.do(SetLocationConditions, ADMINISTRATOR, **said(given, celsius_max="-150.0"))
    assert [one.chain for one in answer.entries] == ["registry"]


def test_a_tank_that_was_emptied_first(world: Worlds) -> None:
    """What was taken out is not in question, what is left in it is."""
    given = world("frozen")
    tank = given.network.storage["COLL-A"]
    given.do(Retrieve, "TECH-A1", units=scans(given.one.bag), location=scan(tank))
    problem = given.refusal(SetLocationConditions, ADMINISTRATOR, **said(given, celsius_max="8"))
    assert problem.message == f"In LN2 tank 1 lie {given.two.bag}, which do not bear that."
    given.do(Retrieve, "TECH-A1", units=scans(given.two.bag), location=scan(tank))
    assert given.ask(SetLocationConditions, ADMINISTRATOR, **said(given, celsius_max="8")).ok
