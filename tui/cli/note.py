"""`cartrail note`: what others should know of a therapy, written from a file or at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from schema.errors import InputError
from tui.cli.acting import ask
from tui.cli.asking import asked, require, text_of
from tui.cli.options import example
from tui.cli.session import CommandSession, SignedIn
from tui.files import start_of

app = typer.Typer()

TEXT_CHARACTERS_MAX: Final = 2000

TEXT_BYTES_MAX: Final = 4 * (TEXT_CHARACTERS_MAX + 2)
"""No character of UTF-8 has more than four bytes."""


@app.command(
    "note",
    epilog=example(
        "cartrail note CD234567892 --as COORD-1",
        "cartrail note CD234567892 words.txt --milestone infusion --as COORD-1",
    ),
)
def note(
    context: typer.Context,
    coi: Annotated[str, typer.Argument(metavar="COI", help="Any code of the therapy.")],
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="The words; - reads the standard input. Else it is asked."),
    ] = None,
    *,
    unit: Annotated[str | None, typer.Option(metavar="CODE", help="The unit that it is about.")] = None,
    milestone: Annotated[
        str | None, typer.Option(metavar="NAME", help="The milestone that it is about.")
    ] = None,
) -> None:
    """Write down what others should know. No rule reads it, and it is erased with the patient's data.

    Its words are no argument of the command, which others could see.
    """
    session = CommandSession.of(context)
    if file is None:
        require({"FILE": None})
    given = None if file is None else read_text(file)
    with session.writing() as tracker:
        people = SignedIn(tracker, session.secrets)
        if given is None:
            # The password first: whoever expects that question would type it into the note, where it is seen.
            people.signer(session.staff, session.station_in(tracker))
        text = asked("What should others know?", text_of("The note")) if given is None else given
        ask(session, tracker, "note", people=people, coi=coi, text=text, unit=unit, milestone=milestone)


def read_text(source: str) -> str:
    """The words in a file or the standard input; raises InputError for none, and for too many."""
    try:
        if source == "-":
            text = sys.stdin.read(TEXT_CHARACTERS_MAX + 2).removeprefix("\ufeff")
        else:
            text = start_of(Path(source), TEXT_BYTES_MAX).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{source} cannot be read as text.", remedy="Name a file in UTF-8.", code="no_text"
        ) from error
    text = text.strip()
    if not text or len(text) > TEXT_CHARACTERS_MAX:
        raise InputError(
            f"{source} has {'no words' if not text else f'more than {TEXT_CHARACTERS_MAX} characters'}.",
            remedy="Write it in fewer words, or in several notes." if text else "Write something into it.",
            code="no_text",
        )
    return text
