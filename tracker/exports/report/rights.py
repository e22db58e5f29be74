"""The list of rights of a day on paper, to be read and signed by quality."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tracker.exports.report.drawable import clean
from tracker.exports.report.typesetting import typeset
from tracker.exports.rights import RightsLine, RightsList
from tracker.rules.registry_state import RegistryState

_HEADINGS: Final = (
    "Staff", "Name", "Role", "Site", "From", "Until", "Training", "Training until", "Granted by", "State",
    "Key",
)  # fmt: skip


def rights_report(found: RightsList, registry: RegistryState, asked_by: str, at: datetime) -> bytes:
    """The PDF of a day's rights; the same list, reader and time give the same bytes."""
    day = found.day.isoformat()
    about = [
        f"The registry up to its entry {found.registry_sequence}; {len(found.lines)} rights.",
        f"{found.last_review} Made for {asked_by or 'nobody who was named'}.",
    ]
    job = {
        "title": f"Who held which role on {day}",
        "purpose": registry.purpose.value,
        "origin": registry.origin,
        "at": list(at.timetuple()[:6]),
        "about": about,
        "headings": list(_HEADINGS),
        "rows": [_row(line) for line in found.lines],
    }
    return typeset(clean(job), {}, at, template="rights.typ")


def _row(line: RightsLine) -> list[str]:
    resets = f"; {line.resets} resets" if line.resets > 1 else ""
    return [
        line.staff,
        line.name,
        line.role.replace("_", " "),
        line.site,
        line.valid_from,
        line.valid_until or "open",
        line.training,
        line.training_until or "open",
        line.granted_by,
        line.state,
        f"{line.key}{resets}",
    ]
