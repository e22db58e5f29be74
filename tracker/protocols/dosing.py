"""The dose in a protocol: for which indication and weight how many cells, in which parts and bags."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from schema.events.base import WholeNumber, Word
from schema.measured import CELLS, WEIGHT, CellsText, VolumeText, WeightText, parse
from tracker.protocols.formulas import Formula, factors_of, measures_in
from tracker.protocols.parts import ProtocolPart, Sourced
from tracker.protocols.spans import Allowance

VOLUME = "volume_ml"
"""The factor of a formula that is the container's own, and no measured value."""


def _cells(value: object) -> Decimal:
    """Cells in millions, written as text; raises InputError for what is none."""
    return parse(value if isinstance(value, str) else "", CELLS)


def _in_order(pair: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    if pair[0] > pair[1]:
        raise ValueError("the first of two numbers is the least")
    return pair


Cells = Annotated[Decimal, BeforeValidator(_cells)]
LeastAndMost = Annotated[tuple[Cells, Cells], AfterValidator(_in_order)]


class DoseRule(Sourced):
    """How many cells a patient is given: by indication, and by weight where the label says so."""

    indication: Word
    regimen: Word | None = None
    weight_over_kg: WeightText | None = None
    """It holds above this weight."""

    weight_max_kg: WeightText | None = None
    """It holds up to this weight, and at it."""

    per_kg: LeastAndMost | None = None
    """Millions for each kilogram."""

    flat: LeastAndMost | None = None
    """Millions, whatever the weight."""

    target: Cells | None = None
    """What is aimed at, counted as the least and most are."""

    cells_max: Cells | None = None
    """What is never given more of, in millions."""

    weighed: Annotated[str, Field(pattern=r"^at_collection$")] | None = None
    """Where the weight of the collection counts, and no later one."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        named = f"dose rule of {self.indication}"
        bounds = self.per_kg or self.flat
        if (self.per_kg is None) == (self.flat is None) or bounds is None:
            raise ValueError(f"{named}: give per_kg or flat")
        if self.target is not None and not bounds[0] <= self.target <= bounds[1]:
            raise ValueError(f"{named}: target lies between the least and the most")
        if not bounds[1]:
            raise ValueError(f"{named}: the most that is given is more than 0")
        over, up_to = self.over, self.up_to
        if over >= up_to:
            raise ValueError(f"{named}: weight_over_kg is below weight_max_kg")
        least = bounds[0] * (over if self.per_kg else 1)
        if self.cells_max is not None and self.cells_max < least:
            raise ValueError(f"{named}: cells_max is below the least that is given")
        return self

    @property
    def asks_weight(self) -> bool:
        """Whether the weight says how much it is, or whether it holds."""
        return any((self.per_kg, self.weight_max_kg, self.weight_over_kg))

    @property
    def over(self) -> Decimal:
        """The weight above which it holds."""
        return Decimal(self.weight_over_kg or 0)

    @property
    def up_to(self) -> Decimal:
        """The weight up to which it holds."""
        return WEIGHT.maximum if self.weight_max_kg is None else Decimal(self.weight_max_kg)


class DosePart(ProtocolPart):
    """A share of a dose that is given on its own day."""

    name: Word
    regimen: Word | None = None
    """Of which regimen; None of all."""

    cells: CellsText | None = None
    """How many millions it is; None where the rest of the dose is."""

    counted_from: Word | None = None
    """The part from whose infusion its days are counted; None for the first."""

    earliest: Allowance | None = None
    latest: Allowance | None = None
    stop_if: Annotated[str, Field(pattern=r"^[a-z_]+ (>=|==) [0-5]$")] | None = None
    """The grade since the part before after which it is not given, as `crs >= 3`."""

    wait_if: Annotated[str, Field(pattern=r"^[a-z_]+ (>=|==) [0-5]$")] | None = None
    wait_until: Allowance | None = None
    """How long it may wait for that to pass."""

    scale: Word | None = None
    scale_version: Word | None = None
    """By which scale those grades are."""


class DoseBag(ProtocolPart):
    """A size in which the product comes, told apart by the color of its label."""

    color: Word
    cells: CellsText
    volume_ml: VolumeText
    whole: bool = True
    """Whether all of it is given; of a bag that is not whole a part is planned."""


class Dose(ProtocolPart):
    """How the dose is counted, and what is to be given to whom."""

    unit: Word = "million_car_positive_viable"
    formula: Formula
    """What is in one container, of measures, results of tests and its `volume_ml`."""

    weight_days_max: WholeNumber = Field(default=7, ge=0, le=90)
    """So many days old a weight may be when the dose is set."""

    rules: tuple[DoseRule, ...] = ()
    parts: tuple[DosePart, ...] = ()
    bags: tuple[DoseBag, ...] = ()

    def rules_for(self, indication: str, regimen: str | None) -> tuple[DoseRule, ...]:
        """The rules of an indication and regimen, the lightest patients first."""
        found = [one for one in self.rules if (one.indication, one.regimen) == (indication, regimen)]
        return tuple(sorted(found, key=lambda one: one.over))

    @property
    def indications(self) -> tuple[str, ...]:
        """Every indication that has a rule, each once."""
        return tuple(dict.fromkeys(one.indication for one in self.rules))

    def regimens_of(self, indication: str) -> tuple[str, ...]:
        """The regimens among which one is chosen for an indication; empty where there is no choice."""
        found = (one.regimen for one in self.rules if one.indication == indication)
        return tuple(dict.fromkeys(one for one in found if one is not None))


def dose_findings(
    dose: Dose, indications: tuple[str, ...], measured: frozenset[str], scales: frozenset[tuple[str, str]]
) -> Iterator[str]:
    """Every rule that leaves a weight without an answer or with two, and every word that nothing describes.

    `measured` are the words that its formula may name; `scales` are names with versions.
    """
    for name in dose.indications:
        if indications and name not in indications:
            yield f"dose: the indication {name} is described nowhere."
        for regimen in dose.regimens_of(name) or (None,):
            yield from _weights(dose.rules_for(name, regimen), name)
        if dose.regimens_of(name) and dose.rules_for(name, None):
            yield f"dose: {name} has rules with a regimen and rules without one."
    yield from _parts(dose, scales)
    for part in dose.parts if dose.bags else ():
        if part.cells is not None and not any(_fills(bag, Decimal(part.cells)) for bag in dose.bags):
            yield f"dose: part {part.name} of {part.cells} million can be given from no bag."
    colors = [one.color for one in dose.bags]
    for color in sorted({one for one in colors if colors.count(one) > 1}):
        yield f"dose: there are two bags that are {color}."
    if ("*", VOLUME) not in factors_of(dose.formula):
        yield f"dose: its formula is not multiplied by {VOLUME}: each container would hold as many cells."
    for factor in measures_in(dose.formula):
        if factor not in measured:
            yield f"dose: {factor} in its formula is measured nowhere."


def _fills(bag: DoseBag, cells: Decimal) -> bool:
    """Whether a part can begin with a bag: all of it, or some of one that is not given whole."""
    return not bag.whole or Decimal(bag.cells) <= cells


def _weights(rules: tuple[DoseRule, ...], name: str) -> Iterator[str]:
    """From nothing to the heaviest, each weight has one rule."""
    covered = Decimal(0)
    for rule in rules:
        if rule.over > covered:
            yield f"dose: {name} has no rule from {covered} to {rule.over} kg."
        if rule.over < covered:
            yield f"dose: {name} has two rules for a weight of {covered} kg."
        covered = max(covered, rule.up_to)
    if covered < WEIGHT.maximum:
        yield f"dose: {name} has no rule above {covered} kg."


def _parts(dose: Dose, scales: frozenset[tuple[str, str]]) -> Iterator[str]:
    seen: list[str] = []
    for part in dose.parts:
        if part.name in seen and part.regimen is None:
            yield f"dose: part {part.name} is defined twice."
        if part.counted_from is not None and part.counted_from not in seen:
            yield f"dose: part {part.name} counts from {part.counted_from}, which is no part before it."
        if (part.earliest or part.latest) and part.counted_from is None:
            yield f"dose: part {part.name} has days and no part from which they are counted."
        if part.earliest is not None and part.latest is not None and part.earliest > part.latest:
            yield f"dose: part {part.name} comes at the earliest after it comes at the latest."
        graded = part.stop_if or part.wait_if
        if graded and (part.scale or "", part.scale_version or "") not in scales:
            yield f"dose: part {part.name} waits for grades by a scale that the protocol does not have."
        if (part.wait_if is None) != (part.wait_until is None):
            yield f"dose: part {part.name} needs both wait_if and wait_until."
        seen.append(part.name)
