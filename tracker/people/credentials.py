"""A person's signing key at rest: encrypted under their password, beside a verifier of that password.

To the store a credential is four opaque values. Who can write there can destroy a key but not use it: the
blob is bound to staff id, key id and cost, and opens only under the password (21 CFR 11.200(a)(2), 11.300).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from argon2.exceptions import Argon2Error
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schema.canonical import Json, canonical, parsed
from schema.errors import CartrailError, IntegrityFailure, SignInRefused
from schema.signing import key_id
from tracker.people.passwords import (
    KEY_BYTES,
    SALT_BYTES,
    STRONG,
    ArgonCost,
    checked_password,
    checked_pin,
    derived_key,
    is_our_code,
    recognizes,
    verifier_of,
)

BLOB_FORM = "cartrail-credential/1"
NONCE_BYTES = 12

Entropy = Callable[[int], bytes]
"""Gives so many random bytes."""


@dataclass(frozen=True, slots=True)
class SealedKey:
    """One stored row: whose, which key, how the password is recognized, and the encrypted key."""

    staff: str
    key: str
    verifier: str = field(repr=False)
    blob: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What the password protects: the private key, and how the PIN is recognized."""

    seed: bytes
    pin_key: bytes
    """A random key, so that the PIN's digest can be compared with nothing outside the blob."""

    pin_digest: str

    @property
    def private(self) -> Ed25519PrivateKey:
        """The signing key."""
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> bytes:
        """The 32 public bytes."""
        return self.private.public_key().public_bytes_raw()

    def is_pin(self, pin: str) -> bool:
        """Whether this is the PIN, compared in constant time."""
        return hmac.compare_digest(_pin_digest(self.pin_key, pin), self.pin_digest)


def new_secrets(pin: str, *, entropy: Entropy = secrets.token_bytes) -> Secrets:
    """A new signing key with its PIN."""
    seed, pin_key = entropy(KEY_BYTES), entropy(KEY_BYTES)
    return Secrets(seed, pin_key, _pin_digest(pin_key, checked_pin(pin)))


def with_pin(held: Secrets, pin: str, *, entropy: Entropy = secrets.token_bytes) -> Secrets:
    """The same signing key with another PIN."""
    pin_key = entropy(KEY_BYTES)
    return Secrets(held.seed, pin_key, _pin_digest(pin_key, checked_pin(pin)))


def sealed(
    held: Secrets,
    *,
    staff: str,
    password: str,
    cost: ArgonCost = STRONG,
    entropy: Entropy = secrets.token_bytes,
) -> SealedKey:
    """The credential that protects the secrets under a password; raises InputError for one that is too weak.

    Verifier and encryption have salts of their own, so that knowing the one tells nothing of the other.
    """
    text = checked_password(password, staff=staff)
    key = key_id(held.public)
    salt, nonce = entropy(SALT_BYTES), entropy(NONCE_BYTES)
    header = _header(staff, key, cost, salt, nonce)
    plain = canonical(
        {"seed": _base64(held.seed), "pin_key": _base64(held.pin_key), "pin_digest": held.pin_digest}
    )
    hidden = AESGCM(derived_key(text, cost, salt)).encrypt(nonce, plain, canonical(header))
    blob = canonical({**header, "sealed": _base64(hidden)})
    return SealedKey(staff, key, verifier_of(text, cost, entropy(SALT_BYTES)), blob)


def opened(credential: SealedKey, password: str) -> Secrets:
    """The secrets of a credential.

    Raises SignInRefused for a wrong password, and IntegrityFailure when the right one does not open it.
    """
    if is_our_code(password):
        raise SignInRefused(
            "What was entered as a password is a cartrail code.",
            remedy="Type the password; the scan was not used and does not count as a failure.",
            code="code_as_password",
        )
    text = _normalized(password)
    if not recognizes(credential.verifier, text):
        raise SignInRefused(f"The password is not that of {credential.staff}.", code="wrong_password")
    try:
        return _opened(credential, text)
    except (Argon2Error, InvalidTag, KeyError, TypeError, ValueError, CartrailError) as error:
        raise IntegrityFailure(
            f"The stored key of {credential.staff} was changed: the right password does not open it.",
            code="credential_changed",
        ) from error


def _opened(credential: SealedKey, text: str) -> Secrets:
    stored = parsed(credential.blob)
    if not isinstance(stored, Mapping) or not isinstance(stored["argon2id"], Mapping):
        raise TypeError("The blob is not an object.")
    numbers = {str(name): int(str(value)) for name, value in stored["argon2id"].items()}
    cost = ArgonCost(**numbers)
    salt, nonce = _bytes(stored["salt"]), _bytes(stored["nonce"])
    header = _header(credential.staff, credential.key, cost, salt, nonce)
    plain = AESGCM(derived_key(text, cost, salt)).decrypt(nonce, _bytes(stored["sealed"]), canonical(header))
    content = parsed(plain)
    if not isinstance(content, Mapping):
        raise TypeError("The sealed part is not an object.")
    held = Secrets(_bytes(content["seed"]), _bytes(content["pin_key"]), str(content["pin_digest"]))
    if key_id(held.public) != credential.key:
        raise ValueError("The sealed key is another.")
    return held


def _header(staff: str, key: str, cost: ArgonCost, salt: bytes, nonce: bytes) -> dict[str, Json]:
    """What is authenticated with the sealed part, so that a blob under another name does not open."""
    return {
        "form": BLOB_FORM,
        "staff": staff,
        "key": key,
        "argon2id": cost.to_json(),
        "cipher": "AES-256-GCM",
        "salt": _base64(salt),
        "nonce": _base64(nonce),
    }


def _normalized(password: str) -> str:
    """The password as it was normalized when it was set; one that could not be set is a wrong one."""
    try:
        return checked_password(password)
    except CartrailError as error:
        raise SignInRefused("The password is not one that cartrail takes.", code="wrong_password") from error


def _pin_digest(pin_key: bytes, pin: str) -> str:
    return hmac.new(pin_key, pin.encode(), sha256).hexdigest()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(value: Json) -> bytes:
    return base64.b64decode(str(value), validate=True)
