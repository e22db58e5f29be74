"""One therapy from vein to vein through `cartrail record`, as instruments and other systems would send it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from tests.support import journeys
from tests.support.commands import Cartrail, write_credentials
from tests.support.stores import sqlite_url
from tracker.catalog import to_wire
from tracker.clock import SimulatedClock
from tracker.demo import stages
from tracker.demo.journey import Journey
from tracker.demo.network import Network, build_network
from tracker.people.passwords import WEAK
from tracker.requests.base import Request
from tracker.tracker import Environment


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """A demo network founded yesterday."""
    clock = SimulatedClock(datetime.now(UTC) - timedelta(days=1))
    chance = random.Random(3)
    return build_network(
        sqlite_url(tmp_path / "store.db"),
        config=tmp_path,
        environment=Environment(clock, chance, WEAK),
        clock=clock,
        chance=chance,
    )


def test_vein_to_vein(
    network: Network, cartrail: Cartrail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every request of the journey is a line, every answer is ok, and the closed therapy verifies."""
    credentials = write_credentials(
        tmp_path / "passwords.toml", {staff: network.password(staff) for staff in network.names}
    )
    lines = tmp_path / "lines.ndjson"
    kinds: list[str] = []

    def record(self: Network, request: Request, *_: str) -> tuple[str, ...]:
        lines.write_bytes(orjson.dumps(to_wire(request)) + b"\n")
        said = cartrail("record", lines, "--database", tmp_path / "store.db", "--credentials", credentials)
        (answer,) = said.records
        assert answer["ok"], answer
        kinds.append(request.name)
        return ()

    monkeypatch.setattr(Network, "record", record)
    journey = Journey(network, "A", 5)
    journey.enroll()
    stages.collect_and_freeze(journey)
    box = network.boxes["Dry shipper 1"]
    seal = stages.pick_up_leukapheresis(journey, box)
    stages.receive_at_manufacturer(journey, box, seal)
    journeys.manufacture(journey, bags=1)
    journeys.release(journey)
    journeys.deliver_product(journey, network.boxes["Dry shipper 4"])
    stages.infuse(journey, journey.products[0])
    stages.close(journey)
    assert len(kinds) > 55
    assert journey.state.status.value == "closed"
    cartrail("verify", "--database", tmp_path / "store.db")
