"""Events of therapies that began before cartrail: their stage as paper says it, and their units found."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.commitments import Commitment
from schema.events.base import (
    ATTEMPTS_MAX,
    BoxId,
    CassetteId,
    LocationId,
    Payload,
    ShortName,
    UnitId,
    UnitsPayload,
    Value,
    WholeNumber,
    Word,
)
from schema.events.identity import AdoptedCode
from schema.instants import Instant
from schema.measured import VolumeText
from schema.vocabulary import FinalDisposition, Material, Reason


class StepBefore(Value):
    """A step that was taken before cartrail, at the time that stands on paper."""

    step: Word
    at: Instant


class ResultBefore(Value):
    """A result of a release test that stands on paper."""

    test: Word
    attempt: WholeNumber = Field(ge=1, le=ATTEMPTS_MAX)
    result: str = Field(min_length=1, max_length=40, pattern=r"^[\x20-\x7e]+$")
    at: Instant


class ContainerBefore(Value):
    """A unit as paper says it is: what is in it, what it came from, where it lies and what was done to it."""

    unit: UnitId
    material: Material
    parents: tuple[UnitId, ...] = ()
    attempt: WholeNumber = Field(ge=0, le=ATTEMPTS_MAX)
    """The manufacture that it came out of; 0 of what was collected."""

    codes: tuple[AdoptedCode, ...] = ()
    location: LocationId | None = None
    """Where it is to be found; none for a unit that has ended, or is on the way."""

    carrier: ShortName | None = None
    """Who has it on the way; then `box` says in which shipper."""

    box: BoxId | None = None
    cassette: CassetteId | None = None
    """The cassette it is in, where that carries a code of ours."""

    quarantined: Reason | None = None
    """Why it is kept in quarantine; it stays there when it is found."""

    final: FinalDisposition | None = None
    volume_ml: VolumeText | None = None
    expires_at: Instant | None = None
    steps: tuple[StepBefore, ...] = ()


class TherapyImported(Payload):
    """A therapy that began before cartrail came in at the stage it had reached, read off paper by two."""

    kind: ClassVar[str] = "therapy_imported"
    steps: tuple[StepBefore, ...] = ()
    """Steps of the therapy itself; those of a unit stand with it."""

    containers: tuple[ContainerBefore, ...] = Field(min_length=1, max_length=200)
    results: tuple[ResultBefore, ...] = ()
    scans: tuple[Commitment, ...] = Field(default=(), max_length=20)
    """The papers it was read from, such as the release, each as the commitment of its SHA-256."""


class UnitFound(UnitsPayload):
    """A unit that was known from paper alone was scanned where it lies; from now on it counts."""

    kind: ClassVar[str] = "unit_found"
    location: LocationId
