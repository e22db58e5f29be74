"""What may be a password or PIN, and Argon2id over it (RFC 9106; 21 CFR 11.300)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type, hash_secret, hash_secret_raw, verify_secret

from schema.canonical import Json
from schema.counting import counted
from schema.errors import InputError, IntegrityFailure
from schema.identifiers import is_object_id, parse_printed
from schema.papercodes import parse_head, parse_receipt

PASSWORD_MIN: Final = 8
PASSWORD_BYTES_MAX: Final = 1024
"""Longer than any sentence somebody types; a limit keeps hostile input from costing time."""

PIN_LENGTH: Final = 6
_PIN: Final = re.compile(rf"[0-9]{{{PIN_LENGTH}}}", re.ASCII)
KEY_BYTES: Final = 32
SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class ArgonCost:
    """What one guess costs; the limits keep a forged cost from exhausting the machine."""

    passes: int
    memory_kib: int
    lanes: int

    def __post_init__(self) -> None:
        if not (
            1 <= self.passes <= 20 and 1 <= self.lanes <= 16 and 8 * self.lanes <= self.memory_kib <= 2**20
        ):
            raise InputError(f"The Argon2id cost {self} is outside what cartrail takes.")

    def to_json(self) -> dict[str, Json]:
        """The cost as it is kept beside what it protects."""
        return {"passes": self.passes, "memory_kib": self.memory_kib, "lanes": self.lanes}


STRONG: Final = ArgonCost(passes=3, memory_kib=65536, lanes=4)
"""The second recommendation of RFC 9106 section 4, about 0.1 s on a desk computer."""

WEAK: Final = ArgonCost(passes=1, memory_kib=8, lanes=1)
"""For tests and demo data only."""


def checked_password(password: str, *, staff: str = "") -> str:
    """The password in NFC; raises InputError if too short, too long, the staff id or one of our codes."""
    text = unicodedata.normalize("NFC", password)
    if len(text) < PASSWORD_MIN:
        raise InputError(
            f"The password has {counted(len(text), 'character')}.",
            remedy=f"Take at least {PASSWORD_MIN}; a few words are better than signs.",
            code="weak_password",
        )
    if len(text.encode()) > PASSWORD_BYTES_MAX:
        raise InputError(f"The password is longer than {PASSWORD_BYTES_MAX} bytes.", code="weak_password")
    if staff and text.casefold() == staff.casefold():
        raise InputError("The password is the staff id.", remedy="Take another.", code="weak_password")
    refuse_code(text)
    return text


def is_pin(text: str) -> bool:
    """Whether a text has the form of a PIN."""
    return _PIN.fullmatch(text) is not None


def checked_pin(pin: str) -> str:
    """The PIN; raises InputError unless it is digits, `PIN_LENGTH` of them."""
    if not is_pin(pin):
        raise InputError(
            f"The PIN is not exactly {PIN_LENGTH} digits.",
            remedy=f"Take {PIN_LENGTH} digits.",
            code="bad_pin",
        )
    return pin


def refuse_code(text: str) -> None:
    """Raise InputError for a frame off a label: a scan is never taken as a password."""
    if is_our_code(text):
        raise InputError(
            "What was entered as a password is a cartrail code.",
            remedy="Type the password; the scan was not used.",
            code="code_as_password",
        )


def is_our_code(text: str) -> bool:
    """Whether a text is an object id, a printed code, a head or a receipt, however a scanner wrote it."""
    frame = text.strip().upper()
    if is_object_id(frame):
        return True
    for parse in (parse_printed, parse_head, parse_receipt):
        try:
            parse(frame)
        except InputError:
            continue
        return True
    return False


def verifier_of(secret: str, cost: ArgonCost, salt: bytes) -> str:
    """The encoded Argon2id hash by which a secret is recognized; it holds its own salt and cost."""
    return hash_secret(
        secret.encode(), salt, cost.passes, cost.memory_kib, cost.lanes, KEY_BYTES, Type.ID
    ).decode("ascii")


def recognizes(verifier: str, secret: str) -> bool:
    """Whether the secret is the one of the verifier; raises IntegrityFailure for what is no verifier."""
    try:
        cost = extract_parameters(verifier)
        ArgonCost(cost.time_cost, cost.memory_cost, cost.parallelism)
        return verify_secret(verifier.encode(), secret.encode(), Type.ID)
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError, InputError, ValueError) as error:
        raise IntegrityFailure("A stored password verifier is not an Argon2id hash.") from error


def derived_key(secret: str, cost: ArgonCost, salt: bytes) -> bytes:
    """The 32 bytes that a secret gives under a salt of its own."""
    return hash_secret_raw(
        secret.encode(), salt, cost.passes, cost.memory_kib, cost.lanes, KEY_BYTES, Type.ID
    )
