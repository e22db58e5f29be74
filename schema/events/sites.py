"""Events of the chain `registry` about how a site is reached."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events.base import Payload, ShortName, Text


class SiteContactChanged(Payload):
    """A site moved or is called elsewhere; what is left out stays as it was."""

    kind: ClassVar[str] = "site_contact_changed"
    site: ShortName
    address: Text | None = None
    phone_24h: str | None = Field(default=None, max_length=40)
