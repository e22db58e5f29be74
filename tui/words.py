"""Values as words: times, clocks, kinds and places, each with its shape where it must be seen; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from rich.cells import cell_len, set_cell_size

from schema.counting import under_a_minute
from schema.vocabulary import Role
from tracker.values import (
    CODES,
    DueClock,
    Lookup,
    RefusalState,
    Standing,
    TherapyState,
    UnitState,
    WorkLine,
    flag_is_grave,
)
from tui.causes import QUARANTINED
from tui.glyphs import BAD, LOOK, ROUTE
from tui.language import named, tr

SPOKEN: Final = {
    "volume_ml": tr("Volume mL"),
    "infused_ml": tr("Infused mL"),
    "destroyed_ml": tr("Destroyed mL"),
    "display_celsius": tr("Display C"),
    "number": tr("Number"),
    "of": tr("Of how many"),
    "to_party": tr("To"),
    "custodian": tr("To"),
    "from_party": tr("From"),
    "identifiers_matched": tr("Matched"),
    "tally": tr("Tally"),
    "amount": tr("Amount"),
    "weight_kg": tr("Weight kg"),
}
"""How a field is asked for; its number is typed in the unit that stands in its name."""

INSIDE: Final = re.compile(r"box, (\d+) inside")
"""How the list of what waits names a box with units in it."""

_DAYS_ALONE: Final = 10
"""From so many days on hours say nothing more."""

_MONTHS: Final = (
    *(tr("Jan"), tr("Feb"), tr("Mar"), tr("Apr"), tr("May"), tr("Jun")),
    *(tr("Jul"), tr("Aug"), tr("Sep"), tr("Oct"), tr("Nov"), tr("Dec")),
)

_WEEKDAYS: Final = (tr("Mon"), tr("Tue"), tr("Wed"), tr("Thu"), tr("Fri"), tr("Sat"), tr("Sun"))

DUE_SOON: Final = timedelta(minutes=15)


def spoken(word: str) -> str:
    """A code of the vocabulary as a person says it."""
    if word in SPOKEN:
        return SPOKEN[word]
    said = tr(CODES.get(word) or word.replace("_", " "))
    return said[:1].upper() + said[1:]


def roles_words(roles: Collection[Role]) -> str:
    """Any of these roles, in the order of the vocabulary."""
    return f" {tr('or')} ".join(named(role) for role in Role if role in roles)


def sentence(text: str) -> str:
    """A text with a capital at its beginning; names inside it keep theirs."""
    return tr("COI card") if text == "coi" else text[:1].upper() + text[1:]


def thing_words(lookup: Lookup) -> str:
    """What was scanned, at the beginning of a line; a place or a box by its name in the registry."""
    found, unit = lookup.resolution.found.value, lookup.unit
    if unit is not None and lookup.title == f"{found} of {unit.material.value.replace('_', ' ')}":
        thing = tr("{thing} of {material}", thing=named(found), material=named(unit.material.value))
        return thing[:1].upper() + thing[1:]
    return sentence(lookup.title if lookup.title == "coi" else tr(lookup.title))


def clock_time(local: datetime) -> str:
    """A local time with its offset, to the second."""
    return f"{local:%Y-%m-%d %H:%M:%S} {local.isoformat()[-6:]}"


def place_time(there: datetime) -> str:
    """The time of an event by the clocks of its place, to the minute with their offset, for lists."""
    return f"{there:%d} {_month(there)} {there:%H:%M} {there.isoformat()[-6:]}"


def short_time(local: datetime) -> str:
    """A local time to the minute, for lists; the offset stands in the header."""
    return f"{local.day} {_month(local)} {local:%H:%M}"


def refusal_words(refused: RefusalState, at: datetime) -> str:
    """Who refused a box, where and why, as its driver, its receiver and quality read it; `at` is local."""
    shown = tr("{celsius} C", celsius=refused.display_celsius) if refused.display_celsius else ""
    why = ", ".join(spoken(word) for word in (refused.reason, *refused.faults[1:], shown) if word)
    who, site = refused.occurrence.actor, refused.site
    return tr("■ {at} at {site} by {who}: {why}.", at=short_time(at), site=site, who=who, why=why)


def short_day(local: datetime) -> str:
    """A local day with its year, for dates that are months away."""
    return f"{local:%Y-%m-%d}"


def brief(length: timedelta) -> str:
    """How long, as every screen says it: `16 d`, `1 d 20 h`, `6:13 h`, `0:42 h`, `25 s`."""
    if seconds := under_a_minute(length):
        return seconds
    minutes = int(abs(length).total_seconds()) // 60
    days, rest = divmod(minutes, 1440)
    if days >= _DAYS_ALONE:
        return tr("{days} d", days=days)
    if days:
        return tr("{days} d {hours} h", days=days, hours=rest // 60)
    return tr("{time} h", time=f"{rest // 60}:{rest % 60:02d}")


def lasting(length: timedelta) -> str:
    """A time outside or without a reading, never shown shorter than it was: `25 s`, `14 min`, `2:05 h`."""
    whole = -(-length // timedelta(minutes=1))
    words = tr("{count} min", count=whole) if whole < 60 else brief(timedelta(minutes=whole))
    return under_a_minute(length) or words


def _month(local: date) -> str:
    return tr(_MONTHS[local.month - 1])


def week_day(one: date) -> str:
    """A day as a planner says it, `Tue 8 Dec`; what is planned is never a year away."""
    return f"{tr(_WEEKDAYS[one.weekday()])} {one.day} {_month(one)}"


def plan_time(there: datetime) -> str:
    """When something is planned, by the clocks of its place: `Tue 8 Dec 08:00`."""
    return f"{week_day(there)} {there:%H:%M}"


def day(local: datetime, now: datetime) -> str:
    """A day for people, `29 Nov`; with its year only when it is not this one."""
    month = _month(local)
    return f"{local.day} {month}" if local.year == now.year else f"{local.day} {month} {local.year}"


def due(clock: DueClock, now: datetime) -> str:
    """A running limit, with a shape of its own when it is due soon or late."""
    left = clock.due_at - now
    if left < timedelta(0):
        return tr("■ LATE by {span}: {title}", span=brief(left), title=clock.title)
    if left <= DUE_SOON:
        return tr("▲ {span} left: {title}", span=brief(left), title=clock.title)
    return tr("... {span} left: {title}", span=brief(left), title=clock.title)


def quality_words(unit: UnitState) -> str:
    """The quality status of a unit; what is serious stands in capitals."""
    words = [spoken(unit.disposition.value)]
    if unit.disposition.value == "released_out_of_specification":
        words = [tr("■ RELEASED OUT OF SPECIFICATION")]
    if unit.quarantined:
        words.insert(0, tr("■ QUARANTINED"))
    if unit.is_missed:
        words.insert(0, tr("■ MISSED BY THE LAST COUNT"))
    elif unit.out_of_place is not None:
        words.insert(0, tr("■ OUT OF PLACE"))
    if unit.final is not None:
        words.append(tr("ended: {final}", final=named(unit.final.value)))
    return ", ".join(words)


_ATTENTION: Final = {
    "quarantined": QUARANTINED,
    "outside_rules": tr("OUTSIDE"),
    "warm": tr("WARM"),
    "cold": tr("COLD"),
    "test_failed": tr("TEST FAILED"),
    "out_of_specification": tr("OOS"),
    "mixup_prevented": tr("mix-up"),
    "from_paper": tr("before cartrail, taken from paper"),
}
"""Marks of the board that are said otherwise than their word."""


def attention_mark(flag: str) -> str:
    """One thing that calls for somebody, with its shape."""
    # Whoever sees a bag in quarantine must not take it: it looks as grave here as on the bag itself.
    shape = BAD if flag == "quarantined" or flag_is_grave(flag) else LOOK
    return f"{shape} {_ATTENTION.get(flag) or named(flag)}"


def marks_beside(flags: Iterable[str], standing: Standing) -> Iterator[str]:
    """What calls for somebody beside the state of a therapy; stalled is said once."""
    return (attention_mark(flag) for flag in flags if flag != standing.value)


def attention_words(flags: tuple[str, ...]) -> str:
    """The most serious mark and how many more there are; empty when all is well."""
    if not flags:
        return ""
    first = attention_mark(flags[0])
    return first if len(flags) == 1 else f"{first} +{len(flags) - 1}"


def fitted(text: str, cells: int) -> str:
    """A text cut or padded to this width in cells; a cut one ends with an ellipsis."""
    return set_cell_size(
        text if cell_len(text) <= cells else set_cell_size(text, cells - 1) + "\u2026", cells
    )


def route_words(therapy: TherapyState) -> str:
    """Where a therapy is collected, made and given."""
    sites = therapy.sites
    return f" {ROUTE} ".join((sites.collection, sites.manufacturing, sites.treatment))


def held_words(line: WorkLine) -> str:
    """What waits: a unit by its material, a therapy, or a box with the number of its units."""
    inside = INSIDE.fullmatch(line.thing)
    return tr("box, {count} inside", count=inside[1]) if inside else named(line.thing)
