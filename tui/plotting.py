"""A plot of textual-plotext as text in the styles of our themes; it is loaded where one is drawn.

The colors that a plot is given stand for meanings and are none that is shown: each becomes the style of that
name, so that a curve changes with the theme as every other text does.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Final

from rich.text import Text

if TYPE_CHECKING:
    from textual_plotext.plot import Plot


class PlotMeaning(Enum):
    """What a line of a plot means, as the color that stands for it."""

    TRACE = (1, 0, 0)
    OUTSIDE = (2, 0, 0)
    LIMIT = (3, 0, 0)
    TICK = (4, 0, 0)


_STYLES: Final = {
    PlotMeaning.OUTSIDE.value: "bar.stop",
    PlotMeaning.LIMIT.value: "bar.check",
    PlotMeaning.TICK.value: "muted",
}


def empty_plot(columns: int, rows: int) -> Plot:
    """A plot without frame and axes, as large as the room there is for it."""
    from textual_plotext.plot import Plot

    plot = Plot()
    plot.plotsize(columns, rows)
    # Its own widget does the same: a figure is never larger than the terminal that the process was begun in.
    plot._set_size(columns, rows)  # noqa: SLF001
    plot.frame(False)
    plot.xaxes(False, False)
    plot.yaxes(False, False)
    for color in (plot.canvas_color, plot.axes_color):
        color("default")
    plot.ticks_color(PlotMeaning.TICK.value)
    plot.xticks([])
    return plot


def add_line(plot: Plot, points: Sequence[tuple[float, float]], meaning: PlotMeaning) -> None:
    """A line through some points."""
    plot.plot([at for at, _ in points], [high for _, high in points], marker="braille", color=meaning.value)


def plot_text(plot: Plot, rows: int) -> Text:
    """The plot with styles instead of colors."""
    drawn = Text.from_ansi("\n".join(plot.build().split("\n")[:rows]))
    text = Text(drawn.plain, no_wrap=True, end="")
    for span in drawn.spans:
        color = getattr(span.style, "color", None)
        triplet = None if color is None else color.triplet
        name = "" if triplet is None else _STYLES.get((triplet.red, triplet.green, triplet.blue), "")
        if name:
            text.stylize(name, span.start, span.end)
    return text
