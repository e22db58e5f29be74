"""The one-line parts of every screen: the header in its parts, and the line that asks for a scan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from schema.vocabulary import Purpose
from tui.answers import safe
from tui.glyphs import LOOK, NEXT
from tui.language import tr
from tui.widgets.room import WIDE_FROM

BANNERS: Final = {
    Purpose.DEMO: tr("DEMO · NOT FOR PATIENTS"),
    Purpose.TRAINING: tr("TRAINING · NOT FOR PATIENTS"),
    Purpose.VALIDATION: tr("VALIDATION · NOT FOR PATIENTS"),
}
"""Of every store but one in production, where nothing has this color."""

CLOCK_EVERY: Final = 1.0
"""Seconds between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class HeaderView:
    """What the header says: where one is, who one is, and what time the ledger will be given."""

    purpose: Purpose
    site: str
    station: str
    person: str | None
    """The printed name of who is signed in."""
    now: datetime
    """The station's clock, with its offset."""
    place: str = ""
    """Where the station stands, in words; shown where there is room."""
    log_waits: bool = False
    """Whether the log did not take in, or did not sign, what was recorded; it stays until that is mended."""
    hub_absent: bool = False
    """Whether the hub has not been heard of for minutes: nothing is signed, no downtime report made."""
    as_of: datetime | None = None
    """When what is shown was read, where the store has not answered since."""


def clock_words(now: datetime) -> str:
    """Time of day with its offset, so that nobody has to guess the zone."""
    return now.strftime("%H:%M:%S ") + now.isoformat()[-6:]


def place_words(view: HeaderView, *, is_wide: bool) -> str:
    """The station; in a wide window where it stands, too."""
    return f"{view.station} · {view.place}" if is_wide and view.place else view.station


def alert_words(view: HeaderView) -> str:
    """What is wrong with the store behind everything that is shown; empty when nothing is."""
    if view.as_of is not None:
        return f"{LOOK} " + tr("AS OF {time}", time=f"{view.as_of:%H:%M}")
    if view.log_waits:
        return f"{LOOK} " + tr("LOG NOT SIGNED")
    return f"{LOOK} " + tr("NO HUB") if view.hub_absent else ""


def scan_text(prompt: str, typed: str, *, waiting: int, width: int) -> Text:
    """What to scan now, or what is being typed, its end always visible; how many scans wait."""
    wait = f" {tr('{count} waiting', count=waiting)} " if waiting else ""
    room = max(width - cell_len(wait) - 6, 1)
    # A wedge types a thousand characters as quickly as ten: of those only the end is looked at.
    said = safe(typed[-room:] or prompt)
    line = Text(f" {NEXT} ", style="key", no_wrap=True, overflow="crop", end="")
    text = Text(no_wrap=True, overflow="crop", end="")
    text.append_text(line).append(said[-room:] if typed else said[:room], style="bold")
    text.append(" ▌", style="key")
    return text.append(wait.rjust(max(width - text.cell_len, 0)), style="check" if waiting else "")


class HeaderBar(Widget):
    """The first line of every screen: is this real, where, who, when."""

    DEFAULT_CSS = """
    HeaderBar {
        layout: horizontal;
        height: 1;
        background: $panel;
        color: $foreground;
        & > Static { width: auto; height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #purpose { background: $accent; color: $on-accent; text-style: bold; }
        & > #place { width: 1fr; }
        & > #alert { color: $warning; text-style: bold; }
        & > #person { max-width: 35%; }
        & > #clock { text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._parts = {
            name: Static(id=name, markup=False) for name in ("purpose", "place", "alert", "person", "clock")
        }
        self._said: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        yield from self._parts.values()

    def show(self, view: HeaderView) -> None:
        """Show the facts of this moment; only what has changed is drawn again."""
        words = {
            "purpose": BANNERS.get(view.purpose, ""),
            "place": place_words(view, is_wide=self.size.width >= WIDE_FROM),
            "alert": alert_words(view),
            "person": view.person or tr("nobody signed in"),
            "clock": clock_words(view.now),
        }
        for name, said in words.items():
            before = self._said.get(name)
            if said != before:
                self._parts[name].display = bool(said)
                self._parts[name].update(
                    safe(said), layout=before is None or cell_len(said) != cell_len(before)
                )
        self._said = words


class ScanField(Static):
    """What to scan now, and what is being typed; it never has the focus and needs none."""

    DEFAULT_CSS = "ScanField { height: 1; background: $surface; color: $foreground; }"

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.prompt = ""
        self.typed = ""
        self.waiting = 0

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def ask(self, prompt: str) -> None:
        """Say what is to be scanned now."""
        if prompt != self.prompt:
            self.prompt = prompt
            self._draw()

    def show(self, typed: str, waiting: int) -> None:
        """Show what has been typed and how many scans wait."""
        self.typed, self.waiting = typed, waiting
        self._draw()

    def _draw(self) -> None:
        if self.is_attached:
            width = self.app.size.width
            text = scan_text(self.prompt, self.typed, waiting=self.waiting, width=width)
            self.update(text, layout=False)
