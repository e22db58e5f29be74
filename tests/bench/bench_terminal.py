"""The terminal with 10,000 therapies behind it: first paint of the board, bursts, and scan to answer.

First paint is measured against the same with no therapy, in turns: from opening the board's screen, and from
starting the program in a terminal. Every scan is a durable event of a bag that goes in or out of its tank.
Run with `python -m tests.bench.bench_terminal [therapies] [folder]`.
"""

import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.bench.crowd import Crowd
from tests.support.burst import STATION, BoardApp, PaintedBoard, Rack, rack
from tests.support.terminals import terminal
from tracker.tracker import Tracker
from tui.session import TerminalSession

THERAPIES, TURNS, SCANS = 10_000, 15, 100
SCREEN = 50
"""Lines enough to fill a screen: against these only what a crowd costs is left, not what lines cost."""


async def opened(url: str, out: Path) -> float:
    """Milliseconds from opening the board's screen to its first page on it, without a terminal."""
    tracker = Tracker.open(url=url, read_only=True)
    app = BoardApp(TerminalSession.at(tracker, STATION), out)
    async with app.run_test(size=(80, 24)):
        await app.board.is_painted.wait()
        # The second time everything of the framework is warm, and only the board's own work is left.
        again = PaintedBoard(TerminalSession.at(tracker, STATION), out)
        began = time.perf_counter()
        app.push_screen(again)
        await again.is_painted.wait()
        took = (time.perf_counter() - began) * 1000
    tracker.close()
    return took


def in_loop(out: Path, url: str) -> float:
    """The same from outside."""
    return asyncio.run(opened(url, out))


def started(out: Path, url: str) -> float:
    """Milliseconds from starting the program in a terminal to the first page of the board."""
    out.unlink(missing_ok=True)
    began = time.perf_counter()
    with terminal(["-m", "tests.support.burst", url, str(out)], out) as shown:
        shown.wait(lambda: bool(shown.lines()), what="the board")
        took = (time.perf_counter() - began) * 1000
        shown.leave()
    return took


def in_turns(title: str, measure: Callable[[str], float], none: str, many: str) -> None:
    """The same with none and with many, one after the other."""
    pairs = [(measure(none), measure(many)) for _ in range(TURNS)]
    ratio = statistics.median(large / little for little, large in pairs)
    little, large = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{title:<34}{little:8.1f} ms {large:8.1f} ms  {ratio:5.2f}x   aim <= 1.25")


def scanned(given: Rack, out: Path) -> None:
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
        print(f"{right} of {SCANS} right in one burst of {took:.0f} ms, {took / SCANS:.1f} ms a scan")
        times = []
        for code in codes:
            began = time.perf_counter()
            (answer,) = bench.answers(f"{code}\r".encode(), 1)
            times.append((time.perf_counter() - began) * 1000)
            if answer["text"] != code:
                raise SystemExit(f"{code} was answered as {answer}")
        times.sort()
        print(
            f"scan to answer, one after the other: p50 {times[SCANS // 2]:.1f} ms, "
            f"p95 {times[SCANS * 95 // 100]:.1f} ms   aim <= 100 ms"
        )
        bench.leave()


def with_crowd(folder: Path, therapies: int) -> tuple[Rack, Rack]:
    """A tank with ten bags and few therapies beside them, and the same with a crowd."""
    few = rack(folder / "few", 10, others=True)
    many = folder / "many.db"
    shutil.copyfile(few.path, many)
    closed, enrolled = few.others
    grown = Crowd(many, (closed, few.cois[0], few.cois[1], *(enrolled,) * 5))
    began = time.perf_counter()
    grown.grow(therapies=therapies)
    took = time.perf_counter() - began
    print(f"{grown.therapies:,} therapies with {grown.entries:,} entries, made in {took:.0f} s")
    return few, replace(few, path=many)


def main() -> None:
    """First paint, then scans, with the load of the machine beside them."""
    therapies = int(sys.argv[1]) if len(sys.argv) > 1 else THERAPIES
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as name:
        folder = Path(name)
        none = rack(folder / "none", 0).url
        few, many = with_crowd(folder, therapies)
        out = folder / "out.jsonl"
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; medians of {TURNS}")
        for base, url in (("none", none), ("a screen of therapies", few.url)):
            print(f"against {base}:")
            in_turns("opening the board to first paint", partial(in_loop, out), url, many.url)
            in_turns("starting the program to it", partial(started, out), url, many.url)
        for title, given in (("few therapies", few), ("the crowd", many)):
            print(f"with {title} behind it:")
            scanned(given, folder / f"{title}.jsonl")


if __name__ == "__main__":
    main()
