"""Doses of products as values: rules of several labels, and a therapy with a weight and filled containers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.dosing import Dose
from tracker.protocols.model import Indication
from tracker.rules.therapy_state import UnitState

FORMULA: Final = "car_positive * viable_per_ml * volume_ml / 100"
_SOURCE: Final = {"source": "a label", "verified": "read"}

AXI: Final = {"indication": "dlbcl", "per_kg": ["1.0", "2.0"], "target": "2.0", "cells_max": "200", **_SOURCE}
LISO: Final = {"indication": "dlbcl", "flat": ["44", "120"], "target": "100", **_SOURCE}
NAMED: Final = {"dlbcl": "Diffuse large B-cell lymphoma", "mcl": "Mantle cell lymphoma"}


def dose(*rules: dict[str, Any], **more: Any) -> Dose:
    """A dose with these rules."""
    return Dose.model_validate({"formula": FORMULA, "rules": list(rules), **more})


def dosed(case: Case, *rules: dict[str, Any], **more: Any) -> Case:
    """The case by a protocol with these rules in place of its own."""
    named = {rule["indication"] for rule in rules}
    indications = tuple(Indication(name=one, title=NAMED.get(one, one), source="a label") for one in named)
    case.protocol = case.protocol.model_copy(
        update={"dose": dose(*rules, **more), "indications": indications}
    )
    return case


def asked(case: Case, indication: str, weight_kg: str | None = None, **more: Any) -> dict[str, Any]:
    """What a dose is set with."""
    return {"coi": scan(case.one.coi), "indication": indication, "weight_kg": weight_kg, **more}


def filled(case: Case, unit: str, volume_ml: str, **changes: Any) -> UnitState:
    """Let a container hold so much, whatever was recorded of it."""
    known = case.unit(unit)
    changed = replace(known, volume_ml=Decimal(volume_ml), **changes)
    case.therapies[case.one.coi] = case.state.with_unit(changed)
    return changed
