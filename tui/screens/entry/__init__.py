"""One text that is longer than a screen, and one entry with its bytes and its proof as such a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from tracker.values import DossierEvent, EntryProof
from tui.answers import check, ok
from tui.framing import RawScan
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.screens.entry.text import entry_text
from tui.session import TerminalSession
from tui.widgets.window import Window
from tui.workers import start


class TextScreen(ActingScreen):
    """Something to read; arrows and PgUp, PgDn scroll."""

    about = tr("Something to read. Up, Down, PgUp and PgDn scroll; Esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "read_on(-1)", show=False),
        Binding("down", "read_on(1)", show=False),
    ]
    DEFAULT_CSS = """
    TextScreen Window { padding: 0 1; }
    """

    def __init__(self, session: TerminalSession, text: Text, sentence: str) -> None:
        super().__init__(session)
        self.text = text
        self._sentence = sentence

    def body(self) -> ComposeResult:
        """One text."""
        with Window():
            yield Static(self.text, id="text", markup=False)

    def on_mount(self) -> None:
        self.show(ok(self._sentence, tr("Esc goes back.")))

    def say(self, text: Text) -> None:
        """Show another text."""
        self.text = text
        self.query_one("#text", Static).update(text)

    async def take_scan(self, scan: RawScan) -> None:
        """Nothing is scanned here."""
        self.show(check(tr("Nothing is scanned here."), tr("Esc goes back.")))

    def action_read_on(self, lines: int) -> None:
        """Scroll a line."""
        self.query_one(Window).scroll_relative(y=lines, animate=False)


class EntryScreen(TextScreen):
    """One entry in full: values, signers, digests and place, its proof checked now, bytes."""

    about = tr(
        "One entry whole. Its bytes are read again and proven under the newest signed "
        "head of the log while you look. Up, Down, PgUp and PgDn scroll; Esc goes back."
    )

    @dataclass
    class Proven(Message):
        """The proof has been made and checked."""

        proof: EntryProof

    def __init__(self, session: TerminalSession, event: DossierEvent) -> None:
        super().__init__(
            session,
            entry_text(event, None),
            tr("Entry {sequence}.", sequence=event.row.sequence),
        )
        self.event = event

    def on_mount(self) -> None:
        tracker, entry = self.session.tracker, self.event.entry
        start(self, lambda: tracker.audit.prove(entry), job="proof", done=EntryScreen.Proven)

    def on_entry_screen_proven(self, message: Proven) -> None:
        """Say what the proof came to."""
        proof = message.proof
        self.say(entry_text(self.event, proof))
        number = self.event.row.sequence
        if not proof.holds:
            self.show(
                check(
                    tr("ENTRY {number} IS NOT WHAT WAS RECORDED.", number=number),
                    tr("Stop using this store; run verify."),
                )
            )
        elif proof.pending:
            self.show(
                check(
                    tr("Entry {number} waits for the log.", number=number),
                    tr("It can be proven within a minute."),
                )
            )
        else:
            self.show(
                ok(tr("Entry {number} is in the log, proven just now.", number=number), tr("Esc goes back."))
            )
