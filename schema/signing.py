"""Ed25519 signatures over statements: what is signed, key ids, and checking."""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schema.canonical import canonical
from schema.entry import Signature
from schema.instants import format_instant
from schema.vocabulary import Meaning

PREFIX = b"cartrail/1 signature\n"


def key_id(public: bytes) -> str:
    """The first 16 hex digits of SHA-256 over the 32-byte public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def signed_bytes(
    statement_digest: str, signer: str, name: str, meaning: Meaning, signed_at: datetime
) -> bytes:
    """What a signature is over: sequence, previous and recorded_at are outside, so it can be made offline."""
    return PREFIX + canonical(
        {
            "statement_digest": statement_digest,
            "signer": signer,
            "name": name,
            "meaning": meaning.value,
            "signed_at": format_instant(signed_at),
        }
    )


def sign(
    private: Ed25519PrivateKey,
    *,
    statement_digest: str,
    signer: str,
    name: str,
    meaning: Meaning,
    signed_at: datetime,
) -> Signature:
    """A signature under the statement with that digest."""
    value = private.sign(signed_bytes(statement_digest, signer, name, meaning, signed_at))
    key = key_id(private.public_key().public_bytes_raw())
    return Signature(signer, name, meaning, signed_at, key, base64.b64encode(value).decode())


def verifies(signature: Signature, statement_digest: str, public: bytes) -> bool:
    """Whether the signature is by that public key over that statement, strictly encoded."""
    try:
        value = base64.b64decode(signature.value, validate=True)
    except (binascii.Error, ValueError):
        return False
    if base64.b64encode(value).decode() != signature.value or key_id(public) != signature.key:
        return False
    message = signed_bytes(
        statement_digest, signature.signer, signature.name, signature.meaning, signature.signed_at
    )
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(value, message)
    except (InvalidSignature, ValueError):
        return False
    return True
