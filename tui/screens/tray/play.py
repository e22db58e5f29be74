"""Play: the scenes of a demo that are worth trying, each with what should happen."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from schema.errors import CartrailError
from tui.answers import safe
from tui.delivery import TakesScans
from tui.framing import RawScan
from tui.invented import Scene
from tui.language import tr


class PlayScreen(TakesScans, ModalScreen[Scene | None]):
    """One line a scene; Enter takes its station and asks for its person's badge."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    DEFAULT_CSS = """
    PlayScreen {
        background: $background;
        & > Vertical { border: round $accent; border-title-color: $accent; padding: 0 1; }
        & Static { height: auto; margin: 0 0 1 0; }
        & OptionList { height: 1fr; border: none; background: $background; padding: 0; }
        & OptionList:focus { border: none; }
    }
    """

    def __init__(self, scenes: tuple[Scene, ...], names: dict[str, str]) -> None:
        super().__init__()
        self.scenes = scenes
        self._names = names

    def compose(self) -> ComposeResult:
        with Vertical() as pane:
            pane.border_title = tr("Play: pick a person. Nothing here exists.")
            pane.border_subtitle = tr("Enter begins   Esc: look around alone")
            yield Static(
                tr(
                    "Enter picks a scene. From then on Ctrl+E opens the tray with what the screen asks for: "
                    "Enter sends it as a scan."
                ),
                markup=False,
            )
            yield OptionList(*(Option(self._line(scene)) for scene in self.scenes))

    def _line(self, scene: Scene) -> Text:
        who = f"{self._names.get(scene.staff, scene.staff)} ({scene.staff}), {scene.station}"
        return Text(f"{safe(who)}\n    {safe(scene.text)}")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self.scenes[event.option_index])

    def action_leave(self) -> None:
        """To the sign-in screen as it is."""
        self.dismiss(None)

    async def take_scan(self, scan: RawScan) -> None:
        """Nobody is signed in yet."""
        self.scan_discarded(scan)

    def scan_discarded(self, scan: RawScan) -> None:
        """Say where to go first."""
        del scan
        self.app.notify(tr("Enter picks a scene; Esc goes to the sign-in screen."), markup=False)

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """Nothing is taken here that could fail."""
        del error
        self.scan_discarded(scan)
