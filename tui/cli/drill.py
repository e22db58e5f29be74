"""`cartrail drill`: every known attack on a copy of the store, and which check catches it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import IntegrityFailure
from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.output import print_json, print_table
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from tracker.values import Tried

app = typer.Typer()


@app.command("drill", epilog=example("cartrail drill", "cartrail drill --markdown"))
def drill(
    context: typer.Context,
    *,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table as it stands in docs/evidence.md.")
    ] = False,
) -> None:
    """Attack a copy of the store in every known way, and see which check catches it.

    The store is only read. What needs keys is tried on a rehearsal store, so no real key signs a forgery.
    Exit code 4 where an attack is not caught by what is said to catch it.
    """
    session = CommandSession.of(context)
    from tracker import verification

    with tempfile.TemporaryDirectory(prefix="cartrail-drill-") as folder:
        tried = list(verification.drill(session.settings.database, Path(folder), _progress))
    if session.as_json:
        for one in tried:
            print_json(_document(one))
    elif as_markdown:
        print(verification.drill_markdown(tried), end="")
    else:
        print_table(("Attack", "What is done", "Caught by"), verification.drill_rows(tried))
    say(verification.drill_summary(tried))
    wrong = [one.attack.name for one in tried if not one.as_claimed]
    if wrong:
        raise IntegrityFailure(
            f"Not caught as they should be: {', '.join(wrong)}.",
            remedy="Do not rely on verification by this program; report it with `cartrail --version`.",
            code="drill_failed",
        )


def _progress(text: str) -> None:
    """What is being tried, for a person who waits."""
    if sys.stderr.isatty():
        say(f"  {text}")


def _document(one: Tried) -> dict[str, Any]:
    return {
        "attack": one.attack.name,
        "does": one.attack.does,
        "caught": one.caught.value,
        "as_claimed": one.as_claimed,
        "alone": [step.value for step in one.alone],
        "head": [step.value for step in one.head],
        "receipt": [step.value for step in one.receipt],
        "refused": one.refused,
        "bundle": {
            "shown": one.bundle.shown.value,
            "refused": one.bundle.refused,
            "alone": [step.value for step in one.bundle.alone],
            "paper": [step.value for step in one.bundle.paper],
        },
        "because": one.attack.because,
    }
