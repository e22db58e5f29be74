"""What every export says of itself: which log, which therapies, which choice, when, and by what head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schema.instants import format_instant
from schema.papercodes import HeadCode
from schema.vocabulary import ObjectType, Purpose
from tracker.exports.disclosure import Disclosure
from tracker.exports.trails import Trails

NAMED_MAX: Final = 30
"""Therapies that the heading names one by one."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The facts about one export."""

    origin: str
    purpose: Purpose
    chains: tuple[str, ...]
    chosen: str
    """Which events of these chains, in words."""

    disclosure: Disclosure
    at: datetime
    head: HeadCode | None
    """The newest signed head of the log; None before the first checkpoint."""

    notice: str = ""
    asked_by: str = ""
    shipment: str = ""
    """The shipment or box it is about; empty for whole therapies."""

    volume: int = 1
    volumes: int = 1
    known_at: datetime | None = None
    """The moment of the earlier state that is shown; None for the record as it is."""

    @property
    def standing_at(self) -> datetime:
        """The moment of which checks speak that are about therapies as they stand."""
        return self.known_at or self.at

    @property
    def title(self) -> str:
        """The name of the export, with its volume where there are several."""
        volume = f", volume {self.volume} of {self.volumes}" if self.volumes > 1 else ""
        return f"Chain of custody of {self._about}{volume}"

    @property
    def _about(self) -> str:
        if self.shipment:
            word = "box" if self.shipment.startswith(ObjectType.BOX.value) else "shipment"
            return f"{word} {self.shipment}"
        return f"therapy {self.chains[0]}" if len(self.chains) == 1 else f"{len(self.chains)} therapies"

    def lines(self) -> Iterator[tuple[str, str]]:
        """Names and values, one pair a line; what is empty is left out."""
        yield "Export", self.title
        yield "Store", f"{self.origin} ({self.purpose.value})"
        yield "Therapies", _listed(self.chains)
        yield "Events", self.chosen
        if self.volumes > 1:
            yield "Volume", f"{self.volume} of {self.volumes}; its checks speak of the events in it"
        if self.notice:
            yield "Earlier state", f"the record {self.notice}"
        yield "Chosen to be open", self.disclosure.stated()
        yield "Exported at", format_instant(self.at)
        if self.asked_by:
            yield "Exported by", self.asked_by
        yield "Head of the log", self.head.text if self.head else "none: no checkpoint was signed yet"


def heading_of(trails: Trails, disclosure: Disclosure, asked_by: str = "") -> Heading:
    """The facts about an export of these trails, now."""
    registry = trails.opened.registry
    return Heading(
        registry.origin,
        registry.purpose,
        tuple(trails.chains),
        _chosen(trails),
        disclosure,
        trails.opened.clock.now(),
        trails.head or trails.opened.log.head(),
        trails.notice() or "",
        asked_by,
        trails.selection.shipment or "",
        known_at=None if trails.as_of is None else trails.as_of.recorded_by,
    )


def _listed(chains: tuple[str, ...]) -> str:
    """All of them, or how many there are where nobody would read their names."""
    shown = ", ".join(chains[:NAMED_MAX])
    left = len(chains) - NAMED_MAX
    return f"{shown} and {left} more, each named where it begins" if left > 0 else shown


def _chosen(trails: Trails) -> str:
    selection = trails.selection
    parts = [
        f"about {selection.shipment}" if selection.shipment else "",
        f"marked {', '.join(selection.marked).replace('_', ' ')}" if selection.marked else "",
        f"at {selection.site}" if selection.site else "",
        f"from {selection.since.isoformat()}" if selection.since else "",
        f"to {selection.until.isoformat()}" if selection.until else "",
    ]
    return "only those " + " ".join(part for part in parts if part) if any(parts) else "all"
