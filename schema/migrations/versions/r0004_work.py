"""Indexes for work at a site: units in somebody's hands, handoffs nobody answered, what a place holds.

The first two hold what is in motion only: a list of work costs the same with ten thousand therapies
behind it.
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
PUT_AWAY = "location IS NOT NULL"


def upgrade() -> None:
    """Create the partial indexes."""
    _partial("ix_unit_at_hand", "site", AT_HAND)
    _partial("ix_unit_handoff", "handoff", WAITING)
    _partial("ix_unit_location", "location", PUT_AWAY)


def downgrade() -> None:
    """Refuse: a record never goes back to a form that knew less."""
    raise NotImplementedError("cartrail migrates forward only; restore the copy made before the migration.")


def _partial(name: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(op.f(name), "unit", [column], sqlite_where=where, postgresql_where=where)
