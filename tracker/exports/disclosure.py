"""What an export discloses beyond the bare events: chosen one by one, and always stated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Final

from msgspec.structs import replace

from schema.commitments import Opening
from schema.entry import Entry, Signature
from schema.errors import InputError
from tracker.exports.openings import commitments_of
from tracker.registry.kinds import is_a_name
from tracker.rules.registry_state import RegistryState
from tracker.rules.situation import PATIENT_FIELD
from tracker.views.facts import Fact

WORDS: Final[Mapping[str, str]] = {
    "identifiers": "patient identifiers",
    "free-text": "free text",
    "names": "names of staff",
}
"""What may be chosen, and how an export names it."""

_NAMES: Final = ("person_name", "id_seen")
"""Fields that a receiver without account wrote on a slip about themselves."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was chosen; by default an export discloses none of it."""

    identifiers: bool = False
    free_text: bool = False
    names: bool = False

    @property
    def opens_anything(self) -> bool:
        """Whether a committed value may be shown."""
        return self.identifiers or self.free_text or self.names

    def stated(self) -> str:
        """The choice as every export says it."""
        return _stated(self)

    def people(self, registry: RegistryState) -> RegistryState:
        """The registry to describe custodians by: without people's names, their staff ids stand there."""
        return registry if self.names else replace(registry, people={})

    def facts(self, kind: str, facts: str) -> str:
        """The facts of an event as JSON; those of a person's own entry are their name."""
        return '{"name":"left out"}' if is_a_name(kind) and not self.names else facts

    def told(self, kind: str, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """The facts of an event in words, with the same left out."""
        return (Fact("name", "left out"),) if is_a_name(kind) and not self.names else facts

    def signer(self, signature: Signature) -> str:
        """Who signed, with the printed name where names were chosen."""
        return f"{signature.name} ({signature.signer})" if self.names else signature.signer

    def opens(self, field: str) -> bool:
        """Whether a committed value of this field may be shown."""
        if field == PATIENT_FIELD:
            return self.identifiers
        return self.names if field in _NAMES else self.free_text

    def opened(self, entry: Entry, openings: Mapping[str, Opening]) -> Iterator[tuple[str, str]]:
        """What an entry committed to and may be shown here: the field, and its value in words."""
        for commitment in sorted(commitments_of(entry)) if openings else ():
            opening = openings.get(commitment)
            if opening is not None and self.opens(opening.field):
                yield opening.field.replace("_", " "), _words(opening.value)

    def words_of(self, openings: Mapping[str, Opening]) -> Mapping[str, str]:
        """The committed values that may be shown here, in words, by commitment."""
        return {
            commitment: _words(opening.value)
            for commitment, opening in openings.items()
            if self.opens(opening.field)
        }


@cache
def _stated(disclosure: Disclosure) -> str:
    chosen = dict(
        zip(WORDS.values(), (getattr(disclosure, one.name) for one in fields(disclosure)), strict=True)
    )
    return "; ".join(f"{word}: {'included' if taken else 'left out'}" for word, taken in chosen.items())


NOTHING_MORE: Final = Disclosure()
NAMES_ONLY: Final = Disclosure(names=True)


def parse_disclosure(text: str) -> Disclosure:
    """A choice such as `identifiers,names`; raises InputError for an unknown word."""
    chosen = [word.strip() for word in text.split(",") if word.strip()]
    unknown = next((word for word in chosen if word not in WORDS), None)
    if unknown is not None or not chosen:
        raise InputError(
            f'"{(unknown or "")[:40]}" is nothing that --with can add.',
            remedy=f"Choose from {', '.join(WORDS)}, with commas between.",
            code="unknown_choice",
        )
    return Disclosure("identifiers" in chosen, "free-text" in chosen, "names" in chosen)


def _words(value: object) -> str:
    if isinstance(value, Mapping) and {"issuer", "type", "value"} <= set(value):
        return f"{value['issuer']} {str(value['type']).replace('_', ' ')} {value['value']}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item}" for key, item in sorted(value.items()))
    return str(value)
