"""F2: scan anything and read what it is; nothing is recorded."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from labels.description import describe
from labels.reader import Reading, ReadingKind, read
from labels.text import half_blocks
from schema.errors import BadCode, EvidenceMissing
from schema.papercodes import HeadCode, ReceiptCode
from tracker.tracker import Tracker
from tui.answers import ShownAnswer, StopAnswer, Verdict, check, ok, safe, shown_read
from tui.framing import RawScan
from tui.glyphs import LOOK
from tui.language import named, tr
from tui.looking import look
from tui.screens.acting import ActingScreen
from tui.screens.what.panels import subject_panel
from tui.session import TerminalSession
from tui.shown_codes import in_sentence
from tui.typing import is_early_pin
from tui.widgets.pane import PANE_COLUMNS, name_pane
from tui.widgets.room import WIDE_FROM
from tui.widgets.window import Window
from tui.words import thing_words
from tui.workers import in_thread


class ExplainingScreen(ActingScreen):
    """A screen from which F2 leads to the question what a code is."""

    def action_what_is_this(self) -> None:
        """Ask, without recording anything; after a CHECK about that CHECK, and what was scanned for it."""
        answer = self.answers.answer
        asked = answer if answer is not None and answer.verdict is Verdict.CHECK else None
        self.app.push_screen(WhatScreen(self.session, asked, self.checked if asked is not None else None))


class WhatScreen(ActingScreen):
    """What is this? Anything may be scanned here, and nothing is recorded."""

    about = tr(
        "Scan anything: what the code says, and what it stands for in this store. Nothing is recorded."
    )
    DEFAULT_CSS = """
    WhatScreen {
        & Window { layout: vertical; }
        & Window > Static { height: auto; }
        &.-wide Window, &.-very-wide Window { layout: grid; grid-size: 2 1; }
        &.-wide Window > Static, &.-very-wide Window > Static { height: 100%; }
    }
    """

    def __init__(
        self, session: TerminalSession, asked: ShownAnswer | None = None, scan: RawScan | None = None
    ) -> None:
        super().__init__(session)
        self._asked, self._scan = asked, scan

    def body(self) -> ComposeResult:
        """What the code says, and what it stands for here; before a scan the log's head."""
        with Window():
            yield Static(id="code", classes="pane", markup=False)
            yield Static(id="here", classes="pane", markup=False)

    def on_mount(self) -> None:
        self._say(tr("What is this?"), Text(tr("Scan anything. Nothing is recorded.")))
        if self._asked is not None:
            self._explain(self._asked)
        else:
            self.run_worker(self._show_head(), exit_on_error=False)

    def _explain(self, asked: ShownAnswer) -> None:
        """The CHECK from which somebody came, whole; below it what the code is that it was about."""
        self._say(f"{LOOK} " + tr("The CHECK before"), Text(f"{asked.line}\n\n{asked.advice}".strip()))
        scan = self._scan
        if scan is not None and not scan.is_overlong and not is_early_pin(scan):
            self.do(self._read_again(scan, asked))

    async def _read_again(self, scan: RawScan, asked: ShownAnswer) -> None:
        await self.take_scan(scan)
        self.answers.show(asked)

    async def _show_head(self) -> None:
        """Show the log's head beside the invitation, so that anybody may keep it."""
        title, text = await in_thread(lambda: head_parts(self.session.tracker))
        self._say(tr("What is this?"), Text(tr("Scan anything. Nothing is recorded.")), title, text)

    def prompt(self) -> str:
        """Whatever it is."""
        return tr("Scan anything: nothing is recorded")

    async def take_scan(self, scan: RawScan) -> None:
        """The code in words; a damaged one with what is wrong with it."""
        try:
            subject = await in_thread(lambda: look(self.session, scan))
        except BadCode as error:
            words = Text(f"{shown_read(scan)}\n\n{safe(error.message)}\n{safe(error.remedy)}")
            self._say(tr("Read, and no code"), words)
            self.show(check(tr("This cannot be read as a code."), tr("Nothing was recorded.")))
            return
        said = Table.grid(padding=(0, 2, 0, 0))
        said.add_column(no_wrap=True)
        said.add_column(overflow="fold")  # a digest goes on in the next line
        for name, value in ((tr("read as"), named(scan.mode.value)), *describe(read(scan.text))):
            said.add_row(Text(name, style="muted"), in_sentence(value))
        paper = await in_thread(lambda: paper_answer(self.session.tracker, read(scan.text)))
        if paper is not None:
            self._say(tr("The code"), said)
            self.stop(paper) if isinstance(paper, StopAnswer) else self.show(paper)
            return
        width = self.app.size.width
        room = (width // 2 if width >= WIDE_FROM else width) - PANE_COLUMNS
        here = subject_panel(subject, self.session.tracker.clock.now(), self.session.local, width=room)
        self._say(tr("The code"), said, tr("In this store"), here)
        self.show(ok(tr("{title}: shown, nothing recorded.", title=thing_words(subject.lookup))))

    def _say(
        self, title: str, code: RenderableType, beside: str = "", here: RenderableType | None = None
    ) -> None:
        panes = self.query_one("#code", Static), self.query_one("#here", Static)
        for pane, name, text in zip(panes, (title, beside), (code, here), strict=True):
            pane.display = text is not None
            pane.update(text or "")
            name_pane(pane, name)


def paper_answer(tracker: Tracker, reading: Reading) -> ShownAnswer | StopAnswer | None:
    """What the log says of a scanned head or receipt; None for any other code. Raises OtherLog."""
    content = reading.content
    if reading.kind is ReadingKind.HEAD and isinstance(content, HeadCode):
        verdict = tracker.log.check_head(content)
        return _said(str(verdict), content.text, verdict.exit_code)
    if reading.kind is ReadingKind.RECEIPT and isinstance(content, ReceiptCode):
        receipt = tracker.log.check_receipt(content)
        words = tr("the statement of this receipt: {outcome}", outcome=named(receipt.outcome.value))
        if receipt.place is not None:
            words += tr(
                ", entry {sequence} of {chain}", sequence=receipt.place.sequence, chain=receipt.place.chain
            )
        return _said(words, content.text, receipt.exit_code)
    return None


def _said(words: str, code: str, exit_code: int) -> ShownAnswer | StopAnswer:
    sentence = words[0].upper() + words[1:] + "."
    if exit_code == EvidenceMissing.exit_code:
        return StopAnswer(
            sentence,
            expected=tr("a log that contains what this paper saw"),
            read=code,
            advice=tr("Entries of this store are lost: enter what this paper says again, and keep it."),
        )
    if exit_code == 0:
        return ok(sentence, tr("Nothing was recorded."))
    return StopAnswer(
        sentence,
        expected=tr("a log that contains what this paper saw"),
        read=code,
        advice=tr(
            "Stop using this store, keep the paper and a copy of the store, and run `cartrail verify`."
        ),
    )


def head_parts(tracker: Tracker) -> tuple[str, Text]:
    """The newest head as text and symbol, for a witness to keep; a sentence when the log has none."""
    head = tracker.log.head()
    title = tr("The log's head, to be kept by a witness")
    if head is None:
        return title, Text(tr("The log has no head yet: it has one after the first handoff on the hub."))
    text = Text(tr("{size} entries", size=head.tree_size) + f"\n{safe(head.text)}\n")
    for line in half_blocks(head.text).splitlines():
        text.append("\n").append(line, style="symbol")
    return title, text
