"""The identity checks of a therapy: who compared which identifiers, off which carriers, how read, when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from schema.entry import Read
from schema.events.identity import MixupOccurred, MixupPrevented
from tracker.exports.dossiers import Dossier, DossierEvent, local
from tracker.exports.report.form import signed_lines

IDENTIFYING: Final = (
    "coi",
    "patient",
    "unit",
    "units",
    "parents",
    "cassette",
    "din",
    "label",
    "code",
    "codes",
    "certificate",
)
"""Fields of reads that say whose cells these are; a box, a seal or a place says it of nobody."""

_WORDS: Final = {"coi": "COI", "din": "DIN", "patient": "patient identifier"}


def identity_lines(dossier: Dossier) -> Iterator[dict[str, Any]]:
    """A line for each event at which two identifiers were compared, and for each mix-up."""
    for event in dossier.events:
        payload = event.entry.statement.payload
        compared = {read.field for read in event.entry.statement.reads if read.field in IDENTIFYING}
        is_mixup = isinstance(payload, (MixupPrevented, MixupOccurred))
        if is_mixup or len(compared) > 1:
            yield _line(dossier, event, _outcome(event))


def _outcome(event: DossierEvent) -> str:
    payload = event.entry.statement.payload
    if isinstance(payload, MixupPrevented):
        return f"STOPPED: another patient's code as {payload.field.replace('_', ' ')}"
    if isinstance(payload, MixupOccurred):
        return f"MIX-UP: another patient's code as {payload.field.replace('_', ' ')}"
    return "agree"


def _line(dossier: Dossier, event: DossierEvent, outcome: str) -> dict[str, Any]:
    statement = event.entry.statement
    when = local(statement.occurred_at, statement.offset)
    return {
        "number": str(event.entry.sequence),
        "when": f"{when:%Y-%m-%d %H:%M:%S} {statement.offset}",
        "what": event.row.title,
        "place": f"{statement.site}, {statement.station}",
        "compared": [_compared(read) for read in statement.reads if read.field in IDENTIFYING]
        or list(_mixed_up(event)),
        "signed": signed_lines(dossier, event.entry) or [f"{event.row.actor}, unsigned"],
        "outcome": outcome,
    }


def _mixed_up(event: DossierEvent) -> Iterator[str]:
    """What was expected and what was read: another's code stands in no chain but as a commitment."""
    payload = event.entry.statement.payload
    if isinstance(payload, (MixupPrevented, MixupOccurred)):
        field = _WORDS.get(payload.field) or payload.field.replace("_", " ").removesuffix("s")
        yield f"at the step {payload.step.replace('_', ' ')}: expected the {field} of this therapy"
        yield "read another's (committed, not in clear)"


def _compared(read: Read) -> str:
    code = read.code if isinstance(read.code, str) else "(committed, not in clear)"
    words = _WORDS.get(read.field) or read.field.replace("_", " ").removesuffix("s")
    return f"{words} {code} off {read.carrier.replace('_', ' ')}, {read.mode.value}"
