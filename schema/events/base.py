"""What every event payload is: frozen, closed, versioned, and convertible to canonical JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from schema.canonical import Json
from schema.commitments import Commitment
from schema.holding import fields_holding
from schema.identifiers import SHORT_NAME_PATTERN
from schema.instants import Instant, format_instant
from schema.vocabulary import Grade, PartyType, Reason

UnitId = Annotated[str, Field(pattern=r"^U[DTVP][2-9B-X]{9}$")]
CoiId = Annotated[str, Field(pattern=r"^C[DTVP][2-9B-X]{9}$")]
CassetteId = Annotated[str, Field(pattern=r"^K[DTVP][2-9B-X]{9}$")]
BadgeId = Annotated[str, Field(pattern=r"^P[DTVP][2-9B-X]{9}$")]
LocationId = Annotated[str, Field(pattern=r"^L[DTVP][2-9B-X]{9}$")]
ShipmentId = Annotated[str, Field(pattern=r"^S[DTVP][2-9B-X]{9}$")]
BoxId = Annotated[str, Field(pattern=r"^B[DTVP][2-9B-X]{9}$")]
EquipmentId = Annotated[str, Field(pattern=r"^[BDE][DTVP][2-9B-X]{9}$")]
LotId = Annotated[str, Field(pattern=r"^G[DTVP][2-9B-X]{9}$")]
FormId = Annotated[str, Field(pattern=r"^F[DTVP][2-9B-X]{9}$")]
LabeledId = Annotated[str, Field(pattern=r"^[UKC][DTVP][2-9B-X]{9}$")]
"""What carries a label of its own that is accounted for: a unit, a cassette, a therapy's card."""

CopyLetter = Annotated[str, Field(pattern=r"^[2-9B-X]$")]
CopyLetters = Annotated[str, Field(pattern=r"^[2-9B-X]{0,26}$")]
ShortName = Annotated[str, Field(pattern=f"^{SHORT_NAME_PATTERN.pattern}$")]
"""A staff id, station id, site code or department code."""

ZoneName = Annotated[str, Field(max_length=40, pattern=r"^[A-Za-z][A-Za-z_-]*(/[A-Za-z][A-Za-z_-]*){0,2}$")]
"""An IANA time zone by its name, as `America/New_York`, or `UTC`; the form alone, whatever tzdata knows."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
EventId = Annotated[
    str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[57][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
"""A code of a closed list that the protocol or a site defines."""

WholeNumber = Annotated[int, Strict()]
"""A count as JSON has it; without this, pydantic takes `"75_0"`, `24.0` and true for one."""

COUNT_MAX = 2**40 - 1
"""More than anything that is counted here; a larger number was mistyped."""

ATTEMPTS_MAX = 99
"""Manufactures of one therapy; two are rare."""

VERSION_MAX = 9999
"""Of a protocol."""

Title = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\p{Cc}]+$")]
"""A name or title; a control character in it could steer a terminal or printer."""

Text = Annotated[str, Field(max_length=2000)]


def _on_the_calendar(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[
    str,
    Field(
        json_schema_extra={"format": "date"}, pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
    ),
    AfterValidator(_on_the_calendar),
]
"""A day of the calendar, such as 2026-02-28."""


class Value(BaseModel):
    """A frozen part of a payload that takes no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Party(Value):
    """A custodian: a person, a storage location, a department (`SITE/DEPARTMENT`) or a carrier."""

    type: PartyType
    id: Annotated[str, Field(pattern=r"^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$")]

    def __str__(self) -> str:
        return f"{self.type.value}:{self.id}"

    @property
    def site(self) -> str | None:
        """The site a department or carrier belongs to; people and locations are looked up."""
        if self.type in (PartyType.DEPARTMENT, PartyType.CARRIER):
            return self.id.split("/")[0]
        return None


class Doer(Value):
    """Who did it: nobody with a part in the therapy. Two people who have one attest it."""

    name: Commitment
    employer: Commitment
    evidence: Grade


class JudgedClock(Value):
    """A time limit as a step was judged by it: from which event it ran, and until when it let the step."""

    rule: Word
    start: EventId
    due: Instant

    def __str__(self) -> str:
        return f"{self.rule} from {self.start} until {format_instant(self.due)}"


class JudgedValue(Value):
    """A measured value as a step was judged by it, with the bounds that the protocol had."""

    rule: Word
    value: Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$")]
    minimum: Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$")] | None = None
    maximum: Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$")] | None = None

    def __str__(self) -> str:
        return f"{self.rule} {self.value} from {self.minimum} to {self.maximum}"


class Payload(Value):
    """The facts of one event kind in one version."""

    kind: ClassVar[str] = ""
    kind_version: ClassVar[int] = 1
    descriptive: ClassVar[frozenset[str]] = frozenset()
    """Fields a correction may change with one signature: measured values and remarks."""

    correctable: ClassVar[frozenset[str]] = frozenset()
    """Fields a correction may change with a second signature: results and times."""

    reason: Reason | None = None
    remark: Commitment | None = None
    """Free text of a person, committed."""

    doer: Doer | None = None
    """Named where somebody without a part in the therapy did it; its signers attest what they saw."""

    bench: ShortName | None = None
    """The bench at which a step for one therapy at a time was taken: its location, else its station."""

    limits_judged: (
        Annotated[tuple[JudgedClock | JudgedValue, ...], Field(min_length=1, max_length=1000)] | None
    ) = None
    """The limits that the step was judged by, so that whoever has no protocol can judge it again."""

    @property
    def fact(self) -> str:
        """What it is to its units, or to the therapy: its kind, or the name of a step of the process."""
        return self.kind

    def to_json(self) -> Mapping[str, Json]:
        """The payload as it stands in a statement; what is not given is left out."""
        data: Mapping[str, Json] = self.model_dump(mode="json", exclude_none=True)
        return data

    def commitments(self) -> Iterator[Commitment]:
        """Every commitment in the payload, at any depth."""
        yield from _commitments(self)


class UnitsPayload(Payload):
    """An event about units of one therapy."""

    units: tuple[UnitId, ...] = Field(min_length=1, max_length=200)


def _commitments(value: object) -> Iterator[Commitment]:
    if isinstance(value, Commitment):
        yield value
    elif isinstance(value, BaseModel):
        for name in fields_holding(type(value), Commitment):
            yield from _commitments(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _commitments(item)
