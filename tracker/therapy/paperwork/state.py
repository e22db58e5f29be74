"""How forms go out and come back, and which entries were made from them."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.errors import CartrailError
from schema.events.paperwork import FormIssued, FormVoided, PaperAttached
from schema.identifiers import is_object_id, parse_printed
from schema.vocabulary import EntryMode
from tracker.rules.form_state import FormState, FormStatus
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState

FORM_FIELD = "form"
"""The field of a read that names the form an entry was made from."""


def from_form(state: TherapyState, statement: Statement) -> TherapyState:
    """The state once an entry from paper says which form it was made from."""
    if statement.mode is not EntryMode.PAPER:
        return state
    for form in {_form_read(read.field, read.code) for read in statement.reads} & {*state.forms}:
        known = state.forms[str(form)]
        entries = (*known.entries, statement.event_id)
        state = replace(state, forms={**state.forms, known.form: replace(known, entries=entries)})
    return state


def _form_read(field: str, code: object) -> str | None:
    """The id of the form that a read names; None for any other read, and for another therapy's form."""
    if field != FORM_FIELD or not isinstance(code, str):
        return None
    if is_object_id(code):
        return code
    try:
        return parse_printed(code).object_id
    except CartrailError:
        return None


def _issued(
    state: TherapyState, statement: Statement, payload: FormIssued, occurrence: Occurrence
) -> TherapyState:
    form = FormState(
        form=payload.form,
        event_id=statement.event_id,
        issued_at=occurrence.at,
        issued_by=occurrence.actor,
        site=statement.site,
        due_at=payload.due_at,
        steps=payload.steps,
    )
    return replace(state, forms={**state.forms, payload.form: form})


def _attached(
    state: TherapyState, _: Statement, payload: PaperAttached, occurrence: Occurrence
) -> TherapyState:
    return _ended(state, payload.form, FormStatus.RETURNED, occurrence)


def _voided(state: TherapyState, _: Statement, payload: FormVoided, occurrence: Occurrence) -> TherapyState:
    return _ended(state, payload.form, FormStatus.VOIDED, occurrence)


def _ended(state: TherapyState, form: str | None, status: FormStatus, occurrence: Occurrence) -> TherapyState:
    known = state.forms.get(form or "")
    if known is None:
        return state
    ended = replace(known, status=status, ended_at=occurrence.at)
    return replace(state, forms={**state.forms, known.form: ended})


CHANGES: Final[Changes] = {
    FormIssued: _issued,
    PaperAttached: _attached,
    FormVoided: _voided,
}
