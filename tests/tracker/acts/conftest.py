"""A store in which two therapies have their bags with the nurse, on each engine in turn."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, make_url

from tests.support.journeys import START, World, reopened
from tests.support.postgres import database
from tracker.clock import SimulatedClock
from tracker.demo.journey import Journey
from tracker.demo.network import build_network
from tracker.people.passwords import WEAK
from tracker.tracker import Environment


@pytest.fixture(scope="package")
def collected(postgres_server: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A closed store on PostgreSQL whose two therapies have their bags with the nurse, for it to copy."""
    with database(postgres_server) as url:
        clock, chance = SimulatedClock(START), random.Random(8)
        network = build_network(
            url,
            config=tmp_path_factory.mktemp("collected"),
            environment=Environment(clock, chance, WEAK),
            clock=clock,
            chance=chance,
        )
        journeys = [Journey(network, "A", number) for number in (1, 2)]
        for journey in journeys:
            journey.enroll()
            journey.identify()
            journey.collect()
        network.tracker.close()
        yield World(network, journeys[0], journeys[1], url)


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest) -> Iterator[World]:
    """A store of its own in that state, on each engine in turn."""
    if request.param == "sqlite":
        given: World = request.getfixturevalue("world")("collected")
        yield given
        return
    model: World = request.getfixturevalue("collected")
    template = make_url(model.url).database
    assert template is not None
    with database(request.getfixturevalue("postgres_server"), template) as url:
        copied = reopened(model, url)
        yield copied
        copied.tracker.close()
