"""The screen that a STOP fills: left by F3, never by Enter and never by another scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Static

from schema.errors import CartrailError
from tui.answers import StopAnswer, Verdict, band_lines, differing, safe, stop_words
from tui.bigtext import dot_letters
from tui.commands import Command, Deviation, is_command_key
from tui.delivery import TakesScans
from tui.framing import RawScan
from tui.glyphs import BAD, DONE, NEXT
from tui.language import tr
from tui.screens.choosing import ChoosingScreen
from tui.shell import Shell
from tui.shown_codes import grouped, in_sentence
from tui.states import style_of
from tui.widgets.answer_bar import glyphs_of
from tui.widgets.key_bar import KeyBar
from tui.widgets.lines import CLOCK_EVERY, HeaderBar
from tui.widgets.pane import name_pane
from tui.widgets.room import WIDE_FROM, NeedsRoom
from tui.widgets.window import Window

RING_EVERY_SECONDS: Final = 10.0
RINGS_MAX: Final = 6
"""Who has not come by then is not in earshot."""


@dataclass(frozen=True, slots=True)
class StepRead:
    """One read of the step that was stopped."""

    shape: str
    words: str


@dataclass(frozen=True, slots=True)
class AboutTherapy:
    """The therapies that a STOP may be about, and what opens a deviation about one of them."""

    therapies: tuple[str, ...]
    open: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StopBackground:
    """What the screen behind a STOP knows of it."""

    reads: tuple[StepRead, ...] = ()
    """All reads of the step, the guilty one last."""

    orders: tuple[str, ...] = ()
    """What to do, in this order."""

    call: str = ""
    """Whom to call where nothing goes on."""

    deviation: AboutTherapy | None = None
    """A deviation about what was in the hand; None where nobody knows what that is."""


class ReadStop(Command):
    """You have read this: go back to the screen behind it."""

    key = "f3"
    footer = "I have read this"
    palette = "Leave the STOP"


class WhichTherapyScreen(ChoosingScreen[str]):
    """F9 on a STOP about a box with several patients' bags: the deviation is about one of them."""

    title_words = tr("Which therapy is the deviation about?")
    keys = tr("Enter chooses   Esc: back to the STOP")
    unheard = tr("Nothing is scanned here: Esc goes back to the STOP.")
    DEFAULT_CSS = """
    WhichTherapyScreen { align: center bottom; background: transparent; }
    WhichTherapyScreen > Vertical { height: 11; }
    """


class StopScreen(TakesScans, NeedsRoom[None], ModalScreen[None]):
    """What was expected, what was read, what to do; scans meanwhile are thrown away and counted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ReadStop.binding(),
        Deviation.binding(),
        Binding("pageup", "read_on(-1)", show=False),
        Binding("pagedown", "read_on(1)", show=False),
    ]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    StopScreen {
        background: $background;
        layout: vertical;
        & > #band { height: 7; background: $stop-fill; color: $on-stop; text-wrap: nowrap; }
        & > #cause { height: auto; padding: 0 1; text-style: bold; text-wrap: nowrap; }
        & > Window { height: 1fr; scrollbar-size: 0 0; }
        & #sides { height: auto; }
        & #sides > Static { width: 1fr; height: auto; padding: 0 1; border: $frame $line; }
        & #sides > #expected { border: $frame $success; border-title-color: $success; }
        & #sides > #read { border: $frame $error; border-title-color: $error; }
        & #words { height: auto; padding: 0 1; }
        & .known { display: none; height: auto; }
        &.-wide .known.-said, &.-very-wide .known.-said { display: block; }
        & #more { display: none; height: 1; padding: 0 1; color: $primary; text-style: bold; }
    }
    """

    def __init__(self, stop: StopAnswer, background: StopBackground | None = None) -> None:
        super().__init__()
        self.stop = stop
        self.background = background or StopBackground()
        self._header = HeaderBar()
        self._band = Static(id="band", markup=False)
        self._cause = Static(id="cause", markup=False)
        self._words = Static(id="words", markup=False)
        self._window = Window()
        self._more = Static(tr("PgUp PgDn: read on"), id="more", markup=False)
        self.discarded = 0

    def compose(self) -> ComposeResult:
        yield self._header
        yield self._band
        yield self._cause
        with self._window:
            if self.stop.expected or self.stop.read:
                with Horizontal(id="sides"):
                    yield from self._sides()
            yield self._words
            yield from self._known()
        yield self._more
        yield KeyBar()

    def _known(self) -> ComposeResult:
        """In a wide window: what was read in this step, and what to do now."""
        known, reads, orders = (
            self.background,
            Table.grid(padding=(0, 1, 0, 0)),
            Table.grid(padding=(0, 2, 0, 0)),
        )
        for one in known.reads:
            reads.add_row(Text(one.shape, style=style_of(one.shape)), in_sentence(one.words))
        for number, order in enumerate(filter(None, (*known.orders, known.call)), start=1):
            orders.add_row(Text(str(number), style="bold"), in_sentence(order))
        for name, title, said, is_said in (
            ("reads", tr("What was read in this step"), reads, bool(known.reads)),
            ("orders", f"{NEXT} " + tr("Do this"), orders, bool(known.orders or known.call)),
        ):
            pane = Static(said, id=name, classes="pane", markup=False)
            pane.add_class("known")
            pane.set_class(name == "orders", "-next")
            pane.set_class(is_said, "-said")
            name_pane(pane, title)
            yield pane

    def _sides(self) -> ComposeResult:
        expected, read = grouped(safe(self.stop.expected)), grouped(safe(self.stop.read))
        for name, title, text in (
            ("expected", f"{DONE} " + tr("Expected"), Text(expected)),
            ("read", f"{BAD} " + tr("Read"), differing(expected, read)),
        ):
            if text.plain:
                side = Static(text, id=name, markup=False)
                side.border_title = title
                yield side

    def now(self) -> datetime:
        """The time of the header."""
        return self.app.header().now if isinstance(self.app, Shell) else datetime.now().astimezone()

    def on_mount(self) -> None:
        self._refresh()
        self._ring()
        self.set_interval(CLOCK_EVERY, self._show_header)
        self.set_interval(RING_EVERY_SECONDS, self._ring, repeat=RINGS_MAX - 1)

    def on_resize(self) -> None:
        """Lines are broken for the room there is."""
        self._refresh()

    def _show_header(self) -> None:
        if isinstance(self.app, Shell):
            self._header.show(self.app.header())

    def _refresh(self) -> None:
        self._show_header()
        width = self.app.size.width
        self._band.update("\n".join(band_lines(Verdict.STOP, width)))
        word = dot_letters(safe(self.stop.cause), glyphs_of(self.app))
        self._cause.update("\n".join(word))
        said = replace(self.stop, line=grouped(self.stop.line), advice=grouped(self.stop.advice))
        # In a wide window whom to call is the last of the orders.
        call = "" if width >= WIDE_FROM else self.background.call
        self._words.update(stop_words(said, call=call, discarded=self.discarded))
        self.call_after_refresh(self._say_more)

    def _say_more(self) -> None:
        """A line says that there is more than fits."""
        self._more.display = self._window.max_scroll_y > 0

    def action_read_on(self, pages: int) -> None:
        """Show the rest of what is longer than the screen."""
        self._window.turn(pages)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A deviation is opened only about something."""
        if action == Deviation.action():
            return self.background.deviation is not None
        return super().check_action(action, parameters)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Textual's, with the therapy that F9 is about."""
        found, about = super().active_bindings, self.background.deviation
        key = found.get(Deviation.key)
        if key is None or about is None:
            return found
        words = (
            tr("Deviation of {coi}", coi=grouped(about.therapies[0]))
            if len(about.therapies) == 1
            else tr("Deviation of one of {count}", count=len(about.therapies))
        )
        return {**found, Deviation.key: key._replace(binding=replace(key.binding, description=words))}

    def action_deviation(self) -> None:
        """Say what went wrong, and with which therapy."""
        about = self.background.deviation
        if about is None:
            return
        if len(about.therapies) == 1:
            self._deviate(about.therapies[0])
            return
        choices = [(coi, in_sentence(coi)) for coi in about.therapies]
        said = tr("The STOP stays until you have read it.")
        self.app.push_screen(WhichTherapyScreen(choices, said), self._deviate)

    def _deviate(self, coi: str | None) -> None:
        """Leave for the form; stay where none was chosen."""
        about = self.background.deviation
        if coi is not None and about is not None:
            self.dismiss(None)
            self.app.call_later(about.open, coi)

    def action_read_stop(self) -> None:
        """Leave."""
        self.dismiss(None)

    async def take_scan(self, scan: RawScan) -> None:
        """No scan is taken here."""
        self.scan_discarded(scan)

    def scan_discarded(self, scan: RawScan) -> None:
        """One more is counted, and the alarm rings again."""
        self.discarded += 1
        self._refresh()
        self._ring()

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """A scan that failed behind the stop is counted like any other."""
        self.scan_discarded(scan)

    def key_unknown(self, key: str) -> None:
        """Only F3 is a way on; the alarm rings again."""
        if is_command_key(key):
            self._ring()

    def _ring(self) -> None:
        if isinstance(self.app, Shell):
            self.app.ring(Verdict.STOP)
