"""`cartrail verify BUNDLE.zip` runs the very `verify.py` that lies in each bundle, and shows what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from schema.errors import InputError, IntegrityFailure, OtherLog
from schema.papercodes import parse_head, parse_receipt
from tracker.evidence.standalone import verify
from tracker.evidence.verification.verdict import (
    Finding,
    ReceiptPlace,
    StepOutcome,
    StepVerdict,
    Verification,
    WaitingEntries,
)

PROGRAM: Final = Path(verify.__file__)
"""The verifier that travels in bundles."""


PUBLISHED: Final = PROGRAM.with_name("verify.py.sha256")
"""What `sha256sum --check` takes; the same digest stands in docs/auditor.md."""


def program_digest() -> str:
    """The SHA-256 of the verifier in hex; raises IntegrityFailure where it is not the published one."""
    digest = hashlib.sha256(PROGRAM.read_bytes()).hexdigest()
    published = PUBLISHED.read_text(encoding="ascii").split()[0] if PUBLISHED.is_file() else "none"
    if digest != published:
        raise IntegrityFailure(
            f"{PROGRAM} has the SHA-256 {digest}; published with this version is {published}.",
            remedy="Install cartrail again from where you trust, and compare with docs/auditor.md.",
            code="other_verifier",
        )
    return digest


def verify_bundle(
    path: Path, *, heads: Sequence[str] = (), receipts: Sequence[str] = (), require_head: bool = False
) -> Verification:
    """The verdict of `verify.py` over a bundle; raises InputError for a file or code that cannot be read, and
    OtherLog for a head of another log where nothing is wrong with the bundle itself.
    """
    for code in heads:
        parse_head(code.strip())
    for code in receipts:
        parse_receipt(code.strip())
    try:
        report = verify.verify_file(path, heads, receipts, require_head=require_head)
    except verify.Damaged as error:
        raise InputError(
            f"{path}: this file is damaged: {error}.",
            remedy="Take the file again from where it came, whole and unchanged; nothing in it was judged.",
            code="damaged_file",
        ) from error
    except verify.BadInput as error:
        # The codes are intact, so what is left is a head of another log.
        raise OtherLog(str(error)) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.", code="not_read") from error
    return _verification(report)


def _verification(report: verify.Report) -> Verification:
    """The report in the form in which a verification of a store is shown too."""
    return Verification(
        origin=report.origin,
        purpose=report.origin.split("/")[1] if report.origin else "",
        entries=report.entries,
        chains=report.chains,
        steps=tuple(_step(report, step) for step in verify.Step),
        unchecked=(*report.unchecked, *_not_proved(report)),
        waiting=WaitingEntries(0, None, None),
        receipts=tuple(ReceiptPlace(code, chain, sequence) for code, (chain, sequence) in report.receipts),
    )


def _not_proved(report: verify.Report) -> Iterator[str]:
    if report.not_proved:
        yield f"these files are not proved: {', '.join(report.not_proved)}"


def _step(report: verify.Report, step: verify.Step) -> StepVerdict:
    return StepVerdict(
        number=step.value,
        title=step.title,
        outcome=StepOutcome(report.outcome(step)),
        findings=_findings(report.findings, step),
        gaps=_findings(report.gaps, step),
        notes=tuple(report.notes[step]),
        found=report.found_in_all[step],
        missed=report.missed_in_all[step],
    )


def _findings(
    found: Mapping[verify.Step, Sequence[verify.Finding]], step: verify.Step
) -> tuple[Finding, ...]:
    return tuple(Finding(one.place, one.sequence, step.value, one.message) for one in found[step])
