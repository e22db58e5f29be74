"""A real terminal to be scanned at: every scan a durable event through the front door, the board behind it.

`python -m tests.support.burst DATABASE OUT TANK` puts cassettes away and takes them out again in turns, by a
protocol that asks no signature for it, and writes each answer to OUT as a line of JSON. Others are noted.
"""

from __future__ import annotations

import asyncio
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
from textual.app import ComposeResult
from textual.widgets import Static

from tests.bench.bench_tracker import adopt_unsigned
from tests.support import journeys
from tracker.clock import SimulatedClock
from tracker.demo import cast, stages
from tracker.demo.journey import Journey, scan
from tracker.demo.network import build_network
from tracker.people.passwords import WEAK
from tracker.requests.base import Scan as Given
from tracker.therapy.custody.requests import Retrieve, StoreUnits
from tracker.tracker import Environment, Tracker
from tui.answers import check, ok
from tui.framing import RawScan
from tui.screens.acting import ActingScreen
from tui.screens.board import BoardScreen
from tui.session import TerminalSession
from tui.shell import Shell
from tui.workers import in_thread

SITE, STAFF, STATION = "COLL-A", "TECH-A1", "COLL-A-02"
PASSWORD = cast.PASSWORD.format(staff=STAFF.lower())


@dataclass(frozen=True)
class Rack:
    """A store with frozen bags at one site, and the codes of their cassettes and of their tank."""

    path: Path
    cassettes: tuple[str, ...]
    cois: tuple[str, ...]
    tank: str
    others: tuple[str, ...] = ()
    """A therapy that is closed and one that was just enrolled, where they were asked for."""

    server_url: str = ""
    """A database of a server in place of the file."""

    @property
    def url(self) -> str:
        """The address of the store."""
        return self.server_url or f"sqlite:///{self.path}"


def rack(folder: Path, count: int, *, others: bool = False, server_url: str = "") -> Rack:
    """Therapies whose bags are in the tank, by a protocol whose storage steps ask no signature."""
    folder.mkdir(exist_ok=True)
    clock, chance = SimulatedClock(datetime(2026, 9, 1, 8, tzinfo=UTC)), random.Random(1)
    path = folder / "rack.db"
    network = build_network(
        server_url or f"sqlite:///{path}",
        config=folder,
        environment=Environment(clock, chance, WEAK),
        clock=clock,
        chance=chance,
    )
    adopt_unsigned(network)
    journeys = [Journey(network, "A", number) for number in range(1, count + 1)]
    for journey in journeys:
        journey.enroll()
        stages.collect_and_freeze(journey)
    beside = [Journey(network, "B", number) for number in (count + 1, count + 2)] if others else []
    for journey in beside:
        journey.enroll()
    for journey in beside[:1]:
        _to_the_end(journey)
    tank = scan(network.storage[SITE]).code
    network.tracker.close()
    return Rack(
        path,
        tuple(scan(journey.cassettes[journey.bag]).code for journey in journeys),
        tuple(journey.coi for journey in journeys),
        tank,
        tuple(journey.coi for journey in beside),
        server_url,
    )


def _to_the_end(journey: Journey) -> None:
    stages.collect_and_freeze(journey)
    box = journey.network.boxes["Dry shipper 3"]
    stages.receive_at_manufacturer(journey, box, stages.pick_up_leukapheresis(journey, box))
    journeys.manufacture(journey)
    journeys.release(journey)
    journeys.deliver_product(journey, journey.network.boxes["Dry shipper 4"])
    for unit in journey.products:
        stages.infuse(journey, unit)
    stages.close(journey)


class PutAway(ActingScreen):
    """Each scan of a cassette puts it away, or takes it out when it is in the tank."""

    about = "A bench for bursts."

    def __init__(self, session: TerminalSession, out: Path, tank: str) -> None:
        super().__init__(session)
        self._out = out.open("ab", buffering=0)
        self._tank = tank

    def body(self) -> ComposeResult:
        """Nothing but the answer."""
        yield Static("PUT AWAY", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self.note, {"ready": True})

    def note(self, line: dict[str, object]) -> None:
        """One line of JSON, whole."""
        self._out.write(orjson.dumps(line) + b"\n")

    async def take_scan(self, scan: RawScan) -> None:
        noted: dict[str, object] = {"text": scan.text, "mode": scan.mode.value}
        found = await in_thread(lambda: self.session.tracker.read.lookup(code=scan.text))
        if found.unit is None or found.therapy is None:
            self.note(noted)
            self.show(check("Noted."))
            return
        request_class = StoreUnits if found.unit.location is None else Retrieve
        tracker = self.session.tracker
        request = request_class(
            event_id=tracker.new_event_id(),
            actor=STAFF,
            station=STATION,
            units=(Given(code=scan.text),),
            location=Given(code=self._tank),
        )
        answer = await in_thread(lambda: tracker.record(request=request))
        (entry,) = answer.entries
        self.note({**noted, "kind": request.name, "chain": entry.chain, "sequence": entry.sequence})
        self.show(ok(request.name))

    def cancel(self) -> None:
        """Nothing is entered here."""


class PaintedBoard(BoardScreen):
    """The board, which notes when its first page is painted."""

    def __init__(self, session: TerminalSession, out: Path) -> None:
        super().__init__(session)
        self._noted = out
        self.is_painted = asyncio.Event()

    def on_board_screen_loaded(self, _: BoardScreen.Loaded) -> None:
        """Textual calls this besides the board's own."""
        self.call_after_refresh(self._note)

    def _note(self) -> None:
        self._noted.write_bytes(orjson.dumps({"painted": len(self.rows)}) + b"\n")
        self.is_painted.set()


class BoardApp(Shell):
    """The shell with nothing but the board."""

    def __init__(self, session: TerminalSession, out: Path) -> None:
        super().__init__(header=session.header)
        self.board = PaintedBoard(session, out)

    def on_mount(self) -> None:
        self.push_screen(self.board)


class BurstApp(Shell):
    """The shell as it is, with the board behind the screen that is scanned at."""

    def __init__(self, session: TerminalSession, out: Path, tank: str) -> None:
        super().__init__(header=session.header)
        self.session = session
        self._bench = PutAway(session, out, tank)

    def on_mount(self) -> None:
        self.push_screen(BoardScreen(self.session))
        self.push_screen(self._bench)


def main() -> None:
    """The terminal on a store; with a tank to be scanned at, else to show the board."""
    url, out, *tank = sys.argv[1:]
    tracker = Tracker.open(url=url)
    session = TerminalSession.at(tracker, STATION)
    session.signer = tracker.unlock(staff=STAFF, password=PASSWORD, station=STATION)
    app = BurstApp(session, Path(out), tank[0]) if tank else BoardApp(session, Path(out))
    app.run()
    tracker.close()


if __name__ == "__main__":
    main()
