"""More of the line that the arrows stand at, beside the lists: why it is so, and where its box is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from rich.text import Text

from tracker.values import AlertLine, DueLine, RoadLine, StoredLine, TherapyForecast
from tui.answers import safe
from tui.glyphs import BAD, LOOK, ROUTE
from tui.language import named, tr
from tui.screens.today.text import SHAPES, clock, expected_words, milestone_order, moved_text
from tui.shown_codes import code_text
from tui.states import style_of, styled
from tui.widgets.limit_bar import left_text
from tui.words import plan_time
from tui.wrapping import wrap


def items_text(one: DueLine) -> Text:
    """Everything that it needs, one thing a line: why it is not ready; of a duty, what it is and whose."""
    if one.roles:
        return Text(safe(f"{one.title}: {one.words}"))
    lines = []
    for item in one.items:
        shape = SHAPES[item.readiness]
        style = style_of(shape) if shape in (BAD, LOOK) else ""
        line = Text(f"{shape} ", style=style_of(shape) or "muted")
        lines.append(
            line.append(f"{named(item.need.value)}: ", style="muted").append(safe(item.words), style=style)
        )
    return Text("\n").join(lines)


def box_rows(one: RoadLine, now: datetime) -> Iterator[tuple[Text, Text]]:
    """Where a box is and what is in it."""

    def label(word: str) -> Text:
        return Text(word, style="muted")

    yield label(tr("With")), Text(safe(one.holder))
    if one.expected_at is not None:
        yield label(tr("Expected")), styled(expected_words(one, now))
    if one.limit is not None:
        yield label(tr("Limit")), Text(safe(one.limit.title) + " ").append_text(left_text(one.limit, now))
    if one.celsius is not None:
        yield label(tr("Display")), Text(tr("{celsius} C", celsius=one.celsius))
    yield label(tr("Inside")), Text(", ").join(code_text(coi) for coi in one.therapies)


def course_text(one: TherapyForecast, now: datetime, width: int) -> Text:
    """Why a therapy is not on time, and each milestone that is to come: as promised, and as projected."""
    text = Text("\n".join(wrap(safe(one.reason), width)))
    for each in one.milestones:
        if each.is_done:
            continue
        line = Text(f"{milestone_order(each.name)} ", style="muted").append(clock(each.projected, now))
        if each.promised is not None and each.is_later:
            line = Text(f"{milestone_order(each.name)} ", style="muted").append_text(moved_text(each, now))
            if line.cell_len > width:
                line = Text(f"{milestone_order(each.name)} ", style="muted").append(
                    f"{ROUTE} ~{clock(each.projected, now)}", style="bold"
                )
        text.append("\n").append_text(line)
    return text


def called_rows(one: AlertLine, local: Callable[[datetime], datetime]) -> Iterator[tuple[Text, Text]]:
    """What calls, since when and whom, and who has seen it."""

    def label(word: str) -> Text:
        return Text(word, style="muted")

    yield label(tr("What")), Text(safe(one.title))
    if one.subject != one.coi:
        is_event = "-" in one.subject
        yield label(tr("About")), Text(safe(one.subject)) if is_event else code_text(one.subject)
    yield label(tr("Since")), Text(plan_time(local(one.since)))
    calls = ", ".join(f"{named(rung.role.value)} {rung.site}" for rung in one.called)
    yield label(tr("Calls")), Text(safe(calls))
    if one.acknowledged_by is not None:
        yield label(tr("Seen by")), Text(safe(one.acknowledged_by))


def stored_rows(one: StoredLine, now: datetime) -> Iterator[tuple[Text, Text]]:
    """Where a unit lies, until when it can be used, and what is missing before."""

    def label(word: str) -> Text:
        return Text(word, style="muted")

    yield label(tr("Place")), Text(safe(one.place))
    yield label(tr("Therapy")), code_text(one.coi)
    if one.until is not None:
        yield label(tr("Limit")), Text(safe(one.until.title) + " ").append_text(left_text(one.until, now))
    if one.missing:
        yield label(tr("Missing")), Text(", ".join(named(each) for each in one.missing), style="check")
