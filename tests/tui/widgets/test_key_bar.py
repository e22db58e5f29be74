"""The keys at the foot: drawn again when one of them changes, and pressed by a click."""

from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.themes import DARK_PALETTE, word_styles
from tui.widgets.key_bar import KeyBar


class Bench(App[None]):
    """Two fields to go between, a key that is possible at times, and one that always is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "look", "Look", tooltip="Look at it."),
        Binding("f4", "open", "Open"),
    ]
    looked = 0

    def __init__(self) -> None:
        super().__init__()
        self.console.push_theme(word_styles(DARK_PALETTE))
        self.is_possible: bool | None = True

    def compose(self) -> ComposeResult:
        yield Input(id="one")
        yield Input(id="two")
        yield KeyBar()

    def action_look(self) -> None:
        """Count it."""
        self.looked += 1

    def action_open(self) -> None:
        """Nothing to open."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key goes away, or stands there and cannot be used."""
        return self.is_possible if action == "look" else True


async def test_only_another_key_draws_it_anew() -> None:
    """Going from field to field leaves it as it is; a key that goes or comes back is seen at once."""
    app = Bench()
    async with app.run_test() as pilot:
        bar = app.query_one(KeyBar)

        async def drawn(*, possible: bool | None) -> tuple[list[str], Any]:
            app.is_possible = possible
            app.screen.refresh_bindings()
            await pilot.pause()
            return bar.keys, bar.content

        keys, before = await drawn(possible=True)
        assert keys == ["f9", "f4", "ctrl+p"]
        assert str(before).split() == ["f9", "Look", "f4", "Open", "^p", "palette"]
        await pilot.press("tab", "tab")
        assert (await drawn(possible=True))[1] is before
        assert (await drawn(possible=False))[0] == ["f4", "ctrl+p"]
        keys, dim = await drawn(possible=None)
        assert keys == ["f9", "f4", "ctrl+p"] and dim != before
        keys, again = await drawn(possible=True)
        assert keys == ["f9", "f4", "ctrl+p"] and again == before


async def test_a_click_presses_the_key_and_the_mouse_shows_its_help() -> None:
    """On its letters, where it is possible; between two keys nothing is pressed."""
    app = Bench()
    async with app.run_test() as pilot:
        await pilot.pause()
        bar = app.query_one(KeyBar)
        for column, looked in ((1, 1), (7, 2), (9, 2), (78, 2)):
            await pilot.click(bar, offset=(column, 0))
            assert app.looked == looked, column
            if column == 78:
                await pilot.press("escape")
        helps = []
        for column in (2, 9):
            await pilot.hover(bar, offset=(column, 0))
            helps.append(bar.tooltip)
        assert helps == ["Look at it.", None]
        app.is_possible = None
        app.screen.refresh_bindings()
        await pilot.pause()
        await pilot.click(bar, offset=(1, 0))
        assert app.looked == 2
