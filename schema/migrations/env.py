"""What Alembic runs first: it takes the connection and the transaction it was given, and opens none."""

from __future__ import annotations

from alembic import context

from schema.tables import Row


def run() -> None:
    """Apply the revisions on the caller's connection."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Row.metadata,
        # SQLite can roll back a CREATE TABLE; without this Alembic would commit after each statement.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
