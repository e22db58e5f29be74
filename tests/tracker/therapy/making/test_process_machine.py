"""Random manufacture through the front door: any goods, any moves, recalls, and the invariants of the record.

Two therapies are in the making in one clean room; the steps of the other machine go on beside it.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from schema.vocabulary import LotStatus, Material, ObjectType
from tests.support.examples import examples
from tests.support.hands import Asked
from tests.support.journeys import Template, World
from tests.tracker.therapy.custody.test_custody_machine import SEEDS, Journeys
from tracker.demo import cleanroom, stages
from tracker.demo.cast import HUB
from tracker.demo.journey import Journey, scan
from tracker.kinds import PROCESS_STEP
from tracker.registry.lots.requests import RecallLot
from tracker.rules.lineage import touched_by
from tracker.rules.recall import owed
from tracker.therapy.benches import ClearLine
from tracker.therapy.identity.requests import RegisterUnit
from tracker.therapy.labels.requests import ApplyLabel
from tracker.therapy.making.requests import FailManufacturing, PerformStep, RecordTest, Release

MACHINES = 30
STEPS_EACH = 20
NUMBERS = {"moi": "2.5", "viability": "91", "car_positive": "40", "volume_ml": "80"}
VESSELS = (Material.IN_PROCESS, Material.IN_PROCESS, Material.QC_SAMPLE, Material.PRODUCT)


class Processes(Journeys):
    """Steps of the process in a clean room, beside every other step."""

    template: ClassVar[Template]

    @initialize(stage=st.just("received"), seed=SEEDS)
    def open(self, stage: str, seed: int) -> None:
        """Both therapies of the stage are in the process."""
        super().open(stage, seed)
        world = self.made
        cleanroom.stock(world.network)
        for journey in self.journeys[:2]:
            stages.start_manufacturing(journey)
            journey.leave_benches()

    @property
    def made(self) -> World:
        """The store."""
        return cast("World", self.world)

    def one(self, seed: int) -> tuple[Any, Journey]:
        """Choices that follow from the seed, and a therapy."""
        _, hands, journey = self.hands(seed)
        return hands.chance, journey

    @rule(seed=SEEDS)
    def vessel(self, seed: int) -> None:
        """A vessel is registered, labeled, and stands ready."""
        chance, journey = self.one(seed)
        units = [*journey.state.units] if journey.coi else []
        if not units:
            return
        unit = self.made.tracker.new_object_id(object_type=ObjectType.UNIT)
        request = self.made.request(
            RegisterUnit, "OPER-1", at=HUB, coi=scan(journey.coi), material=chance.choice(VESSELS[:3]),
            parents=(scan(chance.choice(units)),), unit=unit,
        )  # fmt: skip
        answer = self.send(request)
        if answer is not None and answer.ok:
            world = self.made
            printed = world.tracker.labels.label(unit, "OPER-1", request.station)
            world.network.print(printed)
            self.send(world.request(ApplyLabel, "OPER-1", at=HUB, units=({"code": printed.code},)))

    @rule(seed=SEEDS, wrong=st.booleans(), outside=st.booleans())
    def process(self, seed: int, wrong: bool, outside: bool) -> None:  # noqa: FBT001  drawn
        """A step with what it asks for, or with anything of the room; cells go anywhere."""
        chance, journey = self.one(seed)
        world = self.made
        found = world.tracker.read.therapy(coi=journey.coi)
        assert found is not None
        state, protocol = found
        assert protocol is not None
        step = chance.choice([one for one in protocol.steps if one.kind == PROCESS_STEP])
        goods = world.network.goods
        lots = [goods[one] for one in step.lots if one in goods]
        kinds = {one.instrument_class: one.id for one in world.tracker.registry.equipments.values()}
        instruments = [kinds[one] for one in step.instruments if one in kinds]
        units = [name for name, unit in state.units.items() if unit.final is None] or [*state.units]
        if not units:
            return
        if wrong:
            lots = chance.sample(sorted({*goods.values()} - {*kinds.values()}), chance.randint(0, 3))
            others = [name for one in self.journeys if one.coi for name in one.state.units]
            units = chance.choices(others, k=chance.randint(1, 2))
        sources = [chance.choice(units)]
        moves: list[dict[str, Any]] = []
        if step.into or wrong:
            targets = [n for n, u in state.units.items() if u.material is step.into] or units
            moves = [
                {"source": scan(sources[0]), "target": scan(target), "empties": chance.random() < 0.3}
                for target in chance.choices(targets, k=chance.randint(1, 2))
            ]
        signed = {"others": "OPER-2 witnessed"} if len(step.signatures) > 1 else {}
        request = world.request(
            PerformStep, "OPER-1", at=HUB, step=step.name, **signed,
            units=tuple(scan(state.units[n].cassette or n) if n in state.units else scan(n) for n in sources),
            lots=tuple({"lot": scan(lot)} for lot in lots),
            instruments=tuple(scan(one) for one in instruments),
            measured=tuple({"measure": n, "value": NUMBERS.get(n, "1200")} for n in step.measures),
            moves=tuple(moves),
        )  # fmt: skip
        if outside:
            _, hands, _ = self.hands(seed)
            asked = Asked(PerformStep, "OPER-1", request.station, request.signers, {})
            said = self.outside(hands, asked)
            request = request.model_validate({**request.model_dump(exclude_unset=True), **said})
        self.send(request)

    @rule(seed=SEEDS, path=st.sampled_from(["recollect", "remanufacture", "stop"]))
    def fail(self, seed: int, path: str) -> None:
        """A manufacture fails: the next begins with what is left, or nothing more of it is made."""
        chance, journey = self.one(seed)
        if not journey.coi or chance.random() < 0.5:
            return
        said = {"coi": scan(journey.coi), "cause": "poor_growth", "path": path, "others": "QP-1 approved"}
        self.send(self.made.request(FailManufacturing, "QA-2", at=HUB, **said))

    @rule(seed=SEEDS)
    def test(self, seed: int) -> None:
        """A result of any manufacture, perhaps of one that failed."""
        chance, journey = self.one(seed)
        if not journey.coi:
            return
        before = dict(journey.state.tests)
        attempt = chance.choice([None, 1, 2])
        said: dict[str, Any] = {"coi": scan(journey.coi), "test": "viability", "result": "88"}
        answer = self.send(self.made.request(RecordTest, "QA-2", at=HUB, **said, attempt=attempt))
        if answer is not None and answer.ok and attempt is not None:
            now = journey.state.tests
            assert {of for of, _ in now.keys() - before.keys()} <= {attempt}, "a result is of its manufacture"

    @rule(seed=SEEDS, outside=st.booleans())
    def release(self, seed: int, outside: bool) -> None:  # noqa: FBT001  drawn
        """Somebody releases what was filled, of whatever manufacture."""
        _, hands, journey = self.hands(seed)
        if not journey.coi:
            return
        world, units = self.made, journey.state.units
        open_ones = [name for name, unit in units.items() if unit.final is None]
        products = [name for name in open_ones if units[name].material is Material.PRODUCT]
        if not open_ones:
            return
        released = (scan(hands.chance.choice(products or open_ones)),)
        signed = {"others": "QA-2 reviewed"}
        request = world.request(Release, "QP-1", at=HUB, units=released, **signed)
        if outside:
            asked = Asked(Release, "QP-1", request.station, request.signers, {})
            said = {**request.model_dump(exclude_unset=True), **self.outside(hands, asked)}
            request = request.model_validate(said)
        self.send(request)

    @invariant()
    def nothing_of_a_failed_manufacture_is_used(self) -> None:
        """No cell of one is released or given after it failed, whoever signs, inside the rules or outside."""
        for journey in self.journeys:
            for unit in journey.state.units.values() if journey.coi else ():
                failure = journey.state.failures.get(unit.attempt)
                used = [unit.facts[one] for one in ("released", "infusion_started") if one in unit.facts]
                assert failure is None or all(one.sequence < failure.occurrence.sequence for one in used)

    @rule(seed=SEEDS)
    def clear(self, seed: int) -> None:
        """Nothing is left in an instrument."""
        chance, _ = self.one(seed)
        kinds = [one.id for one in self.made.tracker.registry.equipments.values() if one.instrument_class]
        others = chance.choice([{}, {"others": "OPER-2 witnessed"}])
        bench = chance.choice(kinds)
        self.send(self.made.request(ClearLine, "OPER-1", at=HUB, nothing_left=True, bench=bench, **others))

    @rule(seed=SEEDS)
    def recall(self, seed: int) -> None:
        """A lot is recalled, mostly late in the journey; then nothing is owed to anybody."""
        chance, _ = self.one(seed)
        lot = chance.choice([*self.made.tracker.registry.lots])
        if chance.random() < 0.6:
            return
        world = self.made
        said = {"lot": scan(lot), "reason": "recalled_by_maker", "others": "QA-1 approved"}
        answer = self.send(world.request(RecallLot, "QA-2", at=HUB, **said))
        if answer is not None and answer.ok:
            known = world.tracker.registry.lots[lot]
            assert known.status is LotStatus.RECALLED
            assert not [one.coi for one in self.journeys if one.coi and owed(one.state, known)]

    def teardown(self) -> None:
        """The table of uses says what the chains say, both ways."""
        if self.world is not None and self.journeys:
            for lot in self.made.tracker.registry.lots:
                traced = {(one.coi, one.unit) for one in self.made.tracker.read.trace(thing=lot).units}
                told = {(one.coi, unit) for one in self.journeys for unit in touched_by(one.state, lot)}
                assert traced == told
        super().teardown()


@pytest.mark.slow
def test_making_random_processes(template: Template) -> None:
    """Other journeys in every run."""
    Processes.template = template
    run_state_machine_as_test(
        Processes,
        settings=settings(
            max_examples=examples(MACHINES),
            stateful_step_count=STEPS_EACH,
            database=None,
            suppress_health_check=[*HealthCheck],
            phases=[Phase.generate, Phase.shrink],
        ),
    )
