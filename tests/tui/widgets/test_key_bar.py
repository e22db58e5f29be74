"""The keys at the foot: built again when one of them changes, and left alone otherwise."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from tui.widgets.key_bar import KeyBar


class Bench(App[None]):
    """Two fields to go between, and a key that is possible at times."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "look", "Look")]
    ENABLE_COMMAND_PALETTE = False
    is_open = True

    def compose(self) -> ComposeResult:
        yield Input(id="one")
        yield Input(id="two")
        yield KeyBar()

    def action_look(self) -> None:
        """Nothing to see."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key goes away while nothing is open."""
        return self.is_open if action == "look" else True


async def test_only_another_key_builds_it_anew() -> None:
    """Going from field to field keeps the very same keys; one that goes or comes back is seen at once."""
    app = Bench()
    async with app.run_test() as pilot:

        def keys() -> list[Widget]:
            return list(app.query("FooterKey"))

        await pilot.pause()
        before = keys()
        assert len(before) == 1
        await pilot.press("tab", "tab")
        app.screen.refresh_bindings()
        await pilot.pause()
        assert keys() == before
        app.is_open = False
        app.screen.refresh_bindings()
        await pilot.pause()
        assert keys() == []
        app.is_open = True
        app.screen.refresh_bindings()
        await pilot.pause()
        assert len(keys()) == 1 and keys() != before
