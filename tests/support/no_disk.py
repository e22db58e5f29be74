"""Import this before a test opens a store: nothing that a test writes has to outlive a power cut.

SQLite waits for the disk with each commit, and a therapy on its way to the ward makes some sixty of them.
"""

from typing import Final

from tracker.ledger import sqlite

SHIPPED: Final = sqlite.PRAGMAS
"""The settings of a connection of cartrail itself."""

sqlite.PRAGMAS = ("PRAGMA synchronous = OFF", *SHIPPED[1:])  # type: ignore[misc]
