"""Decisions over downtime forms: printed, given back with what was written on them, or voided.

They are no steps of a protocol: paper stands in for any step, and in every therapy alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schema.canonical import plain_digest
from schema.counting import counted
from schema.errors import InputError
from schema.events import Payload
from schema.events.paperwork import SCAN_FIELD, FormIssued, FormVoided, PaperAttached
from schema.vocabulary import Meaning, ObjectType
from tracker.requests.base import Request
from tracker.requests.paper_file import paper_of
from tracker.rules.attempt import local
from tracker.rules.authority import WORKING_ROLES
from tracker.rules.checks.form import form_of
from tracker.rules.checks.step import role_violation
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.decision import Decision, Denied, ScanAnswer, Slot, Violation
from tracker.rules.form_state import FormState, FormStatus
from tracker.rules.selection import fresh_id, reads_for, therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import Occurrence, TherapyState, TherapyStatus
from tracker.therapy.paperwork import requests as asked


def decide_issue(situation: Situation, request: asked.IssueForm) -> Decision:
    """A form goes out; printing it needs no signature."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    violations = [*_role(situation, request)]
    if therapy.status is TherapyStatus.CLOSED:
        violations.append(
            Violation(
                "therapy_closed",
                f"The therapy {therapy.coi} is closed; no step of it is left.",
                "Do not print a form for it.",
                waivable=False,
            )
        )
    payload = FormIssued(
        form=fresh_id(situation, ObjectType.FORM, request.form),
        steps=request.steps,
        due_at=situation.occurred_at + situation.protocol(therapy).paper_entry_within,
    )
    return conclude(situation, request, (Plan(therapy, payload, (), (), ()),), violations)


def decide_attach(situation: Situation, request: asked.AttachPaper) -> Decision:
    """The scanned paper is attached; the form it is on is returned."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    violations = [*_role(situation, request)]
    form: FormState | None = None
    if request.form is not None:
        found = form_of(situation, request.form, therapy)
        if isinstance(found, Violation):
            return Denied(found)
        form = found
        violations.extend(_ended(situation, form))
    about = tuple(dict.fromkeys((*(form.entries if form else ()), *request.about)))
    violations.extend(_about(therapy, form, about))
    files = tuple(dict.fromkeys(plain_digest(paper_of(file)) for file in request.files))
    if len(files) < len(request.files):
        raise InputError("The same scanned paper is given twice.", remedy="Give each file once.")
    if not about:
        return Denied(violations[0])
    payload = PaperAttached(
        form=form.form if form else None,
        about=about,
        scans=tuple(situation.commit(therapy.coi, SCAN_FIELD, sha256) for sha256 in files),
    )
    slots = (Slot(Meaning.PERFORMED, staff=request.actor),)
    return _concluded(situation, request, therapy, payload, violations, slots)


def decide_void(situation: Situation, request: asked.VoidForm) -> Decision:
    """Two people say that nothing was written on it, or that it is lost."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    form = form_of(situation, request.form, therapy)
    if isinstance(form, Violation):
        return Denied(form)
    violations = [*_role(situation, request), *_ended(situation, form)]
    if form.entries:
        violations.append(
            Violation(
                "form_used",
                f"The form {form.form} is evidence: {counted(len(form.entries), 'entry', 'entries')} made"
                " from it.",
                "Scan it and attach it. If it is lost since, record that outside the rules.",
            )
        )
    slots = (Slot(Meaning.PERFORMED, staff=request.actor), Slot(Meaning.WITNESSED))
    return _concluded(situation, request, therapy, FormVoided(form=form.form), violations, slots)


def _concluded(
    situation: Situation,
    request: Request,
    therapy: TherapyState,
    payload: Payload,
    violations: list[Violation],
    slots: tuple[Slot, ...],
) -> Decision:
    plan = Plan(therapy, payload, (), reads_for(situation, request, therapy.coi), slots)
    return conclude(situation, request, (plan,), violations)


def _role(situation: Situation, request: Request) -> Iterator[Violation]:
    found = role_violation(situation, request.actor, WORKING_ROLES)
    if found is not None:
        yield found


def _ended(situation: Situation, form: FormState) -> Iterator[Violation]:
    """A form is returned once; a sheet found later is recorded outside the rules."""
    if form.ended_at is None:
        return
    what = "came back" if form.status is FormStatus.RETURNED else "was voided"
    when = local(situation, Occurrence(form.ended_at, form.event_id, 0, ""))
    yield Violation(
        "already_done" if form.status is FormStatus.RETURNED else "form_voided",
        f"The form {form.form} {what} already, at {when.removesuffix(' by ')}.",
        "Nothing to do. A further sheet of it can be recorded outside the rules.",
        answer=ScanAnswer.CHECK if form.status is FormStatus.RETURNED else ScanAnswer.STOP,
    )


def _about(therapy: TherapyState, form: FormState | None, about: tuple[str, ...]) -> Iterator[Violation]:
    unknown = [event for event in about if event not in therapy.events]
    if unknown:
        yield Violation(
            "event_unknown",
            f"The event {unknown[0]} is not of the therapy {therapy.coi}.",
            "Name events of this therapy that were entered from the paper.",
            waivable=False,
        )
    if not about:
        what = f"the form {form.form}" if form else "this paper"
        yield Violation(
            "not_transcribed",
            f"Nothing was entered from {what} yet.",
            "Enter what is written on it first, in order of time, naming the form; or void an unused form.",
            waivable=False,
        )


DECISIONS: Final[Decisions] = {
    asked.IssueForm: decide_issue,
    asked.AttachPaper: decide_attach,
    asked.VoidForm: decide_void,
}
