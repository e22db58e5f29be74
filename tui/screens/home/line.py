"""The line that the arrows stand at, beside the list: what, where, why now, what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rich.table import Table
from rich.text import Text

from tracker.values import WorkLine
from tui.answers import safe
from tui.language import tr
from tui.shown_codes import code_text, in_sentence
from tui.states import style_of
from tui.widgets.limit_bar import limit_line
from tui.widgets.pane import LABEL_CELLS, facts_grid
from tui.words import attention_mark, brief, held_words, short_time

_SHORTEST_BAR = 6
_WORDS_AROUND = 22
"""Columns of a limit's line beside its title and its bar."""


def line_title(line: WorkLine) -> str:
    """What the line is about; nobody has scanned it."""
    return tr("This line: {thing}", thing=safe(held_words(line)))


def line_panel(line: WorkLine, now: datetime, *, width: int) -> Table:
    """What it is, of which therapy, where, its limit and what calls for somebody."""
    return facts_grid((Text(name, style="muted"), value) for name, value in _rows(line, now, width))


def _rows(line: WorkLine, now: datetime, width: int) -> Iterator[tuple[str, Text]]:
    yield tr("Code"), code_text(line.subject)
    for place, coi in enumerate(one for one in line.cois if one != line.subject):
        yield "" if place else tr("Therapy"), code_text(coi)
    if line.where:
        yield tr("Where"), in_sentence(line.where)
    if line.since is not None:
        yield tr("Since"), Text(tr("{span} ago", span=brief(now - line.since)))
    if line.clock is not None:
        bar = max(width - LABEL_CELLS - len(line.clock.title) - _WORDS_AROUND, _SHORTEST_BAR)
        yield tr("Clock"), limit_line(line.clock, now, min(bar, 16))
    for flag in line.attention:
        mark = attention_mark(flag)
        yield "", Text(mark, style=style_of(mark))


def late_words(line: WorkLine, now: datetime, local_due: datetime | None) -> str:
    """Since when it is late; empty for a line that is not."""
    if line.clock is None or local_due is None or line.clock.due_at - now >= timedelta(0):
        return ""
    return tr("The limit was {at}. Do it all the same, and say why it is late.", at=short_time(local_due))


def first_step_text(line: WorkLine) -> Text:
    """What is done with it, and that a line proves nothing."""
    number = "" if line.number is None else f"{line.number}  "
    text = Text(number, style="bold").append(safe(line.what), style="bold")
    if line.kind:
        return text.append("\n" + tr("Scan it to begin. A line proves nothing."), style="muted")
    return text.append("\n" + tr("Somebody else takes this step."), style="muted")
