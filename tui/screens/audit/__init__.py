"""One therapy as an auditor reads it: who held it, its chain with its gaps, each entry proven, the review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.widgets import DataTable, Static

from labels.reader import Reading, ReadingKind, read
from schema.errors import CartrailError
from schema.vocabulary import FindingWord
from schema.zones import typed_time, zone_info
from tracker.values import (
    AsOf,
    Audit,
    ChainProof,
    DossierEvent,
    EntryProof,
    GivenFinding,
    held_at,
    is_pin,
    lanes_of,
    unheld_in,
)
from tui.answers import ShownAnswer, StopAnswer, check, ok, safe
from tui.commands import Command, Discard, Help, Sign, WriteFile
from tui.framing import RawScan, printed_code
from tui.glyphs import BAD, DONE
from tui.language import tr
from tui.screens.audit.chain import ChainLine, cells_of, chain_lines, summary_text
from tui.screens.audit.text import (
    chain_title,
    checks_text,
    held_text,
    lanes_title,
    line_text,
    line_title,
    signers_of,
    signers_table,
    units_words,
    verified_lines,
)
from tui.screens.entry import EntryScreen, TextScreen
from tui.screens.exporting import ExportScreen
from tui.screens.what import ExplainingScreen, paper_answer
from tui.session import TerminalSession
from tui.states import shaped
from tui.widgets.custody_lanes import LANES_MAX_NARROW, LANES_MAX_WIDE, CustodyLanes, LanesView
from tui.widgets.pages import NEAR, LinesTable
from tui.widgets.pane import name_pane
from tui.widgets.room import VERY_WIDE_FROM, WIDE_FROM
from tui.workers import in_thread, start

NOW: Final = "now"
"""What may be typed in place of a time."""

REMARK_MAX: Final = 500
"""Characters of an answer or comment that a review takes."""

_AGAIN: Final[Mapping[str, int | None]] = {"=": 1, "==": None}
"""Of how many of the next findings of the same check the answer before is said again; None for all."""

LINES_MAX: Final = 200
"""So many lines are in the table at once: more would make each key wait."""

_COLUMNS: Final = ((tr("no"), 3, 5), (tr("when"), 19, 19), (tr("what"), 27, 24), (tr("who"), 18, 18))
"""Each with its width in a narrow window and in a wide one; what is longer goes on in the next line."""

_COMMENT: Final = (tr("What is to be said of the whole trail?"), tr("Type it, or - for nothing; then Enter."))


class NextGap(Command):
    """Go to the next line that calls for somebody: a time without a holder, a mark, what stands open."""

    key = "f4"
    footer = "Next gap"
    palette = "Go to the next gap or mark"


class Verify(Command):
    """Read every entry again and prove it; then each check, also where it found nothing."""

    key = "f6"
    footer = "Verify"
    palette = "Verify every entry and show all checks"


class HeldAt(Command):
    """Ask who held it at a time: type 14:05, or a day and a time, then Enter."""

    key = "f11"
    footer = "Who held"
    palette = "Ask who held it at a time"


class AsKnown(Command):
    """Show the record as it was known then: type a time or the size of the log; `now` comes back."""

    key = "f7"
    footer = "As of"
    palette = "Show the record as it was known at a time"


class ChainTable(LinesTable):
    """The lines of a chain that are in it now; Left and Right move in time, Home and End are the chain's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "screen.to_line(0)", show=False),
        Binding("end", "screen.to_line(-1)", show=False),
    ]

    @dataclass
    class Moved(Message):
        """To the next event that is seen apart in the lanes, or to the one before."""

        by: int

    def action_cursor_left(self) -> None:
        """Earlier."""
        self.post_message(ChainTable.Moved(-1))

    def action_cursor_right(self) -> None:
        """Later."""
        self.post_message(ChainTable.Moved(1))


class AuditScreen(ExplainingScreen):
    """Who held it and the chain of one therapy; nothing here changes but by a signed review."""

    about = tr(
        "Above, who held the cells when; ?? is a time when nobody did. Left and Right move "
        "through time, Up and Down through the chain; Enter shows an entry with its bytes. "
        "F4 goes to the next gap or mark, F6 verifies every entry and lists all checks, F11 asks "
        "who held it at a time, F7 what was known then. Scan the head of the log from a slip to "
        "compare it. F10 asks what is to be said of each finding, then you sign the review."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (NextGap, Verify, HeldAt, AsKnown)
    is_misread_grave = False
    DEFAULT_CSS = """
    AuditScreen {
        & #lanes { height: auto; }
        & #middle { height: 1fr; layout: vertical; }
        & #chain { height: 1fr; width: 1fr; scrollbar-size: 1 1; }
        & #proof { height: auto; min-height: 6; }
        & #sums { display: none; height: 10; }
        & #sums .pane { height: 100%; width: 1fr; }
        &.-wide #middle, &.-very-wide #middle { layout: horizontal; }
        &.-wide #chain, &.-very-wide #chain { width: 2fr; }
        &.-wide #proof, &.-very-wide #proof { width: 1fr; height: 100%; }
        &.-wide #sums, &.-very-wide #sums { display: block; layout: horizontal; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The trail has been read."""

        found: Audit

    @dataclass
    class Proven(Message):
        """The entry that the cursor is on has been proven."""

        sequence: int
        proof: EntryProof

    @dataclass
    class Verified(Message):
        """Every entry has been proven."""

        proof: ChainProof

    def __init__(self, session: TerminalSession, coi: str, as_of: AsOf | None = None) -> None:
        super().__init__(session)
        self.coi = coi
        self.found: Audit | None = None
        self.lines: tuple[ChainLine, ...] = ()
        self.proof: ChainProof | None = None
        """What verifying came to; None until F6."""
        self._verified_at = ""
        self._outside: Text | None = None
        """What the log says to a head that was scanned off paper."""
        self._as_of = as_of
        self._asking: Callable[[str], None] | None = None
        self._asked: tuple[str, str] = ("", "")
        """The question that is to be answered, and how."""
        self._first = 0
        """The first line that is in the table: of thousands, those around the chosen one."""

        self._answers: list[GivenFinding] = []
        """What was said so far of the findings."""

    def body(self) -> ComposeResult:
        """Lanes, chain, the chosen line; in a wide window what verifying came to, and who signed."""
        lanes = CustodyLanes(self.session.local)
        lanes.id = "lanes"
        lanes.add_class("pane")
        yield lanes
        with Container(id="middle"):
            yield ChainTable(
                id="chain",
                classes="pane",
                cursor_type="row",
                cursor_foreground_priority="renderable",
                show_header=False,
            )
            yield Static(id="proof", classes="pane", markup=False)
        with Horizontal(id="sums"):
            yield Static(id="verified", classes="pane", markup=False)
            yield Static(id="signers", classes="pane", markup=False)

    def on_mount(self) -> None:
        for title, _, _ in _COLUMNS:
            self._chain.add_column(Text(title))
        name_pane(self.query_one("#lanes"), tr("Who held it"))
        name_pane(self._chain, tr("Chain"), tr("reading ..."))
        name_pane(self.query_one("#proof"), tr("Entry and its proof"))
        self._fit()
        self.read()

    def on_resize(self, event: events.Resize | None = None) -> None:
        self._fit()

    def _fit(self) -> None:
        """Give the columns the width there is; lines are placed again, since they wrap otherwise then."""
        is_wide = self.app.size.width >= WIDE_FROM
        self.query_one(CustodyLanes).lanes_max = LANES_MAX_WIDE if is_wide else LANES_MAX_NARROW
        widths = [wide if is_wide else narrow for _, narrow, wide in _COLUMNS]
        if self.app.size.width >= VERY_WIDE_FROM:
            widths[2:] = (44, 30)
        wider = max(len(str(len(self.lines))) - widths[0], 0)
        widths[0], widths[2] = widths[0] + wider, widths[2] - wider
        columns = self._chain.ordered_columns
        if [one.width for one in columns] == widths:
            return
        for column, width in zip(columns, widths, strict=False):
            column.auto_width, column.width = False, width
        if self.found is not None:
            self._place_again()

    def on_screen_resume(self) -> None:
        self._chain.focus()

    @property
    def _chain(self) -> ChainTable:
        return self.query_one("#chain", ChainTable)

    def read(self) -> None:
        """Read the whole trail."""
        tracker, coi, as_of = self.session.tracker, self.coi, self._as_of
        staff, station = self.session.staff, self.session.station.id

        def read() -> Audit:
            tracker.audit.note_opened(coi, staff=staff, station=station)
            return tracker.audit.therapy(coi, as_of)

        start(self, read, job="audit", done=AuditScreen.Loaded)

    def on_audit_screen_loaded(self, message: Loaded) -> None:
        """Show it."""
        found = self.found = message.found
        self.lines, self.proof = chain_lines(found), None
        self._fit()
        lanes = self.query_one(CustodyLanes)
        last = max(one.statement.occurred_at for one in found.dossier.entries)
        lanes.show(LanesView(lanes_of(found.dossier), unheld_in(found.dossier), last))
        self._name_lanes()
        name_pane(self._chain, chain_title(found), summary_text(self.lines))
        self._chain.set_class(found.as_of is not None, "-look")
        self._place_again()
        self._show_sums()
        self.show_keys()

    def _name_lanes(self) -> None:
        """Whose lanes they are, and which of them are seen where there is no room for all."""
        if self.found is None:
            return
        lanes, said = self.query_one(CustodyLanes), units_words(self.found)
        first, last, count = lanes.shown
        if count > lanes.lanes_max:
            which = tr("{first} to {last} of {count} holders", first=first, last=last, count=count)
            said = Text(f"{which} · ").append_text(said)
        name_pane(lanes, lanes_title(self.found), said)

    def _place_again(self) -> None:
        self._show_around(min(self._row, max(len(self.lines) - 1, 0)))

    def _show_around(self, row: int) -> None:
        """Put the lines around one on the screen, with the cursor at it."""
        chain, is_wide = self._chain, self.app.size.width >= WIDE_FROM
        self._first = max(min(row - LINES_MAX // 2, len(self.lines) - LINES_MAX), 0)
        with self.app.batch_update():
            chain.clear()
            for line in self.lines[self._first : self._first + LINES_MAX]:
                chain.add_row(*cells_of(line, is_wide=is_wide), height=None)
            chain.move_cursor(row=row - self._first)

    @property
    def _row(self) -> int:
        """The line that the cursor is on, of all."""
        return self._first + self._chain.cursor_row

    def _is_at_an_edge(self, row: int) -> bool:
        """Whether a line is the first or last in the table, and the chain goes on there."""
        last = min(self._first + LINES_MAX, len(self.lines)) - 1
        before, behind = self._first > 0, last < len(self.lines) - 1
        return (before and row < self._first + NEAR) or (behind and row > last - NEAR)

    def _show_sums(self) -> None:
        """What verifying came to, and who signed how much."""
        verified, signers = self.query_one("#verified", Static), self.query_one("#signers", Static)
        verified.update(Text("\n").join(verified_lines(self.proof, self._outside)))
        title = tr("Not verified") if self.proof is None else tr("Verified {time}", time=self._verified_at)
        name_pane(verified, title, tr("F6 again") if self.proof is not None else "")
        verified.set_class(self.proof is not None and not self.proof.holds, "-bad")
        if self.found is not None:
            signers.update(signers_table(signers_of(self.found.dossier.events)))
        name_pane(signers, tr("Who signed"))

    def read_failed(self, error: CartrailError) -> None:
        """The store could not be read, or there was no such therapy then."""
        self._as_of = self.found.as_of if self.found is not None else None
        super().read_failed(error)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if event.cursor_row != self._chain.cursor_row:
            return  # the lines are others by now
        if self._is_at_an_edge(self._row):
            self._show_around(self._row)
        line = self.line
        if line is None:
            return
        self.query_one(CustodyLanes).point(line.moment)
        self._name_lanes()
        self._show_line(line, None)
        chosen, tracker = line.event, self.session.tracker
        if chosen is not None:
            number = chosen.row.sequence
            start(
                self,
                lambda: tracker.audit.prove(chosen.entry),
                job="proof",
                done=partial(AuditScreen.Proven, number),
            )

    def on_audit_screen_proven(self, message: Proven) -> None:
        """Say what the proof came to, if the cursor is still there."""
        line = self.line
        if line is not None and line.event is not None and line.event.row.sequence == message.sequence:
            self._show_line(line, message.proof)

    def _show_line(self, line: ChainLine, proof: EntryProof | None) -> None:
        pane = self.query_one("#proof", Static)
        is_wide = self.app.size.width >= WIDE_FROM
        pane.update(line_text(line, proof, self._outside, is_wide=is_wide))
        is_bad = line.shape == BAD or (proof is not None and not proof.holds)
        pane.set_class(is_bad, "-bad")
        name_pane(pane, line_title(line), tr("Enter shows its bytes") if line.event is not None else "")

    @property
    def line(self) -> ChainLine | None:
        """The line that the cursor is on."""
        row = self._row
        return self.lines[row] if 0 <= row < len(self.lines) else None

    @property
    def chosen(self) -> DossierEvent | None:
        """The event that the cursor is on."""
        return None if self.line is None else self.line.event

    def on_data_table_row_selected(self) -> None:
        event = self.chosen
        if event is None:
            self.show(check(tr("This line is not about one entry."), tr("F6 shows all checks.")))
        else:
            self.app.push_screen(EntryScreen(self.session, event))

    def on_chain_table_moved(self, message: ChainTable.Moved) -> None:
        """To the next line whose time is another cell of the lanes, or to the last one before."""
        lanes, row, line = self.query_one(CustodyLanes), self._row, self.line
        if line is None:
            return
        here = None if line.moment is None else lanes.cell_of(line.moment)
        while 0 <= row + message.by < len(self.lines):
            row += message.by
            moment = self.lines[row].moment
            if moment is None or lanes.cell_of(moment) != here:
                break
        self._go_to(row)

    def _go_to(self, row: int) -> None:
        if self._first <= row < self._first + LINES_MAX and not self._is_at_an_edge(row):
            self._chain.move_cursor(row=row - self._first)
        else:
            self._show_around(row)

    def action_to_line(self, place: int) -> None:
        """Go to a line, counted from the end where it is negative."""
        if self.lines:
            self._go_to(place % len(self.lines))

    def action_next_gap(self) -> None:
        """Go to the next line that calls for somebody; after the last one comes the first."""
        rows = [row for row, line in enumerate(self.lines) if line.is_to_see]
        if not rows:
            self.show(ok(tr("No gap and no mark."), tr("F6 lists what was looked for.")))
            return
        row = next((one for one in rows if one > self._row), rows[0])
        self._go_to(row)
        line = self.lines[row]
        where = tr("{number} of {count}", number=rows.index(row) + 1, count=len(rows))
        self.show(ok(f"{where}: {line.title}.", line.who if line.standing is not None else ""))

    def action_verify(self) -> None:
        """Prove every entry, then show it with all checks."""
        found, tracker = self.found, self.session.tracker
        if found is not None:
            name_pane(self.query_one("#verified"), tr("being verified ..."))
            start(self, lambda: tracker.audit.verify(found), job="verify", done=AuditScreen.Verified)

    def on_audit_screen_verified(self, message: Verified) -> None:
        """Show what verifying came to with all checks; Esc goes back to the chain."""
        self.proof, found = message.proof, self.found
        if found is None or not self.is_current:
            return
        self._verified_at = f"{self.session.now():%H:%M}"
        self._show_sums()
        text = Text("\n").join(verified_lines(self.proof, self._outside))
        text.append("\n\n").append_text(checks_text(found, self.app.size.width))
        count = found.findings
        one, many = tr("1 finding of the checks."), tr("{count} findings of the checks.", count=count)
        said = tr("Every entry holds.") if self.proof.holds else tr("AN ENTRY DOES NOT HOLD.")
        title = tr("Verified {time}, and every check", time=self._verified_at)
        screen = TextScreen(self.session, text, f"{said} {one if count == 1 else many}", title=title)
        self.app.push_screen(screen)

    def likeliest(self) -> tuple[type[Command], ...]:
        """What an auditor does with a chain."""
        return (NextGap, Verify, Sign, WriteFile, HeldAt, AsKnown, Discard, Help)

    def prompt(self) -> str:
        """A therapy, or whatever names one."""
        return tr("Scan, or type a therapy") if self._asking is None else tr("Type the answer, then Enter")

    def label_of(self, command: type[Command]) -> str:
        """What is signed here is a review."""
        return tr("Sign review") if command is Sign else super().label_of(command)

    async def take_scan(self, scan: RawScan) -> None:
        """The answer to what was asked, or the trail of another therapy."""
        asked, self._asking = self._asking, None
        if asked is not None and is_pin(scan.text.strip().removeprefix("!").strip()):
            # It would stand in the record for ever.
            self._asking = asked
            no_pin = tr("Six digits alone are not taken here: a PIN is asked at the signature.")
            self.show(check(f"{no_pin} {self._asked[0]}", self._asked[1]))
            return
        if asked is not None:
            asked(scan.text.strip())
            self.show_keys()
            return
        reading = read(scan.text)
        if reading.kind is ReadingKind.HEAD:
            await self._compare(reading)
            return
        sought = await in_thread(lambda: self.session.tracker.audit.search(scan.text))
        if sought.coi is None:
            self.show(check(tr("This code belongs to no therapy."), tr("Esc goes back to look for it.")))
            return
        self.coi, self._as_of = sought.coi, None
        self.read()
        self.show(ok(tr("The trail of {coi}.", coi=self.coi)))

    async def _compare(self, reading: Reading) -> None:
        """Hold a head from paper against the log; it stays in sight beside the proofs."""
        answer = await in_thread(lambda: paper_answer(self.session.tracker, reading))
        holds = isinstance(answer, ShownAnswer)
        shape, word = (DONE, tr("outside head")) if holds else (BAD, tr("OUTSIDE HEAD DIFFERS"))
        self._outside = shaped(f"{shape} {word}")
        self._show_sums()
        if self.line is not None:
            self._show_line(self.line, None)
        if isinstance(answer, StopAnswer):
            self.stop(answer)
        elif answer is not None:
            self.show(answer)

    def _held(self, text: str) -> None:
        found = self.found
        if found is None:
            return
        event = self.chosen or found.dossier.events[-1]
        there = self._place_zone(event)
        is_now = text.lower() == NOW
        day = event.happened.date()
        moment = self.session.now() if is_now else typed_time(text, there, day=day, any_clock=True)
        held = held_at(found.dossier, moment)
        self.query_one(CustodyLanes).point(moment)
        answer = held_text(held, moment)
        said = tr("Who held each unit of this therapy then.")
        self.app.push_screen(TextScreen(self.session, answer, said, title=tr("Who held it")))

    def _place_zone(self, event: DossierEvent) -> ZoneInfo:
        """The clocks of the place of an event: a time is typed as the report and this list show it."""
        statement = event.entry.statement
        return zone_info(self.session.tracker.registry.zone_at(statement.site, statement.occurred_at))

    def _known(self, text: str) -> None:
        if text.lower() == NOW:
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
            self._ask(partial(self._commented, found), *_COMMENT)
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
        self._asking, self._asked = answer, (question, advice)
        self.show_keys()
        self.show(check(question, advice))

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
            self.show_keys()
            self.show(ok(tr("Nothing is asked.")))
        else:
            self.close_with(ok(tr("Back from the trail.")))
