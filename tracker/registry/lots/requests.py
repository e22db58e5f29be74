"""Requests about lots of goods: received at a site, released, kept back, rejected, used up."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from schema.events import lots as events
from schema.events.base import LotId, Sha256, ShortName, Word
from schema.events.lots import TradeItem
from schema.measured import CelsiusText
from schema.vocabulary import LotStatus
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import FreeText, PayloadClass, ScanField
from tracker.requests.fields import LabelTitle, NearDay, object_id_of


class ReceiveLot(RegistryRequest):
    """Take goods of one lot in at a site."""

    name: ClassVar[str] = "receive_lot"
    summary: ClassVar[str] = "Receive a lot of a reagent, vector or set; it is in quarantine until released."
    records: ClassVar[PayloadClass] = events.LotReceived
    lot: Annotated[LotId, BeforeValidator(object_id_of)] | None = Field(
        default=None, description="drawn when not given"
    )
    item: Word = Field(description="what it is, by the protocol's word")
    site: ShortName
    number: Annotated[LabelTitle, Field(max_length=40)]
    gtin: TradeItem | None = Field(default=None, description="14 digits; the maker's own code then names it")
    expires: NearDay = Field(description="the last day on which it is good")
    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    certificate: Sha256 | None = None


class SetLotStatus(RegistryRequest):
    """Say whether a lot may be used."""

    name: ClassVar[str] = "set_lot_status"
    summary: ClassVar[str] = "Release a lot for use (quality), or restrict, quarantine, reject or use it up."
    records: ClassVar[PayloadClass] = events.LotStatusSet
    lot: ScanField
    status: LotStatus
    reference: FreeText | None = Field(default=None, description="the number of a paper it rests on")


class RecallLot(RegistryRequest):
    """Recall a lot, or go on with a recall that concerns many therapies."""

    name: ClassVar[str] = "recall_lot"
    summary: ClassVar[str] = (
        "Recall a lot (quality, two people): what it touched is blocked at once, then quarantined by chain."
    )
    records: ClassVar[PayloadClass] = events.LotStatusSet
    needs_reason: ClassVar[bool] = True
    lot: ScanField
    reference: FreeText | None = Field(default=None, description="the number of the maker's notice")
