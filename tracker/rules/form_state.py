"""The state of one downtime form: out, returned with its paper, or voided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class FormStatus(StrEnum):
    """Where a form is in its life."""

    OUT = "out"
    RETURNED = "returned"
    VOIDED = "voided"


class FormState(Struct, frozen=True):
    """One form that was printed for a therapy."""

    form: str
    event_id: str
    issued_at: datetime
    issued_by: str
    site: str
    due_at: datetime
    steps: tuple[str, ...]
    status: FormStatus = FormStatus.OUT
    entries: tuple[str, ...] = ()
    """Event ids of what was entered from it."""

    ended_at: datetime | None = None
    """When it came back or was voided."""

    @property
    def is_out(self) -> bool:
        """Whether it has been neither given back nor voided."""
        return self.status is FormStatus.OUT

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is still out after its time."""
        return self.is_out and now > self.due_at
