"""Where persons, boxes, places, days and codes of others are named, for those who search the record.

Both tables begin empty: they are filled from the log, and could be emptied and filled again at any time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "mention",
        *(_text("subject"), _text("chain"), _number("first_sequence"), _number("last_sequence")),
        _text("recorded_at"),
        sa.PrimaryKeyConstraint("subject", "chain", name=op.f("pk_mention")),
        *(_natural("mention", "first_sequence"), _natural("mention", "last_sequence")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_mention_subject_recorded_at_chain", "mention", ["subject", "recorded_at", "chain"])
    op.create_table(
        "mention_reach",
        *(_text("name"), _number("leaves")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mention_reach")),
        _natural("mention_reach", "leaves"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Refuse: a record never goes back to a form that knew less."""
    raise NotImplementedError("cartrail migrates forward only; restore the copy made before the migration.")


def _text(name: str) -> sa.Column[str]:
    kind = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _natural(table: str, column: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} >= 0", name=op.f(f"ck_{table}_{column}_natural"))
