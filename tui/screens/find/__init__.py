"""Find: scan or type a code, person, box, place, day or lot; the therapies that name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import DataTable, Static

from tracker.values import FOUND_PAGE, FoundTherapy, SearchSubject
from tui.answers import check, ok, safe
from tui.framing import RawScan
from tui.language import tr
from tui.screens.audit import AuditScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.widgets.pages import PagedTable
from tui.words import attention_words, spoken
from tui.workers import in_thread, start

COLUMNS: Final = (
    (tr("THERAPY"), 11),
    (tr("STAGE"), 16),
    (tr("LAST NAMED"), 16),
    (tr("ENTRIES"), 10),
    (tr("ATTENTION"), 14),
)
INVITATION: Final = (
    tr(
        "FIND. Scan any code, or type and press Enter:\n\n  a therapy, unit, cassette, "
        "order number, lot, donation number or seal\n  a person: NURSE-A1, or part of a "
        "name     a site: MFG-1\n  a box or place: its code, or part of its name\n  a "
        "day: 2026-11-23"
    )
    + "\n"
)
CHOICES_MAX: Final = 15


def found_cells(one: FoundTherapy, local: Callable[[datetime], datetime]) -> tuple[Text, ...]:
    """One therapy in which something is named."""
    entries = tr(
        "{first_sequence} to {last_sequence}",
        first_sequence=one.first_sequence,
        last_sequence=one.last_sequence,
    )
    if one.first_sequence == one.last_sequence:
        entries = str(one.first_sequence)
    return (
        Text(one.coi),
        Text(spoken(one.stage)),
        Text(f"{local(one.at):%Y-%m-%d %H:%M}"),
        Text(entries),
        Text(attention_words(one.attention)),
    )


class FindScreen(ExplainingScreen):
    """Fifty therapies at a time, the last that named it first; one therapy opens at once."""

    about = tr(
        "Scan or type what you look for. A code of a therapy opens it; a person, box, "
        "place, day or lot lists the therapies that name it. Up and Down choose, Enter "
        "opens. Esc starts again."
    )
    is_misread_grave = False
    DEFAULT_CSS = """
    FindScreen #heading { height: auto; padding: 0 1; background: $panel; }
    FindScreen DataTable { height: 1fr; }
    """

    @dataclass
    class Loaded(Message):
        """A page has been read."""

        subject: SearchSubject
        rows: tuple[FoundTherapy, ...]
        is_first: bool

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.rows: list[FoundTherapy] = []
        self.subject_sought: SearchSubject | None = None
        self._choices: tuple[SearchSubject, ...] = ()

    def body(self) -> ComposeResult:
        """What to do, or what was found, over the therapies."""
        yield Static(INVITATION, id="heading", markup=False)
        yield PagedTable(COLUMNS)

    def on_mount(self) -> None:
        self.do(self._read_on())

    def on_screen_resume(self) -> None:
        self.query_one(PagedTable).focus()

    async def _read_on(self) -> None:
        """What was recorded since somebody looked last is read now, so that a search is quick."""
        await in_thread(self.session.tracker.audit.update_index)

    async def take_scan(self, scan: RawScan) -> None:
        """The number of a choice, or something new to look for."""
        text = scan.text.strip()
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
        lines = [f"{number:>3}  {safe(one.title)}" for number, one in enumerate(self._choices, 1)]
        more = len(subjects) - len(self._choices)
        lines += [("     " + tr("and {more} more: type more of the name", more=more))] if more else []
        self.query_one("#heading", Static).update(Text("\n".join([tr("WHICH ONE?"), *lines])))
        self.show(ok(tr("{count} have that name.", count=len(subjects)), tr("Type a number, then Enter.")))

    def _look_for(self, subject: SearchSubject) -> None:
        self._choices = ()
        self.subject_sought = subject
        self._read(first=True)

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
            table.add_row(*found_cells(row, self.session.local), key=row.coi)
        self.rows.extend(message.rows)
        table.took(len(message.rows), FOUND_PAGE)
        more = "" if table.is_whole else tr(", more below")
        title = safe(message.subject.title)
        count = len(self.rows)
        therapies = tr("1 therapy") if count == 1 else tr("{count} therapies", count=count)
        heading = tr(
            "NAMING {title}: {therapies}{more}, the last named first",
            title=title,
            therapies=therapies,
            more=more,
        )
        self.query_one("#heading", Static).update(heading)
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
        if not self._choices and self.subject_sought is None:
            super().action_discard()
            return
        self._choices, self.subject_sought = (), None
        self._empty()
        self.query_one("#heading", Static).update(INVITATION)
        self.show(ok(tr("Nothing is looked for now.")))
