"""What can be booked at a site and who drives between sites: who says it, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

from schema.errors import InputError
from schema.vocabulary import ResourceType, Role, SiteType, Weekday
from tests.support.registry_story import NOON, SITE, Story, asked
from tracker.planning.calendar import Offset
from tracker.planning.chain import Milestone, Pathway, Taken
from tracker.planning.planner import PlanProposal, Wish, propose
from tracker.registry.capacity.requests import SetLane, SetResource
from tracker.registry.places.requests import AddSite, CloseResource, SetSiteDays
from tracker.rules.bookable import lanes_between, resources_at, site_of

CHAIR: Final[Mapping[str, Any]] = {
    "site": SITE, "resource": "CHAIR", "resource_type": ResourceType.APHERESIS_CHAIR, "title": "Chairs",
    "per_weekday": (2, 2, 2, 2, 2, 0, 0), "occupies_hours": 5, "opens": "08:00", "closes": "14:00",
}  # fmt: skip
LANE: Final[Mapping[str, Any]] = {
    "lane": "TO-PLANT", "from_site": SITE, "to_site": "PLANT", "carrier": "POLAR", "transit_hours": 24,
    "cutoff": "17:00", "picks_up_on": (Weekday.MONDAY, Weekday.TUESDAY),
}  # fmt: skip


@pytest.fixture
def network(story: Story) -> Story:
    """A plant and a carrier beside the cell center of the story."""
    for site, site_type in (("PLANT", SiteType.MANUFACTURER), ("POLAR", SiteType.CARRIER)):
        story.do(asked(AddSite, site=site, title=site.title(), site_type=site_type, zone="Europe/Berlin"))
    return story


def an_hour(_: datetime) -> timedelta:
    return timedelta(hours=1)


def berlin(_: str) -> Offset:
    """The clocks of every site of the story in March 2026: an hour ahead."""
    return an_hour


class TestResource:
    def test_what_is_set_again_takes_the_place_of_what_was_set(self, network: Story) -> None:
        """The newest counts, and there is one of each code at a site."""
        network.do(asked(SetResource, **CHAIR))
        network.do(asked(SetResource, **{**CHAIR, "per_weekday": (1,) * 7, "until_day": "2026-12-31"}))
        (chair,) = network.state.resources.values()
        assert (chair.id, chair.per_weekday) == ("CENTER/CHAIR", (1,) * 7)
        assert chair.until_day == date(2026, 12, 31)

    def test_a_resource_keeps_its_type(self, network: Story) -> None:
        """What was booked as a chair does not become a bed."""
        network.do(asked(SetResource, **CHAIR))
        bed = asked(SetResource, **{**CHAIR, "resource_type": ResourceType.BED})
        assert network.refusal(bed) == "resource_type_differs"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"opens": "14:01"}, {"opens": "8:00"}, {"closes": "24:00"}, {"per_weekday": (2,) * 6},
            {"per_weekday": (-1,) * 7}, {"per_weekday": (1000,) * 7}, {"occupies_hours": 0},
            {"from_day": "2026-12-31", "until_day": "2026-12-30"}, {"until_day": "2026-02-30"},
            {"concurrent": 0},
        ],
    )  # fmt: skip
    def test_bad_input(self, wrong: dict[str, Any], network: Story) -> None:
        """Hours that go backwards, days that are none, places that cannot be counted."""
        with pytest.raises((InputError, ValueError)):
            network.decide(asked(SetResource, **{**CHAIR, **wrong}))

    def test_a_coordinator_says_it_and_a_nurse_does_not(self, network: Story) -> None:
        """As who opens and closes a site."""
        network.hire("C-1", Role.COORDINATOR)
        network.hire("N-1", Role.APHERESIS_NURSE)
        network.do(asked(SetResource, actor="C-1", **CHAIR))
        network.do(asked(SetLane, actor="C-1", **LANE))
        assert network.refusal(asked(SetResource, actor="N-1", **CHAIR)) == "role_missing"
        assert network.refusal(asked(SetLane, actor="N-1", **LANE)) == "role_missing"

    def test_only_a_resource_that_is_there_is_closed(self, network: Story) -> None:
        """A slip of the key would close nothing, and nobody would know."""
        closed = {"site": SITE, "from_day": "2026-03-10", "until_day": "2026-03-10", "title": "Repair"}
        assert network.refusal(asked(CloseResource, resource="CHAIR", **closed)) == "resource_unknown"
        network.do(asked(SetResource, **CHAIR))
        network.do(asked(CloseResource, resource="CHAIR", **closed))

    def test_hidden_characters_in_the_name_of_a_closure(self) -> None:
        """They would turn around the line that names it."""
        closed = {"site": SITE, "from_day": "2026-03-10", "until_day": "2026-03-10"}
        with pytest.raises(InputError, match="hidden character U\\+202E"):
            asked(CloseResource, title="\u202eevil", **closed)


class TestLane:
    def test_a_lane_between_two_sites(self, network: Story) -> None:
        """By a carrier, on its days."""
        network.do(asked(SetLane, **LANE))
        (lane,) = lanes_between(network.state, SITE, "PLANT", berlin)
        assert lane.title == "Polar, CENTER to PLANT"
        assert lane.pick_up(date(2026, 3, 9)) == datetime(2026, 3, 9, 16, tzinfo=UTC)
        assert lane.pick_up(date(2026, 3, 11)) is None
        assert not lanes_between(network.state, "PLANT", SITE, berlin)

    def test_what_is_no_lane(self, network: Story) -> None:
        """From a site to itself, by nobody who drives, on a day twice; and a lane leads where it led."""
        with pytest.raises(InputError, match="to itself"):
            network.decide(asked(SetLane, **{**LANE, "to_site": SITE}))
        with pytest.raises(InputError, match="twice"):
            network.decide(asked(SetLane, **{**LANE, "picks_up_on": (Weekday.MONDAY,) * 2}))
        assert network.refusal(asked(SetLane, **{**LANE, "carrier": "PLANT"})) == "no_carrier"
        assert network.refusal(asked(SetLane, **{**LANE, "to_site": "NOWHERE"})) == "site_unknown"
        with pytest.raises(InputError, match="takes 24 h, and at most 23 h"):
            network.decide(asked(SetLane, **{**LANE, "transit_hours_max": 23}))
        with pytest.raises(InputError, match="-150 C is given as the coldest and -196 C as the warmest"):
            network.decide(asked(SetLane, **{**LANE, "celsius_min": "-150", "celsius_max": "-196"}))
        network.do(asked(SetLane, **LANE))
        back = {**LANE, "from_site": "PLANT", "to_site": SITE}
        assert network.refusal(asked(SetLane, **back)) == "lane_differs"

    def test_a_lane_that_ended_picks_up_no_more(self, network: Story) -> None:
        """Its last day still counts."""
        network.do(asked(SetLane, **{**LANE, "until_day": "2026-03-09"}))
        (lane,) = lanes_between(network.state, SITE, "PLANT", berlin)
        assert lane.pick_up(date(2026, 3, 9)) and not lane.pick_up(date(2026, 3, 10))


def test_what_the_registry_says_is_what_the_planner_finds(network: Story) -> None:
    """Ready on a Monday whose chairs are closed, at a site that is closed on Tuesdays: Wednesday at eight."""
    network.do(asked(SetResource, **CHAIR))
    days = tuple(day for day in Weekday if day is not Weekday.TUESDAY)
    network.do(asked(SetSiteDays, site=SITE, open_on=days))
    closed = {"resource": "CHAIR", "from_day": "2026-03-09", "until_day": "2026-03-09", "title": "Repair"}
    network.do(asked(CloseResource, site=SITE, **closed))
    chairs = resources_at(network.state, SITE, ResourceType.APHERESIS_CHAIR, berlin)
    wish = Wish(Pathway((Milestone("collection", "Collection", chairs),)), date(2026, 3, 9))
    found = propose(wish, Taken(), NOON)
    assert isinstance(found, PlanProposal)
    assert found.slots["collection"].start == datetime(2026, 3, 11, 7, tzinfo=UTC)
    assert [one.sentence for one in found.obstacles] == [
        "Chairs: Repair, Mon 9 Mar", "Chairs: not open on Tuesday, Tue 10 Mar",
    ]  # fmt: skip
    assert site_of(network.state, SITE, berlin).why_not_on(date(2026, 3, 10)) == "not open on Tuesday"
    assert not resources_at(network.state, SITE, ResourceType.BED, berlin)
