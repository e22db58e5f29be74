"""`cartrail temperature`: what a data logger recorded beside a shipment, read, judged and kept."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final

import typer

from schema.counting import lasting
from schema.errors import InputError
from schema.instants import format_instant, parse_offset
from schema.vocabulary import DayOrder, TemperatureUnit
from tui.cli.acting import ask
from tui.cli.options import example, whole_number
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.session import CommandSession, SignedIn
from tui.files import opened_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.answers import Answer
    from tracker.tracker import Tracker
    from tracker.values import JudgedLine, LoggerFileView, SaidOfFile

app = typer.Typer()

FILE_BYTES_MAX: Final = 200_000_000
MORE: Final = "more_to_judge"
"""The notice of an act that left some therapies for the next one."""

HEADINGS: Final = (
    *(("coi", "Therapy"), ("unit", "Unit"), ("allowed", "Bears"), ("outside", "Outside")),
    *(("unknown", "Unknown"), ("peak_celsius", "Peak C"), ("verdict", "Verdict")),
)


@app.command(
    "temperature",
    epilog=example(
        "cartrail temperature logger.csv --shipment SD234567892 --check",
        "cartrail temperature logger.csv --shipment SD234567892 \\",
        "  --zone Europe/Berlin --as QA-1",
        "cartrail temperature tank-1.csv --location LT234567892 --as QA-1",
    ),
)
def temperature(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As the logger's own program exported it.")],
    *,
    shipment: Annotated[
        str | None, typer.Option(metavar="CODE", help="In whose box it was, or the box.")
    ] = None,
    location: Annotated[
        str | None, typer.Option(metavar="CODE", help="The place that it records in, as a tank.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="Z", help="The logger's clock, as +01:00 or Europe/Berlin, where not in the file."
        ),
    ] = None,
    unit: Annotated[
        TemperatureUnit | None, typer.Option(help="The unit, where the file does not say it.")
    ] = None,
    serial: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="As it stands on the logger, where not in the file.")
    ] = None,
    dates: Annotated[
        DayOrder | None, typer.Option(help="The order of a day that may be two, as 05/09/2026.")
    ] = None,
    channel: Annotated[
        int | None,
        whole_number(least=1, most=200, help_text="The column of the probe in the box, of several."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is in it; write nothing.")] = False,
) -> None:
    """Read a logger's file and hold it against what the cells of a shipment, or in a place, bear.

    Nothing is guessed, and one line that cannot be read refuses the file. What was outside, or is unknown,
    goes into quarantine with a drafted deviation in the same act. The file is kept where it can be erased.
    """
    from tracker.values import SaidOfFile

    session = CommandSession.of(context)
    said = SaidOfFile(zone, unit, serial, dates, channel)
    with opened(file) as stream, session.writing() if not check else session.reading() as tracker:
        view = tracker.read.logger_file(stream=stream, shipment=shipment, location=location, said=said)
        answers: list[Answer] = []
        if not check:
            answers = _record(session, tracker, view, said, location=location)
        if check or not session.as_json:
            _tell(session, view)
        if answers and not session.as_json:
            _tell_done(tracker, view, answers)


def _record(
    session: CommandSession, tracker: Tracker, view: LoggerFileView, said: SaidOfFile, *, location: str | None
) -> list[Answer]:
    """In as many acts as it takes: the file of a place that holds many therapies is sent again."""
    fields: dict[str, Any] = {
        "shipment": view.shipment,
        "location": location,
        "file": view.packed,
        "zone": view.zone,
        "unit": said.unit and said.unit.value,
        "serial": said.serial,
        "dates": said.dates and said.dates.value,
        "channel": said.channel,
    }
    people = SignedIn(tracker, session.secrets)
    answers: list[Answer] = []
    while not answers or any(one.rule == MORE for one in answers[-1].notices):
        asked = ask(session, tracker, "record_conditions", people=people, told=lambda _: (), **fields)
        answers.append(asked)
    return answers


def opened(file: Path) -> BinaryIO:
    """A file to be read from its beginning, several times; raises InputError for one that is too large.

    One that is larger by the time it is read is refused by whoever reads it.
    """
    try:
        stream = opened_file(file)
        size = os.fstat(stream.fileno()).st_size
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}.", remedy="Name a file that is there.", code="no_file"
        ) from error
    if size > FILE_BYTES_MAX:
        stream.close()
        raise InputError(
            f"{file.name} has {size} bytes or more; a logger's file has at most 200 MB.",
            remedy="Export the time of this shipment alone. Nothing was recorded.",
            code="logger_file_too_large",
        )
    return stream


def _tell(session: CommandSession, view: LoggerFileView) -> None:
    """What is in the file, and each unit that was beside the logger."""
    if session.as_json:
        lines = [{**asdict(one), "rules": list(one.rules)} for one in view.units]
        said = {key: value for key, value in asdict(view).items() if key not in ("packed", "units")}
        times = {"first_at": format_instant(view.first_at), "last_at": format_instant(view.last_at)}
        print_json({**said, **times, "units": lines})
        return
    clock = parse_offset(view.offset)
    first, last = (f"{one.astimezone(clock):%Y-%m-%d %H:%M}" for one in (view.first_at, view.last_at))
    print_rows(
        (
            ("File", f"{view.title}, logger {view.serial}"),
            ("Shipment", view.shipment or ""),
            ("Logger", view.logger),
            ("Readings", f"{view.readings}, every {view.interval_s} s, {first} to {last} ({view.offset})"),
            ("Temperature", f"{view.lowest} to {view.highest} C, mean {view.mean} C"),
        )
    )
    records = [
        {
            **asdict(one),
            "outside": lasting(one.outside_s),
            "unknown": lasting(one.unknown_s),
            "verdict": one.verdict.value.replace("_", " "),
        }
        for one in view.units
    ]
    print_records(records, HEADINGS, as_json=False, whole=("Therapy", "Unit"))


def _tell_done(tracker: Tracker, view: LoggerFileView, answers: Iterable[Answer]) -> None:
    """What became of the cells, what was drafted, and what quality does next."""
    recorded = {(one.chain, one.sequence) for answer in answers for one in answer.entries}
    drafted = [
        one
        for one in tracker.read.deviations()
        if (one.coi, one.state.sequence) in recorded and one.state.about
    ]
    if not drafted:
        print("Nothing was outside what the cells bear; nothing is in quarantine because of it.")
        return
    read = {one.unit: one for one in view.units}
    for line in drafted:
        for unit in line.state.units:
            print(f"{unit} of {line.coi}: {_found(read.get(unit))}. It is in quarantine.")
        print(f"Deviation {line.state.deviation} was drafted for it: {line.state.title}.")
        print("Next, quality says whether the cells may be used, and a second person approves:")
        print(f"  cartrail deviation excursion {line.coi} {line.state.deviation} basis.txt --decision usable")


def _found(one: JudgedLine | None) -> str:
    """What the readings said of a unit."""
    if one is None:
        return "outside what it bears"
    bears = f" ({one.allowed})" if one.allowed else ""
    unknown = f", {lasting(one.unknown_s)} unknown" if one.unknown_s else ""
    peak = "" if one.peak_celsius is None else f", at worst {one.peak_celsius} C"
    return f"{lasting(one.outside_s)} outside what it bears{bears}{unknown}{peak}"
