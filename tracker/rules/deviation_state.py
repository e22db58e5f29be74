"""The deviations of a therapy as its chain records them: open until quality closes them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schema.vocabulary import DeviationDecision, Severity


class DeviationStatus(StrEnum):
    """How far quality is with a deviation."""

    OPEN = "open"
    ASSESSED = "assessed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Assessment:
    """The newest assessment of a deviation."""

    severity: Severity
    cause: str
    decision: DeviationDecision
    units: tuple[str, ...]
    capa: str | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeviationState:
    """One deviation, drafted by the program or opened by a person."""

    deviation: str
    """The id of the event that drafted or opened it."""

    cause: tuple[str, ...]
    """The rules that were broken, or the category that a person chose."""

    units: tuple[str, ...]
    """The units it is about; empty where it concerns the therapy as a whole."""

    at: datetime
    actor: str
    site: str
    sequence: int
    """The last entry that changed it."""

    about: str | None = None
    """The event for which the program drafted it."""

    kind: str = ""
    """The kind of that event: what tells the giver's deviation from the receiver's; empty where unknown."""

    assessed: Assessment | None = None
    closed_at: datetime | None = None

    @property
    def status(self) -> DeviationStatus:
        """Open, assessed or closed."""
        if self.closed_at is not None:
            return DeviationStatus.CLOSED
        return DeviationStatus.OPEN if self.assessed is None else DeviationStatus.ASSESSED

    @property
    def title(self) -> str:
        """Its causes as a person reads them."""
        return ", ".join(self.cause).replace("_", " ").replace(".", " ")

    def concerns(self, units: Collection[str]) -> bool:
        """Whether it is about one of these units, or about the whole therapy."""
        return not self.units or any(unit in units for unit in self.units)
