"""Decisions that give containers their identity: registered, bound to a cassette, matched with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from schema.errors import InputError
from schema.events import Payload
from schema.events import identity as events
from schema.events.identity import BagMatched, CassetteBound
from schema.vocabulary import Material, ObjectType
from tracker.protocols.model import Protocol
from tracker.rules.attempt import Attempt
from tracker.rules.checks.identity import foreign, stop
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.decision import Decision, Denied, Violation
from tracker.rules.selection import Selected, fresh_id, not_a, object_of, reads_for, therapy_of
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_units
from tracker.therapy.identity import requests as asked


def decide_register(situation: Situation, request: asked.RegisterUnit) -> Decision:
    """An identity for a container, before its label is printed."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    parents: list[str] = []
    for scan in request.parents:
        parent = situation.unit_of(situation.resolve(scan))
        if parent is None or therapy.unit(parent.unit) is None:
            return Denied(not_a(situation.resolve(scan), "parent of this therapy"))
        parents.append(parent.unit)
    unit = fresh_id(situation, ObjectType.UNIT, request.unit)
    protocol = situation.protocol(therapy)
    step = protocol.step(events.UnitRegistered.kind, request.material)
    if step is None or protocol.container(request.material) is None:
        return Denied(
            Violation(
                "not_in_protocol",
                f"The protocol {protocol.id} has no {request.material.value} container.",
                "Register another material.",
                waivable=False,
            )
        )
    attempt = Attempt(situation, request, therapy, step.kind, material=request.material)
    once = [violation for violation in step_violations(attempt) if violation.rule != "already_done"]
    once.extend(_blank_violations(situation, unit, request.material))
    once.extend(_count_violations(therapy, protocol, request))
    once.extend(_component_violations(protocol, request))
    once.extend(_size_violations(therapy, protocol, request))
    payload = events.UnitRegistered(
        unit=unit,
        material=request.material,
        parents=tuple(parents),
        number=request.number,
        of=request.of,
        component=request.component,
        part=request.part,
        color=request.color,
    )
    plan = Plan(therapy, payload, (step,), reads_for(situation, request, therapy.coi))
    return conclude(situation, request, (plan,), once)


def _count_violations(
    therapy: TherapyState, protocol: Protocol, request: asked.RegisterUnit
) -> Iterator[Violation]:
    """Each container of one filling has its own number, and all of them say the same of how many.

    What was filled by an earlier manufacture, or has ended, was counted apart.
    """
    container = protocol.container(request.material)
    if request.number is None or request.of is None:
        if container is not None and container.numbered:
            yield Violation(
                "number_missing",
                f"Each {container.held_in.value} of {container.title} says which of how many it is.",
                f"Say which {container.held_in.value} it is, and how many there are to be.",
            )
        return
    for unit in therapy.units.values():
        if unit.material is not request.material or unit.attempt or unit.final is not None:
            continue
        if unit.number == request.number:
            yield Violation(
                "number_taken",
                f"{unit.unit} is number {unit.number} of {unit.of} already.",
                "Give this one the next number; what is not used is destroyed first.",
            )
        elif unit.of not in (None, request.of):
            yield Violation(
                "number_differs",
                f"{unit.unit} says that there are {unit.of}, and this one says {request.of}.",
                "Say how many there are to be as on the others.",
            )


def _component_violations(protocol: Protocol, request: asked.RegisterUnit) -> Iterator[Violation]:
    """Each container that is filled with cells to be given says which product it is, where there are several.

    What is drawn from one needs no word of its own.
    """
    known = protocol.bedside.components
    titles = ", ".join(one.title for one in known) or "none"
    if request.component is not None and protocol.bedside.component(request.component) is None:
        raise InputError(
            f"The protocol {protocol.id} has no component {request.component}.",
            remedy=f"Give one of {', '.join(one.name for one in known)}." if known else "Leave it out.",
            code="bad_word",
        )
    if known and request.component is None and request.material is Material.PRODUCT:
        yield Violation(
            "component_missing",
            f"A dose of this product has several components ({titles}), and nobody said which this is for.",
            "Say which component goes into it.",
            field="component",
        )


def _size_violations(
    therapy: TherapyState, protocol: Protocol, request: asked.RegisterUnit
) -> Iterator[Violation]:
    """Each container that is filled with cells to be given says for which share of the dose, and its size."""
    dose = protocol.dose
    regimen = None if therapy.dose is None else therapy.dose.regimen
    parts = () if dose is None else tuple(one.name for one in dose.parts if one.regimen in (None, regimen))
    colors = () if dose is None else tuple(one.color for one in dose.bags)
    for field, given, known in (("part", request.part, parts), ("color", request.color, colors)):
        if given is not None and given not in known:
            raise InputError(
                f"The dose by the protocol {protocol.id} has no {field} {given}.",
                remedy=f"Give one of {', '.join(dict.fromkeys(known))}." if known else "Leave it out.",
                code="bad_word",
            )
    if request.material is not Material.PRODUCT:
        return
    if parts and request.part is None:
        yield Violation(
            "part_missing",
            f"The dose is given in parts ({_listed(parts)}), and nobody said for which of them this is.",
            "Say for which part of the dose it is.",
            field="part",
        )
    if colors and request.color is None:
        yield Violation(
            "color_missing",
            f"This product comes in several sizes ({_listed(colors)}), and nobody said which this is.",
            "Say of which color it is.",
            field="color",
        )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(one.replace("_", " ") for one in dict.fromkeys(words))


def _blank_violations(situation: Situation, unit: str, material: Material) -> Iterator[Violation]:
    """A blank label stands for what it was printed for, at the site it was issued to."""
    stock = situation.registry.stock.get(situation.registry.blanks.get(unit) or "")
    if stock is None:
        return
    if stock.site != situation.station.site:
        yield Violation(
            "blank_of_other_site",
            f"The blank label {unit} was issued to {stock.site}, and this is {situation.station.site}.",
            "Take a blank label of this site.",
        )
    if stock.material is not material:
        yield Violation(
            "blank_of_other_material",
            f"The blank label {unit} was printed for {stock.material.value}, not for {material.value}.",
            "Take the label that is printed for it.",
            waivable=False,
        )


def decide_bind_cassette(situation: Situation, request: asked.BindCassette) -> Decision:
    """Bag and cassette bound by scanning both; a cassette holds one bag for ever."""
    cassette = object_of(situation, request.cassette, Found.CASSETTE)
    if isinstance(cassette, Violation):
        return Denied(cassette)
    bound, bag = situation.resolve(request.cassette), situation.resolve(request.units[0])
    therapy = situation.therapies.get(request.begun_with or bag.coi or "")
    if therapy is not None and bound.coi not in (None, therapy.coi):
        other = foreign(
            therapy,
            CassetteBound.kind,
            bound,
            field="cassette",
            expected=f"an unused cassette, or one of therapy {therapy.coi}",
            waivable=False,
        )
        return stop(situation, request, other)

    def free(_: TherapyState, item: Selected) -> Iterable[Violation]:
        if bound.unit is not None and bound.unit != item.unit.unit:
            yield Violation(
                "cassette_taken",
                f"The cassette {cassette} holds another unit.",
                "Take an unused cassette.",
                waivable=False,
            )
        if item.unit.cassette not in (None, cassette):
            yield Violation(
                "cassette_bound",
                f"{item.unit.unit} is bound to {item.unit.cassette}.",
                "Scan the bound cassette.",
            )

    return decide_units(
        situation,
        request,
        CassetteBound.kind,
        lambda _, units: CassetteBound(unit=units[0], cassette=cassette, copy_letter=bound.copy),
        extra=free,
    )


def decide_match_bag(situation: Situation, request: asked.MatchBag) -> Decision:
    """The bag against the cassette it came out of, where it had one."""

    def build(therapy: TherapyState, units: tuple[str, ...]) -> Payload:
        unit = therapy.unit(units[0])
        return BagMatched(units=units, cassette=unit.cassette if unit else None)

    return decide_units(situation, request, BagMatched.kind, build)


DECISIONS: Final[Decisions] = {
    asked.RegisterUnit: decide_register,
    asked.BindCassette: decide_bind_cassette,
    asked.MatchBag: decide_match_bag,
}
