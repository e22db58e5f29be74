"""What the labels read so far come to, before anybody signs: refused at once, or so many of so many."""

from __future__ import annotations

from typing import Final

from schema.events.adoption import CodesBound
from tracker.answers import Answer as Outcome
from tracker.values import Proposal
from tui.language import tr
from tui.words import spoken

FIELD: Final = "codes"

AT_ONCE: Final = frozenset(
    {
        *("not_on_manifest", "other_container", "wrong_kind", "wrong_material", "code_taken"),
        *("no_manifest", "other_purpose", "mixup"),
    }
)
"""Refusals that no further label would undo; the others wait until all labels are read."""


def refused_at_once(outcome: Proposal | Outcome | None) -> Outcome | None:
    """The refusal of the label just read; None when it may stay."""
    if isinstance(outcome, Proposal) or outcome is None or outcome.problem is None:
        return None
    return outcome if outcome.problem.error in AT_ONCE else None


def tally_words(outcome: Proposal | Outcome | None) -> str:
    """How many codes of the manifest were read, and which are still missing."""
    if not isinstance(outcome, Proposal):
        return ""
    payload = outcome.decided.statements[0].payload
    if not isinstance(payload, CodesBound):
        return ""
    missing = ", ".join(
        tr("{type} of {issuer}", type=spoken(one.type.value), issuer=one.issuer) for one in payload.missing
    )
    words = tr("{count} on the manifest", count=len(payload.codes))
    return (
        tr("{words}; missing: {missing}", words=words, missing=missing)
        if missing
        else tr("{words}, none missing", words=words)
    )
