"""Boxes, shippers and loggers over their life: tested, charged, taken out of service and put back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.errors import InputError
from schema.events.registry import SiteAdded
from schema.vocabulary import EquipmentStatus, EquipmentType, ObjectType, Role, SiteType
from tests.support.registry_story import ADA, BEN, NOON, SITE, Story, asked, founded, kinds_of
from tracker.registry.decide import decide_registry
from tracker.registry.equipment.requests import (
    AddEquipment,
    ChargeShipper,
    QualifyEquipment,
    SetEquipmentStatus,
)
from tracker.registry.requests import RegistryRequest
from tracker.registry.situation import RegistrySituation
from tracker.rules.decision import Allowed, Denied
from tracker.rules.equipment_use import EquipmentUse
from tracker.rules.registry_state import Equipment

SHIPPER, LOGGER, BOX = "BT234567892", "DT234567892", "BT234567893"
DUE = NOON + timedelta(days=365)
EVENT = "01890a5d-ac96-774b-8000-000000000007"
BOTH = f"{ADA} performed, {BEN} approved"


class ServiceStory(Story):
    """A registry whose requests about equipment name it by its id; what is in a box is said beforehand."""

    inside: tuple[str, ...] = ()
    uses: tuple[EquipmentUse, ...] = ()

    def situation(self) -> RegistrySituation:
        """The same with the scans looked up."""
        known = {one: one for one in self.state.equipments}
        held = dict.fromkeys(known, self.inside)
        return replace(super().situation(), equipment=known, held=held, in_doubt=self.uses)

    def of(self, equipment: str) -> Equipment:
        """One of them now."""
        found = self.state.equipment(equipment)
        assert found is not None
        return found


@pytest.fixture
def story() -> ServiceStory:
    """A shipper, a logger and a plain box of one site, in no use yet; T-1 works in its lab, D-1 drives."""
    told = ServiceStory(founded().state)
    told.now = NOON + timedelta(hours=1)
    for equipment, kind in (
        (SHIPPER, EquipmentType.SHIPPER),
        (LOGGER, EquipmentType.DATA_LOGGER),
        (BOX, EquipmentType.BOX),
    ):
        title = kind.value.replace("_", " ").capitalize()
        hold = 240 if kind is EquipmentType.SHIPPER else None
        told.do(
            asked(
                AddEquipment,
                equipment=equipment,
                equipment_type=kind,
                title=title,
                site=SITE,
                hold_hours=hold,
            )
        )
    for site in ("CARR", "ELSEWHERE"):
        told.tell(SiteAdded(site=site, title=site.capitalize(), site_type=SiteType.CARRIER, zone="UTC"))
    told.hire("T-1", Role.CELL_LAB_TECHNICIAN)
    told.hire("T-2", Role.CELL_LAB_TECHNICIAN, site="ELSEWHERE")
    told.hire("D-1", Role.COURIER, site="CARR")
    told.hire("Q-1", Role.QUALITY)
    return told


def outcome(equipment: str = SHIPPER, **more: Any) -> QualifyEquipment:
    """A test that was passed, signed by two."""
    given = {"verdict": "passed", "due_at": DUE, "standard": "ISTA 7E, summer", "signers": BOTH, **more}
    return asked(QualifyEquipment, equipment=equipment, **given)  # type: ignore[no-any-return]


class TestTests:
    def test_findings_e6_qualified_again(self, story: ServiceStory) -> None:
        """What it says counts from now on; what it does not say again stays."""
        assert kinds_of(story.do(outcome(hold_hours=120, celsius_max="-150"))) == ["equipment_qualified"]
        one = story.of(SHIPPER)
        assert (one.requalification_due, one.hold_hours, one.failed) == (DUE, 120, False)
        assert (one.celsius_max, one.celsius_min) == ("-150", None)
        story.later(days=300)
        story.do(outcome(due_at=DUE + timedelta(days=300), celsius_min="-196"))
        one = story.of(SHIPPER)
        assert one.hold_hours == 120 and (one.celsius_min, one.celsius_max) == ("-196", "-150")

    def test_passing_takes_two_and_one_of_quality(self, story: ServiceStory) -> None:
        """Nobody prolongs a shipper's life alone, and the lab not at all; that it failed takes one."""
        assert story.refusal(outcome(signers=f"{ADA} performed")) == "signature_missing"
        story.hire("ADM-2", Role.ADMINISTRATOR)
        assert story.refusal(outcome(signers=f"{ADA} performed, ADM-2 approved")) == "role_missing"
        assert story.refusal(outcome(actor="T-1", signers="T-1 performed, Q-1 approved")) == "role_missing"
        failed = outcome(verdict="failed", due_at=None, signers=f"{ADA} performed")
        story.do(failed)
        assert story.of(SHIPPER).failed and story.of(SHIPPER).requalification_due is None

    def test_the_newest_test_counts(self, story: ServiceStory) -> None:
        """One that is entered after a newer one changes nothing."""
        story.do(outcome(at=story.now - timedelta(days=3)))
        assert story.refusal(outcome(at=story.now - timedelta(days=4))) == "older_test"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"due_at": None},
            {"due_at": NOON - timedelta(days=1), "at": NOON},
            {"verdict": "failed"},
            {"unfit_since": NOON},
            {"verdict": "failed", "due_at": None, "at": NOON, "unfit_since": NOON + timedelta(minutes=1)},
            {"at": NOON + timedelta(days=1)},
            {"at": NOON - timedelta(days=3700), "due_at": NOON},
            {"due_at": NOON + timedelta(days=3700)},
            {"verdict": "failed", "due_at": None, "unfit_since": NOON - timedelta(days=3700)},
            {"celsius_min": "-150", "celsius_max": "-196"},
        ],
    )
    def test_what_cannot_be_true(self, story: ServiceStory, wrong: dict[str, Any]) -> None:
        """Due before it was done, unfit though it passed, tomorrow's test, a band upside down: bad input."""
        with pytest.raises(InputError) as error:
            story.decide(outcome(**wrong))
        assert error.value.remedy

    @pytest.mark.parametrize(
        "wrong",
        [{"hold_hours": 0}, {"celsius_min": "-60,5"}, {"celsius_max": "\u2212150"}, {"celsius_min": "-300"}],
    )
    def test_what_is_no_value(self, wrong: dict[str, Any]) -> None:
        """Hold time 0, a comma, a typographic minus, colder than nitrogen."""
        with pytest.raises((ValueError, InputError)):
            outcome(**wrong)

    def test_a_date_that_is_a_slip_of_the_year(self, story: ServiceStory) -> None:
        """Added as due in 2062 or in 2012: bad input."""
        for due in (NOON + timedelta(days=3700), NOON - timedelta(days=3700)):
            box: dict[str, Any] = dict(
                equipment_type=EquipmentType.SHIPPER, title="X", site=SITE, requalification_due=due
            )
            with pytest.raises(InputError):
                story.decide(asked(AddEquipment, **box))

    def test_findings_e6_a_deviation_for_each_use(self, story: ServiceStory) -> None:
        """The newest hundred uses since it is unfit, each in the chain of its cells; the registry last."""
        use = EquipmentUse(
            "CT234567892", EVENT, SHIPPER, "ST234567892", ("UT234567892",), NOON, "T-1", frozenset()
        )
        story.uses = tuple(replace(use, coi=f"CT23456{number:04d}") for number in range(101))
        failed = outcome(verdict="failed", due_at=None, unfit_since=NOON, signers=f"{ADA} performed")
        decision = story.decide(failed)
        assert isinstance(decision, Allowed)
        chains = [draft.chain for draft in decision.events]
        assert chains == [f"CT23456{number:04d}" for number in range(100)] + ["registry"]
        assert decision.events[0].payload.to_json() == {"cause": ["not_qualified"], "about": EVENT}


class TestCharges:
    def test_findings_e6_hold_time_runs_from_the_charge(self, story: ServiceStory) -> None:
        """Whoever handles boxes here says so, or the driver; 240 h from then."""
        at = story.now - timedelta(hours=2)
        story.do(asked(ChargeShipper, actor="T-1", equipment=SHIPPER, at=at, grams=5200))
        assert story.of(SHIPPER).holds_until == at + timedelta(hours=240)
        story.do(asked(ChargeShipper, actor="D-1", equipment=SHIPPER))
        assert story.of(SHIPPER).charged_at == story.now

    def test_by_whom_and_what(self, story: ServiceStory) -> None:
        """Somebody of another site does not fill this one; a logger is not filled; yesterday's is known."""
        assert story.refusal(asked(ChargeShipper, actor="T-2", equipment=SHIPPER)) == "role_elsewhere"
        assert story.refusal(asked(ChargeShipper, actor="T-1", equipment=LOGGER)) == "wrong_kind"
        assert story.refusal(asked(ChargeShipper, actor="T-1", equipment="BT999999999")) == "wrong_kind"
        story.do(asked(ChargeShipper, actor="T-1", equipment=SHIPPER))
        earlier = asked(ChargeShipper, actor="T-1", equipment=SHIPPER, at=story.now - timedelta(days=1))
        assert story.refusal(earlier) == "already_done"
        for wrong in (timedelta(hours=1), timedelta(hours=-2001)):
            with pytest.raises(InputError):
                story.decide(asked(ChargeShipper, equipment=SHIPPER, at=story.now + wrong))


STATUSES = [
    # who, from, to, the rule against it
    ("T-1", "in_service", "cleaning", None),
    ("T-1", "cleaning", "in_service", None),
    ("D-1", "in_service", "lost", None),
    ("T-1", "in_service", "quarantined", None),
    ("T-1", "in_service", "repair", None),
    ("T-2", "in_service", "cleaning", "role_elsewhere"),
    ("T-1", "lost", "in_service", "role_missing"),
    ("T-1", "repair", "in_service", "role_missing"),
    ("T-1", "quarantined", "in_service", "role_missing"),
    ("T-1", "quarantined", "cleaning", "role_missing"),
    ("T-1", "quarantined", "repair", None),
    ("Q-1", "quarantined", "in_service", None),
    ("Q-1", "repair", "cleaning", None),
    ("T-1", "in_service", "retired", "role_missing"),
    (ADA, "in_service", "retired", None),
    ("Q-1", "cleaning", "retired", None),
    ("T-1", "retired", "lost", "role_missing"),
    ("Q-1", "retired", "in_service", None),
    ("Q-1", "cleaning", "cleaning", "already_done"),
]


@pytest.mark.parametrize(("who", "before", "after", "rule"), STATUSES)
def test_findings_e6_who_changes_its_state(
    story: ServiceStory, who: str, before: str, after: str, rule: str | None
) -> None:
    """Out of service by whoever handles it; back from quarantine, repair and loss by quality alone."""
    one = replace(story.of(SHIPPER), status=EquipmentStatus(before))
    story.state = replace(story.state, equipments={**story.state.equipments, SHIPPER: one})
    request = asked(SetEquipmentStatus, actor=who, equipment=SHIPPER, status=after)
    if rule is None:
        story.do(request)
        assert story.of(SHIPPER).status.value == after
    else:
        assert story.refusal(request) == rule


def test_retired_for_good(story: ServiceStory) -> None:
    """Not with cells in it; afterwards it is neither tested nor charged."""
    story.inside = ("UT234567892",)
    retire = asked(SetEquipmentStatus, equipment=SHIPPER, status="retired")
    assert story.refusal(retire) == "box_not_empty"
    story.inside = ()
    story.do(retire)
    assert story.refusal(outcome()) == "not_in_service"
    assert story.refusal(asked(ChargeShipper, equipment=SHIPPER)) == "not_in_service"


def test_everything_goes_by_a_scan(story: ServiceStory) -> None:
    """What is no box or logger of this store is refused, not guessed."""
    unknown: list[RegistryRequest] = [
        outcome(ObjectType.BOX + "T99999999B"),
        asked(SetEquipmentStatus, equipment="UT234567892", status="cleaning"),
    ]
    for request in unknown:
        found = decide_registry(story.situation(), request)
        assert isinstance(found, Denied) and found.reason.rule == "wrong_kind"
    assert isinstance(story.decide(outcome(LOGGER)), Allowed)
