"""What a verification says: numbered steps that hold, have findings, or could not be checked, because."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from schema.canonical import Json
from schema.entry import REGISTRY
from schema.errors import EvidenceMissing, IntegrityFailure
from schema.instants import format_instant

KEPT_MAX: Final = 1_000
"""Findings kept of each step; of a store that is wrong throughout, the rest is only counted."""

_MESSAGE_MAX: Final = 400


class Check(IntEnum):
    """The steps in the order in which each rests on those before it."""

    FORM = 1
    CANONICAL = 2
    SEQUENCE = 3
    PREVIOUS = 4
    DIGEST = 5
    REGISTRY_HEAD = 6
    SIGNATURES = 7
    LEAVES = 8
    TREE = 9
    CHECKPOINTS = 10
    COSIGNATURES = 11
    CONSISTENCY = 12
    PAPER = 13
    COMMITMENTS = 14
    READ_TABLES = 15
    LINKS = 16
    LIMITS = 17
    KEPT_HEADS = 18
    GUARDS = 19
    ATTACHMENTS = 20


TITLES: Final[Mapping[Check, str]] = {
    Check.FORM: "Each entry has the form of its kind",
    Check.CANONICAL: "Each entry is in canonical form",
    Check.SEQUENCE: "Each chain is gap-free from 0, without doubles",
    Check.PREVIOUS: "Each entry names the entry before it",
    Check.DIGEST: "Stored digests and ids are those of the bytes",
    Check.REGISTRY_HEAD: "Each entry names a registry head of its time",
    Check.SIGNATURES: "Signatures fit, by keys that counted",
    Check.LEAVES: "Each entry is one leaf of the log, in order, or waits for it",
    Check.TREE: "Stored subtree hashes are those of the bytes",
    Check.CHECKPOINTS: "Checkpoints are signed by the log, with keys that counted",
    Check.COSIGNATURES: "Cosignatures fit, by keys that counted",
    Check.CONSISTENCY: "The log begins with that of each checkpoint",
    Check.PAPER: "Heads and receipts from outside",
    Check.COMMITMENTS: "What is held opens its commitments",
    Check.READ_TABLES: "Read tables are what the entries replay to",
    Check.LINKS: "What an entry answers is there as it says",
    Check.LIMITS: "Steps kept their limits, or say that they did not",
    Check.KEPT_HEADS: "The log continues what this machine signed last",
    Check.GUARDS: "Append-only guards are in place",
    Check.ATTACHMENTS: "Files that entries name are held",
}


class StepOutcome(StrEnum):
    """How one step ended."""

    HOLDS = "holds"
    FINDING = "finding"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong or not there, and the entry it was seen at."""

    chain: str
    """Empty for what belongs to no chain, such as a guard."""

    sequence: int | None
    step: int
    message: str

    def __str__(self) -> str:
        place = self.chain if self.sequence is None else f"{self.chain} {self.sequence}"
        return f"{place}: {self.message}" if place else self.message

    def to_json(self) -> Mapping[str, Json]:
        """The finding as `verify --json` writes it."""
        return {
            "chain": self.chain,
            "sequence": self.sequence,
            "step": self.step,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """The verdict of one step; of very many findings the first are kept and all are counted."""

    number: int
    title: str
    outcome: StepOutcome
    findings: tuple[Finding, ...] = ()
    """What is wrong: the record cannot be trusted."""

    gaps: tuple[Finding, ...] = ()
    """What the record promises or somebody asked for, and is not there, not understood or not checkable."""

    notes: tuple[str, ...] = ()
    found: int = 0
    missed: int = 0

    def to_json(self) -> Mapping[str, Json]:
        """The step as `verify --json` writes it."""
        return {
            "number": self.number,
            "title": self.title,
            "outcome": self.outcome.value,
            "findings": [finding.to_json() for finding in self.findings],
            "gaps": [gap.to_json() for gap in self.gaps],
            "notes": list(self.notes),
            "found": self.found,
            "missed": self.missed,
        }


@dataclass(frozen=True, slots=True)
class WaitingEntries:
    """The entries that the Merkle tree has not taken in."""

    count: int
    oldest: datetime | None
    seconds: int | None
    """The age of the oldest, by the clock of this machine; None where nothing waits."""


@dataclass(frozen=True, slots=True)
class ReceiptPlace:
    """Where the statement stands that a receipt is of."""

    code: str
    chain: str
    sequence: int
    pending: bool = False
    """Whether no checkpoint covers it yet; it is recorded all the same."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The whole verdict; `exit_code` is that of the command."""

    origin: str
    purpose: str
    entries: int
    chains: int
    steps: tuple[StepVerdict, ...]
    unchecked: tuple[str, ...]
    """What this verification cannot see, said so that nobody takes it for seen."""

    waiting: WaitingEntries
    receipts: tuple[ReceiptPlace, ...] = ()

    @property
    def exit_code(self) -> int:
        """4 for a finding, else 6 for what is missing, not understood or was asked for in vain, else 0."""
        if any(step.findings for step in self.steps):
            return IntegrityFailure.exit_code
        return EvidenceMissing.exit_code if any(step.gaps for step in self.steps) else 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong, by step."""
        return tuple(finding for step in self.steps for finding in step.findings)

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """Everything that is missing, by step."""
        return tuple(gap for step in self.steps for gap in step.gaps)

    def to_json(self) -> Mapping[str, Json]:
        """The verdict as `verify --json` writes it."""
        oldest = self.waiting.oldest
        receipts: list[Json] = [
            {
                "code": place.code,
                "chain": place.chain,
                "sequence": place.sequence,
                "pending": place.pending,
            }
            for place in self.receipts
        ]
        return {
            "exit_code": self.exit_code,
            "origin": self.origin,
            "purpose": self.purpose,
            "entries": self.entries,
            "chains": self.chains,
            "steps": [step.to_json() for step in self.steps],
            "unchecked": list(self.unchecked),
            "pending": {
                "count": self.waiting.count,
                "oldest": None if oldest is None else format_instant(oldest),
                "seconds": self.waiting.seconds,
            },
            "receipts": receipts,
        }


def printable(text: str, limit: int = _MESSAGE_MAX) -> str:
    """The text as a terminal can take it: what a forger wrote must not move the cursor."""
    shown = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= limit else f"{shown[: limit - 3]}..."


class Journal:
    """Collects what the steps see, in little memory however much it is."""

    def __init__(self) -> None:
        self._findings: dict[Check, list[Finding]] = {check: [] for check in Check}
        self._gaps: dict[Check, list[Finding]] = {check: [] for check in Check}
        self._notes: dict[Check, list[str]] = {check: [] for check in Check}
        self._counted: Counter[tuple[Check, bool]] = Counter()
        self._skipped: dict[Check, str] = {}

    def found(self, check: Check, chain: str, sequence: int | None, message: str) -> None:
        """Something is wrong."""
        self._put(self._findings, check, chain, sequence, message, gap=False)

    def missed(self, check: Check, chain: str, sequence: int | None, message: str) -> None:
        """Something that was promised or asked for is not there, or not understood."""
        self._put(self._gaps, check, chain, sequence, message, gap=True)

    def note(self, check: Check, text: str) -> None:
        """Something worth saying that is neither."""
        self._notes[check].append(text)

    def skip(self, check: Check, why: str) -> None:
        """There was nothing to do this step with."""
        self._skipped[check] = why

    @property
    def has_findings(self) -> bool:
        """Whether anything is wrong so far."""
        return any(self._findings.values())

    @property
    def count(self) -> int:
        """How much was found wrong or missing so far."""
        return self._counted.total()

    def merge(self, other: Journal) -> None:
        """Take over what another journal has, as if it had been seen after all that is here."""
        for kept, fresh in ((self._findings, other._findings), (self._gaps, other._gaps)):
            for check, found in fresh.items():
                kept[check] += found[: KEPT_MAX - len(kept[check])]
        for check, notes in other._notes.items():
            self._notes[check] += notes
        self._counted.update(other._counted)
        self._skipped.update(other._skipped)

    def _put(
        self,
        into: dict[Check, list[Finding]],
        check: Check,
        chain: str,
        sequence: int | None,
        message: str,
        *,
        gap: bool,
    ) -> None:
        self._counted[check, gap] += 1
        if len(into[check]) < KEPT_MAX:
            into[check].append(Finding(printable(chain, 60), sequence, check.value, printable(message)))

    def steps(self) -> tuple[StepVerdict, ...]:
        """The verdicts, in order; findings by chain, `registry` first."""
        return tuple(self._step(check) for check in Check)

    def _step(self, check: Check) -> StepVerdict:
        findings = tuple(sorted(self._findings[check], key=_place))
        gaps = tuple(sorted(self._gaps[check], key=_place))
        outcome = StepOutcome.HOLDS
        if findings:
            outcome = StepOutcome.FINDING
        elif gaps or check in self._skipped:
            outcome = StepOutcome.NOT_CHECKED
        notes = tuple(self._notes[check])
        if check in self._skipped:
            notes = (*notes, self._skipped[check])
        found, missed = self._counted[check, False], self._counted[check, True]
        return StepVerdict(check.value, TITLES[check], outcome, findings, gaps, notes, found, missed)


def _place(finding: Finding) -> tuple[bool, str, int]:
    sequence = -1 if finding.sequence is None else finding.sequence
    return finding.chain != REGISTRY, finding.chain, sequence
