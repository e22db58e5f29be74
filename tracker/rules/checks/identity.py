"""Chain of identity at a step: what is read must be of the expected therapy, else STOP with evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from schema.canonical import Json
from schema.events.identity import MixupOccurred, MixupPrevented
from tracker.protocols.model import Comparison, Step
from tracker.requests.base import Request, Scan
from tracker.rules.attempt import local, local_time
from tracker.rules.certificates import CertificateSays, judged_certificate, release_of
from tracker.rules.checks.bedside import TO_THE_PATIENT
from tracker.rules.conclusion import entry_slots
from tracker.rules.decision import Decision, Denied, Draft, Violation
from tracker.rules.selection import CARRIERS, Selection, not_a, patient_identifiers, wristband_violation
from tracker.rules.situation import PATIENT_FIELD, Found, Resolution, Situation, patient_value
from tracker.rules.therapy_state import PreventedMixup, TherapyState, UnitState

COUNTED_WITHIN: Final = timedelta(hours=1)
"""How long the same attempt of one person is counted beside its evidence; later it is evidence anew."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An identifier of somebody else at an identity step of the expected therapy."""

    expected: TherapyState
    step: str
    field: str
    text: str
    violation: Violation


def foreign(
    therapy: TherapyState,
    step: str,
    resolution: Resolution,
    *,
    field: str = "units",
    expected: str = "",
    waivable: bool = True,
) -> Mismatch:
    """A thing of another therapy where one of the expected therapy belongs."""
    carrier = CARRIERS.get(resolution.found, "label")
    found = _other(
        field=field,
        compared=_COMPARED.get(resolution.found, "code"),
        expected=expected or f"one of therapy {therapy.coi}",
        read=resolution.text,
        carrier=carrier,
        waivable=waivable,
        unit=resolution.unit or "",
    )
    return Mismatch(therapy, step, field, resolution.text, found)


def other_certificate(therapy: TherapyState, step: str, expected: str, read: str) -> Mismatch:
    """A certificate with the number of another patient where one of this therapy belongs."""
    found = _other(
        field="certificate",
        compared="identifier",
        expected=expected,
        read=read,
        carrier="certificate",
        waivable=False,
    )
    return Mismatch(therapy, step, "certificate", read, found)


def strangers_in(
    box: str, inside: tuple[TherapyState, ...], selection: Selection, step: str, *, waivable: bool
) -> tuple[Mismatch, ...]:
    """A unit of a therapy that a box does not hold, for each therapy that it does hold."""
    held = {therapy.coi for therapy in inside}
    strange = [items[0] for coi, items in selection.groups.items() if coi not in held]
    listed = ", ".join(unit.unit for therapy in inside for unit in therapy.in_box(box))
    return tuple(
        foreign(
            therapy,
            step,
            item.resolution,
            expected=f"what the box {box} holds: {listed}",
            waivable=waivable,
        )
        for item in strange[:1]
        for therapy in inside
    )


_COMPARED: Final = {Found.UNIT: "unit", Found.CASSETTE: "cassette", Found.COI: "COI card"}


def compare(
    situation: Situation, request: Request, therapy: TherapyState, step: Step, unit: UnitState | None
) -> Iterator[Mismatch | Violation]:
    """Every comparison of the step that failed or could not be made."""
    if Comparison.COI in step.compare:
        yield from _compare_coi(situation, request, therapy, step)
    if Comparison.PATIENT in step.compare:
        yield from _compare_patient(situation, request, therapy, step)
    if Comparison.CASSETTE in step.compare and unit is not None and unit.cassette is not None:
        yield from _compare_cassette(situation, request, therapy, step, unit)
    if unit is not None and step.kind in TO_THE_PATIENT and situation.protocol(therapy).bedside.certificate:
        yield from _compare_certificate(situation, request, therapy, step, unit)


def _missing(step: Step, what: str) -> Violation:
    return Violation(
        "identifier_missing",
        f"{step.title} compares the {what}, which was not read.",
        f"Scan the {what}.",
        waivable=False,
    )


def _compare_coi(
    situation: Situation, request: Request, therapy: TherapyState, step: Step
) -> Iterator[Mismatch | Violation]:
    scan = request.given("coi")
    if not isinstance(scan, Scan):
        yield _missing(step, "COI card")
        return
    resolution = situation.resolve(scan)
    if resolution.coi == therapy.coi and resolution.found is not Found.COI:
        # The bag read twice would agree with itself.
        yield not_a(resolution, "COI card")
    elif resolution.coi != therapy.coi:
        expected = f"the card of therapy {therapy.coi}"
        yield foreign(therapy, step.kind, resolution, field="coi", expected=expected)


def _compare_patient(
    situation: Situation, request: Request, therapy: TherapyState, step: Step
) -> Iterator[Mismatch | Violation]:
    given = patient_identifiers(request)
    needed = min(situation.protocol(therapy).patient_identifiers_compared, len(therapy.patient_identifiers))
    matching: set[tuple[str, str]] = set()
    others = False
    for identifier in given:
        misread = wristband_violation(situation.registry, identifier)
        if misread is not None:
            yield misread
            return
        matches = situation.patient_matches(therapy, identifier)
        if matches is None:
            yield Violation(
                "openings_erased",
                f"The patient identifiers of {therapy.coi} were erased; nobody can be matched with it.",
                "Stop; a therapy whose identifiers are erased is over.",
                waivable=False,
            )
            return
        if matches:
            matching.add((identifier.issuer, identifier.type))
        else:
            others = True
            found = _other(
                field="patient",
                compared="wristband",
                expected=f"the wristband of the patient of therapy {therapy.coi}",
                read=identifier.kind_words,
                carrier=identifier.carrier,
            )
            yield Mismatch(therapy, step.kind, "patient", identifier.value, found)
    if len(matching) < needed and not others:
        yield _missing(step, f"wristband ({needed} identifiers)")


def _compare_cassette(
    situation: Situation, request: Request, therapy: TherapyState, step: Step, unit: UnitState
) -> Iterator[Mismatch | Violation]:
    scan = request.given("cassette")
    if not isinstance(scan, Scan):
        yield _missing(step, "cassette")
        return
    resolution = situation.resolve(scan)
    if resolution.coi is not None and resolution.coi != therapy.coi:
        expected = f"the cassette {unit.cassette} of therapy {therapy.coi}"
        yield foreign(therapy, step.kind, resolution, field="cassette", expected=expected)
    elif resolution.found is not Found.CASSETTE:
        yield not_a(resolution, "cassette")
    elif resolution.object_id != unit.cassette:
        yield Violation(
            "wrong_cassette",
            f"{unit.unit} is bound to the cassette {unit.cassette}; {resolution.text} was read.",
            "Scan the cassette that the bag came out of.",
            field="cassette",
            compared="cassette",
            expected=unit.cassette or "",
            read=resolution.text,
            carrier="cassette",
            unit=unit.unit,
        )


def _compare_certificate(
    situation: Situation, request: Request, therapy: TherapyState, step: Step, unit: UnitState
) -> Iterator[Mismatch | Violation]:
    """The paper of the release against the release that stands for this very container."""
    scan, stands = request.given("certificate"), release_of(unit)
    if not isinstance(scan, Scan):
        if stands is None or stands.event_id not in therapy.releases:
            return  # not released, which is said elsewhere, or released on paper before cartrail
        yield Violation(
            "certificate_missing",
            f"{step.title}: the certificate of the release was not read.",
            "Scan the code at its head; `cartrail certificate` prints it anew, with the same code.",
        )
        return
    read = situation.resolve(scan)
    if read.coi is not None and read.coi != therapy.coi:
        found = _other(
            field="certificate",
            compared="certificate",
            expected=f"the certificate of therapy {therapy.coi}",
            read=read.text,
            carrier="certificate",
        )
        yield Mismatch(therapy, step.kind, "certificate", read.text, found)
    elif read.found is not Found.RECEIPT:
        yield not_a(read, "certificate")
    else:
        yield from _certificate_violations(situation, therapy, unit, read)


_FETCH_IT: Final = "Do not go on with this paper: fetch that of the release that stands, or print it anew."


def _certificate_violations(
    situation: Situation, therapy: TherapyState, unit: UnitState, read: Resolution
) -> Iterator[Violation]:
    says = judged_certificate(therapy, unit, read.object_id or "") if read.coi else CertificateSays.NO_RELEASE
    stands = release_of(unit)
    released = "was not released" if stands is None else f"was released at {local(situation, stands)}"
    if says is CertificateSays.OLD:
        yield Violation(
            "certificate_old",
            f"The certificate is of an earlier release; {unit.unit} {released}.",
            _FETCH_IT,
            field="certificate",
            compared="certificate",
            expected="that of the release that stands",
            read=read.text,
            carrier="certificate",
            unit=unit.unit,
        )
    elif says in (CertificateSays.OTHER_CONTAINERS, CertificateSays.NO_RELEASE):
        other = f"The certificate is of a release without {unit.unit}, which {released}."
        none = "What was read is the receipt of no release of this therapy."
        yield Violation(
            "wrong_certificate",
            other if says is CertificateSays.OTHER_CONTAINERS else none,
            _FETCH_IT,
            field="certificate",
            compared="certificate",
            expected="that of the release that stands",
            read=read.text,
            carrier="certificate",
            unit=unit.unit,
        )


def _other(
    *,
    field: str,
    compared: str,
    expected: str,
    read: str,
    carrier: str,
    waivable: bool = True,
    unit: str = "",
) -> Violation:
    """The one answer to something of another patient: what was compared, expected and read, and off what.

    The finding comes first: a step named before it, such as "Match at the bed", would read as if that had
    been done.
    """
    return Violation(
        "mixup",
        f"STOP: The {compared} read ({read}) is not of this therapy.",
        "Keep everything in place, call quality: it may be another patient's. It is recorded as prevented.",
        waivable=waivable,
        field=field,
        compared=compared,
        expected=expected,
        read=read,
        carrier=carrier,
        unit=unit,
    )


def stop(situation: Situation, request: Request, *mismatches: Mismatch) -> Denied:
    """The refusal of a mix-up, with the evidence that it was prevented in each expected therapy's chain.

    Where one person reads the same again it is counted beside the evidence.
    """
    chains = {mismatch.expected.coi: mismatch for mismatch in reversed(mismatches)}
    before = {coi: _same_before(situation, request, mismatch) for coi, mismatch in chains.items()}
    known = [one for one in before.values() if one is not None]
    evidence = tuple(
        _evidence(situation, request, chains[coi]) for coi in sorted(chains) if before[coi] is None
    )
    violation = mismatches[0].violation
    if not evidence:
        since = local_time(situation, known[0].at)
        remedy = f"Do not go on; call quality. It stands in the record since {since}, and this is counted."
        violation = replace(violation, remedy=remedy)
    return Denied(violation, evidence, tuple(one.event_id for one in known))


def _same_before(situation: Situation, request: Request, mismatch: Mismatch) -> PreventedMixup | None:
    """The evidence that this person read the same at this step within the hour; None where it is new."""
    asked = (request.actor, mismatch.step, mismatch.field)
    field, value = _committed(request, mismatch)
    for before in mismatch.expected.last_prevented:
        opening = situation.openings.get(before.commitment)
        same = opening is not None and (opening.field, opening.value) == (field, value)
        recent = situation.now - before.at <= COUNTED_WITHIN
        if same and recent and (before.actor, before.step, before.field) == asked:
            return before
    return None


def _evidence(situation: Situation, request: Request, mismatch: Mismatch) -> Draft:
    chain = mismatch.expected.coi
    read = situation.commit(chain, *_committed(request, mismatch))
    return Draft(chain, MixupPrevented(step=mismatch.step, field=mismatch.field, read=read))


def _committed(request: Request, mismatch: Mismatch) -> tuple[str, Json]:
    if mismatch.field == "patient":
        for identifier in patient_identifiers(request):
            if identifier.value == mismatch.text:
                return PATIENT_FIELD, patient_value(identifier)
    return "code", mismatch.text


def _concerned(situation: Situation, request: Request, mismatch: Mismatch) -> tuple[str, str]:
    """The therapy whose cassette was at the step, and the code of the unit that was there with it."""
    read = {field: situation.resolve(scan) for field, scan in request.scans()}
    return read["cassette"].coi or mismatch.expected.coi, read["units"].text


def happened(situation: Situation, request: Request, mismatch: Mismatch, decision: Decision) -> Decision:
    """The same fact in the chain of the other therapy, when the step was taken despite the mix-up.

    A foreign unit is recorded in its own chain, and here in the expected one; a cassette the other way.
    """
    if isinstance(decision, Denied):
        return decision
    chain, text = mismatch.expected.coi, mismatch.text
    if mismatch.field == "cassette":
        chain, text = _concerned(situation, request, mismatch)
    read = situation.commit(chain, "code", text)
    payload = MixupOccurred(
        step=mismatch.step,
        field=mismatch.field,
        read=read,
        reason=request.outside_rules.reason if request.outside_rules else None,
    )
    events = tuple(_signed_here(situation, draft) for draft in decision.events)
    slots = events[0].slots if events else entry_slots(request, ())
    return replace(decision, events=(*events, Draft(chain, payload, (), ("mixup",), slots)))


def _signed_here(situation: Situation, draft: Draft) -> Draft:
    """Whoever was there signs it: nobody of the site where the other therapy belongs has seen it."""
    here = situation.station.site
    slots = tuple(slot if slot.site is None else replace(slot, site=here) for slot in draft.slots)
    return replace(draft, slots=slots)
