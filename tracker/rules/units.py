"""The common shapes of a step, on units or on a therapy: select, compare, check the rules, plan the event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from schema.events import Payload
from schema.events.processing import StartsShelfLife
from schema.vocabulary import Scope
from tracker.protocols.model import Step
from tracker.requests.base import BegunRequest, Request, Scan
from tracker.rules.attempt import Attempt, began
from tracker.rules.checks.bag_order import product_code
from tracker.rules.checks.bedside import bedside_violations
from tracker.rules.checks.identity import Mismatch, compare, foreign, happened, stop
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude, slots_of, with_notices
from tracker.rules.decision import Decision, Denied, Notice, ScanAnswer, Slot, Violation
from tracker.rules.measured import require_volumes
from tracker.rules.selection import Selected, Selection, patient_identifiers, reads_for, select, therapy_of
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import TherapyState

Build = Callable[[TherapyState, tuple[str, ...]], Payload]
Extra = Callable[[TherapyState, Selected], Iterable[Violation]]


def no_extra(_: TherapyState, __: Selected) -> Iterable[Violation]:
    """The default: no further rule."""
    return ()


def decide_units(
    situation: Situation,
    request: Request,
    kind: str,
    build: Build,
    *,
    scans: Sequence[Scan] | None = None,
    extra: Extra = no_extra,
    faults: Callable[[str], tuple[str, ...]] | None = None,
) -> Decision:
    """The decision over one step for every scanned unit, all or none.

    `faults` gives what was found not in order with a unit.
    """
    given = scans if scans is not None else getattr(request, "units", ())
    selection = select(situation, given)
    if selection.violations:
        return Denied(selection.violations[0])
    expected = _expected(situation, request, selection)
    if isinstance(expected, Violation):
        return Denied(expected)
    violations: list[Violation] = []
    mismatches = [*_foreign(situation, selection, expected, kind)]
    plans: list[Plan] = []
    for coi, selected in selection.groups.items():
        therapy = situation.therapy(coi)
        steps: list[Step] = []
        for item in selected:
            found = _checked(situation, request, kind, therapy, item, steps, identity=not mismatches)
            mismatches.extend(one for one in found if isinstance(one, Mismatch))
            plain = [*(one for one in found if isinstance(one, Violation)), *extra(therapy, item)]
            violations.extend(replace(one, unit=one.unit or item.unit.unit) for one in plain)
        units = tuple(item.unit.unit for item in selected)
        said = () if faults is None else tuple(dict.fromkeys(one for unit in units for one in faults(unit)))
        reads = reads_for(situation, request, coi)
        plans.append(Plan(therapy, build(therapy, units), tuple(steps), reads, faults=said))
    if mismatches and request.outside_rules is None:
        return stop(situation, request, mismatches[0])
    violations.extend(mismatch.violation for mismatch in mismatches)
    violations.extend(_line_clearance(plans, kind))
    decision = with_notices(
        conclude(situation, request, plans, violations), [*_deviations_open(situation, selection, plans)]
    )
    for mismatch in mismatches[:1]:
        if mismatch.field in ("units", "cassette"):
            return happened(situation, request, mismatch, decision)
    return decision


def _deviations_open(situation: Situation, selection: Selection, plans: Sequence[Plan]) -> Iterator[Notice]:
    """What quality has not closed about cells on their way to the patient: it blocks the release alone."""
    for plan in plans:
        if not any(step.needs_release for step in plan.steps):
            continue
        for item in selection.groups[plan.therapy.coi]:
            for deviation in plan.therapy.open_deviations(item.unit.unit):
                yield Notice(
                    "deviation_open",
                    f"A deviation about {item.unit.unit} is open: {deviation.title}, {deviation.progress}, "
                    f"of {began(situation, deviation)} ({deviation.deviation}).",
                    "It keeps nobody from going on; ask quality if you did not know of it.",
                    ScanAnswer.CHECK,
                )


def decide_plain(situation: Situation, request: Request) -> Decision:
    """A step whose event copies the fields of the request that have the same name."""
    payload_class = request.records
    if payload_class is None:
        raise TypeError(f"{request.name} records nothing.")
    own = payload_class.model_fields.keys() - StartsShelfLife.model_fields.keys() - {"units"}
    said = {name: getattr(request, name) for name in own}
    return decide_units(
        situation,
        request,
        payload_class.kind,
        lambda _, units: payload_class.model_validate({"units": units, **said}),
    )


def _expected(
    situation: Situation, request: Request, selection: Selection
) -> TherapyState | Violation | None:
    """The therapy of the COI card; if the units belong to another, the wristband decides.

    Where no card is read, it is the therapy chosen before, or that of the cassette, which is read first.
    """
    scan = request.given("coi")
    if not isinstance(scan, Scan):
        return _chosen(situation, request)
    named = therapy_of(situation, scan)
    if isinstance(named, Violation):
        return named
    return _wearer(situation, request, {named.coi, *selection.groups}) or named


def _chosen(situation: Situation, request: Request) -> TherapyState | None:
    """The therapy that a step was begun with, else that of the cassette."""
    if isinstance(request, BegunRequest) and request.begun_with is not None:
        return situation.therapies.get(request.begun_with)
    cassette = request.given("cassette")
    if not isinstance(cassette, Scan):
        return None
    return situation.therapies.get(situation.resolve(cassette).coi or "")


def _wearer(situation: Situation, request: Request, scanned: Iterable[str]) -> TherapyState | None:
    """The one of the scanned therapies that every identifier of the wristband belongs to."""
    given = patient_identifiers(request)
    therapies = (situation.therapy(coi) for coi in sorted(scanned))
    matching = [
        therapy
        for therapy in therapies
        if given and all(situation.patient_matches(therapy, identifier) for identifier in given)
    ]
    return matching[0] if len(matching) == 1 else None


def _foreign(
    situation: Situation, selection: Selection, expected: TherapyState | None, kind: str
) -> Iterator[Mismatch]:
    for coi, selected in selection.groups.items():
        if expected is not None and coi != expected.coi:
            yield foreign(expected, kind, selected[0].resolution)


def _checked(
    situation: Situation,
    request: Request,
    kind: str,
    therapy: TherapyState,
    item: Selected,
    steps: list[Step],
    *,
    identity: bool,
) -> list[Mismatch | Violation]:
    attempt = Attempt(situation, request, therapy, kind, item.unit, item.resolution)
    require_volumes(attempt.protocol, item.unit.material, request)
    found: list[Mismatch | Violation] = []
    step = attempt.step
    if step is not None:
        steps.append(step)
        if identity:
            found.extend(compare(situation, request, therapy, step, item.unit))
    found.extend((*step_violations(attempt), *product_code(attempt, item.unit), *bedside_violations(attempt)))
    return found


def _line_clearance(plans: Sequence[Plan], kind: str) -> Iterator[Violation]:
    """Open-product and bedside steps are for one therapy at a time."""
    if len(plans) > 1 and any(step.scope is Scope.ONE_THERAPY for plan in plans for step in plan.steps):
        yield Violation(
            "one_therapy",
            f"The step {kind} is done for one therapy at a time; units of {len(plans)} were scanned.",
            "Clear the bench and scan the units of one therapy only.",
        )


def decide_on_therapy(
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
        return Denied(therapy)
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
