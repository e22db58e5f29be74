"""Requests about how a site is reached: the chain `registry`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events.base import ShortName
from tracker.registry.requests import RegistryRequest


class ChangeSiteContact(RegistryRequest):
    """Say where a site is and at which number somebody answers day and night."""

    name: ClassVar[str] = "change_site_contact"
    summary: ClassVar[str] = "Change a site's address or 24 h telephone as labels print them (administrator)."
    site: ShortName
    address: str | None = Field(default=None, min_length=1, max_length=300)
    phone_24h: str | None = Field(default=None, min_length=1, max_length=40)
