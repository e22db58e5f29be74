"""One-time codes for a first or forgotten password: shown once, kept only as a hash, soon expired.

The issuer knows the code; what keeps them from using it is that its use needs another person as witness.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from schema.errors import SignInRefused
from schema.identifiers import ALPHABET
from schema.instants import format_minute, to_milliseconds
from tracker.people.credentials import Entropy
from tracker.people.passwords import SALT_BYTES, STRONG, ArgonCost, recognizes, verifier_of

GROUP: Final = 5
CODE_LENGTH: Final = 2 * GROUP
"""47 bits behind Argon2id: more than can be tried before the code expires."""

_ASK: Final = "Ask an administrator for a new one-time code."


@dataclass(frozen=True, slots=True)
class HeldCode:
    """What is kept of a code: whose it is, its Argon2id hash and its end."""

    staff: str
    verifier: str = field(repr=False)
    expires_at: datetime


def draw_code(choose: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """A new code as it is shown to its receiver, in two groups."""
    text = "".join(choose(ALPHABET) for _ in range(CODE_LENGTH))
    return f"{text[:GROUP]}-{text[GROUP:]}"


def held_code(
    code: str,
    *,
    staff: str,
    expires_at: datetime,
    cost: ArgonCost = STRONG,
    entropy: Entropy = secrets.token_bytes,
) -> HeldCode:
    """What the store keeps of a code."""
    return HeldCode(staff, verifier_of(_bare(code), cost, entropy(SALT_BYTES)), to_milliseconds(expires_at))


def check_code(
    held: HeldCode | None, *, staff: str, code: str, now: datetime, offset_of: Callable[[datetime], str]
) -> None:
    """Raise SignInRefused unless this is the person's code and not expired; compared in constant time."""
    if held is None or held.staff != staff:
        raise SignInRefused(f"No one-time code is out for {staff}.", remedy=_ASK, code="access_code_missing")
    if now >= held.expires_at:
        ended = format_minute(held.expires_at, offset_of(held.expires_at))
        raise SignInRefused(
            f"The one-time code of {staff} expired at {ended}.",
            remedy=_ASK,
            code="access_code_expired",
        )
    if not recognizes(held.verifier, _bare(code)):
        raise SignInRefused(
            f"That is not the one-time code of {staff}.",
            remedy="Type it again; its groups may be typed with or without the hyphen.",
            code="wrong_access_code",
        )


def _bare(code: str) -> str:
    """The code without what people put between its groups."""
    return "".join(code.upper().replace("-", " ").split())
