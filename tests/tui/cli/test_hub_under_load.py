"""The hub beside eight stations that record: killed and started again, and nothing stays unsigned.

A minute in the usual run; ten in the long one, `make test-long`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Final

import pytest
from hypothesis import settings

from tests.support.commands import PASSWORDS, Cartrail, found, write_credentials
from tests.support.examples import LONG
from tests.support.forked import Command
from tests.support.stores import sqlite_url
from tracker.tracker import Environment, Tracker

pytestmark = [pytest.mark.slow, pytest.mark.waits, pytest.mark.timeout(900)]

STATIONS: Final = 8
KILLS: Final = 3
PAUSE_SECONDS: Final = 2.0
"""Between two lines of one station: people are slower."""


class Station:
    """A process of `cartrail record` that one station keeps open all day."""

    def __init__(self, folder: Path, number: int) -> None:
        self.id = f"STN-{number}"
        given = ("--database", folder / "store.db", "--credentials", folder / "credentials.toml")
        self.process = Command("record", *given, stdin=PIPE, stdout=PIPE)
        self.answers: list[bool] = []

    def work(self, stop: threading.Event) -> None:
        """Record a line, wait for its answer, and so on until it is told to stop."""
        for number in range(10_000):
            if stop.wait(PAUSE_SECONDS):
                break
            staff = f"{self.id}-P{number}"
            event = f"01900000-0000-7000-8{self.id[-1]}00-{number:012x}"
            line = {"request": "add_person", "event_id": event, "actor": "ADA-1", "station": self.id}
            line |= {"staff": staff, "printed_name": f"Person {staff}"}
            self.process.stdin.write(json.dumps(line).encode() + b"\n")
            self.process.stdin.flush()
            self.answers.append(bool(json.loads(self.process.stdout.readline())["ok"]))
        self.process.stdin.close()

    def end(self) -> None:
        """Whatever happened, no process is left."""
        self.process.kill()
        self.process.__exit__(None, None, None)


@contextmanager
def hub(folder: Path) -> Iterator[None]:
    """A hub that is killed at the end as a power cut would."""
    with Command("hub", "--database", folder / "store.db") as process:
        try:
            yield
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path, cartrail: Cartrail, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A training store with eight stations beside the hub."""
    monkeypatch.setenv("CARTRAIL_CONFIG", str(tmp_path / "config"))
    found(sqlite_url(tmp_path / "store.db"), tmp_path / "config")
    credentials = write_credentials(tmp_path / "credentials.toml", PASSWORDS)
    shared = (
        "--database",
        tmp_path / "store.db",
        "--as",
        "ADA-1",
        "--credentials",
        credentials,
        "--station",
        "HUB-1",
    )
    for number in range(1, STATIONS + 1):
        cartrail("station", "add", f"STN-{number}", "--at", "PLANT", "--title", f"Desk {number}", *shared)
    return tmp_path


def test_findings_e4_eight_stations_and_a_hub_that_is_killed(folder: Path, cartrail: Cartrail) -> None:
    """Each answer is ok, everything is under a signed head in the end, and the record verifies."""
    seconds = 600 if settings.get_current_profile_name() == LONG else 60
    stop = threading.Event()
    with ExitStack() as stack:
        stations = [Station(folder, number) for number in range(1, STATIONS + 1)]
        for station in stations:
            stack.callback(station.end)
        threads = [threading.Thread(target=station.work, args=(stop,)) for station in stations]
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            with hub(folder):
                time.sleep(seconds / KILLS)
        stop.set()
        for thread in threads:
            thread.join()
    with hub(folder):
        ends = time.monotonic() + 60
        while unsigned(folder):
            assert time.monotonic() < ends
            time.sleep(0.2)
    assert all(all(station.answers) and len(station.answers) > 5 for station in stations)
    cartrail("verify", "--database", folder / "store.db")


def unsigned(folder: Path) -> int:
    """How many entries are under no signed head."""
    tracker = Tracker.open(
        url=sqlite_url(folder / "store.db"), environment=Environment(config=folder / "config"), read_only=True
    )
    try:
        return tracker.hub_status().unsigned
    finally:
        tracker.close()
