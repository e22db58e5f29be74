"""The trail of one therapy: every event with time, person, marks and signatures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import DataTable, Static

from schema.papercodes import receipt_code
from tracker.values import Fact, ReadCode, Trail, TrailEntry
from tui.answers import check, ok, safe
from tui.commands import Command
from tui.framing import RawScan
from tui.language import named, tr
from tui.looking import Offer, by_id, look
from tui.screens.acting import ActingScreen
from tui.screens.step import StepScreen
from tui.session import TerminalSession
from tui.words import clock_time, place_time, therapy_words
from tui.workers import in_thread, start


class CorrectValue(Command):
    """Correct a value of the chosen event; both values stay in the record."""

    key = "f4"
    footer = "Correct"
    palette = "Correct a recorded value"


def trail_cells(one: TrailEntry) -> tuple[Text, ...]:
    """One event in one line: number, time, what, who, marks."""
    statement = one.entry.statement
    marks = ", ".join(one.marks)
    style = "stop" if one.is_grave else ""
    return (
        Text(str(one.entry.sequence)),
        Text(place_time(statement.there(statement.occurred_at))),
        Text(safe(one.title), no_wrap=True, overflow="ellipsis"),
        Text(safe(statement.actor)),
        Text(("■ " if style else "") + safe(marks), style=style, no_wrap=True, overflow="ellipsis"),
    )


def entry_text(one: TrailEntry) -> Text:
    """One event whole: what was said, read and signed, and the receipt that paper can carry."""
    statement = one.entry.statement
    text = Text(f"{safe(one.title)}, {clock_time(statement.there(statement.occurred_at))}\n", style="bold")
    for name, value in _entry_rows(one):
        text.append(f"{name:<11} ", style="not bold").append(safe(value) + "\n", style="not bold")
    text.rstrip()
    return text


def _entry_rows(one: TrailEntry) -> Iterator[tuple[str, str]]:
    entry, statement = one.entry, one.entry.statement
    if one.marks:
        yield tr("Marks"), "■ " + ", ".join(one.marks)
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


class TrailScreen(ActingScreen):
    """The newest event last; the line below says everything about the chosen one."""

    about = tr(
        "Every event of one therapy. Up and Down choose; what was said, read and "
        "signed stands below. Enter gives it more room."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (CorrectValue,)
    is_misread_grave = False
    DEFAULT_CSS = """
    TrailScreen #heading { height: 2; padding: 0 1; background: $panel; }
    TrailScreen DataTable { height: 1fr; }
    TrailScreen #entry { height: 9; padding: 0 1; background: $surface; }
    TrailScreen.-whole DataTable { height: 3; }
    TrailScreen.-whole #entry { height: 1fr; }
    """

    @dataclass
    class Loaded(Message):
        """The trail has been read."""

        trail: Trail

    def __init__(self, session: TerminalSession, coi: str) -> None:
        super().__init__(session)
        self.coi = coi
        self.trail: Trail | None = None
        self._chosen = 0

    def body(self) -> ComposeResult:
        """The events, and the chosen one whole."""
        yield Static(tr("TRAIL of {coi}", coi=self.coi), id="heading", markup=False)
        yield DataTable[Text](cursor_type="row")
        with VerticalScroll(id="entry", can_focus=False):
            yield Static(id="event", markup=False)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for title, width in (
            (tr("NO"), 3),
            (tr("TIME"), 18),
            (tr("EVENT"), 23),
            (tr("BY"), 9),
            (tr("MARKS"), 14),
        ):
            table.add_column(Text(title), width=width)
        table.focus()
        self.read()

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
        table = self.query_one(DataTable)
        table.clear()
        for one in trail.entries:
            table.add_row(*trail_cells(one))
        status = named(trail.state.status.value).upper()
        outside = (
            ("   " + tr("■ {count} OUTSIDE THE RULES", count=len(trail.state.outside)))
            if trail.state.outside
            else ""
        )
        read, count = trail.state.reviewed, len(trail.entries)
        reviewed = "" if read is None else tr(", reviewed through #{sequence}", sequence=read.through)
        heading = (
            tr(
                "TRAIL of {coi}, {status}, {events}{reviewed}{outside}",
                coi=trail.coi,
                status=status,
                events=tr("1 event") if count == 1 else tr("{count} events", count=count),
                reviewed=reviewed,
                outside=outside,
            )
            + "\n"
        )
        self.query_one("#heading", Static).update(heading + therapy_words(trail.state))
        table.move_cursor(row=len(trail.entries) - 1)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if self.trail is not None and event.cursor_row < len(self.trail.entries):
            self._chosen = event.cursor_row
            self.query_one("#event", Static).update(entry_text(self.trail.entries[self._chosen]))
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
        payload = self.trail.entries[self._chosen].entry.statement.payload
        return tuple(sorted(payload.descriptive | payload.correctable))

    def why_not_correct_value(self) -> str | None:
        """Only measured values, results and times can be corrected; the rest is undone by its own events."""
        if self._correctable():
            return None
        return tr("Nothing of this event is corrected; a new event undoes it.")

    def action_refresh(self) -> None:
        """Read the trail again."""
        self.read()

    def action_correct_value(self) -> None:
        """Correct a value of the chosen event."""
        if self.trail is not None:
            self.do(self._correct(self.trail.entries[self._chosen]))

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
        self.close_with(ok(tr("The trail is closed.")))
