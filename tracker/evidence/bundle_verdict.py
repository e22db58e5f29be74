"""The numbered steps of verifying a bundle, and the journal in which they write what they see.

`verify.py` in each bundle has the same steps and comes to the same verdict by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from tracker.evidence.verdict import KEPT_MAX, Check, Finding, Journal, Outcome, Step, printable


class BundleCheck(IntEnum):
    """The steps in the order in which each rests on those before it."""

    CONTAINER = 1
    MANIFEST = 2
    FORM = 3
    CANONICAL = 4
    SEQUENCE = 5
    PREVIOUS = 6
    REGISTRY_HEAD = 7
    KEYS = 8
    SIGNATURES = 9
    CHECKPOINTS = 10
    COSIGNATURES = 11
    INCLUSION = 12
    CONSISTENCY = 13
    EXPORT = 14
    COMMITMENTS = 15
    ATTACHMENTS = 16
    PAPER = 17


TITLES: Final[Mapping[BundleCheck, str]] = {
    BundleCheck.CONTAINER: "The file is, byte for byte, a zip as cartrail writes it",
    BundleCheck.MANIFEST: "The manifest names every file by its digest",
    BundleCheck.FORM: "Each entry has the form of its kind",
    BundleCheck.CANONICAL: "Each entry is in canonical form",
    BundleCheck.SEQUENCE: "Each chain is gap-free from 0 to the end the manifest names",
    BundleCheck.PREVIOUS: "Each entry names the entry before it",
    BundleCheck.REGISTRY_HEAD: "Each entry names a registry head of its time",
    BundleCheck.KEYS: "The keys are those that the registry added",
    BundleCheck.SIGNATURES: "Signatures fit, by keys that counted",
    BundleCheck.CHECKPOINTS: "Checkpoints are signed by the log",
    BundleCheck.COSIGNATURES: "Cosignatures fit",
    BundleCheck.INCLUSION: "Each entry is a leaf of the signed tree",
    BundleCheck.CONSISTENCY: "Each checkpoint continues the one before it",
    BundleCheck.EXPORT: "The registry recorded just this export",
    BundleCheck.COMMITMENTS: "What is open opens its commitments",
    BundleCheck.ATTACHMENTS: "Files that entries name are here",
    BundleCheck.PAPER: "Heads and receipts from outside",
}

_OF_ENTRIES: Final[Mapping[Check, BundleCheck]] = {
    Check.FORM: BundleCheck.FORM,
    Check.CANONICAL: BundleCheck.CANONICAL,
    Check.SEQUENCE: BundleCheck.SEQUENCE,
    Check.PREVIOUS: BundleCheck.PREVIOUS,
    Check.REGISTRY_HEAD: BundleCheck.REGISTRY_HEAD,
    Check.SIGNATURES: BundleCheck.SIGNATURES,
}
"""What the checks of a store's entries are here; a bundle has no columns, tables or guards."""


class BundleJournal:
    """Collects what the steps see of a bundle."""

    def __init__(self) -> None:
        self._findings: dict[BundleCheck, list[Finding]] = {check: [] for check in BundleCheck}
        self._gaps: dict[BundleCheck, list[Finding]] = {check: [] for check in BundleCheck}
        self._notes: dict[BundleCheck, list[str]] = {check: [] for check in BundleCheck}
        self._counted: Counter[tuple[BundleCheck, bool]] = Counter()
        self._skipped: set[BundleCheck] = set()

    @property
    def has_findings(self) -> bool:
        """Whether anything is wrong so far."""
        return any(self._findings.values())

    def found(self, check: BundleCheck, chain: str, message: str, sequence: int | None = None) -> None:
        """Something is wrong."""
        self._put(self._findings, check, Finding(printable(chain, 80), sequence, check, printable(message)))

    def missed(self, check: BundleCheck, chain: str, message: str, sequence: int | None = None) -> None:
        """Something that was promised or asked for is not here, or not understood."""
        self._put(self._gaps, check, Finding(printable(chain, 80), sequence, check, printable(message)))

    def note(self, check: BundleCheck, text: str) -> None:
        """Something worth saying that is neither."""
        self._notes[check].append(text)

    def skip(self, check: BundleCheck, why: str) -> None:
        """There was nothing to do this step with."""
        self._skipped.add(check)
        self._notes[check].append(why)

    def skip_rest(self, after: BundleCheck, why: str) -> None:
        """Nothing after this step could be looked at."""
        for check in BundleCheck:
            if check > after:
                self.skip(check, why)

    def _put(self, into: dict[BundleCheck, list[Finding]], check: BundleCheck, finding: Finding) -> None:
        self._counted[check, into is self._gaps] += 1
        if len(into[check]) < KEPT_MAX:
            into[check].append(finding)

    def steps(self) -> tuple[Step, ...]:
        """The verdicts, in order."""
        return tuple(self._step(check) for check in BundleCheck)

    def _step(self, check: BundleCheck) -> Step:
        outcome = Outcome.HOLDS
        if self._findings[check]:
            outcome = Outcome.FINDING
        elif self._gaps[check] or check in self._skipped:
            outcome = Outcome.NOT_CHECKED
        return Step(
            check.value,
            TITLES[check],
            outcome,
            tuple(self._findings[check]),
            tuple(self._gaps[check]),
            tuple(self._notes[check]),
            self._counted[check, False],
            self._counted[check, True],
        )


class EntryJournal(Journal):
    """Lets the checks of a store's entries write into a bundle's journal."""

    def __init__(self, into: BundleJournal, *, gaps_allowed: bool = False) -> None:
        super().__init__()
        self._into = into
        self._gaps_allowed = gaps_allowed
        """For the registry, of which entries may be left out: who walks it counts by other rules."""

    def found(self, check: Check, chain: str, sequence: int | None, message: str) -> None:
        """Something is wrong."""
        known = _OF_ENTRIES.get(check)
        if known is not None and not (self._gaps_allowed and check is Check.SEQUENCE):
            self._into.found(known, chain, message, sequence)

    def missed(self, check: Check, chain: str, sequence: int | None, message: str) -> None:
        """Something that was promised is not understood."""
        known = _OF_ENTRIES.get(check)
        if known is not None:
            self._into.missed(known, chain, message, sequence)
