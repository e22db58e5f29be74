"""Today with ten thousand therapies that are booked: what a coordinator waits for at seven in the morning.

The therapies are copies of the demo's. Their plans are put beside them, spread over twelve weeks, so that as
many are due, late and at risk as in a network of that size.
Run with `python -m tests.bench.bench_today [therapies]`.
"""

import asyncio
import gc
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from pathlib import Path

from schema.instants import format_instant
from schema.tables import PlanMilestoneRow, tuple_of
from tests.bench.crowd import Crowd
from tests.bench.table import Row, show
from tests.support.burst import BoardApp, rack
from tracker.demo import cast
from tracker.demo.run import build_demo
from tracker.ledger.store import Store
from tracker.local_time import ahead_of
from tracker.rules.bookable import site_of
from tracker.tracker import Tracker
from tui.screens.today import TodayScreen
from tui.session import TerminalSession

THERAPIES, TURNS, PAINTS = 10_000, 40, 7
TODAY_MS = 200
COORDINATOR, STATION = "COORD-A", "TREAT-A-01"
LATE, AT_RISK = 0.01, 0.01
RUNNING = ("tested", "made", "just enrolled")
WEEKS = 6
CHAIN = (
    ("collection", "COLL-A", None, None, 0), ("receipt", "MFG-1", "COLL-A", "COLLA-DRY-X", 1),
    ("manufacturing_start", "MFG-1", None, None, 2), ("release", "MFG-1", None, None, 23),
    ("delivery", "TREAT-A", "MFG-1", "TREAA-DRY-X", 24), ("lymphodepletion", "TREAT-A", None, None, 25),
    ("infusion", "TREAT-A", None, None, 30),
)  # fmt: skip
"""Days after a Monday: all of them, and the pick-ups a day before, are on days on which sites are open."""

MILESTONE = tuple_of(PlanMilestoneRow)


def open_mondays(url: str, now: datetime) -> list[datetime]:
    """On which a chain can begin: nothing of it falls on a closed day, on which a planner books nothing."""
    monday = datetime.combine(now.date() - timedelta(days=now.weekday()), day_time(15), UTC)
    tracker = Tracker.open(url=url, read_only=True)
    registry = tracker.registry
    sites = {code: site_of(registry, code, ahead_of(registry)) for _, code, *_ in CHAIN}
    tracker.close()
    return [
        began
        for began in (monday + timedelta(weeks=weeks) for weeks in range(-WEEKS, WEEKS + 1))
        if all(
            sites[site].why_not_on((began + timedelta(days=days)).date()) is None
            for _, site, _, _, days in CHAIN
        )
    ]


def plans(path: Path, url: str, now: datetime) -> None:
    """A plan for each running therapy, begun on some Monday; a few of them late or at risk."""
    draw = random.Random(5)
    mondays = open_mondays(url, now)
    connection = sqlite3.connect(path)
    cois = [row[0] for row in connection.execute("SELECT coi FROM therapy WHERE status = 'active'")]
    with Store.open(url) as store, store.begin() as transaction:
        for coi in cois:
            began = draw.choice(mondays)
            transaction.put_milestones(_rows(coi, began, now))
    for coi in cois:
        kind = draw.random()
        ahead = timedelta(hours=-3) if kind < LATE else timedelta(days=1 + 20 * draw.random())
        connection.execute(
            "UPDATE therapy SET waits_until = ?, breach_at = 'none', at_risk = ?, promised = '2099-01-01',"
            " stalled_at = NULL WHERE coi = ?",
            (format_instant(now + ahead), LATE <= kind < LATE + AT_RISK, coi),
        )
    connection.commit()
    connection.close()


def _rows(coi: str, began: datetime, now: datetime) -> Iterator[PlanMilestoneRow]:
    for name, site, origin, lane, days in CHAIN:
        starts = began + timedelta(days=days)
        yield MILESTONE(
            coi=coi, name=name, sequence=0, site=site, place=origin or site, resource=site,
            leaves_at=starts - timedelta(days=1) if origin else starts, starts_at=starts, ends_at=starts,
            lane=lane, done_at=starts if starts < now else None,
        )  # fmt: skip


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
    """Today of the network and of a site, warm and at once."""
    wanted = int(arguments[0]) if arguments else THERAPIES
    with tempfile.TemporaryDirectory() as name:
        demo = build_demo(folder=Path(name) / "demo")
        path = demo.folder / "cartrail.db"
        kinds = [
            one.coi for one in demo.therapies if one.outcome.startswith(("tested", "made", "just enrolled"))
        ]
        crowd = Crowd(path, kinds)
        crowd.grow(therapies=wanted)
        plans(path, crowd.url, datetime.now(UTC))
        tracker = Tracker.open(url=crowd.url, read_only=True)
        began = time.perf_counter()
        today = tracker.read.today()
        first = 1000 * (time.perf_counter() - began)
        named = f"{crowd.therapies:,} therapies, {today.exception_count} exceptions, {today.due_count} due"
        yield Row(f"Today of the network the first time, {named}", first, "ms")
        for title, site in (("the network", None), ("a manufacturer", "MFG-1"), ("a ward", "TREAT-A")):
            took = p95(lambda site=site: tracker.read.today(site=site))  # type: ignore[misc]
            yield Row(f"Today of {title}, p95", took, "ms", at_most=TODAY_MS)
        calling = len(tracker.read.alerts())
        yield Row(f"{calling:,} alerts of the network, p95", p95(tracker.read.alerts), "ms")
        began = time.perf_counter()
        count = sum(1 for _ in tracker.read.forecasts())
        yield Row(f"every forecast, {count:,} therapies", time.perf_counter() - began, "s")
        tracker.close()
        yield from painted(Path(name), crowd.url)


class PaintedToday(TodayScreen):
    """Today, which notes when it is painted."""

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.is_painted = asyncio.Event()

    def on_today_screen_loaded(self, _: TodayScreen.Loaded) -> None:
        """Textual calls this besides the screen's own."""
        self.call_after_refresh(self.is_painted.set)


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
            today = PaintedToday(session)
            gc.collect()
            began = clock()
            app.push_screen(today)
            await today.is_painted.wait()
            took = (clock() - began) * 1000
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
