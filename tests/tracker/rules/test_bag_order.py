"""The product's own clock to the second, components in their order, drawing, and what is given in part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from msgspec.structs import replace

from schema.errors import InputError
from schema.vocabulary import FinalDisposition, Material, Syndrome
from tests.support.doses import dosed
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tests.tracker.rules.test_clocks import limit
from tests.tracker.therapy.identity.test_identity import at_step
from tracker.protocols.bedside import Bedside, bedside_findings, product_digits
from tracker.protocols.model import Container, Limit, Step
from tracker.requests.base import Scan
from tracker.rules.checks.bag_order import told_apart
from tracker.rules.clocks import limits_of, use_by
from tracker.rules.decision import Allowed, ScanAnswer, Violation
from tracker.rules.therapy_state import GradeState, UnitState
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as making

Cases = Callable[[str], Case]
CD8, CD4 = "73153-901-08", "73153-902-04"
TWO = Bedside.model_validate(
    {
        "components": [
            {"name": "cd8", "title": "CD8", "product_codes": [CD8], "source": "label"},
            {"name": "cd4", "title": "CD4", "product_codes": [CD4], "source": "label"},
        ],
        "order": ["cd8", "cd4"],
        "compare_product_code": True,
    }
)
SYRINGE = Container(
    material=Material.SYRINGE, title="CAR T cells", storage_text="Use at once", source="label"
)
DRAWING = Step.model_validate(
    {
        "kind": "step_performed", "name": "drawing", "number": 540, "title": "Draw the vial into its syringe",
        "stage": "bedside", "materials": ["product"], "part": "treatment", "into": "syringe", "once": False,
        "roles": ["pharmacist", "cell_lab_technician"], "after": ["thaw_ended"], "scope": "one_therapy",
        "signatures": [{"meaning": "performed"}],
    }
)  # fmt: skip


def with_limits(given: Case, *limits: Limit, **more: Any) -> Case:
    """The case by a protocol with these limits alone, and other changes."""
    given.protocol = PROTOCOL.model_copy(update={"limits": limits, **more})
    return given


def end_at(given: Case, start: str, **span: float) -> dict[str, Any]:
    """What ends the infusion so long after a fact of the bag; the request itself takes a minute."""
    bag = given.one.products[0]
    given.now = given.unit(bag).facts[start].at + timedelta(**span) - timedelta(minutes=1)
    return {"units": scans(bag), "infused_ml": "66.5"}


class TestOwnClock:
    @pytest.mark.parametrize(("seconds", "passed"), [(7200, False), (7201, True)])
    def test_making_b1_two_hours_from_the_removal(self, case: Cases, seconds: int, *, passed: bool) -> None:
        """Out of storage at 10:20:00, in by 12:20:00; a second later only outside the rules."""
        given = with_limits(case("infusing"), limit(cleared_by=[]))
        values = end_at(given, "retrieved", seconds=seconds)
        if not passed:
            given.do(making.CompleteInfusion, "DOC-A1", **values)
            return
        found = given.refusal(making.CompleteInfusion, "DOC-A1", **values)
        assert found.rule == "limit.out_of_storage"
        values = end_at(given, "retrieved", seconds=seconds)
        drafts = given.do(
            making.CompleteInfusion,
            "DOC-A1",
            others="DOC-A2 witnessed",
            outside_rules={"reason": "clinical_need"},
            **values,
        )
        assert any("limit.out_of_storage" in one.outside_rules for one in drafts)

    def test_making_b2_the_second_removal_counts_and_the_syringe_inherits_it(self, case: Cases) -> None:
        """Retrieved at the maker and packed, retrieved at the hospital three days later: that runs."""
        given = case("at_hand")
        vial = given.unit(given.one.products[0])
        again = vial.facts["retrieved"]
        own = with_limits(given, limit()).protocol
        assert vial.facts["packed"].at < again.at
        (clock,) = limits_of(given.state, own, vial)
        assert (clock.began_at, clock.due_at) == (again.at, again.at + timedelta(hours=2))
        syringe = UnitState("UD22222222X", Material.SYRINGE, (vial.unit,))
        first = use_by(given.state.with_unit(syringe), own, syringe)
        assert first is not None and first.due_at == again.at + timedelta(hours=2)

    @pytest.mark.parametrize(("seconds", "passed"), [(1800, False), (1801, True)])
    def test_making_b6_a_pause_counts(self, case: Cases, seconds: int, *, passed: bool) -> None:
        """Thaw ended 11:00, ten minutes of pause, in by 11:30:00; the clock does not stop for it."""
        own = limit(name="thawed", start="thaw_ended", within="PT30M", cleared_by=[])
        given = with_limits(case("infusing"), own)
        values = end_at(given, "thaw_ended", seconds=seconds)
        decision = given.decide(making.CompleteInfusion, "DOC-A1", **values)
        assert ("limit.thawed" in str(decision)) is passed

    def test_making_b7_of_two_clocks_the_earlier_counts(self, case: Cases) -> None:
        """Start within 30 minutes of the thaw, although the cells keep for three hours."""
        start = limit(
            name="start", start="thaw_ended", until="infusion_started", within="PT30M", guards=[],
            cleared_by=[],
        )  # fmt: skip
        keeps = limit(name="stable", start="thaw_ended", within="PT3H", cleared_by=[])
        given = with_limits(case("bedside"), start, keeps)
        bag = given.one.products[0]
        given.now = given.unit(bag).facts["thaw_ended"].at + timedelta(minutes=29, seconds=1)
        found = given.refusal(making.StartInfusion, "DOC-A1", units=scans(bag))
        assert found.rule == "limit.start" and "exceeded by 1 s" in found.message
        clocks = {one.name: one.due_at for one in limits_of(given.state, given.protocol, given.unit(bag))}
        first = use_by(given.state, given.protocol, given.unit(bag))
        assert first is not None and first.due_at == min(clocks.values()) == clocks["start"]


class TestOrder:
    def test_making_b3_cd4_only_after_all_of_cd8(self, case: Cases) -> None:
        """The bag of CD4 cannot begin while that of CD8 is open; once that has ended it can."""
        given = with_limits(case("bedside"), bedside=TWO)
        first, second = given.one.products
        given.change(first, component="cd4")
        given.change(second, component="cd8")
        found = given.refusal(making.StartInfusion, "DOC-A1", units=scans(first))
        assert found.rule == "component_order" and "CD8" in found.message and second in found.message
        given.change(second, component="cd4")
        given.do(making.StartInfusion, "DOC-A1", units=scans(first))

    def test_making_b3_a_syringe_is_the_component_of_its_vial(self, case: Cases) -> None:
        """What is left of a vial that was drawn is only destroyed; its syringe keeps CD4 waiting."""
        given = with_limits(case("bedside"), bedside=TWO)
        first, second = given.one.products
        given.change(first, component="cd4")
        given.change(second, component="cd8")
        syringe = UnitState("UD22222222X", Material.SYRINGE, (second,))
        given.therapies[given.one.coi] = given.state.with_unit(syringe)
        found = given.refusal(making.StartInfusion, "DOC-A1", units=scans(first))
        assert found.rule == "component_order" and "UD22222222X" in found.message
        ended = replace(syringe, final=FinalDisposition.INFUSED)
        given.therapies[given.one.coi] = given.state.with_unit(ended)
        given.do(making.StartInfusion, "DOC-A1", units=scans(first))

    def test_making_b5_the_next_bag_waits_until_the_first_has_ended(self, case: Cases) -> None:
        """A bag that is an hour and a minute old goes the protocol's way; destroyed, it frees the next."""
        steps = tuple(
            one.model_copy(update={"one_at_a_time": True}) if one.kind == "thaw_started" else one
            for one in PROTOCOL.steps
        )
        late = limit(name="thaw", start="thaw_started", within="PT1H", cleared_by=[])
        given = with_limits(case("thawed"), late, steps=steps)
        first, second = given.one.products
        facts = {**given.unit(second).facts, "pre_thaw_matched": given.unit(first).facts["pre_thaw_matched"]}
        given.change(second, facts=facts, custodian=given.unit(first).custodian, location=None)
        thaw = {"units": given.one.frozen_scans((second,))}
        assert given.refusal(making.StartThaw, "LAB-A1", **thaw).rule == "one_at_a_time"
        given.now = given.unit(first).facts["thaw_started"].at + timedelta(minutes=60)
        known = given.unit(first).facts
        given.change(first, facts={**known, "bedside_matched": known["bag_matched"]}, custodian=None)
        assert given.refusal(making.StartInfusion, "DOC-A1", units=scans(first)).rule == "limit.thaw"
        given.do(making.Destroy, "DOC-A1", others="DOC-A2 witnessed", units=scans(first), reason="expired")
        given.do(making.StartThaw, "LAB-A1", **thaw)

    def test_making_b12_the_carton_of_the_other_component(self, case: Cases) -> None:
        """Right patient, right codes, and the NDC of CD4 where CD8 is in hand: stopped."""
        given = with_limits(case("at_hand"), bedside=TWO)
        given.change(given.one.products[0], component="cd8")
        actor, values = at_step(identity.MatchBeforeThaw, given)
        missing = given.refusal(identity.MatchBeforeThaw, actor, **values)
        assert missing.rule == "product_code_missing"
        wrong = given.refusal(identity.MatchBeforeThaw, actor, **values, product_code=Scan(code=CD4))
        assert (wrong.rule, wrong.expected) == ("wrong_component", "CD8") and "CD4" in wrong.message
        other = given.refusal(
            identity.MatchBeforeThaw, actor, **values, product_code=Scan(code="59572-515-01")
        )
        assert "no component of this product" in other.message
        given.do(identity.MatchBeforeThaw, actor, **values, product_code=Scan(code=CD8))


def test_a_gtin_of_a_drug_holds_its_ndc() -> None:
    """A carton carries one or the other; both are the same ten digits."""
    assert product_digits(CD8) == "7315390108"
    for written in ("00373153901080", "(01)00373153901080(10)LOT7", "0100373153901080" + "10LOT7"):
        assert product_digits(written) == "7315390108"


def test_a_protocol_says_what_it_compares() -> None:
    """An order or a code that nothing describes is refused before it is adopted."""
    odd = Bedside.model_validate(
        {
            "components": [
                {"name": "cd8", "title": "CD8", "source": "label"},
                {"name": "cd4", "title": "CD4", "product_codes": [CD4], "source": "label"},
                {"name": "nk", "title": "NK", "product_codes": [CD4], "source": "label"},
            ],
            "order": ["cd8", "cd3"],
            "compare_product_code": True,
        }
    )
    assert [*bedside_findings(odd)] == [
        "bedside: cd3 in order is a component that is described nowhere.",
        "bedside: the product code 7315390204 stands for two components.",
        "bedside: component cd8 has no product code to compare.",
    ]
    alone = Bedside(compare_product_code=True)
    assert [*bedside_findings(alone)] == [
        "bedside: compare_product_code needs components with their product codes."
    ]
    assert [*bedside_findings(TWO)] == []


def test_a_container_of_several_components_says_which(case: Cases) -> None:
    """It is registered with one of the protocol's words, and with none no label is printed."""
    given = with_limits(case("made"), bedside=TWO)
    values = {"coi": scans(given.one.coi)[0], "material": "product", "number": 1, "of": 2}
    assert given.refusal(identity.RegisterUnit, "OPER-1", **values).rule == "component_missing"
    with pytest.raises(InputError) as refused:
        given.decide(identity.RegisterUnit, "OPER-1", **values, component="cd3")
    assert refused.value.code == "bad_word"
    (draft,) = given.do(identity.RegisterUnit, "OPER-1", **values, component="cd8")
    assert draft.payload.to_json()["component"] == "cd8"


SPLIT: Final[dict[str, Any]] = {
    "parts": [
        {"name": "day_1", "cells": "10"},
        {
            "name": "day_10", "counted_from": "day_1", "earliest": "P7D", "latest": "P11D",
            "stop_if": "crs >= 3", "wait_if": "crs == 2", "wait_until": "P20D", "scale": "ctcae",
            "scale_version": "5.0",
        },
    ],
    "bags": [
        {"color": "blue", "cells": "10", "volume_ml": "10", "whole": False},
        {"color": "red", "cells": "300", "volume_ml": "68"},
    ],
}  # fmt: skip
ADULTS: Final = {"indication": "b_all", "flat": ["400", "410"], "source": "a label", "verified": "read"}


class TestParts:
    def split(self, case: Cases, day: int, *grades: tuple[int, int], scale: str = "ctcae") -> Case:
        """The first bag was given on day 1; the second is at the bed on a later day, after these grades."""
        given = dosed(with_limits(case("bedside")), ADULTS, **SPLIT)
        first, second = given.one.products
        own, known = given.unit(second), given.unit(first)
        start = max(known.facts.values(), key=lambda one: one.at)
        given.change(
            first, part="day_1", color="blue", final=FinalDisposition.INFUSED,
            facts={**known.facts, "infusion_started": start},
        )  # fmt: skip
        given.change(
            second, part="day_10", color="red", facts={**own.facts, **known.facts}, custodian=known.custodian,
            location=None, confirmed=known.confirmed,
        )  # fmt: skip
        given.now = start.at + timedelta(days=day - 1, minutes=5)
        graded = ((start.at + timedelta(days=on), grade) for on, grade in grades)
        said = tuple(
            GradeState(f"G{at}", at, Syndrome.CRS, scale, "5.0", grade, when, (), "DOC-A1")
            for at, (when, grade) in enumerate(graded)
        )
        given.therapies[given.one.coi] = replace(given.state, grades=said)
        return given

    def refused(self, given: Case) -> Violation:
        """Why the second bag does not begin to flow."""
        return given.refusal(making.StartInfusion, "DOC-A1", units=scans(given.one.products[1]))

    @pytest.mark.parametrize(("day", "rule"), [(7, "part_too_early"), (13, "part_too_late")])
    def test_making_b8_a_part_is_given_on_its_days(self, case: Cases, day: int, rule: str) -> None:
        """From day 8 to day 12: a day before and a day after are stopped, and can be outside the rules."""
        found = self.refused(self.split(case, day))
        assert (found.rule, found.answer, found.waivable) == (rule, ScanAnswer.STOP, True)
        assert f"day {day}" in found.message

    @pytest.mark.parametrize(
        ("day", "grades"),
        [(8, ()), (12, ()), (9, ((2, 1),)), (19, ((2, 2), (15, 1))), (21, ((2, 2), (15, 1)))],
    )
    def test_making_b8_offered(self, case: Cases, day: int, grades: tuple[tuple[int, int], ...]) -> None:
        """On day 8; and to day 21 where it had to wait for a grade 2 that has gone down since."""
        given = self.split(case, day, *grades)
        given.do(making.StartInfusion, "DOC-A1", units=scans(given.one.products[1]))

    def test_making_b8_a_grade_2_waits_and_a_grade_3_ends_it(self, case: Cases) -> None:
        """CRS 2 by CTCAE on day 9: CHECK, to day 21; CRS 3: STOP, though it has gone down since."""
        found = self.refused(self.split(case, 9, (2, 2)))
        assert (found.rule, found.answer) == ("part_waits", ScanAnswer.CHECK)
        assert found.message == "Today is day 9, and CRS 2 by CTCAE 5.0 stands: day 10 may wait to day 21."
        assert self.refused(self.split(case, 22, (2, 2))).rule == "part_too_late"
        stopped = self.refused(self.split(case, 9, (2, 3), (5, 1)))
        assert (stopped.rule, stopped.answer) == ("part_stopped", ScanAnswer.STOP)
        assert "CRS 3 by CTCAE 5.0 since day 1" in stopped.message

    def test_making_b8_grades_by_another_scale_say_nothing(self, case: Cases) -> None:
        """A CRS 3 of another scale is never held against the one that the label names."""
        given = self.split(case, 9, (2, 3), scale="astct")
        given.do(making.StartInfusion, "DOC-A1", units=scans(given.one.products[1]))

    def test_making_b8_the_first_part_comes_first(self, case: Cases) -> None:
        """Nothing of day 1 was given: the bag of day 10 is the wrong one."""
        given = self.split(case, 9)
        first = given.one.products[0]
        facts = {name: at for name, at in given.unit(first).facts.items() if name != "infusion_started"}
        given.change(first, facts=facts, final=FinalDisposition.DESTROYED)
        assert self.refused(given).rule == "wrong_part"

    def test_making_b8_a_container_says_for_which_part_and_of_which_color(self, case: Cases) -> None:
        """Both are the protocol's words; the label says them, the color as a word."""
        given = dosed(with_limits(case("made")), ADULTS, **SPLIT)
        values = {"coi": scans(given.one.coi)[0], "material": "product", "number": 1, "of": 2}
        assert given.refusal(identity.RegisterUnit, "OPER-1", **values).rule == "part_missing"
        values["part"] = "day_10"
        assert given.refusal(identity.RegisterUnit, "OPER-1", **values).rule == "color_missing"
        with pytest.raises(InputError) as refused:
            given.decide(identity.RegisterUnit, "OPER-1", **values, color="green")
        assert refused.value.code == "bad_word" and "blue, red" in refused.value.remedy
        (draft,) = given.do(identity.RegisterUnit, "OPER-1", **values, color="red")
        said = draft.payload.to_json()
        assert (said["part"], said["color"]) == ("day_10", "red")
        unit = given.unit(str(said["unit"]))
        assert told_apart(given.protocol, given.state, unit) == ("day 10", "RED")


class TestDrawing:
    def drawn(self, case: Cases, **changes: Any) -> tuple[Case, dict[str, Any]]:
        """A thawed vial of 4.6 mL and its syringe, and the drawing of 3.1 mL."""
        given = with_limits(
            case("thawed"),
            limit(),
            containers=(*PROTOCOL.containers, SYRINGE),
            steps=(*PROTOCOL.steps, DRAWING),
        )
        vial = given.one.products[0]
        given.change(vial, volume_ml=Decimal("4.6"))
        syringe = UnitState("UD22222222X", Material.SYRINGE, (vial,), **changes)
        given.therapies[given.one.coi] = given.state.with_unit(syringe)
        return given, {"step": "drawing", "units": scans(vial)}

    def move(self, given: Case, volume: str) -> tuple[dict[str, Any], ...]:
        source = scans(given.one.products[0])[0]
        return ({"source": source, "target": scans("UD22222222X")[0], "volume_ml": volume},)

    def test_making_b4_the_label_is_on_before_it_is_drawn(self, case: Cases) -> None:
        """Without a label that was scanned back nothing is drawn; 5.0 mL of a vial of 4.6 is bad input."""
        given, values = self.drawn(case)
        found = given.refusal(making.PerformStep, "LAB-A1", moves=self.move(given, "3.1"), **values)
        assert found.rule == "label_missing"
        given, values = self.drawn(case, labels={"2": "applied"})
        with pytest.raises(InputError) as refused:
            given.decide(making.PerformStep, "LAB-A1", moves=self.move(given, "5.0"), **values)
        assert refused.value.code == "volume_exceeded"
        given.do(making.PerformStep, "LAB-A1", moves=self.move(given, "3.1"), **values)
        assert str(given.unit(given.one.products[0]).volume_ml) == "1.5"
        syringe = given.unit("UD22222222X")
        assert str(syringe.volume_ml) == "3.1" and "thaw_ended" in syringe.facts


class TestPlannedPart:
    def test_making_b9_a_part_is_planned_and_the_rest_is_owed(self, case: Cases) -> None:
        """4.0 of 10 mL are planned and given: 6.0 mL wait for two people; 10 mL would be too much."""
        given = with_limits(case("infusing"))
        bag = given.one.products[0]
        given.change(bag, volume_ml=Decimal(10))
        values = {"units": scans(bag), "planned_ml": "4.0"}
        found = given.refusal(making.CompleteInfusion, "DOC-A1", infused_ml="10", **values)
        assert found.rule == "more_than_planned" and "4.0" in found.message
        given.do(making.CompleteInfusion, "DOC-A1", infused_ml="4.0", **values)
        assert given.unit(bag).remainder_ml == Decimal("6.0")
        given.do(
            making.Destroy, "DOC-A1", others="DOC-A2 witnessed", units=scans(bag), destroyed_ml="6.0",
            reason="remainder",
        )  # fmt: skip
        assert given.unit(bag).remainder_ml == Decimal(0)

    def test_nothing_is_no_infusion_as_intended(self, case: Cases) -> None:
        """0 mL is refused by its field, outside the rules too, and is recorded as stopped."""
        given = with_limits(case("infusing"))
        values = {"units": scans(given.one.products[0])}
        found = given.refusal(making.CompleteInfusion, "DOC-A1", infused_ml="0", **values)
        assert (found.rule, found.field, found.waivable) == ("nothing_infused", "infused_ml", False)
        given.do(making.StopInfusion, "DOC-A1", infused_ml="0", reason="clinical_need", **values)

    def test_more_is_planned_than_there_is(self, case: Cases) -> None:
        """5.0 mL of 4.6 mL, whatever was given."""
        given = with_limits(case("infusing"))
        bag = given.one.products[0]
        given.change(bag, volume_ml=Decimal("4.6"))
        values = {"units": scans(bag), "infused_ml": "4.6"}
        found = given.refusal(making.CompleteInfusion, "DOC-A1", planned_ml="5.0", **values)
        assert (found.rule, found.field) == ("planned_exceeds", "planned_ml")
        assert found.message == f"5.0 mL planned is more than the 4.6 mL in {bag}."
        assert isinstance(
            given.decide(making.CompleteInfusion, "DOC-A1", planned_ml="4.6", **values), Allowed
        )

    @pytest.mark.parametrize(
        ("infused", "planned", "told"),
        [("1", "4.6", True), ("1", None, True), ("4.1", None, True), ("4.2", None, False), ("2", "2", False)],
    )
    def test_less_than_was_intended_is_told(
        self, case: Cases, infused: str, planned: str | None, *, told: bool
    ) -> None:
        """Of 4.6 mL a tenth may stay in the bag; less was an infusion that was ended early."""
        given = with_limits(case("infusing"))
        bag = given.one.products[0]
        given.change(bag, volume_ml=Decimal("4.6"))
        values = {"units": scans(bag), "infused_ml": infused, "planned_ml": planned}
        found = given.decide(making.CompleteInfusion, "DOC-A1", **values)
        assert isinstance(found, Allowed)
        assert [(one.rule, one.answer) for one in found.notices] == (
            [("less_than_intended", ScanAnswer.CHECK)] if told else []
        )
