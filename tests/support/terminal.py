"""A terminal for tests: one bench screen in the shell, and hands that scan and type into it."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timedelta, timezone

from textual import events
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Button, DataTable, Input
from textual.worker import WorkerCancelled

import tests.support.style_sheets  # noqa: F401
from schema.errors import BadCode
from schema.identifiers import first_copy
from schema.vocabulary import Purpose
from tui.answers import ok
from tui.framing import EOT, GS, RS, RawScan
from tui.glyphs import GlyphSet
from tui.screens.base import BaseScreen
from tui.shell import Shell
from tui.widgets.lines import HeaderView

CODE = first_copy("UD234567892").text
BADGE = first_copy("PD234567892").text
CODES = [first_copy(f"UD23456{a}{b}{c}2").text for a in "23456" for b in "23456" for c in "2345"]
KEY_NAMES = {
    GS: "ctrl+right_square_bracket",
    RS: "ctrl+circumflex_accent",
    EOT: "ctrl+d",
    "\r": "enter",
    "\t": "tab",
    "\n": "ctrl+j",
}
HEADER = HeaderView(
    Purpose.DEMO,
    "CHI",
    "CHI-LAB-1",
    "Ada Lab",
    datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=1))),
)


class BenchScreen(BaseScreen):
    """A task screen that keeps every scan it is given."""

    about = "A bench for tests."

    def __init__(self) -> None:
        super().__init__()
        self.scans: list[RawScan] = []
        self.discarded: list[RawScan] = []
        self.submitted: list[str] = []
        self.pressed = 0
        self.blocks_for = 0.0

    def body(self) -> ComposeResult:
        yield Input(id="remark")
        yield Input(id="secret", password=True)
        yield Input(id="number", restrict=r"[0-9]*", max_length=6)
        yield Button("Go")
        yield DataTable[object]()

    async def take_scan(self, scan: RawScan) -> None:
        if self.blocks_for:
            time.sleep(self.blocks_for)  # noqa: ASYNC251 - a fault of ours that must not cost a scan
        if scan.text == "RAISE":
            raise BadCode("RAISE is not a code.")
        if scan.text == "FAULT":
            raise ZeroDivisionError
        self.scans.append(scan)
        self.show(ok(scan.text))

    def scan_overlong(self, scan: RawScan) -> None:
        self.scans.append(scan)
        super().scan_overlong(scan)

    def scan_discarded(self, scan: RawScan) -> None:
        self.discarded.append(scan)
        super().scan_discarded(scan)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.submitted.append(event.value)

    def on_button_pressed(self) -> None:
        self.pressed += 1

    @property
    def texts(self) -> list[str]:
        """What was scanned, in order."""
        return [scan.text for scan in self.scans]


class BenchApp(Shell):
    """The shell with one bench."""

    def __init__(self, *, glyphs: GlyphSet = GlyphSet.FULL, view: HeaderView = HEADER) -> None:
        super().__init__(header=lambda: view, glyphs=glyphs)
        self.bench = BenchScreen()

    def on_mount(self) -> None:
        self.push_screen(self.bench)


def key(char: str, *, at: float | None = None) -> events.Key:
    """One key as the terminal's parser makes it; a separator has a name and no character."""
    event = events.Key(KEY_NAMES.get(char, char), None if char in KEY_NAMES else char)
    if at is not None:
        event.time = at
    return event


def burst(app: Shell, text: str) -> None:
    """Type as a scanner does: all at once, whatever else the machine has to do meanwhile."""
    start = time.monotonic()
    for char in text:
        app.post_message(key(char, at=start))


def by_hand(app: Shell, text: str) -> float:
    """Type as a person does: 120 ms between keys, without waiting for them; gives when the last is down."""
    start = time.monotonic()
    for index, char in enumerate(text):
        app.post_message(key(char, at=start + 0.12 * index))
    return start + 0.12 * len(text)


async def settle(pilot: Pilot[None]) -> None:
    """Wait until every scan has been answered."""
    for _ in range(3):
        await pilot.pause()
        with suppress(WorkerCancelled):  # a dialog that is left takes its check with it
            await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def painted(app: Shell) -> str:
    """What stands on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)
