"""What every export says of itself: which log, which therapies, which choice, when, and by what head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schema.instants import format_instant
from schema.papercodes import HeadCode
from schema.vocabulary import Purpose
from tracker.exports.sharing import Sharing
from tracker.exports.trails import Trails


@dataclass(frozen=True, slots=True)
class Heading:
    """The facts about one export."""

    origin: str
    purpose: Purpose
    chains: tuple[str, ...]
    chosen: str
    """Which events of these chains, in words."""

    sharing: Sharing
    at: datetime
    head: HeadCode | None
    """The newest signed head of the log; None before the first checkpoint."""

    notice: str = ""
    asked_by: str = ""

    @property
    def title(self) -> str:
        """The name of the export."""
        if len(self.chains) == 1:
            return f"Chain of custody of therapy {self.chains[0]}"
        return f"Chain of custody of {len(self.chains)} therapies"

    def lines(self) -> Iterator[tuple[str, str]]:
        """Names and values, one pair a line; what is empty is left out."""
        yield "Export", self.title
        yield "Store", f"{self.origin} ({self.purpose.value})"
        yield "Therapies", ", ".join(self.chains)
        yield "Events", self.chosen
        if self.notice:
            yield "Earlier state", f"the record {self.notice}"
        yield "Chosen to be open", self.sharing.stated()
        yield "Exported at", format_instant(self.at)
        if self.asked_by:
            yield "Exported by", self.asked_by
        yield "Head of the log", self.head.text if self.head else "none: no checkpoint was signed yet"


def heading_of(trails: Trails, sharing: Sharing, asked_by: str = "") -> Heading:
    """The facts about an export of these trails, now."""
    registry = trails.tracker.registry
    return Heading(
        registry.origin,
        registry.purpose,
        tuple(trails.chains),
        _chosen(trails),
        sharing,
        trails.tracker.clock.now(),
        trails.tracker.log.head(),
        trails.notice() or "",
        asked_by,
    )


def _chosen(trails: Trails) -> str:
    selection = trails.selection
    parts = [
        f"at {selection.site}" if selection.site else "",
        f"from {selection.since.isoformat()}" if selection.since else "",
        f"to {selection.until.isoformat()}" if selection.until else "",
    ]
    return "only those " + " ".join(part for part in parts if part) if any(parts) else "all"
