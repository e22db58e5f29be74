"""The event of a bench: nothing of the therapy that was worked on there is left."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events.base import Payload, ShortName
from schema.events.labels import LabelCopy


class LineCleared(Payload):
    """Somebody looked: no material, label or paper of the therapy is left at the bench."""

    kind: ClassVar[str] = "line_cleared"
    bench: ShortName
    nothing_left: bool
    labels: tuple[LabelCopy, ...] = Field(default=(), max_length=200)
    """Copies printed at the bench that are on nothing yet: they left it with the therapy."""
