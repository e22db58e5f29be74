"""What became of a therapy, in one line above everything else of its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schema.events.processing import InfusionCompleted, InfusionStopped
from schema.vocabulary import Disposition, FinalDisposition, Material
from tracker.acts.read_tables import stage_of
from tracker.concerns import SpeaksOf
from tracker.exports.dossiers import Dossier, local
from tracker.exports.gaps import Gap
from tracker.rules.therapy_state import TherapyState, TherapyStatus, UnitState


def outcome_of(dossier: Dossier) -> dict[str, str]:
    """The outcome in a word or two, and the sentence that says what it rests on."""
    state = dossier.state
    if state is None:
        return {"word": "NOT UNDERSTOOD", "sentence": "This chain does not begin with an enrollment."}
    return {"word": _word(dossier, state), "sentence": " ".join(_sentences(dossier, state))}


def counted(gaps: Sequence[Gap]) -> dict[str, Any]:
    """How many findings there are, and how many of them are grave, of the events and as it stands."""
    events = [gap for gap in gaps if gap.speaks_of is SpeaksOf.SELECTION]
    standing = [gap for gap in gaps if gap.speaks_of is SpeaksOf.TODAY]
    return {
        "grave": sum(gap.total for gap in gaps if gap.is_grave),
        "events": sum(gap.total for gap in events),
        "standing": sum(gap.total for gap in standing),
    }


def _word(dossier: Dossier, state: TherapyState) -> str:
    products = _products(state)
    infused = [unit for unit in products if unit.final is FinalDisposition.INFUSED]
    if infused:
        stopped = any(InfusionStopped.kind in unit.facts for unit in infused)
        left = [unit for unit in products if unit.final is None]
        part = " IN PART" if stopped or left or len(infused) < len(products) else ""
        return f"INFUSED{part}" + (", CLOSED" if state.status is TherapyStatus.CLOSED else "")
    if state.status is TherapyStatus.CANCELED:
        return "CANCELED"
    if state.status is TherapyStatus.CLOSED:
        return "CLOSED, NOT INFUSED"
    if products and all(unit.disposition is Disposition.REJECTED for unit in products):
        return "REJECTED"
    return f"RUNNING: {_stage(dossier, state).upper()}"


def _products(state: TherapyState) -> list[UnitState]:
    return [unit for unit in state.units.values() if unit.material is Material.PRODUCT]


def _stage(dossier: Dossier, state: TherapyState) -> str:
    protocol = dossier.protocol
    stage = stage_of(state, protocol)
    titles = {one.name: one.title for one in protocol.stages} if protocol is not None else {}
    return titles.get(stage, stage.replace("_", " "))


def _sentences(dossier: Dossier, state: TherapyState) -> Iterator[str]:
    products = _products(state)
    infused = [unit for unit in products if unit.final is FinalDisposition.INFUSED]
    if infused:
        amount = sum((unit.infused_ml for unit in infused if unit.infused_ml is not None), start=0)
        count = f"{len(infused)} of {_containers(len(products))} of product given"
        yield f"{count}, {amount} mL; last {_given(dossier)}."
    elif products:
        yield f"No product was given; {_containers(len(products))} made."
    else:
        yield "No product was made."
    released = {unit.disposition for unit in products}
    if Disposition.RELEASED_OUT_OF_SPECIFICATION in released:
        yield "Released OUT OF SPECIFICATION."
    waiting = list(state.open_units())
    ended = len(state.units) - len(waiting)
    yield f"{ended} of {_containers(len(state.units))} of any kind ended."
    if any(unit.quarantined for unit in waiting):
        yield "Cells are in QUARANTINE."


def _containers(count: int) -> str:
    return f"{count} container{'' if count == 1 else 's'}"


def _given(dossier: Dossier) -> str:
    """When the last infusion ended, by the clocks of that place."""
    moments = [
        local(one.statement.occurred_at, one.statement.offset)
        for one in dossier.entries
        if isinstance(one.statement.payload, (InfusionCompleted, InfusionStopped))
    ]
    return f"{max(moments):%Y-%m-%d %H:%M} {max(moments).isoformat()[-6:]}" if moments else "not recorded"
