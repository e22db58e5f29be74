"""The screens that home opens by a key of their own; a new one is a line here and nothing in home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from textual.screen import Screen

from tui.commands import Command
from tui.looking import ScannedThing
from tui.screens.bench import BenchScreen
from tui.screens.board import BoardScreen
from tui.screens.downtime import DowntimeScreen
from tui.screens.equipment import EquipmentScreen
from tui.screens.find import FindScreen
from tui.screens.labels import LabelsScreen
from tui.screens.measures import MeasuresScreen
from tui.screens.prepare import PrepareScreen
from tui.screens.rack import RackScreen
from tui.screens.rack.tally import Task
from tui.screens.selftest import SelfTestScreen
from tui.screens.shipments import ShipmentsScreen
from tui.screens.storage import StorageScreen
from tui.screens.today import TodayScreen
from tui.screens.watch import WatchScreen
from tui.session import TerminalSession


class ScreenCommand(Command):
    """A command of home that opens a screen of its own."""

    @classmethod
    def action(cls) -> str:
        """Home has one action for all of them."""
        return f"open_screen('{cls.name()}')"


class ShowBoard(ScreenCommand):
    """See every therapy: where it is, what is due, what is late."""

    key = "f6"
    footer = "Board"
    palette = "Show the board"


class ShowToday(ScreenCommand):
    """See what is late or will be, what is due and ready, and what is on the road."""

    key = "ctrl+y"
    footer = "Today"
    palette = "Show today"


class Shipments(ScreenCommand):
    """See the boxes on their way: what to fetch and to deliver, the next stop, how long each holds."""

    key = "ctrl+o"
    footer = "Shipments"
    palette = "My shipments"


class ClearBench(ScreenCommand):
    """Say that nothing of the therapy is left at this bench, so that the next one may come."""

    key = "ctrl+b"
    footer = "Bench"
    palette = "Clear the bench"


class ShowMeasures(ScreenCommand):
    """See how long it takes from vein to vein, what was late or warm, and how full the slots were."""

    key = "ctrl+v"
    footer = "Measures"
    palette = "Show the measures"


class SelfTest(ScreenCommand):
    """Try this terminal once a shift: sound and band of each answer; the result is kept."""

    key = "ctrl+t"
    footer = "Test"
    palette = "Try sound and bands of this terminal"


class Labels(ScreenCommand):
    """See where every printed label is, and account for those that are open."""

    key = "ctrl+l"
    footer = "Labels"
    palette = "Account for printed labels"


class Find(ScreenCommand):
    """Find therapies by code, person, box, place, day or lot, and read their trails as an auditor."""

    key = "ctrl+f"
    footer = "Find"
    palette = "Find in the record"


class RackScan(ScreenCommand):
    """Scan many things with one task: put away, retrieve, pack, unpack, count, take into a run."""

    key = "ctrl+r"
    footer = "Rack"
    palette = "Scan a rack"


class ShowStorage(ScreenCommand):
    """See the storage places of this site, what lies in which position, and count or restow one."""

    key = "ctrl+u"
    footer = "Storage"
    palette = "Show storage"


class ShowEquipment(ScreenCommand):
    """See where each box, shipper and logger is, which is charged and fit, until when, and which in use."""

    key = "ctrl+w"
    footer = "Shippers"
    palette = "Show shippers and loggers"


class PrepareProduct(ScreenCommand):
    """See what a product asks for while it is prepared: patient, certificate, dose, its own clock."""

    key = "ctrl+a"
    footer = "Prepare"
    palette = "Prepare a product"


class WatchPatient(ScreenCommand):
    """Watch a patient after the infusion: grades, medicines, what is due, what touched the cells."""

    key = "ctrl+d"
    footer = "Watch"
    palette = "Watch a patient"


class DowntimePapers(ScreenCommand):
    """Print a form for when systems are down, and see which forms are out, overdue or back."""

    key = "ctrl+n"
    footer = "Paper"
    palette = "Downtime papers"


Opener = Callable[[TerminalSession, ScannedThing | None], Screen[None]]
"""Makes a screen, given what is on home's at that moment."""


def _rack(session: TerminalSession, task: Task, place: ScannedThing | None) -> Screen[None]:
    return RackScreen(session, place, task=task)


OPENED_FROM_HOME: Final[Mapping[type[ScreenCommand], Opener]] = {
    ShowBoard: lambda session, _: BoardScreen(session),
    RackScan: RackScreen,
    Find: lambda session, _: FindScreen(session),
    Shipments: lambda session, _: ShipmentsScreen(session),
    ShowToday: lambda session, _: TodayScreen(session),
    ShowStorage: lambda session, _: StorageScreen(session, partial(_rack, session)),
    ShowEquipment: lambda session, _: EquipmentScreen(session),
    Labels: LabelsScreen,
    PrepareProduct: lambda session, subject: PrepareScreen(
        session, "" if subject is None or subject.therapy is None else subject.therapy.coi
    ),
    WatchPatient: lambda session, subject: WatchScreen(
        session, "" if subject is None or subject.therapy is None else subject.therapy.coi
    ),
    DowntimePapers: DowntimeScreen,
    ClearBench: lambda session, _: BenchScreen(session),
    ShowMeasures: lambda session, _: MeasuresScreen(session),
    SelfTest: lambda session, _: SelfTestScreen(session),
}
"""Each with its screen, the likeliest first."""

READ_FROM_HOME: Final[tuple[type[ScreenCommand], ...]] = (
    Find,
    ShowBoard,
    Shipments,
    ShowToday,
    ShowMeasures,
    Labels,
)
"""What somebody opens who only reads, such as an auditor."""


def opened(name: str, session: TerminalSession, subject: ScannedThing | None) -> Screen[None]:
    """The screen of the command with this name; a binding of home gives it."""
    return next(make(session, subject) for one, make in OPENED_FROM_HOME.items() if one.name() == name)
