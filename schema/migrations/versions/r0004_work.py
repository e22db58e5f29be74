"""Indexes for what waits at a site: units in somebody's hands, and handoffs that nobody has answered.

Both hold what is in motion only, so a list of work costs the same with ten therapies behind it and ten thousand.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AT_HAND = "final_disposition IS NULL AND (location IS NULL OR cassette IS NULL)"
WAITING = "handoff IS NOT NULL"


def upgrade() -> None:
    """Create the two partial indexes."""
    _partial("ix_unit_at_hand", "site", AT_HAND)
    _partial("ix_unit_handoff", "handoff", WAITING)


def downgrade() -> None:
    """Refuse: a record never goes back to a form that knew less."""
    raise NotImplementedError("cartrail migrates forward only; restore the copy made before the migration.")


def _partial(name: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(op.f(name), "unit", [column], sqlite_where=where, postgresql_where=where)
