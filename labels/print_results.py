"""How a print job ended: what is certain about the paper, for the label ledger and the person beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What is certain about the paper."""

    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrintResult:
    """How a print job ended, for the label ledger and for the person beside the printer."""

    outcome: Outcome
    code: str
    message: str
    remedy: str = ""
    count: int = 0
    """How many labels the job had."""
