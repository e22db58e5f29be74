"""Today with ten thousand therapies that live by their plans: what a coordinator waits for in the morning.

The therapies are copies of those of a demo with a network that plans, with what was booked for each. Of those
copies two in a hundred are late, at risk or in breach, as one of the demo is; then more of these are added,
until they are a fifth of all.
Run with `python -m tests.bench.bench_today [therapies]`.
"""

import asyncio
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench.crowd import Crowd
from tests.bench.table import Row, show
from tests.support.burst import BoardApp, rack
from tracker.demo import cast
from tracker.demo.run import build_demo
from tracker.rules.measures.figures import MeasureWish
from tracker.rules.standing import Standing
from tracker.tracker import Tracker
from tracker.values import exceptions_of
from tracker.views.finding import SoughtIdentifier
from tui.screens.today import TodayScreen
from tui.session import TerminalSession

THERAPIES, TURNS, PAINTS = 10_000, 40, 7
DEMO_THERAPIES = 78
"""Of them some thirty live by a plan at any time."""

TODAY_MS = 200
ONE_IN, THEN_ONE_IN = 50, 5
"""How many therapies there are to one that is not in order."""

COORDINATOR, STATION = "COORD-A", "TREAT-A-01"

IN_ORDER = (Standing.ON_TRACK, Standing.NOT_STARTED)


def planned(url: str) -> tuple[list[str], list[str]]:
    """The running therapies of which something is booked and nothing is in a box: in order, and not."""
    tracker = Tracker.open(url=url, read_only=True)
    with tracker.store.read() as transaction:
        known = [
            one
            for one in tracker.read.forecasts()
            if any(not milestone.is_done for milestone in one.milestones)
            and all(unit.box is None for unit in transaction.units_of(one.coi))
        ]
    tracker.close()
    in_order = [one.coi for one in known if one.standing in IN_ORDER]
    return in_order, [one.coi for one in known if one.standing not in IN_ORDER]


def mixed(in_order: Sequence[str], bad: Sequence[str]) -> list[str]:
    """In which order they are multiplied: one of so many is not in order."""
    return [
        bad[place // ONE_IN] if place % ONE_IN == 0 else in_order[place % len(in_order)]
        for place in range(ONE_IN * len(bad))
    ]


def p95(ask: Callable[[], object]) -> float:
    """How long a question takes, in milliseconds, in 19 of 20 times; the first, cold one is left out."""
    ask()
    times = []
    for _ in range(TURNS):
        began = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.quantiles(times, n=20)[-1]


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """What is asked in the morning with a few exceptions and with many; the first paint with a few."""
    wanted = int(arguments[0]) if arguments else THERAPIES
    with tempfile.TemporaryDirectory() as name:
        demo = build_demo(folder=Path(name) / "demo", therapies=DEMO_THERAPIES)
        path = demo.folder / "cartrail.db"
        in_order, bad = planned(demo.url)
        crowd = Crowd(path, mixed(in_order, bad))
        crowd.grow(therapies=wanted)
        yield from asked(crowd, at_most=TODAY_MS)
        yield from painted(Path(name), crowd.url)
        yield from searched(crowd)
        many = wanted // THEN_ONE_IN - wanted // ONE_IN
        worse = Crowd(path, bad)
        worse.grow(therapies=worse.therapies + many * THEN_ONE_IN // (THEN_ONE_IN - 1))
        yield from asked(worse)


def asked(crowd: Crowd, at_most: float | None = None) -> Iterator[Row]:
    """Today of the network and of a site, and what stands beside it, warm and at once."""
    tracker = Tracker.open(url=crowd.url, read_only=True)
    began = time.perf_counter()
    today = tracker.read.today()
    first = 1000 * (time.perf_counter() - began)
    known = f"{crowd.therapies:,} therapies, {today.exception_count:,} exceptions"
    yield Row(f"Today of the network the first time, {known}, {today.due_count:,} due", first, "ms")
    for title, site in (("the network", None), ("a manufacturer", "MFG-1"), ("a ward", "TREAT-A")):
        took = p95(lambda site=site: tracker.read.today(site=site))  # type: ignore[misc]
        yield Row(f"Today of {title}, {known}, p95", took, "ms", at_most=at_most)
    took = p95(lambda: tracker.read.board_page(limit=50))
    yield Row(f"first page of the board, {known}, p95", took, "ms", at_most=at_most)
    began = time.perf_counter()
    calling = len(tracker.read.alerts())
    yield Row(f"{calling:,} alerts the first time, {known}", time.perf_counter() - began, "s")
    yield Row(f"{calling:,} alerts, {known}, p95", p95(tracker.read.alerts), "ms")
    took = p95(lambda: exceptions_of(tracker.read.today(), tracker.read.alerts()))
    yield Row(f"board --today, {known}, p95", took, "ms")
    began = time.perf_counter()
    count = sum(1 for _ in tracker.read.forecasts())
    yield Row(f"every forecast, {count:,} therapies", time.perf_counter() - began, "s")
    yield from beside(tracker, f"{crowd.therapies:,} therapies")
    tracker.close()


def beside(tracker: Tracker, known: str) -> Iterator[Row]:
    """What else is looked at in the morning: the tanks, the measures of all, and a patient by a number."""
    place = next(one.id for one in tracker.registry.locations.values() if one.site == "COLL-A")
    yield Row(f"storage map, {known}, p95", p95(lambda: tracker.read.storage_map(location=place)), "ms")
    yield Row(f"storage of a site, {known}, p95", p95(lambda: tracker.read.storage(site="COLL-A")), "ms")
    took = statistics.median(once(lambda: tracker.read.measures(MeasureWish())) for _ in range(3))
    yield Row(f"all measures, {known}", took, "s")


def searched(crowd: Crowd) -> Iterator[Row]:
    """A patient looked for by a number that nobody has; that it was asked is noted each time."""
    tracker = Tracker.open(url=crowd.url)
    password = cast.PASSWORD.format(staff=COORDINATOR.lower())
    tracker.unlock(staff=COORDINATOR, password=password, station=STATION)
    sought = SoughtIdentifier("no patient has this")
    asked = {"staff": COORDINATOR, "station": STATION, "form": "table", "signed_in": True}
    took = p95(lambda: tracker.audit.search_identifier(sought, **asked))  # type: ignore[arg-type]
    yield Row(f"a patient by a number, {crowd.therapies:,} therapies, p95", took, "ms")
    tracker.close()


def once(ask: Callable[[], object]) -> float:
    """How long it takes in seconds."""
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


class PaintedToday(TodayScreen):
    """Today, which notes when its first lines are painted; the rest is read after them."""

    def __init__(self, session: TerminalSession, clock: Callable[[], float]) -> None:
        super().__init__(session)
        self._clock = clock
        self.painted_at = 0.0
        self.is_painted = asyncio.Event()
        self.is_whole = asyncio.Event()

    def on_today_screen_loaded(self, _: TodayScreen.Loaded) -> None:
        """Textual calls this besides the screen's own, and before it."""
        self.call_after_refresh(self._note)

    def _note(self) -> None:
        if not self.is_painted.is_set():
            self.painted_at = self._clock()
            self.is_painted.set()

    def on_today_screen_called(self, _: TodayScreen.Called) -> None:
        """The alerts came, which are read last."""
        self.is_whole.set()


async def opened(url: str, folder: Path, clock: Callable[[], float]) -> float:
    """Milliseconds from opening Today to its lines on the screen, warm, without a terminal."""
    took = 0.0
    tracker = Tracker.open(url=url)
    session = TerminalSession.at(tracker, STATION)
    password = cast.PASSWORD.format(staff=COORDINATOR.lower())
    session.signer = tracker.unlock(staff=COORDINATOR, password=password, station=STATION)
    app = BoardApp(session, folder / "out.jsonl")
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            today = PaintedToday(session, clock)
            gc.collect()
            began = clock()
            app.push_screen(today)
            await today.is_painted.wait()
            took = (today.painted_at - began) * 1000
            await today.is_whole.wait()
            await app.workers.wait_for_complete()
            await pilot.pause()
    tracker.close()
    return took


def painted(folder: Path, url: str) -> Iterator[Row]:
    """First paint with the crowd against an empty store, in turns."""
    none = rack(folder / "none", 0).url
    for clock, words in ((time.perf_counter, ""), (time.process_time, " in CPU time")):
        pairs = [
            tuple(asyncio.run(opened(each, folder, clock)) for each in (none, url)) for _ in range(PAINTS)
        ]
        little, large = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(many / few for few, many in pairs)
        yield Row(f"Today opened to first paint{words}, against an empty store", ratio, "x", at_most=1.25)
        yield Row(f"Today opened to first paint{words}: with the crowd", large, "ms")
        yield Row(f"Today opened to first paint{words}: without", little, "ms")


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
