"""One use of a box, shipper or data logger: for which cells, and from when until when."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class EquipmentUse(Struct, frozen=True):
    """Cells of one therapy in one closed box, with or without a logger."""

    coi: str
    event_id: str
    box: str
    shipment: str
    units: tuple[str, ...]
    packed_at: datetime
    packed_by: str
    inside: frozenset[str]
    """The units that are still in the box."""

    opened_at: datetime | None = None
    """When the last of them came out of it; None while any is in it."""

    def reaches(self, since: datetime | None) -> bool:
        """Whether cells were in it at that time or later."""
        return since is None or self.opened_at is None or self.opened_at > since
