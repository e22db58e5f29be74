"""The scanner card at the start of a shift: its codes scanned, what is set wrong named, the result kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from labels.scanner_card import CARD_CODES, CardReading, CardVerdict, judge, verdict_of
from schema.canonical import Json
from schema.vocabulary import ReadMode
from tracker.answers import Answer
from tracker.values import scanner_check_due
from tui.answers import ShownAnswer, check, ok, safe, shown
from tui.commands import Command, Discard, Sign
from tui.framing import RawScan, printed_code
from tui.glyphs import BAD, DONE, LOOK, TO_COME
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.session import TerminalSession
from tui.states import style_of
from tui.widgets.pane import name_pane
from tui.widgets.window import Window

_SUFFIXES: Final = {"enter": "\r", "tab": "\t", "ctrl+j": "\n"}
_NO_END_WITHIN: Final = 1.0
"""A whole code of the card that no Enter has ended by then comes from a scanner that sends none."""

_LATER: Final = 0.3
"""Long enough after the last code for a second Enter to have come."""

NAME_MAX: Final = 120


class ScannerScreen(ActingScreen):
    """Five codes off the card, in any order; F10 ends it early where the scanner stays silent."""

    about = tr(
        "Scan the five codes of the scanner card. What is set wrong is named with what to do. If the scanner "
        "does not read a code, F10 goes on without it. Then type the scanner's name or serial number: the "
        "result is signed and kept. Esc starts again."
    )
    codes: ClassVar[Mapping[str, type[Command]]] = {"CANCEL": Discard, "DONE": Sign}

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.readings: list[CardReading] = []
        self.verdict: CardVerdict | None = None
        self._event_id = session.tracker.new_event_id()
        self._second_suffixes = 0
        last = session.registry.scanner_checks.get(session.station.id)
        self._last = last.scanner if last is not None else ""

    def body(self) -> ComposeResult:
        """One text."""
        with Window(classes="pane -next") as window:
            yield Static(id="card", markup=False)
        name_pane(window, tr("Scanner card"), tr("five codes, in any order"))

    def on_mount(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.readings.clear()
        self.verdict = None
        self._second_suffixes = self.shell.second_suffixes
        self._show_card()

    @property
    def read(self) -> frozenset[str]:
        """The names of the codes that came, right or recognizably changed."""
        return judge([one.raw for one in self.readings]).read

    def _show_card(self) -> None:
        text = Text()
        if self.verdict is None:
            there = self.read
            for name in CARD_CODES:
                shape = DONE if name in there else TO_COME
                text.append(f"{shape} ", style=style_of(shape)).append(f"{name}\n")
            strange = len(self.readings) - len(there)
            if strange > 0:
                many = tr("{count} scans that are no code of the card\n", count=strange)
                text.append(tr("1 scan that is no code of the card\n") if strange == 1 else many)
            text.append(tr("\nScan each code of the scanner card."), style="bold")
            text.append(tr("\nF10 goes on without those that the scanner does not read."))
        else:
            text.append_text(_verdict_text(self.verdict))
            text.append(tr("\nType the scanner's name or serial number, then Enter."), style="bold")
            if self._last:
                text.append(tr("\n1 is {name}, as last time.", name=shown(self._last)))
        self.query_one("#card", Static).update(text)
        self.show_keys()

    def scan_typed(self, text: str, waiting: int) -> None:
        """A whole code on the line, and no Enter after it: the scanner sends none."""
        super().scan_typed(text, waiting)
        if self.verdict is None and any(wanted in text for wanted in CARD_CODES.values()):
            self.set_timer(_NO_END_WITHIN, lambda: self._unended(text))

    def _unended(self, text: str) -> None:
        if self.verdict is None and self.is_current and self._scan_field.typed == text:
            scan = self.shell.take_unended()
            if scan is not None:
                self._take(scan)

    async def take_scan(self, scan: RawScan) -> None:
        """A code of the card; after the verdict the scanner's name."""
        code = printed_code(scan.text)
        if code is not None and code.command is not None and code.command in self.codes:
            await self.take_code(code.command)
        elif not self.accepts(scan):
            return
        elif self.verdict is None:
            self._take(scan)
        else:
            await self._named(scan)

    def accepts(self, scan: RawScan) -> bool:
        """A choice of the training tray or a paste is no scan of the card; it may be the scanner's name."""
        if scan.mode is ReadMode.SIMULATED and self.verdict is None:
            self.show(check(tr("The training tray sends no scan."), tr("Scan the card with the scanner.")))
            return False
        if scan.mode is ReadMode.PASTED and self.verdict is None:
            self.show(check(tr("A paste is no scan."), tr("Scan the card with the scanner.")))
            return False
        return super().accepts(scan)

    def _take(self, scan: RawScan) -> None:
        raw = scan.text + _SUFFIXES.get(scan.ended_by, "")
        self.readings.append(CardReading(raw, scan.mode is ReadMode.MANUAL))
        self._show_card()
        left = len(CARD_CODES) - max(len(self.read), len(self.readings))
        if left > 0:
            self.show(ok(tr("Read. {count} more.", count=left)))
        else:
            self.set_timer(_LATER, self._judge)

    def _judge(self) -> None:
        if self.verdict is not None:
            return
        doubled = self.shell.second_suffixes - self._second_suffixes
        self.readings = [
            CardReading(one.raw + one.raw[-1:] * (place < doubled and one.raw[-1:] in _ENDS), one.typed)
            for place, one in enumerate(self.readings)
        ]
        self.verdict = verdict_of(self.readings)
        self._show_card()
        if self.verdict.passed:
            self.show(ok(tr("PASSED: the scanner is set right."), tr("Type its name to keep this.")))
        else:
            first = self.verdict.faults[0]
            self.show(check(tr("FAILED: {fault}", fault=first.message), first.remedy))

    async def _named(self, scan: RawScan) -> None:
        name = scan.text.strip()
        if scan.mode is ReadMode.SCANNED and self.verdict is not None and not self.verdict.passed:
            self.show(check(tr("What this scanner sends cannot be trusted."), tr("Type its name by hand.")))
            return
        if name == "1" and self._last:
            name = self._last
        if not 2 <= len(name) <= NAME_MAX or any(text in name for text in CARD_CODES.values()):
            self.show(check(tr("That is no name of a scanner."), tr("Type what stands on it, then Enter.")))
            return
        readings: list[Json] = [
            {"raw": one.raw, "mode": (ReadMode.MANUAL if one.typed else ReadMode.SCANNED).value}
            for one in self.readings
        ]
        head = {"actor": self.session.staff, "station": self.session.station.id}
        request = {"request": "check_scanner", "event_id": self._event_id, **head}
        outcome = await self.act({**request, "scanner": name, "readings": readings})
        if outcome is not None:
            self._kept(outcome)

    def _kept(self, outcome: Answer) -> None:
        if outcome.problem is not None:
            self.refused(outcome)
        elif self.verdict is not None and self.verdict.passed:
            self.close_with(ok(tr("Kept: the scanner passed."), tr("It counts for this shift.")))
        else:
            self.close_with(
                check(tr("Kept: the scanner FAILED."), tr("Have it set right, then scan the card once more."))
            )

    def why_not_sign(self) -> str | None:
        """F10 ends the scanning."""
        if self.verdict is not None:
            return tr("Type the scanner's name first.")
        return None if self.readings else tr("Scan the card first.")

    def action_sign(self) -> None:
        """Go on without the codes that are silent."""
        self._judge()

    def action_discard(self) -> None:
        """Start again; with nothing scanned, leave."""
        if not self.readings:
            self.close_with(ok(tr("The scanner card was left; nothing was kept.")))
            return
        self._begin()
        self.show(ok(tr("Started again: nothing was kept.")))


_ENDS: Final = frozenset(_SUFFIXES.values())


def _verdict_text(verdict: CardVerdict) -> Text:
    """Each fault in a sentence with its remedy, then what could be better."""
    word = f"{DONE} " + tr("PASSED") if verdict.passed else f"{BAD} " + tr("FAILED")
    text = Text().append(f"{word}\n", style=style_of(word))
    for fault in verdict.faults:
        text.append(f"{BAD} ", style="stop").append(f"{safe(fault.message)}\n", style="bold")
        text.append(f"  {safe(fault.remedy)}\n")
    for fault in verdict.advice:
        text.append(f"{LOOK} ", style="check").append(f"{safe(fault.message)} {safe(fault.remedy)}\n")
    return text


def scanner_due(session: TerminalSession, now: datetime) -> ShownAnswer | None:
    """The CHECK line of a station that asks for a check and has none of this shift; it blocks nobody."""
    found = scanner_check_due(session.registry, session.station.id, now)
    if found is None:
        return None
    if found.last is not None and not found.last.passed:
        line = tr("The scanner {name} did not pass its last check.", name=shown(found.last.scanner))
    else:
        line = tr("Scanner not checked this shift.")
    return check(line, tr("Ctrl+T, then F6: scan the scanner card. Work can go on."))
