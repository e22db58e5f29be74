"""Requests about shipments: book a carrier, and say what is heard of it on its way."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from labels.gs1 import SSCC_DIGITS, require_sscc
from labels.identities import identities
from labels.reader import read
from schema.errors import BadCode
from schema.events import shipments as events
from schema.events.base import ShipmentId, ShortName, Value, Word
from schema.events.shipments import SsccText, WaybillText
from schema.identifiers import is_object_id
from schema.vocabulary import ProgressSource, ShipmentMilestone
from tracker.requests.base import PayloadClass, Request, ScanField
from tracker.requests.fields import DeclaredTime

_SSCC = "(00)"


def _waybill(value: object) -> object:
    """A number as it stands on the waybill, in capitals; none of our codes can be one."""
    if not isinstance(value, str):
        return value
    text = value.strip().upper()
    if is_object_id(text) or (text.startswith("CT") and is_object_id(text[2:13])):
        raise BadCode(
            f'"{text}" is a code of this network, and no waybill.', remedy="Read the waybill of the carrier."
        )
    return text


def _sscc(value: object) -> object:
    """The eighteen digits of an SSCC, read from a symbol, its text or the digits alone."""
    if not isinstance(value, str):
        return value
    typed = value.strip().removeprefix(_SSCC).replace(" ", "")
    if typed.isascii() and typed.isdigit() and len(typed) == SSCC_DIGITS:
        return require_sscc(typed)
    found = (one.value for one in identities(read(value)) if one.value.startswith(_SSCC))
    return require_sscc(next(found, value))


class WindowGiven(Value):
    """From when until when somebody is expected."""

    earliest: DeclaredTime
    latest: DeclaredTime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.latest < self.earliest:
            raise ValueError("its latest time is before its earliest")
        return self


class BookShipment(Request):
    """Book a carrier before anything is packed."""

    name: ClassVar[str] = "book_shipment"
    summary: ClassVar[str] = (
        "Book a carrier for one or several therapies: lane, pick-up, delivery, box, logger (coordinator)."
    )
    records: ClassVar[PayloadClass] = events.ShipmentBooked
    therapies: tuple[ScanField, ...] = Field(min_length=1, max_length=40)
    shipment: ShipmentId | None = Field(
        default=None, description="the standing booking that this one replaces; drawn when not given"
    )
    lane: ShortName
    pick_up: WindowGiven
    delivery: WindowGiven
    box: ScanField | None = None
    data_logger: ScanField | None = None
    waybill: Annotated[WaybillText, BeforeValidator(_waybill)] | None = None
    sscc: Annotated[SsccText, BeforeValidator(_sscc)] | None = None


class ReportShipment(Request):
    """Say what is heard of a shipment on its way."""

    name: ClassVar[str] = "report_shipment"
    summary: ClassVar[str] = (
        "Record what a carrier says of a shipment: departed, arrived, delayed, lost, with the new estimate."
    )
    records: ClassVar[PayloadClass] = events.ShipmentProgress
    shipment: ScanField = Field(description="its id, waybill or SSCC, or the box it travels in")
    milestone: ShipmentMilestone
    place: Word
    estimated_delivery: DeclaredTime | None = None
    source: ProgressSource
