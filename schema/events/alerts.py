"""That somebody has seen what calls for them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.commitments import Commitment
from schema.events.base import Payload, Word
from schema.instants import Instant
from schema.vocabulary import AlertCause

AlertSubject = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{2,36}$")]
"""The id of a therapy, unit, box or form, or the event that a deviation began with."""


class AlertAcknowledged(Payload):
    """Somebody whose work it is has seen an alert. It stays visible until its cause ends."""

    kind: ClassVar[str] = "alert_acknowledged"
    cause: AlertCause
    subject: AlertSubject
    name: Word | None = None
    """The limit or milestone, where the subject can have several."""

    due_at: Instant
    """When the limit ends or the milestone was promised; else since when the cause holds."""

    projected_at: Instant | None = None
    """When it was expected to happen, as far as that could be told."""

    plan: Commitment | None = None
    """What they will do about it, in their own words."""
