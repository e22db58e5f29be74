"""Signed notes (C2SP signed-note): a text, a blank line, and a line for each signature.

The reader is strict: what it takes is exactly what it would write, byte for byte.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schema.errors import InputError
from tracker.evidence.vkey import ED25519, LogKey, VerifierKey

SIGNATURES_MAX: Final = 100
"""As many as Go's note package reads; the specification asks for at least 16."""

_DASH: Final = "\u2014 "
_KEY_HASH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: whose it claims to be, and the bytes."""

    name: str
    key_hash: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line, with its newline."""
        data = base64.b64encode(self.key_hash + self.value).decode("ascii")
        return f"{_DASH}{self.name} {data}\n"

    def names(self, key: VerifierKey) -> bool:
        """Whether it claims to be by this key: name and key id together name a key and its algorithm."""
        return self.name == key.name and self.key_hash == key.key_hash


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and what is signed under it."""

    text: str
    """With its last newline, as it is signed."""

    signatures: tuple[NoteSignature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line for signature in self.signatures)}"


def sign_note(text: str, *keys: LogKey) -> SignedNote:
    """The text, signed with Ed25519 (type 0x01); raises InputError for a text no note may hold."""
    check_text(text)
    return SignedNote(text, tuple(_signature(text, key) for key in keys))


def _signature(text: str, key: LogKey) -> NoteSignature:
    return NoteSignature(key.name, key.verifier.key_hash, key.private.sign(text.encode()))


def is_signed(note: SignedNote, key: VerifierKey) -> bool:
    """Whether the Ed25519 key has signed the note; raises InputError where a line of its is false."""
    if key.algorithm != ED25519:
        raise InputError(f"The key {key.name} is of type 0x{key.algorithm:02x}; notes are signed by 0x01.")
    lines = [signature for signature in note.signatures if signature.names(key)]
    for signature in lines:
        if not verifies(key.public, signature.value, note.text.encode()):
            raise InputError(f"The signature of {key.name} is not one under this note.", code="bad_signature")
    return bool(lines)


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the bytes are this key's Ed25519 signature under the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def parse_note(data: str | bytes) -> SignedNote:
    """The note in these bytes; raises InputError unless writing it again gives the same."""
    text = _decoded(data)
    # The text may have empty lines itself, so the last one is what parts it from the signatures.
    body, blank, lines = text.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise _malformed("it does not end in a blank line and signature lines")
    check_text(body + "\n")
    return SignedNote(body + "\n", parse_lines(lines))


def parse_lines(lines: str) -> tuple[NoteSignature, ...]:
    """The signatures of lines that each end in a newline; raises InputError for anything else among them."""
    found = lines.split("\n")[:-1]
    if not lines.endswith("\n") or not 0 < len(found) <= SIGNATURES_MAX:
        raise _malformed(f"it has {len(found)} signature lines; 1 to {SIGNATURES_MAX} may stand there")
    return tuple(_parsed(line) for line in found)


def check_text(text: str) -> None:
    """Raise InputError unless the text may be signed as a note."""
    if not text.endswith("\n") or text == "\n":
        raise _malformed("its text does not end in a line")
    _check_characters(text)


def no_double(signatures: Iterable[NoteSignature]) -> None:
    """Raise InputError where one key stands twice: a second line adds nothing but bytes."""
    seen: set[tuple[str, bytes]] = set()
    for signature in signatures:
        place = (signature.name, signature.key_hash)
        if place in seen:
            raise _malformed(f"the key {signature.name} stands under it twice")
        seen.add(place)


def decoded64(text: str, what: str) -> bytes:
    """The bytes of strict base64; raises InputError unless they are written in just this way."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"The {what} {text[:60]!a} is not base64.") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise InputError(f"The {what} {text[:60]!a} is base64 with bits to spare.")
    return data


def _parsed(line: str) -> NoteSignature:
    name, space, data = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise _malformed(f"{line[:60]!a} is not a signature line")
    if not name or "+" in name or any(char.isspace() for char in name):
        raise _malformed(f"{name[:60]!a} is not a key name")
    value = decoded64(data, "signature")
    if len(value) <= _KEY_HASH_BYTES:
        raise _malformed(f"the signature of {name} is too short to be one")
    return NoteSignature(name, value[:_KEY_HASH_BYTES], value[_KEY_HASH_BYTES:])


def _decoded(data: str | bytes) -> str:
    try:
        text = data.decode() if isinstance(data, bytes) else data
        text.encode()
    except UnicodeError as error:
        raise _malformed("it is not UTF-8") from error
    _check_characters(text)
    return text


def _check_characters(text: str) -> None:
    foreign = next((char for char in text if char < " " and char != "\n"), None)
    if foreign is not None:
        raise _malformed(f"it has the control character {foreign!a}")


def _malformed(why: str) -> InputError:
    return InputError(
        f"This is not a signed note: {why}.",
        remedy="Take the file as it was given out; a copied or reformatted note is no evidence.",
        code="malformed_note",
    )
