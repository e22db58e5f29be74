"""At the bed work nurses of the ward: two of the ward staff match, infuse and end there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schema.vocabulary import FinalDisposition, Material
from tests.support.journeys import World, scans
from tracker.demo.journey import scan
from tracker.protocols.library import shipped
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing

Worlds = Callable[[str], World]
AT_THE_BED = ("bedside_matched", "infusion_started", "infusion_stopped", "infusion_completed")


@pytest.mark.parametrize("name", ["autologous-cryopreserved", "autologous-fresh"])
def test_making_h6_the_protocols_name_ward_nurse_and_clinician(name: str) -> None:
    """Each step at the bed is done by either of them, and the second at the match may be a pharmacist."""
    protocol = shipped(name).protocol
    steps = {kind: list(protocol.steps_of(kind)) for kind in AT_THE_BED}
    roles = {kind: [{role.value for role in step.roles} for step in found] for kind, found in steps.items()}
    assert roles == {
        "bedside_matched": [{"ward_nurse", "clinician"}],
        "infusion_started": [{"ward_nurse", "clinician"}],
        "infusion_stopped": [{"ward_nurse", "clinician"}],
        "infusion_completed": [{"ward_nurse", "clinician"}],
    }
    witness = steps["bedside_matched"][0].signatures[1]
    assert {role.value for role in witness.roles} == {"ward_nurse", "clinician", "pharmacist"}
    assert [{role.value for role in step.roles} for step in protocol.steps_of("enrolled")] == [
        {"clinician", "apheresis_nurse", "quality", "coordinator"}
    ]


def test_making_h6_a_ward_nurse_infuses(world: Worlds) -> None:
    """She takes the bag from the lab, matches it with a physician, and infuses, all within the rules."""
    given = world("thawed")
    bag = given.one.products[0]
    ward = {"to": {"type": "department", "id": "TREAT-A/WARD"}}
    given.do(custody.Relinquish, "LAB-A1", units=scans(bag), **ward)
    given.do(custody.Accept, "WARD-A", units=scans(bag))
    given.do(
        identity.MatchAtBedside,
        "WARD-A",
        others="DOC-A1 witnessed",
        units=scans(bag),
        coi=scan(given.one.coi),
        patient=given.one.wristband(),
    )
    given.do(processing.StartInfusion, "WARD-A", units=scans(bag))
    given.do(processing.CompleteInfusion, "WARD-A", units=scans(bag), infused_ml="66.5")
    unit = given.state().units[bag]
    assert unit.material is Material.PRODUCT and unit.final is FinalDisposition.INFUSED
    assert not given.state().outside


def test_making_h6_a_nurse_of_another_ward_does_not(world: Worlds) -> None:
    """The role counts at the site where the patient lies."""
    given = world("bedside")
    values = {"units": scans(given.one.products[0]), "reason": "container_damaged"}
    assert given.refusal(processing.Quarantine, "WARD-B", at="TREAT-A", **values).error == "no_part"
    given.do(processing.Quarantine, "WARD-A", **values)
