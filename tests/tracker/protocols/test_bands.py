"""Bands: what a protocol says a material bears, the label before the band, what may not be left unsaid."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any

import pytest

from schema.errors import InputError
from schema.vocabulary import Material
from tests.support.journeys import PROTOCOL
from tracker.protocols.bands import CelsiusRange, celsius_range, range_of, thermal_state, unjudged
from tracker.protocols.graph import findings
from tracker.protocols.library import parse_protocol, shipped
from tracker.protocols.model import Band, Keeping, Protocol, Shipping, ThermalState

FRESH = shipped("autologous-fresh").protocol
CONTENT = shipped("autologous-cryopreserved").content
LEUKAPHERESIS, PRODUCT, RETAIN = Material.LEUKAPHERESIS, Material.PRODUCT, Material.RETAIN
BOTH = (Keeping.STORAGE, Keeping.TRANSPORT)


def band(material: Material, state: str, **values: Any) -> Band:
    """A band in storage and transport unless said otherwise."""
    given = {"where": ["storage", "transport"], "source": "a test", **values}
    return Band.model_validate({"material": material, "state": state, **given})


def with_bands(*bands: Band) -> Protocol:
    """The shipped protocol with these bands in place of its own."""
    return PROTOCOL.model_copy(update={"bands": bands})


def labeled(material: Material, **changes: Any) -> Protocol:
    """The shipped protocol with another label on one container."""
    containers = tuple(
        one.model_copy(update=changes) if one.material is material else one for one in PROTOCOL.containers
    )
    return PROTOCOL.model_copy(update={"containers": containers})


@pytest.mark.parametrize(
    ("protocol", "material", "state", "said"),
    [
        (PROTOCOL, LEUKAPHERESIS, "fresh", "2 to 8 C"),
        (PROTOCOL, LEUKAPHERESIS, "frozen", "at or below -150 C"),
        (PROTOCOL, PRODUCT, "frozen", "at or below -150 C"),
        (PROTOCOL, RETAIN, "frozen", "at or below -150 C"),
        (FRESH, LEUKAPHERESIS, "fresh", "2 to 8 C"),
        (FRESH, PRODUCT, "frozen", "at or below -130 C"),
        (FRESH, RETAIN, "frozen", "at or below -130 C"),
    ],
)
def test_the_shipped_bands(protocol: Protocol, material: Material, state: str, said: str) -> None:
    """What each material bears in a place and on the way."""
    assert [str(range_of(protocol, material, ThermalState(state), where)) for where in BOTH] == [said, said]


def test_thawed_cells_are_never_frozen_again() -> None:
    """A thawed bag has a band of its own on the way to the ward, and no place to be put into."""
    for protocol in (PROTOCOL, FRESH):
        assert str(range_of(protocol, PRODUCT, ThermalState.THAWED, Keeping.TRANSPORT)) == "2 to 25 C"
        assert range_of(protocol, PRODUCT, ThermalState.THAWED, Keeping.STORAGE) is None


def test_logistics_s5_the_label_before_the_band() -> None:
    """A container that says at or below -120 C is judged by that, whatever the band says."""
    for said in ("-120", "-130"):
        protocol = labeled(PRODUCT, storage_celsius_max=said).model_copy(
            update={"bands": (band(PRODUCT, "frozen", celsius_max="-150"),)}
        )
        found = range_of(protocol, PRODUCT, ThermalState.FROZEN, Keeping.TRANSPORT)
        assert found == CelsiusRange(None, Decimal(said))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ((), "fresh"),
        (("collected", "stored"), "fresh"),
        (("collected", "cryopreserved"), "frozen"),
        (("manufactured", "cryopreserved", "thaw_started"), "thawed"),
    ],
)
def test_the_state_follows_the_steps(facts: tuple[str, ...], state: str) -> None:
    """Freezing and thawing change what a unit bears; being moved does not."""
    assert thermal_state(PROTOCOL, PRODUCT, facts) is ThermalState(state)


def test_what_nobody_freezes_is_as_its_label_says() -> None:
    """A retain at -150 C counts as frozen though no step froze it, and fresh leukapheresis stays fresh."""
    assert thermal_state(PROTOCOL, RETAIN, ("manufactured",)) is ThermalState.FROZEN
    assert thermal_state(FRESH, LEUKAPHERESIS, ("collected",)) is ThermalState.FRESH
    for celsius_max, state in (("-1", ThermalState.FROZEN), ("0", ThermalState.FRESH)):
        assert thermal_state(labeled(RETAIN, storage_celsius_max=celsius_max), RETAIN, ()) is state


@pytest.mark.parametrize(
    ("low", "high", "celsius", "inside"),
    [
        (None, "-150", "-149.9", False),
        (None, "-150", "-150.0", True),
        (None, "-150", "-150.1", True),
        ("2", "8", "1.99", False),
        ("2", "8", "2.00", True),
        ("2", "8", "8", True),
        ("2", "8", "8.01", False),
        ("2", None, "100", True),
    ],
)
def test_logistics_s4_both_bounds_are_inside(
    low: str | None, high: str | None, celsius: str, *, inside: bool
) -> None:
    """A bound belongs to the range, and the hundredth beyond it does not."""
    assert celsius_range(low, high).holds(Decimal(celsius)) is inside


@pytest.mark.parametrize(
    ("kept", "fits"),
    [
        ((None, "-150"), True),
        (("-196", "-160"), True),
        ((None, "-140"), False),
        (("2", "8"), False),
        (("-200", None), False),
    ],
)
def test_a_place_fits_that_keeps_nothing_else(kept: tuple[str | None, str | None], *, fits: bool) -> None:
    """All that a place may come to is inside what the unit bears."""
    assert celsius_range(None, "-150").covers(celsius_range(*kept)) is fits


BARE = {"storage_celsius_max": None, "storage_celsius_min": None}


def test_what_is_left_without_a_band_may_not_be_adopted() -> None:
    """Neither frozen cells nor fresh ones without a label or a band; samples may be, and it is said."""
    bare = labeled(PRODUCT, **BARE).model_copy(update={"bands": ()})
    assert [one for one in findings(bare) if "product" in one] == [
        "frozen product in storage has no band: its temperature is not judged.",
        "frozen product in transport has no band: its temperature is not judged.",
    ]
    half = labeled(PRODUCT, **BARE).model_copy(
        update={"bands": (band(PRODUCT, "frozen", where=["storage"], celsius_max="-130"),)}
    )
    assert findings(half) == ("frozen product in transport has no band: its temperature is not judged.",)
    assert [one for one in unjudged(PROTOCOL) if "storage" in one] == [
        "fresh in_process in storage has no band: its temperature is not judged.",
        "fresh qc_sample in storage has no band: its temperature is not judged.",
    ]


def test_fresh_material_without_a_band_may_not_be_adopted() -> None:
    """What is shipped before anybody freezes it needs a band of its own."""
    containers = tuple(one.model_copy(update=BARE) for one in FRESH.containers)
    bare = FRESH.model_copy(update={"containers": containers, "bands": ()})
    assert "fresh leukapheresis in transport has no band: its temperature is not judged." in findings(bare)


THAWED = "the band of thawed product in storage"
FROZEN = "the band of frozen product in storage"


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        (
            (band(PRODUCT, "thawed", celsius_min="9", celsius_max="8"),),
            f"{THAWED}: its minimum 9 C is above its maximum 8 C.",
        ),
        ((band(PRODUCT, "thawed"),), f"{THAWED} has neither a minimum nor a maximum."),
        (
            (band(Material.SYRINGE, "fresh", celsius_max="8"),),
            "the band of fresh syringe in storage: the material has no container.",
        ),
        (
            (band(PRODUCT, "frozen"), band(PRODUCT, "frozen", where=["storage"])),
            f"{FROZEN} is defined twice.",
        ),
        (
            (band(PRODUCT, "frozen", peak="-160"),),
            f"{FROZEN}: its peak -160 C is not outside at or below -150 C.",
        ),
        (
            (band(PRODUCT, "frozen", allowed_outside="PT20M", total_outside="PT10M"),),
            f"{FROZEN}: one excursion may last longer than all of them together.",
        ),
    ],
)
def test_a_band_that_makes_no_sense_is_found(bands: tuple[Band, ...], said: str) -> None:
    """Each with its own sentence."""
    assert said in findings(with_bands(*bands))


def test_bounds_are_compared_as_they_hold() -> None:
    """A label's minimum above the band's maximum is as impossible as both in one band."""
    crossed = labeled(LEUKAPHERESIS, storage_celsius_min="-100")
    assert (
        "the band of frozen leukapheresis in storage: its minimum -100 C is above its maximum -150 C."
        in findings(crossed)
    )


@pytest.mark.parametrize("value", ["-60,5", "\u221260", "5e2", "999", "-273.16", "", "-150 C"])
def test_bounds_have_the_grammar_of_every_temperature(value: str) -> None:
    """In a band and on a container's label."""
    with pytest.raises(InputError, match="temperature"):
        band(PRODUCT, "frozen", celsius_max=value)
    text = CONTENT.decode().replace('storage_celsius_max = "-150"', f'storage_celsius_max = "{value}"', 1)
    assert tomllib.loads(text)
    with pytest.raises(InputError, match="temperature"):
        parse_protocol(text.encode())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (({}, {}), "shipping is said twice for every other material."),
        (
            ({"materials": ("product",)}, {"materials": ("leukapheresis", "product")}),
            "shipping is said twice for product.",
        ),
        (({"materials": ("syringe",)},), "shipping of syringe: the material has no container."),
        (({"equipment_types": ()},), "shipping has to name boxes or shippers to travel in."),
        (({"equipment_types": ("data_logger",)},), "shipping has to name boxes or shippers to travel in."),
    ],
)
def test_shipping_that_makes_no_sense_is_found(rows: tuple[dict[str, Any], ...], said: str) -> None:
    """Each with its own sentence."""
    shipping = tuple(Shipping.model_validate({"source": "a test", **row}) for row in rows)
    assert said in findings(PROTOCOL.model_copy(update={"shipping": shipping}))
