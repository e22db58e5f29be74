"""The application without a store: scan capture, themes, sound, palette and the facts of the header."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Final

from textual import events
from textual.actions import ActionParseResult
from textual.app import SystemCommand
from textual.binding import Binding
from textual.dom import DOMNode
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList, Static

from tui.answers import Verdict, bells
from tui.capture import CapturingApp
from tui.commands import AnswersKeys, TakesCommands
from tui.glyphs import Glyphs, GlyphSet
from tui.language import tr
from tui.line import EXIT_HANGUP
from tui.themes import DARK, MONO, PALETTES, theme_of, word_styles
from tui.widgets.answer_bar import AnswerBar
from tui.widgets.help_panel import ScreenHelp
from tui.widgets.lines import HeaderView
from tui.widgets.pane import PANES, name_again
from tui.widgets.room import COLUMNS_MIN, LINES_MIN, VERY_WIDE_FROM, WIDE_FROM

_READING_ON: Final = {"pageup": -1, "pagedown": 1}


def bytes_driver() -> type[Driver]:
    """Imported only where it can be: its terminal calls are not there on Windows."""
    from tui.driver import BytesDriver

    return BytesDriver


class Shell(CapturingApp):
    """What every screen may ask of the application; the store is added on top of it."""

    TITLE = "cartrail"
    HORIZONTAL_BREAKPOINTS = [
        (0, "-too-narrow"),
        (COLUMNS_MIN, "-narrow"),
        (WIDE_FROM, "-wide"),
        (VERY_WIDE_FROM, "-very-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-too-low"), (LINES_MIN, "-full")]
    CSS = f"""
    {PANES}
    Screen.-too-narrow > *, Screen.-too-low > * {{ display: none !important; }}
    Screen.-too-narrow, Screen.-too-low {{ text-align: center; }}
    Screen.-narrow ScreenHelp {{ width: 100%; max-width: 100%; }}
    Screen.-narrow.-helped KeyBar {{ display: none; }}
    Window, VerticalScroll, DataTable {{ scrollbar-size: 1 1; }}
    """
    KEPT_COMMANDS: ClassVar[dict[str, tuple[str, str]]] = {
        "Theme": (tr("Theme"), tr("Change the current theme")),
        "Quit": (tr("Quit"), tr("Quit the application as soon as possible")),
    }
    """Of Textual's own palette, in our words; a screenshot would write patient data into a file."""

    def __init__(self, *, header: Callable[[], HeaderView], glyphs: GlyphSet = GlyphSet.FULL) -> None:
        super().__init__()
        self._header = header
        self._bindings.key_to_bindings[self.COMMAND_PALETTE_BINDING] = [
            Binding(self.COMMAND_PALETTE_BINDING, "command_palette", tr("More"), show=False, priority=True)
        ]
        self.glyphs = glyphs
        self._shapes = Glyphs(glyphs)
        self.animation_level = "none"
        others = [name for name in self.available_themes if name not in PALETTES]
        for palette in PALETTES.values():
            self.register_theme(theme_of(palette, is_ascii=glyphs is GlyphSet.ASCII))
        self._is_styled = False
        self.theme = MONO.name if self.no_color else DARK.name
        for name in others:  # they have no color for what ours mean
            self.unregister_theme(name)
        self.watch_theme(self.theme)
        self._big: set[str] = set()

    def use_glyphs(self, glyphs: GlyphSet) -> None:
        """Draw other shapes from now on, frames too."""
        self.glyphs, self._shapes = glyphs, Glyphs(glyphs)
        for palette in PALETTES.values():
            self.register_theme(theme_of(palette, is_ascii=glyphs is GlyphSet.ASCII))
        self.refresh_css(animate=False)
        self.screen.refresh(layout=True)

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice; on Linux and macOS with a reader that bytes which are no text do not end."""
        chosen = super().get_driver_class()
        return bytes_driver() if chosen.__name__ == "LinuxDriver" else chosen

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's, then the shapes that this terminal has."""
        own = (self._shapes,) if self._shapes.enabled else ()
        return (*super().get_line_filters(), *own)

    def watch_theme(self, name: str) -> None:
        """Let the words inside texts have the colors of a theme, those that stand already too."""
        palette = PALETTES.get(name)
        if palette is None:
            return
        if self._is_styled:
            self.console.pop_theme()
        self.console.push_theme(word_styles(palette))
        self._is_styled = True
        for screen in self.screen_stack:
            for one in screen.query(Static):
                one.update(one.content, layout=False)
            for listed in screen.query(OptionList):
                for place, option in enumerate(listed.options):
                    listed.replace_option_prompt_at_index(place, option.prompt)
            for pane in screen.query(Widget):
                name_again(pane)

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

    async def on_event(self, event: events.Event) -> None:
        is_input = isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded
        answers = getattr(self.screen, "answers", None) if is_input and self.screen_stack else None
        if isinstance(answers, AnswerBar):
            key = getattr(event, "key", "")
            if key not in _READING_ON:
                answers.input_came()
            elif not self.screen.query(ScreenHelp) and answers.turn(_READING_ON[key]):
                return  # an answer says that PgDn reads it on, whatever list has the focus
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """A key that the screen in front does not have answers, too: Textual would stay silent."""
        front = self.screen
        if isinstance(front, AnswersKeys) and event.key not in front.active_bindings:
            front.key_unknown(event.key)

    async def on_line_gone(self) -> None:
        """Leave as after Ctrl+Q, with the exit code of a hangup."""
        await self.action_quit()
        self.exit(return_code=EXIT_HANGUP)

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
        screen: object = default_namespace
        if not isinstance(screen, TakesCommands) or not isinstance(action, str):
            return await super().run_action(action, default_namespace, namespaces)
        if screen.takes_first(action) or await super().run_action(action, default_namespace, namespaces):
            return True
        return screen.key_refused(action)

    def get_key_display(self, binding: Binding) -> str:
        """`^P` as people read it."""
        return (
            super().get_key_display(binding).upper()
            if "ctrl" in binding.key
            else binding.key_display or (super().get_key_display(binding))
        )

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the screen offers, then what is kept of Textual's own."""
        front = screen
        if isinstance(screen, TakesCommands):
            refused = {command: screen.refusal_of(command) for command in screen.commands()}
            for command, reason in sorted(refused.items(), key=lambda one: one[1] is not None):
                perform = partial(self.run_action, command.action(), front)
                if reason is None:
                    words = f"{command.key_word()}  {command.help()}"
                    yield SystemCommand(tr(command.palette), words, perform)
                elif reason:
                    title = tr("{order} (not now)", order=tr(command.palette))
                    yield SystemCommand(title, f"{command.key_word()}  {reason}", perform)
        for entry in super().get_system_commands(screen):
            if entry.title in self.KEPT_COMMANDS:
                title, words = self.KEPT_COMMANDS[entry.title]
                yield entry._replace(title=title, help=words)
