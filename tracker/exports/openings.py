"""Which committed values leave the store: those of the therapies asked for, never one of another patient."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Final

from schema.canonical import Json, canonical
from schema.commitments import Commitment, Opening
from schema.entry import Entry
from schema.events.identity import Enrolled, MixupOccurred, MixupPrevented
from tracker.rules.situation import PATIENT_FIELD

CODE_FIELD: Final = "code"
"""The field of a code that the chain may not name: it stands for another therapy, or for nothing here."""


def shown(entries: Iterable[Entry], held: Mapping[str, Opening]) -> Mapping[str, Opening]:
    """The openings of a chain that whoever may read the chain may read.

    A mix-up commits to what was read instead: another patient's code or wristband.
    """
    if not held:
        return {}
    named: set[str] = set()
    foreign: set[str] = set()
    own: set[bytes] = set()
    for entry in entries:
        payload = entry.statement.payload
        named |= commitments_of(entry)
        if isinstance(payload, MixupPrevented | MixupOccurred):
            foreign.add(payload.read.commitment)
        if isinstance(payload, Enrolled):
            own |= _values(payload.patient_identifiers, held)
    return {
        commitment: opening
        for commitment, opening in held.items()
        if commitment in named and commitment not in foreign and _is_own(opening, own)
    }


def commitments_of(entry: Entry) -> set[str]:
    """Every commitment that an entry names."""
    reads = {read.code.commitment for read in entry.statement.reads if not isinstance(read.code, str)}
    return reads | {item.commitment for item in entry.statement.payload.commitments()}


def to_json(openings: Mapping[str, Opening]) -> Mapping[str, Json]:
    """The openings as `openings.json` holds them."""
    return {
        commitment: {
            "field": opening.field,
            "salt": base64.b64encode(opening.salt).decode("ascii"),
            "value": opening.value,
        }
        for commitment, opening in openings.items()
    }


def _values(identifiers: Iterable[Commitment], held: Mapping[str, Opening]) -> set[bytes]:
    openings = (held.get(item.commitment) for item in identifiers)
    return {canonical(opening.value) for opening in openings if opening is not None}


def _is_own(opening: Opening, own: set[bytes]) -> bool:
    if opening.field == PATIENT_FIELD:
        return canonical(opening.value) in own
    return opening.field != CODE_FIELD
