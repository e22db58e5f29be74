"""Finding therapies: by the beginning of a code, or by whom and what their chains name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from schema.canonical import Json, canonical
from schema.errors import InputError
from schema.instants import format_instant, parse_instant
from schema.tables import MentionRow, TherapyRow
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.rules.attempt import sites_with_part
from tracker.rules.lots import lot_named
from tracker.rules.registry_state import RegistryState
from tracker.rules.situation import PATIENT_FIELD, Found, Resolution
from tracker.views.models import FoundTherapy, SearchSubject

OVERREAD = 8
"""One therapy may have several codes that begin alike."""


@dataclass(frozen=True, slots=True)
class SoughtIdentifier:
    """An identifier as somebody typed it; without issuer or type it may be anybody's, or of any kind."""

    value: str
    issuer: str | None = None
    type: str | None = None

    def is_like(self, held: Mapping[str, Json]) -> bool:
        """Whether a held value is this one; capitals make no difference."""
        return (
            str(held.get("value")).casefold() == self.value.casefold()
            and self.issuer in (None, held.get("issuer"))
            and self.type in (None, held.get("type"))
        )


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """A therapy of a patient, and of which kind the identifier is."""

    coi: str
    issuer: str
    type: str


_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_WORDS: Final = {
    Found.BADGE: "person",
    Found.BOX: "box",
    Found.LOCATION: "place",
    Found.DATA_LOGGER: "logger",
    Found.INSTRUMENT: "instrument",
    Found.LOT: "lot",
    Found.SHIPMENT: "shipment",
}


def subjects_named(registry: RegistryState, resolution: Resolution, text: str) -> tuple[SearchSubject, ...]:
    """What a scan or typed words may stand for, beside a therapy; none where nothing has such a name."""
    word = _WORDS.get(resolution.found)
    if word is not None and resolution.object_id is not None:
        return (_of_object(registry, word, resolution.object_id),)
    typed = text.strip()
    if _DAY.fullmatch(typed):
        return (_day(typed),)
    named = tuple(_called(registry, typed.casefold()))
    return named or (SearchSubject(f"code:{resolution.object_id or typed}", f"the code {typed}"),)


def therapies_found(transaction: Transaction, rows: list[MentionRow]) -> tuple[FoundTherapy, ...]:
    """The rows with where their therapies stand."""
    found = ((row, transaction.therapy(row.chain)) for row in rows)
    return tuple(_found(row, therapy) for row, therapy in found if therapy is not None)


def place_after(last: FoundTherapy) -> tuple[str, str]:
    """Where the next page begins."""
    return format_instant(last.at), last.coi


def _found(row: MentionRow, therapy: TherapyRow) -> FoundTherapy:
    return FoundTherapy(
        row.chain,
        row.first_sequence,
        row.last_sequence,
        parse_instant(row.recorded_at),
        therapy.status,
        therapy.stage,
        therapy.attention,
    )


def _of_object(registry: RegistryState, word: str, object_id: str) -> SearchSubject:
    if word == "person":
        owner = registry.badge_owner(object_id)
        return (
            SearchSubject(f"person:{owner.staff}", owner.name)
            if owner
            else SearchSubject("person:", "nobody")
        )
    if word == "place":
        location = registry.location(object_id)
        return SearchSubject(f"place:{object_id}", location.title if location is not None else object_id)
    if word == "lot":
        lot = registry.lot(object_id)
        return SearchSubject(f"lot:{object_id}", lot_named(lot) if lot is not None else object_id)
    equipment = registry.equipment(object_id)
    return SearchSubject(f"{word}:{object_id}", equipment.title if equipment is not None else object_id)


def _day(text: str) -> SearchSubject:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f'The day "{text}" does not exist.', remedy="Type it as 2026-11-23.") from error
    return SearchSubject(f"day:{text}", f"{day:%A} {text}")


def _called(registry: RegistryState, words: str) -> Iterator[SearchSubject]:
    """Who and what in the registry has this id, or a name with these words in it; ids come first."""
    if len(words) < 2:
        return
    exact: list[SearchSubject] = []
    alike: list[SearchSubject] = []
    for id_, name, subject in _all(registry):
        if words == id_.casefold():
            exact.append(subject)
        elif words in name.casefold():
            alike.append(subject)
    yield from exact or alike


def _all(registry: RegistryState) -> Iterator[tuple[str, str, SearchSubject]]:
    for person in registry.people.values():
        yield (
            person.staff,
            person.name,
            SearchSubject(f"person:{person.staff}", f"{person.name} ({person.staff})"),
        )
    for site in registry.sites.values():
        yield site.code, site.title, SearchSubject(f"site:{site.code}", f"{site.title} ({site.code})")
    for location in registry.locations.values():
        yield (
            location.id,
            location.title,
            SearchSubject(f"place:{location.id}", f"{location.title}, {location.site}"),
        )
    for one in registry.equipments.values():
        word = {"D": "logger", "E": "instrument"}.get(one.id[0], "box")
        yield one.id, one.title, SearchSubject(f"{word}:{one.id}", one.title)
    for lot in registry.lots.values():
        yield lot.id, lot_named(lot), SearchSubject(f"lot:{lot.id}", lot_named(lot))


def cois_beginning(transaction: Transaction, text: str, *, limit: int) -> tuple[str, ...]:
    """The therapies that a typed text may mean, a page of them; nothing for an empty text."""
    typed = text.strip()
    if not typed:
        return ()
    bare = typed.upper()
    # A printed code is the object's id between two marks; of a typed one the end may be missing.
    spellings = dict.fromkeys((bare, bare.removeprefix("CT")[:11], typed))
    found: dict[str, None] = {}
    for spelling in spellings:
        if spelling:
            rows = transaction.codes_beginning(spelling, limit=limit * OVERREAD)
            found.update(dict.fromkeys(row.coi for row in rows))
    return tuple(found)[:limit]


def patients_therapies(
    transaction: Transaction,
    memory: StateCache,
    identifier: SoughtIdentifier,
    sites: frozenset[str] | None,
) -> tuple[FoundPatient, ...]:
    """The therapies of whoever has this identifier, in which one of the sites has a part; None for all sites.

    What was read at another patient's chair by mistake is held in that chain too, and does not count.
    """
    ending = f'"value":{canonical(identifier.value).decode()}}}'
    found: dict[str, FoundPatient] = {}
    for held in transaction.openings_ending(PATIENT_FIELD, ending):
        value = held.opening.value
        known = memory.therapy(transaction, held.chain)
        if known is None or not isinstance(value, Mapping) or not identifier.is_like(value):
            continue
        is_own = held.opening.commitment in known.state.patient_identifiers
        if is_own and (sites is None or not sites.isdisjoint(sites_with_part(known.state))):
            found[held.chain] = FoundPatient(held.chain, str(value["issuer"]), str(value["type"]))
    return tuple(found.values())


def rows_of_patients(transaction: Transaction, found: Iterable[FoundPatient]) -> tuple[FoundTherapy, ...]:
    """The same as lines of what was found, the last changed first; a patient is named as it begins."""
    rows = filter(None, (transaction.therapy(one.coi) for one in found))
    lines = (
        FoundTherapy(row.coi, 0, 0, row.updated_at, row.status, row.stage, row.attention) for row in rows
    )
    return tuple(sorted(lines, key=lambda one: (one.at, one.coi), reverse=True))
