"""The grammar of measured numbers: what a person may write, in which unit, and between which values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import BaseModel

from schema.errors import InputError
from schema.measured import MEASURED, TEMPERATURE, VOLUME, CelsiusText, Measure, VolumeText, parse

VIABILITY = Measure("viability", "percent", Decimal(0), Decimal(100), decimals=1)

NOT_WRITTEN_SO = (
    "75_0",
    " 75",
    "75 ",
    "+75",
    "1E3",
    "8.0E1",
    "5e2",
    "7,5",
    "-60,5",
    "\N{MINUS SIGN}60",
    "NaN",
    "-Infinity",
    "",
    "75 %",
    "75%",
    ".5",
    "5.",
    "075",
    "0x10",
    "1/2",
    "-0",
    "-0.0",
    "\N{ARABIC-INDIC DIGIT SEVEN}",
    "7\N{SUPERSCRIPT TWO}",
    "75\n",
    "<0.5",
    ">= 90",
    "9" * 13,
)


@pytest.mark.parametrize("text", NOT_WRITTEN_SO)
@pytest.mark.parametrize("measure", [VOLUME, TEMPERATURE, VIABILITY], ids=lambda one: one.title)
def test_findings_a10_what_is_no_number(measure: Measure, text: str) -> None:
    """Only digits, a point and a minus: what Python or a spreadsheet would take is a slip here."""
    with pytest.raises(InputError) as refused:
        parse(text, measure)
    assert refused.value.code == "bad_number" and refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("measure", "low", "high", "below", "above"),
    [
        (VOLUME, "0", "5000", "-1", "5000.001"),
        (TEMPERATURE, "-200", "100", "-200.01", "100.01"),
        (TEMPERATURE, "-199.99", "99.9", "-999", "375149"),
        (VIABILITY, "0.0", "100.0", "-0.1", "100.1"),
    ],
)
def test_findings_a10_the_plausible_range(
    measure: Measure, low: str, high: str, below: str, above: str
) -> None:
    """Its ends are in it, and what lies beyond is refused with the range in words."""
    assert (parse(low, measure), parse(high, measure)) == (Decimal(low), Decimal(high))
    for text in (below, above):
        with pytest.raises(InputError) as refused:
            parse(text, measure)
        assert refused.value.code == "implausible"
        assert text in refused.value.message and measure.range in refused.value.message


def test_making_h1_more_decimals_than_are_measured() -> None:
    """79.95 is not rounded up to a limit of 80."""
    assert parse("80.0", VIABILITY) == Decimal("80.0")
    with pytest.raises(InputError) as refused:
        parse("79.95", VIABILITY)
    assert refused.value.code == "bad_number" and "2 decimals" in refused.value.message


def test_making_h1_another_unit() -> None:
    """A number in another unit is another number."""
    assert parse("80", VIABILITY, unit="percent") == Decimal(80)
    for unit in ("mL", "", "Percent"):
        with pytest.raises(InputError) as refused:
            parse("80", VIABILITY, unit=unit)
        assert refused.value.code == "wrong_unit" and "percent" in refused.value.message


class Filled(BaseModel):
    """A value with both kinds of measured text."""

    volume_ml: VolumeText | None = None
    display_celsius: CelsiusText | None = None


def test_fields_take_what_the_grammar_takes() -> None:
    """The refusal keeps its code, and JSON Schema names pattern and range."""
    assert Filled(volume_ml="66.5", display_celsius="-184.2").volume_ml == "66.5"
    for values in ({"volume_ml": "66,5"}, {"display_celsius": "-999"}):
        with pytest.raises(InputError):
            Filled.model_validate(values)
    shape = Filled.model_json_schema()["properties"]
    assert shape["volume_ml"]["anyOf"][0] == {
        "type": "string",
        "pattern": r"^(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?$",
        "description": "a volume: 0 to 5000 mL",
    }
    assert shape["display_celsius"]["anyOf"][0]["pattern"] == r"^-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,2})?$"
    assert {one["anyOf"][0]["pattern"] for one in shape.values()} < {*MEASURED}
