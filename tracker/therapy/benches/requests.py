"""The request of a person who has cleared a bench."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from schema.events import bench as events
from schema.events.base import CoiId, ShortName
from tracker.requests.base import PayloadClass, Request, ScanField


class ClearLine(Request):
    """Say that a bench is clear, so that another therapy may be worked on there."""

    name: ClassVar[str] = "clear_line"
    summary: ClassVar[str] = (
        "Declare that no material, label or paper of the therapy is left at the bench; the next one may come."
    )
    records: ClassVar[PayloadClass] = events.LineCleared
    nothing_left: Literal[True] = Field(description="the declaration itself, said by who looked")
    bench: ShortName | None = Field(
        default=None, description="the station or bench location; that of this terminal when not given"
    )
    coi: CoiId | None = Field(
        default=None, description="the one therapy that left, where several are at the bench"
    )
    labels: tuple[ScanField, ...] = Field(
        default=(), max_length=200, description="open labels printed here that left with the therapy"
    )
