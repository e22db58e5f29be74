"""`cartrail verify`: numbered steps from the stored bytes, for a person or as JSON; it never writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from schema.errors import IntegrityFailure
from tui.cli.ending import printable
from tui.cli.options import example
from tui.cli.output import print_json
from tui.cli.progress import progress
from tui.cli.session import CommandSession
from tui.waits import waits_shown

if TYPE_CHECKING:
    from tracker.values import StepVerdict, Verification

app = typer.Typer()

SHOWN_MAX: Final = 20
"""Findings shown of each step; --json has the others."""

_WORDS: Final = {"holds": "holds", "finding": "FINDING", "not_checked": "not checked"}
_VERDICTS: Final = {
    0: "Verified: the record is what was recorded, as far as the steps above can see.",
    4: "THE RECORD CANNOT BE TRUSTED. Stop using this store and keep a copy of it as it is.",
    6: "What was checked holds, but something that was promised or asked for is missing or could not be.",
}

_BUNDLE_CANNOT_BE_TRUSTED: Final = (
    "THIS BUNDLE CANNOT BE TRUSTED. Keep the file as it is, and ask whoever gave it to you in writing."
)


@app.command(
    "verify",
    epilog=example(
        "cartrail verify",
        "cartrail verify evidence.zip --head CTH...",
        "cartrail verify --receipt CTR... --json",
        "cartrail verify --program",
    ),
)
def verify(
    context: typer.Context,
    bundle: Annotated[
        Path | None, typer.Argument(metavar="BUNDLE.zip", help="An exported bundle; else the store.")
    ] = None,
    *,
    head: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A head code off paper; may be given again.")
    ] = None,
    receipt: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A receipt code off a slip; may be given again.")
    ] = None,
    require_head: Annotated[
        bool, typer.Option("--require-head", help="Do not be content without a head from outside.")
    ] = False,
    program: Annotated[
        bool, typer.Option("--program", help="Print where the program for bundles lies, and its SHA-256.")
    ] = False,
) -> int:
    """Verify that the record is what was recorded.

    Chains, digests, signatures, commitments, read tables and guards are checked from the stored bytes.
    Exit code 0: it holds. 4: it cannot be trusted. 6: something is missing or could not be checked.
    """
    session = CommandSession.of(context)
    if program:
        return _print_program(as_json=session.as_json)
    from tracker.verification import verify_bundle, verify_store

    if bundle is not None:
        verdict = verify_bundle(bundle, heads=head or (), receipts=receipt or (), require_head=require_head)
    else:
        with waits_shown(), progress("Verified", "entries") as show:
            verdict = verify_store(
                session.settings.database,
                receipts=receipt or (),
                heads=head or (),
                require_head=require_head,
                progress=show,
                config=session.settings.config,
            )
    if session.as_json:
        print_json(verdict.to_json())
    else:
        for line in lines_of(verdict, of_bundle=bundle is not None):
            print(printable(line))
    return verdict.exit_code


def _print_program(*, as_json: bool) -> int:
    """What an auditor compares with the published digest before trusting a verdict."""
    from tracker.verification import program

    path, digest = program()

    if as_json:
        print_json({"path": str(path), "sha256": digest})
    else:
        print(f"{digest}  {path}")
    return 0


def _chains(count: int) -> str:
    return "1 chain" if count == 1 else f"{count} chains"


def lines_of(verdict: Verification, *, of_bundle: bool = False) -> Iterator[str]:
    """The verdict for a person: every step, what is wrong with it, and what nobody looked at."""
    origin = verdict.origin or "a store without origin"
    yield f"{origin}: {verdict.entries} entries in {_chains(verdict.chains)}"
    yield ""
    for step in verdict.steps:
        yield f"{step.number:>2}  {_WORDS[step.outcome.value]:<12}{step.title}"
        yield from _details(step)
    for place in verdict.receipts:
        yield f"    receipt {place.code[:12]}...: entry {place.sequence} of {place.chain}"
    yield ""
    yield "Not checked here:"
    for text in verdict.unchecked:
        yield f"  {text}"
    yield ""
    if of_bundle and verdict.exit_code == IntegrityFailure.exit_code:
        yield _BUNDLE_CANNOT_BE_TRUSTED
    else:
        yield _VERDICTS[verdict.exit_code]


def _details(step: StepVerdict) -> Iterator[str]:
    for finding in step.findings[:SHOWN_MAX]:
        yield f"      {finding}"
    if step.found > SHOWN_MAX:
        yield f"      and {step.found - SHOWN_MAX} more findings"
    for gap in step.gaps[:SHOWN_MAX]:
        yield f"      missing: {gap}"
    if step.missed > SHOWN_MAX:
        yield f"      and {step.missed - SHOWN_MAX} more that are missing"
    for note in step.notes:
        yield f"      {note}"
