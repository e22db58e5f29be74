"""What is known of a shipment: how it was booked, what it travels in, and what was heard of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from schema.events.shipments import ShipmentBooked
from schema.vocabulary import ProgressSource, ShipmentMilestone
from tracker.rules.bookable import OffsetOf


class ShipmentStatus(StrEnum):
    """How far a shipment is, as far as custody says it."""

    BOOKED = "booked"
    """Nothing is packed yet."""

    PACKED = "packed"
    """Something of the therapy is in its box."""

    ENDED = "ended"
    """Everything came out of the box, or the therapy was canceled before."""


class HeardOf(Struct, frozen=True):
    """What somebody said of a shipment."""

    milestone: ShipmentMilestone
    place: str
    at: datetime
    estimated_delivery: datetime | None
    source: ProgressSource
    sequence: int
    actor: str


class ShipmentState(Struct, frozen=True):
    """One shipment of a therapy."""

    shipment: str
    booking: ShipmentBooked | None = None
    """How it was booked last; None for a box that was packed without."""

    booked_by: int = -1
    """The sequence of the entry that booked it."""

    packed_at: datetime | None = None
    packed_from: str | None = None
    """The site at which it was packed first: from there it travels."""

    box: str | None = None
    """The box it was packed into last."""

    heard: tuple[HeardOf, ...] = ()
    """In the order in which it was recorded."""

    @property
    def estimates(self) -> tuple[HeardOf, ...]:
        """Every estimate of when it will be delivered, the newest word last."""
        told = (one for one in self.heard if one.estimated_delivery is not None)
        return tuple(sorted(told, key=lambda one: (one.at, one.sequence)))

    @property
    def is_held(self) -> bool:
        """Whether the customs have it, by what was heard last of them."""
        of_customs = (ShipmentMilestone.CUSTOMS_HELD, ShipmentMilestone.CUSTOMS_RELEASED)
        heard = [one.milestone for one in self.in_order if one.milestone in of_customs]
        return heard[-1:] == [ShipmentMilestone.CUSTOMS_HELD]

    @property
    def in_order(self) -> tuple[HeardOf, ...]:
        """What was heard in the order in which it happened."""
        return tuple(sorted(self.heard, key=lambda one: (one.at, one.sequence)))


class StandingBooking(Struct, frozen=True):
    """A shipment that somebody has booked, without the therapies that travel in it."""

    shipment: str
    status: ShipmentStatus
    from_site: str
    to_site: str
    begins_at: datetime
    ends_at: datetime
    box: str | None = None
    data_logger: str | None = None
    waybill: str | None = None
    sscc: str | None = None

    def overlaps(self, begins: datetime, ends: datetime) -> bool:
        """Whether it is under way in a stretch of time."""
        return self.begins_at <= ends and begins <= self.ends_at


class ShippingView(Struct, frozen=True):
    """What a booking or a packing is judged by, beside the therapies themselves."""

    offset_of: OffsetOf
    standing: tuple[StandingBooking, ...] = ()
    """Every booking that has a box, a logger or a code in common with what was asked."""

    known_codes: frozenset[str] = frozenset()
    """Those of the codes asked for that already stand for something else."""

    def others(self, shipment: str | None) -> Iterator[StandingBooking]:
        """The bookings that are not over, but for one shipment."""
        return (
            one
            for one in self.standing
            if one.status is not ShipmentStatus.ENDED and one.shipment != shipment
        )
