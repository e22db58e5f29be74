"""One durable event through `Tracker` (decide, append, project; no signature) against raw sqlite3.

Floor and cartrail write the same bytes to the same disk in turns, so that what else runs hits both.
Run with `python -m tests.bench.bench_tracker [turns] [folder]`.
"""

import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from schema.events import Party
from schema.vocabulary import Meaning, PartyType
from tests.bench.bench_record import Floor
from tests.bench.table import Row, show, size_and_folder
from tracker.acts.state_cache import entries
from tracker.clock import SimulatedClock
from tracker.demo.journey import Journey, scan
from tracker.demo.network import Network, build_network
from tracker.people.passwords import WEAK
from tracker.protocols.library import parse_protocol, shipped
from tracker.registry.network.requests import AdoptProtocol
from tracker.therapy.custody.requests import Retrieve, StoreUnits
from tracker.tracker import Environment

EACH_TURN = 20
TURNS = 15


def prepared(folder: Path) -> Journey:
    """A therapy whose bag is in storage, by a protocol whose storage steps ask no signature."""
    clock, chance = SimulatedClock(datetime(2026, 9, 1, 8, tzinfo=UTC)), random.Random(1)
    network = build_network(
        f"sqlite:///{folder / 'cartrail.db'}",
        config=folder,
        environment=Environment(clock, chance, WEAK),
        clock=clock,
        chance=chance,
    )
    adopt_unsigned(network)
    journey = Journey(network, "A", 1)
    journey.enroll()
    journey.identify()
    journey.collect()
    tech, lab = "TECH-A1", f"{journey.collection}/CELL-LAB"
    journey.hand_units(
        "NURSE-A1", tech, journey.collection, Party(type=PartyType.DEPARTMENT, id=lab), (journey.bag,)
    )
    journey.freeze(tech, journey.collection, (journey.bag,))
    return journey


def adopt_unsigned(network: Network) -> None:
    """The shipped protocol, version 2: no signature on storing and retrieving, and no bound on how often.

    No bag lives through thousands of removals; without a bound they are counted and judged all the same.
    """
    text = shipped("autologous-cryopreserved").content.decode()
    text = text.replace("\nversion = 1\n", "\nversion = 2\n")
    text = re.sub(r"(?m)^removals_max = \d+\n", "", text)
    steps = text.split("[[steps]]")
    for index, step in enumerate(steps):
        if 'kind = "stored"' in step or 'kind = "retrieved"' in step:
            steps[index] = step.replace('signatures = [{ meaning = "performed" }]', "signatures = []")
    file = parse_protocol("[[steps]]".join(steps).encode())
    network.clock.advance(timedelta(minutes=1))
    request = AdoptProtocol(
        event_id=network.tracker.new_event_id(),
        actor="QA-1",
        station="MFG-1-01",
        signers=network.by("QA-1", ("ADMIN-1", Meaning.APPROVED)),
        protocol=file.protocol.id,
        version=2,
        sha256=file.sha256,
        title=file.protocol.title,
    )
    signers = [network.signers["QA-1"], network.signers["ADMIN-1"]]
    answer = network.tracker.adopt_protocol(file=file, request=request, signers=signers)
    if not answer.ok:
        raise SystemExit(str(answer.problem))


class Through:
    """A bag that goes into its tank and out again, each a durable event."""

    def __init__(self, journey: Journey) -> None:
        self._journey = journey
        self._stored = True
        # What a label says is worked out when it is printed, not when it is scanned.
        self._units = journey.frozen_scans((journey.bag,))
        self._location = scan(journey.network.storage[journey.collection])

    def record(self, count: int) -> None:
        """Record so many events."""
        journey, network = self._journey, self._journey.network
        site = journey.collection
        for _ in range(count):
            network.clock.advance(timedelta(seconds=10))
            request_class = Retrieve if self._stored else StoreUnits
            request = request_class(
                event_id=network.tracker.new_event_id(),
                actor="TECH-A1",
                station=network.stations[site],
                units=self._units,
                location=self._location,
            )
            answer = network.tracker.record(request=request)
            if not answer.ok:
                raise SystemExit(str(answer.problem))
            self._stored = not self._stored


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """What one event costs, and the median ratio of turns."""
    turns, base = size_and_folder(arguments, TURNS)
    with tempfile.TemporaryDirectory(dir=base) as place:
        journey = prepared(Path(place))
        through, floor = Through(journey), Floor(Path(place) / "floor.db")
        ratios, ours_ms, floor_ms = [], [], []
        for _ in range(turns):
            began = time.perf_counter()
            through.record(EACH_TURN)
            ours = time.perf_counter() - began
            with journey.network.tracker.store.read() as transaction:
                made = entries(transaction, journey.coi)[-EACH_TURN:]
            began = time.perf_counter()
            floor.record(made)
            raw = time.perf_counter() - began
            ratios.append(raw / ours)
            ours_ms.append(ours / EACH_TURN * 1000)
            floor_ms.append(raw / EACH_TURN * 1000)
        yield Row("Tracker.record, one durable event on this disk", statistics.median(ours_ms), "ms")
        yield Row("raw insert and commit of the same bytes", statistics.median(floor_ms), "ms")
        yield Row("raw insert and commit over Tracker.record", statistics.median(ratios), "x")


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
