"""Sealed boxes: handed over by box and seal, with the contents of the record, inspected where they came."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schema.vocabulary import InspectionResult, PartyType
from tests.support.rule_cases import Case
from tracker.demo.journey import party, scan
from tracker.requests.base import Scan
from tracker.rules.therapy_state import UnitState
from tracker.therapy.custody import requests as custody

Cases = Callable[[str], Case]
LAB = party(PartyType.DEPARTMENT, "COLL-A/CELL-LAB")


def bag(case: Case) -> UnitState:
    """The first therapy's leukapheresis bag."""
    return case.unit(case.one.bag)


def box_and_seal(case: Case) -> tuple[Scan, Scan]:
    """The box that holds the first therapy's bag, and its seal."""
    box = bag(case).box
    assert box is not None
    return scan(box), Scan(code=case.state.seals[box])


class TestTheSeal:
    def test_a_closed_box_needs_its_seal(self, case: Cases) -> None:
        """Without the seal, or with another, nothing is handed over as in order."""
        given = case("packed")
        box, seal = box_and_seal(given)
        assert given.refusal(custody.Relinquish, "TECH-A1", box=box).rule == "seal_missing"
        other = Scan(code="SEAL-00000")
        assert given.refusal(custody.Relinquish, "TECH-A1", box=box, seal=other).rule == "seal_mismatch"
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        found = given.refusal(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=other)
        assert found.rule == "seal_mismatch" and "SEAL-00000" in found.message and found.waivable

    @pytest.mark.parametrize("code_of", ["bag", "coi"])
    def test_a_code_of_cells_is_no_seal(self, case: Cases, code_of: str) -> None:
        """A seal stands in clear in every chain of the box, so another patient's code must not become one."""
        given = case("packed")
        box, _ = box_and_seal(given)
        foreign = scan(getattr(given.two, code_of))
        for outside in (None, {"reason": "seal_mismatch"}):
            found = given.refusal(
                custody.Relinquish,
                "TECH-A1",
                others="TECH-A2 witnessed",
                box=box,
                seal=foreign,
                outside_rules=outside,
            )
            assert found.rule == "wrong_kind" and not found.waivable

    def test_an_empty_box_is_not_handed_over(self, case: Cases) -> None:
        """A box that holds nothing by the record stands for nothing."""
        given = case("packed")
        box = scan(given.one.network.boxes["Dry shipper 3"])
        assert (
            given.refusal(custody.Relinquish, "TECH-A1", box=box, seal=Scan(code="S-1")).rule == "box_empty"
        )

    def test_a_sealed_box_changes_hands_as_a_box(self, case: Cases) -> None:
        """Neither given nor taken by the codes of its units: the seal would not have been looked at."""
        given = case("packed")
        box, seal = box_and_seal(given)
        units = given.one.frozen_scans((given.one.bag,))
        carrier = party(PartyType.CARRIER, "CARR-X")
        found = given.refusal(custody.Relinquish, "TECH-A1", units=units, to=carrier)
        assert found.rule == "in_box" and not found.waivable
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        found = given.refusal(custody.Accept, "COUR-X1", at="COLL-A", units=units)
        assert found.rule == "box_missing" and not found.waivable

    def test_contents_that_differ(self, case: Cases) -> None:
        """Whoever scans the units of a box too finds exactly those of the record in it."""
        given = case("packed")
        box, seal = box_and_seal(given)
        units = given.one.frozen_scans((given.one.bag,))
        foreign = given.two.frozen_scans((given.two.bag,))
        for scanned in (foreign, (*units, *foreign)):
            evidence = given.stopped(custody.Relinquish, "TECH-A1", box=box, seal=seal, units=scanned)
            assert [draft.payload.kind for draft in evidence] == ["mixup_prevented", "deviation_drafted"]
            assert {draft.chain for draft in evidence} == {given.one.coi}
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal, units=units)
        found = given.refusal(custody.AcceptPartly, "COUR-X1", at="COLL-A", box=box, seal=seal, units=foreign)
        assert found.rule == "mixup" and not found.waivable


class TestOpening:
    def test_unpacked_where_it_was_packed(self, case: Cases) -> None:
        """A box that never left is unpacked by two, not inspected as if it had come."""
        given = case("packed")
        box, _ = box_and_seal(given)
        units = given.one.frozen_scans((given.one.bag,))
        results = tuple(custody.InspectionGiven(unit=unit, result=InspectionResult.ACCEPT) for unit in units)
        found = given.refusal(custody.Inspect, "TECH-A1", box=box, seal_intact=True, results=results)
        assert found.rule == "not_received"
        given.do(custody.Unpack, "TECH-A1", others="TECH-A2 witnessed", box=box, units=units)
        assert bag(given).box is None

    def test_inspected_where_it_came(self, case: Cases) -> None:
        """A box that somebody took over is opened by inspection; a unit that is not in it is noticed."""
        given = case("packed")
        box, seal = box_and_seal(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        given.do(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
        given.do(custody.Relinquish, "COUR-X1", box=box, seal=seal)
        given.do(custody.Accept, "DOCK-M", box=box, seal=seal)
        production = party(PartyType.DEPARTMENT, "MFG-1/PRODUCTION")
        given.do(custody.Relinquish, "DOCK-M", box=box, seal=seal, to=production)
        given.do(custody.Accept, "OPER-1", box=box, seal=seal)
        units = given.one.frozen_scans((given.one.bag,))
        found = given.refusal(custody.Unpack, "OPER-1", box=box, units=units)
        assert found.rule == "was_received"
        accept = InspectionResult.ACCEPT
        foreign = given.two.frozen_scans((given.two.bag,))[0]
        results = tuple(custody.InspectionGiven(unit=unit, result=accept) for unit in (*units, foreign))
        found = given.refusal(custody.Inspect, "OPER-1", box=box, seal_intact=True, results=results)
        assert found.waivable, "it lies in the opened box, which has to be said"
        evidence = given.stopped(custody.Inspect, "OPER-1", box=box, seal_intact=True, results=results)
        assert [draft.payload.kind for draft in evidence] == ["mixup_prevented", "deviation_drafted"]
        assert {draft.chain for draft in evidence} == {given.one.coi}
        given.do(custody.Inspect, "OPER-1", box=box, seal_intact=True, results=results[:1])
        assert bag(given).box is None and "inspected" in bag(given).facts
