"""Salted commitments: what a chain says about a value that must stay erasable or unseen by others."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from schema.canonical import Json, canonical

PREFIX = b"cartrail/1 commitment\n"
SALT_BYTES = 32


class Commitment(BaseModel):
    """The hex digest that stands in an entry in place of the value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commitment: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: kept in the one erasable table, never in an entry."""

    field: str
    value: Json
    salt: bytes

    @property
    def commitment(self) -> str:
        """The hex digest this opens: SHA-256(prefix || 32-byte salt || canonical field and value)."""
        return hashlib.sha256(
            PREFIX + self.salt + canonical({"field": self.field, "value": self.value})
        ).hexdigest()


def opens(commitment: str, opening: Opening) -> bool:
    """Whether the opening is that of the commitment."""
    return len(opening.salt) == SALT_BYTES and opening.commitment == commitment
