"""The deviations of a therapy as its chain records them: open until quality closes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Final

from msgspec import Struct

from schema.vocabulary import DeviationDecision, LaboratoryFinding, Severity

FAILED_AFTER_RELEASE: Final = "failed_after_release"
"""The cause of a deviation about a result that would have kept the release back, had it been known."""


class DeviationStatus(StrEnum):
    """How far quality is with a deviation."""

    OPEN = "open"
    ASSESSED = "assessed"
    CLOSED = "closed"


class Assessment(Struct, frozen=True):
    """What quality said of a deviation and of some of its units, or of all."""

    severity: Severity
    cause: str
    decision: DeviationDecision
    units: tuple[str, ...]
    capa: str | None
    actor: str
    at: datetime
    laboratory: LaboratoryFinding | None = None
    retests: int = 0
    """How many repeat tests are allowed."""


class DeviationState(Struct, frozen=True):
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

    assessments: tuple[Assessment, ...] = ()
    closed_at: datetime | None = None

    @property
    def assessed(self) -> Assessment | None:
        """The newest assessment, of whichever units."""
        return self.assessments[-1] if self.assessments else None

    @property
    def status(self) -> DeviationStatus:
        """Open, assessed or closed."""
        if self.closed_at is not None:
            return DeviationStatus.CLOSED
        return DeviationStatus.ASSESSED if self.assessments else DeviationStatus.OPEN

    @property
    def progress(self) -> str:
        """How far quality is with it, in words: how grave, once somebody of quality has said it."""
        grave = self.severity
        return self.status.value if grave is None else f"{grave.value}, {self.status.value}"

    @property
    def severity(self) -> Severity | None:
        """As quality said last; until then critical by its cause, where the patient may have the product."""
        if self.assessed is not None:
            return self.assessed.severity
        return Severity.CRITICAL if FAILED_AFTER_RELEASE in self.cause else None

    @property
    def title(self) -> str:
        """Its causes as a person reads them."""
        return ", ".join(self.cause).replace("_", " ").replace(".", " ")

    def concerns(self, units: Collection[str]) -> bool:
        """Whether it is about one of these units, or about the whole therapy."""
        return not self.units or any(unit in units for unit in self.units)

    def standing(self, units: Iterable[str]) -> Iterator[Assessment]:
        """The newest assessment of each of these units; what is said of another unit changes nothing."""
        for unit in units:
            about = (one for one in reversed(self.assessments) if not one.units or unit in one.units)
            yield from islice(about, 1)
