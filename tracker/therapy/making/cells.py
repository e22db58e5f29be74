"""Decisions over steps on units whose payload is little more than the units themselves."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from schema.errors import InputError
from schema.events import Payload
from schema.events import processing as events
from schema.events.identity import (
    BagMatched,
    CassetteBound,
)
from schema.instants import parse_declared
from schema.vocabulary import CodeType
from tracker.rules.checks.identity import foreign_unit, stop
from tracker.rules.decision import Decision, Denied, Violation
from tracker.rules.selection import Selected, not_a, object_of
from tracker.rules.situation import Found, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_units
from tracker.therapy.identity import requests as asked_identity
from tracker.therapy.making import requests as asked


def decide_lift_quarantine(situation: Situation, request: asked.LiftQuarantine) -> Decision:
    """Lifting what is not quarantined would be a record of nothing."""

    def quarantined(_: TherapyState, item: Selected) -> Iterable[Violation]:
        if not item.unit.quarantined:
            yield Violation(
                "not_quarantined", f"{item.unit.unit} is not in quarantine.", "Scan the right unit."
            )

    return decide_units(
        situation,
        request,
        events.QuarantineLifted.kind,
        lambda _, units: events.QuarantineLifted(units=units),
        extra=quarantined,
    )


def decide_bind_cassette(situation: Situation, request: asked_identity.BindCassette) -> Decision:
    """Bag and cassette bound by scanning both; a cassette holds one bag for ever."""
    cassette = object_of(situation, request.cassette, Found.CASSETTE)
    if isinstance(cassette, Violation):
        return Denied(cassette)
    bound, bag = situation.resolve(request.cassette), situation.resolve(request.units[0])
    therapy = situation.therapies.get(bag.coi or "")
    if therapy is not None and bound.coi not in (None, bag.coi):
        foreign = foreign_unit(therapy, CassetteBound.kind, bound.text, field="cassette", waivable=False)
        return stop(situation, request, foreign)

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


def decide_match_bag(situation: Situation, request: asked_identity.MatchBag) -> Decision:
    """The bag against the cassette it came out of, where it had one."""

    def build(therapy: TherapyState, units: tuple[str, ...]) -> Payload:
        unit = therapy.unit(units[0])
        return BagMatched(units=units, cassette=unit.cassette if unit else None)

    return decide_units(situation, request, BagMatched.kind, build)


def decide_start_collection(situation: Situation, request: asked.StartCollection) -> Decision:
    """Donation number and label at the chair; the number is kept without prefix, as the label shows it."""
    din = situation.resolve(request.din)
    numbers = (one.value for one in din.identities if one.type is CodeType.DIN)
    value = next(numbers, din.object_id or din.text)

    def unused(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        others = (
            unit
            for unit in therapy.units.values()
            if unit.unit != item.unit.unit and (unit.din == value or unit.unit == din.unit)
        )
        for other in others:
            yield Violation(
                "din_used", f"{value} already stands for {other.unit}.", "Scan this collection's number."
            )
        if din.coi is not None and din.coi != therapy.coi:
            yield Violation(
                "din_foreign",
                "This donation number stands for another therapy.",
                "Stop; call quality.",
                waivable=False,
            )
        elif din.found is not Found.FOREIGN and (din.coi is None or din.copy is not None):
            yield not_a(din, "donation")

    return decide_units(
        situation,
        request,
        events.CollectionStarted.kind,
        lambda _, units: events.CollectionStarted(unit=units[0], din=value),
        extra=unused,
    )


def decide_complete_collection(situation: Situation, request: asked.CompleteCollection) -> Decision:
    """End time, volume and the second person's label check."""
    if request.ended_at is None:
        ended_at = situation.occurred_at
    else:
        ended_at, _ = parse_declared(request.ended_at)
    if ended_at > situation.occurred_at:
        raise InputError(f"The collection cannot end at {request.ended_at}, after it is recorded.")
    return decide_units(
        situation,
        request,
        events.Collected.kind,
        lambda _, units: events.Collected(unit=units[0], volume_ml=request.volume_ml, ended_at=ended_at),
    )


def decide_infusion_end(
    situation: Situation, request: asked.CompleteInfusion | asked.StopInfusion
) -> Decision:
    """How much was infused; more than the container held is no measurement."""
    payload_class = (
        events.InfusionStopped if isinstance(request, asked.StopInfusion) else events.InfusionCompleted
    )

    def fits(_: TherapyState, item: Selected) -> Iterable[Violation]:
        volume = item.unit.volume_ml
        if volume is not None and Decimal(request.infused_ml) > volume:
            yield Violation(
                "volume_exceeded",
                f"{request.infused_ml} mL is more than the {volume} mL in {item.unit.unit}.",
                "Check the volume.",
            )

    return decide_units(
        situation,
        request,
        payload_class.kind,
        lambda _, units: payload_class(units=units, infused_ml=request.infused_ml),
        extra=fits,
    )
