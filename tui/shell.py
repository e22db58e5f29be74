"""The application without a store: scan capture, themes, sound, palette and the facts of the header."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

from textual.actions import ActionParseResult
from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen

from tui.answers import Verdict, bells
from tui.capture import CapturingApp
from tui.commands import TakesCommands
from tui.language import tr
from tui.themes import DARK, THEMES
from tui.widgets.lines import HeaderView


class Shell(CapturingApp):
    """What every screen may ask of the application; the store is added on top of it."""

    TITLE = "cartrail"
    KEPT_COMMANDS: ClassVar[dict[str, tuple[str, str]]] = {
        "Theme": (tr("Theme"), tr("Change the current theme")),
        "Quit": (tr("Quit"), tr("Quit the application as soon as possible")),
    }
    """Of Textual's own palette, in our words; a screenshot would write patient data into a file."""

    def __init__(self, *, header: Callable[[], HeaderView]) -> None:
        super().__init__()
        self._header = header
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name
        self._big: set[str] = set()

    def header(self) -> HeaderView:
        """The facts of the header at this moment."""
        return self._header()

    @property
    def is_big(self) -> bool:
        """Whether this station shows its key facts in large letters."""
        return self.header().station in self._big

    def toggle_big(self) -> bool:
        """Turn large letters on or off for this station, whoever signs in; whether they are on now."""
        self._big ^= {self.header().station}
        return self.is_big

    def ring(self, verdict: Verdict) -> None:
        """Ring the bell as often as the verdict asks for."""
        for delay in bells(verdict):
            if delay:
                self.set_timer(delay, self.bell)
            else:
                self.bell()

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """As Textual does; a key that cannot be used now says why, where Textual would stay silent."""
        if await super().run_action(action, default_namespace, namespaces):
            return True
        screen: object = default_namespace
        return isinstance(screen, TakesCommands) and isinstance(action, str) and screen.key_refused(action)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the screen offers, then what is kept of Textual's own."""
        front = screen
        if isinstance(screen, TakesCommands):
            offered = screen.offered()
            for command in screen.commands():
                if command in offered:
                    perform = partial(self.run_action, command.action(), front)
                    yield SystemCommand(tr(command.palette), command.help(), perform)
        for entry in super().get_system_commands(screen):
            if entry.title in self.KEPT_COMMANDS:
                title, words = self.KEPT_COMMANDS[entry.title]
                yield entry._replace(title=title, help=words)
