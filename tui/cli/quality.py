"""`cartrail quality`: the figures of quality for one month."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from schema.errors import InputError
from tui.cli.ending import say
from tui.cli.known import known_or_all
from tui.cli.options import example
from tui.cli.output import print_json, print_records
from tui.cli.readers import require_measurer
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from tracker.values import QualityReport

app = typer.Typer()

_MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@app.command(
    "quality",
    epilog=example(
        "cartrail quality", "cartrail quality --month 2026-11", "cartrail quality --out november.xlsx"
    ),
)
def quality(
    context: typer.Context,
    *,
    month: Annotated[
        str | None, typer.Option(metavar="MONTH", help="As 2026-11; this month when not given.")
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="SITE", help="Only what this site recorded.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a file that ends in .csv, .json or .xlsx.")
    ] = None,
) -> None:
    """Show results, reviews, releases, deviations and prevented mix-ups of a month, from every entry.

    A share of fewer than a thousand is told as a fraction.
    """
    session = CommandSession.of(context)
    chosen = None if month is None else _month(month)
    with session.reading() as tracker:
        require_measurer(session, tracker)
        first = chosen or tracker.clock.now().date().replace(day=1)
        found = tracker.read.quality(month=first, site=known_or_all(tracker.registry, site))
        if out is not None:
            tracker.exports.quality(found, out)
            say(f"Written to {out}.")
            return
    _print(found, as_json=session.as_json)


def _month(text: str) -> date:
    """The first day of a month; raises InputError for what is none."""
    found = _MONTH.fullmatch(text)
    if found is None:
        raise InputError(f"{text[:40]!r} is no month.", remedy="Write it as 2026-11.", code="bad_month")
    return date(int(found[1]), int(found[2]), 1)


def _print(found: QualityReport, *, as_json: bool) -> None:
    from tracker.values import quality_records

    records = [*quality_records(found)]
    if as_json:
        for record in records:
            print_json(record)
        return
    print(f"{found.month:%Y-%m}, {found.site or 'all sites'}, {found.therapies} therapies")
    headings = (("title", "Figure"), ("part", "Of this"), ("said", "How many"))
    shown = [{**one, "title": one["title"] if not one["part"] else ""} for one in records]
    print_records(shown, headings, as_json=False)
