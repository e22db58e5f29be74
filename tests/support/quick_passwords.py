"""Import this before anything else of cartrail: passwords that tests make are quick to check.

The strong cost is the default of many signatures, so it has to be another one before those are read. Each
founding and sign-in of a test would else take half a second of both cores; none of its secrets is one.
"""

from typing import Final

from tracker.people import passwords

SHIPPED: Final = passwords.STRONG
"""What cartrail itself takes."""

passwords.STRONG = passwords.WEAK  # type: ignore[misc]
