"""Keys of the log and of stations as C2SP signed-note writes them, and the private one's file.

A verifier key is `name+hex key id+base64(type byte || public key)`; its id is the first four bytes of
SHA-256(name || 0x0A || type byte || public key).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schema.errors import InputError, StoreError
from tracker.ledger.creation import private_folder

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
"""Type byte of `cosignature/v1`, with which stations sign checkpoints (C2SP tlog-cosignature)."""

KEY_BYTES: Final = 32
PRIVATE_PREFIX: Final = "PRIVATE+KEY"
OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name, as notes name their signers."""

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def key_hash(self) -> bytes:
        """The four bytes that stand before each signature of this key in a note."""
        message = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(message).digest()[:4]

    def __str__(self) -> str:
        data = base64.b64encode(bytes([self.algorithm]) + self.public).decode("ascii")
        return f"{self.name}+{self.key_hash.hex()}+{data}"


def vkey(name: str, public: bytes, *, algorithm: int = ED25519) -> VerifierKey:
    """The verifier key of a name; raises InputError for a name or key that no note could carry."""
    if not name or "+" in name or any(char.isspace() for char in name):
        raise InputError(f'The key name "{name[:60]}" is empty or has a space or plus.')
    if len(public) != KEY_BYTES:
        raise InputError(f"The public key has {len(public)} bytes, not {KEY_BYTES}.")
    return VerifierKey(name, public, algorithm)


@dataclass(frozen=True, slots=True, repr=False)
class LogKey:
    """The private key that signs checkpoints, under the origin as its name; it never enters the database."""

    name: str
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"LogKey(name={self.name!r})"

    @property
    def verifier(self) -> VerifierKey:
        """The public side."""
        return vkey(self.name, self.private.public_key().public_bytes_raw())


def write_log_key(path: Path, key: LogKey) -> None:
    """Write the private key where only its owner can read it; raises StoreError where a file already is.

    The form is the one of Go's `note` package, so that its tools can sign with it.
    """
    data = base64.b64encode(bytes([ED25519]) + key.private.private_bytes_raw()).decode("ascii")
    text = f"{PRIVATE_PREFIX}+{key.name}+{key.verifier.key_hash.hex()}+{data}\n"
    try:
        private_folder(path.parent)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        raise StoreError(
            f"There is already a log key at {path}.",
            remedy="It may be another store's only key: move it away yourself, or choose another folder.",
        ) from error
    except OSError as error:
        raise StoreError(f"The log key cannot be written to {path}: {error.strerror}.") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        os.fchmod(handle, OWNER_ONLY)
        file.write(text)
        file.flush()
        os.fsync(handle)


def read_log_key(path: Path) -> LogKey:
    """The private key of a file; raises StoreError if there is none or others could have read it."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="ascii").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(
            f"There is no readable log key at {path}.", remedy="Only the hub has it; run this on the hub."
        ) from error
    if mode & 0o077:
        raise StoreError(
            f"The log key at {path} has the mode {mode:04o}, so others can read it.",
            remedy=f"Find out who did, then run chmod 600 {path}.",
        )
    name, _, rest = text.removeprefix(PRIVATE_PREFIX + "+").partition("+")
    key_hash, _, data = rest.partition("+")
    try:
        raw = _decoded(data, path.name)
        key = LogKey(name, Ed25519PrivateKey.from_private_bytes(raw[1:]))
        whole = key.verifier.key_hash.hex() == key_hash and raw[0] == ED25519
    except (InputError, ValueError) as error:
        raise StoreError(f"The file {path} does not hold a log key.") from error
    if not whole or not text.startswith(PRIVATE_PREFIX):
        raise StoreError(f"The log key at {path} does not have the id that it names.")
    return key


def _decoded(data: str, shown: str) -> bytes:
    """The type byte and key."""
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f'"{shown[:60]}" does not end in base64.') from error
    if len(raw) != KEY_BYTES + 1:
        raise InputError(f'"{shown[:60]}" does not end in a type byte and {KEY_BYTES} bytes of key.')
    return raw
