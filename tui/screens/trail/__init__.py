"""The trail of one therapy: every event with time, person, marks and signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.widgets import DataTable, Static

from schema.papercodes import receipt_code
from tracker.values import Fact, ReadCode, Trail, TrailEntry
from tui.answers import check, ok
from tui.commands import Command
from tui.framing import RawScan
from tui.glyphs import BAD, LOOK
from tui.language import named, tr
from tui.looking import Offer, by_id, look
from tui.screens.acting import ActingScreen
from tui.screens.exporting import ExportScreen
from tui.screens.step import StepScreen
from tui.session import TerminalSession
from tui.shown_codes import code_text, grouped, in_sentence
from tui.states import style_of
from tui.widgets.pages import NEAR, LinesTable
from tui.widgets.pane import PANE_COLUMNS, facts_grid, name_pane
from tui.widgets.room import WIDE_FROM
from tui.widgets.table_cells import broken, lines_of, with_marks
from tui.widgets.window import Window
from tui.words import clock_time, place_time, route_words
from tui.workers import in_thread, start


class CorrectValue(Command):
    """Correct a value of the chosen event; both values stay in the record."""

    key = "f4"
    footer = "Correct"
    palette = "Correct a recorded value"


_GAP: Final = 2
_SCROLL_BAR: Final = 1

COLUMNS: Final = (
    (tr("No"), 3),
    (tr("Time"), 19),
    (tr("Event"), 20),
    (tr("By"), 9),
    (tr("Marks"), 14),
)
"""As they fit in a pane of 80 columns; what more there is goes to event and marks."""

_MARKS_MAX: Final = 40


def widths(columns: int, *, digits: int = 1) -> tuple[int, ...]:
    """The width of each column in a pane that leaves this room; numbers of so many digits are not cut."""
    (_, number), *others = COLUMNS
    wider = max(digits - number, 0)
    spare = max(columns - wider - sum(width + _GAP for _, width in COLUMNS), 0)
    more = min(spare // 2, _MARKS_MAX - COLUMNS[-1][1])
    time, event, by, marks = (width for _, width in others)
    short = max(sum(width + _GAP for _, width in COLUMNS) + wider - columns, 0)
    return (number + wider, time, event + spare - more - short, by, marks + more)


def trail_cells(one: TrailEntry, room: Sequence[int]) -> tuple[Text, ...]:
    """One event: number, time, what, who, its marks; nothing of it is cut."""
    statement = one.entry.statement
    _, _, event, by, width = room
    shape = BAD if one.is_grave else LOOK
    return (
        Text(str(one.entry.sequence)),
        Text(place_time(statement.there(statement.occurred_at))),
        broken(one.title, event),
        broken(statement.actor, by),
        with_marks(Text(), (f"{shape} {mark}" for mark in one.marks), width),
    )


def entry_facts(one: TrailEntry) -> Table:
    """One event whole: what was said, read and signed, and the receipt that paper can carry."""
    return facts_grid(
        (Text(name, style="muted"), in_sentence(value, style=style_of(value)))
        for name, value in _entry_rows(one)
    )


def _entry_rows(one: TrailEntry) -> Iterator[tuple[str, str]]:
    entry, statement = one.entry, one.entry.statement
    yield tr("What"), one.title
    yield tr("When"), clock_time(statement.there(statement.occurred_at))
    if one.marks:
        yield tr("Marks"), f"{BAD if one.is_grave else LOOK} " + ", ".join(one.marks)
    for signature in entry.signatures:
        at = clock_time(statement.there(signature.signed_at))
        yield named(signature.meaning.value), f"{signature.name} ({signature.signer}), {at}"
    if not entry.signatures:
        yield tr("Signatures"), tr("none: made by the program as evidence")
    yield tr("Receipt"), receipt_code(statement.digest).text
    yield tr("Units"), ", ".join(one.units) if one.units else tr("none named")
    if one.facts:
        yield tr("Says"), "; ".join(map(_fact_words, one.facts))
    yield (
        tr("Station"),
        tr(
            "{station} at {site}, entry {mode}",
            station=statement.station,
            site=statement.site,
            mode=named(statement.mode.value),
        ),
    )
    if one.reads:
        yield tr("Read"), "; ".join(map(_read_words, one.reads))


def _fact_words(fact: Fact) -> str:
    number = "" if fact.number is None else f" {fact.number}"
    return f"{named(fact.name)}{number} {tr(fact.value)}"


def _read_words(read: ReadCode) -> str:
    said = {"field": named(read.name), "code": tr(read.code), "mode": named(read.mode)}
    if not read.carrier:
        return tr("{field} {code}, {mode}", **said)
    return tr("{field} {code}, {mode} off {carrier}", carrier=named(read.carrier), **said)


def trail_title(trail: Trail) -> Text:
    """Whose trail it is, and what stands over all of it."""
    state = trail.state
    text = code_text(trail.coi).append(f"  {named(state.status.value)}, {route_words(state)}")
    if state.outside:
        text.append("  " + tr("■ {count} OUTSIDE THE RULES", count=len(state.outside)), style="stop")
    return text


def trail_count(trail: Trail) -> str:
    """How many events there are, and how far they were reviewed."""
    read, count = trail.state.reviewed, len(trail.entries)
    events = tr("1 event") if count == 1 else tr("{count} events", count=count)
    if read is None:
        return events
    return tr("{events}, reviewed through #{sequence}", events=events, sequence=read.through)


LINES_MAX: Final = 200
"""So many events are in the table at once: more would make each key wait."""


class TrailTable(LinesTable):
    """The events that are in it now; Home and End are those of the whole chain."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "screen.to_event(0)", show=False),
        Binding("end", "screen.to_event(-1)", show=False),
    ]


class TrailScreen(ActingScreen):
    """The newest event last; the line below says everything about the chosen one."""

    about = tr(
        "Every event of one therapy. Up and Down choose; what was said, read and "
        "signed stands below. Enter gives it more room. F12 exports the trail."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (CorrectValue,)
    is_misread_grave = False
    DEFAULT_CSS = """
    TrailScreen {
        & #halves { layout: vertical; height: 1fr; }
        & #events { height: 1fr; width: 1fr; }
        & DataTable { height: 1fr; background: $background; }
        & #entry { height: 10; width: 1fr; }
        &.-wide #halves, &.-very-wide #halves { layout: horizontal; }
        &.-wide #events, &.-very-wide #events { width: 2fr; height: 100%; }
        &.-wide #entry, &.-very-wide #entry { height: 100%; }
        &.-whole #events { display: none; }
        &.-whole #entry { height: 1fr; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The trail has been read."""

        trail: Trail

    def __init__(self, session: TerminalSession, coi: str) -> None:
        super().__init__(session)
        self.coi = coi
        self.trail: Trail | None = None
        self.chosen = 0
        self._first = 0
        """The first event whose line is in the table: of thousands, those around the chosen one."""

        self._room: tuple[int, ...] = ()

    def body(self) -> ComposeResult:
        """The events, and the chosen one whole."""
        with Container(id="halves"):
            with Vertical(id="events", classes="pane"):
                yield TrailTable(cursor_type="row", cursor_foreground_priority="renderable")
            with Window(id="entry", classes="pane"):
                yield Static(id="event", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#events"), grouped(self.coi), tr("reading ..."))
        self._fit()
        self.query_one(DataTable).focus()
        self.read()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """The lines again, for the room there is now."""
        columns = self.app.size.width
        share = columns * 2 // 3 if columns >= WIDE_FROM else columns
        last = 0 if self.trail is None else len(self.trail.entries)
        room = widths(share - PANE_COLUMNS - _SCROLL_BAR, digits=len(str(last)))
        if room == self._room:
            return
        self._room = room
        table = self.query_one(DataTable)
        table.clear(columns=True)
        for (title, _), width in zip(COLUMNS, room, strict=True):
            table.add_column(Text(title, style="muted"), width=width)
        if self.trail is not None:
            self._show_around(self.trail, self.chosen)

    def _show_around(self, trail: Trail, chosen: int) -> None:
        """Put the lines around an event on the screen, with the arrows at it."""
        table = self.query_one(DataTable)
        self.chosen = chosen
        self._first = max(min(chosen - LINES_MAX // 2, len(trail.entries) - LINES_MAX), 0)
        with self.app.batch_update():
            table.clear()
            for one in trail.entries[self._first : self._first + LINES_MAX]:
                cells = trail_cells(one, self._room)
                table.add_row(*cells, height=lines_of(cells))
            table.move_cursor(row=chosen - self._first)

    def action_to_event(self, place: int) -> None:
        """Go to an event, counted from the end where it is negative."""
        if self.trail is not None and self.trail.entries:
            self._show_around(self.trail, place % len(self.trail.entries))

    def _is_at_an_edge(self, trail: Trail, row: int) -> bool:
        """Whether the arrows are at the first or last line of the table, and the chain goes on there."""
        last = min(self._first + LINES_MAX, len(trail.entries)) - 1
        at = self._first + row
        return (at < self._first + NEAR and self._first > 0) or (last - NEAR < at < len(trail.entries) - NEAR)

    def on_screen_resume(self) -> None:
        self.query_one(DataTable).focus()
        if self.trail is not None:
            self.read()  # what was corrected from here belongs to it now

    def read(self) -> None:
        """Read the whole trail."""
        coi, tracker = self.coi, self.session.tracker
        staff, station = self.session.staff, self.session.station.id

        def read() -> Trail:
            tracker.audit.note_opened(coi, staff=staff, station=station)
            return tracker.read.trail(coi=coi)

        start(self, read, job="trail", done=TrailScreen.Loaded)

    def on_trail_screen_loaded(self, message: Loaded) -> None:
        """Show it with the newest event chosen; what is chosen stays where nothing was added."""
        if self.trail is not None and len(self.trail.entries) == len(message.trail.entries):
            return
        trail = self.trail = message.trail
        self.chosen = len(trail.entries) - 1
        self._fit()
        self._show_around(trail, self.chosen)
        name_pane(self.query_one("#events"), trail_title(trail), trail_count(trail))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        trail, row = self.trail, event.cursor_row
        if trail is None or row != self.query_one(DataTable).cursor_row:
            return  # the lines are others by now
        if self._first + row < len(trail.entries):
            self.chosen = self._first + row
            if self._is_at_an_edge(trail, row):
                self._show_around(trail, self.chosen)
            one = trail.entries[self.chosen]
            self.query_one("#event", Static).update(entry_facts(one))
            number = tr("Event {number}", number=one.entry.sequence)
            name_pane(self.query_one("#entry"), number, tr("Enter more room"))
            self.show_keys()

    def on_data_table_row_selected(self) -> None:
        self.toggle_class("-whole")

    async def take_scan(self, scan: RawScan) -> None:
        """The trail of another therapy."""
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.therapy is None:
            self.show(
                check(tr("This code belongs to no therapy."), tr("Scan a unit, cassette, COI card or box."))
            )
            return
        self.coi = subject.therapy.coi
        self.read()
        self.show(ok(tr("The trail of {coi}.", coi=self.coi)))

    def _correctable(self) -> tuple[str, ...]:
        if self.trail is None or not self.trail.entries:
            return ()
        payload = self.trail.entries[self.chosen].entry.statement.payload
        return tuple(sorted(payload.descriptive | payload.correctable))

    def why_not_correct_value(self) -> str | None:
        """Only measured values, results and times can be corrected; the rest is undone by its own events."""
        if self._correctable():
            return None
        return tr("Nothing of this event is corrected; a new event undoes it.")

    def action_write_file(self) -> None:
        """Export the trail."""
        self.app.push_screen(ExportScreen(self.session, self.coi))

    def action_refresh(self) -> None:
        """Read the trail again."""
        self.read()

    def action_correct_value(self) -> None:
        """Correct a value of the chosen event."""
        if self.trail is not None:
            self.do(self._correct(self.trail.entries[self.chosen]))

    async def _correct(self, one: TrailEntry) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(self.coi)))
        offer = next((one for one in subject.offers if one.kind == "corrected"), None)
        self.app.push_screen(
            StepScreen(
                self.session,
                offer or Offer("corrected", "correct", tr("Correct a recorded value")),
                subject,
                fixed={"event": one.entry.statement.event_id, "coi": {"code": self.coi}},
                extra={"fields": list(self._correctable())},
            )
        )

    def action_discard(self) -> None:
        """Nothing is entered here: Esc leaves."""
        self.close_with(ok(tr("Back from the trail.")))
