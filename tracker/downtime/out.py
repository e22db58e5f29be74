"""The forms that are out: where they were printed, what they are for, and which are overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.open_store import OpenStore
from tracker.rules.form_state import FormState


@dataclass(frozen=True, slots=True)
class FormOut:
    """One form of which nobody has said yet what became of it."""

    coi: str
    form: FormState
    overdue: bool

    @property
    def due_at(self) -> datetime:
        """Until when it is entered and given back."""
        return self.form.due_at


def forms_out(opened: OpenStore) -> tuple[FormOut, ...]:
    """Every form that is out, of all therapies, the most urgent first."""
    with opened.store.read() as transaction:
        rows = transaction.forms_out()
    now = opened.clock.now()
    found: list[FormOut] = []
    for row in rows:
        known = opened.read.therapy(coi=row.coi)
        form = known[0].forms.get(row.object_id) if known else None
        if form is not None and form.is_out:
            found.append(FormOut(row.coi, form, form.is_overdue(now)))
    return tuple(sorted(found, key=lambda one: (one.due_at, one.form.form)))
