"""The Merkle tree over the entries, its signed checkpoints and their cosignatures.

Entries recorded before wait in log_pending already, so the tree takes them in when it is next integrated.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from schema import guards

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_GUARDED = ("custody_event", "attachment", "log_leaf", "log_node", "checkpoint", "cosignature")


def upgrade() -> None:
    """Create the tables of the log, then their guards."""
    _create_tree()
    _create_signed()
    guards.install(op.get_bind(), tables=_GUARDED)


def downgrade() -> None:
    """Refuse: a record never goes back to a form that knew less."""
    raise NotImplementedError("cartrail migrates forward only; restore the copy made before the migration.")


def _text(name: str) -> sa.Column[str]:
    kind = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _natural(table: str, column: str) -> sa.CheckConstraint:
    return _check(table, f"{column}_natural", f"{column} >= 0")


def _filled(table: str, column: str) -> sa.CheckConstraint:
    return _check(table, f"{column}_filled", f"length({column}) > 0")


def _create_tree() -> None:
    op.create_table(
        "log_leaf",
        *(_number("leaf_index"), _text("chain"), _number("sequence")),
        _key("log_leaf", "leaf_index"),
        sa.UniqueConstraint("chain", "sequence", name=op.f("uq_log_leaf_chain_sequence")),
        *(_natural("log_leaf", "leaf_index"), _natural("log_leaf", "sequence")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_node",
        *(_number("level"), _number("node_index")),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        _key("log_node", "level", "node_index"),
        _check("log_node", "level_above_leaves", "level >= 1"),
        _natural("log_node", "node_index"),
        _check("log_node", "hash_length", "length(hash) = 32"),
        sqlite_with_rowid=False,
    )


def _create_signed() -> None:
    op.create_table(
        "checkpoint",
        *(_number("tree_size"), _text("root"), _text("note"), _text("signed_at")),
        _key("checkpoint", "tree_size"),
        _natural("checkpoint", "tree_size"),
        _check("checkpoint", "root_hex", "length(root) = 64 AND ltrim(root, '0123456789abcdef') = ''"),
        _filled("checkpoint", "note"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "printed_head",
        *(_text("chain"), _number("tree_size"), _text("printed_at")),
        _key("printed_head", "chain", "tree_size"),
        _natural("printed_head", "tree_size"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cosignature",
        *(_number("tree_size"), _text("station"), _text("line")),
        _key("cosignature", "tree_size", "station"),
        _natural("cosignature", "tree_size"),
        *(_filled("cosignature", "station"), _filled("cosignature", "line")),
        sqlite_with_rowid=False,
    )
