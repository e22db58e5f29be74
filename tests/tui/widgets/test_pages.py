"""Lists that are read a page at a time: the next page is asked for once, and never after the last."""

from __future__ import annotations

from rich.text import Text
from textual.app import App, ComposeResult

from tui.widgets.pages import PagedTable

PAGE = 5


class Lines(App[None]):
    """So many numbered lines, five a page; it keeps which pages were asked for."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.lines = lines
        self.asked: list[int] = []

    def compose(self) -> ComposeResult:
        yield PagedTable((("NO", 6),))

    def on_mount(self) -> None:
        self.read()

    def on_paged_table_more_wanted(self) -> None:
        self.asked.append(self.query_one(PagedTable).row_count)

    def read(self) -> None:
        """Add the page below the last line."""
        table = self.query_one(PagedTable)
        first = table.row_count
        page = range(first, min(first + PAGE, self.lines))
        for number in page:
            table.add_row(Text(str(number)))
        table.took(len(page), PAGE)


async def test_home_and_end_are_the_first_and_the_last_line() -> None:
    """Of lines, and not of columns, as Textual has them; at the end the next page is asked for."""
    app = Lines(12)
    async with app.run_test() as pilot:
        table = app.query_one(PagedTable)
        await pilot.press("end")
        assert table.cursor_row == PAGE - 1 and app.asked == [PAGE]
        await pilot.press("home")
        assert table.cursor_row == 0


async def test_a_page_is_asked_for_once_near_its_end() -> None:
    """Of twelve lines: at the fourth line the second page, at the ninth the third, then none."""
    app = Lines(12)
    async with app.run_test() as pilot:
        await pilot.press("down", "down")
        assert app.asked == []
        await pilot.press("down", "down")
        assert app.asked == [5]
        await pilot.press("up", "up", "down", "down")
        assert app.asked == [5]
        app.read()
        await pilot.press("down", "down", "down")
        assert app.asked == [5]
        await pilot.press("down")
        assert app.asked == [5, 10]
        app.read()
        assert app.query_one(PagedTable).row_count == 12
        await pilot.press("down", "down", "down", "down")
        assert app.asked == [5, 10]


async def test_a_list_that_was_emptied_asks_for_nothing() -> None:
    """Whoever empties it reads the first page."""
    app = Lines(12)
    async with app.run_test() as pilot:
        app.query_one(PagedTable).start_over()
        await pilot.press("down")
        assert app.asked == []
        app.read()
        await pilot.press("down", "down", "down", "down")
        assert app.asked == [5]
