"""Lines to choose from by arrows and Enter, over the screen in front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from schema.errors import CartrailError
from tui.commands import is_command_key
from tui.delivery import TakesScans
from tui.framing import RawScan
from tui.widgets.pane import PANE_COLUMNS, name_pane
from tui.widgets.room import KeepsFocus

C = TypeVar("C")

LIST_COLUMNS: Final = PANE_COLUMNS + 2
"""What border, padding and scroll bar take of a line."""


class ChoosingScreen(TakesScans, KeepsFocus[C | None], ModalScreen[C | None], Generic[C]):
    """Gives what was chosen, or None when it was closed; a real scanner beside it is not heard."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    DEFAULT_CSS = """
    ChoosingScreen {
        background: $background;
        & > Vertical {
            border: $frame $primary;
            border-title-color: $primary;
            border-subtitle-color: $muted;
            background: $surface;
            padding: 0 1;
        }
        & #said { height: auto; max-height: 5; }
        & OptionList { height: 1fr; border: none; background: $surface; padding: 0; }
        & OptionList:focus { border: none; background-tint: transparent; }
        & OptionList > .option-list--option-highlighted { background: $surface; }
        & OptionList:focus > .option-list--option-highlighted { background: $cursor; text-style: bold; }
    }
    """

    title_words: ClassVar[str] = ""
    keys: ClassVar[str] = ""
    unheard: ClassVar[str] = ""
    """What is said of a scan that came meanwhile."""

    def __init__(self, choices: Sequence[tuple[C, Text]], said: str) -> None:
        super().__init__()
        self.choices = tuple(choices)
        self.said = said
        self._is_over = False
        self.options = OptionList(*(Option(text) for _, text in self.choices))

    def compose(self) -> ComposeResult:
        with Vertical() as pane:
            name_pane(pane, self.title_words, self.keys)
            yield Static(self.said, id="said", markup=False)
            yield self.options

    def on_mount(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Stand at the likeliest choice."""
        self.options.highlighted = 0
        self.options.focus()

    def choice_at(self, options: OptionList, index: int) -> C:
        """What a line of a list stands for."""
        del options
        return self.choices[index][0]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.end(self.choice_at(event.option_list, event.option_index))

    def end(self, choice: C | None) -> None:
        """Close it once: of two quick keys the second must not end the screen behind."""
        if not self._is_over:
            self._is_over = True
            self.dismiss(choice)

    def action_leave(self) -> None:
        """Close it; nothing is chosen."""
        self.end(None)

    def key_unknown(self, key: str) -> None:
        """Say what can be done here."""
        if is_command_key(key):
            self.app.notify(self.keys or self.unheard, markup=False)

    async def take_scan(self, scan: RawScan) -> None:
        """A choice is made by arrows and Enter."""
        self.scan_discarded(scan)

    def scan_discarded(self, scan: RawScan) -> None:
        """Say so where it can be seen."""
        del scan
        self.app.notify(self.unheard, markup=False)

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """Nothing is taken here that could fail."""
        del error
        self.scan_discarded(scan)
