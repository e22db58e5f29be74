"""The files of data loggers."""

from __future__ import annotations

from sqlmodel import Field

from schema.tables.base import BYTES, TEXT, Row, filled, hex64


class ConditionFileRow(Row, table=True):
    """A logger's file that a therapy's chain commits to; it goes with everything else that is erased.

    Loggers carry what somebody typed into them, so a file may name a patient: no attachment, which is kept
    for ever, and no paper of anybody's hand.
    """

    __tablename__ = "condition_file"
    __table_args__ = (hex64("sha256"), filled("content"))

    chain: str = Field(sa_type=TEXT, primary_key=True)
    sha256: str = Field(sa_type=TEXT, primary_key=True)
    """Of the file as the logger's program wrote it."""

    content: bytes = Field(sa_type=BYTES)
    """The file packed by gzip: a tenth of it, since one copy lies in each chain."""
