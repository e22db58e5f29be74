"""One therapy as an auditor reads it: gaps first, the timeline with signatures, who held it, the review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import DataTable, Static

from schema.errors import CartrailError
from schema.vocabulary import FindingWord
from schema.zones import typed_time, zone_info
from tracker.values import AsOf, Audit, DossierEvent, GivenFinding, held_at
from tui.answers import check, ok, safe
from tui.commands import Command, Sign, WriteFile
from tui.framing import RawScan, printed_code
from tui.language import tr
from tui.screens.audit.text import broken, event_cells, gap_lines, heading_text, held_text, short_entry_text
from tui.screens.entry import EntryScreen, TextScreen
from tui.screens.exporting import ExportScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.workers import in_thread, start

REMARK_MAX: Final = 500
"""Characters of an answer or comment that a review takes."""

_AGAIN: Final[Mapping[str, int | None]] = {"=": 1, "==": None}
"""Of how many of the next findings of the same check the answer before is said again; None for all."""

PAGE: Final = 200
"""Events put on the screen at a time; more follow when the cursor reaches the end."""

SIDE_BY_SIDE: Final = 156
"""Columns from which the chosen event stands beside the list and neither is cut."""

SIDE_WIDTH: Final = 78
_GAPS_PADDED: Final = 4
"""Columns that the cells of the list and its scroll bar take of a line."""

ROOMY: Final = 118
"""Columns from which the list itself has room for longer words."""

_COLUMNS: Final = (
    (tr("NO"), 4, 5),
    (tr("TIME"), 18, 18),
    (tr("EVENT"), 22, 36),
    (tr("SIGNED BY"), 12, 18),
    (tr("MARKS"), 11, 30),
)
"""Each with its width on a terminal of 80 columns and on a wide one."""


class Switch(Command):
    """Turn between what calls for attention and the whole timeline."""

    key = "f4"
    footer = "Gaps/All"
    palette = "Turn between gaps and timeline"


class HeldAt(Command):
    """Ask who held it at a time: type 14:05, or a day and a time, then Enter."""

    key = "f6"
    footer = "Who held"
    palette = "Ask who held it at a time"


class AsKnown(Command):
    """Show the record as it was known then: type a time or the size of the log; `now` comes back."""

    key = "f7"
    footer = "As of"
    palette = "Show the record as it was known at a time"


class AuditScreen(ExplainingScreen):
    """The gaps of one therapy, then its timeline; nothing here changes but by a signed review."""

    about = tr(
        "What calls for attention stands first; F4 shows every event. Up and Down "
        "choose, Enter opens an event with its bytes and proof. F6 asks who held it at "
        "a time, F7 shows what was known then, F12 exports. F10 asks what is to be said "
        "of each finding, then you sign that you have reviewed this trail to its end."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Switch, HeldAt, AsKnown)
    is_misread_grave = False
    DEFAULT_CSS = """
    AuditScreen #heading { height: auto; padding: 0 1; background: $panel; }
    AuditScreen Horizontal { height: 1fr; }
    AuditScreen DataTable { height: 1fr; width: 1fr; }
    AuditScreen #side { width: 78; padding: 0 1; background: $surface; display: none; }
    AuditScreen.-beside #side { display: block; }
    """

    @dataclass
    class Loaded(Message):
        """The trail has been read."""

        found: Audit

    def __init__(self, session: TerminalSession, coi: str, as_of: AsOf | None = None) -> None:
        super().__init__(session)
        self.coi = coi
        self.found: Audit | None = None
        self._as_of = as_of
        self._asking: Callable[[str], None] | None = None
        self._placed = 0
        self._gaps: list[int | None] = []
        self._answers: list[GivenFinding] = []
        """What was said so far of the findings."""

    def body(self) -> ComposeResult:
        """The heading, the two lists (one is shown at a time), and room beside them."""
        yield Static(tr("AUDIT of {coi}", coi=self.coi), id="heading", markup=False)
        with Horizontal():
            yield DataTable[Text](id="gaps", cursor_type="row", show_header=False)
            yield DataTable[Text](id="events", cursor_type="row")
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="chosen", markup=False)

    def on_mount(self) -> None:
        self._gap_table.add_column(Text(tr("GAPS")))
        for title, _, _ in _COLUMNS:
            self._events.add_column(Text(title))
        self._show_list(gaps=True)
        self._fit()
        self.read()

    def on_resize(self, event: events.Resize | None = None) -> None:
        self._fit()
        self._place_gaps()

    def _fit(self) -> None:
        """Use the columns there are."""
        width = self.app.size.width
        has_side = width >= SIDE_BY_SIDE
        self.set_class(has_side, "-beside")
        is_roomy = width - (SIDE_WIDTH if has_side else 0) >= ROOMY
        for column, (_, narrow, wide) in zip(self._events.ordered_columns, _COLUMNS, strict=False):
            column.auto_width = False
            column.width = wide if is_roomy else narrow
        self._events.refresh()

    def on_screen_resume(self) -> None:
        (self._gap_table if self._gap_table.display else self._events).focus()

    @property
    def _gap_table(self) -> DataTable[Text]:
        return self.query_one("#gaps", DataTable)

    @property
    def _events(self) -> DataTable[Text]:
        return self.query_one("#events", DataTable)

    def _show_list(self, *, gaps: bool) -> None:
        self._gap_table.display, self._events.display = gaps, not gaps
        (self._gap_table if gaps else self._events).focus()

    def read(self) -> None:
        """Read the whole trail."""
        tracker, coi, as_of = self.session.tracker, self.coi, self._as_of
        staff, station = self.session.staff, self.session.station.id

        def read() -> Audit:
            tracker.audit.note_opened(coi, staff=staff, station=station)
            return tracker.audit.therapy(coi, as_of)

        start(self, read, job="audit", done=AuditScreen.Loaded)

    def on_audit_screen_loaded(self, message: Loaded) -> None:
        """Show it, the gaps first."""
        found = self.found = message.found
        self.query_one("#heading", Static).update(heading_text(found))
        self._gaps = [line.sequence for line in gap_lines(found)]
        self._place_gaps()
        self._events.clear()
        self._placed = 0
        self._place_more()
        self.show_keys()

    def _place_gaps(self) -> None:
        """Each check and finding whole, over as many lines as the room beside the chosen entry asks for."""
        table, width = self._gap_table, self.app.size.width
        room = width - (SIDE_WIDTH if width >= SIDE_BY_SIDE else 0) - _GAPS_PADDED
        chosen = table.cursor_row
        table.clear()
        for line in gap_lines(self.found) if self.found is not None else ():
            text = broken(line.text, room)
            table.add_row(text, height=text.plain.count("\n") + 1)
        table.move_cursor(row=chosen)

    def _place_more(self) -> None:
        events = self.found.dossier.events if self.found is not None else ()
        for event in events[self._placed : self._placed + PAGE]:
            self._events.add_row(*event_cells(event))
        self._placed = min(self._placed + PAGE, len(events))

    def read_failed(self, error: CartrailError) -> None:
        """The store could not be read, or there was no such therapy then."""
        self._as_of = self.found.as_of if self.found is not None else None
        super().read_failed(error)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if event.data_table is self._events and event.cursor_row >= self._placed - 2:
            self._place_more()
        chosen = self.chosen
        text = Text("") if chosen is None else short_entry_text(chosen)
        self.query_one("#chosen", Static).update(text)

    @property
    def chosen(self) -> DossierEvent | None:
        """The event that the cursor is on."""
        if self.found is None:
            return None
        events = self.found.dossier.events
        if self._gap_table.display:
            row = self._gap_table.cursor_row
            sequence = self._gaps[row] if 0 <= row < len(self._gaps) else None
            return next((one for one in events if one.row.sequence == sequence), None)
        row = self._events.cursor_row
        return events[row] if 0 <= row < len(events) else None

    def on_data_table_row_selected(self) -> None:
        event = self.chosen
        if event is None:
            self.show(check(tr("This line is not about one entry."), tr("F4 shows every event.")))
        else:
            self.app.push_screen(EntryScreen(self.session, event))

    async def take_scan(self, scan: RawScan) -> None:
        """The answer to what was asked, or the trail of another therapy."""
        asked, self._asking = self._asking, None
        if asked is not None:
            asked(scan.text.strip())
            return
        sought = await in_thread(lambda: self.session.tracker.audit.search(scan.text))
        if sought.coi is None:
            self.show(check(tr("This code belongs to no therapy."), tr("Esc goes back to look for it.")))
            return
        self.coi, self._as_of = sought.coi, None
        self.read()
        self.show(ok(tr("The trail of {coi}.", coi=self.coi)))

    def _held(self, text: str) -> None:
        found = self.found
        if found is None:
            return
        event = self.chosen or found.dossier.events[-1]
        there = self._place_zone(event)
        moment = typed_time(text, there, day=event.happened.date(), any_clock=True)
        held = held_at(found.dossier, moment)
        answer = held_text(held, moment)
        self.app.push_screen(TextScreen(self.session, answer, tr("Who held each unit of this therapy then.")))

    def _place_zone(self, event: DossierEvent) -> ZoneInfo:
        """The clocks of the place of an event: a time is typed as the report and this list show it."""
        statement = event.entry.statement
        return zone_info(self.session.tracker.registry.zone_at(statement.site, statement.occurred_at))

    def _known(self, text: str) -> None:
        if text.lower() == "now":
            self._as_of = None
        elif text.isdecimal():
            self._as_of = AsOf.parse(text)
        else:
            day = self.session.now().date()
            self._as_of = AsOf(recorded_by=typed_time(text, self.session.zone, day=day, any_clock=True))
        self.read()
        self.show(
            ok(
                tr("The record as it is.")
                if self._as_of is None
                else tr("As known at {as_of}.", as_of=self._as_of)
            )
        )

    def why_not(self, action: str, *parameters: object) -> str | None:
        """Before the trail is there, nothing can be asked about it."""
        is_about_it = action in {
            Sign.action(),
            WriteFile.action(),
            *(command.action() for command in self.own_commands),
        }
        if self.found is None and is_about_it:
            return tr("The trail is being read.")
        return super().why_not(action, *parameters)

    def why_not_sign(self) -> str | None:
        """A review takes an auditor or quality, and something that is not reviewed yet."""
        if self.found is None:
            return None
        return self.session.tracker.audit.why_no_review(self.session.staff, self.found)

    def action_refresh(self) -> None:
        """Read the trail again."""
        self.read()

    def action_switch(self) -> None:
        """Turn between the gaps and every event."""
        self._show_list(gaps=not self._gap_table.display)

    def action_held_at(self) -> None:
        """Ask for a time, then say who held what."""
        self._ask(
            self._held,
            tr("At what time?"),
            tr("Type 14:05, or 2026-11-23 14:05 +01:00, as it is listed; then Enter."),
        )

    def action_as_known(self) -> None:
        """Ask for a time, then show the record as it was."""
        self._ask(
            self._known, tr("As known when?"), tr("Type a time, the size of the log, or now; then Enter.")
        )

    def action_write_file(self) -> None:
        """Export the trail as it is shown."""
        self.app.push_screen(ExportScreen(self.session, self.coi, self._as_of))

    def action_sign(self) -> None:
        """Ask what is to be said of each finding, then sign that the trail was reviewed to its end."""
        if self.found is not None:
            self._answers = []
            self._ask_next(self.found)

    def _ask_next(self, found: Audit) -> None:
        waiting = found.to_answer
        done = len(self._answers)
        if done < len(waiting):
            gap, finding = waiting[done]
            again = done > 0 and waiting[done - 1][0] is gap
            self._ask(
                partial(self._answered, found),
                tr(
                    "{number} of {count}, {title}: {finding}. Is it in order?",
                    number=done + 1,
                    count=len(waiting),
                    title=gap.title,
                    finding=safe(finding.finding),
                ),
                tr("Type why it is, or ! and what is not. = says the same again, == for all of this check.")
                if again
                else tr("Type why it is. Begin with ! where it is not, and say what."),
            )
        elif waiting:
            self._ask(
                partial(self._commented, found),
                tr("What is to be said of the whole trail?"),
                tr("Type it, or - for nothing; then Enter."),
            )
        else:
            self.do(self._review(found, None))

    def _answered(self, found: Audit, text: str) -> None:
        """One answer, or the one before said again of the next findings; the next question follows."""
        waiting, done = found.to_answer, len(self._answers)
        gap, finding = waiting[done]
        before = self._answers[-1] if done and waiting[done - 1][0] is gap else None
        if text in _AGAIN:
            if before is not None:
                same = {"answer": before.answer, "remark": before.remark}
                rest = [one for of, one in waiting[done:] if of is gap]
                self._answers += [one.model_copy(update=same) for one in rest[: _AGAIN[text]]]
        elif (remark := text.removeprefix("!").strip()) and printed_code(remark) is None:
            word = FindingWord.OBSERVED if text.startswith("!") else FindingWord.EXPLAINED
            said = {"answer": word, "remark": remark[:REMARK_MAX]}
            self._answers.append(finding.model_copy(update=said))
        self._ask_next(found)

    def _commented(self, found: Audit, text: str) -> None:
        self.do(self._review(found, None if text == "-" else text[:REMARK_MAX]))

    def _ask(self, answer: Callable[[str], None], question: str, advice: str) -> None:
        self._asking = answer
        self.show(ok(question, advice))

    async def _review(self, found: Audit, comment: str | None) -> None:
        session = self.session
        request = session.tracker.audit.review_request(
            found,
            staff=session.staff,
            station=session.station.id,
            findings=tuple(self._answers),
            comment=comment,
        )
        outcome = await self.act(request)
        if outcome is None:
            return
        if outcome.problem is not None:
            self.refused(outcome)
        else:
            self.show(
                self.written(
                    outcome, tr("Reviewed through #{sequence}.", sequence=found.dossier.entries[-1].sequence)
                )
            )
            self.read()

    def action_discard(self) -> None:
        """Leave a question, else the screen."""
        if self._asking is not None:
            self._asking = None
            self.show(ok(tr("Nothing is asked.")))
        else:
            self.close_with(ok(tr("The trail is closed.")))
