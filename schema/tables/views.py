"""Read tables, written with the entries they reflect and rebuildable from them; and the copies printed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from schema.tables.base import INSTANT, NUMBER, TEXT, TRUTH, WITHOUT_ROWID, WORDS, Row, natural

_NEEDS_ATTENTION = text("attention <> '[]'")
_AT_RISK = text("at_risk")
_NOTED = text("noted_at IS NOT NULL")
_OWED = text("duty_from IS NOT NULL")
_AT_HAND = text("final_disposition IS NULL AND (location IS NULL OR cassette IS NULL)")
"""In somebody's hands, or put away before it was frozen: where a clock may run."""
_HANDED_OVER = text("handoff IS NOT NULL")
_PUT_AWAY = text("location IS NOT NULL")


class TherapyRow(Row, table=True):
    """Where one therapy stands: a line of the board."""

    __tablename__ = "therapy"
    __table_args__ = (
        natural("sequence"),
        Index("ix_therapy_status_updated_hour", "status", "updated_hour"),
        Index(
            "ix_therapy_attention",
            "updated_hour",
            sqlite_where=_NEEDS_ATTENTION,
            postgresql_where=_NEEDS_ATTENTION,
        ),
        Index("ix_therapy_waits", "waits_until", "coi"),
        Index("ix_therapy_at_risk", "waits_until", "coi", sqlite_where=_AT_RISK, postgresql_where=_AT_RISK),
        Index("ix_therapy_noted", "noted_at", sqlite_where=_NOTED, postgresql_where=_NOTED),
        Index("ix_therapy_owed", "duty_from", "coi", sqlite_where=_OWED, postgresql_where=_OWED),
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
    waits_until: str = Field(sa_type=TEXT)
    """When the first ends of all that runs or is promised; behind it `none`, `not begun` and `~ended`."""
    breach_at: str = Field(sa_type=TEXT)
    """When the first limit of its cells ends; behind every time `none`."""
    at_risk: bool = Field(sa_type=TRUTH)
    """Whether by the record alone something booked may be later than promised, or past a limit."""
    begun: bool = Field(sa_type=TRUTH)
    """Whether there is a unit of it."""
    promised: str | None = Field(sa_type=TEXT)
    """The day that is promised for its last milestone, also where nothing is booked for it any more."""
    stalled_at: datetime | None = Field(sa_type=INSTANT)
    """From when on it is stalled if nothing more is recorded."""
    noted_at: datetime | None = Field(sa_type=INSTANT)
    """When the last of its notes was written."""
    duty_from: datetime | None = Field(sa_type=INSTANT)
    """From when on a duty after its infusion calls; never later than the first that is open."""
    attention: tuple[str, ...] = Field(sa_type=WORDS)
    """Flags that call for somebody; none when all is well."""
    document: str = Field(sa_type=TEXT)
    """Further content as JSON text, whose form the writer decides."""
    updated_at: datetime = Field(sa_type=INSTANT)
    updated_hour: str = Field(sa_type=TEXT)
    """`2026-03-02T08`: an index by the time itself would be written with every entry."""


class UnitRow(Row, table=True):
    """Where one unit is, who answers for it and what may be done with it."""

    __tablename__ = "unit"
    __table_args__ = (
        natural("sequence"),
        Index("ix_unit_coi", "coi"),
        Index("ix_unit_box", "box"),
        Index("ix_unit_site", "site"),
        Index("ix_unit_cassette", "cassette"),
        Index("ix_unit_at_hand", "site", sqlite_where=_AT_HAND, postgresql_where=_AT_HAND),
        Index("ix_unit_handoff", "handoff", sqlite_where=_HANDED_OVER, postgresql_where=_HANDED_OVER),
        Index("ix_unit_location", "location", sqlite_where=_PUT_AWAY, postgresql_where=_PUT_AWAY),
    )

    unit: str = Field(sa_type=TEXT, primary_key=True)
    coi: str = Field(sa_type=TEXT)
    sequence: int = Field(sa_type=NUMBER)
    material: str = Field(sa_type=TEXT)
    custodian_type: str = Field(sa_type=TEXT)
    custodian: str = Field(sa_type=TEXT)
    site: str | None = Field(sa_type=TEXT)
    location: str | None = Field(sa_type=TEXT)
    box: str | None = Field(sa_type=TEXT)
    data_logger: str | None = Field(sa_type=TEXT)
    """The logger in the box with it, while it is in one."""
    cassette: str | None = Field(sa_type=TEXT)
    disposition: str | None = Field(sa_type=TEXT)
    quarantined: bool = Field(sa_type=TRUTH)
    final_disposition: str | None = Field(sa_type=TEXT)
    handoff: str | None = Field(sa_type=TEXT)
    document: str = Field(sa_type=TEXT)


class CodeRow(Row, table=True):
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
    issuer: str | None = Field(sa_type=TEXT)
    """Who issued an adopted code; NULL for ours."""
    value: str | None = Field(sa_type=TEXT)
    """The adopted code itself, which several issuers may have given; NULL for ours."""
    status: str = Field(sa_type=TEXT)


class PrintedCopyRow(Row, table=True):
    """One copy of a label, printed by whom and where; its letter is never given twice.

    Written before the paper; of it only the outcome can be written later, and once.
    """

    __tablename__ = "printed_copy"
    __table_args__ = (
        Index("ix_printed_copy_unit", "unit"),
        Index("ix_printed_copy_site", "site"),
        WITHOUT_ROWID,
    )

    object_id: str = Field(sa_type=TEXT, primary_key=True)
    copy_letter: str = Field(sa_type=TEXT, primary_key=True)
    printed_at: datetime = Field(sa_type=INSTANT)
    staff: str = Field(sa_type=TEXT)
    station: str = Field(sa_type=TEXT)
    label: str = Field(sa_type=TEXT)
    """The kind of label, such as `cassette label`."""
    site: str = Field(sa_type=TEXT)
    unit: str | None = Field(sa_type=TEXT)
    """The unit that the label is for, its cassette's included; NULL where it is for none."""
    reason: str | None = Field(sa_type=TEXT)
    """Why it was printed again; NULL for the first of its kind."""
    outcome: str = Field(sa_type=TEXT)
    settled_at: datetime | None = Field(sa_type=INSTANT)


class MentionRow(Row, table=True):
    """Where in a chain something is first and last named: a person, box, place, day or code of others.

    It is filled from the log, after recording, so that nothing at the scanner waits for it.
    """

    __tablename__ = "mention"
    __table_args__ = (
        natural("first_sequence"),
        natural("last_sequence"),
        Index("ix_mention_subject_recorded_at_chain", "subject", "recorded_at", "chain"),
        WITHOUT_ROWID,
    )

    chain: str = Field(sa_type=TEXT, primary_key=True)
    subject: str = Field(sa_type=TEXT, primary_key=True)
    """What is named, after its kind: `person:LAB-A1`, `day:2026-11-23`."""
    first_sequence: int = Field(sa_type=NUMBER)
    last_sequence: int = Field(sa_type=NUMBER)
    recorded_at: str = Field(sa_type=TEXT)
    """When the last of them was recorded."""


class MentionReachRow(Row, table=True):
    """How many leaves of the log the mentions were filled from."""

    __tablename__ = "mention_reach"
    __table_args__ = (natural("leaves"), WITHOUT_ROWID)

    name: str = Field(sa_type=TEXT, primary_key=True)
    leaves: int = Field(sa_type=NUMBER)
