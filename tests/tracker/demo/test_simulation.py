"""A protocol played before it is adopted: to its end, and what goes wrong stopped where its label says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schema.errors import InputError, Refusal
from tests.support.journeys import World
from tracker.demo.simulation import PACE_SECONDS, Failure, play, simulate
from tracker.protocols.drafts import draft
from tracker.protocols.library import ProtocolFile, parse_protocol, shipped
from tracker.rules.therapy_state import TherapyStatus

Worlds = Callable[[str], World]
BASE, FRESH, HOSPITAL = "autologous-cryopreserved", "autologous-fresh", "licensed-product"
CLOCKS = {
    "tisa-cel": "End of thaw to end of infusion, pauses counted: 30 min allowed",
    "axi-cel": "End of thaw to start of infusion: 30 min allowed",
    "brexu-cel": "End of thaw to start of infusion: 30 min allowed",
    "liso-cel": "Removal from storage to end of infusion: 2 h allowed",
    "ide-cel": "Start of thaw to end of infusion, bag by bag: 1 h allowed",
    "cilta-cel": "End of thaw to end of infusion: 150 min allowed",
    "obe-cel": "End of thaw to end of infusion: 1 h allowed",
}
"""What the label of each product says that is passed when a bag waits at the bed."""

VIABILITY = {"tisa-cel": "at least 80 percent"}


@pytest.mark.parametrize("product", [*CLOCKS])
def test_making_p1_each_product_to_its_end_with_three_failures(product: str, world: Worlds) -> None:
    """Each is stopped where the label says; the first bag is lost, the second one given, and it is closed."""
    base = FRESH if product == "brexu-cel" else BASE
    given = world("enrolled")
    given.network.pace_seconds = PACE_SECONDS
    found = play(given.network, draft(base, product), [*Failure], 50)
    oos, wrong, late = found.stops
    assert (oos.failure, oos.code) == (Failure.OOS, "test_failed")
    limit = VIABILITY.get(product, "at least 70 percent")
    assert oos.message == f"These release tests failed: Viability 0 ({limit})."
    assert (wrong.failure, wrong.code) == (Failure.WRONG_BAG, "mixup")
    assert late.failure is Failure.LATE_THAW and late.code.startswith("limit.")
    assert late.message.startswith(f"{CLOCKS[product]}, exceeded by ")
    assert found.status is TherapyStatus.CLOSED and found.bags_given == 1 and found.out_of_specification


@pytest.mark.parametrize("product", [*CLOCKS])
def test_making_p1_each_product_from_the_hospitals_side(product: str, world: Worlds) -> None:
    """Received with its maker's certificate and given; with failures one is lost where the label says."""
    given, other, file = world("enrolled"), world("enrolled"), draft(HOSPITAL, product)
    for one in (given, other):
        one.network.pace_seconds = PACE_SECONDS
    as_it_should = play(given.network, file, (), 50)
    assert (as_it_should.status, as_it_should.bags_given, as_it_should.stops) == (TherapyStatus.CLOSED, 2, ())
    assert "Release on the certificate of the maker" in [title for _, title in as_it_should.steps]
    found = play(other.network, file, [Failure.WRONG_BAG, Failure.LATE_THAW], 50)
    wrong, late = found.stops
    assert (wrong.failure, wrong.code) == (Failure.WRONG_BAG, "mixup")
    assert late.message.startswith(f"{CLOCKS[product]}, exceeded by ")
    assert (found.status, found.bags_given) == (TherapyStatus.CLOSED, 1)


def test_making_p1_a_certificate_that_says_out_of_specification(world: Worlds) -> None:
    """Nobody at the hospital releases it: it is blocked and destroyed, and never thawed."""
    given = world("enrolled")
    given.network.pace_seconds = PACE_SECONDS
    found = play(given.network, draft(HOSPITAL, "tisa-cel"), [Failure.OOS], 50)
    (stop,) = found.stops
    assert stop.code == "predicate_not_met" and "says that it is out of specification" in stop.message
    assert (found.status, found.bags_given) == (TherapyStatus.CLOSED, 0)
    with pytest.raises(InputError, match="never thawed here"):
        play(given.network, draft(HOSPITAL, "tisa-cel"), [*Failure], 51)


def test_making_p1_a_therapy_that_goes_as_it_should(world: Worlds) -> None:
    """Nothing is stopped, both containers are given, and it is closed."""
    given = world("enrolled")
    given.network.pace_seconds = PACE_SECONDS
    found = play(given.network, draft(BASE, "liso-cel"), (), 50)
    assert (found.status, found.bags_given, found.stops) == (TherapyStatus.CLOSED, 2, ())
    assert found.steps[0][1] == "Enroll the therapy" and found.steps[-1][1] == "Close the therapy"
    assert not found.out_of_specification


def test_making_p1_a_protocol_that_nobody_can_keep(world: Worlds) -> None:
    """It stops a therapy that goes as it should: the step, who would take it and the limit are named."""
    given = world("enrolled")
    given.network.pace_seconds = PACE_SECONDS
    with pytest.raises(Refusal) as refused:
        play(given.network, impossible(), (), 50)
    assert refused.value.exit_code == 3
    assert refused.value.message.startswith("pack by TECH-A1: Time out of storage: 1 min allowed")


def impossible() -> ProtocolFile:
    """Starting material may be out of storage for a minute, which nobody can do."""
    text = shipped(BASE).content.decode().replace(f'id = "{BASE}"', 'id = "impossible"')
    at = text.index('name = "leukapheresis_out_of_storage"')
    return parse_protocol((text[:at] + text[at:].replace('"PT30M"', '"PT1M"', 1)).encode())


def test_making_p1_a_simulation_leaves_nothing() -> None:
    """It founds a store of its own, and takes it away."""
    found = simulate(draft(BASE, "ide-cel"), [Failure.LATE_THAW])
    assert [one.code for one in found.stops] == ["limit.thaw_to_infusion"]
    assert found.stops[0].source == "label of Israel 6.3; EU leaflet"
