"""From the arguments of `cartrail label` to what is printed: which label of an object is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from schema.errors import InputError, OtherLog
from schema.vocabulary import ObjectType
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from labels.content import Content
    from tracker.tracker import Tracker


class Which(StrEnum):
    """Which of an object's papers is meant; the option of the same name chooses it."""

    USUAL = "usual"
    SLIP = "slip"
    PACKING_LIST = "packing-list"
    CASSETTE = "cassette"
    TIE_TAG = "tie-tag"
    SYRINGE = "syringe"
    EQUIPMENT = "equipment"
    DOWNTIME = "downtime"
    POSITIONS = "positions"


_CHOSEN = (Which.CASSETTE, Which.TIE_TAG, Which.EQUIPMENT)
"""Options that are called like the design they choose."""


class Assembler:
    """Makes the contents that one person at one station prints."""

    def __init__(self, tracker: Tracker, session: CommandSession, which: Which, stage: str | None) -> None:
        self._tracker = tracker
        self._which = which
        self._stage = stage
        self._station = session.station_in(tracker)
        self._staff = session.staff
        registry = tracker.registry
        person, station = registry.person(self._staff), registry.station(self._station)
        if person is None or not person.active:
            raise InputError(f"There is nobody active with the staff id {self._staff}.", code="unknown_staff")
        if station is None or station.retired:
            raise InputError(f"There is no station {self._station} in use.", code="unknown_station")

    def cards(self, *, command: bool, steps: bool, scanner: bool) -> Iterator[Content]:
        """The cards that are of no object."""
        if command:
            yield self._tracker.labels.card("command-card", self._station)
        if steps:
            yield from self._tracker.labels.step_cards(self._station)
        if scanner:
            yield self._tracker.labels.card("scanner-card", self._station)

    def contents(self, text: str, copies: int) -> Iterator[Content]:
        """What is printed for one argument."""
        if text.startswith("slip:"):
            yield self._handoff(event_id=text.removeprefix("slip:"))
            return
        object_id = self._object_id(text)
        self._require_fit(object_id)
        if self._which is Which.SLIP:
            yield self._handoff(box=object_id)
            return
        if self._which is Which.PACKING_LIST:
            who, where = self._staff, self._station
            yield self._tracker.labels.packing_list(staff=who, station=where, box=object_id)
            return
        if self._which is Which.DOWNTIME:
            yield self._form(object_id)
            return
        if self._which is Which.POSITIONS:
            yield from self._tracker.labels.position_sheets(object_id)
            return
        for one in self._meant(object_id):
            for _ in range(copies):
                yield self._label(one)

    def _require_fit(self, object_id: str) -> None:
        """Raise InputError where the option chooses a label that this kind of object never has."""
        fitting = {
            Which.SLIP: (ObjectType.BOX,),
            Which.PACKING_LIST: (ObjectType.BOX,),
            Which.EQUIPMENT: (ObjectType.BOX, ObjectType.DATA_LOGGER, ObjectType.INSTRUMENT),
            Which.CASSETTE: (ObjectType.UNIT, ObjectType.CASSETTE),
            Which.TIE_TAG: (ObjectType.UNIT,),
            Which.SYRINGE: (ObjectType.UNIT,),
            Which.DOWNTIME: (ObjectType.COI,),
            Which.POSITIONS: (ObjectType.LOCATION,),
        }.get(self._which)
        is_person = self._tracker.registry.person(object_id) is not None
        if fitting and (is_person or object_id[0] not in [one.value for one in fitting]):
            wanted = " or ".join(one.name.lower().replace("_", " ") for one in fitting)
            raise InputError(
                f"--{self._which.value} is for a {wanted}; {object_id} is not one.", code="wrong_label"
            )

    def _meant(self, object_id: str) -> tuple[str, ...]:
        return self._tracker.labels.syringes_of(object_id) if self._which is Which.SYRINGE else (object_id,)

    def _handoff(self, *, event_id: str | None = None, box: str | None = None) -> Content:
        return self._tracker.labels.slip(station=self._station, event_id=event_id, box=box)

    def _form(self, coi: str) -> Content:
        """A form is noted as out before it is on paper, so that none can be lost unseen."""
        by = {"staff": self._staff, "station": self._station}
        form = self._tracker.forms.make(coi, stage=self._stage, **by)
        self._tracker.forms.issue(form, **by)
        return form

    def _object_id(self, text: str) -> str:
        """The id of an object or the staff id; raises for codes of other stores and other issuers."""
        from schema.identifiers import is_object_id, purpose_of

        if self._tracker.registry.person(text) is not None:
            return text
        resolution = self._tracker.read.lookup(code=text).resolution
        object_id = resolution.unit or resolution.coi or resolution.object_id or ""
        if resolution.object_id is not None and is_object_id(resolution.object_id):
            object_id = resolution.object_id
        if not is_object_id(object_id):
            raise InputError(
                f"{resolution.text[:40]} stands for nothing that has a label here.",
                remedy="Give one of our codes or ids, or a staff id.",
                code="unknown_object",
            )
        if purpose_of(object_id) is not self._tracker.purpose:
            raise OtherLog(resolution.note)
        return object_id

    def _label(self, object_id: str) -> Content:
        """The label that the option chooses, or the usual one of the object."""
        design = self._which.value if self._which in _CHOSEN else None
        return self._tracker.labels.label(object_id, self._staff, self._station, design=design)


def one_of(chosen: Sequence[Which]) -> Which:
    """The one paper that the options choose; two at once mean none of them."""
    if len(chosen) > 1:
        names = " and ".join(f"--{one.value}" for one in chosen)
        raise InputError(f"{names} choose different papers.", remedy="Give one of them.", code="two_papers")
    return chosen[0] if chosen else Which.USUAL
