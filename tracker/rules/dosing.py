"""The dose: what a patient is to be given by the protocol's rules, what is in a container, what was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal

from msgspec import Struct

from schema.measured import CELLS
from schema.vocabulary import Disposition, FinalDisposition, Material
from tracker.protocols.dosing import VOLUME, Dose, DoseRule
from tracker.protocols.formulas import measures_in, worked_out
from tracker.protocols.model import Protocol
from tracker.rules.results import result_of
from tracker.rules.therapy_state import DoseState, TherapyState, UnitState

SHOWN = "million CAR+"

_EXACT, _TENTH = Decimal("0.000001"), Decimal("0.1")

GIVEN_FROM = frozenset({Material.PRODUCT, Material.SYRINGE})
"""Materials from which cells flow into a patient."""


class DoseRange(Struct, frozen=True):
    """How many cells a patient is to be given, in millions, and by which rule."""

    minimum: Decimal
    target: Decimal | None
    maximum: Decimal
    rule: DoseRule


class Factor(Struct, frozen=True):
    """A value of the formula with the event that recorded it."""

    value: Decimal
    event_id: str


class Cells(Struct, frozen=True):
    """What is in some containers, or was given from them, in millions; None where one is not known."""

    total: Decimal | None
    of: Mapping[str, Decimal | None]
    """By container."""

    missing: tuple[str, ...] = ()
    """What was never measured."""

    evidence: tuple[str, ...] = ()
    """The events by which it is known."""


def rule_for(dose: Dose, indication: str, regimen: str | None, weight: Decimal | None) -> DoseRule | None:
    """The rule of a patient; None where there is none, or where it depends on a weight that is not given."""
    for rule in dose.rules_for(indication, regimen):
        if not rule.asks_weight or (weight is not None and rule.over < weight <= rule.up_to):
            return rule
    return None


def range_for(dose: Dose, indication: str, regimen: str | None, weight: Decimal | None) -> DoseRange | None:
    """The least, the aim and the most for a patient, exact; a weight at a bound is below it."""
    rule = rule_for(dose, indication, regimen, weight)
    bounds = None if rule is None else rule.per_kg or rule.flat
    if rule is None or bounds is None:
        return None
    factor = weight if rule.per_kg is not None and weight is not None else Decimal(1)
    most = bounds[1] * factor
    maximum = most if rule.cells_max is None else min(most, rule.cells_max)
    minimum = min(bounds[0] * factor, maximum)
    target = None if rule.target is None else min(rule.target * factor, maximum)
    return DoseRange(minimum, target, maximum, rule)


def as_text(cells: Decimal) -> str:
    """A number of cells as it is recorded: exact, without zeros that say nothing."""
    text = f"{cells.quantize(_EXACT):f}"
    return text.rstrip("0").rstrip(".")


def shown(cells: Decimal) -> str:
    """A number of cells as people read it: to a tenth of a million, cut and never rounded up."""
    return f"{cells.quantize(_TENTH, rounding=ROUND_DOWN):f}"


def range_words(dose: DoseState) -> str:
    """A dose as people read it: `44.0 to 120.0 million CAR+, aim 100.0`."""
    aim = "" if dose.target is None else f", aim {shown(dose.target)}"
    return f"{shown(dose.minimum)} to {shown(dose.maximum)} {SHOWN}{aim}"


def share(cells: Decimal, part_ml: Decimal, whole_ml: Decimal) -> Decimal:
    """The cells in a part of a volume, exact where they can be written so."""
    return (cells * part_ml / whole_ml).quantize(_EXACT) if whole_ml else Decimal(0)


def factors(
    therapy: TherapyState, protocol: Protocol, attempt: int, units: Iterable[str]
) -> dict[str, Factor]:
    """What is known of the cells of a manufacture for the formula: results of tests, else what was measured.

    `units` are the containers and everything from which they were made.
    """
    found: dict[str, Factor] = {}
    own = frozenset(units)
    names = () if protocol.dose is None else measures_in(protocol.dose.formula)
    for name in names:
        test = protocol.release_test(name)
        result = None if test is None else result_of(therapy, attempt, test)
        if result is not None:
            found[name] = Factor(Decimal(result.result), result.occurrence.event_id)
            continue
        records = (one for one in reversed(therapy.process) if not own.isdisjoint(one.touched))
        newest = next((one for one in records if name in one.measured), None)
        if newest is not None:
            found[name] = Factor(Decimal(newest.measured[name]), newest.event_id)
    return found


def cells_by_formula(
    protocol: Protocol, known: Mapping[str, Factor], volume_ml: Decimal | None
) -> Decimal | None:
    """What is in a volume by the protocol's formula; None while a factor is unknown, or beyond all counts."""
    if protocol.dose is None or volume_ml is None:
        return None
    values = {name: one.value for name, one in known.items()} | {VOLUME: volume_ml}
    cells = worked_out(protocol.dose.formula, values)
    return None if cells is None or cells > CELLS.maximum else cells.quantize(_EXACT)


def cells_in(therapy: TherapyState, protocol: Protocol, unit: UnitState) -> Decimal | None:
    """The viable CAR-positive cells in a container, in millions, as it was filled; None while nobody knows.

    A result that came after the filling counts in place of what was known then.
    """
    known = factors(therapy, protocol, unit.attempt, therapy.lineage(unit.unit))
    tested = any(protocol.release_test(name) is not None for name in known)
    if unit.cells is not None and not tested:
        return unit.cells
    worked = cells_by_formula(protocol, known, unit.volume_ml)
    return unit.cells if worked is None else worked


def cells_of(therapy: TherapyState, protocol: Protocol, units: Iterable[UnitState]) -> Cells:
    """What is in some containers together, and what of it nobody has measured."""
    of = {unit.unit: cells_in(therapy, protocol, unit) for unit in units}
    missing: list[str] = []
    evidence: list[str] = []
    for unit in (therapy.units[name] for name in of):
        known = factors(therapy, protocol, unit.attempt, therapy.lineage(unit.unit))
        evidence.extend(one.event_id for one in known.values())
        if of[unit.unit] is None and protocol.dose is not None:
            missing.extend(
                name for name in measures_in(protocol.dose.formula) if name not in known and name != VOLUME
            )
            missing.extend((VOLUME,) if unit.volume_ml is None else ())
    values = [one for one in of.values() if one is not None]
    total = sum(values, Decimal(0)) if len(values) == len(of) else None
    return Cells(total, of, tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(evidence)))


def is_given_whole(protocol: Protocol, unit: UnitState) -> bool:
    """Whether all of a container is given; of some sizes a part is planned."""
    bags = () if protocol.dose is None else protocol.dose.bags
    return all(bag.whole for bag in bags if bag.color == unit.color)


def made(therapy: TherapyState, attempt: int) -> tuple[UnitState, ...]:
    """The containers of a manufacture that a patient can be given: none that was rejected or destroyed."""
    return tuple(
        unit
        for unit in therapy.units.values()
        if unit.attempt == attempt
        and unit.material is Material.PRODUCT
        and unit.disposition is not Disposition.REJECTED
        and unit.final not in (FinalDisposition.DESTROYED, FinalDisposition.RETAINED)
    )


def given(therapy: TherapyState, protocol: Protocol) -> Cells:
    """What has flowed into the patient: of each container the mL that were given, by its cells per mL."""
    infused = [unit for unit in therapy.units.values() if unit.infused_ml is not None]
    whole = cells_of(therapy, protocol, infused)
    of = {unit.unit: _flowed(unit, whole.of[unit.unit]) for unit in infused}
    values = [one for one in of.values() if one is not None]
    total = sum(values, Decimal(0)) if len(values) == len(of) else None
    return Cells(total, of, whole.missing, whole.evidence)


def _flowed(unit: UnitState, cells: Decimal | None) -> Decimal | None:
    if cells is None or unit.infused_ml is None or unit.volume_ml is None:
        return None
    return share(cells, unit.infused_ml, unit.volume_ml)
