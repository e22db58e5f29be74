"""The self-test of a terminal: each answer is played, and a person says whether it was heard and seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from schema.canonical import Json
from tracker.answers import Answer
from tui.answers import ShownAnswer, Verdict, band_lines, check, ok
from tui.bigtext import KeyFacts
from tui.commands import Command
from tui.framing import RawScan, printed_code
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.screens.base import BaseScreen
from tui.screens.scanner import ScannerScreen
from tui.session import TerminalSession
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


class SelfTestScreen(ActingScreen):
    """Three answers, played one after the other; what was noticed of them is signed and kept."""

    about = tr(
        "Each answer is played: sound and band. Say what you noticed by the number of a line or the codes "
        "ALL-IN-ORDER and NOT-IN-ORDER. F5 plays it again. The result is signed and kept as evidence."
    )
    DEFAULT_CSS = """
    SelfTestScreen #sample { height: 7; text-wrap: nowrap; }
    SelfTestScreen #sample.-ok { background: $ok-fill; color: $on-fill; }
    SelfTestScreen #sample.-check { background: $check-fill; color: $on-fill; }
    SelfTestScreen #sample.-stop { background: $stop-fill; color: $on-stop; }
    SelfTestScreen #asked { height: 1fr; padding: 1 2; }
    """

    own_commands: ClassVar[tuple[type[Command], ...]] = (ScannerCard,)

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.said: list[TriedAnswer] = []
        self._event_id = session.tracker.new_event_id()

    def body(self) -> ComposeResult:
        """The answer that is played, and what may be said of it."""
        yield Static(id="sample", markup=False)
        yield Static(id="asked", markup=False)

    def on_mount(self) -> None:
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
        self.query_one("#asked", Static).update(self._asked())
        if verdict is None:
            sample.update("")
            return
        sample.update("\n".join(band_lines(verdict, self.app.size.width)))
        self.shell.ring(verdict)
        self.show_big()

    def _asked(self) -> Text:
        verdict = self.verdict
        text = Text()
        for tried, said in zip(Verdict, self.said, strict=False):
            text.append(f"{tried.value:<6} {said.words}\n")
        if verdict is None:
            return text.append(tr("F10 signs and keeps this."), style="bold")
        word = tr("{word}: {rings}. What did you notice?", word=verdict.value, rings=RINGS[verdict])
        text.append(f"\n{word}\n", style="bold")
        for number, one in enumerate(CHOICES, start=1):
            text.append(f"{number:>3}  {one.words}" + (f"  [{one.command}]" if one.command else "") + "\n")
        return text.append(tr("F5 plays it again."))

    async def take_scan(self, scan: RawScan) -> None:
        """What was noticed."""
        code = printed_code(scan.text)
        command = code.command if code is not None else None
        if command == "CANCEL":
            await self.take_code(command)
            return
        if self.verdict is None:
            self.show(check(tr("Everything was said."), tr("F10 signs and keeps it; Esc starts again.")))
            return
        for number, one in enumerate(CHOICES, start=1):
            if scan.text.strip() == str(number) or (command is not None and command == one.command):
                self._say(one)
                return
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
        if self.said:
            self.said.clear()
            self.play()
        else:
            self.close_with(ok(tr("The self-test was left; nothing was kept.")))
