"""What lies around at a station of a demo or training store, with the codes that are on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schema.identifiers import first_copy, possible_copies
from schema.vocabulary import LabelState, ObjectType
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.rules.registry_state import RegistryState, Station
from tracker.rules.situation import Found
from tracker.rules.therapy_state import TherapyState, UnitState

THERAPIES_MAX = 40
"""The last changed at the site; a tray is looked through by hand."""


_OF_EQUIPMENT: Final = {ObjectType.BOX.value: Found.BOX, ObjectType.DATA_LOGGER.value: Found.DATA_LOGGER}


@dataclass(frozen=True, slots=True)
class LyingAround:
    """One thing, or one number of a wristband."""

    found: Found
    code: str
    """What a scanner would read off it."""

    title: str
    object_id: str = ""
    coi: str = ""


def lying_around(
    transaction: Transaction, memory: StateCache, registry: RegistryState, station: Station
) -> tuple[LyingAround, ...]:
    """The cards, bands, bags and cassettes of the site's therapies, then its boxes, loggers and places."""
    rows = transaction.therapies(limit=THERAPIES_MAX, site=station.site, status="active")
    known = (memory.therapy(transaction, row.coi) for row in rows)
    therapies = [one.state for one in known if one is not None]
    found = [thing for one in therapies for thing in _of_therapy(transaction, one)]
    found += [
        LyingAround(_OF_EQUIPMENT[one.id[0]], code_on(transaction, one.id), one.title, one.id)
        for one in registry.equipments.values()
        if one.site == station.site and one.id[0] in _OF_EQUIPMENT
    ]
    found += [
        LyingAround(Found.LOCATION, code_on(transaction, one.id), one.title, one.id)
        for one in registry.locations.values()
        if one.site == station.site
    ]
    return tuple(found)


def _of_therapy(transaction: Transaction, therapy: TherapyState) -> Iterator[LyingAround]:
    coi = therapy.coi
    yield LyingAround(Found.COI, code_on(transaction, coi), "COI card", coi, coi)
    held = transaction.openings(therapy.patient_identifiers)
    for opening in held.values():
        value = opening.value
        if isinstance(value, dict) and "value" in value:
            title = f"wristband, {str(value['type']).replace('_', ' ')}"
            yield LyingAround(Found.FOREIGN, str(value["value"]), title, "", coi)
    for unit in therapy.open_units():
        title = unit.material.value.replace("_", " ")
        yield LyingAround(Found.UNIT, unit_code(transaction, unit), title, unit.unit, coi)
        if unit.cassette is not None:
            code = code_on(transaction, unit.cassette)
            yield LyingAround(Found.CASSETTE, code, f"cassette of {title}", unit.unit, coi)
        if unit.box is not None and unit.box in therapy.seals:
            yield LyingAround(Found.FOREIGN, therapy.seals[unit.box], "seal of its box", unit.box, coi)


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
