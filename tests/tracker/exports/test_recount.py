"""Page one against the ledger: three therapies counted again by a script without anything of the program."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support import recount
from tests.support.demos import DemoSite
from tests.tracker.exports.test_report import pages_of, report_of
from tracker.tracker import Tracker

IN_EVENTS = re.compile(r"(\d+) in these events")
COUNTED = re.compile(r"(\d+) findings? in the events of this report, (\d+) as it stood")


@pytest.fixture
def tracker(demo_site: DemoSite) -> Iterator[Tracker]:
    """The demo, opened for reading."""
    opened = Tracker.open(url=demo_site.url, read_only=True)
    yield opened
    opened.close()


@pytest.mark.parametrize("outcome", ["infused after", "refused at pick-up", "released out"])
def test_three_therapies_counted_by_hand(outcome: str, tracker: Tracker, demo_site: DemoSite) -> None:
    """No difference: findings of each check, handoffs, what was given, what ended, vein to vein."""
    coi = demo_site.coi(outcome)
    pages = pages_of(report_of(tracker, demo_site.url, coi))
    first, whole = " ".join(pages[0].split()), "\n".join(pages)
    chain = recount.chain_of(demo_site.path, coi)

    counted = recount.findings(chain)
    ahead = " ".join(whole[: whole.index("CHAIN OF CUSTODY FORM")].split())
    assert sorted(map(int, IN_EVENTS.findall(ahead))) == sorted(counted.values())
    said = COUNTED.search(first)
    assert said is not None and int(said[1]) == sum(counted.values())
    for title, count in counted.items():
        assert re.search(rf"{re.escape(title)} {count} in these events", ahead), title
    assert recount.handoff_note(chain) in first

    number, ended, left = recount.units(chain)
    assert f"{ended} of {number} container{'' if number == 1 else 's'} of any kind ended." in first
    assert all(unit in ahead for unit in left)
    infused, amount = recount.given(chain)
    assert (f"{amount} mL; last" in first) == bool(infused)
    span = recount.vein_to_vein(chain)
    if span is None:
        assert "vein to vein" not in first
    else:
        hours = f" {span.seconds // 3600} h" if span.seconds // 3600 else ""
        assert f"vein to vein {span.days} d{hours}" in first
    timeline = re.search(r"Timeline, (\d+) events", whole)
    assert timeline is not None and int(timeline[1]) == len(chain)
