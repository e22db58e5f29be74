"""Condition at the doors: place, display, box and time are judged where a unit passes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.events import Party
from schema.events.custody import Accepted, Packed, Relinquished
from schema.identifiers import parse_printed
from schema.vocabulary import HandoffType, Meaning, PartyType
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tests.tracker.therapy.custody.test_seals import bag, box_and_seal
from tracker.demo.journey import party, scan
from tracker.requests.base import Scan
from tracker.rules.clocks import running_clocks
from tracker.rules.registry_state import Location
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity.requests import MatchBeforeThaw

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
        """Two people record it; the mark, a deviation and quarantine stand in its chain."""
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
        assert [draft.payload.kind for draft in drafts] == ["stored", "deviation_drafted", "quarantined"]
        assert drafts[0].outside_rules == ("wrong_place",)
        assert {slot.meaning for slot in drafts[0].slots} == {Meaning.PERFORMED, Meaning.WITNESSED}
        assert given.unit(given.one.bag).quarantined


def packing(case: Case, **more: Any) -> dict[str, Any]:
    """What the cell lab asks when it packs the first therapy's frozen bag."""
    box = next(
        one.id
        for one in case.registry.equipments.values()
        if (one.site, one.title) == ("COLL-A", "Dry shipper 2")
    )
    return {
        "others": "TECH-A2 witnessed",
        "units": case.one.frozen_scans((case.one.bag,)),
        "box": scan(box),
        "seal": Scan(code="SEAL-1"),
        "tally": 1,
        "carrier": "CARR-X",
        "destination": "MFG-1",
        "display_celsius": "-184.2",
        **more,
    }


def retrieved(case: Case) -> Case:
    """The first therapy's frozen bag out of its tank, and every shipper just filled."""
    tank = place_at(case, "COLL-A", "-150")
    case.do(custody.Retrieve, "TECH-A1", units=case.one.frozen_scans((case.one.bag,)), location=scan(tank.id))
    case.charge()
    return case


class TestPack:
    @pytest.mark.parametrize("celsius", ["4", "-15", "-149.9"])
    def test_findings_a2_a_warm_shipper_is_not_packed(self, case: Cases, celsius: str) -> None:
        """Packing at +4 C is STOP at the display's own field."""
        given = retrieved(case("frozen"))
        found = given.refusal(custody.Pack, "TECH-A1", **packing(given, display_celsius=celsius))
        assert (found.rule, found.field) == ("out_of_band", "display_celsius")
        assert (found.expected, found.read) == ("at or below -150 C", f"{celsius} C")

    def test_findings_a2_packed_warm_all_the_same(self, case: Cases) -> None:
        """Two people say so: marked, a deviation, and quarantine in the same act."""
        given = retrieved(case("frozen"))
        drafts = given.do(
            custody.Pack,
            "TECH-A1",
            **packing(given, display_celsius="-60"),
            outside_rules={"reason": "temperature_excursion"},
        )
        assert [draft.payload.kind for draft in drafts] == ["packed", "deviation_drafted", "quarantined"]
        assert given.unit(given.one.bag).quarantined

    def test_findings_a5_no_logger_and_no_hold_time(self, case: Cases) -> None:
        """Neither without a logger nor in a box of which nobody knows how long it holds."""
        given = retrieved(case("frozen"))
        found = given.refusal(custody.Pack, "TECH-A1", **packing(given, data_logger=None))
        assert (found.rule, found.field) == ("logger_missing", "data_logger")
        asked = packing(given)
        shipper = given.registry.equipments[parse_printed(asked["box"].code).object_id]
        given.registry = replace(
            given.registry,
            equipments={**given.registry.equipments, shipper.id: replace(shipper, hold_hours=None)},
        )
        found = given.refusal(custody.Pack, "TECH-A1", **asked)
        assert (found.rule, found.field) == ("hold_missing", "hold_until")
        (packed, *_) = given.do(custody.Pack, "TECH-A1", **asked, hold_until="2026-01-09T12:00:00Z")
        assert isinstance(packed.payload, Packed) and packed.payload.hold_until == datetime(
            2026, 1, 9, 12, tzinfo=UTC
        )

    def test_findings_a6_the_hold_time_is_written_down(self, case: Cases) -> None:
        """From the charge, for as long as the shipper was found to hold, and no longer than somebody says."""
        given = retrieved(case("frozen"))
        charged = given.now
        (packed, *_) = given.do(custody.Pack, "TECH-A1", **packing(given))
        assert isinstance(packed.payload, Packed)
        assert packed.payload.hold_until == charged + timedelta(hours=240)

    def test_findings_a7_cells_go_to_a_site_of_their_therapy(self, case: Cases) -> None:
        """Not to a treatment center without a part in it."""
        given = retrieved(case("frozen"))
        found = given.refusal(custody.Pack, "TECH-A1", **packing(given, destination="TREAT-B"))
        assert (found.rule, found.field, found.read) == ("destination_no_part", "destination", "TREAT-B")
        assert found.message == f"TREAT-B has no part in the therapy {given.one.coi}."
        assert found.remedy.startswith("Send it to COLL-A, MFG-1, TREAT-A;")


class TestOutOfStorage:
    def test_a_unit_is_taken_out_only_so_often(self, case: Cases) -> None:
        """Each removal warms it: after the number that its band allows, the next is STOP."""
        given = case("frozen")
        bands = tuple(
            one.model_copy(update={"removals_max": 2}) if one.removals_max else one for one in PROTOCOL.bands
        )
        given.protocol = PROTOCOL.model_copy(update={"bands": bands})
        tank = scan(place_at(given, "COLL-A", "-150").id)
        asked: dict[str, Any] = {
            "units": given.one.frozen_scans((given.one.bag,)), "location": tank,
        }  # fmt: skip
        for _ in range(2):
            given.do(custody.Retrieve, "TECH-A1", **asked)
            given.do(custody.StoreUnits, "TECH-A1", **asked)
        found = given.refusal(custody.Retrieve, "TECH-A1", **asked)
        assert (found.rule, found.read, found.expected) == (
            "removed_too_often", "2 times", "at most 2 times",
        )  # fmt: skip

    def test_findings_a9_five_days_in_a_hand(self, case: Cases) -> None:
        """Retrieved, and packed or put back only days later: STOP; half an hour is in order."""
        given = retrieved(case("frozen"))
        given.later(days=5)
        given.charge()
        found = given.refusal(custody.Pack, "TECH-A1", **packing(given))
        assert found.rule == "limit.leukapheresis_out_of_storage"
        assert found.message.startswith("Time out of storage: 30 min allowed, exceeded by ")
        tank = scan(place_at(given, "COLL-A", "-150").id)
        units = given.one.frozen_scans((given.one.bag,))
        back = given.refusal(custody.StoreUnits, "TECH-A1", units=units, location=tank)
        assert back.rule == "limit.leukapheresis_out_of_storage"
        drafts = given.do(
            custody.StoreUnits,
            "TECH-A1",
            others="TECH-A2 witnessed",
            units=units,
            location=tank,
            outside_rules={"reason": "time_limit_exceeded"},
        )
        assert [one.payload.kind for one in drafts] == ["stored", "deviation_drafted", "quarantined"]
        assert given.unit(given.one.bag).quarantined

    def test_findings_a9_too_long_in_a_hand_is_not_handed_on(self, case: Cases) -> None:
        """Half an hour is in order and a minute more is not; once in quarantine it goes where it is kept."""
        given = retrieved(case("frozen"))
        asked: dict[str, Any] = {"units": given.one.frozen_scans((given.one.bag,)), "to": LAB}
        out = given.unit(given.one.bag).facts["retrieved"].at
        given.now = out + timedelta(minutes=29)
        given.do(custody.Relinquish, "TECH-A1", **asked)
        given.do(custody.LetLapse, "TECH-A1", units=asked["units"])
        found = given.refusal(custody.Relinquish, "TECH-A1", **asked)
        assert found.rule == "limit.leukapheresis_out_of_storage"
        drafts = given.do(
            custody.Relinquish,
            "TECH-A1",
            signed="TECH-A1 relinquished, TECH-A2 witnessed",
            outside_rules={"reason": "time_limit_exceeded"},
            **asked,
        )
        assert [one.payload.kind for one in drafts] == ["relinquished", "deviation_drafted", "quarantined"]
        given.do(custody.LetLapse, "TECH-A1", units=asked["units"])
        given.do(custody.Relinquish, "TECH-A1", **asked)

    def test_findings_a9_too_long_in_a_hand_is_not_matched_for_the_thaw(self, case: Cases) -> None:
        """The product out of its tank for more than half an hour is not on its way to the patient."""
        given = case("at_hand")
        given.now = given.unit(given.one.products[0]).facts["retrieved"].at + timedelta(minutes=30)
        found = given.refusal(
            MatchBeforeThaw,
            "LAB-A1",
            others="LAB-A2 witnessed",
            coi=scan(given.one.coi),
            patient=given.one.wristband(),
            units=given.one.frozen_scans((given.one.products[0],)),
        )
        assert found.rule == "limit.product_out_of_storage"
        assert found.quarantines == (given.one.products[0],)

    def test_findings_a9_what_was_packed_in_time_is_out_no_longer(self, case: Cases) -> None:
        """The way in the shipper is no time out of storage; the time from the opened box to the tank is."""
        given = retrieved(case("frozen"))
        given.later(minutes=25)
        given.do(custody.Pack, "TECH-A1", **packing(given))
        clocks = {clock.name for clock in running_clocks(given.state, given.protocol)}
        assert clocks == {"hold_time"}
        arrived(given, hours=30)
        box, seal = box_and_seal(given)
        unit = given.one.frozen_scans((given.one.bag,))
        given.do(
            custody.Inspect,
            "OPER-1",
            box=box,
            seal=seal,
            seal_intact=True,
            results=({"unit": unit[0], "result": "accept"},),
        )
        assert [clock.title for clock in running_clocks(given.state, given.protocol)] == [
            "Time out of storage"
        ]
        given.later(minutes=31)
        tank = scan(place_at(given, "MFG-1", "-150").id)
        found = given.refusal(custody.StoreUnits, "OPER-1", units=unit, location=tank)
        assert found.rule == "limit.leukapheresis_out_of_storage"


class TestHandoffs:
    @pytest.mark.parametrize(
        ("celsius", "stops"), [("-149.9", True), ("-150.0", False), ("-150.1", False), ("-60", True)]
    )
    def test_logistics_s4_the_giver_reads_the_display(
        self, case: Cases, celsius: str, *, stops: bool
    ) -> None:
        """STOP, OK, OK around -150 C."""
        given = case("packed")
        box, seal = box_and_seal(given)
        asked = {"box": box, "seal": seal, "display_celsius": celsius}
        if stops:
            assert given.refusal(custody.Relinquish, "TECH-A1", **asked).rule == "out_of_band"
        else:
            given.do(custody.Relinquish, "TECH-A1", **asked)

    def test_logistics_s6_the_receiver_confirms_the_number(self, case: Cases) -> None:
        """Read once by the giver; ALL-IN-ORDER over it is the receiver's word for the same value."""
        given = case("packed")
        box, seal = box_and_seal(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal, display_celsius="-181.5")
        (draft,) = given.do(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
        assert isinstance(draft.payload, Accepted) and draft.payload.display_celsius == "-181.5"

    def test_logistics_s6_the_receiver_may_read_another(self, case: Cases) -> None:
        """What the receiver sees is what the receiver signs, and it is judged for itself."""
        given = case("packed")
        box, seal = box_and_seal(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal, display_celsius="-181.5")
        asked = {"at": "COLL-A", "box": box, "seal": seal}
        found = given.refusal(custody.Accept, "COUR-X1", **asked, display_celsius="-140")
        assert (found.rule, found.read) == ("out_of_band", "-140 C")
        (draft,) = given.do(custody.Accept, "COUR-X1", **asked, display_celsius="-179")
        assert isinstance(draft.payload, Accepted) and draft.payload.display_celsius == "-179"

    def test_findings_a1_the_givers_warm_box_is_not_confirmed(self, case: Cases) -> None:
        """NOT-IN-ORDER by the giver puts it into quarantine; ALL-IN-ORDER over the same number is STOP."""
        given = case("packed")
        box, seal = box_and_seal(given)
        drafts = given.do(
            custody.Relinquish,
            "TECH-A1",
            box=box,
            seal=seal,
            condition="not_in_order",
            faults=("display",),
            display_celsius="-60",
        )
        assert [draft.payload.kind for draft in drafts] == [
            "relinquished",
            "deviation_drafted",
            "quarantined",
        ]
        found = given.refusal(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
        assert (found.rule, found.read) == ("out_of_band", "-60 C")

    @pytest.mark.parametrize(
        ("broken", "reason", "read"),
        [
            ("out_of_band", "temperature_excursion", {"display_celsius": "-60"}),
            ("seal_mismatch", "seal_mismatch", {"seal": Scan(code="SEAL-00000")}),
        ],
    )
    def test_findings_a1_taken_all_the_same(
        self, case: Cases, broken: str, reason: str, read: dict[str, Any]
    ) -> None:
        """Outside the rules by two people: marked, a deviation and quarantine in the same act."""
        given = case("packed")
        box, seal = box_and_seal(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        drafts = given.do(
            custody.Accept,
            "COUR-X1",
            at="COLL-A",
            others="TECH-A2 witnessed",
            **{"box": box, "seal": seal, **read},
            outside_rules={"reason": reason},
        )
        assert [draft.payload.kind for draft in drafts] == ["accepted", "deviation_drafted", "quarantined"]
        assert drafts[0].outside_rules == (broken,)
        assert {slot.meaning for slot in drafts[0].slots} == {Meaning.RECEIVED, Meaning.WITNESSED}
        assert bag(given).quarantined

    def test_findings_a6_a_box_that_no_longer_holds(self, case: Cases) -> None:
        """Rated for 240 h and handed over 60 days later: STOP for the giver and for the receiver."""
        given = case("packed")
        box, seal = box_and_seal(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        given.later(days=60)
        found = given.refusal(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
        assert (found.rule, found.field, found.waivable) == ("hold_passed", "box", True)
        assert found.quarantines == (given.one.bag,)
        assert "Dry shipper 1 held its temperature until 2026-01-15" in found.message
        given.do(custody.LetLapse, "TECH-A1", box=box)
        assert given.refusal(custody.Relinquish, "TECH-A1", box=box, seal=seal).rule == "hold_passed"

    @pytest.mark.parametrize(("late", "stops"), [(timedelta(0), False), (timedelta(seconds=1), True)])
    def test_findings_a6_to_the_second(self, case: Cases, late: timedelta, *, stops: bool) -> None:
        """At the time until which it holds it still holds; a second later it does not."""
        given = case("packed")
        box, seal = box_and_seal(given)
        (hold,) = given.state.boxes_hold.values()
        given.now = hold.until + late - timedelta(minutes=1)
        if stops:
            assert given.refusal(custody.Relinquish, "TECH-A1", box=box, seal=seal).rule == "hold_passed"
        else:
            given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)

    def test_findings_a7_loose_units_go_to_a_site_of_their_therapy_too(self, case: Cases) -> None:
        """Handed from hand to hand they are not given to a department without a part in the therapy."""
        given = case("collected")
        other = party(PartyType.DEPARTMENT, "COLL-B/CELL-LAB")
        found = given.refusal(custody.Relinquish, "NURSE-A1", units=scans(given.one.bag), to=other)
        assert (found.rule, found.field) == ("destination_no_part", "to")

    @pytest.mark.parametrize(
        "to",
        [
            party(PartyType.CARRIER, "CARR-X"),
            party(PartyType.DEPARTMENT, "MFG-1/DOCK"),
            party(PartyType.PERSON, "COUR-X1"),
            party(PartyType.PERSON, "OPER-1"),
        ],
    )
    def test_findings_a5_no_cells_leave_their_site_in_a_hand(self, case: Cases, to: Party) -> None:
        """Without a box nobody judges shipper, logger, hold time and display: STOP, with what to take."""
        given = retrieved(case("frozen"))
        units = given.one.frozen_scans((given.one.bag,))
        found = given.refusal(custody.Relinquish, "TECH-A1", units=units, to=to)
        assert (found.rule, found.field, found.waivable) == ("not_packed", "box", True)
        assert found.message == (
            f"No box holds the leukapheresis {given.one.bag}, and it leaves the site only in a shipper."
        )
        drafts = given.do(
            custody.Relinquish,
            "TECH-A1",
            signed="TECH-A1 relinquished, TECH-A2 witnessed",
            units=units,
            to=to,
            outside_rules={"reason": "clinical_need"},
        )
        assert drafts[0].outside_rules == ("not_packed",)
        assert [one.payload.kind for one in drafts] == ["relinquished", "deviation_drafted", "quarantined"]
        assert isinstance(drafts[0].payload, Relinquished) and drafts[0].payload.type is HandoffType.TRANSPORT

    def test_findings_a5_from_hand_to_hand_at_one_site(self, case: Cases) -> None:
        """What stays at the site needs no box."""
        given = retrieved(case("frozen"))
        given.do(custody.Relinquish, "TECH-A1", units=given.one.frozen_scans((given.one.bag,)), to=LAB)


def both_packed(given: Case) -> tuple[Scan, Scan]:
    """The frozen bags of two patients in one shipper; gives its code and seal."""
    bags = [(journey, journey.bag) for journey in (given.one, given.two)]
    units = tuple(one for journey, unit in bags for one in journey.frozen_scans((unit,)))
    tank = scan(place_at(given, "COLL-A", "-150").id)
    given.do(custody.Retrieve, "TECH-A1", units=units, location=tank)
    given.charge()
    asked = packing(given, units=units, tally=2)
    given.do(custody.Pack, "TECH-A1", **asked)
    return asked["box"], asked["seal"]


class TestSharedBox:
    def test_logistics_s7_each_chain_says_its_own(self, case: Cases) -> None:
        """A warm box of several patients: mark, deviation, quarantine in each chain; none names another."""
        given = case("frozen")
        box, seal = both_packed(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        drafts = given.do(
            custody.Accept,
            "COUR-X1",
            at="COLL-A",
            others="TECH-A2 witnessed",
            box=box,
            seal=seal,
            display_celsius="-60",
            outside_rules={"reason": "temperature_excursion"},
        )
        for mine, other in ((given.one, given.two), (given.two, given.one)):
            chain = [draft for draft in drafts if draft.chain == mine.coi]
            assert [draft.payload.kind for draft in chain] == [
                "accepted",
                "deviation_drafted",
                "quarantined",
            ]
            assert chain[0].outside_rules == ("out_of_band",)
            said = str([draft.payload.to_json() for draft in chain])
            assert mine.bag in said and other.bag not in said and other.coi not in said
            assert given.unit(mine.bag).quarantined

    def test_logistics_s5_only_the_chain_of_what_bears_it_not_is_marked(self, case: Cases) -> None:
        """At -125 C in one box: the label that says -120 C is plainly accepted, the one of -150 C is not."""
        given = case("frozen")
        containers = tuple(
            one.model_copy(update={"storage_celsius_max": "-120"}) for one in PROTOCOL.containers
        )
        given.later_versions = {2: PROTOCOL.model_copy(update={"version": 2, "containers": containers})}
        two = given.therapies[given.two.coi]
        pin = two.protocol.model_copy(update={"version": 2})
        given.therapies[two.coi] = replace(two, protocol=pin)
        box, seal = both_packed(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        asked: dict[str, Any] = {"at": "COLL-A", "box": box, "seal": seal, "display_celsius": "-125"}
        found = given.refusal(custody.Accept, "COUR-X1", **asked)
        assert (found.expected, found.quarantines) == ("at or below -150 C", (given.one.bag,))
        drafts = given.do(
            custody.Accept,
            "COUR-X1",
            others="TECH-A2 witnessed",
            outside_rules={"reason": "temperature_excursion"},
            **asked,
        )
        kinds = [(draft.chain, draft.payload.kind, draft.outside_rules) for draft in drafts]
        assert sorted(kinds) == sorted(
            [
                (given.one.coi, "accepted", ("out_of_band",)),
                (given.one.coi, "deviation_drafted", ()),
                (given.one.coi, "quarantined", ()),
                (given.two.coi, "accepted", ()),
            ]
        )


class TestInspection:
    def test_findings_a1_a_refusal_says_the_display_too(self, case: Cases) -> None:
        """Refused for another reason over a warm display: the display is named as what is wrong."""
        given = case("packed")
        box, seal = box_and_seal(given)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        asked: dict[str, Any] = {
            "at": "COLL-A", "box": box, "seal": seal, "reason": "other", "display_celsius": "-118",
        }  # fmt: skip
        assert given.refusal(custody.Refuse, "COUR-X1", **asked).rule == "out_of_band"
        drafts = given.do(custody.Refuse, "COUR-X1", **asked, condition="not_in_order", faults=("display",))
        assert [draft.payload.kind for draft in drafts] == ["refused", "deviation_drafted", "quarantined"]

    def test_findings_a1_nobody_accepts_from_a_warm_box(self, case: Cases) -> None:
        """Not even outside the rules; quarantine with the display as what is wrong is recorded plainly."""
        given = arrived(case("packed"))
        box, seal = box_and_seal(given)
        unit = given.one.frozen_scans((given.one.bag,))[0]
        asked: dict[str, Any] = {
            "at": "MFG-1", "box": box, "seal": seal, "seal_intact": True, "display_celsius": "-60",
        }  # fmt: skip
        accept = ({"unit": unit, "result": "accept"},)
        found = given.refusal(custody.Inspect, "OPER-1", results=accept, **asked)
        assert (found.rule, found.waivable, found.read) == ("out_of_band", False, "-60 C")
        outside = {"others": "OPER-2 witnessed", "outside_rules": {"reason": "temperature_excursion"}}
        assert given.refusal(custody.Inspect, "OPER-1", results=accept, **asked, **outside).rule == (
            "out_of_band"
        )
        unsaid = ({"unit": unit, "result": "quarantine", "faults": ("other",)},)
        found = given.refusal(custody.Inspect, "OPER-1", results=unsaid, remark="warm", **asked)
        assert (found.rule, found.waivable) == ("out_of_band", True)
        said = ({"unit": unit, "result": "quarantine", "faults": ("display",)},)
        drafts = given.do(custody.Inspect, "OPER-1", results=said, **asked)
        assert [draft.payload.kind for draft in drafts] == ["inspected", "deviation_drafted"]
        assert bag(given).quarantined

    def test_findings_a2_a_dry_shipper_at_15_below(self, case: Cases) -> None:
        """The same for -15 C, and -150.0 C is accepted."""
        given = arrived(case("packed"))
        box, seal = box_and_seal(given)
        accept = ({"unit": given.one.frozen_scans((given.one.bag,))[0], "result": "accept"},)
        asked: dict[str, Any] = {"at": "MFG-1", "box": box, "seal": seal, "seal_intact": True}
        found = given.refusal(custody.Inspect, "OPER-1", results=accept, display_celsius="-15", **asked)
        assert found.rule == "out_of_band"
        given.do(custody.Inspect, "OPER-1", results=accept, display_celsius="-150.0", **asked)
        assert not bag(given).quarantined


def arrived(case: Case, *, hours: float = 0) -> Case:
    """The first therapy's box in the hands of the manufacturer's operator."""
    box, seal = box_and_seal(case)
    production = party(PartyType.DEPARTMENT, "MFG-1/PRODUCTION")
    for giver, receiver, at, to in (
        ("TECH-A1", "COUR-X1", "COLL-A", None),
        ("COUR-X1", "DOCK-M", "MFG-1", None),
        ("DOCK-M", "OPER-1", "MFG-1", production),
    ):
        case.do(custody.Relinquish, giver, at=at, box=box, seal=seal, to=to)
        case.do(custody.Accept, receiver, at=at, box=box, seal=seal)
        case.later(hours=hours / 3)
    return case
