"""Trails as a report for people who read on paper: PDF/A-3b, the machine-readable trail embedded in it.

Words reach Typst only as JSON in `sys_inputs`, never as Typst source, so no text can be a command.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from labels.symbols import symbol
from tracker.concerns import SpeaksOf
from tracker.evidence.verification.verdict import StepOutcome, StepVerdict, Verification
from tracker.exports.disclosure import Disclosure
from tracker.exports.dossiers import Dossier, dossiers
from tracker.exports.epcis.document import write_epcis
from tracker.exports.epcis.events import OWN_URIS
from tracker.exports.gaps import Gap, OfStore, gaps_of, of_store
from tracker.exports.report.drawable import clean
from tracker.exports.report.outcome import counted
from tracker.exports.report.sections import section_of
from tracker.exports.report.shipments import shipments_of
from tracker.exports.report.typesetting import typeset, typeset_apart
from tracker.exports.report.volumes import volumes_of
from tracker.exports.trails import Trails
from tracker.exports.uris import Uris
from tracker.exports.wording import Heading, heading_of

_OUTCOMES: Final = {
    StepOutcome.HOLDS: "holds",
    StepOutcome.FINDING: "FINDING",
    StepOutcome.NOT_CHECKED: "not checked",
}
_VERDICTS: Final = {
    0: ("VERIFIED", "The record is what was recorded, as far as the checks below can see."),
    4: ("NOT TO BE TRUSTED", "Verification found what cannot be in a sound record. See the findings below."),
    6: (
        "INCOMPLETE",
        "Nothing is wrong, but something that the record promises is missing or not understood.",
    ),
}
_FINDINGS_MAX: Final = 5


def report(
    trails: Trails,
    disclosure: Disclosure,
    verdict: Verification,
    asked_by: str = "",
    uris: Uris = OWN_URIS,
) -> Iterator[bytes]:
    """The PDF of these trails, volume after volume; the same contents and time give the same bytes."""
    heading = heading_of(trails, disclosure, asked_by)
    found = list(dossiers(trails, disclosure))
    shown = [one for one in found if one.events]
    if shown and len(shown) < len(found):
        # Of many therapies only those are a matter of this report that have an event in it.
        heading, found = replace(heading, chains=tuple(one.chain for one in shown)), shown
    volumes = list(volumes_of(found))
    for number, volume in enumerate(volumes, start=1):
        yield set_report(
            replace(heading, volume=number, volumes=len(volumes)),
            volume,
            uris,
            verdict=verdict,
            known=of_store(trails.opened, volume),
            setter=typeset if len(volumes) == 1 else typeset_apart,
        )


def set_report(
    heading: Heading,
    found: Sequence[Dossier],
    uris: Uris = OWN_URIS,
    *,
    verdict: Verification | None = None,
    known: OfStore | None = None,
    setter: Callable[[Any, Mapping[str, str], datetime], bytes] = typeset,
) -> bytes:
    """The PDF of dossiers; without a verdict it says that it lies beside the evidence, which is checked."""
    epcis = io.BytesIO()
    write_epcis(found, heading, epcis, uris)
    gaps = gaps_of(found, heading.standing_at, known)
    job = clean(
        {
            "title": heading.title,
            "purpose": heading.purpose.value,
            "about": [list(line) for line in heading.lines() if line[1] != heading.title],
            "notice": heading.notice,
            "at": list(heading.at.timetuple()[:6]),
            "head": None if heading.head is None else _code(heading.head.text),
            "verdict": None if verdict is None else _verdict(verdict),
            "gaps": [_gap(one) for one in gaps],
            "standing": f"As it stood on {heading.standing_at:%Y-%m-%d %H:%M} UTC",
            "standing-short": "then" if heading.notice else "today",
            "shipments": shipments_of(found) if heading.shipment else [],
            "therapies": [_with_code(section_of(one, heading.standing_at)) for one in found],
            "counted": counted(gaps),
            "names": heading.disclosure.names,
        }
    )
    attached = {"epcis": epcis.getvalue().decode()}
    if heading.disclosure.names:
        # The stored entries carry the printed names, which their signatures cover.
        attached["entries"] = "".join(
            f"{event.entry.body.decode()}\n" for one in found for event in one.events
        )
    return setter(job, attached, heading.at)


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "title": gap.title,
        "today": gap.speaks_of is SpeaksOf.TODAY,
        "grave": gap.is_grave,
        "findings": gap.findings,
        "note": gap.note,
    }


def _verdict(verdict: Verification) -> dict[str, Any]:
    word, sentence = _VERDICTS[verdict.exit_code]
    return {
        "word": word,
        "sentence": sentence,
        "entries": verdict.entries,
        "chains": verdict.chains,
        "steps": [
            [str(step.number), step.title, _OUTCOMES[step.outcome], "; ".join(_said(step))]
            for step in verdict.steps
        ],
        "unchecked": verdict.unchecked,
    }


def _said(step: StepVerdict) -> Iterator[str]:
    for one in (*step.findings, *step.gaps)[:_FINDINGS_MAX]:
        yield str(one)
    left = step.found + step.missed - _FINDINGS_MAX
    if left > 0:
        yield f"and {left} more"
    yield from step.notes[:_FINDINGS_MAX]


def _code(text: str) -> dict[str, Any]:
    return {"text": text, "svg": symbol(text).svg()}


def _with_code(section: dict[str, Any]) -> dict[str, Any]:
    text = section["receipt"]
    return {**section, "receipt": None if text is None else _code(text)}
