"""Requests about things on loan and in use: empty shippers, terminals; the chain `registry`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events.equipment import Noticed
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import ScanField


class BoxInUse(RegistryRequest):
    """A request about an empty box; every other act on that box counts against it."""

    box: ScanField


class EmptyBox(BoxInUse):
    """Look inside a box and find nothing."""

    name: ClassVar[str] = "empty_box"
    summary: ClassVar[str] = "Say that a box is empty: two people have looked inside and counted nothing."
    tally: int = Field(ge=0, le=200)


class CollectEmpty(BoxInUse):
    """Take an empty box away."""

    name: ClassVar[str] = "collect_empty"
    summary: ClassVar[str] = "Take an emptied box away as its carrier, to bring it back."


class ReturnEmpty(BoxInUse):
    """Take an empty box back."""

    name: ClassVar[str] = "return_empty"
    summary: ClassVar[str] = "Take an empty box back from the carrier that brings it."


class CheckTerminal(RegistryRequest):
    """Say what was noticed of each answer of a terminal."""

    name: ClassVar[str] = "check_terminal"
    summary: ClassVar[str] = "Record a terminal's self-test: whether each answer was heard and seen."
    ok: Noticed
    check: Noticed
    stop: Noticed
