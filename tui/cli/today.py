"""The morning in words: what is late, what is due and ready, what is on the road, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from labels.papers.tables import PaperTable, TablesPaper
from schema.counting import under_a_minute
from schema.instants import format_instant
from schema.vocabulary import AlertCause
from tracker.values import Pane, Readiness, TherapyForecast, due_for, exceptions_of, panes_of
from tui.cli.ending import say
from tui.cli.output import print_table
from tui.states import MARKS, STATES

if TYPE_CHECKING:
    from schema.vocabulary import Role
    from tracker.values import (
        AlertLine,
        DueLine,
        Exceptional,
        MilestoneForecast,
        ReadinessItem,
        RegistryState,
        RoadLine,
        StoredLine,
        Today,
        UseLine,
    )

WEEK: Final = timedelta(days=7)
SHAPES: Final = {
    Readiness.READY: "●",
    Readiness.LOOK: "▲",
    Readiness.MISSING: "■",
    Readiness.NOT_DUE: "○",
}


def heading(today: Today) -> str:
    """When and where it is, and how many therapies stand how."""
    counts = ", ".join(f"{count} {STATES[standing].word}" for standing, count in today.counts if count)
    where = today.site or "the whole network"
    return f"{clock(today.now, today.now, is_zoned=True)}, {where}: {counts or 'no therapy'}"


def print_today(today: Today, alerts: Sequence[AlertLine], role: Role | None) -> None:
    """Every part that the role needs; a part in which nothing is has its sentence."""
    say(heading(today))
    for table in tables_of(today, alerts, role):
        print(f"\n{table.title}")
        if table.rows:
            print_table(table.headings, table.rows, whole=("Therapy", "Box", "Unit"))
        else:
            print(table.none)
    if today.due_count > len(today.due):
        say(f"Shown are the first {len(today.due)} of what is due; name a site, or fewer --hours.")


def paper_of(
    today: Today, alerts: Sequence[AlertLine], role: Role | None, registry: RegistryState
) -> TablesPaper:
    """The same on paper, for a meeting."""
    return TablesPaper(
        purpose=registry.purpose,
        origin=registry.origin,
        title="Today",
        heading=heading(today),
        tables=tuple(tables_of(today, alerts, role)),
    )


def tables_of(today: Today, alerts: Sequence[AlertLine], role: Role | None) -> Iterator[PaperTable]:
    """The parts of the morning as tables, in the order in which a role needs them."""
    made: dict[Pane, Callable[[Today], PaperTable]] = {
        Pane.EXCEPTIONS: partial(_exceptions, alerts),
        Pane.DUE: partial(_due, due_for(() if role is None else (role,), today.due)),
        Pane.ROAD: _road,
        Pane.WEEK: _week,
        Pane.STORED: _stored,
    }
    for pane in tuple(Pane) if role is None else panes_of(role):
        if pane is not Pane.STORED or today.site is not None:
            yield made[pane](today)


def _exceptions(alerts: Sequence[AlertLine], today: Today) -> PaperTable:
    rows = tuple(map(_exception, exceptions_of(today, alerts)))
    return PaperTable("Exceptions", ("State", "Therapy", "Why"), rows, "● Nothing late, nothing at risk.")


def _exception(one: Exceptional) -> tuple[str, str, str]:
    """The state of a therapy, or what calls for somebody in one that may be on time."""
    if isinstance(one, TherapyForecast):
        return STATES[one.standing].text, one.coi, one.reason
    return MARKS[one.cause], one.coi, one.title if one.subject == one.coi else f"{one.title}, {one.subject}"


def _due(due: Sequence[DueLine], today: Today) -> PaperTable:
    rows = tuple((due_time(one, today.now), one.title, one.coi, _where(one), ready_words(one)) for one in due)
    headings = ("When", "What", "Therapy", "Where", "Ready")
    return PaperTable(f"Next {today.hours} hours", headings, rows, "Nothing is booked for then.")


def due_time(one: DueLine, now: datetime) -> str:
    """When it begins; what is over without having been recorded says so."""
    return f"▲ {clock(one.at, now)} over, not recorded" if one.at < now else clock(one.at, now)


def _where(one: DueLine) -> str:
    return one.place if one.is_pick_up or one.place.startswith(one.site) else f"{one.place}, {one.site}"


def ready_words(one: DueLine) -> str:
    """The four dots, then the first thing that is not there: `not ready: shipper (none charged)`."""
    if one.roles:
        return one.words
    dots = "".join(SHAPES[state] for state in one.dots)
    bad = first_bad(one.items)
    if bad is None:
        return f"{dots} ready"
    said = "not ready" if bad.readiness is Readiness.MISSING else "look"
    return f"{dots} {said}: {bad.need.value} ({bad.words})"


def first_bad(items: tuple[ReadinessItem, ...]) -> ReadinessItem | None:
    """What is missing, else what somebody has to look at."""
    for state in (Readiness.MISSING, Readiness.LOOK):
        for one in items:
            if one.readiness is state:
                return one
    return None


def _road(today: Today) -> PaperTable:
    rows = tuple(_road_row(one, today.now) for one in today.road)
    headings = ("Box", "From and to", "With", "Arrives", "Limit")
    return PaperTable("On the road", headings, rows, "No box is on the road.")


def _road_row(one: RoadLine, now: datetime) -> tuple[str, ...]:
    arrives = "" if one.expected_at is None else expected(one.expected_at, now)
    arrives = MARKS[AlertCause.REFUSED] if one.is_refused else arrives
    limit = "" if one.limit is None else f"{one.limit.title} {left(one.limit.due_at - now)}"
    shown = "" if one.celsius is None else f", {one.celsius} C"
    return one.box, f"{one.from_site} > {one.to_site}", one.holder, arrives, limit + shown


def expected(at: datetime, now: datetime) -> str:
    """When something is expected; a time that is over says so."""
    return f"▲ was due {clock(at, now)}" if at < now else f"~{clock(at, now)}"


def _week(today: Today) -> PaperTable:
    rows = tuple(_use_row(one) for one in today.week)
    headings = ("Resource", "This week", "Next week")
    return PaperTable("This week", headings, rows, "Nobody has said what can be booked.")


def _use_row(one: UseLine) -> tuple[str, ...]:
    full = " ▲ full" if one.is_full else ""
    kind = one.resource_type.value.replace("_", " ")
    day = "" if one.fullest is None else f" on {one.fullest:%a}"
    return kind, f"{one.used}/{one.places}{day}{full}", f"{one.next_used}/{one.next_places}"


def _stored(today: Today) -> PaperTable:
    rows = tuple(_stored_row(one, today.now) for one in today.stored)
    headings = ("Unit", "What", "Place", "Until", "Missing")
    return PaperTable("In storage", headings, rows, "Nothing is in storage here.")


def _stored_row(one: StoredLine, now: datetime) -> tuple[str, ...]:
    until = "" if one.until is None else f"{one.until.title} {left(one.until.due_at - now)}"
    missing = ("quarantined", *one.missing) if one.quarantined else one.missing
    return one.unit, one.material.value.replace("_", " "), one.place, until, ", ".join(missing)


def clock(at: datetime, now: datetime, *, is_zoned: bool = False) -> str:
    """A time by the clocks of its site: the weekday within a week, and the offset where it is another."""
    day = f"{at:%a}" if abs(at - now) < WEEK else f"{at:%a} {at.day} {at:%b}"
    if is_zoned:
        day = f"{at:%a} {at.day} {at:%b %Y}"
    is_other = at.utcoffset() != now.utcoffset()
    return f"{day} {at:%H:%M}{at.isoformat()[-6:] if is_zoned or is_other else ''}"


def left(span: timedelta) -> str:
    """The time left: `in 0:40 h`, `in 3 d 4 h`; over the end `0:12 h over`."""
    minutes = abs(int(span.total_seconds())) // 60
    days = f"{minutes // 1440} d {minutes % 1440 // 60} h"
    text = f"{minutes // 60}:{minutes % 60:02d} h" if minutes < 48 * 60 else days
    text = under_a_minute(span) or text
    return f"in {text}" if span >= timedelta() else f"{text} over"


def document(one: TherapyForecast) -> dict[str, Any]:
    """A therapy for a program: how it stands, why, and when its milestones will be."""
    return {
        "coi": one.coi,
        "state": one.standing.value,
        "reason": one.reason,
        "about": None if one.about is None else one.about.name,
        "limit_at": None if one.limit_at is None else format_instant(one.limit_at),
        "attention": list(one.attention),
        "milestones": [_milestone(each) for each in one.milestones],
    }


def _milestone(one: MilestoneForecast) -> dict[str, Any]:
    return {
        "name": one.name,
        "resource": one.resource,
        "promised": None if one.promised is None else format_instant(one.promised),
        "projected": format_instant(one.projected),
        "done": one.is_done,
    }
