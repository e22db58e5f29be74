"""`cartrail trace` and `cartrail making`: what touched which cells, both ways, and how they were made."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import InputError
from schema.instants import format_instant
from tui.cli.options import example
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.readers import require_board
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.tracker import Tracker
    from tracker.values import GrowthView, SharedPlace, ThingTrace, UnitTrace

app = typer.Typer()


class Traced(StrEnum):
    """Where a trace begins."""

    LOT = "lot"
    INSTRUMENT = "instrument"
    UNIT = "unit"
    EVENT = "event"
    PERSON = "person"
    SHARED = "shared"


@app.command(
    "trace",
    epilog=example("cartrail trace lot GT234567892", "cartrail trace unit UT234567892 --json"),
)
def trace(
    context: typer.Context,
    what: Annotated[
        Traced, typer.Argument(metavar="lot|instrument|unit|event|person|shared", help="What ID is.")
    ],
    code: Annotated[str, typer.Argument(metavar="ID", help="Its id or code, as scanned.")],
) -> None:
    """Trace a lot, an instrument or a person to the cells, and cells or an event to all that touched them.

    `shared` takes a therapy: who else was at its benches and instruments within a day.
    """
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        if what is Traced.SHARED:
            _print_shared(tracker.read.shared_places(coi=code), as_json=session.as_json)
            return
        if what in (Traced.UNIT, Traced.EVENT):
            found = _of_units(tracker, what, code)
            _print_units(found, as_json=session.as_json)
            return
        thing = code if what is Traced.PERSON else _thing(tracker, code)
        _print_thing(tracker.read.trace(thing=thing), as_json=session.as_json)


@app.command("making", epilog=example("cartrail making CT234567892"))
def making(
    context: typer.Context,
    coi: Annotated[str, typer.Argument(metavar="COI", help="The therapy.")],
) -> None:
    """Show how the cells of a therapy were made: each step with lots, instruments, numbers and moves."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        steps = tracker.read.making(coi=coi)
        cultures = tracker.read.growth(coi=coi)
    records: list[dict[str, Any]] = [
        {
            "sequence": one.entry.sequence,
            "attempt": one.attempt,
            "step": one.step,
            "title": one.title,
            "started_at": format_instant(one.started_at),
            "ended_at": format_instant(one.ended_at),
            "units": list(one.units),
            "instruments": list(one.instruments),
            "lots": list(one.lots),
            "measured": list(one.measured),
            "moves": list(one.moves),
            "by": one.entry.statement.actor,
        }
        for one in steps
    ]
    if session.as_json:
        for record in records:
            print_json(record)
        for culture in cultures:
            print_json(_growth_record(culture))
        return
    if not records and not cultures:
        print(f"No step of the process is recorded of {coi}.")
    for record in records:
        print(f"{record['sequence']:>4}  {record['ended_at'][:16].replace('T', ' ')}  {record['title']}")
        rows = (
            ("of", "units"),
            ("with", "instruments"),
            ("lots", "lots"),
            ("measured", "measured"),
            ("moved", "moves"),
        )
        print_rows((f"        {name}", "; ".join(record[key])) for name, key in rows)
    for culture in cultures:
        _print_growth(culture)


def _growth_record(culture: GrowthView) -> dict[str, Any]:
    projected = culture.projected_at
    return {
        "attempt": culture.attempt,
        "growth": [
            {
                "day": one.day,
                "at": format_instant(one.at),
                "million_cells": str(one.cells),
                "change": one.change,
            }
            for one in culture.counts
        ],
        "summary": culture.summary,
        "enough": culture.enough.value,
        "dose": culture.dose,
        "projected_at": None if projected is None else format_instant(projected),
    }


def _print_growth(culture: GrowthView) -> None:
    """The counts of one culture, and whether they make the dose."""
    print()
    print(f"GROWTH of manufacture {culture.attempt}: {culture.summary or 'one count'}")
    headings = (("day", "Day"), ("at", "Counted"), ("cells", "Million cells"), ("change", "Since before"))
    rows = [
        {
            "day": one.day,
            "at": format_instant(one.at)[:16].replace("T", " "),
            "cells": str(one.cells),
            "change": one.change,
        }
        for one in culture.counts
    ]
    print_records(rows, headings, as_json=False)
    at = culture.projected_at
    later = "" if at is None else f"; ~ {format_instant(at)[:10]} if it grows as in the last interval"
    print(f"ENOUGH {culture.enough.value.upper()}: {culture.dose}{later}")


def _thing(tracker: Tracker, code: str) -> str:
    found = tracker.read.lookup(code=code).resolution.object_id
    if found is None or found[0] not in "GE":
        raise InputError(f"{code[:60]} is no lot or instrument of this store.", remedy="Scan its label.")
    return found


def _of_units(tracker: Tracker, what: Traced, code: str) -> tuple[UnitTrace, ...]:
    if what is Traced.EVENT:
        return tracker.read.trace_event(event_id=code)
    resolution = tracker.read.lookup(code=code).resolution
    if resolution.coi is None or resolution.unit is None:
        raise InputError(f"{code[:60]} is no unit of this store.", remedy="Scan its label or cassette.")
    return (tracker.read.trace_unit(coi=resolution.coi, unit=resolution.unit),)


def _print_thing(found: ThingTrace, *, as_json: bool) -> None:
    uses = [{**asdict(one), "at": format_instant(one.at), "units": list(one.units)} for one in found.uses]
    units = [asdict(one) for one in found.units]
    if as_json:
        print_json({"thing": found.thing, "title": found.title, "uses": uses, "units": units})
        return
    print_rows(
        [
            ("thing", found.thing),
            ("title", found.title),
            ("therapies", str(len({one.coi for one in found.uses}))),
        ]
    )
    print()
    headings = (
        ("coi", "Therapy"),
        ("unit", "Unit"),
        ("material", "Material"),
        ("state", "State"),
        ("grades", "Reactions"),
    )
    shown = [{**one, "grades": "; ".join(one["grades"])} for one in units]
    print_records(shown, headings, as_json=False, whole=("Therapy", "Unit"))
    print()
    rows = [{**one, "at": one["at"][:16].replace("T", " ")} for one in uses]
    headings_of_uses = (
        ("at", "When (UTC)"),
        ("coi", "Therapy"),
        ("sequence", "No."),
        ("step", "Step"),
        ("units", "Units"),
    )
    print_records(rows, headings_of_uses, as_json=False, whole=("Therapy",))


def _print_shared(found: Iterable[SharedPlace], *, as_json: bool) -> None:
    rows = [
        {**asdict(one), "at": format_instant(one.at), "other_at": format_instant(one.other_at)}
        for one in found
    ]
    headings = (
        ("title", "Bench or instrument"),
        ("at", "When (UTC)"),
        ("step", "Step"),
        ("other", "Other therapy"),
        ("other_at", "When (UTC)"),
        ("other_step", "Its step"),
        ("other_sequence", "No."),
    )
    shown = rows if as_json else [
        {**row, **{key: str(row[key])[:16].replace("T", " ") for key in ("at", "other_at")}} for row in rows
    ]  # fmt: skip
    print_records(shown, headings, as_json=as_json, whole=("Other therapy",))


def _print_units(found: Iterable[UnitTrace], *, as_json: bool) -> None:
    for one in found:
        if as_json:
            print_json(asdict(one))
            continue
        pairs = (
            ("lots", one.lots),
            ("instruments", one.instruments),
            ("boxes", one.boxes),
            ("places", one.places),
        )
        print_rows(
            [
                ("unit", one.unit),
                ("therapy", one.coi),
                ("what", one.title),
                ("made from", ", ".join(one.ancestors)),
                ("made of it", ", ".join(one.descendants)),
                *(
                    (
                        name,
                        "; ".join(
                            title if title.endswith(")") else f"{title} ({key})" for key, title in things
                        ),
                    )
                    for name, things in pairs
                ),
                ("benches", ", ".join(one.benches)),
                ("people", ", ".join(one.people)),
                ("carriers", ", ".join(one.carriers)),
                ("excursions", str(one.excursions)),
                ("out of specification", "YES" if one.is_out_of_specification else "no"),
                ("reactions after it", "; ".join(one.grades)),
            ]
        )
        print()
