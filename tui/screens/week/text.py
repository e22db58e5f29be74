"""How full resources are in words: `used/places` by day, full and closed days by their shape. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from tracker.values import BookedPlace, DayUse, ResourceWeek
from tui.answers import safe
from tui.glyphs import BAD, LEFT, LOOK, USED
from tui.language import tr
from tui.shown_codes import code_text
from tui.states import style_of
from tui.words import spoken, week_day

DAY_CELLS: Final = 7
"""Of a day, with the blank before the next: `▲36/36 `."""

WIDE_DAY_CELLS: Final = 12
"""With a bar, where there is room for it."""

_BAR: Final = 8


def use_words(one: DayUse) -> Text:
    """Places taken of those there are: `▲2/2` is full, `■3/2` over; a day on which nothing begins is `-`.

    Who is in it still stays there, `2/-`; who is booked to begin has to be moved, `■2/-`.
    """
    if one.places is None:
        shape = BAD if one.begun else " "
        words = f"{one.used}/-" if one.used else "-"
        return Text(f"{shape}{words}", style=style_of(shape) if one.begun else "muted")
    places = one.places
    shape = BAD if one.used > places else LOOK if one.used == places else " "
    return Text(f"{shape}{one.used}/{places}", style=style_of(shape))


def use_bar(one: DayUse, width: int = _BAR) -> Text:
    """The same as a line; nothing on a day without places."""
    if not one.places:
        return Text("")
    used = round(min(one.used / one.places, 1.0) * width)
    style = "stop" if one.used > one.places else "check" if one.used == one.places else "ok"
    return Text(USED * used, style=f"bar.{style}").append(LEFT * (width - used), style="line")


def days_text(days: Iterable[DayUse], chosen: date | None) -> Text:
    """One resource, one day a line; the chosen day is bold."""
    lines = []
    for one in days:
        line = Text(f"{week_day(one.day):<11}", style="bold" if one.day == chosen else "muted")
        words = use_words(one)
        line.append_text(words).append(" " * max(DAY_CELLS - words.cell_len, 1)).append_text(use_bar(one))
        lines.append(line)
    return Text("\n", no_wrap=True).join(lines)


def first_columns(weeks: Sequence[ResourceWeek], width: int, day_cells: int) -> tuple[int, int]:
    """The cells for site and name that seven days leave."""
    sites = max((cell_len(site_of(one)) for one in weeks), default=4) + 1
    return sites, max(width - sites - day_cells * 7, 8)


def day_cell(use: DayUse, day_cells: int) -> Text:
    """One day of one resource, with its bar where a day has room for it."""
    words = use_words(use)
    if day_cells < WIDE_DAY_CELLS or not use.places:
        return words
    bar = day_cells - DAY_CELLS - 1
    return words.append(" " * max(DAY_CELLS - words.cell_len, 1)).append_text(use_bar(use, bar))


def site_of(one: ResourceWeek) -> str:
    """The site of a resource."""
    return one.resource.partition("/")[0]


def name_of(one: ResourceWeek) -> str:
    """A resource as people call it, without its site, which stands beside it."""
    return safe(one.title.removeprefix(f"{site_of(one)} "))


def day_heading(one: date) -> str:
    """A day over its column: `Tue 8`."""
    return " ".join(week_day(one).split()[:2])


def chosen_title(one: ResourceWeek, use: DayUse) -> Text:
    """What and which day, and how full it is."""
    name = f"{site_of(one)} {name_of(one)}"
    title = Text(f"{name}, {week_day(use.day)}   ")
    words = use_words(use)
    if use.places is not None or use.used:
        title.append(words.plain.strip(), style=words.style)
    if use.why_closed:
        title.append("  " + tr("nothing begins: {why}", why=safe(use.why_closed)), style="muted")
    return title


def booked_lines(booked: Sequence[BookedPlace], *, has_days: bool) -> list[Text]:
    """Who has a place, one therapy a line; with its day where several are meant, or since when it is in."""
    return [
        code_text(one.coi)
        .append(f"  {spoken(one.milestone):<20} ")
        .append(_when_words(one, has_days=has_days), style="muted")
        for one in booked
    ]


def _when_words(one: BookedPlace, *, has_days: bool) -> str:
    if one.begins_then:
        return week_day(one.day) if has_days else ""
    return tr("in it since {day}", day=week_day(one.began)) if one.began else tr("in it already")


def hit_words(hit: Sequence[BookedPlace]) -> str:
    """How many begin on days that are to be closed, and how many are only in it still."""
    begin = sum(one.begins_then for one in hit)
    one, many = (
        tr("1 therapy is booked on these days."),
        tr("{count} bookings are on these days.", count=begin),
    )
    stay = tr("Who is in it already stays: {count}.", count=len(hit) - begin) if begin < len(hit) else ""
    said = "" if not begin else one if begin == 1 else many
    return " ".join(words for words in (said, stay) if words)


def closing_text(first: date, last: date | None, title: str) -> Text:
    """What is to be closed, as far as it was said."""
    until = tr("until ...") if last is None else tr("until {day}", day=week_day(last))
    words = Text(tr("from {day}", day=week_day(first)) + f" {until}", style="bold")
    return words.append(f"   {safe(title) or tr('what for ...')}", style="" if title else "muted")
