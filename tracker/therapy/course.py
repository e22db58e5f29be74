"""Decisions over a whole therapy: identification, units, cancellation, closing."""

from __future__ import annotations

from collections.abc import Iterator

from schema.events import identity as events
from schema.events.processing import DeviationOpened
from schema.vocabulary import Material, ObjectType
from tracker.rules.attempt import Attempt, finished
from tracker.rules.checks.form import forms_out
from tracker.rules.checks.label import closing_violations
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.decision import Answer, Decision, Denied, Violation
from tracker.rules.selection import fresh_id, not_a, reads_for, therapy_of
from tracker.rules.situation import Situation
from tracker.rules.units import decide_on_therapy
from tracker.therapy.identity import requests as asked


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


def decide_register(situation: Situation, request: asked.RegisterUnit) -> Decision:
    """An identity for a container, before its label is printed."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    parents: list[str] = []
    for scan in request.parents:
        parent = situation.unit_of(situation.resolve(scan))
        if parent is None or therapy.unit(parent.unit) is None:
            return Denied(not_a(situation.resolve(scan), "parent of this therapy"))
        parents.append(parent.unit)
    unit = fresh_id(situation, ObjectType.UNIT, request.unit)
    protocol = situation.protocol(therapy)
    step = protocol.step(events.UnitRegistered.kind, request.material)
    if step is None or protocol.container(request.material) is None:
        return Denied(
            Violation(
                "not_in_protocol",
                f"The protocol {protocol.id} has no {request.material.value} container.",
                "Register another material.",
                waivable=False,
            )
        )
    attempt = Attempt(situation, request, therapy, step.kind, material=request.material)
    once = [violation for violation in step_violations(attempt) if violation.rule != "already_done"]
    once.extend(_blank_violations(situation, unit, request.material))
    payload = events.UnitRegistered(unit=unit, material=request.material, parents=tuple(parents))
    plan = Plan(therapy, payload, (step,), reads_for(situation, request, therapy.coi))
    return conclude(situation, request, (plan,), once)


def _blank_violations(situation: Situation, unit: str, material: Material) -> Iterator[Violation]:
    """A blank label stands for what it was printed for, at the site it was issued to."""
    stock = situation.registry.stock.get(situation.registry.blanks.get(unit) or "")
    if stock is None:
        return
    if stock.site != situation.station.site:
        yield Violation(
            "blank_of_other_site",
            f"The blank label {unit} was issued to {stock.site}, and this is {situation.station.site}.",
            "Take a blank label of this site.",
        )
    if stock.material is not material:
        yield Violation(
            "blank_of_other_material",
            f"The blank label {unit} was printed for {stock.material.value}, not for {material.value}.",
            "Take the label that is printed for it.",
            waivable=False,
        )


def decide_cancel(situation: Situation, request: asked.Cancel) -> Decision:
    """The therapy ends early, with a reason."""
    return decide_on_therapy(situation, request, request.coi, events.Canceled())


def decide_close(situation: Situation, request: asked.Close) -> Decision:
    """Closed once every unit and label has its final disposition."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
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
    extra = (*extra, *closing_violations(situation, therapy), *forms_out(therapy))
    return decide_on_therapy(situation, request, request.coi, events.Closed(), extra)


def decide_deviation(situation: Situation, request: asked.OpenDeviation) -> Decision:
    """A quality record a person opens; its words are committed."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    units: list[str] = []
    for scan in request.units:
        unit = situation.unit_of(situation.resolve(scan))
        if unit is None or therapy.unit(unit.unit) is None:
            return Denied(not_a(situation.resolve(scan), "unit of this therapy"))
        units.append(unit.unit)
    payload = DeviationOpened(
        units=tuple(units),
        category=request.category,
        description=situation.commit(therapy.coi, "description", request.description),
    )
    return decide_on_therapy(situation, request, request.coi, payload)


def decide_repin(situation: Situation, request: asked.RepinProtocol) -> Decision:
    """Another adopted version of the same protocol, with the steps that differ."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    adopted = situation.registry.protocol(therapy.protocol.id, request.version)
    later = situation.protocols.get((therapy.protocol.id, request.version))
    if adopted is None or later is None:
        return Denied(
            Violation(
                "protocol_unknown",
                f"{therapy.protocol.id} version {request.version} is not adopted.",
                "Adopt it first.",
                waivable=False,
            )
        )
    if adopted.version == therapy.protocol.version:
        return Denied(
            Violation(
                "already_done",
                f"{therapy.coi} already runs by version {adopted.version}.",
                "Nothing to do.",
                answer=Answer.CHECK,
                waivable=False,
            )
        )
    now = situation.protocol(therapy)
    changed = sorted({step.title for step in {*now.steps} ^ {*later.steps}})
    payload = events.ProtocolRepinned(
        protocol=events.ProtocolPin(id=adopted.protocol, version=adopted.version, sha256=adopted.sha256),
        steps_changed=tuple(changed),
    )
    return decide_on_therapy(situation, request, request.coi, payload)
