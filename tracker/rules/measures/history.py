"""What of a therapy's past its measures are drawn from: few facts, as the chain has them by now.

None of these values can hold another that holds it, so the collector of garbage need not look at them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct, field, json

from schema.vocabulary import Material, Reason


class HistoryStep(StrEnum):
    """A step at which a measured time begins or ends."""

    ENROLLED = "enrolled"
    COLLECTED = "collected"
    """The collection ended."""

    FROZEN = "frozen"
    """What was collected was frozen."""

    MAKING_STARTED = "making_started"
    MADE = "made"
    INFUSION_STARTED = "infusion_started"
    INFUSION_STOPPED = "infusion_stopped"
    """Before its container was empty."""

    CANCELED = "canceled"
    CLOSED = "closed"


class MadeVerdict(StrEnum):
    """How a manufacture was judged."""

    RELEASED = "released"
    OUT_OF_SPECIFICATION = "out_of_specification"
    """Released all the same."""

    REJECTED = "rejected"
    FAILED = "failed"
    """It ended without a product."""


class Moment(Struct, frozen=True, array_like=True, gc=False):
    """When a step was taken, and by which entry."""

    at: datetime
    sequence: int
    is_outside: bool = False
    """Whether it was against a rule."""

    is_from_paper: bool = False
    """Whether its time was read off paper."""


class Judgment(Struct, frozen=True, array_like=True, gc=False):
    """What quality said of a manufacture, or that it failed."""

    attempt: int
    verdict: MadeVerdict
    moment: Moment


class Way(Struct, frozen=True, omit_defaults=True, gc=False):
    """A shipment from the site where it was packed to the one it was sent to."""

    shipment: str
    carrier: str
    from_site: str
    to_site: str
    """As it was packed: where it was sent later changes nothing of what was asked of the carrier."""

    materials: tuple[Material, ...]
    packed: Moment
    due_at: datetime | None = None
    """By when it was to be delivered, as it was booked when it was packed."""

    taken: Moment | None = None
    """When the carrier took it over."""

    arrived: Moment | None = None
    """When it was first taken over by somebody who is no carrier."""

    arrived_site: str | None = None
    is_lost: bool = False
    is_read: bool = False
    """Whether the file of its logger was read."""

    was_outside: bool = False
    """Whether the temperature was outside for longer, or further, than what is in it may be."""

    is_unknown: bool = False
    """Whether nobody can say: readings are missing for too long."""


class TakenPlace(Struct, frozen=True, array_like=True, gc=False):
    """A place of a resource that is booked, with its first and last day by the calendar of its site."""

    milestone: str
    resource: str
    first_day: str
    last_day: str


class GivenBack(Struct, frozen=True, array_like=True, gc=False):
    """A booked place that was given back, or left by moving to another day or resource."""

    resource: str
    starts_at: datetime
    moment: Moment
    reason: Reason | None = None


class Happening(Struct, frozen=True, array_like=True, gc=False):
    """Something that is counted: when, where it was recorded, and of which sort."""

    moment: Moment
    site: str
    word: str


class History(Struct, frozen=True, omit_defaults=True, gc=False):
    """One therapy as measures see it; it names no patient."""

    protocol: str
    collection_site: str
    manufacturing_site: str
    treatment_site: str
    ready_from: str | None = None
    """The first day that was ever named as the one from which the patient is ready."""

    promised_first: str | None = None
    """The day of infusion that was promised first."""

    promised_last: str | None = None
    steps: Mapping[HistoryStep, tuple[Moment, ...]] = field(default_factory=dict)
    judgments: tuple[Judgment, ...] = ()
    ways: tuple[Way, ...] = ()
    places: tuple[TakenPlace, ...] = ()
    given_back: tuple[GivenBack, ...] = ()
    moves: tuple[Happening, ...] = ()
    """Each time something booked was moved, with the reason."""

    mixups: tuple[Happening, ...] = ()
    """Each prevented mix-up, with the step."""

    @property
    def sites(self) -> tuple[str, str, str]:
        """Where it is collected, made and given."""
        return self.collection_site, self.manufacturing_site, self.treatment_site

    def first(self, step: HistoryStep) -> Moment | None:
        """The earliest time at which a step was taken."""
        return min(self.steps.get(step, ()), key=lambda one: one.at, default=None)

    @property
    def ended(self) -> Moment | None:
        """When it was canceled or closed; None while it runs."""
        return self.first(HistoryStep.CANCELED) or self.first(HistoryStep.CLOSED)


_ENCODER: Final = json.Encoder(order="deterministic")
_DECODER: Final = json.Decoder(History)


def written(history: History) -> str:
    """A history as the text that the table keeps; equal histories give equal texts."""
    return _ENCODER.encode(history).decode()


def read_history(text: str) -> History:
    """The history of a text; raises ValueError for what no history was written as."""
    try:
        return _DECODER.decode(text)
    except Exception as error:
        raise ValueError(f"{text[:40]!r} is no history of a therapy: {error}") from error
