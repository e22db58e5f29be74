"""A courier's list as text: what is due first, where it goes, how long it holds, whom to call. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from rich.cells import set_cell_size
from rich.text import Text

from tracker.values import DueClock, Leg, Shipment
from tui.answers import safe
from tui.equipment_words import doubt_words
from tui.language import tr
from tui.states import style_of
from tui.words import short_time, span, spoken

HOLD_SOON: Final = timedelta(hours=12)
"""Of the hold time: what is less than this is to be driven now."""

_NAME_WIDTH: Final = 11
_LEG_WIDTH: Final = 9
_BOX_WIDTH: Final = 16
_PLACE_WIDTH: Final = 28
_HOLD_WIDTH: Final = 20
_PHONE_WIDTH: Final = 18
_WIDER: Final = 12
WIDE: Final = 120
"""Columns from which a line has room for whom to see and whom to call."""


def leg_word(leg: Leg) -> str:
    """What there is to do, in one word."""
    return {
        Leg.FETCH: tr("FETCH"),
        Leg.CARRIED: tr("DELIVER"),
        Leg.OFFERED: tr("AT DOOR"),
        Leg.ARRIVED: tr("ARRIVED"),
        Leg.EMPTY_FETCH: tr("EMPTY >"),
        Leg.EMPTY_CARRIED: tr("EMPTY <"),
    }[leg]


def is_refused(one: Shipment) -> bool:
    """Whether whoever should have taken it over last has refused it."""
    return one.refused is not None and one.leg in (Leg.CARRIED, Leg.FETCH)


def state_word(one: Shipment) -> str:
    """What there is to do, or what went wrong with it the last time: refused, or nobody at the door."""
    if is_refused(one):
        return tr("REFUSED")
    return tr("TRIED") if one.attempted and one.leg is Leg.CARRIED else leg_word(one.leg)


def hold_words(one: Shipment, now: datetime) -> str:
    """What ends first, the hold time or a limit of the cells, with a shape of its own when little is left."""
    if one.first is not None:
        return _limit_words(one.first, now)
    if one.hold_until is None:
        return "" if not one.units else tr("hold time not known")
    left = one.hold_until - now
    if left < timedelta(0):
        return tr("■ HOLD TIME OVER by {span}", span=span(left))
    mark = "▲ " if left <= HOLD_SOON else ""
    return tr("{mark}holds {span}", mark=mark, span=span(left))


def _limit_words(clock: DueClock, now: datetime) -> str:
    left = clock.due_at - now
    if left < timedelta(0):
        return tr("■ {limit} over by {span}", limit=clock.title, span=span(left))
    mark = "▲ " if left <= HOLD_SOON else ""
    return tr("{mark}{limit}: {span} left", mark=mark, limit=clock.title, span=span(left))


def hold_left(one: Shipment, now: datetime) -> str:
    """The same in as few letters as can be, for large ones."""
    if one.due_at is None:
        return ""
    left = one.due_at - now
    return f"{tr('OVER') if left < timedelta(0) else '' if left > HOLD_SOON else '!'} {span(left)}".strip()


def _hold_cell(one: Shipment, now: datetime) -> str:
    """The same for a line of the list: how long, and whether the cells or the box say so."""
    if one.due_at is None:
        return ""
    left, whose = one.due_at - now, tr("box") if one.first is None else tr("cells")
    if left < timedelta(0):
        return tr("■ {whose} OVER {span}", whose=whose, span=span(left))
    mark = "▲ " if left <= HOLD_SOON else ""
    return tr("{mark}{span} {whose}", mark=mark, span=span(left), whose=whose)


def summary_text(found: Sequence[Shipment], who: str, now: datetime, *, drives: bool) -> Text:
    """Whose list it is, how much is on it, and where to drive first or what is due first."""
    legs = [one.leg for one in found]
    counts = (
        (tr("to fetch"), legs.count(Leg.FETCH)),
        (tr("on board"), legs.count(Leg.CARRIED)),
        (tr("at a door"), legs.count(Leg.OFFERED)),
        (tr("arrived"), legs.count(Leg.ARRIVED)),
        (tr("empty"), legs.count(Leg.EMPTY_FETCH) + legs.count(Leg.EMPTY_CARRIED)),
    )
    said = ", ".join(f"{number} {word}" for word, number in counts if number) or tr("nothing on the way")
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(tr("SHIPMENTS of {who}: ", who=safe(who)), style="bold").append(said)
    return text.append("\n").append_text(_first_text(found, now, drives=drives))


def _first_text(found: Sequence[Shipment], now: datetime, *, drives: bool) -> Text:
    """What is due first: for a courier the stop to drive to now."""
    first = next((one for one in found if one.leg is not Leg.ARRIVED or not drives), None)
    if first is None:
        return Text()
    stop = f"{safe(first.stop.title)} ({first.stop.site})"
    words = tr("NEXT STOP: ") if drives else tr("DUE FIRST: ")
    text = Text(words, style="bold", no_wrap=True, overflow="ellipsis")
    text.append(stop if drives else f"{safe(first.title)}, {leg_word(first.leg)} {stop}")
    hold = hold_words(first, now)
    return text.append(f", {hold}" if hold else "")


def list_text(
    found: Sequence[Shipment], now: datetime, *, chosen: str | None, top: int, height: int, width: int = 80
) -> Text:
    """The lines that fit, from `top`; more are a page away."""
    text = Text(no_wrap=True, overflow="ellipsis")
    shown = found[top : top + height]
    for number, one in enumerate(shown, start=top + 1):
        is_chosen = one.box == chosen
        mark = ">" if is_chosen else " "
        style = _style(one, now, is_chosen=is_chosen)
        text.append(f"{number:>3} {mark} {_line(one, now, width)}\n", style=style)
    text.rstrip()
    return text


def _line(one: Shipment, now: datetime, width: int) -> str:
    """What, which box, where and how long; whom and which number where there is room for them."""
    is_wide = width >= WIDE
    word = state_word(one)
    cells = [
        _cell(word, _LEG_WIDTH),
        _cell(one.title, _BOX_WIDTH),
        _cell(f"{one.stop.site} {one.stop.title}", _PLACE_WIDTH + (_WIDER if is_wide else 0)),
        _cell(_hold_cell(one, now), _HOLD_WIDTH) if is_wide else _hold_cell(one, now),
    ]
    if is_wide:
        cells += [_cell(one.stop.phone_24h, _PHONE_WIDTH), safe(one.stop.receiver or one.holder)]
    return "".join(cells)


def _cell(text: str, width: int) -> str:
    return set_cell_size(safe(text), width - 1) + " "


def _style(one: Shipment, now: datetime, *, is_chosen: bool) -> str:
    is_urgent = one.due_at is not None and one.due_at - now <= HOLD_SOON
    return "stop" if is_urgent and one.units else "bold" if is_chosen else ""


def detail_text(one: Shipment, now: datetime, zone: tzinfo) -> Text:
    """Everything about one box: whom, where, by when, and whom to call at night."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{safe(one.title)} {one.box}", style="bold")
    for name, value in _rows(one, now, zone):
        text.append(f"\n{name:<{_NAME_WIDTH - 1}} ").append(safe(value), style=_row_style(value))
    return text


def _contents(one: Shipment) -> str:
    units = tr("1 unit") if one.units == 1 else tr("{count} units", count=one.units)
    count = len(one.therapies)
    therapies = tr("1 therapy") if count == 1 else tr("{count} therapies", count=count)
    return tr("{units} of {therapies}, seal {seal}", units=units, therapies=therapies, seal=one.seal)


def closed_words(site: str, first: date, last: date, why: str) -> str:
    """On which days the destination takes nothing, and why."""
    days = f"{first:%m-%d}" if first == last else f"{first:%m-%d}..{last:%m-%d}"
    return tr("▲ {site} is closed {days}: {why}", site=site, days=days, why=safe(why))


def _row_style(value: str) -> str:
    return style_of(value)


def _rows(one: Shipment, now: datetime, zone: tzinfo) -> Iterator[tuple[str, str]]:
    stop = one.stop
    yield tr("Stop"), f"{stop.title} ({stop.site})"
    if stop.address:
        yield tr("Address"), stop.address
    yield tr("24 h"), stop.phone_24h or tr("no number in the registry")
    if stop.receiver:
        yield (tr("From") if one.leg is Leg.FETCH else tr("To")), stop.receiver
    if one.leg is Leg.FETCH:
        yield tr("Goes to"), one.destination
    else:
        yield tr("With"), one.holder
    if one.units:
        yield tr("Holds"), _contents(one)
    doubt = "" if one.equipment is None else doubt_words(one.equipment, now)
    if doubt:
        yield tr("Shipper"), f"■ {doubt}"
    if one.first is not None:
        until = one.first.due_at.astimezone(zone)
        yield tr("Cells"), f"{hold_words(one, now)}, {tr('until')} {short_time(until)}"
    if one.hold_until is not None:
        until = one.hold_until.astimezone(zone)
        words = hold_words(replace(one, clock=None), now)
        yield tr("Until"), f"{words}, {tr('until')} {short_time(until)}"
    for first, last, why in one.closed:
        yield tr("Closed"), closed_words(one.destination, first, last, why)
    if one.offered_to:
        yield tr("Handoff"), tr("▲ handed over to {who}, nobody has taken it yet", who=one.offered_to)
    if one.refused is not None:
        at = short_time(one.refused.occurrence.at.astimezone(zone))
        shown = tr("{celsius} C", celsius=one.refused.display_celsius) if one.refused.display_celsius else ""
        why = ", ".join(spoken(word) for word in (one.refused.reason, *one.refused.faults[1:], shown) if word)
        who, site = one.refused.occurrence.actor, one.refused.site
        yield tr("Refused"), tr("▲ {at} at {site} by {who}: {why}", at=at, site=site, who=who, why=why)
        yield "", tr("It stays where it is. F7: quality may send it to another site.")
    if one.attempted is not None:
        at = short_time(one.attempted.at.astimezone(zone))
        yield tr("Tried"), tr("▲ {at} by {who}: nobody took it", at=at, who=one.attempted.actor)
