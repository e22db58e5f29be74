"""Lists to choose from that have the one color of what is not real."""

from __future__ import annotations

from tui.language import tr
from tui.screens.choosing import C, ChoosingScreen


class PlayedScreen(ChoosingScreen[C]):
    """Only where nothing is real."""

    DEFAULT_CSS = """
    PlayedScreen > Vertical { border: $frame $accent; border-title-color: $accent; }
    PlayedScreen #said { color: $accent; }
    """


class GoThereScreen(PlayedScreen[bool]):
    """F5: the next step of the therapy, its station and its person, and whether to go there."""

    title_words = tr("What is next?")
    keys = tr("Enter chooses   Esc: stay here")
    unheard = tr("Enter goes there; Esc closes this, then scan again.")
    DEFAULT_CSS = """
    GoThereScreen { align: center bottom; background: transparent; }
    GoThereScreen > Vertical { height: 9; }
    """
