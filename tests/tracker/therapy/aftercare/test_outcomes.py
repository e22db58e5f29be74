"""What is due after the infusion: from which day, by whom, and what was said of it; also years later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from schema.errors import InputError
from schema.events.aftercare import OutcomeRecorded
from schema.vocabulary import Disposition
from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.graph import findings
from tracker.protocols.model import Duty
from tracker.rules.duties import duties_of, open_duties
from tracker.rules.therapy_state import Occurrence
from tracker.therapy.aftercare.requests import RecordOutcome
from tracker.therapy.course import Close

Cases = Callable[[str], Case]
DOCTOR = "DOC-A1"


def utc(_: datetime) -> str:
    """The clocks of a place that has no summer time."""
    return "+00:00"


@pytest.fixture
def closed(case: Cases) -> Case:
    """The first therapy, infused on 2026-12-01 at 11:00 UTC and closed."""
    given = case("infused")
    at = datetime(2026, 12, 1, 11, tzinfo=UTC)
    for unit in given.state.units:
        given.change(unit, final=given.unit(given.one.products[0]).final, volume_ml=None)
    given.do(Close, DOCTOR, coi=scan(given.one.coi))
    product = given.one.products[0]
    facts = dict(given.unit(product).facts)
    for kind in ("infusion_started", "infusion_completed"):
        facts[kind] = replace(facts[kind], at=at)
    given.change(product, facts=facts)
    given.now = max(given.now, at)
    trained = [replace(one, training_expires_at=None) for one in given.registry.grants[DOCTOR]]
    given.registry = replace(given.registry, grants={**given.registry.grants, DOCTOR: tuple(trained)})
    return given


def outcome(case: Case, **values: Any) -> dict[str, Any]:
    """Alive at the yearly follow-up, unless said otherwise."""
    return {"coi": scan(case.one.coi), "duty": "follow_up", "result": "alive", **values}


def days(case: Case, duty: str) -> list[str]:
    """The open days of a duty."""
    return [one.due_on for one in open_duties(case.state, PROTOCOL, utc) if one.duty.name == duty]


def test_making_a7_year_seven_of_a_closed_therapy_is_recorded(closed: Case) -> None:
    """Given a closed therapy and six years answered, year 7 is taken and year 8 is what is due next."""
    assert days(closed, "follow_up")[0] == "2027-12-01" and len(days(closed, "follow_up")) == 15
    for year in range(2027, 2033):
        closed.now = datetime(year, 12, 2, 9, tzinfo=UTC)
        closed.do(RecordOutcome, DOCTOR, **outcome(closed))
    closed.now = datetime(2033, 12, 2, 9, tzinfo=UTC)
    (draft,) = closed.do(RecordOutcome, DOCTOR, **outcome(closed, due_on="2033-12-01"))
    said = draft.payload
    assert isinstance(said, OutcomeRecorded)
    assert (said.due_on, said.result, said.recorded_for) == ("2033-12-01", "alive", "2033-12-02")
    assert days(closed, "follow_up")[0] == "2034-12-01"
    again = closed.refusal(RecordOutcome, DOCTOR, **outcome(closed, due_on="2033-12-01"))
    assert again.rule == "already_done"


def test_making_a7_nothing_more_is_due_of_who_died(closed: Case) -> None:
    """Given that the patient died in the second year, no later year is asked for."""
    closed.now = datetime(2028, 3, 1, tzinfo=UTC)
    closed.do(RecordOutcome, DOCTOR, **outcome(closed))
    closed.do(RecordOutcome, DOCTOR, **outcome(closed, result="died", recorded_for="2028-02-11"))
    assert days(closed, "follow_up") == []


def test_making_a7_an_authority_is_told_within_48_hours(
    closed: Case,
) -> None:
    """Given a product in specification nothing is due; released out of it, 48 h from the first drop."""
    assert days(closed, "authority_notified") == []
    closed.change(closed.one.products[0], disposition=Disposition.RELEASED_OUT_OF_SPECIFICATION)
    (due,) = [one for one in duties_of(closed.state, PROTOCOL, utc) if one.duty.name == "authority_notified"]
    assert due.due_at == datetime(2026, 12, 3, 11, tzinfo=UTC)
    told = outcome(closed, duty="authority_notified", result="told")
    assert closed.refusal(RecordOutcome, DOCTOR, **told).rule == "role_missing"


def test_making_a7_what_can_be_no_outcome_is_not_taken(closed: Case) -> None:
    """Given a duty, a result, a day or a month that there is not, nothing is written."""
    assert closed.refusal(RecordOutcome, DOCTOR, **outcome(closed, duty="tea")).rule == "duty_unknown"
    assert closed.refusal(RecordOutcome, DOCTOR, **outcome(closed, due_on="2027-12-02")).rule == "not_due"
    with pytest.raises(InputError, match="is no result of Long-term follow-up"):
        closed.decide(RecordOutcome, DOCTOR, **outcome(closed, result="well"))
    with pytest.raises(InputError, match="still to come"):
        closed.decide(RecordOutcome, DOCTOR, **outcome(closed, recorded_for="2090-01-01"))
    with pytest.raises(ValidationError):
        closed.decide(RecordOutcome, DOCTOR, **outcome(closed, recorded_for="2026-13-01"))


def test_findings_a10_a_number_of_an_outcome_is_held_against_its_measure(closed: Case) -> None:
    """Follow-up has a word alone; where the protocol names a measure, what it can be is asked."""
    with pytest.raises(InputError) as raised:
        closed.decide(RecordOutcome, DOCTOR, **outcome(closed, value="3"))
    assert (raised.value.code, raised.value.field) == ("wrong_measure", "value")
    duties = (one.model_copy(update={"measure": "car_positive"}) for one in PROTOCOL.duties)
    closed.protocol = PROTOCOL.model_copy(update={"duties": tuple(duties)})
    with pytest.raises(InputError, match="0 to 100 percent") as raised:
        closed.decide(RecordOutcome, DOCTOR, **outcome(closed, value="100.1"))
    assert raised.value.field == "value"
    closed.now = datetime(2027, 12, 2, 9, tzinfo=UTC)
    (draft,) = closed.do(RecordOutcome, DOCTOR, **outcome(closed, value="3.5"))
    assert isinstance(draft.payload, OutcomeRecorded) and draft.payload.value == "3.5"


def test_making_a7_a_month_ends_on_its_last_day(closed: Case) -> None:
    """Given an infusion on the 31st, a duty of each month falls on the last day of shorter ones."""
    start = Occurrence(datetime(2026, 12, 31, 8, tzinfo=UTC), "e", 1, "DOC-A1")
    monthly = duty(every="P1M", until="P4M")
    state = replace(closed.state, facts={"enrolled": start}, units={}, outcomes=())
    protocol = PROTOCOL.model_copy(update={"duties": (monthly,)})
    assert [one.due_on for one in duties_of(state, protocol, utc)] == [
        "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30",
    ]  # fmt: skip


def duty(**values: Any) -> Duty:
    """A duty after the enrolment."""
    usual = {"name": "look", "title": "Look", "after": "enrolled", "roles": ["clinician"]}
    return Duty.model_validate({**usual, "results": ["seen"], "source": "this test", **values})


@pytest.mark.parametrize(
    "wrong", [{}, {"within": "P1D", "every": "P1Y", "until": "P2Y"}, {"every": "P1Y"},
              {"within": "P1D", "ended_by": ["died"]}],
)  # fmt: skip
def test_making_a7_a_duty_is_whole(wrong: dict[str, Any]) -> None:
    """Once within a time, or every so often until an end; what ends it is one of its results."""
    with pytest.raises(ValidationError):
        duty(**wrong)
    lost = PROTOCOL.model_copy(update={"duties": (duty(within="P1D", after="tea"),)})
    assert "duty look counts from tea, which no step brings." in findings(lost)
