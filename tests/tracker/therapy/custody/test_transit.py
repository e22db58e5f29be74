"""A box on its way: nobody at the door, refused, taken partly, sent elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from schema.events.custody import DeliveryAttempted, Diverted, PartlyAccepted, Relinquished
from schema.identifiers import parse_printed
from schema.vocabulary import InspectionResult, PartyType, Role
from tests.support.rule_cases import Case
from tracker.demo.journey import party, scan
from tracker.requests.base import Scan
from tracker.rules.custodians import receiving_department
from tracker.rules.marks.standing import attention
from tracker.rules.registry_state import Department
from tracker.therapy.custody import requests as custody

Cases = Callable[[str], Case]
SEAL, NEW_SEAL = Scan(code="SEAL-77"), Scan(code="SEAL-78")
CALLED = {"staff": "DOCK-A", "answered": False}


@pytest.fixture
def sent(case: Cases) -> tuple[Case, Scan]:
    """Two released bags for Harborview Hospital in one box, with the courier."""
    given = case("released")
    box = packed(given)
    given.do(custody.Relinquish, "OPER-1", box=box, seal=SEAL)
    given.do(custody.Accept, "COUR-X1", at="MFG-1", box=box, seal=SEAL)
    return given, box


def id_of(box: Scan) -> str:
    """The box that a code is of."""
    return parse_printed(box.code).object_id


def packed(given: Case) -> Scan:
    """Both bags of the first therapy, packed for the hospital; gives the box."""
    both = given.one.frozen_scans(tuple(given.one.products))
    box = scan(given.one.network.boxes["Dry shipper 4"])
    given.do(custody.Retrieve, "OPER-1", units=both, location=scan(given.one.network.storage["MFG-1"]))
    given.do(
        custody.Pack, "OPER-1", others="OPER-2 witnessed", units=both, box=box, seal=SEAL, tally=2,
        carrier="CARR-X", destination="TREAT-A", hold_until="2026-02-01T12:00:00Z",
    )  # fmt: skip
    return box


class TestWhoTakesItAtTheDestination:
    def without_dock(self, given: Case) -> None:
        """A hospital that has no dock, and a unit whose name comes first and whose people open no box."""
        departments = dict(given.registry.departments)
        del departments["TREAT-A/DOCK"]
        first = Department("TREAT-A", "APHERESIS", "Apheresis", frozenset({Role.APHERESIS_NURSE}))
        departments = {first.id: first, **departments}
        given.registry = replace(given.registry, departments=departments)

    def test_a_dock_where_there_is_one(self, sent: tuple[Case, Scan]) -> None:
        """Nobody is named: it goes to the dock."""
        given, box = sent
        (draft,) = given.do(custody.Relinquish, "COUR-X1", at="TREAT-A", box=box, seal=SEAL)
        assert (
            isinstance(draft.payload, Relinquished)
            and str(draft.payload.to_party) == "department:TREAT-A/DOCK"
        )

    def test_else_who_opens_such_a_box(self, sent: tuple[Case, Scan]) -> None:
        """Not the first by its name, whose people could not take it."""
        given, box = sent
        self.without_dock(given)
        (draft,) = given.do(custody.Relinquish, "COUR-X1", at="TREAT-A", box=box, seal=SEAL)
        assert (
            isinstance(draft.payload, Relinquished)
            and str(draft.payload.to_party) == "department:TREAT-A/CELL-LAB"
        )

    def test_for_which_department_somebody_takes_it(self, sent: tuple[Case, Scan]) -> None:
        """That of the receiver, who may be of the laboratory although there is a dock; else nobody."""
        given, _ = sent

        def found(staff: str) -> str:
            return str(receiving_department(given.registry, "TREAT-A", staff, given.now))

        assert found("DOCK-A") == "department:TREAT-A/DOCK"
        assert found("LAB-A1") == "department:TREAT-A/CELL-LAB"
        assert found("OPER-1") == "None"


class TestAtTheDoor:
    def test_somebody_is_called(self, sent: tuple[Case, Scan]) -> None:
        """Nobody at the door is no reason to leave: the number that is answered at night is called first."""
        given, box = sent
        found = given.refusal(custody.AttemptDelivery, "COUR-X1", at="TREAT-A", box=box, at_site="TREAT-A")
        assert found.rule == "nobody_called" and found.waivable
        unknown = {"staff": "NOBODY-9", "answered": True}
        found = given.refusal(
            custody.AttemptDelivery, "COUR-X1", at="TREAT-A", box=box, at_site="TREAT-A", called=unknown
        )
        assert found.rule == "person_unknown"
        (draft,) = given.do(
            custody.AttemptDelivery, "COUR-X1", at="TREAT-A", box=box, at_site="TREAT-A", called=CALLED,
            reason="receiver_absent",
        )  # fmt: skip
        assert isinstance(draft.payload, DeliveryAttempted) and draft.payload.called is not None
        assert draft.payload.called.staff == "DOCK-A" and not draft.payload.called.answered
        assert given.unit(given.one.products[0]).custodian == party(PartyType.CARRIER, "CARR-X")

    def test_a_stranger_stands_there_as_commitments(self, sent: tuple[Case, Scan]) -> None:
        """The name and number of somebody without account are committed, never written."""
        given, box = sent
        called = {"name": "Night porter Ruiz", "phone": "+00 555 0999", "answered": True}
        (draft,) = given.do(
            custody.AttemptDelivery, "COUR-X1", at="TREAT-A", box=box, at_site="TREAT-A", called=called
        )
        assert "Ruiz" not in str(draft.payload.to_json()) and "0999" not in str(draft.payload.to_json())
        kept = {given.openings[one.commitment].value for one in draft.payload.commitments()}
        assert kept == {"Night porter Ruiz", "+00 555 0999"}


class TestRefused:
    def test_findings_b5_it_goes_where_the_diversion_says(self, sent: tuple[Case, Scan]) -> None:
        """Refused, it stays where it is; quality sends it on, and the next door is the named one."""
        given, box = sent
        given.do(custody.Relinquish, "COUR-X1", at="TREAT-A", box=box, seal=SEAL)
        refusal = {"at": "TREAT-A", "box": box, "seal": SEAL, "reason": "place_closed"}
        given.do(custody.Refuse, "DOCK-A", **refusal)
        assert given.state.boxes_carrier[id_of(box)] == ("CARR-X", "TREAT-A")
        assert "refused" in [*attention(given.state, given.protocol)]
        said = given.state.boxes_refused[id_of(box)]
        assert (said.occurrence.actor, said.site, said.reason) == ("DOCK-A", "TREAT-A", "place_closed")
        production = party(PartyType.DEPARTMENT, "MFG-1/PRODUCTION")
        asked = {"box": box, "destination": "MFG-1", "receiver": production, "reason": "place_closed"}
        assert given.refusal(custody.Divert, "DOCK-A", **asked).rule == "role_missing"
        given.do(custody.Divert, "QA-2", **asked)
        assert not given.state.boxes_refused
        assert given.state.boxes_carrier[id_of(box)] == ("CARR-X", "MFG-1")
        (draft,) = given.do(custody.Relinquish, "COUR-X1", at="MFG-1", box=box, seal=SEAL)
        assert draft.payload.to_json()["to_party"] == production.model_dump(mode="json")
        given.do(custody.Accept, "OPER-1", box=box, seal=SEAL)
        assert given.unit(given.one.products[0]).site == "MFG-1"


class TestSomeOfABox:
    def test_what_is_left_is_sealed_again(self, case: Cases) -> None:
        """Whoever takes a unit out of a sealed box opens it; the rest goes on under a new seal."""
        given = case("released")
        box = packed(given)
        first, second = given.one.products
        given.do(custody.Relinquish, "OPER-1", box=box, seal=SEAL)
        asked = {"at": "MFG-1", "box": box, "seal": SEAL, "units": given.one.frozen_scans((first,))}
        found = given.refusal(custody.AcceptPartly, "COUR-X1", **asked)
        assert found.rule == "new_seal_missing" and found.waivable
        assert (
            given.refusal(custody.AcceptPartly, "COUR-X1", **asked, new_seal=SEAL).rule == "new_seal_missing"
        )
        cells = given.one.frozen_scans((second,))[0]
        refused = given.refusal(custody.AcceptPartly, "COUR-X1", **asked, new_seal=cells)
        assert refused.rule == "wrong_kind"
        given.do(custody.AcceptPartly, "COUR-X1", **asked, new_seal=NEW_SEAL)
        assert given.unit(first).box is None and given.unit(second).box == id_of(box)
        given.do(custody.Relinquish, "OPER-1", box=box, seal=NEW_SEAL)

    def test_what_was_taken_is_matched_without_the_box(self, sent: tuple[Case, Scan]) -> None:
        """It is in no box any more, and still nobody uses it before each unit was matched."""
        given, box = sent
        first, second = given.one.products
        lab = party(PartyType.DEPARTMENT, "TREAT-A/CELL-LAB")
        given.do(custody.Relinquish, "COUR-X1", at="TREAT-A", box=box, seal=SEAL, to=lab)
        units = given.one.frozen_scans((first,))
        (draft,) = given.do(
            custody.AcceptPartly, "LAB-A1", box=box, seal=SEAL, units=units, new_seal=NEW_SEAL
        )
        assert isinstance(draft.payload, PartlyAccepted) and draft.payload.units_left == (second,)
        assert given.unit(first).box is None and "inspected" not in given.unit(first).facts
        assert [given.unit(unit).was_taken_out for unit in (first, second)] == [True, False]
        result = custody.InspectionGiven(unit=units[0], result=InspectionResult.ACCEPT)
        given.do(custody.Inspect, "LAB-A1", seal_intact=True, results=(result,))
        assert not given.unit(first).was_taken_out
        found = given.refusal(custody.Inspect, "LAB-A1", seal_intact=True, results=(result,))
        assert found.rule == "box_not_scanned"
        left = custody.InspectionGiven(
            unit=given.one.frozen_scans((second,))[0], result=InspectionResult.ACCEPT
        )
        assert given.refusal(custody.Inspect, "LAB-A1", seal_intact=True, results=(left,)).rule in (
            "box_not_scanned",
            "not_custodian",
        )


class TestSentElsewhere:
    def test_findings_b7_decided_for_the_sites_of_the_therapy(self, sent: tuple[Case, Scan]) -> None:
        """Given a box of one hospital, then another does not decide, and its own does from anywhere."""
        given, box = sent
        asked = {"box": box, "destination": "MFG-1", "reason": "place_closed"}
        assert given.refusal(custody.Divert, "QA-B", **asked).rule == "no_part"
        found = given.refusal(custody.Divert, "DOCK-A", **asked)
        assert found.rule == "role_missing" and "at a site of the therapy" in found.message
        (draft,) = given.do(custody.Divert, "QA-A", at="COLL-B", **asked)
        assert isinstance(draft.payload, Diverted) and draft.payload.to_site == "MFG-1"

    def test_quality_sends_it_to_another_site(self, sent: tuple[Case, Scan]) -> None:
        """The carrier keeps it; the next door is the new one."""
        given, box = sent
        asked = {"box": box, "destination": "MFG-1", "reason": "place_closed"}
        assert given.refusal(custody.Divert, "COUR-X1", at="TREAT-A", **asked).rule == "role_missing"
        production = party(PartyType.DEPARTMENT, "MFG-1/PRODUCTION")
        (draft,) = given.do(custody.Divert, "QA-2", **asked, receiver=production)
        assert isinstance(draft.payload, Diverted)
        assert (draft.payload.from_site, draft.payload.to_site) == ("TREAT-A", "MFG-1")
        assert given.unit(given.one.products[0]).custodian == party(PartyType.CARRIER, "CARR-X")
        (draft,) = given.do(custody.Relinquish, "COUR-X1", at="MFG-1", box=box, seal=SEAL)
        assert draft.payload.to_json()["to_party"] == production.model_dump(mode="json")

    def test_not_just_anywhere(self, sent: tuple[Case, Scan]) -> None:
        """A site that has no part in the therapy, that cannot take it, or that it goes to anyway."""
        given, box = sent
        why = {"reason": "place_closed"}

        def rule(destination: str, **more: object) -> str:
            return given.refusal(
                custody.Divert, "QA-2", box=box, destination=destination, **{**why, **more}
            ).rule

        assert rule("TREAT-B") == "destination_no_part"
        assert rule("TREAT-A") == "same_destination"
        assert rule("CARR-Y") == rule("NOWHERE") == "site_unknown"
        assert rule("MFG-1", receiver=party(PartyType.DEPARTMENT, "TREAT-A/DOCK")) == "receiver_elsewhere"
        assert rule("MFG-1", reason=None) == "reason_missing"

    def test_an_emergency_is_marked(self, sent: tuple[Case, Scan]) -> None:
        """What has happened all the same is recorded by two people, with a deviation."""
        given, box = sent
        drafts = given.do(
            custody.Divert, "QA-2", others="OPER-1 witnessed", box=box, destination="TREAT-B",
            outside_rules={"reason": "clinical_need"},
        )  # fmt: skip
        assert [draft.payload.kind for draft in drafts] == ["diverted", "deviation_drafted"]
        assert given.state.boxes_carrier[id_of(box)][1] == "TREAT-B"

    def test_not_while_it_changes_hands(self, sent: tuple[Case, Scan]) -> None:
        """A box that was handed over and not answered is not sent elsewhere meanwhile."""
        given, box = sent
        given.do(custody.Relinquish, "COUR-X1", at="TREAT-A", box=box, seal=SEAL)
        found = given.refusal(custody.Divert, "QA-2", box=box, destination="MFG-1", reason="place_closed")
        assert found.rule == "handoff_open"
