"""Scanned papers, apart from the attachments: what was written by hand must stay erasable."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "paper_scan",
        *(_text("chain"), _text("sha256"), sa.Column("content", sa.LargeBinary(), nullable=False)),
        sa.PrimaryKeyConstraint("chain", "sha256", name=op.f("pk_paper_scan")),
        sa.CheckConstraint(
            "length(sha256) = 64 AND ltrim(sha256, '0123456789abcdef') = ''",
            name=op.f("ck_paper_scan_sha256_hex"),
        ),
        sa.CheckConstraint("length(content) > 0", name=op.f("ck_paper_scan_content_filled")),
    )


def downgrade() -> None:
    """Refuse: a record never goes back to a form that knew less."""
    raise NotImplementedError("cartrail migrates forward only; restore the copy made before the migration.")


def _text(name: str) -> sa.Column[str]:
    kind = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False)
