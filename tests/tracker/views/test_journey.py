"""A therapy from vein to vein: its stretches with dates and times, and where its units are."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.journeys import World
from tracker.demo.journey import scan
from tracker.therapy.course import Cancel
from tracker.views.journey import Progress, TherapyJourney

Worlds = Callable[[str], World]


def seen(given: World) -> TherapyJourney:
    """The journey of the first therapy."""
    found = given.tracker.read.journey(coi=given.one.coi)
    assert found is not None
    return found


def words(found: TherapyJourney) -> list[tuple[str, str]]:
    """Each stretch with its progress."""
    return [(one.short, one.progress.value) for one in found.stretches]


def test_behind_here_and_ahead(world: Worlds) -> None:
    """Dates only of what is recorded; the time of a stretch ends where the next began, the last one's now."""
    given = world("frozen")
    found = seen(given)
    assert words(found) == [
        ("Order", "done"),
        ("Collect", "done"),
        ("Freeze", "now"),
        ("To plant", "to_come"),
        ("Make", "to_come"),
        ("Release", "to_come"),
        ("To ward", "to_come"),
        ("At ward", "to_come"),
        ("Infuse", "to_come"),
    ]
    order, collect, freeze, *ahead = found.stretches
    assert order.began_at == given.state().facts["enrolled"].at
    assert order.began_at is not None and collect.began_at is not None and freeze.began_at is not None
    assert order.spent == collect.began_at - order.began_at
    assert freeze.spent == given.clock.now() - freeze.began_at
    assert all(one.began_at is None and one.spent is None for one in ahead)
    assert found.collected_at is not None and found.infused_at is None
    assert found.sites == ("COLL-A", "MFG-1", "TREAT-A") and not found.is_canceled
    (bag,) = (one for one in found.whereabouts if one.unit == given.one.bag)
    assert not bag.on_the_road and bag.cassette and not bag.quarantined


def test_canceled_says_how_far_it_came(world: Worlds) -> None:
    """What was reached is done, nothing is under way, and that it was canceled is no step."""
    given = world("enrolled")
    given.do(Cancel, "DOC-A1", others="QA-A approved", coi=scan(given.one.coi), reason="disease_progression")
    found = seen(given)
    assert found.is_canceled
    assert {one.progress for one in found.stretches} == {Progress.DONE, Progress.TO_COME}
    assert [one.short for one in found.stretches if one.progress is Progress.DONE] == ["Order"]


def test_a_therapy_that_is_not_here(world: Worlds) -> None:
    """There is nothing to show of it."""
    assert world("enrolled").tracker.read.journey(coi="CD222222222") is None
