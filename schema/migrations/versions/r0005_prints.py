"""What became of each printed copy: its outcome, why it was printed again, for which unit, of which kind.

Copies printed before have no outcome that anybody kept, so theirs is unknown, and no site is asked for them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from schema import guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, what is looked up by, and the guard that leaves only the outcome to be written."""
    _add("label", "''")
    _add("site", "''")
    _add("unit")
    _add("reason")
    _add("outcome", "'unknown'")
    _add("settled_at")
    op.create_index(op.f("ix_printed_copy_unit"), "printed_copy", ["unit"])
    op.create_index(op.f("ix_printed_copy_site"), "printed_copy", ["site"])
    guards.install(op.get_bind())


def downgrade() -> None:
    """Refuse: a record never goes back to a form that knew less."""
    raise NotImplementedError("cartrail migrates forward only; restore the copy made before the migration.")


def _add(name: str, default: str | None = None) -> None:
    kind = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    given = None if default is None else sa.text(default)
    op.add_column("printed_copy", sa.Column(name, kind, nullable=default is None, server_default=given))
