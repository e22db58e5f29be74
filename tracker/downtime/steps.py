"""Which steps of a therapy remain, and what is written down by hand at each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from labels.papers.downtime import FormChoice, FormCode, FormStep
from schema.events.custody import Accepted, Relinquished
from schema.vocabulary import Fault, Material, Scope
from tracker.catalog import requests_by_kind
from tracker.kinds import PROCESS_STEP, STEP_KINDS, Moves, Paper, moves_of
from tracker.protocols.model import Comparison, Protocol, ScanOn, Step, with_unit
from tracker.protocols.spans import format_duration
from tracker.requests.fields import numbers_of
from tracker.rules.attempt import finished, site_of_part
from tracker.rules.clocks import clock_start
from tracker.rules.conclusion import ACTORS_OWN
from tracker.rules.registry_state import RegistryState
from tracker.rules.results import pending_tests
from tracker.rules.therapy_state import TherapyState, UnitState

_PLANNED: Final = frozenset({Material.LEUKAPHERESIS, Material.PRODUCT})
"""Containers that every therapy will have; others are on the form once they are registered."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """One step that is still to be done, with the units it is to be done to."""

    step: Step
    units: tuple[UnitState, ...] = ()
    """Empty for a step about the whole therapy, and for containers that nobody registered yet."""


def remaining_steps(
    therapy: TherapyState, protocol: Protocol, stage: str | None = None
) -> tuple[Remaining, ...]:
    """What is left, by stage and then as the protocol lists it; one stage alone where it is named."""
    places = {one.name: place for place, one in enumerate(protocol.stages)}
    steps = [step for step in protocol.steps if stage in (None, step.stage) and _on_paper(step)]
    ordered = sorted(steps, key=lambda step: places.get(step.stage, len(places)))
    left = [one for step in ordered for one in _left(therapy, step)]
    return tuple(one for _, run in groupby(left, key=_run) for one in _bag_by_bag([*run]))


def blocks_of(remaining: Sequence[Remaining]) -> Iterator[Remaining]:
    """What gets a block of its own: giving and taking the same things is one handoff."""
    given: Remaining | None = None
    for one in remaining:
        if given is None or one.step.kind != Accepted.kind or not _is_same_handoff(given, one):
            yield one
        given = one if one.step.kind == Relinquished.kind else given


def _is_same_handoff(given: Remaining, taken: Remaining) -> bool:
    return (given.step.stage, given.step.materials) == (taken.step.stage, taken.step.materials)


def _run(one: Remaining) -> tuple[str, Scope, tuple[Material, ...]]:
    return one.step.stage, one.step.scope, one.step.materials


def _bag_by_bag(run: list[Remaining]) -> Iterator[Remaining]:
    """Steps of one therapy at a time are taken with one container in the hand, from the first to the last.

    Each needs its own times, and the next bag is often not touched before the one before it is infused.
    """
    if run[0].step.scope is not Scope.ONE_THERAPY or not run[0].units:
        yield from run
        return
    for unit in dict.fromkeys(unit.unit for one in run for unit in one.units):
        for one in run:
            yield from (Remaining(one.step, (each,)) for each in one.units if each.unit == unit)


def _on_paper(step: Step) -> bool:
    paper = STEP_KINDS[step.kind].paper
    return paper is Paper.ALWAYS or (paper is Paper.PLANNED and not step.optional)


def _is_done(kind: str, unit: UnitState) -> bool:
    if moves_of(kind) is Moves.TAKEN:
        return unit.last_taken is not None
    return kind in unit.facts


def _left(therapy: TherapyState, step: Step) -> Iterator[Remaining]:
    if not step.materials:
        done = step.fact in therapy.facts or any(step.fact in one.facts for one in therapy.units.values())
        if not done or step.kind == "tested":
            yield Remaining(step)
        return
    alike = [unit for unit in therapy.units.values() if unit.material in step.materials]
    if alike:
        units = [unit for unit in alike if not finished(unit) and not _is_done(step.fact, unit)]
        if units:
            yield Remaining(step, tuple(units))
    elif _PLANNED & {*step.materials}:
        yield Remaining(step)


_SHIPPER: Final = (FormCode(what="Box or shipper"), FormCode(what="Seal", free=True))
_FAULT: Final = FormChoice(what="Wrong", options=tuple(fault.value.replace("_", " ") for fault in Fault))
"""What is not in order; the value that shows it stands in the block's boxes or under what happened."""


_ANSWER: Final = FormChoice(what="Receiver's answer", options=("all taken", "partly", "refused"))
HANDOFFS: Final = (Relinquished.kind, Accepted.kind)
"""Both are written into one block: a courier at the door has one paper, and both sign it."""


@dataclass(frozen=True, slots=True)
class _Extra:
    """What a kind of step asks beside the codes that the protocol compares."""

    codes: tuple[FormCode, ...] = ()
    boxes: tuple[str, ...] = ()
    choices: tuple[FormChoice, ...] = ()


_LOCATION: Final = _Extra(codes=(FormCode(what="Location"),))
_CERTIFICATE: Final = (FormCode(what="Certificate"),)
_POSITION: Final = _Extra(codes=(FormCode(what="Location"),), boxes=("Position, where it has any",))
EXTRAS: Final[Mapping[str, _Extra]] = {
    "unit_registered": _Extra(codes=(FormCode(what="Blank label used"),), boxes=("Material",)),
    "collection_started": _Extra(codes=(FormCode(what="Donation number", free=True),)),
    "collected": _Extra(boxes=("Volume mL", "End time if another")),
    "stored": _POSITION,
    "retrieved": _LOCATION,
    "packed": _Extra(
        codes=(*_SHIPPER, FormCode(what="Data logger")),
        boxes=("Containers counted", "Carrier", "Destination", "Display C"),
    ),
    "relinquished": _Extra(codes=_SHIPPER, choices=(_FAULT, _ANSWER)),
    "accepted": _Extra(codes=_SHIPPER, choices=(_FAULT, _ANSWER)),
    "inspected": _Extra(
        codes=_SHIPPER,
        choices=(
            FormChoice(what="Seal", options=("intact", "broken", "another number")),
            FormChoice(what="Decision", options=("accept", "quarantine", "reject")),
            _FAULT,
        ),
    ),
    "manufactured": _Extra(
        codes=tuple(FormCode(what=f"Filled container {number}") for number in (1, 2)),
        boxes=("Volume mL, container 1", "Volume mL, container 2", "Expires"),
    ),
    "released": _Extra(
        choices=(FormChoice(what="Decision", options=("released", "out of specification", "rejected")),)
    ),
    "pre_thaw_matched": _Extra(
        codes=_CERTIFICATE,
        choices=(FormChoice(what="Patient ready, all of the list confirmed", options=("yes", "no")),),
    ),
    "bedside_matched": _Extra(codes=_CERTIFICATE),
    "lymphodepletion_started": _Extra(boxes=("Regimen",)),
    "infusion_completed": _Extra(
        boxes=("Infused mL", "Left over mL"),
        choices=(FormChoice(what="Infusion", options=("completed", "stopped early")),),
    ),
}
"""By event kind; one that is not here asks for its codes, its time and its people, and for its numbers."""

_UNITS: Final = {"ml": "mL", "celsius": "C"}


def _asked(kind: str) -> _Extra:
    known = EXTRAS.get(kind)
    if known is not None:
        return known
    return _Extra(boxes=tuple(_in_words(name) for name in numbers_of(requests_by_kind()[kind])))


def _in_words(number: str) -> str:
    *words, last = number.split("_")
    said = " ".join((*words, _UNITS.get(last, last)))
    return said[:1].upper() + said[1:]


class BlockMaker:
    """Makes the blocks of one therapy's form."""

    def __init__(
        self,
        registry: RegistryState,
        therapy: TherapyState,
        protocol: Protocol,
        code_of: Callable[[str], str],
        identifiers: Sequence[str],
        offset_of: Callable[[str], str],
    ) -> None:
        self._registry = registry
        self._therapy = therapy
        self._protocol = protocol
        self._code_of = code_of
        """The code that stands on an object's label."""

        self._identifiers = identifiers
        """Kinds of patient identifier that are on the order, never their values."""

        self._offset_of = offset_of
        """The offset of a site's clocks while the form is out; empty where they are set meanwhile."""

    def block(self, remaining: Remaining, local: Callable[[datetime, str], str], here: str) -> FormStep:
        """One step; `local` writes a time at a site, `here` is where it is printed."""
        step = remaining.step
        site = site_of_part(self._therapy, step.part)
        known = self._registry.site(site) if site else None
        extra = self._of_process(step) if step.kind == PROCESS_STEP else _asked(step.kind)
        others = [rule.meaning for rule in step.signatures if rule.meaning not in ACTORS_OWN]
        is_handoff = step.kind in HANDOFFS
        return FormStep(
            title="Handoff" if is_handoff else step.title,
            is_handoff=is_handoff,
            who=", ".join(role.value.replace("_", " ") for role in step.roles),
            where=known.title if known else "",
            # A wrong offset in print is worse than none: where the place is open, so is its time.
            offset=self._offset_of(site) if site else "",
            witness=others[0].value if others else "",
            codes=(*self._codes(remaining), *extra.codes),
            boxes=extra.boxes if step.kind != "tested" else tuple(self._tests()),
            choices=extra.choices,
            limits=tuple(self._limits(remaining, lambda at: local(at, site or here))),
        )

    def _of_process(self, step: Step) -> _Extra:
        """What a step of the process asks for, by the protocol's own words."""
        protocol = self._protocol
        things = (
            *(protocol.instruments[name].title for name in step.instruments),
            *(f"Lot: {protocol.items[name].title}" for name in step.lots),
            *(() if step.into is None else (f"Filled: {step.into.value.replace('_', ' ')}",)),
        )
        measured = (one for name in step.measures if (one := protocol.process_measure(name)) is not None)
        boxes = tuple(with_unit(one.title, one.unit) for one in measured)
        return _Extra(codes=tuple(FormCode(what=one) for one in things), boxes=boxes)

    def other(self, here: str) -> FormStep:
        """A block for whatever else happens: a deviation, a quarantine, a broken seal."""
        return FormStep(
            title="Another event",
            who="what happened, to what",
            offset=self._offset_of(here),
            witness="witnessed",
            codes=(FormCode(what="Code of the thing"),),
            boxes=("What happened", "Reason"),
        )

    def _codes(self, remaining: Remaining) -> Iterator[FormCode]:
        step = remaining.step
        if Comparison.COI in step.compare:
            yield FormCode(what="COI card", code=self._code_of(self._therapy.coi))
        for unit in remaining.units:
            yield from self._unit_codes(step, unit)
        if step.materials and not remaining.units and step.kind != "unit_registered":
            yield from self._open_codes(step)
        if Comparison.PATIENT in step.compare:
            for number, kind in enumerate(self._identifiers, start=1):
                yield FormCode(what=f"Wristband {number}: {kind}", free=True)

    @staticmethod
    def _open_codes(step: Step) -> Iterator[FormCode]:
        """Boxes for what is scanned of a container that has no identity yet."""
        if step.scan is not ScanOn.CASSETTE:
            yield FormCode(what="Code on the container")
        if step.scan is ScanOn.CASSETTE or _takes_both(step):
            yield FormCode(what="Code on the cassette")

    def _unit_codes(self, step: Step, unit: UnitState) -> Iterator[FormCode]:
        """What is scanned for a unit, and its cassette too where the two are compared or bound."""
        title = unit.material.value.replace("_", " ")
        both = _takes_both(step)
        frozen = unit.cassette is not None and step.scan is not ScanOn.UNIT
        if both or frozen:
            bound = self._code_of(unit.cassette) if unit.cassette else ""
            yield FormCode(what=f"Cassette of {title}", code=bound)
        if both or not frozen:
            yield FormCode(what=f"{title.capitalize()} {unit.unit[-4:]}", code=self._code_of(unit.unit))

    def _tests(self) -> Iterator[str]:
        """The tests without a result, of the manufacture that is under way or the last that ended."""
        for test in pending_tests(self._therapy, self._therapy.newest_attempt, self._protocol):
            yield f"{test.title}: {test.limit_words}"

    def _limits(self, remaining: Remaining, at: Callable[[datetime], str]) -> Iterator[str]:
        material = remaining.units[0].material if remaining.units else None
        materials = remaining.step.materials or ((material,) if material else ())
        for limit in self._protocol.limits_until(remaining.step.fact, materials[0] if materials else None):
            began_at = (clock_start(self._therapy, unit, limit) for unit in remaining.units)
            starts = [start.at for start in began_at if start is not None]
            began = "began ____________ , latest ____________"
            if starts:
                began = f"began {at(min(starts))}, latest {at(min(starts) + limit.within)}"
            yield f"LIMIT {format_duration(limit.within)}, {limit.title}: {began}"


def _takes_both(step: Step) -> bool:
    return Comparison.CASSETTE in step.compare or step.kind == "cassette_bound"
