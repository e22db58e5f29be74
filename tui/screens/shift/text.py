"""What is left open at a terminal, as lines for the one who leaves and the one who comes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from schema.canonical import Json
from schema.identifiers import copy_ordinal
from tracker.values import LeftLabels, LeftOpen, RunningClock, Worklist
from tui.language import tr
from tui.session import LeftBehind
from tui.shown_codes import in_sentence
from tui.words import DUE_SOON, brief, due, held_words


@dataclass(frozen=True, slots=True)
class OpenHere:
    """What the record says is open, and what was on the screens when its person left."""

    left: LeftBehind
    found: LeftOpen

    @property
    def must_be_signed(self) -> bool:
        """Whether any therapy's chain has to say who goes on."""
        return bool(self.found or self.left.tallied)


def clock_line(clock: RunningClock, now: datetime) -> str:
    """A limit with its shape and its time left."""
    left = clock.due_at - now
    late = left.total_seconds() < 0
    shape = tr("■ LATE") if late else tr("▲ SOON") if left <= DUE_SOON else "..."
    words = tr("{time} over", time=brief(left)) if late else tr("{time} left", time=brief(left))
    return f"{shape} {words}: {clock.title}"


def left_text(here: OpenHere, now: datetime, heading: str = "") -> Text:
    """Everything that is open, by kind; codes only."""
    text = Text(f"{heading}\n\n" if heading else "", style="bold")
    works = here.found.works
    running = sorted(
        ((clock, work.coi) for work in works for clock in work.clocks), key=lambda pair: pair[0].due_at
    )
    for title, lines in (
        (
            tr("RUNNING CLOCKS"),
            [(clock_line(one, now), tr("{unit} of {coi}", unit=one.unit, coi=coi)) for one, coi in running],
        ),
        (tr("HANDED OVER, NOBODY HAS TAKEN IT"), [(w.coi,) for w in works for _ in w.handoffs]),
        (
            tr("HELD AND NOT HANDED OVER"),
            [(tr("{unit} of {coi}", unit=unit, coi=w.coi),) for w in works for unit in w.held],
        ),
        (
            tr("PRINTED LABELS, NOT ACCOUNTED FOR"),
            [(tr("{unit}, copies {copies}", unit=o.unit, copies=_ordinals(o)),) for o in here.found.labels],
        ),
        (tr("ENTERED AND NOT SIGNED: SCAN IT AGAIN"), [(one,) for one in here.left.unsigned]),
    ):
        _section(text, title, lines)
    if not here.must_be_signed and not here.left.unsigned:
        text.append(tr("Nothing is open.") + "\n", style="not bold")
    return text


def _ordinals(labels: LeftLabels) -> str:
    """The letters by which people know the copies."""
    return "".join(copy_ordinal(labels.unit, copy) for copy in labels.copies)


def _section(text: Text, title: str, items: Iterable[tuple[str, ...]]) -> None:
    """Each item in a line, and what would not fit beside it, as a code, under it."""
    shown = list(items)
    if shown:
        text.append(f"{title} ({len(shown)})\n", style="bold")
        for first, *rest in shown:
            text.append("  ").append_text(in_sentence(first, style="not bold")).append("\n")
            for line in rest:
                text.append("      ").append_text(in_sentence(line, style="not bold")).append("\n")
        text.append("\n")


def site_clocks(worklist: Worklist, here: OpenHere, now: datetime) -> Text:
    """The other limits that run at the site, whoever set them running: a lock hides none of them."""
    own = {clock.unit for work in here.found.works for clock in work.clocks}
    text = Text()
    lines = [
        (due(line.clock, now), f"{held_words(line)} {line.subject}")
        for line in (*worklist.lines, *worklist.others)
        if line.clock is not None and line.clock.unit not in own
    ]
    _section(text, tr("OTHER CLOCKS AT THIS SITE"), lines)
    return text


def take_over_request(here: OpenHere, *, actor: str, station: str, event_id: str) -> dict[str, Json]:
    """The request by which the next person takes all of it over."""
    therapies = [{"code": coi} for coi in here.found.cois] + [{"code": unit} for unit in here.left.tallied]
    data: dict[str, Json] = {
        "request": "take_over",
        "event_id": event_id,
        "actor": actor,
        "station": station,
        "from_staff": here.left.staff,
        "therapies": therapies[:200],
    }
    if here.found.labels:
        data["labels"] = [{"unit": one.unit, "copies": one.copies} for one in here.found.labels]
    if here.left.tallied:
        data["tallied"] = list(here.left.tallied)
    return data
