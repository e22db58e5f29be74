"""What an attack of the drill is, and what is claimed of it before it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tracker.drill.rehearsal import Rehearsal
from tracker.drill.scene import AttackedCopy


class Caught(StrEnum):
    """What it takes to catch an attack."""

    ALONE = "alone"
    """Verification of the store by itself."""

    HEAD = "head"
    """Only a head code that somebody else has on paper."""

    RECEIPT = "receipt"
    """Only a receipt code that somebody else has on paper."""

    NOTHING = "nothing"
    """No check of the record; people and other papers may."""


@dataclass(frozen=True, slots=True)
class Attack:
    """A way to make the record say what was not so."""

    name: str
    does: str
    """What is done to the copy, as an auditor reads it."""

    caught: Caught
    hand: Callable[[AttackedCopy], None] | None = None
    """The attack on a copy of any store; it needs nothing but the database."""

    inside: Callable[[Rehearsal, AttackedCopy], None] | None = None
    """The attack of somebody with keys: tried on a rehearsal store, whose keys are worth nothing."""

    because: str = ""
    """Why no check can catch it, and what helps instead."""
