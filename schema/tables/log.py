"""The Merkle tree over all entries, and what was signed of it; all four are append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from schema.tables.base import BYTES, GIVEN, INSTANT, NUMBER, TEXT, WITHOUT_ROWID, Row, filled, hex64, natural


class LogLeafRow(Row, table=True):
    """Which entry a leaf of the tree is; its hash is computed from the entry's bytes, not kept here."""

    __tablename__ = "log_leaf"
    __table_args__ = (
        # Named, because a clash on either key means that another integrator was faster.
        UniqueConstraint("chain", "sequence", name="uq_log_leaf_chain_sequence"),
        natural("leaf_index"),
        natural("sequence"),
        WITHOUT_ROWID,
    )

    leaf_index: int = Field(sa_type=NUMBER, primary_key=True, sa_column_kwargs=GIVEN)
    chain: str = Field(sa_type=TEXT)
    sequence: int = Field(sa_type=NUMBER)


class LogNodeRow(Row, table=True):
    """The hash over the 2**level leaves from node_index * 2**level: a full subtree, which never changes."""

    __tablename__ = "log_node"
    __table_args__ = (
        CheckConstraint("level >= 1", name="level_above_leaves"),
        natural("node_index"),
        CheckConstraint("length(hash) = 32", name="hash_length"),
        WITHOUT_ROWID,
    )

    level: int = Field(sa_type=NUMBER, primary_key=True)
    node_index: int = Field(sa_type=NUMBER, primary_key=True)
    hash: bytes = Field(sa_type=BYTES)


class CheckpointRow(Row, table=True):
    """A head of the tree that the log key signed, as the note that was signed (C2SP tlog-checkpoint)."""

    __tablename__ = "checkpoint"
    __table_args__ = (natural("tree_size"), hex64("root"), filled("note"), WITHOUT_ROWID)

    tree_size: int = Field(sa_type=NUMBER, primary_key=True, sa_column_kwargs=GIVEN)
    root: str = Field(sa_type=TEXT)
    note: str = Field(sa_type=TEXT)
    signed_at: datetime = Field(sa_type=INSTANT)


class PrintedHeadRow(Row, table=True):
    """A checkpoint whose head went onto a slip or label sheet of a therapy: its bundles carry it."""

    __tablename__ = "printed_head"
    __table_args__ = (natural("tree_size"), WITHOUT_ROWID)

    chain: str = Field(sa_type=TEXT, primary_key=True)
    tree_size: int = Field(sa_type=NUMBER, primary_key=True)
    printed_at: datetime = Field(sa_type=INSTANT)


class CosignatureRow(Row, table=True):
    """A station's signature line under a checkpoint (C2SP tlog-cosignature)."""

    __tablename__ = "cosignature"
    __table_args__ = (natural("tree_size"), filled("station"), filled("line"), WITHOUT_ROWID)

    tree_size: int = Field(sa_type=NUMBER, primary_key=True)
    station: str = Field(sa_type=TEXT, primary_key=True)
    line: str = Field(sa_type=TEXT)
