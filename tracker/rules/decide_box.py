"""Decisions over boxes and places: pack, unpack, open and inspect, put away, retrieve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schema.errors import InputError
from schema.events import Party
from schema.events.custody import Accepted, Inspected, Inspection, Packed, Retrieved, Stored, Unpacked
from schema.instants import parse_declared
from schema.vocabulary import InspectionResult, LocationType, ObjectType, PartyType, SiteType
from tracker.requests.custody import Inspect, Pack, Retrieve, Store, Unpack
from tracker.rules.attempt import local
from tracker.rules.custodians import responsible_roles
from tracker.rules.decide_units import decide_units
from tracker.rules.decision import Answer, Decision, Refused, Violation
from tracker.rules.selection import Selected, fresh_id, object_of, seal_of, select
from tracker.rules.situation import Found, Situation
from tracker.rules.step_checks import role_violation
from tracker.rules.therapy_state import TherapyState


def decide_pack(situation: Situation, request: Pack) -> Decision:
    """Scanned units equal the tally; the box was empty; seal, carrier and destination are named."""
    box = object_of(situation, request.box, Found.BOX)
    if isinstance(box, Violation):
        return Refused(box)
    logger = None
    if request.data_logger is not None:
        found = object_of(situation, request.data_logger, Found.DATA_LOGGER)
        if isinstance(found, Violation):
            return Refused(found)
        logger = found
    for violation in _pack_violations(situation, request, box):
        return Refused(violation)
    shipment = fresh_id(situation, ObjectType.SHIPMENT, request.shipment)
    seal = seal_of(situation, request.seal)
    if isinstance(seal, Violation):
        return Refused(seal)
    hold_until = None if request.hold_until is None else parse_declared(request.hold_until)[0]
    return decide_units(
        situation,
        request,
        Packed.kind,
        lambda _, units: Packed(
            units=units,
            box=box,
            shipment=shipment,
            seal=seal,
            tally=len(units),
            data_logger=logger,
            carrier=request.carrier,
            destination=request.destination,
            display_celsius=request.display_celsius,
            hold_until=hold_until,
        ),
    )


def _pack_violations(situation: Situation, request: Pack, box: str) -> Iterator[Violation]:
    carrier, destination = (
        situation.registry.site(request.carrier),
        situation.registry.site(request.destination),
    )
    if carrier is None or not carrier.active or carrier.site_type is not SiteType.CARRIER:
        yield Violation(
            "carrier_unknown",
            f"{request.carrier} is no carrier of this network.",
            "Name a carrier.",
            waivable=False,
        )
    if destination is None or not destination.active or destination.site_type is SiteType.CARRIER:
        yield Violation(
            "site_unknown", f"{request.destination} is no site to send to.", "Name a site.", waivable=False
        )
    found = select(situation, request.units)
    scanned = sum(len(selected) for selected in found.groups.values())
    if scanned != request.tally and not found.violations:
        yield Violation(
            "tally_differs",
            f"The tally says {request.tally}, {scanned} different units were scanned.",
            "Count and scan again: nothing leaves with a difference.",
            waivable=False,
        )
    inside = [unit.unit for therapy in situation.therapies.values() for unit in therapy.in_box(box)]
    if inside:
        yield Violation(
            "box_not_empty",
            f"The box {box} already holds {', '.join(inside)}.",
            "Inspect or unpack it first, or take another box.",
            waivable=False,
        )


def decide_unpack(situation: Situation, request: Unpack) -> Decision:
    """Taken out again before it was handed over."""
    box = object_of(situation, request.box, Found.BOX)
    if isinstance(box, Violation):
        return Refused(box)
    return decide_units(
        situation,
        request,
        Unpacked.kind,
        lambda _, units: Unpacked(units=units, box=box),
        extra=lambda _, item: (*_in_box(item, box), *_travelled(item, wanted=False)),
    )


def _in_box(item: Selected, box: str) -> Iterable[Violation]:
    if item.unit.box != box:
        yield Violation(
            "not_in_box",
            f"{item.unit.unit} is not in the box {box} by the record.",
            "Stop and look: contents differ. Quarantine it and call quality.",
        )


def _travelled(item: Selected, *, wanted: bool) -> Iterable[Violation]:
    """A box that nobody has taken over since it was packed is unpacked; one that came is inspected."""
    packed, taken = item.unit.facts.get(Packed.kind), item.unit.facts.get(Accepted.kind)
    if packed is None or (taken is not None and taken.sequence > packed.sequence) is wanted:
        return
    if wanted:
        yield Violation(
            "not_received",
            f"{item.unit.unit} was packed here and nobody has taken it over since.",
            "Hand the box over, or unpack it.",
        )
    else:
        yield Violation(
            "was_received",
            f"{item.unit.unit} came in this box.",
            "Open the box by inspection: each unit is matched and judged.",
        )


def decide_inspect(situation: Situation, request: Inspect) -> Decision:
    """Each unit in the box matched: none missing, none unexpected."""
    box = object_of(situation, request.box, Found.BOX)
    if isinstance(box, Violation):
        return Refused(box)
    results = {}
    for given in request.results:
        unit = situation.unit_of(situation.resolve(given.unit))
        if unit is not None:
            if unit.unit in results:
                raise InputError(f"The unit {unit.unit} was scanned twice in one inspection.")
            results[unit.unit] = given.result
    missing = _missing(situation, box, frozenset(results))

    def build(_: TherapyState, units: tuple[str, ...]) -> Inspected:
        return Inspected(
            box=box,
            seal_intact=request.seal_intact,
            results=tuple(Inspection(unit=unit, result=results[unit]) for unit in units),
            display_celsius=request.display_celsius,
        )

    def matches(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        yield from _in_box(item, box)
        yield from _travelled(item, wanted=True)
        yield from missing
        packed = therapy.seals.get(box)
        read = None if request.seal is None else seal_of(situation, request.seal)
        if not request.seal_intact and results[item.unit.unit] is InspectionResult.ACCEPT:
            yield Violation(
                "seal_broken",
                f"The seal of the box {box} was not intact.",
                "Put its units into quarantine and call quality.",
            )
        if isinstance(read, Violation):
            yield read
        elif packed is not None and read is not None and read != packed:
            yield Violation(
                "seal_mismatch",
                f"The box was sealed with {packed}; the seal read is {read}.",
                "Call quality.",
            )

    return decide_units(
        situation,
        request,
        Inspected.kind,
        build,
        scans=tuple(given.unit for given in request.results),
        extra=matches,
    )


def _missing(situation: Situation, box: str, seen: frozenset[str]) -> tuple[Violation, ...]:
    inside = [unit.unit for therapy in situation.therapies.values() for unit in therapy.in_box(box)]
    absent = [unit for unit in inside if unit not in seen]
    if not absent:
        return ()
    return (
        Violation(
            "units_missing",
            f"By the record the box {box} also holds {', '.join(absent)}, not scanned.",
            "Scan every unit; if one is not there, record it outside the rules and call quality.",
        ),
    )


def decide_store(situation: Situation, request: Store) -> Decision:
    """Put away: custody passes to the location."""
    location = _location(situation, request.location.code, request)
    if isinstance(location, Violation):
        return Refused(location)

    def not_there_yet(_: TherapyState, item: Selected) -> Iterable[Violation]:
        if item.unit.location == location:
            yield Violation(
                "already_done",
                f"{item.unit.unit} is already put away there{_since(situation, item)}.",
                "Nothing to do.",
                answer=Answer.CHECK,
            )

    return decide_units(
        situation,
        request,
        Stored.kind,
        lambda _, units: Stored(units=units, location=location),
        extra=not_there_yet,
    )


def _since(situation: Situation, item: Selected) -> str:
    stored = item.unit.facts.get(Stored.kind)
    return f", at {local(situation, stored)}" if stored else ""


def decide_retrieve(situation: Situation, request: Retrieve) -> Decision:
    """Taken out by the signature of the one who now holds it."""
    location = _location(situation, request.location.code, request)
    if isinstance(location, Violation):
        return Refused(location)
    custodian = Party(type=PartyType.PERSON, id=request.actor)

    def there(_: TherapyState, item: Selected) -> Iterable[Violation]:
        if item.unit.location != location:
            yield Violation(
                "not_there",
                f"By the record {item.unit.unit} is not there but in {item.unit.location or 'no location'}.",
                "Scan the location you took it from; never infer it.",
            )

    return decide_units(
        situation,
        request,
        Retrieved.kind,
        lambda _, units: Retrieved(units=units, location=location, custodian=custodian),
        extra=there,
    )


def _location(situation: Situation, code: str, request: Store | Retrieve) -> str | Violation:
    """A storage place of this site, whose department answers for what it holds."""
    location = object_of(situation, request.location, Found.LOCATION)
    if isinstance(location, Violation):
        return location
    known = situation.registry.location(location)
    if known is None or known.site != situation.station.site:
        return Violation(
            "other_site",
            f"The location {code} is not at {situation.station.site}.",
            "Scan a location of this site.",
            waivable=False,
        )
    if known.location_type is not LocationType.STORAGE:
        return Violation(
            "not_storage",
            f"{known.title} is no storage location.",
            "Scan a storage location.",
            waivable=False,
        )
    roles = responsible_roles(situation.registry, Party(type=PartyType.LOCATION, id=location))
    found = role_violation(situation, request.actor, roles)
    if found is not None:
        return Violation(found.rule, found.message, found.remedy, waivable=False)
    return location
