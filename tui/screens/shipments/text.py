"""A courier's list: the next stop, what is due first, how long it holds, whom to call. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from rich.table import Table
from rich.text import Text

from tracker.values import DueClock, HeardLine, Leg, Shipment, ShipmentLine
from tui.answers import safe
from tui.equipment_words import doubt_words
from tui.glyphs import BAD, DONE, FETCH, LOOK, NEXT, NOW, TO_COME
from tui.language import tr
from tui.shown_codes import code_text, in_sentence
from tui.states import style_of
from tui.widgets.limit_bar import SOON_SHARE, bar_text
from tui.words import brief, refusal_words, short_time, spoken

HOLD_SOON: Final = timedelta(hours=12)
"""Of the hold time: what is less than this is to be driven now."""

FETCH_SOON: Final = timedelta(hours=2)
"""Before the latest pick-up that was booked: then somebody is to drive, or to call."""

ESTIMATES_MAX: Final = 2
"""The newest estimate, and the one before it."""

_BAR: Final = 10
_BAR_IN_LIST: Final = 8


@dataclass(frozen=True, slots=True)
class ShownLimit:
    """One of the two that run: what the cells bear, or for how long the shipper holds."""

    name: str
    clock: DueClock

    @property
    def due_at(self) -> datetime:
        """When it ends."""
        return self.clock.due_at

    def shape(self, now: datetime) -> str:
        """Over, soon, or nothing."""
        share = self.clock.share_used(now)
        if self.due_at < now:
            return BAD
        is_soon = self.due_at - now <= HOLD_SOON or (share is not None and share >= SOON_SHARE)
        return LOOK if is_soon else ""

    def words(self, now: datetime) -> Text:
        """How long, with a shape where there is something to do."""
        left, shape = self.due_at - now, self.shape(now)
        said = (
            tr("{span} over", span=brief(left))
            if left < timedelta(0)
            else tr("{span} left", span=brief(left))
        )
        return Text().append(f"{shape} {said}".strip(), style=style_of(shape))

    def in_short(self, now: datetime) -> Text:
        """The same for a line of the list."""
        shape = self.shape(now)
        over = tr("OVER") + " " if self.due_at < now else ""
        mark = f"{shape} " if shape else ""
        return Text().append(f"{mark}{over}{brief(self.due_at - now)}", style=style_of(shape))

    def bar(self, now: datetime, width: int) -> Text:
        """The bar; empty where it cannot be drawn."""
        share = self.clock.share_used(now)
        return Text() if share is None else bar_text(share, width)


def limits_of(one: Shipment) -> list[ShownLimit]:
    """The limits of a box, the first that ends first."""
    found = []
    if one.clock is not None:
        found.append(ShownLimit(tr("cells"), one.clock))
    if one.hold is not None:
        found.append(ShownLimit(tr("shipper"), one.hold))
    return sorted(found, key=lambda limit: limit.due_at)


_LEGS: Final = {
    Leg.BOOKED: (TO_COME, tr("BOOKED")),
    Leg.FETCH: (FETCH, tr("FETCH")),
    Leg.CARRIED: (NEXT, tr("DELIVER")),
    Leg.OFFERED: (NOW, tr("AT DOOR")),
    Leg.ARRIVED: (DONE, tr("ARRIVED")),
    Leg.EMPTY_FETCH: (TO_COME, tr("EMPTY fetch")),
    Leg.EMPTY_CARRIED: (TO_COME, tr("EMPTY home")),
}


def leg_word(leg: Leg) -> str:
    """What there is to do, in one word."""
    return _LEGS[leg][1]


def is_refused(one: Shipment) -> bool:
    """Whether whoever should have taken it over last has refused it."""
    return one.refused is not None and one.leg in (Leg.CARRIED, Leg.FETCH)


def state_of(one: Shipment) -> tuple[str, str]:
    """Shape and word: what there is to do, or what went wrong the last time, refused or nobody there."""
    if is_refused(one):
        return BAD, tr("REFUSED")
    if one.attempted and one.leg is Leg.CARRIED:
        return LOOK, tr("TRIED")
    return _LEGS[one.leg]


def hold_left(one: Shipment, now: datetime) -> str:
    """What ends first in as few letters as can be, for large ones."""
    if one.due_at is None:
        return ""
    left = one.due_at - now
    return f"{tr('OVER') if left < timedelta(0) else ''} {brief(left)}".strip()


def title_of(one: Shipment, found: Sequence[Shipment], *, drives: bool, is_chosen: bool) -> str:
    """Over the pane above the list: the box chosen, the next stop, or what is due first at a site."""
    shape, word = state_of(one)
    if is_chosen:
        return f"{shape} {word}  {safe(one.title)}"
    if not drives:
        return f"{shape} " + tr("Due first: {title}", title=safe(one.title))
    same = sum(1 for other in found if other.stop.site == one.stop.site and other.leg is one.leg)
    boxes = tr("1 box") if same == 1 else tr("{count} boxes", count=same)
    return f"{NEXT} " + tr("Next stop: {what}, {boxes}", what=word.lower(), boxes=boxes)


def counts_text(found: Sequence[Shipment]) -> str:
    """How much is on the list, counted as its lines say it: what was refused is none to fetch."""
    counts = Counter(_COUNTED.get(state_of(one)[1]) or _LEGS_COUNTED[one.leg] for one in found)
    order = (*_LEGS_COUNTED.values(), *_COUNTED.values())
    said = (f"{counts[word]} {word}" for word in dict.fromkeys(order) if counts[word])
    return ", ".join(said) or tr("nothing on the way")


_LEGS_COUNTED: Final = {
    Leg.BOOKED: tr("booked"),
    Leg.FETCH: tr("to fetch"),
    Leg.CARRIED: tr("on board"),
    Leg.OFFERED: tr("at a door"),
    Leg.ARRIVED: tr("arrived"),
    Leg.EMPTY_FETCH: tr("empty"),
    Leg.EMPTY_CARRIED: tr("empty"),
}
_COUNTED: Final = {tr("REFUSED"): tr("refused"), tr("TRIED"): tr("tried")}


def _first_words(one: Shipment, now: datetime, zone: tzinfo) -> Text:
    """What ends first; of what is booked, by when it is to be fetched."""
    first = next(iter(limits_of(one)), None)
    if first is None and one.fetch_by is not None:
        shape = BAD if one.fetch_by < now else LOOK if one.fetch_by - now <= FETCH_SOON else ""
        until = tr("by {time}", time=short_time(one.fetch_by.astimezone(zone)))
        return Text(f"{shape} {until}".strip(), style=style_of(shape))
    left = Text() if first is None else first.in_short(now)
    return left.append(" " + (tr("call quality") if is_refused(one) else first.name if first else ""))


def line_of(one: Shipment, number: int, now: datetime, zone: tzinfo, *, site_cells: int) -> Table:
    """A line of the list: what, where, which box, and the limit that ends first."""
    table = Table.grid(expand=True, padding=(0, 1, 0, 0))
    for width in (2, 13, site_cells, 14, _BAR_IN_LIST):
        table.add_column(width=width, no_wrap=True)
    table.add_column(ratio=1)
    shape, word = state_of(one)
    first = next(iter(limits_of(one)), None)
    table.add_row(
        Text(str(number), style="bold"),
        Text().append(f"{shape} {word}", style=style_of(shape)),
        Text(safe(one.stop.site)),
        code_text(one.box) if one.box else Text(tr("no box yet"), style="muted"),
        Text() if first is None else first.bar(now, _BAR_IN_LIST),
        _first_words(one, now, zone),
    )
    return table


def _contents(one: Shipment) -> str:
    units = tr("1 unit") if one.units == 1 else tr("{count} units", count=one.units)
    count = len(one.therapies)
    therapies = tr("1 therapy") if count == 1 else tr("{count} therapies", count=count)
    return tr("{units} of {therapies}, seal {seal}", units=units, therapies=therapies, seal=one.seal)


def closed_words(site: str, first: date, last: date, why: str) -> str:
    """On which days the destination takes nothing, and why."""
    days = f"{first:%m-%d}" if first == last else f"{first:%m-%d}..{last:%m-%d}"
    return tr("▲ {site} is closed {days}: {why}", site=site, days=days, why=safe(why))


def detail_table(one: Shipment, now: datetime, zone: tzinfo) -> Table:
    """Everything about one box: whom, where, by when, and whom to call at night; values wrap at words."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for name, value in _rows(one, now, zone):
        table.add_row(Text(name, style="muted", no_wrap=True), value)
    return table


def _said(words: str) -> Text:
    return in_sentence(words, style=style_of(words))


def _rows(one: Shipment, now: datetime, zone: tzinfo) -> Iterator[tuple[str, Text]]:
    """What went wrong first, then where to, and how long."""
    yield from _wrong(one, now, zone)
    stop = one.stop
    title = Text(f"{safe(stop.title)}", style="bold")
    yield tr("Stop"), title.append(f"  {safe(stop.address)}" if stop.address else "", style="not bold")
    phone = Text(safe(stop.phone_24h) or tr("no number in the registry"), style="bold")
    who = stop.receiver if one.leg is not Leg.FETCH else one.holder
    asks = "  " + tr("ask for {who}", who=safe(who)) if who else ""
    yield tr("24 h"), phone.append(asks, style="not bold")
    box = code_text(one.box).append(f"  {safe(one.title)}", style="not bold") if one.box else Text()
    if one.units:
        box.append(f"  {safe(_contents(one))}", style="not bold")
    if one.leg is Leg.BOOKED:
        box.append(("  " if one.box else "") + tr("booked, not packed yet"), style="not bold")
    yield tr("Box"), box
    if one.leg in (Leg.BOOKED, Leg.FETCH):
        yield tr("Goes to"), Text(safe(one.destination))
    if one.fetch_by is not None:
        yield tr("Fetch by"), Text(short_time(one.fetch_by.astimezone(zone)), style="bold")
    yield from _on_the_way(one, zone)
    for limit in limits_of(one):
        until = short_time(limit.due_at.astimezone(zone))
        bar = limit.bar(now, _BAR)
        line = Text().append_text(bar).append(" " if bar.plain else "").append_text(limit.words(now))
        title_words = f": {safe(limit.clock.title)}" if limit.name == tr("cells") else ""
        yield spoken(limit.name), line.append(f", {tr('until')} {until}{title_words}")
    if one.units and one.hold_until is None:
        yield tr("Shipper"), Text(tr("hold time not known"))


def _on_the_way(one: Shipment, zone: tzinfo) -> Iterator[tuple[str, Text]]:
    """When it was to arrive, when it is expected by whose word, and what was heard last."""
    line = one.line
    if line is None:
        return
    if line.delivery is not None:
        there, here = line.delivery[1], line.delivery[1].astimezone(zone)
        is_same = there.utcoffset() == here.utcoffset()
        until = short_time(here)
        until += "" if is_same else " " + tr("({time} at {site})", time=short_time(there), site=line.to_site)
        waybill = "  " + tr("waybill {code}", code=line.waybill) if line.waybill else ""
        yield tr("Arrive by"), Text(f"{until}{waybill}")
    for told in line.estimates[-ESTIMATES_MAX:]:
        yield tr("Expected"), _estimate(one, line, told, zone)
    heard = line.heard[-1] if line.heard else None
    if heard is not None and heard.estimated_delivery is None:
        at = short_time(heard.at.astimezone(zone))
        yield tr("Heard"), _said(f"{spoken(heard.milestone)} {heard.place.upper()}, {at}")


def _estimate(one: Shipment, line: ShipmentLine, told: HeardLine, zone: tzinfo) -> Text:
    """An estimate with what was heard, by whom and when; the newest says whether it is too late."""
    expected = told.estimated_delivery
    at, said = short_time(told.at.astimezone(zone)), f"{spoken(told.milestone)} {told.place.upper()}"
    who = f"{spoken(told.source).lower()}, {told.by}"
    until = "" if expected is None else short_time(expected.astimezone(zone))
    mark = ""
    if told is line.estimates[-1]:
        is_past_limit = one.clock is not None and expected is not None and expected > one.clock.due_at
        mark = f"{BAD} " + tr("AFTER THE CELLS' LIMIT") + " " if is_past_limit else ""
        mark = f"{BAD} " + tr("AFTER IT HOLDS") + " " if line.is_past_hold else mark
        mark = mark or (f"{LOOK} " + tr("LATE") + " " if line.is_late else "")
    return _said(f"{mark}{until}  {said}, {at} ({who})")


def _wrong(one: Shipment, now: datetime, zone: tzinfo) -> Iterator[tuple[str, Text]]:
    if one.refused is not None:
        said = refusal_words(one.refused, one.refused.occurrence.at.astimezone(zone))
        stays = tr("It stays with {who}; F7: quality sends it elsewhere.", who=safe(one.holder))
        yield tr("Refused"), _said(said).append(" " + stays)
    if one.attempted is not None:
        at = short_time(one.attempted.at.astimezone(zone))
        yield tr("Tried"), _said(tr("▲ {at} by {who}: nobody took it", at=at, who=one.attempted.actor))
    if one.offered_to:
        words = tr("▲ handed over to {who}, nobody has taken it yet", who=one.offered_to)
        yield tr("Handoff"), _said(words)
    doubt = "" if one.equipment is None else doubt_words(one.equipment, now)
    if doubt:
        yield tr("Shipper"), _said(f"■ {doubt}")
    for first, last, why in one.closed:
        yield tr("Closed"), _said(closed_words(one.destination, first, last, why))


def how_table(one: Shipment) -> Table:
    """What is done at the stop, in a wide window."""
    steps = [tr("Scan the box"), tr("Scan the seal"), tr("ALL-IN-ORDER, or NOT-IN-ORDER")]
    steps.append(tr("The giver signs, then you") if one.leg is Leg.FETCH else tr("They scan their badge"))
    table = Table.grid(padding=(0, 2, 0, 0))
    for number, step in enumerate(steps, start=1):
        table.add_row(Text(str(number), style="bold"), Text(step))
    table.add_row()
    for key, words in (
        ("F6", tr("Nobody there: it stays yours.")),
        ("^R", tr("They refuse: it stays yours, and quality is called.")),
        ("F7", tr("Another way: quality decides.")),
    ):
        table.add_row(Text(key, style="bold"), Text(words, style="muted"))
    return table
