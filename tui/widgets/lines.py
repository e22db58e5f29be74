"""The one-line parts of every screen: header, scan field and line of keys, with their presenters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.widgets import Static

from schema.vocabulary import Purpose
from tui.answers import safe, shown
from tui.commands import Command, key_line
from tui.language import tr

BANNERS: Final = {
    Purpose.DEMO: tr("DEMO, NOT FOR PATIENTS"),
    Purpose.TRAINING: tr("TRAINING, NOT FOR PATIENTS"),
    Purpose.VALIDATION: tr("VALIDATION, NOT FOR PATIENTS"),
    Purpose.PRODUCTION: tr("PRODUCTION"),
}

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
    log_waits: bool = False
    """Whether the log did not take in, or did not sign, what was recorded; it stays until that is mended."""
    hub_absent: bool = False
    """Whether the hub has not been heard of for minutes: nothing is signed, no downtime report made."""


def clock_words(now: datetime) -> str:
    """Time of day with its offset, so that nobody has to guess the zone."""
    return now.strftime("%H:%M:%S ") + now.isoformat()[-6:]


def header_text(view: HeaderView, *, width: int) -> Text:
    """One line: banner, place and person on the left, cut where too long; the clock always on the right."""
    banner = f" {BANNERS[view.purpose]} "
    clock = f" {clock_words(view.now)} "
    if view.log_waits:
        clock = f" {tr('! LOG NOT SIGNED')} {clock}"
    elif view.hub_absent:
        clock = f" {tr('! NO HUB')} {clock}"
    place = f" {view.site} {view.station} | {view.person or tr('nobody signed in')}"
    room = max(width - cell_len(banner) - cell_len(clock), 0)
    line = Text(no_wrap=True, overflow="crop")
    line.append(banner, style="bold reverse")
    return line.append(set_cell_size(safe(place), room)).append(clock, style="bold")


def scan_text(typed: str, *, waiting: int, width: int) -> Text:
    """The scan field: what is being typed by hand, its end always visible, and how many scans wait."""
    label = f" {tr('SCAN OR TYPE A CODE')}: "
    wait = f" {tr('{count} waiting', count=waiting)} " if waiting else ""
    room = max(width - len(label) - len(wait) - 1, 1)
    line = Text(no_wrap=True, overflow="crop")
    line.append(label, style="bold").append(shown(typed)[-room:]).append("_")
    return line.append(wait.rjust(max(width - line.cell_len, len(wait))))


class HeaderBar(Static):
    """The first line of every screen."""

    DEFAULT_CSS = "HeaderBar { height: 1; background: $primary; color: $background; }"

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, view: HeaderView) -> None:
        """Show the facts of this moment."""
        self.update(header_text(view, width=self.app.size.width), layout=False)


class ScanField(Static):
    """Where typed codes can be seen; it never has the focus and needs none."""

    DEFAULT_CSS = "ScanField { height: 1; background: $surface; color: $foreground; }"

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.typed = ""
        self.waiting = 0

    def on_mount(self) -> None:
        self.show("", 0)

    def show(self, typed: str, waiting: int) -> None:
        """Show what has been typed and how many scans wait."""
        self.typed, self.waiting = typed, waiting
        self.update(scan_text(typed, waiting=waiting, width=self.app.size.width), layout=False)


class KeyBar(Static):
    """The last line of every screen; a second one for commands of the screen's own."""

    DEFAULT_CSS = (
        "KeyBar { height: auto; max-height: 2; background: $panel; color: $foreground; padding: 0 1; }"
    )

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(
        self,
        fixed: tuple[type[Command], ...],
        own: tuple[type[Command], ...],
        *,
        offered: frozenset[type[Command]],
    ) -> None:
        """Show the fixed keys and, on a line of their own, the screen's."""
        lines = [key_line(fixed, offered=offered)]
        if own:
            lines.append(key_line(own, offered=offered))
        self.update(Text("\n", no_wrap=True, overflow="crop").join(lines))
