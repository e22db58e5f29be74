"""From when on a therapy in which nothing is recorded is stalled."""

from collections.abc import Callable
from datetime import timedelta

from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.rules.stalled import stalled_at
from tracker.therapy.course import Cancel
from tracker.therapy.deviations import OpenDeviation

Cases = Callable[[str], Case]


def test_findings_a14_three_days_after_the_last_entry(case: Cases) -> None:
    """Enrollment counts where nothing followed it."""
    given = case("enrolled")
    enrolled = given.state.facts["enrolled"].at
    assert stalled_at(given.state, given.protocol) == enrolled + timedelta(days=3)
    given.later(days=2)
    given.do(OpenDeviation, "NURSE-A1", coi=scan(given.one.coi), category="other", description="Late.")
    assert stalled_at(given.state, given.protocol) == given.now + timedelta(days=3)


def test_findings_a14_what_is_canceled_waits_for_nobody(case: Cases) -> None:
    """Nothing more is to come."""
    given = case("enrolled")
    given.do(Cancel, "DOC-A1", others="QA-A approved", coi=scan(given.one.coi), reason="disease_progression")
    assert stalled_at(given.state, given.protocol) is None
