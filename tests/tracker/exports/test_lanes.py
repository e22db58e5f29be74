"""Who held the cells when, for the terminal and the report alike: lanes, and times when nobody held them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.support.demos import DemoSite
from tests.support.journeys import World
from tracker.demo.journey import scan
from tracker.exports.disclosure import NOTHING_MORE
from tracker.exports.dossiers import Dossier, dossiers
from tracker.exports.lanes import lanes_of, unheld_in
from tracker.exports.selection import EVERYTHING
from tracker.exports.trails import Trails
from tracker.therapy.custody import requests as custody
from tracker.tracker import Tracker


def dossier_of(tracker: Tracker, coi: str) -> Dossier:
    """One therapy."""
    (found,) = dossiers(Trails(tracker, [coi], EVERYTHING), NOTHING_MORE)
    return found


def test_a_slow_handoff_is_a_time_when_nobody_held_it(world: Callable[[str], World]) -> None:
    """Given a box that was given and taken 41 min later, then the giver's lane ends at the giving, the
    taker's begins at the taking, and the time between is nobody's; a quick handoff leaves no such time.
    """
    given = world("packed")
    box, seal = scan(given.box_of(given.one)), given.seal_of(given.one)
    quick = dossier_of(given.tracker, given.one.coi)
    assert unheld_in(quick) == ()
    given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
    given.clock.advance(timedelta(minutes=41))
    given.do(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
    found = dossier_of(given.tracker, given.one.coi)
    (nobody,) = unheld_in(found)
    assert (nobody.given.statement.kind, nobody.taken.statement.kind) == ("relinquished", "accepted")
    assert nobody.length >= timedelta(minutes=41)
    lanes = lanes_of(found)
    *_, giver, taker = lanes
    assert nobody.holder == taker.holder and giver.spans[-1].until == nobody.since
    assert taker.spans[0].since == nobody.until and taker.spans[-1].until is None
    assert taker.site == "", "a carrier is at no site"


def test_lanes_are_in_order_and_what_touches_is_one(world: Callable[[str], World]) -> None:
    """Each lane begins after the one before; no span of a lane begins before the one before has ended."""
    found = dossier_of(world("received").tracker, world("received").one.coi)
    lanes = lanes_of(found)
    begun = [lane.spans[0].since for lane in lanes]
    assert len(lanes) >= 3 and begun == sorted(begun)
    assert len({lane.holder for lane in lanes}) == len(lanes)
    for lane in lanes:
        ends = [one.until for one in lane.spans[:-1]]
        assert all(end is not None for end in ends)
        assert all(end < later.since for end, later in zip(ends, lane.spans[1:], strict=True) if end)


def test_what_was_taken_from_paper_is_said(demo_site: DemoSite) -> None:
    """A span that begins with an entry from paper says so; before anybody held anything there is no lane."""
    tracker = Tracker.open(url=demo_site.url, read_only=True)
    try:
        on_paper = [
            span.is_on_paper
            for one in demo_site.demo.therapies
            for lane in lanes_of(dossier_of(tracker, one.coi))
            for span in lane.spans
        ]
        assert any(on_paper) and not all(on_paper)
        nothing = replace(dossier_of(tracker, demo_site.coi("just enrolled")), holdings=())
        assert lanes_of(nothing) == ()
    finally:
        tracker.close()
