"""What the certificate of a release says of a container: the receipt of its statement against what stands."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from schema.events.processing import Released, ReleasedOutOfSpecification
from schema.vocabulary import Disposition
from tracker.rules.therapy_state import Occurrence, TherapyState, UnitState

RELEASES: Final = (Released.kind, ReleasedOutOfSpecification.kind)


class CertificateSays(StrEnum):
    """What a certificate that was read is worth for one container."""

    VALID = "valid"
    OUT_OF_SPECIFICATION = "out_of_specification"
    """It stands, and says of itself that the container was released at the physician's request."""

    OLD = "old"
    """The container was released again since."""

    OTHER_CONTAINERS = "other_containers"
    """It is of a release of this therapy that does not name the container."""

    NO_RELEASE = "no_release"
    """It is the receipt of something else in this therapy."""


def release_of(unit: UnitState) -> Occurrence | None:
    """The release that stands for a container, and for what was drawn from it."""
    found = [unit.facts[kind] for kind in RELEASES if kind in unit.facts]
    return max(found, key=lambda fact: fact.sequence, default=None)


def out_of_specification(therapy: TherapyState, unit: UnitState) -> bool:
    """Whether a container was released out of specification, or assessed so since."""
    released = unit.disposition is Disposition.RELEASED_OUT_OF_SPECIFICATION
    return released or therapy.is_out_of_specification(unit.unit)


def judged_certificate(therapy: TherapyState, unit: UnitState, digest: str) -> CertificateSays:
    """What a receipt of this therapy is worth for a container of it."""
    stands = release_of(unit)
    if stands is not None and therapy.events[stands.event_id].digest == digest:
        marked = unit.facts.get(ReleasedOutOfSpecification.kind) is stands
        return CertificateSays.OUT_OF_SPECIFICATION if marked else CertificateSays.VALID
    for event in therapy.releases:
        known = therapy.events[event]
        if known.digest == digest:
            names_it = not therapy.lineage(unit.unit).isdisjoint(known.units)
            return CertificateSays.OLD if names_it else CertificateSays.OTHER_CONTAINERS
    return CertificateSays.NO_RELEASE
