"""`cartrail patient`: therapies by their patient; identifiers are committed and never shown here in clear."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from schema.errors import InputError
from schema.vocabulary import ErasureGround, Reason
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.known import known_or_all
from tui.cli.options import example, reason_option
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.patient import finding, manifest, takeover
from tui.cli.patient.identifiers import IDENTIFIERS_OPTION, SECOND_THERAPY_OPTION, read_identifiers
from tui.cli.readers import require_board
from tui.cli.session import CommandSession

app = typer.Typer()
group = typer.Typer(help="Therapies and the patients they are bound to.")
app.add_typer(group, name="patient", epilog=example("cartrail patient list"))
group.add_typer(manifest.group, name="manifest", epilog=example("cartrail patient manifest list CD234567892"))
takeover.add_to(group)
finding.add_to(group)

PAGE = 200


@group.command("list", epilog=example("cartrail patient list --site CLINIC"))
def list_patients(
    context: typer.Context,
    *,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="Only where this site has a part.")] = None,
) -> None:
    """List the therapies, one patient each, without naming anybody."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        records = [
            {
                "coi": row.coi,
                "protocol": row.protocol,
                "collection": row.collection_site,
                "treatment": row.treatment_site,
                "status": row.status,
            }
            for row in tracker.read.whole_board(site=known_or_all(tracker.registry, site))
        ]
    headings = (
        ("coi", "Therapy"),
        ("protocol", "Protocol"),
        ("collection", "Collection"),
        ("treatment", "Treatment"),
        ("status", "Status"),
    )
    print_records(records, headings, as_json=session.as_json)


@group.command("show", epilog=example("cartrail patient show CD234567892"))
def show(
    context: typer.Context,
    coi: Annotated[str, typer.Argument(metavar="COI", help="Any code of the therapy.")],
) -> None:
    """Show which identifiers of the patient are held; to compare one, scan it at an identity step."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        (chain,) = tracker.exports.chains([coi])
        known = tracker.read.therapy(coi=chain)
        if known is None:
            raise InputError(f"{chain} is no therapy.", remedy="List them with `cartrail patient list`.")
        therapy = known[0]
        held = tracker.read.openings(commitments=therapy.patient_identifiers)
    identifiers = [_identifier(held, one) for one in therapy.patient_identifiers]
    if session.as_json:
        print_json({"coi": chain, "status": therapy.status.value, "identifiers": identifiers})
        return
    print_rows([("therapy", chain), ("status", therapy.status.value)])
    print()
    headings = (("issuer", "Issuer"), ("type", "Identifier"), ("state", "State"))
    print_records(identifiers, headings, as_json=False)


def _identifier(held: Any, commitment: str) -> dict[str, str]:
    opening = held.get(commitment)
    value = opening.value if opening is not None and isinstance(opening.value, dict) else {}
    return {
        "commitment": commitment,
        "issuer": str(value.get("issuer", "")),
        "type": str(value.get("type", "")),
        "state": "held" if opening is not None else "erased",
    }


@group.command(
    "enroll",
    epilog=example(
        "cartrail patient enroll --protocol autologous-cryopreserved \\",
        "  --collection CLINIC --manufacturing PLANT --treatment CLINIC \\",
        "  --identifiers wristband.txt --as NURSE-1",
    ),
)
def enroll(
    context: typer.Context,
    *,
    protocol: Annotated[str, typer.Option(help="The adopted protocol.")],
    collection: Annotated[str, typer.Option(metavar="SITE", help="Where cells are collected.")],
    manufacturing: Annotated[str, typer.Option(metavar="SITE", help="Where the product is made.")],
    treatment: Annotated[str, typer.Option(metavar="SITE", help="Where it is infused.")],
    identifiers: Annotated[str, IDENTIFIERS_OPTION],
    indication: Annotated[
        str | None, typer.Option(metavar="WORD", help="For which disease, by the protocol's word: b_all, mm.")
    ] = None,
    reason: Annotated[
        Reason | None,
        SECOND_THERAPY_OPTION,
    ] = None,
    witness: Annotated[
        str | None, typer.Option(metavar="STAFF", help="The second person, who signs for that.")
    ] = None,
) -> None:
    """Begin a therapy. Identifiers come from a file, since arguments can be seen by others."""
    session = CommandSession.of(context)
    patient = read_identifiers(identifiers)
    with session.writing() as tracker:
        answer = ask(
            session,
            tracker,
            "enroll",
            witness=witness,
            reason=None if reason is None else reason.value,
            protocol=protocol,
            indication=indication,
            collection_site=collection,
            manufacturing_site=manufacturing,
            treatment_site=treatment,
            patient=patient,
        )
        coi, station = answer.entries[0].chain, session.station_in(tracker)
    if not session.as_json:
        say(
            f"The therapy is {coi}.\nNext print its COI card, for the chart and the first scan at the chair:"
            "\n"
            f"  cartrail label {coi} --to pdf:{coi}.pdf \\\n    --station {station} --as {session.staff}"
        )


@group.command(
    "erase",
    epilog=example(
        "cartrail patient erase CD234567892 --reason retention_ended --approved-by QP-1 --as QA-1",
        "cartrail patient erase CD234567892 --reason data_subject_request --ground consent_withdrawn \\",
        "  --approved-by QP-1 --as QA-1",
    ),
)
def erase(
    context: typer.Context,
    coi: Annotated[str, typer.Argument(metavar="COI", help="Any code of the therapy.")],
    *,
    reason: Annotated[Reason, reason_option("erase", "Why")],
    approved_by: Annotated[str, typer.Option(metavar="STAFF", help="The second person, who approves it.")],
    ground: Annotated[
        ErasureGround | None,
        typer.Option(help="The legal ground, before the therapy's end or its retention date."),
    ] = None,
) -> None:
    """Delete a patient's identifiers, free texts and outside names for good. Every proof stays valid.

    Two people sign. Nobody can take it back, and a backup must be erased again after it is restored.
    """
    session = CommandSession.of(context)
    from tui.cli.patient.erasing import erase_patient

    with session.writing() as tracker:
        (chain,) = tracker.exports.chains([coi])
        erase_patient(session, tracker, chain, reason=reason, ground=ground, approver=approved_by)
