"""The decision over a version of a protocol."""

from __future__ import annotations

from typing import Final

from schema.vocabulary import Meaning
from tracker.registry.network import requests
from tracker.registry.situation import (
    OVERSEERS,
    QUALITY,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    event_of,
    performed,
)
from tracker.rules.decision import Decision, ScanAnswer, Slot


def adopt_protocol(situation: RegistrySituation, request: requests.AdoptProtocol) -> Decision:
    """Versions only go up, so that "the latest" is what was adopted last; two people answer for each."""
    latest = situation.registry.latest_protocol(request.protocol)
    if latest is not None and request.version <= latest.version:
        same = situation.registry.protocol(request.protocol, request.version)
        done = same is not None and same.sha256 == request.sha256
        return denied(
            "protocol_adopted" if done else "protocol_version_taken",
            f"{request.protocol} is at version {latest.version}: version {request.version} comes too late.",
            "Nothing is to be done." if done else f"Give the changed protocol version {latest.version + 1}.",
            answer=ScanAnswer.CHECK if done else ScanAnswer.STOP,
        )
    adopted = event_of(request)
    approved = Slot(Meaning.APPROVED, OVERSEERS)
    return allowed(situation, request, [adopted], performed(request, QUALITY), approved)


DECISIONS: Final[Decisions] = {
    requests.AdoptProtocol: adopt_protocol,
}
