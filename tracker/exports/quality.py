"""The figures of quality as a file: CSV, JSON lines or a spreadsheet, as the measures are written."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson

from schema.errors import InputError
from tracker.exports.files import whole_file
from tracker.exports.measures import Record, new_workbook, write_records, write_sheet
from tracker.rules.quality_figures import PER_THOUSAND_FROM, TITLES, QualityReport

_DECIMALS: Final = 4
_HEADINGS: Final = {
    "title": "figure",
    "part": "of this",
    "n": "n",
    "of": "of how many",
    "per_thousand": "per 1,000",
    "median": "median",
    "said": "said",
}


def quality_records(report: QualityReport) -> Iterator[Record]:
    """One flat record for each figure and part; a share is told per thousand only where there are as many."""
    for one in report.lines:
        is_share = one.of is not None and one.of >= PER_THOUSAND_FROM
        yield {
            "month": f"{report.month:%Y-%m}",
            "site": report.site or "",
            "figure": one.figure.value,
            "title": TITLES[one.figure],
            "part": one.part.replace("_", " "),
            "n": one.count,
            "of": one.of,
            "per_thousand": round(one.count * 1000 / one.of, _DECIMALS) if is_share and one.of else None,
            "median": None if one.median is None else round(one.median, _DECIMALS),
            "said": one.words,
        }


def write_quality(report: QualityReport, out: Path) -> None:
    """Write the figures as .csv, .json or .xlsx, whole or not at all; raises InputError for another end."""
    records = [*quality_records(report)]
    form = out.suffix.lower()
    if form not in (".csv", ".json", ".xlsx"):
        raise InputError(
            f"{out.name[-40:]} ends in none of .csv, .json, .xlsx.", remedy="Name the file by its form."
        )
    with whole_file(out) as stream:
        if form == ".csv":
            write_records(records, stream)
        elif form == ".json":
            stream.writelines(orjson.dumps(record) + b"\n" for record in records)
        else:
            whole = io.BytesIO()
            book = new_workbook(whole, "Quality")
            write_sheet(book, f"{report.month:%Y-%m}", records, _HEADINGS)
            book.close()
            stream.write(whole.getbuffer())
