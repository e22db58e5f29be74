"""What is read before a decision: the rows that two requests at once must not both go by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.rule_cases import Case
from tracker.acts.gathering import shared_names
from tracker.acts.read_tables import stage_of
from tracker.demo.journey import scan
from tracker.registry.places.requests import SetLocationConditions
from tracker.therapy.custody.requests import Retrieve, StoreUnits

Cases = Callable[[str], Case]


def test_findings_a8_a_place_is_not_judged_by_what_it_kept_before(case: Cases) -> None:
    """Putting away and setting a place's conditions go by one row; taking out needs no such thing."""
    given = case("frozen")
    tank = next(one.id for one in given.registry.locations.values() if one.celsius_max is not None)
    values: dict[str, Any] = {"units": given.one.frozen_scans((given.one.bag,)), "location": scan(tank)}
    put, taken = (given.request(kind, "TECH-A1", **values) for kind in (StoreUnits, Retrieve))
    told = given.request(SetLocationConditions, "ADMIN-1", location=tank, celsius_max="-150")
    rows = [
        {
            name
            for name in shared_names(given.registry, one, given.situation(put).resolutions, given.now)
            if "location" in name
        }
        for one in (put, told, taken)
    ]
    assert rows == [{f"location:{tank}"}, {f"location:{tank}"}, set()]


@pytest.mark.parametrize(("optional", "stage"), [(True, "collection_lab"), (False, "closing")])
def test_a_step_that_may_be_left_out_is_no_stage(stage: str, case: Cases, *, optional: bool) -> None:
    """The board shows how far the cells came by the steps that every therapy takes."""
    given = case("frozen")
    bag = given.unit(given.one.bag)
    put_away = given.protocol.step("stored", bag.material)
    assert max(bag.facts, key=lambda kind: bag.facts[kind].sequence) == "stored"
    changed = {"optional": optional, "stage": "closing"}
    steps = tuple(one.model_copy(update=changed) if one is put_away else one for one in given.protocol.steps)
    own = given.protocol.model_copy(update={"steps": steps})
    assert stage_of(given.state, own) == stage
