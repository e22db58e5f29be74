"""The screens that home opens by a key of their own; a new one is a line here and nothing in home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.text import Text
from textual.screen import Screen

from tui.commands import Command
from tui.language import tr
from tui.looking import Subject
from tui.screens.bench import BenchScreen
from tui.screens.board import BoardScreen
from tui.screens.downtime import DowntimeScreen
from tui.screens.find import FindScreen
from tui.screens.labels import LabelsScreen
from tui.screens.rack import RackScreen
from tui.screens.scanner import ScannerScreen
from tui.screens.selftest import SelfTestScreen
from tui.screens.shipments import ShipmentsScreen
from tui.session import Session


class Board(Command):
    """See every therapy: where it is, what is due, what is late."""

    key = "f6"
    footer = "Board"
    palette = "Show the board"


@dataclass(frozen=True, slots=True)
class Room:
    """A command of home and the screen it opens, with what is on the screen at that moment."""

    command: type[Command]
    open: Callable[[Session, Subject | None], Screen[None]]
    why_not: Callable[[Session, Subject | None], str | None] = lambda _, __: None
    """Why it cannot be entered now, in a sentence; None when it can."""


class Shipments(Command):
    """See the boxes on their way: what to fetch and to deliver, the next stop, how long each holds."""

    key = "ctrl+o"
    footer = "Ship"
    palette = "My shipments"


class ClearBench(Command):
    """Say that nothing of the therapy is left at this bench, so that the next one may come."""

    key = "ctrl+b"
    footer = "Bench"
    palette = "Clear the bench"


class SelfTest(Command):
    """Try this terminal once a shift: sound and flash of each answer; the result is kept."""

    key = "ctrl+t"
    footer = "Test"
    palette = "Try sound and flash of this terminal"


class Labels(Command):
    """See what became of every printed label, and account for those that are open."""

    key = "ctrl+l"
    footer = "Labels"
    palette = "Account for printed labels"


class Find(Command):
    """Find therapies by code, person, box, place, day or lot, and read their trails as an auditor."""

    key = "ctrl+f"
    footer = "Find"
    palette = "Find in the record"


class CheckScanner(Command):
    """Scan the scanner card once a shift: what is set wrong is named, and the result is kept."""

    key = "ctrl+e"
    footer = "Card"
    palette = "Check the scanner with its card"


class RackScan(Command):
    """Scan many things with one task: put away, retrieve, pack, unpack, count, take into a run."""

    key = "ctrl+r"
    footer = "Rack"
    palette = "Scan a rack"


class DowntimePapers(Command):
    """Print a form for when systems fail, and see which forms are out, overdue or come back."""

    key = "ctrl+n"
    footer = "Paper"
    palette = "Downtime papers"


ROOMS: tuple[Room, ...] = (
    Room(Board, lambda session, _: BoardScreen(session)),
    Room(RackScan, RackScreen),
    Room(Find, lambda session, _: FindScreen(session)),
    Room(Shipments, lambda session, _: ShipmentsScreen(session)),
    Room(Labels, LabelsScreen),
    Room(DowntimePapers, DowntimeScreen),
    Room(ClearBench, lambda session, _: BenchScreen(session)),
    Room(SelfTest, lambda session, _: SelfTestScreen(session)),
    Room(CheckScanner, lambda session, _: ScannerScreen(session)),
)


CORRIDOR: tuple[type[Command], ...] = tuple(
    room.command for room in ROOMS if room.command.key.startswith("ctrl+")
)
"""Rooms whose keys stand in a line of their own, so that the line of keys stays short."""


def corridor_line(offered: frozenset[type[Command]]) -> Text:
    """The keys of the rooms, `^R` for Ctrl and R; what cannot be entered now in small letters."""
    line = Text("", no_wrap=True, overflow="ellipsis")
    for command in CORRIDOR:
        line.append("  " if line else "")
        word = tr(command.footer).upper() if command in offered else tr(command.footer).lower()
        line.append(f"^{command.key[-1].upper()} {word}", style="bold" if command in offered else "")
    return line


def room_of(command: type[Command]) -> Room | None:
    """The room a command leads to."""
    return next((room for room in ROOMS if room.command is command), None)
