"""One step requested for one therapy: the request, the scanned unit, and the step of the protocol."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from schema.events.processing import Destroyed
from schema.instants import CLOCKS_APART_MAX, format_minute
from schema.vocabulary import FinalDisposition, Material, SitePart
from tracker.kinds import StepKind, row_of
from tracker.protocols.model import Protocol, Step
from tracker.requests.base import Request
from tracker.rules.deviation_state import DeviationState
from tracker.rules.situation import Resolution, Situation
from tracker.rules.therapy_state import Occurrence, TherapyState, UnitState


class Attempt(Struct, frozen=True):
    """One step requested for one therapy, with one of its units where the step is about units."""

    situation: Situation
    request: Request
    therapy: TherapyState
    kind: str
    """What the step brings: its kind, or the name of a step of the process."""

    unit: UnitState | None = None
    scanned: Resolution | None = None
    material: Material | None = None
    """The material of a unit that is not registered yet."""

    @property
    def protocol(self) -> Protocol:
        """The pinned protocol."""
        return self.situation.protocol(self.therapy)

    @property
    def row(self) -> StepKind:
        """What the program knows of this kind of step."""
        return row_of(self.kind)

    @property
    def step(self) -> Step | None:
        """The protocol's step for the unit's material."""
        return self.protocol.step(self.kind, self.unit.material if self.unit else self.material)

    @property
    def subject(self) -> str:
        """What the step is about, as a person names it."""
        return f"{self.unit.material.value} {self.unit.unit}" if self.unit else f"therapy {self.therapy.coi}"


def local(situation: Situation, occurrence: Occurrence) -> str:
    """When and by whom, in the station's local time."""
    return f"{local_time(situation, occurrence.at)} by {occurrence.actor}"


def local_time(situation: Situation, at: datetime) -> str:
    """A time on the station's clock, with its offset."""
    offset = situation.offset_of(at)
    return format_minute(at, offset)


def began(situation: Situation, deviation: DeviationState) -> str:
    """When a deviation was drafted or opened and by whom, in the station's local time."""
    return local(situation, Occurrence(deviation.at, deviation.deviation, 0, deviation.actor))


def happened_later(attempt: Attempt, fact: Occurrence) -> bool:
    """Whether a fact is later than the time declared for the step, by more than clocks may differ."""
    return fact.at - attempt.situation.occurred_at > CLOCKS_APART_MAX


def site_of_part(therapy: TherapyState, part: SitePart) -> str | None:
    """The site that plays a part in a therapy; None where any may."""
    sites = therapy.sites
    return {
        SitePart.COLLECTION: sites.collection,
        SitePart.MANUFACTURING: sites.manufacturing,
        SitePart.TREATMENT: sites.treatment,
    }.get(part)


def sites_with_part(therapy: TherapyState) -> frozenset[str]:
    """The sites whose people have a part: its own, and those that its shipments and handoffs name."""
    sites = therapy.sites
    return frozenset((sites.collection, sites.manufacturing, sites.treatment)) | therapy.named_sites


def finished(unit: UnitState) -> bool:
    """Whether a unit, including any remainder, has its final disposition."""
    if unit.final is None:
        return False
    return unit.final is not FinalDisposition.INFUSED or not unit.remainder_ml


def leaves_remainder(attempt: Attempt) -> bool:
    """Whether this destroys the remainder of an infused unit."""
    return attempt.kind == Destroyed.kind and attempt.unit is not None and attempt.unit.may_hold_remainder
