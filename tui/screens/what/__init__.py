"""F2: scan anything and read what it is; nothing is recorded."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from labels.description import describe
from labels.reader import read
from schema.errors import BadCode
from tui.answers import StopAnswer, check, ok, safe, shown_read
from tui.framing import RawScan
from tui.language import named, tr
from tui.looking import look
from tui.screens.acting import ActingScreen
from tui.screens.what.panels import subject_panel
from tui.screens.what.paper import head_text, paper_answer
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
                tr("WHAT IS THIS? Scan anything. Nothing is recorded. F3 goes back."), id="what", markup=False
            )

    def on_mount(self) -> None:
        self.run_worker(self._show_head(), exit_on_error=False)

    async def _show_head(self) -> None:
        """Below the invitation stands the log's head, so that anybody may keep it."""
        text = Text(tr("WHAT IS THIS? Scan anything. Nothing is recorded. F3 goes back.") + "\n\n")
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
        text.append("\n" + tr("IN THIS STORE") + "\n")
        self._say(text.append_text(subject_panel(subject, self.session.tracker.clock.now())))
        self.show(ok(tr("{title}: shown, nothing recorded.", title=thing_words(subject.lookup))))

    def _say(self, text: Text) -> None:
        self.query_one("#what", Static).update(text)
