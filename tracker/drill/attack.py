"""What an attack of the drill is, and what is claimed of it before it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tracker.drill.rehearsal import Rehearsal
from tracker.drill.scene import AttackedCopy


class Caught(StrEnum):
    """What it takes to catch an attack."""

    REFUSED = "refused"
    """The program itself: it stops with exit code 4 before anything is recorded."""

    ALONE = "alone"
    """Verification of the store by itself."""

    HEAD = "head"
    """Only a head code that somebody else has on paper."""

    RECEIPT = "receipt"
    """Only a receipt code that somebody else has on paper."""

    NAMED = "named"
    """Nothing shows that it was not so, but every verdict, bundle and report names it for ever."""

    NOTHING = "nothing"
    """No check of the record; people and other papers may."""

    UNTOUCHED = "untouched"
    """The store is not attacked, but a bundle that has left it."""


class InBundle(StrEnum):
    """What becomes of an attack in a bundle, judged by the verifier that lies in it."""

    CAUGHT = "caught"
    """By the bundle alone."""

    REFUSED = "refused"
    """No bundle is made: the export stops and says why."""

    PAPER = "paper"
    """Only with a head or receipt code that somebody else has on paper."""

    NAMED = "named"
    """It is no finding, but the verdict names it."""

    TRUE = "true"
    """What was changed does not get there: the bundle says what was so."""

    NOTHING = "nothing"
    """The bundle says what was not so, and nothing shows it."""


@dataclass(frozen=True, slots=True)
class Attack:
    """A way to make the record say what was not so; on rows, with keys, or on a bundle that has left."""

    name: str
    does: str
    """What is done to the copy, as an auditor reads it."""

    caught: Caught
    in_bundle: InBundle
    hand: Callable[[AttackedCopy], None] | None = None
    """The attack on a copy of any store; it needs nothing but the database."""

    inside: Callable[[Rehearsal, AttackedCopy], None] | None = None
    """The attack of somebody with keys: tried on a rehearsal store, whose keys are worth nothing."""

    on_bundle: Callable[[dict[str, bytes]], None] | None = None
    """The attack on the files of a bundle that left the store before; their digests are mended after it."""

    because: str = ""
    """Why no check can catch it, and what helps instead."""
