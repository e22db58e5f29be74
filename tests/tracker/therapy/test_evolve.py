"""From event to state: total, clockless, and the same whatever nonsense stands in a chain."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schema.entry import Statement
from schema.events import kinds
from schema.events.adoption import ManifestReceived
from schema.events.base import Party, Payload
from schema.events.custody import Accepted, Inspected, Lapsed, Relinquished
from schema.events.identity import Corrected
from schema.events.processing import InfusionCompleted, Manufactured, Released, Retained
from schema.vocabulary import Condition, FinalDisposition, HandoffType, Material, PartyType
from tests.support.filled import Filler
from tests.support.journeys import PROTOCOL, World
from tests.support.rule_cases import Case
from tracker.acts.read_tables import rows_after
from tracker.kinds import BESIDE, STEP_KINDS
from tracker.rules.therapy_state import UnitState
from tracker.therapy.evolve import evolve, replay

Cases = Callable[[str], Case]
Worlds = Callable[[str], World]
UNKNOWN = "UD999999999"


@pytest.fixture
def told(world: Worlds) -> list[Statement]:
    """Every statement of a therapy that went all the way."""
    infused = world("infused")
    return [entry.statement for entry in infused.entries(infused.one.coi)]


def test_replay_is_evolve_over_a_chain(told: list[Statement], case: Cases) -> None:
    """The state of the store is the fold of the chain, twice the same."""
    once, twice = replay(enumerate(told)), replay(enumerate(told))
    assert once == twice == case("infused").state
    assert replay([]) is None and replay([(0, told[1])]) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, 10**6), max_size=60))
def test_evolve_never_raises(told: list[Statement], order: list[int]) -> None:
    """Statements in any order, left out or twice: nonsense has a state, and a line on the board."""
    state = evolve(None, 0, told[0])
    assert state is not None
    for sequence, place in enumerate(order, start=1):
        before, state = state, evolve(state, sequence, told[place % len(told)])
        assert state is not None and state.sequence == sequence
        assert rows_after(before, state, PROTOCOL).therapy.coi == state.coi


def test_unknown_units_change_nothing(case: Cases) -> None:
    """An event about a unit that this chain never had leaves every unit as it was."""
    begun = case("released")
    units = begun.state.units
    person = Party(type=PartyType.PERSON, id="QA-2")
    for payload in (
        Released(units=(UNKNOWN,)),
        Retained(units=(UNKNOWN,)),
        InfusionCompleted(units=(UNKNOWN,), infused_ml="5"),
        Lapsed(handoff="01890a5d-ac96-774b-8000-0000000000ff", units=(UNKNOWN,)),
        Accepted(
            handoff="01890a5d-ac96-774b-8000-0000000000ff",
            relinquished="ab" * 32,
            units=(UNKNOWN,),
            condition=Condition.IN_ORDER,
            custodian=person,
        ),
    ):
        begun.happened(payload)
        assert begun.state.units == units


ONLY_SAID = {"alert_acknowledged", "count_found", "noted"}


@pytest.mark.parametrize("kind", sorted({*STEP_KINDS, *BESIDE} - {"enrolled"}))
def test_every_kind_leaves_its_fact(kind: str, case: Cases) -> None:
    """Given an event of any kind, then its fact is kept: of the units it is about, or else of the therapy.

    What only says something is no fact, and the therapy has not gone on by it.
    """
    begun = case("released")
    payload = Filler().payload(kinds()[kind, 1])
    names = [one for one in _named(payload) if isinstance(one, str)]
    units = {name: UnitState(name, Material.PRODUCT) for name in names}
    begun.therapies[begun.one.coi] = replace(begun.state, units={**begun.state.units, **units})
    last = begun.state.last
    begun.happened(payload)
    kept = begun.state.facts if not names else begun.state.units[names[0]].facts
    if kind in ONLY_SAID:
        assert payload.fact not in kept and begun.state.last is last
        return
    assert kept[payload.fact].event_id == [*begun.state.events][-1]


def _named(payload: Payload) -> list[object]:
    """The units that a payload names, whatever it calls them."""
    if isinstance(payload, Manufactured):
        return [*payload.parents, *(one.unit for one in payload.children)]
    if isinstance(payload, Inspected):
        return [one.unit for one in payload.results]
    return [*getattr(payload, "units", ()), getattr(payload, "unit", None)]


def test_a_received_manifest_is_a_fact_of_the_therapy(case: Cases) -> None:
    """Given a manifest of two containers, then the therapy has its fact, and no unit came in by it."""
    begun = case("released")
    units = begun.state.units
    payload = Filler().payload(ManifestReceived)
    assert isinstance(payload, ManifestReceived) and len(payload.units) == 2
    told = begun.happened(payload)
    assert begun.state.facts["manifest_received"].event_id == told.event_id
    assert begun.state.units == units


@pytest.mark.parametrize("value", ["NaN", "Infinity", "many", "1e999999999", ""])
def test_a_correction_to_nonsense_is_passed_over(case: Cases, value: str) -> None:
    """A forged correction cannot make later events fail."""
    begun = case("infused")
    product = begun.one.products[0]
    event = begun.unit(product).facts["infusion_completed"].event_id
    begun.happened(Corrected(event=event, field="infused_ml", old="66.5", new=value))
    begun.happened(Retained(units=(product,)))
    assert begun.unit(product).final is FinalDisposition.RETAINED
    assert rows_after(None, begun.state, PROTOCOL).units


def test_a_handoff_waits_for_the_units_it_holds(case: Cases) -> None:
    """Given once more, outside the rules, a unit waits for the later answer and for no other."""
    begun = case("collected")
    for receiver in ("TECH-A1", "TECH-A2"):
        begun.happened(
            Relinquished(
                units=(begun.one.bag,),
                type=HandoffType.INTERNAL,
                from_party=Party(type=PartyType.PERSON, id="NURSE-A1"),
                to_party=Party(type=PartyType.PERSON, id=receiver),
                condition=Condition.IN_ORDER,
            )
        )
    (waiting,) = begun.state.handoffs.values()
    assert waiting.to_party.id == "TECH-A2" and begun.unit(begun.one.bag).handoff == waiting.event_id


def test_rows_name_the_entry_that_changed_them(case: Cases) -> None:
    """Only what an entry changed is written again, with its sequence."""
    begun = case("released")
    before = begun.state
    begun.happened(Released(units=(begun.one.products[0],)))
    rows = rows_after(before, begun.state, PROTOCOL)
    assert [row.unit for row in rows.units] == [begun.one.products[0]]
    assert {rows.therapy.sequence, *(row.sequence for row in rows.units)} == {begun.state.sequence}
    assert rows_after(before, replace(before), PROTOCOL).units == ()
