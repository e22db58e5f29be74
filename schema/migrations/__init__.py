"""The revisions of the tables, forward only; Alembic is configured here and loaded only to migrate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS: Final = ("1000",)
"""Every revision this program knows, oldest first."""

HEAD: Final = REVISIONS[-1]
VERSION: Final = "SELECT version_num FROM alembic_version"
"""Asks a database for its revision without loading Alembic."""

VERSIONS: Final = Path(__file__).parent / "versions"
"""The folder of the revisions."""


def configuration(connection: sa.Connection) -> Config:
    """Alembic's configuration for one open connection; there is no file of it."""
    from alembic.config import Config

    config = Config()
    # Alembic interpolates percent signs in options, and a folder may have one in its name.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("version_locations", str(VERSIONS).replace("%", "%%"))
    # Alembic would otherwise split the folders at blanks and colons as well.
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: sa.Connection) -> list[str]:
    """Bring the database to HEAD within the connection's transaction; gives the revisions applied."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    before = MigrationContext.configure(connection).get_current_revision()
    command.upgrade(configuration(connection), HEAD)
    return list(REVISIONS[REVISIONS.index(before) + 1 :] if before else REVISIONS)
