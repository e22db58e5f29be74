"""The keys in a bundle: those its registry entries added, in the forms in which others can use them."""

from __future__ import annotations

from schema.canonical import Json
from tracker.evidence.log_keys import log_keys, station_keys
from tracker.rules.public_keys import public_text
from tracker.rules.registry_state import LOG_OWNER, STATION_OWNER, RegistryState


def keys_json(registry: RegistryState) -> Json:
    """What keys.json says, in the order in which the registry added them."""
    people = [key for key in registry.keys.values() if not _of_program(key.owner)]
    return {
        "log": [str(key) for key in log_keys(registry)],
        "people": [{"key": key.key, "public": public_text(key.public), "staff": key.owner} for key in people],
        "stations": [str(key) for key in station_keys(registry)],
    }


def _of_program(owner: str) -> bool:
    return owner == LOG_OWNER or owner.startswith(STATION_OWNER)
