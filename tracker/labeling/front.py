"""The labels of the front door: labels, cards and handoff slips of one open store."""

from __future__ import annotations

from labels.content import LabelContent
from labels.papers.slip import HandoffSlip
from schema.vocabulary import Material
from tracker.labeling.labels import blank_label, card_for, label_for
from tracker.labeling.places import is_packed
from tracker.labeling.slips import handoff_slip
from tracker.labeling.units import new_cassette_id, syringes_of
from tracker.open_store import OpenStore


class Labels:
    """Labels, cards and slips of one open store, ready to be printed."""

    def __init__(self, opened: OpenStore) -> None:
        self._opened = opened

    def label(
        self,
        object_id: str,
        staff: str,
        station: str,
        *,
        design: str | None = None,
        cassette: str | None = None,
        preview: bool = False,
    ) -> LabelContent:
        """The usual label of an object, or the one of a design, with its next copy (`label_for`)."""
        return label_for(
            self._opened, object_id, staff, station, design=design, cassette=cassette, preview=preview
        )

    def card(self, design: str, station: str) -> LabelContent:
        """A card of command codes or for setting scanners, for the site of a station."""
        return card_for(self._opened, design, station)

    def blank(self, unit_id: str, material: Material, site: str, staff: str, station: str) -> LabelContent:
        """A label with a fresh unit id that belongs to no therapy before it is scanned."""
        return blank_label(self._opened, unit_id, material, site, staff, station)

    def slip(self, *, station: str, event_id: str | None = None, box: str | None = None) -> HandoffSlip:
        """The slip of a handoff, by the event that gave it or by the box that was given last."""
        return handoff_slip(self._opened, station=station, event_id=event_id, box=box)

    def is_packed(self, box: str) -> bool:
        """Whether units are in a box, so that it has an outer label."""
        return is_packed(self._opened, box)

    def new_cassette_id(self) -> str:
        """An id for a cassette whose label is printed before a unit is bound to it."""
        return new_cassette_id(self._opened)

    def syringes_of(self, unit_id: str) -> tuple[str, ...]:
        """The syringes that were drawn from a unit."""
        return syringes_of(self._opened, unit_id)
