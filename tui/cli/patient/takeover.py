"""`cartrail patient take-over` and `found`: therapies that began before cartrail."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import EntryMode, Meaning, Reason
from tui.cli.acting import ask, tell_answer, wire
from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.output import print_records
from tui.cli.patient.identifiers import IDENTIFIERS_OPTION, SECOND_THERAPY_OPTION, read_identifiers
from tui.cli.session import CommandSession, SignedIn
from tui.cli.times import moment, moment_of
from tui.files import start_of

if TYPE_CHECKING:
    from tracker.answers import Answer
    from tracker.tracker import Tracker
    from tracker.values import TherapyFile

_NEEDED = "FILE, --identifiers and --read-back"


def add_to(group: typer.Typer) -> None:
    """Put the two commands into the group `patient`."""
    group.command(
        "take-over",
        epilog=example(
            "cartrail patient take-over --example > therapy.toml",
            "cartrail patient take-over therapy.toml --identifiers wristband.txt \\",
            "  --read-back TECH-2 --as TECH-1",
        ),
    )(take_over)
    group.command("found", epilog=example("cartrail patient found UD234567892 --at LT234567892 --as TECH-1"))(
        found
    )


def take_over(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A TOML file with what the paper says.")
    ] = None,
    *,
    identifiers: Annotated[
        str | None,
        IDENTIFIERS_OPTION,
    ] = None,
    read_back: Annotated[
        str | None, typer.Option(metavar="STAFF", help="The second person, who read the paper back.")
    ] = None,
    reason: Annotated[
        Reason | None,
        SECOND_THERAPY_OPTION,
    ] = None,
    witness: Annotated[
        str | None, typer.Option(metavar="STAFF", help="A third person, who signs for that.")
    ] = None,
    show_example: Annotated[
        bool, typer.Option("--example", help="Print a file for this command, to be changed.")
    ] = False,
) -> None:
    """Take over a therapy that is under way, at the stage that paper says it has reached.

    Who acts has read the paper, a second person has read it back. Its units count once each is scanned where
    it lies: `cartrail patient found`.
    """
    if show_example:
        from tracker.values import therapy_example

        sys.stdout.write(therapy_example())
        return
    if file is None or identifiers is None or read_back is None:
        raise InputError(f"This command takes {_NEEDED}.", remedy="`--example` prints a file for it.")
    said, papers = _therapy(file)
    patient = read_identifiers(identifiers)
    session = CommandSession.of(context)
    signers = [(session.staff, Meaning.PERFORMED), (read_back, Meaning.VERIFIED)]
    if witness is not None:
        signers.append((witness, Meaning.WITNESSED))
    with session.writing() as tracker:
        request = wire(
            session,
            tracker,
            "import_therapy",
            **said.wanted(lambda text: format_instant(moment(session, tracker, text))),
            patient=[{**one, "carrier": "order"} for one in patient],
            papers=papers,
            entry={"mode": EntryMode.IMPORTED.value},
            reason=None if reason is None else reason.value,
            signers=[{"staff": staff, "meaning": meaning.value} for staff, meaning in signers],
        )
        # Asked again under its id it is the same request, so it says when it was asked first.
        request["occurred_at"] = format_instant(moment_of(request["event_id"]))
        answer = _recorded(session, tracker, request, [staff for staff, _ in signers])
        _tell_units(session, tracker, answer.entries[0].chain)


def _recorded(
    session: CommandSession, tracker: Tracker, request: dict[str, Any], signing: list[str]
) -> Answer:
    people = SignedIn(tracker, session.secrets)
    signers = [people.signer(staff, request["station"]) for staff in signing]
    answer = tracker.record(request=request, signers=signers, mode=people.mode(signers))
    tell_answer(session, tracker, answer)
    return answer


def _therapy(file: Path) -> tuple[TherapyFile, list[str]]:
    """What the file says, and the papers it names, which lie beside it."""
    from tracker.values import THERAPY_BYTES_MAX, therapy_of
    from tui.scanned import scanned_paper

    try:
        said = therapy_of(start_of(file, THERAPY_BYTES_MAX))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", code="no_therapy_file") from error
    return said, [scanned_paper(str(file.expanduser().parent / name)) for name in said.papers]


def _tell_units(session: CommandSession, tracker: Tracker, chain: str) -> None:
    """Which id each unit got, and where it is to be found."""
    if session.as_json:
        return
    known = tracker.read.therapy(coi=chain)
    if known is None:
        return
    units = [
        {
            "unit": unit.unit,
            "material": unit.material.value.replace("_", " "),
            "codes": ", ".join(code.value for code in unit.adopted),
            "state": unit.final.value if unit.final else f"to be found in {unit.location or unit.box}",
        }
        for unit in known[0].units.values()
    ]
    print()
    headings = (("unit", "Unit"), ("material", "Material"), ("codes", "Codes"), ("state", "State"))
    print_records(units, headings, as_json=False)
    say("Scan each unit where it lies: cartrail patient found CODE --at PLACE. Until then no step is taken.")


def found(
    context: typer.Context,
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="The label of each unit, scanned.")],
    *,
    place: Annotated[str, typer.Option("--at", metavar="PLACE", help="The code of the place, scanned.")],
    witness: Annotated[
        str | None,
        typer.Option(metavar="STAFF", help="A second person, where it lies elsewhere than paper says."),
    ] = None,
) -> None:
    """Say that units which were taken over from paper lie here: their labels and the place were scanned."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "find_units", witness=witness, units=codes, location=place)
