"""How a culture has grown by its counts, and whether it makes the dose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from schema.events.dosing import DoseSet
from tests.support.doses import AXI, dosed
from tests.support.journeys import PROTOCOL
from tests.support.process import COUNTER, OPERATOR, SECOND, begun, take, usual
from tests.support.rule_cases import Case
from tracker.protocols.graph import findings
from tracker.protocols.growth import ExpectedGrowth
from tracker.rules.decision import Allowed, Notice, ScanAnswer
from tracker.rules.growth import Count, Curve, IsEnough, curve, enough, growth_notices
from tracker.rules.therapy_state import DoseState, Occurrence
from tracker.therapy.making.requests import PerformStep
from tracker.views.growth import GrowthView, growths

Cases = Callable[[str], Case]


def utc(_: object) -> str:
    """The clocks of the manufacturer in these cases."""
    return "+00:00"


@pytest.fixture
def making(case: Cases) -> Case:
    """Manufacturing of the first therapy has begun."""
    return begun(case("received"))


def culture(case: Case, *counts: tuple[float, str]) -> Case:
    """The first count at activation, each further one so many days after it."""
    bag, start = case.one.bag, case.now + timedelta(minutes=1)
    take(case, "activation", bag, measured={"viable_cells": counts[0][1]})
    for day, count in counts[1:]:
        case.now = start + timedelta(days=day) - timedelta(minutes=1)
        take(case, "counting", bag, instruments=(COUNTER,), measured={"viable_cells": count})
    return case


def view(case: Case) -> GrowthView:
    """What a reader sees of the only culture."""
    (found,) = growths(case.state, case.protocol, utc)
    return found


def told(case: Case, name: str, **measured: str) -> tuple[Notice, ...]:
    """What is told when a count is recorded; it is recorded whatever is told."""
    values: dict[str, Any] = usual(name, case.one.bag, measured=measured)
    found = case.decide(PerformStep, OPERATOR, others=SECOND if name == "harvest" else "", **values)
    assert isinstance(found, Allowed), found
    case.do(PerformStep, OPERATOR, others=SECOND if name == "harvest" else "", **values)
    return found.notices


def test_making_m1_six_counts_are_a_curve(making: Case) -> None:
    """100 million on day 0 to 2600 on day 11: 26.0-fold, 4.70 doublings, and a fall is shown as a fall."""
    culture(making, (0, "100"), (3, "95"), (5, "240"), (7, "610"), (9, "1400"), (11, "2600"))
    found = view(making)
    assert found.summary == "26.0-fold, 4.70 doublings"
    assert [one.day for one in found.counts] == [0, 3, 5, 7, 9, 11]
    assert [one.change for one in found.counts] == [
        "",
        "fell to 0.95",
        "doubled in 35.9 h",
        "doubled in 35.7 h",
        "doubled in 40.0 h",
        "doubled in 53.7 h",
    ]


@pytest.mark.parametrize(
    ("viable", "made", "rule"), [("400", "118.0", ("not_enough_yet",)), ("482", "144.2", ())]
)
def test_making_m2_harvest_is_held_against_the_dose(
    making: Case, viable: str, made: str, rule: tuple[str, ...]
) -> None:
    """72 kg at 2.0 million each need 144: CHECK at 118.0, and the harvest is recorded all the same."""
    dosed(making, AXI)
    making.happened(DoseSet(indication="dlbcl", minimum="72", target="144", maximum="144"), "DOC-A1")
    culture(making, (0, "100"), (2, "180"))
    making.later(days=2)
    notices = told(making, "harvest", viable_cells=viable, car_positive="40")
    assert tuple(one.rule for one in notices) == rule
    assert all(one.answer is ScanAnswer.CHECK for one in notices)
    assert "harvest" in making.unit(making.one.bag).facts
    assert view(making).dose == f"{made} of 144.0 million CAR+"
    for one in notices:
        assert one.message == "Not enough yet: 118.0 of 144.0 million CAR+."


def test_making_m2_what_nobody_knows_is_not_enough(making: Case) -> None:
    """Without a dose, or a percentage, nobody can say; by the last interval a day is projected."""
    culture(making, (0, "100"), (1, "200"))
    making.later(days=1)
    (notice,) = told(making, "harvest", viable_cells="300")
    assert notice.rule == "enough_unknown" and "nobody has set the dose" in notice.message
    making.happened(DoseSet(indication="dlbcl", minimum="150", maximum="600"), "DOC-A1")
    growth = making.protocol.growth
    assert growth is not None
    take(making, "counting", making.one.bag, measured={"viable_cells": "400", "car_positive": "40"})
    found = curve(making.state, making.protocol, 1, utc)
    made = enough(found, making.state.dose, growth)
    assert made.answer is IsEnough.NO and made.projected_at is not None
    assert made.projected_at > found.counts[-1].at


def test_making_m3_a_count_that_cannot_be_is_counted_again(making: Case) -> None:
    """610 after 95 in a day is 6.4-fold, and at most 4-fold is possible: CHECK, and both counts stand."""
    culture(making, (0, "100"), (3, "95"))
    making.later(days=1, minutes=-1)
    (notice,) = told(making, "counting", viable_cells="610")
    assert (notice.rule, notice.answer) == ("grows_too_fast", ScanAnswer.CHECK)
    assert notice.message == (
        "610 million after 95 million in 24 h is 6.4-fold; at most 4-fold a day is possible."
    )
    assert "Count again" in notice.remedy
    assert told(making, "counting", viable_cells="310") == ()
    assert [str(one.cells) for one in view(making).counts] == ["100", "95", "610", "310"]


def test_a_culture_behind_what_is_expected_is_told(making: Case) -> None:
    """1.5-fold on day 5, where twice is expected."""
    culture(making, (0, "100"), (3, "110"))
    making.later(days=2)
    (notice,) = told(making, "counting", viable_cells="150")
    assert notice.rule == "behind_expected"
    assert notice.message == "Day 5: 1.5-fold; expected by day 5 is 2-fold."


def test_a_protocol_counts_what_is_measured() -> None:
    """Every word of its growth is described, and its numbers can be."""
    growth = PROTOCOL.growth
    assert growth is not None

    def found(**changes: object) -> tuple[str, ...]:
        return findings(PROTOCOL.model_copy(update={"growth": growth.model_copy(update=changes)}))

    assert found() == ()
    assert found(day_zero="moon") == ("growth: day_zero names moon, which no step of the process is.",)
    assert found(until="released") == ("growth: until names released, which no step of the process is.",)
    assert found(car_positive="moon") == ("growth: car_positive names moon, which nothing measures.",)
    assert found(count=None) == ("growth: without count nothing of it can be judged.",)
    assert found(recovery="1.2") == ("growth: recovery is a part of the cells, from 0 to 1, and not 1.2.",)
    assert found(reserve="-1") == ("growth: reserve cannot be -1.",)
    assert found(fold_per_day_max="1") == ("growth: fold_per_day_max is more than 1, or nothing may grow.",)
    days = tuple(ExpectedGrowth(day=day, fold="2") for day in (7, 5))
    assert found(expected=days) == ("growth: the days of expected are in their order, each once.",)


START = datetime(2026, 11, 1, tzinfo=UTC)


def counts(*found: tuple[float, str], car_positive: str = "40") -> Curve:
    """A curve of counts, each so many hours after the first."""
    own = (Count(START + timedelta(hours=at), int(at // 24), Decimal(cells)) for at, cells in found)
    return Curve(1, tuple(own), Decimal(car_positive))


def aim(millions: str) -> DoseState:
    """A dose with this aim."""
    return DoseState(
        Occurrence(START, "e", 1, "DOC-A1"),
        "b",
        None,
        None,
        None,
        Decimal(1),
        Decimal(millions),
        Decimal(999),
    )


def warned(found: Curve) -> tuple[Notice, ...]:
    """What is told of the last count at a counting."""
    return tuple(growth_notices(PROTOCOL, "counting", found, None))


@pytest.mark.parametrize(
    "found", [((0, "96000.0"), (80, "96000.1")), ((0, "32000"), (312, "32000.1")), ((0, "100"), (24, "0"))]
)
def test_cells_that_hardly_grow_have_no_day_on_which_they_are_enough(
    found: tuple[tuple[float, str], ...],
) -> None:
    """It would be in some thousand years; the harvest is recorded all the same."""
    growth = PROTOCOL.growth
    assert growth is not None
    made = enough(counts(*found, car_positive="0.1"), aim("200"), growth)
    assert made.answer is IsEnough.NO and made.projected_at is None


def test_a_projected_day_is_that_of_the_last_interval() -> None:
    """Doubled in a day, 40 % of them positive, 400 needed: 500 million more than twice take less than two."""
    growth = PROTOCOL.growth
    assert growth is not None
    plain = growth.model_copy(update={"recovery": "1", "reserve": "0"})
    made = enough(counts((0, "250"), (24, "500")), aim("400"), plain)
    assert (made.made, made.projected_at) == (Decimal(200), START + timedelta(hours=48))


def test_days_of_any_length_are_judged() -> None:
    """A limit and an interval that no number of the machine holds together."""
    growth = PROTOCOL.growth
    assert growth is not None
    protocol = PROTOCOL.model_copy(
        update={"growth": growth.model_copy(update={"fold_per_day_max": "999999999999"})}
    )
    found = counts((0, "1"), (24 * 60, "2"))
    assert "grows_too_fast" not in [one.rule for one in growth_notices(protocol, "counting", found, None)]


def test_a_count_of_none_is_told_and_so_is_growth_from_it() -> None:
    """The pair that is judged is the last one, also after a zero."""
    gone = {one.rule: one for one in warned(counts((0, "1000"), (24, "0")))}
    assert gone["nothing_counted"].message == "No viable cell was counted after 1000 million."
    assert gone["nothing_counted"].answer is ScanAnswer.CHECK
    back = {one.rule: one for one in warned(counts((0, "1000"), (24, "0"), (25, "200000")))}
    assert back["grows_too_fast"].message == (
        "200000 million after 0 million in 1 h is growth from nothing; at most 4-fold a day is possible."
    )
    assert [one.doubling_hours for one in counts((0, "0"), (1, "5"), (25, "10")).intervals] == [None, 24.0]
    assert "grows_too_fast" not in [one.rule for one in warned(counts((0, "0"), (24, "0")))]


def test_a_limit_of_growth_that_no_cells_reach_is_found() -> None:
    """It would keep nothing from being believed."""
    growth = PROTOCOL.growth
    assert growth is not None
    absurd = growth.model_copy(update={"fold_per_day_max": "101"})
    assert findings(PROTOCOL.model_copy(update={"growth": absurd})) == (
        "growth: fold_per_day_max 101 is faster than any cells grow; at most 100.",
    )
