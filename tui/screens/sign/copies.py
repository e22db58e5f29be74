"""Copies of labels as people know them: A for the first, whatever character stands inside the code. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schema.canonical import Json
from schema.identifiers import copy_ordinal
from tui.language import tr

_LETTERS: Final = frozenset(
    {"copy_letter", "copies", "printed", "not_printed", "applied", "voided", "superseded", "destroyed"}
    | {"kept", "open"}
)
_OBJECTS: Final = ("object", "cassette", "unit")


def with_ordinals(payload: Mapping[str, Json]) -> dict[str, Json]:
    """The same values, with the letter that people see wherever the character inside a code stands."""
    owner = next((str(payload[name]) for name in _OBJECTS if payload.get(name)), "")
    return {
        ("copy" if name == "copy_letter" else name): _seen(name, value, owner)
        for name, value in payload.items()
    }


def _seen(name: str, value: Json, owner: str) -> Json:
    if isinstance(value, Mapping):
        return with_ordinals(value)
    if isinstance(value, (list, tuple)):
        return [_seen("", one, "") for one in value]
    if name in _LETTERS and owner and isinstance(value, str):
        return "".join(copy_ordinal(owner, letter) for letter in value)
    return value


def count_words(count: Mapping[str, Json]) -> str:
    """What became of the copies of one object, in one line: whether the sum is right comes last."""
    said = {name: str(count.get(name, "")) for name in _LETTERS}
    words = (
        ("printed", tr("printed")),
        ("applied", tr("applied")),
        ("kept", tr("kept")),
        ("voided", tr("void")),
        ("superseded", tr("replaced")),
        ("destroyed", tr("destroyed")),
    )
    parts = [f"{word} {len(said[name])} ({', '.join(said[name])})" for name, word in words if said[name]]
    missing = said["open"]
    verdict = tr("adds up") if not missing else tr("{count} missing", count=f"{len(missing)} ({missing})")
    return f"{count.get('object', '')}: {', '.join(parts)}; {verdict}"
