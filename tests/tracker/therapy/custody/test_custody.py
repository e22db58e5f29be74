"""Custody: one custodian for each unit, moved only by the receiver's word, bound to what the giver said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.events.base import Party
from schema.events.custody import Accepted, DeliveryAttempted, PartlyAccepted, Relinquished
from schema.identifiers import parse_printed
from schema.instants import format_instant
from schema.vocabulary import HandoffType, PartyType
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tests.tracker.therapy.custody.test_seals import bag, box_and_seal
from tracker.concerns import Concern
from tracker.demo.journey import party, scan
from tracker.downtime.steps import remaining_steps
from tracker.requests.base import Request, Scan
from tracker.rules.decision import Allowed, Draft, ScanAnswer
from tracker.rules.marks.values import FIELDS
from tracker.rules.situation import Found, Resolution
from tracker.rules.therapy_state import Occurrence
from tracker.therapy.custody import requests as custody
from tracker.therapy.making import requests as processing
from tracker.views.next_steps import rack_item
from tracker.views.worklist import out_since

Cases = Callable[[str], Case]
LAB = party(PartyType.DEPARTMENT, "COLL-A/CELL-LAB")
WARD = party(PartyType.DEPARTMENT, "TREAT-A/WARD")


CALLED = {"staff": "DOCK-M", "answered": False}


def given_to_lab(case: Case) -> str:
    """The nurse hands the bag to the cell lab; gives the digest of what she said."""
    case.do(custody.Relinquish, "NURSE-A1", units=scans(case.one.bag), to=LAB)
    return next(iter(case.state.handoffs.values())).digest


def allowed(case: Case, request_class: type[Request], actor: str, **values: Any) -> tuple[Draft, ...]:
    """What would be recorded, without recording it."""
    decision = case.decide(request_class, actor, **values)
    assert isinstance(decision, Allowed), decision
    return decision.events


class TestTwoPhases:
    def test_custody_stays_until_it_is_taken(self, case: Cases) -> None:
        """After the giver's word the bag is still the nurse's; after the receiver's it is the lab's."""
        given = case("collected")
        given_to_lab(given)
        assert bag(given).custodian == party(PartyType.PERSON, "NURSE-A1") and bag(given).handoff
        given.do(custody.Accept, "TECH-A1", units=scans(given.one.bag))
        assert bag(given).custodian == LAB and bag(given).handoff is None
        assert not given.state.handoffs

    def test_the_answer_is_bound_to_what_was_said(self, case: Cases) -> None:
        """`accepted` carries the digest of the giver's statement, and its id."""
        given = case("collected")
        digest = given_to_lab(given)
        (draft,) = given.do(custody.Accept, "TECH-A1", units=scans(given.one.bag))
        assert isinstance(draft.payload, Accepted)
        assert draft.payload.relinquished == digest
        assert given.statements[draft.payload.handoff].digest == digest

    def test_another_handoff_cannot_be_answered(self, case: Cases) -> None:
        """Who names a handoff answers that one or none."""
        given = case("collected")
        given_to_lab(given)
        other = "01890a5d-ac96-774b-8000-0000000000ff"
        for request_class in (custody.Accept, custody.Refuse):
            found = given.refusal(
                request_class, "TECH-A1", units=scans(given.one.bag), handoff=other, reason="other"
            )
            assert found.rule == "other_handoff" and not found.waivable
        waiting = bag(given).handoff
        given.do(custody.Accept, "TECH-A1", units=scans(given.one.bag), handoff=waiting)

    def test_the_giver_is_not_the_receiver(self, case: Cases) -> None:
        """Nobody hands over to themselves, not even by standing for both parties."""
        given = case("frozen")
        units = given.one.frozen_scans((given.one.bag,))
        given.do(custody.Retrieve, "TECH-A1", units=units, location=scan(given.one.network.storage["COLL-A"]))
        given.do(custody.Relinquish, "TECH-A1", units=units, to=LAB)
        found = given.refusal(custody.Accept, "TECH-A1", units=units)
        assert found.rule == "same_person" and not found.waivable
        given.do(custody.Accept, "TECH-A2", units=units)

    @pytest.mark.parametrize("request_class", [custody.Accept, custody.AcceptPartly, custody.Refuse])
    def test_the_receiver_stands_for_the_named_party(
        self, case: Cases, request_class: type[custody.BoxRequest]
    ) -> None:
        """A nurse is not the cell lab, and neither is a technician of another center."""
        given = case("collected")
        given_to_lab(given)
        for stranger, rule in (
            ("NURSE-A2", "not_receiver"),
            ("TECH-B1", "no_part"),
            ("DOCK-M", "not_receiver"),
        ):
            found = given.refusal(request_class, stranger, units=scans(given.one.bag), reason="other")
            assert found.rule == rule, stranger
        assert bag(given).handoff

    def test_another_party_cannot_be_put_in_its_place(self, case: Cases) -> None:
        """The receiver takes it for the party the giver named."""
        given = case("collected")
        given_to_lab(given)
        itself = party(PartyType.PERSON, "TECH-A1")
        found = given.refusal(custody.Accept, "TECH-A1", units=scans(given.one.bag), custodian=itself)
        assert found.rule == "other_receiver"

    def test_nobody_takes_nothing(self, case: Cases) -> None:
        """A handoff to nobody, to an unknown party or to the one who has it is no handoff."""
        given = case("collected")
        bag_scan = scans(given.one.bag)
        assert given.refusal(custody.Relinquish, "NURSE-A1", units=bag_scan).rule == "no_receiver"
        for unknown in (party(PartyType.DEPARTMENT, "COLL-A/CELLAR"), party(PartyType.PERSON, "NOBODY")):
            found = given.refusal(custody.Relinquish, "NURSE-A1", units=bag_scan, to=unknown)
            assert found.rule == "no_receiver" and not found.waivable
        itself = party(PartyType.PERSON, "NURSE-A1")
        assert given.refusal(custody.Relinquish, "NURSE-A1", units=bag_scan, to=itself).rule == "same_party"

    def test_only_the_custodian_gives(self, case: Cases) -> None:
        """Who does not hold it can neither give it nor freeze it."""
        given = case("collected")
        assert given.refusal(custody.Relinquish, "NURSE-A2", units=scans(given.one.bag), to=LAB).rule == (
            "not_custodian"
        )

    def test_a_second_gift_waits_for_the_answer(self, case: Cases) -> None:
        """While nobody has taken it, it can neither be given again nor worked on."""
        given = case("collected")
        given_to_lab(given)
        assert given.refusal(custody.Relinquish, "NURSE-A1", units=scans(given.one.bag), to=LAB).rule == (
            "handoff_open"
        )
        tank = scan(given.one.network.storage["COLL-A"])
        assert given.refusal(
            custody.StoreUnits, "TECH-A1", units=scans(given.one.bag), location=tank
        ).rule == ("handoff_open")

    def test_nothing_given_nothing_taken(self, case: Cases) -> None:
        """Taking what nobody gave is a STOP; taking it a second time is a CHECK that names who did."""
        given = case("collected")
        found = given.refusal(custody.Accept, "TECH-A1", units=scans(given.one.bag))
        assert (found.rule, found.answer) == ("no_handoff", ScanAnswer.STOP)
        given_to_lab(given)
        given.do(custody.Accept, "TECH-A1", units=scans(given.one.bag))
        found = given.refusal(custody.Accept, "TECH-A2", units=scans(given.one.bag))
        assert (found.rule, found.answer) == ("no_handoff", ScanAnswer.CHECK) and "TECH-A1" in found.message

    def test_a_handoff_has_its_type(self, case: Cases) -> None:
        """Within a site it is internal, thawed product to the ward is issued, a box travels."""
        given = case("thawed")
        units = scans(given.one.products[0])
        (draft,) = given.do(custody.Relinquish, "LAB-A1", units=units, to=WARD)
        assert isinstance(draft.payload, Relinquished) and draft.payload.type is HandoffType.ISSUE
        boxed = case("packed")
        box, seal = box_and_seal(boxed)
        (draft,) = boxed.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        assert isinstance(draft.payload, Relinquished) and draft.payload.type is HandoffType.TRANSPORT
        assert draft.payload.to_party == party(PartyType.CARRIER, "CARR-X")


class TestOtherEnds:
    def test_refused_stays(self, case: Cases) -> None:
        """A refusal needs a reason; the thing stays with the giver, who may give it anew."""
        given = case("collected")
        given_to_lab(given)
        assert given.refusal(custody.Refuse, "TECH-A1", units=scans(given.one.bag)).rule == "reason_missing"
        given.do(custody.Refuse, "TECH-A1", units=scans(given.one.bag), reason="place_closed")
        assert bag(given).custodian == party(PartyType.PERSON, "NURSE-A1") and bag(given).handoff is None
        given_to_lab(given)

    def test_another_patients_code_is_no_seal(self, case: Cases) -> None:
        """A seal stands in clear in the chain, so nothing that names another therapy may become one."""
        given = case("packed")
        box, seal = box_and_seal(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        foreign = scan(given.two.coi)
        for request_class in (custody.Accept, custody.Refuse):
            said = given.refusal(request_class, "COUR-X1", box=box, seal=foreign, reason="other")
            assert said.rule == "wrong_kind"

    def test_findings_b5_refused_at_the_destination_the_route_stays(self, case: Cases) -> None:
        """A refusal sends a box nowhere: whoever refuses is not who decides where it goes instead."""
        given = case("packed")
        box, seal = box_and_seal(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        given.do(custody.Accept, "COUR-X1", box=box, seal=seal)
        given.do(custody.Relinquish, "COUR-X1", station="MFG-1-01", box=box, seal=seal)
        route = {parse_printed(box.code).object_id: ("CARR-X", "MFG-1")}
        assert given.state.boxes_carrier == route
        given.do(custody.Refuse, "DOCK-M", box=box, seal=seal, reason="place_closed")
        assert bag(given).custodian == party(PartyType.CARRIER, "CARR-X") and bag(given).handoff is None
        assert given.state.boxes_carrier == route and not given.state.boxes_receiver

    def test_lapsed_by_the_giver_only(self, case: Cases) -> None:
        """The giver ends it by scanning what is still in hand; nobody else does, and it is given anew."""
        given = case("collected")
        given_to_lab(given)
        assert given.refusal(custody.LetLapse, "TECH-A1", units=scans(given.one.bag)).rule == "not_custodian"
        given.do(custody.LetLapse, "NURSE-A1", units=scans(given.one.bag))
        assert bag(given).custodian == party(PartyType.PERSON, "NURSE-A1") and bag(given).handoff is None
        assert given.refusal(custody.LetLapse, "NURSE-A1", units=scans(given.one.bag)).rule == "no_handoff"

    def test_findings_g13_a_courier_is_where_the_box_is(self, case: Cases) -> None:
        """At a station of the place nothing is marked; at another the event names the place and is listed."""
        given = case("packed")
        box, seal = box_and_seal(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        (there,) = allowed(given, custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
        (far,) = given.do(custody.Accept, "COUR-X1", at="MFG-1", box=box, seal=seal)
        assert isinstance(there.payload, Accepted) and there.payload.happened_at_site is None
        assert isinstance(far.payload, Accepted) and far.payload.happened_at_site == "COLL-A"
        asked = dict(box=box, at_site="MFG-1", called=CALLED)
        (at_door,) = allowed(given, custody.AttemptDelivery, "COUR-X1", at="MFG-1", **asked)
        (on_the_road,) = allowed(given, custody.AttemptDelivery, "COUR-X1", at="COLL-A", **asked)
        assert isinstance(at_door.payload, DeliveryAttempted) and at_door.payload.happened_at_site is None
        assert isinstance(on_the_road.payload, DeliveryAttempted)
        assert on_the_road.payload.happened_at_site == "MFG-1"
        for owner in ("HandoffAnswer", "DeliveryAttempted"):
            assert FIELDS[f"{owner}.happened_at_site"].concern is Concern.ELSEWHERE

    def test_nobody_at_the_door(self, case: Cases) -> None:
        """An attempted delivery is an event of the carrier; custody stays with it."""
        given = case("packed")
        box, seal = box_and_seal(given)
        assert (
            given.refusal(custody.AttemptDelivery, "COUR-X1", box=box, at_site="MFG-1", called=CALLED).rule
            == "not_custodian"
        )
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        given.do(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
        given.do(custody.AttemptDelivery, "COUR-X2", box=box, at_site="MFG-1", called=CALLED)
        assert bag(given).custodian == party(PartyType.CARRIER, "CARR-X")
        assert (
            given.refusal(custody.AttemptDelivery, "COUR-X1", box=box, at_site="NOWHERE", called=CALLED).rule
            == "site_unknown"
        )
        assert (
            given.refusal(custody.AttemptDelivery, "COUR-Y1", box=box, at_site="MFG-1", called=CALLED).rule
            == "no_part"
        )


class TestSomeOfIt:
    def test_partly_accepted(self, case: Cases) -> None:
        """What is taken changes hands, what is left stays with the giver and waits for nothing."""
        given = case("released")
        first, second = given.one.products
        tank = scan(given.one.network.storage["MFG-1"])
        given.do(custody.Retrieve, "OPER-1", units=given.one.frozen_scans((first, second)), location=tank)
        given.do(
            custody.Relinquish,
            "OPER-1",
            units=given.one.frozen_scans((first, second)),
            to=party(PartyType.PERSON, "QA-2"),
        )
        (draft,) = given.do(custody.AcceptPartly, "QA-2", units=given.one.frozen_scans((first,)))
        assert isinstance(draft.payload, PartlyAccepted)
        assert (draft.payload.units, draft.payload.units_left) == ((first,), (second,))
        assert given.unit(first).custodian == party(PartyType.PERSON, "QA-2")
        assert given.unit(second).custodian == party(PartyType.PERSON, "OPER-1")
        assert given.unit(second).handoff is None and not given.state.handoffs
        assert not given.unit(first).was_taken_out, "it never was in a box"

    def test_taking_less_than_given_is_said(self, case: Cases) -> None:
        """A plain acceptance is of all that was given: what was not scanned is named."""
        given = case("released")
        first, second = given.one.products
        both = given.one.frozen_scans((first, second))
        given.do(custody.Retrieve, "OPER-1", units=both, location=scan(given.one.network.storage["MFG-1"]))
        given.do(custody.Relinquish, "OPER-1", units=both, to=party(PartyType.PERSON, "QA-2"))
        found = given.refusal(custody.Accept, "QA-2", units=given.one.frozen_scans((first,)))
        assert found.rule == "units_missing" and second in found.message and not found.waivable

    def test_a_box_is_not_taken_for_the_units_named(self, case: Cases) -> None:
        """Who takes one unit out of a given box does not get custody of the others."""
        given = case("released")
        first, second = given.one.products
        both = given.one.frozen_scans((first, second))
        box, seal = scan(given.one.network.boxes["Dry shipper 4"]), Scan(code="SEAL-77")
        given.do(custody.Retrieve, "OPER-1", units=both, location=scan(given.one.network.storage["MFG-1"]))
        given.do(
            custody.Pack,
            "OPER-1",
            others="OPER-2 witnessed",
            units=both,
            box=box,
            seal=seal,
            tally=2,
            carrier="CARR-X",
            destination="TREAT-A",
        )
        given.do(custody.Relinquish, "OPER-1", box=box, seal=seal)
        (draft,) = given.do(
            custody.AcceptPartly,
            "COUR-X1",
            box=box,
            seal=seal,
            units=given.one.frozen_scans((first,)),
            new_seal=Scan(code="SEAL-78"),
        )
        assert isinstance(draft.payload, PartlyAccepted) and draft.payload.units_left == (second,)
        assert given.unit(first).box is None and given.unit(second).box == parse_printed(box.code).object_id
        assert given.state.seals[parse_printed(box.code).object_id] == "SEAL-78"
        assert given.unit(second).custodian == party(PartyType.PERSON, "OPER-1")


def both_given(given: Case, to: str) -> tuple[str, str]:
    """OPER-1 takes both bags out of the tank and hands them to one person."""
    first, second = given.one.products
    both = given.one.frozen_scans((first, second))
    given.do(custody.Retrieve, "OPER-1", units=both, location=scan(given.one.network.storage["MFG-1"]))
    given.do(custody.Relinquish, "OPER-1", units=both, to=party(PartyType.PERSON, to))
    return first, second


def test_findings_b11_what_was_handed_over_is_not_destroyed(case: Cases) -> None:
    """The receiver was promised both bags: the giver answers for the handoff before ending one of them."""
    given = case("released")
    first, second = both_given(given, "QA-2")
    asked = {"units": given.one.frozen_scans((second,)), "reason": "other", "others": "OPER-2 witnessed"}
    found = given.refusal(processing.Destroy, "OPER-1", **asked)
    assert found.rule == "handoff_open" and found.waivable
    given.do(custody.Accept, "QA-2", units=given.one.frozen_scans((first, second)))
    assert given.unit(first).custodian == given.unit(second).custodian == party(PartyType.PERSON, "QA-2")


def test_findings_b12_who_took_it_last(case: Cases) -> None:
    """Some of it or all of it, it was taken over: who scans again is told by whom, and is not stopped."""
    given = case("released")
    first, second = both_given(given, "OPER-2")
    scanned = given.one.frozen_scans((first,))
    given.do(custody.AcceptPartly, "OPER-2", units=scanned)
    found = given.refusal(custody.Accept, "OPER-2", units=scanned)
    assert (found.rule, found.answer) == ("no_handoff", ScanAnswer.CHECK) and "by OPER-2" in found.message
    given.do(custody.Relinquish, "OPER-2", units=scanned, to=party(PartyType.PERSON, "QA-2"))
    given.do(custody.Accept, "QA-2", units=scanned)
    given.do(custody.Relinquish, "QA-2", units=scanned, to=party(PartyType.PERSON, "OPER-1"))
    given.do(custody.AcceptPartly, "OPER-1", units=scanned)
    found = given.refusal(custody.Accept, "OPER-1", units=scanned)
    assert found.answer is ScanAnswer.CHECK and "by OPER-1" in found.message and "QA-2" not in found.message
    assert given.unit(second).last_taken is None


@pytest.mark.parametrize("kind", ["accepted", "partly_accepted"])
def test_findings_b12_one_answer_everywhere(case: Cases, kind: str) -> None:
    """Board, rack, paper and boxes ask the same question, and a partial acceptance is an answer to it."""
    given = case("released")
    name = given.one.products[0]
    seen = given.unit(name).facts["stored"]

    def at(number: int) -> Occurrence:
        return replace(seen, at=seen.at + timedelta(hours=number), sequence=seen.sequence + number)

    box = parse_printed(scan(given.one.network.boxes["Dry shipper 4"]).code).object_id
    others = {one: fact for one, fact in given.unit(name).facts.items() if one != "accepted"}
    given.change(name, box=box, facts={**others, "retrieved": at(1), "packed": at(2), kind: at(3)})
    unit = given.unit(name)
    assert unit.last_taken == at(3) and unit.has_travelled
    assert rack_item(Resolution(name, Found.BOX, unit=name), given.state, None).came
    facts = {
        one: {"at": format_instant(fact.at), "sequence": fact.sequence} for one, fact in unit.facts.items()
    }
    assert out_since({**facts, "packed": facts["stored"]}) is None
    assert out_since({one: fact for one, fact in facts.items() if one not in ("packed", kind)}) == at(1).at
    titles = [one.step.title for one in remaining_steps(given.state, PROTOCOL) if unit in one.units]
    assert "Take over" not in titles and "Hand over" in titles


class TestPlaces:
    def test_put_away_and_retrieved(self, case: Cases) -> None:
        """Put away it is the location's, retrieved it is the person's who signed, whoever brought it."""
        given = case("frozen")
        tank = given.one.network.storage["COLL-A"]
        assert bag(given).custodian == party(PartyType.LOCATION, tank) and bag(given).location == tank
        units = given.one.frozen_scans((given.one.bag,))
        found = given.refusal(
            custody.Relinquish, "TECH-A2", units=units, to=party(PartyType.PERSON, "TECH-A1")
        )
        assert found.rule == "put_away"
        given.do(custody.Retrieve, "TECH-A2", units=units, location=scan(tank))
        assert bag(given).custodian == party(PartyType.PERSON, "TECH-A2") and bag(given).location is None

    def test_a_location_is_never_inferred(self, case: Cases) -> None:
        """It is taken out of the place where it is, a storage place of this site, by its people."""
        given = case("frozen")
        storage = given.one.network.storage
        units = given.one.frozen_scans((given.one.bag,))
        assert given.refusal(
            custody.Retrieve, "TECH-A1", units=units, location=scan(storage["MFG-1"])
        ).rule == ("other_site")
        assert given.refusal(
            custody.StoreUnits, "TECH-A1", units=units, location=scan(given.one.bag)
        ).rule == ("wrong_kind")
        given.change(given.one.bag, location=None)
        found = given.refusal(custody.Retrieve, "TECH-A1", units=units, location=scan(storage["COLL-A"]))
        assert found.rule == "not_there"

    def test_put_away_twice_is_a_check(self, case: Cases) -> None:
        """A re-scan is told by whom and when."""
        given = case("frozen")
        units = given.one.frozen_scans((given.one.bag,))
        tank = scan(given.one.network.storage["COLL-A"])
        found = given.refusal(custody.StoreUnits, "TECH-A2", units=units, location=tank)
        assert (found.rule, found.answer) == ("already_done", ScanAnswer.CHECK) and "TECH-A1" in found.message

    def test_other_site(self, case: Cases) -> None:
        """What is at one site is not put away at another."""
        given = case("frozen")
        units = given.one.frozen_scans((given.one.bag,))
        tank = scan(given.one.network.storage["MFG-1"])
        assert given.refusal(custody.StoreUnits, "OPER-1", units=units, location=tank).rule == "other_site"

    def test_who_stands_for_a_place(self, case: Cases) -> None:
        """A person for themselves, a department's roles for its places, a courier for the carrier."""
        given = case("received")
        registry, at = given.registry, given.now
        from tracker.rules.custodians import exists, party_site, stands_for

        tank = party(PartyType.LOCATION, given.one.network.storage["MFG-1"])
        dock = party(PartyType.DEPARTMENT, "MFG-1/DOCK")
        assert stands_for(registry, tank, "OPER-1", at) and not stands_for(registry, tank, "DOCK-M", at)
        assert stands_for(registry, dock, "DOCK-M", at) and not stands_for(registry, dock, "DOCK-A", at)
        carrier = party(PartyType.CARRIER, "CARR-X")
        assert stands_for(registry, carrier, "COUR-X2", at) and not stands_for(
            registry, carrier, "COUR-Y1", at
        )
        assert party_site(registry, tank) == "MFG-1" and party_site(registry, carrier) == "CARR-X"
        nobody: Party = replace_id(tank, "LD999999999")
        assert not exists(registry, nobody) and not stands_for(registry, nobody, "OPER-1", at)


def replace_id(custodian: Party, party_id: str) -> Party:
    """The same kind of custodian under another id."""
    return custodian.model_copy(update={"id": party_id})


def test_a_changed_state_is_a_new_one(case: Cases) -> None:
    """States are values: what was known before an event stays as it was."""
    given = case("collected")
    before = given.state
    copy = replace(before)
    given_to_lab(given)
    assert before == copy and given.state != before
