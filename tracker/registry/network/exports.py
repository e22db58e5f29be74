"""The decisions over exports: who may carry a bundle out, and what the registry remembers of it."""

from __future__ import annotations

from typing import Final

from schema.canonical import canonical
from schema.vocabulary import Purpose, Role
from tracker.registry.network import requests
from tracker.registry.situation import (
    OVERSEERS,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    event_of,
    performed,
    person_refusal,
)
from tracker.rules.authority import grant_violation
from tracker.rules.decision import Decision, Denied

EXPORTERS: Final = OVERSEERS | {Role.AUDITOR}
"""Auditors read and export; those who oversee the store may hand out its evidence too."""

KNOW_PATIENTS: Final = frozenset(
    {Role.APHERESIS_NURSE, Role.WARD_NURSE, Role.PHARMACIST, Role.CLINICIAN, Role.COORDINATOR}
)
"""Those who meet the patient or call about them: they find the therapies in which their site has a part."""

SEEKERS: Final = EXPORTERS | KNOW_PATIENTS
"""Who may look for a patient by an identifier; couriers, docks and laboratories know codes alone."""

CHAINS_FIELD: Final = "chains"
"""The field of the commitment to what a bundle holds; its value is the canonical JSON as text."""


def export(situation: RegistrySituation, request: requests.Export) -> Decision:
    """What left the store, to be signed by who takes it out; the therapies stand there as a commitment."""
    chains = canonical([end.model_dump(mode="json") for end in request.chains]).decode()
    exported = event_of(request, chains=situation.commit(CHAINS_FIELD, chains))
    return allowed(situation, request, [exported], performed(request, EXPORTERS))


def export_trail(situation: RegistrySituation, request: requests.ExportTrail) -> Decision:
    """Unsigned: the program saw the trail leave; the therapies stand there as one commitment."""
    refusal = _reader_refusal(situation, request.actor, signed_in=request.signed_in)
    if refusal is not None:
        return refusal
    noted = event_of(
        request,
        chains=situation.commit(CHAINS_FIELD, canonical(list(request.chains)).decode()),
        count=len(request.chains),
    )
    return allowed(situation, request, [noted])


def list_people(situation: RegistrySituation, request: requests.ListPeople) -> Decision:
    """Unsigned too: names of staff are read by those who work here, and it is known by whom."""
    refusal = _reader_refusal(situation, request.actor, signed_in=request.signed_in)
    return refusal or allowed(situation, request, [event_of(request)])


def search_identifier(situation: RegistrySituation, request: requests.SearchIdentifier) -> Decision:
    """Unsigned: the program saw who looked for what kind of identifier, and keeps nothing of its value."""
    refusal = _reader_refusal(situation, request.actor, signed_in=request.signed_in)
    if refusal is not None:
        return refusal
    missing = grant_violation(situation.registry, request.actor, SEEKERS, None, situation.now)
    if missing is not None:
        return denied_by(missing)
    searched = event_of(
        request,
        chains=situation.commit(CHAINS_FIELD, canonical(list(request.chains)).decode()),
        count=len(request.chains),
    )
    return allowed(situation, request, [searched])


def _reader_refusal(situation: RegistrySituation, actor: str, *, signed_in: bool) -> Denied | None:
    """Why somebody reads nothing of the record: outside a demo a name alone is nobody's."""
    missing = person_refusal(situation, actor)
    if missing is not None or signed_in or situation.registry.purpose is Purpose.DEMO:
        return missing
    return denied(
        "not_signed_in",
        f"{actor} was only named: in a {situation.registry.purpose} store who reads the record signs in.",
        "Sign in with your own password.",
    )


DECISIONS: Final[Decisions] = {
    requests.Export: export,
    requests.ExportTrail: export_trail,
    requests.ListPeople: list_people,
    requests.SearchIdentifier: search_identifier,
}
