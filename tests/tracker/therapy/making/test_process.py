"""Steps of the process: what touched the cells, what was measured, what went where, on which day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from schema.errors import InputError
from schema.vocabulary import FinalDisposition, LotStatus, Material
from tests.support.process import (
    COUNTER,
    DEVICE,
    MEDIUM,
    OPERATOR,
    OTHER_DEVICE,
    REAGENT,
    SECOND,
    VECTOR,
    begun,
    performed,
    take,
    usual,
    vessel,
    with_lot,
)
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.rules.decision import Allowed, ScanAnswer, Violation
from tracker.rules.lineage import ancestors, descendants, tainted, touched_by, uses
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import UnitState
from tracker.therapy.benches import ClearLine
from tracker.therapy.making.requests import CompleteManufacturing, LiftQuarantine, PerformStep

Cases = Callable[[str], Case]
OUTSIDE = {"outside_rules": {"reason": "clinical_need"}, "others": SECOND}


@pytest.fixture
def making(case: Cases) -> Case:
    """Manufacturing of the first therapy has begun."""
    return begun(case("received"))


def refused(case: Case, name: str, *units: str, **more: Any) -> Violation:
    """Why a step that is usual but for what is given otherwise is refused."""
    return case.refusal(PerformStep, OPERATOR, **usual(name, *units, **more))


class TestSteps:
    def test_making_a_step_is_a_fact_by_its_name(self, making: Case) -> None:
        """Given the bag in the process, when it is activated, then that stands on it, and who, with what."""
        bag = making.one.bag
        said = performed(take(making, "activation", bag))
        assert (said.kind, said.fact, said.attempt) == ("step_performed", "activation", 1)
        assert [one.lot for one in said.lots] == [REAGENT, MEDIUM]
        assert said.instruments == (DEVICE,) and said.started_at == said.ended_at
        assert making.unit(bag).facts["activation"].actor == OPERATOR
        assert making.state.process[0].measured == {"viable_cells": "1000"}

    def test_making_order_of_the_process(self, making: Case) -> None:
        """The vector is added to activated cells alone."""
        found = refused(making, "transduction", making.one.bag)
        assert (found.rule, found.answer) == ("too_early", ScanAnswer.STOP)
        take(making, "activation", making.one.bag)
        take(making, "transduction", making.one.bag)
        assert refused(making, "transduction", making.one.bag).rule == "already_done"
        take(making, "feeding", making.one.bag)
        take(making, "feeding", making.one.bag)

    @pytest.mark.parametrize("name", ["released", "deviation_drafted", "brewing"])
    def test_making_a_step_that_the_process_has_not(self, making: Case, name: str) -> None:
        """Neither another kind of event nor a word of nobody's."""
        found = making.refusal(PerformStep, OPERATOR, step=name, units=(scan(making.one.bag),))
        assert found.rule == "not_in_protocol"

    def test_making_quarantine_stops_the_process(self, making: Case) -> None:
        """What is in quarantine goes no further."""
        making.change(making.one.bag, quarantined=True)
        assert refused(making, "counting", making.one.bag).rule == "quarantined"

    def test_making_day_of_the_culture(self, making: Case) -> None:
        """The vector is for day 0 to 2 after activation; on day 4 it is recorded outside the rules alone."""
        bag = making.one.bag
        take(making, "activation", bag)
        making.later(days=4)
        assert refused(making, "transduction", bag).rule == "wrong_day"
        drafts = making.do(PerformStep, OPERATOR, **usual("transduction", bag), **OUTSIDE)
        assert drafts[0].outside_rules == ("wrong_day",)

    def test_making_m15_the_operator_does_not_witness(self, making: Case) -> None:
        """Given transduction needs a witness, when the operator signs both, then it is refused."""
        take(making, "activation", making.one.bag)
        given = usual("transduction", making.one.bag)
        found = making.signature_refusal(
            PerformStep, OPERATOR, signed="OPER-1 performed, OPER-1 witnessed", **given
        )
        assert found.rule == "same_person"


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "code"),
        [
            ("75_0", "bad_number"), (" 75", "bad_number"), ("7,5", "bad_number"), ("-1", "implausible"),
            ("NaN", "bad_number"), ("8.0E1", "bad_number"), ("200001", "implausible"), ("7.55", "bad_number"),
        ],
    )  # fmt: skip
    def test_making_numbers_are_read_strictly(self, making: Case, value: str, code: str) -> None:
        """One grammar for every number, and what no vessel holds was mistyped."""
        with pytest.raises(InputError) as raised:
            refused(making, "counting", making.one.bag, measured={"viable_cells": value})
        assert raised.value.code == code

    def test_making_m4_numbers_have_to_agree(self, making: Case) -> None:
        """Total 1000 and viable 870: a viability of 91.0 does not add up, 86.5 is within 1.0."""
        counted = {"viable_cells": "870", "total_cells": "1000"}
        with pytest.raises(InputError, match=r"87\.0") as raised:
            refused(making, "counting", making.one.bag, measured={**counted, "viability": "91.0"})
        assert raised.value.code == "does_not_add_up"
        take(making, "counting", making.one.bag, measured={**counted, "viability": "86.5"})

    @pytest.mark.parametrize(
        ("lot", "quantity", "code"),
        [(MEDIUM, "5000.1", "implausible"), (MEDIUM, "1.55", "bad_number"), (REAGENT, "5", "wrong_measure")],
    )
    def test_findings_a10_what_is_taken_of_a_lot(
        self, making: Case, lot: str, quantity: str, code: str
    ) -> None:
        """Medium in mL up to 5 L; of what the protocol has no measure for, no number is taken."""
        given = usual("activation", making.one.bag)
        lots = tuple({"lot": scan(one)} for one in (REAGENT, MEDIUM))
        given["lots"] = tuple(
            {**one, "quantity": quantity} if one["lot"] == scan(lot) else one for one in lots
        )
        with pytest.raises(InputError) as raised:
            making.decide(PerformStep, OPERATOR, **given)
        assert (raised.value.code, raised.value.field) == (code, "lots")
        given["lots"] = (lots[0], {**lots[1], "quantity": "150.5"})
        said = performed(making.do(PerformStep, OPERATOR, others=SECOND, **given))
        assert [one.quantity for one in said.lots] == [None, "150.5"]

    def test_making_a_measure_of_another_step(self, making: Case) -> None:
        """The number of vector particles is no matter of counting, and a unit is not guessed."""
        with pytest.raises(InputError) as raised:
            refused(making, "counting", making.one.bag, measured={"viable_cells": "5", "moi": "2"})
        assert raised.value.code == "wrong_measure"
        given = usual("counting", making.one.bag)
        given["measured"] = ({"measure": "viable_cells", "value": "5", "unit_of_measure": "percent"},)
        with pytest.raises(InputError) as raised:
            making.decide(PerformStep, OPERATOR, **given)
        assert raised.value.code == "wrong_unit"

    def test_making_what_a_step_asks_for(self, making: Case) -> None:
        """A lot, an instrument and a value that the step needs are named with their titles."""
        bag = making.one.bag
        for more, rule, title in (
            ({"lots": (REAGENT,)}, "missing_lot", "Culture medium"),
            ({"instruments": ()}, "missing_instrument", "Culture device"),
            ({"measured": {}}, "missing_value", "Viable cells in the vessel"),
        ):
            found = refused(making, "activation", bag, **more)
            assert (found.rule, found.answer) == (rule, ScanAnswer.CHECK) and title in found.message


class TestTimes:
    def test_making_m16_times_that_cannot_be(self, making: Case) -> None:
        """Ended before it began, in 2031, or before the therapy was enrolled: bad input."""
        now = making.now
        for started, ended in (
            (now, now - timedelta(hours=1)),
            (now.replace(year=2031), now.replace(year=2031)),
            (now.replace(year=2019), now),
        ):
            with pytest.raises(InputError):
                refused(making, "feeding", making.one.bag, started_at=started, ended_at=ended)

    def test_making_m16_two_steps_at_once(self, making: Case) -> None:
        """A step within another one of the same vessel is looked at, and can have happened."""
        bag, begun_at = making.one.bag, making.now
        making.later(hours=3)
        take(making, "activation", bag, started_at=begun_at, ended_at=making.now)
        within = {"started_at": begun_at + timedelta(hours=1), "ended_at": begun_at + timedelta(hours=2)}
        found = refused(making, "counting", bag, **within)
        assert (found.rule, found.answer) == ("overlap", ScanAnswer.CHECK)
        take(making, "counting", bag)
        assert making.unit(bag).facts["activation"].at == making.state.process[0].ended_at


class TestLots:
    def test_making_m6_lot_of_another_item(self, making: Case) -> None:
        """The activation reagent's lot at the transduction: STOP, both items named."""
        take(making, "activation", making.one.bag)
        found = refused(making, "transduction", making.one.bag, lots=(VECTOR, REAGENT))
        assert (found.rule, found.answer) == ("lot_wrong_item", ScanAnswer.STOP)
        assert "Activation reagent" in found.message and "Viral vector" in found.message

    def test_making_m7_good_until_the_end_of_its_day(self, making: Case) -> None:
        """The last day counts to its end by the clocks of the site."""
        today = f"{making.now:%Y-%m-%d}"
        with_lot(making, MEDIUM, expires=today)
        making.now = making.now.replace(hour=20)
        assert isinstance(
            making.decide(PerformStep, OPERATOR, **usual("activation", making.one.bag)), Allowed
        )
        making.later(days=1)
        assert refused(making, "activation", making.one.bag).rule == "lot_expired"

    @pytest.mark.parametrize(
        ("status", "rule"),
        [
            (LotStatus.QUARANTINED, "lot_not_released"), (LotStatus.RESTRICTED, "lot_not_released"),
            (LotStatus.REJECTED, "lot_not_released"), (LotStatus.EXHAUSTED, "lot_not_released"),
            (LotStatus.RECALLED, "lot_recalled"),
        ],
    )  # fmt: skip
    def test_making_m8_lot_that_is_not_released(self, making: Case, status: LotStatus, rule: str) -> None:
        """STOP; that it happened is recorded by two people with a deviation."""
        with_lot(making, MEDIUM, status=status)
        found = refused(making, "activation", making.one.bag)
        assert (found.rule, found.answer) == (rule, ScanAnswer.STOP)
        drafts = making.do(PerformStep, OPERATOR, **usual("activation", making.one.bag), **OUTSIDE)
        assert [one.payload.kind for one in drafts] == ["step_performed", "deviation_drafted"]
        assert len(drafts[0].slots) == 2

    def test_making_a_lot_of_another_site(self, making: Case) -> None:
        """Goods are used where they were received."""
        with_lot(making, MEDIUM, site="TREAT-A")
        assert refused(making, "activation", making.one.bag).rule == "lot_other_site"

    def test_making_a_lot_kept_too_warm(self, making: Case) -> None:
        """A label that allows more than the protocol does is that of other goods."""
        with_lot(making, REAGENT, celsius_min="2", celsius_max="25")
        assert refused(making, "activation", making.one.bag).rule == "lot_wrong_storage"

    def test_making_what_was_scanned_is_no_lot(self, making: Case) -> None:
        """A unit's code where a lot belongs is only looked at."""
        found = refused(making, "activation", making.one.bag, lots=(making.one.bag,))
        assert (found.rule, found.answer) == ("wrong_kind", ScanAnswer.CHECK)

    def test_making_m17_a_program_scans_nothing(self, making: Case) -> None:
        """A cell counter sends its values alone; lots and containers are scanned by people."""
        unattended = {"entry": {"mode": "unattended"}}
        given = usual("counting", making.one.bag)
        assert isinstance(making.decide(PerformStep, OPERATOR, **given, **unattended), Allowed)
        found = making.refusal(PerformStep, OPERATOR, **usual("feeding", making.one.bag), **unattended)
        assert found.rule == "person_scans" and not found.waivable


class TestInstruments:
    def test_making_m9_instrument_that_is_due(self, making: Case) -> None:
        """A counter that was due two days ago: STOP, and outside the rules with its mark."""
        making.registry = _with_instrument(
            making, COUNTER, requalification_due=making.now - timedelta(days=2)
        )
        assert refused(making, "counting", making.one.bag).rule == "not_qualified"
        drafts = making.do(PerformStep, OPERATOR, **usual("counting", making.one.bag), **OUTSIDE)
        assert drafts[0].outside_rules == ("not_qualified",)

    def test_making_instrument_of_another_class(self, making: Case) -> None:
        """The counter where the culture device belongs."""
        found = refused(making, "activation", making.one.bag, instruments=(DEVICE, COUNTER))
        assert found.rule == "wrong_class"

    def test_making_m10_one_therapy_in_a_device(self, making: Case) -> None:
        """Given therapy A in a device, when B is activated there, then STOP; cleared, it is B's."""
        making.benches_count = True
        take(making, "activation", making.one.bag)
        assert DEVICE in making.state.benches
        other = making.two.coi
        bag = making.two.bag
        making.therapies[other] = making.therapies[other].with_changed(
            (bag,), lambda unit: _as_begun(unit, making)
        )
        found = refused(making, "activation", bag)
        assert (found.rule, found.answer) == ("bench_occupied", ScanAnswer.STOP)
        assert isinstance(making.decide(PerformStep, OPERATOR, **usual("feeding", making.one.bag)), Allowed)
        found = refused(making, "activation", bag, instruments=(OTHER_DEVICE,))
        assert found.rule == "bench_occupied"  # cells are open there, and the room is the other's
        making.do(ClearLine, OPERATOR, others=SECOND, nothing_left=True, bench=DEVICE)
        making.do(ClearLine, OPERATOR, others=SECOND, nothing_left=True)
        take(making, "activation", bag)
        assert DEVICE in making.therapies[other].benches


class TestMoves:
    def test_making_m11_pooling_has_both_parents(self, making: Case) -> None:
        """Two bags of one therapy into one vessel: it knows both, and the product knows the bags."""
        first, second = making.one.bag, "UD333333338"
        making.therapies[making.one.coi] = making.state.with_unit(_copy_of(making.unit(first), second))
        pool = vessel(making)
        take(
            making,
            "pooling",
            first,
            second,
            moves=((first, pool, {"volume_ml": "40", "empties": True}), (second, pool, {"empties": True})),
        )
        filled = making.unit(pool)
        assert filled.parents == (first, second) and filled.attempt == 1
        assert "manufacturing_started" in filled.facts and "pooling" in filled.facts
        assert filled.custodian is not None and filled.volume_ml is None
        assert making.unit(first).final is FinalDisposition.CONSUMED
        product = vessel(making, "UD333333339", Material.PRODUCT)
        making.do(
            CompleteManufacturing,
            OPERATOR,
            others=SECOND,
            units=(scan(pool),),
            children=({"unit": scan(product), "volume_ml": "60"},),
        )
        assert ancestors(making.state, product) == {pool, first, second}
        assert descendants(making.state, [second]) == {pool, product}
        assert making.unit(product).attempt == 1

    def test_making_m12_bag_of_another_therapy(self, making: Case) -> None:
        """Another therapy's bag among what is pooled: a mix-up prevented in the first one's chain."""
        pool = vessel(making)
        stranger = making.two.bag
        moves: tuple[Any, ...] = ((making.one.bag, pool, {}), (stranger, pool, {}))
        drafts = making.stopped(
            PerformStep, OPERATOR, **usual("pooling", making.one.bag, stranger, moves=moves)
        )
        assert {one.chain for one in drafts} == {making.one.coi}
        assert [one.payload.kind for one in drafts] == ["mixup_prevented", "deviation_drafted"]
        assert making.unit(pool).parents == ()
        # Nor is it recorded as having happened: one chain cannot tell it without naming the other patient.
        values = {**usual("pooling", making.one.bag, moves=moves[1:]), "others": SECOND}
        drafts = making.stopped(PerformStep, OPERATOR, **values, outside_rules={"reason": "clinical_need"})
        assert {one.payload.kind for one in drafts} <= {"mixup_prevented", "deviation_drafted"}

    def test_making_sampling_hands_on_what_is_of_the_cells(self, making: Case) -> None:
        """A sample has the steps of its vessel and not its label, its place or its cassette."""
        bag = making.one.bag
        take(making, "activation", bag)
        making.change(bag, volume_ml=Decimal(50))
        tube = vessel(making, "UD333333337", Material.QC_SAMPLE)
        take(making, "sampling", bag, moves=((bag, tube, {"volume_ml": "2.5"}),))
        sample = making.unit(tube)
        assert {"activation", "sampling", "manufacturing_started"} <= sample.facts.keys()
        assert not {"label_applied", "stored", "packed", "inspected"} & sample.facts.keys()
        assert sample.volume_ml == Decimal("2.5") and making.unit(bag).volume_ml == Decimal("47.5")
        assert making.unit(bag).final is None
        found = refused(making, "sampling", bag, moves=((bag, tube, {}),))
        assert found.rule == "already_done"

    def test_making_moves_that_cannot_be(self, making: Case) -> None:
        """More than there is, into itself, back into what it came from, or out of what nobody scanned."""
        bag, pool = making.one.bag, vessel(making)
        making.change(bag, volume_ml=Decimal("4.6"))
        tube = vessel(making, "UD333333337", Material.QC_SAMPLE)
        for name, units, moves, code in (
            ("sampling", (bag,), ((bag, tube, {"volume_ml": "5.0"}),), "volume_exceeded"),
            ("pooling", (bag,), ((bag, bag, {}),), "circle"),
            ("pooling", (bag,), ((pool, tube, {}),), "source_not_named"),
            ("pooling", (bag, pool), ((bag, pool, {}), (pool, tube, {})), "circle"),
        ):
            with pytest.raises(InputError) as raised:
                refused(making, name, *units, moves=moves)
            assert raised.value.code == code

    def test_making_what_is_filled(self, making: Case) -> None:
        """The right kind of container, labeled, and only where the step fills something."""
        bag, pool = making.one.bag, vessel(making)
        tube = vessel(making, "UD333333337", Material.QC_SAMPLE)
        assert refused(making, "pooling", bag, moves=((bag, tube, {}),)).rule == "wrong_material"
        assert refused(making, "pooling", bag).rule == "missing_move"
        assert refused(making, "counting", bag, moves=((bag, pool, {}),)).rule == "nothing_filled"
        making.change(pool, labels={})
        assert refused(making, "pooling", bag, moves=((bag, pool, {}),)).rule == "label_missing"


class TestLineage:
    def test_making_what_touched_the_cells(self, making: Case) -> None:
        """The product was touched by what touched the bag; a lot used later touched none of the sample."""
        bag = making.one.bag
        take(making, "activation", bag)
        tube = vessel(making, "UD333333337", Material.QC_SAMPLE)
        take(making, "sampling", bag, moves=((bag, tube, {}),))
        take(making, "feeding", bag)
        assert uses(making.state, tube).lots == (REAGENT, MEDIUM)
        assert uses(making.state, tube).instruments == (DEVICE,)
        assert touched_by(making.state, REAGENT) == {bag, tube}
        take(making, "transduction", bag)
        assert touched_by(making.state, VECTOR) == {bag, tube}

    def test_making_a_recalled_lot_taints_at_once(self, making: Case) -> None:
        """What the registry says of a lot stands for every unit that it touched, in the same instant."""
        bag = making.one.bag
        take(making, "activation", bag)
        assert tainted(making.state, making.registry) == {}
        with_lot(making, REAGENT, status=LotStatus.RECALLED)
        assert tainted(making.state, making.registry) == {bag: REAGENT}
        assert refused(making, "feeding", bag).rule == "lot_recalled"

    def test_quarantine_names_the_recalled_lot(self, making: Case) -> None:
        """Given the recall has put the bag in quarantine, the STOP says which lot was recalled and when."""
        bag = making.one.bag
        take(making, "activation", bag)
        with_lot(making, REAGENT, status=LotStatus.RECALLED)
        making.change(bag, quarantined=True)
        found = refused(making, "feeding", bag)
        assert found.rule == "quarantined"
        assert f"({REAGENT}) behind it was recalled at " in found.message

    def test_habit_lifts_no_quarantine_of_a_recall(self, making: Case) -> None:
        """Given a recall of which no deviation was assessed since, the quarantine is not lifted."""
        bag = making.one.bag
        take(making, "activation", bag)
        with_lot(making, REAGENT, status=LotStatus.RECALLED)
        making.change(bag, quarantined=True)
        found = making.refusal(
            LiftQuarantine, "QA-2", others="QP-1 approved", units=(scan(bag),), reason="investigation_closed"
        )
        assert found.rule == "not_assessed"
        assert "no deviation says since" in found.message


def _with_instrument(case: Case, name: str, **changes: Any) -> RegistryState:
    known = case.registry.equipments[name]
    return replace(case.registry, equipments={**case.registry.equipments, name: replace(known, **changes)})


def _as_begun(unit: UnitState, case: Case) -> UnitState:
    own = case.unit(case.one.bag)
    started = own.facts["manufacturing_started"]
    return replace(
        unit, facts={**unit.facts, "manufacturing_started": started}, custodian=own.custodian, location=None
    )


def _copy_of(unit: UnitState, name: str) -> UnitState:
    return replace(unit, unit=name, cassette=None, labels={"2": next(iter(unit.labels.values()))})
