"""What a protocol asks for at the bed: the certificate, and what is confirmed before cells are thawed."""

from __future__ import annotations

from pydantic import Field

from schema.events.base import Word
from schema.events.identity import CONFIRMED_MAX
from tracker.protocols.parts import ProtocolPart


class Bedside(ProtocolPart):
    """What is read and confirmed at both matches, beside patient, card and container."""

    certificate: bool = False
    """Whether the certificate of the release is scanned at them."""

    confirm: tuple[Word, ...] = Field(default=(), max_length=CONFIRMED_MAX)
    """What has to be confirmed before the thaw, in this order."""
