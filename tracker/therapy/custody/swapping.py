"""A box changed on its way: what is in it goes into another one in one act, and custody stays as it was."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from schema.events.custody import Packed, Unpacked
from schema.vocabulary import PartyType
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


def way_violations(situation: Situation, request: Pack, swap: Swap | None) -> Iterator[Violation]:
    """By the same carrier to the same site, and where the box is by the record."""
    if swap is None:
        return
    yield from _not_here(situation, swap)
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


def _not_here(situation: Situation, swap: Swap) -> Iterator[Violation]:
    """A courier whose shipper fails finds help at any site; which one it is has to be said before.

    At the site where the courier took it, and at its destination, it may be without a word.
    """
    here, therapy = situation.station.site, swap.inside[0]
    units = tuple(therapy.in_box(swap.box))
    if all(unit.custodian is None or unit.custodian.type is not PartyType.CARRIER for unit in units):
        return
    carrier, destination = therapy.boxes_carrier.get(swap.box, ("", ""))
    shipment = therapy.shipments.get(swap.shipment or "")
    heard = shipment.in_order if shipment is not None else ()
    said = heard[-1].place if heard else ""
    if here not in {destination, said.upper(), *(unit.site for unit in units)}:
        last = f"It was last heard of at {said}." if said else "Nothing was heard of it since."
        yield Violation(
            "not_here",
            f"By the record {carrier} has the box {swap.box} on its way to {destination}, "
            f"not at {here}. {last}",
            f"Its courier says first where it is: cartrail shipment progress {swap.box} delayed --place "
            f"{here.lower()}, or Ctrl+A in My shipments.",
            field="from_box",
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
