"""Condition at the doors: place, display, box and time are judged where a unit passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schema.vocabulary import Meaning, PartyType
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tracker.demo.journey import party, scan
from tracker.rules.registry_state import Location
from tracker.therapy.custody import requests as custody

Cases = Callable[[str], Case]
LAB = party(PartyType.DEPARTMENT, "COLL-A/CELL-LAB")


def place_at(case: Case, site: str, celsius_max: str | None) -> Location:
    """A storage place of a site, by the warmest it gets."""
    return next(
        one for one in case.registry.locations.values() if (one.site, one.celsius_max) == (site, celsius_max)
    )


def with_place(case: Case, place: Location) -> None:
    """Let a place keep something else than it does."""
    case.registry = replace(case.registry, locations={**case.registry.locations, place.id: place})


class TestPutAway:
    def test_findings_a8_a_frozen_product_goes_into_no_refrigerator(self, case: Cases) -> None:
        """STOP with what the place keeps and what the label says; the tank of the same site takes it."""
        given = case("frozen")
        fridge, tank = place_at(given, "COLL-A", "8"), place_at(given, "COLL-A", "-150")
        with_place(given, replace(fridge, department=tank.department))
        units = scans(given.one.bag)
        found = given.refusal(custody.StoreUnits, "TECH-A1", units=units, location=scan(fridge.id))
        assert (found.rule, found.waivable) == ("wrong_place", True)
        assert found.message == (
            f"Refrigerator 1 keeps 2 to 8 C; the leukapheresis {given.one.bag} is kept at or below -150 C."
        )
        given.do(custody.Retrieve, "TECH-A1", units=units, location=scan(tank.id))
        given.do(custody.StoreUnits, "TECH-A1", units=units, location=scan(tank.id))

    def test_findings_a8_a_fresh_bag_goes_into_no_tank(self, case: Cases) -> None:
        """It would freeze at no controlled rate; a refrigerator takes it until it is frozen."""
        given = case("collected")
        tank, fridge = place_at(given, "COLL-A", "-150"), place_at(given, "COLL-A", "8")
        with_place(given, replace(fridge, department=tank.department))
        units = scans(given.one.bag)
        given.do(custody.Relinquish, "NURSE-A1", units=units, to=LAB)
        given.do(custody.Accept, "TECH-A1", units=units)
        found = given.refusal(custody.StoreUnits, "TECH-A1", units=units, location=scan(tank.id))
        assert found.message == (
            f"LN2 tank 1 keeps at or below -150 C; the leukapheresis {given.one.bag} is kept at 2 to 8 C."
        )
        given.do(custody.StoreUnits, "TECH-A1", units=units, location=scan(fridge.id))

    def test_findings_a8_a_place_of_which_nobody_said_anything(self, case: Cases) -> None:
        """What is not known is not taken to be right; the refusal names the command that says it."""
        given = case("frozen")
        tank = replace(place_at(given, "COLL-A", "-150"), celsius_max=None)
        with_place(given, tank)
        units = scans(given.one.bag)
        found = given.refusal(custody.StoreUnits, "TECH-A1", units=units, location=scan(tank.id))
        assert found.rule == "place_without_band" and f"cartrail site conditions {tank.id}" in found.remedy

    def test_findings_a8_where_it_was_put_all_the_same(self, case: Cases) -> None:
        """Two people record it; the mark and a deviation stand in its chain."""
        given = case("frozen")
        fridge, tank = place_at(given, "COLL-A", "8"), place_at(given, "COLL-A", "-150")
        with_place(given, replace(fridge, department=tank.department))
        drafts = given.do(
            custody.StoreUnits,
            "TECH-A1",
            others="TECH-A2 witnessed",
            units=scans(given.one.bag),
            location=scan(fridge.id),
            outside_rules={"reason": "temperature_excursion"},
        )
        assert [draft.payload.kind for draft in drafts] == ["stored", "deviation_drafted"]
        assert drafts[0].outside_rules == ("wrong_place",)
        assert {slot.meaning for slot in drafts[0].slots} == {Meaning.PERFORMED, Meaning.WITNESSED}
