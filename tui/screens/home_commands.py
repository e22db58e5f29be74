"""What home offers besides the rooms that it opens."""

from __future__ import annotations

from tui.commands import Command


class Enroll(Command):
    """Begin a therapy: protocol, sites and the patient's numbers off the order."""

    key = "f4"
    footer = "Enroll"
    palette = "Enroll a therapy"


class Trail(Command):
    """See everything that happened to the therapy on the screen, with its signatures."""

    key = "f7"
    footer = "Trail"
    palette = "Show the trail"


class Happened(Command):
    """Record a step that the rules forbid but that has happened all the same: reason, two signatures."""

    key = "f11"
    footer = "Happened"
    palette = "Record what happened against the rules"


class SignOut(Command):
    """Forget your key here and let the next person sign in; what you leave running is listed first."""

    key = "f12"
    footer = "Sign out"
    palette = "Sign out"
