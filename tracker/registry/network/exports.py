"""The decisions over exports: who may carry a bundle out, and what the registry remembers of it."""

from __future__ import annotations

from typing import Final

from schema.canonical import canonical
from schema.vocabulary import Role
from tracker.registry.network import requests
from tracker.registry.situation import (
    OVERSEERS,
    Decisions,
    RegistrySituation,
    allowed,
    event_of,
    performed,
    person_refusal,
)
from tracker.rules.decision import Decision

EXPORTERS: Final = OVERSEERS | {Role.AUDITOR}
"""Auditors read and export; those who oversee the store may hand out its evidence too."""

CHAINS_FIELD: Final = "chains"
"""The field of the commitment to what a bundle holds; its value is the canonical JSON as text."""


def export(situation: RegistrySituation, request: requests.Export) -> Decision:
    """What left the store, to be signed by who takes it out; the therapies stand there as a commitment."""
    chains = canonical([end.model_dump(mode="json") for end in request.chains]).decode()
    exported = event_of(request, chains=situation.commit(CHAINS_FIELD, chains))
    return allowed(situation, request, [exported], performed(request, EXPORTERS))


def export_trail(situation: RegistrySituation, request: requests.ExportTrail) -> Decision:
    """Unsigned: the program saw the trail leave; the therapies stand there as one commitment."""
    missing = person_refusal(situation, request.actor)
    if missing is not None:
        return missing
    noted = event_of(
        request,
        chains=situation.commit(CHAINS_FIELD, canonical(list(request.chains)).decode()),
        count=len(request.chains),
    )
    return allowed(situation, request, [noted])


DECISIONS: Final[Decisions] = {
    requests.Export: export,
    requests.ExportTrail: export_trail,
}
