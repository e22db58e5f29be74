"""A rack scan through the real screen with 10,000 therapies behind it: scans a minute, scan to answer, home.

Run with `python -m tests.bench.bench_rack [therapies] [folder]`.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.crowd import Crowd
from tests.bench.table import Row, show, size_and_folder
from tests.support.burst import PASSWORD, STAFF, STATION, Rack, rack
from tests.support.terminal import burst
from tracker.clock import SimulatedClock
from tracker.people.passwords import WEAK
from tracker.tracker import Environment, Tracker
from tui.app import CartrailApp
from tui.screens.home import HomeScreen
from tui.screens.rack import RackScreen
from tui.screens.rack.tally import RETRIEVE
from tui.screens.rack.tally import Rack as Tally
from tui.session import TerminalSession

THERAPIES, BAGS, OPENINGS = 10_000, 60, 10
PATIENCE = 60.0
SCAN_TO_ANSWER = 100
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


async def until(there: Callable[[], bool]) -> float:
    """Milliseconds until something is so."""
    began = time.perf_counter()
    while not there():
        await asyncio.sleep(0.001)
        if time.perf_counter() - began > PATIENCE:
            raise SystemExit("The terminal gave no answer.")
    return (time.perf_counter() - began) * 1000


async def homes(app: CartrailApp) -> list[float]:
    """Milliseconds from opening home to its list of what waits."""
    took = []
    for _ in range(OPENINGS):
        screen = HomeScreen(app.session)
        began = time.perf_counter()
        app.push_screen(screen)
        await until(lambda screen=screen: screen.waiting.worklist is not None)  # type: ignore[misc]
        took.append((time.perf_counter() - began) * 1000)
        app.pop_screen()
    return took


async def placed(app: CartrailApp, screen: RackScreen, tank: str) -> None:
    """Scan the tank, again where the scan began before the screen was there and was thrown away."""
    rack = screen.rack
    while rack is not None and rack.place is None:
        before = screen.answers.answer
        burst(app, tank + "\r")
        await until(lambda before=before: screen.answers.answer is not before)  # type: ignore[misc]


async def scanned(app: CartrailApp, given: Rack) -> list[Row]:
    """One set in one burst, signed, and one after the other."""
    screen = RackScreen(app.session)
    app.push_screen(screen)
    await until(lambda: screen.scans_from > 0)
    screen.rack = Tally(RETRIEVE)
    screen.event_id = app.session.tracker.new_event_id()
    await placed(app, screen, given.tank)
    taken = screen.rack.taken
    for code in given.cassettes:
        burst(app, code + "\r")
    took = await until(lambda: len(taken) == len(given.cassettes))
    rows = [Row(f"rack, {len(taken)} scans in one burst, each", took / len(taken), "ms")]
    screen.rack.clear()
    await placed(app, screen, given.tank)
    times = []
    for number, code in enumerate(given.cassettes, 1):
        burst(app, code + "\r")
        times.append(await until(lambda number=number: len(taken) == number))  # type: ignore[misc]
    times.sort()
    p95 = times[len(times) * 95 // 100]
    rows.append(Row("rack, scan to answer one after the other, p50", statistics.median(times), "ms"))
    rows.append(Row("rack, scan to answer one after the other, p95", p95, "ms", at_most=SCAN_TO_ANSWER))
    screen.do(screen.finish())
    ended = await until(lambda: not taken)
    rows.append(Row(f"rack, the set of {len(given.cassettes)} therapies recorded in one act", ended, "ms"))
    return rows


async def measured(given: Rack) -> list[Row]:
    """Home and one rack on a store, without a terminal."""
    tracker = Tracker.open(url=given.url, environment=Environment(SimulatedClock(NOW), cost=WEAK))
    app = CartrailApp(TerminalSession.at(tracker, STATION))
    async with app.run_test(size=(80, 24)) as pilot:
        app.session.signer = tracker.unlock(staff=STAFF, password=PASSWORD, station=STATION)
        await pilot.pause()
        first, *later = await homes(app)
        rows = [
            Row("home to its list, first", first, "ms"),
            Row("home to its list, later", statistics.median(later), "ms"),
            *await scanned(app, given),
        ]
    tracker.close()
    return rows


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """The same with few therapies and with a crowd."""
    therapies, base = size_and_folder(arguments, THERAPIES)
    with tempfile.TemporaryDirectory(dir=base) as name:
        given = rack(Path(name) / "rack", BAGS, others=True)
        crowd = Path(name) / "rack" / "crowd.db"
        crowd.write_bytes(given.path.read_bytes())
        yield from titled(f"{BAGS + 2} therapies", asyncio.run(measured(given)))
        closed, enrolled = given.others
        grown = Crowd(crowd, (closed, given.cois[0], given.cois[1], *(enrolled,) * 5))
        grown.grow(therapies=therapies)
        behind = Rack(crowd, given.cassettes, given.cois, given.tank)
        yield from titled(f"{grown.therapies:,} therapies", asyncio.run(measured(behind)))


def titled(store: str, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, each saying what store it was measured on."""
    return (replace(row, title=f"{row.title}, {store}") for row in rows)


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
