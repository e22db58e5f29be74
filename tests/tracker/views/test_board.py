"""The board by how therapies stand: every page together is every therapy once, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

import pytest

from tests.support.demos import DemoSite
from tracker.rules.standing import Standing
from tracker.tracker import Tracker
from tracker.views.models import BoardOrder, BoardRow

FORM_OUT: Final = "Downtime form to come back"


@pytest.fixture
def tracker(demo_site: DemoSite) -> Iterator[Tracker]:
    """The demo, opened for reading."""
    opened = Tracker.open(url=demo_site.url, read_only=True)
    yield opened
    opened.close()


def pages(tracker: Tracker, limit: int, **asked: object) -> list[BoardRow]:
    """Page after page to the end."""
    page = tracker.read.board_page(limit=limit, **asked)  # type: ignore[arg-type]
    rows = [*page.rows]
    while page.place is not None:
        page = tracker.read.board_page(limit=limit, after=page.place, **asked)  # type: ignore[arg-type]
        rows += page.rows
    return rows


def test_every_therapy_once_by_state_and_share(tracker: Tracker) -> None:
    """In one page and in many; the counts are those of the lines, and so are those of each filter."""
    now = tracker.clock.now()
    whole = {row.coi: row for row in tracker.read.whole_board()}
    rows = pages(tracker, 200)
    assert {row.coi: row for row in rows} == whole and len(rows) == len(whole)
    assert all(one.order(now) < other.order(now) for one, other in pairwise(rows))
    few = pages(tracker, 5)
    assert sorted(row.coi for row in few) == sorted(whole)
    ranks = [list(Standing).index(row.standing) for row in few]
    assert ranks == sorted(ranks)
    counts = tracker.read.board_counts()
    for standing, count in counts.standings:
        expected = sorted(coi for coi, row in whole.items() if row.standing is standing)
        assert sorted(row.coi for row in pages(tracker, 3, standing=standing)) == expected
        assert count == len(expected)
    assert counts.total == len(whole)
    running = [row.stage_short for row in rows if row.standing is not Standing.CLOSED]
    assert {name: running.count(name) for name in running} == dict(counts.stages)
    assert counts.running == len(running)


def test_breach_is_who_passed_a_limit(tracker: Tracker) -> None:
    """State and clocks say the same; what has ended is closed whatever its forms say."""
    now = tracker.clock.now()
    for row in tracker.read.whole_board():
        limits = [clock for clock in row.clocks if clock.title != FORM_OUT]
        is_over = any(clock.due_at < now for clock in limits)
        assert not is_over or row.standing is Standing.BREACH or row.status != "active"
        assert (row.standing is Standing.CLOSED) is (row.status != "active")
        assert all(clock.began_at is not None and clock.began_at < clock.due_at for clock in row.clocks)


def test_filters_of_the_board(tracker: Tracker) -> None:
    """By site, by what calls for somebody, and by what was typed: a code with or without blanks, a holder."""
    rows = {row.coi: row for row in tracker.read.whole_board()}
    site = "COLL-B"
    here = {row.coi for row in tracker.read.whole_board(site=site)}
    assert 0 < len(here) < len(rows)
    assert {row.coi for row in pages(tracker, 4, site=site)} == here
    assert sum(count for _, count in tracker.read.board_counts(site=site).standings) == len(here)
    called = {coi for coi, row in rows.items() if row.attention}
    assert {row.coi for row in pages(tracker, 4, attention=True)} == called
    coi = min(rows)
    grouped = f"{coi[:4]} {coi[4:8]} {coi[8:]}".lower()
    assert [row.coi for row in pages(tracker, 4, text=grouped)] == [coi]
    assert {row.coi for row in pages(tracker, 4, text=" coll-b ")} >= here
    assert pages(tracker, 4, text="no such thing") == []


def test_what_runs_without_a_plan(tracker: Tracker) -> None:
    """Counted as it is listed, in every order: what has a milestone ahead and nothing booked."""
    whole = {row.coi: row for row in tracker.read.whole_board()}
    with tracker.store.read() as transaction:
        booked = {coi for coi in whole if transaction.milestones_of(coi)}
    done = {"bedside", "infused", "closed"}
    expected = {
        coi
        for coi, row in whole.items()
        if row.status == "active" and coi not in booked and row.stage not in done
    }
    assert 0 < len(expected) < len(whole)
    for order in BoardOrder:
        assert {row.coi for row in pages(tracker, 3, unplanned=True, order=order)} == expected
    assert tracker.read.board_counts().unplanned == len(expected)
    assert tracker.read.today().unplanned == len(expected)
    here = {row.coi for row in pages(tracker, 3, unplanned=True, site="COLL-B")}
    assert here < expected and tracker.read.board_counts(site="COLL-B").unplanned == len(here)


@pytest.mark.parametrize("order", list(BoardOrder))
def test_every_order_has_every_therapy_once(tracker: Tracker, order: BoardOrder) -> None:
    """In pages, with the same filters; each in its order."""
    rows = pages(tracker, 4, order=order)
    whole = {row.coi: row for row in tracker.read.whole_board()}
    assert sorted(row.coi for row in rows) == sorted(whole)
    if order is BoardOrder.LEFT:
        limited = [row for row in rows if row.first is not None and row.status == "active"]
        assert rows[: len(limited)] == limited
        ends = [row.first.due_at for row in limited if row.first is not None]
        assert ends == sorted(ends)
        states = [row.standing is Standing.CLOSED for row in rows]
        assert states == sorted(states)
    elif order is BoardOrder.CHANGED:
        changed = [row.last_at for row in rows]
        assert changed == sorted(changed, reverse=True)
    elif order is BoardOrder.THERAPY:
        assert [row.coi for row in rows] == sorted(whole)
    called = {coi for coi, row in whole.items() if row.attention}
    assert {row.coi for row in pages(tracker, 4, order=order, attention=True)} == called
    here = {row.coi for row in tracker.read.whole_board(site="COLL-B")}
    assert {row.coi for row in pages(tracker, 4, order=order, site="COLL-B")} == here
    closed = {coi for coi, row in whole.items() if row.standing is Standing.CLOSED}
    assert {row.coi for row in pages(tracker, 4, order=order, standing=Standing.CLOSED)} == closed


def test_what_the_protocol_asks_for_next(tracker: Tracker) -> None:
    """Of every therapy that runs a number with its title; of those that have ended none."""
    rows = pages(tracker, 200)
    assert {row.next_step is None for row in rows if row.status != "active"} == {True}
    found = {row.stage: row.next_step for row in rows if row.status == "active"}
    assert found["enrolled"] == (11, "Identify the patient at the chair"), found
    assert None not in found.values()


def test_a_share_is_of_the_whole_limit(tracker: Tracker) -> None:
    """Nothing at its beginning, one at its end, more beyond."""
    clock = next(clock for row in tracker.read.whole_board() for clock in row.clocks)
    assert clock.began_at is not None
    whole = clock.due_at - clock.began_at
    for part, share in ((0, 0.0), (0.5, 0.5), (1, 1.0), (1.5, 1.5)):
        now = clock.began_at + whole * part
        assert clock.share_used(now) == pytest.approx(share, abs=timedelta(seconds=1) / whole)
