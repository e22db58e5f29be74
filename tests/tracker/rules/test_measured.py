"""Volumes against their container, at both ends of the range the shipped protocol gives."""

from __future__ import annotations

import pytest

from schema.errors import InputError
from schema.vocabulary import Material
from tests.support.journeys import PROTOCOL
from tracker.rules.measured import require_measured, require_volume


@pytest.mark.parametrize(
    ("material", "field", "text"),
    [
        (Material.LEUKAPHERESIS, "volume_ml", "9.9"),
        (Material.LEUKAPHERESIS, "volume_ml", "500.1"),
        (Material.PRODUCT, "volume_ml", "4.9"),
        (Material.PRODUCT, "volume_ml", "250.1"),
        (Material.PRODUCT, "infused_ml", "250.1"),
        (Material.QC_SAMPLE, "volume_ml", "50.1"),
    ],
)
def test_a_volume_that_the_container_cannot_hold_was_mistyped(
    material: Material, field: str, text: str
) -> None:
    """The leukapheresis bag holds 10 to 500 mL, a product bag 5 to 250, a sample 0.1 to 50."""
    with pytest.raises(InputError, match="is not possible") as refused:
        require_volume(PROTOCOL, material, field, text)
    assert refused.value.code == "implausible"


@pytest.mark.parametrize(
    ("material", "field", "text"),
    [
        (Material.LEUKAPHERESIS, "volume_ml", "10"),
        (Material.LEUKAPHERESIS, "volume_ml", "500"),
        (Material.PRODUCT, "volume_ml", "5"),
        (Material.PRODUCT, "infused_ml", "0.5"),
        (Material.PRODUCT, "infused_ml", "250"),
    ],
)
def test_what_came_out_of_a_container_may_be_less_than_what_it_is_filled_with(
    material: Material, field: str, text: str
) -> None:
    """Half a milliliter may have been given, but no product bag is filled with it."""
    require_volume(PROTOCOL, material, field, text)


def test_a_material_that_the_protocol_has_no_container_for_has_no_range() -> None:
    """Whether such a unit may exist at all is another rule's question."""
    bare = PROTOCOL.model_copy(update={"containers": ()})
    require_volume(bare, Material.PRODUCT, "volume_ml", "4000")


@pytest.mark.parametrize("viability", [{}, {"viability": "80"}])
def test_more_viable_cells_than_cells_is_refused_whatever_was_left_out(
    viability: dict[str, str],
) -> None:
    """15625 viable of 80 cells is no count; both numbers are named, and the viability is not blamed."""
    step = next(one for one in PROTOCOL.steps if "total_cells" in one.values)
    given = {"viable_cells": "15625", "total_cells": "80", **viability}
    with pytest.raises(InputError) as refused:
        require_measured(PROTOCOL, step, given, {})
    assert refused.value.code == "does_not_add_up"
    assert refused.value.message == (
        "Viable cells in the vessel 15625 and Cells in the vessel, dead ones too 80: "
        "Viability would be 19531.2, and it is 0 to 100 percent."
    )
