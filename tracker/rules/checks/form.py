"""Whether an entry was made from the form it names: one of this therapy that is not voided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schema.errors import InputError
from schema.vocabulary import EntryMode
from tracker.requests.base import Request, Scan
from tracker.rules.decision import Violation
from tracker.rules.form_state import FormState, FormStatus
from tracker.rules.selection import not_a
from tracker.rules.situation import Found, Situation
from tracker.rules.therapy_state import TherapyState


def entry_form_violations(
    situation: Situation, request: Request, therapies: Sequence[TherapyState]
) -> Iterator[Violation]:
    """What is wrong with the form that an entry names; nothing where it names none."""
    scan = request.entry.form
    if scan is None:
        return
    if request.entry.mode is not EntryMode.PAPER:
        raise InputError(
            f"An entry of mode {request.entry.mode.value} names a form; only one from paper does.",
            remedy="Leave the form out, or enter it with mode paper and the time that is written on it.",
        )
    found = [form_of(situation, scan, therapy) for therapy in therapies]
    forms = [one for one in found if isinstance(one, FormState)]
    if not forms:
        yield from [one for one in found if isinstance(one, Violation)][:1]
    for form in forms:
        if form.status is FormStatus.VOIDED:
            yield Violation(
                "form_voided",
                f"The form {form.form} was voided; nothing can have been written on it since.",
                "Check the code of the form. If it turned up after all, record it outside the rules.",
            )


def forms_out(therapy: TherapyState) -> Iterator[Violation]:
    """A therapy is not closed while one of its forms is out: something may be written on it."""
    out = [form.form for form in therapy.forms.values() if form.is_out]
    if out:
        yield Violation(
            "forms_out",
            f"These downtime forms have not come back: {', '.join(out)}.",
            "Enter what is written on them and attach them scanned, or void them.",
            waivable=False,
        )


def form_of(situation: Situation, scan: Scan, therapy: TherapyState) -> FormState | Violation:
    """The form of the therapy that was scanned, or why the code is not one."""
    resolution = situation.resolve(scan)
    if resolution.found is not Found.FORM or resolution.object_id is None:
        return not_a(resolution, "form")
    form = therapy.forms.get(resolution.object_id)
    if form is None:
        return Violation(
            "wrong_form",
            f"The form {resolution.object_id} was printed for another therapy, not for {therapy.coi}.",
            f"Take the form that names {therapy.coi}, and look whether papers of two patients were mixed up.",
        )
    return form
