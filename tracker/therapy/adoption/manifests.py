"""What a therapy's manifests announce: which container a unit is, what its labels carry, what they lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labels.identities import Identity, family_of
from schema.events.adoption import ManifestUnit
from schema.events.identity import AdoptedCode
from tracker.rules.therapy_state import ManifestState, TherapyState, UnitState


@dataclass(frozen=True, slots=True)
class Target:
    """What in a manifest a scan is about: one of its containers, or the therapy as a whole."""

    manifest: ManifestState
    container: ManifestUnit | None

    @property
    def codes(self) -> tuple[AdoptedCode, ...]:
        """What has to be scanned."""
        return self.manifest.codes if self.container is None else self.container.codes

    @property
    def allowed(self) -> tuple[AdoptedCode, ...]:
        """What may be scanned: a container also carries the codes of its therapy."""
        return (*self.codes, *self.manifest.codes)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many codes are expected, and which of them stand for the thing by now."""

    expected: tuple[AdoptedCode, ...]
    bound: frozenset[AdoptedCode]

    @property
    def missing(self) -> tuple[AdoptedCode, ...]:
        """What the manifest names and nobody has scanned yet."""
        return tuple(code for code in self.expected if code not in self.bound)


def containers(therapy: TherapyState) -> Iterator[Target]:
    """Every container that the therapy's manifests announce."""
    for manifest in therapy.manifests.values():
        for container in manifest.units:
            yield Target(manifest, container)


def target_of(therapy: TherapyState, unit: UnitState) -> Target | None:
    """The container that a unit is, by a code that already stands for it."""
    return next(
        (one for one in containers(therapy) if not set(one.codes).isdisjoint(unit.adopted)),
        None,
    )


def tally(therapy: TherapyState, unit: UnitState | None) -> Tally | None:
    """The codes of a unit, or of the therapy; None where no manifest names any."""
    if unit is None:
        codes = tuple(code for one in therapy.manifests.values() for code in one.codes)
        return Tally(codes, frozenset(therapy.adopted)) if codes else None
    found = target_of(therapy, unit) or _only(therapy, unit)
    return None if found is None else Tally(found.codes, frozenset(unit.adopted))


def _only(therapy: TherapyState, unit: UnitState) -> Target | None:
    """The one announced container of the unit's material that no other unit is; None where several are."""
    bound = {code for other in therapy.units.values() for code in other.adopted}
    free = [
        one
        for one in containers(therapy)
        if one.container is not None
        and one.container.material is unit.material
        and bound.isdisjoint(one.codes)
    ]
    return free[0] if len(free) == 1 else None


def matching(codes: Sequence[AdoptedCode], named: Sequence[Identity]) -> tuple[AdoptedCode, ...]:
    """The announced codes that a scan agrees with; none where one of its fields says something else.

    Each field of a composite code is compared (a donation number, a serial number), not only the first known.
    """
    values = {one.value for one in named}
    found = tuple(code for code in codes if code.value in values)
    announced = {family_of(code.value, code.type) for code in codes} - {None}
    agreed = {family_of(code.value, code.type) for code in found}
    for one in named:
        family = family_of(one.value, one.type)
        if family in announced and family not in agreed:
            return ()
    return found


def holder_of(therapy: TherapyState, code: AdoptedCode) -> str | None:
    """The unit or therapy that a code stands for by now; None while nobody has scanned it."""
    if code in therapy.adopted:
        return therapy.coi
    return next((unit.unit for unit in therapy.units.values() if code in unit.adopted), None)
