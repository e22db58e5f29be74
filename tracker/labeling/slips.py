"""The handoff slip of one handoff, from the statements of its two sides."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from labels.papers.slip import HandoffSlip, SlipSignature, SlipTherapy
from schema.entry import Entry, Signature, stored_entry
from schema.errors import InputError
from schema.events.custody import Accepted, HandoffAnswer, Packed, PartlyAccepted, Relinquished
from schema.instants import parse_offset
from schema.papercodes import receipt_code
from schema.tables import CustodyEventRow
from schema.vocabulary import Grade, Meaning, Role
from tracker.acts.state_cache import entries
from tracker.labeling.places import code_on
from tracker.ledger.transaction import Transaction
from tracker.local_time import offset_of
from tracker.open_store import OpenStore
from tracker.rules.custodians import described
from tracker.rules.registry_state import RegistryState
from tracker.therapy.custody.faults import seen_words
from tracker.therapy.decide import act_event_id


@dataclass(frozen=True, slots=True)
class _GiversStatement:
    """What the giver stated about one therapy in the box."""

    entry: Entry
    payload: Relinquished

    @property
    def coi(self) -> str:
        return self.entry.statement.chain


def handoff_slip(
    opened: OpenStore, *, station: str, event_id: str | None = None, box: str | None = None
) -> HandoffSlip:
    """The slip of the handoff with this event id, or of the open or last one of a box that is not yet empty.

    It carries the log's newest head, which is kept with each therapy's record of prints.

    It shows the code on the box's own label: a box travels for years, and a copy for each slip would use up
    its letters.
    """
    registry = opened.registry
    with opened.store.read() as transaction:
        if event_id is None:
            event_id = _last_of_box(transaction, box or "")
        given = list(_statements(transaction, event_id))
        if not given:
            raise InputError(
                f"The event {event_id} is not a handoff of this store.",
                remedy="Take the event id of a `relinquished` event from `cartrail trail COI --format csv`.",
                code="no_handoff",
            )
        first = given[0]
        if first.payload.box is None:
            raise InputError(
                f"The handoff {event_id} was of units without a box; slips go with closed boxes.",
                remedy="Show it with `cartrail trail`; its evidence is the two signatures.",
                code="no_box",
            )
        answer = _answer(transaction, first)
        packed = _packed(transaction, first)
        box_code = code_on(transaction, first.payload.box)
    head = opened.print_head(chains=tuple(one.coi for one in given))
    return HandoffSlip(
        purpose=registry.purpose,
        origin=registry.origin,
        printed_at=_clock_of_station(registry, station, opened.clock.now()),
        giver=_giver(registry, first),
        receiver=None if answer is None else _receiver(registry, answer),
        box_code=box_code,
        seal=first.payload.seal or "none",
        shipper=_equipment_title(registry, first.payload.box),
        condition=seen_words(first.payload.condition, first.payload.faults),
        therapies=tuple(
            SlipTherapy(
                coi_id=one.coi,
                unit_ids=one.payload.units,
                receipt=receipt_code(one.entry.statement.digest).text,
            )
            for one in given
        ),
        logger=(packed.data_logger or "") if packed else "",
        **_of_the_way(opened, first, packed),
        head_code=head.text if head else None,
        phones=tuple(_phones(registry, first)),
    )


def _statements(transaction: Transaction, event_id: str) -> Iterator[_GiversStatement]:
    """Every giver's statement of the act that an event belongs to, one for each therapy in the box."""
    named = transaction.event(event_id)
    if named is None:
        return
    act = _entry(named).statement.act
    for place in itertools.count():
        stored = transaction.event(act_event_id(act, place))
        if stored is None:
            return
        entry = _entry(stored)
        if isinstance(entry.statement.payload, Relinquished):
            yield _GiversStatement(entry, entry.statement.payload)


def _entry(stored: CustodyEventRow) -> Entry:
    return stored_entry(stored.body)


def _last_of_box(transaction: Transaction, box: str) -> str:
    for coi in dict.fromkeys(row.coi for row in transaction.units_in_box(box)):
        for entry in reversed(entries(transaction, coi)):
            payload = entry.statement.payload
            if isinstance(payload, Relinquished) and payload.box == box:
                return entry.statement.event_id
    raise InputError(
        f"The box {box} holds nothing that was handed over.",
        remedy="For a box that was emptied since, name the handoff: slip:EVENT_ID.",
        code="no_handoff",
    )


def _answer(transaction: Transaction, given: _GiversStatement) -> Entry | None:
    """The receiver's statement, unless it was given in ink: that stands on the paper that was signed."""
    for entry in entries(transaction, given.coi, given.entry.sequence):
        payload = entry.statement.payload
        if isinstance(payload, HandoffAnswer) and payload.handoff == given.entry.statement.event_id:
            return None if payload.evidence is Grade.INK else entry
    return None


def _packed(transaction: Transaction, given: _GiversStatement) -> Packed | None:
    """How the box was packed before this handoff."""
    for entry in reversed(entries(transaction, given.coi)):
        payload = entry.statement.payload
        is_before = isinstance(payload, Packed) and entry.sequence < given.entry.sequence
        if is_before and isinstance(payload, Packed) and payload.box == given.payload.box:
            return payload
    return None


def _of_the_way(opened: OpenStore, given: _GiversStatement, packed: Packed | None) -> dict[str, str]:
    """Where the box goes, at which temperature, for how long it holds and with which waybill."""
    known = opened.read.therapy(coi=given.coi)
    if known is None or packed is None or given.payload.box is None:
        return {}
    state, protocol = known
    _, code = state.boxes_carrier.get(given.payload.box, (packed.carrier, packed.destination))
    site, hold = opened.registry.site(code), given.payload.hold_until or packed.hold_until
    shipment = state.shipments.get(packed.shipment)
    materials = {unit.material for name, unit in state.units.items() if name in given.payload.units}
    containers = () if protocol is None else protocol.containers
    keep = dict.fromkeys(one.storage_text for one in containers if one.material in materials)
    shown = given.payload.display_celsius
    booking = shipment.booking if shipment is not None else None
    return {
        "destination": code if site is None else ", ".join(filter(None, (site.title, site.address))),
        "keep": "; ".join([*keep, *([f"display {shown} C"] if shown else [])]),
        "hold_until": "" if hold is None else _local(hold, given.entry.statement.offset),
        "waybill": (booking.waybill or "") if booking is not None else "",
        "sscc": f"(00){booking.sscc}" if booking is not None and booking.sscc is not None else "",
    }


def _giver(registry: RegistryState, given: _GiversStatement) -> SlipSignature:
    party = described(registry, given.payload.from_party)
    return _side(registry, given.entry, party, Meaning.RELINQUISHED)


def _receiver(registry: RegistryState, answer: Entry) -> SlipSignature:
    payload = answer.statement.payload
    party = answer.statement.site
    if isinstance(payload, Accepted | PartlyAccepted):
        party = described(registry, payload.custodian)
    return _side(registry, answer, party, Meaning.RECEIVED)


def _side(registry: RegistryState, entry: Entry, party: str, meaning: Meaning) -> SlipSignature:
    statement = entry.statement
    signed = next((one for one in entry.signatures if one.meaning is meaning), None)
    signature: Signature | None = signed or next(iter(entry.signatures), None)
    staff = signature.signer if signature else statement.actor
    person = registry.person(staff)
    roles = dict.fromkeys(
        grant.role.value.replace("_", " ")
        for grant in registry.grants_of(staff)
        if not grant.revoked and (grant.site == statement.site or grant.role is Role.COURIER)
    )
    name = signature.name if signature else person.name if person else staff
    return SlipSignature(
        party=party,
        person=f"{name} ({staff})",
        role=", ".join(roles),
        meaning=signature.meaning.value if signature else "not signed",
        signed_at=_local(signature.signed_at if signature else statement.occurred_at, statement.offset),
    )


def _phones(registry: RegistryState, given: _GiversStatement) -> Iterator[str]:
    """The numbers at which somebody answers day and night, of the giver's site and of the receiver's."""
    for code in dict.fromkeys((given.entry.statement.site, given.payload.to_party.site)):
        site = registry.site(code) if code is not None else None
        if site is not None and site.phone_24h:
            yield f"{site.title}: {site.phone_24h}"


def _equipment_title(registry: RegistryState, box: str) -> str:
    equipment = registry.equipment(box)
    return f"{equipment.title} ({box})" if equipment else box


def _clock_of_station(registry: RegistryState, station: str, moment: datetime) -> str:
    place = registry.station(station)
    offset = offset_of(registry, place.site if place else "")(moment)
    return _local(moment, offset)


def _local(moment: datetime, offset: str) -> str:
    return f"{moment.astimezone(parse_offset(offset)):%Y-%m-%d %H:%M:%S} {offset}"
