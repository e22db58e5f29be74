"""Events of the chain `registry` about lots: the reagents, vectors and sets with which cells are made."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.commitments import Commitment
from schema.events.base import Day, LotId, Payload, Sha256, ShortName, Title, Word
from schema.measured import CelsiusText
from schema.vocabulary import LotStatus

LotNumber = Annotated[Title, Field(max_length=40)]
"""As its maker printed it."""

TradeItem = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
"""A GTIN with its leading zeros (GS1 AI 01)."""


class LotReceived(Payload):
    """Goods of one lot came to a site; until quality has released them they touch no cells."""

    kind: ClassVar[str] = "lot_received"
    lot: LotId
    item: Word
    """What it is, by the word that protocols have for it."""

    site: ShortName
    number: LotNumber
    gtin: TradeItem | None = None
    """By which its maker's own code is known, together with the number."""

    expires: Day
    """The last day on which it is good, by the calendar of its site."""

    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    """How it is kept, as its label says."""

    certificate: Sha256 | None = None
    """Of the file of its certificate of analysis."""


class LotStatusSet(Payload):
    """Whether a lot may touch cells from here on."""

    kind: ClassVar[str] = "lot_status_set"
    lot: LotId
    status: LotStatus
    reference: Commitment | None = None
    """A number of somebody else's paper, such as a supplier's notice of recall."""
