"""Formulas of a protocol: a product of measures and numbers, written as on the worksheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

_FORMULA = re.compile(r"[a-z][a-z0-9_]*( [*/] ([a-z][a-z0-9_]*|[0-9]{1,6}(\.[0-9]{1,3})?))*")

NUMBERS_MAX = Decimal(1_000_000_000)
"""What the numbers of a formula make together, or its inverse: conversions of units stay below it."""


def _readable(text: str) -> str:
    if _FORMULA.fullmatch(text) is None:
        raise ValueError("a formula is written like viable_cells / total_cells * 100")
    numbers = Decimal(1)
    for sign, factor in factors_of(text):
        if factor[0].isdigit():
            number = Decimal(factor)
            if not number:
                raise ValueError(f"a formula has no use for {sign} 0: it would give nothing or always 0")
            numbers = numbers / number if sign == "/" else numbers * number
    if not 1 / NUMBERS_MAX <= numbers <= NUMBERS_MAX:
        raise ValueError(
            f"the numbers of a formula together lie between 1/{NUMBERS_MAX:f} and {NUMBERS_MAX:f}"
        )
    return text


Formula = Annotated[str, Field(max_length=120), AfterValidator(_readable)]


def factors_of(formula: str | None) -> tuple[tuple[str, str], ...]:
    """A formula as pairs of `*` or `/` and a measure or number, the first with `*`; none of no formula."""
    words = () if formula is None else ("*", *formula.split(" "))
    return tuple(zip(words[::2], words[1::2], strict=True))


def measures_in(formula: str | None) -> tuple[str, ...]:
    """The measures that a formula names, in its order."""
    return tuple(factor for _, factor in factors_of(formula) if factor[0].isalpha())


def worked_out(formula: str | None, given: Mapping[str, Decimal]) -> Decimal | None:
    """What a formula gives; None of no formula, where a measure is missing, or where it divides by 0.

    All is multiplied before anything is divided, so that exact factors give an exact product.
    """
    above, below = Decimal(1), Decimal(1)
    for sign, factor in factors_of(formula):
        if factor[0].isalpha() and factor not in given:
            return None
        number = given[factor] if factor[0].isalpha() else Decimal(factor)
        above, below = (above, below * number) if sign == "/" else (above * number, below)
    return above / below if formula is not None and below else None
