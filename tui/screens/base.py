"""The screen that every task screen is: header, last answer, body, scan field and keys, in 24 lines of 80."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from schema.errors import CartrailError
from tui.answers import ShownAnswer, StopAnswer, Verdict, check, shown_read, stop_for
from tui.bigtext import KeyFacts
from tui.commands import (
    FIXED,
    Command,
    TakesCommands,
)
from tui.delivery import TakesScans
from tui.framing import RawScan
from tui.language import tr
from tui.screens.help import HelpScreen
from tui.screens.stop import StopScreen
from tui.shell import Shell
from tui.typing import echoed, slip_of
from tui.widgets.answer_bar import AnswerBar
from tui.widgets.big_panel import BigPanel
from tui.widgets.lines import CLOCK_EVERY, HeaderBar, KeyBar, ScanField
from tui.widgets.room import NeedsRoom, is_too_small
from tui.widgets.window import Window


class BaseScreen(TakesCommands, TakesScans, NeedsRoom[None]):
    """A screen takes scans in `take_scan`, commands in its actions, and answers with `show`."""

    AUTO_FOCUS = ""
    about: ClassVar[str] = ""
    """What the screen is for, for F1."""

    is_misread_grave: ClassVar[bool] = True
    """Whether something depends on a scan here, so that one that cannot be read is a STOP."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "turn_page(-1)", show=False),
        Binding("pagedown", "turn_page(1)", show=False),
    ]

    DEFAULT_CSS = """
    BaseScreen {
        layout: vertical;
        background: $background;
        & > #body { height: 1fr; }
        & > BigPanel { height: 1fr; display: none; }
        &.-big > #body { display: none; }
        &.-big > BigPanel { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        # Made here and not found by query: a scan may be thrown away before the screen is composed.
        self.answers = AnswerBar()
        self._scan_field = ScanField()
        self._big = BigPanel()

    @property
    def shell(self) -> Shell:
        """The application, as what screens know of it."""
        if not isinstance(self.app, Shell):
            raise TypeError("A BaseScreen lives in a Shell.")
        return self.app

    def compose(self) -> ComposeResult:
        yield HeaderBar()
        yield self.answers
        yield self._big
        with Vertical(id="body"):
            yield from self.body()
        yield self._scan_field
        yield KeyBar()

    def body(self) -> ComposeResult:
        """The widgets of the task itself."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.set_interval(CLOCK_EVERY, self.show_header)

    def on_screen_resume(self) -> None:
        self.require_fresh_scan()
        # A scan that opened another screen was taken; its count must not stand here when we come back.
        self._scan_field.show("", 0)
        self.show_header()
        self.show_keys()

    def on_resize(self) -> None:
        self.show_header()

    def now(self) -> datetime:
        """The time of the header."""
        return self.shell.header().now

    def show_header(self) -> None:
        """Say again who, where and when."""
        if is_too_small(self.app.size):
            self.refresh()  # its clock
        self.query_one(HeaderBar).show(self.shell.header())
        self.show_big()

    def show_big(self) -> None:
        """Show or hide the key facts in large letters, as this station wants it."""
        self.set_class(self.shell.is_big, "-big")
        if self.shell.is_big:
            self._big.show(self.key_facts(), self.answers.answer, self.shell.header().now)

    def key_facts(self) -> KeyFacts:
        """What stands there in large letters; a screen with more to say says it."""
        answer = self.answers.answer
        return KeyFacts(answer.line if answer is not None else tr("Scan a code"))

    @property
    def asks_number(self) -> bool:
        """Whether digits are the answer to what is asked now; elsewhere many of them may be a PIN."""
        return False

    def show_keys(self) -> None:
        """Say again what can be done; call it when that has changed."""
        self.query_one(KeyBar).show(FIXED, self.own_commands, offered=self.offered())

    def show(self, answer: ShownAnswer) -> None:
        """Answer a scan or a command, in sight and sound; on the screen in front when this one is not."""
        front = self.app.screen
        if front is not self and isinstance(front, BaseScreen):
            front.show(answer)
            return
        self.answers.show(answer)
        self.shell.ring(answer.verdict)
        self.show_big()

    def stop(self, stop: StopAnswer) -> None:
        """Fill the screen with a STOP; the answer bar keeps its sentence."""
        self.answers.show(stop.answer)
        self.app.push_screen(StopScreen(stop))

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """An error in an answer is a STOP with its remedy, or a CHECK where nothing depends on the scan.

        A slip of the finger is a CHECK everywhere: nothing was read that could be taken for another.
        """
        slip = slip_of(scan, error)
        if slip is not None:
            self.show(slip)
        elif self.is_misread_grave:
            self.stop(stop_for(error, read=shown_read(scan)))
        else:
            self.show(check(error.message, error.remedy))

    def scan_garbled(self, scan: RawScan) -> None:
        """A fault of the scanner's setting is a CHECK everywhere: nothing was read that could be wrong."""
        del scan
        self.show(
            check(
                tr("The scanner sent bytes that are no text: nothing was taken."),
                tr("Scan again. If it stays so, set the scanner to UTF-8, or to plain ASCII."),
            )
        )

    def scan_discarded(self, scan: RawScan) -> None:
        """A scan of an earlier step is answered with CHECK."""
        self.show(
            check(
                tr("A scan was thrown away: the window was too small.")
                if is_too_small(self.app.size)
                else tr("A scan was thrown away: it began before this step was on the screen."),
                tr("Scan it again."),
            )
        )

    def scan_typed(self, text: str, waiting: int) -> None:
        """The scan field shows both."""
        self._scan_field.show(echoed(text, is_number=self.asks_number), waiting)

    def command_refused(self, command: type[Command], reason: str) -> None:
        """The reason stands in the answer bar."""
        self.show(check(f"{command.key_word()}: {reason}"))

    def action_help(self) -> None:
        """Show what the screen is for and every key."""
        self.app.push_screen(HelpScreen(self.about, self.commands()))

    def action_big_text(self) -> None:
        """Turn large letters on or off."""
        self.shell.toggle_big()
        self.show_big()

    def action_turn_page(self, pages: int) -> None:
        """Show the rest of an answer that is longer than its bar, then the next page below it."""
        if not self.answers.turn(pages):
            self.turn_page(pages)

    def turn_page(self, pages: int) -> None:
        """Show the next page, or the one before, of what is longer than the screen."""
        for window in self.query(Window):
            window.turn(pages)

    def action_back(self) -> None:
        """Leave for the screen before; the first screen stays."""
        if len(self.app.screen_stack) > 2:  # the lowest screen is Textual's own
            self.dismiss(None)
        else:
            self.show(check(tr("This is the first screen."), tr("Press Ctrl+Q to leave cartrail.")))

    def action_discard(self) -> None:
        """Discard what was entered on this screen; nothing to do where nothing is entered."""
        self.show(ShownAnswer(Verdict.OK, tr("Nothing was entered here, nothing was discarded.")))
