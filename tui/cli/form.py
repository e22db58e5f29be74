"""`cartrail form`: downtime forms that are out, given back with their scanned paper, or voided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import Reason
from tui.cli.acting import tell_answer, wire
from tui.cli.options import example, reason_option
from tui.cli.output import print_records
from tui.cli.readers import require_board
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from tracker.tracker import Tracker

app = typer.Typer()
group = typer.Typer(help="Downtime forms: which are out, and what came back of them.")
app.add_typer(group, name="form", epilog=example("cartrail form list"))

Form = Annotated[str, typer.Argument(metavar="FORM", help="The code in the corner of the form, or its id.")]


@group.command("list", epilog=example("cartrail form list --json"))
def list_forms(context: typer.Context) -> None:
    """List the downtime forms that are still out, the most urgent first."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        found = tracker.forms.out()
    records = [
        {
            "form": one.form.form,
            "therapy": one.coi,
            "site": one.form.site,
            "issued_at": format_instant(one.form.issued_at),
            "issued_by": one.form.issued_by,
            "due_at": format_instant(one.due_at),
            "state": "overdue" if one.overdue else "out",
            "entered": len(one.form.entries),
        }
        for one in found
    ]
    headings = (
        ("form", "Form"),
        ("therapy", "Therapy"),
        ("site", "Site"),
        ("issued_by", "Printed by"),
        ("due_at", "Due"),
        ("state", "State"),
        ("entered", "Entered"),
    )
    print_records(records, headings, as_json=session.as_json, none="No form is out.")


@group.command(
    "return", epilog=example("cartrail form return FD234567892 page-1.pdf --as ADA-1 --credentials ada.toml")
)
def give_back(
    context: typer.Context,
    form: Form,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="The scanned paper: PDF, PNG or JPEG.")
    ],
) -> None:
    """Attach the scanned paper of a form whose steps were entered; the form has come back.

    The chain holds a commitment of each file; the files go into bundles, and go when the patient is erased.
    """
    from tui.scanned import scanned_paper

    papers = [scanned_paper(str(path)) for path in files]
    session = CommandSession.of(context)
    with session.writing() as tracker:
        coi = _therapy_of(tracker, form)
        request = wire(session, tracker, "attach_paper", coi=coi, form=form, files=papers)
        _record(session, tracker, request, (session.staff,))


@group.command(
    "void", epilog=example("cartrail form void FD234567892 --reason unused --witness BEN-2 --as ADA-1")
)
def void(
    context: typer.Context,
    form: Form,
    *,
    reason: Annotated[Reason, reason_option("void_form", "Why")],
    witness: Annotated[str, typer.Option(metavar="STAFF", help="Who saw it, a second person.")],
) -> None:
    """Destroy a form that was not used, or give a lost one up, before a second person."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        coi = _therapy_of(tracker, form)
        signers = [
            {"staff": session.staff, "meaning": "performed"},
            {"staff": witness, "meaning": "witnessed"},
        ]
        request = wire(
            session, tracker, "void_form", coi=coi, form=form, reason=reason.value, signers=signers
        )
        _record(session, tracker, request, (session.staff, witness))


def _therapy_of(tracker: Tracker, form: str) -> str:
    """The therapy that a form was printed for; raises InputError for any other code."""
    resolution = tracker.read.lookup(code=form).resolution
    if resolution.object_id is None or resolution.object_id[0] != "F" or resolution.coi is None:
        raise InputError(
            f"{resolution.text[:40]} is no downtime form of this store.",
            remedy="Scan the code in the corner of the form; `cartrail form list` lists those that are out.",
            code="unknown_form",
        )
    return resolution.coi


def _record(
    session: CommandSession, tracker: Tracker, request: dict[str, object], people: tuple[str, ...]
) -> None:
    signed_in = SignedIn(tracker, session.secrets)
    signers = [signed_in.signer(staff, str(request["station"])) for staff in people]
    answer = tracker.record(request=request, signers=signers, mode=signed_in.mode(signers))
    tell_answer(session, tracker, answer)
