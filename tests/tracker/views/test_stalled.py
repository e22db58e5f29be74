"""A therapy nobody touches is marked: on the board, in what waits, and where only what calls is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.invariants import require_projections
from tests.support.journeys import World, scans
from tracker.demo import stages
from tracker.demo.journey import scan
from tracker.protocols.library import shipped
from tracker.rules.stalled import stalled_at
from tracker.therapy.course import Cancel
from tracker.therapy.making import requests as processing
from tracker.views.models import BoardRow
from tui.words import attention_words

Worlds = Callable[[str], World]


def row_of(given: World, coi: str) -> BoardRow:
    """The line of a therapy on the board."""
    return next(row for row in given.tracker.read.board(limit=50) if row.coi == coi)


def calls(given: World) -> list[str]:
    """The therapies that call for somebody, in the order of the board."""
    return [row.coi for row in given.tracker.read.board(limit=50, attention=True)]


@pytest.mark.parametrize("name", ["autologous-cryopreserved", "autologous-fresh"])
def test_findings_a14_the_protocols_say_after_how_long(name: str) -> None:
    """Three days in both."""
    assert shipped(name).protocol.planning.stalled_after == timedelta(days=3)


def test_findings_a14_enrolled_and_nothing_since(world: Worlds) -> None:
    """To the millisecond three days after the last entry, for each therapy by its own."""
    given = world("enrolled")
    last = given.state().facts["enrolled"].at
    given.clock.set(last + timedelta(days=3) - timedelta(milliseconds=1))
    assert row_of(given, given.one.coi).attention == ()
    given.clock.set(last + timedelta(days=3))
    assert row_of(given, given.one.coi).attention == ("stalled",)
    assert calls(given) == [given.one.coi]
    given.clock.advance(timedelta(days=87))
    assert calls(given) == [given.two.coi, given.one.coi]
    assert attention_words(("stalled",)) == "▲ stalled"


def test_findings_a14_it_waits_for_its_site(world: Worlds) -> None:
    """What waits shows it to those of its sites, last, and to nobody else."""
    given = world("enrolled")
    given.clock.advance(timedelta(days=90))
    for actor, site, shown in (("QA-A", "TREAT-A", True), ("QA-B", "TREAT-B", False)):
        work = given.tracker.read.worklist(actor=actor, station=given.network.stations[site])
        flags = {flag for line in work.lines if line.subject == given.one.coi for flag in line.attention}
        assert ("stalled" in flags) is shown


def test_findings_a14_something_recorded_ends_it(world: Worlds) -> None:
    """The mark is no entry: the next one takes it away, and the tables are those of a replay."""
    given = world("collected")
    given.clock.advance(timedelta(days=4))
    assert row_of(given, given.one.coi).attention == ("stalled",)
    given.do(processing.Quarantine, "QA-2", units=scans(given.one.bag), reason="other")
    assert row_of(given, given.one.coi).attention == ("quarantined",)
    assert given.two.coi in calls(given) and given.one.coi in calls(given)
    require_projections(given, [given.one, given.two])


def test_findings_a14_cells_that_grow_are_not_forgotten(world: Worlds) -> None:
    """Nine days in culture have nothing to record; a canceled therapy waits for nobody."""
    given = world("received")
    protocol = shipped("autologous-cryopreserved").protocol
    assert stalled_at(given.state(), protocol) is not None

    stages.start_manufacturing(given.one)
    assert stalled_at(given.state(), protocol) is None
    given.clock.advance(timedelta(days=9))
    assert row_of(given, given.one.coi).attention == ()
    other = world("enrolled")
    other.do(Cancel, "DOC-A1", others="QA-A approved", coi=scan(other.one.coi), reason="disease_progression")
    other.clock.advance(timedelta(days=30))
    assert row_of(other, other.one.coi).attention == () and calls(other) == [other.two.coi]
