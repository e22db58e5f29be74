"""`cartrail measure`: how long it takes from vein to vein, and how often something goes wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from msgspec.structs import replace

from schema.counting import counted
from schema.errors import InputError, ReadTableDiffers
from tui.cli.ending import say
from tui.cli.known import known_or_all
from tui.cli.options import example
from tui.cli.output import print_json, print_table
from tui.cli.progress import growing
from tui.cli.readers import require_measurer
from tui.cli.session import CommandSession
from tui.cli.times import day_typed

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import MeasureLine, MeasureReport, MeasureWish

app = typer.Typer()

NAMED_MAX: Final = 5
"""Therapies that are named where the table says something else than their entries."""


@app.command(
    "measure",
    epilog=example(
        "cartrail measure",
        "cartrail measure --by month --site TREAT-A --from 2026-01-01",
        "cartrail measure --by carrier --json",
        "cartrail measure --from 2026-11-01 --until 2026-11-30 --out november.xlsx",
        "cartrail measure --values --out values.csv",
        "cartrail measure --from-ledger",
    ),
)
def measure(
    context: typer.Context,
    *,
    by: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="site, carrier, lane, protocol, resource, reason or month."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="What counts for this day or a later one.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="The last day, itself included.")] = None,
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="Only what this site has a part in.")
    ] = None,
    values: Annotated[
        bool, typer.Option("--values", help="Each value behind the figures, for somebody who checks them.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a file that ends in .csv, .json or .xlsx.")
    ] = None,
    from_ledger: Annotated[
        bool,
        typer.Option("--from-ledger", help="Compute from the entries alone, and compare."),
    ] = False,
    definitions: Annotated[
        bool, typer.Option("--definitions", help="What each measure means, and nothing else.")
    ] = False,
) -> int:
    """Show vein-to-vein and its parts, promises kept, excursions, failures, slots and mix-ups.

    Median and quartiles, from five values on; below that only how many there are. What is still running,
    or ended without a value, is told beside the figures and counted in none.
    With --from-ledger the figures are those of the entries; exit code 4 where the table that the others are
    read from says something else of any therapy.
    """
    session = CommandSession.of(context)
    if definitions:
        _print_definitions(as_json=session.as_json)
        return 0
    wish = _wish(by, since, until, site)
    with session.reading() as tracker:
        require_measurer(session, tracker)
        wish = replace(wish, site=known_or_all(tracker.registry, site))
        with_values = values or (out is not None and out.suffix.lower() == ".xlsx")
        found = _read(tracker, wish, from_ledger=from_ledger, with_values=with_values)
        if out is not None:
            tracker.exports.measures(found, out, is_of_values=values)
            say(f"Written to {out}.")
        elif session.as_json:
            _print_json(found, values=values)
        elif values:
            _print_values(found)
        else:
            _print_figures(found)
    if from_ledger and not found.differing:
        say(f"Computed from the entries of {found.therapies} therapies; the table agrees.")
    if found.differing:
        _say_differing(found.differing)
        return ReadTableDiffers.exit_code
    return 0


def _wish(by: str | None, since: str | None, until: str | None, site: str | None) -> MeasureWish:
    from tracker.values import Grouping, MeasureWish

    try:
        grouping = None if by is None else Grouping(by.lower())
    except ValueError as error:
        raise InputError(
            f"Measures are not grouped by {str(by)[:40]}.",
            remedy=f"Name one of: {', '.join(Grouping)}.",
            code="grouping_unknown",
        ) from error
    first, last = (None if text is None else day_typed(text) for text in (since, until))
    return MeasureWish(by=grouping, first=first, last=last, site=site)


def _read(tracker: Tracker, wish: MeasureWish, *, from_ledger: bool, with_values: bool) -> MeasureReport:
    if not from_ledger:
        return tracker.read.measures(wish, with_values=with_values)
    with growing("Replayed", "therapies") as watch:
        return tracker.read.measures_from_ledger(wish, watch=watch, with_values=with_values)


def _say_differing(differing: tuple[str, ...]) -> None:
    error = ReadTableDiffers(
        f"The table of histories says something else than the entries of {len(differing)} "
        f"{'therapy' if len(differing) == 1 else 'therapies'}: {', '.join(differing[:NAMED_MAX])}"
        f"{' ...' if len(differing) > NAMED_MAX else ''}. The figures shown are those of the entries."
    )
    say(f"{error.message} {error.remedy}")


def _print_json(found: MeasureReport, *, values: bool) -> None:
    from tracker.values import figure_records, value_records

    for record in value_records(found) if values else figure_records(found, found.wish.by):
        print_json(record)


def _print_values(found: MeasureReport) -> None:
    """The same columns as the file."""
    from tracker.values import value_records, write_records

    write_records(value_records(found), sys.stdout.buffer)


def _print_figures(found: MeasureReport) -> None:
    """One table, or one for each measure where they are set side by side."""
    say(_heading(found))
    if found.wish.by is None:
        _print_lines("Measure", [_cells(line.row.title, line) for line in found.lines])
        return
    for _, of_measure in groupby(found.lines, key=lambda line: line.name):
        told = [*of_measure]
        row = told[0].row
        print(f"\n{row.title}, {row.unit.value}")
        first = found.wish.by.value.capitalize()
        middle = "Median" if row.is_time else "Share"
        _print_lines(first, [_cells(_group_words(found, line.group), line) for line in told], middle)
    if not found.lines:
        print("Nothing of this was recorded.")


_HEADINGS: Final = ("n", "25 %", "Median", "75 %", "", "Running", "Left out", "Look")
_WORDS: Final = ("", "Look")
"""Columns of words; the others are of numbers, which stand under each other."""


def _print_lines(first: str, lines: Sequence[Sequence[str]], middle: str = "Median") -> None:
    """A table without the columns in which nothing stands."""
    columns = [(first, [line[0] for line in lines])]
    for place, heading in enumerate(_HEADINGS, start=1):
        cells = [line[place] for line in lines]
        if not any(cells):
            continue
        title = middle if heading == "Median" else heading
        width = 0 if heading in _WORDS else max(map(len, (title, *cells)))
        columns.append((title.rjust(width), [cell.rjust(width) for cell in cells]))
    rows = zip(*(cells for _, cells in columns), strict=True)
    print_table([heading for heading, _ in columns], [*rows], whole=(first,))


def _heading(found: MeasureReport) -> str:
    wish = found.wish
    days = ""
    if wish.first is not None or wish.last is not None:
        days = f", {_day(wish.first, 'the beginning')} to {_day(wish.last, 'now')}"
    return f"{counted(found.therapies, 'therapy', 'therapies')}, {wish.site or 'all sites'}{days}"


def _day(day: date | None, otherwise: str) -> str:
    return otherwise if day is None else day.isoformat()


def _group_words(found: MeasureReport, group: str) -> str:
    title = found.titles.get(group, "")
    return f"{group} {title}" if title else group.replace("_", " ") or "none given"


def _cells(first: str, line: MeasureLine) -> tuple[str, ...]:
    told = line.figures
    middle = told.median if told.percent is None else told.percent
    return (
        first,
        str(told.count),
        _number(told.quartile_low),
        _number(middle),
        _number(told.quartile_high),
        "" if middle is None else "%" if told.median is None else line.row.unit.value,
        str(told.running or ""),
        str(told.left_out or ""),
        ", ".join(_look(line)),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _look(line: MeasureLine) -> Iterator[str]:
    """What somebody should know of the values before they use them."""
    told = line.figures
    if told.outside:
        yield f"{told.outside} against a rule"
    if told.from_paper:
        yield f"{told.from_paper} off paper"
    if told.impossible:
        yield f"{told.impossible} impossible"


def _print_definitions(*, as_json: bool) -> None:
    from tracker.values import MEASURES

    for name, row in MEASURES.items():
        if as_json:
            print_json(
                {
                    "measure": name.value,
                    "title": row.title,
                    "unit": row.unit.value,
                    "definition": row.definition,
                    "source": row.source,
                    "by": [by.value for by in row.groupings],
                }
            )
            continue
        print(f"{row.title} ({row.unit.value}), {name.value}")
        for part in _wrapped(f"{row.definition} Source: {row.source}."):
            print(f"  {part}")


def _wrapped(text: str) -> Iterable[str]:
    from textwrap import wrap

    return wrap(text, 76)
