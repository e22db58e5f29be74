"""The list of alerts of a whole store: what the quick look at the read tables leaves out calls for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from schema.instants import parse_declared
from schema.vocabulary import AlertCause
from tests.support.demos import DemoSite
from tracker.clock import SimulatedClock
from tracker.people.passwords import WEAK
from tracker.tracker import Environment, Tracker


@pytest.fixture
def demo(demo_site: DemoSite) -> Iterator[tuple[Tracker, SimulatedClock]]:
    """The demo as it was left, with its clock."""
    clock = SimulatedClock(parse_declared(demo_site.demo.until)[0])
    tracker = Tracker.open(
        url=f"sqlite:///{demo_site.path}", environment=Environment(clock, cost=WEAK), read_only=True
    )
    yield tracker, clock
    tracker.close()


def test_logistics_the_list_is_what_every_chain_says(demo: tuple[Tracker, SimulatedClock]) -> None:
    """Now, some hours and some days later: the same alerts as from each therapy alone, the gravest first."""
    tracker, clock = demo
    for later in (timedelta(0), timedelta(hours=5), timedelta(days=9)):
        clock.advance(later)
        listed = [one.id for one in tracker.read.alerts()]
        each = [
            one.id for row in tracker.read.whole_board() for one in tracker.read.therapy_alerts(coi=row.coi)
        ]
        assert sorted(listed) == sorted(each) and len(set(listed)) == len(listed)
    causes = [one.cause for one in tracker.read.alerts()]
    assert {AlertCause.QUARANTINED, AlertCause.STALLED, AlertCause.UNASSESSED} <= {*causes}
    assert causes.index(AlertCause.QUARANTINED) < causes.index(AlertCause.STALLED)
    here = tracker.read.alerts(site="COLL-B")
    assert here and {one.id for one in here} < {one.id for one in tracker.read.alerts()}
