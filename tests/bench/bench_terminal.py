"""The terminal with 10,000 therapies behind it: first paint of the board, bursts, and scan to answer.

First paint is measured against the same with no therapy, in turns: from opening the board's screen, and from
starting the program in a terminal. Every scan is a durable event of a bag that goes in or out of its tank.
Run with `python -m tests.bench.bench_terminal [therapies] [folder]`.
"""

import asyncio
import gc
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.bench.crowd import Crowd
from tests.bench.table import Row, show, size_and_folder
from tests.support.burst import STATION, BoardApp, PaintedBoard, Rack, rack
from tests.support.terminals import terminal
from tracker.tracker import Tracker
from tui.session import TerminalSession

THERAPIES, TURNS, SCANS = 10_000, 15, 100
FIRST_PAINT, SCAN_TO_ANSWER = 1.25, 100
SCREEN = 50
"""Lines enough to fill a screen: against these only what a crowd costs is left, not what lines cost."""


async def opened(url: str, out: Path, clock: Callable[[], float]) -> float:
    """Milliseconds from opening the board's screen to its first page on it, without a terminal."""
    tracker = Tracker.open(url=url, read_only=True)
    app = BoardApp(TerminalSession.at(tracker, STATION), out)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.board.is_painted.wait()
        # What lies below the first page of the board behind would be read while this one opens.
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        # The second time everything of the framework is warm, and only the board's own work is left.
        again = PaintedBoard(TerminalSession.at(tracker, STATION), out)
        gc.collect()
        began = clock()
        app.push_screen(again)
        await again.is_painted.wait()
        took = (clock() - began) * 1000
    tracker.close()
    return took


def in_loop(out: Path, clock: Callable[[], float], url: str) -> float:
    """The same from outside."""
    return asyncio.run(opened(url, out, clock))


def started(out: Path, url: str) -> float:
    """Milliseconds from starting the program in a terminal to the first page of the board."""
    out.unlink(missing_ok=True)
    began = time.perf_counter()
    with terminal(["-m", "tests.support.burst", url, str(out)], out) as shown:
        shown.wait(lambda: bool(shown.lines()), what="the board")
        took = (time.perf_counter() - began) * 1000
        shown.leave()
    return took


def in_turns(title: str, measure: Callable[[str], float], none: str, many: str) -> Iterator[Row]:
    """The same with none and with many, one after the other."""
    pairs = [(measure(none), measure(many)) for _ in range(TURNS)]
    ratio = statistics.median(large / little for little, large in pairs)
    little, large = (statistics.median(column) for column in zip(*pairs, strict=True))
    yield Row(title, ratio, "x", at_most=FIRST_PAINT)
    yield Row(f"{title}: with the crowd", large, "ms")
    yield Row(f"{title}: without", little, "ms")


def scanned(title: str, given: Rack, out: Path) -> Iterator[Row]:
    """Scans without a pause, and scans that wait for their answer."""
    with terminal(["-m", "tests.support.burst", given.url, str(out), given.tank], out) as bench:
        bench.wait(lambda: bool(bench.lines()), what="ready")
        codes = [given.cassettes[number % len(given.cassettes)] for number in range(SCANS)]
        began = time.perf_counter()
        answers = bench.answers("".join(f"{code}\r" for code in codes).encode(), SCANS)
        took = (time.perf_counter() - began) * 1000
        right = sum(
            one["text"] == code and "sequence" in one for one, code in zip(answers, codes, strict=True)
        )
        yield Row(f"scans in one burst that are right, of {SCANS}, {title}", right, at_least=SCANS)
        yield Row(f"scans in one burst, each, {title}", took / SCANS, "ms")
        times = []
        for code in codes:
            began = time.perf_counter()
            (answer,) = bench.answers(f"{code}\r".encode(), 1)
            times.append((time.perf_counter() - began) * 1000)
            if answer["text"] != code:
                raise SystemExit(f"{code} was answered as {answer}")
        times.sort()
        yield Row(f"scan to answer, p50, {title}", times[SCANS // 2], "ms")
        yield Row(f"scan to answer, p95, {title}", times[SCANS * 95 // 100], "ms", at_most=SCAN_TO_ANSWER)
        bench.leave()


def with_crowd(folder: Path, therapies: int) -> tuple[Rack, Rack]:
    """A tank with ten bags and few therapies beside them, and the same with a crowd."""
    few = rack(folder / "few", 10, others=True)
    many = folder / "many.db"
    shutil.copyfile(few.path, many)
    closed, enrolled = few.others
    grown = Crowd(many, (closed, few.cois[0], few.cois[1], *(enrolled,) * 5))
    grown.grow(therapies=therapies)
    return few, replace(few, path=many)


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """First paint, then scans, with the load of the machine beside them."""
    therapies, base = size_and_folder(arguments, THERAPIES)
    with tempfile.TemporaryDirectory(dir=base) as name:
        folder = Path(name)
        none = rack(folder / "none", 0).url
        few, many = with_crowd(folder, therapies)
        out = folder / "out.jsonl"
        yield Row(f"load of the machine, on {os.cpu_count()} cores", os.getloadavg()[0])
        for less, url in (("none", none), ("a screen of therapies", few.url)):
            against = f"{therapies:,} therapies against {less}"
            for clock, words in ((time.perf_counter, ""), (time.process_time, " in CPU time")):
                paint = partial(in_loop, out, clock)
                yield from in_turns(f"board opened to first paint{words}, {against}", paint, url, many.url)
            yield from in_turns(f"program started to it, {against}", partial(started, out), url, many.url)
        for title, given in (("few therapies", few), (f"{therapies:,} therapies", many)):
            yield from scanned(title, given, folder / f"{title}.jsonl")


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
