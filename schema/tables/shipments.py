"""Booked shipments: a read table in which a box, a logger or a waybill is found, whatever therapy has it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from schema.tables.base import INSTANT, NUMBER, TEXT, WITHOUT_ROWID, Row, natural


class ShipmentRow(Row, table=True):
    """A booked shipment, once for each therapy that travels in it."""

    __tablename__ = "shipment_now"
    __table_args__ = (
        natural("sequence"),
        Index("ix_shipment_now_coi", "coi"),
        Index("ix_shipment_now_box", "box"),
        Index("ix_shipment_now_data_logger", "data_logger"),
        Index("ix_shipment_now_waybill", "waybill"),
        Index("ix_shipment_now_sscc", "sscc"),
        WITHOUT_ROWID,
    )

    shipment: str = Field(sa_type=TEXT, primary_key=True)
    coi: str = Field(sa_type=TEXT, primary_key=True)
    sequence: int = Field(sa_type=NUMBER)
    """The entry that booked it last, in the therapy's chain."""
    status: str = Field(sa_type=TEXT)
    carrier: str = Field(sa_type=TEXT)
    from_site: str = Field(sa_type=TEXT)
    to_site: str = Field(sa_type=TEXT)
    begins_at: datetime = Field(sa_type=INSTANT)
    """When the carrier comes at the earliest."""
    ends_at: datetime = Field(sa_type=INSTANT)
    """By when it is to be delivered."""
    box: str | None = Field(sa_type=TEXT)
    data_logger: str | None = Field(sa_type=TEXT)
    waybill: str | None = Field(sa_type=TEXT)
    sscc: str | None = Field(sa_type=TEXT)
