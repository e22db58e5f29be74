"""What a place keeps: set by an administrator, changed, refused where it makes no sense."""

from __future__ import annotations

from typing import Any

import pytest

from schema.errors import InputError
from schema.events import registry as events
from schema.identifiers import first_copy
from schema.vocabulary import LocationType
from tests.support.registry_story import SITE, Story, asked
from tracker.registry.places.requests import AddLocation, SetLocationConditions
from tracker.rules.decision import Denied, ScanAnswer

TANK = "LT234567892"


@pytest.fixture
def tank(story: Story) -> Story:
    """A store with one storage place of which nobody has said anything."""
    story.do(
        asked(
            AddLocation,
            location=TANK,
            site=SITE,
            department="LAB",
            title="Tank 4",
            location_type=LocationType.STORAGE,
        )
    )
    return story


def test_findings_a8_a_place_is_told_what_it_keeps(tank: Story) -> None:
    """By its code, as often as it changes; what was said last counts."""
    assert (tank.state.locations[TANK].celsius_min, tank.state.locations[TANK].celsius_max) == (None, None)
    (said,) = tank.do(asked(SetLocationConditions, location=first_copy(TANK).text, celsius_max="-150"))
    assert said.payload == events.LocationConditionsSet(location=TANK, celsius_max="-150")
    tank.do(asked(SetLocationConditions, location=TANK, celsius_min="2", celsius_max="8"))
    kept = tank.state.locations[TANK]
    assert (kept.title, kept.celsius_min, kept.celsius_max) == ("Tank 4", "2", "8")
    again = tank.decide(asked(SetLocationConditions, location=TANK, celsius_min="2", celsius_max="8"))
    assert isinstance(again, Denied) and again.reason.rule == "already_done"
    assert again.reason.answer is ScanAnswer.CHECK


def test_a_place_that_is_not_there(tank: Story) -> None:
    """It is named."""
    other = asked(SetLocationConditions, location="LT555555555", celsius_max="8")
    assert tank.refusal(other) == "location_unknown"


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ({}, "Neither temperatures nor rows and columns are given."),
        ({"rows": 5}, "Rows and columns are given together, or neither."),
        ({"celsius_min": "8", "celsius_max": "2"}, "The coldest temperature 8 C is above the warmest 2 C."),
    ],
)
def test_bounds_that_make_no_sense_are_bad_input(tank: Story, kept: dict[str, Any], said: str) -> None:
    """Neither of them, or crossed; the wrong notation does not even make a request."""
    with pytest.raises(InputError) as refused:
        tank.decide(asked(SetLocationConditions, location=TANK, **kept))
    assert refused.value.message == said


@pytest.mark.parametrize("value", ["-60,5", "\u221260", "5e2", "999", "-999", "375149", "", "NaN", "75_0"])
def test_findings_a15_a_temperature_is_written_one_way(value: str) -> None:
    """Another notation, below absolute zero or beyond the scale: bad input."""
    with pytest.raises(InputError):
        asked(SetLocationConditions, location=TANK, celsius_max=value)
