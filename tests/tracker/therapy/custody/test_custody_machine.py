"""Random journeys through the front door: whatever people ask, and however wrong, the invariants hold.

Each example is a journey of several therapies in a store of its own, begun at a random stage and driven by
right steps and by every kind of wrong one.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pydantic import ValidationError

from schema.errors import InputError, Refusal, RequestReused
from schema.instants import format_instant
from schema.vocabulary import EntryMode, Fault, Meaning, ReadMode, Reason
from tests.support.examples import examples
from tests.support.hands import STAFF, STEPS, Asked, Hands
from tests.support.invariants import (
    require_benches,
    require_custody,
    require_entries,
    require_projections,
    require_silence,
)
from tests.support.journeys import ASTRAY, STAGES, Template, World
from tracker.answers import Answer
from tracker.demo.asking import clearing
from tracker.demo.journey import Journey, scan
from tracker.evidence.verification.store import verify_store
from tracker.requests.base import EntryDeclaration, OutsideRules, Request, Scan, SignerReference
from tracker.rules.therapy_state import HandoffState
from tracker.therapy.custody.requests import Accept, Pack, Relinquish

JOURNEYS = 200
STEPS_EACH = 50
VERIFIED_EACH = 4
"""The program's own verification reads the whole registry; one journey in four is enough of it."""

SEEDS = st.integers(0, 2**32)
SCANNED = ("units", "coi", "cassette", "seal", "din")
"""Fields that take one code, but for `units`."""

CELSIUS = st.sampled_from(["-184.2", "-149.9", "-60", "4", "21"])

EVIDENCE = {"mixup_prevented", "deviation_drafted"}
REASONS = [*Reason]


class Journeys(RuleBasedStateMachine):
    """Three therapies, everybody's hands, and what must be true after each request."""

    template: ClassVar[Template]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="cartrail-machine-"))
        self.world: World | None = None
        self.journeys: list[Journey] = []
        self.sent: list[tuple[Request, Answer]] = []

    @initialize(stage=st.sampled_from((*STAGES, ASTRAY)), seed=SEEDS)
    def open(self, stage: str, seed: int) -> None:
        """A copy of a stage, in which a third patient is enrolled."""
        self.world = self.template.world(stage, self.folder / "store.db", seed=seed)
        third = replace(self.world.one, number=3, coi="", bag="", products=[], samples=[], cassettes={})
        third.enroll()
        self.journeys = [self.world.one, self.world.two, third]

    def hands(self, seed: int) -> tuple[World, Hands, Journey]:
        """The world, hands whose choices follow from the seed, and a therapy, the first one most often."""
        assert self.world is not None
        chance = random.Random(seed)
        return self.world, Hands(self.world, chance), chance.choices(self.journeys, (5, 3, 2))[0]

    def ask(self, hands: Hands, asked: Asked, **changes: Any) -> Answer | None:
        """Ask it; what a wrong value makes no request at all is not sent. A taken bench is mostly cleared."""
        try:
            request = hands.send(asked, **changes)
        except ValidationError:
            # A field that the hands do not know would end all handoffs, and nobody would see it.
            assert changes or asked.request_class not in (Pack, Relinquish, Accept), asked
            return None
        answer = self.send(request)
        is_taken = (
            answer is not None and answer.problem is not None and answer.problem.error == "bench_occupied"
        )
        if is_taken and hands.chance.random() < 0.9:
            cleared = clearing(hands.world.tracker, asked.actor, request.station)
            if cleared is not None:
                self.send(cleared)
            answer = self.send(request)
        if answer is not None and answer.problem is not None and answer.problem.error == "not_charged":
            with suppress(AssertionError):
                hands.world.charge(request)
            answer = self.send(request)
        return answer

    @rule(seed=SEEDS, celsius=CELSIUS, outside=st.booleans(), turn=st.booleans())
    def with_another_display(self, seed: int, celsius: str, outside: bool, turn: bool) -> None:  # noqa: FBT001  drawn
        """What is packed, passed on or opened is warmer or colder than it should be, as somebody reads it."""
        _, hands, journey = self.hands(seed)
        asked = self.one_with(hands, journey, "display_celsius", turn=turn)
        if asked is not None:
            said = self.outside(hands, asked) if outside else {}
            self.ask(hands, asked, display_celsius=celsius, **said)

    @rule(seed=SEEDS, outside=st.booleans())
    def into_another_place(self, seed: int, outside: bool) -> None:  # noqa: FBT001  drawn
        """Put away into whatever place the site has: a tank or a refrigerator."""
        world, hands, journey = self.hands(seed)
        asked = self.one_with(hands, journey, "location", turn=False)
        site = world.tracker.registry.stations[asked.station].site if asked is not None else ""
        places = [one.id for one in world.tracker.registry.locations.values() if one.site == site]
        if asked is not None and places:
            said = self.outside(hands, asked) if outside else {}
            self.ask(hands, asked, location=scan(hands.chance.choice(places)), **said)

    @rule(seed=SEEDS, hours=st.sampled_from([1, 30, 200, 300]), outside=st.booleans())
    def after_a_while(self, seed: int, hours: int, outside: bool) -> None:  # noqa: FBT001  drawn
        """The next right step comes late: a shipper no longer holds, cells were long out of storage."""
        world, hands, journey = self.hands(seed)
        asked = hands.next_for(journey)
        if asked is not None:
            world.clock.advance(timedelta(hours=hours))
            self.ask(hands, asked, **(self.outside(hands, asked) if outside else {}))

    @rule(seed=SEEDS, fault=st.sampled_from(Fault), refuses=st.booleans(), late=st.booleans())
    def not_in_order(self, seed: int, fault: Fault, refuses: bool, late: bool) -> None:  # noqa: FBT001  drawn
        """A receiver finds it not in order, perhaps past the hold time, and refuses it or takes it so."""
        world, hands, journey = self.hands(seed)
        given = self.given(hands, journey)
        if given is None:
            return
        before = world.state(journey)
        hold = before.boxes_hold.get(given.box or "")
        if late and hold is not None and hold.until > world.clock.now():
            world.clock.advance(hold.until - world.clock.now() + timedelta(hours=1))
        kind = "refused" if refuses else "accepted"
        step = next(step for step in STEPS if step.kind == kind)
        asked = hands.asked(journey, before, step, before.units[given.units[0]])
        answer = self.ask(hands, asked, **self.found(world, fault))
        if answer is None or not answer.ok:
            return
        after = world.state(journey)
        assert given.event_id not in after.handoffs
        assert dict(after.boxes_carrier) == dict(before.boxes_carrier), "the route is as it was packed for"
        for name in given.units:
            unit = after.units[name]
            assert unit.quarantined and unit.handoff is None and unit.box == before.units[name].box
            assert unit.custodian == (before.units[name].custodian if refuses else given.to_party)

    def given(self, hands: Hands, journey: Journey) -> HandoffState | None:
        """An open handoff of the therapy; where there is none, it goes on until one gives."""
        for _ in range(8):
            state = hands.world.state(journey)
            if state.handoffs:
                return hands.chance.choice([*state.handoffs.values()])
            gives = [
                (step, unit)
                for step, unit in hands.steps(state)
                if step.kind in ("packed", "relinquished") and hands.is_next(state, step, unit)
            ]
            asked = hands.asked(journey, state, *gives[-1]) if gives else hands.next_for(journey)
            if asked is not None:
                self.ask(hands, asked)
        return None

    def found(self, world: World, fault: Fault) -> dict[str, Any]:
        """What a receiver says of a fault, with the value that shows it."""
        values: Mapping[Fault, dict[str, Any]] = {
            Fault.SEAL: {"reason": "seal_broken"},
            Fault.DISPLAY: {"display_celsius": "-60", "reason": "temperature_excursion"},
            Fault.HOLD_TIME: {
                "hold_until": format_instant(world.clock.now() - timedelta(hours=2)),
                "reason": "time_limit_exceeded",
            },
        }
        said = values.get(fault, {"remark": "The lid is dented.", "reason": "other"})
        return {"condition": "not_in_order", "faults": (fault,), **said}

    def one_with(self, hands: Hands, journey: Journey, field: str, *, turn: bool) -> Asked | None:
        """A step whose request has a field, the next one where it is wanted and has it."""
        tried = [hands.next_for(journey)] if turn else []
        tried += [hands.any_step(journey) for _ in range(12)]
        return next((one for one in tried if one and field in one.request_class.model_fields), None)

    @rule(seed=SEEDS, station=st.booleans(), outside=st.booleans())
    def clear_a_bench(self, seed: int, station: bool, outside: bool) -> None:  # noqa: FBT001  drawn
        """Somebody, mostly one who works there, says that a bench is clear, or that one therapy left it."""
        world, hands, journey = self.hands(seed)
        asked = hands.next_for(journey) or hands.any_step(journey)
        request = clearing(world.tracker, asked.actor, asked.station)
        if request is None:
            return
        changes: dict[str, Any] = {"coi": journey.coi} if hands.chance.random() < 0.5 else {}
        if station:
            changes["bench"] = hands.chance.choice([*world.network.stations.values()])
        if outside:
            changes.update(self.outside(hands, asked))
        self.send(type(request).model_validate({**request.model_dump(exclude_unset=True), **changes}))

    def send(self, request: Request) -> Answer | None:
        """Send a request; what cannot be judged at all writes nothing."""
        assert self.world is not None
        world, before = self.world, self.world.count()
        states = [journey.state for journey in self.journeys]
        try:
            answer = world.send(request)
        except (InputError, Refusal):
            assert world.count() == before
            return None
        if answer.ok:
            self.sent.append((request, answer))
        else:
            kinds = {
                entry.statement.kind
                for reference in answer.entries
                for entry in world.entries(reference.chain)
                if entry.sequence == reference.sequence
            }
            assert kinds <= EVIDENCE
            for journey, state in zip(self.journeys, states, strict=True):
                if journey.coi not in {reference.chain for reference in answer.entries}:
                    assert journey.state == state
        return answer

    @rule(seed=SEEDS)
    def go_on(self, seed: int) -> None:
        """The next right step of some therapy, as often as any wrong one."""
        _, hands, journey = self.hands(seed)
        for _ in range(3):
            asked = hands.next_for(journey)
            if asked is not None:
                self.ask(hands, asked)

    @rule(seed=SEEDS)
    def go_on_further(self, seed: int) -> None:
        """Five more right steps, so that journeys get somewhere."""
        _, hands, journey = self.hands(seed)
        for _ in range(5):
            asked = hands.next_for(journey)
            if asked is not None:
                self.ask(hands, asked)

    @rule(seed=SEEDS)
    def out_of_turn(self, seed: int) -> None:
        """Any step of the protocol, by people who could do it."""
        _, hands, journey = self.hands(seed)
        self.ask(hands, hands.any_step(journey))

    @rule(seed=SEEDS, outside=st.booleans(), turn=st.booleans())
    def with_another_patients(self, seed: int, outside: bool, turn: bool) -> None:  # noqa: FBT001  drawn
        """Something of another therapy is read at the step, and perhaps it is said to have happened."""
        _, hands, journey = self.hands(seed)
        asked = (hands.next_for(journey) if turn else None) or hands.any_step(journey)
        other = hands.chance.choice([one for one in self.journeys if one is not journey])
        changes = self.mixed(hands, asked, other)
        self.ask(hands, asked, **changes, **(self.outside(hands, asked) if outside else {}))

    def mixed(self, hands: Hands, asked: Asked, other: Journey) -> dict[str, Any]:
        """One field of the request, filled from the other therapy."""
        theirs = hands.any_step(other).values
        same = [field for field in asked.values if field in theirs and field not in ("reason", "test")]
        units = other.state.units
        codes = [Scan(code=one) for one in (other.coi, *units)]
        fields = [
            *same,
            *(field for field in ("units", "coi", "cassette", "seal", "din") if field in asked.values),
        ]
        if not fields:
            return {}
        field = hands.chance.choice(fields)
        if field in same and hands.chance.random() < 0.5:
            return {field: theirs[field]}
        code = hands.chance.choice(codes)
        if field == "units":
            return {field: (code,)}
        return {field: code} if field in SCANNED else {field: theirs.get(field)}

    def outside(self, hands: Hands, asked: Asked) -> dict[str, Any]:
        """A declaration that it happened, mostly with a witness where nobody else signs."""
        signers = asked.signers
        if len(signers) < 2 and hands.chance.random() < 0.8:
            other = hands.chance.choice([staff for staff in STAFF if staff != asked.actor])
            signers = (*signers, SignerReference(staff=other, meaning=Meaning.WITNESSED))
        reason = hands.chance.choice(REASONS)
        return {"outside_rules": OutsideRules(reason=reason, remark="It happened."), "signers": signers}

    @rule(seed=SEEDS, outside=st.booleans())
    def with_another_patients_match(self, seed: int, outside: bool) -> None:  # noqa: FBT001  drawn
        """At a step that compares, the same kind of thing of another therapy, by the right people."""
        _, hands, journey = self.hands(seed)
        matches = [asked for asked in (hands.any_step(journey) for _ in range(12)) if "coi" in asked.values]
        asked = hands.next_for(journey)
        if asked is None or "coi" not in asked.values:
            asked = next(iter(matches), None)
        if asked is None:
            return
        other = hands.chance.choice([one for one in self.journeys if one is not journey])
        units = [unit.cassette or unit.unit for unit in other.state.units.values()]
        theirs: dict[str, Any] = {"coi": scan(other.coi), "patient": other.wristband()}
        if units:
            theirs["units"] = (scan(hands.chance.choice(units)),)
        field = hands.chance.choice([one for one in theirs if one in asked.values])
        said = self.outside(hands, asked) if outside else {}
        self.ask(hands, asked, **{field: theirs[field]}, **said)

    @rule(seed=SEEDS, turn=st.booleans())
    def happened_anyway(self, seed: int, turn: bool) -> None:  # noqa: FBT001  drawn
        """A step outside the rules, signed by two."""
        _, hands, journey = self.hands(seed)
        asked = (hands.next_for(journey) if turn else None) or hands.any_step(journey)
        self.ask(hands, asked, **self.outside(hands, asked))

    @rule(seed=SEEDS, hours=st.sampled_from([0, 1, 5, 60]))
    def late_or_from_paper(self, seed: int, hours: int) -> None:
        """A step entered later than it happened."""
        world, hands, journey = self.hands(seed)
        asked = hands.next_for(journey) or hands.any_step(journey)
        moment = format_instant(world.clock.now() - timedelta(hours=hours, minutes=3))
        mode = hands.chance.choice(
            [EntryMode.LATE, EntryMode.PAPER, EntryMode.IMPORTED, EntryMode.UNATTENDED]
        )
        changes: dict[str, Any] = {}
        if mode is EntryMode.PAPER:
            scribe, reader = hands.chance.sample([*STAFF], 2)
            changes["signers"] = (
                SignerReference(staff=scribe, meaning=Meaning.TRANSCRIBED),
                SignerReference(staff=reader, meaning=Meaning.VERIFIED),
            )
            changes["entry"] = EntryDeclaration(mode=mode, by=scribe, reason=Reason.NETWORK_DOWN)
        else:
            changes["entry"] = EntryDeclaration(mode=mode, reason=Reason.NETWORK_DOWN)
        self.ask(hands, asked, occurred_at=moment, **changes)

    @rule(seed=SEEDS)
    def by_the_wrong_people(self, seed: int) -> None:
        """Somebody else asks, somebody else signs, nobody signs, or from another terminal."""
        world, hands, journey = self.hands(seed)
        asked = hands.next_for(journey) or hands.any_step(journey)
        stranger = hands.chance.choice([*STAFF, "NOBODY-1"])
        changes: Mapping[int, Callable[[], dict[str, Any]]] = {
            0: lambda: {"actor": stranger},
            1: lambda: {"signers": ()},
            2: lambda: {"signers": (*asked.signers, *asked.signers)},
            3: lambda: {"station": hands.chance.choice([*world.network.stations.values()])},
            4: lambda: {
                "signers": tuple(one.model_copy(update={"staff": stranger}) for one in asked.signers)
            },
        }
        self.ask(hands, asked, **changes[hands.chance.randrange(5)]())

    @rule(seed=SEEDS)
    def typed_codes(self, seed: int) -> None:
        """Codes typed by hand need somebody who verifies them."""
        _, hands, journey = self.hands(seed)
        asked = hands.next_for(journey) or hands.any_step(journey)
        if "units" in asked.values:
            typed = tuple(one.model_copy(update={"mode": ReadMode.MANUAL}) for one in asked.values["units"])
            self.ask(hands, asked, units=typed)

    @rule(seed=SEEDS)
    def again(self, seed: int) -> None:
        """A retry repeats the answer and writes nothing; another request under the id is refused."""
        world, hands, _ = self.hands(seed)
        if not self.sent:
            return
        request, answer = hands.chance.choice(self.sent)
        before = world.count()
        repeated = world.send(request)
        assert repeated.repeated and repeated.to_json() == answer.to_json() and repeated.word is answer.word
        changed = type(request).model_validate(
            {**request.model_dump(exclude_unset=True), "remark": "Something else."}
        )
        with pytest.raises(RequestReused):
            world.send(changed)
        assert world.count() == before

    @invariant()
    def everybody_knows_who_has_it(self) -> None:
        """Each living unit after collection has exactly one custodian, and an ended one none."""
        for journey in self.journeys:
            require_custody(journey.state)

    def teardown(self) -> None:
        """Everything that was recorded, from its bytes."""
        if self.world is not None and self.journeys:
            require_entries(self.world, self.journeys)
            require_projections(self.world, self.journeys)
            require_silence(self.world, self.journeys)
            require_benches(self.world)
            self.world.tracker.close()
            if len(self.sent) % VERIFIED_EACH == 0:
                found = verify_store(self.world.url, clock=self.world.clock)
                assert found.exit_code == 0, found
        shutil.rmtree(self.folder, ignore_errors=True)


def signed_by(staff: str, asked: Asked) -> tuple[SignerReference, ...]:
    """One person in place of everybody who signs."""
    return tuple(one.model_copy(update={"staff": staff}) for one in asked.signers)


@pytest.mark.slow
@pytest.mark.parametrize("half", ["first", "second"])
def test_random_journeys(template: Template, half: str) -> None:
    """Two halves, so that two processes share them; other journeys in every run."""
    Journeys.template = template
    run_state_machine_as_test(
        Journeys,
        settings=settings(
            max_examples=examples(JOURNEYS) // 2,
            stateful_step_count=STEPS_EACH,
            database=None,
            suppress_health_check=[*HealthCheck],
            phases=[Phase.generate, Phase.shrink],
        ),
    )
