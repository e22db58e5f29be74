"""The last answer, large and always visible."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from tui.answers import ANSWER_LINES_MIN, ShownAnswer, Verdict, answer_text, flashes
from tui.language import tr


def flash(widget: Widget, verdict: Verdict) -> None:
    """Show a widget in reverse as often as the verdict asks: whoever hears no bell sees it."""
    for start, end in flashes(verdict):
        if start:
            widget.set_timer(start, lambda: widget.add_class("-flash"))
        else:
            widget.add_class("-flash")
        widget.set_timer(end, lambda: widget.remove_class("-flash"))


class AnswerBar(Static):
    """The last answer as word, shape and color: three lines, or as many as it has, up to half the screen.

    What is longer still is read on with PgDn. Empty before the first answer.
    """

    DEFAULT_CSS = """
    AnswerBar {
        height: 3;
        background: $panel;
        color: $foreground;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &.-ok { background: $success; color: $background; }
        &.-check { background: $warning; color: $background; }
        &.-stop { background: $error; color: $background; }
        &.-flash { background: $background; }
        &.-flash.-ok { color: $success; }
        &.-flash.-check { color: $warning; }
        &.-flash.-stop { color: $error; }
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._count = 0
        self._first = 0
        """The first line shown of an answer that is longer than the bar."""
        self.answer: ShownAnswer | None = None
        self._waited: ShownAnswer | None = None
        """What is said while the database is waited for, in place of the answer."""

    def show_wait(self, answer: ShownAnswer | None) -> None:
        """Show in place of the last answer that one is waited for, silently; None shows that one again."""
        if answer != self._waited:
            self._waited = answer
            self._draw()

    def show(self, answer: ShownAnswer) -> None:
        """Show an answer in place of the last one."""
        self._count += 1
        self._first = 0
        self.answer, self._waited = answer, None
        flash(self, answer.verdict)
        self._draw()

    def turn(self, pages: int) -> bool:
        """Show the next lines of a long answer, or those before; False when there are none."""
        lines, rows = self._lines(), self._rows_max
        first = min(max(self._first + pages * (rows - 1), 0), max(len(lines) - rows, 0))
        if first == self._first:
            return False
        self._first = first
        self._draw()
        return True

    def on_resize(self) -> None:
        """Lines are broken for the room there is."""
        self._draw()

    @property
    def _rows_max(self) -> int:
        return max(self.app.size.height // 2 - 2, ANSWER_LINES_MIN)

    def _lines(self) -> list[Text]:
        answer = self._waited or self.answer
        if answer is None:
            return []
        text = answer_text(answer, number=self._count, width=self.app.size.width)
        return list(text.split("\n"))

    def _draw(self) -> None:
        answer = self._waited or self.answer
        for verdict in Verdict:
            self.set_class(answer is not None and verdict is answer.verdict, f"-{verdict.value.lower()}")
        lines, rows = self._lines(), self._rows_max
        first = 0 if self._waited else self._first
        shown = lines[first : first + rows]
        if shown and first + rows < len(lines):
            mark = tr("... PgDn")
            shown[-1].truncate(self.app.size.width - len(mark) - 1)
            shown[-1].append(f" {mark}", style="bold reverse")
        height = max(len(shown), ANSWER_LINES_MIN)
        is_higher = self.styles.height is None or self.styles.height.value != height
        if is_higher:
            self.styles.height = height
        self.update(Text("\n", no_wrap=True, overflow="ellipsis").join(shown), layout=is_higher)
