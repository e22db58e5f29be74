"""Reviews of a trail: somebody read it and signs for it (21 CFR 11.10(e), EU GMP Annex 11 no. 9)."""

from __future__ import annotations

from typing import ClassVar, Final

from pydantic import Field

from schema.commitments import Commitment
from schema.events.base import COUNT_MAX, EventId, Payload, Sha256, Value, WholeNumber, Word
from schema.vocabulary import FindingWord, ReviewOutcome

FINDINGS_MAX: Final = 1000
"""Answers in one review; what was explained in an earlier one is not asked again."""


class FindingAnswer(Value):
    """What the reviewer says of one finding: why it is in order, or what is not."""

    check: Word
    entry: WholeNumber | None = Field(default=None, ge=0, le=COUNT_MAX)
    """The sequence of the entry that it is about; None for one about the therapy as it stands."""

    finding: Commitment
    """The finding as the reviewer read it."""

    answer: FindingWord
    remark: Commitment


class TrailReviewed(Payload):
    """A therapy's trail was read to an entry, gaps first: what was found, and what is to be said of it.

    The comment on the whole is its remark.
    """

    kind: ClassVar[str] = "trail_reviewed"
    through: WholeNumber = Field(ge=0, le=COUNT_MAX)
    """The sequence of the last entry that was read."""

    event: EventId
    """That entry's event."""

    digest: Sha256
    """That entry's statement digest: its receipt says the same."""

    outcome: ReviewOutcome
    answers: tuple[FindingAnswer, ...] = Field(default=(), max_length=FINDINGS_MAX)
    """One for each finding that no earlier review has explained."""
