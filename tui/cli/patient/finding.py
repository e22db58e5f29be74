"""`cartrail patient find`: the therapies of a patient by an identifier that somebody types."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from schema.counting import counted
from schema.errors import Refusal
from tui.cli.asking import asked, require, text_of
from tui.cli.ending import say
from tui.cli.note import read_text
from tui.cli.options import example
from tui.cli.output import print_records
from tui.cli.readers import reader_in
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from tracker.values import PatientSearch

_HEADINGS = (("coi", "Therapy"), ("status", "Status"), ("stage", "Stage"))


def add_to(group: typer.Typer) -> None:
    """Give the group the command."""
    group.command(
        "find",
        epilog=example(
            "cartrail patient find --as NURSE-1", "cartrail patient find number.txt --issuer CLINIC --as QA-1"
        ),
    )(find)


def find(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="The number; - reads the standard input. Else it is asked."),
    ] = None,
    *,
    issuer: Annotated[str | None, typer.Option(metavar="SITE", help="Who issued it; else anybody.")] = None,
    kind: Annotated[
        str | None, typer.Option("--type", metavar="WORD", help="What it is, such as mrn; else anything.")
    ] = None,
) -> None:
    """Find the therapies of a patient by a number of the wristband or order, compared with what is held.

    It is noted who looked for which kind and when, never the number. Who meets patients finds those of their
    own sites; auditors, quality and administrators find all.
    """
    session = CommandSession.of(context)
    if file is None:
        require({"FILE": None})
    given = None if file is None else read_text(file)
    from tracker.values import SoughtIdentifier

    form = "json" if session.as_json else "table"
    with session.writing() as tracker:
        reader = reader_in(session, tracker)
        why_not = tracker.audit.why_no_identifier_search(session.staff)
        if why_not is not None:
            raise Refusal(why_not, remedy="Ask quality, or whoever meets the patient.", code="role_missing")
        value = asked("The patient's number", text_of("The number")) if given is None else given
        found = tracker.audit.search_identifier(
            SoughtIdentifier(value, issuer, kind),
            staff=session.staff,
            station=session.station_in(tracker),
            form=form,
            signed_in=reader.is_signed_in,
        )
    _tell(session, found)


def _tell(session: CommandSession, found: PatientSearch) -> None:
    records = [{"coi": one.coi, "status": one.status, "stage": one.stage} for one in found.rows]
    print_records(records, _HEADINGS, as_json=session.as_json, whole=("Therapy",))
    if found.not_noted is not None:
        say(f"This is not noted in the registry. {found.not_noted}")
        sys.stderr.flush()
    elif not session.as_json:
        therapies = counted(len(found.rows), "therapy", "therapies")
        say(f"{therapies} of this patient that you may see. It is noted that you looked.")
