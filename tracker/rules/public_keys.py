"""Public keys as events write them: base64 of 32 bytes, named by the digest of those bytes."""

from __future__ import annotations

import base64
import binascii

from schema.signing import key_id

PUBLIC_BYTES = 32


def public_bytes(text: str) -> bytes:
    """The bytes of a public key; none when the text is not strict base64, so that reading never fails."""
    try:
        public = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return public if len(public) == PUBLIC_BYTES and base64.b64encode(public).decode() == text else b""


def public_text(public: bytes) -> str:
    """The text that an event carries for a public key."""
    return base64.b64encode(public).decode()


def names_key(key: str, public: str) -> bool:
    """Whether the key id is that of the public key, so that neither can be swapped for another."""
    raw = public_bytes(public)
    return bool(raw) and key_id(raw) == key
