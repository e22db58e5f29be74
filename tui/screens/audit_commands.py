"""What an auditor can ask of a trail on the screen."""

from __future__ import annotations

from tui.commands import Command


class Switch(Command):
    """Turn between what calls for attention and the whole timeline."""

    key = "f4"
    footer = "Gaps/All"
    palette = "Turn between gaps and timeline"


class HeldAt(Command):
    """Ask who held it at a time: type 14:05, or a day and a time, then Enter."""

    key = "f6"
    footer = "Who held"
    palette = "Ask who held it at a time"


class AsKnown(Command):
    """Show the record as it was known then: type a time or the size of the log; `now` comes back."""

    key = "f7"
    footer = "As of"
    palette = "Show the record as it was known at a time"


class TakeOut(Command):
    """Write this trail to a file: the form, and what it contains, chosen openly."""

    key = "f11"
    footer = "Export"
    palette = "Export this trail"
