"""`cartrail scan`: what a code is, without a store or with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labels.reader import Reading, read
from schema.errors import InputError
from tui.cli.codes import print_reading
from tui.cli.options import example, options_in

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import Lookup

app = typer.Typer()

EXIT_NOT_THIS = 3
"""Unknown here, superseded, or of another purpose."""


@app.command(
    "scan",
    epilog=example("cartrail scan CTUD23456789226V", "cartrail scan CODE --lookup", "cartrail scan --card"),
)
def scan(
    context: typer.Context,
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="What the scanner sent, or typed characters.")
    ] = None,
    *,
    lookup: Annotated[bool, typer.Option("--lookup", help="Ask the store what the code stands for.")] = False,
    card: Annotated[
        bool, typer.Option("--card", help="Judge the scanner by the codes of the scanner card.")
    ] = False,
    keep: Annotated[
        str | None,
        typer.Option(metavar="SCANNER", help="With --card: keep the result under the scanner's name."),
    ] = None,
) -> int:
    """Say what a code is. With --lookup also what it stands for in the store.

    With --card scan the scanner card into the terminal, or give what it sent on the standard input.
    """
    if card:
        from tui.cli.scanner import check_card

        return check_card(context, keep)
    if code is None:
        raise InputError(
            "No code was given.", remedy="Scan one: cartrail scan CODE. Or cartrail scan --card."
        )
    reading = read(code)
    found, exit_code = _looked_up(context, reading) if lookup else ([], 0)
    print_reading(reading, found, as_json=options_in(context).as_json)
    return exit_code


def _looked_up(context: typer.Context, reading: Reading) -> tuple[list[tuple[str, str]], int]:
    from tui.cli.session import CommandSession

    with CommandSession.of(context).reading() as tracker:
        if reading.kind.value in ("receipt", "head"):
            return _paper(tracker, reading)
        return _object(tracker, tracker.read.lookup(code=reading.raw))


def _paper(tracker: Tracker, reading: Reading) -> tuple[list[tuple[str, str]], int]:
    """A receipt or head: whether it belongs to this log, which proves nothing yet."""
    from schema.papercodes import HeadCode, ReceiptCode

    if isinstance(reading.content, ReceiptCode):
        place = tracker.read.place_of_statement(digest=reading.content.statement_digest)
        if place is None:
            return [("in this store", "no statement of this receipt")], EXIT_NOT_THIS
        return [("in this store", f"entry {place[1]} of {place[0]}")], 0
    origin = tracker.registry.origin
    ours = isinstance(reading.content, HeadCode) and reading.content.is_of(origin)
    if ours:
        return [("in this store", f"a head of this log, {origin}")], 0
    return [("in this store", f"not a head of this log, {origin}")], EXIT_NOT_THIS


def _object(tracker: Tracker, found: Lookup) -> tuple[list[tuple[str, str]], int]:
    from labels.frames import escaped
    from tracker.values import Found

    resolution = found.resolution
    rows = [("in this store", escaped(found.title))]
    if resolution.coi is not None:
        rows.append(("therapy", resolution.coi))
    if found.unit is not None:
        rows += [("unit", found.unit.unit), ("disposition", found.unit.disposition.value)]
        rows.append(("quarantined", "yes" if found.unit.quarantined else "no"))
    if resolution.note and resolution.found is not Found.COMMAND:
        rows.append(("note", escaped(resolution.note)))
    if found.superseded:
        rows.append(("copy", "superseded: this copy was taken out of use"))
    strange = resolution.found in (Found.UNKNOWN, Found.FOREIGN, Found.OTHER_PURPOSE)
    booked = _booked(tracker, resolution.object_id) if resolution.found is Found.SHIPMENT else []
    rows += booked
    unbound = resolution.found in (Found.CASSETTE, Found.SHIPMENT) and resolution.coi is None
    if unbound and not booked:
        strange = not tracker.read.is_printed(object_id=resolution.object_id or "")
        rows.append(("note", "unknown here" if strange else "printed here, not yet bound to a unit"))
    return rows, EXIT_NOT_THIS if strange or found.superseded else 0


def _booked(tracker: Tracker, shipment: str | None) -> list[tuple[str, str]]:
    """What was booked as a shipment, also where its waybill or SSCC was read; nothing for any other."""
    try:
        line = tracker.read.shipment(code=shipment or "")
    except InputError:
        return []
    way = f"{line.from_site} to {line.to_site}, by {line.carrier}"
    return [("shipment", line.shipment), ("status", line.status), ("way", way), ("waybill", line.waybill)]
