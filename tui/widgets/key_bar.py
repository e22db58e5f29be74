"""The keys at the foot of a screen: Textual's footer, built again only when one of its keys has changed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class KeyBar(Footer):
    """The footer of all screens.

    Textual asks for it after each change of focus, screen or step; most leave every key as it was, and
    building six keys anew takes longer than all else that is drawn for a scan.
    """

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._shown: list[ActiveBinding] = []

    def compose(self) -> ComposeResult:
        self._shown = self._keys() if self._bindings_ready else []
        for key in super().compose():
            # Textual says so once the key is there, and matches its style sheet a second time.
            if isinstance(key, FooterKey):
                key.add_class("-compact", update=False)
            yield key

    async def recompose(self) -> None:
        if self.is_attached and self._keys() != self._shown:
            await super().recompose()

    def _keys(self) -> list[ActiveBinding]:
        """What decides how the footer looks: each binding it shows, and whether its action is possible."""
        palette = self.app.COMMAND_PALETTE_BINDING
        return [
            key for name, key in self.screen.active_bindings.items() if key.binding.show or name == palette
        ]
