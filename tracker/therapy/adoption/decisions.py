"""Decisions about the codes of others: a manifest taken in, and labels scanned against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from schema.events import adoption as events
from schema.events.identity import AdoptedCode, CodeAdopted, MakersCertificate
from schema.instants import parse_offset
from schema.vocabulary import CodeType, Meaning, Role
from tracker.kinds import Moves
from tracker.requests.base import StatedCode
from tracker.rules.attempt import Attempt, local
from tracker.rules.checks.codes import adopted_code, code_violation
from tracker.rules.checks.identity import Mismatch, foreign, other_certificate, stop
from tracker.rules.checks.step import role_violation, step_violations
from tracker.rules.conclusion import Plan, conclude, entry_slots, reason_of, slots_of
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation
from tracker.rules.selection import not_a, reads_for, therapy_of
from tracker.rules.situation import Decisions, Found, Resolution, Situation, remark_of
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.rules.units import decide_on_therapy
from tracker.therapy.adoption import requests as asked
from tracker.therapy.adoption.manifest_file import missing_of
from tracker.therapy.adoption.manifests import Target, containers, matching, target_of

RECEIVERS: Final = frozenset(
    {
        Role.APHERESIS_NURSE,
        Role.CELL_LAB_TECHNICIAN,
        Role.MANUFACTURING_OPERATOR,
        Role.PHARMACIST,
        Role.CLINICIAN,
        Role.COORDINATOR,
        Role.QUALITY,
    }
)
"""Who may take in a manifest; it binds nothing, so one signature is enough."""

_NAMES_PATIENT: Final = frozenset({CodeType.MANUFACTURER_COI, CodeType.DIN, CodeType.ISBT_COI})
"""What a maker calls an Aph ID, a COI ID or a DIN."""

_FOREIGN_KINDS = frozenset({Found.FOREIGN, Found.ANNOUNCED, Found.UNIT, Found.COI, Found.UNKNOWN})


def decide_receive(situation: Situation, request: asked.ReceiveManifest) -> Decision:
    """A manifest is taken in; its codes are stored in clear. This is not a step of the protocol."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    manifest = request.manifest
    found = role_violation(situation, request.actor, RECEIVERS)
    for violation in (*filter(None, (found,)), *_taken(situation, request, therapy)):
        return Denied(replace(violation, waivable=False))
    payload = events.ManifestReceived(
        issuer=manifest.issuer,
        number=manifest.number,
        form=request.form,
        sha256=manifest.sha256,
        codes=manifest.codes,
        units=manifest.units,
        reason=reason_of(request),
        remark=remark_of(situation, request, therapy.coi),
    )
    reads = reads_for(situation, request, therapy.coi)
    slots = entry_slots(request, (Slot(Meaning.PERFORMED, staff=request.actor),), reads)
    return Allowed((Draft(therapy.coi, payload, reads, (), slots),))


def _taken(
    situation: Situation, request: asked.ReceiveManifest, therapy: TherapyState
) -> Iterator[Violation]:
    manifest = request.manifest
    before = therapy.manifests.get(f"{manifest.issuer}|{manifest.number}")
    if before is not None and (before.codes, before.units) == (manifest.codes, manifest.units):
        yield Violation(
            "already_done",
            f"The manifest {manifest.number} of {manifest.issuer} was taken in already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    for code in manifest.all_codes:
        known = situation.resolve(StatedCode(code=code.value, issuer=code.issuer, type=code.type))
        if known.found is Found.UNKNOWN or known.coi not in (None, therapy.coi):
            yield Violation(
                "code_taken",
                f"{code.value} of {code.issuer} already stands for something of another therapy.",
                "Take nothing in. Call the sender and quality: two therapies cannot share a code.",
            )


@dataclass(frozen=True, slots=True)
class _Scanned:
    """The scans of one binding, sorted by what the manifest says of them."""

    target: Target
    codes: tuple[AdoptedCode, ...]
    unlisted: tuple[Resolution, ...]
    proven: bool
    """Whether a code of the target itself was scanned that nobody else has."""


def decide_bind(situation: Situation, request: asked.BindCodes) -> Decision:
    """The labels of a unit, or the papers of the therapy, scanned against what was announced."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    unit = None if request.unit is None else therapy.unit(request.unit)
    if request.unit is not None and unit is None:
        return Denied(_not_of(therapy, request.unit))
    read = [situation.resolve(scan) for scan in request.codes]
    for resolution in read:
        if resolution.coi is not None and resolution.coi != therapy.coi:
            other = foreign(therapy, events.CodesBound.kind, resolution, field="codes", waivable=False)
            return stop(situation, request, other)
        wrong = _strange(unit, resolution)
        if wrong is not None:
            return Denied(wrong)
    theirs = [one for one in read if not _is_ours(one)]
    target = _target(therapy, unit, theirs)
    if isinstance(target, Violation):
        return Denied(target)
    scanned = _sorted(target, theirs)
    for violation in _unfit(therapy, unit, scanned):
        return Denied(violation)
    if unit is not None and _lacks_ours(unit, read, theirs):
        strange = None if request.outside_rules else next(_unlisted(scanned), None)
        return Denied(strange or _own_label(unit))
    attempt = Attempt(situation, request, therapy, events.CodesBound.kind, unit)
    violations = [
        *step_violations(attempt),
        *_unlisted(scanned),
        *_repeated(situation, therapy, unit, scanned),
    ]
    steps = (attempt.step,) if attempt.step else ()
    payload = events.CodesBound(
        manifest=target.manifest.event_id,
        unit=unit.unit if unit else None,
        item=target.container.item if target.container else None,
        codes=scanned.codes,
        missing=tuple(missing_of(target.codes, scanned.codes)),
        unlisted=tuple(situation.commit(therapy.coi, "code", one.text) for one in scanned.unlisted),
    )
    slots = slots_of(situation, request, therapy, steps)
    plan = Plan(therapy, payload, steps, reads_for(situation, request, therapy.coi), slots)
    return conclude(situation, request, (plan,), violations)


def _is_ours(resolution: Resolution) -> bool:
    return resolution.copy is not None or resolution.found not in _FOREIGN_KINDS


def _strange(unit: UnitState | None, resolution: Resolution) -> Violation | None:
    """A code of ours that is not of this unit; its own label may be scanned along with the others."""
    own = unit is not None and resolution.unit == unit.unit
    if not _is_ours(resolution) or own:
        return None
    if resolution.unit is not None:
        return _other_container(resolution)
    return not_a(resolution, "label of another issuer")


def _not_of(therapy: TherapyState, unit: str) -> Violation:
    return Violation(
        "unknown_code", f"{therapy.coi} has no unit {unit}.", "Name a unit of this therapy.", waivable=False
    )


def _lacks_ours(unit: UnitState, read: Sequence[Resolution], theirs: Sequence[Resolution]) -> bool:
    """Whether nothing read so far says which container the labels are on."""
    return unit.labeled and not unit.adopted and len(theirs) == len(read)


def _own_label(unit: UnitState) -> Violation:
    return Violation(
        "identifier_missing",
        f"{unit.unit} has a label of ours, which was not scanned.",
        "Scan it too: it says that the other labels are on this container.",
        waivable=False,
    )


def _other_container(resolution: Resolution) -> Violation:
    return Violation(
        "other_container",
        f"{resolution.text[:60]} is a code of another container of this therapy.",
        "Put it aside and scan the labels of one container only.",
        waivable=False,
    )


def _target(therapy: TherapyState, unit: UnitState | None, read: Sequence[Resolution]) -> Target | Violation:
    """What the scans are about: the unit's container, by what is bound or by the first code of one."""
    manifests = [*therapy.manifests.values()]
    if not manifests:
        return Violation(
            "no_manifest",
            f"There is no manifest of {therapy.coi}.",
            "Take it in: cartrail patient manifest add. Or adopt the codes one by one.",
            waivable=False,
        )
    if unit is None:
        own = (Target(one, None) for one in manifests)
        return next(
            (one for one in own if any(matching(one.codes, item.identities) for item in read)),
            Target(manifests[-1], None),
        )
    known = target_of(therapy, unit)
    if known is not None:
        return known
    for resolution in read:
        for target in containers(therapy):
            if matching(target.codes, resolution.identities):
                return target
    return Violation(
        "identifier_missing",
        f"None of these codes is of a container in a manifest of {therapy.coi}.",
        "Scan a code of the container itself. If there is none, call its sender and quality.",
        waivable=False,
    )


def _sorted(target: Target, read: Sequence[Resolution]) -> _Scanned:
    codes: dict[AdoptedCode, None] = {}
    unlisted: list[Resolution] = []
    proven = False
    for resolution in read:
        found = matching(target.allowed, resolution.identities)
        codes |= dict.fromkeys(found)
        if not found:
            unlisted.append(resolution)
        elif resolution.found is not Found.UNKNOWN and not set(target.codes).isdisjoint(found):
            proven = True
    ordered = tuple(code for code in target.allowed if code in codes)
    return _Scanned(target, ordered, tuple(unlisted), proven)


def _unfit(therapy: TherapyState, unit: UnitState | None, scanned: _Scanned) -> Iterator[Violation]:
    """Why nothing may be bound; none of these can be waived."""
    container = scanned.target.container
    for one in scanned.unlisted:
        of_other = one.unit is not None and (unit is None or one.unit != unit.unit)
        if of_other or _of_other(therapy, scanned, one):
            yield _other_container(one)
    if unit is not None and container is not None and unit.material is not container.material:
        yield Violation(
            "wrong_material",
            f"By the manifest this is {container.material.value}; {unit.unit} is {unit.material.value}.",
            "Scan the labels of the right container.",
            waivable=False,
        )
    for other in therapy.units.values():
        if other is not unit and unit is not None and not set(other.adopted).isdisjoint(scanned.target.codes):
            yield Violation(
                "code_taken",
                f"These labels stand for {other.unit}, not for {unit.unit}.",
                "Put it aside and scan the labels of the right container.",
                waivable=False,
            )
    if scanned.codes and not scanned.proven:
        yield Violation(
            "ambiguous_code",
            "These codes alone do not identify one thing: others have them too.",
            "Scan another code of the same label.",
            waivable=False,
        )


def _of_other(therapy: TherapyState, scanned: _Scanned, one: Resolution) -> bool:
    others = (target for target in containers(therapy) if target.container is not scanned.target.container)
    return any(matching(other.codes, one.identities) for other in others)


def _unlisted(scanned: _Scanned) -> Iterator[Violation]:
    for one in scanned.unlisted:
        yield Violation(
            "not_on_manifest",
            f"{one.text[:60]!r} stands in no manifest for this container.",
            "Put it aside, call its sender and quality. Only codes that the manifest names are bound.",
        )


def _repeated(
    situation: Situation, therapy: TherapyState, unit: UnitState | None, scanned: _Scanned
) -> Iterator[Violation]:
    """The same labels again, although the unit has not moved since."""
    facts = therapy.facts if unit is None else unit.facts
    before = facts.get(events.CodesBound.kind)
    known = {*therapy.adopted, *(unit.adopted if unit else ())}
    came = unit.last_moved(Moves.FILLED, Moves.OUT, Moves.TAKEN, Moves.OPENED) if unit else None
    is_news = before is not None and came is not None and came.sequence > before.sequence
    if before is not None and not is_news and known.issuperset(scanned.codes):
        yield Violation(
            "already_done",
            f"These codes were scanned already, at {local(situation, before)}.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )


def decide_adopt(situation: Situation, request: asked.AdoptCode) -> Decision:
    """Another issuer's code becomes scannable like ours."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    unit = None
    if request.unit is not None:
        found = situation.unit_of(situation.resolve(request.unit))
        if found is None or therapy.unit(found.unit) is None:
            return Denied(not_a(situation.resolve(request.unit), "unit of this therapy"))
        unit = found.unit
    found_code = code_violation(situation, request.adopted, therapy.coi, unit)
    if found_code is not None and not found_code.waivable:
        return Denied(found_code)
    code = adopted_code(situation, request.adopted)
    said = None
    if request.certificate is not None:
        other = _of_another(therapy, request.certificate)
        if other is not None:
            return stop(situation, request, other)
        said = MakersCertificate(
            **request.certificate.model_dump(), expires_at=_end_of(situation, request.certificate.expires_on)
        )
    payload = CodeAdopted(unit=unit, code=code, certificate=said)
    return decide_on_therapy(situation, request, request.coi, payload, tuple(_off_manifest(therapy, code)))


def _of_another(therapy: TherapyState, said: asked.CertificateGiven) -> Mismatch | None:
    """A patient's number at the maker is on order, bags and certificate: one character makes it another."""
    known = [code.value for code in therapy.adopted if code.type in _NAMES_PATIENT]
    for unit in therapy.units.values():
        known += [code.value for code in unit.adopted if code.type in _NAMES_PATIENT]
        known += [unit.din] if unit.din else []
    if said.identifier in known:
        return None
    expected = f"{' or '.join(dict.fromkeys(known)) or 'a number that was adopted before'} of {therapy.coi}"
    return other_certificate(therapy, CodeAdopted.kind, expected, said.identifier)


def _end_of(situation: Situation, day: str) -> datetime:
    """When a day is over, by the clocks here."""
    following = datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(days=1)
    offset = parse_offset(situation.offset_of(following))
    return following.replace(tzinfo=offset).astimezone(UTC)


def _off_manifest(therapy: TherapyState, code: AdoptedCode) -> Iterator[Violation]:
    """An issuer that sent a manifest listed all its codes there; one more may be another therapy's."""
    if code.issuer in {one.issuer for one in therapy.announced} and code not in therapy.announced:
        yield Violation(
            "not_on_manifest",
            f"{code.value[:60]!r} stands in no manifest of {therapy.coi}, and {code.issuer} has sent one.",
            "Put it aside, call its sender and quality.",
        )


DECISIONS: Final[Decisions] = {
    asked.AdoptCode: decide_adopt,
    asked.ReceiveManifest: decide_receive,
    asked.BindCodes: decide_bind,
}
