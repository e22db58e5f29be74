"""Shelf lives by the calendar, and limits that start, stop, are inherited and end first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from schema.events import processing as events
from schema.vocabulary import Material
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.model import Container, Limit, Protocol
from tracker.protocols.spans import parse_calendar_span
from tracker.requests.base import Request, Scan
from tracker.rules.clocks import clock_start, has_ended, limits_of, passed_limits, running_clocks, use_by
from tracker.rules.registry_state import ZoneSince
from tracker.rules.shelf_life import life_ends_at
from tracker.rules.therapy_state import HoldTime, Occurrence, TherapyState, UnitState
from tracker.therapy.corrections import Correct
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as making

Cases = Callable[[str], Case]
NEW_YORK_WINTER = timezone(timedelta(hours=-5))


def after(text: str, moment: datetime) -> datetime:
    """A moment so much later by the calendar."""
    span: Any = parse_calendar_span(text)
    later: datetime = span.after(moment)
    return later


def after_there(given: Case, text: str, moment: datetime) -> datetime:
    """The same, by the clocks of the collection site."""
    zone = ZoneInfo(given.registry.zone_at("COLL-A", moment))
    return after(text, moment.astimezone(zone)).astimezone(UTC)


class TestCalendar:
    @pytest.mark.parametrize(
        ("text", "start", "ends"),
        [
            ("P9M", "2026-01-15T10:30", "2026-10-15T10:30"),
            ("P12M", "2026-03-01T00:00", "2027-03-01T00:00"),
            ("P13M", "2026-12-31T23:59", "2028-01-31T23:59"),
            ("P1Y", "2028-02-29T08:00", "2029-02-28T08:00"),
            ("P1M", "2026-01-31T12:00", "2026-02-28T12:00"),
            ("P1M", "2028-01-31T12:00", "2028-02-29T12:00"),
            ("P1Y6M", "2026-08-31T12:00", "2028-02-29T12:00"),
            ("P30D", "2026-01-31T12:00", "2026-03-02T12:00"),
            ("P1M1D", "2026-01-31T12:00", "2026-03-01T12:00"),
        ],
    )
    def test_making_h3_months_and_years(self, text: str, start: str, ends: str) -> None:
        """As a label means them; a day that the month has not is its last."""
        assert after(text, datetime.fromisoformat(start)) == datetime.fromisoformat(ends)

    @pytest.mark.parametrize("text", ["", "P", "P0M", "9M", "P9", "P-9M", "P1.5Y", "PT9M", "P9M1Y", "P60Y"])
    def test_making_h3_no_shelf_life(self, text: str) -> None:
        """Nothing, a clock, or more than 50 years."""
        with pytest.raises(ValueError, match="P9M, P1Y or P30D"):
            parse_calendar_span(text)

    def test_making_h3_the_calendar_is_that_of_the_place(self) -> None:
        """The evening of 28 February in New York is 1 March in UTC: it is February that counts."""
        evening = datetime(2026, 2, 28, 22, 0, tzinfo=NEW_YORK_WINTER)
        assert after("P1M", evening).astimezone(UTC) == datetime(2026, 3, 29, 3, 0, tzinfo=UTC)


def product(case: Case) -> UnitState:
    """The first product."""
    return case.unit(case.one.products[0])


def by_cassette(case: Case) -> dict[str, Any]:
    """The first product by its cassette."""
    return {"units": case.one.frozen_scans((case.one.products[0],))}


def expired_at(case: Case, moment: datetime) -> Case:
    """The case with an expiry of the first product."""
    case.change(case.one.products[0], expires_at=moment)
    return case


class TestShelfLife:
    def test_findings_a11_freezing_says_when_it_expires(self, case: Cases) -> None:
        """Every product has an expiry from its protocol, in the entry and in the state."""
        given = case("made")
        for name in given.one.products:
            unit = given.unit(name)
            frozen = unit.facts["cryopreserved"]
            assert unit.expires_at == frozen.at.replace(year=frozen.at.year + 1)
        bag = given.unit(given.one.bag)
        assert bag.expires_at == after_there(given, "P9M", bag.facts["cryopreserved"].at)
        assert given.unit(given.one.samples[0]).expires_at is None

    def test_making_h3_the_entry_carries_it(self, case: Cases) -> None:
        """Freezing records when each unit expires, computed and not typed."""
        given = case("collected")
        lab = {"type": "department", "id": "COLL-A/CELL-LAB"}
        bag = given.unit(given.one.bag)
        given.do(custody.Relinquish, "NURSE-A1", units=scans(bag.unit), to=lab)
        given.do(custody.Accept, "TECH-A1", units=scans(bag.unit))
        cassette = scan("KD234567892")
        given.do(identity.BindCassette, "TECH-A1", units=scans(bag.unit), cassette=cassette)
        (draft,) = given.do(making.Cryopreserve, "TECH-A1", units=(cassette,))
        assert isinstance(draft.payload, events.Cryopreserved)
        (expiry,) = draft.payload.expires
        assert expiry.unit == bag.unit
        assert expiry.expires_at == after_there(given, "P9M", given.now) == given.unit(bag.unit).expires_at

    @pytest.mark.parametrize(
        ("frozen", "ends"),
        [
            ("2026-01-05T23:30:00-05:00", "2026-10-05T23:30:00-04:00"),
            ("2026-05-31T23:30:00-04:00", "2027-02-28T23:30:00-05:00"),
            ("2026-06-05T12:00:00-04:00", "2027-03-05T12:00:00-05:00"),
            ("2026-07-05T12:00:00-04:00", "2027-04-05T12:00:00-04:00"),
        ],
    )
    def test_making_h3_by_the_clocks_of_the_day_on_which_it_ends(
        self, frozen: str, ends: str, case: Cases
    ) -> None:
        """Frozen in winter, it ends on the same evening in summer time, not on the day after."""
        given = case("collected")
        site = given.registry.sites["COLL-A"]
        there = replace(site, zones=(ZoneSince("America/New_York"),))
        given.registry = replace(given.registry, sites={**given.registry.sites, "COLL-A": there})
        given.now = datetime.fromisoformat(frozen).astimezone(UTC)
        situation = given.situation(given.request(making.Cryopreserve, "TECH-A1", units=scans(given.one.bag)))
        life: Any = parse_calendar_span("P9M")
        assert life_ends_at(situation, life, given.now - timedelta(minutes=1)) == datetime.fromisoformat(ends)

    def test_logistics_q2_day_366(self, case: Cases) -> None:
        """Twelve months from freezing: packing and thaw are STOP, the day before they are not."""
        given = case("released")
        unit = product(given)
        ends = unit.expires_at
        assert ends == after("P12M", unit.facts["cryopreserved"].at)
        for at, is_expired in ((ends - timedelta(days=1), False), (ends, True)):
            assert at is not None
            given.now = at - timedelta(minutes=1)
            refusal = given.refusal(making.StartThaw, "LAB-A1", **by_cassette(given))
            outside = {"outside_rules": {"reason": "clinical_need"}}
            decision = given.decide(making.StartThaw, "LAB-A1", **outside, **by_cassette(given))
            broken = decision.events[0].outside_rules if decision.events else (refusal.rule,)
            assert ("expired" in broken) is is_expired
        packing = {"box": scan("BD234567892"), "seal": Scan(code="S-1"), "tally": 1}
        found = given.decide(
            custody.Pack,
            "OPER-1",
            others="OPER-2 witnessed",
            carrier="CARR-X",
            destination="TREAT-A",
            outside_rules={"reason": "clinical_need"},
            **packing,
            **by_cassette(given),
        )
        assert found.events == () or "expired" in found.events[0].outside_rules

    @pytest.mark.parametrize(
        ("stage", "request_class", "actor"),
        [
            ("matched", making.StartThaw, "LAB-A1"),
            ("bedside", making.StartInfusion, "DOC-A1"),
            ("tested", making.Release, "QP-1"),
        ],
    )
    def test_findings_a11_expired_is_stop(
        self, case: Cases, stage: str, request_class: type[Request], actor: str
    ) -> None:
        """At the thaw, at the bed and at the release, with the time at which it expired."""
        given = expired_at(case(stage), case(stage).now)
        values: Mapping[str, Any] = (
            {"units": scans(given.one.products[0])} if stage == "bedside" else by_cassette(given)
        )
        others = {"others": "QA-2 reviewed"} if request_class is making.Release else {}
        found = given.refusal(request_class, actor, **others, **values)
        assert found.rule == "expired" and "expired at 20" in found.message
        later = expired_at(case(stage), case(stage).now + timedelta(minutes=10))
        later.do(request_class, actor, **others, **values)

    def test_findings_a11_the_match_before_the_thaw(self, case: Cases) -> None:
        """What is expired is stopped before anybody thaws it; in quarantine it may be put away."""
        given = expired_at(case("at_hand"), case("at_hand").now)
        matching = {"coi": scan(given.one.coi), "patient": given.one.wristband(), **by_cassette(given)}
        found = given.refusal(identity.MatchBeforeThaw, "LAB-A1", others="PHARM-A witnessed", **matching)
        assert found.rule == "expired"
        given.do(making.Quarantine, "LAB-A1", reason="expired", **by_cassette(given))
        place = given.one.network.storage["TREAT-A"]
        given.do(custody.StoreUnits, "LAB-A1", location=scan(place), **by_cassette(given))


class TestCollectionEnds:
    def test_limits_count_from_the_end_that_is_recorded(self, case: Cases) -> None:
        """Not from the minute in which somebody had time to enter it; a correction moves them."""
        given = case("collected")
        bag = given.unit(given.one.bag)
        ended = given.now
        collected = events.Collected(unit=bag.unit, volume_ml="210", ended_at=ended)
        event = given.happened(collected, actor="NURSE-A1").event_id
        correct = {"event": event, "field": "ended_at", "reason": "keying_error"}
        earlier = (ended - timedelta(hours=3)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        given.do(Correct, "NURSE-A1", others="QA-2 approved", coi=scan(given.one.coi), new=earlier, **correct)
        assert given.unit(bag.unit).facts["collected"].at == ended - timedelta(hours=3)
        (clock,) = running_clocks(given.state, PROTOCOL)
        assert (clock.name, clock.due_at) == ("collection_to_freeze", ended + timedelta(hours=45))


T0 = datetime(2026, 12, 1, 10, 20, tzinfo=UTC)


def at(minutes: int, sequence: int) -> Occurrence:
    """A fact so many minutes after ten twenty."""
    return Occurrence(T0 + timedelta(minutes=minutes), f"event-{sequence}", sequence, "LAB-A1")


def limit(**changes: Any) -> Limit:
    """Two hours from the removal from storage to the end of the infusion, as liso-cel's label has it."""
    values = {
        "name": "out_of_storage",
        "title": "Removal from storage to end of infusion",
        "start": "retrieved",
        "until": "infusion_completed",
        "within": "PT2H",
        "guards": ["infusion_started"],
        "materials": ["product", "syringe"],
        "cleared_by": ["stored", "packed"],
        "inherit": True,
        "source": "liso-cel GB product information 4.2",
    }
    return Limit.model_validate({**values, **changes})


def therapy(case: Case, *units: UnitState) -> TherapyState:
    """The case's therapy with these units alone."""
    return replace(case.state, units={unit.unit: unit for unit in units})


def vial(**facts: Occurrence) -> UnitState:
    """A vial with what happened to it."""
    return UnitState("UD22222222V", Material.PRODUCT, facts=facts)


class TestLimits:
    def test_making_h2_a_clock_from_the_removal_from_storage(self, case: Cases) -> None:
        """B1: out at 10:20, given at 12:20; put back, it stops, and the second removal counts (B2)."""
        given, two_hours = case("enrolled"), limit()
        out = vial(retrieved=at(0, 1))
        start = clock_start(therapy(given, out), out, two_hours)
        assert start is not None and start.at + two_hours.within == datetime(2026, 12, 1, 12, 20, tzinfo=UTC)
        for name in ("stored", "packed"):
            cold = vial(retrieved=at(0, 1), **{name: at(10, 2)})
            assert clock_start(therapy(given, cold), cold, two_hours) is None
        again = vial(packed=at(-4000, 2), retrieved=at(0, 3))
        start = clock_start(therapy(given, again), again, two_hours)
        assert start is not None and start.at == T0

    def test_making_h2_the_later_of_two(self, case: Cases) -> None:
        """`a|b` counts from the later, and from the one there is."""
        given, later = case("enrolled"), limit(start="retrieved|inspected", cleared_by=[])
        for facts, minutes in (
            ({"retrieved": at(0, 1)}, 0),
            ({"inspected": at(7, 2)}, 7),
            ({"retrieved": at(0, 1), "inspected": at(7, 2)}, 7),
            ({"retrieved": at(9, 3), "inspected": at(7, 2)}, 9),
        ):
            unit = vial(**facts)
            start = clock_start(therapy(given, unit), unit, later)
            assert start is not None and start.at == T0 + timedelta(minutes=minutes)
        unit = vial()
        assert clock_start(therapy(given, unit), unit, later) is None

    def test_making_h2_a_syringe_is_no_fresher_than_its_vial(self, case: Cases) -> None:
        """B2: it inherits the start and prints use-by 12:20; without `inherit` nothing of it runs."""
        given = case("enrolled")
        unit = vial(retrieved=at(0, 1), thaw_ended=at(6, 2))
        syringe = UnitState(
            "UD22222222X", Material.SYRINGE, (unit.unit,), facts={"unit_registered": at(9, 3)}
        )
        state = therapy(given, unit, syringe)
        own = PROTOCOL.model_copy(update={"limits": (limit(),)})
        (clock,) = limits_of(state, own, syringe)
        assert clock.due_at == datetime(2026, 12, 1, 12, 20, tzinfo=UTC)
        alone = PROTOCOL.model_copy(update={"limits": (limit(inherit=False),)})
        assert [*limits_of(state, alone, syringe)] == []
        first = use_by(state, alone, syringe)
        assert first is not None and first.due_at == clock.due_at

    def test_making_n6_a_product_is_no_older_than_its_own_removal(self, case: Cases) -> None:
        """The starting material was out weeks before; a child that was put back begins anew as well."""
        given = case("enrolled")
        bag = UnitState("UD22222222L", Material.LEUKAPHERESIS, facts={"retrieved": at(-9000, 1)})
        unit = UnitState("UD22222222V", Material.PRODUCT, (bag.unit,), facts={"retrieved": at(0, 9)})
        start = clock_start(therapy(given, bag, unit), unit, limit())
        assert start is not None and start.at == T0
        every = limit(materials=[])
        start = clock_start(therapy(given, bag, unit), unit, every)
        assert start is not None and start.at == T0 - timedelta(minutes=9000)
        cold = UnitState("UD22222222V", Material.PRODUCT, (bag.unit,), facts={"stored": at(-8000, 2)})
        assert clock_start(therapy(given, bag, cold), cold, every) is None

    def test_making_h2_of_two_vials_the_earlier(self, case: Cases) -> None:
        """What is drawn together from two is as old as the older."""
        given = case("enrolled")
        one, two = vial(retrieved=at(30, 2)), replace(vial(retrieved=at(0, 1)), unit="UD22222222W")
        syringe = UnitState("UD22222222X", Material.SYRINGE, (one.unit, two.unit))
        start = clock_start(therapy(given, one, two, syringe), syringe, limit())
        assert start is not None and start.at == T0

    def test_making_h5_use_by_is_the_earliest_of_all(self, case: Cases) -> None:
        """Whatever step a limit runs until, and the shelf life too."""
        given = case("enrolled")
        limits = (
            limit(),
            limit(name="thawed", start="thaw_ended", until="infusion_started", within="PT30M", cleared_by=[]),
            limit(name="match", start="bedside_matched", until="bag_matched", within="PT5M", cleared_by=[]),
        )
        own = PROTOCOL.model_copy(update={"limits": limits})
        for facts, shelf_life, name, minutes in (
            ({"retrieved": at(0, 1)}, None, "out_of_storage", 120),
            ({"retrieved": at(0, 1), "thaw_ended": at(6, 2)}, None, "thawed", 36),
            ({"thaw_ended": at(6, 2), "bedside_matched": at(8, 3)}, None, "match", 13),
            ({"thaw_ended": at(6, 2), "infusion_started": at(9, 3)}, 900, "shelf_life", 900),
            ({"retrieved": at(0, 1)}, 30, "shelf_life", 30),
        ):
            unit = vial(**facts)
            if shelf_life is not None:
                unit = replace(unit, expires_at=T0 + timedelta(minutes=shelf_life))
            found = use_by(therapy(given, unit), own, unit)
            assert found is not None
            assert (found.name, found.due_at) == (name, T0 + timedelta(minutes=minutes))
        assert use_by(therapy(given, vial()), own, vial()) is None

    def test_no_limit_until_the_shelf_life_begins_is_printed(self, case: Cases) -> None:
        """A cassette labeled before it is frozen would say for nine months that it expired after two days."""
        given = case("enrolled")
        bag = replace(vial(collected=at(0, 1)), material=Material.LEUKAPHERESIS)
        names = [one.name for one in running_clocks(therapy(given, bag), PROTOCOL)]
        assert names == ["collection_to_freeze"]
        assert use_by(therapy(given, bag), PROTOCOL, bag) is None
        frozen = replace(vial(collected=at(0, 1), cryopreserved=at(9, 2)), material=Material.LEUKAPHERESIS)
        frozen = replace(frozen, expires_at=T0 + timedelta(days=270))
        found = use_by(therapy(given, frozen), PROTOCOL, frozen)
        assert found is not None and found.name == "shelf_life"

    @pytest.mark.parametrize(
        ("facts", "passed"),
        [
            ({"retrieved": at(0, 1), "stored": at(30, 2)}, []),
            ({"retrieved": at(0, 1), "stored": at(31, 2)}, ["out_of_storage"]),
            ({"retrieved": at(0, 1), "stored": at(10, 2), "packed": at(90, 3)}, []),
            ({"retrieved": at(0, 1), "packed": at(40, 2), "stored": at(50, 3)}, ["out_of_storage"]),
            ({"retrieved": at(0, 1), "relinquished": at(40, 2)}, ["out_of_storage"]),
            ({"retrieved": at(0, 1), "stored": at(10, 2), "relinquished": at(90, 3)}, []),
            ({"retrieved": at(0, 1), "relinquished": at(10, 2), "stored": at(31, 3)}, ["out_of_storage"]),
            ({"retrieved": at(60, 3), "stored": at(0, 1), "relinquished": at(20, 2)}, []),
            ({"retrieved": at(0, 1)}, []),
            ({"stored": at(90, 2)}, []),
        ],
    )
    def test_findings_a10_what_was_passed(
        self, facts: dict[str, Occurrence], passed: list[str], case: Cases
    ) -> None:
        """By the step that first ended it, or by one that had to come within it before that."""
        half_an_hour = limit(
            until="stored|packed", within="PT30M", guards=["relinquished"], cleared_by=[], inherit=False
        )
        own, unit = PROTOCOL.model_copy(update={"limits": (half_an_hour,)}), vial(**facts)
        found = [one.name for one in passed_limits(therapy(case("enrolled"), unit), own, unit)]
        assert found == passed
        other = replace(unit, material=Material.LEUKAPHERESIS)
        assert [*passed_limits(therapy(case("enrolled"), other), own, other)] == []

    def test_making_h5_a_product_is_not_as_old_as_what_it_was_made_of(self, case: Cases) -> None:
        """Only what is drawn out of a vial is the same cells: a product outlives its starting material."""
        given = case("enrolled")
        parent = replace(vial(), unit="UD22222222W", expires_at=T0 + timedelta(minutes=5))
        product, syringe = (
            replace(vial(), unit=name, material=material, parents=(parent.unit,), expires_at=ends)
            for name, material, ends in (
                ("UD22222222V", Material.PRODUCT, T0 + timedelta(days=365)),
                ("UD22222222X", Material.SYRINGE, None),
            )
        )
        state = therapy(given, parent, product, syringe)
        own = PROTOCOL.model_copy(update={"limits": ()})
        made, drawn = use_by(state, own, product), use_by(state, own, syringe)
        assert made is not None and (made.unit, made.due_at) == (product.unit, T0 + timedelta(days=365))
        assert drawn is not None and (drawn.unit, drawn.due_at) == (parent.unit, T0 + timedelta(minutes=5))

    @pytest.mark.parametrize(
        ("minutes", "sequence", "ended"),
        [(-1, 3, False), (0, 1, False), (0, 2, True), (0, 3, True), (1, 1, True)],
    )
    def test_making_h2_in_the_same_minute_the_record_tells(
        self, case: Cases, minutes: int, sequence: int, *, ended: bool
    ) -> None:
        """Of two at one time the one recorded later is the later; what is both ends what it begins."""
        given = case("enrolled")
        two_hours = limit(cleared_by=[])
        unit = vial(retrieved=at(0, 2), infusion_completed=at(minutes, sequence))
        start = clock_start(therapy(given, unit), unit, two_hours)
        assert start is not None and has_ended(unit, two_hours, start) is ended

    @pytest.mark.parametrize(("sequence", "runs"), [(1, True), (2, True), (3, False)])
    def test_making_h2_put_away_in_the_same_minute(self, case: Cases, sequence: int, *, runs: bool) -> None:
        """Only what is recorded after the removal clears it."""
        given = case("enrolled")
        unit = vial(retrieved=at(0, 2), stored=at(0, sequence))
        assert (clock_start(therapy(given, unit), unit, limit()) is not None) is runs

    def test_logistics_s1_a_closed_box_has_a_clock(self, case: Cases) -> None:
        """Charged at eight for 240 hours: the clock of what is in it ends then, with its opening."""
        given = case("frozen")
        box = "BD222222222"
        given.change(given.one.bag, box=box)
        ends = datetime(2026, 12, 11, 8, 0, tzinfo=UTC)
        hold = HoldTime(ends - timedelta(days=2), ends, "packed")
        held = replace(given.state, boxes_hold={box: hold, "BD333333333": hold})
        found = [(one.name, one.unit, one.due_at, one.until) for one in running_clocks(held, None)]
        assert found == [("hold_time", given.one.bag, ends, "inspected")]

    def test_logistics_s1_a_box_with_two_bags_has_one_clock(self, case: Cases) -> None:
        """It stands by the first of them, whichever was put in first."""
        given = case("made")
        box = "BD222222222"
        for name in reversed(given.one.products):
            given.change(name, box=box)
        now = datetime(2026, 12, 11, 8, 0, tzinfo=UTC)
        held = replace(given.state, boxes_hold={box: HoldTime(now, now, "packed")})
        found = [one.unit for one in running_clocks(held, None)]
        assert found == [min(given.one.products)] and len(given.one.products) == 2


def test_making_h7_a_syringe_has_its_container_and_its_label_fields(case: Cases) -> None:
    """A protocol may have syringes; its limits reach them by what they were drawn from."""
    syringe = Container(
        material=Material.SYRINGE, title="CAR T cells, CD8", storage_text="Use at once", source="liso-cel"
    )
    own: Protocol = PROTOCOL.model_copy(
        update={"containers": (*PROTOCOL.containers, syringe), "limits": PROTOCOL.limits}
    )
    given = case("thawed")
    drawn = UnitState("UD22222222X", Material.SYRINGE, (given.one.products[0],))
    first = use_by(given.state.with_unit(drawn), own, drawn)
    assert first is not None and first.name == "thaw_to_infusion"
