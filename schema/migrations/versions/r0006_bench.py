"""Which therapy is at which bench. No entry recorded before says so, so the table begins empty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "bench",
        *(_text("bench"), _text("coi"), _number("sequence"), _text("taken_at"), _text("staff")),
        sa.PrimaryKeyConstraint("bench", "coi", name=op.f("pk_bench")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_bench_sequence_natural")),
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
