"""Decisions that begin a therapy: enrolled by its order, its patient identified at the chair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schema.errors import InputError
from schema.events import identity as events
from schema.vocabulary import Meaning, ObjectType, Role, SitePart, SiteType
from tracker.protocols.model import Protocol
from tracker.rules.attempt import local_time
from tracker.rules.checks.codes import adopted_code, code_violation
from tracker.rules.checks.step import role_violation
from tracker.rules.conclusion import entry_slots, reason_of
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation
from tracker.rules.selection import fresh_id, therapy_of, wristband_violation
from tracker.rules.situation import PATIENT_FIELD, Decisions, Situation, patient_value, remark_of
from tracker.rules.units import decide_on_therapy
from tracker.therapy.identity import requests as asked


def decide_enroll(situation: Situation, request: asked.Enroll) -> Decision:
    """Begin a chain, pinned to the newest adopted version of its protocol."""
    registry = situation.registry
    adopted = registry.latest_protocol(request.protocol)
    if adopted is None:
        return Denied(
            Violation(
                "protocol_unknown",
                f"No protocol {request.protocol} is adopted.",
                "Adopt it: cartrail protocol adopt.",
                waivable=False,
            )
        )
    protocol = situation.protocols.get((adopted.protocol, adopted.version))
    step = protocol.step(events.Enrolled.kind, None) if protocol else None
    if protocol is None or step is None:
        raise InputError(f"The protocol {request.protocol} version {adopted.version} is not in this store.")
    _require_identifiers(request, protocol.patient_identifiers_compared)
    for violation in _enrolment_violations(situation, request, frozenset(step.roles)):
        return Denied(violation)
    unfit = _indication_violation(protocol, request.indication)
    if unfit is not None:
        return Denied(unfit)
    coi = fresh_id(situation, ObjectType.COI, request.coi)
    if coi in situation.therapies:
        return Denied(Violation("coi_exists", f"The therapy {coi} exists.", "Leave coi out.", waivable=False))
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
        adopted_codes=tuple(adopted_code(situation, code) for code in request.adopted_codes),
        indication=request.indication,
        reason=reason_of(request),
        remark=remark_of(situation, request, coi),
    )
    slots = entry_slots(
        request, tuple(Slot(rule.meaning, staff=request.actor) for rule in step.signatures[:1])
    )
    if situation.same_patient:
        because = "the patient has an active therapy"
        slots = (*slots, Slot(Meaning.WITNESSED, frozenset(step.roles), because=because))
    return Allowed((Draft(coi, payload, (), (), slots),))


def _require_identifiers(request: asked.Enroll, compared: int) -> None:
    """Raise InputError unless there are as many different identifiers as the protocol will compare."""
    kinds = {(identifier.issuer, identifier.type) for identifier in request.patient}
    if len(kinds) < len(request.patient):
        raise InputError("An issuer and type of patient identifier is given twice.")
    if len(kinds) < compared:
        raise InputError(f"This protocol needs {compared} different patient identifiers.")
    codes = [(code.issuer, code.code) for code in request.adopted_codes]
    if len({*codes}) < len(codes):
        raise InputError("A code to adopt is given twice.")


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
    for identifier in request.patient:
        misread = wristband_violation(situation.registry, identifier)
        if misread is not None:
            yield misread
    if situation.same_patient and request.reason is None:
        yield _active_already(situation)
    for given in request.adopted_codes:
        taken = code_violation(situation, given, request.coi or "", None)
        if taken is not None:
            yield taken


def _indication_violation(protocol: Protocol, given: str | None) -> Violation | None:
    """A therapy is for what its product is for: one of the words of the protocol, where it lists any."""
    words = ", ".join(one.name for one in protocol.indications)
    if given is None:
        if not words:
            return None
        said = f"The protocol {protocol.id} lists what it is for, and the order names no disease."
        return Violation("indication_missing", said, f"Give the indication: {words}.", waivable=False)
    if protocol.indication(given) is not None:
        return None
    remedy = f"Give one of {words}." if words else "Leave it out: this protocol lists no indications."
    said = f"{given} is no indication of {protocol.id} version {protocol.version}."
    return Violation("indication_unknown", said, remedy, waivable=False)


def _active_already(situation: Situation) -> Violation:
    """That this patient has a therapy that runs; a second one needs a reason and two people."""
    first = situation.same_patient[0]
    enrolled = local_time(situation, first.facts[events.Enrolled.kind].at)
    return Violation(
        "patient_active",
        f"This patient has an active therapy: {first.coi}, enrolled at {enrolled} "
        f"for {first.sites.treatment}.",
        "Look at it first. If a second therapy is meant, give a reason and have a second person sign.",
        answer=ScanAnswer.CHECK,
        waivable=False,
    )


def decide_identify(situation: Situation, request: asked.IdentifyPatient) -> Decision:
    """The wristband at the chair against the commitments, by two people."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    matched = {
        (identifier.issuer, identifier.type)
        for identifier in request.patient
        if situation.patient_matches(therapy, identifier)
    }
    payload = events.PatientIdentified(identifiers_matched=len(matched))
    return decide_on_therapy(situation, request, request.coi, payload)


DECISIONS: Final[Decisions] = {
    asked.Enroll: decide_enroll,
    asked.IdentifyPatient: decide_identify,
}
