"""Events of making, testing, judging, thawing, infusing and destroying."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.commitments import Commitment
from schema.events.base import (
    ATTEMPTS_MAX,
    EquipmentId,
    EventId,
    LotId,
    Payload,
    UnitId,
    UnitsPayload,
    Value,
    WholeNumber,
    Word,
)
from schema.instants import Instant
from schema.measured import CellsText, NumberText, QuantityText, VolumeText
from schema.vocabulary import FailureCause, FailurePath, Material, ReleasePredicate, ResultsVerdict, TestPhase

FIGURE_MAX = 400
"""Characters that a release tells of one thing that had to hold."""

RESULTS_MAX = 100
"""Results that are reviewed at once."""

StepWord = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
"""What a protocol calls a step of the process."""


class UnitExpiry(Value):
    """Until when a unit may be used, by its protocol's shelf life."""

    unit: UnitId
    expires_at: Instant


class StartsShelfLife(Payload):
    """An event from which a shelf life is counted."""

    expires: tuple[UnitExpiry, ...] = Field(default=(), max_length=200)


class CollectionStarted(Payload):
    """Donation number and label were scanned at the chair."""

    kind: ClassVar[str] = "collection_started"
    unit: UnitId
    din: str = Field(min_length=1, max_length=40, pattern=r"^[\x21-\x7e]+$")


class Collected(StartsShelfLife):
    """The bag is full: end time, volume, and the label checked by a second person."""

    kind: ClassVar[str] = "collected"
    descriptive: ClassVar[frozenset[str]] = frozenset({"volume_ml"})
    correctable: ClassVar[frozenset[str]] = frozenset({"ended_at"})
    unit: UnitId
    volume_ml: VolumeText
    ended_at: Instant


class Cryopreserved(StartsShelfLife, UnitsPayload):
    """Frozen."""

    kind: ClassVar[str] = "cryopreserved"


class ManufacturingStarted(UnitsPayload):
    """The starting material went into the process."""

    kind: ClassVar[str] = "manufacturing_started"


class LotUsed(Value):
    """A lot of goods that touched the cells."""

    lot: LotId
    quantity: QuantityText | None = None
    """How much of it, in the unit in which it is counted out."""


class ValueMeasured(Value):
    """A number that was measured at a step."""

    measure: Word
    value: NumberText
    sample: UnitId | None = None
    """The sample on which it was measured; none where it was measured in the vessel."""


class CellsMoved(Value):
    """Cells went from one container into another."""

    source: UnitId
    target: UnitId
    volume_ml: VolumeText | None = None
    empties: bool = False
    """Whether nothing that is used is left in the source."""


class StepPerformed(UnitsPayload):
    """A step of the process, which the protocol names: thawed, washed, activated, transduced, counted."""

    kind: ClassVar[str] = "step_performed"
    step: StepWord
    attempt: WholeNumber = Field(ge=1, le=ATTEMPTS_MAX)
    """Of which manufacture."""

    started_at: Instant
    ended_at: Instant
    instruments: tuple[EquipmentId, ...] = Field(default=(), max_length=10)
    lots: tuple[LotUsed, ...] = Field(default=(), max_length=40)
    measured: tuple[ValueMeasured, ...] = Field(default=(), max_length=60)
    moves: tuple[CellsMoved, ...] = Field(default=(), max_length=200)

    @property
    def fact(self) -> str:
        """The name of the step."""
        return self.step

    @property
    def filled(self) -> tuple[str, ...]:
        """The containers into which something went, each once."""
        return tuple(dict.fromkeys(one.target for one in self.moves))


class ManufacturedUnit(Value):
    """One container that came out."""

    unit: UnitId
    material: Material
    volume_ml: VolumeText | None = None
    cells: CellsText | None = None
    """Viable CAR-positive cells in it, in millions, by the protocol's formula; none while unknown."""

    component: Word | None = None
    part: Word | None = None
    color: Word | None = None
    """As it was registered: which product of a dose, for which share of it, and of which size."""


class Manufactured(StartsShelfLife):
    """The process ended: parents used up, children named."""

    kind: ClassVar[str] = "manufactured"
    parents: tuple[UnitId, ...] = Field(min_length=1)
    children: tuple[ManufacturedUnit, ...] = Field(min_length=1, max_length=200)
    attempt: WholeNumber = Field(ge=1, le=ATTEMPTS_MAX)


class ManufacturingFailed(Payload):
    """A manufacture came to nothing: from what, and what follows."""

    kind: ClassVar[str] = "manufacturing_failed"
    attempt: WholeNumber = Field(ge=1, le=ATTEMPTS_MAX)
    cause: FailureCause
    path: FailurePath
    units: tuple[UnitId, ...] = Field(default=(), max_length=200)
    """What of it has not come to its end; each is destroyed, but for those that are kept."""

    kept: tuple[UnitId, ...] = Field(default=(), max_length=200)


class Tested(Payload):
    """A release test has a result."""

    __test__: ClassVar[bool] = False  # pytest would take the class for a test by its name

    kind: ClassVar[str] = "tested"
    correctable: ClassVar[frozenset[str]] = frozenset({"result"})
    test: Word
    attempt: WholeNumber = Field(ge=1, le=ATTEMPTS_MAX)
    """Whose result it is: of the therapy's first, second, ... manufacture."""

    result: str = Field(min_length=1, max_length=40, pattern=r"^[\x20-\x7e]+$")
    unit_of_measure: Word | None = None
    limit: str = Field(min_length=1, max_length=60, pattern=r"^[\x20-\x7e]+$")
    """What it was judged by, such as `>= 70`."""

    meets_limit: bool
    sample: UnitId | None = None
    phase: TestPhase = TestPhase.FIRST
    follows: EventId | None = None
    """The first result, of a repeat test."""


class ResultsReviewed(Payload):
    """Another person looked over results of one manufacture: the raw data, the calculation, the limit."""

    kind: ClassVar[str] = "results_reviewed"
    attempt: WholeNumber = Field(ge=1, le=ATTEMPTS_MAX)
    about: tuple[EventId, ...] = Field(min_length=1, max_length=RESULTS_MAX)
    """The results, by the events that recorded them."""

    verdict: ResultsVerdict


class PredicateHeld(Value):
    """One thing that had to hold at a release, and what it was judged by."""

    name: ReleasePredicate
    applies: bool
    """Whether there was anything to judge, as with lots where none was used."""

    figure: str = Field(min_length=1, max_length=FIGURE_MAX)
    evidence: tuple[EventId, ...] = Field(default=(), max_length=20)


class Released(UnitsPayload):
    """Everything that the protocol asks of a release held, and quality released the units."""

    kind: ClassVar[str] = "released"
    predicates: tuple[PredicateHeld, ...] = Field(default=(), max_length=len(ReleasePredicate))


class ReleasedOutOfSpecification(UnitsPayload):
    """Released although tests failed, by its own signatures; visible until infusion."""

    kind: ClassVar[str] = "released_out_of_specification"
    failed_tests: tuple[Word, ...] = Field(min_length=1)
    failed: tuple[ReleasePredicate, ...] = Field(default=(), max_length=len(ReleasePredicate))
    """What did not hold, of what the protocol lets fail."""

    predicates: tuple[PredicateHeld, ...] = Field(default=(), max_length=len(ReleasePredicate))
    """What held all the same."""

    basis: Word | None = None
    """By which law it is possible, as the protocol names them: `eu_gmp_11_5`."""

    requested: Commitment | None = None
    """The physician's request, in words."""

    risk_evaluation: Commitment | None = None
    """The SHA-256 of the manufacturer's evaluation of the risks."""


class Rejected(UnitsPayload):
    """Will not be used."""

    kind: ClassVar[str] = "rejected"


class Quarantined(UnitsPayload):
    """Blocked from manufacture, release, thaw and infusion."""

    kind: ClassVar[str] = "quarantined"


class QuarantineLifted(UnitsPayload):
    """Quality ended the quarantine."""

    kind: ClassVar[str] = "quarantine_lifted"


class LymphodepletionStarted(Payload):
    """The patient is being made ready: what has begun here is not taken back."""

    kind: ClassVar[str] = "lymphodepletion_started"
    regimen: Word


class ThawStarted(UnitsPayload):
    """The thaw began."""

    kind: ClassVar[str] = "thaw_started"


class ThawEnded(UnitsPayload):
    """No ice is visible any more."""

    kind: ClassVar[str] = "thaw_ended"


class InfusionStarted(UnitsPayload):
    """Cells began to flow into the patient."""

    kind: ClassVar[str] = "infusion_started"


class InfusionStopped(UnitsPayload):
    """The infusion was ended before the container was empty."""

    kind: ClassVar[str] = "infusion_stopped"
    descriptive: ClassVar[frozenset[str]] = frozenset({"infused_ml"})
    infused_ml: VolumeText


class InfusionCompleted(UnitsPayload):
    """The container was infused as intended."""

    kind: ClassVar[str] = "infusion_completed"
    descriptive: ClassVar[frozenset[str]] = frozenset({"infused_ml"})
    infused_ml: VolumeText
    planned_ml: VolumeText | None = None
    """How much of a container that is not given whole was to be given; what is left is destroyed."""


class Destroyed(UnitsPayload):
    """Destroyed before a witness: a whole unit, or what was left of it."""

    kind: ClassVar[str] = "destroyed"
    descriptive: ClassVar[frozenset[str]] = frozenset({"destroyed_ml"})
    destroyed_ml: VolumeText | None = None


class Consumed(UnitsPayload):
    """Used up in a test."""

    kind: ClassVar[str] = "consumed"


class Retained(UnitsPayload):
    """Kept as a retain sample."""

    kind: ClassVar[str] = "retained"
