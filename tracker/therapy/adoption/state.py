"""How the codes of others come to stand for a therapy and its containers."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import adoption
from schema.events import identity as events
from schema.vocabulary import Material
from tracker.rules.therapy_state import CertificateState, Changes, ManifestState, Occurrence, TherapyState


def _code_adopted(
    state: TherapyState, _: Statement, payload: events.CodeAdopted, occurrence: Occurrence
) -> TherapyState:
    if payload.unit is None:
        known = state.adopted if payload.code in state.adopted else (*state.adopted, payload.code)
        return _with_certificate(replace(state, adopted=known), payload, occurrence)
    unit = state.unit(payload.unit)
    return state if unit is None else state.with_unit(replace(unit, adopted=(*unit.adopted, payload.code)))


def _with_certificate(
    state: TherapyState, payload: events.CodeAdopted, occurrence: Occurrence
) -> TherapyState:
    """The state with what the maker's certificate says; until when each container is good, it says too."""
    said = payload.certificate
    if said is None or said.expires_at is None:
        return state
    read = CertificateState(
        payload.code,
        said.identifier,
        said.containers,
        said.expires_on,
        said.expires_at,
        said.out_of_specification,
        occurrence,
    )
    units = [unit.unit for unit in state.units.values() if unit.material is Material.PRODUCT]
    expiring = partial(replace, expires_at=said.expires_at, expires_by=occurrence.event_id)
    return replace(state, certificate=read).with_changed(units, expiring)


def _manifest_received(
    state: TherapyState, statement: Statement, payload: adoption.ManifestReceived, _: Occurrence
) -> TherapyState:
    manifest = ManifestState(statement.event_id, payload.issuer, payload.number, payload.codes, payload.units)
    named = (*payload.codes, *(code for unit in payload.units for code in unit.codes))
    return replace(
        state,
        manifests={**state.manifests, f"{payload.issuer}|{payload.number}": manifest},
        announced=state.announced.union(named),
    )


def _codes_bound(
    state: TherapyState, _: Statement, payload: adoption.CodesBound, __: Occurrence
) -> TherapyState:
    """Codes of the container are bound to the unit, codes of the therapy to the therapy."""
    manifests = state.manifests.values()
    shared = {code for one in manifests for code in one.codes}
    of_therapy = [code for code in payload.codes if payload.unit is None or code in shared]
    adopted = (*state.adopted, *(code for code in of_therapy if code not in state.adopted))
    changed = state if adopted == state.adopted else replace(state, adopted=adopted)
    unit = None if payload.unit is None else changed.unit(payload.unit)
    if unit is None:
        return changed
    own = [code for code in payload.codes if code not in shared and code not in unit.adopted]
    return changed.with_unit(replace(unit, adopted=(*unit.adopted, *own)))


CHANGES: Final[Changes] = {
    events.CodeAdopted: _code_adopted,
    adoption.ManifestReceived: _manifest_received,
    adoption.CodesBound: _codes_bound,
}
