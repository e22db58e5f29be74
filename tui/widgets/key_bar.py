"""The keys at the foot of a screen: one line of text, drawn again only when one of its keys has changed."""

from __future__ import annotations

from typing import Final

from rich.text import Text
from textual import events
from textual.binding import ActiveBinding
from textual.screen import Screen
from textual.widgets import Static

_GAP: Final = 3
"""Columns between two keys."""


class KeyBar(Static):
    """The footer of all screens: the keys from the left, that of the palette at the right.

    Textual's own is a widget for each key. To build and lay out six of them took longer than all else that
    is drawn for a scan, and they are other ones at each step.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        padding: 0 1;
        color: $footer-foreground;
        background: $footer-background;
        text-wrap: nowrap;
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._shown: list[ActiveBinding] = []
        self._places: list[tuple[range, ActiveBinding]] = []
        self._pointed: ActiveBinding | None = None
        """The key that the mouse is over."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self.bindings_changed)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Textual calls this after each change of focus, screen or step; most leave every key as it was."""
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            keys = self._keys()
            if keys != self._shown:
                self._shown = keys
                self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._point_at(self._key_at(event))

    def on_leave(self) -> None:
        self._point_at(None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        key = self._key_at(event)
        if key is not None and key.enabled:
            self.app.simulate_key(key.binding.key)
        elif key is not None:
            self.app.bell()

    @property
    def keys(self) -> list[str]:
        """The keys that stand there, from left to right."""
        return [key.binding.key for _, key in self._places]

    def _keys(self) -> list[ActiveBinding]:
        """What decides how it looks: each binding it shows, and whether its action is possible."""
        active = self.screen.active_bindings
        palette = active.get(self.app.COMMAND_PALETTE_BINDING) if self.app.ENABLE_COMMAND_PALETTE else None
        shown: dict[str, ActiveBinding] = {}
        for key in active.values():
            if key.binding.show:
                shown.setdefault(key.binding.action, key)
        return [*shown.values(), *([palette] if palette is not None else [])]

    def _draw(self) -> None:
        palette = self.app.COMMAND_PALETTE_BINDING
        line, self._places = Text(no_wrap=True, end=""), []
        for key in self._shown:
            word = self._word(key)
            begin = line.cell_len + (_GAP if line else 0)
            if key.binding.key == palette:
                begin = max(self.size.width - word.cell_len, 0)
                # Beside an opened help there is less room than the keys were chosen for.
                line.truncate(max(begin - _GAP, 0))
            line.append(" " * (begin - line.cell_len)).append_text(word)
            self._places.append((range(begin, begin + word.cell_len), key))
        self.update(line, layout=False)

    def _word(self, key: ActiveBinding) -> Text:
        """A key with its word; one that cannot be used now is dim, one that the mouse is over stands out."""
        is_over = key is self._pointed
        word = Text(style="" if key.enabled else "dim")
        word.append(self.app.get_key_display(key.binding), style="key")
        return word.append(f" {key.binding.description}", style="key" if is_over else "")

    def _key_at(self, event: events.MouseEvent) -> ActiveBinding | None:
        at = event.x - self.gutter.left
        return next((key for cells, key in self._places if at in cells), None)

    def _point_at(self, key: ActiveBinding | None) -> None:
        """Show which key a click would press, and after a moment its help."""
        if key is not self._pointed:
            self._pointed = key
            self.tooltip = (key.tooltip or key.binding.description) if key is not None else None
            self._draw()
