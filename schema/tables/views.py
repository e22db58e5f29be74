"""Read tables, written with the entries they reflect and rebuildable from them; and the copies printed."""

from __future__ import annotations

from sqlalchemy import Boolean, Index, text
from sqlmodel import Field

from schema.tables.base import NUMBER, TEXT, WITHOUT_ROWID, Row, natural

_NEEDS_ATTENTION = text("attention <> '[]'")


class Therapy(Row, table=True):
    """Where one therapy stands: a line of the board."""

    __tablename__ = "therapy"
    __table_args__ = (
        natural("sequence"),
        Index("ix_therapy_status_updated_at_coi", "status", "updated_at", "coi"),
        Index(
            "ix_therapy_attention",
            "updated_at",
            "coi",
            sqlite_where=_NEEDS_ATTENTION,
            postgresql_where=_NEEDS_ATTENTION,
        ),
    )

    coi: str = Field(sa_type=TEXT, primary_key=True)
    sequence: int = Field(sa_type=NUMBER)
    """The sequence in its chain that this row reflects."""
    stage: str = Field(sa_type=TEXT)
    status: str = Field(sa_type=TEXT)
    protocol: str = Field(sa_type=TEXT)
    protocol_version: str = Field(sa_type=TEXT)
    collection_site: str = Field(sa_type=TEXT)
    manufacturing_site: str = Field(sa_type=TEXT)
    treatment_site: str = Field(sa_type=TEXT)
    attention: str = Field(sa_type=TEXT)
    """A JSON array of flags; `[]` when nothing calls for attention."""
    document: str = Field(sa_type=TEXT)
    updated_at: str = Field(sa_type=TEXT)


class Unit(Row, table=True):
    """Where one unit is, who answers for it and what may be done with it."""

    __tablename__ = "unit"
    __table_args__ = (
        natural("sequence"),
        Index("ix_unit_coi", "coi"),
        Index("ix_unit_box", "box"),
        Index("ix_unit_site", "site"),
        Index("ix_unit_cassette", "cassette"),
    )

    unit: str = Field(sa_type=TEXT, primary_key=True)
    coi: str = Field(sa_type=TEXT)
    sequence: int = Field(sa_type=NUMBER)
    material: str = Field(sa_type=TEXT)
    custodian_type: str = Field(sa_type=TEXT)
    custodian: str = Field(sa_type=TEXT)
    site: str | None = Field(default=None, sa_type=TEXT)
    location: str | None = Field(default=None, sa_type=TEXT)
    box: str | None = Field(default=None, sa_type=TEXT)
    cassette: str | None = Field(default=None, sa_type=TEXT)
    disposition: str | None = Field(default=None, sa_type=TEXT)
    quarantined: bool = Field(sa_type=Boolean)
    final_disposition: str | None = Field(default=None, sa_type=TEXT)
    handoff: str | None = Field(default=None, sa_type=TEXT)
    document: str = Field(sa_type=TEXT)


class ScanCode(Row, table=True):
    """Something that a scanner may read, and what it stands for: an object id, or `issuer|type|value`."""

    __tablename__ = "scan_code"
    __table_args__ = (
        natural("sequence"),
        Index("ix_scan_code_coi", "coi"),
        Index("ix_scan_code_object_id", "object_id"),
        Index("ix_scan_code_value", "value"),
        WITHOUT_ROWID,
    )

    code: str = Field(sa_type=TEXT, primary_key=True)
    coi: str = Field(sa_type=TEXT)
    sequence: int = Field(sa_type=NUMBER)
    object_type: str = Field(sa_type=TEXT)
    object_id: str = Field(sa_type=TEXT)
    issuer: str | None = Field(default=None, sa_type=TEXT)
    """Who issued an adopted code; NULL for ours."""
    value: str | None = Field(default=None, sa_type=TEXT)
    """The adopted code itself, which several issuers may have given; NULL for ours."""
    status: str = Field(sa_type=TEXT)


class PrintedCopy(Row, table=True):
    """One copy of a label, printed by whom and where; its letter is never given twice."""

    __tablename__ = "printed_copy"
    __table_args__ = (WITHOUT_ROWID,)

    object_id: str = Field(sa_type=TEXT, primary_key=True)
    copy_letter: str = Field(sa_type=TEXT, primary_key=True)
    printed_at: str = Field(sa_type=TEXT)
    staff: str = Field(sa_type=TEXT)
    station: str = Field(sa_type=TEXT)
