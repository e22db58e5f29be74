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

    def show(self, answer: ShownAnswer) -> None:
        """Show an answer in place of the last one."""
        self._count += 1
        self.answer = answer
        for verdict in Verdict:
            self.set_class(verdict is answer.verdict, f"-{verdict.value.lower()}")
        flash(self, answer.verdict)
        self.update(answer_text(answer, number=self._count, width=self.app.size.width), layout=False)
