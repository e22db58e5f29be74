"""What lies in which position of a place, and where boxes, shippers and loggers were last: read tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from schema.tables.base import INSTANT, NUMBER, TEXT, WITHOUT_ROWID, Row, natural


class PlacePositionRow(Row, table=True):
    """A unit in a position; the key keeps a second one out of it, whatever a rule says."""

    __tablename__ = "place_position"
    __table_args__ = (
        natural("sequence"),
        Index("ix_place_position_coi", "coi"),
        WITHOUT_ROWID,
    )

    location: str = Field(sa_type=TEXT, primary_key=True)
    position: str = Field(sa_type=TEXT, primary_key=True)
    unit: str = Field(sa_type=TEXT)
    coi: str = Field(sa_type=TEXT)
    sequence: int = Field(sa_type=NUMBER)
    """The entry that put it there, in the therapy's chain."""


class EquipmentPlaceRow(Row, table=True):
    """Where a box or logger was last with cells of a therapy; the newest of all therapies counts."""

    __tablename__ = "equipment_place"
    __table_args__ = (
        natural("sequence"),
        natural("units"),
        Index("ix_equipment_place_coi", "coi"),
        WITHOUT_ROWID,
    )

    equipment: str = Field(sa_type=TEXT, primary_key=True)
    coi: str = Field(sa_type=TEXT, primary_key=True)
    sequence: int = Field(sa_type=NUMBER)
    """The entry that says it, in the therapy's chain."""
    at: datetime = Field(sa_type=INSTANT)
    site: str | None = Field(sa_type=TEXT)
    custodian_type: str = Field(sa_type=TEXT)
    custodian: str = Field(sa_type=TEXT)
    """Who holds it; empty once it was opened."""
    units: int = Field(sa_type=NUMBER)
    """How many units of the therapy are in the box, or beside the logger."""
    box: str | None = Field(sa_type=TEXT)
    """The box in which a logger is; NULL for a box, and for a logger that came out."""
    destination: str | None = Field(sa_type=TEXT)
    """Where a closed box is to go."""
    hold_until: datetime | None = Field(sa_type=INSTANT)
    """How long a closed box holds, as it was said when it was packed."""
