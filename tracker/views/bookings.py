"""Shipments as they were booked and heard of, and the lines of a carrier's file that are not recorded yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from schema.errors import InputError
from schema.identifiers import is_object_id
from tracker.acts.mentions import naming
from tracker.acts.resolving import asked, resolve
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.local_time import local
from tracker.rules.registry_state import RegistryState
from tracker.rules.shipment_state import HeardOf, ShipmentState, ShipmentStatus
from tracker.rules.situation import Found
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.shipments.carrier_file import CarrierLine, in_order, read_carrier_file


@dataclass(frozen=True, slots=True)
class HeardLine:
    """What was heard of a shipment, by the clocks of its destination."""

    milestone: str
    place: str
    at: datetime
    estimated_delivery: datetime | None
    source: str
    by: str


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """One shipment that was booked, or packed without; each time by the clocks of its place."""

    shipment: str
    status: str
    """`booked`, `packed` or `ended`, by custody."""

    carrier: str
    lane: str
    from_site: str
    to_site: str
    therapies: tuple[str, ...]
    pick_up: tuple[datetime, datetime] | None
    delivery: tuple[datetime, datetime] | None
    box: str
    box_title: str
    data_logger: str
    waybill: str
    sscc: str
    heard: tuple[HeardLine, ...]
    """In the order in which it happened."""

    hold_until: datetime | None

    @property
    def estimates(self) -> tuple[HeardLine, ...]:
        """Every estimate of its delivery, the newest last."""
        return tuple(one for one in self.heard if one.estimated_delivery is not None)

    @property
    def expected_at(self) -> datetime | None:
        """The newest estimate; None where nobody has told one."""
        return self.estimates[-1].estimated_delivery if self.estimates else None

    @property
    def is_late(self) -> bool:
        """Whether it is expected after the window that was booked."""
        latest, expected = self.delivery, self.expected_at
        return latest is not None and expected is not None and expected > latest[1]

    @property
    def is_past_hold(self) -> bool:
        """Whether it is expected after its box holds no longer."""
        expected = self.expected_at
        return self.hold_until is not None and expected is not None and expected > self.hold_until


def line_of(registry: RegistryState, held: Iterable[TherapyState], one: ShipmentState) -> ShipmentLine:
    """A shipment of some therapies, all of which know it."""
    therapies = tuple(held)
    first, booking = therapies[0], one.booking
    box = (one.box if one.packed_at is not None else booking.box if booking else None) or ""
    carrier, to_site = first.boxes_carrier.get(box, ("", ""))
    if booking is not None:
        carrier = carrier if one.packed_at is not None and carrier else booking.carrier
        to_site = to_site if one.packed_at is not None and to_site else booking.to_site
    known, hold = registry.equipment(box), first.boxes_hold.get(box)
    statuses = {therapy.shipment_status(one) for therapy in therapies}
    status = next(each for each in (ShipmentStatus.PACKED, *ShipmentStatus) if each in statuses)
    from_site = (booking.from_site if booking else one.packed_from) or ""
    there = to_site or from_site
    return ShipmentLine(
        shipment=one.shipment,
        status=status.value,
        carrier=carrier,
        lane=booking.lane if booking else "",
        from_site=from_site,
        to_site=to_site,
        therapies=tuple(therapy.coi for therapy in therapies),
        pick_up=_window(registry, from_site, booking.pick_up.earliest, booking.pick_up.latest)
        if booking
        else None,
        delivery=_window(registry, to_site, booking.delivery.earliest, booking.delivery.latest)
        if booking
        else None,
        box=box,
        box_title=known.title if known else "",
        data_logger=(booking.data_logger if booking else None) or "",
        waybill=(booking.waybill if booking else None) or "",
        sscc=(booking.sscc if booking else None) or "",
        heard=tuple(_heard(registry, there, each) for each in one.in_order),
        hold_until=None
        if hold is None or hold.until is None or status is not ShipmentStatus.PACKED
        else local(registry, there, hold.until),
    )


def _window(registry: RegistryState, site: str, first: datetime, last: datetime) -> tuple[datetime, datetime]:
    return local(registry, site, first), local(registry, site, last)


def _heard(registry: RegistryState, site: str, one: HeardOf) -> HeardLine:
    estimate = one.estimated_delivery
    return HeardLine(
        one.milestone.value,
        one.place,
        local(registry, site, one.at),
        None if estimate is None else local(registry, site, estimate),
        one.source.value,
        one.actor,
    )


def shipment_lines(
    transaction: Transaction,
    memory: StateCache,
    registry: RegistryState,
    *,
    site: str | None,
    carrier: str | None,
    ended: bool,
) -> tuple[ShipmentLine, ...]:
    """The booked shipments of a site or carrier, or of all, by when the carrier comes."""
    rows = transaction.shipments_booked(ended=ended)
    chosen = dict.fromkeys(
        row.shipment
        for row in sorted(rows, key=lambda row: (row.begins_at, row.shipment))
        if site in (None, row.from_site, row.to_site) and carrier in (None, row.carrier)
    )
    return tuple(_lines(transaction, memory, registry, chosen))


def _lines(
    transaction: Transaction, memory: StateCache, registry: RegistryState, chosen: Iterable[str]
) -> Iterator[ShipmentLine]:
    for shipment in chosen:
        cois = [row.coi for row in transaction.shipments_with("shipment", shipment)]
        states = [one.state for coi in cois if (one := memory.therapy(transaction, coi)) is not None]
        if states:
            yield line_of(registry, states, states[0].shipments[shipment])


def shipment_line(
    transaction: Transaction, memory: StateCache, registry: RegistryState, code: str
) -> ShipmentLine:
    """The shipment of an id, waybill, SSCC or box, booked or not; raises InputError for any other code."""
    shipment = shipment_named(transaction, memory, registry, code)
    states = [
        one.state
        for row in naming(transaction, f"shipment:{shipment}")
        if (one := memory.therapy(transaction, row.chain)) is not None and shipment in one.state.shipments
    ]
    if not states:
        raise _no_shipment(code)
    return line_of(registry, states, states[0].shipments[shipment])


def _no_shipment(code: str) -> InputError:
    return InputError(
        f"{code[:40]} is no shipment of this store, nor a box that travels.",
        remedy="See `cartrail shipment list`, or scan the box.",
        code="no_shipment",
    )


def shipment_named(
    transaction: Transaction,
    memory: StateCache,
    registry: RegistryState,
    code: str,
    *,
    is_packed: bool = False,
) -> str:
    """The shipment of a code; of a box the one it is in, is booked for, or was in last.

    With `is_packed` only what was packed counts. Raises InputError where there is none.
    """
    resolution = resolve(transaction, registry, asked(code))
    if resolution.found is Found.BOX:
        found = _of_box(transaction, memory, resolution.object_id or "", is_packed=is_packed)
    else:
        found = (resolution.object_id or "") if resolution.found is Found.SHIPMENT else ""
    if not found:
        raise _no_shipment(code)
    return found


def _of_box(transaction: Transaction, memory: StateCache, box: str, *, is_packed: bool) -> str:
    """What is in it now comes first, then what it is booked for, then what came out of it last."""
    chains = dict.fromkeys(row.coi for row in transaction.units_in_box(box))
    chains.update(dict.fromkeys(row.chain for row in naming(transaction, f"box:{box}")))
    found: list[tuple[int, datetime, str]] = []
    order = [ShipmentStatus.ENDED, ShipmentStatus.BOOKED, ShipmentStatus.PACKED]
    for chain in chains:
        known = memory.therapy(transaction, chain)
        for one in () if known is None else known.state.shipments.values():
            booked = None if one.booking is None else one.booking.box
            since = one.packed_at or (None if one.booking is None else one.booking.pick_up.earliest)
            is_its = box == (one.box if one.packed_at is not None else booked)
            if known is not None and is_its and since is not None and (one.packed_at or not is_packed):
                found.append((order.index(known.state.shipment_status(one)), since, one.shipment))
    return max(found)[2] if found else ""


def _named(transaction: Transaction, registry: RegistryState, code: str) -> str:
    if is_object_id(code):
        return code
    resolution = resolve(transaction, registry, asked(code))
    return (resolution.object_id or "") if resolution.found is Found.SHIPMENT else ""


@dataclass(frozen=True, slots=True)
class CarrierWord:
    """A line of a carrier's file, with the shipment that it is about."""

    line: CarrierLine
    shipment: str
    is_known: bool
    """Whether it is recorded already, so that a file may be sent again with more lines."""


def carrier_words(
    transaction: Transaction, memory: StateCache, registry: RegistryState, content: bytes
) -> tuple[CarrierWord, ...]:
    """What a carrier's file says, as it happened; raises InputError for a line that is no word of ours."""
    found: list[CarrierWord] = []
    for line in in_order(read_carrier_file(content)):
        named = {
            column: _named(transaction, registry, f"(00){code}" if column == "sscc" else code)
            for column, code in line.codes.items()
        }
        for column, shipment in named.items():
            if not transaction.shipments_with("shipment", shipment):
                raise _not_ours(line, column, "it is that of no shipment booked here")
        if len(set(named.values())) > 1:
            raise _not_ours(line, next(iter(named)), "its codes are those of two shipments")
        shipment = next(iter(named.values()))
        found.append(CarrierWord(line, shipment, _is_known(transaction, memory, shipment, line)))
    return tuple(found)


def _not_ours(line: CarrierLine, column: str, why: str) -> InputError:
    return InputError(
        f'Line {line.number}, {column} "{line.codes[column][:40]}": {why}.',
        remedy="Nothing of the file was recorded. See `cartrail shipment list`, and put the line right.",
        code="bad_line",
    )


def _is_known(transaction: Transaction, memory: StateCache, shipment: str, line: CarrierLine) -> bool:
    said = (line.milestone, line.place, line.at, line.estimated_delivery)
    for row in transaction.shipments_with("shipment", shipment):
        known = memory.therapy(transaction, row.coi)
        heard = () if known is None else known.state.shipments[shipment].heard
        if any((one.milestone, one.place, one.at, one.estimated_delivery) == said for one in heard):
            return True
    return False
