"""`cartrail lot`: the reagents, vectors and sets with which cells are made, by lot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import LotStatus, Reason
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.equipment import digest_of
from tui.cli.known import known_or_all
from tui.cli.options import Approver, example, reason_option
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.readers import require_board
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import LotLine

app = typer.Typer()
group = typer.Typer(help="Lots of reagents, vectors and sets: received, released, kept back, recalled.")
app.add_typer(group, name="lot", epilog=example("cartrail lot list"))

LotCode = Annotated[str, typer.Argument(metavar="LOT", help="Its id, its printed code, or its maker's code.")]

_HEADINGS = (
    *(("lot", "Lot"), ("item", "Item"), ("number", "Number"), ("site", "Site")),
    *(("expires", "Good till"), ("state", "State")),
)


@group.command(
    "receive",
    epilog=example(
        "cartrail lot receive MFG-1 --item viral_vector --number LV-2026-017 \\",
        "  --expires 2027-03-31 --celsius-max=-60 --celsius-min=-90 --as OPER-1",
        "cartrail lot receive MFG-1 --item culture_medium --maker '(01)...(17)270331(10)M7' --as OPER-1",
    ),
)
def receive(
    context: typer.Context,
    site: Annotated[str, typer.Argument(metavar="SITE", help="Where it came to.")],
    *,
    item: Annotated[str, typer.Option(metavar="WORD", help="What it is, by the protocol's word.")],
    number: Annotated[str | None, typer.Option(help="Its maker's lot number.")] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day on which it is good, as 2027-03-31.")
    ] = None,
    maker: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="The GS1 code on its pack, which says number, GTIN and day."),
    ] = None,
    celsius_min: Annotated[str | None, typer.Option(metavar="C", help="The coldest it may be kept.")] = None,
    celsius_max: Annotated[str | None, typer.Option(metavar="C", help="The warmest it may be kept.")] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its certificate; the SHA-256 is recorded.")
    ] = None,
) -> None:
    """Take goods of one lot in; nothing may be made with them until quality releases the lot."""
    session = CommandSession.of(context)
    said = {"number": number, "expires": expires, "gtin": None}
    if maker is not None:
        said |= _of_maker(maker, said)
    missing = [f"--{name}" for name in ("number", "expires") if said[name] is None]
    if missing:
        raise InputError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            remedy="Give it, or scan the maker's GS1 code with --maker.",
            code="missing_option",
        )
    digest = None if certificate is None else digest_of(certificate)
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "receive_lot",
            site=site,
            item=item,
            celsius_min=celsius_min,
            celsius_max=celsius_max,
            certificate=digest,
            number=said["number"],
            expires=said["expires"],
            gtin=said["gtin"],
        )
        if not _is_described(tracker, item):
            say(f"No adopted protocol describes the item {item}: check the word.")


@group.command("release", epilog=example("cartrail lot release GT234567892 --as QA-1"))
def release(
    context: typer.Context,
    lot: LotCode,
    *,
    reference: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The paper it rests on; it is committed.")
    ] = None,
) -> None:
    """Let a lot be used from now on (quality of its site)."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        status = LotStatus.RELEASED.value
        ask(session, tracker, "set_lot_status", lot=lot, status=status, reference=reference)


@group.command(
    "status", epilog=example("cartrail lot status GT234567892 rejected --reason test_failed --as QA-1")
)
def status(
    context: typer.Context,
    lot: LotCode,
    new: Annotated[LotStatus, typer.Argument(metavar="STATUS", help="What it is from now on.")],
    *,
    reason: Annotated[Reason | None, reason_option("set_lot_status", "Why; needed but for a release")] = None,
    reference: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The paper it rests on; it is committed.")
    ] = None,
) -> None:
    """Keep a lot back, reject it, or say that it is used up; a recall is `cartrail lot recall`."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "set_lot_status",
            lot=lot,
            status=new.value,
            reason=None if reason is None else reason.value,
            reference=reference,
        )


@group.command("list", epilog=example("cartrail lot list MFG-1 --unfit"))
def list_lots(
    context: typer.Context,
    site: Annotated[str | None, typer.Argument(metavar="[SITE]", help="Of this site alone.")] = None,
    *,
    unfit: Annotated[bool, typer.Option("--unfit", help="Only what may not be used.")] = False,
) -> None:
    """List the lots, what expires first, and whether each may be used now."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        lines = tracker.read.lots(site=known_or_all(tracker.registry, site))
    records = [_record(one) for one in lines if not unfit or one.violation is not None]
    print_records(records, _HEADINGS, as_json=session.as_json, whole=("Lot",))


@group.command("show", epilog=example("cartrail lot show GT234567892"))
def show(context: typer.Context, lot: LotCode) -> None:
    """Show one lot: what it is, how it is kept, and why it may not be used."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        line = found(tracker, lot)
        facts = {**_record(line), "recall_open": tracker.read.recall_owed(lot=line.lot.id) or None}
    if session.as_json:
        print_json(facts)
        return
    print_rows((name.replace("_", " "), str(value)) for name, value in facts.items() if value is not None)


@group.command(
    "recall",
    epilog=example(
        "cartrail lot recall GT234567892 --reason recalled_by_maker --as QA-1 --approved-by QA-2",
        "cartrail lot recall GT234567892 --go-on --as QA-1",
    ),
)
def recall(
    context: typer.Context,
    lot: LotCode,
    *,
    reason: Annotated[Reason, reason_option("recall_lot", "Why")] = Reason.RECALLED_BY_MAKER,
    reference: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The number of the maker's notice; it is committed.")
    ] = None,
    go_on: Annotated[
        bool, typer.Option("--go-on", help="Go on with a recall that is not written in every therapy yet.")
    ] = False,
    approved_by: Approver = None,
) -> None:
    """Recall a lot: everything that it touched is blocked at once, then quarantined therapy by therapy.

    One act writes in up to 100 therapies. Where there are more, the word is said first, and `--go-on` writes
    the rest; it may be broken off and begun again at any time.
    """
    session = CommandSession.of(context)
    with session.writing() as tracker:
        line = found(tracker, lot)
        is_recalled = line.lot.status is LotStatus.RECALLED
        if go_on is not is_recalled and session.recorded(tracker) is None:
            left = tracker.read.recall_owed(lot=line.lot.id)
            goes_on = "It goes on with --go-on." if left else "Nothing more is to be written."
            raise InputError(
                f"The lot {line.lot.id} is {line.lot.status.value}.",
                remedy="Leave out --go-on to recall it." if go_on else goes_on,
            )
        people = SignedIn(tracker, session.secrets)
        while True:
            ask(
                session,
                tracker,
                "recall_lot",
                people=people,
                approver=approved_by,
                lot=line.lot.id,
                reason=reason.value,
                reference=reference,
                told=lambda _: _recalled(tracker, line.lot.id),
            )
            approved_by, reference, owed = None, None, tracker.read.recall_owed(lot=line.lot.id)
            if not go_on or not owed:
                break
            say(f"{owed} therapies are left.")
        if owed:
            say(f"Nothing is written yet in {owed} therapies: go on with --go-on.")


@group.command("where-used", epilog=example("cartrail lot where-used GT234567892 --json"))
def where_used(context: typer.Context, lot: LotCode) -> None:
    """List the units that a lot touched, with their therapies and how they stand."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        line = found(tracker, lot)
        units = tracker.read.trace(thing=line.lot.id).units
    records = [asdict(one) for one in units]
    headings = (("coi", "Therapy"), ("unit", "Unit"), ("material", "Material"), ("state", "State"))
    print_records(records, headings, as_json=session.as_json, whole=("Therapy", "Unit"))


def _recalled(tracker: Tracker, lot: str) -> Iterator[tuple[str, str]]:
    """The lot, and by therapy every unit that it touched and how that stands now."""
    yield "recalled", lot
    touched = tracker.read.trace(thing=lot).units
    for coi in dict.fromkeys(one.coi for one in touched):
        yield coi, ", ".join(f"{one.unit} {one.state}" for one in touched if one.coi == coi)


def found(tracker: Tracker, code: str) -> LotLine:
    """The lot of an id, a printed code or a maker's code; raises InputError where there is none."""
    object_id = tracker.read.lookup(code=code).resolution.object_id
    line = next((one for one in tracker.read.lots() if one.lot.id == object_id), None)
    if line is None:
        raise InputError(f"There is no lot {code[:60]}.", remedy="See `cartrail lot list`.")
    return line


def _is_described(tracker: Tracker, item: str) -> bool:
    """Whether a protocol that is adopted here has a word for it."""
    return item in tracker.read.items_described()


def _of_maker(code: str, said: dict[str, str | None]) -> dict[str, str | None]:
    """Number, GTIN and last day from the maker's code; raises InputError where an option says otherwise."""
    from labels.gs1 import Gs1Message
    from labels.reader import read

    content = read(code).content
    if not isinstance(content, Gs1Message) or content.lot is None:
        raise InputError(
            "The maker's code has no GS1 lot number.",
            remedy="Scan the code with (01) and (10), or give --number and --expires.",
            code="wrong_code_type",
        )
    day = content.expiry
    read_off = {
        "number": content.lot,
        "gtin": content.value("01"),
        "expires": None if day is None else f"{day:%Y-%m-%d}",
    }
    for name, value in read_off.items():
        if value is not None and said[name] not in (None, value):
            raise InputError(
                f"--{name} says {said[name]} and the maker's code {value}.",
                remedy="Look at the pack again; leave the option out where the code is right.",
            )
    return {name: said[name] if value is None else value for name, value in read_off.items()}


def _record(line: LotLine) -> dict[str, Any]:
    lot = line.lot
    return {
        "lot": lot.id,
        "item": lot.item,
        "number": lot.number,
        "gtin": lot.gtin,
        "site": lot.site,
        "expires": lot.expires,
        "status": lot.status.value,
        "state": "may be used"
        if line.violation is None
        else line.violation.rule.removeprefix("lot_").replace("_", " "),
        "why": None if line.violation is None else line.violation.message,
        "celsius_min": lot.celsius_min,
        "celsius_max": lot.celsius_max,
        "certificate": lot.certificate,
        "received_at": format_instant(lot.received_at),
        "status_since": format_instant(lot.status_since),
    }
