"""What is done with many things at once: its request, and what is scanned first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tracker.values import Found
from tui.language import tr


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that is done with many units."""

    title: str
    request: str = ""
    """The request of the set; empty where nothing is recorded."""

    kind: str = ""
    place: Found | None = None
    """What is scanned first: a location or a box."""

    is_expected: bool = False
    """Whether the record says what should be there."""

    asks_more: bool = False
    """Whether a form asks for the rest before signing: seal, carrier, condition."""


PUT_AWAY: Final = Task(tr("Put away"), "store", "stored", Found.LOCATION)
RETRIEVE: Final = Task(tr("Retrieve"), "retrieve", "retrieved", Found.LOCATION)
PACK: Final = Task(tr("Pack a shipper"), "pack", "packed", Found.BOX, asks_more=True)
UNPACK: Final = Task(tr("Unpack: take out again"), "unpack", "unpacked", Found.BOX, is_expected=True)
INSPECT: Final = Task(
    tr("Unpack: open a box that came"), "inspect", "inspected", Found.BOX, True, asks_more=True
)
FREEZE: Final = Task(tr("Take into a freezing run"), "cryopreserve", "cryopreserved")
CONSUME: Final = Task(tr("Take samples into a test run"), "consume", "consumed")
COUNT: Final = Task(tr("Count a place; nothing is recorded"), place=Found.LOCATION, is_expected=True)
COUNT_BOX: Final = Task(tr("Count a box; nothing is recorded"), place=Found.BOX, is_expected=True)
TASKS: Final = (PUT_AWAY, RETRIEVE, PACK, UNPACK, INSPECT, FREEZE, CONSUME, COUNT, COUNT_BOX)
