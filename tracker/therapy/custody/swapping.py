"""A box changed on its way: what is in it goes into another one in one act, and custody stays as it was."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from schema.events.custody import Packed, Unpacked
from tracker.rules.checks.identity import Mismatch, strangers_in
from tracker.rules.decision import Allowed, Decision, Draft, Violation
from tracker.rules.selection import not_a, object_of, select
from tracker.rules.situation import Found, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.custody.requests import Pack


class Swap(Struct, frozen=True):
    """The box that units are taken out of, with the therapies that it holds."""

    box: str
    inside: tuple[TherapyState, ...]

    @property
    def shipment(self) -> str | None:
        """The shipment that goes on in the other box."""
        found = (unit.shipment for therapy in self.inside for unit in therapy.in_box(self.box))
        return next(found, None)


def swap_of(situation: Situation, request: Pack) -> Swap | Violation | None:
    """What is changed for another box; None where units are packed that are in no box."""
    if request.from_box is None:
        return None
    box = object_of(situation, request.from_box, Found.BOX)
    if isinstance(box, Violation):
        return box
    inside = tuple(one for one in situation.therapies.values() if any(one.in_box(box)))
    if not inside:
        return replace(not_a(situation.resolve(request.from_box), "packed box"), field="from_box")
    return Swap(box, inside)


def strangers(situation: Situation, request: Pack, swap: Swap | None) -> tuple[Mismatch, ...]:
    """A unit of a therapy that the box does not hold: it may be another patient's."""
    if swap is None:
        return ()
    return strangers_in(swap.box, swap.inside, select(situation, request.units), Packed.kind, waivable=True)


def way_violations(request: Pack, swap: Swap | None) -> Iterator[Violation]:
    """By the same carrier to the same site: another way is decided by who may send it elsewhere."""
    if swap is None:
        return
    planned = swap.inside[0].boxes_carrier.get(swap.box)
    if planned is not None and planned != (request.carrier, request.destination):
        carrier, destination = planned
        yield Violation(
            "other_way",
            f"The box {swap.box} goes to {destination} by {carrier}, not to {request.destination} by "
            f"{request.carrier}.",
            "Name the same carrier and site. Sent elsewhere it is by F7, before or after.",
            waivable=False,
        )


def unpacked_first(decision: Decision, swap: Swap | None) -> Decision:
    """The same act with the units taken out of the old box before, by the same two people."""
    if swap is None or not isinstance(decision, Allowed):
        return decision
    return replace(decision, events=tuple(_with_unpacking(decision.events, swap.box)))


def _with_unpacking(drafts: tuple[Draft, ...], box: str) -> Iterator[Draft]:
    for draft in drafts:
        if isinstance(draft.payload, Packed):
            taken_out = Unpacked(
                units=draft.payload.units, box=box, reason=draft.payload.reason, bench=draft.payload.bench
            )
            yield Draft(draft.chain, taken_out, slots=draft.slots)
        yield draft
