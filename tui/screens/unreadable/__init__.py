"""What to do about a label that cannot be scanned: other copies first, then two independent readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import OptionList, Static

from labels.reader import read
from schema.errors import BadCode, InputError
from schema.vocabulary import ReadMode, Reason
from tracker.values import UnitState
from tui.answers import check, ok
from tui.commands import Command, Discard, Sign
from tui.forms.prompts import Prompt
from tui.framing import RawScan, printed_code
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.screens.unreadable.readings import (
    ESCALATION,
    FAILURES_MAX,
    HINDRANCES,
    BlindReading,
    ReadingStage,
    guide_text,
    never_text,
    stage_title,
)
from tui.session import TerminalSession
from tui.shown_codes import in_sentence
from tui.widgets.pane import name_pane

Done = Callable[[RawScan, Reason | None], None]
"""What is done with the code; no reason is given when a copy could be scanned after all."""


class CannotRead(Command):
    """The label cannot be scanned: what helps, which other copies to try, and how two people read it."""

    key = "ctrl+u"
    footer = "Cannot read"
    palette = "The label cannot be read"


class UnreadableScreen(ActingScreen):
    """Why, other copies, first reading, second reading; nothing is recorded here."""

    about = tr(
        "A label that cannot be scanned is never scraped, wiped or warmed. Say why, "
        "try the other copies, then two people read the characters one after the other "
        "without seeing each other's; the second confirms by signing. Esc starts again, "
        "Esc goes back to the step."
    )
    codes: ClassVar[Mapping[str, type[Command]]] = {"CANCEL": Discard, "DONE": Sign}
    is_misread_grave = False
    DEFAULT_CSS = """
    UnreadableScreen {
        & #guide { height: auto; }
        & #why { height: auto; }
        & #never { height: 1fr; }
    }
    """

    def __init__(self, session: TerminalSession, prompt: Prompt, unit: UnitState | None, done: Done) -> None:
        super().__init__(session)
        self.reading = BlindReading()
        self._prompt = prompt
        self._unit = unit
        self._taken = done

    def body(self) -> ComposeResult:
        """What is asked now, and what never to do."""
        lines = (
            Text().append(f"{at} ", style="key").append(one.words) for at, one in enumerate(HINDRANCES, 1)
        )
        yield OptionList(*lines, id="why", classes="pane -next", markup=False)
        yield Static(id="guide", classes="pane -next", markup=False)
        yield Static(id="never", classes="pane", markup=False)

    def on_mount(self) -> None:
        asked = in_sentence(self._prompt.ask)
        if self._prompt.expected:
            asked.append(" (").append_text(in_sentence(self._prompt.expected)).append(")")
        name_pane(self.query_one("#why"), Text(tr("Why can it not be read?") + " ").append_text(asked))
        name_pane(self.query_one("#never"), tr("What never to do"))
        self._show()

    def _show(self) -> None:
        reading, why = self.reading, self.query_one("#why", OptionList)
        why.display = reading.stage is ReadingStage.REASON
        guide = self.query_one("#guide", Static)
        guide.display = not why.display
        if why.display:
            why.focus()
        guide.update(guide_text(reading, self._unit))
        name_pane(guide, stage_title(reading))
        self.query_one("#never", Static).update(never_text(reading))
        self.show_keys()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a line chooses it, as its number does."""
        self._choose(str(event.option_index + 1))

    def prompt(self) -> str:
        """What is asked at this stage."""
        return {
            ReadingStage.REASON: tr("Choose why, with the arrows and Enter or by its number"),
            ReadingStage.COPIES: tr("Scan another code of the same thing"),
            ReadingStage.FIRST: tr("First person: type the characters"),
            ReadingStage.SECOND: tr("Second person: type the characters"),
        }[self.reading.stage]

    def label_of(self, command: type[Command]) -> str:
        """F10 says that no copy can be scanned."""
        return tr("None can be scanned") if command is Sign else super().label_of(command)

    async def take_scan(self, scan: RawScan) -> None:
        """A number, a copy that could be scanned after all, or a reading typed by hand."""
        code = printed_code(scan.text)
        if code is not None and code.command is not None:
            await self.take_code(code.command)
        elif self.reading.stage is ReadingStage.REASON:
            self._choose(scan.text.strip())
        elif scan.mode is not ReadMode.MANUAL:
            self._scanned(scan)
        elif self.reading.stage is ReadingStage.COPIES:
            self.show(
                check(tr("Scan one of the other copies, or F10 to read this one."), tr("Nothing was taken."))
            )
        else:
            self._read(scan)

    def _choose(self, text: str) -> None:
        if not text.isdecimal() or not 1 <= int(text) <= len(HINDRANCES):
            self.show(check(tr("Why can it not be read?"), tr("Type the number of a line, then Enter.")))
            return
        self.reading.hindrance = HINDRANCES[int(text) - 1]
        self.reading.stage = ReadingStage.COPIES
        self._show()

    def _read(self, scan: RawScan) -> None:
        try:
            both = self.reading.take(scan.text)
        except InputError as error:
            advice = ESCALATION if self.reading.failures >= FAILURES_MAX else error.remedy
            self._show()
            self.show(check(error.message, advice))
            return
        self._show()
        if both is None:
            self.show(ok(tr("Read and hidden."), tr("Now the second person, without help.")))
        elif self.reading.hindrance is not None:
            self._leave(replace(scan, text=both, again=both), self.reading.hindrance.reason)

    def _scanned(self, scan: RawScan) -> None:
        """A copy that reads ends this; one that does not read either leaves everything as it was."""
        try:
            read(scan.text)
        except BadCode as error:
            self.show(check(error.message, tr("Try another copy, or let two people read this one.")))
        else:
            self._leave(scan, None)

    def _leave(self, scan: RawScan, reason: Reason | None) -> None:
        self.dismiss(None)
        self._taken(scan, reason)

    def why_not_sign(self) -> str | None:
        """F10 goes on once the other copies were tried."""
        return None if self.reading.stage is ReadingStage.COPIES else tr("Nothing is to be signed here.")

    def action_sign(self) -> None:
        """Go on to the readings."""
        self.reading.stage = ReadingStage.FIRST
        self._show()

    def action_discard(self) -> None:
        """Start again; failed attempts still count. With nothing read, go back to the step."""
        if self.reading == BlindReading(failures=self.reading.failures):
            super().action_discard()
            return
        self.reading = BlindReading(failures=self.reading.failures)
        self._show()
        self.show(ok(tr("Started again: nothing was taken.")))
