"""F1: what the screen is for, and every key that does something now."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import HelpPanel, KeyPanel, Static

from tui.language import tr


class ScreenHelp(HelpPanel):
    """Textual's panel with the sentence of the screen: beside it where there is room, else over it."""

    DEFAULT_CSS = """
    ScreenHelp {
        border-left: none;
        border: $frame $primary;
        background: $surface;
        & > #about { height: auto; margin: 0 0 1 0; }
        & > KeyPanel#keys-help { background: $surface; scrollbar-size: 1 1; }
    }
    """

    def __init__(self, about: str) -> None:
        super().__init__()
        self._about = about
        self.border_title = tr("Help")
        self.border_subtitle = tr("Esc closes it")

    def compose(self) -> ComposeResult:
        yield Static(self._about, id="about", markup=False)
        yield KeyPanel(id="keys-help")

    def update_help(self, focused_widget: Widget | None) -> None:
        """The same whatever has the focus."""
