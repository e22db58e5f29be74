"""Cosignatures (C2SP tlog-cosignature, `cosignature/v1`): a station's word that it saw this head and no fork.

Each is a note signature of type 0x04: eight bytes of POSIX time, then Ed25519 over a heading, that time and
the checkpoint's text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from schema.errors import InputError
from tracker.evidence.checkpoint import Checkpoint, SignedCheckpoint, parse_checkpoint
from tracker.evidence.note import NoteSignature, parse_lines, verifies
from tracker.evidence.vkey import COSIGNATURE, LogKey, VerifierKey, vkey

_TIME_BYTES: Final = 8
_VALUE_BYTES: Final = _TIME_BYTES + 64
_SECONDS_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cosigned:
    """What a true cosignature says."""

    name: str
    seconds: int
    """POSIX time at which the station signed."""

    @property
    def signed_at(self) -> datetime:
        """The time as an aware datetime; raises InputError for a year no calendar has."""
        try:
            return datetime.fromtimestamp(self.seconds, UTC)
        except (OverflowError, ValueError, OSError) as error:
            raise InputError(f"The cosignature of {self.name} is of second {self.seconds}.") from error


def station_name(origin: str, station: str) -> str:
    """The name under which a station cosigns."""
    return f"{origin}/station/{station}"


def station_vkey(origin: str, station: str, public: bytes) -> VerifierKey:
    """The verifier key of a station."""
    return vkey(station_name(origin, station), public, algorithm=COSIGNATURE)


def cosign(checkpoint: Checkpoint, key: LogKey, now: datetime) -> NoteSignature:
    """A signature line over the checkpoint; whoever calls this has checked its consistency first."""
    seconds = int(now.timestamp())
    value = seconds.to_bytes(_TIME_BYTES, "big") + key.private.sign(_message(checkpoint, seconds))
    verifier = vkey(key.name, key.verifier.public, algorithm=COSIGNATURE)
    return NoteSignature(key.name, verifier.key_hash, value)


def cosigned(checkpoint: Checkpoint, signature: NoteSignature, key: VerifierKey) -> Cosigned:
    """What the signature says; raises InputError unless it is the key's over just this checkpoint."""
    if key.algorithm != COSIGNATURE or not signature.names(key):
        raise InputError(f"The line of {signature.name} is not a cosignature by the key of {key.name}.")
    if len(signature.value) != _VALUE_BYTES:
        raise InputError(
            f"The cosignature of {key.name} has {len(signature.value)} bytes, not {_VALUE_BYTES}.",
            code="bad_signature",
        )
    seconds = int.from_bytes(signature.value[:_TIME_BYTES], "big")
    message = _message(checkpoint, seconds)
    if seconds > _SECONDS_MAX or not verifies(key.public, signature.value[_TIME_BYTES:], message):
        raise InputError(
            f"The cosignature of {key.name} is not one over size {checkpoint.tree_size}.",
            code="bad_signature",
        )
    return Cosigned(key.name, seconds)


def parse_cosignature(line: str) -> NoteSignature:
    """The one signature in a stored line."""
    signatures = parse_lines(line)
    if len(signatures) != 1:
        raise InputError(f"A cosignature is one line; here are {len(signatures)}.")
    return signatures[0]


def with_cosignatures(note: str, lines: Iterable[str]) -> SignedCheckpoint:
    """A checkpoint with cosignature lines under it, which belong after the log's own."""
    return parse_checkpoint(note + "".join(lines))


def _message(checkpoint: Checkpoint, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{checkpoint.text}".encode()
