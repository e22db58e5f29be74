"""A window below the smallest that shows a screen whole says so, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Generic, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from tui.bigtext import CELL_HIGH, CELL_WIDE, drawn
from tui.language import tr

COLUMNS_MIN: Final = 76
LINES_MIN: Final = 22
COLUMNS: Final = 80
LINES: Final = 24
"""What every screen is drawn for; a little less still shows it."""

WIDE_FROM: Final = 110
VERY_WIDE_FROM: Final = 180


def is_too_small(size: Size) -> bool:
    """Whether a screen would be cut."""
    return size.width < COLUMNS_MIN or size.height < LINES_MIN


def too_small_text(size: Size, now: datetime) -> Text:
    """How large the window has to be, and the time as large as it fits."""
    text = Text()
    text.append(tr("Too small: needs {columns} x {lines}", columns=COLUMNS, lines=LINES) + "\n")
    clock = f"{now:%H:%M}"
    if size.width >= CELL_WIDE * len(clock) and size.height > CELL_HIGH + 1:
        text.append("\n".join(drawn(clock)), style="bold")
    else:
        text.append(clock, style="bold")
    return text


R = TypeVar("R")


class KeepsFocus(Screen[R], Generic[R]):
    """A screen on which a window that was too small for a while takes the focus from no field or list.

    Textual takes it from what is hidden; what was typed on blindly would be shown in clear, as a scan.
    """

    _hidden: Widget | None = None

    def set_focus(
        self,
        widget: Widget | None,
        scroll_visible: bool = True,  # noqa: FBT001, FBT002  Textual's
        from_app_focus: bool = False,  # noqa: FBT001, FBT002  Textual's
    ) -> None:
        if is_too_small(self.size) and widget is None:
            self._hidden = self.focused or self._hidden
        else:
            self._hidden = None
        super().set_focus(widget, scroll_visible, from_app_focus)

    def on_resize(self) -> None:
        if self._hidden is not None and not is_too_small(self.size):
            self.call_after_refresh(self._focus_again)

    def _focus_again(self) -> None:
        kept, self._hidden = self._hidden, None
        if kept is not None and self.focused is None and kept.focusable:
            self.set_focus(kept)


class NeedsRoom(KeepsFocus[R], Generic[R]):
    """A screen that hides its parts in a window too small for them; the style sheet of the shell does it."""

    async def _compose(self) -> None:
        # Textual tells a new screen its size after its widgets are there, and matches them all again.
        size, app = self.app.size, self.app
        classes = self._get_breakpoint_classes(size.width, app.HORIZONTAL_BREAKPOINTS or [])
        classes |= self._get_breakpoint_classes(size.height, app.VERTICAL_BREAKPOINTS or [])
        self.add_class(*classes, update=False)
        await super()._compose()

    def now(self) -> datetime:
        """The time on the clock."""
        raise NotImplementedError

    def render(self) -> RenderableType:
        """Nothing, unless the window is too small."""
        if is_too_small(self.size):
            return too_small_text(self.size, self.now())
        return super().render()
