"""A therapy in words: how it stands and where it is now, what happened, its units. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from rich.text import Text

from schema.events.identity import Canceled
from tracker.values import (
    NextStep,
    NoteLine,
    Standing,
    TherapyForecast,
    TherapyJourney,
    TrailEntry,
    Whereabouts,
)
from tui.answers import safe
from tui.glyphs import BAD, LOOK, ROUTE
from tui.language import named, tr
from tui.lives import life_text, life_words
from tui.shown_codes import code_text, in_sentence
from tui.states import GRAVE, RUNS_WELL, STATES, WRONG, state_of, style_of
from tui.widgets.happened import moment
from tui.widgets.limit_bar import BAR, bar_text, limit_lines, urgency_of
from tui.widgets.pane import LABEL_CELLS
from tui.words import attention_mark, brief, spoken, week_day
from tui.wrapping import wrap

Local = Callable[[datetime], datetime]

PLACES_MAX: Final = 3
"""So many places are told of a therapy whose units are apart; the trail has all."""

NOTE_LINES: Final = 2
"""So many lines of the newest note; the trail has all of it."""

WORD_CELLS: Final = 10


def _label(word: str) -> Text:
    return Text(word, style="muted")


def title_of(journey: TherapyJourney) -> Text:
    """Code, protocol, and what the cells are for."""
    title = code_text(journey.line.coi).append(f"   {safe(journey.protocol)}")
    return title if journey.indication is None else title.append(f"   {named(journey.indication)}")


def route_of(journey: TherapyJourney) -> str:
    """The sites from vein to vein."""
    return f" {ROUTE} ".join(journey.sites)


def vein_line(journey: TherapyJourney, now: datetime) -> Text:
    """How long the cells have been out of the vein, of how long was promised; and how the therapy stands."""
    state = state_of(journey.line.standing, journey.line.status)
    text = Text()
    promised = journey.promised_infusion
    if journey.collected_at is not None:
        length = (journey.infused_at or now) - journey.collected_at
        text.append(tr("vein to vein") + "  ", style="muted")
        days = 0 if promised is None else (promised - journey.collected_at.date()).days
        if days > 0 and journey.infused_at is None:
            text.append_text(bar_text(length.days / days, BAR)).append("  ")
            text.append(tr("{days} d of {promised} promised", days=length.days, promised=days), style="bold")
        else:
            text.append(brief(length), style="bold")
        text.append("   ")
    elif promised is not None and journey.infused_at is None:
        text.append(tr("infusion promised") + "  ", style="muted").append(
            week_day(promised), style="bold"
        ).append("   ")
    if not journey.is_booked and journey.can_be_planned and journey.line.standing is not Standing.CLOSED:
        text.append(tr("not booked") + "   ", style="muted")
    return text.append(state.text, style=style_of(state.text))


def frame_of(journey: TherapyJourney, now: datetime) -> str:
    """The class of the pane of now: what is grave frames it, then what is soon."""
    line, first = journey.line, journey.line.first
    is_bad = journey.is_canceled or line.standing in GRAVE
    if is_bad or any(one.quarantined for one in journey.whereabouts):
        return "-bad"
    if line.standing is Standing.AT_RISK:
        return "-look"
    is_running = line.standing is not Standing.CLOSED
    return "-look" if is_running and first is not None and urgency_of(first, now) == "check" else ""


def now_rows(
    journey: TherapyJourney,
    now: datetime,
    local: Local,
    *,
    why: str,
    width: int,
    forecast: TherapyForecast | None = None,
) -> Iterator[tuple[Text, Text]]:
    """State and place, who has it since when, what is due, what calls for somebody, every limit."""
    state = _state(journey, now)
    groups = _by_place(journey)
    first = in_sentence(groups[0][0], style="bold") if groups else Text(_nothing(journey), style="bold")
    if journey.is_canceled:
        first = Text(why, style="bold") if why else first
    yield state, first
    if forecast is not None and forecast.standing in WRONG:
        yield _label(tr("Why")), in_sentence(forecast.reason, style=style_of(STATES[forecast.standing].text))
    if groups:
        yield from _held(groups[0][1], now, local)
    for where, ones in groups[1:PLACES_MAX]:
        yield _label(tr("Also")), in_sentence(f"{_things(ones)}: {where}")
    more = sum(len(ones) for _, ones in groups[PLACES_MAX:])
    if more:
        many = tr("and {count} more units: F7", count=more)
        yield _label(""), Text(tr("and 1 more unit: F7") if more == 1 else many)
    if journey.is_made_elsewhere:
        yield _label(tr("Made")), Text(tr("elsewhere, not in this record"))
    if journey.line.attention:
        marks = [attention_mark(flag) for flag in journey.line.attention]
        yield _label(tr("Look")), Text("  ").join(Text(mark, style=style_of(mark)) for mark in marks)
    yield from _lives(journey)
    yield from _limits(journey, now, local, width)


def _lives(journey: TherapyJourney) -> Iterator[tuple[Text, Text]]:
    """What the cells went through, worst first; units that went through the same are one line."""
    found: dict[str, list[Whereabouts]] = {}
    for one in sorted(journey.whereabouts, key=lambda one: (-len(one.life.passed), -one.life.outside)):
        if not one.life.is_new:
            found.setdefault(life_words(one.life), []).append(one)
    for number, (words, ones) in enumerate(list(found.items())[:PLACES_MAX]):
        is_passed = bool(ones[0].life.passed)
        said = life_text(words, is_passed=is_passed)
        if len(found) > 1:
            said.append("  ").append_text(in_sentence(_things(ones), style="muted"))
        yield _label("" if number else tr("Its life")), said


def _by_place(journey: TherapyJourney) -> list[tuple[str, list[Whereabouts]]]:
    """What lies together; first where the limit runs that ends first."""
    first = journey.line.first
    found: dict[str, list[Whereabouts]] = {}
    for one in sorted(journey.whereabouts, key=lambda one: first is None or one.unit != first.unit):
        found.setdefault(where_words(one), []).append(one)
    return list(found.items())


def _state(journey: TherapyJourney, now: datetime) -> Text:
    first = journey.line.first
    state = state_of(journey.line.standing, journey.line.status).text
    is_soon = journey.line.standing in RUNS_WELL
    if is_soon and first is not None and urgency_of(first, now) == "check":
        state = f"{LOOK} {tr('SOON')}"
    return Text(state, style=style_of(state))


def _nothing(journey: TherapyJourney) -> str:
    if journey.line.standing is Standing.CLOSED:
        return tr("Nothing is open any more.")
    if journey.infused_at is not None:
        return tr("{stage}: no unit is left", stage=journey.line.stage_title)
    return tr("{stage}: no unit yet", stage=journey.line.stage_title)


def where_words(one: Whereabouts) -> str:
    """Where a unit is."""
    if one.on_the_road and one.destination:
        return tr("On the road to {site}, box {box}", site=one.destination, box=one.box)
    if one.box and one.destination:
        return tr("In box {box} for {site}", box=one.box, site=one.destination)
    if one.box:
        return tr("In box {box}", box=one.box)
    return one.place or tr("With {holder}", holder=one.holder)


def _things(ones: list[Whereabouts]) -> str:
    """What lies there: one by its code, more by their number."""
    if len(ones) == 1:
        return f"{named(ones[0].material.value)} {ones[0].unit}"
    kinds = {one.material for one in ones}
    word = named(ones[0].material.value) if len(kinds) == 1 else tr("units")
    return f"{len(ones)} {word}"


def _held(ones: list[Whereabouts], now: datetime, local: Local) -> Iterator[tuple[Text, Text]]:
    first = ones[0]
    holder = in_sentence(first.holder)
    if first.since is not None:
        holder.append(tr(", since {when}", when=moment(first.since, now, local)))
    yield _label(tr("With")), holder
    if first.given_to:
        words = tr("▲ handed over to {who}, nobody has taken it yet", who=first.given_to)
        yield _label(tr("Handoff")), Text(safe(words), style="check")


def _limits(journey: TherapyJourney, now: datetime, local: Local, width: int) -> Iterator[tuple[Text, Text]]:
    line, first = journey.line, journey.line.first
    if first is None or line.standing is Standing.CLOSED:
        return
    due = Text(moment(first.due_at, now, local)).append("  " + safe(first.title), style="muted")
    yield _label(tr("Due")), due
    for place, one in enumerate(limit_lines(line.clocks, now, width=width - LABEL_CELLS - 1)):
        yield _label("" if place else tr("Limits")), one


def note_rows(
    notes: tuple[NoteLine, ...], now: datetime, local: Local, *, width: int
) -> Iterator[tuple[Text, Text]]:
    """The newest note with who wrote it and when, and how many more there are."""
    if not notes:
        return
    first = notes[0]
    words = tr("erased") if first.text is None else " ".join(first.text.split())
    by = f"{first.actor}, {moment(first.at, now, local)}"
    about = first.unit or (named(first.milestone) if first.milestone else "")
    more = len(notes) - 1
    said = Text(f"{by}: ", style="muted")
    if about:
        said.append_text(in_sentence(f"{about}: "))
    # Lines end at words: so much of each may stay empty.
    room = max(NOTE_LINES * (width - LABEL_CELLS - 1 - WORD_CELLS) - len(said.plain), LABEL_CELLS)
    said.append("".join(wrap(safe(words), room, lines_max=1)))
    yield _label(tr("Note")), said
    if more:
        many = tr("and {count} more notes: F7", count=more)
        yield _label(""), Text(tr("and 1 more note: F7") if more == 1 else many)


def why_canceled(entries: Iterable[TrailEntry]) -> str:
    """The reason that was given when it was canceled; empty where it was not."""
    for one in entries:
        payload = one.entry.statement.payload
        if isinstance(payload, Canceled) and payload.reason is not None:
            return spoken(payload.reason.value)
    return ""


def units_text(journey: TherapyJourney) -> Text:
    """Every open unit with its place and cassette."""
    lines = []
    for one in journey.whereabouts:
        mark = f"{BAD} " + tr("QUARANTINED") if one.quarantined else ""
        line = code_text(one.unit).append(f"  {named(one.material.value)}", style="muted")
        if mark:
            line.append("\n  ").append(mark, style="stop")
        # A code stands on a line of its own, so that none is torn apart where the pane ends.
        place = tr("On the road to {site}", site=one.destination) if one.on_the_road else one.place
        for words in filter(None, (place, one.box and tr("box {box}", box=one.box))):
            line.append("\n  ").append_text(in_sentence(words))
        if not (place or one.box):
            line.append("\n  ").append(safe(where_words(one)))
        if one.cassette:
            line.append("\n  " + tr("cassette") + " ").append_text(code_text(one.cassette))
        lines.append(line)
    return Text("\n").join(lines) if lines else Text(tr("none open"), style="muted")


def next_text(steps: Iterable[NextStep]) -> Text:
    """What this person can do next with it here; what cannot be done yet with its reason."""
    lines = []
    for one in steps:
        line = Text(f"{one.number:>2} ", style="bold").append(safe(one.title))
        lines.append(line)
    return Text("\n").join(lines) if lines else Text(tr("nothing for you here now"), style="muted")
