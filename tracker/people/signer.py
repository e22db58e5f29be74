"""A person whose key is unlocked in memory for a session (21 CFR 11.200(a)(1)).

The password opens the session, a PIN each further set of signatures; three wrong PINs end it.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final, NoReturn

from schema.entry import Signature
from schema.errors import SignInRefused
from schema.instants import to_milliseconds
from schema.signing import sign
from schema.vocabulary import Meaning
from tracker.people.credentials import (
    Entropy,
    SealedKey,
    Secrets,
    new_secrets,
    opened,
    sealed,
    with_pin,
)
from tracker.people.passwords import STRONG, ArgonCost

PIN_FAILURES_MAX: Final = 3


class SessionEnded(SignInRefused):
    """The session is over: signed out, or three wrong PINs."""

    default_code = "session_ended"
    default_remedy = "Sign in again with your own badge and password."


class Signer:
    """Somebody in session, who can sign; no text or copy of it holds the key."""

    __slots__ = ("_failures", "_secrets", "key", "name", "staff")

    def __init__(self, staff: str, name: str, key: str, held: Secrets) -> None:
        self.staff = staff
        self.name = name
        """The printed name, as the registry has it."""

        self.key = key
        """The key id."""

        self._secrets: Secrets | None = held
        self._failures = 0

    def __repr__(self) -> str:
        state = "in session" if self.in_session else "ended"
        return f"Signer(staff={self.staff!r}, key={self.key!r}, {state})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A signer holds a private key and is not copied or stored.")

    @property
    def in_session(self) -> bool:
        """Whether the key is still in memory."""
        return self._secrets is not None

    @property
    def public(self) -> bytes:
        """The 32 public bytes of the key."""
        return self._held().public

    def sign(self, statement_digest: str, meaning: Meaning, at: datetime) -> Signature:
        """The signature under the statement with that digest; raises SessionEnded after its end."""
        return sign(
            self._held().private,
            statement_digest=statement_digest,
            signer=self.staff,
            name=self.name,
            meaning=meaning,
            signed_at=to_milliseconds(at),
        )

    def check_pin(self, pin: str) -> None:
        """Raise SignInRefused for a wrong PIN, and SessionEnded at the third in a row."""
        if self._held().is_pin(pin):
            self._failures = 0
            return
        self._failures += 1
        left = PIN_FAILURES_MAX - self._failures
        if left <= 0:
            self.end()
            raise SessionEnded(f"{PIN_FAILURES_MAX} wrong PINs ended the session of {self.staff}.")
        raise SignInRefused(
            f"The PIN is not that of {self.staff}.",
            remedy=f"Try again; after {left} more the session ends.",
            code="wrong_pin",
        )

    def end(self) -> None:
        """Forget the key; whoever is next signs in."""
        self._secrets = None

    def resealed(
        self,
        password: str,
        *,
        pin: str | None = None,
        cost: ArgonCost = STRONG,
        entropy: Entropy = secrets.token_bytes,
    ) -> SealedKey:
        """The same key under another password, and under another PIN if one is given."""
        held = self._held() if pin is None else with_pin(self._held(), pin, entropy=entropy)
        self._secrets = held
        return sealed(held, staff=self.staff, password=password, cost=cost, entropy=entropy)

    def _held(self) -> Secrets:
        if self._secrets is None:
            raise SessionEnded(f"The session of {self.staff} is over.")
        return self._secrets


def unlock(credential: SealedKey, password: str, *, name: str) -> Signer:
    """The session of a person under their printed name; raises SignInRefused for a wrong password."""
    return Signer(credential.staff, name, credential.key, opened(credential, password))


def enroll(
    *,
    staff: str,
    name: str,
    password: str,
    pin: str,
    cost: ArgonCost = STRONG,
    entropy: Entropy = secrets.token_bytes,
) -> tuple[SealedKey, Signer]:
    """A new key under a first password, with the session in which its owner signs its activation."""
    held = new_secrets(pin, entropy=entropy)
    credential = sealed(held, staff=staff, password=password, cost=cost, entropy=entropy)
    return credential, Signer(staff, name, credential.key, held)
