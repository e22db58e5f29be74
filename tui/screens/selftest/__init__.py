"""The self-test of a terminal: each answer is played, and a person says whether it was heard and seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from schema.canonical import Json
from tracker.answers import Answer
from tracker.settings import remember_glyphs
from tui.answers import ShownAnswer, Verdict, band_lines, check, mark, ok
from tui.bigtext import KeyFacts
from tui.commands import Command
from tui.framing import RawScan, printed_code
from tui.glyphs import DONE, LOOK, TO_COME, GlyphSet, translated
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.screens.base import BaseScreen
from tui.screens.scanner import ScannerScreen
from tui.session import TerminalSession
from tui.states import style_of
from tui.widgets.pane import name_pane
from tui.workers import in_thread

SHIFT: Final = timedelta(hours=10)
"""A test older than this was another shift's."""


@dataclass(frozen=True, slots=True)
class TriedAnswer:
    """One thing a person may say of an answer that was played."""

    heard: bool
    seen: bool
    words: str
    command: str = ""


CHOICES: Final = (
    TriedAnswer(True, True, tr("heard and seen"), "ALL-IN-ORDER"),
    TriedAnswer(False, True, tr("seen, not heard")),
    TriedAnswer(True, False, tr("heard, not seen")),
    TriedAnswer(False, False, tr("neither"), "NOT-IN-ORDER"),
)
RINGS: Final = {
    Verdict.OK: tr("one ring, a disc"),
    Verdict.CHECK: tr("two rings, a triangle"),
    Verdict.STOP: tr("five rings, a square with a bar"),
}


class SelfTestReminder:
    """Says at sign-in, once a shift at each station, that nobody has tried the terminal; it blocks nobody."""

    def __init__(self, session: TerminalSession) -> None:
        self._session = session
        self._reminded: dict[str, datetime] = {}

    async def remind(self, screen: BaseScreen) -> None:
        """Say it on this screen, unless it was said or done in this shift."""
        session = self._session
        now, station = session.tracker.clock.now(), session.station.id
        before = self._reminded.get(station)
        if before is not None and now - before <= SHIFT:
            return
        if await in_thread(lambda: is_due(session, now)):
            self._reminded[station] = now
            screen.show(reminder())


def is_due(session: TerminalSession, now: datetime) -> bool:
    """Whether nobody has tried this terminal's answers in this shift."""
    last = session.registry.terminal_checks.get(session.station.id)
    return last is None or now - last > SHIFT


def reminder() -> ShownAnswer:
    """What sign-in says once a shift; it blocks nobody."""
    line = tr("This terminal's sound and bands were not tested this shift.")
    return check(line, tr("Ctrl+T tests them in half a minute; work can go on."))


class ScannerCard(Command):
    """Scan the scanner card once a shift: what is set wrong is named, and the result is kept."""

    key = "f6"
    footer = "Scanner card"
    palette = "Check the scanner with its card"


class Shapes(Command):
    """See the shapes as three kinds of terminal draw them, and keep the row that looks right here."""

    key = "f4"
    footer = "Shapes"
    palette = "Choose the shapes that this terminal can draw"


SHAPES: Final = (
    (GlyphSet.FULL, tr("every shape")),
    (GlyphSet.SAFE, tr("PuTTY and Windows")),
    (GlyphSet.ASCII, tr("letters and signs alone")),
)
_ROW: Final = "● ◉ ○  ▲ ■  ► ◄ ›  ━━━───╌╌╌  ╭──╮  ≠ "


class SelfTestScreen(ActingScreen):
    """Three answers, played one after the other; what was noticed of them is signed and kept."""

    about = tr(
        "Each answer is played: sound and band. Say what you noticed by the number of a line or the codes "
        "ALL-IN-ORDER and NOT-IN-ORDER. F5 plays it again. The result is signed and kept as evidence. "
        "F4 asks which shapes this terminal can draw, F6 tries the scanner with its card."
    )
    DEFAULT_CSS = """
    SelfTestScreen #sample { height: 7; text-wrap: nowrap; }
    SelfTestScreen #sample.-ok { background: $ok-fill; color: $on-fill; }
    SelfTestScreen #sample.-check { background: $check-fill; color: $on-fill; }
    SelfTestScreen #sample.-stop { background: $stop-fill; color: $on-stop; }
    SelfTestScreen #asked { height: auto; }
    SelfTestScreen #said { height: 1fr; }
    """

    own_commands: ClassVar[tuple[type[Command], ...]] = (ScannerCard, Shapes)

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.said: list[TriedAnswer] = []
        self._event_id = session.tracker.new_event_id()
        self._shapes_before: GlyphSet | None = None
        """What the terminal drew before all three rows were shown; None while they are not."""

    def body(self) -> ComposeResult:
        """The answer that is played, and what may be said of it."""
        yield Static(id="sample", markup=False)
        yield OptionList(id="asked", classes="pane -next", markup=False)
        yield Static(id="said", classes="pane", markup=False)

    def on_mount(self) -> None:
        self.query_one("#asked").focus()
        self.play()

    @property
    def verdict(self) -> Verdict | None:
        """The answer that is tried now."""
        verdicts = list(Verdict)
        return verdicts[len(self.said)] if len(self.said) < len(verdicts) else None

    def play(self) -> None:
        """Ring and show the band as after a scan."""
        verdict, sample = self.verdict, self.query_one("#sample", Static)
        for one in Verdict:
            sample.set_class(one is verdict, f"-{one.value.lower()}")
        self._show_asked()
        if verdict is None:
            sample.update("")
            return
        sample.update("\n".join(band_lines(verdict, self.app.size.width)))
        self.shell.ring(verdict)
        self.show_big()

    def _show_asked(self) -> None:
        asked, verdict = self.query_one("#asked", OptionList), self.verdict
        asked.clear_options()
        if self._shapes_before is not None:
            asked.add_options([shapes_text(at, *row) for at, row in enumerate(SHAPES, start=1)])
            name_pane(asked, tr("Which row looks right?"), tr("no boxes, no question marks"))
        elif verdict is None:
            asked.add_option(Option(Text(tr("F10 signs and keeps this.")), disabled=True))
            name_pane(asked, tr("Everything was said"))
        else:
            asked.add_options([noticed_text(at, one) for at, one in enumerate(CHOICES, start=1)])
            word = tr("{word}: {rings}. What did you notice?", word=verdict.value, rings=RINGS[verdict])
            name_pane(asked, f"{mark(verdict)} {word}", tr("F5 plays it again"))
        said = self.query_one("#said", Static)
        said.update(said_text(self.said))
        name_pane(said, tr("Tried so far"), tr("F6 tries the scanner, F4 the shapes"))
        self.show_keys()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a line says it, as its number does."""
        self._number(event.option_index + 1)

    def prompt(self) -> str:
        """What was noticed, or which row looks right."""
        if self._shapes_before is not None:
            return tr("Which row looks right? Type its number")
        return tr("What did you notice? Type its number")

    def action_shapes(self) -> None:
        """Show the three rows as they are; until one is chosen this terminal draws every shape."""
        if self._shapes_before is None:
            self._shapes_before = self.shell.glyphs
            self.shell.use_glyphs(GlyphSet.FULL)
            self._show_asked()

    def _keep_shapes(self, glyphs: GlyphSet) -> None:
        """Draw these from now on, and at the next start of this machine."""
        self._shapes_before = None
        self.shell.use_glyphs(glyphs)
        self._show_asked()
        tracker = self.session.tracker
        config = tracker.environment.config
        if config is None:
            self.show(ok(tr("This terminal draws them now."), tr("No folder keeps it for the next start.")))
            return
        try:
            remember_glyphs(config, tracker.registry.origin, glyphs.value)
        except OSError as error:
            self.show(
                check(tr("This terminal draws them now; it could not be kept."), error.strerror or str(error))
            )
            return
        self.show(ok(tr("This terminal draws them from now on."), tr("F4 chooses again.")))

    def on_unmount(self) -> None:
        """Who leaves without choosing has the shapes of before."""
        if self._shapes_before is not None:
            self.shell.use_glyphs(self._shapes_before)

    async def take_scan(self, scan: RawScan) -> None:
        """What was noticed."""
        code = printed_code(scan.text)
        command = code.command if code is not None else None
        if command == "CANCEL":
            await self.take_code(command)
            return
        by_command = [at for at, one in enumerate(CHOICES, start=1) if command and command == one.command]
        text = scan.text.strip()
        self._number(int(text) if text.isdecimal() else next(iter(by_command), 0))

    def _number(self, number: int) -> None:
        """The line with that number, of what is asked now."""
        if self._shapes_before is not None:
            if 1 <= number <= len(SHAPES):
                self._keep_shapes(SHAPES[number - 1][0])
            else:
                self.show(check(tr("Which row looks right?"), tr("Type 1, 2 or 3, then Enter.")))
        elif self.verdict is None:
            self.show(check(tr("Everything was said."), tr("F10 signs and keeps it; Esc starts again.")))
        elif 1 <= number <= len(CHOICES):
            self._say(CHOICES[number - 1])
        else:
            self.show(check(tr("Say what you noticed."), tr("Type a number from 1 to 4, then Enter.")))

    def _say(self, one: TriedAnswer) -> None:
        self.said.append(one)
        self.play()
        if self.verdict is None:
            self.do(self._keep())

    async def _keep(self) -> None:
        noticed: dict[str, Json] = {
            verdict.value.lower(): {"heard": said.heard, "seen": said.seen}
            for verdict, said in zip(Verdict, self.said, strict=True)
        }
        head = {"actor": self.session.staff, "station": self.session.station.id}
        request = {"request": "check_terminal", "event_id": self._event_id, **head, **noticed}
        outcome = await self.act(request)
        if outcome is not None:
            self._kept(outcome)

    def _kept(self, outcome: Answer) -> None:
        if outcome.problem is not None:
            self.refused(outcome)
            return
        missed = [
            one.value for one, said in zip(Verdict, self.said, strict=True) if not said.heard or not said.seen
        ]
        if missed:
            line = tr("Kept: {words} was not fully noticed.", words=", ".join(missed))
            self.close_with(
                check(line, tr("Have the terminal's sound or color set right, then Ctrl+T again."))
            )
        else:
            self.close_with(ok(tr("Kept: every answer was heard and seen."), tr("It counts for this shift.")))

    def key_facts(self) -> KeyFacts:
        """Which answer is tried."""
        verdict = self.verdict
        return KeyFacts(tr("Heard? Seen?"), thing=verdict.value if verdict is not None else "F10")

    def why_not_refresh(self) -> str | None:
        """The last answer is not played again once all were."""
        return None if self.verdict is not None else tr("Everything was said.")

    def why_not_sign(self) -> str | None:
        """All three answers are tried first."""
        return None if self.verdict is None else tr("Say first what you noticed.")

    def action_refresh(self) -> None:
        """Play the answer again."""
        self.play()

    def action_sign(self) -> None:
        """Sign what was noticed."""
        self.do(self._keep())

    def action_scanner_card(self) -> None:
        """The scanner is tried like the answers."""
        self.app.push_screen(ScannerScreen(self.session))

    def action_discard(self) -> None:
        """Begin again; with nothing said, leave."""
        if self._shapes_before is not None:
            self.shell.use_glyphs(self._shapes_before)
            self._shapes_before = None
            self._show_asked()
        elif self.said:
            self.said.clear()
            self.play()
        else:
            self.close_with(ok(tr("The self-test was left; nothing was kept.")))


def shapes_text(number: int, glyphs: GlyphSet, words: str) -> Text:
    """One row of shapes as a terminal of that kind is sent them."""
    row = translated(_ROW, glyphs)
    return Text().append(f"{number} ", style="key").append(f"{row}  ").append(words, style="muted")


def noticed_text(number: int, one: TriedAnswer) -> Text:
    """One thing that may be said of an answer, with the code that says it."""
    text = Text().append(f"{number} ", style="key").append(one.words)
    return text.append(f"   {one.command}", style="muted") if one.command else text


def said_text(said: Sequence[TriedAnswer]) -> Text:
    """What was noticed of each answer so far."""
    text = Text()
    for verdict, one in zip_longest(Verdict, said):
        shape = TO_COME if one is None else DONE if one.heard and one.seen else LOOK
        text.append(f"{shape} ", style=style_of(shape)).append(f"{verdict.value:<6} ")
        text.append((tr("to come") if one is None else one.words) + "\n")
    text.rstrip()
    return text
