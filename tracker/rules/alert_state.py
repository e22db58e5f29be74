"""An alert as a value, and the acknowledgements that the chain of a therapy has of them."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Final

from msgspec import Struct

from schema.canonical import canonical, plain_digest
from schema.instants import format_instant
from schema.vocabulary import AlertCause, Role

ID_CHARACTERS: Final = 16


class AcknowledgedAlert(Struct, frozen=True):
    """That somebody has seen an alert."""

    event_id: str
    actor: str
    at: datetime
    plan: str | None
    """The commitment to what they will do about it."""


class Rung(Struct, frozen=True):
    """Who has to see an alert: a role, and the site whose people of that role are told."""

    role: Role
    site: str


class Alert(Struct, frozen=True, dict=True):
    """One cause that calls for somebody."""

    coi: str
    cause: AlertCause
    subject: str
    """The therapy, unit, box, form or deviation that it is about."""

    name: str | None
    """The limit, milestone or duty, where the subject can have several."""

    due_at: datetime
    """When the limit ends or it was promised; else since when the cause holds."""

    since: datetime
    """From when on it calls for somebody."""

    title: str
    """What it is about, in words."""

    rungs: tuple[Rung, ...]
    """Who is told first, then who is told when nobody acknowledges it."""

    projected_at: datetime | None = None
    is_by_now: bool = False
    """Whether that moves with the clock, as of what is overdue."""

    @cached_property
    def id(self) -> str:
        """The same for the same cause of the same thing at the same time, in every process and for ever."""
        return alert_id(self.coi, self.cause, self.subject, self.name, self.due_at)

    @property
    def order(self) -> tuple[int, datetime, str]:
        """The gravest first, then what began first."""
        return _ORDER[self.cause], self.due_at, self.id


_ORDER: Final = {
    cause: place
    for place, cause in enumerate(
        (
            AlertCause.BREACH,
            AlertCause.RECALLED,
            AlertCause.REFUSED,
            AlertCause.QUARANTINED,
            AlertCause.LATE,
            AlertCause.OVERDUE,
            AlertCause.STALLED,
            AlertCause.UNASSESSED,
            AlertCause.AT_RISK,
            AlertCause.DUE,
        )
    )
}


def alert_id(coi: str, cause: AlertCause, subject: str, name: str | None, due_at: datetime) -> str:
    """The id of the alert that these make."""
    said = [coi, cause.value, subject, name or "", format_instant(due_at)]
    return plain_digest(canonical(said))[:ID_CHARACTERS]
