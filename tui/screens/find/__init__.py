"""Find: scan or type a code, person, box, place, day or lot; the therapies that name it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import DataTable, OptionList, Static

from tracker.values import FOUND_PAGE, FoundTherapy, PatientSearch, SearchSubject, SoughtIdentifier
from tui.answers import check, ok, safe
from tui.commands import Command
from tui.framing import RawScan
from tui.language import tr
from tui.screens.audit import AuditScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.shown_codes import code_text, in_sentence
from tui.widgets.pages import PagedTable
from tui.widgets.pane import PANE_COLUMNS, facts_grid, name_pane
from tui.widgets.table_cells import broken, lines_of, with_marks
from tui.words import attention_mark, spoken
from tui.workers import in_thread, start

COLUMNS: Final = (
    (tr("Therapy"), 13),
    (tr("Stage"), 13),
    (tr("Last named"), 16),
    (tr("Entries"), 9),
    (tr("Attention"), 13),
)
"""As they fit in a pane of 80 columns; what more there is goes to stage and attention."""

_GAP: Final = 2
_SCROLL_BAR: Final = 1
CHOICES_MAX: Final = 15


def widths(columns: int) -> tuple[int, ...]:
    """The width of each column in a pane that leaves this room."""
    spare = max(columns - sum(width + _GAP for _, width in COLUMNS), 0)
    therapy, stage, named_last, entries, attention = (width for _, width in COLUMNS)
    more = min(spare, 16)
    return (therapy, stage + more, named_last, entries, attention + min(spare - more, 30))


def invitation(staff: str, site: str) -> Table:
    """What can be looked for, and how it is typed: by the person and the site that are here."""
    rows = (
        (tr("a code"), tr("of a therapy, unit, cassette, box or place")),
        (tr("a number"), tr("order, lot, donation number or seal")),
        (tr("a person"), tr("{staff}, or part of a name", staff=safe(staff))),
        (tr("a site"), safe(site)),
        (tr("a box"), tr("or a place: part of its name")),
        (tr("a day"), "2026-11-23"),
    )
    return facts_grid((Text(name, style="muted"), Text(words)) for name, words in rows)


def found_cells(
    one: FoundTherapy, local: Callable[[datetime], datetime], room: Sequence[int]
) -> tuple[Text, ...]:
    """One therapy in which something is named."""
    entries = tr(
        "{first_sequence} to {last_sequence}",
        first_sequence=one.first_sequence,
        last_sequence=one.last_sequence,
    )
    if one.first_sequence == one.last_sequence:
        entries = str(one.first_sequence)
    return (
        code_text(one.coi),
        broken(spoken(one.stage), room[1]),
        Text(f"{local(one.at):%Y-%m-%d %H:%M}"),
        Text(entries),
        with_marks(Text(), map(attention_mark, one.attention), room[4]),
    )


class PatientNumber(Command):
    """Look for a patient by a number of the wristband or order. That you looked is noted."""

    key = "f11"
    footer = "Patient number"
    palette = "Find a patient by a number"


class FindScreen(ExplainingScreen):
    """Fifty therapies at a time, the last that named it first; one therapy opens at once."""

    about = tr(
        "Scan or type what you look for. A code of a therapy opens it; a person, box, "
        "place, day or lot lists the therapies that name it. F11 compares what comes next "
        "with the patients' numbers, and notes that you looked. Up and Down choose, Enter "
        "opens. Esc starts again."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (PatientNumber,)
    is_misread_grave = False
    DEFAULT_CSS = """
    FindScreen {
        & #asked { height: auto; }
        & OptionList { display: none; height: 1fr; border: none; background: $background; padding: 0; }
        & OptionList:focus { border: none; }
        & #found { display: none; height: 1fr; }
        & DataTable { height: 1fr; background: $background; }
        &.-found #found { display: block; }
        &.-found #asked { display: none; }
        &.-which #asked { height: 1fr; }
        &.-which OptionList { display: block; }
        &.-which #heading { display: none; }
    }
    """

    @dataclass
    class Loaded(Message):
        """A page has been read."""

        subject: SearchSubject
        rows: tuple[FoundTherapy, ...]
        is_first: bool

    @dataclass
    class FoundPatient(Message):
        """The therapies of whoever has the number that was typed."""

        found: PatientSearch

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self._takes_number = False
        self.rows: list[FoundTherapy] = []
        self.subject_sought: SearchSubject | None = None
        self._choices: tuple[SearchSubject, ...] = ()
        self._room: tuple[int, ...] = ()

    def body(self) -> ComposeResult:
        """What to do or which one is meant; then the therapies."""
        with Vertical(id="asked", classes="pane"):
            yield Static(
                invitation(self.session.staff, self.session.station.site), id="heading", markup=False
            )
            yield OptionList(markup=False)
        with Vertical(id="found", classes="pane"):
            yield PagedTable(())

    def on_mount(self) -> None:
        self._invite()
        self._fit()
        self.do(self._read_on())

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """The lines again, for the room there is now."""
        room = widths(self.app.size.width - PANE_COLUMNS - _SCROLL_BAR)
        if room == self._room:
            return
        self._room = room
        table = self.query_one(PagedTable)
        table.clear(columns=True)
        for (title, _), width in zip(COLUMNS, room, strict=True):
            table.add_column(Text(title, style="muted"), width=width)
        for row in self.rows:
            cells = found_cells(row, self.session.local, room)
            table.add_row(*cells, height=lines_of(cells), key=row.coi)

    def _invite(self) -> None:
        """Say what can be looked for."""
        self.set_class(False, "-found")
        self.set_class(False, "-which")
        name_pane(self.query_one("#asked"), tr("Find: scan any code, or type and press Enter"))

    def on_screen_resume(self) -> None:
        self._focus()

    def _focus(self) -> None:
        """The list that the arrows move in."""
        if self._choices:
            self.query_one(OptionList).focus()
        else:
            self.query_one(PagedTable).focus()

    def prompt(self) -> str:
        """Anything can be looked for; a patient's number when that was asked for."""
        if self._takes_number:
            return tr("Scan the wristband, or type the number")
        return tr("Scan, or type what you look for")

    async def _read_on(self) -> None:
        """What was recorded since somebody looked last is read now, so that a search is quick."""
        await in_thread(self.session.tracker.audit.update_index)

    async def take_scan(self, scan: RawScan) -> None:
        """The number of a choice, or something new to look for."""
        text = scan.text.strip()
        if self._takes_number:
            self._look_for_patient(text)
            return
        if self._choices and text.isdecimal() and 1 <= int(text) <= len(self._choices):
            self._look_for(self._choices[int(text) - 1])
            return
        sought = await in_thread(lambda: self.session.tracker.audit.search(text))
        if sought.coi is not None:
            self.app.push_screen(AuditScreen(self.session, sought.coi))
        elif len(sought.subjects) == 1:
            self._look_for(sought.subjects[0])
        else:
            self._ask(sought.subjects)

    def _ask(self, subjects: tuple[SearchSubject, ...]) -> None:
        self._choices = subjects[:CHOICES_MAX]
        self._empty()
        options = self.query_one(OptionList)
        options.clear_options()
        for number, one in enumerate(self._choices, 1):
            options.add_option(Text(f"{number:>2}  ", style="bold").append_text(in_sentence(one.title)))
        more = len(subjects) - len(self._choices)
        words = tr("and {more} more: type more of the name", more=more) if more else ""
        name_pane(self.query_one("#asked"), tr("Which one?"), words)
        self.set_class(False, "-found")
        self.set_class(True, "-which")
        options.highlighted = None
        self._focus()
        self.show(ok(tr("{count} have that name.", count=len(subjects)), tr("Type a number, then Enter.")))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """The arrows and Enter choose, as a number does."""
        self._look_for(self._choices[event.option_index])

    def _look_for(self, subject: SearchSubject) -> None:
        self._choices = ()
        self.subject_sought = subject
        self._read(first=True)

    def why_not_patient_number(self) -> str | None:
        """Who meets no patient and oversees nothing knows codes alone."""
        if not self.session.is_open:
            return tr("Sign in first.")
        return self.session.tracker.audit.why_no_identifier_search(self.session.staff)

    def action_patient_number(self) -> None:
        """What comes next is compared with the patients' numbers."""
        self._takes_number = True
        self.show_keys()
        self.show(ok(tr("A patient's number."), tr("Scan the wristband, or type it, then Enter.")))

    def _look_for_patient(self, text: str) -> None:
        self._takes_number = False
        self._choices, self.subject_sought = (), None
        tracker, staff, station = self.session.tracker, self.session.staff, self.session.station.id
        sought = SoughtIdentifier(text)
        start(
            self,
            lambda: tracker.audit.search_identifier(
                sought, staff=staff, station=station, form="screen", signed_in=True
            ),
            job="find",
            done=FindScreen.FoundPatient,
        )

    def on_find_screen_found_patient(self, message: FoundPatient) -> None:
        """The therapies of the patient; the number itself is not shown again."""
        table, rows = self.query_one(PagedTable), message.found.rows
        self._empty()
        for row in rows:
            table.add_row(*found_cells(row, self.session.local, self._room), key=row.coi)
        self.rows.extend(rows)
        table.took(len(rows), FOUND_PAGE)
        count = len(rows)
        therapies = tr("1 therapy") if count == 1 else tr("{count} therapies", count=count)
        name_pane(self.query_one("#found"), tr("Of this patient"), therapies)
        self.set_class(False, "-which")
        self.set_class(True, "-found")
        self.show_keys()
        noted = tr("It is noted that you looked.")
        if message.found.not_noted is not None:
            noted = tr("It could not be noted that you looked.")
        if rows:
            table.focus()
            self.show(ok(tr("{therapies} of this patient.", therapies=therapies), noted))
        else:
            self.show(check(tr("No therapy that you may see has this number."), noted))

    def _read(self, *, first: bool) -> None:
        subject = self.subject_sought
        if subject is None:
            return
        after = None if first or not self.rows else self.rows[-1]
        tracker = self.session.tracker
        start(
            self,
            lambda: tracker.audit.therapies_naming(subject, after=after),
            job="find",
            done=lambda rows: FindScreen.Loaded(subject, rows, is_first=first),
        )

    def on_find_screen_loaded(self, message: Loaded) -> None:
        """Add the lines below, or replace those that are there."""
        table = self.query_one(PagedTable)
        if message.is_first:
            self._empty()
        for row in message.rows:
            cells = found_cells(row, self.session.local, self._room)
            table.add_row(*cells, height=lines_of(cells), key=row.coi)
        self.rows.extend(message.rows)
        table.took(len(message.rows), FOUND_PAGE)
        title = safe(message.subject.title)
        count = len(self.rows)
        therapies = tr("1 therapy") if count == 1 else tr("{count} therapies", count=count)
        more = therapies if table.is_whole else tr("{therapies}, more below", therapies=therapies)
        pane = Text(tr("Naming") + " ").append_text(in_sentence(message.subject.title))
        name_pane(self.query_one("#found"), pane, tr("{count}, the last named first", count=more))
        self.set_class(False, "-which")
        self.set_class(True, "-found")
        self.show_keys()
        if not message.is_first:
            return
        if self.rows:
            table.focus()
            self.show(
                ok(tr("{title}: found.", title=title), tr("Enter opens the trail of the chosen therapy."))
            )
        else:
            self.show(check(tr("No therapy names {title}.", title=title), tr("Scan or type something else.")))

    def _empty(self) -> None:
        self.rows = []
        self.query_one(PagedTable).start_over()

    def on_paged_table_more_wanted(self) -> None:
        self._read(first=False)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value is not None:
            self.app.push_screen(AuditScreen(self.session, event.row_key.value))

    def why_not_refresh(self) -> str | None:
        """A list can be read again."""
        return None if self.subject_sought else tr("Look for something first.")

    def action_refresh(self) -> None:
        """Read the list again."""
        self._read(first=True)

    def action_discard(self) -> None:
        """Start again; with nothing sought, leave."""
        if not (self._choices or self.subject_sought or self.rows or self._takes_number):
            super().action_discard()
            return
        self._choices, self.subject_sought, self._takes_number = (), None, False
        self._empty()
        self._invite()
        self._focus()
        self.show(ok(tr("Nothing is looked for now.")))
