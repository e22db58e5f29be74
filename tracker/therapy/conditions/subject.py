"""What a logger's file is of, a box on its way or a place, and for which times it judges which units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from tracker.protocols.model import Keeping
from tracker.readings.judge import Stay
from tracker.readings.values import Series
from tracker.rules.condition_state import FileRead
from tracker.rules.registry_state import Location
from tracker.rules.therapy_state import TherapyState, UnitState


class Subject(Struct, frozen=True):
    """A shipment, or a place with what is known of it."""

    shipment: str | None = None
    place: Location | None = None
    logger: str | None = None
    """The logger of the place whose file it is; None of a shipment, whose logger was packed."""

    @property
    def keeping(self) -> Keeping:
        """Where cells were beside the logger."""
        return Keeping.TRANSPORT if self.place is None else Keeping.STORAGE

    @property
    def words(self) -> str:
        """As a sentence names it."""
        return (
            f"the shipment {self.shipment}" if self.place is None else f"{self.place.title} ({self.place.id})"
        )

    def is_of(self, read: FileRead) -> bool:
        """Whether a file was read for it before."""
        return (self.shipment, None if self.place is None else self.place.id) == (
            read.shipment,
            read.location,
        )

    def recorded(self, readings: Series) -> tuple[Stay, ...]:
        """When this logger recorded in the place, as far as the file goes."""
        if self.place is None:
            return ()
        return tuple(_cut(self._periods(readings), readings.first_at, _end(readings)))

    def windows(self, therapy: TherapyState, unit: UnitState, readings: Series) -> tuple[Stay, ...]:
        """For which times the file judges a unit; none where it was not beside the logger."""
        return tuple(
            self._in_box(unit, readings) if self.place is None else self._in_place(therapy, unit, readings)
        )

    def inside(self, therapy: TherapyState, readings: Series) -> Mapping[str, tuple[Stay, ...]]:
        """The units that it judges, each with its times."""
        found = {unit.unit: self.windows(therapy, unit, readings) for unit in therapy.units.values()}
        return {unit: windows for unit, windows in found.items() if windows}

    def _in_box(self, unit: UnitState, readings: Series) -> Iterator[Stay]:
        for one in unit.stays:
            if one.shipment == self.shipment:
                yield Stay(one.since, one.until or max(one.since, _end(readings)))

    def _in_place(self, therapy: TherapyState, unit: UnitState, readings: Series) -> Iterator[Stay]:
        """While it lay there: what no file before had, and what none had at all until this one begins.

        Loggers give all they have each time, so most of a file was read before; and what lies between two
        files is known to nobody, and never good.
        """
        if self.place is None:
            return
        end = _end(readings)
        before = [one for one in therapy.files_read if self.is_of(one) and one.data_logger == self.logger]
        told = [Stay(one.first_at, one.ends_at) for one in before]
        for period in self._periods(readings):
            reached = max([period.since, *(one.until for one in told)])
            begin = max(period.since, min(readings.first_at, reached))
            for stay in unit.places:
                if stay.location == self.place.id:
                    since = max(begin, stay.since)
                    until = min(end, period.until, end if stay.until is None else stay.until)
                    yield from _without((Stay(since, until),), told)

    def _periods(self, readings: Series) -> Iterator[Stay]:
        """When the logger was that of the place; what it recorded elsewhere judges nothing here."""
        changes = () if self.place is None else self.place.loggers
        for number, one in enumerate(changes):
            if one.logger == self.logger:
                following = changes[number + 1].since if number + 1 < len(changes) else _end(readings)
                yield Stay(one.since, following)


def _end(readings: Series) -> datetime:
    return readings.last_at + readings.interval


def _cut(stays: Iterable[Stay], since: datetime, until: datetime) -> Iterator[Stay]:
    for one in stays:
        if max(one.since, since) < min(one.until, until):
            yield Stay(max(one.since, since), min(one.until, until))


def _without(stays: Iterable[Stay], told: Iterable[Stay]) -> Iterator[Stay]:
    """What of some times is in none of the others."""
    left = [one for one in stays if one.since < one.until]
    for taken in told:
        left = [
            piece
            for one in left
            for piece in (
                Stay(one.since, min(one.until, taken.since)),
                Stay(max(one.since, taken.until), one.until),
            )
            if piece.since < piece.until
        ]
    yield from left
