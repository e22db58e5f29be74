"""Keys of the log and of stations: making their files, and which of them counts for which checkpoint.

A key counts for a checkpoint when its `key_added` is in the tree at that size and its `key_retired` is not:
what a thief signs with a retired key shows by the tree alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schema.errors import StoreError
from schema.signing import key_id
from tracker.evidence.cosignature import station_name, station_vkey
from tracker.evidence.vkey import LogKey, VerifierKey, read_log_key, vkey, write_log_key
from tracker.rules.public_keys import public_text
from tracker.rules.registry_state import LOG_OWNER, STATION_OWNER, Key, RegistryState

LOG_KEY_FILE: Final = "log.key"
STATION_KEY_FILE: Final = "station.key"
NEXT_LOG_KEY_FILE: Final = LOG_KEY_FILE + ".next"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: what a `key_added` says of it."""

    key: str
    public: str
    verifier: VerifierKey


def key_folder(config: Path, origin: str) -> Path:
    """Where the keys of one store lie, beside the configuration and never in the database."""
    return config / origin.removeprefix("cartrail/").replace("/", "-")


def log_keys(registry: RegistryState, under: int | None = None) -> list[VerifierKey]:
    """The log's keys that count where that is the registry's last entry in the tree, or all there were."""
    return [vkey(registry.origin, key.public) for key in _counting(registry, under) if key.owner == LOG_OWNER]


def station_keys(registry: RegistryState, under: int | None = None) -> list[VerifierKey]:
    """The cosigning keys of stations that count, or all there were."""
    return [
        station_vkey(registry.origin, key.owner.removeprefix(STATION_OWNER), key.public)
        for key in _counting(registry, under)
        if key.owner.startswith(STATION_OWNER)
    ]


def _counting(registry: RegistryState, under: int | None) -> Iterator[Key]:
    return (key for key in registry.keys.values() if under is None or key.counts_at(under))


def read_hub_key(folder: Path) -> LogKey | None:
    """The log's private key where this is a hub, else None; raises StoreError if others could read it."""
    path = folder / LOG_KEY_FILE
    return read_log_key(path) if path.exists() else None


def read_station_key(folder: Path) -> LogKey:
    """This station's private key; raises StoreError where there is none."""
    path = folder / STATION_KEY_FILE
    if not path.exists():
        raise StoreError(
            f"This station has no key at {path}.",
            remedy="Make one here and let an administrator add it to the registry with `add_station_key`.",
            code="no_station_key",
        )
    return read_log_key(path)


def stage_log_key(folder: Path, origin: str) -> NewKey:
    """The next key of the log beside the one that counts; one staged before and never used is set aside."""
    return _made(folder / NEXT_LOG_KEY_FILE, origin, vkey(origin, bytes(32)).algorithm)


def use_staged_log_key(folder: Path) -> None:
    """Let the staged key be the log's, once its `key_added` is recorded; the one before is set aside."""
    staged, path = folder / NEXT_LOG_KEY_FILE, folder / LOG_KEY_FILE
    if not staged.exists():
        return
    if path.exists():
        path.replace(path.with_name(f"{path.name}.{key_id(read_log_key(path).verifier.public)}"))
    staged.replace(path)


def finish_rotation(folder: Path, registry: RegistryState) -> None:
    """Take the staged key into use when the registry already counts it, whatever interrupted that before."""
    staged, active = folder / NEXT_LOG_KEY_FILE, registry.active_key(LOG_OWNER)
    if staged.exists() and active is not None and active.public == read_log_key(staged).verifier.public:
        use_staged_log_key(folder)


def make_station_key(folder: Path, origin: str, station: str) -> NewKey:
    """A first or next key of a station; the file of the one before is set aside."""
    name = station_name(origin, station)
    return _made(folder / STATION_KEY_FILE, name, station_vkey(origin, station, bytes(32)).algorithm)


def _made(path: Path, name: str, algorithm: int) -> NewKey:
    if path.exists():
        # Retired, not destroyed: until its retirement is recorded it may still be the one that counts.
        old = key_id(read_log_key(path).verifier.public)
        path.replace(path.with_name(f"{path.name}.{old}"))
    private = Ed25519PrivateKey.generate()
    write_log_key(path, LogKey(name, private))
    public = private.public_key().public_bytes_raw()
    return NewKey(key_id(public), public_text(public), vkey(name, public, algorithm=algorithm))
