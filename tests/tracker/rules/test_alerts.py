"""Alerts from states: which cause, of what, since when, whom it calls first and next, and that ids stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from schema.events import Party
from schema.events.alerts import AlertAcknowledged
from schema.events.custody import Relinquished, Retrieved
from schema.events.deviations import DeviationAssessed, DeviationOpened
from schema.events.planning import MovedMilestone, Rescheduled
from schema.events.processing import Quarantined, QuarantineLifted
from schema.instants import parse_instant
from schema.vocabulary import (
    AlertCause,
    Condition,
    DeviationDecision,
    HandoffType,
    PartyType,
    Reason,
    Role,
    Severity,
)
from tests.support.authority_cases import asked_of, staff_of, with_everybody
from tests.support.plans import wanted_chain, with_capacity
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.rules.alert_state import Alert, Rung
from tracker.rules.alerts import alerts_of, rung_of
from tracker.rules.clocks import running_clocks
from tracker.rules.decision import Allowed
from tracker.rules.therapy_state import Occurrence, RefusalState
from tracker.therapy.alerts import AcknowledgeAlert
from tracker.therapy.notes import Note
from tracker.therapy.planning.requests import Schedule

Cases = Callable[[str], Case]
HOUR = timedelta(hours=1)


def of(case: Case, *causes: AlertCause) -> list[Alert]:
    """The alerts of these causes, or all."""
    return [one for one in case.alerts() if not causes or one.cause in causes]


def test_logistics_a_limit_calls_from_four_fifths_on_and_is_a_breach_at_its_end(case: Cases) -> None:
    """Fresh cells to be frozen: first the lab that does it, then who plans, then quality."""
    given = case("collected")
    assert of(given) == []
    (clock,) = running_clocks(given.state, given.protocol)
    assert clock.began_at is not None
    given.now = clock.began_at + timedelta(hours=38)
    assert of(given) == []
    given.now += timedelta(hours=1)
    (due,) = of(given, AlertCause.DUE)
    assert (due.subject, due.name) == (given.one.bag, "collection_to_freeze")
    assert [str(one.role) + " " + one.site for one in due.rungs] == [
        "cell_lab_technician COLL-A", "coordinator TREAT-A", "quality MFG-1",
    ]  # fmt: skip
    given.now = due.due_at - timedelta(milliseconds=1)
    assert of(given, AlertCause.BREACH) == []
    given.now = due.due_at
    (breach,) = of(given, AlertCause.BREACH)
    assert (breach.subject, breach.name, breach.due_at) == (due.subject, due.name, due.due_at)
    assert breach.id != due.id and of(given)[0] == breach, "the gravest first"


def test_logistics_quarantine_and_deviation_call_quality_until_they_end(case: Cases) -> None:
    """The cause ends and begins again: another alert, with another id."""
    given = case("made")
    (unit, *_) = given.one.products
    given.happened(Quarantined(units=(unit,), reason=Reason.OTHER))
    opened = given.happened(
        DeviationOpened(category="label", description=given.commit(given.one.coi, "description", "x"))
    )
    held, unassessed = of(given)
    assert (held.cause, held.subject) == (AlertCause.QUARANTINED, unit)
    assert [one.role for one in held.rungs] == [Role.QUALITY, Role.QUALIFIED_PERSON]
    assert (unassessed.cause, unassessed.subject) == (AlertCause.UNASSESSED, opened.event_id)
    given.later(hours=1)
    assert [one.id for one in of(given)] == [held.id, unassessed.id], "time changes no id"
    given.happened(
        DeviationAssessed(
            deviation=opened.event_id,
            severity=Severity.MINOR,
            cause="label",
            decision=DeviationDecision.NO_IMPACT,
        )
    )
    given.happened(QuarantineLifted(units=(unit,), reason=Reason.OTHER))
    assert of(given) == []
    given.later(minutes=5)
    given.happened(Quarantined(units=(unit,), reason=Reason.OTHER))
    (again,) = of(given)
    assert again.subject == held.subject and again.id != held.id


def test_logistics_silence_calls_and_a_word_about_it_ends_nothing(case: Cases) -> None:
    """A note and an acknowledgement are no progress: the therapy is as stalled as before."""
    given = case("enrolled")
    given.later(days=3, minutes=1)
    (stalled,) = of(given)
    assert (stalled.cause, stalled.subject) == (AlertCause.STALLED, given.one.coi)
    given.do(Note, "NURSE-A1", coi=scan(given.one.coi), text="Waits for insurance")
    given.do(
        AcknowledgeAlert, "COORD-A", coi=scan(given.one.coi),
        plan="Call again on Friday", **asked_of(stalled),
    )  # fmt: skip
    assert [one.id for one in of(given)] == [stalled.id]
    seen = given.state.acknowledged[stalled.id]
    assert seen.actor == "COORD-A" and seen.plan is not None


def test_logistics_a_handoff_that_nobody_answers_calls_its_receiver(case: Cases) -> None:
    """After the half hour of the protocol, by the box; before it is on its way as planned."""
    given = case("packed")
    box = next(unit.box for unit in given.state.units.values() if unit.box)
    given.happened(
        Relinquished(
            type=HandoffType.TRANSPORT,
            units=(given.one.bag,),
            from_party=Party(type=PartyType.PERSON, id="TECH-A1"),
            to_party=Party(type=PartyType.CARRIER, id="CARR-X"),
            condition=Condition.IN_ORDER,
            box=box,
        ),
        "TECH-A1",
    )
    assert of(given, AlertCause.LATE) == []
    given.later(minutes=31)
    (late,) = of(given, AlertCause.LATE)
    assert late.name == "handoff" and late.rungs[0].role is Role.COURIER


@pytest.mark.parametrize(
    ("hours", "seen", "rung"),
    [(-5, False, 0), (0, False, 0), (0.9, False, 0), (1, False, 1), (9, False, 2), (9, True, 0)],
)
def test_logistics_an_alert_climbs_while_nobody_has_seen_it(hours: float, *, seen: bool, rung: int) -> None:
    """A rung an hour up to the last; a clock that was set back brings it to the first."""
    begin = parse_instant("2026-12-01T08:00:00.000Z")
    alert = Alert("CD1", AlertCause.LATE, "UD1", None, begin, begin, "x", (Rung(Role.QUALITY, "MFG-1"),) * 3)
    assert rung_of(alert, HOUR, begin + HOUR * hours, is_acknowledged=seen) == rung


def test_logistics_t7_a_courier_cannot_acknowledge_what_calls_quality(case: Cases) -> None:
    """`role_missing`; quality can, once; an alert whose cause has ended is none."""
    given = case("packed")
    given.happened(Quarantined(units=(given.one.bag,), reason=Reason.OTHER))
    (alert,) = of(given, AlertCause.QUARANTINED)
    asked = {"coi": scan(given.one.coi), **asked_of(alert)}
    refused = given.refusal(AcknowledgeAlert, "COUR-X1", **asked)
    assert refused.rule == "role_missing" and not refused.waivable
    given.do(AcknowledgeAlert, "QA-2", **asked)
    assert given.refusal(AcknowledgeAlert, "QA-2", **asked).rule == "already_done"
    gone = {**asked, "due_at": "2026-01-01T00:00:00Z"}
    assert given.refusal(AcknowledgeAlert, "QA-2", **gone).rule == "alert_ended"
    assert isinstance(alert, Alert) and alert.id in given.state.acknowledged
    assert AlertAcknowledged.kind not in given.state.units[given.one.bag].facts


def test_logistics_where_a_site_has_nobody_of_the_role_another_of_the_therapy_is_told(case: Cases) -> None:
    """Quality of the manufacturer hears of a bag at a collection center without quality; never nobody."""
    given = case("frozen")
    given.happened(Quarantined(units=(given.one.bag,), reason=Reason.OTHER))
    (alert,) = of(given, AlertCause.QUARANTINED)
    assert alert.rungs[0] == Rung(Role.QUALITY, "MFG-1")
    nobody = replace(given.registry, grants={})
    (still,) = [
        one
        for one in alerts_of(given.state, given.protocol, nobody, given.now)
        if one.cause is AlertCause.QUARANTINED
    ]
    assert len(still.rungs) == 1 and still.id == alert.id


def test_logistics_what_is_booked_and_late_calls_the_coordinator_once(case: Cases) -> None:
    """One milestone for the whole chain behind it; hours change no id; a move makes another alert."""
    given = with_everybody(case("enrolled"), "COLL-A")
    given.registry = with_capacity(given.registry)
    coordinator = staff_of(Role.COORDINATOR)
    asked = given.decide(Schedule, coordinator, at="COLL-A", coi=scan(given.one.coi), **wanted_chain(given))
    assert isinstance(asked, Allowed)
    given.happened(asked.events[0].payload, coordinator)
    assert of(given) == []
    plan = given.state.plan
    assert plan is not None
    booked = plan.booked["collection"].milestone
    given.now = booked.end + timedelta(hours=2)
    (late,) = of(given)
    assert (late.cause, late.subject, late.name) == (AlertCause.LATE, given.one.coi, "collection")
    assert late.due_at == booked.start and late.rungs[0] == Rung(Role.COORDINATOR, "COLL-A")
    assert late.projected_at is not None and late.projected_at > late.due_at
    given.now += timedelta(hours=3)
    (still,) = of(given)
    assert still.id == late.id and still.projected_at != late.projected_at
    shown, signed = (
        given.decide(AcknowledgeAlert, coordinator, coi=scan(given.one.coi), **asked_of(one))
        for given.now in (given.now, given.now + timedelta(seconds=4))
        for one in of(given)
    )
    assert isinstance(shown, Allowed) and isinstance(signed, Allowed)
    assert shown.events[0].payload == signed.events[0].payload, "what is signed is what was shown"
    moved = MovedMilestone(
        **{
            **booked.model_dump(),
            "start": booked.start + timedelta(days=2),
            "end": booked.end + timedelta(days=2),
        },
        from_start=booked.start,
    )
    given.happened(Rescheduled(moved=(moved,), reason=Reason.INFECTION), coordinator)
    assert late.id not in [one.id for one in of(given)]


def test_what_nobody_of_a_site_can_see_calls_who_plans_at_once(case: Cases) -> None:
    """No lab at the site has anybody: the alert does not wait for hours with nobody."""
    given = case("collected")
    (clock,) = running_clocks(given.state, given.protocol)
    assert clock.began_at is not None
    holders = frozenset({(Role.COORDINATOR, "COLL-A")})
    now = clock.began_at + timedelta(hours=39)
    (due,) = alerts_of(given.state, given.protocol, given.registry, now, holders)
    assert due.rungs == (Rung(Role.COORDINATOR, "COLL-A"),)


def _given_to(case: Case, party: Party, staff: str = "COUR-X1") -> None:
    """The box is handed over, and nobody answers for 31 minutes."""
    box = next(unit.box for unit in case.state.units.values() if unit.box)
    case.happened(
        Relinquished(
            type=HandoffType.TRANSPORT,
            units=(case.one.bag,),
            from_party=Party(type=PartyType.CARRIER, id="CARR-X"),
            to_party=party,
            condition=Condition.IN_ORDER,
            box=box,
        ),
        staff,
    )
    case.later(minutes=31)


def _department(case: Case, site: str, role: Role) -> Party:
    """The department of a site whose people have a role."""
    found = next(one for one in case.registry.departments.values() if one.site == site and role in one.roles)
    return Party(type=PartyType.DEPARTMENT, id=found.id)


def _to_dock(case: Case) -> None:
    _given_to(case, _department(case, "MFG-1", Role.DOCK))


def _to_lab(case: Case) -> None:
    _given_to(case, _department(case, "TREAT-A", Role.CELL_LAB_TECHNICIAN))


def _to_person(case: Case) -> None:
    _given_to(case, Party(type=PartyType.PERSON, id="OPER-1"))


def _to_carrier(case: Case) -> None:
    _given_to(case, Party(type=PartyType.CARRIER, id="CARR-X"))


def _refused(case: Case) -> None:
    unit, *_ = (unit for unit in case.state.units.values() if unit.box)
    said = RefusalState(
        Occurrence(case.now, "01890a5d-ac96-774b-8000-0000000000ab", 99, "DOCK-M"), "MFG-1", "seal_broken"
    )
    case.therapies[case.one.coi] = replace(case.state, boxes_refused={unit.box or "": said})


def _out_of_storage(case: Case, site: str) -> None:
    """A frozen unit stands outside its tank at a site."""
    unit = next(one for one in case.state.units.values() if one.location is not None)
    at = Occurrence(case.now, "01890a5d-ac96-774b-8000-0000000000ac", 99, "LAB-A1")
    case.change(unit.unit, location=None, site=site, facts={**unit.facts, Retrieved.kind: at})
    case.later(minutes=29)


def _bag_out_at_plant(case: Case) -> None:
    _out_of_storage(case, "MFG-1")


def _product_out_at_treatment(case: Case) -> None:
    _out_of_storage(case, "TREAT-A")


def _hold_nearly_over(case: Case) -> None:
    """The box is on its way, and holds for an hour more."""
    (hold,) = case.state.boxes_hold.values()
    case.now = hold.until - HOUR


def _deviation(case: Case) -> None:
    text = case.commit(case.one.coi, "description", "x")
    case.happened(DeviationOpened(category="label", description=text))


def _quarantine(case: Case) -> None:
    case.happened(Quarantined(units=(case.one.bag,), reason=Reason.OTHER))


def _silence(case: Case) -> None:
    case.later(days=3, minutes=1)


def _nothing(case: Case) -> None:
    (clock,) = running_clocks(case.state, case.protocol)
    assert clock.began_at is not None
    case.now = clock.began_at + timedelta(hours=39)


@pytest.mark.parametrize(
    ("stage", "make", "cause", "called"),
    [
        ("collected", _nothing, AlertCause.DUE,
         ["cell_lab_technician COLL-A", "coordinator TREAT-A", "quality MFG-1"]),
        ("packed", _hold_nearly_over, AlertCause.DUE,
         ["manufacturing_operator MFG-1", "coordinator TREAT-A", "quality MFG-1"]),
        ("received", _bag_out_at_plant, AlertCause.DUE,
         ["manufacturing_operator MFG-1", "coordinator TREAT-A", "quality MFG-1"]),
        ("delivered", _product_out_at_treatment, AlertCause.DUE,
         ["cell_lab_technician TREAT-A", "coordinator TREAT-A", "quality TREAT-A"]),
        ("packed", _to_dock, AlertCause.LATE, ["dock MFG-1", "coordinator TREAT-A"]),
        ("packed", _to_lab, AlertCause.LATE, ["cell_lab_technician TREAT-A", "coordinator TREAT-A"]),
        ("packed", _to_person, AlertCause.LATE, ["manufacturing_operator MFG-1", "coordinator TREAT-A"]),
        ("packed", _to_carrier, AlertCause.LATE, ["courier CARR-X", "coordinator TREAT-A"]),
        ("packed", _refused, AlertCause.REFUSED, ["quality MFG-1", "coordinator TREAT-A"]),
        ("frozen", _quarantine, AlertCause.QUARANTINED, ["quality MFG-1", "qualified_person MFG-1"]),
        ("frozen", _deviation, AlertCause.UNASSESSED, ["quality MFG-1", "qualified_person MFG-1"]),
        ("enrolled", _silence, AlertCause.STALLED, ["coordinator TREAT-A", "quality MFG-1"]),
    ],
)  # fmt: skip
def test_logistics_who_is_called_can_end_it_where_it_is(
    case: Cases, stage: str, make: Callable[[Case], None], cause: AlertCause, called: list[str]
) -> None:
    """Cause by cause: the role that may take the step which ends it, at the site where that is taken."""
    given = case(stage)
    make(given)
    found = of(given, cause)
    assert found, given.alerts()
    assert [f"{one.role} {one.site}" for one in found[0].rungs] == called
