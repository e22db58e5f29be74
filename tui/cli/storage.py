"""`cartrail storage`: what lies where in the places of a site, what a count finds, where the shippers are."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from labels.keyed import typed
from schema.errors import InputError
from schema.identifiers import is_object_id, parse_printed
from schema.instants import format_instant
from schema.positions import position_at
from schema.vocabulary import EquipmentShown, EquipmentType
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.known import known_or_all
from tui.cli.options import example
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.readers import require_board
from tui.cli.session import CommandSession, SignedIn
from tui.equipment_words import counted_words, state_word, where_words
from tui.files import start_of

if TYPE_CHECKING:
    from tracker.values import CountedUnit, CountPreview, EquipmentLine, StorageMap, StoredUnit

CODES_BYTES_MAX: Final = 1_000_000
MANY: Final = 100
"""From here on a count is rather that of another place than the one that was named."""

_SHOWN: Final = 3
"""Characters of a code in its cell of a map."""

app = typer.Typer()
group = typer.Typer(help="Storage: which unit lies in which position, counts, shippers and loggers.")
app.add_typer(group, name="storage", epilog=example("cartrail storage map"))

Place = Annotated[str, typer.Argument(metavar="LOCATION", help="The id or code of the place.")]


@group.command("map", epilog=example("cartrail storage map", "cartrail storage map LT234567892 --json"))
def show_map(
    context: typer.Context,
    location: Annotated[
        str | None, typer.Argument(metavar="[LOCATION]", help="The id or code of one place; else all.")
    ] = None,
    *,
    site: Annotated[str | None, typer.Option(help="The places of this site alone.")] = None,
) -> None:
    """Show what lies in a place, where and until when; without one, the places and how full they are."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        site = known_or_all(tracker.registry, site)
        if location is None:
            _print_places(tracker.read.storage(site=site), as_json=session.as_json)
            return
        found = tracker.read.storage_map(location=_location(location))
    if session.as_json:
        print_json({**_place_record(found), "units": [_unit_record(one) for one in found.units]})
    else:
        _print_map(found)


def _print_places(places: Iterable[StorageMap], *, as_json: bool) -> None:
    headings = (
        *(("location", "Id"), ("title", "Name"), ("site", "Site"), ("positions", "Positions")),
        *(("units", "Units"), ("free", "Free"), ("counted_at", "Counted")),
    )
    records = [_place_record(one) for one in places]
    if not as_json:
        records = [{**one, "counted_at": _minute(one["counted_at"])} for one in records]
    print_records(records, headings, as_json=as_json, whole=("Id",))


def _place_record(one: StorageMap) -> dict[str, Any]:
    place, counted = one.place, one.place.counted
    return {
        "location": place.id,
        "title": place.title,
        "site": place.site,
        "celsius_min": place.celsius_min,
        "celsius_max": place.celsius_max,
        "rows": place.rows,
        "columns": place.columns,
        "positions": place.range_words,
        "units": len(one.units),
        "free": None if place.grid is None else len(one.free),
        "counted_at": None if counted is None else format_instant(counted.at),
        "counted_by": None if counted is None else counted.actor,
        "counted_missing": None if counted is None else counted.missing,
        "counted_unexpected": None if counted is None else counted.unexpected + counted.unknown,
    }


def _counted_words(one: StorageMap) -> str:
    """What the last count said, and when; empty where nobody has counted it."""
    said = one.place.counted
    if said is None:
        return ""
    others = said.unexpected + said.unknown
    return (
        f"{_minute(format_instant(said.at))} by {said.actor}: {said.found} of {said.expected} found, "
        f"{said.missing} missing, {others} not expected"
    )


def _unit_record(one: StoredUnit) -> dict[str, Any]:
    return {
        "position": one.position,
        "unit": one.unit,
        "cassette": one.cassette,
        "coi": one.coi,
        "material": one.material,
        "stored_at": None if one.stored_at is None else format_instant(one.stored_at),
        "expires_at": None if one.expires_at is None else format_instant(one.expires_at),
        "quarantined": one.is_quarantined,
        "missed": one.is_missed,
        "handed_over": one.is_handed_over,
    }


def _print_map(found: StorageMap) -> None:
    """The picture of a place with positions, then a line for each unit."""
    record = _place_record(found)
    named = ("title", "site", "location", "positions", "celsius_min", "celsius_max")
    print_rows((name.replace("_", " "), str(record[name] or "")) for name in named)
    print_rows([("counted", _counted_words(found))])
    if found.place.grid is not None:
        rows, columns = found.place.grid
        print()
        for line in _picture(found, rows, columns):
            print(line)
    print()
    units = [
        {**_unit_record(one), "state": _state(one), "until": _day(_unit_record(one)["expires_at"])}
        for one in found.units
    ]
    headings = (
        *(("position", "Position"), ("unit", "Unit"), ("coi", "Therapy"), ("material", "What")),
        *(("until", "Until"), ("state", "State")),
    )
    print_records(units, headings, as_json=False, whole=("Unit", "Therapy"))
    if not found.units:
        print("Nothing lies there by the record.")


def _picture(found: StorageMap, rows: int, columns: int) -> Iterable[str]:
    lies = {one.position: one for one in found.units if one.position is not None}
    yield "    " + "".join(f"{column:<6}" for column in range(1, columns + 1)).rstrip()
    for row in range(rows):
        places = (position_at(row, column) for column in range(columns))
        cells = (f"{_cell(lies.get(one)):<6}" for one in places)
        yield f" {position_at(row, 0)[0]}  {''.join(cells)}".rstrip()


def _cell(one: StoredUnit | None) -> str:
    """The last characters of a code after a sign: `!` to be looked at, `.` alone where nothing lies."""
    if one is None:
        return "."
    sign = "#" if one.is_missed else "!" if one.is_quarantined or one.is_handed_over else "*"
    return f"{sign}{one.unit[-_SHOWN:]}"


def _state(one: StoredUnit) -> str:
    words = (
        ("missed", one.is_missed),
        ("quarantined", one.is_quarantined),
        ("handed over", one.is_handed_over),
    )
    return ", ".join(word for word, is_so in words if is_so)


@group.command(
    "count",
    epilog=example(
        "cartrail storage count LT234567892 CTUT23456789226V CTUT345678923PL --as LAB-1",
        "cartrail storage count LT234567892 --codes scanned.txt --check",
        "cartrail storage count LT234567892 --codes scanned.txt --go-on --as LAB-1",
    ),
)
def count(
    context: typer.Context,
    location: Place,
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="[CODE]...", help="The codes of all that lies there.")
    ] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            "--codes", metavar="FILE", help="A file with one code a line; - for the standard input."
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only show what it would say.")] = False,
    go_on: Annotated[
        bool, typer.Option("--go-on", help="Tell the therapies that a count before left out, by its codes.")
    ] = False,
) -> None:
    """Hold all that lies in a place against the record, and sign what is found, missing and unexpected.

    One act tells up to 100 therapies what differs. Where there are more, further acts follow by themselves;
    a count that was broken off goes on with the same codes and --go-on.
    """
    from tracker.values import COUNT_GOES_ON

    session = CommandSession.of(context)
    place = _location(location)
    read = [*(codes or ()), *_lines(file)]
    opening = session.reading if check else session.writing
    with opening() as tracker:
        if check:
            require_board(session, tracker)
        preview = tracker.read.count_preview(location=place, codes=read)
        if check and session.as_json:
            print_json(_preview_record(preview))
        else:
            _say_preview(preview)
        if not check:
            people, goes_on = SignedIn(tracker, session.secrets), go_on
            while True:
                answer = ask(
                    session, tracker, "count_storage", people=people, location=place, units=read,
                    goes_on=goes_on,
                )  # fmt: skip
                if all(one.rule != COUNT_GOES_ON for one in answer.notices):
                    break
                goes_on = True


def _lines(file: Path | None) -> list[str]:
    if file is None:
        return []
    if str(file) == "-":
        content = sys.stdin.buffer.read(CODES_BYTES_MAX + 1)
    else:
        try:
            content = start_of(file, CODES_BYTES_MAX)
        except OSError as error:
            raise InputError(
                f"{file} cannot be read: {error.strerror}.", remedy="Name the file with the codes."
            ) from error
    if len(content) > CODES_BYTES_MAX:
        raise InputError(f"{file} has more than {CODES_BYTES_MAX} bytes.", remedy="Give one code a line.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not text in UTF-8.", remedy="Give one code a line.") from error
    return [typed(line.strip()) for line in text.splitlines() if line.strip()]


def _preview_record(preview: CountPreview) -> dict[str, Any]:
    named = ("found", "missing", "unexpected", "unknown", "on_the_way")
    lists: dict[str, tuple[CountedUnit, ...]] = {name: getattr(preview, name) for name in named}
    return {
        "location": preview.place.id,
        "expected": preview.expected,
        **{
            name: [{"unit": one.unit, "position": one.position, "by_record": one.by_record} for one in units]
            for name, units in lists.items()
        },
    }


def _say_preview(preview: CountPreview) -> None:
    """What is about to be signed, on the standard error."""
    say(
        f"{preview.place.title}: {preview.expected} expected: {len(preview.found)} found, "
        f"{len(preview.missing)} missing; {len(preview.unexpected)} unexpected, "
        f"{len(preview.unknown)} unknown."
    )
    if len(preview.missing) + len(preview.unexpected) > MANY:
        say(f"More than {MANY} differ: look whether this is the place that was meant.")
    for one in preview.missing:
        say(f"Missing: {one.unit}{f' in {one.position}' if one.position else ''}.")
    for one in preview.unexpected:
        say(f"Unexpected: {one.unit}, by the record {one.by_record or 'nowhere'}.")
    for one in preview.unknown:
        say(f"Unknown: {one.unit} stands for no unit of this store.")
    for one in preview.on_the_way:
        say(f"On its way: {one.unit} was handed over and is neither here nor missing.")


@group.command(
    "shippers",
    epilog=example(
        "cartrail storage shippers --show to_charge", "cartrail storage shippers --of CARRIER --show away"
    ),
)
def shippers(
    context: typer.Context,
    *,
    of: Annotated[str | None, typer.Option("--of", metavar="SITE", help="What belongs to this site.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="SITE", help="What is at this site, or with this carrier.")
    ] = None,
    show: Annotated[
        EquipmentShown | None, typer.Option("--show", help="Only what is ready, in use, to charge, ...")
    ] = None,
    equipment_type: Annotated[EquipmentType | None, typer.Option("--type", help="Only this kind.")] = None,
) -> None:
    """Say where each box, shipper and logger is, whether it is charged and fit, until when, and in use."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        of, at = (known_or_all(tracker.registry, site) for site in (of, at))
        lines = tracker.read.equipment(site=of)
    kept = [
        one
        for one in lines
        if (show is None or show.value in one.groups)
        and (equipment_type is None or one.equipment.equipment_type is equipment_type)
        and at in (None, one.where.carrier, one.where.site or one.equipment.site)
    ]
    headings = (
        *(("equipment", "Id"), ("title", "Name"), ("of", "Of"), ("where", "Where"), ("state", "State")),
        *(("due_at", "Due"), ("holds_until", "Holds until")),
    )
    records = [_equipment_record(one) for one in kept]
    if not session.as_json:
        records = [
            {**one, "due_at": _day(one["due_at"]), "holds_until": _minute(one["holds_until"])}
            for one in records
        ]
    print_records(records, headings, as_json=session.as_json, whole=("Id",))
    if not session.as_json:
        say(counted_words(lines))


def _day(instant: str | None) -> str:
    return "" if instant is None else instant[:10]


def _minute(instant: str | None) -> str:
    return "" if instant is None else instant[:16].replace("T", " ") + "Z"


def _equipment_record(line: EquipmentLine) -> dict[str, Any]:
    one, where = line.equipment, line.where
    holds = where.hold_until or one.holds_until
    return {
        "equipment": one.id,
        "title": one.title,
        "type": one.equipment_type.value,
        "of": one.site,
        "where": where_words(line),
        "site": where.site or (None if where.carrier else one.site),
        "carrier": where.carrier,
        "destination": where.destination,
        "since": None if where.since is None else format_instant(where.since),
        "state": state_word(line),
        "groups": sorted(one.value for one in line.groups),
        "units": line.units,
        "box": line.box,
        "charged_at": None if one.charged_at is None else format_instant(one.charged_at),
        "holds_until": None if holds is None else format_instant(holds),
        "due_at": None if one.requalification_due is None else format_instant(one.requalification_due),
    }


def _location(text: str) -> str:
    """The id of a place, given as it is or by its printed code."""
    plain = "".join(text.split()).upper()
    return plain if is_object_id(plain) else parse_printed(plain).object_id
