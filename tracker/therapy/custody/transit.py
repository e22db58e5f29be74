"""Decisions over a box on its way: nobody at the door, and another destination than planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from schema.events import Payload
from schema.events.custody import Called, DeliveryAttempted, Diverted
from schema.vocabulary import SiteType
from tracker.rules.attempt import Attempt
from tracker.rules.checks.condition import destination_violations
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.custodians import described, exists, party_site
from tracker.rules.decision import Decision, Denied, Violation
from tracker.rules.selection import not_a, object_of, reads_for
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.custody.at_place import elsewhere
from tracker.therapy.custody.requests import AttemptDelivery, CallMade, Divert

Build = Callable[[TherapyState, tuple[UnitState, ...]], Payload]


def decide_attempt(situation: Situation, request: AttemptDelivery) -> Decision:
    """Nobody at the door: who was called is kept, and custody stays with the carrier."""
    box = object_of(situation, request.box, Found.BOX)
    if isinstance(box, Violation):
        return Denied(box)
    unknown = _no_site(situation, request.at_site) or _no_call(situation, request)
    if unknown is not None and not unknown.waivable:
        return Denied(unknown)

    def build(therapy: TherapyState, units: tuple[UnitState, ...]) -> Payload:
        return DeliveryAttempted(
            units=tuple(unit.unit for unit in units),
            box=box,
            at_site=request.at_site,
            happened_at_site=elsewhere(situation, request.at_site),
            called=_called(situation, therapy.coi, request.called),
        )

    found = () if unknown is None else (unknown,)
    return _decided(situation, request, box, DeliveryAttempted.kind, build, found)


def decide_divert(situation: Situation, request: Divert) -> Decision:
    """Another destination: a site that can take it and that each of the therapies knows."""
    box = object_of(situation, request.box, Found.BOX)
    if isinstance(box, Violation):
        return Denied(box)
    unknown = _no_site(situation, request.destination) or _wrong_receiver(situation, request)
    if unknown is not None:
        return Denied(unknown)
    planned = {
        therapy.boxes_carrier[box][1]
        for therapy in situation.therapies.values()
        if box in therapy.boxes_carrier and any(therapy.in_box(box))
    }

    def build(therapy: TherapyState, units: tuple[UnitState, ...]) -> Payload:
        return Diverted(
            units=tuple(unit.unit for unit in units),
            box=box,
            shipment=units[0].shipment,
            from_site=therapy.boxes_carrier[box][1],
            to_site=request.destination,
            receiver=request.receiver,
        )

    found = tuple(_destination_violations(situation, request, box, planned))
    return _decided(situation, request, box, Diverted.kind, build, found)


def _decided(
    situation: Situation,
    request: AttemptDelivery | Divert,
    box: str,
    kind: str,
    build: Build,
    found: tuple[Violation, ...],
) -> Decision:
    """One event in the chain of every therapy that has units in the box."""
    violations = list(found)
    plans: list[Plan] = []
    for therapy in situation.therapies.values():
        units = tuple(therapy.in_box(box))
        steps = []
        for unit in units:
            attempt = Attempt(situation, request, therapy, kind, unit)
            violations.extend(step_violations(attempt))
            if attempt.step:
                steps.append(attempt.step)
        if units:
            reads = reads_for(situation, request, therapy.coi)
            plans.append(Plan(therapy, build(therapy, units), tuple(steps), reads))
    if not plans:
        return Denied(not_a(situation.resolve(request.box), "packed box"))
    return conclude(situation, request, plans, violations)


def _no_site(situation: Situation, code: str) -> Violation | None:
    site = situation.registry.site(code)
    if site is not None and site.active and site.site_type is not SiteType.CARRIER:
        return None
    return Violation(
        "site_unknown", f"There is no site {code} to deliver to.", "Name the site.", waivable=False
    )


def _no_call(situation: Situation, request: AttemptDelivery) -> Violation | None:
    """Before a box is taken back, somebody responsible for the site has to be called."""
    called = request.called
    if called is None or (called.staff is None and (called.name is None or called.phone is None)):
        return Violation(
            "nobody_called",
            f"Nobody of {request.at_site} was called.",
            "Call the number that is answered day and night; name who was called, with the number.",
        )
    if called.staff is not None and situation.registry.person(called.staff) is None:
        return Violation(
            "person_unknown",
            f"There is no person {called.staff} in this network.",
            "Give name and number of who was called.",
            waivable=False,
        )
    return None


def _called(situation: Situation, chain: str, call: CallMade | None) -> Called | None:
    if call is None:
        return None
    return Called(
        staff=call.staff,
        name=None if call.name is None else situation.commit(chain, "person_name", call.name),
        phone=None if call.phone is None else situation.commit(chain, "phone", call.phone),
        answered=call.answered,
    )


def _wrong_receiver(situation: Situation, request: Divert) -> Violation | None:
    named = request.receiver
    if named is None:
        return None
    if exists(situation.registry, named) and party_site(situation.registry, named) == request.destination:
        return None
    return Violation(
        "receiver_elsewhere",
        f"{described(situation.registry, named)} is not at {request.destination}.",
        "Name a department of the new destination, or none.",
        waivable=False,
    )


def _destination_violations(
    situation: Situation, request: Divert, box: str, planned: set[str]
) -> Iterator[Violation]:
    destination = request.destination
    if planned == {destination}:
        yield Violation(
            "same_destination",
            f"The box {box} already goes to {destination}.",
            "Nothing to divert.",
            waivable=False,
        )
    if not any(one.site == destination for one in situation.registry.departments.values()):
        yield Violation(
            "nobody_there",
            f"{destination} has no department that could take it.",
            "Send it to a site with a department, or have an administrator add one.",
            waivable=False,
        )
    for therapy in situation.therapies.values():
        if any(therapy.in_box(box)):
            yield from destination_violations(therapy, destination, "destination")


DECISIONS: Final[Decisions] = {
    AttemptDelivery: decide_attempt,
    Divert: decide_divert,
}
