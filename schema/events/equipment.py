"""Events of the chain `registry` about things on loan and in use: empty shippers, terminals."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events.base import BoxId, Payload, ShortName, Value


class BoxEmptied(Payload):
    """Two people looked into a box and found nothing in it; by the ledger it held nothing either."""

    kind: ClassVar[str] = "box_emptied"
    box: BoxId
    site: ShortName
    uses: int = Field(ge=0, le=2**40)
    """How many acts on this box there had been; one more, and somebody has to look inside again."""


class EmptyCollected(Payload):
    """A carrier took an emptied box away, to bring it back."""

    kind: ClassVar[str] = "empty_collected"
    box: BoxId
    carrier: ShortName
    site: ShortName


class EmptyReturned(Payload):
    """A site took an empty box back from its carrier."""

    kind: ClassVar[str] = "empty_returned"
    box: BoxId
    carrier: ShortName
    site: ShortName


class Noticed(Value):
    """What the person at a terminal noticed of one answer that was played."""

    heard: bool
    seen: bool


class TerminalChecked(Payload):
    """A terminal's self-test: each answer was played, and a person said what was noticed of it."""

    kind: ClassVar[str] = "terminal_checked"
    station: ShortName
    ok: Noticed
    check: Noticed
    stop: Noticed
