"""Measured numbers as people write them: one grammar, and for each measure its unit and plausible range.

A number outside its range is a slip of hand or eye; whether a plausible one is allowed is for rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, WithJsonSchema

from schema.errors import InputError

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?", re.ASCII)
_MINUS_ZERO: Final = re.compile(r"-0(\.0+)?", re.ASCII)
_SHOWN: Final = 20


UNITS_SAID: Final[Mapping[str, str]] = {
    "eu_per_ml": "EU/mL",
    "million_per_ml": "million/mL",
    "ml": "mL",
}
"""Units of measure that are not said as their parts."""


def unit_said(unit_of_measure: str | None) -> str:
    """A unit of measure as people write it: `EU/mL`; empty for none."""
    unit = unit_of_measure or ""
    return UNITS_SAID.get(unit, unit.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured, in which unit, how exactly, and between which values it can be."""

    title: str
    """As it stands within a sentence."""

    unit: str
    """As it is written after a number; empty for a plain count or ratio."""

    minimum: Decimal
    maximum: Decimal
    decimals: int = 0
    """The most digits after the point; more than an instrument shows would be invented."""

    @property
    def pattern(self) -> str:
        """How its numbers are written, for JSON Schema: no sign where none is below zero."""
        digits = max(len(str(int(abs(bound)))) for bound in (self.minimum, self.maximum))
        sign = "-?" if self.minimum < 0 else ""
        tail = rf"(\.[0-9]{{1,{self.decimals}}})?" if self.decimals else ""
        return rf"^{sign}(0|[1-9][0-9]{{0,{digits - 1}}}){tail}$"

    @property
    def range(self) -> str:
        """Its plausible range in words: `0 to 5000 mL`."""
        return f"{self.minimum:f} to {self.maximum:f} {unit_said(self.unit)}".rstrip()

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema; JSON has no bound for a number written as text, so the range stands in words."""
        return {"type": "string", "pattern": self.pattern, "description": f"{self.title}: {self.range}"}


def parse(text: str, measure: Measure, *, unit: str | None = None) -> Decimal:
    """The number a person or instrument wrote for a measure.

    Raises InputError: `bad_number` for what is not written like -184.2, or is more exact than the measure is;
    `wrong_unit` where a unit is named that is not the measure's; `implausible` outside its range.
    """
    if unit is not None and unit != measure.unit:
        wanted = measure.unit or "no unit"
        raise InputError(
            f"{unit[:_SHOWN]!r} is not the unit of {measure.title}, which is measured in {wanted}.",
            remedy=f"Give the number in {wanted}.",
            code="wrong_unit",
        )
    if _NUMBER.fullmatch(text) is None or _MINUS_ZERO.fullmatch(text) is not None:
        raise InputError(
            f"{text[:_SHOWN]!r} is no number for {measure.title}.",
            remedy=f"Write digits with a decimal point and nothing else: {_example(measure)}.",
            code="bad_number",
        )
    decimals = len(text.partition(".")[2])
    if decimals > measure.decimals:
        raise InputError(
            f"{text} has {decimals} decimals; {measure.title} is measured to {measure.decimals}.",
            remedy="Give it as the instrument shows it; it is not rounded here.",
            code="bad_number",
        )
    value = Decimal(text)
    if not measure.minimum <= value <= measure.maximum:
        raise InputError(
            f"{text} is not possible for {measure.title}, which is {measure.range}.",
            remedy="Read the value again; was something else typed here?",
            code="implausible",
        )
    return value


def _example(measure: Measure) -> str:
    middle = (measure.minimum + measure.maximum) / 2
    return f"{middle:.{min(measure.decimals, 1)}f}"


def written_as(measure: Measure) -> tuple[AfterValidator, WithJsonSchema]:
    """What makes a text field hold a number of the measure, in a request as in a payload."""

    def check(text: str) -> str:
        parse(text, measure)
        return text

    return AfterValidator(check), WithJsonSchema(measure.schema())


VOLUME: Final = Measure("a volume", "mL", Decimal(0), Decimal(5000), decimals=3)
"""From nothing left to more than any apheresis yields."""

TEMPERATURE: Final = Measure("a temperature", "C", Decimal(-200), Decimal(100), decimals=2)
"""From just below liquid nitrogen, at -196 C, to boiling water."""

NUMBER: Final = Measure("a value", "", Decimal(-999_999_999_999), Decimal(999_999_999_999), decimals=6)
"""Whatever a protocol describes: its own measure says what it can be."""

QUANTITY: Final = Measure("a quantity", "", Decimal(0), Decimal(999_999_999), decimals=3)
"""Of a lot of goods, in the unit in which its item is measured."""

AMOUNT: Final = Measure("an amount", "", Decimal("0.001"), Decimal(100000), decimals=3)
"""Of a medicine, in the unit that is said beside it."""

WEIGHT: Final = Measure("a body weight", "kg", Decimal(2), Decimal(300), decimals=2)
"""From a newborn's to the heaviest that a bed scale weighs."""

CELLS: Final = Measure("a count of cells", "million_cells", Decimal(0), Decimal(200000), decimals=6)
"""In millions: from none to more than a culture yields; a product of exact factors keeps its digits."""

NumberText = Annotated[str, *written_as(NUMBER)]
"""A number that is held against a measure, or a bound of one."""

QuantityText = Annotated[str, *written_as(QUANTITY)]
"""How much was taken of a lot."""

VolumeText = Annotated[str, *written_as(VOLUME)]
"""A volume in mL."""

WeightText = Annotated[str, *written_as(WEIGHT)]
"""A body weight in kg."""

CellsText = Annotated[str, *written_as(CELLS)]
"""A count of cells in millions."""

AmountText = Annotated[str, *written_as(AMOUNT)]
"""An amount of a medicine, never nothing."""

CelsiusText = Annotated[str, *written_as(TEMPERATURE)]
"""A temperature in degrees Celsius."""

MEASURED: Final = {
    measure.pattern: measure for measure in (VOLUME, TEMPERATURE, AMOUNT, QUANTITY, WEIGHT, CELLS, NUMBER)
}
"""The measures of fields that a request or payload always has; a protocol adds those of its tests."""
