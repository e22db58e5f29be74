"""A rack being scanned: what is expected, scanned, missing and unexpected, as values; pure.

Nothing is inferred from a place: every unit is scanned, each counts once, whatever a scanner repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from schema.canonical import Json
from schema.positions import every_position
from schema.vocabulary import Fault, InspectionResult, ReadMode, Reason
from tracker.values import Found, RackItem, ScanAnswer
from tui.language import tr


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that is done with many units."""

    title: str
    request: str = ""
    """The request of the set; empty where nothing is recorded."""

    kind: str = ""
    place: Found | None = None
    """What is scanned first: a location or a box."""

    is_expected: bool = False
    """Whether the record says what should be there."""

    asks_more: bool = False
    """Whether a form asks for the rest before signing: seal, carrier, condition."""

    places_units: bool = False
    """Whether each unit gets a position, where the place has positions."""

    asks_why: bool = True
    """Whether each difference needs a reason; a count only says what differs, and quality asks why."""

    counts: bool = False
    """Whether all that lies there is scanned, also what the record has elsewhere."""


PUT_AWAY: Final = Task(tr("Put away"), "store", "stored", Found.LOCATION, places_units=True)
RESTOW: Final = Task(
    tr("Restow: all that lies in a place, each in its position anew"),
    *("store", "stored", Found.LOCATION),
    is_expected=True,
    places_units=True,
    asks_why=False,
)
RETRIEVE: Final = Task(tr("Retrieve"), "retrieve", "retrieved", Found.LOCATION)
PACK: Final = Task(tr("Pack a shipper"), "pack", "packed", Found.BOX, asks_more=True)
UNPACK: Final = Task(tr("Unpack: take out again"), "unpack", "unpacked", Found.BOX, is_expected=True)
INSPECT: Final = Task(
    tr("Unpack: open a box that came"), "inspect", "inspected", Found.BOX, True, asks_more=True
)
FREEZE: Final = Task(tr("Take into a freezing run"), "cryopreserve", "cryopreserved")
CONSUME: Final = Task(tr("Take samples into a test run"), "consume", "consumed")
COUNT: Final = Task(
    tr("Count a place: all that lies in it, signed"),
    "count_storage",
    place=Found.LOCATION,
    is_expected=True,
    asks_why=False,
    counts=True,
)
COUNT_BOX: Final = Task(
    tr("Count a box; nothing is recorded"), place=Found.BOX, is_expected=True, counts=True
)
TASKS: Final = (PUT_AWAY, RETRIEVE, PACK, UNPACK, INSPECT, FREEZE, CONSUME, COUNT, COUNT_BOX, RESTOW)

SET_MAX: Final = 200
"""Units that one act may record; a larger rack is signed in several sets."""

COUNTED_MAX: Final = 2000
"""Units of one count."""

MANY_DIFFER: Final = 100
"""From here on a count is rather that of another place than the one that was scanned."""

DIFFERENCE_REASONS: Final = (
    Reason.CONTENTS_DIFFER,
    Reason.LABEL_UNREADABLE,
    Reason.CONTAINER_DAMAGED,
    Reason.IDENTITY_IN_DOUBT,
    Reason.KEYING_ERROR,
    Reason.OTHER,
)


@dataclass(frozen=True, slots=True)
class RackPlace:
    """The location or box of a rack, as it was scanned."""

    object_id: str
    title: str
    code: str
    mode: ReadMode


@dataclass(frozen=True, slots=True)
class CountedScan:
    """One unit in the tally, by the code it was first scanned by."""

    item: RackItem
    code: str
    mode: ReadMode
    at: datetime

    @property
    def unit(self) -> str:
        """Its id."""
        return self.item.unit or ""


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """What was scanned and cannot be signed; it stands there until somebody has settled it."""

    unit: str
    why: str
    at: datetime
    is_grave: bool
    """Whether it has no place here; else it is only to be looked at, such as what is done already."""


class TallyResult(StrEnum):
    """The result of one scan."""

    COUNTED = "counted"
    AGAIN = "again"
    UNEXPECTED = "unexpected"
    FOREIGN = "foreign"
    """Not where the record says, at a step that records it: a stop."""

    REFUSED = "refused"


@dataclass(slots=True)
class Rack:
    """The tally of one task."""

    task: Task
    place: RackPlace | None = None
    expected: tuple[str, ...] = ()
    """Units that should be there by the record."""

    counted: int | None = None
    """How many a person counted by eye."""

    taken: dict[str, CountedScan] = field(default_factory=dict)
    unexpected: dict[str, CountedScan] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)
    """For each difference."""

    faults: dict[str, Fault] = field(default_factory=dict)
    """Units of an opened box that go into quarantine, with what is wrong with each."""

    judging: str | None = None
    """The unit of which NOT-IN-ORDER was said, while nobody has said yet what is wrong."""

    at_fault: str | None = None
    """The unit because of which the set was refused, until something changes."""

    why_refused: str = ""
    """What was said of it."""

    turned_down: dict[str, TurnedDown] = field(default_factory=dict)
    """By name; a scan that counts, or F4, settles one."""

    in_hand: str | None = None
    """The unit of the last scan, counted or not; None after a code that was turned down or misread."""

    refused: int = 0
    again: int = 0

    grid: tuple[int, int] | None = None
    """Rows and columns of the place; None where it has no positions."""

    lies: dict[str, str] = field(default_factory=dict)
    """What lies where by the record, by position."""

    shown: dict[str, str] = field(default_factory=dict)
    """The code by which people know what lies there: a frozen bag by that of its cassette."""

    positions: dict[str, str] = field(default_factory=dict)
    """The position that somebody said of each unit of the set."""

    said: str | None = None
    """A position that was said before the unit in it was scanned."""

    goes_on: bool = False
    """Whether the count is recorded, and some therapies have to hear of it still."""

    codes: dict[str, tuple[str, ReadMode]] = field(default_factory=dict)
    """What a count read that stands for no unit: the code as it came, and how."""

    def take(self, one: CountedScan) -> TallyResult:
        """Put one scan into the tally."""
        self.at_fault = None
        took, unit = self._take(one), one.item.unit
        self.in_hand = unit if unit in self.taken or unit in self.unexpected else None
        violation = one.item.violation
        if took is TallyResult.REFUSED and violation is not None and unit is not None:
            self._turn_down(unit, violation.message, one.at, is_grave=not is_check(one.item))
        elif unit is not None:
            self.turned_down.pop(unit, None)
        return took

    def _turn_down(self, name: str, why: str, at: datetime, *, is_grave: bool = True) -> None:
        self.turned_down.pop(name, None)
        self.turned_down[name] = TurnedDown(name, why, at, is_grave)

    def _take(self, one: CountedScan) -> TallyResult:
        item = one.item
        if item.unit is not None and (item.unit in self.taken or item.unit in self.unexpected):
            self.again += 1
            return TallyResult.AGAIN
        if item.unit is None or (item.violation is not None and not self._is_elsewhere(item)):
            self.refused += 1
            return TallyResult.REFUSED
        if self._is_elsewhere(item):
            self.unexpected[item.unit] = one
            return (
                TallyResult.UNEXPECTED if self.task.counts or not self.task.request else TallyResult.FOREIGN
            )
        if len(self.taken) >= (COUNTED_MAX if self.task.counts else SET_MAX) and self.task.request:
            self.refused += 1
            return TallyResult.REFUSED
        self.taken[item.unit] = one
        if self.said is not None and self.has_positions:
            self.positions[item.unit], self.said = self.said, None
        return TallyResult.COUNTED

    @property
    def has_positions(self) -> bool:
        """Whether each unit of the set is given a position."""
        return self.task.places_units and self.grid is not None

    @property
    def homeless(self) -> str | None:
        """The unit of the set of which nobody has said where it lies."""
        if not self.has_positions:
            return None
        return next((unit for unit in self.taken if unit not in self.positions), None)

    def place_in(self, position: str) -> str | None:
        """Say where the unit of the last scan lies, or the next one; gives the unit, where it is known."""
        unit = self.homeless or (self.in_hand if self.in_hand in self.taken else None)
        if unit is None:
            self.said = position
        else:
            self.positions[unit] = position
        return unit

    def moved(self) -> tuple[str, ...]:
        """What leaves the position it has by the record."""
        return self.expected if self.task is RESTOW else tuple(self.positions)

    @property
    def next_free(self) -> str | None:
        """The first position in which nothing lies; None where there is none, or the place has none."""
        if self.grid is None:
            return None
        gone = {*self.moved()}
        full = {*self.positions.values(), *(at for at, unit in self.lies.items() if unit not in gone)}
        return next((one for one in every_position(*self.grid) if one not in full), None)

    def position_of(self, unit: str) -> str | None:
        """Where a unit of the set lies, as somebody said; else where it lies by the record."""
        by_record = next((position for position, one in self.lies.items() if one == unit), None)
        return self.positions.get(unit) or by_record

    @property
    def collision(self) -> tuple[str, str] | None:
        """A position of the set in which, by the record, something lies that was not scanned; and what."""
        for unit, position in self.positions.items():
            other = self.lies.get(position)
            if other not in (None, unit) and other not in self.positions:
                return position, other
        return None

    def _is_elsewhere(self, item: RackItem) -> bool:
        """Whether the record has the unit in another place than the one it was taken from."""
        if self.place is None:
            return False
        if self.task.is_expected:
            return item.unit not in self.expected
        return self.task is RETRIEVE and item.location != self.place.object_id

    def undo(self) -> str | None:
        """Take back the unit in the hand, else what came last of all that is left; gives its name."""
        if self.in_hand is not None:
            name = self.in_hand
        else:
            scans = {name: one.at for name, one in (*self.taken.items(), *self.unexpected.items())}
            scans.update({name: one.at for name, one in self.turned_down.items()})
            if not scans:
                return None
            name = max(reversed(scans), key=lambda one: scans[one])
        self.turned_down.pop(name, None)
        self._drop(name)
        return name

    def _drop(self, unit: str) -> None:
        self.positions.pop(unit, None)
        self.taken.pop(unit, None)
        self.unexpected.pop(unit, None)
        self.faults.pop(unit, None)
        self.judging = None if self.judging == unit else self.judging
        self.at_fault = None if self.at_fault == unit else self.at_fault
        self.in_hand = None if self.in_hand == unit else self.in_hand

    def set_aside(self) -> str | None:
        """Ask what is wrong with the unit in the hand; None when no unit of the set is in it."""
        self.judging = self.in_hand if self.in_hand in self.taken else None
        return self.judging

    def find_fault(self, fault: Fault) -> str | None:
        """Say what is wrong with the unit that was asked about; it goes into quarantine."""
        unit, self.judging = self.judging, None
        if unit is not None:
            self.faults[unit] = fault
        return unit

    @property
    def is_empty(self) -> bool:
        """Whether nothing was scanned yet."""
        return not self.taken and not self.unexpected

    @property
    def missing(self) -> tuple[str, ...]:
        """What the record expects and nobody scanned."""
        return tuple(unit for unit in self.expected if unit not in self.taken)

    @property
    def seen(self) -> int:
        """How many were scanned in the place, whether they belong there or not."""
        return len(self.taken) + len(self.unexpected) + len(self.codes)

    @property
    def target(self) -> int | None:
        """How many there should be: by the record, else as counted by eye."""
        return len(self.expected) if self.task.is_expected else self.counted

    @property
    def differences(self) -> tuple[str, ...]:
        """Everything that needs a reason, in the order it is asked."""
        if not self.task.asks_why:
            return ()
        counted = () if self.counted in (None, len(self.taken) + self._seen_besides) else ("count",)
        return (*self.missing, *self.unexpected, *counted)

    @property
    def _seen_besides(self) -> int:
        return len(self.unexpected) if not self.task.request else 0

    @property
    def open_difference(self) -> str | None:
        """The first difference without a reason."""
        return next((one for one in self.differences if one not in self.reasons), None)

    @property
    def reason(self) -> Reason | None:
        """The one reason that the record takes for all of them."""
        given = [self.reasons[one] for one in self.differences if one in self.reasons]
        return None if not given else given[0] if len(set(given)) == 1 else Reason.OTHER

    def request(self, *, actor: str, station: str, event_id: str) -> dict[str, Json]:
        """The one request for the whole set."""
        data: dict[str, Json] = {
            "request": self.task.request,
            "event_id": event_id,
            "actor": actor,
            "station": station,
            **self.fields(),
        }
        return data if self.reason is None else {**data, "reason": self.reason.value}

    def fields(self) -> dict[str, Json]:
        """What was scanned, as the request has it."""
        data: dict[str, Json] = {}
        if self.task is INSPECT:
            data["results"] = [
                {"unit": _read(one.code, one.mode), **self._result(one.unit)} for one in self.taken.values()
            ]
        else:
            read = (*self.taken.values(), *(self.unexpected.values() if self.task.counts else ()))
            unknown = [_read(*one) for one in self.codes.values()]
            data["units"] = [*(_read(one.code, one.mode) for one in read), *unknown]
        if self.task is COUNT and self.place is not None:
            data["location"] = self.place.object_id
            data["goes_on"] = self.goes_on
        elif self.place is not None:
            name = "location" if self.task.place is Found.LOCATION else "box"
            data[name] = _read(self.place.code, self.place.mode)
        if self.has_positions:
            data["positions"] = [self.positions[unit] for unit in self.taken]
        if self.task is PACK and self.counted is not None:
            data["tally"] = self.counted
        return data

    def _result(self, unit: str) -> dict[str, Json]:
        if unit not in self.faults:
            return {"result": InspectionResult.ACCEPT.value}
        return {"result": InspectionResult.QUARANTINE.value, "faults": [self.faults[unit].value]}

    def keep(self, judged: Mapping[str, RackItem]) -> tuple[str, ...]:
        """Drop what the rules would refuse by now; gives why, unit by unit."""
        gone = []
        for unit, item in judged.items():
            if unit in self.taken and item.violation is not None:
                gone.append(item.violation.message)
            elif unit in self.taken and self._has_left(item):
                gone.append(tr("{unit} is no longer there by the record.", unit=unit))
            else:
                continue
            self._turn_down(unit, gone[-1], self.taken[unit].at)
            self._drop(unit)
        return tuple(gone)

    def _has_left(self, item: RackItem) -> bool:
        """Whether somebody else has taken the unit out since it was scanned."""
        if self.place is None or self.task in (PUT_AWAY, PACK) or self.task.counts:
            return False
        is_location = self.task.place is Found.LOCATION
        return (item.location if is_location else item.box) != self.place.object_id

    def clear(self) -> None:
        """Forget the set and its place, with which the next begins; what is not settled stays."""
        self.taken.clear()
        self.unexpected.clear()
        self.reasons.clear()
        self.faults.clear()
        self.judging = self.at_fault = None
        self.place, self.expected, self.counted, self.in_hand = None, (), None, None
        self.refused = self.again = 0
        self.grid, self.said, self.goes_on = None, None, False
        self.lies.clear()
        self.shown.clear()
        self.positions.clear()
        self.codes.clear()

    def words(self) -> tuple[str, ...]:
        """The tally in one line, for a lock or a change of hands."""
        if self.is_empty:
            return ()
        at = (" " + tr("at {title}", title=self.place.title)) if self.place else ""
        missing = tr(", {count} missing", count=len(self.missing)) if self.task.is_expected else ""
        return (
            tr(
                "{title}{at}: {count} scanned{missing}, not signed",
                title=self.task.title,
                at=at,
                count=len(self.taken),
                missing=missing,
            ),
        )


def is_check(item: RackItem) -> bool:
    """Whether the rule that refuses it only says look: already done."""
    return item.violation is not None and item.violation.answer is ScanAnswer.CHECK


def _read(code: str, mode: ReadMode) -> dict[str, Json]:
    return {"code": code, "mode": mode.value}


def units_of(rows: Iterable[tuple[str, str | None]]) -> tuple[str, ...]:
    """The units of a place that have not ended: pairs of unit and final disposition."""
    return tuple(unit for unit, final in rows if final is None)
