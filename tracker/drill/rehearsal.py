"""A store for rehearsing what needs keys: founded for the drill, so that no real key signs a forgery."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tracker.acts.mentions import fill_mentions
from tracker.clock import SimulatedClock
from tracker.demo import stages
from tracker.demo.journey import Journey, scan
from tracker.demo.network import Network, build_network
from tracker.evidence.log_keys import key_folder, read_hub_key
from tracker.evidence.vkey import LogKey
from tracker.people.passwords import WEAK
from tracker.therapy.deviations import OpenDeviation
from tracker.tracker import Environment, Tracker

_START: Final = datetime(2026, 1, 5, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The rehearsal store as it is now and as it was in a backup, with everybody's keys."""

    network: Network
    journey: Journey
    path: Path
    backup: Path
    """An older copy: the last events of the therapy are missing in it."""

    key: LogKey

    config: Path
    """Where the hub's keys lie, and the head it signed last."""

    @contextmanager
    def going_on(self, path: Path, *, at: datetime | None = None) -> Iterator[Journey]:
        """The same people at a copy, at another time where one is given."""
        clock = SimulatedClock(at or self.network.clock.now())
        chance = random.Random(str(path))  # noqa: S311 - ids of a rehearsal; keys and salts do not
        tracker = Tracker.open(url=f"sqlite:///{path}", environment=Environment(clock, chance, WEAK))
        network = replace(self.network, tracker=tracker, clock=clock, chance=chance, papers=[])
        try:
            yield replace(self.journey, network=network)
        finally:
            tracker.close()


def rehearse(folder: Path) -> Rehearsal:
    """Found a store, lead a therapy from the chair into the tank, and sign its log twice on the way."""
    clock, chance = SimulatedClock(_START), random.Random(7)  # noqa: S311 - a drill repeats; keys do not
    config, path, backup = folder / "keys", folder / "rehearsal.db", folder / "backup.db"
    network = build_network(
        f"sqlite:///{path}",
        config=config,
        environment=Environment(clock, chance, WEAK),
        clock=clock,
        chance=chance,
    )
    other = Journey(network, "B", 2)
    journey = Journey(network, "A", 1)
    other.enroll()
    journey.enroll()
    stages.collect_and_freeze(journey)
    network.tracker.integrate()
    copy_file(path, backup)
    tell(journey, "the display was read an hour late")
    network.tracker.integrate()
    fill_mentions(network.tracker.store)
    key = read_hub_key(key_folder(config, network.tracker.registry.origin))
    network.tracker.close()
    if key is None:
        raise FileNotFoundError(config)
    return Rehearsal(network, journey, path, backup, key, config)


def tell(journey: Journey, text: str) -> str:
    """One more event of the therapy; gives its event id."""
    clock = journey.network.clock
    clock.set(clock.now() + timedelta(minutes=3))
    return journey.ask(
        OpenDeviation, "QA-2", "MFG-1", coi=scan(journey.coi), category="other", description=text
    )


def copy_file(source: Path, target: Path) -> None:
    """A SQLite file as it stands, with what its write-ahead log still holds."""
    reading = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    writing = sqlite3.connect(target)
    try:
        reading.backup(writing)
    finally:
        writing.close()
        reading.close()
    shutil.copymode(source, target)
