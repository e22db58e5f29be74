"""`cartrail release` and `certificate`: what must hold before a release, and the paper of one that stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from schema.errors import Refusal
from schema.instants import format_instant
from tui.cli.options import example
from tui.cli.output import print_json, print_records
from tui.cli.readers import require_board
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from tracker.values import ReleaseView

app = typer.Typer()

_WORDS: Final = {
    "met": "OK",
    "not_applicable": "n/a",
    "unknown": "STOP unknown",
    "not_met": "STOP",
}


@app.command(
    "release", epilog=example("cartrail release CT234567892", "cartrail release CT234567892 --check")
)
def release(
    context: typer.Context,
    coi: Annotated[str, typer.Argument(metavar="COI", help="The therapy.")],
    *,
    check: Annotated[
        bool, typer.Option("--check", help="End with exit code 3 unless everything holds.")
    ] = False,
) -> None:
    """Show all that must hold for a release, each with what it rests on; it is signed at a terminal."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        found = tracker.read.releases(coi=coi)
    for one in found:
        _print(one, as_json=session.as_json)
    if not check:
        return
    missing = [
        f"{line.verdict.predicate.value} ({line.verdict.figure})"
        for one in found
        for line in one.lines
        if not line.verdict.holds
    ]
    if missing or not found:
        raise Refusal(
            f"{coi} is not to be released: {'; '.join(missing) or 'nothing is made of it'}.",
            remedy="Each is put right in its own place; unknown counts as not met.",
        )


@app.command("certificate", epilog=example("cartrail certificate CT234567892 --out certificate.pdf"))
def certificate(
    context: typer.Context,
    coi: Annotated[str, typer.Argument(metavar="COI", help="The therapy.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")] = Path("certificate.pdf"),
) -> None:
    """Write the certificate of the release that stands; its code is the receipt of the release."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        code = tracker.exports.certificate(coi=coi, out=out)
    if session.as_json:
        print_json({"coi": coi, "receipt": code, "file": str(out)})
        return
    print(f"{out}\n{code}")


def _print(view: ReleaseView, *, as_json: bool) -> None:
    rows = [
        {
            "predicate": one.verdict.predicate.value,
            "answer": one.verdict.answer.value,
            "figure": one.verdict.figure,
            "entries": list(one.entries),
        }
        for one in view.lines
    ]
    units = [one.unit for one in view.units]
    if as_json:
        at = format_instant(view.at)
        print_json({"coi": view.coi, "attempt": view.attempt, "units": units, "at": at, "predicates": rows})
        return
    print(f"{view.coi}  manufacture {view.attempt}  {', '.join(units)}")
    shown = [
        {
            "answer": _WORDS[one.verdict.answer.value],
            "must": one.verdict.predicate.value.replace("_", " "),
            "figure": one.verdict.figure,
            "entries": " ".join(f"#{number}" for number in one.entries),
        }
        for one in view.lines
    ]
    headings = (("answer", ""), ("must", "Must hold"), ("figure", "Figure"), ("entries", "Evidence"))
    print_records(shown, headings, as_json=False)
    print(f"{view.holding} of {len(view.lines)} hold.")
