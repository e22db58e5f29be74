"""The screen that every task screen is: header, last answer, body, scan field and keys, in 24 lines of 80."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import KeyPanel

from schema.errors import CartrailError
from tui.answers import ShownAnswer, StopAnswer, Verdict, check, shown_read, stop_for
from tui.bigtext import KeyFacts
from tui.commands import Command, Discard, TakesCommands
from tui.delivery import TakesScans, overlong_words
from tui.framing import RawScan
from tui.language import tr
from tui.screens.stop import StopBackground, StopScreen
from tui.shell import Shell
from tui.typing import echoed, slip_of
from tui.widgets.answer_bar import AnswerBar
from tui.widgets.big_panel import BigPanel
from tui.widgets.help_panel import ScreenHelp
from tui.widgets.key_bar import KeyBar
from tui.widgets.lines import CLOCK_EVERY, HeaderBar, ScanField
from tui.widgets.room import is_too_small
from tui.widgets.window import Window


class BaseScreen(TakesScans, TakesCommands[None]):
    """A screen takes scans in `take_scan`, commands in its actions, and answers with `show`."""

    AUTO_FOCUS = ""
    about: ClassVar[str] = ""
    """What the screen is for, for F1."""

    as_of: datetime | None = None
    """When what is shown was read, where the store has not answered since; None while it answers."""

    has_room_for_band: ClassVar[bool] = True
    """Whether an answer as a band changes nothing here; where it does, the screen has the class `-band`."""

    is_misread_grave: ClassVar[bool] = True
    """Whether something depends on a scan here, so that one that cannot be read is a STOP."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "turn_page(-1)", tr("Read back"), show=False),
        Binding("pagedown", "turn_page(1)", tr("Read on"), show=False),
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
        self.checked: RawScan | None = None
        """The scan whose answer is the CHECK that stands there; None where it is about none."""

        # Made here and not found by query: a scan may be thrown away before the screen is composed.
        self.answers = AnswerBar()
        self._scan_field = ScanField()
        self._big = BigPanel()
        # Kept, since each key of a scan asks for it.
        self._help: ScreenHelp | None = None
        self._keys_shown: tuple[tuple[type[Command], str], ...] = ()

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

    def on_screen_suspend(self) -> None:
        if self.app.screen is not self:  # else it is in front again
            self.answers.left()

    def on_resize(self) -> None:
        self.answers.fit()
        self.show_header()
        self.show_keys()

    def now(self) -> datetime:
        """The time of the header."""
        return self.shell.header().now

    def show_header(self) -> None:
        """Say again who, where and when."""
        if is_too_small(self.app.size):
            self.refresh()  # its clock
        self.query_one(HeaderBar).show(replace(self.shell.header(), as_of=self.as_of))
        self.answers.age()
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

    def prompt(self) -> str:
        """What to scan now, as an order."""
        return tr("Scan a code")

    @property
    def asks_number(self) -> bool:
        """Whether digits are the answer to what is asked now; elsewhere many of them may be a PIN."""
        return False

    def show_keys(self) -> None:
        """Say again what to scan and what can be done; call it when that has changed."""
        self._scan_field.ask(self.prompt())
        shown = tuple((command, self.label_of(command)) for command in self.footer_commands())
        if shown != self._keys_shown:
            self._keys_shown = shown
            self.refresh_bindings()

    def show(self, answer: ShownAnswer) -> None:
        """Answer a scan or a command, in sight and sound; on the screen in front when this one is not."""
        front = self.app.screen
        if front is not self and isinstance(front, BaseScreen):
            front.show(answer)
            return
        self.checked = self.answering if answer.verdict is Verdict.CHECK else None
        self.answers.show(answer)
        self.shell.ring(answer.verdict)
        self.show_big()

    def being_written(self, is_so: bool) -> None:  # noqa: FBT001  a state, not a switch
        """From the last signature until the store has answered, nothing else is said."""
        # Not a class of the screen, for which every widget would be matched with the style sheet again.
        self.query_one("#body").styles.opacity = 0.5 if is_so else 1.0
        if is_so:
            self.answers.show_writing()
        else:
            self.answers.end_writing()

    def stop(self, stop: StopAnswer) -> None:
        """Fill the screen with a STOP; the answer bar keeps its sentence."""
        self.answers.show(stop.answer)
        self.app.push_screen(StopScreen(stop, self.stop_background(stop)))

    def stop_background(self, stop: StopAnswer) -> StopBackground:
        """What this screen knows of what was stopped."""
        del stop
        return StopBackground()

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

    def scan_overlong(self, scan: RawScan) -> None:
        """A stuck key or a paste of something else is a CHECK everywhere: nothing of it was kept."""
        self.show(
            check(
                f"{overlong_words(scan)} {tr('Nothing was taken.')}",
                tr("Scan one label; a paste may hold one code in each line."),
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
        """The scan field shows both; the help goes, since it may hide the answer."""
        self.close_help()
        self._scan_field.show(echoed(text, is_number=self.asks_number), waiting)

    def command_refused(self, command: type[Command], reason: str) -> None:
        """The reason stands in the answer bar."""
        self.show(check(f"{command.key_word()}: {reason}"))

    def key_useless(self, key: str, elsewhere: str) -> None:
        """One sentence, so that nobody goes on as if it had been done."""
        if elsewhere:
            words = tr("{key}: nothing here; after Esc it is: {order}.", key=key, order=elsewhere)
        else:
            words = tr("{key}: nothing here. ^P shows all that can be done.", key=key)
        self.show(check(words))

    def help_text(self) -> str:
        """What F1 says of this screen; one that knows more at this moment adds it."""
        return self.about

    def action_help(self) -> None:
        """Show what the screen is for and every key; again to close it."""
        if not self.close_help():
            self._help = ScreenHelp(self.help_text())
            self.mount(self._help)
            # Over the whole of a narrow screen the row of keys would still show its margins.
            self.set_class(True, "-helped")

    def close_help(self) -> bool:
        """Close the help; whether it was open."""
        panel, self._help = self._help, None
        if panel is None or not panel.is_attached:
            return False
        panel.remove()
        self.set_class(False, "-helped")
        return True

    def action_big_text(self) -> None:
        """Turn large letters on or off."""
        self.shell.toggle_big()
        self.show_big()

    def action_turn_page(self, pages: int) -> None:
        """Show the rest of an answer that is longer than its bar, then the next page below it."""
        helps = self.query(ScreenHelp)
        if helps:
            helps.first().query_one(KeyPanel).scroll_relative(y=pages * 10, animate=False)
        elif not self.answers.turn(pages):
            self.turn_page(pages)

    def turn_page(self, pages: int) -> None:
        """Show the next page, or the one before, of what is longer than the screen."""
        for window in self.query(Window):
            window.turn(pages)

    def takes_first(self, action: str) -> bool:
        """Esc closes the help before it leaves."""
        return action == Discard.action() and self.close_help()

    def why_not_discard(self) -> str | None:
        """The first screen stays."""
        if len(self.app.screen_stack) > 2:  # the lowest screen is Textual's own
            return None
        return tr("This is the first screen. Ctrl+Q leaves cartrail.")

    def action_discard(self) -> None:
        """Discard what was entered on this screen; with nothing entered, leave it."""
        self.dismiss(None)
