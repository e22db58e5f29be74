"""The last answer, large and always visible."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import Static

from tui.answers import ShownAnswer, Verdict, answer_text, flashes


def flash(widget: Widget, verdict: Verdict) -> None:
    """Show a widget in reverse as often as the verdict asks: whoever hears no bell sees it."""
    for start, end in flashes(verdict):
        if start:
            widget.set_timer(start, lambda: widget.add_class("-flash"))
        else:
            widget.add_class("-flash")
        widget.set_timer(end, lambda: widget.remove_class("-flash"))


class AnswerBar(Static):
    """Three lines with the last answer as word, shape and color; empty before the first."""

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
        self.answer: ShownAnswer | None = None
        self._waits = False

    def show_wait(self, answer: ShownAnswer | None) -> None:
        """Show in place of the last answer that one is waited for, silently; None shows that one again."""
        if answer is not None:
            self._draw(answer)
        elif self._waits and self.answer is not None:
            self._draw(self.answer)
        elif self._waits:
            self.remove_class(*(f"-{verdict.value.lower()}" for verdict in Verdict))
            self.update("", layout=False)
        self._waits = answer is not None

    def show(self, answer: ShownAnswer) -> None:
        """Show an answer in place of the last one."""
        self._count += 1
        self.answer, self._waits = answer, False
        self._draw(answer)
        flash(self, answer.verdict)

    def _draw(self, answer: ShownAnswer) -> None:
        for verdict in Verdict:
            self.set_class(verdict is answer.verdict, f"-{verdict.value.lower()}")
        self.update(answer_text(answer, number=self._count, width=self.app.size.width), layout=False)
