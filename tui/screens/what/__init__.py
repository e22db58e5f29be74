"""F2: scan anything and read what it is; nothing is recorded."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from labels.description import describe
from labels.reader import Reading, ReadingKind, read
from labels.text import half_blocks
from schema.errors import BadCode, EvidenceMissing
from schema.papercodes import HeadCode, ReceiptCode
from tracker.tracker import Tracker
from tui.answers import ShownAnswer, StopAnswer, check, ok, safe, shown_read
from tui.framing import RawScan
from tui.language import named, tr
from tui.looking import look
from tui.screens.acting import ActingScreen
from tui.screens.what.panels import subject_panel
from tui.words import thing_words
from tui.workers import in_thread


class ExplainingScreen(ActingScreen):
    """A screen from which F2 leads to the question what a code is."""

    def action_what_is_this(self) -> None:
        """Ask, without recording anything."""
        self.app.push_screen(WhatScreen(self.session))


class WhatScreen(ActingScreen):
    """What is this? Anything may be scanned here, and nothing is recorded."""

    about = tr(
        "Scan anything: what the code says, and what it stands for in this store. Nothing is recorded."
    )
    DEFAULT_CSS = """
    WhatScreen VerticalScroll { padding: 0 1; }
    """

    def body(self) -> ComposeResult:
        """One text."""
        with VerticalScroll(can_focus=False):
            yield Static(
                tr("WHAT IS THIS? Scan anything. Nothing is recorded."),
                id="what",
                markup=False,
            )

    def on_mount(self) -> None:
        self.run_worker(self._show_head(), exit_on_error=False)

    async def _show_head(self) -> None:
        """Show the log's head below the invitation, so that anybody may keep it."""
        text = Text(tr("WHAT IS THIS? Scan anything. Nothing is recorded.") + "\n\n")
        self._say(text.append_text(await in_thread(lambda: head_text(self.session.tracker))))

    async def take_scan(self, scan: RawScan) -> None:
        """The code in words; a damaged one with what is wrong with it."""
        try:
            subject = await in_thread(lambda: look(self.session, scan))
        except BadCode as error:
            words = f"{tr('READ'):<10} {shown_read(scan)}\n\n{safe(error.message)}\n{safe(error.remedy)}"
            self._say(Text(words))
            self.show(check(tr("This cannot be read as a code."), tr("Nothing was recorded.")))
            return
        text = Text(tr("THE CODE") + "\n", style="bold")
        for name, value in ((tr("read as"), named(scan.mode.value)), *describe(read(scan.text))):
            text.append(f"{name:<20}", style="not bold").append(safe(value) + "\n", style="not bold")
        paper = await in_thread(lambda: paper_answer(self.session.tracker, read(scan.text)))
        if paper is not None:
            self._say(text)
            self.stop(paper) if isinstance(paper, StopAnswer) else self.show(paper)
            return
        text.append("\n" + tr("IN THIS STORE"))
        now, width = self.session.tracker.clock.now(), self.app.size.width - 4
        self._say(Group(text, subject_panel(subject, now, self.session.local, width=width)))
        self.show(ok(tr("{title}: shown, nothing recorded.", title=thing_words(subject.lookup))))

    def _say(self, text: RenderableType) -> None:
        self.query_one("#what", Static).update(text)


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


def head_text(tracker: Tracker) -> Text:
    """The newest head as text and symbol, for a witness to keep; a sentence when the log has none."""
    head = tracker.log.head()
    if head is None:
        return Text(tr("THE LOG HAS NO HEAD YET: it has one after the first handoff on the hub."))
    text = Text(tr("THE LOG'S HEAD, to be kept by a witness") + "\n", style="bold")
    text.append(
        tr("{size} entries\n{text}", size=head.tree_size, text=safe(head.text)) + "\n\n", style="not bold"
    )
    return text.append(half_blocks(head.text), style="not bold")
