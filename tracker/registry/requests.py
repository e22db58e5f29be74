"""What every request about the registry is."""

from __future__ import annotations

from typing import ClassVar

from tracker.requests.base import Request


class RegistryRequest(Request):
    """A request whose events stand in the chain `registry`."""

    by_program: ClassVar[bool] = False
    """Made by the program itself on what it saw; not taken from people or instruments."""
