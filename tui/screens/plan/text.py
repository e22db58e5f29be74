"""A plan in words: each milestone as it is booked and as it would be, what is in the way.

Every time is by the clocks of the site that it is about. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tracker.values import (
    MilestoneForecast,
    PlanLine,
    PlanMove,
    PlannedCarrier,
    PlanOffer,
    Promise,
    RegistryState,
    TherapyForecast,
)
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK, NOW, TO_COME
from tui.language import named, tr
from tui.screens.plan.asking import Question
from tui.screens.plan.drafts import Draft, MovedChain, ProposedChain, next_of
from tui.shown_codes import code_text, in_sentence
from tui.states import STATES, WRONG, style_of
from tui.words import plan_time, spoken, week_day

NAME_CELLS: Final = 25
TIMES_CELLS: Final = (17, 18, 16)
"""Each with the blank before the next; a name and three times fit into a pane at 80 columns."""

WHERE_CELLS: Final = 30
REASONS_MAX: Final = 2
"""So many reasons of a refused move are said, the first that were met; the plan below stays in sight."""

_IN_A_COLUMN: Final = 4
"""From more choices on they stand in two columns."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A milestone in the words of its columns."""

    name: str
    cells: tuple[Text, ...]


def headings(draft: Draft | None) -> tuple[str, ...]:
    """What the columns of times are, from the left."""
    if isinstance(draft, ProposedChain):
        return tr("Proposed"), tr("First possible"), tr("Latest")
    if isinstance(draft, MovedChain):
        return tr("Booked"), tr("New"), tr("Latest")
    return tr("Booked"), tr("Projected"), tr("Latest")


def plan_rows(
    lines: Sequence[PlanLine],
    draft: Draft | None,
    projected: Mapping[str, MilestoneForecast],
    registry: RegistryState,
) -> tuple[PlanRow, ...]:
    """Every milestone of what is booked or proposed, in the order of the protocol."""
    shown = draft.offer.lines if isinstance(draft, ProposedChain) else lines
    coming = next_of(shown)
    rows = []
    for number, one in enumerate(shown, 1):
        name = Text(f"{number:>2} ", style="key").append_text(_mark(one, is_next=one is coming))
        name.append(f" {milestone_words(one)}", style="muted" if one.is_done else "")
        where = Text(safe(place_words(one, registry)), style="muted")
        rows.append(PlanRow(one.name, (name, *_times(one, draft, projected.get(one.name)), where)))
    return tuple(rows)


def _mark(one: PlanLine, *, is_next: bool) -> Text:
    mark = DONE if one.is_done else NOW if is_next else TO_COME
    return Text(mark, style=style_of(mark))


def _times(one: PlanLine, draft: Draft | None, projected: MilestoneForecast | None) -> Iterator[Text]:
    booked = Text(plan_time(one.start), style="muted" if one.is_done else "bold")
    if isinstance(draft, MovedChain):
        after = draft.after.get(one.name)
        yield Text(plan_time(one.start), style="muted")
        if after is None:
            yield Text("" if one.is_done else tr("stays"), style="muted")
            yield _latest(one)
        else:
            yield Text(plan_time(after.start), style="check")
            yield _latest(after)
        return
    yield booked
    if isinstance(draft, ProposedChain):
        first = next((each for each in draft.offer.earliest if each.name == one.name), one)
        is_same = first.start == one.start or one.is_done
        yield Text(tr("the same") if is_same else plan_time(first.start), style="muted")
        yield _latest(one)
        return
    yield _projected(one, projected)
    yield _latest(one, None if projected is None else projected.projected)


def _projected(one: PlanLine, projected: MilestoneForecast | None) -> Text:
    """When it will be as things stand; later than booked is to be looked at."""
    if projected is None or one.is_done:
        return Text("")
    style = "check" if projected.is_later else "muted"
    return Text(f"~{plan_time(projected.projected)}", style=style)


def _latest(one: PlanLine, projected: datetime | None = None) -> Text:
    if one.latest is None:
        return Text("")
    is_over = max(one.start, projected or one.start) > one.latest
    words = f"{BAD} " if is_over else ""
    return Text(words + plan_time(one.latest), style="stop" if is_over else "muted")


def milestone_words(one: PlanLine) -> str:
    """A milestone by its short name, as a person says it."""
    return spoken(one.name)


def place_words(one: PlanLine, registry: RegistryState) -> str:
    """The resource or the site at which it is, by the name that people use."""
    site, _, code = one.resource.partition("/")
    known = registry.resources.get(one.resource)
    if code and known is not None:
        return known.title if site in known.title else f"{known.title}, {site}"
    return site


def title_text(coi: str, lines: Sequence[PlanLine], draft: Draft | None, priority: str, ready: str) -> Text:
    """Code, how pressing, from when on; and that a chain is only proposed."""
    text = code_text(coi)
    if isinstance(draft, ProposedChain):
        words = tr("proposed, ready from {day}", day=week_day(draft.ready))
        return text.append(f"   {words}, {named(draft.priority.value)}")
    if isinstance(draft, MovedChain):
        moved = next((one for one in lines if one.name == draft.name), None)
        what = "" if moved is None else milestone_words(moved)
        return text.append("   " + tr("if it is moved: {what}", what=what.lower()))
    if not lines or not ready:
        return text
    words = tr("{priority}, ready from {day}", priority=named(priority), day=_iso_day(ready))
    return text.append(f"   {words}")


def promise_text(lines: Sequence[PlanLine], draft: Draft | None, promise: Promise | None) -> Text:
    """The day that was promised, and by how many days the last milestone is, or would be, later."""
    if promise is None:
        return Text("")
    words = Text(tr("{what} promised {day}", what=spoken(promise.milestone.name), day=_iso_day(promise.day)))
    if promise.first != promise.day:
        words.append(" " + tr("(first {day})", day=_iso_day(promise.first)), style="muted")
    shown = draft.offer.lines if isinstance(draft, ProposedChain) else lines
    if not shown:
        return words.append(f"  {LOOK} " + tr("nothing is booked"), style="check")
    last, is_moved = shown[-1], draft is not None
    start = draft.after.get(last.name, last).start if isinstance(draft, MovedChain) else last.start
    later = (start.date() - date.fromisoformat(promise.day)).days
    if later <= 0:
        return words
    one = tr("it would be 1 day later") if is_moved else tr("booked 1 day later")
    many = (
        tr("it would be {days} days later", days=later)
        if is_moved
        else tr("booked {days} days later", days=later)
    )
    return words.append(f"  {LOOK} {one if later == 1 else many}", style="check")


def _iso_day(text: str) -> str:
    return week_day(date.fromisoformat(text))


def about_rows(
    one: PlanLine, projected: MilestoneForecast | None, registry: RegistryState
) -> Iterator[tuple[Text, Text]]:
    """The milestone that the arrows stand at: where, until when, what is picked up for it."""

    def label(word: str) -> Text:
        return Text(word, style="muted")

    if one.is_done:
        yield label(tr("Done")), Text(plan_time(one.start))
        return
    yield label(tr("Where")), Text(safe(place_words(one, registry)), style="bold")
    if one.end != one.start:
        yield label(tr("Until")), Text(plan_time(one.end))
    if one.departs is not None:
        yield label(tr("Pick-up")), Text(plan_time(one.departs))
    if one.carrier is not None:
        yield label(tr("Carrier")), carrier_text(one.carrier)
    if one.latest is not None:
        yield label(tr("Latest")), Text(plan_time(one.latest))
    if projected is not None and projected.is_later and projected.projected != one.start:
        words = f"~{plan_time(projected.projected)}" + (f": {safe(projected.why)}" if projected.why else "")
        yield label(tr("Projected")), Text(words, style="check")


def carrier_text(one: PlannedCarrier) -> Text:
    """Who is booked for the way to a milestone, and for when where that is not when it is picked up."""
    name = safe(one.carrier)
    if one.fits:
        return Text(tr("{carrier} is booked", carrier=name))
    when = f"{plan_time(one.pick_up[0])} - {one.pick_up[1]:%H:%M}"
    return Text(f"{LOOK} " + tr("{carrier} is booked for {when}", carrier=name, when=when), style="check")


def nothing_text(in_the_way: Sequence[str] = (), carriers: Sequence[PlannedCarrier] = ()) -> Text:
    """What stands where nothing is booked, with who would come all the same; or what is in the way."""
    if not in_the_way:
        said = Text(tr("Nothing is booked. F4 proposes a chain from the day on which the patient is ready."))
        return Text("\n").join((said, *(carrier_text(one) for one in carriers)))
    return Text("\n").join(in_sentence(f"{BAD} {one}", style="stop") for one in in_the_way)


def why_text(draft: Draft) -> Text:
    """Why not earlier, or why what moves along could not stay."""
    lines = list(_unfit(draft) if isinstance(draft, MovedChain) else _right_shift(draft))
    in_the_way = draft.found.in_the_way if isinstance(draft, MovedChain) else draft.offer.in_the_way
    lines.extend(Text(tr("in the way:") + " ", style="muted").append(safe(one)) for one in in_the_way)
    return Text("\n").join(lines) if lines else Text(tr("Nothing is in the way."), style="muted")


def _unfit(draft: MovedChain) -> Iterator[Text]:
    """The carriers that are booked and would come at the wrong time."""
    for one in draft.found.after:
        if one.carrier is not None and not one.carrier.fits:
            yield carrier_text(one.carrier).append(": " + tr("it no longer fits"), style="check")


def _right_shift(draft: ProposedChain) -> Iterator[Text]:
    """That the patient could be collected earlier, and that it would not help: both days are said."""
    first, earliest, last = draft.offer.lines[0], draft.offer.earliest[0], draft.offer.lines[-1]
    if first.start == earliest.start:
        return
    yield Text(
        tr(
            "{first} could be on {day} already; {last} would be on {same} all the same.",
            first=milestone_words(first),
            day=week_day(earliest.start),
            last=milestone_words(last).lower(),
            same=week_day(last.start),
        )
    )


def question_table(question: Question, draft: Draft | None) -> Group:
    """How it may be typed, or the choices with their numbers, in two columns where they are many.

    Below a choice of reasons stands why what moves along could not stay.
    """
    if not question.choices:
        return Group(Text(question.hint))
    table = Table.grid(padding=(0, 3, 0, 0))
    items = [
        Text(f"{number:>2} ", style="key").append(safe(one.label))
        for number, one in enumerate(question.choices, 1)
    ]
    half = len(items) if len(items) <= _IN_A_COLUMN else (len(items) + 1) // 2
    for left, right in zip(items[:half], [*items[half:], *[Text("")] * half], strict=False):
        table.add_row(left, right)
    return Group(table) if draft is None else Group(table, Text(""), why_text(draft))


def not_booked(offer: PlanOffer) -> tuple[str, str]:
    """Why there is no chain, and whether another day can help."""
    if offer.past_limit:
        line = tr("Nothing can be booked: a limit has passed. {why}.", why=offer.past_limit)
        return line, tr("It counts from what has happened: no other day helps. Tell quality.")
    why = next(iter(offer.in_the_way), "")
    line = tr("Nothing can be booked: {why}.", why=why) if why else tr("Nothing can be booked.")
    return line, tr("F11 shows what is full and what is closed.")


def not_moved(found: PlanMove) -> tuple[str, str]:
    """Why a milestone cannot be there, and the first time at which it can."""
    said = "; ".join(found.in_the_way[:REASONS_MAX]) or tr("it is there already")
    more = len(found.in_the_way) - REASONS_MAX
    if more > 0:
        said += "; " + (tr("and 1 more") if more == 1 else tr("and {count} more", count=more))
    line = tr("It cannot be moved there: {why}.", why=said)
    if found.first is None:
        return line, tr("Type another time, or Esc.")
    first, last = found.first, found.first_last
    words = tr(
        "The first time for it is {when}: type {typed}.",
        when=plan_time(first.start),
        typed=f"{first.start:%Y-%m-%d %H:%M}",
    )
    if last is not None and last.name != first.name:
        then = tr("{what} is {when} then.", what=milestone_words(last), when=plan_time(last.start))
        words += f" {then}"
    return line, words


def standing_text(forecast: TherapyForecast | None) -> Text:
    """How the therapy stands and why, where it is not on time."""
    if forecast is None or forecast.standing not in WRONG:
        return Text("")
    state = STATES[forecast.standing].text
    return Text(state, style=style_of(state)).append("  ").append(safe(forecast.reason), style="")
