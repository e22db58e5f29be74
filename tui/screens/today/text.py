"""Today in words: what is wrong, what is due and ready, what is on the road, what lies in the tanks. Pure.

Every time is by the clocks of the site that it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Final

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from schema.vocabulary import AlertCause, ResourceType
from tracker.values import (
    AlertLine,
    DayUse,
    DueLine,
    MilestoneForecast,
    NoteLine,
    Pane,
    PromisedLine,
    Readiness,
    RegistryState,
    ResourceWeek,
    RoadLine,
    StoredLine,
    TherapyForecast,
    Today,
    UseLine,
)
from tui.answers import safe
from tui.glyphs import BAD, DONE, LEFT, LOOK, ROUTE, TO_COME, USED
from tui.language import named, tr
from tui.screens.week.text import DAY_CELLS, day_heading, use_bar, use_words
from tui.shown_codes import code_text
from tui.states import MARKS, STATES, WRONG, style_of, styled
from tui.widgets.limit_bar import bar_text, left_text
from tui.widgets.table_cells import broken, lines_of, with_marks
from tui.words import marks_beside, plan_time, spoken, week_day

CODE_CELLS: Final = 13
DOTS_CELLS: Final = 4
_BAR: Final = 10
_LEFT: Final = 13
_DISPLAY: Final = 8
_MATERIAL: Final = 16
_WORDS_MIN: Final = 18
"""Columns that what is not ready needs at least; the place goes away before them."""

_WEEK: Final = timedelta(days=6)

SHORT: Final = {
    "collection": tr("Collect"),
    "receipt": tr("Receive"),
    "manufacturing_start": tr("Start"),
    "release": tr("Release"),
    "delivery": tr("Deliver"),
    "lymphodepletion": tr("Chemo"),
    "infusion": tr("Infuse"),
}
"""Milestones of the shipped protocols as orders; another is called by its own name."""

KINDS: Final = {
    ResourceType.APHERESIS_CHAIR: tr("chairs"),
    ResourceType.PICK_UP: tr("pick-ups"),
    ResourceType.MANUFACTURING_START: tr("starts"),
    ResourceType.SUITE: tr("suites"),
    ResourceType.BED: tr("beds"),
}
SHAPES: Final = {
    Readiness.READY: DONE,
    Readiness.LOOK: LOOK,
    Readiness.MISSING: BAD,
    Readiness.NOT_DUE: TO_COME,
}
NOTHING: Final = {
    Pane.EXCEPTIONS: f"{DONE} " + tr("Nothing late, nothing at risk"),
    Pane.DUE: tr("Nothing is booked for the next 48 hours."),
    Pane.ROAD: tr("No box is on the road."),
    Pane.STORED: tr("Nothing lies in the places of this site."),
}
"""What stands in one line where a list has none."""


def clock(at: datetime, now: datetime) -> str:
    """A time of this week by its weekday, `Tue 13:30`; further away with its day.

    Lines stand in the order of time, each by the clocks of its site: where those show another hour than here,
    their offset stands behind it, `Tue 13:30 -05`, or a later line seems to come first.
    """
    words = plan_time(at) if abs(at - now) >= _WEEK else f"{week_day(at).split()[0]} {at:%H:%M}"
    return words if at.utcoffset() == now.utcoffset() else f"{words} {offset_words(at)}"


def offset_words(at: datetime) -> str:
    """How far the clocks of a place are ahead of UTC: `+01`, `-05`, `+05:30`."""
    return at.isoformat()[-6:].removesuffix(":00")


def milestone_order(name: str) -> str:
    """A milestone as an order, in one short word where there is one."""
    return SHORT.get(name) or spoken(name)


def counts_text(today: Today, marked: int = 0) -> Text:
    """How many therapies are in which bad state: `■ 2  ▲ 1`; what is only marked counts as bad."""
    counts = dict(today.counts)
    text = Text()
    for shape in (BAD, LOOK):
        count = sum(counts.get(one, 0) for one in WRONG if STATES[one].shape == shape)
        count += marked if shape == BAD else 0
        if count:
            text.append(f"{shape} {count}  ", style=style_of(shape))
    return text


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a list: its cells side by side, each as wide as its column; the last one takes the rest."""

    cells: tuple[Text, ...]
    widths: tuple[int, ...]
    below: Text | None = None
    """What stands under all of them."""

    @property
    def lines(self) -> int:
        """How high it is."""
        return lines_of(self.cells) + (0 if self.below is None else lines_of((self.below,)))

    def __rich__(self) -> Text:
        """As a list shows it; a table of one row would take ten times as long to draw."""
        columns = [list(cell.split("\n")) if "\n" in cell.plain else [cell] for cell in self.cells]
        rows = [self._row(columns, line) for line in range(max(map(len, columns)))]
        text = Text("\n", no_wrap=True, overflow="crop").join(rows)
        return text if self.below is None else text.append("\n").append_text(self.below)

    def _row(self, columns: Sequence[Sequence[Text]], line: int) -> Text:
        """One row of it: each cell as wide as its column, and a blank between two of them."""
        row = Text(end="")
        for column, width in zip(columns[:-1], self.widths, strict=False):
            if line < len(column):
                row.append_text(column[line])
            row.append(" " * (width + 1 - (column[line].cell_len if line < len(column) else 0)))
        return row.append_text(columns[-1][line]) if line < len(columns[-1]) else row


def last_cells(width: int, widths: Sequence[int]) -> int:
    """What columns with a blank between them leave for the last one."""
    return max(width - sum(widths) - len(widths), 8)


def state_words(one: TherapyForecast | AlertLine) -> str:
    """Shape and word of what is wrong."""
    return STATES[one.standing].text if isinstance(one, TherapyForecast) else MARKS[one.cause]


def state_cells(lines: Iterable[TherapyForecast | AlertLine]) -> int:
    """The cells of the first column."""
    return max((cell_len(state_words(one)) for one in lines), default=0)


class Told(Enum):
    """How much of its reason a line of the exceptions says."""

    WHOLE = auto()
    """The sentence stands below it."""

    BRIEFLY = auto()
    """There is no room for the sentence: what is behind it stands beside the milestone."""

    ELSEWHERE = auto()
    """A pane beside the list says it of the chosen line."""


def exception_line(
    one: TherapyForecast | AlertLine, now: datetime, width: int, first: int, *, seen: str, told: Told
) -> ShownLine:
    """State, therapy, from the promised to the projected time, the milestone, and as much of why as is told.

    `seen` says who has seen it, `first` how wide the states are. Where the words have no room in one line,
    the time that was promised goes away.
    """
    state = state_words(one)
    if isinstance(one, AlertLine):
        said, reason, times = one.title, "", [Text("")]
    else:
        is_brief = told is Told.BRIEFLY or (told is Told.ELSEWHERE and one.about is None)
        said, reason = why_words(one) if is_brief else what_words(one), one.reason
        moved = moved_text(one.about, now)
        times = [moved, projected_text(one.about, now)] if moved and told is Told.BRIEFLY else [moved]
    words = "  ".join(filter(None, (said, seen)))
    columns = [(first, CODE_CELLS, *((each.cell_len,) if each else ())) for each in times]
    shown = zip(times, columns, strict=True)
    fits = ((each, widths) for each, widths in shown if cell_len(words) <= last_cells(width, widths))
    time, widths = next(fits, (times[-1], columns[-1]))
    cells = (Text(state, style=style_of(state)), code_text(one.coi), *((time,) if time else ()))
    room = last_cells(width, widths)
    below = _below(reason, first + 1, width) if reason and told is Told.WHOLE else None
    return ShownLine((*cells, broken(words, room)), (*widths, room), below)


def projected_text(about: MilestoneForecast | None, now: datetime) -> Text:
    """The time that is projected, alone."""
    return Text("") if about is None else Text(f"~{clock(about.projected, now)}", style="bold")


def _below(reason: str, indent: int, width: int) -> Text:
    """A sentence under the codes."""
    lines = broken(reason, width - indent)
    lines.stylize("muted")
    return Text("\n").join(Text(" " * indent).append_text(line) for line in lines.split("\n"))


def what_words(one: TherapyForecast) -> str:
    """The milestone that it is about, and the marks beside the state."""
    about = "" if one.about is None else milestone_order(one.about.name)
    marks = "  ".join(marks_beside(one.attention, one.standing))
    return "  ".join(filter(None, (about, marks)))


def why_words(one: TherapyForecast) -> str:
    """The milestone and what is behind it; the whole sentence where no milestone is meant."""
    if one.about is None or not one.about.why:
        return one.reason
    return f"{milestone_order(one.about.name)}: {one.about.why}"


def moved_text(about: MilestoneForecast | None, now: datetime) -> Text:
    """From the time that was promised to the one that is projected; nothing where they are the same."""
    if about is None or about.promised is None or not about.is_later:
        return Text("")
    first, then = clock(about.promised, now), clock(about.projected, now)
    if about.promised.utcoffset() == about.projected.utcoffset():
        first = first.removesuffix(f" {offset_words(about.projected)}")
    return Text(f"{first} {ROUTE} ", style="muted").append(f"~{then}", style="bold")


def dots_text(one: DueLine) -> Text:
    """Slot, labels and results, shipper and logger, courier and people: one shape each."""
    text = Text(no_wrap=True)
    for each in one.dots:
        shape = SHAPES[each]
        text.append(shape, style=style_of(shape) or "muted")
    return text


def place_of(one: DueLine) -> str:
    """The resource with its site, or the way from site to site."""
    return one.place if one.is_pick_up or one.place.startswith(one.site) else f"{one.place}, {one.site}"


def short_place_of(one: DueLine) -> str:
    """The site alone, or the way."""
    return one.place if one.is_pick_up else one.site


@dataclass(frozen=True, slots=True)
class DueColumns:
    """The cells of time, order and place, and how a place is said in it: whole, or by its site alone."""

    when: int
    what: int
    place: int
    place_of: Callable[[DueLine], str]
    has_words: bool = True
    """Whether the first thing that is missing stands in words; the dots always do."""


def due_columns(lines: Sequence[DueLine], now: datetime, width: int) -> DueColumns:
    """As they fit; where the words of what is missing have no room beside it, the place goes away whole."""
    when = max((cell_len(due_at(one, now)) for one in lines), default=9)
    what = max((cell_len(due_order(one)) for one in lines), default=7)
    left = width - when - what - CODE_CELLS - DOTS_CELLS - 5
    for said in (place_of, short_place_of):
        place = max((cell_len(safe(said(one))) for one in lines), default=0)
        if left - place >= _WORDS_MIN:
            return DueColumns(when, what, place, said)
    return DueColumns(when, what, 0, short_place_of, has_words=left >= _WORDS_MIN)


def due_at(one: DueLine, now: datetime) -> str:
    """When it begins; what is over without having been recorded has its shape."""
    return f"{LOOK} {clock(one.at, now)}" if one.at < now else clock(one.at, now)


def due_words(one: DueLine, now: datetime) -> str:
    """What is missing for it; before that, that its time is over."""
    if one.at >= now:
        return one.words
    past = tr("time is over, not recorded")
    return past if one.readiness is Readiness.READY else f"{past}; {one.words}"


def due_order(one: DueLine) -> str:
    """What is to be done then."""
    return tr("Pick up") if one.is_pick_up else milestone_order(one.milestone)


def due_line(one: DueLine, now: datetime, columns: DueColumns, width: int) -> ShownLine:
    """When, what, of which therapy, where; whether all is there, and the first thing that is not."""
    place = columns.place
    widths = (columns.when, columns.what, CODE_CELLS, *((place,) if place else ()), DOTS_CELLS)
    if not columns.has_words:
        cells = (styled(due_at(one, now)), Text(due_order(one)), code_text(one.coi), dots_text(one))
        return ShownLine(cells, widths)
    room = last_cells(width, widths)
    where = (Text(safe(columns.place_of(one))),) if place else ()
    shape = SHAPES[one.readiness]
    words, when = broken(due_words(one, now), room), due_at(one, now)
    words.stylize(style_of(shape) if shape in (BAD, LOOK) else style_of(when) or "muted")
    head = (styled(when), Text(due_order(one)), code_text(one.coi))
    return ShownLine((*head, *where, dots_text(one), words), (*widths, room))


def expected_words(one: RoadLine, now: datetime) -> str:
    """When it is to arrive: of a day further away no hour is projected; what is over says so."""
    at = one.expected_at
    if one.is_refused:
        return MARKS[AlertCause.REFUSED]
    if at is None:
        return ""
    words = clock(at, now) if abs(at - now) < _WEEK else week_day(at)
    return f"{LOOK} " + tr("was due {time}", time=words) if at < now else f"~{words}"


def road_line(one: RoadLine, now: datetime, columns: tuple[int, int, int], width: int) -> ShownLine:
    """Box, way, when it is expected; the limit that ends first, as a line and as time left; the display."""
    way, when, display = columns
    share = None if one.limit is None else one.limit.share_used(now)
    bar = Text("") if share is None else bar_text(share, _BAR)
    left = Text("") if one.limit is None else left_text(one.limit, now)
    shown = "" if one.celsius is None else tr("{celsius} C", celsius=one.celsius)
    cells = [code_text(one.box), Text(way_of(one)), styled(expected_words(one, now)), left, Text(shown)]
    widths = [CODE_CELLS, way, when, _LEFT, display]
    if sum(widths) + len(widths) + _BAR <= width:
        cells.insert(3, bar)
        widths.insert(3, _BAR)
    return ShownLine(tuple(cells), tuple(widths))


def way_of(one: RoadLine) -> str:
    """From site to site."""
    return safe(f"{one.from_site} {ROUTE} {one.to_site}" if one.from_site else one.to_site)


def road_columns(lines: Sequence[RoadLine], now: datetime) -> tuple[int, int, int]:
    """The cells of way, expected time and display."""
    way = max((cell_len(way_of(one)) for one in lines), default=0)
    when = max((cell_len(expected_words(one, now)) for one in lines), default=0)
    return way, when, _DISPLAY if any(one.celsius is not None for one in lines) else 0


def stored_line(one: StoredLine, now: datetime, width: int) -> ShownLine:
    """What lies where, what ends first for it, and what is missing before it can be used."""
    widths = (CODE_CELLS, _MATERIAL, _LEFT)
    room = last_cells(width, widths)
    left = Text("") if one.until is None else left_text(one.until, now)
    missing = ", ".join(named(each) for each in one.missing)
    if one.quarantined:
        words = with_marks(Text(""), [f"{BAD} " + tr("QUARANTINED")], room)
    elif missing:
        words = with_marks(Text(""), [f"{LOOK} " + tr("missing: {what}", what=missing)], room)
    else:
        words = broken(one.place, room)
        words.stylize("muted")
    material = broken(named(one.material.value), _MATERIAL)
    return ShownLine((code_text(one.unit), material, left, words), (*widths, room))


def unplanned_text(count: int) -> Text:
    """That therapies run of which nobody has booked anything, and the way to them."""
    if count == 1:
        words, way = tr("1 running therapy has no plan"), tr("shows it")
    else:
        words, way = tr("{count} running therapies have no plan", count=count), tr("shows them")
    text = Text(f"{LOOK} {words}", style="check")
    return text.append("   ^U ", style="key").append(way, style="muted")


def week_text(uses: Iterable[UseLine], width: int) -> Text:
    """How full each kind of resource is this week, as many side by side as fit."""
    text = Text()
    line = 0
    for one in uses:
        part = Text(f"{KINDS[one.resource_type]} ", style="muted")
        part.append(f"{one.used}/{one.places} ", style="bold")
        used = round(min(one.used / one.places, 1.0) * 7) if one.places else 0
        style = "check" if one.is_full else "ok"
        part.append(USED * used, style=f"bar.{style}").append(LEFT * (7 - used), style="line")
        if one.is_full:
            part.append(f" {LOOK} " + tr("full"), style="check")
        if line and line + 3 + part.cell_len > width:
            text.append("\n")
            line = 0
        elif line:
            text.append("   ")
            line += 3
        text.append_text(part)
        line += part.cell_len
    return text


def days_grid(weeks: Sequence[ResourceWeek], registry: RegistryState, *, bar: int = 5) -> Table:
    """Seven days of every kind of resource: places taken of those there are."""
    table = Table.grid(padding=(0, 2, 0, 0))
    first = weeks[0].days if weeks else ()
    table.add_column(no_wrap=True, style="muted")
    for _ in first:
        table.add_column(width=DAY_CELLS + bar, no_wrap=True)
    table.add_row("", *(Text(day_heading(one.day), style="muted") for one in first))
    for kind, words in KINDS.items():
        alike = [one for one in weeks if _kind_of(one, registry) is kind]
        if not alike:
            continue
        cells = []
        for place in range(len(first)):
            use = summed([one.days[place] for one in alike])
            said = use_words(use)
            said.append(" " * max(DAY_CELLS - said.cell_len, 1)).append_text(use_bar(use, bar))
            cells.append(said)
        table.add_row(words, *cells)
    return table


def _kind_of(one: ResourceWeek, registry: RegistryState) -> ResourceType | None:
    known = registry.resources.get(one.resource)
    return None if known is None else known.resource_type


def summed(uses: Sequence[DayUse]) -> DayUse:
    """The places of several resources on one day together."""
    places = [one.places for one in uses if one.places is not None]
    return DayUse(uses[0].day, sum(one.used for one in uses), sum(places) if places else None)


def note_lines(
    notes: Sequence[NoteLine], registry: RegistryState, local: Callable[[datetime], datetime], width: int
) -> Text:
    """What people told each other, the newest first; longer ones go on below."""
    lines = []
    for one in notes:
        person = registry.person(one.actor)
        who = one.actor if person is None else person.name
        said = one.text if one.text is not None else tr("erased")
        head = code_text(one.coi).append(f" {local(one.at):%H:%M} {safe(who)}", style="muted")
        lines.append(head.append("\n").append_text(broken(" ".join(said.split()), width)))
    return Text("\n").join(lines)


def newest_note(
    notes: Sequence[NoteLine], registry: RegistryState, local: Callable[[datetime], datetime]
) -> Text:
    """That there are notes, and the newest one's therapy, in one line."""
    if not notes:
        return Text("")
    person = registry.person(notes[0].actor)
    who = notes[0].actor if person is None else person.name
    one, many = tr("1 note since yesterday"), tr("{count} notes since yesterday", count=len(notes))
    text = Text(one if len(notes) == 1 else many, style="bold").append("   ")
    return text.append_text(code_text(notes[0].coi)).append(
        f" {local(notes[0].at):%H:%M} {safe(who)}", style="muted"
    )


def promised_text(lines: Sequence[PromisedLine], bad: Mapping[str, TherapyForecast]) -> Text:
    """The infusions to come: day, therapy, bed; which of them are in doubt has its state, and its new day."""
    shown = []
    for one in lines:
        line = Text(f"{week_day(one.day):>10} ").append_text(code_text(one.coi))
        found = bad.get(one.coi)
        if found is None:
            line.append(f" {safe(one.site)}", style="muted")
        else:
            state = STATES[found.standing].text
            line.append(f" {state}", style=style_of(state))
            projected = projected_day(one, found)
            if projected is not None:
                line.append("\n" + " " * 11 + f"{ROUTE} ").append(f"~{week_day(projected)}", style="bold")
        shown.append(line)
    return (
        Text("\n", no_wrap=True).join(shown)
        if shown
        else Text(tr("None in the next 3 weeks."), style="muted")
    )


def projected_day(one: PromisedLine, found: TherapyForecast) -> date | None:
    """The day to which its infusion is projected, where that is a later one."""
    last = found.milestones[-1] if found.milestones else None
    is_later = last is not None and last.is_later and last.projected.date() > one.day
    return last.projected.date() if last is not None and is_later else None


def allotted(counts: Sequence[int], rows: int) -> tuple[int, ...]:
    """How many rows each list gets of those there are.

    Two each where there are so many; then the first one, which is needed most, what it asks for; what is left
    the others in turn.
    """
    given = [min(count, least) for count, least in zip(counts, _least(counts, rows), strict=True)]
    left = rows - sum(given)
    if counts and left > 0:
        more = min(left, counts[0] - given[0])
        given[0], left = given[0] + more, left - more
    while left > 0:
        wanting = [place for place, count in enumerate(counts) if given[place] < count]
        if not wanting:
            break
        for place in wanting[:left]:
            given[place] += 1
        left -= min(len(wanting), left)
    return tuple(given)


def _least(counts: Sequence[int], rows: int) -> Iterator[int]:
    """Two rows where all of them can have that, else one."""
    least = 2 if sum(min(count, 2) for count in counts) <= rows else 1
    return (least for _ in counts)


def seen_words(alerts: Iterable[AlertLine], local: Callable[[datetime], datetime]) -> str:
    """Who has seen what calls in one therapy, and when; empty while something of it was not seen."""
    known = tuple(alerts)
    seen = [(one.acknowledged_at, one.acknowledged_by) for one in known if one.acknowledged_at is not None]
    if not seen or len(seen) < len(known):
        return ""
    at, who = max(seen)
    return f"{DONE} " + tr("seen {time} {who}", time=f"{local(at):%H:%M}", who=who)
