"""What lies around at a station of a demo or training store, with the codes that are on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from schema.events.processing import LymphodepletionStarted, Released
from schema.identifiers import first_copy, possible_copies
from schema.papercodes import receipt_code
from schema.vocabulary import LabelState, Material, ObjectType, PartyType
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol, Step
from tracker.rules.certificates import RELEASES, release_of
from tracker.rules.custodians import described, party_site
from tracker.rules.lots import lot_named
from tracker.rules.registry_state import RegistryState, Station
from tracker.rules.situation import Found
from tracker.rules.therapy_state import TherapyState, UnitState

THERAPIES_MAX = 40
"""The last changed at the site; a tray is looked through by hand."""


_ASIDE: Final = frozenset({Material.QC_SAMPLE, Material.RETAIN, Material.IN_PROCESS})
"""What is taken off on the way and reaches no patient."""

_OF_EQUIPMENT: Final = {
    ObjectType.BOX.value: Found.BOX,
    ObjectType.DATA_LOGGER.value: Found.DATA_LOGGER,
    ObjectType.INSTRUMENT.value: Found.INSTRUMENT,
}


@dataclass(frozen=True, slots=True)
class LyingAround:
    """One thing, or one number of a wristband."""

    found: Found
    code: str
    """What a scanner would read off it."""

    title: str
    object_id: str = ""
    cois: tuple[str, ...] = ()
    """Whose it is: none of a thing that is anybody's, several of a box with the bags of several patients."""

    place: str = ""
    """Who or what holds it."""

    def may_be_of(self, therapies: Collection[str]) -> bool:
        """Whether it is one of these therapies', or anybody's."""
        return not self.cois or not {*self.cois}.isdisjoint(therapies)


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """One step on the way from vein to vein."""

    title: str
    is_done: bool


def journey_steps(therapy: TherapyState, protocol: Protocol) -> tuple[JourneyStep, ...]:
    """The steps that its protocol asks for between the two veins, stage by stage.

    What may be left out is none of them, nor what is done with a sample, nor the second way of releasing, nor
    lymphodepletion, days before the cells: nobody who practices waits for them.
    """
    stages = [one.name for one in protocol.stages]
    asked = [
        step
        for step in protocol.steps
        if not step.optional
        and step.kind != LymphodepletionStarted.kind
        and (step.kind not in RELEASES or step.kind == Released.kind)
        and (not step.materials or set(step.materials) - _ASIDE)
    ]
    asked.sort(key=lambda step: stages.index(step.stage))
    return tuple(JourneyStep(step.title, _is_done(step, therapy)) for step in asked)


def _is_done(step: Step, therapy: TherapyState) -> bool:
    kinds = {*RELEASES} if step.kind in RELEASES else {step.fact}
    found = [
        one.facts for one in therapy.units.values() if not step.materials or one.material in step.materials
    ]
    return any(
        not kinds.isdisjoint(facts) for facts in (*found, *(() if step.materials else (therapy.facts,)))
    )


def lying_around(
    transaction: Transaction, memory: StateCache, registry: RegistryState, station: Station
) -> tuple[LyingAround, ...]:
    """The cards, bands, bags and cassettes of the site's therapies, then its boxes, loggers and places."""
    rows = transaction.therapies(limit=THERAPIES_MAX, site=station.site, status="active")
    known = (memory.therapy(transaction, row.coi) for row in rows)
    therapies = [one.state for one in known if one is not None]
    found = each_once(
        thing for one in therapies for thing in _of_therapy(transaction, registry, one, station.site)
    )
    boxes = {thing.object_id for thing in found if thing.found is Found.BOX}
    found += [
        LyingAround(_OF_EQUIPMENT[one.id[0]], code_on(transaction, one.id), one.title, one.id)
        for one in registry.equipments.values()
        if one.site == station.site and one.id[0] in _OF_EQUIPMENT and one.id not in boxes
    ]
    found += [
        LyingAround(Found.LOT, code_on(transaction, one.id), lot_named(one), one.id)
        for one in registry.lots.values()
        if one.site == station.site
    ]
    found += [
        LyingAround(Found.LOCATION, code_on(transaction, one.id), one.title, one.id)
        for one in registry.locations.values()
        if one.site == station.site
    ]
    return tuple(found)


def each_once(things: Iterable[LyingAround]) -> list[LyingAround]:
    """A box with the bags of several patients lies there once, and so does its seal."""
    found: dict[str, LyingAround] = {}
    for one in things:
        before = found.get(one.code)
        found[one.code] = one if before is None else replace(before, cois=(*before.cois, *one.cois))
    return list(found.values())


def _of_therapy(
    transaction: Transaction, registry: RegistryState, therapy: TherapyState, site: str
) -> Iterator[LyingAround]:
    """Its card; the wristband where the patient is; what is at the site, or in a driver's hands."""
    coi = therapy.coi
    yield LyingAround(Found.COI, code_on(transaction, coi), "COI card", coi, (coi,))
    is_with_patient = site in (therapy.sites.collection, therapy.sites.treatment)
    held = transaction.openings(therapy.patient_identifiers) if is_with_patient else {}
    for opening in held.values():
        value = opening.value
        if isinstance(value, dict) and "value" in value:
            title = f"wristband, {str(value['type']).replace('_', ' ')}"
            yield LyingAround(Found.FOREIGN, str(value["value"]), title, "", (coi,))
    for event in dict.fromkeys(one.event_id for one in map(release_of, therapy.open_units()) if one):
        if is_with_patient and event in therapy.releases:
            code = receipt_code(therapy.events[event].digest).text
            yield LyingAround(Found.RECEIPT, code, "certificate of the release", "", (coi,))
    boxes = set[str]()
    for unit in therapy.open_units():
        if not _is_at_hand(registry, unit, site):
            continue
        title, place = unit.material.value.replace("_", " "), described(registry, unit.custodian)
        yield LyingAround(Found.UNIT, unit_code(transaction, unit), title, unit.unit, (coi,), place)
        if unit.cassette is not None:
            code = code_on(transaction, unit.cassette)
            yield LyingAround(Found.CASSETTE, code, f"cassette of {title}", unit.unit, (coi,), place)
        if unit.box is not None and unit.box not in boxes:
            boxes.add(unit.box)
            known = registry.equipment(unit.box)
            name = known.title if known is not None else "box"
            yield LyingAround(Found.BOX, code_on(transaction, unit.box), name, unit.box, (coi,), place)
            if unit.box in therapy.seals:
                yield LyingAround(
                    Found.FOREIGN, therapy.seals[unit.box], "seal of its box", "", (coi,), place
                )


def _is_at_hand(registry: RegistryState, unit: UnitState, site: str) -> bool:
    """Nobody holds it yet, a person or a driver does, it is on its way to the next hands, or it lies here."""
    party = unit.custodian
    if party is None or unit.handoff is not None or party.type is PartyType.CARRIER:
        return True
    return party_site(registry, party) in (site, None)


def unit_code(transaction: Transaction, unit: UnitState) -> str:
    """The code on a unit: the copy that was applied last, else the one printed last."""
    applied = [letter for letter, state in unit.labels.items() if state is LabelState.APPLIED]
    if not applied:
        return code_on(transaction, unit.unit)
    return next(code.text for code in possible_copies(unit.unit) if code.copy == applied[-1])


def code_on(transaction: Transaction, object_id: str) -> str:
    """The code on an object as it was printed last; its first copy where nothing was printed."""
    printed = transaction.printed_copies(object_id)
    if not printed:
        return first_copy(object_id).text
    return next(code.text for code in possible_copies(object_id) if code.copy == printed[-1].copy_letter)
