"""Decisions that let codes stand for a therapy: enrolment, and adopting what other issuers gave."""

from __future__ import annotations

from collections.abc import Iterator

from schema.errors import InputError
from schema.events import identity as events
from schema.vocabulary import ObjectType, Role, SitePart, SiteType
from tracker.requests.base import AdoptedCodeGiven
from tracker.rules.checks.step import role_violation
from tracker.rules.conclusion import entry_slots, reason_of
from tracker.rules.decision import Allowed, Answer, Decision, Denied, Draft, Slot, Violation
from tracker.rules.selection import fresh_id, not_a, therapy_of, wristband_violation
from tracker.rules.situation import PATIENT_FIELD, Found, Situation, patient_value, remark_of
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_on_therapy
from tracker.therapy.identity import requests as asked


def decide_enroll(situation: Situation, request: asked.Enroll) -> Decision:
    """A new chain, pinned to the newest adopted version of its protocol."""
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
    step = protocol.step("enrolled", None) if protocol else None
    if protocol is None or step is None:
        raise InputError(f"The protocol {request.protocol} version {adopted.version} is not in this store.")
    _require_identifiers(request, protocol.patient_identifiers_compared)
    for violation in _enrolment_violations(situation, request, frozenset(step.roles)):
        return Denied(violation)
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
        adopted_codes=tuple(_adopted(situation, code) for code in request.adopted_codes),
        reason=reason_of(request),
        remark=remark_of(situation, request, coi),
    )
    slots = entry_slots(
        request, tuple(Slot(rule.meaning, staff=request.actor) for rule in step.signatures[:1])
    )
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


def _code_violation(
    situation: Situation, given: AdoptedCodeGiven, coi: str, unit: str | None
) -> Violation | None:
    """Why a code may not be adopted: it is one of ours, or its issuer's for something else."""
    taken = situation.resolve(given)
    if taken.found is Found.FOREIGN:
        return None
    if taken.found is Found.ANNOUNCED and taken.coi == coi:
        return not_a(taken, "container")
    if taken.coi is None or (taken.note != given.issuer and taken.found is not Found.ANNOUNCED):
        return not_a(taken, "code of another issuer")
    if (taken.coi, taken.unit) == (coi, unit):
        return Violation(
            "already_done",
            f"{given.code} of {given.issuer} stands for it already.",
            "Nothing to do.",
            answer=Answer.CHECK,
            waivable=False,
        )
    return Violation(
        "code_taken",
        f"{given.code} of {given.issuer} already stands for something else.",
        "Check the label; two things cannot share a code of one issuer.",
        waivable=False,
    )


def _adopted(situation: Situation, code: AdoptedCodeGiven) -> events.AdoptedCode:
    """The code by the value that any way of sending it comes down to."""
    value = situation.resolve(code).object_id or code.code
    return events.AdoptedCode(issuer=code.issuer, type=code.type, value=value)


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
    for given in request.adopted_codes:
        taken = _code_violation(situation, given, request.coi or "", None)
        if taken is not None:
            yield taken


def _off_manifest(therapy: TherapyState, code: events.AdoptedCode) -> Iterator[Violation]:
    """Who announced its codes has none beside them; one more may be another therapy's."""
    if code.issuer in {one.issuer for one in therapy.announced} and code not in therapy.announced:
        yield Violation(
            "not_on_manifest",
            f"{code.value[:60]!r} stands in no manifest of {therapy.coi}, and {code.issuer} has sent one.",
            "Put it aside, call its sender and quality.",
        )


def decide_adopt(situation: Situation, request: asked.AdoptCode) -> Decision:
    """Another issuer's code, from now on scannable like ours."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    unit = None
    if request.unit is not None:
        found = situation.unit_of(situation.resolve(request.unit))
        if found is None or therapy.unit(found.unit) is None:
            return Denied(not_a(situation.resolve(request.unit), "unit of this therapy"))
        unit = found.unit
    found_code = _code_violation(situation, request.adopted, therapy.coi, unit)
    if found_code is not None and not found_code.waivable:
        return Denied(found_code)
    code = _adopted(situation, request.adopted)
    extra = tuple(_off_manifest(therapy, code))
    return decide_on_therapy(situation, request, request.coi, events.CodeAdopted(unit=unit, code=code), extra)
