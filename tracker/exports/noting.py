"""Before a trail leaves the store: who may take more than the bare events, and the note in the registry."""

from __future__ import annotations

from schema.errors import CartrailError
from tracker.acts.deciding import AskedBy
from tracker.exports.sharing import Sharing
from tracker.open_store import OpenStore
from tracker.registry.exports.decisions import EXPORTERS
from tracker.registry.requests import ExportTrail
from tracker.rules.authority import grant_violation
from tracker.rules.decision import Violation


def not_entitled(opened: OpenStore, staff: str) -> Violation | None:
    """Why a person may not choose more to be open; None when they may."""
    return grant_violation(opened.registry, staff, EXPORTERS, None, opened.clock.now())


def note_leaving(
    opened: OpenStore, *, staff: str, station: str, form: str, chains: tuple[str, ...], sharing: Sharing
) -> str | None:
    """Note the export in the registry; why that could not be, or None. The export goes on either way."""
    try:
        request = ExportTrail(
            event_id=opened.new_event_id(),
            actor=staff,
            station=station,
            form=form,
            chains=chains,
            identifiers=sharing.identifiers,
            free_text=sharing.free_text,
            staff_names=sharing.names,
        )
        problem = opened.record(request=request, origin=AskedBy(by_program=True)).problem
    except CartrailError as error:
        return f"{error.message} {error.remedy}"
    return None if problem is None else f"{problem.message} {problem.remedy}"
