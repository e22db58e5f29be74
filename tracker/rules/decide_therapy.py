"""Decisions over a whole therapy: enrolment, identification, units, codes, cancellation, closing."""

from __future__ import annotations

from collections.abc import Iterator

from schema.errors import InputError
from schema.events import Payload
from schema.events import identity as events
from schema.events.processing import DeviationOpened
from schema.vocabulary import ObjectType, Role, SitePart, SiteType
from tracker.requests import identity as asked
from tracker.requests.base import Request, Scan
from tracker.rules.attempt import Attempt, finished
from tracker.rules.conclusion import Plan, conclude, entry_slots, reason_of, slots_of
from tracker.rules.decision import Accepted, Decision, Draft, Refused, Slot, Violation
from tracker.rules.identity_checks import Mismatch, compare, stop
from tracker.rules.selection import fresh_id, not_a, reads_for, therapy_of
from tracker.rules.situation import PATIENT_FIELD, Situation, patient_value, remark_of
from tracker.rules.step_checks import role_violation, step_violations


def decide_enroll(situation: Situation, request: asked.Enroll) -> Decision:
    """A new chain, pinned to the newest adopted version of its protocol."""
    registry = situation.registry
    adopted = registry.latest_protocol(request.protocol)
    if adopted is None:
        return Refused(
            Violation(
                "protocol_unknown",
                f"No protocol {request.protocol} is adopted.",
                "Adopt it: cartrail protocol adopt.",
                waivable=False,
            )
        )
    protocol = situation.protocols.get((adopted.protocol, adopted.version))
    step = protocol.step("enrolled", None) if protocol else None
    if protocol is None or step is None:
        raise InputError(f"The protocol {request.protocol} version {adopted.version} is not in this store.")
    if len(request.patient) < protocol.patient_identifiers_compared:
        raise InputError(f"This protocol needs {protocol.patient_identifiers_compared} patient identifiers.")
    for violation in _enrolment_violations(situation, request, frozenset(step.roles)):
        return Refused(violation)
    coi = fresh_id(situation, ObjectType.COI, request.coi)
    if coi in situation.therapies:
        return Refused(
            Violation("coi_exists", f"The therapy {coi} exists.", "Leave coi out.", waivable=False)
        )
    payload = events.Enrolled(
        coi=coi,
        protocol=events.ProtocolPin(id=adopted.protocol, version=adopted.version, sha256=adopted.sha256),
        sites=events.TherapySites(
            collection=request.collection_site,
            manufacturing=request.manufacturing_site,
            treatment=request.treatment_site,
        ),
        patient_identifiers=tuple(
            situation.commit(coi, PATIENT_FIELD, patient_value(item)) for item in request.patient
        ),
        adopted_codes=tuple(_adopted(code) for code in request.adopted_codes),
        reason=reason_of(request),
        remark=remark_of(situation, request, coi),
    )
    slots = entry_slots(
        request, tuple(Slot(rule.meaning, staff=request.actor) for rule in step.signatures[:1])
    )
    return Accepted((Draft(coi, payload, (), (), slots),))


def _adopted(code: asked.AdoptedCodeGiven) -> events.AdoptedCode:
    return events.AdoptedCode(issuer=code.issuer, type=code.type, value=code.code)


def _enrolment_violations(
    situation: Situation, request: asked.Enroll, roles: frozenset[Role]
) -> Iterator[Violation]:
    wanted = (
        (request.collection_site, SiteType.COLLECTION_CENTER, SitePart.COLLECTION),
        (request.manufacturing_site, SiteType.MANUFACTURER, SitePart.MANUFACTURING),
        (request.treatment_site, SiteType.TREATMENT_CENTER, SitePart.TREATMENT),
    )
    for code, _, part in wanted:
        site = situation.registry.site(code)
        if site is None or not site.active:
            yield Violation(
                "site_unknown",
                f"The {part.value} site {code} is not active here.",
                "Add the site.",
                waivable=False,
            )
        elif site.site_type is SiteType.CARRIER:
            yield Violation(
                "site_unfit",
                f"{code} is a carrier, not a {part.value} site.",
                "Name another site.",
                waivable=False,
            )
    found = role_violation(situation, request.actor, roles)
    if found is not None:
        yield Violation(found.rule, found.message, found.remedy, waivable=False)


def decide_identify(situation: Situation, request: asked.IdentifyPatient) -> Decision:
    """The wristband at the chair against the commitments, by two people."""
    payload = events.PatientIdentified(identifiers_matched=len(request.patient))
    return _decide_therapy(situation, request, request.coi, payload)


def _decide_therapy(
    situation: Situation,
    request: Request,
    coi: Scan,
    payload: Payload,
    extra: tuple[Violation, ...] = (),
    more_slots: tuple[Slot, ...] = (),
) -> Decision:
    """The common shape of a step about a therapy without units."""
    therapy = therapy_of(situation, coi)
    if isinstance(therapy, Violation):
        return Refused(therapy)
    attempt = Attempt(situation, request, therapy, payload.kind)
    step = attempt.step
    violations: list[Violation] = []
    for found in compare(situation, request, therapy, step, None) if step else ():
        if isinstance(found, Mismatch):
            if request.outside_rules is None:
                return stop(situation, request, found)
            violations.append(found.violation)
        else:
            violations.append(found)
    violations.extend((*step_violations(attempt), *extra))
    steps = (step,) if step else ()
    slots = (*slots_of(situation, request, therapy, steps), *more_slots)
    plan = Plan(therapy, payload, steps, reads_for(situation, request, therapy.coi), slots)
    return conclude(situation, request, (plan,), violations)


def decide_register(situation: Situation, request: asked.RegisterUnit) -> Decision:
    """An identity for a container, before its label is printed."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Refused(therapy)
    parents: list[str] = []
    for scan in request.parents:
        parent = situation.unit_of(situation.resolve(scan))
        if parent is None or therapy.unit(parent.unit) is None:
            return Refused(not_a(situation.resolve(scan), "parent of this therapy"))
        parents.append(parent.unit)
    unit = fresh_id(situation, ObjectType.UNIT, request.unit)
    protocol = situation.protocol(therapy)
    step = protocol.step(events.UnitRegistered.kind, request.material)
    if step is None or protocol.container(request.material) is None:
        return Refused(
            Violation(
                "not_in_protocol",
                f"The protocol {protocol.id} has no {request.material.value} container.",
                "Register another material.",
                waivable=False,
            )
        )
    attempt = Attempt(situation, request, therapy, step.kind, material=request.material)
    once = (violation for violation in step_violations(attempt) if violation.rule != "already_done")
    payload = events.UnitRegistered(unit=unit, material=request.material, parents=tuple(parents))
    plan = Plan(therapy, payload, (step,), reads_for(situation, request, therapy.coi))
    return conclude(situation, request, (plan,), once)


def decide_adopt(situation: Situation, request: asked.AdoptCode) -> Decision:
    """Another issuer's code, from now on scannable like ours."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Refused(therapy)
    unit = None
    if request.unit is not None:
        found = situation.unit_of(situation.resolve(request.unit))
        if found is None or therapy.unit(found.unit) is None:
            return Refused(not_a(situation.resolve(request.unit), "unit of this therapy"))
        unit = found.unit
    code = _adopted(request.adopted)
    taken = situation.resolve(request.adopted)
    extra: tuple[Violation, ...] = ()
    if taken.coi is not None and (taken.coi, taken.unit) != (therapy.coi, unit) and taken.note == code.issuer:
        extra = (
            Violation(
                "code_taken",
                f"{code.value} of {code.issuer} already stands for something else.",
                "Check the label; two units cannot share a code of one issuer.",
                waivable=False,
            ),
        )
    return _decide_therapy(situation, request, request.coi, events.CodeAdopted(unit=unit, code=code), extra)


def decide_cancel(situation: Situation, request: asked.Cancel) -> Decision:
    """The therapy ends early, with a reason."""
    extra: tuple[Violation, ...] = ()
    if reason_of(request) is None:
        extra = (
            Violation("reason_missing", "Cancelling needs a reason code.", "Add a reason.", waivable=False),
        )
    return _decide_therapy(situation, request, request.coi, events.Canceled(), extra)


def decide_close(situation: Situation, request: asked.Close) -> Decision:
    """Closed once every unit and label has its final disposition."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Refused(therapy)
    open_units = tuple(unit.unit for unit in therapy.units.values() if not finished(unit))
    extra: tuple[Violation, ...] = ()
    if open_units:
        extra = (
            Violation(
                "units_open",
                f"These units have no final disposition: {', '.join(open_units)}.",
                "Infuse, destroy, use up or retain each of them, and destroy what is left.",
                waivable=False,
            ),
        )
    return _decide_therapy(situation, request, request.coi, events.Closed(), extra)


def decide_deviation(situation: Situation, request: asked.OpenDeviation) -> Decision:
    """A quality record a person opens; its words are committed."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Refused(therapy)
    units: list[str] = []
    for scan in request.units:
        unit = situation.unit_of(situation.resolve(scan))
        if unit is None or therapy.unit(unit.unit) is None:
            return Refused(not_a(situation.resolve(scan), "unit of this therapy"))
        units.append(unit.unit)
    payload = DeviationOpened(
        units=tuple(units),
        category=request.category,
        description=situation.commit(therapy.coi, "description", request.description),
    )
    return _decide_therapy(situation, request, request.coi, payload)


def decide_repin(situation: Situation, request: asked.RepinProtocol) -> Decision:
    """Another adopted version of the same protocol, with the steps that differ."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Refused(therapy)
    adopted = situation.registry.protocol(therapy.protocol.id, request.version)
    later = situation.protocols.get((therapy.protocol.id, request.version))
    if adopted is None or later is None:
        return Refused(
            Violation(
                "protocol_unknown",
                f"{therapy.protocol.id} version {request.version} is not adopted.",
                "Adopt it first.",
                waivable=False,
            )
        )
    now = situation.protocol(therapy)
    changed = sorted({step.title for step in {*now.steps} ^ {*later.steps}})
    payload = events.ProtocolRepinned(
        protocol=events.ProtocolPin(id=adopted.protocol, version=adopted.version, sha256=adopted.sha256),
        steps_changed=tuple(changed),
    )
    extra: tuple[Violation, ...] = ()
    if reason_of(request) is None:
        extra = (
            Violation("reason_missing", "Repinning needs a reason code.", "Add a reason.", waivable=False),
        )
    return _decide_therapy(situation, request, request.coi, payload, extra)
