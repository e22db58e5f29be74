"""`cartrail patient manifest`: what senders say their labels carry, and what of it was scanned."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import InputError
from tui.cli.acting import ask
from tui.cli.options import example
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.readers import require_board
from tui.cli.session import CommandSession
from tui.files import start_of

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import ManifestState, TherapyState

group = typer.Typer(help="What manufacturers and hospitals say their labels carry.")

Coi = Annotated[str, typer.Argument(metavar="COI", help="Any code of the therapy.")]


@group.command("add", epilog=example("cartrail patient manifest add CD234567892 maker.csv --as NURSE-1"))
def add(
    context: typer.Context,
    coi: Coi,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .toml, .json or .csv file.")],
) -> None:
    """Take in a manifest. Nothing is bound by it: its codes are scanned on their containers.

    The file is kept as it is and goes into bundles, so it holds codes and nothing else.
    """
    from tracker.values import manifest_form_of

    session = CommandSession.of(context)
    form, content = manifest_form_of(file.name), _content(file)
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "receive_manifest",
            coi=_chain(tracker, coi),
            form=form.value,
            content=base64.b64encode(content).decode("ascii"),
        )


@group.command("list", epilog=example("cartrail patient manifest list CD234567892"))
def list_manifests(context: typer.Context, coi: Coi) -> None:
    """List the manifests of a therapy with how many of their codes were scanned."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        therapy = _therapy(tracker, coi)
    records = [
        {
            "issuer": one.issuer,
            "number": one.number,
            "containers": len(one.units),
            "codes": len([*_lines(therapy, one)]),
            "scanned": sum(line["state"] == "scanned" for line in _lines(therapy, one)),
        }
        for one in therapy.manifests.values()
    ]
    headings = (
        ("issuer", "From"),
        ("number", "Number"),
        ("containers", "Containers"),
        ("codes", "Codes"),
        ("scanned", "Scanned"),
    )
    print_records(records, headings, as_json=session.as_json)


@group.command("show", epilog=example("cartrail patient manifest show CD234567892 MAN-2026-0042"))
def show(
    context: typer.Context,
    coi: Coi,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The sender's number of the manifest.")],
) -> None:
    """Show every code of a manifest: which thing it is on, and whether it was scanned there."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        therapy = _therapy(tracker, coi)
    manifest = next((one for one in therapy.manifests.values() if one.number == number), None)
    if manifest is None:
        raise InputError(
            f"{therapy.coi} has no manifest {number[:40]}.",
            remedy=f"See `cartrail patient manifest list {therapy.coi}`.",
        )
    lines = [*_lines(therapy, manifest)]
    if session.as_json:
        print_json({"issuer": manifest.issuer, "number": manifest.number, "codes": lines})
        return
    print_rows([("therapy", therapy.coi), ("from", manifest.issuer), ("number", manifest.number)])
    print()
    headings = (
        ("on", "On"),
        ("unit", "Unit"),
        ("issuer", "Issuer"),
        ("type", "Type"),
        ("value", "Code"),
        ("state", "State"),
    )
    print_records(lines, headings, as_json=False)


def _lines(therapy: TherapyState, manifest: ManifestState) -> Iterator[dict[str, Any]]:
    """One line a code: expected, scanned or missing is what the tally asks."""
    from tracker.values import holder_of

    things = [("therapy", manifest.codes)]
    things += [(f"item {unit.item}, {unit.material.value}", unit.codes) for unit in manifest.units]
    for on, codes in things:
        for code in codes:
            holder = holder_of(therapy, code)
            yield {
                "on": on.replace("_", " "),
                "unit": "" if holder in (None, therapy.coi) else holder,
                "issuer": code.issuer,
                "type": code.type.value.replace("_", " "),
                "value": code.value,
                "state": "not scanned" if holder is None else "scanned",
            }


def _chain(tracker: Tracker, code: str) -> str:
    (chain,) = tracker.exports.chains([code])
    return chain


def _therapy(tracker: Tracker, code: str) -> TherapyState:
    chain = _chain(tracker, code)
    known = tracker.read.therapy(coi=chain)
    if known is None:
        raise InputError(f"{chain} is no therapy.", remedy="List them with `cartrail patient list`.")
    return known[0]


def _content(file: Path) -> bytes:
    from tracker.values import MANIFEST_BYTES_MAX

    try:
        return start_of(file, MANIFEST_BYTES_MAX)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", code="no_manifest_file") from error
