"""`cartrail site equipment`: boxes, shippers, loggers and instruments, and whether they may be used."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from schema.entry import REGISTRY
from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import EquipmentStatus, EquipmentType
from schema.zones import on_clock, zone_info
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.known import known_or_all
from tui.cli.options import example, whole_number
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.session import CommandSession
from tui.cli.times import FoldOption, instant, moment
from tui.equipment_words import state_word
from tui.files import start_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.tracker import Tracker
    from tracker.values import Equipment, EquipmentLine, EquipmentUse, RegistryState

group = typer.Typer(help="Boxes, shippers, loggers and instruments: added, tested, cleaned, retired.")

CERTIFICATE_BYTES_MAX: Final = 50_000_000

EquipmentCode = Annotated[
    str, typer.Argument(metavar="EQUIPMENT", help="Its id or its printed code, as scanned.")
]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="When it was done; now if not given."),
]
HoldOption = Annotated[
    int | None, whole_number(least=1, help_text="For how many hours it holds its temperature.")
]


@group.command("list", epilog=example("cartrail site equipment list CLINIC"))
def list_equipment(
    context: typer.Context,
    site: Annotated[str | None, typer.Argument(metavar="[SITE]", help="Of this site alone.")] = None,
    *,
    unfit: Annotated[
        bool, typer.Option("--unfit", help="Only what is due, soon due or out of service.")
    ] = False,
) -> None:
    """List what the sites have, whether it may be used, until when, and what is in it.

    In the table, times are by the clocks of the site that each belongs to.
    """
    session = CommandSession.of(context)
    with session.reading() as tracker:
        lines = tracker.read.equipment(site=known_or_all(tracker.registry, site))
        shown = {one.equipment.id: _there(tracker.registry, one.equipment) for one in lines}
    records = [_record(one) for one in lines if not unfit or _wants_somebody(one)]
    headings = (
        *(("equipment", "Id"), ("title", "Name"), ("site", "Site"), ("state", "State")),
        *(("due", "Due"), ("holds", "Holds until")),
    )
    if not session.as_json:
        records = [{**one, **shown[one["equipment"]], "title": _named(one)} for one in records]
    print_records(
        records,
        headings,
        as_json=session.as_json,
        whole=("Id",),
        none="There is no such box, shipper or logger.",
    )


@group.command("show", epilog=example("cartrail site equipment show BT234567892 --since 2026-11-01T00:00Z"))
def show(
    context: typer.Context,
    equipment: EquipmentCode,
    *,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Its uses from then on; of what failed, since it is unfit."),
    ] = None,
) -> None:
    """Show one of them: its tests, its charge, why it may not be used, and for which cells it was used."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        line = _found(tracker, equipment)
        one = line.equipment
        start = None if since is None else moment(session, tracker, since, site=one.site)
        begin = start or one.unfit_since or (one.qualified_at if one.failed else None)
        uses = tracker.read.equipment_uses(equipment=one.id, since=begin)
        there = _there(tracker.registry, one)
        clock = partial(_on_clock, tracker.registry, one)
    facts: dict[str, Any] = {
        **_record(line),
        "why": "" if line.violation is None else line.violation.message,
        "hold_hours": one.hold_hours,
        "tested_at": _instant(one.qualified_at),
        "tested_by": one.standard,
        "celsius_min": one.celsius_min,
        "celsius_max": one.celsius_max,
        "unfit_since": _instant(one.unfit_since),
        "charged_at": _instant(one.charged_at),
    }
    records = [_use_record(use) for use in uses]
    if session.as_json:
        print_json({**facts, "uses_since": _instant(begin), "uses": records})
        return
    facts |= {name: text for name, text in there.items() if text}
    print_rows((name.replace("_", " "), str(value)) for name, value in facts.items() if value is not None)
    print()
    headings = (
        *(("coi", "Therapy"), ("shipment", "Shipment"), ("packed_at", "Packed"), ("opened_at", "Opened")),
        ("units", "Units"),
    )
    print_records([_as_row(use, clock) for use in uses], headings, as_json=False)


@group.command(
    "add",
    epilog=example(
        "cartrail site equipment add CARRIER --title 'Dewar 7' --type shipper \\",
        "  --hold-hours 240 --due 2027-05-01T00:00Z --as ADA-1",
        "cartrail site equipment add MFG-1 --title 'Culture device 2' --type instrument \\",
        "  --class culture_device --exclusive --as ADA-1",
    ),
)
def add(
    context: typer.Context,
    site: Annotated[str, typer.Argument(metavar="SITE", help="The code of the site it belongs to.")],
    *,
    title: Annotated[str, typer.Option(help="The name as it is printed.")],
    equipment_type: Annotated[EquipmentType, typer.Option("--type", help="What it is.")],
    hold_hours: HoldOption = None,
    due: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it must be qualified or calibrated again."),
    ] = None,
    fold: FoldOption = None,
    display: Annotated[
        bool, typer.Option("--display", help="It shows the temperature inside; every handoff asks for it.")
    ] = False,
    serial: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Its maker's number; a logger's files are known by it."),
    ] = None,
    instrument_class: Annotated[
        str | None,
        typer.Option("--class", metavar="WORD", help="What an instrument is, by the protocol's word."),
    ] = None,
    exclusive: Annotated[
        bool, typer.Option("--exclusive", help="One therapy at a time is in the instrument.")
    ] = False,
) -> None:
    """Add a box, shipper, logger or instrument; `cartrail label` prints its code (administrator)."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "add_equipment",
            site=site,
            title=title,
            equipment_type=equipment_type.value,
            hold_hours=hold_hours,
            requalification_due=instant(session, tracker, due, fold, site=site),
            has_display=display,
            serial=serial,
            instrument_class=instrument_class,
            exclusive=exclusive or None,
        )


@group.command(
    "qualify",
    epilog=example(
        "cartrail site equipment qualify BT234567892 --passed \\",
        "  --due 2027-05-01T00:00Z --standard 'ISTA 7E, summer' --as ADA-1 --approved-by BEN-1",
        "cartrail site equipment qualify DT234567892 --failed \\",
        "  --unfit-since 2026-10-01T00:00Z --standard 'two-point calibration' --as BEN-1",
    ),
)
def qualify(
    context: typer.Context,
    equipment: EquipmentCode,
    *,
    passed: Annotated[bool, typer.Option("--passed/--failed", help="How the test came out.")],
    standard: Annotated[str, typer.Option(help="By what it was tested.")],
    at: AtOption = None,
    due: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it is due again, if it passed.")
    ] = None,
    unfit_since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Since when it cannot be relied on, if it failed.")
    ] = None,
    fold: FoldOption = None,
    hold_hours: HoldOption = None,
    celsius_min: Annotated[str | None, typer.Option(metavar="C", help="The coldest, as tested.")] = None,
    celsius_max: Annotated[str | None, typer.Option(metavar="C", help="The warmest, as tested.")] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate; its SHA-256 is recorded.")
    ] = None,
    approved_by: Annotated[
        str | None, typer.Option(metavar="STAFF", help="Who of quality approves that it passed.")
    ] = None,
) -> None:
    """Record the outcome of a requalification or calibration (administrator or quality).

    Times are by the clocks of the site it belongs to; a day alone begins there at midnight.
    Of one that failed, `cartrail site equipment show` lists every use since it is unfit.
    """
    session = CommandSession.of(context)
    digest = None if certificate is None else digest_of(certificate)
    with session.writing() as tracker:
        site = _found(tracker, equipment).equipment.site
        answer = ask(
            session,
            tracker,
            "qualify_equipment",
            approver=approved_by,
            equipment=equipment,
            verdict="passed" if passed else "failed",
            standard=standard,
            at=instant(session, tracker, at, fold, site=site),
            due_at=instant(session, tracker, due, fold, site=site),
            unfit_since=instant(session, tracker, unfit_since, fold, site=site),
            hold_hours=hold_hours,
            celsius_min=celsius_min,
            celsius_max=celsius_max,
            certificate=digest,
        )
    drafted = [one.chain for one in answer.entries if one.chain != REGISTRY]
    if drafted:
        say(f"A deviation was drafted for each of its {len(drafted)} uses since: {', '.join(drafted)}.")


@group.command("charge", epilog=example("cartrail site equipment charge BT234567892 --as TECH-1"))
def charge(
    context: typer.Context,
    equipment: EquipmentCode,
    *,
    at: AtOption = None,
    fold: FoldOption = None,
    grams: Annotated[
        int | None, whole_number(help_text="How much was filled in, where it was weighed.")
    ] = None,
) -> None:
    """Record that a shipper was charged; its hold time runs from then."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        when = instant(session, tracker, at, fold)
        ask(session, tracker, "charge_shipper", equipment=equipment, at=when, grams=grams)


@group.command("status", epilog=example("cartrail site equipment status BT234567892 cleaning --as TECH-1"))
def status(
    context: typer.Context,
    equipment: EquipmentCode,
    new: Annotated[EquipmentStatus, typer.Argument(metavar="STATUS", help="What it is from now on.")],
) -> None:
    """Take one out of service, or put it back; after quarantine, repair or loss quality does that."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "set_equipment_status", equipment=equipment, status=new.value)


def _found(tracker: Tracker, code: str) -> EquipmentLine:
    object_id = tracker.read.lookup(code=code).resolution.object_id
    found = next((one for one in tracker.read.equipment() if one.equipment.id == object_id), None)
    if found is None:
        raise InputError(
            f"There is no box, shipper or logger {code}.", remedy="See `cartrail site equipment list`."
        )
    return found


def digest_of(certificate: Path) -> str:
    """The SHA-256 of the file of a certificate; raises InputError for one that is empty or too large."""
    try:
        content = start_of(certificate, CERTIFICATE_BYTES_MAX)
    except OSError as error:
        raise InputError(
            f"{certificate} cannot be read: {error.strerror}.", remedy="Name the certificate's file."
        ) from error
    if not content:
        raise InputError(f"{certificate} is empty.", remedy="Name the certificate's file.")
    if len(content) > CERTIFICATE_BYTES_MAX:
        raise InputError(
            f"{certificate} has more than {CERTIFICATE_BYTES_MAX // 1_000_000} MB.",
            remedy="Name the certificate's file.",
        )
    return sha256(content).hexdigest()


def _record(line: EquipmentLine) -> dict[str, Any]:
    one = line.equipment
    return {
        "equipment": one.id,
        "title": one.title,
        "serial": one.serial,
        "type": one.equipment_type.value.replace("_", " "),
        "site": one.site,
        "state": state_word(line),
        "status": one.status.value,
        "due": _instant(one.requalification_due),
        "holds": _instant(one.holds_until),
        "units": line.units,
        "box": line.box,
    }


def _named(record: Mapping[str, Any]) -> str:
    """Its name, and the number of its maker, which stands on it and in a logger's file."""
    return f"{record['title']}, {record['serial']}" if record["serial"] else str(record["title"])


def _use_record(use: EquipmentUse) -> dict[str, Any]:
    return {
        "coi": use.coi,
        "shipment": use.shipment,
        "box": use.box,
        "units": list(use.units),
        "packed_at": _instant(use.packed_at),
        "packed_by": use.packed_by,
        "opened_at": _instant(use.opened_at),
    }


def _as_row(use: EquipmentUse, clock: Callable[[datetime | None], str]) -> dict[str, Any]:
    """A use as a line of a table."""
    at = {"packed_at": clock(use.packed_at), "opened_at": clock(use.opened_at)}
    return {**_use_record(use), **at, "units": ", ".join(use.units)}


def _wants_somebody(line: EquipmentLine) -> bool:
    """Whether it is to be looked after now; an uncharged shipper is charged when it is used."""
    rule = line.violation.rule if line.violation is not None else ""
    return line.is_due_soon or rule not in ("", "not_charged", "logger_in_use")


def _there(registry: RegistryState, one: Equipment) -> dict[str, str]:
    """Each of its times as the clocks of its own site show it."""
    clock = partial(_on_clock, registry, one)
    return {
        "due": clock(one.requalification_due)[: len("2026-11-30")],
        "holds": clock(one.holds_until),
        "tested_at": clock(one.qualified_at),
        "unfit_since": clock(one.unfit_since),
        "charged_at": clock(one.charged_at),
    }


def _on_clock(registry: RegistryState, one: Equipment, moment: datetime | None) -> str:
    if moment is None:
        return ""
    return f"{on_clock(moment, zone_info(registry.zone_at(one.site, moment))):%Y-%m-%d %H:%M}"


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)
