"""From an adverse event to everything that touched the cells given before it, and back; in a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from schema.vocabulary import AlertCause
from tests.support.journeys import World
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.rules.lineage import touched_by, uses
from tracker.rules.therapy_state import ProcessRecord
from tracker.therapy.aftercare.requests import GiveMedicine, GradeToxicity, RecordOutcome
from tracker.views.exceptions import exceptions_of
from tracker.views.tracing import grades_after

CRS = {"syndrome": "crs", "scale": "astct", "scale_version": "2019"}
GRAVE = ({"finding": "temperature_celsius", "value": "38.9"}, {"finding": "pressors", "value": "2"})
LOT = "GD222222223"


def test_making_a6_a_grade_is_traced_to_all_that_touched_the_cells(world: Callable[[str], World]) -> None:
    """Given a CRS 4: its trace names people, boxes and carriers, theirs names the grade; the store holds."""
    given = world("infused")
    product, card = given.one.products[0], scan(given.one.coi)
    given.do(
        GradeToxicity, "WARD-A", at="TREAT-A", others="DOC-A1 witnessed", coi=card, by=CRS, findings=GRAVE
    )
    event = given.entries(given.one.coi)[-1].statement.event_id
    dose = {"medicine": "tocilizumab", "amount": "560", "unit_of_measure": "mg", "route": "iv"}
    given.do(GiveMedicine, "WARD-A", at="TREAT-A", coi=card, about=event, **dose)
    given.do(RecordOutcome, "DOC-A1", at="TREAT-A", coi=card, duty="response", result="partial_response")
    reader = given.tracker.read
    (traced,) = reader.trace_event(event_id=event)
    assert (traced.unit, traced.grades) == (product, ("CRS 4, ASTCT 2019",))
    assert {"WARD-A", "DOC-A1"} <= {*traced.people} and traced.boxes and traced.carriers
    assert (traced.excursions, traced.is_out_of_specification) == (0, False)
    assert reader.trace_unit(coi=given.one.coi, unit=given.one.bag).grades == ()
    nurse = {one.unit: one.grades for one in reader.trace(thing="WARD-A").units}
    assert nurse[product] == ("CRS 4, ASTCT 2019",)
    day = f"{given.clock.now() + timedelta(days=400):%Y-%m-%d}"
    due = [one for one in reader.duties_due(until=day) if one.coi == given.one.coi]
    assert [one.duty for one in due] == ["follow_up"] and not due[0].is_overdue
    assert verify_store(given.url).exit_code == 0
    given.clock.advance(timedelta(days=364))
    (shown,) = [one for one in reader.today(site="TREAT-A").due if one.coi == given.one.coi]
    assert (shown.milestone, shown.words) == ("follow_up", "recorded by clinician or coordinator")
    assert [one for one in reader.today(site="COLL-A").due if one.coi == given.one.coi] == []
    given.clock.advance(timedelta(days=2))
    (late,) = [one for one in reader.alerts() if one.coi == given.one.coi and one.limit == "follow_up"]
    assert late.cause is AlertCause.OVERDUE
    assert late in exceptions_of(reader.today(), reader.alerts()) or given.one.coi in {
        one.coi for one in reader.today().exceptions
    }


def test_making_a6_a_lot_shows_the_reactions_after_its_cells(case: Callable[[str], Case]) -> None:
    """Given a lot at the bag's activation, the product's grade is found from the lot, and the lot from it."""
    given = case("infused")
    product, bag = given.one.products[0], given.one.bag
    given.later(minutes=5)
    given.do(
        GradeToxicity, "WARD-A", others="DOC-A1 witnessed", coi=scan(given.one.coi), by=CRS, findings=GRAVE
    )
    step = ProcessRecord(
        event_id="e", sequence=3, step="activation", attempt=1, units=(bag,), filled=(), actor="OPER-1",
        started_at=given.now, ended_at=given.now, site="MFG-1", bench=None, instruments=(), lots=(LOT,),
        measured={},
    )  # fmt: skip
    state = replace(given.state, process=(step,))
    reached = {unit: grades_after(state, unit) for unit in touched_by(state, LOT)}
    assert reached[product] == ("CRS 4, ASTCT 2019",) and reached[bag] == ()
    assert uses(state, product).lots == (LOT,)
