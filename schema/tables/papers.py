"""The papers that were written by hand and scanned."""

from __future__ import annotations

from sqlmodel import Field

from schema.tables.base import BYTES, TEXT, Row, filled, hex64


class PaperScanRow(Row, table=True):
    """A scanned paper that a therapy's chain commits to; it goes with everything else that is erased.

    An attachment is never erased. What somebody wrote by hand may name a patient, so it lies here instead.
    """

    __tablename__ = "paper_scan"
    __table_args__ = (hex64("sha256"), filled("content"))

    chain: str = Field(sa_type=TEXT, primary_key=True)
    sha256: str = Field(sa_type=TEXT, primary_key=True)
    content: bytes = Field(sa_type=BYTES)
