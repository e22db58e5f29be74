"""The notes of a therapy as its chain has them: by whom, when and about what; their words lie beside it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class NoteState(Struct, frozen=True):
    """One note."""

    event_id: str
    actor: str
    site: str
    at: datetime
    text: str
    """The commitment to its words."""

    unit: str | None
    milestone: str | None
