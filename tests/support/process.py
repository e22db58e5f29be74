"""Lots, instruments and vessels for a therapy in the making, as values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from msgspec.structs import replace

from schema.events import processing as events
from schema.vocabulary import EquipmentType, LabelState, LotStatus, Material
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.model import Protocol
from tracker.rules.decision import Draft
from tracker.rules.registry_state import Equipment, Lot
from tracker.rules.therapy_state import UnitState
from tracker.therapy.custody.requests import Retrieve
from tracker.therapy.making.requests import PerformStep, StartManufacturing

SITE: Final = "MFG-1"
OPERATOR, SECOND = "OPER-1", "OPER-2 witnessed"
VECTOR, REAGENT, MEDIUM, SET, SELECTION, BUFFER, FREEZING = (f"GD22222222{letter}" for letter in "2345678")
ITEMS: Final = {
    VECTOR: "viral_vector",
    REAGENT: "activation_reagent",
    MEDIUM: "culture_medium",
    SET: "processing_set",
    SELECTION: "selection_reagent",
    BUFFER: "wash_buffer",
    FREEZING: "cryo_medium",
}
DEVICE, OTHER_DEVICE, COUNTER, PROCESSOR = (f"ED22222222{letter}" for letter in "2345")
CLASSES: Final = {
    DEVICE: "culture_device",
    OTHER_DEVICE: "culture_device",
    COUNTER: "cell_counter",
    PROCESSOR: "cell_processor",
}
GTIN: Final = "09506000134352"


def stocked(case: Case) -> Case:
    """The case with a released lot of every item and an instrument of every class at the manufacturer."""
    lots = {
        lot: Lot(
            *(lot, item, SITE, f"L-{item}", GTIN, "2030-12-31", None, None, None),
            *(case.now, case.now, LotStatus.RELEASED, case.now - timedelta(days=365)),
        )
        for lot, item in ITEMS.items()
    }
    due = case.now + timedelta(days=200)
    instruments = {
        one: Equipment(
            *(one, EquipmentType.INSTRUMENT, f"{kind} {one[-1]}", SITE, None, due),
            has_display=False,
            instrument_class=kind,
            exclusive=kind != "cell_counter",
        )
        for one, kind in CLASSES.items()
    }
    registry = case.registry
    case.registry = replace(
        registry, lots={**registry.lots, **lots}, equipments={**registry.equipments, **instruments}
    )
    return case


def with_lot(case: Case, lot: str, **changes: Any) -> None:
    """Let a lot be otherwise, whatever was recorded of it."""
    known = case.registry.lots[lot]
    case.registry = replace(case.registry, lots={**case.registry.lots, lot: replace(known, **changes)})


def vessel(case: Case, unit: str = "UD333333332", material: Material = Material.IN_PROCESS) -> str:
    """A registered container with its label on it."""
    state = UnitState(unit, material, labels={"2": LabelState.APPLIED})
    coi = case.one.coi
    case.therapies[coi] = case.therapies[coi].with_unit(state)
    return unit


def step(name: str, *units: str, lots: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """What a step is recorded with: lots and instruments by id, values by measure."""
    instruments = tuple(map(scan, more.pop("instruments", ())))
    measured = tuple({"measure": one, "value": text} for one, text in more.pop("measured", {}).items())
    moves = tuple(
        {"source": scan(source), "target": scan(target), **said}
        for source, target, said in more.pop("moves", ())
    )
    return {
        "step": name,
        "units": tuple(map(scan, units)),
        "lots": tuple({"lot": scan(lot)} for lot in lots),
        "instruments": instruments,
        "measured": measured,
        "moves": moves,
        **more,
    }


USUAL: Final[Mapping[str, Mapping[str, Any]]] = {
    "starting_thaw": {},
    "selection": {
        "lots": (SELECTION, SET),
        "instruments": (PROCESSOR,),
        "measured": {"viable_cells": "1200"},
    },
    "activation": {
        "lots": (REAGENT, MEDIUM),
        "instruments": (DEVICE,),
        "measured": {"viable_cells": "1000"},
    },
    "transduction": {
        "lots": (VECTOR,),
        "instruments": (DEVICE,),
        "measured": {"viable_cells": "950", "moi": "2.5"},
    },
    "feeding": {"lots": (MEDIUM,), "instruments": (DEVICE,)},
    "counting": {"instruments": (COUNTER,), "measured": {"viable_cells": "2400"}},
    "harvest": {"instruments": (DEVICE,), "measured": {"viable_cells": "26000"}},
    "formulation": {"lots": (FREEZING,)},
    "pooling": {},
    "sampling": {},
}
"""What each step of the shipped protocol is taken with, where nothing is wrong."""


def usual(name: str, *units: str, **more: Any) -> dict[str, Any]:
    """A step with everything that it asks for, but for what is given otherwise."""
    return step(name, *units, **{**USUAL[name], **more})


def witnessed(protocol: Protocol, name: str) -> str:
    """Who signs beside the operator, as the step asks."""
    asked = next(protocol.steps_of(name))
    return SECOND if len(asked.signatures) > 1 else ""


def take(case: Case, name: str, *units: str, **more: Any) -> tuple[Draft, ...]:
    """Take a step that the rules permit, with what it is usually taken with."""
    others = witnessed(case.protocol, name)
    return case.do(
        PerformStep, OPERATOR, **({"others": others} if others else {}), **usual(name, *units, **more)
    )


def performed(drafts: tuple[Draft, ...]) -> events.StepPerformed:
    """The event of a step among what was recorded."""
    return next(one.payload for one in drafts if isinstance(one.payload, events.StepPerformed))


def begun(case: Case) -> Case:
    """Manufacturing has begun: the bag of the first therapy is out of its tank and in the process."""
    stocked(case)
    journey = case.one
    bag = journey.frozen_scans((journey.bag,))
    case.do(Retrieve, OPERATOR, units=bag, location=journey.place(SITE, (journey.bag,)))
    case.do(StartManufacturing, OPERATOR, others=SECOND, coi=scan(journey.coi), units=bag)
    return case
