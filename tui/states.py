"""One list of states: each has its shape, its word and its color, in that order of trust.

A presenter writes shape and word; `styled` finds the color by the shape, so none stands without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.text import Text

from schema.vocabulary import AlertCause
from tracker.values import Standing
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK, NOW, TO_COME
from tui.language import tr


@dataclass(frozen=True, slots=True)
class ShownState:
    """A state as people see it."""

    shape: str
    word: str

    @property
    def text(self) -> str:
        """Shape and word."""
        return f"{self.shape} {self.word}"


STATES: Final = {
    Standing.BREACH: ShownState(BAD, tr("BREACH")),
    Standing.LATE: ShownState(BAD, tr("LATE")),
    Standing.STALLED: ShownState(BAD, tr("STALLED")),
    Standing.AT_RISK: ShownState(LOOK, tr("RISK")),
    Standing.ON_TRACK: ShownState(TO_COME, tr("on time")),
    Standing.NOT_STARTED: ShownState(TO_COME, tr("to come")),
    Standing.CLOSED: ShownState(DONE, tr("done")),
}
MARKS: Final = {
    AlertCause.QUARANTINED: f"{BAD} " + tr("QUARANTINED"),
    AlertCause.RECALLED: f"{BAD} " + tr("LOT RECALLED"),
    AlertCause.UNASSESSED: f"{BAD} " + tr("TO ASSESS"),
    AlertCause.REFUSED: f"{BAD} " + tr("REFUSED"),
    AlertCause.OVERDUE: f"{BAD} " + tr("OVERDUE"),
}
"""What calls for somebody though its therapy may be on time."""

GRAVE: Final = (Standing.BREACH, Standing.LATE, Standing.STALLED)
"""Something is wrong already."""

WRONG: Final = (*GRAVE, Standing.AT_RISK)
"""What a morning begins with."""

RUNS_WELL: Final = (Standing.ON_TRACK, Standing.NOT_STARTED)
CANCELED: Final = ShownState(BAD, tr("CANCELED"))
"""How a therapy that ended before its time is told; it stands among those that are done."""

_STYLES: Final = {BAD: "stop", LOOK: "check", DONE: "ok", NOW: "key", TO_COME: ""}


def style_of(words: str) -> str:
    """The style of words that begin with a shape; none for others."""
    return _STYLES.get(words[:1], "")


def shaped(words: str) -> Text:
    """The same with the color on the shape alone, for lists of which most is in order."""
    clean = safe(words)
    return Text().append(clean[:1], style=style_of(clean)).append(clean[1:])


def styled(words: str) -> Text:
    """Words from outside made safe, in the color of their shape."""
    return Text(safe(words), style=style_of(words))


def state_of(standing: Standing, status: str) -> ShownState:
    """How a therapy stands."""
    return CANCELED if status == "canceled" else STATES[standing]
