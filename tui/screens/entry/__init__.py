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
from tui.screens.entry.text import EntryPart, entry_parts
from tui.session import TerminalSession
from tui.widgets.pane import name_pane
from tui.widgets.window import Window
from tui.workers import start


class TextScreen(ActingScreen):
    """Something to read; arrows and PgUp, PgDn scroll."""

    about = tr("Something to read. Up, Down, PgUp and PgDn scroll; Esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "read_on(-1)", show=False),
        Binding("down", "read_on(1)", show=False),
    ]

    def __init__(self, session: TerminalSession, text: Text, sentence: str, *, title: str = "") -> None:
        super().__init__(session)
        self.text = text
        self.pane_title = title
        self._sentence = sentence

    def body(self) -> ComposeResult:
        """One text."""
        with Window(classes="pane") as window:
            yield Static(self.text, id="text", markup=False)
        name_pane(window, self.pane_title, tr("PgDn reads on"))

    def on_mount(self) -> None:
        self.show(ok(self._sentence, tr("Esc goes back.")))

    def prompt(self) -> str:
        """Nothing is scanned here."""
        return tr("Up and Down read on; Esc goes back")

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

    DEFAULT_CSS = """
    EntryScreen {
        & Window { layout: vertical; }
        & Window > Static { height: auto; }
        &.-wide Window, &.-very-wide Window { layout: grid; grid-size: 2; grid-rows: auto; }
        &.-wide #bytes, &.-very-wide #bytes { column-span: 2; }
    }
    """

    def __init__(self, session: TerminalSession, event: DossierEvent) -> None:
        super().__init__(session, Text(), tr("Entry {sequence}.", sequence=event.row.sequence))
        self.event = event
        self.parts: tuple[EntryPart, ...] = ()

    def body(self) -> ComposeResult:
        """What it says, its proof, its bytes: one below the other, in a wide window two beside each other."""
        with Window():
            for name in ("facts", "proof", "bytes"):
                yield Static(id=name, classes="pane", markup=False)

    def _show_parts(self, proof: EntryProof | None) -> None:
        self.parts = entry_parts(self.event, proof)
        for pane, part in zip(self.query(".pane").results(Static), self.parts, strict=True):
            pane.update(part.text)
            name_pane(pane, part.title, part.said)
        self.query_one("#proof").set_class(proof is not None and not proof.holds, "-bad")

    def on_mount(self) -> None:
        self._show_parts(None)
        tracker, entry = self.session.tracker, self.event.entry
        start(self, lambda: tracker.audit.prove(entry), job="proof", done=EntryScreen.Proven)

    def on_entry_screen_proven(self, message: Proven) -> None:
        """Say what the proof came to."""
        proof = message.proof
        self._show_parts(proof)
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
