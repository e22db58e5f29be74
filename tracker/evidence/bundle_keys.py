"""The keys in a bundle: those its registry entries added, in the forms in which others can use them."""

from __future__ import annotations

from typing import Final

from schema.canonical import Json
from tracker.evidence.log_keys import log_keys, station_keys
from tracker.rules.public_keys import public_text
from tracker.rules.registry_state import LOG_OWNER, STATION_OWNER, RegistryState

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ORDER_EIGHT: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL: Final = frozenset({0, 1, _P - 1, _ORDER_EIGHT, _P - _ORDER_EIGHT})
"""The y of every point whose eightfold is neutral: a key at one of them signs anything."""


def keys_json(registry: RegistryState) -> Json:
    """What keys.json says, in the order in which the registry added them."""
    people = [key for key in registry.keys.values() if not _of_program(key.owner)]
    return {
        "log": [str(key) for key in log_keys(registry)],
        "people": [{"key": key.key, "public": public_text(key.public), "staff": key.owner} for key in people],
        "stations": [str(key) for key in station_keys(registry)],
    }


def owners_with_several(registry: RegistryState) -> list[tuple[str, int]]:
    """People with more than one key, which is what a reset password leaves behind."""
    owners = [key.owner for key in registry.keys.values() if not _of_program(key.owner)]
    return sorted((owner, owners.count(owner)) for owner in set(owners) if owners.count(owner) > 1)


def is_strict_key(public: bytes) -> bool:
    """Whether the bytes are the one encoding (RFC 8032) of a point that may be a key."""
    number = int.from_bytes(public, "little")
    y, is_odd = number & (1 << 255) - 1, number >> 255
    if len(public) != 32 or y >= _P or y in _SMALL:
        return False
    square = (y * y - 1) * (_D * y * y + 1) % _P
    # A square over another is one when their product is; the sign of a zero x cannot be odd.
    return pow(square, (_P - 1) // 2, _P) == 1 or (square == 0 and not is_odd)


def _of_program(owner: str) -> bool:
    return owner == LOG_OWNER or owner.startswith(STATION_OWNER)
