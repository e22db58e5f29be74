"""A patient's identifiers from a file or the standard input: arguments of a command can be seen by others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import typer

from schema.errors import InputError
from tui.cli.options import reason_option
from tui.files import start_of

IDENTIFIERS_OPTION: Final[Any] = typer.Option(
    metavar="FILE", help="Lines of ISSUER TYPE VALUE; - reads the standard input."
)
SECOND_THERAPY_OPTION: Final[Any] = reason_option(
    "enroll", "Why the patient gets a second therapy while one is active"
)

IDENTIFIERS_BYTES_MAX: Final = 10_000
"""Eight identifiers are the most; this is a hundred times as much."""


def read_identifiers(source: str) -> list[dict[str, str]]:
    """Lines of ISSUER TYPE VALUE, typed by somebody; raises InputError for any other."""
    try:
        if source == "-":
            text = sys.stdin.read(IDENTIFIERS_BYTES_MAX + 1).removeprefix("\ufeff")
        else:
            text = start_of(Path(source), IDENTIFIERS_BYTES_MAX).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{source} cannot be read as text.", code="no_identifiers") from error
    if len(text) > IDENTIFIERS_BYTES_MAX:
        raise InputError(
            f"{source} has more than {IDENTIFIERS_BYTES_MAX} characters.",
            remedy="Write ISSUER TYPE VALUE, one identifier a line; eight are the most.",
            code="no_identifiers",
        )
    found: list[dict[str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split(maxsplit=2)
        if len(words) == 3:
            found.append({"issuer": words[0], "type": words[1], "value": words[2].strip(), "mode": "manual"})
        elif words:
            raise InputError(
                f"Line {number} of {source} has not three words.",
                remedy="Write ISSUER TYPE VALUE, as CLINIC mrn 00012345.",
                code="bad_identifiers",
            )
    return found
